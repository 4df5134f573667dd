"""Charts of one stage and its pace: a frame in, a chart out. Colours and type as in look.py."""

from __future__ import annotations

from typing import Any

import altair
import pandas

from dashboard.charts.look import (
    COUNT,
    DAY,
    GREY,
    LEGEND,
    MONTHS,
    OUTLINED,
    PARTS,
    SHAPES,
    SIDES,
    STRIPED,
    blue,
    finished,
    ink,
    marks,
    orange,
    purple,
)
from telling import drawn


def wip_by_day(
    rows: pandas.DataFrame, recorded: list[str], notes: pandas.DataFrame | None = None
) -> altair.Chart:
    """Items in a stage at the end of each day, by part; rows are those of wip_by_day. The legend
    names the parts that are recorded. `notes`: those that look.marks marks."""
    legend = altair.Legend(**LEGEND.to_dict(), values=recorded)
    return finished(altair.layer(*_parts(rows, legend, True), *marks(notes)))


def parts(
    rows: pandas.DataFrame, legend: altair.Legend | None, months: bool = True
) -> altair.LayerChart:
    """Areas of waiting, working and blocked upon each other, blocked striped; rows of wip_by_day."""
    return altair.layer(*_parts(rows, legend, months))


def _parts(
    rows: pandas.DataFrame, legend: altair.Legend | None, months: bool
) -> list[altair.Chart]:
    long = drawn.changes(rows, "stage_name", PARTS).melt(["day"], PARTS, "part", "items")
    long["order"] = long.part.map(PARTS.index)
    said = altair.Legend(**legend.to_dict(), labelExpr=STRIPED) if legend else None
    x = altair.X("day:T", title=None, axis=MONTHS if months else None)
    edge = {"color": ink(), "strokeWidth": 0.8}
    areas = altair.Chart(long).mark_area(interpolate="step-after", opacity=1, line=edge).encode(
        x, altair.Y("items:Q", title=None, stack=True, axis=COUNT),
        altair.Color("part:N", sort=PARTS, scale=altair.Scale(domain=PARTS), legend=said),
        order=altair.Order("order:Q"), tooltip=[DAY, "part", "items"],
    )  # fmt: skip
    blocked = drawn.blocked(rows)
    if blocked.empty:  # a layer of nothing is a picture without words to a screen reader
        return [areas]
    stripes = altair.Chart(blocked).mark_rule(color=ink(), strokeWidth=1.5).encode(
        x, altair.Y("lower:Q"), altair.Y2("upper:Q")
    )  # fmt: skip
    return [areas, stripes]


def ages(rows: pandas.DataFrame, recorded: list[str], unit: str = "days") -> altair.Chart:
    """How long the open items have been in a stage; rows have stage_age_days, state and how many
    `items`. The legend names the parts that are recorded."""
    # A gap of the ground's hue would hide the bars of one or two items.
    outline = altair.condition("datum.state == 'blocked'", altair.value(2), altair.value(0))
    said = altair.Legend(
        **LEGEND.to_dict(), labelExpr=OUTLINED, values=recorded, symbolStrokeWidth=0
    )
    chart = altair.Chart(rows).mark_bar(binSpacing=1, stroke=ink(), strokeDash=[4, 3]).encode(
        altair.X("stage_age_days:Q", bin=altair.Bin(maxbins=24), title=f"{unit} in this stage",
              axis=altair.Axis(format=",~f")),
        altair.Y("sum(items):Q", title="items", axis=COUNT),
        altair.Color("state:N", sort=PARTS, scale=altair.Scale(domain=PARTS), legend=said),
        strokeWidth=outline,
        tooltip=[
            altair.Tooltip("stage_age_days:Q", bin=altair.Bin(maxbins=24), title=unit),
            "state",
            altair.Tooltip("sum(items):Q", title="items"),
        ],
    )  # fmt: skip
    return finished(chart)


def behaviour(
    rows: pandas.DataFrame,
    unit: str,
    target: float | None,
    span: list,
    notes: pandas.DataFrame | None = None,
) -> altair.Chart:
    """A process behaviour chart: the values, their mean and limits, signals by shape and hue.

    Rows are those of metrics.behaviour, with mark (one of SIDES); `span`: first and last week;
    `notes`: those that look.marks marks.
    """
    hues = [GREY, blue(), orange(), purple(), purple(), GREY]
    chart = altair.Chart(rows)
    x = altair.X("week:T", title=None, axis=MONTHS, scale=altair.Scale(domain=span))
    y = altair.Y("value:Q", title=unit)
    layers = [
        chart.mark_line(interpolate="step", color=GREY, strokeWidth=2).encode(
            x, altair.Y("mean:Q"), detail="base:N"
        ),
        *(
            chart.mark_line(interpolate="step", color=GREY, strokeDash=[6, 4], strokeWidth=2).encode(
                x, altair.Y(f"{limit}:Q"), detail="base:N"
            )
            for limit in ("lower", "upper")
        ),
        chart.mark_line(color=GREY, strokeWidth=1, opacity=0.6).encode(x, y),
        chart.mark_point(filled=True, size=70, opacity=1).encode(
            x, y,
            altair.Color("mark:N", scale=altair.Scale(domain=SIDES, range=hues), legend=_present(rows)),
            altair.Shape("mark:N", scale=altair.Scale(domain=SIDES, range=SHAPES), legend=_present(rows)),
            tooltip=[altair.Tooltip("week:T", format="%-d %B %Y", title="week of"),
                     altair.Tooltip("value", format=",.1f"), "signal"],
        ),
    ]  # fmt: skip
    if target is not None:
        frame = pandas.DataFrame({"value": [target], "said": ["target"]})
        line = altair.Chart(frame).mark_rule(color=orange(), strokeWidth=2).encode(y)
        label = altair.Chart(frame).mark_text(
            align="left", baseline="bottom", dx=4, fontSize=14, color=orange()
        ).encode(y, altair.Text("said"), x=altair.value(0))  # fmt: skip
        layers += [line, label]
    return finished(altair.layer(*layers, *marks(notes)), 230)


def moving_range(rows: pandas.DataFrame, unit: str, span: list) -> altair.Chart:
    """The other half of a process behaviour chart: the change from week to week and its limit."""
    chart = altair.Chart(rows)
    x = altair.X("week:T", title=None, axis=MONTHS, scale=altair.Scale(domain=span))
    moves = chart.mark_line(point=True, color=GREY).encode(
        x, altair.Y("moving_range:Q", title=f"change, {unit}")
    )
    limit = chart.mark_line(interpolate="step", color=GREY, strokeDash=[6, 4], strokeWidth=2).encode(
        x, altair.Y("range_limit:Q"), detail="base:N"
    )  # fmt: skip
    return finished(altair.layer(limit, moves), 80)


def survival(curves: pandas.DataFrame, names: list[str], unit: str = "days") -> altair.Chart:
    """Shares that have moved on by each age, a curve for each of at most two names, with their bands.

    `curves` has name, age_days, moved_on, lower, upper, at_risk; a second name is drawn dashed.
    """
    begin = pandas.DataFrame({"name": names, "age_days": 0.0, "moved_on": 0.0})
    chart = altair.Chart(pandas.concat([begin, curves]).sort_values("age_days", kind="stable"))
    x = altair.X("age_days:Q", title=unit, axis=altair.Axis(tickCount=10, labelOverlap=True))
    share: dict[str, Any] = dict(axis=altair.Axis(format="%"), scale=altair.Scale(domain=[0, 1]))
    hue = altair.Scale(domain=names, range=[blue(), orange()][: len(names)])
    legend = altair.Legend(
        title=None, orient="top", labelFontSize=16, labelLimit=460,
        symbolSize=400, symbolOpacity=1, symbolType="stroke", symbolStrokeWidth=4,
    )  # fmt: skip
    dash = altair.StrokeDash("name:N", legend=legend,
                             scale=altair.Scale(domain=names, range=[[1, 0], [6, 4]][: len(names)]))  # fmt: skip
    band = chart.mark_area(interpolate="step-after", opacity=0.2).encode(
        x,
        altair.Y("lower:Q", title="moved on", **share),
        altair.Y2("upper:Q"),
        altair.Color("name:N", legend=legend, scale=hue),
    )
    line = chart.mark_line(interpolate="step-after", strokeWidth=3).encode(
        x, altair.Y("moved_on:Q", title="moved on", **share), altair.Color("name:N", legend=legend, scale=hue), dash,
        tooltip=["name", altair.Tooltip("age_days", format=",.0f"),
                 altair.Tooltip("moved_on", format=".0%"), "at_risk"],
    )  # fmt: skip
    half = altair.Chart(pandas.DataFrame({"moved_on": [0.5]})).mark_rule(
        color=GREY, strokeDash=[2, 3], strokeWidth=2
    ).encode(altair.Y("moved_on:Q"))  # fmt: skip
    return finished(altair.layer(band, half, line), 220)


def _present(rows: pandas.DataFrame) -> altair.Legend:
    kept = [side for side in SIDES if side in set(rows.mark)]
    return altair.Legend(title=None, orient="top", labelFontSize=16, symbolSize=160, values=kept)
