"""The last weeks of a line beside what was to be expected of them, and beside its earlier stretches.

The noise is measured: how far stretches of as many weeks before were from what was to be expected.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy
from scipy.special import stdtrit

from metrics.statistics.expected import Numbers, Spells, Weeks, by_kind

LEAST = 5  # moves to be expected in a stretch before it is judged
CHANCE = 0.015  # rarer than this, in each direction, is a change
# Rolling stretches overlap: they tell as much of the noise as half again as many that do not.
OVERLAP = 1.5


class Stretch(NamedTuple):
    """The last weeks beside what was to be expected of them: how far off they are in standard
    deviations of chance, how far earlier stretches were (their noise is the root of their mean
    square), and how far it takes to be a change."""

    weeks: int
    told: Weeks
    moved: int
    expected: float
    left_out: int
    off: float
    earlier: Numbers  # nan where less than LEAST was to be expected
    noise: float
    needed: float

    @property
    def known(self) -> Numbers:
        """Those of the earlier stretches of which enough was to be expected."""
        return self.earlier[~numpy.isnan(self.earlier)]

    @property
    def strength(self) -> float:
        """Above 1 it is a change: beyond the noise, and further than any earlier stretch."""
        same_side = self.known * numpy.sign(self.off)
        return abs(self.off) / max(self.needed, same_side.max(initial=0.0))


def stretches(
    spells: Spells, edges: Numbers, windows: Iterable[int], kinds: list[Numbers]
) -> list[Stretch]:
    """The last weeks beside before, of each of some numbers of weeks (`windows`) of which before is
    long enough and enough is to be expected.

    With several attributes the one decides within whose kinds the change is smallest.
    """
    some = [weeks for weeks in windows if len(edges) - 1 - weeks >= 3 * weeks]
    befores = [len(edges) - 1 - weeks for weeks in some]
    if not some:
        return []
    each: list[Numbers | None] = [*kinds] or [None]
    told = zip(*(by_kind(spells, edges, befores, kind) for kind in each), strict=True)
    found = []
    for weeks, before, one in zip(some, befores, told, strict=True):
        by_attribute = [s for w in one if (s := _stretch(w, weeks, before))]
        if len(by_attribute) == len(one):
            found.append(min(by_attribute, key=lambda s: s.strength))
    return found


def _stretch(told: Weeks, weeks: int, before: int) -> Stretch | None:
    moved, expected = int(told.compared[before:].sum()), float(told.expected[before:].sum())
    if expected < LEAST:
        return None
    came, due = rolling(told.compared[:before], weeks), rolling(told.expected[:before], weeks)
    earlier = numpy.where(due >= LEAST, deviation(came, due), numpy.nan)
    known = earlier[~numpy.isnan(earlier)]
    free = (len(known) + weeks - 1) / weeks - 1
    if free < 1.5:
        return None
    # Before was fitted to these stretches: the next one is further off by so much.
    noise = math.sqrt(max(1.0, float(numpy.mean(known**2)) / (1 - weeks / before)))
    needed = float(stdtrit(free * OVERLAP, 1 - CHANCE)) * noise
    off = float(deviation(moved, expected)) / math.sqrt(1 + told.doubt / expected)
    left_out = int(told.left_out[before:].sum())
    return Stretch(weeks, told, moved, expected, left_out, off, earlier, noise, needed)


def deviation(moved, expected) -> Numbers:
    """How far counts are from those expected, in standard deviations of chance: the signed root of
    the deviance of Poisson's law (McCullagh and Nelder, "Generalized linear models", 1989)."""
    moved, expected = numpy.asarray(moved, float), numpy.maximum(expected, 1e-9)
    logs = numpy.log(numpy.maximum(moved, 1e-9) / expected)
    deviance = 2 * (numpy.where(moved > 0, moved * logs, 0.0) - (moved - expected))
    return numpy.sign(moved - expected) * numpy.sqrt(numpy.maximum(deviance, 0.0))


def rolling(values: Numbers, weeks: int) -> Numbers:
    """The sums of each so many values that follow one another."""
    total = numpy.concatenate([[0.0], numpy.cumsum(values)])
    return total[weeks:] - total[:-weeks]
