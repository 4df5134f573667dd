"""Rows of checks, whatever told them: a subject, a time, and whether it went well."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from typing import NamedTuple

import duckdb
import pyarrow
import pyarrow.compute as compute

from settings import database
from settings.limits import Limits
from sources import Reading, Reject, storable
from sources.reading.bounds import within

COLUMNS = [
    "endpoint",
    "entry_date",
    "status",
    "exception",
    "elapsed",
    "bytes",
    "content_type",
    "resource",
    "ok",
    "process",
    "link",
]
# Each text once, however many rows hold it: millions of rows have few.
TEXT = pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
SCHEMA = pyarrow.schema([("line", pyarrow.int64()), *((c, TEXT) for c in COLUMNS)])
BATCH = 10_000  # rows


class Unfit(ValueError):
    """A row that can't be used: its field, value and the reason."""

    def reject(self, line: int) -> Reject:
        """The row of this line, refused."""
        field, value, reason = self.args
        return Reject(line, field, str(value)[:200], reason)


class Sifted(NamedTuple):
    """Rows that name a subject and a time, the others with their reason, and the times told (UTC)."""

    rows: pyarrow.Table
    rejects: list[Reject]
    oldest: datetime | None
    newest: datetime | None


def as_table(rows: list[dict], first: int = 1) -> pyarrow.Table:
    """Rows in the columns of SCHEMA, numbered from `first`; what a row does not tell is null."""
    return numbered((n, {c: storable(t) for c, t in _told(r)}) for n, r in enumerate(rows, first))


def numbered(rows: Iterable[tuple[int, dict]]) -> pyarrow.Table:
    """Rows of texts(), each with its line, in the columns of SCHEMA."""
    parts, rest = [SCHEMA.empty_table()], iter(rows)
    while part := [row | {"line": line} for line, row in islice(rest, BATCH)]:
        parts.append(pyarrow.Table.from_pylist(part, SCHEMA))
    return pyarrow.concat_tables(parts)


def texts(row: dict) -> dict:
    """What a row tells, as texts. Raises Unfit when it holds what is no text."""
    for column in COLUMNS:
        if isinstance(row.get(column), list | dict):
            raise Unfit(column, row[column], "several values where one is needed")
    told = dict(_told(row))
    for column, text in told.items():
        if storable(text) != text:
            raise Unfit(column, text, "half a letter: one of a pair of surrogates")
    return told


def _told(row: dict) -> Iterator[tuple[str, str]]:
    for column in COLUMNS:
        value = row.get(column)
        if value is not None:
            yield column, json.dumps(value) if isinstance(value, bool) else str(value)


def sift(
    table: pyarrow.Table, process: str, first: int, now: datetime, limits: Limits | None = None
) -> Sifted:
    """The rows of a table of SCHEMA, or some of its columns, that can be used, from line `first` on.

    `process` is that of rows which name none. A time that can't be right (before 2000, or more than
    a day after `now`) would make years of runs that did not take place. Raises TooMuch when too
    many rows can't be used.
    """
    lines = compute.add(table["line"], first - 1)
    if "process" not in table.column_names:
        table = table.append_column("process", pyarrow.nulls(table.num_rows, TEXT))
    named = compute.fill_null(table["process"].cast(pyarrow.string()), process).dictionary_encode()
    table = table.set_column(0, "line", lines).drop_columns(["process"])
    table = table.append_column("process", named)
    with _database().cursor() as con:
        con.register("told", table.select(["endpoint", "entry_date"]))
        # In the order of the rows, which DuckDB keeps.
        judged = con.sql(_JUDGED, params={"latest": now + timedelta(days=1)}).to_arrow_table()
    good = compute.equal(judged["wrong"], 0)
    ends = compute.min_max(judged["at_us"].filter(good))
    rejects = []
    if judged.num_rows > (kept := compute.sum(good).as_py() or 0):
        if limits:
            within(limits, "rejects", judged.num_rows - kept, "the log")
        bad = compute.invert(good)
        told = table.select(["line", "entry_date"]).filter(bad).to_pylist()
        wrong = judged["wrong"].filter(bad).to_pylist()
        rejects = [
            Reject(row["line"], WRONG[w][0], (row["entry_date"] or "")[:200], WRONG[w][1])
            for row, w in zip(told, wrong, strict=True)
        ]
        table = table.filter(good)
    return Sifted(table, rejects, _instant(ends["min"].as_py()), _instant(ends["max"].as_py()))


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """One for all: to open it takes longer than to read most files."""
    return database.connect()


WRONG = {
    1: ("endpoint", "no endpoint"),
    2: ("entry_date", "no date: write it as 2026-04-03T14:30:00Z"),
    3: ("entry_date", "a time before 2000 or still to come"),
}
_JUDGED = """
with timed as (select *, try_cast(entry_date as timestamptz) as at_time from told)
select if(isfinite(at_time), epoch_us(at_time), null) as at_us,
       case when coalesce(endpoint, '') = '' then 1 when at_time is null then 2
            when at_time < '2000-01-01' or at_time >= $latest then 3 else 0 end::tinyint as wrong
from timed
"""


def reading(place: str, now: datetime, told: Sifted, cursor: dict, rows: list[dict]) -> Reading:
    """The reading of a page of rows; `rows` as they came, to know them again."""
    body = json.dumps(rows, sort_keys=True, default=str)
    return Reading(
        place, now, told.rows, newest=told.newest, oldest=told.oldest, rejects=told.rejects,
        sha256=hashlib.sha256(body.encode()).hexdigest(), cursor=cursor,
    )  # fmt: skip


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else datetime.fromtimestamp(micros // 10**6, UTC).replace(
        microsecond=micros % 10**6
    )  # fmt: skip
