"""Faster or slower: the answer, the process behaviour chart and the survival curve of a part."""

from __future__ import annotations

import pandas
import streamlit as st

from dashboard.charts import pace as charts
from dashboard.charts.look import blue, orange
from dashboard.parts import boxes, charted
from dashboard.parts.boxes import node
from dashboard.parts.view import View, addressed, shown_as_of
from metrics.statistics import behaviour as rules
from metrics.statistics import survival as curves
from metrics.statistics.control_limits import ENOUGH
from metrics.statistics.survival import FEW
from telling import words

ALL, FINISHED = "all, with those still in", "finished only: flatters"


def answer(view: View, stage: str, name: str, first: bool = True) -> None:
    """The answer for a part in its own words, and what it stands on."""
    judged = view.faster(stage)
    said = [node("p", sentence) for sentence in judged.because]
    heading = node("h1" if first else "h2", f"{name}: {judged.word}")
    shown = filter(None, [shown_as_of(view) if first else None])
    boxes.draw(node("section", "", heading, *said, *shown, cls="chart"), key="faster")


def process(view: View, stage: str, name: str, place) -> None:
    """The process behaviour chart of a measure chosen at `place`, with its signals in words."""
    weeks = view.figure("weekly", stage=stage)
    # Those with enough weeks come first, so that the page opens on one that can say something.
    few = {k: weeks[m.column].notna().sum() < ENOUGH for k, m in rules.MEASURES.items()}
    names = pandas.Series({k: rules.MEASURES[k].title for k in sorted(few, key=few.get)})
    measure = addressed(place, "Measure", names, "measure", label_visibility="collapsed")
    how = rules.MEASURES[measure]
    targets = view.table("target", stage=stage, measure=how.target) if how.target else []
    target = float(targets.red.iloc[0]) if len(targets) else None
    told = rules.process_behaviour(weeks, measure, target)
    said = [told.sentence, told.assurance]
    marked = (
        [*told.signals, how.note]
        if told.signals
        else ["None: nothing here is beyond normal variation."]
    )
    marked = marked if told.rows["mean"].notna().any() else ["Too few weeks to look for any."]
    rows = told.rows.assign(mark=told.rows.side.replace("", "no signal"))
    rows["mark"] = rows["mark"].mask(rows.left_out, "left out")
    span = [str(weeks.week.min()), str(weeks.week.max())]
    drawn = charts.behaviour(rows, how.unit, target, span) if len(rows) else None
    charted.chart(view, "process", f"{name}: {how.title.lower()}, week by week", said, drawn,
                told.rows, first=False)  # fmt: skip
    boxes.draw(
        node("h2", "Signals"), node("ul", "", *(node("li", m) for m in marked if m), cls="notes"),
        key="signals",
    )  # fmt: skip
    if len(rows) > 1:
        boxes.draw(node("h2", "Change from week to week, and its limit"), key="range_said")
        alt = "The change of the same values from week to week, with its limit; in the table above."
        st.altair_chart(charts.moving_range(rows, how.unit, span), alt=alt)


def survival(view: View, stage: str, name: str, first: bool = True) -> None:
    """The share that has moved on by each age, beside the curve of finished work only."""
    spells = view.figure("spell", stage=stage)
    if spells.empty:
        boxes.draw(node("p", f"Nothing has entered {name} yet."), key="survival_said")
        return
    row = view.figure("typical_time", stage=stage).iloc[0]
    true, flattering = curves.curve(spells), curves.curve(spells[spells.exit == "on"])
    both = pandas.concat(
        [true.assign(name=ALL), flattering.assign(name=FINISHED, lower=None, upper=None)]
    )
    drawn = charts.survival(both, {ALL: blue(), FINISHED: orange()})
    charted.chart(view, "survival", f"{name}: by what age they have moved on", _pair(row, true, stage), drawn,
                both, first)  # fmt: skip
    boxes.draw(_statuses(view, stage), key="status_time")


def _pair(row: pandas.Series, curve: pandas.DataFrame, stage: str) -> list[str]:
    """What the curve says, and why the median of the finished alone misleads."""
    low, high = curves.reached(curve, "upper"), curves.reached(curve, "lower")
    said = f"Typical time: {words.typical(row)}."
    if not row.typical_word:
        upto = words.days(high) if high is not None else "no upper end in this data"
        said += f" 95% band: {words.days(low)} to {upto}."
    flattering = ""
    if row.finished and row.open:
        alone = words.days(row.finished_median_days)
        alone = (
            "are too few for a median" if alone == words.NOTHING else f"have a median of {alone}"
        )
        flattering = (
            f"The {words.number(row.finished)} finished alone {alone}. That leaves out the "
            f"{words.number(row.open)} still in, for a median of {words.days(row.open_median_age_days)}: "
            "they will take longer still, and counting only what got through calls a blocked line fast."
        )  # fmt: skip
    return [said, row.sentence, flattering]


def misled(view: View, stage: str) -> list[str]:
    """For each status whose finished stays have a median, that median beside those still in."""
    return [
        f"In the status {s.status} the {words.number(s.finished)} that left it had a median of "
        f"{words.days(s.finished_median_days)}, but {words.number(s.open)} are still in it, for a median "
        f"of {words.days(s.open_median_age_days)} so far."
        for s in view.figure("status_time", **({"stage": stage} if stage else {})).itertuples()
        if s.finished >= FEW and s.open
    ]  # fmt: skip


def _statuses(view: View, stage: str) -> dict:
    told = view.figure("status_time", **({"stage": stage} if stage else {}))
    rows = [
        [s.status, words.number(s.finished), words.days(s.finished_median_days),
         words.number(s.open), words.days(s.open_median_age_days), words.days(s.oldest_days)]
        for s in told.itertuples()
    ]  # fmt: skip
    columns = [
        "Status in the source",
        "Moved out",
        "their median",
        "Still in",
        "their median so far",
        "oldest",
    ]
    caption = "By status: those that moved out, beside those still in"
    return boxes.table(caption, columns, rows, "No status has been used yet.")
