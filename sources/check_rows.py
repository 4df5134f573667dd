"""Rows of checks, whatever told them: a subject, a time, and whether it went well."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import NamedTuple

import pyarrow
import pyarrow.compute as compute

import store
from sources import Reading, Reject

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


class Sifted(NamedTuple):
    """Rows that name a subject and a time, the others with their reason, and the times told (UTC)."""

    rows: pyarrow.Table
    rejects: list[Reject]
    oldest: datetime | None
    newest: datetime | None


def as_table(rows: list[dict]) -> pyarrow.Table:
    """Rows as texts, in the columns of COLUMNS; what a row does not tell is null."""
    kept = [{c: None if r.get(c) is None else str(r[c]) for c in COLUMNS} for r in rows]
    return pyarrow.Table.from_pylist(kept, pyarrow.schema([(c, pyarrow.string()) for c in COLUMNS]))


def sift(table: pyarrow.Table, process: str, first: int) -> Sifted:
    """The rows that can be used, numbered from `first`; `process` names those that name none.

    Raises ValueError when there is no column of subjects or of times.
    """
    absent = [c for c in ("endpoint", "entry_date") if c not in table.column_names]
    if absent:
        raise ValueError(f"there is no column {absent[0]!r}")
    size = table.num_rows
    columns = {
        c: table[c].cast(pyarrow.string())
        if c in table.column_names
        else pyarrow.nulls(size, pyarrow.string())
        for c in COLUMNS
    }
    columns["process"] = compute.fill_null(columns["process"], process)
    columns["line"] = pyarrow.array(range(first, first + size), pyarrow.int64())
    told = pyarrow.table(columns)
    with store.connect() as con:
        con.register("told", told)
        dated = con.sql(
            "select *, try_cast(entry_date as timestamptz) as at_time from told"
        ).to_arrow_table()
    good = compute.and_(
        compute.is_valid(dated["at_time"]),
        compute.greater(compute.utf8_length(compute.fill_null(dated["endpoint"], "")), 0),
    )
    kept, bad = dated.filter(good), dated.filter(compute.invert(good)).to_pylist()
    times = compute.min_max(kept["at_time"].cast(pyarrow.timestamp("us", "UTC")))
    oldest, newest = (compute.cast(times[k], pyarrow.int64()).as_py() for k in ("min", "max"))
    rejects = [_reject(row) for row in bad]
    return Sifted(kept.drop_columns(["at_time"]), rejects, _instant(oldest), _instant(newest))


def reading(
    place: str, now: datetime, told: Sifted, cursor: dict, rows: list[dict] | None = None
) -> Reading:
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


def _reject(row: dict) -> Reject:
    if row["endpoint"]:
        cure = "no date: write it as 2026-04-03T14:30:00Z"
        return Reject(row["line"], "entry_date", row["entry_date"] or "", cure)
    return Reject(row["line"], "endpoint", row["entry_date"] or "", "no endpoint")
