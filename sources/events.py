"""A list of events that anyone can keep by hand, as CSV or .xlsx: item, status, since and more."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime

from settings.sources import Events
from sources import Reading
from sources.reading import event_rows, http
from sources.reading.bounds import Unreadable
from sources.reading.tables import csv_rows, xlsx_rows
from sources.snapshots import content, refused


def readings(settings: Events, cursor: dict, now: datetime) -> Iterator[Reading]:
    """One reading: the whole list as it is now. Raises StopSource or TryLater."""
    place = http.place(settings)
    body = content(settings)
    try:
        excel = place.split("?")[0].lower().endswith(".xlsx")
        header, rows = (
            xlsx_rows(body, settings.sheet, settings.limits)
            if excel
            else csv_rows(body, settings.limits)
        )
        if rows and len(rows[-1][1]) == 1 < len(header):
            line, (said,) = rows[-1]
            raise Unreadable(f"The last line ({line}) is no row: {said[:100]!r}. It is cut off.")
        told = event_rows.judge(settings, header, _by_column(header, rows), now)
    except Unreadable as error:
        yield refused(place, now, body, None, error)
        return
    digest = hashlib.sha256(body).hexdigest()
    yield Reading(place, now, told.rows, newest=told.newest, sha256=digest, rejects=told.rejects)


def _by_column(header: list[str], rows: list) -> Iterator[tuple[int, dict]]:
    """Each row's line and its cells by column; those that the header does not name under None."""
    for line, cells in rows:
        row = dict(zip(header, cells, strict=False))
        beyond = cells[len(header) :]
        yield line, row | {None: beyond} if beyond else row
