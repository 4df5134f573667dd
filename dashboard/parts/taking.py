"""Buttons that take away what a page shows: each makes its file when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboard.charts import taken
from dashboard.charts.shown import Shown
from dashboard.parts.view import View
from telling import board_svg, carried, html, paper, slides, words
from telling.exports import named
from telling.told import Document


def chart(view: View, shown: Shown, name: str, of_processes: bool = False) -> None:
    """A chart with its words, as SVG and as a slide; its files are called `name`."""
    foot = slides.of_processes(view) if of_processes else taken.foot(view, shown)
    foot += _seen(view)
    _buttons(
        name,
        ("Download svg", "svg", partial(taken.svg, shown, foot)),
        ("Download slide", "png", partial(taken.slide, shown, foot)),
    )


def overview(view: View) -> None:
    """The overview as a slide, where there is anything on it."""
    if view.part("queue_size").empty:
        return
    name = f"{view.stream.stream}-overview-{view.day_shown}"
    _buttons(name, ("Download slide", "png", partial(board_svg.slide, view, _seen(view))))


def document(view: View, told: Document, name: str) -> None:
    """A document on one A4 sheet, as one file for a browser, and as Markdown."""
    told = told._replace(about=view.under_banner(told.about + _seen(view)))
    _buttons(
        name,
        ("Download pdf", "pdf", partial(paper.pdf, told)),
        ("Download html", "html", partial(html.html, told)),
        ("Download Markdown", "md", partial(carried.markdown, told)),
    )


def _seen(view: View) -> str:
    """That it is not as known today: a file has no banner."""
    return f" As it was seen on {words.day(view.seen)}." if view.seen else ""


def _buttons(name: str, *files: tuple[str, str, Callable]) -> None:
    with st.container(horizontal=True):
        for label, kind, make in files:
            st.download_button(
                label, make, named(name, kind), key=f"take_{name}_{kind}", on_click="ignore"
            )
