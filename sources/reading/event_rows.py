"""Rows of changes, whatever told them: an item, a status and a time, each row judged alike."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pyarrow

from settings.sources import Datasette, Events
from sources import Reject
from sources.reading.bounds import within
from sources.reading.tables import as_table, require

_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?\s?(Z|[+-]\d{2}:?\d{2})?)?"
)
_GAP = re.compile(r"\s(?=(Z|[+-]\d{2}:?\d{2})$)")
_SLASHES = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")


class Judged(NamedTuple):
    """Rows that can be used, as landing takes them, the others with their reason, the newest time."""

    rows: pyarrow.Table
    rejects: list[Reject]
    newest: datetime | None


def judge(
    settings: Events | Datasette,
    header: list[str],
    rows: Iterable[tuple[int, dict]],
    now: datetime,
) -> Judged:
    """Each row (its line, its columns as text or None) kept or refused with field and reason.

    What a row holds beyond the header stands under None. Raises Unreadable when the header lacks
    a column that is needed.
    """
    names = settings.names
    require(header, [names["item"], names["status"], names["since"]])
    kept, rejects, newest = [], [], None
    for line, row in rows:
        beyond = row.pop(None, [])
        wrong, at = _judge({k: v or "" for k, v in row.items()}, settings, now)
        if any(beyond):
            cells = [*row.values(), *beyond]
            wrong = ("", ",".join(cells), f"{len(cells)} cells where the header has {len(header)}")
        if wrong:
            rejects.append(Reject(line, wrong[0], wrong[1][:200], wrong[2]))
            within(settings.limits, "rejects", len(rejects), "the list")
        else:
            # DuckDB, which reads it from here on, knows no zone after a space.
            since, item = _GAP.sub("", row[names["since"]].strip()), row[names["item"]].strip()
            # It trims spaces alone: "a" and "a" with a tab would be two items with one key.
            kept.append((line, item, row | {names["since"]: since, names["item"]: item}))
            newest = max(newest or at, at)
    return Judged(as_table(kept), rejects, newest)


def _judge(row: dict, settings: Events | Datasette, now: datetime) -> tuple[tuple | None, datetime]:
    """What is wrong with a row (field, value, reason) or None, and its time (UTC)."""
    names = settings.names
    item, since = row.get(names["item"], ""), row.get(names["since"], "").strip()
    if not item.strip():
        told = ", ".join(filter(None, row.values()))
        return (names["item"], told, "no item: the key is empty"), now
    if row.get(names["effective"], "").lower() in ("false", "no", "0"):
        return (names["effective"], item, row.get(names["note"]) or "marked as not effective"), now
    # In a list of pictures an item may stand without a status; a change is a change to one.
    told = row.get(names["status"], "").strip() or row.get(names.get("gone"), "").strip()
    if not told and settings.precision != "between":
        return (names["status"], item, "no status: the cell is empty"), now
    reason, at = _time(since, settings.time_zone or "UTC")
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
