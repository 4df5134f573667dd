"""Charts: a frame in, a chart out. Colours come from the theme, in the order of PARTS."""

from __future__ import annotations

import altair
import pandas

PARTS = ["waiting", "working", "blocked"]
_AXIS = dict(labelFontSize=15, titleFontSize=15, labelLimit=260, titleFontWeight="normal")
_LEGEND = altair.Legend(title=None, orient="top", labelFontSize=16, symbolSize=160)


def _finished(chart: altair.Chart) -> altair.Chart:
    return chart.properties(height=260).configure_axis(**_AXIS)


def wip_by_day(rows: pandas.DataFrame) -> altair.Chart:
    """Items in a stage at the end of each day, by part; rows are those of wip_by_day."""
    long = rows.melt(["day"], PARTS, "part", "items")
    long["order"] = long.part.map(PARTS.index)
    chart = altair.Chart(long).mark_area(interpolate="step-after").encode(
        altair.X("day:T", title=None),
        altair.Y("items:Q", title="items", stack=True),
        altair.Color("part:N", sort=PARTS, scale=altair.Scale(domain=PARTS), legend=_LEGEND),
        order=altair.Order("order:Q"),
        tooltip=[altair.Tooltip("day:T", format="%-d %B %Y"), "part", "items"],
    )  # fmt: skip
    return _finished(chart)


def ages(rows: pandas.DataFrame) -> altair.Chart:
    """How long the open items have been in a stage; rows have stage_age_days and state."""
    chart = altair.Chart(rows).mark_bar(binSpacing=1).encode(
        altair.X("stage_age_days:Q", bin=altair.Bin(maxbins=24), title="days in this stage"),
        altair.Y("count():Q", title="items"),
        altair.Color("state:N", sort=PARTS, scale=altair.Scale(domain=PARTS), legend=_LEGEND),
        tooltip=[
            altair.Tooltip("stage_age_days:Q", bin=altair.Bin(maxbins=24), title="days"),
            "state",
            altair.Tooltip("count():Q", title="items"),
        ],
    )  # fmt: skip
    return _finished(chart)
