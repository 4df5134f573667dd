"""Type and colour of every chart. Colours come from the theme, in the order of PARTS."""

from __future__ import annotations

from typing import Any

import altair
import streamlit as st

PARTS = ["waiting", "working", "blocked"]
AXIS: dict[str, Any] = dict(
    labelFontSize=15, titleFontSize=15, labelLimit=260, titleFontWeight="normal"
)
LEGEND = altair.Legend(title=None, orient="top", labelFontSize=16, symbolSize=160)
DAY = altair.Tooltip("day:T", format="%-d %B %Y")
MONTHS = altair.Axis(format="%b %Y", labelOverlap=True, tickCount=8)
# Blue for better and orange for worse, as NHS charts have them; shapes say the same.
SIDES = ["no signal", "better", "worse", "high", "low", "left out"]
SHAPES = ["circle", "triangle-up", "triangle-down", "diamond", "diamond", "cross"]
GREY = "#8a949b"


def dark() -> bool:
    """Whether the visitor sees the dark theme; a chart's own hues don't follow it by themselves."""
    return st.context.theme.type == "dark"


def blue() -> str:
    """For what is better, finished or first, with enough contrast on either ground."""
    return "#56b4e9" if dark() else "#0072b2"


def orange() -> str:
    """For what is worse, unfinished or second, with enough contrast on either ground."""
    return "#ff9d4d" if dark() else "#c04e00"


def purple() -> str:
    """For what is neither better nor worse, and for the abandoned."""
    return "#e08bbb" if dark() else "#a8487f"


def finished(
    chart: altair.Chart | altair.LayerChart | altair.FacetChart, height: int = 260
) -> altair.Chart:
    """The chart with our type; `height` in pixels is that of one row of a facet."""
    ink = "#f2f4f5" if dark() else "#14191d"
    return (
        chart.properties(height=height)
        .configure_axis(**AXIS, labelColor=ink, titleColor=ink)
        .configure_legend(labelColor=ink)
        .configure_header(labelColor=ink)
    )
