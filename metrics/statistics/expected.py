"""What was to be expected: the moves that the pace of before predicts, week by week.

The hazard of moving on at each age (Nelson and Aalen's estimator) is taken from before alone and
laid over the ages that work really had in each week, finished or not (a one-sample log-rank test;
Breslow, "Analysis of survival data under the proportional hazards model", 1975). Moves at ages
that hardly anything had reached before have nothing to be compared with and are counted apart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Self

import numpy

FEW = 5  # items at an age, below which before has not seen that age
AT_ONCE = 1e-9  # days
KIND = 20  # items of a kind, below which it is taken together with other small kinds
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

    def of(self, mask: Numbers) -> Self:
        """Those of a mask."""
        return type(self)(*(column[mask] for column in self))


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


def weekly(spells: Spells, edges: Numbers, befores: list[int]) -> list[Weeks]:
    """Moves and expected moves in each week between `edges` (days, oldest first): for each of
    `befores` by the pace of so many first weeks."""
    strange, spells = spells.of(~spells.placed), spells.of(spells.placed)
    late = numpy.maximum(spells.late, edges[0] - spells.start)
    # Known from its start, a stay is at risk from age 0 on, its first instant included.
    late = numpy.where(late > 0, late, -AT_ONCE)
    paces = [_pace(spells, late, edges[before]) for before in befores]
    expected = _expected(spells, late, edges, _due(paces))
    beyond = numpy.histogram((strange.start + strange.age)[strange.moved], edges)[0]
    return [
        _weeks(spells, late, edges, edges[before], pace, due, beyond)
        for before, pace, due in zip(befores, paces, expected, strict=True)
    ]


def _weeks(spells: Spells, late, edges, boundary: float, pace: Pace, expected, beyond) -> Weeks:
    end = spells.start + spells.age
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
    spells: Spells, edges: Numbers, befores: list[int], kinds: Numbers | None
) -> list[Weeks]:
    """The same with a pace for each kind of item of its own: small kinds are taken together."""
    if kinds is None:
        return weekly(spells, edges, befores)
    _, code, size = numpy.unique(kinds, return_inverse=True, return_counts=True)
    code = numpy.where(size[code] < KIND, -1, code)
    told = [weekly(spells.of(code == one), edges, befores) for one in numpy.unique(code)]
    return [_together(each) for each in zip(*told, strict=True)]


def _together(kinds: tuple[Weeks, ...]) -> Weeks:
    sums: list = [sum(w[n] for w in kinds) for n in range(4)]
    return Weeks(*sums, *(numpy.concatenate([w[n] for w in kinds]) for n in range(4, 7)))


def _due(paces: list[Pace]) -> Callable[[Numbers], Numbers]:
    """How many moves are due by ages, by each pace: a row for each. Looked up once for all of them,
    which of a million items is most of the work."""
    ages = numpy.unique(numpy.concatenate([pace.ages for pace in paces]))
    due = numpy.zeros((len(paces), len(ages) + 1))
    for row, pace in zip(due, paces, strict=True):
        sums = numpy.concatenate([[0.0], numpy.cumsum(pace.hazard)])
        row[1:] = sums[numpy.searchsorted(pace.ages, ages, "right")]
    return lambda age: due[:, numpy.searchsorted(ages, age, "right")]


def _expected(spells: Spells, late: Numbers, edges: Numbers, due: Callable) -> Numbers:
    """What is `due` by the ages that stays reach in each week between edges, in sum: a row a pace.

    A stay reaches none before it is known and no more once it is over, so each week is asked only
    for those that were in during it: a line of years has few of its stays in at any edge.
    """
    order = numpy.argsort(spells.start)  # so that ages are asked for in order, which is faster
    late, start = late[order], spells.start[order]
    most = numpy.maximum(spells.age[order], late)
    come = numpy.maximum(numpy.searchsorted(edges, start + late) - 1, 0)
    over = numpy.searchsorted(edges, start + most, "right")
    since = numpy.argsort(come, kind="stable")
    first = numpy.searchsorted(come[since], numpy.arange(len(edges) + 1))
    within, was = since[:0], due(start[:0])
    expected = numpy.zeros((len(was), len(edges) - 1))
    for n in range(len(edges) - 1):
        new, still = since[first[n] : first[n + 1]], over[within] >= n
        began = due(numpy.clip(edges[n] - start[new], late[new], most[new]))
        was = numpy.concatenate([was[:, still], began], axis=1)
        within = numpy.concatenate([within[still], new])
        now = due(numpy.clip(edges[n + 1] - start[within], late[within], most[within]))
        expected[:, n] = numpy.sum(now - was, axis=1)
        was = now
    return expected


def _pace(spells: Spells, late: Numbers, boundary: float) -> Pace:
    age = numpy.minimum(spells.age, boundary - spells.start)
    there = age > late
    moved = spells.moved & (spells.start + spells.age <= boundary) & there
    ages, moves = numpy.unique(age[moved], return_counts=True)
    at_risk = _between(late[there], age[there], ages)
    enough = at_risk >= FEW
    ages, moves, at_risk = ages[enough], moves[enough], at_risk[enough]
    reached = numpy.sort(age[there])
    last = reached[-FEW] if len(reached) >= FEW else 0.0
    return Pace(ages, moves / at_risk, moves / at_risk**2, last)


def _between(late: Numbers, age: Numbers, ages: Numbers) -> Numbers:
    """How many stays were there, and not yet over, just before each age."""
    late, age = late[age > late], age[age > late]
    come = numpy.searchsorted(numpy.sort(late), ages, "left")
    return come - numpy.searchsorted(numpy.sort(age), ages, "left")
