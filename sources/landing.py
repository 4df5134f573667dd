"""The landing database: every answer as it came, saved whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow

from sources import Reading, StopAll, http, shown

SNAPSHOTS = ("snapshots", "git_history")
LARGEST_LOSS = 0.3  # a snapshot that loses more of its items than this is not believed
_HERE = Path(__file__).parent


class Load(NamedTuple):
    """What saving a reading came to; counts are rows."""

    outcome: str
    rows_in: int
    accepted: int
    refused: int


@contextmanager
def opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the landing database, made if need be, its views up to date.

    Raises StopAll when another process holds the file or it is no DuckDB file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        con = duckdb.connect(str(path))
    except duckdb.IOException as error:
        held = "lock" in str(error).lower()
        cure = (
            "another process has it open: wait for that collector to end"
            if held
            else "it is no readable DuckDB file: move it away and collect again"
        )
        raise StopAll(f"{path} can't be opened; {cure}.") from error
    try:
        con.execute("set global TimeZone = 'UTC'")
        for name in ("landing.sql", "stage_event.sql", "check_result.sql"):
            con.execute((_HERE / name).read_text())
        yield con
    finally:
        con.close()


def describe(con: duckdb.DuckDBPyConnection, settings: dict) -> None:
    """Keep a source's settings beside its rows, for the views."""
    fields = ["item", "status", "since", "from", "sequence", "blocked", "name", "link"]
    columns = {name: name for name in fields} | settings.get("columns", {})
    if settings.get("precision"):
        columns["told"] = settings["precision"]
    con.execute(
        "insert or replace into source values ($name, $kind, $columns, $zone)",
        {
            "name": settings["name"],
            "kind": settings["kind"],
            "columns": json.dumps(columns),
            "zone": settings.get("time_zone", "UTC"),
        },
    )


def cursor(con: duckdb.DuckDBPyConnection, source: str) -> dict:
    """Where the source's last saved reading said to go on."""
    told = _one(
        con,
        "select max_by(cursor, load_id) from load where source = $source and outcome <> 'failed'",
        {"source": source},
    )
    return json.loads(told) if told else {}


def newest(con: duckdb.DuckDBPyConnection, source: str) -> datetime | None:
    """The newest thing the source has told (UTC)."""
    told = _one(
        con,
        "select epoch(max(newest)) from load where source = $source and outcome = 'accepted'",
        {"source": source},
    )
    return None if told is None else datetime.fromtimestamp(told, UTC)


def save(
    con: duckdb.DuckDBPyConnection, settings: dict, reading: Reading, now: datetime, seconds: float
) -> Load | None:
    """Save a reading, its rejects and its cursor in one transaction; None if it was here before."""
    if _seen_before(con, settings, reading):
        return None
    con.begin()
    try:
        refused = reading.refused or _loss(con, settings, reading)
        load_id = _one(con, _NEXT)
        if not refused:
            _save_rows(con, settings, reading, load_id)
        _save_rejects(con, settings, reading, load_id)
        accepted = 0 if refused else reading.rows.num_rows
        load = Load(
            "refused" if refused else "accepted",
            reading.rows.num_rows + len(reading.rejects),
            accepted,
            len(reading.rejects) + (reading.rows.num_rows if refused else 0),
        )
        _save_load(con, settings, reading, load_id, load, refused, now, seconds)
        con.commit()
    except BaseException:
        con.rollback()
        raise
    return load


def fail(
    con: duckdb.DuckDBPyConnection, settings: dict, reason: str, now: datetime, seconds: float
) -> None:
    """Note an attempt that brought no answer."""
    place = http.redacted(settings.get("url", "")) or shown(
        settings, settings.get("repository") or settings.get("file") or ""
    )
    nothing = Reading(place, now, pyarrow.table({}))
    load_id = _one(con, _NEXT)
    _save_load(con, settings, nothing, load_id, Load("failed", 0, 0, 0), reason, now, seconds)


_NEXT = "select coalesce(max(load_id), 0) + 1 from load"


def _one(con, query: str, params: dict | None = None) -> object:
    # All rows are fetched: an answer left unfinished would hold the connection.
    return con.execute(query, params or {}).fetchall()[0][0]


def _seen_before(con, settings: dict, reading: Reading) -> bool:
    """A list or table that has not changed; a snapshot of the same instant."""
    at_instant = settings["kind"] in SNAPSHOTS
    return (
        _one(
            con,
            "select count(*) from (select sha256, seen_at from load where source = $source "
            "and place = $place and outcome in ('accepted', 'refused') "
            "and (not $at_instant or seen_at = $seen_at) order by load_id desc limit 1) "
            "where sha256 = $sha256 and sha256 <> ''",
            {
                "source": settings["name"],
                "place": reading.place,
                "seen_at": reading.seen_at,
                "at_instant": at_instant,
                "sha256": reading.sha256,
            },
        )
        > 0
    )


def _loss(con, settings: dict, reading: Reading) -> str:
    """Why a snapshot is not believed: it lost too many of the items of the one before it."""
    if settings["kind"] not in SNAPSHOTS or not reading.rows.num_rows:
        return ""
    con.register("incoming", reading.rows)
    had, lost = con.execute(
        "select count(*), count(*) filter (key not in (select item from incoming)) from raw "
        "where load_id = (select load_id from load where source = $source "
        "and outcome = 'accepted' and seen_at < $seen_at order by seen_at desc limit 1)",
        {"source": settings["name"], "seen_at": reading.seen_at},
    ).fetchall()[0]
    con.unregister("incoming")
    if not had or lost <= LARGEST_LOSS * had:
        return ""
    return f"{lost} of the {had} items of the answer before are missing: not believed."


def _save_rows(con, settings: dict, reading: Reading, load_id: int) -> None:
    numbers = {"source": settings["name"], "load_id": load_id}
    con.register("incoming", reading.rows)
    if settings["kind"] == "pipeline_logs":
        # A file that changed brings all its rows again: they take the place of its old ones.
        con.execute(
            "delete from raw_log where source = $source and load_id in "
            "(select load_id from load where source = $source and place = $place)",
            {"source": settings["name"], "place": reading.place},
        )
        con.execute(
            "insert into raw_log by name select $source as source, $load_id as load_id, * "
            "from incoming",
            numbers,
        )
    else:
        if reading.replaces:
            con.execute("delete from raw where source = $source", {"source": settings["name"]})
        con.execute(
            "insert into raw select $source, $load_id, line, item, row::json from incoming", numbers
        )
    con.unregister("incoming")


def _save_rejects(con, settings: dict, reading: Reading, load_id: int) -> None:
    if not reading.rejects:
        return
    rows = [
        {"line": r.line, "field": r.field, "value": r.value, "reason": r.reason}
        for r in reading.rejects
    ]
    con.register("incoming", pyarrow.Table.from_pylist(rows))
    con.execute(
        "insert into reject by name select $source as source, $load_id as load_id, "
        "$place as place, * from incoming",
        {"source": settings["name"], "load_id": load_id, "place": reading.place},
    )
    con.unregister("incoming")


def _save_load(con, settings, reading, load_id, load: Load, reason, now, seconds) -> None:
    con.execute(
        "insert into load values ($load_id, $source, $kind, $place, $seen_at, $now, $seconds, "
        "$outcome, $reason, $note, $rows_in, $accepted, $refused, $newest, $sha256, $cursor, $body)",
        {
            "load_id": load_id,
            "source": settings["name"],
            "kind": settings["kind"],
            "place": reading.place,
            "seen_at": reading.seen_at,
            "now": now,
            "seconds": seconds,
            "outcome": load.outcome,
            "reason": reason,
            "note": reading.note,
            "rows_in": load.rows_in,
            "accepted": load.accepted,
            "refused": load.refused,
            "newest": reading.newest,
            "sha256": reading.sha256,
            "cursor": json.dumps(reading.cursor),
            "body": reading.body,
        },
    )
