"""Numbers and dates as the words a page shows."""

from __future__ import annotations

from datetime import date, datetime
from math import floor
from zoneinfo import ZoneInfo

import pandas

NOTHING = "–"
# What a colour looks like where it can't be seen.
ICONS = {"red": "✕", "amber": "!", "green": "✓", "grey": "?", "counted": "#", "unmeasured": "–"}


def number(value: float) -> str:
    """A count with thousands set apart; a dash when there is none."""
    return NOTHING if pandas.isna(value) else f"{value:,.0f}"


def begun(text: str) -> str:
    """A text as a sentence begins."""
    return f"{text[:1].upper()}{text[1:]}"


def counted(count: int, one: str, many: str = "") -> str:
    """A count with its word: "1 stage", "1,200 stages"; `many` where an s does not do."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def days(value: float | None, at_least: bool = False, unit: str = "days") -> str:
    """A stretch of days, or of working days: "366 days", "at least 1 day", "under a day", "at least part
    of a day"; a dash when unknown. What is at least so much is never told as more."""
    if value is None or pandas.isna(value):
        return NOTHING
    one = unit.removesuffix("s")
    if at_least and value < 1:
        return f"at least part of a {one}"
    value = floor(value) if at_least else value
    words = (
        f"{value:,.0f} {one if f'{value:.0f}' == '1' else unit}" if value >= 1 else f"under a {one}"
    )
    return f"at least {words}" if at_least else words


def ago(value: float) -> str:
    """How long ago: "366 days ago", "5 hours ago", "under an hour ago"; "never" when unknown."""
    if pandas.isna(value):
        return "never"
    if value >= 1:
        return f"{days(value)} ago"
    hours = int(value * 24)
    return "under an hour ago" if hours < 1 else f"{hours} hour{'s' if hours > 1 else ''} ago"


def typical(row: pandas.Series) -> str:
    """A row of typical_time: the days, or why there are none."""
    return row.typical_word or days(row.typical_days)


def day(value: date | datetime | pandas.Timestamp | None, zone: str = "UTC") -> str:
    """A calendar day ("26 March 2025") of an instant in a zone, or of a plain date."""
    if value is None or pandas.isna(value):
        return NOTHING
    if isinstance(value, datetime) and value.tzinfo:
        value = value.astimezone(ZoneInfo(zone))
    return f"{value.day} {value:%B %Y}"


def listed(words: list[str]) -> str:
    """Words as a sentence lists them: "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def unknown(what: str, told: str, where: str, shown: str) -> str:
    """What the address names and there is not: "There is no stage 'x' in Add; Ask is shown."."""
    inside = f" in {where}" if where else ""
    return f"There is no {what} '{cut(told)}'{inside}; {shown} is shown."


def no_day(told: str, least: date, most: date, shown: date) -> str:
    """What the address names as a day, and is none, or none that can be shown."""
    return f"'{cut(told)}' is no day from {day(least)} to {day(most)}; {day(shown)} is shown."


def no_number(what: str, told: str, least: int, most: int, shown: int) -> str:
    """What the address names as a number, and is none, or too small or too large."""
    return (
        f"{what}: '{cut(told)}' is no whole number from {least:,} to {most:,}; {shown:,} is shown."
    )


def cut(told: str, most: int = 60) -> str:
    """So much of a text as a sentence holds."""
    return told if len(told) <= most else f"{told[:most]}…"
