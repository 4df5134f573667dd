"""Review: what changed since the last one, what to talk about, what was promised; to be read from top
to bottom in a meeting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pandas
import streamlit as st

import metrics
from dashboard.charts import goals as charts
from dashboard.charts.shown import Shown
from dashboard.parts import about, boxes, charted, choices, reviewing, seen, taking
from dashboard.parts.boxes import node
from dashboard.parts.view import FIRST_DAY, View, entitled, shown_as_of
from telling import catalogue, goals, review
from telling.told import Document, Section

DAY = timedelta(days=1)


def show(view: View) -> None:
    """Draw the page."""
    entitled(view)
    row, today = choices.Row(), datetime.now(UTC).date()
    since = _since(view, row)
    row.day("As it was seen on", "seen", today, FIRST_DAY, today)
    row.link("Meeting view", view.address("review", present="1"))
    told = document(view, since)
    boxes.draw(*row.nodes(), *_drawn(view, told), *seen.beside(view), key="review")
    taking.document(view, told, f"{view.stream.stream}-review-{view.day_shown}")
    _course(view)
    reviewing.writing(view)


def document(view: View, since: datetime) -> Document:
    """The review, asked once for all visitors of the same publication, instant and notes."""
    before, notes = seen.current_at(view, since), reviewing.notes(view, since)
    asked = (str(before and before.file), since, repr(notes))
    return _told(view, since, before, notes, *view.key, *asked)


@st.cache_resource(max_entries=50, show_spinner=False, hash_funcs={View: lambda view: None})
def _told(
    view: View, since: datetime, _before: metrics.Publication | None, _notes: list[Section],
    *told: object,
) -> Document:  # fmt: skip
    return review.review(view, since, _notes, _before)


def _course(view: View) -> None:
    """How one result of the goals went so far, chosen from all of them."""
    found = _results(view, *view.key)
    if found.empty:
        return
    row = choices.Row()
    chosen = found.loc[row.one_of("Course of", found["name"], "course")]
    told, way, unit = _gone(view, chosen.goal, chosen.result, *view.key)
    draw = partial(charts.course, told.rows, way, unit) if len(told.rows) else None
    charted.chart(view, "course", Shown(told, draw), first=False, before=row.nodes())


@st.cache_resource(max_entries=50, show_spinner=False, hash_funcs={View: lambda view: None})
def _results(view: View, *told: object) -> pandas.DataFrame:
    if view.settings("goal").empty:
        return pandas.DataFrame()
    found = goals.results(view)
    return found.set_index(found.goal + "/" + found.result, drop=False)


@st.cache_resource(max_entries=50, show_spinner=False, hash_funcs={View: lambda view: None})
def _gone(view: View, goal: str, result: str, *told: object) -> goals.Course:
    return goals.course(view, goal, result)


def _since(view: View, row: choices.Row) -> datetime:
    """From when on: the last review, a week, or the end of the day that the address names."""
    opens = review.since(view, view.day_shown, reviewing.dates(view))
    begins = view.date(opens)
    day = row.day("Since the end of", "since", begins, FIRST_DAY, view.day_shown - DAY)
    if day == begins:
        return opens
    return view.day_ends(day, view.stream.stream)


def _drawn(view: View, told: Document) -> list[dict]:
    below = [node("p", f"{told.title}. {told.about}", cls="sub"), shown_as_of(view)]
    head = node("section", "", node("h1", told.answer), *filter(None, below), cls="answer")
    return [head, *(_section(view, one) for one in told.sections)]


def _section(view: View, told: Section) -> dict:
    """A part of the review; one table of it needs no heading of its own."""
    said = [node("p", "", *map(boxes.piece, [one] if not isinstance(one, list) else one))
            for one in told.said]  # fmt: skip
    heading = about.headed(view, node("h2", told.title), catalogue.SECTIONS.get(told.title, ""))
    level = "h3" if told.tables[1:] else ""
    tables = [boxes.table(table, level=level) for table in told.tables]
    return node("section", "", heading, *said, *tables, cls="part")
