"""Type and colour of every chart. Colours come from the theme, in the order of PARTS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import altair
import pandas

from telling.drawn import PARTS as PARTS

AXIS: dict[str, Any] = dict(
    labelFontSize=15, titleFontSize=15, labelLimit=260, titleFontWeight="normal"
)
LEGEND = altair.Legend(
    title=None, orient="top", labelFontSize=16, symbolSize=160, labelLimit=300,
    columns=altair.ExprRef("max(1, floor(width / 110))"),
)  # fmt: skip
# Blocked is told from the others by stripes or an outline too: its hue alone is too near to theirs.
STRIPED = "datum.label == 'blocked' ? 'blocked (striped)' : datum.label"
OUTLINED = "datum.label == 'blocked' ? 'blocked (dashed outline)' : datum.label"
# Half an item has no name: a small scale has a line there all the same.
WHOLE = "datum.value % 1 ? '' : format(datum.value, ',d')"
COUNT = altair.Axis(tickMinStep=1, tickCount=3, labelExpr=WHOLE, minExtent=40)
DAY = altair.Tooltip("day:T", format="%-d %B %Y")
# Days where a chart spans less than four months, and hours where it spans two days: their names would
# stand there again and again. Half a day of some days has none.
_SPAN = "(domain('x')[1] - domain('x')[0])"
_FORM = f"{_SPAN} < 1e10 ? '%-d %b' : '%b %Y'"
TIME = (
    f"{_SPAN} < 1.73e8 ? timeFormat(datum.value, '%-d %b %H:%M') : "
    f"hours(datum.value) ? '' : timeFormat(datum.value, {_FORM})"
)
MONTHS = altair.Axis(labelExpr=TIME, labelOverlap=True, tickCount=8)
# Blue for better and orange for worse, as NHS charts have them; shapes say the same.
SIDES = ["no signal", "better", "worse", "high", "low", "left out"]
SHAPES = ["circle", "triangle-up", "triangle-down", "diamond", "diamond", "cross"]
GREY = "#8a949b"


# Letters are some pixels wider than they are reckoned, more so where a chart is enlarged.
PADDING = {"left": 8, "right": 14, "top": 4, "bottom": 18}

_PAPER = ContextVar("drawn for a file", default=False)


@contextmanager
def on_paper() -> Iterator[None]:
    """What is drawn within is for a file: light, whatever the visitor sees, and without one too."""
    before = _PAPER.set(True)
    try:
        yield
    finally:
        _PAPER.reset(before)


def sign(letter: str) -> str:
    """A sign as it can be drawn: in a file by those that every machine has."""
    return {"✓": "√", "✕": "×"}.get(letter, letter) if _PAPER.get() else letter


def dark() -> bool:
    """Whether the visitor sees the dark theme; a chart's own hues don't follow it by themselves."""
    if _PAPER.get():
        return False
    import streamlit  # only where there is a page: a command that draws a file needs no server

    return streamlit.context.theme.type == "dark"


def blue() -> str:
    """For what is better, finished or first, with enough contrast on either ground."""
    return "#56b4e9" if dark() else "#0072b2"


def orange() -> str:
    """For what is worse, unfinished or second, with enough contrast on either ground."""
    return "#ff9d4d" if dark() else "#c04e00"


def purple() -> str:
    """For what is neither better nor worse, and for the abandoned."""
    return "#e08bbb" if dark() else "#a8487f"


def green() -> str:
    """For what was delivered, and what is healthy."""
    return "#4fd1a1" if dark() else "#006b4a"


def amber() -> str:
    """For what is to be watched."""
    return "#f5c542" if dark() else "#8a6100"


def ink() -> str:
    """For words, edges and stripes: what must be seen on every hue."""
    return "#f2f4f5" if dark() else "#14191d"


def ground() -> str:
    """What lies behind a chart."""
    return "#11171c" if dark() else "#ffffff"


def names() -> altair.Axis:
    """An axis of names along the foot of a chart: slanted where each has too little room, upright and
    small where a dozen stand on a phone."""
    slanted, upright = "bandwidth('x') < 95", "bandwidth('x') < 24"
    return altair.Axis(
        labelAngle=altair.ExprRef(f"{upright} ? -90 : {slanted} ? -40 : 0"),
        labelAlign=altair.ExprRef(f"{slanted} ? 'right' : 'center'"),
        labelBaseline=altair.ExprRef(f"{upright} ? 'middle' : 'top'"),
        labelFontSize=altair.ExprRef(f"{upright} ? 10 : {AXIS['labelFontSize']}"),
        labelOverlap=False,
        labelLimit=170,
    )


def slim(rows: pandas.DataFrame, columns: list[str], words: list[str]) -> pandas.DataFrame:
    """What a chart uses of its rows; `words`: columns whose words come again and again, sent once."""
    return rows[[*columns, *words]].astype(dict.fromkeys(words, "category"))


def marks(notes: pandas.DataFrame | None) -> list[altair.Chart]:
    """The layers of a chart over days that mark notes upon it: a line on each one's day, its numbers
    above. `notes`: day, label and said."""
    if notes is None or notes.empty:
        return []
    day, said = altair.X("day:T", title=None), altair.Tooltip("said:N", title="note")
    base = altair.Chart(notes).encode(day, tooltip=[DAY, said])
    line = base.mark_rule(color=ink(), strokeDash=[3, 3], strokeWidth=2)
    numbers = base.mark_text(baseline="bottom", fontSize=15, fontWeight="bold", color=ink(), dy=-3)
    return [line, numbers.encode(altair.Text("label:N"), y=altair.value(0))]


def finished(chart: altair.Chart | altair.LayerChart, height: int = 200) -> altair.Chart:
    """The chart with our type; `height` in pixels is that of what is drawn, whatever room its legend
    and axes take on a narrow page. Each label of an axis stands on its line."""
    return (
        chart.properties(
            height=height,
            padding=PADDING,
            autosize=altair.AutoSizeParams(type="fit-x", contains="padding"),
        )
        .configure_axis(**AXIS, labelColor=ink(), titleColor=ink(), labelFlush=False)
        .configure_axisY(labelBaseline="middle")
        .configure_legend(labelColor=ink())
    )
