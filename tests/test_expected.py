"""What was to be expected week by week, beside a calculation in fractions, stay by stay and age by age."""

from __future__ import annotations

from fractions import Fraction

import numpy
import pytest
from seeds import chance

from metrics.statistics import expected
from metrics.statistics.expected import FEW, KIND, Spells, by_kind, weekly

WEEKS, BEFORES = 12, [9, 6]
EDGES = numpy.arange(WEEKS + 1) * 7
STRANGE = [  # start, late, age, moved
    (0, 0, 0, True), (7, 0, 0, True), (63, 0, 0, True), (84, 0, 0, True), (10, 0, 0, False),
    (14, 0, 7, True), (21, 7, 14, True), (56, 0, 28, False), (-30, 0, 20, True), (-30, 0, 30, True),
    (-30, 0, 44, True), (-90, 60, 100, False), (0, 0, 84, False), (3, 5, 5, False),
]  # fmt: skip


def drawn(seed: int, count: int) -> list[tuple[int, int, int, bool]]:
    """Stays of whole days, many of them alike: from before the first week on, some at once over,
    some known late, some still in at the end; and each of the strange ones."""
    random, stays = chance("expected", seed), list(STRANGE)
    for _ in range(count):
        start = random.randint(-10, 7 * WEEKS)
        age = random.choice([0, 1, 3, 7, random.randint(0, 60)])
        moved = start + age <= 7 * WEEKS and random.random() < 0.8
        age = min(age, 7 * WEEKS - start)
        late = random.randint(0, age) if random.random() < 0.2 else 0
        stays.append((start, late, age, moved))
    return stays


def spells(stays: list[tuple[int, int, int, bool]]) -> Spells:
    start, late, age, moved = (numpy.array(column) for column in zip(*stays, strict=True))
    yes = numpy.ones(len(stays), bool)
    return Spells(start.astype(float), late.astype(float), age.astype(float), moved, yes, yes)


def slowly(stays: list[tuple[int, int, int, bool]], before: int) -> list[Fraction]:
    """Of each week: of each age at which any moved before, the share that did of those who were there,
    times those that reach it in the week; the first instant of a stay belongs to it."""
    there, boundary = [], int(EDGES[before])
    for start, late, age, moved in stays:
        known, early = max(late, -start), min(age, boundary - start)
        there.append((known, early, moved and start + age <= boundary))

    def at_risk(known: int, age: int, at: int) -> bool:
        return (known < at or (known <= 0 and at == 0)) and at <= age

    due = dict.fromkeys(range(WEEKS), Fraction(0))
    for at in {early for known, early, moved in there if moved and at_risk(known, early, early)}:
        were = sum(at_risk(known, early, at) for known, early, _ in there)
        went = sum(
            moved and early == at and at_risk(known, early, at) for known, early, moved in there
        )
        for start, late, age, _ in stays if were >= FEW else ():
            week = -(-(start + at) // 7) - 1  # up to its end, and without its begin
            if at_risk(max(late, -start), age, at) and week in due:
                due[week] += Fraction(went, were)
    return list(due.values())


@pytest.mark.parametrize("at_a_time", [1, 5, expected.AT_A_TIME])
@pytest.mark.parametrize(("seed", "count"), [(0, 5), (1, 30), (2, 90)])
def test_what_is_expected_in_each_week_is_what_is_due_at_each_age(
    monkeypatch, seed, count, at_a_time
):
    """However many ages are looked up together: a million items take many times."""
    monkeypatch.setattr(expected, "AT_A_TIME", at_a_time)
    stays = drawn(seed, count)
    for told, before in zip(weekly(spells(stays), EDGES, BEFORES), BEFORES, strict=True):
        assert told.expected == pytest.approx([*map(float, slowly(stays, before))], abs=1e-9)
        assert told.expected_at.sum() == pytest.approx(told.expected[before:].sum(), abs=1e-9)


def test_weeks_that_are_not_asked_for_are_not_worked_out():
    stays = drawn(4, 90)
    every, some = (weekly(spells(stays), EDGES, [9], since)[0].expected for since in (0, 9))
    assert every[:9].any() and not some[:9].any()
    assert some[9:] == pytest.approx(every[9:], abs=1e-9) and some[9:].any()


def test_each_kind_has_its_own_pace_and_small_ones_one_together():
    """Wherever the items of a kind stand among the others."""
    random, stays = chance("kinds"), drawn(5, 150)
    kinds = ["small"] * (KIND - 1) + ["less"] * 7 + ["large"] * KIND
    kinds += ["larger"] * (len(stays) - len(kinds))
    random.shuffle(kinds)
    [told] = by_kind(spells(stays), EDGES, [9], numpy.array(kinds))
    slow = [
        slowly([stay for stay, kind in zip(stays, kinds, strict=True) if kind in group], 9)
        for group in (["small", "less"], ["large"], ["larger"])
    ]
    assert told.expected == pytest.approx([float(sum(week)) for week in zip(*slow, strict=True)])


def test_where_nothing_moved_before_nothing_is_expected():
    one = [(3, 0, 60, False)]
    for stays in (one, [(3, 0, 81, False)] * 9, [(70, 0, 3, True)] * 9):
        [told] = weekly(spells(stays), EDGES, [9])
        assert not told.expected.any() and not len(told.ages)


def test_what_is_reached_after_the_last_week_counts_in_none():
    stays = [*drawn(2, 90), (70, 0, 40, False), (80, 0, 30, True)]
    [told] = weekly(spells(stays), EDGES, [9])
    assert told.expected == pytest.approx([*map(float, slowly(stays, 9))], abs=1e-9)
