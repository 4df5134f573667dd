"""Each threshold of the statistics that decide a word, held on both sides (see test_thresholds.py)."""

from __future__ import annotations

from datetime import date, timedelta

import numpy
import pandas
import pytest

from metrics.statistics import cautions, control_limits, faster
from metrics.statistics.behaviour import process_behaviour
from metrics.statistics.compare import CANT_TELL, compare
from metrics.statistics.control_limits import Limits
from metrics.statistics.expected import Spells, Weeks, by_kind, weekly
from metrics.statistics.stretch import Stretch, _stretch

NONE = numpy.array([])
NOBODY = Spells(NONE, NONE, NONE, NONE.astype(bool), NONE.astype(bool), NONE.astype(bool))


def moves(start, age, moved) -> Spells:
    """Stays that are known from their start."""
    start = numpy.asarray(start, float)
    yes = numpy.ones(len(start), bool)
    return Spells(start, 0 * start, numpy.asarray(age, float), numpy.asarray(moved, bool), yes, yes)


def weeks(expected) -> Weeks:
    """Weeks in which as many moved as were expected."""
    expected = numpy.asarray(expected, float)
    return Weeks(expected, expected, 0 * expected, 0.0, NONE, NONE, NONE)


def a_stretch(**more) -> Stretch:
    """13 weeks of 30 expected moves in which as many came, with 65 weeks known."""
    usual = dict(weeks=13, told=weeks([30 / 13] * 65), moved=30, expected=30.0, left_out=0, off=0.0,
                 earlier=numpy.zeros(40), noise=1.0, needed=1.7)  # fmt: skip
    return Stretch(**usual | more)


@pytest.fixture
def told_of(monkeypatch):
    """The verdict on a stretch of 13 weeks as it is given."""

    def verdict(older: float = 5.0, **more):
        one = a_stretch(**more)
        monkeypatch.setattr(faster, "stretches", lambda *_: [one])
        monkeypatch.setattr(cautions, "older_half", lambda _: (older, 10.0))
        return faster.verdict(NOBODY, numpy.arange(0.0, 66 * 7, 7), [])

    return verdict


@pytest.mark.parametrize(("moved", "left_out", "compared"), [(15, 5, True), (14, 6, False), (4, 4, True), (4, 5, False)])  # fmt: skip
def test_nothing_is_said_once_more_than_a_quarter_and_five_compare_with_nothing(told_of, moved, left_out, compared):  # fmt: skip
    because = told_of(moved=moved, left_out=left_out).because
    assert because[0].startswith(f"{left_out} of the {moved + left_out}") != compared


def test_the_same_is_said_where_a_third_would_have_shown(told_of):
    """Of 30, 21 and 40 are further off than 1.7: a third. Further than 1.74 are only 41, 11 more."""
    assert told_of(needed=1.7).word == faster.SAME
    told = told_of(needed=1.74)
    assert (told.word, told.because[1]) == (
        faster.UNKNOWN, "Too little to tell: only a change by more than 37% would show.",
    )  # fmt: skip


def test_a_change_is_further_off_than_it_takes_and_than_ever_before(told_of):
    assert told_of(off=1.7).word == faster.SAME
    assert told_of(off=1.7001).word == faster.FASTER
    assert told_of(off=-1.7001).word == faster.SLOWER
    ever = numpy.array([*numpy.zeros(39), 2.0])
    assert told_of(off=2.0, earlier=ever).word != faster.FASTER
    assert told_of(off=2.0001, earlier=ever).word == faster.FASTER


def test_a_change_is_one_that_the_older_half_bears_out(told_of):
    words = [told_of(older, off=3.0) for older in (0.7, 0.6999, 3.3, 3.2999)]
    assert [v.word for v in words] == [faster.FASTER, faster.UNKNOWN, faster.FASTER, faster.FASTER]
    assert [len(v.cautions) for v in words] == [1, 1, 0, 1]


@pytest.mark.parametrize(
    ("last", "each", "stopped"),
    [(54, 1.0, False), (53, 1.0, True), (53, 0.834, True), (53, 0.833, False)],
)
def test_a_line_has_stopped_after_six_weeks_in_which_five_were_expected(last, each, stopped):
    """Of 59 weeks each had a move, up to the last five or six; in each so many were expected."""
    spells = moves(numpy.zeros(last), numpy.arange(last) * 7 + 3.0, numpy.ones(last))
    told = faster._stopped(spells, numpy.arange(60) * 7.0, a_stretch(told=weeks([each] * 59)))
    assert (told is not None) == stopped


def test_and_after_twice_as_long_as_ever_before_and_two_weeks_more():
    """Three weeks had none before: it takes eight."""
    ends = numpy.array([w * 7 + 3.0 for w in range(50) if w not in (20, 21, 22)])
    spells = moves(0 * ends, ends, ends > 0)
    told = [
        faster._stopped(spells, numpy.arange(51 + n) * 7.0, a_stretch(told=weeks([2] * (50 + n))))
        for n in (7, 8)
    ]
    assert [one is not None for one in told] == [False, True]


@pytest.mark.parametrize(("due", "judged"), [(4.99, False), (5.0, True)])
def test_a_stretch_is_judged_from_five_expected_moves_on(due, judged):
    """52 weeks of one move as expected: 40 stretches that differ by nothing, worth three that do not
    overlap; by Student's law of four and a half degrees 3.129 is passed in three of two hundred."""
    told = _stretch(weeks([1.0] * 52 + [due] + [0.0] * 12), 13, 52)
    assert (told is not None) == judged
    if told:
        assert (told.noise, round(told.needed, 3)) == (1, 3.129)


@pytest.mark.parametrize(("before", "expected", "left_out"), [(5, 1, 0), (4, 0, 1)])
def test_an_age_is_known_where_five_reached_it(before, expected, left_out):
    """Of so many that reach 10 days one moves then; later one of five does."""
    start, age = [0.0] * before + [40.0] * 5, [10.0] + [35.0] * (before - 1) + [10.0] + [20.0] * 4
    spells = moves(start, age, [a == 10 for a in age])
    [told] = weekly(spells, numpy.array([0.0, 35.0, 70.0]), [1])
    assert (told.expected[1], told.left_out[1]) == (expected, left_out)


@pytest.mark.parametrize(("size", "expected"), [(20, 2), (19, 2 * 17 / 36)])
def test_a_kind_has_its_own_pace_from_twenty_items_on(size, expected):
    """Quick ones take a day, slow ones twenty; two more quick ones come."""
    quick = size - 2
    start = [0.0] * (quick + size) + [50.0] * 2
    age = [1.0] * quick + [20.0] * size + [1.0] * 2
    kinds = numpy.array(["q"] * quick + ["s"] * size + ["q"] * 2)
    [told] = by_kind(moves(start, age, numpy.ones(len(age))), numpy.array([0.0, 40.0, 100.0]), [1], kinds)  # fmt: skip
    assert told.expected[1] == pytest.approx(expected)


@pytest.mark.parametrize(("came", "more"), [(68, False), (69, True)])
def test_more_came_in_beyond_two_of_what_chance_gives(came, more):
    """Four a week for 52 weeks, so 52 in 13; 69 are 2.24 off, and twice the root of 1.25 is 2.236."""
    start = numpy.concatenate([numpy.repeat(numpy.arange(52) * 7.0, 4) + 1, numpy.linspace(365, 454, came)])  # fmt: skip
    told = cautions.arrivals(moves(start, start, start > 0).began, numpy.arange(66) * 7.0, 13)
    assert bool(told) == more


@pytest.mark.parametrize(("last", "season"), [(2.0, False), (2.001, True)])
def test_a_year_ago_it_was_as_now_when_it_was_less_than_the_noise_apart(last, season):
    """52 weeks before the last 13: of 104 weeks of stretches it is the 65th that ends then."""
    earlier = numpy.zeros(92)
    earlier[92 + 13 - 1 - 52] = last
    told = cautions.last_year(a_stretch(off=3.0, noise=1.0, earlier=earlier))
    assert bool(told) == season


@pytest.mark.parametrize(("since", "steady"), [(12, False), (13, True)])
def test_limits_may_not_hold_for_13_weeks_after_a_signal(since, steady):
    """10 and 14 take turns; one week of 30, and so many weeks since."""
    values = [10, 14] * 20 + [30] + [10, 14] * 6 + [10]
    values = values[: 41 + since]
    monday = [date(2026, 1, 5) + timedelta(weeks=n) for n in range(len(values))]
    frame = pandas.DataFrame({"week": pandas.to_datetime(monday), "lead_days": values, "base": 0, "left_out": False})  # fmt: skip
    told = process_behaviour(frame, "lead_time", 20).assurance
    assert told.endswith("It is not steady lately, so this may not hold.") != steady


@pytest.mark.parametrize(("far", "near"), [(1.7729, False), (1.7731, True), (2.66, True), (2.6601, False)])  # fmt: skip
def test_close_to_a_limit_is_beyond_1_773_mean_ranges_and_not_beyond_the_limit(far, near):
    limits = Limits(20, 0.0, 1.0, -2.66, 2.66, 3.267, False)
    for side in (1, -1):
        found = control_limits.near([side * far, side * 0.1, side * far], limits)
        assert found == [side * near, 0, side * near]


@pytest.mark.parametrize(("later", "word"), [(4.5, CANT_TELL), (5, "one is faster")])
def test_groups_differ_where_chance_would_in_less_than_one_of_a_hundred(later, word):
    """Twenty that take 1 to 20 days, and twenty that take so many days longer each: by the
    log-rank test chance does that in 1.6% and in 0.9% of cases."""
    days = [*range(1, 21), *(n + later for n in range(1, 21))]
    frame = pandas.DataFrame({"days": map(float, days), "exit": "on", "late_days": 0.0})
    frame = frame.assign(in_bulk=False, at_least=False)
    groups = {"one": pandas.Series(frame.index < 20), "two": pandas.Series(frame.index >= 20)}
    told = compare(frame, groups)
    assert told.word == word
