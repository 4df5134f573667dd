"""What the pages show of a line and its stages, chart by chart: the words, the rows, and what draws them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import altair
import pandas

from dashboard.charts import flow as flows
from dashboard.charts import items
from dashboard.charts import pace as paces
from metrics.statistics import compare as comparisons
from telling import comparing, drawn, flow, forecasting, pace, stage
from telling.asked import Asked
from telling.told import Told


class Shown(NamedTuple):
    """The words and rows of a chart, and what draws it (a chart, or several one beneath the other); None
    where there is nothing to draw. It is drawn when that is called, in the hues of who looks then.

    `of`: what it is of, where its heading does not say so.
    """

    told: Told
    draw: partial[altair.Chart | list[altair.Chart]] | None = None
    of: str = ""


# The notes from one day to another, as look.marked takes them, and the sentence that says so.
Marked = Callable[[Any, Any], tuple[pandas.DataFrame | None, str]]


def _unmarked(first: object, last: object) -> tuple[None, str]:
    return None, ""


def cumulative(asked: Asked) -> Shown:
    """The items that have reached each stage, day by day."""
    told = flow.cumulative(asked)
    return Shown(told, partial(flows.cumulative_flow, told.rows, flow.triangle(asked)))


def ageing(asked: Asked) -> Shown:
    """Every open item by its age and stage."""
    told = flow.ageing(asked)
    if told.rows.empty:
        return Shown(told)
    names = flow.stage_names(asked)
    return Shown(told, partial(items.ageing, told.rows, flow.bands(asked), names, asked.unit))


def lead(asked: Asked, part: str, name: str) -> Shown:
    """How long each one took in the line ("") or a stage, and how long the others have been in."""
    told = flow.lead_times(asked, part, name)
    if told.rows.empty:
        return Shown(told)
    span = drawn.span(told.rows, pandas.Timestamp(asked.as_of))
    draw = partial(items.lead_times, told.rows, flow.percentiles(asked, part), span, asked.unit)
    whole = told.whole and partial(_without_at, told.whole)
    return Shown(told._replace(rows=told.rows.drop(columns="at"), whole=whole), draw)


def _without_at(whole: Callable[[], pandas.DataFrame]) -> pandas.DataFrame:
    return whole().drop(columns="at")


def throughput(asked: Asked) -> Shown:
    """What arrived, was delivered and abandoned each week."""
    told = flow.throughput(asked)
    return Shown(told, partial(flows.throughput, told.rows))


def work(asked: Asked) -> Shown:
    """Where the work is, day by day."""
    told = flow.work(asked)
    names = flow.stage_names(asked)
    return Shown(told, partial(flows.work, told.rows, names) if len(told.rows) else None)


def moves(asked: Asked) -> Shown:
    """What moves where, what skips and what comes back."""
    told = flow.moves(asked)
    order = [*flow.stage_names(asked), "Delivered", "Abandoned", "Not mapped"]
    return Shown(told, partial(flows.moves, told.rows, order) if len(told.rows) else None)


def behaviour(weeks: pace.Weeks, marked: Marked = _unmarked) -> Shown:
    """The process behaviour chart of what telling.pace tells of a measure, with notes upon it."""
    told = weeks.told
    if told.rows.empty:
        return Shown(told)
    marks, sentence = marked(*weeks.span)
    draw = partial(paces.behaviour, told.rows, weeks.unit, weeks.target, weeks.span, marks)
    return Shown(told._replace(sentences=[*told.sentences, sentence]), draw)


def survival(asked: Asked, part: str, name: str) -> Shown:
    """By what age they have moved on, beside the curve of finished work only."""
    return _curves(asked, pace.survival(asked, part, name), [pace.ALL, pace.FINISHED])


def compare(asked: Asked, name: str, compared: comparisons.Comparison, by_attribute: bool) -> Shown:
    """By what age they have moved on in each of two groups."""
    return _curves(asked, comparing.told(name, compared, by_attribute), list(compared.curves))


def _curves(asked: Asked, told: Told, names: list[str]) -> Shown:
    draw = partial(paces.survival, told.rows, names, asked.unit)
    return Shown(told, draw if len(told.rows) else None)


def how_many(asked: Asked, part: str, past: pandas.DataFrame, weeks: int, which: str) -> Shown:
    """How many within so many weeks; `past` has the rows of weekly."""
    told = forecasting.how_many(past, weeks, which, asked.spread(part).word)
    return Shown(told, partial(flows.chances, told.rows, "items", "at least so many items"))


def when(past: pandas.DataFrame, count: int, which: str) -> Shown:
    """Within how many weeks so many; `past` has the rows of weekly."""
    told = forecasting.when(past, count, which)
    return Shown(told, partial(flows.chances, told.rows, "weeks", "within so many weeks"))


def by_day(asked: Asked, part: str, now: pandas.Series, marked: Marked = _unmarked) -> Shown:
    """What is in a stage, day by day, with notes upon it; `now` is its row of queue_size."""
    told, parts = stage.by_day(asked, part, now), stage.recorded(asked, part)
    table = told.rows[["day", *parts, "wip"]].sort_values("day", ascending=False)
    if told.rows.empty:
        return Shown(told._replace(rows=table))
    rows = stage.until_shown(asked, part, told.rows, now)
    marks, sentence = marked(rows.day.min(), rows.day.max())
    told = told._replace(rows=table, sentences=[*told.sentences, sentence])
    return Shown(told, partial(paces.wip_by_day, rows, parts, marks), _name(asked, part))


def ages(asked: Asked, part: str, now: pandas.Series) -> Shown:
    """How long the open items have been in a stage; `now` is its row of queue_size."""
    told, rows = stage.ages(asked, part, now), stage.counted(asked, part)
    draw = partial(paces.ages, rows, stage.recorded(asked, part), asked.unit)
    return Shown(told, draw if len(rows) else None, _name(asked, part))


def _name(asked: Asked, part: str) -> str:
    return asked.table("stage", stage=part).name.iloc[0]
