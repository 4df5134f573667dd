"""From the landing database to a new publication: built aside, reconciled, then made current."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import duckdb
import holidays
import pandas
import pyarrow

import store
from metrics import FOLDER, NAME, POINTER, REFUSAL
from metrics.catalogue import all_figures
from metrics.stages import Stages, Stream

MODEL = Path(__file__).parent / "model"
KEEP_RECENT = 7


class CannotPublish(Exception):
    """There is nothing to publish from, or it is in use or can't be read: one sentence, the cure."""


class Published(NamedTuple):
    """What came of publishing: the new file, or the reasons why the last good one stays."""

    file: Path
    ok: bool
    reasons: list[str]


def publish(stages: Stages, data: Path, now: datetime) -> Published:
    """Build a publication from data/landing.duckdb and make it current if it reconciles.

    `now` (with a zone) names the file. A publication that does not reconcile is dropped, its
    reasons are kept for the pages and the last good one stays current. Raises CannotPublish when
    nothing was collected, a collector is writing, or a stream's own SQL does not run.
    """
    landing = data / "landing.duckdb"
    if not landing.exists():
        raise CannotPublish(f"Nothing is collected in {data} yet: run 'valuestream collect'.")
    folder = data / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{now.astimezone(UTC).strftime(NAME)}.duckdb"
    aside = file.with_suffix(".building")
    aside.unlink(missing_ok=True)
    try:
        reasons = _build(stages, landing, aside, now)
    except duckdb.IOException:
        aside.unlink(missing_ok=True)
        raise CannotPublish(
            f"{landing} is in use: wait for the collector to end, then publish again."
        ) from None
    try:
        if reasons:
            _replace(folder / REFUSAL, json.dumps({"at": now.isoformat(), "reasons": reasons}))
            return Published(file, False, reasons)
        os.replace(aside, file)
    finally:
        aside.unlink(missing_ok=True)
    _replace(folder / POINTER, file.name)
    (folder / REFUSAL).unlink(missing_ok=True)
    _prune(folder)
    return Published(file, True, [])


def _build(stages: Stages, landing: Path, file: Path, now: datetime) -> list[str]:
    """Build the model and the figures in a new file; the rules that do not hold, in words."""
    with store.connect(file) as con:
        con.execute(_attach(landing))
        _run(con, "0_settings.sql")
        _settings(con, stages)
        _events(con, stages)
        _run(con, "1_evidence.sql")
        _data_at(con, stages, now)
        for step in sorted(MODEL.glob("[2-9]_*.sql")):
            _run(con, step.name)
        for figure in all_figures().values():
            con.execute(figure.sql)
            con.execute(figure.comment)
        wrong = con.execute(
            "select rule, stream, expected, found from reconciliation where expected <> found"
        ).fetchall()
        con.execute("detach landing")
    return [
        f"{stream}: {rule} does not hold: {expected:,} against {found:,}."
        for rule, stream, expected, found in wrong
    ]


def _attach(landing: Path) -> str:
    # DuckDB 1.5 takes no parameter here; the path is ours, and quoted.
    return "attach '{}' as landing (read_only)".format(str(landing).replace("'", "''"))


def _run(con: duckdb.DuckDBPyConnection, step: str) -> None:
    con.execute((MODEL / step).read_text())


def _fill(con: duckdb.DuckDBPyConnection, insert: str, rows: list[dict]) -> None:
    """Insert rows by column name; `insert` reads from the frame called `rows`."""
    if rows:
        con.register("rows", pandas.DataFrame(rows))
        con.execute(insert)
        con.unregister("rows")


def _settings(con: duckdb.DuckDBPyConnection, stages: Stages) -> None:
    """What stages.yaml says, as tables."""
    streams = list(stages.streams.values())
    _fill(con, "insert into stream by name from rows", [_stream_row(s) for s in streams])
    _fill(con, "insert into stage by name from rows", [r for s in streams for r in _stages(s)])
    _fill(con, "insert into status_map by name from rows", [r for s in streams for r in _map(s)])
    _fill(con, "insert into target by name from rows", [r for s in streams for r in _targets(s)])
    _fill(
        con,
        "insert into process_change by name from rows",
        [
            dict(stream=s.id, changed_on=c.date, what=c.what)
            for s in streams
            for c in s.process_changes
        ],
    )
    _fill(
        con,
        "insert into not_progress by name from rows",
        [
            dict(stream=s.id, happened_on=c.date, what=c.what)
            for s in streams
            for c in s.not_progress
        ],
    )
    rows = [
        dict(stream=s.id, attribute=name, column=column, source=s.counted_by)
        for s in streams
        for name, column in s.attributes.items()
    ]
    _fill(con, "insert into stream_attribute by name from rows", rows)
    rows = [r for s in streams for r in _stream_sources(s, stages)]
    _fill(con, "insert into stream_source by name from rows", rows)


def _stream_row(s: Stream) -> dict:
    return dict(
        stream=s.id, name=s.name, item=s.item, items=s.items, link=s.link, note=s.note,
        time_zone=s.time_zone, days=s.days, stale_after=s.stale_after,
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


def _stream_sources(s: Stream, stages: Stages) -> list[dict]:
    rows = []
    for no, name in enumerate(s.sources, 1):
        source = stages.sources[name]
        covers = source.covers
        rows.append(
            dict(
                stream=s.id, source=name, precedence=no, kind=source.kind,
                covers_from=_midnight(covers.from_) if covers else None,
                covers_until=_midnight(covers.until) if covers else None,
                counted=name == s.counted_by,
            )
        )  # fmt: skip
    return rows


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


def _events(con: duckdb.DuckDBPyConnection, stages: Stages) -> None:
    """Every event of every source of a stream, and what each item is called."""
    _run(con, "collected.sql")
    for s in stages.streams.values():
        if s.events_sql:
            # The stream's own SQL reads the landing tables and gives stage events.
            con.register("told", _told(con, s))
            con.execute(
                "insert into event_all by name select $stream as stream, 1 as precedence, "
                "* exclude (name, link) from told",
                {"stream": s.id},
            )
            con.execute(
                "insert into item_detail select distinct $stream, item, name, link from told",
                {"stream": s.id},
            )
            con.unregister("told")


def _told(con: duckdb.DuckDBPyConnection, s: Stream) -> pyarrow.Table:
    """What a stream's own SQL gives; read at once, so that a mistake in it shows here."""
    try:
        return con.sql(Path(s.events_sql).read_text()).to_arrow_table()
    except (OSError, duckdb.Error) as error:
        first = str(error).splitlines()[0]
        raise CannotPublish(f"stream {s.id!r}: {s.events_sql} does not run: {first}") from None


def _data_at(con: duckdb.DuckDBPyConnection, stages: Stages, now: datetime) -> None:
    """Up to when the data goes, when the page opens, and the stream's own clock until then."""
    con.execute(
        "update stream set data_at = coalesce((select max(newest_at) from evidence "
        "join stream_source w using (source) where w.stream = stream.stream "
        "and newest_at <= $now), $now)",
        {"now": now},
    )
    if stages.opens_at == "data":
        con.execute("update stream set opens_at = data_at")
    _fill(
        con,
        "insert into day_clock by name from rows",
        [row for s in stages.streams.values() for row in _day_clock(s, now)],
    )


def _day_clock(s: Stream, now: datetime) -> list[dict]:
    """When the stream's clock runs: always, or on working days of its country and zone."""
    if s.days == "calendar":
        start = datetime(1900, 1, 1, tzinfo=UTC)
        return [dict(stream=s.id, starts_at=start, worked_us=0, working=True)]
    zone, day, worked, rows = ZoneInfo(s.time_zone), date(2000, 1, 1), timedelta(), []
    off = holidays.country_holidays(s.holidays.country, s.holidays.subdivision or None)
    while day <= now.date() + timedelta(days=400):
        start = datetime.combine(day, time(), zone).astimezone(UTC)
        working = day.weekday() < 5 and day not in off
        micros = worked // timedelta(microseconds=1)
        rows.append(dict(stream=s.id, starts_at=start, worked_us=micros, working=working))
        day += timedelta(days=1)
        if working:
            worked += datetime.combine(day, time(), zone).astimezone(UTC) - start
    return rows


def _replace(file: Path, text: str) -> None:
    """Write a small file so that a reader sees the old one or the new one, never a part."""
    new = file.with_suffix(".new")
    new.write_text(text)
    os.replace(new, file)


def _prune(folder: Path) -> None:
    """Keep the most recent publications and the last of each week, for 'as seen then'."""
    files = sorted(folder.glob("*.duckdb"))
    last_of_week = {
        datetime.strptime(file.stem, NAME).isocalendar()[:2]: file for file in files
    }.values()
    for file in set(files[:-KEEP_RECENT]) - set(last_of_week):
        file.unlink()
    # What a killed publisher left; one of the same day may be another's work in progress.
    for file in folder.glob("*.building*"):
        if file.name[:10] < files[-1].name[:10]:
            file.unlink()
