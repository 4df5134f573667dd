"""The course of a goal's result: a frame in, a chart out. Colours and type as in look.py."""

from __future__ import annotations

import altair
import pandas

from dashboard.charts.look import GREY, MONTHS, blue, finished, ink, orange

HEIGHT = 200


def course(rows: pandas.DataFrame, way: pandas.DataFrame, unit: str) -> altair.Chart:
    """What was measured, as dots, beside the straight way from start to target, dashed; a cross at
    the foot for each day on which it is not known.

    Rows: day, value, known; `way`: day and value of start and target, or of the target alone; `unit`
    of both, of which a share is shown in percent.
    """
    share = unit == "share"
    x = altair.X("day:T", title=None, axis=MONTHS)
    axis = altair.Axis(format=".0%" if share else ",.12~g", tickCount=4)
    y = altair.Y("value:Q", title="share" if share else unit, axis=axis)
    tooltip = [altair.Tooltip("day:T", format="%-d %B %Y"), "known"]
    straight = altair.Chart(way).mark_line(color=GREY, strokeDash=[6, 4], strokeWidth=2)
    target = altair.Chart(way.tail(1))
    aim = target.mark_point(shape="diamond", size=160, color=orange(), filled=True, opacity=1)
    # On the side that the straight way does not come from.
    below = len(way) > 1 and way.value.iloc[0] > way.value.iloc[1]
    label = target.mark_text(
        align="right", dx=-4, dy=16 if below else -16, fontSize=15, color=ink(), text="target"
    )
    # Over days of which nothing is known no line is drawn.
    line = altair.Chart(rows).mark_line(color=blue(), strokeWidth=2)
    dots = altair.Chart(rows[rows.value.notna()]).mark_circle(color=blue(), size=70, opacity=1)
    gaps = altair.Chart(rows[rows.value.isna()]).mark_point(
        shape="cross", size=70, color=GREY, filled=True, opacity=1
    )
    layers = [
        straight.encode(x, y), aim.encode(x, y), label.encode(x, y), line.encode(x, y),
        dots.encode(x, y, tooltip=tooltip),
        gaps.encode(x, y=altair.value(HEIGHT - 6), tooltip=tooltip),
    ]  # fmt: skip
    return finished(altair.layer(*layers), HEIGHT)
