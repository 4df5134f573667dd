"""A list of events that anyone can keep by hand, as CSV or .xlsx: item, status, since and more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from settings.sources import Events
from sources import Reading
from sources.reading import blocks, event_columns, event_rows, http
from sources.reading.blocks import Digested, Part
from sources.reading.bounds import Unreadable
from sources.reading.event_rows import Judged, by_column
from sources.reading.tables import xlsx_rows
from sources.snapshots import opened, put_aside


def readings(settings: Events, cursor: dict, now: datetime) -> Iterator[Reading]:
    """One reading: the whole list as it is now. Raises StopSource or TryLater."""
    place = http.place(settings)
    excel = place.split("?")[0].lower().endswith(".xlsx")
    with opened(settings) as file:
        stream = Digested(file)
        try:
            told = (_sheet if excel else _list)(settings, stream, now)
        except Unreadable as error:
            while stream.read(blocks.SIZE):
                pass
            yield put_aside(place, now, stream.begin, stream.hash, error)
            return
    digest = stream.hash.hexdigest()
    yield Reading(place, now, told.rows, newest=told.newest, sha256=digest, rejects=told.rejects)


def _sheet(settings: Events, stream: Digested, now: datetime) -> Judged:
    """The rows of a workbook, which is held whole. Raises Unreadable."""
    header, rows = xlsx_rows(stream.read(), settings.sheet, settings.limits)
    whole(header, rows[-1] if rows else None)
    told = ((line, by_column(header, cells)) for line, cells in rows)
    return event_rows.judge(settings, header, told, now)


def _list(settings: Events, stream: Digested, now: datetime) -> Judged:
    """The rows of a CSV, judged while they are read. Raises Unreadable."""
    line, header = blocks.header(stream)
    if not header:
        raise Unreadable("The answer is empty.")
    parts = _parts(header, blocks.parts(stream, line, len(header)))
    try:
        return event_columns.judge(settings, header, parts, now)
    except Unreadable:
        for _ in parts:  # a file that can't be read to its end is that first of all
            pass
        raise


def _parts(header: list[str], parts: Iterator[Part]) -> Iterator[Part]:
    last = None
    for part in parts:
        last = part.last() or last
        yield part
    whole(header, last)


def whole(header: list[str], last: tuple[int, list[str]] | None) -> None:
    """Raises Unreadable where the last row is but a piece of one."""
    if last and len(last[1]) == 1 < len(header):
        line, (said,) = last
        raise Unreadable(f"The last line ({line}) is no row: {said[:100]!r}. It is cut off.")
