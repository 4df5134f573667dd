"""Goals worked out again, slowly, from their definition in words: shares no code with metrics/.

A result is on track while the share of the way it has gone is at least that of the time.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

import independent
from independent_time import midnight
from line import STAGES

DAY = 86400e6
STALE = timedelta(days=30)


class Result(NamedTuple):
    """What is measured (of the whole line: place ""), from when to when, and what it is to be."""

    measure: str
    place: str
    begins: date
    start: float | None
    due: date
    target: float
    at_least: bool


class Found(NamedTuple):
    state: str
    value: float | None
    start: float | None
    way: float | None
    time: float | None
    needed: float | None
    so_far: float | None


def ends(day: date) -> datetime:
    """The last microsecond of a day in London."""
    return midnight(day + timedelta(days=1)) - timedelta(microseconds=1)


def measured(visits, measure: str, place: str, as_of: datetime) -> float | None:
    """A measure at an instant; None where nothing is known of it."""
    if not independent.at(visits, as_of) or as_of - visits.line.now(as_of) > STALE:
        return None
    if measure == "typical":
        return _typical(visits, place, as_of)
    counts = independent.queue_size(visits, as_of, STAGES)
    if measure == "queue":
        return counts[place][0]
    return sum(sum(counts[one][:3]) for one in STAGES if place in ("", one))


def _typical(visits, place: str, as_of: datetime) -> float | None:
    spells = [
        independent.spell(s.lead, s.exit, s.known_age, s.at_least)
        for s in independent.stays(visits, as_of)
        if s.place == place
    ]
    if not place:
        spells = [s for s, _ in independent.stream_spells(visits, as_of).values()]
    typical = independent.typical_time(spells)[0] if spells else None
    return None if typical is None else typical / DAY


def found(visits, result: Result, as_of: datetime) -> Found:
    """How far a result is at an instant; what it was on its last day, once that is over."""
    begins, due = ends(result.begins), ends(result.due)
    seen = min(as_of, due)
    value = measured(visits, result.measure, result.place, seen)
    start = result.start
    if start is None:
        start = measured(visits, result.measure, result.place, begins)
    if as_of < begins:
        return Found("not begun", value, start, *[None] * 4)
    time = (seen - begins) / (due - begins)
    way = None
    if start is not None and not _held(result, start) and value is not None:
        way = (start - value) / (start - result.target)
    state = _state(visits, result, as_of, value, start, way, time)
    needed = so_far = None
    if state in ("on track", "behind"):
        needed = (result.target - value) / ((due - as_of) / timedelta(weeks=1))
        if as_of > begins:
            so_far = (value - start) / ((as_of - begins) / timedelta(weeks=1))
    return Found(state, value, start, way, time, needed, so_far)


def _held(result: Result, value: float) -> bool:
    return value >= result.target if result.at_least else value <= result.target


def _state(visits, result: Result, as_of: datetime, value, start, way, time) -> str:
    over = as_of >= ends(result.due)
    if value is None:
        return "not known"
    if over and not _held(result, value):
        return "missed"
    # An item in a status of no stage may belong anywhere.
    known = independent.at(visits, min(as_of, ends(result.due)))
    if any(mine[-1].part == "unmapped" for mine in known.values()):
        return "not known"
    if _held(result, value):
        return "reached"
    if start is None:
        return "not known"
    return "behind" if way is None or way < time else "on track"
