"""How far apart the ages lie at which work moved on within some weeks, in what happened in those alone."""

from __future__ import annotations

import math
from typing import NamedTuple, Self

import numpy

from metrics.statistics.expected import Numbers, apart
from metrics.statistics.survival import shares_of, upto

MIDDLE = (0.2, 0.8)
NEAR = 1e-3  # days: more than rounding adds to a time
INSTANT = 1 / 24  # days: below it no ratio of ages means anything


class Stays(NamedTuple):
    """Stays whose age is known, as columns in days of the stream's own clock: when each began, the
    age at which it is first known and its age at the end or so far; whether it ended in a move,
    ended at all, was booked in bulk, and was seen to begin."""

    start: Numbers
    late: Numbers
    age: Numbers
    moved: Numbers
    gone: Numbers
    bulk: Numbers
    seen: Numbers

    def of(self, some: Numbers | slice) -> Self:
        """Some of them: those of a mask, of an order, or that follow each other (no copy)."""
        return type(self)(*(column[some] for column in self))


class Widths:
    """What is asked of many stretches of weeks, worked out once: which stays were near each of `edges`
    (days, oldest first), of each kind of item where there are kinds."""

    def __init__(self, stays: Stays, edges: Numbers, kinds: Numbers | None):
        each = [slice(None)]
        if kinds is not None:
            by_kind, each = apart(kinds)
            stays = stays.of(by_kind)
        self._kinds = [_Kind(stays.of(one), edges) for one in each]
        self._weights = None if kinds is None else [kind.size for kind in self._kinds]

    def between(self, since: int, until: int) -> float:
        """How many times longer (log) the upper end of the middle 60 of 100 is than its lower, in what
        happened between two edges; within each kind of item, weighed by their numbers; nan where that
        of any can't be told."""
        told = []
        for kind in self._kinds:
            told.append(kind.width(since, until))
            if math.isnan(told[-1]):
                return math.nan
        if self._weights is None:
            return told[0]
        return float(numpy.dot(told, self._weights) / sum(self._weights))


class _Kind:
    """The stays of one kind, and where among the edges each began and was over, or so far."""

    def __init__(self, stays: Stays, edges: Numbers):
        self.size = len(stays.age)
        self._start, self._late, self._age, self._edges = stays.start, stays.late, stays.age, edges
        self._end = stays.start + stays.age
        # What was booked in bulk moved at no age of its own; giving up is no pace.
        self._moved = stays.moved & ~stays.bulk
        # Small numbers, for all stays are gone through in each stretch, and in most few were in.
        self._began = numpy.searchsorted(edges + NEAR, self._start).astype(numpy.int16)
        self._over = numpy.searchsorted(edges - NEAR, self._end, "right").astype(numpy.int16)

    def width(self, since: int, until: int) -> float:
        """That of `Widths.between`."""
        some = numpy.flatnonzero((self._began <= until) & (self._over > since))
        start = self._start[some]
        late = numpy.maximum(self._late[some], self._edges[since] - start)
        age = numpy.minimum(self._age[some], self._edges[until] - start)
        there = (age > late) | ((age == late) & (late == 0))
        moved = self._moved[some] & (self._end[some] <= self._edges[until]) & there
        ages, moves = numpy.unique(age[moved], return_counts=True)
        # Known from its start, a stay is at risk from age 0 on.
        later = late[there & (late > 0)]
        at_risk = (
            numpy.count_nonzero(there) - len(later) + upto(later, ages) - upto(age[there], ages)
        )
        told = shares_of(ages, at_risk, moves, moves)
        low, high = (told.reached(share) for share in MIDDLE)
        return math.log(high / low) if low > INSTANT else math.nan
