"""Sources: what each source last told, how old that is, and everything that was refused."""

from __future__ import annotations

import streamlit as st

from dashboard.parts import about, boxes
from dashboard.parts.boxes import node
from dashboard.parts.view import View, entitled, exports, shown_as_of
from telling import sources, words
from telling.told import Told


def show(view: View) -> None:
    """Draw the page."""
    entitled(view)
    head = [node("h1", f"Sources of {view.stream['name']}"), shown_as_of(view)]
    told = sources.freshness(view, view.figure("freshness"), "What each source told")
    head.append(about.table(view, told, "freshness"))
    others = view.figure("freshness", stream="")
    if len(others):
        caption = "What the sources of processes told"
        head.append(boxes.table(sources.freshness(view, others, caption)))
    boxes.draw(*filter(None, head), key="sources")
    _rows(
        view, "refused_row", sources.refused(view), f"{view.stream.stream}-refused-{view.day_shown}"
    )
    _rows(view, "doubt", sources.doubt(view), f"{view.stream.stream}-doubt-{view.day_shown}")


def _rows(view: View, figure: str, told: Told, name: str) -> None:
    said = [node("p", text) for text in told.sentences]
    heading = about.headed(view, node("h2", told.heading), figure)
    boxes.draw(heading, *said, key=f"{name}_heading")
    if told.rows.empty:
        return
    config = {
        "Link": st.column_config.LinkColumn(display_text="open"),
        "Reason": st.column_config.TextColumn(width="large"),
    }
    st.dataframe(
        told.rows,
        hide_index=True,
        height="auto" if len(told.rows) < 8 else 300,
        alt=told.heading,
        column_config=config,
        placeholder=words.NOTHING,
        lazy=True,
    )
    exports(told.rows, name)
