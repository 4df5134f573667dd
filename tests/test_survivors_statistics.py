"""Faults in the statistics that `make mutants` found no test to catch, each caught here."""

from __future__ import annotations

from types import SimpleNamespace

import numpy
import pandas
import pytest

from metrics.statistics import faster, spread
from metrics.statistics.behaviour import process_behaviour
from metrics.statistics.expected import Spells
from metrics.statistics.forecast import BackTest


def moving(weeks: int, each: int = 5) -> spread.Stays:
    """Some that come at the begin of each week and move on after one, two, three … days."""
    start = numpy.repeat(numpy.arange(weeks) * 7.0, each)
    age = numpy.tile(numpy.arange(1.0, each + 1), weeks)
    yes = numpy.ones(len(start), bool)
    return spread.Stays(start, numpy.zeros(len(start)), age, yes, yes, ~yes, yes)


def test_a_spread_is_compared_only_where_there_is_one_now_and_enough_before():
    """Of three years of weeks; in the last half year nothing moves, or nothing did before it."""
    edges = numpy.arange(157) * 7.0
    assert spread._compared(moving(156), edges, None) is not None
    assert spread._compared(moving(130), edges, None) is None
    late = moving(44)._replace(start=moving(44).start + 112 * 7.0)
    assert spread._compared(late, edges, None) is None


@pytest.mark.parametrize(
    ("known", "said"), [([1.0, 1.0], "none was"), ([3.0, 1.0], "1 was"), ([3.0, 2.0], "2 were")]
)
def test_how_many_earlier_stretches_were_so_far_off_is_said_in_number(known, said):
    stretch = SimpleNamespace(off=2.0, known=numpy.array(known), weeks=13, moved=5, expected=3.0)
    assert f"Of 2 earlier stretches of 13 weeks {said} so far above" in faster._told(stretch)


def test_a_forecast_of_none_can_not_be_wrong_and_counts_for_nothing():
    rows = [{"forecast": 0, "right": True}, {"forecast": 1, "right": True}]
    told = BackTest(2, 2, rows)
    assert (told.bold, told.bold_right) == (1, 1)


def test_a_chart_has_the_columns_that_it_says_and_no_others():
    weeks = pandas.date_range("2026-01-05", periods=3, freq="7D")
    rows = pandas.DataFrame(
        {"week": weeks, "base": 0, "left_out": False, "lead_days": [1.0, None, 2.0]}
    )
    told = process_behaviour(rows, "lead_time").rows
    assert list(told) == [
        "week", "base", "left_out", "value", "mean", "lower", "upper", "range_limit", "trial",
        "moving_range", "signal", "side",
    ]  # fmt: skip


def test_what_moved_before_the_weeks_that_are_told_is_not_counted_in_them():
    """120 weeks, of which the last 52 are told: three moved in the weeks 3 to 5, three in 55 to 57."""
    start = 7.0 * numpy.array([3, 4, 5, 55, 56, 57])
    yes, none = numpy.ones(6, bool), numpy.zeros(6)
    spells = Spells(start, none, none + 2.0, yes, yes, yes)
    (said, *_) = faster.verdict(spells, numpy.arange(121) * 7.0, []).because
    assert "in the last 52 of 120 weeks 0 did" in said


def test_a_signal_is_told_with_the_last_of_its_weeks():
    weeks = pandas.date_range("2026-01-05", periods=30, freq="7D")
    values = [10.0, 11.0] * 15
    values[20] = values[26] = 60.0
    rows = pandas.DataFrame({"week": weeks, "base": 0, "left_out": False, "lead_days": values})
    (said,) = [s for s in process_behaviour(rows, "lead_time").signals if "outside" in s]
    assert "last in the week of 6 July 2026" in said and said.endswith("2 weeks in all.")


def test_the_stretches_before_end_where_those_of_now_begin():
    """In the first of the last 26 weeks 200 move on at once: no earlier stretch knows of them."""
    usual, many = moving(156), numpy.ones(200, bool)
    at_once = spread.Stays(
        numpy.full(200, 130 * 7.0 + 1),
        numpy.zeros(200),
        numpy.full(200, 0.05),
        many,
        many,
        ~many,
        many,
    )
    both = spread.Stays(*(numpy.concatenate(c) for c in zip(usual, at_once, strict=True)))
    told = spread._compared(both, numpy.arange(157) * 7.0, None)
    assert told is not None
    assert numpy.allclose(told.earlier, numpy.log(4))
    assert told.now > 3


def test_a_change_is_said_with_what_it_stands_on_and_none_is_not():
    """All took one to five days; those of the last half year take three."""
    before, edges = moving(156, 10), numpy.arange(157) * 7.0
    since = before.start >= 130 * 7.0
    steadier = before._replace(age=numpy.where(since, 3.0 + before.age / 100, before.age))
    told = spread.spread(steadier, edges, None, [])
    assert told.word == spread.STEADIER
    assert any(
        said.startswith("In the last 26 weeks the longest of the middle") for said in told.because
    )
    told = spread.spread(before, edges, None, [])
    assert told.word in (spread.STEADY, spread.ERRATIC, spread.UNKNOWN)
    assert "" not in told.because and not any("middle 60" in said for said in told.because)
