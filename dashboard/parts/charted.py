"""A chart with its words, its table and its download; and the choice of what it is of."""

from __future__ import annotations

import pickle
from functools import partial
from hashlib import sha256

import pandas
import streamlit as st

from dashboard.charts.look import dark
from dashboard.charts.shown import Shown
from dashboard.parts import about as meaning
from dashboard.parts import boxes, choices, taking
from dashboard.parts.boxes import node
from dashboard.parts.view import View, exports, shown_as_of
from telling import catalogue, words
from telling.told import Told

WHOLE = "whole-line"


def chart(
    view: View,
    key: str,
    shown: Shown,
    first: bool = True,
    about: str = "",
    before: list[dict] | None = None,
) -> None:
    """The heading and sentences of what is shown, its chart or charts, if any, its rows as a table.

    The first of a page has its main heading and says as of when it is shown. A download is named
    after the stream, unless it is `about` something else, and the day shown. Without columns there
    is no table. `before`: what is drawn above the heading.
    """
    told = shown.told
    said(view, key, told, first, *before or [])
    alt = f"{told.heading}. {' '.join(filter(None, told.sentences))} The table holds the same rows."
    if shown.draw:
        draw(shown.draw, alt)
    name = f"{about or view.stream.stream}-{key.replace('_', '-')}-{view.day_shown}"
    if len(told.rows.columns):
        _numbers(view, shown, key, name, bool(about))


def draw(made_by: partial, alt: str) -> None:
    """Put a chart, or several one beneath the other, on the page: made once for all visitors who see
    the same function of the same rows, on the same ground."""
    what = (made_by.func.__module__, made_by.func.__qualname__, made_by.args, made_by.keywords)
    _drawn(sha256(pickle.dumps(what)).digest(), dark(), alt, made_by)


# Streamlit keeps what is sent from within, and sends it again.
@st.cache_resource(max_entries=100, show_spinner=False)
def _drawn(what: bytes, dark: bool, alt: str, _made_by: partial) -> None:
    charts = _made_by()
    for one in charts if isinstance(charts, list) else [charts]:
        st.altair_chart(one, alt=alt)


@st.fragment
def _numbers(view: View, shown: Shown, key: str, name: str, of_processes: bool) -> None:
    """The rows behind a chart, and they and the chart as files, sent when somebody unfolds them."""
    label, told = "The numbers behind this chart, and downloads", shown.told
    fold = st.expander(label, key=f"{key}_rows", on_change="rerun")
    if not fold.open:
        return
    with fold:
        alt = f"{told.heading}: {len(told.rows)} rows."
        # A browser is sent the rows that it shows, not thousands for which nobody has asked.
        st.dataframe(
            told.rows, hide_index=True, height=300, alt=alt, placeholder=words.NOTHING, lazy=True
        )
        exports(told.whole or told.rows, name)
        if shown.draw:
            taking.chart(view, shown, name, of_processes)


def said(view: View, key: str, told: Told, first: bool = True, *before: dict) -> None:
    """The heading and the sentences, below what comes `before` them."""
    heading = node("h1" if first else "h2", told.heading)
    inside = [meaning.headed(view, heading, catalogue.CHARTS.get(key, ""))]
    inside += [node("p", text) for text in told.sentences if text]
    inside += filter(None, [shown_as_of(view) if first else None])
    boxes.draw(*before, node("section", "", *inside, cls="chart"), key=f"{key}_said")


def part(view: View, row: choices.Row) -> tuple[str, str]:
    """A stage, or the whole line, to choose in a row: its id ("" for the line) and its name."""
    stages = view.table("stage").sort_values("stage_no")
    names = pandas.Series(["Whole line", *stages.name], index=[WHOLE, *stages.stage])
    chosen = row.one_of("Stage", names, "of")
    return ("" if chosen == WHOLE else chosen), names[chosen]
