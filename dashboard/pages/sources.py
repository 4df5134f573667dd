"""Sources: what each source last told, how old that is, and everything that was refused."""

from __future__ import annotations

import pandas
import streamlit as st

from dashboard.parts import boxes
from dashboard.parts.boxes import node
from dashboard.parts.view import View, exports, shown_as_of
from telling import words


def show(view: View) -> None:
    """Draw the page."""
    fresh = view.figure("freshness")
    others = view.figure("freshness", stream="")
    refused = pandas.concat([view.figure("refused_row"), view.figure("refused_row", stream="")])
    refused = refused.drop(columns="stream")
    doubt = view.figure("doubt").drop(columns="stream")
    head = [node("h1", f"Sources of {view.stream['name']}"), shown_as_of(view),
            _fresh(view, fresh, "What each source told")]  # fmt: skip
    if len(others):
        head.append(_fresh(view, others, "What the sources of processes told"))
    boxes.draw(*filter(None, head), key="sources")
    _rows(
        refused,
        "Refused rows and answers",
        f"{words.number(len(refused))} rows or whole answers could not be used; each with its reason.",
        f"{view.stream.stream}-refused",
    )
    _rows(
        doubt,
        "Histories in doubt",
        f"{words.number(len(doubt))} findings. {view.publication.meaning('doubt')}",
        f"{view.stream.stream}-doubt",
    )


def _fresh(view: View, fresh, heading: str) -> dict:
    rows = [
        [
            f.source,
            f.kind.replace("_", " "),
            view.day(f.newest),
            f"{words.days(f.age_days)}, {view.verdict(f)}",
            f"{words.number(f.readings)} taken, {words.number(f.refused_readings)} refused",
            words.number(f.rows_in),
            words.number(f.accepted),
            words.number(f.refused),
            f"{f.last_outcome} on {view.day(f.last_tried_at)}"
            + (f": {f.last_reason}" if f.last_reason else ""),
        ]
        for f in fresh.itertuples()
    ]
    columns = [
        "Source", "Kind", "Newest data", "Age", "Answers", "Rows in", "Accepted", "Refused",
        "Last answer",
    ]  # fmt: skip
    return boxes.table(heading, columns, rows, "No source is set for this stream.")


def _rows(frame, heading: str, said: str, name: str) -> None:
    boxes.draw(node("h2", heading), node("p", said), key=f"{name}_heading")
    if frame.empty:
        return
    config = {"link": st.column_config.LinkColumn(display_text="open")}
    height = "auto" if len(frame) < 8 else 300
    st.dataframe(frame, hide_index=True, height=height, alt=heading, column_config=config)
    exports(frame, name)
