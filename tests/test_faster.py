"""The answer: faster, slower, no change or too little data, on lines whose truth is known."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import numpy
import pandas
import pytest
import verdict
from line import LINE, TARGET, day, event, publication

from metrics.statistics import faster

RUNS = 40


@pytest.fixture(scope="module")
def said() -> dict[str, Counter]:
    """How often each word is said of each simulated line: 3 items a week, about 30 days each."""
    words = {}
    for name, make in verdict.lines(3, 30):
        told = (verdict.spells(make(numpy.random.default_rng(seed))) for seed in range(RUNS))
        words[name] = Counter(faster.verdict(spells, []).word for spells in told)
    return words


@pytest.mark.parametrize(
    "line", ["nothing changes", "arrivals stop at week 77", "arrivals double at week 77"]
)
def test_a_line_that_keeps_its_pace_has_not_changed(said, line):
    assert said[line][faster.SAME] >= 0.95 * RUNS


def test_a_line_twice_as_fast_is_faster(said):
    assert said["twice as fast since week 70"][faster.FASTER] >= 0.9 * RUNS
    assert not said["twice as fast since week 70"][faster.SLOWER]


def test_a_line_twice_as_slow_is_slower(said):
    assert said["twice as slow since week 70"][faster.SLOWER] >= 0.9 * RUNS
    assert not said["twice as slow since week 70"][faster.FASTER]


def test_a_blocked_line_is_slower_although_nothing_finished_says_so(said):
    assert said["blocked since week 72"][faster.SLOWER] == RUNS


def test_fast_easy_items_do_not_hide_those_that_rot(said):
    assert not said["easy ones fast, half rot"][faster.FASTER]
    assert said["easy ones fast, half rot"][faster.SLOWER] >= 0.9 * RUNS


def test_the_pace_before_is_compared_at_the_same_ages():
    """Two moved on at age 10 of four at risk before; one of two after: just what was expected."""
    spells = pandas.DataFrame(
        [(100, 10, "on"), (100, 10, "on"), (100, 50, "left"), (100, 50, "left"),
         (12, 10, "on"), (12, 12, None)],
        columns=["began_days_ago", "days", "exit"],
    ).assign(late_days=0.0, in_bulk=False, quarter_days=20.0)  # fmt: skip
    told = faster.pace(spells, "quarter_days", 13)
    # At age 10 six were at risk, two of them in the last stretch, and three moved: 3 x 2 / 6.
    assert (told.items, told.moved, told.expected) == (2, 1, 1.0)
    assert told.p == pytest.approx(1)


def test_a_spell_that_spans_the_boundary_is_split_there():
    """Before 30 days ago it is age 0 to 70, and did not move; after, age 70 to 80, and did."""
    spells = pandas.DataFrame(
        [(100, 80, "on"), (200, 80, "on"), (300, 90, "left")],
        columns=["began_days_ago", "days", "exit"],
    ).assign(late_days=0.0, in_bulk=False, quarter_days=30.0)
    told = faster.pace(spells, "quarter_days", 13)
    assert (told.items, told.moved) == (1, 1)
    assert told.expected == pytest.approx(2 * 1 / 3)  # at age 80 three at risk, one in the stretch


def test_moves_booked_in_bulk_are_no_pace():
    spells = pandas.DataFrame(
        [(100, 10, "on"), (100, 50, None), (12, 10, "on")],
        columns=["began_days_ago", "days", "exit"],
    ).assign(late_days=0.0, in_bulk=[False, False, True], quarter_days=20.0)
    assert faster.pace(spells, "quarter_days", 13).moved == 0


def test_where_hardly_anything_moves_the_age_of_what_is_in_decides():
    stuck = pandas.DataFrame(
        [(700.0, 700.0, None)] * 20, columns=["began_days_ago", "days", "exit"]
    ).assign(late_days=0.0, in_bulk=False, quarter_days=91.0, half_year_days=182.0, year_days=364.0)
    assert faster.verdict(stuck, [7.0] * 60).word == faster.SLOWER
    assert faster.verdict(stuck, [7.0] * 20).word == faster.UNKNOWN
    assert faster.verdict(stuck, [7.0] * 60 + [None] * 13).word == faster.UNKNOWN


def test_a_falling_age_alone_is_never_faster():
    """Ages fall when much new work comes in, or when old work is given up."""
    few = pandas.DataFrame(
        [(70.0, 70.0, None)] * 20, columns=["began_days_ago", "days", "exit"]
    ).assign(late_days=0.0, in_bulk=False, quarter_days=91.0, half_year_days=182.0, year_days=364.0)
    assert faster.verdict(few, [-5.0] * 60).word == faster.UNKNOWN


def test_ages_that_go_up_and_down_are_within_normal_variation():
    older, sentence = faster.age_change([7.0, -7.0] * 20)
    assert not older
    assert "no older beyond normal variation" in sentence


def test_two_points_never_decide(tmp_path):
    """Twelve weeks of one move in 10 days, then one in 1 day: far too little to say faster."""
    events = []
    for n in range(13):
        start = day(1 + 7 * n)
        events += [event(f"i{n}", "A waiting", start),
                   event(f"i{n}", "Done", start + timedelta(days=1 if n == 12 else 10))]  # fmt: skip
    asked = publication(tmp_path, events)
    told = faster.answer(asked, day(1 + 7 * 13), "line")
    assert told.word in (faster.UNKNOWN, faster.SAME)


def test_nothing_is_said_of_now_when_the_data_is_stale(tmp_path):
    asked = publication(
        tmp_path, [event("x", "A waiting", day(1)), event("x", "A working", day(3))]
    )
    told = faster.answer(asked, day(3 + 31), "line", "a")
    assert told.word == faster.UNKNOWN
    assert told.because == ["Its source ends 3 January 2026: what has happened since is not known."]


def test_nothing_has_entered_yet(tmp_path):
    asked = publication(tmp_path, [event("x", "A waiting", day(5))])
    assert faster.answer(asked, day(2), "line", "a").word == faster.UNKNOWN
    assert faster.answer(asked, day(6), "line", "b").because == ["Nothing has entered it yet."]


def test_a_line_that_stops_is_slower_in_a_real_publication(tmp_path):
    """Two items a week, done in 5 days, for 40 weeks; then for 15 weeks nothing moves."""
    events = []
    for n in range(110):
        start = day(1 + 3.5 * n)
        events.append(event(f"i{n}", "A waiting", start))
        if start + timedelta(days=5) < day(1 + 7 * 40):
            events.append(event(f"i{n}", "Done", start + timedelta(days=5)))
    asked = publication(tmp_path, events, LINE.replace("TARGET", TARGET))
    now = day(1 + 3.5 * 109)
    told = faster.answer(asked, now, "line")
    assert told.word == faster.SLOWER
    assert "In the last 13 weeks 0 moved on" in told.because[0]
    assert faster.answer(asked, day(1 + 7 * 39), "line").word == faster.SAME
