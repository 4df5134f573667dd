"""The landing database: every answer as it came, saved whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow

from settings import at_work, database, redaction
from settings.sources import Source
from sources import Reading, StopAll, fingerprint, storable
from sources.landing import replacing, rows, schema, trouble
from sources.landing.replacing import Load
from sources.reading import http

DatabaseError = duckdb.Error
INTERRUPTED = "Query interrupted"  # what DuckDB makes of an exception of a signal's


@contextmanager
def opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the landing database, made if need be, its views up to date.

    Raises StopAll, saying what to do, when another process is at work there, when the file is no
    sound DuckDB file, and when it can't be written to, now or later (a full disk, say).
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with at_work.at_work(path.parent, "collecting"), _connected(path) as con:
            yield con
            if not path.exists():
                raise StopAll(f"{path} {trouble.GONE}")
    except at_work.InUse as error:
        raise StopAll(str(error)) from error
    except OSError as error:
        raise StopAll(trouble.of_folder(error, path.parent)) from error
    except duckdb.Error as error:
        raise StopAll(f"{path} {trouble.said(error, path)}") from error


@contextmanager
def _connected(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    if not path.exists():
        _make(path)
    with closing(database.connect(path)) as con:
        # What does not fit is put aside beside the file. What is read meanwhile takes as much again.
        con.execute("set memory_limit = '200MB'")
        # Nobody else has it open: what was put aside there was so by one that was killed.
        at_work.clear([path.with_name(f"{path.name}.tmp")])
        schema.bring_up_to_date(con)
        yield con


def _make(path: Path) -> None:
    """An empty database, whole at once: one of which a part is written can't be opened again."""
    new = path.with_name(f"{path.name}.new")
    left = [new, path.with_name(f"{new.name}.wal")]
    at_work.clear(left)
    try:
        database.connect(new).close()
        os.replace(new, path)
    finally:
        at_work.clear(left)


def describe(con: duckdb.DuckDBPyConnection, settings: Source, taken: bool = False) -> None:
    """Keep a source's settings beside its rows, for the views. A list's are those by which its rows
    were taken: those that stay, because newer ones were refused, are read as they were."""
    told = settings.model_dump()
    precision = getattr(settings, "precision", "")
    columns = settings.names | ({"told": precision} if precision else {})
    con.execute(
        _NOTED if settings.tells == "events" and not taken else _DESCRIBED,
        {
            "name": settings.name,
            "kind": settings.kind,
            "columns": json.dumps(columns),
            "zone": told.get("time_zone") or "UTC",
        },
    )


_NOTED = (
    "insert into source (source, kind, columns, time_zone) values ($name, $kind, $columns, $zone) "
    "on conflict do nothing"
)
_DESCRIBED = _NOTED.replace(
    "nothing", "update set kind = $kind, columns = $columns, time_zone = $zone"
)


def cursor(con: duckdb.DuckDBPyConnection, settings: Source) -> dict:
    """Where the source's last saved reading said to go on; {} when its settings have changed, and
    after a list or table that was refused: its rows are not there to go on after."""
    told = con.execute(
        "select cursor, outcome from load where source = $source and outcome <> 'failed' "
        "order by load_id desc limit 1",
        {"source": settings.name},
    ).fetchall()
    text, outcome = told[0] if told else (None, "")
    gone = outcome == "refused" and settings.tells in ("events", "rows")
    kept = json.loads(text) if text and not gone else {}
    return kept if kept.pop("settings", None) == fingerprint(settings) else {}


def _going_on(settings: Source, reading: Reading) -> str:
    return json.dumps({"settings": fingerprint(settings), **reading.cursor})


def newest(con: duckdb.DuckDBPyConnection, settings: Source) -> datetime | None:
    """The newest thing the source has told (UTC) since it is of its kind."""
    told = _one(
        con,
        "select epoch(max(newest)) from load "
        "where source = $source and kind = $kind and outcome = 'accepted'",
        {"source": settings.name, "kind": settings.kind},
    )
    return None if told is None else datetime.fromtimestamp(told, UTC)


def not_believed(con: duckdb.DuckDBPyConnection, source: str, now: datetime) -> str:
    """Why the newest whole answer of a source was refused; "" where it was taken, or none came. One
    that a clock since set back dates to come is not the newest."""
    told = con.execute(
        "select outcome, reason from load where source = $source "
        "and outcome in ('accepted', 'refused') and seen_at <= $now::timestamptz + interval 1 day "
        "order by seen_at desc, load_id desc limit 1",
        {"source": source, "now": now},
    ).fetchall()
    return told[0][1] if told and told[0][0] == "refused" else ""


def save(
    con: duckdb.DuckDBPyConnection,
    settings: Source,
    reading: Reading,
    now: datetime,
    seconds: float,
) -> Load | None:
    """Save a reading, its rejects and its cursor in one transaction; None if it was here before.

    A snapshot is held against the newest accepted one that was seen before it, whatever the order
    of loading; another of the very same instant takes its place.
    """
    if replacing.seen_before(con, settings, reading):
        _move_on(con, settings, reading)
        return None
    con.begin()
    try:
        load_id = _one(con, _NEXT)
        refused = reading.refused or replacing.loss(con, settings, reading)
        replacing.make_room(con, settings, reading, bool(refused), load_id)
        if not refused:
            rows.save(con, settings, reading, load_id)
            describe(con, settings, taken=True)
        _save_rejects(con, settings, reading, load_id)
        load = _counted(reading, bool(refused))
        whole = replacing.added_to(con, settings, load) if reading.adds else load
        _save_load(con, settings, reading, load_id, whole, refused, now, seconds)
        con.commit()
    except BaseException:
        with suppress(duckdb.Error):  # what could not be committed is undone already
            con.rollback()
        raise
    return load


def _counted(reading: Reading, refused: bool) -> Load:
    rows, rejects = reading.rows.num_rows, len(reading.rejects)
    if refused:
        return Load("refused", rows + rejects, 0, rows + rejects)
    return Load("accepted", rows + rejects, rows, rejects)


def answered(con: duckdb.DuckDBPyConnection, settings: Source, now: datetime) -> None:
    """Note that the source has just answered in full, with something new or not: what it did not
    tell of was not there. Nothing is noted while its newest answer is one that was refused."""
    if not_believed(con, settings.name, now):
        return
    asked = {"source": settings.name, "now": now}
    con.begin()
    con.execute("update source set asked_at = $now where source = $source", asked)
    con.execute(
        "delete from ask where source = $source and asked_at::date = $now::timestamptz::date", asked
    )
    con.execute("insert into ask values ($source, $now)", asked)
    con.commit()


def fail(
    con: duckdb.DuckDBPyConnection, settings: Source, reason: str, now: datetime, seconds: float
) -> None:
    """Note an attempt that brought no answer."""
    nothing = Reading(http.place(settings), now, pyarrow.table({}))
    load_id = _one(con, _NEXT)
    _save_load(con, settings, nothing, load_id, Load("failed", 0, 0, 0), reason, now, seconds)


_NEXT = "select coalesce(max(load_id), 0) + 1 from load"


def _one(con, query: str, params: dict | None = None) -> Any:
    # All rows are fetched: an answer left unfinished would hold the connection.
    return con.execute(query, params or {}).fetchall()[0][0]


def _move_on(con, settings: Source, reading: Reading) -> None:
    """Keep the cursor of an unchanged answer: the next run need not ask for it again."""
    if reading.cursor != cursor(con, settings):
        con.execute(
            "update load set cursor = $cursor where load_id = "
            "(select max(load_id) from load where source = $source and outcome <> 'failed') "
            "and (cursor->>'settings') = $settings",
            {
                "source": settings.name,
                "cursor": _going_on(settings, reading),
                "settings": fingerprint(settings),
            },
        )


def _save_rejects(con, settings: Source, reading: Reading, load_id: int) -> None:
    if not reading.rejects:
        return
    clean = storable if reading.cleaned else _clean(settings)
    told = [
        dict(line=r.line, field=clean(r.field), value=clean(r.value), reason=clean(r.reason))
        for r in reading.rejects
    ]
    con.register("incoming", pyarrow.Table.from_pylist(told))
    con.execute(
        "insert into reject by name select $source as source, $load_id as load_id, "
        "$place as place, * from incoming",
        {"source": settings.name, "load_id": load_id, "place": clean(reading.place)},
    )
    con.unregister("incoming")


def _clean(settings: Source) -> Callable[[str], str]:
    """Makes of a text one that can be kept: storable, and without secrets."""
    redacted = redaction.of(settings)
    return lambda text: redacted(storable(text))


def _save_load(con, settings, reading, load_id, load: Load, reason, now, seconds) -> None:
    clean = _clean(settings)
    con.execute(
        "insert into load values ($load_id, $source, $kind, $place, $seen_at, $now, $seconds, "
        "$outcome, $reason, $note, $rows_in, $accepted, $refused, $newest, $sha256, $cursor, $body, "
        "$oldest, $tells)",
        {
            "load_id": load_id,
            "source": settings.name,
            "kind": settings.kind,
            "place": clean(reading.place),
            "seen_at": reading.seen_at,
            "now": now,
            "seconds": seconds,
            "outcome": load.outcome,
            "reason": clean(reason),
            "note": clean(reading.note),
            "rows_in": load.rows_in,
            "accepted": load.accepted,
            "refused": load.refused,
            "newest": reading.newest,
            "oldest": reading.oldest,
            "sha256": reading.sha256,
            "cursor": _going_on(settings, reading),
            "body": clean(reading.body),
            "tells": settings.tells,
        },
    )
