"""Faster or slower, steady or erratic: the answers, the process behaviour chart and the survival curve of a part."""

from __future__ import annotations

from functools import partial

from dashboard.charts import pace as charts
from dashboard.charts import shown
from dashboard.parts import about, boxes, charted, noting
from dashboard.parts.boxes import node
from dashboard.parts.choices import Row
from dashboard.parts.view import View, shown_as_of
from notes.note import Note
from telling import pace


def process(view: View, stage: str, name: str, row: Row, first: bool = True) -> None:
    """Whether a part gets faster and is steady, and the process behaviour chart of the measure that
    is chosen in a row, with its signals in words."""
    names = pace.measures(view.figure("weekly", stage=stage))
    measure = row.one_of("Measure", names, "measure")
    weeks = pace.behaviour(view, stage, name, measure)
    rows, noted = weeks.told.rows, Note(stream=view.stream.stream, stage=stage)
    told = shown.behaviour(weeks, partial(noting.marked, view, noted, weekly=True))
    before = [*row.nodes(), *_answers(view, stage, name, first)]
    charted.chart(view, "process", told, first=False, before=before)
    said = [node("h2", "Signals")]
    said += [node("ul", "", *(node("li", text) for text in weeks.signals), cls="notes")]
    if len(rows) > 1:
        said.append(node("h2", "Change from week to week, and its limit"))
    boxes.draw(*said, key="signals")
    if len(rows) > 1:
        alt = "The change of the same values from week to week, with its limit; in the table above."
        charted.draw(partial(charts.moving_range, rows, weeks.unit, weeks.span), alt)


def _answers(view: View, stage: str, name: str, first: bool) -> list[dict]:
    """Whether a part gets faster, whether it is steady, and what each stands on."""
    said = [node("p", sentence) for sentence in pace.because(view, stage)]
    heading = node("h1" if first else "h2", pace.heading(view, stage, name))
    shown = filter(None, [shown_as_of(view) if first else None])
    steady, why = pace.steadiness(view, stage, name)
    known = [node("p", sentence) for sentence in why]
    return [
        node("section", "", about.headed(view, heading, "verdict"), *said, *shown, cls="chart"),
        node("section", "", about.headed(view, node("h2", steady), "spread"), *known, cls="chart"),
    ]


def survival(
    view: View, stage: str, name: str, first: bool = True, before: list[dict] | None = None
) -> None:
    """The share that has moved on by each age, beside the curve of finished work only, below what
    comes `before`."""
    told = shown.survival(view, stage, name)
    charted.chart(view, "survival", told, first, before=before)
    if told.draw:
        boxes.draw(boxes.table(pace.statuses(view, stage)), key="status_time")
