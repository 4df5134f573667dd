"""Times as lists tell them, and which are not to be believed yet."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?\s?(Z|[+-]\d{2}:?\d{2})?)?"
)
_SLASHES = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?:,?[ T](\d{1,2}:\d{2}(?::\d{2})?))?")


class Zoned(Protocol):
    """Settings of a list whose times may name no zone."""

    @property
    def time_zone(self) -> str:
        """That of such times; '' for UTC."""


STILL_TO_COME = "this time is still to come: correct it"


def to_come(at: datetime, now: datetime) -> bool:
    """Whether a time is refused for now; by a clock elsewhere it may be tomorrow already."""
    return at > now + timedelta(days=1)


def iso(text: str, order: str) -> str:
    """A date with slashes or dots, and the time behind it, as ISO 8601 where it is said in which
    `order` it is written ("day first" or "month first"); any other text as it is."""
    if not order or not (slashes := _SLASHES.fullmatch(text)):
        return text
    first, second, year, time = slashes.groups()
    day, month = (first, second) if order == "day first" else (second, first)
    return f"{year}-{month:0>2}-{day:0>2}" + (
        f"T{time:0>{5 if len(time) < 6 else 8}}" if time else ""
    )


def time_of(text: str, settings: Zoned) -> tuple[str, datetime]:
    """Why a text is no plain ISO 8601 date or time ('' if it is), and the time in UTC."""
    zone = settings.time_zone or "UTC"
    never = datetime.min.replace(tzinfo=UTC)
    order = getattr(settings, "dates", "")
    if not order and (slashes := _SLASHES.fullmatch(text)):
        day, month, year, _ = slashes.groups()
        told = f"{year}-{month:0>2}-{day:0>2}"
        cure = "; or say so under dates" if hasattr(settings, "dates") else ""
        return f"ambiguous date: write it as {told} if the day comes first{cure}", never
    text = iso(text, order)
    try:
        if not _ISO.fullmatch(text):
            raise ValueError
        at = datetime.fromisoformat(text)
        at = (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (ValueError, OverflowError):  # the first and last days of the calendar overflow
        return "no date: write it as 2026-04-03 or 2026-04-03T14:30Z", never
    return "this time lies before 1900: correct it" if at.year < 1900 else "", at
