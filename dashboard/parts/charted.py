"""A chart with its words, its table and its download; and the choice of what it is of."""

from __future__ import annotations

import altair
import pandas
import streamlit as st

from dashboard.parts import boxes
from dashboard.parts.boxes import node
from dashboard.parts.view import View, addressed, exports, shown_as_of
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
) -> None:
    """The heading and sentences of `told`, the chart or charts (None: only words), its rows as a table.

    The first of a page has its main heading and says as of when it is shown. A download is named
    after the stream, unless it is `about` something else, and the day shown. Without columns there
    is no table.
    """
    said(view, key, told, first)
    alt = f"{told.heading}. {' '.join(filter(None, told.sentences))} The table holds the same rows."
    for one in drawn if isinstance(drawn, list) else filter(None, [drawn]):
        st.altair_chart(one, alt=alt)
    if told.rows.columns.empty:
        return
    with st.expander("The numbers behind this chart"):
        alt = f"{told.heading}: {len(told.rows)} rows."
        # A browser is sent the rows that it shows, not thousands for which nobody has asked.
        st.dataframe(
            told.rows, hide_index=True, height=300, alt=alt, placeholder=words.NOTHING, lazy=True
        )
        exports(
            told.rows, f"{about or view.stream.stream}-{key.replace('_', '-')}-{view.day_shown}"
        )


def said(view: View, key: str, told: Told, first: bool = True, *before: dict) -> None:
    """The heading and the sentences, below what comes `before` them."""
    inside = [node("h1" if first else "h2", told.heading)]
    inside += [node("p", text) for text in told.sentences if text]
    inside += filter(None, [shown_as_of(view) if first else None])
    boxes.draw(*before, node("section", "", *inside, cls="chart"), key=f"{key}_said")


def choose_part(view: View, place) -> tuple[str, str]:
    """A stage, or the whole line, kept in the address: its id ("" for the line) and its name."""
    stages = view.table("stage").sort_values("stage_no")
    names = pandas.Series(["Whole line", *stages.name], index=[WHOLE, *stages.stage])
    chosen = addressed(place, "Stage", names, "of", view.stream["name"])
    return ("" if chosen == WHOLE else chosen), names[chosen]
