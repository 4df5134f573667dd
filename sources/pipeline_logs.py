"""Pipeline logs: each row one look at one endpoint, from files or from a Datasette's log table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import BinaryIO
from urllib.parse import urlsplit

import pyarrow

from settings.limits import Limits
from settings.sources import PipelineLogs
from sources import Reading, Reject, StopSource
from sources.datasette import PAGE
from sources.reading import check_rows, columnar, files, http
from sources.reading.bounds import within
from sources.reading.databases import Server
from sources.reading.json_objects import objects
from sources.reading.pages import Digest

BATCH = 50_000  # rows of a Datasette's log that are saved together
LARGEST = 50 * 2**20  # bytes of them: then fewer are
LOG = (
    "select rowid, endpoint, entry_date, status, exception, elapsed, bytes, content_type, resource "
    "from log"
)
OVERLAP = timedelta(days=2)


def readings(settings: PipelineLogs, cursor: dict, now: datetime) -> Iterator[Reading]:
    """A reading for each file or folder that is new or has changed, or for each 50,000 new rows of
    a Datasette.

    Raises StopSource when there is no such file or table.
    """
    if settings.url and not files.is_file(urlsplit(settings.url).path):
        yield from _from_datasette(settings, cursor, now)
    else:
        yield from files.readings(settings, cursor, now, parse)


def sample(settings: PipelineLogs, now: datetime) -> tuple[Reading, int] | None:
    """The last page of a Datasette's log, and how many rows there are in all; None of files.

    Raises StopSource or TryLater.
    """
    if not settings.url or files.is_file(urlsplit(settings.url).path):
        return None
    ask, log = Server(settings), settings.sql.strip().rstrip(";") or LOG
    rows, _ = ask.rows(f"select * from ({log}) order by rowid desc limit :page", {"page": PAGE})
    part = _Part()
    part.add(rows[::-1], 0, ask)
    table = pyarrow.concat_tables(part.tables or [check_rows.as_table([])])
    told = check_rows.sift(table, settings.process or settings.name, 1, now)
    of = ask.rows(f"select count(*) as n from ({log})", {})[0][0].get("n")
    reading = Reading(
        http.place(settings), now, told.rows, newest=told.newest, rejects=told.rejects
    )
    return reading, of if isinstance(of, int) else part.rows


def parse(name: str, stream: BinaryIO, limits: Limits) -> tuple[pyarrow.Table, list[Reject]]:
    """The rows of a parquet, CSV or JSON log in the columns of check_rows, as text.

    Raises ValueError or ArrowException when the file is none.
    """
    if name.endswith(".parquet"):
        return columnar.parquet(stream, limits), []
    if name.endswith(".csv"):
        return columnar.csv(stream, limits)
    rejects: list[Reject] = []
    told = _rows(name, stream, limits, rejects)
    return check_rows.numbered(told), rejects


def _rows(
    name: str, stream: BinaryIO, limits: Limits, rejects: list[Reject]
) -> Iterator[tuple[int, dict]]:
    """The rows of a JSON log, one by one, each with its line; those that can't be used to rejects."""
    for count, (line, row) in enumerate(objects(stream, limits), 1):
        within(limits, "rows", count, "The file")
        try:
            if isinstance(row, Reject):
                rejects.append(row)
            else:
                # The collector writes entry-date; where a file is one endpoint's, its name is it.
                told = {key.replace("-", "_"): value for key, value in row.items()}
                yield line, check_rows.texts({"endpoint": name.split(".")[0], **told})
        except check_rows.Unfit as error:
            rejects.append(error.reject(line))
        within(limits, "rejects", len(rejects), "the file")


def _from_datasette(settings: PipelineLogs, cursor: dict, now: datetime) -> Iterator[Reading]:
    """Rows of the log table after the last rowid read, so a daily run touches only what is new."""
    ask = Server(settings)
    process, after = settings.process or settings.name, cursor.get("rowid", 0)
    version = ask.version()
    if cursor.get("version") not in (None, version):
        # The database was rebuilt and its rowids may differ: read again from a little before.
        after = 0
    log = settings.sql.strip().rstrip(";") or LOG
    # A server is given a number as text, which comes after every number that is only worked out.
    sql = (
        f"select * from ({log}) where rowid > cast(:after as integer) and entry_date >= :since "
        "order by rowid limit :page"
    )
    newest = cursor.get("newest", "")
    since = str(datetime.fromisoformat(newest) - OVERLAP)[:10] if newest and not after else ""
    part = _Part()
    while True:
        rows, _ = ask.rows(sql, {"after": after, "since": since, "page": PAGE})
        part.add(rows, after, ask)
        after = part.last if rows else after
        if part.tables and (part.rows >= BATCH or part.size > LARGEST or not rows):
            told = check_rows.sift(pyarrow.concat_tables(part.tables), process, 1, now)
            newest = max(newest, told.newest.isoformat() if told.newest else "")
            going_on = {"rowid": after, "version": version, "newest": newest}
            place = f"{http.place(settings)}/log {version or 'live'} rows {part.first}-{after}"
            yield Reading(
                place, now, told.rows, newest=told.newest, oldest=told.oldest,
                rejects=told.rejects, sha256=part.digest.text(), cursor=going_on,
            )  # fmt: skip
            part = _Part()
        if not rows:
            return


class _Part:
    """Pages of a log that are saved together, packed as they come."""

    def __init__(self) -> None:
        self.tables: list[pyarrow.Table] = []
        self.first = self.last = self.rows = self.size = 0
        self.digest = Digest(sort_keys=True)

    def add(self, rows: list[dict], after: int, ask: Server) -> None:
        """Takes a page. Raises StopSource when its rows are not those after the last one."""
        if not rows:
            return
        for row in rows:
            if type(number := row.get("rowid")) is not int:
                raise ask.odd("a row of the log has no rowid")
            if number <= after:
                raise StopSource(f"{ask.shown} gives the same page again and again: not read on.")
            self.first, after = self.first or number, number
        self.digest.add(rows)
        self.last = after
        self.tables.append(check_rows.as_table(rows, self.rows + 1))
        self.rows += len(rows)
        self.size += self.tables[-1].get_total_buffer_size()
        ask.pages.keep(ask.shown, len(rows), 0)  # what is saved is no longer kept
