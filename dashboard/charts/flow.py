"""The Flow page's charts: a frame in, a chart out. Colours and type as in look.py."""

from __future__ import annotations

import altair
import pandas

from dashboard.charts.look import (
    COUNT,
    DAY,
    LEGEND,
    MONTHS,
    blue,
    dark,
    finished,
    green,
    ink,
    names,
    orange,
    purple,
)
from dashboard.charts.pace import parts
from telling import drawn

SURE = 0.85
# From the first stage to delivered: away from the ground, whichever it is.
SHADES = ["#c6dbef", "#9ecae1", "#6baed6", "#4292c6", "#2171b5", "#08519c", "#083a72"]


def cumulative_flow(rows: pandas.DataFrame, triangle: pandas.DataFrame) -> altair.Chart:
    """Items that have reached each line; rows of cumulative_flow. Striped: those gone back.

    `triangle` has the corners (day, items) of Little's law's triangle, or no rows.
    """
    order = list(dict.fromkeys(rows.sort_values("stage_no").line_name))
    reached = [name for name in order if name != "Abandoned"]
    x = altair.X("day:T", title=None, axis=MONTHS)
    colour = altair.Color(
        "line_name:N",
        scale=altair.Scale(domain=order, range=[*_shades(len(reached)), purple()]),
        legend=LEGEND,
    )
    chart = altair.Chart(drawn.changes(rows, "line_name", ["items"]))
    tooltip = [DAY, altair.Tooltip("line_name", title="line"), "items"]
    areas = [
        chart.transform_filter(altair.datum.line_name == name)
        .mark_area(interpolate="step-after", opacity=1, line={"color": ink(), "strokeWidth": 0.8})
        .encode(
            x,
            altair.Y("items:Q", title="items", stack=None, axis=altair.Axis(tickMinStep=1)),
            colour,
            tooltip=tooltip,
        )
        for name in reached
    ]
    stripes = (
        altair.Chart(drawn.gone_back(rows))
        .mark_rule(strokeWidth=1.5, color="#f0b000")
        .encode(x, altair.Y("lower:Q"), altair.Y2("upper:Q"))
    )
    gone = (
        chart.transform_filter(altair.datum.line_name == "Abandoned")
        .mark_line(interpolate="step-after", strokeDash=[6, 4], strokeWidth=3)
        .encode(x, altair.Y("items:Q"), colour, tooltip=tooltip)
    )
    law = altair.Chart(triangle).mark_line(color=orange(), strokeWidth=3).encode(
        x, altair.Y("items:Q"), order="corner:O"
    )  # fmt: skip
    return finished(altair.layer(*areas, stripes, gone, *([law] if len(triangle) else [])), 250)


def throughput(rows: pandas.DataFrame) -> list[altair.Chart]:
    """Arrivals, deliveries and abandonments week by week: a chart for each, each to its own scale."""
    hues = {"arrivals": blue(), "delivered": green(), "abandoned": purple()}
    titles = {"arrivals": "Arrived", "delivered": "Delivered", "abandoned": "Abandoned"}
    charts = []
    for kind, hue in hues.items():
        bottom = kind == "abandoned"
        title = altair.Title(titles[kind], anchor="start", fontSize=16, color=ink())
        chart = altair.Chart(rows[["week", kind]], title=title).mark_bar(width=4, color=hue).encode(
            altair.X("week:T", title=None, axis=MONTHS if bottom else None),
            altair.Y(f"{kind}:Q", title=None, axis=COUNT),
            tooltip=[altair.Tooltip("week:T", format="%-d %B %Y", title="week of"),
                     altair.Tooltip(kind, title=titles[kind].lower())],
        )  # fmt: skip
        charts.append(finished(chart, 85))
    return charts


def work(rows: pandas.DataFrame, stages: list[str]) -> list[altair.Chart]:
    """Work by day, split waiting, working, blocked: a chart for each stage, each to its own scale.

    Rows are those of wip_by_day. Only the first has the legend, only the last the months.
    """
    charts = []
    for stage in stages:
        top, bottom = stage == stages[0], stage == stages[-1]
        title = altair.Title(stage, anchor="start", fontSize=16, color=ink())
        one = parts(rows[rows.stage_name == stage], LEGEND if top else None, bottom)
        charts.append(finished(one, 80).properties(title=title))
    return charts


def moves(rows: pandas.DataFrame, order: list[str]) -> altair.Chart:
    """How often items went from one place (row) to another (column); rows of transition."""
    x = altair.X("to_name:N", title="to", sort=order, axis=names())
    y = altair.Y("from_name:N", title="from", sort=order)
    squares = altair.Chart(rows).mark_rect(stroke="#7b858c").encode(
        x, y, altair.Color("moves:Q", legend=None,
                           scale=altair.Scale(range=["#deebf7", "#6baed6"], type="sqrt")),
        tooltip=["from_name", "to_name", "kind", "moves", "items",
                 altair.Tooltip("median_days", format=",.1f", title="median days before")],
    )  # fmt: skip
    numbers = altair.Chart(rows).mark_text(
        color="#14191d",
        fontSize=altair.expr("bandwidth('x') < 40 ? 9 : bandwidth('x') < 120 ? 15 : "
                             "bandwidth('x') < 170 ? 11 : 15"),
        text=altair.expr("format(datum.moves, ',') + (bandwidth('x') < 120 ? '' : '  ' + datum.kind)"),
    ).encode(x, y)  # fmt: skip
    return finished(altair.layer(squares, numbers), 36 * rows.from_name.nunique())


def chances(rows: pandas.DataFrame, column: str, title: str) -> altair.Chart:
    """The share of trials that reach each number; rows have the column and share."""
    bars = altair.Chart(rows).mark_bar(color=blue()).encode(
        altair.X(f"{column}:O", title=title, axis=altair.Axis(labelAngle=0, labelOverlap=True)),
        altair.Y("share:Q", title="share of trials", axis=altair.Axis(format="%"),
                 scale=altair.Scale(domain=[0, 1])),
        tooltip=[altair.Tooltip(column, title=title), altair.Tooltip("said", title="chance")],
    )  # fmt: skip
    line = altair.Chart(pandas.DataFrame({"share": [SURE]})).mark_rule(
        strokeDash=[6, 4], strokeWidth=2, color=orange()
    ).encode(altair.Y("share:Q"))  # fmt: skip
    return finished(altair.layer(bars, line), 180)


def _shades(n: int) -> list[str]:
    # On a dark ground the last, which stands in front of all others, is the lightest.
    shades = [SHADES[round(i * (len(SHADES) - 1) / max(n - 1, 1))] for i in range(n)]
    return shades[::-1] if dark() else shades
