"""What stages.yaml says, as the tables that the model reads."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import duckdb
import pandas

from settings.map import Map, Step
from settings.processes import Process
from settings.redaction import redacted
from settings.stages import Stages
from settings.streams import Stream


def insert(con: duckdb.DuckDBPyConnection, insert: str, rows: list[dict]) -> None:
    """Insert rows by column name; `insert` reads from the frame called `rows`."""
    if rows:
        con.register("rows", pandas.DataFrame(rows))
        con.execute(insert)
        con.unregister("rows")


def fill(con: duckdb.DuckDBPyConnection, stages: Stages) -> None:
    """Everything that stages.yaml says, into the tables of model/build/01_settings.sql."""
    streams = list(stages.streams.values())
    rows = [_stream_row(s) | {"banner": stages.banner} for s in streams]
    insert(con, "insert into stream by name from rows", rows)
    insert(con, "insert into stage by name from rows", [r for s in streams for r in _stages(s)])
    insert(con, "insert into status_map by name from rows", [r for s in streams for r in _map(s)])
    insert(con, "insert into target by name from rows", [r for s in streams for r in _targets(s)])
    rows = [
        dict(stream=s.id, changed_on=c.date, what=c.what)
        for s in streams
        for c in s.process_changes
    ]
    insert(con, "insert into process_change by name from rows", rows)
    rows = [
        dict(stream=s.id, happened_on=c.date, what=c.what) for s in streams for c in s.not_progress
    ]
    insert(con, "insert into not_progress by name from rows", rows)
    rows = [
        dict(stream=s.id, attribute=name, column=column, source=s.counted_by)
        for s in streams
        for name, column in s.attributes.items()
    ]
    insert(con, "insert into stream_attribute by name from rows", rows)
    rows = [r for s in streams for r in _blockers(s)]
    insert(con, "insert into blocker_word by name from rows", rows)
    rows = [r for s in streams for r in _stream_sources(s, stages)]
    insert(con, "insert into stream_source by name from rows", rows)
    rows = [
        dict(source=s.name, kind=s.kind, tells=s.tells, live=s.live, recorded=s.recorded)
        for s in stages.sources.values()
    ]
    insert(con, "insert into source_kind by name from rows", rows)
    _processes(con, stages)
    if stages.map:
        _service_map(con, stages, stages.map)


def _service_map(con: duckdb.DuckDBPyConnection, stages: Stages, drawn: Map) -> None:
    """The service map; what a step names is taken apart, so that nobody has to do so again."""
    con.execute("insert into service_map values (?)", [drawn.note])
    places = {f"{s.id}/{g.id}": (s.id, g.id) for s in stages.streams.values() for g in s.stages}
    steps = [
        (activity_no, activity, step)
        for activity_no, activity in enumerate(drawn.activities, 1)
        for step in activity.steps
    ]
    rows = [
        dict(
            step_no=no, activity_no=activity_no, activity=activity.name, story=activity.story,
            lane_no=drawn.rows.index(step.lane) + 1, lane=step.lane, name=step.name,
            uses=step.uses, note=step.note, **_named(step, places),
        )
        for no, (activity_no, activity, step) in enumerate(steps, 1)
    ]  # fmt: skip
    insert(con, "insert into map_step by name from rows", rows)


def _named(step: Step, places: dict[str, tuple[str, str]]) -> dict:
    """What a step names: a stage or a status of it, a process or a group, a figure; "" for none."""
    stream, stage = places.get(step.stage, ("", ""))
    group, _, process = step.process.partition("/")
    return dict(
        stream=step.figure.stream if step.figure else stream, stage=stage, status=step.status,
        process_group=group, process=process, figure=step.figure.name if step.figure else "",
    )  # fmt: skip


def _processes(con: duckdb.DuckDBPyConnection, stages: Stages) -> None:
    groups = list(stages.processes.values())
    rows = [_group_row(p, no) for no, p in enumerate(groups, 1)]
    insert(con, "insert into process_group by name from rows", rows)
    rows = [_process_source(p, name, stages) for p in groups for name in p.sources]
    insert(con, "insert into process_source by name from rows", rows)
    rows = [
        dict(
            process_group=p.id, measure=measure, amber=t.amber, red=t.limit,
            reason=t.reason, owner=t.owner, set_on=t.date,
        )
        for p in groups
        for measure, t in p.targets.items()
    ]  # fmt: skip
    insert(con, "insert into process_target by name from rows", rows)


def _group_row(p: Process, no: int) -> dict:
    return dict(
        process_group=p.id, group_no=no, name=p.name, subject=p.subject, subjects=p.subjects,
        every_us=round(p.every * 3600e6) if p.every else None, stale_after=p.too_old,
        forget_after=p.forget_after, dead_after=p.dead_after, window_runs=p.window.runs,
        window_bad=p.window.bad, window_back=p.window.back, note=p.note,
    )  # fmt: skip


def _process_source(p: Process, name: str, stages: Stages) -> dict:
    """Live: an address that answers today and tells of no run says that there was none."""
    source = stages.sources[name]
    until = source.covers.until if source.covers else None
    return dict(
        process_group=p.id, source=name, kind=source.kind, covers_until=_midnight(until),
        live=source.live,
    )  # fmt: skip


def _stream_row(s: Stream) -> dict:
    link = redacted(s.link, rows=True)  # every visitor's browser is sent it
    return dict(
        stream=s.id, name=s.name, item=s.item, items=s.items, link=link, note=s.note,
        time_zone=s.time_zone, days=s.days, stale_after=s.stale_after,
        same_after=s.same_after,
    )  # fmt: skip


def _stages(s: Stream) -> list[dict]:
    return [
        dict(
            stream=s.id, stage=g.id, stage_no=no, name=g.name, note=g.note,
            has_wait=bool(g.queue or g.paused), has_work=bool(g.work), measured_by=g.measured_by,
            statuses=", ".join(x.status for x in (*g.queue, *g.paused, *g.work, *g.done)),
        )
        for no, g in enumerate(s.stages, 1)
    ]  # fmt: skip


def _map(s: Stream) -> list[dict]:
    rows = [
        dict(stream=s.id, status=x.status, stage=g.id, stage_no=no, part=part, until=x.until)
        for no, g in enumerate(s.stages, 1)
        for part in ("queue", "paused", "work", "done")
        for x in getattr(g, part)
    ]
    return rows + [
        dict(stream=s.id, status=x.status, stage=None, stage_no=None, part="left", until=x.until)
        for x in s.left
    ]


def _targets(s: Stream) -> list[dict]:
    return [
        dict(
            stream=s.id, stage=g.id, measure=measure, amber=t.amber, red=t.limit,
            reason=t.reason, owner=t.owner, set_on=t.date,
        )
        for g in s.stages
        for measure, t in g.targets.items()
    ]  # fmt: skip


def _blockers(s: Stream) -> list[dict]:
    return [
        dict(stream=s.id, blocker_no=no, blocker=name, word_no=word_no, word=word)
        for no, (name, told) in enumerate(s.blockers.items(), 1)
        for word_no, word in enumerate(told, 1)
    ]


def _stream_sources(s: Stream, stages: Stages) -> list[dict]:
    rows = []
    for no, name in enumerate(s.sources, 1):
        source = stages.sources[name]
        covers = source.covers
        rows.append(
            dict(
                stream=s.id, source=name, precedence=no, kind=source.kind,
                covers_from=_midnight(covers.from_, s.time_zone) if covers else None,
                covers_until=_midnight(covers.until, s.time_zone) if covers else None,
                counted=name == s.counted_by,
            )
        )  # fmt: skip
    return rows


def _midnight(day: date | None, zone: str = "UTC") -> datetime | None:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC) if day else None
