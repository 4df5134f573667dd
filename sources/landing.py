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

import store
from sources import Reading, StopAll, fingerprint, http, shown

SNAPSHOTS = ("snapshots", "git_history")
DatabaseError = duckdb.Error
LARGEST_LOSS = 0.3  # a snapshot that loses more of its items than this is not believed
_HERE = Path(__file__).parent
_VIEWS = ("landing.sql", "stage_event.sql", "check_result.sql")


class Load(NamedTuple):
    """What saving a reading came to; counts are rows."""

    outcome: str
    rows_in: int
    accepted: int
    refused: int


@contextmanager
def opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the landing database, made if need be, its views up to date.

    Raises StopAll, saying what to do, when another process holds the file, when it is no sound
    DuckDB file, and when writing to it fails later (a full disk, say).
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        con = store.connect(path)
    except OSError as error:
        raise StopAll(f"{path.parent} can't be used as a folder: {error.strerror}.") from error
    except duckdb.Error as error:
        held = "lock on file" in str(error).lower()  # "block" is a word of damaged files
        cure = (
            "another process has it open: wait for that collector to end"
            if held
            else "it is no readable DuckDB file: move it away and collect again"
        )
        raise StopAll(f"{path} can't be opened; {cure}.") from error
    try:
        for name in _VIEWS:
            con.execute((_HERE / name).read_text())
        yield con
    except duckdb.Error as error:
        what = str(error).splitlines()[0][:200]
        raise StopAll(
            f"{path} can't be used any more ({what}); nothing half-saved was kept. See that the "
            "disk is not full; if it says so again, move the file away and collect again."
        ) from error
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


def cursor(con: duckdb.DuckDBPyConnection, settings: dict) -> dict:
    """Where the source's last saved reading said to go on; {} when its settings have changed."""
    told = _one(
        con,
        "select max_by(cursor, load_id) from load where source = $source and outcome <> 'failed'",
        {"source": settings["name"]},
    )
    kept = json.loads(told) if told else {}
    return kept if kept.pop("settings", None) == fingerprint(settings) else {}


def _going_on(settings: dict, reading: Reading) -> str:
    return json.dumps({"settings": fingerprint(settings), **reading.cursor})


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
    """Save a reading, its rejects and its cursor in one transaction; None if it was here before.

    A snapshot is held against the newest accepted one that was seen before it, whatever the order
    of loading; another of the very same instant takes its place.
    """
    if _seen_before(con, settings, reading):
        _move_on(con, settings, reading)
        return None
    con.begin()
    try:
        load_id = _one(con, _NEXT)
        refused = reading.refused or _loss(con, settings, reading)
        _make_room(con, settings, reading, bool(refused))
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
    """A list or table that has not changed, or a snapshot of the same instant, read alike."""
    last = con.execute(
        "select sha256, cursor->>'settings' from load where source = $source "
        "and outcome in ('accepted', 'refused') "
        "and if($at_instant, seen_at = $seen_at, place = $place) order by load_id desc limit 1",
        {
            "source": settings["name"],
            "place": reading.place,
            "seen_at": reading.seen_at,
            "at_instant": settings["kind"] in SNAPSHOTS,
        },
    ).fetchall()
    return bool(reading.sha256) and last == [(reading.sha256, fingerprint(settings))]


def _move_on(con, settings: dict, reading: Reading) -> None:
    """Keep the cursor of an unchanged answer: the next run need not ask for it again."""
    if reading.cursor != cursor(con, settings):
        con.execute(
            "update load set cursor = $cursor where load_id = "
            "(select max(load_id) from load where source = $source and outcome <> 'failed') "
            "and (cursor->>'settings') = $settings",
            {
                "source": settings["name"],
                "cursor": _going_on(settings, reading),
                "settings": fingerprint(settings),
            },
        )


def _loss(con, settings: dict, reading: Reading) -> str:
    """Why a snapshot is not believed: it lost too many of the items of the one before it."""
    if settings["kind"] not in SNAPSHOTS:
        return ""
    con.register("incoming", reading.rows)
    # The item column may have been corrected since: the rows are asked, not their old key.
    had, lost = con.execute(
        "with had as (select coalesce(nullif(trim(row->>$item), ''), key) as item from raw "
        "where load_id = (select load_id from load where source = $source "
        "and outcome = 'accepted' and seen_at < $seen_at order by seen_at desc limit 1)) "
        "select count(*), count(*) filter (item not in (select item from incoming)) from had",
        {
            "source": settings["name"],
            "seen_at": reading.seen_at,
            "item": settings.get("columns", {}).get("item", "item"),
        },
    ).fetchall()[0]
    con.unregister("incoming")
    if not had or lost <= settings.get("largest_loss", LARGEST_LOSS) * had:
        return ""
    return f"{lost} of the {had} items of the answer before are missing: not believed (largest_loss allows more)."


def _make_room(con, settings: dict, reading: Reading, refused: bool) -> None:
    """Forget what this reading takes the place of; a refused one only a snapshot of its instant."""
    source, place = {"source": settings["name"]}, {"place": reading.place}
    if settings["kind"] in SNAPSHOTS:
        instant = source | {"seen_at": reading.seen_at}
        old = [load_id for (load_id,) in con.execute(_SAME_INSTANT, instant).fetchall()]
        for forget in _FORGET_LOADS * bool(old):
            con.execute(forget, {"old": old})
    elif settings["kind"] == "pipeline_logs" and not refused:
        # A file that changed brings all its rows again: they take the place of its old ones.
        con.execute(
            "delete from raw_log where source = $source and load_id in "
            "(select load_id from load where source = $source and place = $place)",
            source | place,
        )
        con.execute("delete from reject where source = $source and place = $place", source | place)
    elif reading.replaces and not refused:
        con.execute("delete from raw where source = $source", source)
        con.execute("delete from reject where source = $source", source)


_SAME_INSTANT = (
    "select load_id from load where source = $source and seen_at = $seen_at "
    "and outcome in ('accepted', 'refused')"
)
_FORGET_LOADS = (
    "delete from raw where load_id in $old",
    "delete from reject where load_id in $old",
    "delete from load where load_id in $old",
)


def _save_rows(con, settings: dict, reading: Reading, load_id: int) -> None:
    numbers = {"source": settings["name"], "load_id": load_id}
    con.register("incoming", reading.rows)
    if settings["kind"] == "pipeline_logs":
        insert = "insert into raw_log by name select $source as source, $load_id as load_id, * from incoming"
    else:
        insert = "insert into raw select $source, $load_id, line, item, row::json from incoming"
    con.execute(insert, numbers)
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
            "cursor": _going_on(settings, reading),
            "body": reading.body,
        },
    )
