"""A table or a query of a Datasette (0.65 or 1.0 alpha), or of the SQLite file behind one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from settings.sources import Datasette
from sources import Progress, Reading, StopSource, TryLater, fingerprint
from sources.reading import http
from sources.reading.aside import Aside
from sources.reading.databases import File, Server
from sources.reading.pages import Seen
from sources.reading.taken import Row, Taken, outdated, tells_apart, texts, time_in

PAGE = 1000  # Datasette's own largest page
Page = tuple[tuple, list[Row]]  # the columns of the key, and rows


class _Table(NamedTuple):
    """A table: its name as SQL has it, the columns that tell its rows apart, and all of them."""

    name: str
    key: tuple[str, ...]
    columns: list[str]

    @property
    def shape(self) -> list:
        """What its rows have in common, as JSON has it."""
        return [list(self.key), self.columns]


def readings(
    settings: Datasette, cursor: dict, now: datetime, aside: Aside | None = None
) -> Iterator[Reading | Progress]:
    """One reading: the whole table or answer as it is now; with columns, its rows as changes. Of a
    table that grows the rows after the cursor's, if there are any.

    Raises TryLater when the database was replaced while being read, StopSource when the
    question can't be asked completely: a cut answer is never taken for a whole one.
    """
    ask = Server(settings) if settings.url else File(settings)
    before = ask.version()
    place = f"{http.place(settings)} {settings.table or 'query'}"
    if settings.table:
        table, note = _table(ask, settings), ""
        taken = Taken(settings, now, cursor)
        if cursor and (note := _grown(ask, table, taken, cursor)):
            yield Progress(f"reads the whole table: {note}")
            ask.pages.begin_again()
        if note or not cursor:
            taken = Taken(settings, now)
            yield from _whole(ask, table, taken, before, aside)
        reading = replace(taken.reading(place), note=note, cursor=_cursor(taken, table))
    else:
        taken = Taken(settings, now)
        _take(ask, taken, _answer(ask, settings))
        reading = taken.reading(place)
    if ask.version() != before:
        if aside:
            aside.forget()
        raise TryLater("The database was replaced while it was being read: not used.")
    if not reading.adds or taken.lines > cursor["lines"]:
        yield reading


def sample(settings: Datasette, now: datetime) -> tuple[Reading, int]:
    """The first page of what `readings` would tell, with its newest date, and how many rows there are
    in all. Raises StopSource or TryLater."""
    ask = Server(settings) if settings.url else File(settings)
    sql, key = settings.sql.strip().rstrip(";"), settings.key
    if settings.table:
        table = _table(ask, settings)
        sql, key = f"select rowid, * from {table.name}", table.key
    taken = Taken(settings, now)
    pages = _keyset(ask, sql, key) if key else _answer(ask, settings)
    for names, page in pages:
        taken.take(names, page)
        break
    of = ask.rows(f"select count(*) as n from ({sql})", {})[0][0].get("n")
    reading = taken.reading(f"{http.place(settings)} {settings.table or 'query'}")
    since = settings.since or settings.columns.get("since", "")
    if since and since in taken.header:
        name = '"' + since.replace('"', '""') + '"'
        told = ask.rows(f"select max({name}) as newest from ({sql})", {})[0][0].get("newest")
        reading = replace(reading, newest=time_in(told) or reading.newest)
    return reading, of if isinstance(of, int) else taken.lines


def _take(
    ask: Server | File, taken: Taken, pages: Iterable[Page], aside: Aside | None = None
) -> None:
    """Takes the pages of an answer, each in bounds with those before it."""
    for names, page in pages:
        part = taken.take(names, page)
        ask.pages.keep(ask.shown, part.rows, part.size)
        if taken.refused:
            return
        if aside:
            aside.keep(part, taken.state())


def _whole(
    ask: Server | File, table: _Table, taken: Taken, version: str, aside: Aside | None
) -> Iterator[Progress]:
    """Takes all rows of a table, those kept aside first; they are counted at the end."""
    settings = taken.settings
    aside = aside if version else None  # else what was kept may be of another time
    if aside:
        limits = settings.limits.model_dump(exclude={"seconds"})
        for part, state in aside.kept([fingerprint(settings), version, table.key, limits]):
            if not taken.go_on(part, state):
                break
            ask.pages.asked += 1
            ask.pages.keep(ask.shown, part.rows, part.size)
        if taken.lines:
            yield Progress(f"goes on after the {taken.lines:,} rows that an earlier run read")
    _take(ask, taken, _rows(ask, table, taken.after), aside)
    counted = None if taken.refused else _count(ask, table)
    if counted not in (None, taken.lines):
        if aside:
            aside.forget()
        raise TryLater(f"{settings.table}: {taken.lines:,} rows read, {counted} counted: not used.")


def _grown(ask: Server | File, table: _Table, taken: Taken, cursor: dict) -> str:
    """Takes the rows after those that were there; "", or why these are not all there are."""
    if outdated(cursor, taken.now):
        return "the time of a row that was refused may be right by now"
    if table.shape != cursor["shape"]:
        return "it has other columns than it had"
    for page in _rows(ask, table, taken.after):
        if list(page[1][0][1]) != taken.header:
            return "it has other columns than it had"
        _take(ask, taken, [page])
        if taken.refused or not taken.settings.limits.allow("rejects", taken.unused):
            return "too many of its rows can't be used"
    counted = _count(ask, table)
    if counted == taken.lines:
        return ""
    came = taken.lines - cursor["lines"]
    return (
        f"{cursor['lines']:,} rows that were there and {came:,} after them, but {counted} counted"
    )


def _cursor(taken: Taken, table: _Table) -> dict:
    """Where a table that grows is read from next time; {}: from the start."""
    grows = taken.settings.grows and taken.after and not taken.refused
    state = taken.state() if grows else {}
    return state | {"shape": table.shape} if state else {}


def _answer(ask: Server | File, settings: Datasette) -> Iterator[Page]:
    """Every row of a query's answer with its key, page by page in the order of the key."""
    if settings.key:
        yield from _keyset(ask, settings.sql, settings.key)
        return
    rows, cut = ask.rows(settings.sql, {})
    if cut:
        raise StopSource(
            f"The query's answer is cut at {len(rows)} rows: name its key columns under "
            "'key' so that it can be asked page by page."
        )
    yield (), [((), texts(row)) for row in rows]


def _table(ask: Server | File, settings: Datasette) -> _Table:
    """By its primary key, or by rowid."""
    name = '"' + settings.table.replace('"', '""') + '"'
    columns, _ = ask.rows("select name, pk from pragma_table_info(:name)", {"name": settings.table})
    if not columns:
        raise StopSource(f"There is no table {settings.table!r} in the database.")
    told = [(c.get("pk"), c.get("name")) for c in columns]
    if not all(isinstance(pk, int) and isinstance(column, str) for pk, column in told):
        raise ask.odd("it does not tell a table's columns")
    key = tuple(str(column) for _, column in sorted(c for c in told if c[0]))
    return _Table(name, settings.key or key or ("rowid",), [str(column) for _, column in told])


def _rows(ask: Server | File, table: _Table, after: Sequence) -> Iterator[Page]:
    return _keyset(ask, f"select rowid, * from {table.name}", table.key, after)


def _count(ask: Server | File, table: _Table) -> object:
    rows, _ = ask.rows(f"select count(*) as n from {table.name}", {})
    return rows[0].get("n", "none") if rows else "none"


def _keyset(
    ask: Server | File, sql: str, key: tuple[str, ...], after: Sequence = ()
) -> Iterator[Page]:
    """An answer in pages: each begins after the last row's key, so no row is lost or doubled; the
    first after a key like that."""
    names = ", ".join('"' + k.replace('"', '""') + '"' for k in key)
    seen = Seen()
    while True:
        marks = ", ".join(_mark(n, value) for n, value in enumerate(after))
        later = f"where ({names}) > ({marks})" if after else ""
        rows, _ = ask.rows(
            f"select * from ({sql}) {later} order by {names} limit {PAGE}",
            {f"after_{n}": value for n, value in enumerate(after)},
        )
        if not rows:
            return
        missing = [k for k in key if k not in rows[0]]
        if missing:
            raise StopSource(f"The answer has no column {missing[0]!r}: correct 'key'.")
        yield key, [(tuple(row.get(k) for k in key), texts(row)) for row in rows]
        after = [rows[-1].get(k) for k in key]
        if not all(map(tells_apart, after)):
            raise StopSource(
                f"The key {', '.join(key)} is empty in a row, or no text or number: name a key "
                "without gaps."
            )
        seen.once(after, ask.shown)


def _mark(number: int, value: Any) -> str:
    """Where a value of a key stands in a question, of its own type: a server is given it as text,
    which comes after every number. The plus keeps the cast from changing what it is compared with."""
    if isinstance(value, str):
        return f":after_{number}"
    return f"+cast(:after_{number} as {'integer' if isinstance(value, int) else 'real'})"
