"""Charts with a dot for each item, which leads to it: a frame in, a chart out."""

from __future__ import annotations

import altair
import pandas

from dashboard.charts.look import (
    GREY,
    LEGEND,
    PARTS,
    TIME,
    blue,
    dark,
    finished,
    ground,
    ink,
    names,
    orange,
    slim,
)

SHARES = ["50%", "70%", "85%", "95%"]
NEW_TAB = {"embedOptions": {"loader": {"target": "_blank"}}}
# Dots of nearly one age stand side by side: as far from the middle as there are others before them.
_ROWS = 60


def ageing(
    items: pandas.DataFrame, bands: pandas.DataFrame, stages: list[str], unit: str = "days"
) -> altair.Chart:
    """Each open item a dot that leads to it, by stage, over shaded bands.

    `items`: name, stage_name, state, status, age_days, link. `bands`: stage_name, share, low, days.
    `unit`: what its days are called.
    """
    x = altair.X("stage_name:N", title=None, sort=stages, axis=names(),
                 scale=altair.Scale(domain=stages))  # fmt: skip
    y = altair.Y("age_days:Q", title=f"{unit} since first entry")
    shades = ["#35424d", "#45545f", "#5a6b78", "#708391"] if dark() else [
        "#e9eef2", "#d7e0e7", "#c0cdd7", "#a6b7c4"
    ]  # fmt: skip
    items = slim(items, ["name", "link", "age_days"], ["stage_name", "state", "status"])
    shade = altair.Scale(domain=SHARES, range=shades)
    said = altair.Legend(
        **LEGEND.to_dict() | {"orient": "bottom"}, labelExpr="datum.label + ' left'",
        symbolType="square", symbolStrokeColor=orange(), symbolStrokeWidth=1.5,
    )  # fmt: skip
    shaded = altair.Chart(bands).mark_rect(stroke=orange(), strokeWidth=1.5).encode(
        x, altair.Y("low:Q", title=f"{unit} since first entry"), altair.Y2("days:Q"),
        altair.Fill("share:O", scale=shade, legend=said),
        tooltip=["stage_name", "share", altair.Tooltip("days", format=",.0f")],
    )  # fmt: skip
    hues = altair.Scale(domain=PARTS)
    shapes = altair.Scale(domain=PARTS, range=["circle", "square", "cross"])
    aside = altair.expr(
        "(datum.place - (datum.n + 1) / 2) / max(datum.most, 24) * 0.9 * bandwidth('x')"
    )
    dots = _abreast(altair.Chart(items), "age_days", ["stage_name"]).mark_point(
        filled=True, size=55, opacity=0.85, stroke=ink(), strokeWidth=0.6, xOffset=aside
    ).encode(
        x, y,
        altair.Color("state:N", scale=hues, legend=LEGEND),
        altair.Shape("state:N", scale=shapes, legend=LEGEND),
        altair.Href("link:N"),
        tooltip=["name", "stage_name", "status", altair.Tooltip("age_days", format=",.0f")],
    )  # fmt: skip
    return finished(altair.layer(shaded, dots), 280).properties(usermeta=NEW_TAB)


def _abreast(chart: altair.Chart, field: str, by: list[str]) -> altair.Chart:
    """Each dot's place among the n of nearly its value, and the most that are so near each other."""
    return (
        chart.transform_bin("near", field=field, bin=altair.Bin(maxbins=_ROWS))
        .transform_joinaggregate(n="count()", groupby=[*by, "near"])
        .transform_joinaggregate(most="max(n)")
        .transform_window(place="row_number()", groupby=[*by, "near"])
    )


def lead_times(
    stays: pandas.DataFrame, lines: pandas.DataFrame, span: list[str], unit: str = "days"
) -> altair.Chart:
    """Lead time by the day of leaving; those still in stand side by side to the right of the day shown.

    `stays`: at (when it left, or the moment shown), lead_days, state (finished, still in), name,
    link. `lines`: share, days and label ("" where the one below says it too). `span`: the first day, the
    day shown, and how far the axis goes to make room for those still in.
    """
    x = altair.X("at:T", title=None, scale=altair.Scale(domain=[span[0], span[2]]),
                 axis=_until(span[1]))  # fmt: skip
    y = altair.Y("lead_days:Q", title=unit)
    kinds, done = ["finished", "still in"], stays.state == "finished"
    stays = slim(stays, ["at", "lead_days", "name", "link"], ["state"])
    marks = [
        x, y,
        altair.Color("state:N", scale=altair.Scale(domain=kinds, range=[blue(), orange()]), legend=LEGEND),
        altair.Shape("state:N", scale=altair.Scale(domain=kinds, range=["circle", "triangle-up"]), legend=LEGEND),
        altair.Href("link:N"),
    ]  # fmt: skip
    tooltip = ["name", altair.Tooltip("lead_days", format=",.0f"), "state"]
    left = altair.Chart(stays[done]).mark_point(size=60, opacity=0.8, strokeWidth=2).encode(
        *marks, tooltip=[*tooltip, altair.Tooltip("at:T", format="%-d %B %Y")]
    )  # fmt: skip
    room = altair.expr("datum.place / max(datum.most, 12) * width * 0.13")
    inside = _abreast(altair.Chart(stays[~done]), "lead_days", []).mark_point(
        size=45, opacity=0.8, strokeWidth=1.5, xOffset=room
    ).encode(*marks, tooltip=tooltip)  # fmt: skip
    edge = (
        altair.Chart(pandas.DataFrame({"at": [span[1]]}))
        .mark_rule(color=GREY, strokeWidth=2)
        .encode(x)
    )
    rule = altair.Chart(lines).mark_rule(strokeDash=[6, 4], strokeWidth=2, color=GREY).encode(
        altair.Y("days:Q"), tooltip=["share", altair.Tooltip("days", format=",.0f")]
    )  # fmt: skip
    words = altair.Chart(lines[lines.label != ""])
    label = [
        words.mark_text(align="left", baseline="bottom", fontSize=14, fontWeight="bold", dx=4, dy=-3, **how)
        .encode(altair.Y("days:Q"), altair.Text("label"), x=altair.value(0))
        for how in ({"stroke": ground(), "strokeWidth": 4}, {"color": ink()})
    ]  # fmt: skip
    return finished(altair.layer(rule, edge, left, inside, *label), 270).properties(
        usermeta=NEW_TAB
    )


def _until(day: str) -> altair.Axis:
    """Times up to the day shown: what lies right of it is no time."""
    words = f"datum.value > toDate('{day}') ? '' : ({TIME})"
    return altair.Axis(labelExpr=words, labelOverlap=True, tickCount=8)
