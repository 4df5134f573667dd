"""The Pipeline page's charts: a frame in, a chart out. Colours and type as in look.py."""

from __future__ import annotations

import altair
import pandas

from dashboard.charts.look import (
    GREY,
    LEGEND,
    MONTHS,
    amber,
    blue,
    finished,
    green,
    ground,
    names,
    orange,
    purple,
    sign,
    slim,
)

WEEK = altair.Tooltip("week:T", format="%-d %B %Y", title="week of")
_WIDE = altair.Legend(
    title=None, orient="top", labelFontSize=15, labelLimit=300, symbolSize=160,
    columns=altair.ExprRef("max(1, floor(width / 190))"),
)  # fmt: skip
# In words of our own: on such a scale a format would say 1.2e+2.
_SECONDS = altair.Axis(
    values=[0, 0.3, 1, 3, 10, 30, 120, 600], labelExpr="format(datum.value, ',~f')"
)
# Each state's word, as the figure run has it, with its sign, shape and (below) hue, in one order.
SIGNS = {
    "healthy": "✓",
    "to watch": "!",
    "failing": "✕",
    "not judged": "?",
    "did not take place": "–",
}
SHAPES = ["circle", "triangle-up", "square", "circle", "cross"]
MISSED = "a run or more did not take place (cross)"
_NEW_TAB = {"embedOptions": {"loader": {"target": "_blank"}}}


_PERCENT = altair.Axis(format="~%")


def _from_none(shares: pandas.Series) -> altair.Scale:
    """The scale of shares: of those that are all 0 it would begin below them."""
    return altair.Scale() if shares.max() > 0 else altair.Scale(domain=[0, 1])


def endpoints(rows: pandas.DataFrame, subjects: str) -> altair.Chart:
    """Subjects in service, looked at and failing at the end of each week; rows of check_week."""
    kinds = {"in_service": "in service", "looked_at": "looked at", "failing": "failing"}
    told = rows[rows.checks > 0].rename(columns=kinds)
    long = told.melt(["week", "iso_week"], list(kinds.values()), "kind", "subjects").dropna()
    hues = altair.Scale(domain=[*kinds.values(), MISSED], range=[GREY, blue(), orange(), purple()])
    dashes = altair.Scale(domain=[*kinds.values(), MISSED], range=[[2, 3], [1, 0], [9, 3], [1, 0]])
    lines = altair.Chart(long).mark_line(interpolate="step-after", strokeWidth=2.5).encode(
        altair.X("week:T", title=None, axis=MONTHS),
        altair.Y("subjects:Q", title=subjects),
        altair.Color("kind:N", scale=hues, legend=_WIDE),
        altair.StrokeDash("kind:N", scale=dashes, legend=_WIDE),
        tooltip=[WEEK, "iso_week", "kind", "subjects"],
    )  # fmt: skip
    return finished(altair.layer(lines, _missed(rows, hues)), 180)


def share(rows: pandas.DataFrame) -> altair.Chart:
    """The share of checks that failed, week by week; weeks with missed runs have a mark beneath."""
    hues = altair.Scale(domain=["failed", MISSED], range=[orange(), purple()])
    line = altair.Chart(rows.assign(kind="failed")).mark_line(
        strokeWidth=2.5, invalid="break-paths-show-domains"
    ).encode(
        altair.X("week:T", title=None, axis=MONTHS),
        altair.Y("share:Q", title="failed", axis=_PERCENT, scale=_from_none(rows.share)),
        altair.Color("kind:N", scale=hues, legend=_WIDE),
        tooltip=[WEEK, "iso_week", "failed", "checks", altair.Tooltip("share", format=".1%")],
    )  # fmt: skip
    return finished(altair.layer(line, _missed(rows, hues)), 130)


def _missed(rows: pandas.DataFrame, hues: altair.Scale) -> altair.Chart:
    """A cross on the ground line for each week in which a run that was due did not take place."""
    missed = rows[rows.missed_runs > 0].assign(kind=MISSED, ground=0)
    return altair.Chart(missed).mark_point(shape="cross", filled=True, size=60, opacity=1).encode(
        altair.X("week:T", title=None, axis=MONTHS),
        altair.Y("ground:Q"),
        altair.Color("kind:N", scale=hues, legend=_WIDE),
        tooltip=[WEEK, "iso_week", "missed_runs"],
    )  # fmt: skip


def errors(rows: pandas.DataFrame) -> altair.Chart:
    """Failed checks by what they failed with (row) and whose they were (column), a number in each;
    rows of checks.grid: name, process, failed."""
    kinds, processes = (list(dict.fromkeys(rows[column])) for column in ("name", "process"))
    x = altair.X("process:N", title=None, sort=processes, axis=names())
    y = altair.Y("name:N", title=None, sort=kinds, axis=altair.Axis(labelOverlap=False))
    shades = altair.Scale(range=["#deebf7", "#6baed6"], type="sqrt")
    squares = altair.Chart(rows).mark_rect(stroke="#7b858c").encode(
        x, y, altair.Color("failed:Q", legend=None, scale=shades),
        tooltip=["name", "process", "failed", "checks"],
    )  # fmt: skip
    numbers = altair.Chart(rows).mark_text(
        color="#14191d", fontSize=altair.expr("bandwidth('x') < 45 ? 10 : 15")
    ).encode(x, y, altair.Text("failed:Q", format=","))  # fmt: skip
    return finished(altair.layer(squares, numbers), 30 * len(kinds))


def recovery(rows: pandas.DataFrame) -> altair.Chart:
    """Days to recover, of the recovered, beside days that the others have been failing."""
    kinds = {
        "recovered_median_days": "recovered: median",
        "failing_median_days": "still failing: median so far",
    }
    long = (
        rows.rename(columns=kinds).melt(["process"], list(kinds.values()), "kind", "days").dropna()
    )
    scale = altair.Scale(domain=list(kinds.values()), range=[blue(), orange()])
    # Those still failing are hollow: what is not over yet.
    hollow = altair.condition(
        "datum.kind == 'recovered: median'", altair.value(1), altair.value(0.15)
    )
    bars = altair.Chart(long).mark_bar(strokeWidth=2).encode(
        altair.Y("process:N", title=None, axis=altair.Axis(labelOverlap=False)),
        altair.X("days:Q", title="days", axis=altair.Axis(tickCount=6)),
        altair.YOffset("kind:N", scale=altair.Scale(domain=list(kinds.values()))),
        altair.Color("kind:N", scale=scale, legend=_WIDE),
        altair.Stroke("kind:N", scale=scale, legend=_WIDE),
        fillOpacity=hollow,
        tooltip=["process", "kind", altair.Tooltip("days", format=",.1f")],
    )  # fmt: skip
    return finished(bars, 44 * rows.process.nunique())


def runs(rows: pandas.DataFrame) -> altair.Chart:
    """Each run's share of failed checks by the state after it; a cross where none took place."""
    told = rows.assign(height=rows.share.fillna(0))
    points = altair.Chart(told).mark_point(filled=True, size=34, opacity=1).encode(
        altair.X("slot:T", title=None, axis=_times(rows.slot)),
        altair.Y("height:Q", title="failed", axis=_PERCENT, scale=_from_none(told.height)),
        altair.Color("state_word:N", scale=_states(), legend=_WIDE),
        altair.Shape("state_word:N", legend=_WIDE, scale=altair.Scale(
            domain=list(SIGNS), range=SHAPES)),
        tooltip=[altair.Tooltip("slot:T", format="%-d %B %Y %H:%M"), "state_word", "failed", "checks"],
    )  # fmt: skip
    return finished(points, 220)


def strips(rows: pandas.DataFrame) -> altair.Chart:
    """A line of small boxes for each process, one a day, coloured by the state after its run; where
    a state begins, its sign stands."""
    rows = rows[["process", "slot", "state_word", "failed", "checks"]]
    chart = altair.Chart(rows.assign(sign=rows.state_word.map(SIGNS).map(sign)))
    x = altair.X("yearmonthdate(slot):T", title=None, axis=_times(rows.slot))
    y = altair.Y("process:N", title=None, axis=altair.Axis(labelOverlap=False))
    tooltip = [
        "process",
        altair.Tooltip("slot:T", format="%-d %B %Y %H:%M"),
        "state_word",
        "failed",
        "checks",
    ]
    days = chart.mark_rect(stroke=None).encode(
        x, y, altair.Color("state_word:N", scale=_states(), legend=_signed()), tooltip=tooltip
    )
    begins = chart.transform_window(
        was="lag(state_word)", groupby=["process"], sort=[altair.SortField("slot")]
    ).transform_filter("datum.was != datum.state_word")
    signs = begins.mark_text(align="left", dx=2, fontSize=15, fontWeight="bold", color=ground()).encode(
        x, y, altair.Text("sign:N"), tooltip=tooltip
    )  # fmt: skip
    return finished(altair.layer(days, signs), 28 * rows.process.nunique())


def _signed() -> altair.Legend:
    """The legend of the strips, each state with its sign."""
    signs = " : ".join(f"datum.label == '{word}' ? '{sign(one)} '" for word, one in SIGNS.items())
    return altair.Legend(**_WIDE.to_dict(), labelExpr=f"({signs} : '') + datum.label")


def _times(told: pandas.Series) -> altair.Axis:
    """Months on an axis of years, days on one of months, hours on one of days."""
    span = told.max() - told.min()
    if span > pandas.Timedelta(days=90):
        return MONTHS
    form = "%-d %b" if span > pandas.Timedelta(days=4) else "%-d %b %H:%M"
    return altair.Axis(format=form, labelOverlap=True, tickCount=6)


def _states() -> altair.Scale:
    hues = [green(), amber(), orange(), GREY, purple()]
    return altair.Scale(domain=list(SIGNS), range=hues)


def speed(rows: pandas.DataFrame) -> altair.Chart:
    """Seconds now against seconds before, a dot for each subject; above the line is slower."""
    kinds = ["slowing", "faster", "no change", "too few"]
    rows = slim(rows, ["name", "link", "seconds", "before_seconds", "timed_out", "answers"],
                ["organisation", "process", "change"])  # fmt: skip
    hues = altair.Scale(domain=kinds, range=[orange(), blue(), GREY, purple()])
    shapes = altair.Scale(domain=kinds, range=["triangle-up", "triangle-down", "circle", "cross"])
    log = altair.Scale(type="symlog", constant=0.1)
    dots = altair.Chart(rows).mark_point(filled=True, size=60, opacity=0.8).encode(
        altair.X("before_seconds:Q", title="seconds in the 26 weeks before", scale=log, axis=_SECONDS),
        altair.Y("seconds:Q", title="seconds in the last 7 weeks", scale=log, axis=_SECONDS),
        altair.Color("change:N", scale=hues, legend=LEGEND),
        altair.Shape("change:N", scale=shapes, legend=LEGEND),
        altair.Href("link:N"),
        tooltip=["name", "organisation", "process", altair.Tooltip("seconds", format=",.1f"),
                 altair.Tooltip("before_seconds", format=",.1f"), "timed_out", "answers"],
    )  # fmt: skip
    most = float(rows[["seconds", "before_seconds"]].max().max())
    line = altair.Chart(pandas.DataFrame({"before_seconds": [0, most], "seconds": [0, most]}))
    same = line.mark_line(color=GREY, strokeDash=[6, 4]).encode(
        altair.X("before_seconds:Q"), altair.Y("seconds:Q")
    )
    return finished(altair.layer(same, dots), 260).properties(usermeta=_NEW_TAB)
