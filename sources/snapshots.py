"""A CSV that shows the present state, fetched each time; changes come from comparison."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from settings.sources import GitHistory, Place, Snapshots
from sources import Reading, Reject, StopSource
from sources.reading import http
from sources.reading.tables import Unreadable, as_table, csv_rows, require


def readings(settings: Snapshots, cursor: dict, now: datetime) -> Iterator[Reading]:
    """One reading: what the URL or file shows now. Raises StopSource or TryLater."""
    yield read(settings, http.place(settings), now, content(settings), cursor.get("header"), {})


def content(settings: Place) -> bytes:
    """What the source's URL or file holds. Raises StopSource or TryLater."""
    if settings.url:
        return http.get(settings.url, limits=settings.limits, allowed=settings.allow_hosts).content
    try:
        return Path(settings.file).read_bytes()
    except OSError as error:
        raise StopSource(f"{settings.file} can't be read: {error.strerror}.") from None


def read(
    settings: Snapshots | GitHistory,
    place: str,
    seen_at: datetime,
    body: bytes,
    before: list | None,
    more: dict,
) -> Reading:
    """A snapshot's bytes as a reading; an answer that is no such CSV is refused with its reason.

    `before` is the header of the answer before; `more` is kept in the cursor.
    """
    names = settings.names
    digest = hashlib.sha256(body).hexdigest()
    try:
        header, rows = csv_rows(body)
        require(header, [names["item"], names["status"]])
        if rows and len(rows[-1][1]) != len(header):
            raise Unreadable(f"The last line ({rows[-1][0]}) is cut off.")
    except Unreadable as error:
        page = body[:2000].decode("utf-8", "replace")
        going_on = {"header": before, **more}
        return Reading(
            place, seen_at, as_table([]), sha256=digest, refused=str(error), body=page, cursor=going_on
        )  # fmt: skip
    kept, rejects = sift(header, rows, names["item"])
    note = changed_columns(before, header)
    return Reading(
        place, seen_at, as_table(kept), newest=seen_at, sha256=digest, rejects=rejects, note=note,
        cursor={"header": header, **more},
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
            kept.append((line, item, row))
    return kept, rejects


def changed_columns(before: list | None, header: list) -> str:
    """Which columns came and went since the answer before, in words."""
    if before is None or set(before) == set(header):
        return ""
    gone, new = sorted(set(before) - set(header)), sorted(set(header) - set(before))
    parts = [f"gone: {', '.join(gone)}"] * bool(gone) + [f"new: {', '.join(new)}"] * bool(new)
    return "columns " + "; ".join(parts)
