"""What was to be expected: the moves that the pace of before predicts, week by week.

The hazard of moving on at each age (Nelson and Aalen's estimator) is taken from before alone and
laid over the ages that work really had in each week, finished or not (a one-sample log-rank test;
Breslow, "Analysis of survival data under the proportional hazards model", 1975). Moves at ages
that hardly anything had reached before have nothing to be compared with and are counted apart.
"""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy

FEW = 5  # items at an age, below which before has not seen that age
AT_ONCE = 1e-9  # days
KIND = 20  # items of a kind, below which it is taken together with other small kinds
AT_A_TIME = 1 << 16  # ages that are looked up together: as many as stay in a processor's cache
Numbers = numpy.ndarray


class Spells(NamedTuple):
    """Stays as columns, in days of the stream's own clock: when each began, the age at which it is
    first known, its age at the end or so far, whether it ended in a move, whether it was seen to
    begin, and whether it can be placed at an age at all."""

    start: Numbers
    late: Numbers
    age: Numbers
    moved: Numbers
    seen: Numbers
    placed: Numbers

    @property
    def began(self) -> Numbers:
        """When those began that were seen to begin."""
        return self.start[self.seen]

    def of(self, some: Numbers | slice) -> Self:
        """Some of them: those of a mask, of an order, or that follow each other (no copy)."""
        return type(self)(*(column[some] for column in self))


class Weeks(NamedTuple):
    """Week by week: the moves `compared`, those `expected`, and those `left_out` at ages without
    comparison. Of the weeks since before: the variance (`doubt`) of what is expected, for before is
    finite; how many moves are expected at which `ages`; and the ages at which those compared came.
    """

    compared: Numbers
    expected: Numbers
    left_out: Numbers
    doubt: float
    ages: Numbers
    expected_at: Numbers
    moved_at: Numbers


class Pace(NamedTuple):
    """The pace of before: the ages at which something moved, the hazard at each and its variance, and
    the last age that enough had reached."""

    ages: Numbers
    hazard: Numbers
    doubt: Numbers
    last: float


def weekly(spells: Spells, edges: Numbers, befores: list[int], since: int = 0) -> list[Weeks]:
    """Moves and expected moves in each week between `edges` (days, oldest first): for each of
    `befores` by the pace of so many first weeks. What is expected in the weeks before `since` is not
    worked out, and 0."""
    strange, spells = spells.of(~spells.placed), _placed(spells)
    end = spells.start + spells.age
    late = numpy.maximum(spells.late, edges[0] - spells.start)
    # Known from its start, a stay is at risk from age 0 on, its first instant included.
    late = numpy.where(late > 0, late, -AT_ONCE)
    paces = [_pace(spells, late, end, edges[before]) for before in befores]
    expected = _expected(spells, late, edges, _due(paces), since)
    beyond = numpy.histogram((strange.start + strange.age)[strange.moved], edges)[0]
    return [
        _weeks(spells, late, end, edges, edges[before], pace, due, beyond)
        for before, pace, due in zip(befores, paces, expected, strict=True)
    ]


def _placed(spells: Spells) -> Spells:
    """Those that can be placed at an age; they are not copied where all can."""
    return spells if spells.placed.all() else spells.of(spells.placed)


def _weeks(spells, late, end, edges, boundary: float, pace: Pace, expected, beyond) -> Weeks:
    within = spells.moved & (end > edges[0])
    known = spells.age <= pace.last
    since = numpy.maximum(boundary - spells.start, late)
    at_risk = _between(since, spells.age, pace.ages)
    return Weeks(
        numpy.histogram(end[within & known], edges)[0],
        expected,
        numpy.histogram(end[within & ~known], edges)[0] + beyond,
        float(numpy.sum(pace.doubt * at_risk**2)),
        pace.ages,
        pace.hazard * at_risk,
        spells.age[within & known & (end > boundary)],
    )


def by_kind(
    spells: Spells, edges: Numbers, befores: list[int], kinds: Numbers | None, since: int = 0
) -> list[Weeks]:
    """The same with a pace for each kind of item of its own: small kinds are taken together."""
    if kinds is None:
        return weekly(spells, edges, befores, since)
    by_kind, each = apart(kinds)
    spells = spells.of(by_kind)
    told = [weekly(spells.of(one), edges, befores, since) for one in each]
    return [_together(each) for each in zip(*told, strict=True)]


def apart(kinds: Numbers) -> tuple[Numbers, list[slice]]:
    """An order in which each kind stands together, and where each does: small kinds first, as one."""
    _, code, size = numpy.unique(kinds, return_inverse=True, return_counts=True)
    code = numpy.where(size[code] < KIND, -1, code)
    order = numpy.argsort(code, kind="stable")
    first = numpy.flatnonzero(numpy.diff(code[order], prepend=-2))
    return order, list(map(slice, first, [*first[1:], len(code)]))


def _together(kinds: tuple[Weeks, ...]) -> Weeks:
    sums: list = [sum(w[n] for w in kinds) for n in range(4)]
    return Weeks(*sums, *(numpy.concatenate([w[n] for w in kinds]) for n in range(4, 7)))


class _Due(NamedTuple):
    """How many moves are due by an age, by each pace: a row for each, before the first of the ages and
    from each of them on. One look up answers for all of them: of a million items that is the work."""

    ages: Numbers
    sums: Numbers


def _due(paces: list[Pace]) -> _Due:
    ages = numpy.unique(numpy.concatenate([pace.ages for pace in paces]))
    due = numpy.zeros((len(paces), len(ages) + 1))
    for row, pace in zip(due, paces, strict=True):
        sums = numpy.concatenate([[0.0], numpy.cumsum(pace.hazard)])
        row[1:] = sums[numpy.searchsorted(pace.ages, ages, "right")]
    return _Due(ages, due)


def _expected(spells: Spells, late: Numbers, edges: Numbers, due: _Due, since: int) -> Numbers:
    """What is `due` by the ages that stays reach in each week between edges, in sum: a row a pace, and
    0 in the weeks before `since`.

    A stay is asked at the edges from the last before it is known up to its end, or to the last age at
    which anything is due: a line of years has few of its stays in at any edge.
    """
    expected = numpy.zeros((len(due.sums), len(edges) - 1))
    if not len(due.ages):
        return expected
    most = numpy.minimum(numpy.minimum(spells.age, due.ages[-1]), edges[-1] - spells.start)
    some = numpy.flatnonzero((most > late) & (spells.start + most >= edges[since] - AT_ONCE))
    some = some[numpy.argsort(most[some])]  # what is looked up in order is found sooner
    start, late, most = spells.start[some], late[some], most[some]
    first = numpy.clip(numpy.searchsorted(edges, start + late) - 1, since, len(edges) - 2)
    last = numpy.searchsorted(edges, start + most)
    # A sum may miss an edge by a hair that a difference does not: then one edge more is asked.
    last += edges[numpy.minimum(last, len(edges) - 1)] - start < most
    counts = numpy.clip(last, first + 1, len(edges) - 1) - first
    cuts = numpy.searchsorted(numpy.cumsum(counts), range(AT_A_TIME, counts.sum(), AT_A_TIME))
    for one in map(slice, [0, *cuts], [*cuts, len(some)]):
        _add_expected(
            expected, start[one], late[one], most[one], first[one], counts[one], edges, due
        )
    return expected


def _add_expected(expected, start, late, most, first, counts, edges: Numbers, due: _Due) -> None:
    """Add what is due of stays in as many weeks as they count from their first one on."""
    ends = numpy.cumsum(counts)
    week = numpy.arange(counts.sum()) + numpy.repeat(first + counts - ends, counts)
    age = edges[week] - numpy.repeat(start, counts)
    age = numpy.clip(age, numpy.repeat(late, counts), numpy.repeat(most, counts))
    by_age = numpy.argsort(age)
    nth, last = (numpy.searchsorted(due.ages, ages, "right") for ages in (age[by_age], most))
    for row, sums in zip(expected, due.sums, strict=True):
        was = numpy.empty(len(age))
        was[by_age] = sums[nth]
        now = numpy.append(was[1:], 0.0)
        now[ends - 1] = sums[last]
        row += numpy.bincount(week, now - was, minlength=len(row))


def _pace(spells: Spells, late: Numbers, end: Numbers, boundary: float) -> Pace:
    age = numpy.minimum(spells.age, boundary - spells.start)
    there = age > late
    moved = spells.moved & (end <= boundary) & there
    ages, moves = numpy.unique(age[moved], return_counts=True)
    reached = numpy.sort(age[there])
    at_risk = _come(late[there], ages) - numpy.searchsorted(reached, ages, "left")
    enough = at_risk >= FEW
    ages, moves, at_risk = ages[enough], moves[enough], at_risk[enough]
    last = reached[-FEW] if len(reached) >= FEW else 0.0
    return Pace(ages, moves / at_risk, moves / at_risk**2, last)


def _between(late: Numbers, age: Numbers, ages: Numbers) -> Numbers:
    """How many stays were there, and not yet over, just before each age."""
    there = age > late
    gone = numpy.searchsorted(numpy.sort(age[there]), ages, "left")
    return _come(late[there], ages) - gone


def _come(late: Numbers, ages: Numbers) -> Numbers:
    """How many were known before each age (0 or more); most were from their start."""
    later = numpy.sort(late[late >= 0])
    return len(late) - len(later) + numpy.searchsorted(later, ages, "left")
