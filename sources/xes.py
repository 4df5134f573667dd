"""An event log of process mining, as XES or CSV: each case an item, each event a change."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

from settings.sources import Xes
from sources import Reading, StopSource
from sources.events import whole
from sources.reading import blocks, bounds, http, xes
from sources.reading.blocks import Digested
from sources.reading.bounds import Unreadable, within
from sources.reading.event_rows import Judge, Judged, by_column
from sources.reading.tables import BATCH, records, require
from sources.snapshots import put_aside

TRANSITION = "lifecycle:transition"
_ZIPPED = b"\x1f\x8b"
_XML = (b"<", b"\xff\xfe<", b"\xfe\xff\0<")  # in UTF-8 and UTF-16
_PAGE = (b"<!doctype html", b"<html")


def readings(settings: Xes, cursor: dict, now: datetime) -> Iterator[Reading]:
    """One reading: the whole log as it is now. Raises StopSource or TryLater."""
    place = http.place(settings)
    body: Path | bytes = Path(settings.file)
    if settings.url:
        body = http.get(settings.url, limits=settings.limits, allowed=settings.allow_hosts).content
    try:
        with bounds.opened(body, False, settings.limits) as file:
            zipped = file.read(2) == _ZIPPED
        with bounds.opened(body, zipped, settings.limits) as file:
            yield _read(settings, place, Digested(file), now)
    except bounds.TooMuch as error:
        raise StopSource(f"{place}: {error}") from None
    except (OSError, EOFError, zlib.error) as error:  # what is zipped and cut off is one as well
        told = getattr(error, "strerror", None) or error
        raise StopSource(f"{place} can't be read: {told}.") from None


def _read(settings: Xes, place: str, stream: Digested, now: datetime) -> Reading:
    """The log as a reading, refused where it is none."""
    begin = stream.stream.read(100).removeprefix(b"\xef\xbb\xbf").lstrip()
    stream.stream.seek(0)
    try:
        if begin.lower().startswith(_PAGE):
            raise Unreadable("The answer is a web page, not an event log.")
        told, note = _judged(settings, stream, begin.startswith(_XML), now)
    except Unreadable as error:
        while stream.read(blocks.SIZE):
            pass
        return put_aside(place, now, stream.begin, stream.hash, error)
    digest = stream.hash.hexdigest()
    return Reading(
        place, now, told.rows, newest=told.newest, sha256=digest, rejects=told.rejects, note=note
    )


def _judged(settings: Xes, stream: Digested, xml: bool, now: datetime) -> tuple[Judged, str]:
    """The events that change a status, and in words how many do not. Raises Unreadable."""
    wanted = list(dict.fromkeys([*settings.names.values(), TRANSITION]))
    judge = Judge(settings, wanted, now)
    rows = xes.rows(stream, wanted, judge.rejects) if xml else _of_csv(judge, stream)
    other: Counter[str] = Counter()
    left = _changes(settings, rows, other)
    while few := list(islice(left, BATCH)):
        judge.kept.rows.add(judge.take(few))
    told = judge.told()
    within(settings.limits, "rejects", len(told.rejects), "the log")
    if other and not told.rows.num_rows and not told.rejects:
        raise Unreadable(
            f"No event has {TRANSITION} {settings.lifecycle}, but {_counted(other)}: set lifecycle."
        )
    return told, f"not read as changes: {_counted(other)}" if other else ""


def _changes(settings: Xes, rows: Iterable[xes.Row], other: Counter[str]) -> Iterator[xes.Row]:
    """The events that change a status, with that status; the others are counted."""
    status = settings.names["status"]
    for line, row in rows:
        told = (row.get(TRANSITION) or "").strip()
        if settings.lifecycle == "both":
            if told and row.get(status):
                row[status] = f"{row[status]}+{told}"
        elif told and told.lower() != settings.lifecycle:
            other[told.lower()] += 1
            continue
        yield line, row


def _of_csv(judge: Judge, stream: Digested) -> Iterator[xes.Row]:
    """The rows of a CSV that hold anything. Raises Unreadable."""
    told = ((line, cells) for line, cells in records(stream) if any(map(str.strip, cells)))
    header = [cell.strip() for cell in next(told, (0, []))[1]]
    if not header:
        raise Unreadable("The answer is empty.")
    require(header, [judge.names[word] for word in ("item", "status", "since")])
    judge.header = header
    last: tuple[int, list[str]] | None = None
    for last in told:
        yield last[0], by_column(header, last[1])
    whole(header, last)


def _counted(other: Counter[str]) -> str:
    return ", ".join(f"{count:,} {name[:50]}" for name, count in other.most_common(5))
