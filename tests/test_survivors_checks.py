"""Faults in processes and sources that `make mutants` found no test to catch, each caught here."""

from __future__ import annotations

import looked
import pytest
from line import LINE, day, event, publication


def test_a_process_has_no_state_before_as_many_runs_as_its_rule_looks_at(tmp_path):
    """Its rule looks at three: two bad ones are too few to say anything."""
    asked = looked.publication(tmp_path, looked.row("p", "a", "bbb"))
    told = asked.figure("run", looked.at(4), process="p")
    assert told.state.to_list() == ["grey", "grey", "red"]
    asked.close()


def test_a_process_that_comes_later_is_not_taken_for_one_that_was_there(tmp_path):
    """p and q are published, then r comes: each keeps its own runs and subjects."""
    told = looked.prepared(tmp_path)
    looked.written(tmp_path, [*looked.row("p", "a", "bb"), *looked.row("q", "b", "ggg")])
    looked.published(tmp_path, told, looked.LATER).close()
    looked.written(tmp_path, looked.row("r", "c", "gbgb"), "later")
    asked = looked.published(tmp_path, told, looked.at(41))
    runs = asked.figure("run", looked.at(6))
    assert runs[runs.checks > 0].groupby("process").failed.apply(list).to_dict() == {
        "p": [1, 1], "q": [0, 0, 0], "r": [0, 1, 0, 1],
    }  # fmt: skip
    asked.close()


def test_answers_are_those_of_the_last_seven_weeks(tmp_path):
    """Looked at once a week for 25 weeks: seven answers now, and 13 or more before."""
    checks = [looked.check("p", "a", looked.at(1 + 7 * n), seconds=2) for n in range(25)]
    asked = looked.publication(tmp_path, checks, now=looked.at(200))
    told = asked.figure("speed", looked.at(1 + 7 * 24)).iloc[0]
    assert (told.answers, told.weeks, told.change) == (7, 7, "no change")
    asked.close()


def test_a_week_of_which_nothing_is_told_has_no_failed_check(tmp_path):
    """Checks in the first week of January, and again in the fourth."""
    asked = looked.publication(tmp_path, looked.row("p", "a", "gb" + "." * 20 + "gb"))
    told = asked.figure("check_week", looked.at(35), process="p")
    assert told.failed.to_list() == [1, 0, 0, 1]
    assert told.checks.to_list() == [2, 0, 0, 2]
    asked.close()


def test_a_whole_line_is_known_as_long_as_all_its_stages_are(tmp_path):
    """C is told by a list of its own, last read on the 20th; the log goes on to March."""
    text = LINE.replace("sources: [log]", "sources: [log, own]").replace(
        "sources:\n  log", "sources:\n  own: {kind: events, file: log.csv}\n  log"
    ).replace("c: {name: C,", "c: {name: C, measured_by: own,")  # fmt: skip
    told = [event("x", "A waiting", day(1)), event("x", "A working", day(50)),
            event("y", "C waiting", day(2)) | {"source": "own"}]  # fmt: skip
    asked = publication(tmp_path, told, text, asked={"log": day(60), "own": day(20)})
    weeks = asked.figure("weekly", day(60)).groupby("stage").week.max().dt.day_of_year
    assert (weeks[""], weeks["c"]) == (12, 12)
    assert weeks["a"] == 47
    asked.close()


@pytest.mark.parametrize("count", [1, 2])
def test_what_can_not_be_judged_is_told_once_beside_what_can(tmp_path, count):
    """A queue within its limit of five, and too few for a typical time."""
    limit = "{{limit: {}, reason: r, owner: o, date: 2026-01-01}}"
    text = LINE.replace(
        "{queue: TARGET}", f"{{queue: {limit.format(5)}, typical: {limit.format(9)}}}"
    )
    asked = publication(tmp_path, [event(f"i{n}", "A waiting", day(1)) for n in range(count)], text)
    said = asked.figure("status", day(3), stage="a").sentence.item()
    assert said == f"too few for a typical time; {count} waiting, target 5."
    asked.close()
