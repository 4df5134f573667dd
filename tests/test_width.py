"""The curve without a part of its spells, and how far apart ages lie within some weeks: each beside the
plain way to say it."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy
import pytest
from seeds import chance

from metrics.statistics.expected import KIND
from metrics.statistics.survival import shares, shares_by_end, shares_without
from metrics.statistics.width import MIDDLE, Stays, Widths

WEEKS = 8
EDGES = numpy.arange(WEEKS + 1) * 7.0


def drawn(seed: int, count: int) -> Stays:
    """Stays of whole days, many of them alike: some over at once, some known late, some given up, some
    booked in bulk; from before the first week on, and some still in at the end."""
    random, rows = chance("width", seed), [(0, 0, 7), (7, 0, 7), (7, 7, 7), (-20, 3, 20)]
    for _ in range(count):
        start, age = (
            random.randint(-20, 7 * WEEKS),
            random.choice([0, 1, 2, 2, 3, 3, 7, 7, random.randint(1, 40)]),
        )
        age = min(age, 7 * WEEKS - start)
        rows.append((start, random.randint(0, age) if random.random() < 0.2 else 0, age))
    start, late, age = (numpy.array(column, float) for column in zip(*rows, strict=True))
    gone, moved, bulk, seen = (
        numpy.array([random.random() < share for _ in rows]) for share in (0.99, 0.99, 0.05, 0.9)
    )
    gone &= start + age < 7 * WEEKS
    return Stays(start, late, age, gone & moved, gone, gone & moved & bulk, seen)


def finished(seed: int, count: int) -> Stays:
    """Stays that have all moved on, after a day or more: of them every share can be told."""
    random = chance("finished", seed)
    start, age = (
        numpy.array([float(random.randint(*ends)) for _ in range(count)])
        for ends in ((0, 20), (1, 35))
    )
    yes = numpy.ones(count, bool)
    return Stays(start, 0 * start, age, yes, yes, ~yes, yes)


@pytest.mark.parametrize("count", [0, 6, 40])
@pytest.mark.parametrize("seed", range(3))
def test_a_curve_without_a_block_is_that_of_the_others(seed, count):
    """Of a block of none, too, and of one that holds the oldest alone."""
    stays = drawn(seed, count)
    stays = stays.of(numpy.argsort(stays.age, kind="stable"))
    block = numpy.random.default_rng(seed).integers(0, 3, len(stays.age))
    block[-1] = 4
    columns = (stays.late, stays.age, stays.moved, stays.gone)
    told = list(shares_without(*columns, block, 6))
    for left_out, one in enumerate(told):
        rest = shares(*(column[block != left_out] for column in columns))
        at = numpy.searchsorted(one.ages, rest.ages)
        for ours, theirs in zip(one, rest, strict=True):
            assert numpy.array_equal(ours[at], theirs)  # to the last bit
        assert one.ages[-1] == rest.ages[-1]
        for share in (0.1, 0.5, 0.85, 1):
            assert numpy.array_equal(one.reached(share), rest.reached(share), equal_nan=True)
    assert len(told) == 6


@pytest.mark.parametrize("count", [0, 6, 40])
@pytest.mark.parametrize("seed", range(3))
def test_a_curve_of_ages_alone_is_that_of_the_spells(seed, count):
    """At ages at which any were gone; of ages none of which moved, or none was given up, too."""
    stays = drawn(seed, count)
    none = numpy.zeros(len(stays.age), bool)
    for moved, gone in (
        (stays.moved, stays.gone),
        (none, stays.gone),
        (stays.gone, stays.gone),
        (none, none),
    ):
        other, still = stays.age[gone & ~moved], stays.age[~gone]
        late = stays.late[stays.late > 0]
        ours = shares_by_end(late[::-1], stays.age[moved][::-1], other, still)
        theirs = shares(stays.late, stays.age, moved, gone)
        ended = theirs.gone > 0
        for one, whole in zip(ours, theirs, strict=True):
            assert numpy.array_equal(one, whole[ended])  # to the last bit
        for share in (0.1, 0.5, 0.85, 1):
            assert numpy.array_equal(ours.reached(share), theirs.reached(share), equal_nan=True)


def width(stays: Stays, since: float, until: float) -> float:
    """Kaplan and Meier in fractions, of what is there after the one and up to the other instant."""
    there = []
    for start, late, age, moved, _, bulk, _ in zip(*stays, strict=True):
        known, early = max(late, since - start), min(age, until - start)
        if early > known or early == known == 0:
            there.append((known, early, moved and not bulk and start + age <= until))
    staying, reached = Fraction(1), []
    for at in sorted({early for _, early, moved in there if moved}):
        were = sum((known < at or known == 0) and at <= early for known, early, _ in there)
        staying *= 1 - Fraction(sum(moved and early == at for _, early, moved in there), were)
        reached.append((1 - staying, at))
    found = [next((at for by, at in reached if by >= Fraction(str(s))), math.nan) for s in MIDDLE]
    return math.log(found[1] / found[0]) if found[0] else math.nan


@pytest.mark.parametrize("seed", range(3))
def test_a_width_is_that_of_what_happened_between_two_edges(seed):
    for stays in (drawn(seed, 60), finished(seed, 60)):
        for since, until in ((0, 8), (0, 4), (4, 8), (3, 4), (7, 8)):
            told = Widths(stays, EDGES, None).between(since, until)
            slow = width(stays, EDGES[since], EDGES[until])
            assert told == pytest.approx(slow, abs=1e-12, nan_ok=True)
    assert not math.isnan(Widths(stays, EDGES, None).between(0, 8))


def test_within_kinds_a_width_is_their_mean_by_size_and_small_ones_are_one():
    stays = finished(3, 120)
    kinds = ["small"] * (KIND - 1) + ["less"] * 7 + ["large"] * KIND
    kinds += ["larger"] * (len(stays.age) - len(kinds))
    chance("kinds").shuffle(kinds)
    groups = [numpy.isin(kinds, group) for group in (["small", "less"], ["large"], ["larger"])]
    told = Widths(stays, EDGES, numpy.array(kinds)).between(0, 8)
    each = [width(stays.of(group), 0, EDGES[8]) for group in groups]
    assert told == pytest.approx(numpy.average(each, weights=[group.sum() for group in groups]))


def test_where_that_of_one_kind_can_not_be_told_none_is():
    stays, kinds = finished(4, 110), numpy.array(["moves"] * 90 + ["stays"] * 20)
    moves = kinds == "moves"
    never = stays._replace(moved=moves, gone=moves, age=numpy.where(moves, stays.age, 36.0))
    assert not math.isnan(Widths(never, EDGES, None).between(0, 8))
    assert math.isnan(Widths(never, EDGES, kinds).between(0, 8))
