"""Time in the independent calculation: the clock of a stream, up to when it is known, and what each
item did with its time, summed piece by piece.

Shares no code and no SQL with metrics/. Times are datetimes in UTC, durations microseconds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
MICRO = timedelta(microseconds=1)
# As the government's list has them: Boxing Day 2026 is a Saturday, so the Monday after is one.
HOLIDAYS = {
    date(2026, *day)
    for day in [(1, 1), (4, 3), (4, 6), (5, 4), (5, 25), (8, 31), (12, 25), (12, 28)]
}


class Line(NamedTuple):
    """What is so of a whole stream: whether its clock runs on working days alone, up to when its
    source has told, from when on it has told everything, and the days of edits in bulk."""

    working: bool = False
    known_until: datetime | None = None
    covers_from: datetime | None = None
    bulk: frozenset[date] = frozenset()

    def spent(self, start: datetime, end: datetime) -> int:
        """How long the stream's clock ran from one instant to another."""
        if not self.working:
            return (end - start) // MICRO
        return _worked(end) - _worked(start)

    def now(self, as_of: datetime) -> datetime:
        """Where every clock stands: no clock runs beyond what is known."""
        return min(as_of, self.known_until or as_of)

    def is_bulk(self, instant: datetime) -> bool:
        return local_day(instant) in self.bulk


class History(dict):
    """Each item's visits in order, the first sign of each item, and its line."""

    def __init__(self, visits: dict, line: Line, first: dict[str, datetime]):
        super().__init__(visits)
        self.line, self.first = line, first

    def cut(self, visits: dict) -> History:
        """The same with other visits."""
        return History(visits, self.line, self.first)


def local_day(instant: datetime) -> date:
    return instant.astimezone(LONDON).date()


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC)


def is_working(day: date) -> bool:
    return day.weekday() < 5 and day not in HOLIDAYS


_FIRST = date(2025, 12, 1)
_SUMS = [0]
for _n in range(500):
    _day = _FIRST + timedelta(days=_n)
    _long = (midnight(_day + timedelta(days=1)) - midnight(_day)) // MICRO
    _SUMS.append(_SUMS[-1] + (_long if is_working(_day) else 0))


def _worked(instant: datetime) -> int:
    """Working time from the first day of all up to an instant."""
    day = local_day(instant)
    today = (instant - midnight(day)) // MICRO if is_working(day) else 0
    return _SUMS[(day - _FIRST).days] + today


class Spent(NamedTuple):
    """The time of a stay, each sum on its own: from its beginning to its end; in work and not
    blocked; and in a queue, paused, or blocked in work."""

    lead: int
    process: int
    wait: int


def spent(line: Line, run: list, now: datetime) -> Spent:
    """What became of the time of a stay (its visits in order) up to now."""
    process = wait = 0
    for visit in run:
        inside = line.spent(visit.entered, visit.left or now)
        blocked = sum(line.spent(a, b or now) for a, b in visit.blocked)
        if visit.part == "work":
            process += sum(line.spent(a, b) for a, b in _free(visit, now))
            wait += blocked
        else:
            wait += inside
    return Spent(line.spent(run[0].entered, run[-1].left or now), process, wait)


def _free(visit, now: datetime) -> list[tuple]:
    """The stretches of a visit in which it was not blocked."""
    since, found = visit.entered, []
    for start, end in visit.blocked:
        found.append((since, start))
        since = end or now
    return [*found, (since, visit.left or now)]


def days(visits: History, as_of: datetime) -> list[date]:
    """Every day from the first event of a line to the last of which anything is known."""
    if not visits:
        return []
    first = local_day(min(mine[0].entered for mine in visits.values()))
    last = local_day(visits.line.now(as_of))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def states(visits: History, as_of: datetime, stages) -> dict[tuple, list]:
    """(stage, day) -> [waiting, working, blocked] at the last microsecond of each day, or at as_of
    in a day that is not over, on every day there is: each item is looked for in what it did then."""
    all_days = days(visits, as_of)
    ends = [min(midnight(day + timedelta(days=1)) - MICRO, as_of) for day in all_days]
    told: dict[tuple, list] = {(stage, day): [0, 0, 0] for stage in stages for day in all_days}
    for mine in visits.values():
        for stage, start, end, state in _doing(mine):
            for day, instant in zip(all_days, ends, strict=True):
                if start <= instant and (end is None or instant < end):
                    told[stage, day][state] += 1
    return told


def _doing(mine: list) -> list[tuple]:
    """(stage, from, until, 0 waiting, 1 working, 2 blocked) of an item, one after the other."""
    found = []
    for visit in mine:
        if visit.part in ("queue", "paused", "work"):
            state, since = int(visit.part == "work"), visit.entered
            for start, end in visit.blocked:
                found += [(visit.stage, since, start, state), (visit.stage, start, end, 2)]
                since = end
            if since is not None:
                found.append((visit.stage, since, visit.left, state))
    return found


def by_stage(stays: list) -> dict[str, Spent]:
    """The sums of each stage."""
    sums: dict[str, list] = defaultdict(list)
    for stay in stays:
        sums[stay.place].append((stay.lead, stay.process, stay.wait))
    return {place: Spent(*map(sum, zip(*told, strict=True))) for place, told in sums.items()}


def doubts(known: History) -> list[tuple[str, str]]:
    """(item, what) of each thing that is odd in the histories known."""
    found = []
    for item, mine in known.items():
        found += [(item, "unmapped status") for v in mine if v.part == "unmapped"]
        # A recording begins with it in another place than the one before had left it in.
        found += [(item, "recordings disagree") for v in mine[1:] if v.at_least]
        found += [
            (item, "reopened after delivery")
            for one, two in pairwise(mine)
            if one.part == "done" != two.part
        ]
        moves = Counter(local_day(v.entered) for v in mine[1:])
        found += [(item, "booked in one sitting") for n in moves.values() if n > 1]
        told = defaultdict(set)
        for visit in mine:
            if visit.precision in ("day", "exact"):
                told[local_day(visit.entered)].add(visit.precision)
        found += [(item, "a day beside times") for n in told.values() if len(n) > 1]
    return found
