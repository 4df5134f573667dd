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


def weekly(spells: Spells, edges: Numbers, before: int) -> Weeks:
    """Moves and expected moves in each week between `edges` (days, oldest first).

    The pace is that of the first `before` weeks.
    """
    strange, spells = spells.of(~spells.placed), spells.of(spells.placed)
    late = numpy.maximum(spells.late, edges[0] - spells.start)
    # Known from its start, a stay is at risk from age 0 on, its first instant included.
    late = numpy.where(late > 0, late, -AT_ONCE)
    end = spells.start + spells.age
    boundary = edges[before]
    ages, hazard, doubt, last = _hazard(spells, late, boundary)
    due = numpy.concatenate([[0.0], numpy.cumsum(hazard)])
    within = spells.moved & (end > edges[0])
    known = spells.age <= last
    since = numpy.maximum(boundary - spells.start, late)
    at_risk = _between(since, spells.age, ages)
    return Weeks(
        numpy.histogram(end[within & known], edges)[0],
        _expected(
            spells,
            late,
            edges,
            lambda age: due[numpy.searchsorted(ages, numpy.minimum(age, last), "right")],
        ),
        numpy.histogram(end[within & ~known], edges)[0]
        + numpy.histogram((strange.start + strange.age)[strange.moved], edges)[0],
        float(numpy.sum(doubt * at_risk**2)),
        ages,
        hazard * at_risk,
        spells.age[within & known & (end > boundary)],
    )


def by_kind(spells: Spells, edges: Numbers, before: int, kinds: Numbers | None) -> Weeks:
    """The same with a pace for each kind of item of its own: small kinds are taken together."""
    if kinds is None:
        return weekly(spells, edges, before)
    _, code, size = numpy.unique(kinds, return_inverse=True, return_counts=True)
    code = numpy.where(size[code] < KIND, -1, code)
    told = [weekly(spells.of(code == one), edges, before) for one in numpy.unique(code)]
    sums: list = [sum(w[n] for w in told) for n in range(4)]
    return Weeks(*sums, *(numpy.concatenate([w[n] for w in told]) for n in range(4, 7)))


def _expected(spells: Spells, late: Numbers, edges: Numbers, due: Callable) -> Numbers:
    """What is `due` by the ages that stays reach in each week between edges, in sum.

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
    expected = numpy.zeros(len(edges) - 1)
    within, was = since[:0], start[:0]
    for n in range(len(edges) - 1):
        new, still = since[first[n] : first[n + 1]], over[within] >= n
        began = due(numpy.clip(edges[n] - start[new], late[new], most[new]))
        was = numpy.concatenate([was[still], began])
        within = numpy.concatenate([within[still], new])
        now = due(numpy.clip(edges[n + 1] - start[within], late[within], most[within]))
        expected[n] = numpy.sum(now - was)
        was = now
    return expected


def _hazard(spells: Spells, late: Numbers, boundary: float):
    """The ages at which something moved before, the hazard at each and its variance, and the last
    age that enough had reached."""
    age = numpy.minimum(spells.age, boundary - spells.start)
    there = age > late
    moved = spells.moved & (spells.start + spells.age <= boundary) & there
    ages, moves = numpy.unique(age[moved], return_counts=True)
    at_risk = _between(late[there], age[there], ages)
    enough = at_risk >= FEW
    ages, moves, at_risk = ages[enough], moves[enough], at_risk[enough]
    reached = numpy.sort(age[there])
    last = reached[-FEW] if len(reached) >= FEW else 0.0
    return ages, moves / at_risk, moves / at_risk**2, last


def _between(late: Numbers, age: Numbers, ages: Numbers) -> Numbers:
    """How many stays were there, and not yet over, just before each age."""
    late, age = late[age > late], age[age > late]
    come = numpy.searchsorted(numpy.sort(late), ages, "left")
    return come - numpy.searchsorted(numpy.sort(age), ages, "left")
