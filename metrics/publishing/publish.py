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
import pyarrow

from metrics.catalogue import all_figures, version
from metrics.publishing import ahead, checked, goals, keeping, own_sql, settings_tables
from metrics.publishing.landing import CannotPublish as CannotPublish
from metrics.publishing.landing import attach, check
from metrics.publishing.macros import Macros
from metrics.shelf import FOLDER, NAME, POINTER, REFUSAL, current
from settings import at_work, database, disk
from settings.stages import Stages
from settings.streams import Stream

MODEL = Path(__file__).parent.parent / "model"
# In the order of their numbers, whichever folder they are in.
STEPS = sorted(MODEL.rglob("*.sql"), key=lambda file: file.name)
LAST_BY_HAND = "04_evidence.sql"  # up to here Python fills tables between the steps


# The memory that DuckDB takes: so many MB, and so many times the landing database. What is more goes to
# a folder beside the new file; a million items take hardly longer so (docs/performance.md).
MEGABYTES, TIMES = 1_000, 5


class Published(NamedTuple):
    """What came of publishing: the new file, or the reasons why the last good one stays."""

    file: Path
    ok: bool
    reasons: list[str]


def publish(stages: Stages, data: Path, now: datetime) -> Published:
    """Build a publication from data/landing.duckdb and make it current if it reconciles.

    `now` (with a zone) names the file. A publication that does not reconcile is dropped, its
    reasons are kept for the pages and the last good one stays current. Raises CannotPublish when
    nothing was collected, a collector is writing, a stream's own SQL does not run, the disk does
    not hold what was written, or our own SQL can't reckon with what was collected.
    """
    if not (data / "landing.duckdb").exists():
        raise CannotPublish(f"Nothing is collected in {data} yet: run 'valuestream collect'.")
    try:
        with at_work.at_work(data, "publishing"):
            (data / FOLDER).mkdir(exist_ok=True)
            keeping.clear(data / FOLDER)
            return _publish(stages, data, now)
    except at_work.InUse as error:
        raise CannotPublish(str(error)) from None
    except (duckdb.Error, OSError) as error:
        check(data / "landing.duckdb")  # which says so if it is the one that can't be read
        if isinstance(error, duckdb.ProgrammingError):
            raise  # a mistake in our own SQL
        raise CannotPublish(_not_written(error, data)) from error


def _publish(stages: Stages, data: Path, now: datetime) -> Published:
    folder = data / FOLDER
    file = folder / f"{now.astimezone(UTC).strftime(NAME)}.duckdb"
    aside = file.with_suffix(keeping.BUILDING)
    try:
        reasons = _bounded(stages, data / "landing.duckdb", _before(data), aside, now)
        if reasons:
            keeping.replace(
                folder / REFUSAL, json.dumps({"at": now.isoformat(), "reasons": reasons})
            )
            return Published(file, False, reasons)
        os.replace(aside, file)
        try:
            keeping.replace(folder / POINTER, file.name)
        except OSError:
            file.unlink()  # nobody would be shown it, and it takes the room that lacked
            raise
    finally:
        keeping.clear(folder)
    (folder / REFUSAL).unlink(missing_ok=True)
    keeping.prune(folder, file)
    return Published(file, True, [])


def _not_written(error: Exception, data: Path) -> str:
    if not data.exists():
        return f"{data} is gone: it was removed while it was published. Collect and publish again."
    why = str(error).splitlines()[0].rstrip(".")
    if isinstance(error, _OURS):
        return (
            f"The publication could not be worked out: {why}. That is a fault of the program and not "
            "of the data or the disk. Please report it; what was published before stays."
        )
    cure = "let this user write there" if disk.closed(why) else "make room"
    return (
        f"The publication could not be written: {why}. What was published before stays; {cure} and "
        "publish again."
    )


# Numbers and times with which our own SQL can't reckon, rows that break its rules, and what DuckDB
# itself gets wrong or does not have: more room on the disk cures none of them.
_OURS = (duckdb.DataError, duckdb.IntegrityError, duckdb.InternalError, duckdb.NotSupportedError)


def _bounded(
    stages: Stages, landing: Path, before: Path | None, file: Path, now: datetime
) -> list[str]:
    """Build within the memory that such a landing database should need. Not all that DuckDB does can
    give way: where that is too little, once more with what DuckDB takes by itself."""
    memory = f"{MEGABYTES + TIMES * landing.stat().st_size // 1_000_000}MB"
    try:
        return _build(stages, landing, before, file, now, memory)
    except (duckdb.OutOfMemoryException, duckdb.TransactionException):  # so when it commits
        keeping.clear(file.parent)
        return _build(stages, landing, before, file, now)


def _build(
    stages: Stages, landing: Path, before: Path | None, file: Path, now: datetime, memory: str = ""
) -> list[str]:
    """Build the model and the figures in a new file; the rules that do not hold, in words."""
    macros = Macros(file)
    with (
        own_sql.answered(stages, landing) as told,
        database.connect(file, memory=memory, spill=True) as con,
    ):
        attach(con, landing)
        for name in ("00_words.sql", "01_goals.sql", "01_map.sql", "01_settings.sql"):
            macros.run(con, (MODEL / "build" / name).read_text())
        _asked(con, now)
        settings_tables.fill(con, stages)
        goals.fill(con, stages)
        checked.gather(con, before)
        _own(con, stages, told)
        macros.run(con, (MODEL / "build/04_evidence.sql").read_text())
        _data_at(con, stages, now)
        for step in STEPS:
            if step.name > LAST_BY_HAND:
                macros.run(con, step.read_text())
        for figure in all_figures().values():
            if figure.sql:
                macros.run(con, figure.sql)
                macros.run(con, figure.comment)
        con.execute("create table made_by as select $version as version", {"version": version()})
        wrong = con.execute(
            "select rule, stream, expected, found from reconciliation where expected <> found"
        ).fetchall()
        goals.course(con, now)
        ahead.keep(con, now)
        con.execute("detach landing")
        macros.keep(con, file.with_suffix(f"{keeping.BUILDING}-macros"))
        con.execute("checkpoint")  # closing would keep to itself that the disk is full
        written = _counted(con)
    with database.connect(file, read_only=True) as con:
        if _counted(con) != written:
            raise OSError("what was written is not what can be read again")
    return [
        f"{stream}: {rule} does not hold: {expected:,} against {found:,}."
        for rule, stream, expected, found in wrong
    ]


def _before(data: Path) -> Path | None:
    try:
        return current(data)
    except FileNotFoundError:
        return None


def _counted(con: duckdb.DuckDBPyConnection) -> list[tuple]:
    """How many rows each table has, in one question; the names are our own."""
    return con.execute(con.execute(_COUNTS).fetchall()[0][0]).fetchall()


_COUNTS = """
select string_agg(format('select ''{}'', count(*) from {}', table_name, table_name), ' union all '
                  order by table_name)
from duckdb_tables() where database_name = current_database()
"""


def _asked(con: duckdb.DuckDBPyConnection, now: datetime) -> None:
    """When each source answered in full, with something new or not: the last time of each day. A
    landing database of an earlier version knows only the last of all. What a clock since set back
    dates to come says nothing of today: a source that is silent would be fresh until that day."""
    con.execute("create table asked as select source, asked_at from landing.source "
                "where asked_at is not null")  # fmt: skip
    kept = "from duckdb_tables() where database_name = 'landing' and table_name = 'ask'"
    if con.execute(kept).fetchall():
        con.execute("insert into asked from landing.ask")
    late = "delete from asked where asked_at > $now::timestamptz + interval 1 day"
    con.execute(late, {"now": now})


def _own(con: duckdb.DuckDBPyConnection, stages: Stages, told: dict[str, pyarrow.Table]) -> None:
    """What the subjects of processes are called, whose they are and since when they are in service;
    every event of every source of a stream, and what each item is called."""
    for p in stages.processes.values():
        if p.subjects_sql:
            own_sql.subjects(con, p.id, p.subjects_sql, told[f"process {p.id!r}"])
    con.execute((MODEL / "build/03_collected.sql").read_text())
    for s in stages.streams.values():
        if s.events_sql:
            own_sql.events(con, s.id, s.events_sql, told[f"stream {s.id!r}"])


def _data_at(con: duckdb.DuckDBPyConnection, stages: Stages, now: datetime) -> None:
    """Up to when the data goes, when the page opens, and the stream's own clock until then."""
    con.execute(
        "update stream set data_at = coalesce((select max(told_until) from heard_at($now) as heard "
        "where heard.stream = stream.stream), $now)",
        {"now": now},
    )
    con.execute(_PROCESS_DATA_AT)
    if stages.opens_at == "data":
        con.execute("update stream set opens_at = data_at")
        con.execute("update process_group set opens_at = data_at")
    settings_tables.insert(
        con,
        "insert into day_clock by name from rows",
        [row for s in stages.streams.values() for row in _day_clock(s, now)],
    )


_PROCESS_DATA_AT = """
update process_group g set data_at = d.data_at from (
    select p.process_group, least(max(make_timestamptz(s.last_us)),
                                  max(w.covers_until) - interval 1 microsecond) as data_at
    from check_slot s join check_process p using (process_no)
    join process_source w on w.process_group = p.process_group group by p.process_group
) d where d.process_group = g.process_group
"""


def _day_clock(s: Stream, now: datetime) -> list[dict]:
    """When the stream's clock runs: always, or on working days of its country and zone."""
    if s.days == "calendar":
        start = datetime(1900, 1, 1, tzinfo=UTC)
        return [dict(stream=s.id, starts_at=start, worked_us=0, working=True)]
    zone, day, worked, rows = ZoneInfo(s.time_zone), date(2000, 1, 1), timedelta(), []
    whose = s.holidays
    off = holidays.country_holidays(whose.country, whose.subdivision or None) if whose else {}
    while day <= now.date() + timedelta(days=400):
        start = datetime.combine(day, time(), zone).astimezone(UTC)
        working = day.weekday() < 5 and day not in off
        micros = worked // timedelta(microseconds=1)
        rows.append(dict(stream=s.id, starts_at=start, worked_us=micros, working=working))
        day += timedelta(days=1)
        if working:
            worked += datetime.combine(day, time(), zone).astimezone(UTC) - start
    return rows
