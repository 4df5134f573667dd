"""When a day ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def day_ends(day: date, zone: str = "UTC") -> datetime:
    """The last microsecond of a day in a zone, as an instant (UTC). Where clocks go back at midnight
    its last hour comes twice: it ends with the second."""
    return datetime.combine(day, time.max.replace(fold=1), ZoneInfo(zone)).astimezone(UTC)
