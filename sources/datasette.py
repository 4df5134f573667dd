"""A table or a query of a Datasette (0.65 or 1.0 alpha), or of the SQLite file behind one."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from settings.sources import Datasette
from sources import Reading, StopSource, TryLater
from sources.reading import event_rows, http, sqlite
from sources.reading.tables import Unreadable, as_table

PAGE = 1000  # Datasette's own largest page


def readings(settings: Datasette, cursor: dict, now: datetime) -> Iterator[Reading]:
    """One reading: the whole table or answer as it is now; with columns, its rows as changes.

    Raises TryLater when the database was replaced while being read, StopSource when the
    question can't be asked completely: a cut answer is never taken for a whole one.
    """
    ask = _Server(settings.url) if settings.url else _File(settings.file, settings.limits.seconds)
    before = ask.version()
    rows = list(_all(ask, settings))
    if ask.version() != before:
        raise TryLater("The database was replaced while it was being read: not used.")
    body = json.dumps(rows, sort_keys=True, ensure_ascii=False).encode()
    place = f"{http.place(settings)} {settings.table or 'query'}"
    digest = hashlib.sha256(body).hexdigest()
    if settings.tells == "events":
        yield _changes(settings, place, rows, now, digest)
        return
    table = as_table(
        [(line, "/".join(map(_text, key)), row) for line, (key, row) in enumerate(rows, 1)]
    )
    dates = [_time(row.get(settings.since)) for _, row in rows] if settings.since else []
    newest = max(filter(None, dates), default=None)
    yield Reading(place, now, table, newest=newest, sha256=digest)


def _changes(settings: Datasette, place: str, rows: list, now: datetime, digest: str) -> Reading:
    """The rows judged as those of a list; their line is their number in the order of the key."""
    header = list(rows[0][1]) if rows else list(settings.names.values())
    lines = ((line, row) for line, (_, row) in enumerate(rows, 1))
    try:
        kept = event_rows.judge(settings, header, lines, now)
    except Unreadable as error:
        return Reading(place, now, as_table([]), refused=str(error), sha256=digest)
    return Reading(place, now, kept.rows, newest=kept.newest, rejects=kept.rejects, sha256=digest)


def _all(ask: _Server | _File, settings: Datasette) -> Iterator[tuple[tuple, dict]]:
    """Every row with its key, page by page in the order of the key."""
    if settings.table:
        yield from _table(ask, settings.table, settings.key)
    elif settings.key:
        yield from _keyset(ask, settings.sql, settings.key)
    else:
        rows, cut = ask.rows(settings.sql, {})
        if cut:
            raise StopSource(
                f"The query's answer is cut at {len(rows)} rows: name its key columns under "
                "'key' so that it can be asked page by page."
            )
        yield from (((), _texts(row)) for row in rows)


def _table(ask: _Server | _File, table: str, key: tuple) -> Iterator[tuple[tuple, dict]]:
    """A table by its primary key, or by rowid; its rows are counted at the end."""
    name = '"' + table.replace('"', '""') + '"'
    columns, _ = ask.rows("select name, pk from pragma_table_info(:name)", {"name": table})
    if not columns:
        raise StopSource(f"There is no table {table!r} in the database.")
    own = sorted((c for c in columns if c["pk"]), key=lambda c: c["pk"])
    key = key or tuple(c["name"] for c in own) or ("rowid",)
    number = 0
    for pair in _keyset(ask, f"select rowid, * from {name}", key):
        number += 1
        yield pair
    counted, _ = ask.rows(f"select count(*) as n from {name}", {})
    if int(counted[0]["n"]) != number:
        raise TryLater(
            f"{table}: {number:,} rows read, {int(counted[0]['n']):,} counted: not used."
        )


def _keyset(ask: _Server | _File, sql: str, key: tuple) -> Iterator[tuple[tuple, dict]]:
    """An answer in pages: each begins after the last row's key, so no row is lost or doubled."""
    names = ", ".join('"' + k.replace('"', '""') + '"' for k in key)
    marks = ", ".join(f":after_{n}" for n in range(len(key)))
    first = f"select * from ({sql}) order by {names} limit {PAGE}"
    later = f"select * from ({sql}) where ({names}) > ({marks}) order by {names} limit {PAGE}"
    rows, _ = ask.rows(first, {})
    while rows:
        missing = [k for k in key if k not in rows[0]]
        if missing:
            raise StopSource(f"The answer has no column {missing[0]!r}: correct 'key'.")
        yield from ((tuple(row[k] for k in key), _texts(row)) for row in rows)
        after = [rows[-1][k] for k in key]
        if None in after:
            raise StopSource(
                f"The key {', '.join(key)} is empty in a row: name a key without gaps."
            )
        rows, _ = ask.rows(later, {f"after_{n}": value for n, value in enumerate(after)})


def server(url: str) -> _Server:
    """The database page at an address, ready to be asked. Raises StopSource or TryLater."""
    return _Server(url)


class _Server:
    """A database page of a Datasette, by address."""

    def __init__(self, url: str):
        self.url = url.rstrip("/")
        if not urlsplit(self.url).path:
            self.url = f"{self.url}/{self._only_database()}"
        self.host, _, self.database = self.url.rpartition("/")
        # 1.0 takes queries at /-/query, 0.65 at the database itself.
        self.query = f"{self.url}.json" if self._before_1() else f"{self.url}/-/query.json"

    def _before_1(self) -> bool:
        versions = self._json(f"{self.host}/-/versions.json", {})
        return str(versions["datasette"]["version"]).startswith("0.")

    def _only_database(self) -> str:
        """The server's database where it has but one. Raises StopSource, naming them, else."""
        # Those of Datasette's own begin with a line.
        names = [d["name"] for d in self._databases(self.url) if not d["name"].startswith("_")]
        if len(names) == 1:
            return names[0]
        told = ", ".join(names) or "none"
        raise StopSource(
            f"{http.redacted(self.url)} names no database: put one behind the address "
            f"(there are: {told})."
        )

    def _databases(self, host: str) -> list[dict]:
        told = self._json(f"{host}/-/databases.json", {})
        return told.get("databases", told) if isinstance(told, dict) else told

    def version(self) -> str:
        """The database's hash: it changes when the file is replaced. '' for a writable one."""
        told = self._databases(self.host)
        return str(next((d.get("hash") for d in told if d["name"] == self.database), ""))

    def rows(self, sql: str, params: dict) -> tuple[list[dict], bool]:
        """Rows and whether the answer was cut; only the 'objects' shape tells."""
        told = self._json(self.query, {"sql": sql, "_shape": "objects", **params})
        if not told.get("ok", True):
            raise StopSource(f"{self.url}: {told.get('error') or told}")
        return told["rows"], bool(told.get("truncated"))

    def _json(self, url: str, params: dict) -> Any:
        answer = http.get(url, params)
        try:
            return json.loads(answer.content)
        except ValueError:
            raise StopSource(
                f"{http.redacted(url)} is no Datasette: its answer is not JSON."
            ) from None


_MAY = "'sql' is one select of that file, within the 'limits' of the source."


class _File:
    """The SQLite file itself, read-only."""

    def __init__(self, file: str, seconds: float):
        if not Path(file).exists():
            raise StopSource(f"{file} does not exist: correct 'file'.")
        self.file = Path(file)
        try:
            self.connection = sqlite.opened(self.file, seconds)
        except sqlite3.Error as error:
            raise StopSource(f"{self.file.name}: {error}.") from None

    def version(self) -> str:
        """Size and time of the file."""
        told = self.file.stat()
        return f"{told.st_size} {told.st_mtime_ns}"

    def rows(self, sql: str, params: dict) -> tuple[list[dict], bool]:
        """Rows; an answer from the file itself is never cut."""
        try:
            return [dict(row) for row in self.connection.execute(sql, params)], False
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise StopSource(f"{self.file.name}: {error}. {_MAY}") from None


def _texts(row: dict) -> dict:
    return {name: _text(value) for name, value in row.items() if name != "rowid"}


def _text(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _time(text: str | None) -> datetime | None:
    """A row's date (UTC), if it has one that can be read."""
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
