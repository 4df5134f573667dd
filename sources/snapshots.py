"""A CSV that shows the present state, fetched each time; changes come from comparison."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from settings.places import Place, Sheet
from settings.sources import GitHistory, Snapshots
from sources import Reading, Reject, StopSource
from sources.reading import bounds, google_sheets, http
from sources.reading.bounds import Unreadable, within
from sources.reading.tables import as_table, csv_rows, require


def readings(settings: Snapshots, cursor: dict, now: datetime) -> Iterator[Reading]:
    """One reading: what the URL or file shows now. Raises StopSource or TryLater."""
    place, body, before = http.place(settings), content(settings), cursor.get("header")
    try:
        yield read(settings, place, now, body, before)
    except Unreadable as error:
        yield refused(place, now, body, before, error)


def content(settings: Place) -> bytes:
    """What the source's URL or file holds. Raises StopSource or TryLater."""
    with opened(settings) as stream, _read(settings.file):
        return stream.read()


def opened(settings: Place) -> BinaryIO:
    """The source's URL or file, to be read from its start. Raises StopSource or TryLater."""
    if isinstance(settings, Sheet) and settings.google_sheet:
        return io.BytesIO(google_sheets.content(settings))
    if settings.url:
        told = http.get(settings.url, limits=settings.limits, allowed=settings.allow_hosts)
        return io.BytesIO(told.content)
    with _read(settings.file):
        return bounds.opened(Path(settings.file), False, settings.limits)


@contextmanager
def _read(file: str) -> Iterator[None]:
    try:
        yield
    except bounds.TooMuch as error:
        raise StopSource(f"{file}: {error}") from None
    except OSError as error:
        raise StopSource(f"{file} can't be read: {error.strerror}.") from None


def read(
    settings: Snapshots | GitHistory,
    place: str,
    seen_at: datetime,
    body: bytes,
    before: list | None,
) -> Reading:
    """A snapshot's bytes as a reading; `before` is the header of the answer before, as its cursor
    keeps it. Raises Unreadable when they are no such CSV."""
    names = settings.names
    header, rows = csv_rows(body, settings.limits)
    require(header, [names["item"], names["status"]])
    if rows and len(rows[-1][1]) != len(header):
        raise Unreadable(f"The last line ({rows[-1][0]}) is cut off.")
    kept, rejects = sift(header, rows, names["item"])
    within(settings.limits, "rejects", len(rejects), "the list")
    return Reading(
        place, seen_at, as_table(kept), newest=seen_at, sha256=hashlib.sha256(body).hexdigest(),
        rejects=rejects, note=changed_columns(before, header), cursor={"header": header},
    )  # fmt: skip


def refused(
    place: str, seen_at: datetime, body: bytes, before: list | None, error: Unreadable
) -> Reading:
    """An answer that can't be used, with its reason and how it begins."""
    reading = put_aside(place, seen_at, body, hashlib.sha256(body), error)
    return replace(reading, cursor={"header": before})


def put_aside(
    place: str, seen_at: datetime, begin: bytes, whole: hashlib._Hash, error: Unreadable
) -> Reading:
    """The same of one of which only the beginning and the SHA-256 are left."""
    # The reason is part of it: with a higher limit the same bytes are another answer.
    whole.update(str(error).encode())
    return Reading(
        place, seen_at, as_table([]), sha256=whole.hexdigest(), refused=str(error),
        body=begin[:2000].decode("utf-8", "replace"),
    )  # fmt: skip


def sift(header: list, rows: list, item_column: str) -> tuple[list, list[Reject]]:
    """Rows with an item of their own, and the rest as rejects."""
    kept, rejects = [], []
    seen: dict[str, int] = {}
    for line, cells in rows:
        row = dict(zip(header, cells, strict=False))
        item = row.get(item_column, "").strip()
        if len(cells) != len(header):
            reason = f"{len(cells)} cells where the header has {len(header)}"
            rejects.append(Reject(line, "", ",".join(cells)[:200], reason))
        elif not item:
            rejects.append(
                Reject(line, item_column, ",".join(cells)[:200], "no item: the key is empty")
            )
        elif item in seen:
            reason = f"the item is in line {seen[item]} already"
            rejects.append(Reject(line, item_column, item, reason))
        else:
            seen[item] = line
            kept.append((line, item, row | {item_column: item}))
    return kept, rejects


def changed_columns(before: list | None, header: list) -> str:
    """Which columns came and went since the answer before, in words."""
    if before is None or set(before) == set(header):
        return ""
    gone, new = sorted(set(before) - set(header)), sorted(set(header) - set(before))
    parts = [f"gone: {', '.join(gone)}"] * bool(gone) + [f"new: {', '.join(new)}"] * bool(new)
    return "columns " + "; ".join(parts)
