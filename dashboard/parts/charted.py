"""A chart with its words, its table and its download; and the choice of what it is of."""

from __future__ import annotations

import altair
import pandas
import streamlit as st

from dashboard.parts import boxes, choices
from dashboard.parts.boxes import node
from dashboard.parts.view import View, exports, shown_as_of
from telling import words
from telling.told import Told

WHOLE = "whole-line"


def chart(
    view: View,
    key: str,
    told: Told,
    drawn: altair.Chart | list[altair.Chart] | None,
    first: bool = True,
    about: str = "",
    before: list[dict] | None = None,
) -> None:
    """The heading and sentences of `told`, the chart or charts (None: only words), its rows as a table.

    The first of a page has its main heading and says as of when it is shown. A download is named
    after the stream, unless it is `about` something else, and the day shown. Without columns there
    is no table. `before`: what is drawn above the heading.
    """
    said(view, key, told, first, *before or [])
    alt = f"{told.heading}. {' '.join(filter(None, told.sentences))} The table holds the same rows."
    for one in drawn if isinstance(drawn, list) else filter(None, [drawn]):
        st.altair_chart(one, alt=alt)
    if told.rows.columns.empty:
        return
    _numbers(told, key, f"{about or view.stream.stream}-{key.replace('_', '-')}-{view.day_shown}")


@st.fragment
def _numbers(told: Told, key: str, name: str) -> None:
    """The rows behind a chart and their downloads, sent when somebody unfolds them."""
    fold = st.expander("The numbers behind this chart", key=f"{key}_rows", on_change="rerun")
    if not fold.open:
        return
    with fold:
        alt = f"{told.heading}: {len(told.rows)} rows."
        # A browser is sent the rows that it shows, not thousands for which nobody has asked.
        st.dataframe(
            told.rows, hide_index=True, height=300, alt=alt, placeholder=words.NOTHING, lazy=True
        )
        exports(told.rows, name)


def said(view: View, key: str, told: Told, first: bool = True, *before: dict) -> None:
    """The heading and the sentences, below what comes `before` them."""
    inside = [node("h1" if first else "h2", told.heading)]
    inside += [node("p", text) for text in told.sentences if text]
    inside += filter(None, [shown_as_of(view) if first else None])
    boxes.draw(*before, node("section", "", *inside, cls="chart"), key=f"{key}_said")


def part(view: View, row: choices.Row) -> tuple[str, str]:
    """A stage, or the whole line, to choose in a row: its id ("" for the line) and its name."""
    stages = view.table("stage").sort_values("stage_no")
    names = pandas.Series(["Whole line", *stages.name], index=[WHOLE, *stages.stage])
    chosen = row.one_of("Stage", names, "of")
    return ("" if chosen == WHOLE else chosen), names[chosen]
