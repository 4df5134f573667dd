"""A table or a query of a Datasette (0.65 or 1.0 alpha), or of the SQLite file behind one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pyarrow

from settings.sources import Datasette
from sources import Reading, Reject, StopSource, TryLater
from sources.reading import http
from sources.reading.databases import File, Server
from sources.reading.event_rows import Judge
from sources.reading.pages import Digest, Seen
from sources.reading.tables import Unreadable, as_table

PAGE = 1000  # Datasette's own largest page
REJECT = 500  # bytes that a row kept with its reason takes
Row = tuple[tuple, dict]  # its key, and all its columns
Page = tuple[tuple, list[Row]]  # the columns of the key, and rows


def readings(settings: Datasette, cursor: dict, now: datetime) -> Iterator[Reading]:
    """One reading: the whole table or answer as it is now; with columns, its rows as changes.

    Raises TryLater when the database was replaced while being read, StopSource when the
    question can't be asked completely: a cut answer is never taken for a whole one.
    """
    ask = Server(settings) if settings.url else File(settings)
    before = ask.version()
    kept = _Kept(settings, now)
    for names, page in _all(ask, settings):
        ask.pages.keep(ask.shown, len(page), kept.take(names, page))
        if kept.refused:
            break
    if ask.version() != before:
        raise TryLater("The database was replaced while it was being read: not used.")
    yield kept.reading(f"{http.place(settings)} {settings.table or 'query'}")


class _Kept:
    """The rows that were told, judged and packed page by page; their line is their number in the
    order of the key."""

    def __init__(self, settings: Datasette, now: datetime):
        self.settings, self.now = settings, now
        self.header: list[str] = []
        self.tables: list[pyarrow.Table] = []
        self.judge: Judge | None = None
        self.rejects: list[Reject] = []
        self.newest: datetime | None = None
        self.refused = ""
        self.lines = 0
        self.digest = Digest(sort_keys=True, ensure_ascii=False)

    def take(self, names: tuple, page: list[Row]) -> int:
        """Keeps a page of rows, their key of these columns; gives how many bytes it takes."""
        self.header = self.header or list(page[0][1] if page else ())
        good: list = []
        told: list = []
        rejects = len(self.rejects)
        for key, row in page:
            self.lines += 1
            if all(map(_tells_apart, key)):
                told.append((key, row))
                good.append((self.lines, "/".join(map(_text, key)), row))
            else:
                told.append((tuple(map(_text, key)), row))
                self.rejects.append(_no_key(self.lines, names, key))
        self.digest.add(told)
        kept = self._changes(good) if self.settings.tells == "events" else self._rows(good)
        return kept.get_total_buffer_size() + REJECT * (len(self.rejects) - rejects)

    def _rows(self, rows: list) -> pyarrow.Table:
        if since := self.settings.since:
            times = [self.newest, *(_time(row.get(since)) for _, _, row in rows)]
            self.newest = max(filter(None, times), default=None)
        self.tables.append(as_table(rows))
        return self.tables[-1]

    def _changes(self, rows: list) -> pyarrow.Table:
        """Judged as those of a list."""
        try:
            self.judge = self.judge or self._judge()
            told = self.judge.take((n, row) for n, _, row in rows)
        except Unreadable as error:
            self.refused = str(error)
            return as_table([])
        self.judge.kept.rows.add(told)
        self.newest = self.judge.newest
        return told

    def _judge(self) -> Judge:
        header = self.header or list(self.settings.names.values())
        return Judge(self.settings, header, self.now, self.rejects)

    def reading(self, place: str) -> Reading:
        """All of it. Of a list that can't be used only why."""
        sha256 = self.digest.text()
        if self.refused:
            return Reading(place, self.now, as_table([]), refused=self.refused, sha256=sha256)
        rows = pyarrow.concat_tables([as_table([]), *self.tables])
        if self.settings.tells == "events":
            rows = (self.judge or self._judge()).kept.rows.told()
        return Reading(
            place, self.now, rows, newest=self.newest, rejects=self.rejects, sha256=sha256
        )


def _all(ask: Server | File, settings: Datasette) -> Iterator[Page]:
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
        yield (), [((), _texts(row)) for row in rows]


def _table(ask: Server | File, table: str, key: tuple) -> Iterator[Page]:
    """A table by its primary key, or by rowid; its rows are counted at the end."""
    name = '"' + table.replace('"', '""') + '"'
    columns, _ = ask.rows("select name, pk from pragma_table_info(:name)", {"name": table})
    if not columns:
        raise StopSource(f"There is no table {table!r} in the database.")
    told = [(c.get("pk"), c.get("name")) for c in columns]
    if not all(isinstance(pk, int) and isinstance(column, str) for pk, column in told):
        raise ask.odd("it does not tell a table's columns")
    key = key or tuple(column for _, column in sorted(c for c in told if c[0])) or ("rowid",)
    number = 0
    for names, page in _keyset(ask, f"select rowid, * from {name}", key):
        number += len(page)
        yield names, page
    rows, _ = ask.rows(f"select count(*) as n from {name}", {})
    counted = rows[0].get("n") if rows else None
    if counted != number:
        raise TryLater(f"{table}: {number:,} rows read, {counted} counted: not used.")


def _keyset(ask: Server | File, sql: str, key: tuple) -> Iterator[Page]:
    """An answer in pages: each begins after the last row's key, so no row is lost or doubled."""
    names = ", ".join('"' + k.replace('"', '""') + '"' for k in key)
    first = f"select * from ({sql}) order by {names} limit {PAGE}"
    rows, _ = ask.rows(first, {})
    seen = Seen()
    while rows:
        missing = [k for k in key if k not in rows[0]]
        if missing:
            raise StopSource(f"The answer has no column {missing[0]!r}: correct 'key'.")
        yield key, [(tuple(row.get(k) for k in key), _texts(row)) for row in rows]
        after = [rows[-1].get(k) for k in key]
        if not all(map(_tells_apart, after)):
            raise StopSource(
                f"The key {', '.join(key)} is empty in a row, or no text or number: name a key "
                "without gaps."
            )
        seen.once(after, ask.shown)
        marks = ", ".join(_mark(n, value) for n, value in enumerate(after))
        later = f"select * from ({sql}) where ({names}) > ({marks}) order by {names} limit {PAGE}"
        rows, _ = ask.rows(later, {f"after_{n}": value for n, value in enumerate(after)})


def _mark(number: int, value: Any) -> str:
    """Where a value of a key stands in a question, of its own type: a server is given it as text,
    which comes after every number. The plus keeps the cast from changing what it is compared with."""
    if isinstance(value, str):
        return f":after_{number}"
    return f"+cast(:after_{number} as {'integer' if isinstance(value, int) else 'real'})"


def _no_key(line: int, names: tuple, key: tuple) -> Reject:
    name, value = next(one for one in zip(names, key, strict=True) if not _tells_apart(one[1]))
    reason = "no key: it is empty, or neither a text nor a number"
    return Reject(line, name, (_text(value) or "")[:200], reason)


def _tells_apart(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _texts(row: dict) -> dict:
    told = {
        name: value if type(value) is str or value is None else _text(value)
        for name, value in row.items()
    }
    told.pop("rowid", None)
    return told


def _text(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if value is None or isinstance(value, str):
        return value
    return str(value) if type(value) is int else json.dumps(value)  # the same, sooner


def _time(text: str | None) -> datetime | None:
    """A row's date (UTC), if it has one that can be read."""
    try:
        at = datetime.fromisoformat(text or "")
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
