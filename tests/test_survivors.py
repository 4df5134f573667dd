"""Faults that `make mutants` found no test to catch, each caught here on an example checked on paper.

Where a fault moved a threshold, both of its sides are asked.
"""

from __future__ import annotations

from datetime import timedelta

import looked
import numpy
import pytest
from line import LINE, day, event, publication

from metrics.statistics import faster
from metrics.statistics.expected import Spells
from metrics.statistics.stretch import LEAST


@pytest.mark.parametrize(("came", "moved", "said"), [(20, 18, False), (20, 17, True)])
def test_littles_law_needs_as_many_coming_in_as_moving_on_within_a_tenth(
    tmp_path, came, moved, said
):
    events = [event(f"i{n}", "A waiting", day(130 + 5 * n)) for n in range(came)]
    events += [event(f"i{n}", "Done", day(131 + 5 * n)) for n in range(moved)]
    row = publication(tmp_path, events).figure("littles_law", day(300), stage="").iloc[0]
    assert ("came in and" in row.sentence) == said


def test_an_item_that_is_not_blocked_is_not_blocked_for_at_least_any_time(tmp_path):
    events = [event("x", "A waiting", day(1)), event("y", "A waiting", day(1))]
    events += [event("y", "legal", day(2), kind="blocked", opening=True)]
    rows = publication(tmp_path, events).figure("age", day(5)).set_index("item")
    assert rows.blocked_at_least.to_dict() == {"x": False, "y": True}


MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("at", "blocked"),
    [(day(7) - MOMENT, False), (day(7), True), (day(9) - MOMENT, True), (day(9), False)],
)
def test_an_item_is_blocked_from_the_instant_of_its_flag_until_that_of_its_end(
    flagged, at, blocked
):
    assert flagged.figure("age", at).blocked.to_list() == [blocked]
    assert flagged.figure("queue_size", at).blocked.sum() == blocked


@pytest.fixture(scope="module")
def flagged(tmp_path_factory):
    """One item, blocked from day 7 to day 9."""
    flags = [event("x", "legal", day(7), kind="blocked"), event("x", "", day(9), kind="blocked")]
    return publication(tmp_path_factory.mktemp("flag"), [event("x", "A waiting", day(1)), *flags])


@pytest.mark.parametrize(("grown", "word"), [(3.4, faster.UNKNOWN), (3.7, faster.SLOWER)])
def test_work_grown_older_is_slower_only_beyond_what_it_grew_by_before(grown, word):
    """In six windows of 13 weeks what is in grew older and younger by a day in turn, so by 1.095
    days about none; with the seventh unknown too that is 1.183, times Student's t: 3.55."""
    ages = numpy.array([50, 51, 50, 51, 50, 51, 50, 50 + grown])
    ends = 91.0 * numpy.arange(1, 9)
    start, age = (numpy.repeat(column, LEAST) for column in (ends - ages, ages + 1))
    age = numpy.minimum(age, ends[-1] - start)
    none, all_of = numpy.zeros(len(age)), numpy.ones(len(age), bool)
    spells = Spells(start, none, age, ~all_of, all_of, all_of)
    assert faster.verdict(spells, numpy.arange(0, ends[-1] + 1, 7.0), []).word == word


def test_a_run_turns_its_process_when_it_makes_it_red_and_when_it_ends_that(tmp_path):
    """c is red from its third run to its seventh, after turns on days 2, 4, 5 and 6."""
    runs = looked.publication(tmp_path, looked.STORY).figure("run", looked.at(13), process="q")
    days = runs.slot.dt.day
    assert days[runs.turned].to_list() == [3, 8]
    assert days[runs.alternates].to_list() == [2, 4, 5, 6]


def test_a_stay_of_no_time_has_no_efficiency_and_one_of_a_moment_has(tmp_path):
    text = LINE.replace(
        "{name: C, queue: [C waiting], work: []", "{name: C, queue: [C waiting], work: [C]"
    )
    events = [event("x", "A working", day(2)), event("x", "B working", day(2), sequence=1)]
    events += [event("x", "C waiting", day(3)), event("x", "C", day(3) + MOMENT, sequence=2)]
    rows = publication(tmp_path, events, text).figure("flow_efficiency", day(3) + MOMENT)
    by_stage = rows.set_index("stage")
    assert by_stage.sentence["a"] == "No time recorded in this stage."
    assert by_stage.efficiency.isna().to_dict() == {"": False, "a": True, "b": False, "c": False}
    assert (by_stage.efficiency["c"], by_stage.lead_days["c"]) == (0, 1e-6 / 86400)
    assert by_stage.stage_no.to_dict() == {"": 0, "a": 1, "b": 2, "c": 3}


def test_a_line_is_not_measurable_where_one_of_its_stages_is_not(flagged):
    """In C nothing says that an item is being worked on."""
    whole = flagged.figure("flow_efficiency", day(12), stage="").iloc[0]
    assert whole.sentence == "Not measurable: waiting and working are not told apart in C."
    assert numpy.isnan(whole.efficiency)


def test_a_recording_tells_up_to_the_moment_before_its_end(tmp_path):
    text = LINE.replace("log.csv}", "log.csv, covers: {from: 2026-01-01, until: 2026-01-10}}")
    asked = publication(tmp_path, [event("x", "A waiting", day(2))], text)
    assert asked.figure("spell", day(20)).known_until.to_list() == [day(10) - MOMENT] * 2
    said = asked.figure("status", day(60), stage="a").sentence.item()
    assert said.startswith("The data ends 9 January 2026, 50 days before")
