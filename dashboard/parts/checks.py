"""The parts of the Pipeline page behind the boxes: each with its words, chart and table."""

from __future__ import annotations

import streamlit as st

from dashboard.charts import shown_checks
from dashboard.parts import boxes, charted
from dashboard.parts.boxes import node
from dashboard.parts.view import View, exports
from telling import checks, processes, words
from telling.checks import Scope
from telling.told import Told

CONFIG = {
    "Link": st.column_config.LinkColumn(display_text="open"),
    "Days": st.column_config.NumberColumn(format="%.0f"),
    "Since": st.column_config.DateColumn(format="D MMM YYYY"),
    "Last good": st.column_config.DateColumn(format="D MMM YYYY"),
    "Name": st.column_config.TextColumn(width="large"),
}


def weeks(view: View, scope: Scope) -> None:
    """Subjects in service against those that fail, and the share of checks that failed, by week."""
    told = shown_checks.weeks(scope)
    if told.draw is None:
        nothing(told.told)
        return
    charted.chart(view, "endpoints", told, about="processes")
    charted.chart(view, "share", shown_checks.share(scope), first=False, about="processes")


def errors(view: View, scope: Scope) -> None:
    """What failed in the last 13 weeks, by kind and process, and whose it was."""
    told = shown_checks.errors(scope)
    if told.draw is None:
        nothing(told.told)
        return
    charted.chart(view, "kinds", told, about="processes")
    boxes.draw(boxes.table(checks.organisations(told.told.rows)), key="organisations")


def failing(view: View, scope: Scope) -> None:
    """Everything that fails now, the longest first, with its link."""
    told = checks.failing(scope)
    charted.said(view, "failing", told, True, *_hero(scope))
    st.dataframe(
        told.rows,
        hide_index=True,
        height="auto" if len(told.rows) < 10 else 420,
        alt=f"Table of {len(told.rows)} failing, longest first. The downloads hold the same rows.",
        column_config=CONFIG,
        placeholder=words.NOTHING,
    )
    exports(told.rows, f"processes-failing-{view.day_shown}")
    boxes.draw(boxes.table(checks.outages(scope)), key="failing_outages")


def _hero(scope: Scope) -> list[dict]:
    """The one process that is chosen: its colour, its word and the sentence that decided it."""
    if not scope.process:
        return []
    status = scope.rows("process_status").iloc[0]
    band = boxes.verdict(status.colour, status.word)
    why = node("p", processes.why(status), cls="why")
    return [node("section", "", band, why, cls=f"hero {status.colour}")]


def recovery(view: View, scope: Scope) -> None:
    """How long failing subjects take to recover, those that have not counted."""
    told = shown_checks.recovery(scope)
    charted.chart(view, "recovery", told, about="processes")
    boxes.draw(boxes.table(checks.recovered(told.told.rows)), key="recovered")


def runs(view: View, scope: Scope) -> None:
    """Each run and each that did not take place."""
    charted.chart(view, "runs", shown_checks.runs(scope), about="processes")
    boxes.draw(boxes.table(checks.outages(scope)), key="outages")


def speed(view: View, scope: Scope) -> None:
    """What is slow and what is slowing."""
    told = shown_checks.speed(scope)
    if told.told.rows.empty:
        nothing(told.told)
        return
    charted.chart(view, "speed", told, about="processes")


def nothing(told: Told) -> None:
    """A heading and its sentences where there is nothing to draw."""
    said = [node("p", text) for text in told.sentences]
    boxes.draw(node("section", "", node("h1", told.heading), *said), key="nothing")
