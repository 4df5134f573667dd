"""The parts that pages are made of: a chart with its words, its table and its download."""

from __future__ import annotations

import altair
import pandas
import streamlit as st

from dashboard.parts import boxes
from dashboard.parts.boxes import node
from dashboard.parts.view import View, addressed, exports, shown_as_of

WHOLE = "whole-line"
MOST_ROWS = 10_000  # of a table that a browser is sent before anyone has asked to see it


def chart(
    view: View,
    key: str,
    heading: str,
    said: list[str],
    drawn: altair.Chart | list[altair.Chart] | None,
    table: pandas.DataFrame,
    first: bool = True,
    about: str = "",
) -> None:
    """A heading, its sentences, the chart or charts (None: only words), the same rows as a table.

    The first of a page has its main heading and says as of when it is shown. A download is named
    after the stream, unless it is `about` something else.
    """
    sentences = [text for text in said if text]
    inside = [node("h1" if first else "h2", heading), *(node("p", text) for text in sentences)]
    inside += filter(None, [shown_as_of(view) if first else None])
    boxes.draw(node("section", "", *inside, cls="chart"), key=f"{key}_said")
    alt = f"{heading}. {' '.join(sentences)} The table holds the same rows."
    for one in drawn if isinstance(drawn, list) else filter(None, [drawn]):
        st.altair_chart(one, alt=alt)
    with st.expander("The numbers behind this chart"):
        if len(table) > MOST_ROWS:
            st.text(f"The first {MOST_ROWS:,} of {len(table):,} rows; the downloads hold all.")
        alt = f"{heading}: {len(table)} rows."
        st.dataframe(table.head(MOST_ROWS), hide_index=True, height=300, alt=alt)
        exports(table, f"{about or view.stream.stream}-{key.replace('_', '-')}")


def choose_part(view: View, place) -> tuple[str, str]:
    """A stage, or the whole line, kept in the address: its id ("" for the line) and its name."""
    stages = view.table("stage").sort_values("stage_no")
    names = pandas.Series(["Whole line", *stages.name], index=[WHOLE, *stages.stage])
    chosen = addressed(place, "Stage", names, "of", label_visibility="collapsed")
    return ("" if chosen == WHOLE else chosen), names[chosen]
