"""A list of events that anyone can keep by hand, as CSV or .xlsx: item, status, since and more."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sources import Reading, Reject, shown
from sources.reading import http
from sources.reading.tables import Unreadable, as_table, csv_rows, require, xlsx_rows
from sources.snapshots import content

_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?\s?(Z|[+-]\d{2}:?\d{2})?)?"
)
_SLASHES = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")


def readings(settings: dict, cursor: dict, now: datetime) -> Iterator[Reading]:
    """One reading: the whole list as it is now. Raises StopSource or TryLater."""
    place = http.redacted(settings["url"]) if settings["url"] else shown(settings, settings["file"])
    body = content(settings)
    digest = hashlib.sha256(body).hexdigest()
    names = {n: n for n in ("item", "status", "since", "effective", "note")} | settings["columns"]
    try:
        excel = place.split("?")[0].lower().endswith(".xlsx")
        header, rows = xlsx_rows(body, settings["sheet"]) if excel else csv_rows(body)
        require(header, [names["item"], names["status"], names["since"]])
    except Unreadable as error:
        page = body[:2000].decode("utf-8", "replace")
        yield Reading(place, now, as_table([]), sha256=digest, refused=str(error), body=page)
        return
    kept, rejects, newest = [], [], None
    for line, cells in rows:
        row = dict(zip(header, cells, strict=False))
        wrong, at = _judge(row, names, settings, now)
        if any(cells[len(header) :]):
            wrong = ("", ",".join(cells), f"{len(cells)} cells where the header has {len(header)}")
        if wrong:
            rejects.append(Reject(line, wrong[0], wrong[1][:200], wrong[2]))
        else:
            since = {names["since"]: row[names["since"]].strip()}
            kept.append((line, row[names["item"]].strip(), row | since))
            newest = max(newest or at, at)
    yield Reading(
        place, now, as_table(kept), newest=newest, sha256=digest, rejects=rejects, replaces=True
    )


def _judge(row: dict, names: dict, settings: dict, now: datetime) -> tuple[tuple | None, datetime]:
    """What is wrong with a row (field, value, reason) or None, and its time (UTC)."""
    item, since = row.get(names["item"], ""), row.get(names["since"], "").strip()
    if not item.strip():
        told = ", ".join(filter(None, row.values()))
        return (names["item"], told, "no item: the key is empty"), now
    if row.get(names["effective"], "").lower() in ("false", "no", "0"):
        return (names["effective"], item, row.get(names["note"]) or "marked as not effective"), now
    reason, at = _time(since, settings["time_zone"])
    if not reason and at > now + timedelta(days=1):
        reason = "this time is still to come: correct it"
    return ((names["since"], since, reason) if reason else None), at


def _time(text: str, zone: str) -> tuple[str, datetime]:
    """Why a text is no plain ISO 8601 date or time ('' if it is), and the time in UTC."""
    never = datetime.min.replace(tzinfo=UTC)
    if slashes := _SLASHES.fullmatch(text):
        day, month, year = slashes.groups()
        told = f"{year}-{month:0>2}-{day:0>2}"
        return f"ambiguous date: write it as {told} if the day comes first", never
    try:
        if not _ISO.fullmatch(text):
            raise ValueError
        at = datetime.fromisoformat(text)
        at = (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (ValueError, OverflowError):  # the first and last days of the calendar overflow
        return "no date: write it as 2026-04-03 or 2026-04-03T14:30Z", never
    return "this time lies before 1900: correct it" if at.year < 1900 else "", at
