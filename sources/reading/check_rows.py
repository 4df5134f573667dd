"""Rows of checks, whatever told them: a subject, a time, and whether it went well."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pyarrow
import pyarrow.compute as compute

from settings import database
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


def sift(table: pyarrow.Table, process: str, first: int, now: datetime) -> Sifted:
    """The rows of a table of COLUMNS that can be used, numbered from `first`.

    `process` is that of rows which name none. A time that can't be right (before 2000, or more than
    a day after `now`) would make years of runs that did not take place.
    """
    columns = {c: table[c] for c in COLUMNS}
    columns["process"] = compute.fill_null(columns["process"], process)
    columns["line"] = pyarrow.array(range(first, first + table.num_rows), pyarrow.int64())
    told = pyarrow.table(columns)
    with database.connect() as con:
        con.register("told", told)
        judged = con.sql(_JUDGED, params={"latest": now + timedelta(days=1)}).to_arrow_table()
    kept = judged.filter(compute.equal(judged["reason"], ""))
    bad = judged.filter(compute.not_equal(judged["reason"], ""))
    ends = compute.min_max(kept["at_us"])
    rejects = [
        Reject(r["line"], r["field"], r["entry_date"] or "", r["reason"])
        for r in bad.select(["line", "field", "entry_date", "reason"]).to_pylist()
    ]
    rows = kept.drop_columns(["at_us", "field", "reason"])
    return Sifted(rows, rejects, _instant(ends["min"].as_py()), _instant(ends["max"].as_py()))


_JUDGED = """
with timed as (select *, try_cast(entry_date as timestamptz) as at_time from told)
select * exclude (at_time), epoch_us(at_time) as at_us,
       if(coalesce(endpoint, '') = '', 'endpoint', 'entry_date') as field,
       case when coalesce(endpoint, '') = '' then 'no endpoint'
            when at_time is null then 'no date: write it as 2026-04-03T14:30:00Z'
            when at_time < '2000-01-01' or at_time >= $latest then 'a time before 2000 or still to come'
            else '' end as reason
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
