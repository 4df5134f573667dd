"""The goals of stages.yaml into a new publication, and the course of each so far: what was measured
from its start on, worked out here so that no page has to ask the past."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

import duckdb

from metrics.days import day_ends
from metrics.instant import Instants
from metrics.publishing.settings_tables import insert
from settings.goals import Result
from settings.stages import Stages

MOST = 12  # instants of a course, beside the day it was due
KINDS = {"stream": "line", "stage": "stage", "process": "process"}  # as the figure measure has them
DAYS = (
    "typical",
    "oldest",
)  # measures by the stream's own clock; `idle` is in days of the calendar


def fill(con: duckdb.DuckDBPyConnection, stages: Stages) -> None:
    """The goals and their results, into the tables of model/build/01_goals.sql."""
    rows = [
        dict(goal=name, goal_no=no, objective=g.objective, owner=g.for_, under=g.under, note=g.note)
        for no, (name, g) in enumerate(stages.goals.items(), 1)
    ]
    insert(con, "insert into goal by name from rows", rows)
    rows = [
        dict(goal=name, result=key, result_no=no, **_result(result, stages))
        for name, goal in stages.goals.items()
        for no, (key, result) in enumerate(goal.results.items(), 1)
    ]
    insert(con, "insert into goal_result by name from rows", rows)


def _result(told: Result, stages: Stages) -> dict:
    of = _flow(told, stages) if told.kind != "process" else _process(told, stages)
    zone = of["time_zone"]
    return of | dict(
        name=told.name, kind=KINDS[told.kind], measure=told.measure,
        started_on=told.start.date, starts_at=day_ends(told.start.date, zone),
        start_value=told.start.value, target=told.target.value,
        is_least=told.target.at_least is not None,
        due_on=told.target.date, due_at=day_ends(told.target.date, zone),
    )  # fmt: skip


def _flow(told: Result, stages: Stages) -> dict:
    """The stream, or the stage of one, that a result is a measure of, and the measure's unit."""
    streams = stages.streams.values()
    places = {s.id: (s, "", s.name) for s in streams}
    places |= {f"{s.id}/{g.id}": (s, g.id, g.name) for s in streams for g in s.stages}
    stream, stage, name = places[told.stage or told.stream]
    days = "working days" if stream.days == "working" else "days"
    unit = "days" if told.measure == "idle" else days if told.measure in DAYS else "items"
    return dict(
        stream=stream.id, stage=stage, process_group="", process="", place=name, unit=unit,
        time_zone=stream.time_zone,
    )  # fmt: skip


def _process(told: Result, stages: Stages) -> dict:
    group, _, process = told.process.partition("/")
    name = ": ".join(filter(None, (stages.processes[group].name, process)))
    return dict(
        stream="", stage="", process_group=group, process=process, place=name, unit="share",
        time_zone="UTC",
    )  # fmt: skip


def course(con: duckdb.DuckDBPyConnection, now: datetime) -> None:
    """What each result measured on its way, as known `now`: at its start, every so many weeks as far
    as the data goes, and when it was due. Without goals nothing is asked."""
    results = [_Dated(*row) for row in con.execute(_RESULTS).fetchall()]
    most: dict[date, int] = {}
    for told in results:  # those that begin on one day are asked at the same instants
        most[told.begins] = max(most.get(told.begins, 1), len(told.weeks(now)))
    asked = [
        (told, at)
        for told in results
        for at in {*told.weeks(now)[:: -(-most[told.begins] // MOST)], told.ends(told.due)}
        if at <= now
    ]
    rows = [dict(goal=told.goal, result=told.result, measured_at=at) for told, at in asked]
    insert(con, "insert into goal_course by name from rows", rows)
    instants = Instants(con)
    for query, at in sorted({(told.query, at) for told, at in asked}):
        _measure(instants, query, at)


def _measure(instants: Instants, query: str, at: datetime) -> None:
    instants.ask(at, query, lambda con: con.execute(query, {"as_of": at}))


class _Dated(NamedTuple):
    """A result, its days and whose they are, and the last moment that its data tells of."""

    goal: str
    result: str
    kind: str
    begins: date
    due: date
    zone: str
    known: datetime

    @property
    def query(self) -> str:
        """What asks for its measure: that of processes need not know of items, nor the other way."""
        return _MEASURE.format("goal_process_at" if self.kind == "process" else "goal_flow_at")

    def ends(self, day: date) -> datetime:
        """A day as an instant."""
        return day_ends(day, self.zone)

    def weeks(self, now: datetime) -> list[datetime]:
        """The ends of the day it began and of those whole weeks later, as far as they are known."""
        days = range(0, (self.due - self.begins).days, 7)
        ends = [self.ends(self.begins + timedelta(days=n)) for n in days]
        return [at for at in ends if at <= min(self.known, now)] or ends[:1]


_RESULTS = """
select goal, result, kind, started_on, due_on, goal_result.time_zone,
       coalesce(stream.data_at, process_group.data_at, starts_at)
from goal_result left join stream using (stream) left join process_group using (process_group)
"""
_MEASURE = """
update goal_course as course set value = told.value, items = told.items, why = told.why,
       said = told.said, doubt = told.doubt
from {}($as_of) as told
where course.goal = told.goal and course.result = told.result and course.measured_at = $as_of
"""
