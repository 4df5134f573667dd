"""The Flow page's charts: a frame in, a chart out. Colours and type as in look.py."""

from __future__ import annotations

import altair
import pandas

from dashboard.charts.look import DAY, LEGEND, MONTHS, PARTS, blue, dark, finished, orange, purple

SURE, SHARES = 0.85, ("50%", "70%", "85%", "95%")
# From the first stage to delivered: away from the ground, whichever it is.
SHADES = ["#c6dbef", "#9ecae1", "#6baed6", "#4292c6", "#2171b5", "#08519c", "#083a72"]
_NEW_TAB = {"embedOptions": {"loader": {"target": "_blank"}}}
_SPREAD = "(datum.place % 9 - 4) * 0.09"  # dots of one stage side by side, in an order that stays


def cumulative_flow(rows: pandas.DataFrame, triangle: pandas.DataFrame) -> altair.Chart:
    """Items that have reached each line; rows of cumulative_flow. Hatched: those gone back.

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
    chart = altair.Chart(rows)
    tooltip = [DAY, altair.Tooltip("line_name", title="line"), "items",
               altair.Tooltip("behind", title="of them gone back")]  # fmt: skip
    areas = [
        chart.transform_filter(altair.datum.line_name == name)
        .mark_area(interpolate="step-after")
        .encode(x, altair.Y("items:Q", title="items", stack=None), colour, tooltip=tooltip)
        for name in reached
    ]
    hatch = (
        chart.transform_filter("datum.behind > 0 && (time(datum.day) / 864e5) % 6 < 1")
        .transform_calculate(lower="datum.items - datum.behind")
        .mark_rule(strokeWidth=1.5, color="#f0b000")
        .encode(x, altair.Y("lower:Q"), altair.Y2("items:Q"), tooltip=tooltip)
    )
    gone = (
        chart.transform_filter(altair.datum.line_name == "Abandoned")
        .mark_line(interpolate="step-after", strokeDash=[6, 4], strokeWidth=3)
        .encode(x, altair.Y("items:Q"), colour, tooltip=tooltip)
    )
    law = altair.Chart(triangle).mark_line(color=orange(), strokeWidth=3).encode(
        x, altair.Y("items:Q"), order="corner:O"
    )  # fmt: skip
    return finished(altair.layer(*areas, hatch, gone, *([law] if len(triangle) else [])), 330)


def ageing(
    items: pandas.DataFrame, bands: pandas.DataFrame, stages: list[str], unit: str = "days"
) -> altair.Chart:
    """Each open item a dot that leads to it, by stage; `bands` is long: stage_name, share, days.

    `unit`: what its days are called.
    """
    x = altair.X("stage_name:N", title=None, sort=stages, axis=altair.Axis(labelAngle=0),
                 scale=altair.Scale(domain=stages))  # fmt: skip
    dots = (
        altair.Chart(items)
        .transform_window(place="row_number()", groupby=["stage_name"])
        .transform_calculate(spread=_SPREAD)
        .mark_point(filled=True, size=55, opacity=0.75)
        .encode(
            x,
            altair.Y("age_days:Q", title=f"{unit} since first entry"),
            altair.XOffset("spread:Q", scale=altair.Scale(domain=[-0.6, 0.6])),
            altair.Color("state:N", scale=altair.Scale(domain=PARTS), legend=LEGEND),
            altair.Shape("state:N", scale=altair.Scale(domain=PARTS, range=["circle", "square", "cross"]),
                         legend=LEGEND),
            altair.Href("link:N"),
            tooltip=["name", "stage_name", "status", altair.Tooltip("age_days", format=",.0f")],
        )
    )  # fmt: skip
    offset = altair.Scale(domain=[-0.6, 0.6])
    lines = altair.Chart(bands).mark_tick(thickness=3, size=110, color=orange()).encode(
        x, altair.Y("days:Q"), altair.XOffset(datum=0, scale=offset),
        tooltip=["stage_name", "share", altair.Tooltip("days", format=",.0f")],
    )  # fmt: skip
    label = [
        altair.Chart(bands[bands.share == share])
        .mark_text(
            align="left", dx=74 + 36 * (n % 2), fontSize=14, fontWeight="bold", color=orange()
        )
        .encode(x, altair.Y("days:Q"), altair.XOffset(datum=0, scale=offset), altair.Text("share"))
        for n, share in enumerate(SHARES)
    ]
    return finished(altair.layer(dots, lines, *label), 340).properties(usermeta=_NEW_TAB)


def lead_times(
    stays: pandas.DataFrame, lines: pandas.DataFrame, unit: str = "days"
) -> altair.Chart:
    """Lead time by the day of leaving; those still in stand at the right, growing.

    `stays` has at (when it left, or the moment shown), lead_days, state (finished, still in), name,
    link; `lines` has share and days of the percentiles that may be given.
    """
    kinds = ["finished", "still in"]
    dots = (
        altair.Chart(stays)
        .mark_point(size=60, opacity=0.8, strokeWidth=2)
        .encode(
            altair.X("at:T", title=None, axis=MONTHS),
            altair.Y("lead_days:Q", title=unit),
            altair.Color("state:N", scale=altair.Scale(domain=kinds, range=[blue(), orange()]),
                         legend=LEGEND),
            altair.Shape("state:N", scale=altair.Scale(domain=kinds, range=["circle", "triangle-up"]),
                         legend=LEGEND),
            altair.Href("link:N"),
            tooltip=["name", altair.Tooltip("lead_days", format=",.0f"), "state",
                     altair.Tooltip("at:T", format="%-d %B %Y")],
        )
    )  # fmt: skip
    rule = altair.Chart(lines).mark_rule(strokeDash=[6, 4], strokeWidth=2, color="#8a949b").encode(
        altair.Y("days:Q"), tooltip=["share", altair.Tooltip("days", format=",.0f")]
    )  # fmt: skip
    label = [
        altair.Chart(lines[lines.share == share])
        .mark_text(
            align="left", baseline="bottom", fontSize=14, dx=4 + 40 * (n % 2), color="#8a949b"
        )
        .encode(altair.Y("days:Q"), altair.Text("share"), x=altair.value(0))
        for n, share in enumerate(SHARES)
    ]
    return finished(altair.layer(dots, rule, *label), 350).properties(usermeta=_NEW_TAB)


def throughput(rows: pandas.DataFrame) -> altair.Chart:
    """Arrivals above the line, deliveries and abandonments beneath it, week by week."""
    kinds = {"arrivals": "arrived", "delivered": "delivered", "abandoned": "abandoned"}
    long = rows.rename(columns=kinds).melt(["week"], list(kinds.values()), "kind", "items")
    bars = altair.Chart(long).transform_calculate(
        way="datum.kind == 'arrived' ? datum.items : -datum.items"
    ).mark_bar(width=4).encode(
        altair.X("week:T", title=None, axis=MONTHS),
        altair.Y("way:Q", title="out   |   in", stack=True,
                 axis=altair.Axis(labelExpr="format(abs(datum.value), ',')")),
        altair.Color("kind:N", legend=LEGEND, scale=altair.Scale(
            domain=list(kinds.values()), range=[blue(), "#009e73", purple()])),
        tooltip=[altair.Tooltip("week:T", format="%-d %B %Y", title="week of"), "kind", "items"],
    )  # fmt: skip
    line = altair.Chart(pandas.DataFrame({"way": [0]})).mark_rule(color="#8a949b").encode(
        altair.Y("way:Q")
    )  # fmt: skip
    return finished(altair.layer(bars, line), 340)


def work(rows: pandas.DataFrame, stages: list[str]) -> list[altair.Chart]:
    """Work by day, split waiting, working, blocked: a chart for each stage, each to its own scale.

    Rows are those of wip_by_day. Only the first has the legend, only the last the months.
    """
    long = rows.melt(["day", "stage_name"], PARTS, "part", "items")
    long["order"] = long.part.map(PARTS.index)
    y = altair.Y("items:Q", title=None, stack=True, axis=altair.Axis(tickCount=3, minExtent=40))
    charts = []
    for stage in stages:
        top, bottom = stage == stages[0], stage == stages[-1]
        title = altair.Title(stage, anchor="start", fontSize=16)
        chart = altair.Chart(long[long.stage_name == stage], title=title).mark_area(
            interpolate="step-after"
        ).encode(
            altair.X("day:T", title=None, axis=MONTHS if bottom else None), y,
            altair.Color("part:N", sort=PARTS, scale=altair.Scale(domain=PARTS), legend=LEGEND if top else None),
            order=altair.Order("order:Q"), tooltip=[DAY, "part", "items"],
        )  # fmt: skip
        charts.append(finished(chart, 115 + 50 * top + 30 * bottom))
    return charts


def moves(rows: pandas.DataFrame, order: list[str]) -> altair.Chart:
    """How often items went from one place (row) to another (column); rows of transition."""
    x = altair.X("to_name:N", title="to", sort=order, axis=altair.Axis(labelAngle=0, orient="top"))
    y = altair.Y("from_name:N", title="from", sort=order)
    squares = altair.Chart(rows).mark_rect(stroke="#7b858c").encode(
        x, y, altair.Color("moves:Q", legend=None,
                           scale=altair.Scale(range=["#deebf7", "#6baed6"], type="sqrt")),
        tooltip=["from_name", "to_name", "kind", "moves", "items",
                 altair.Tooltip("median_days", format=",.1f", title="median days before")],
    )  # fmt: skip
    numbers = altair.Chart(rows).transform_calculate(
        said="format(datum.moves, ',') + '  ' + datum.kind"
    ).mark_text(fontSize=15, color="#14191d").encode(x, y, altair.Text("said:N"))  # fmt: skip
    return finished(altair.layer(squares, numbers), 320)


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
    return finished(altair.layer(bars, line), 240)


def _shades(n: int) -> list[str]:
    # On a dark ground the last, which stands in front of all others, is the lightest.
    shades = [SHADES[round(i * (len(SHADES) - 1) / max(n - 1, 1))] for i in range(n)]
    return shades[::-1] if dark() else shades
