"""Faults that `make mutants` found no test to catch, each caught here on an example checked on paper.

Where a fault moved a threshold, both of its sides are asked.
"""

from __future__ import annotations

from datetime import timedelta

import duckdb
import looked
import numpy
import pandas
import pytest
from line import LINE, TARGET, day, event, publication

import metrics
from metrics.publishing import publish
from metrics.statistics import expected, faster
from metrics.statistics.behaviour import process_behaviour
from metrics.statistics.expected import Spells, by_kind
from metrics.statistics.stretch import LEAST
from settings.sources import Events
from sources import collecting


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


def test_the_whole_line_stands_before_its_stages(flagged):
    rows = flagged.figure("weekly", day(20)).drop_duplicates("stage")
    assert dict(zip(rows.stage, rows.stage_no, strict=True)) == {"": 0, "a": 1, "b": 2, "c": 3}


def test_subjects_of_one_name_keep_the_link_of_their_own_process(tmp_path):
    """p and q both look at x, and each tells where that is to be seen."""
    told = looked.prepared(tmp_path)
    looked.written(tmp_path, [*looked.row("p", "x", "gbb"), *looked.row("q", "x", "gbb")])
    landing = tmp_path / "landing.duckdb"
    collecting.collect(told.sources.values(), landing, looked.LATER)
    with duckdb.connect(str(landing)) as con:
        con.execute("create table linked as select * replace ('https://' || process as link) "
                    "from check_told; drop view check_told; alter table linked rename to check_told")  # fmt: skip
    done = publish.publish(told, tmp_path, looked.LATER)
    asked = metrics.open(done.file)
    rows = asked.figure("failing", looked.at(3))
    links = {(row.process, row.subject): row.link for row in rows.itertuples()}
    assert links == {("p", "x"): "https://p", ("q", "x"): "https://q"}
    asked.close()


def test_a_better_recording_of_statuses_says_nothing_of_flags(tmp_path):
    """The log has the statuses from day 1 to day 9; a list beside it alone says that x was blocked
    from day 5 to day 6."""
    text = LINE.replace("sources: [log]", "sources: [log, flags]").replace(
        "sources:\n  log", "sources:\n  flags: {kind: events, file: log.csv}\n  log"
    )
    events = [event("x", "A waiting", day(1)), event("x", "A working", day(9))]
    for n, flag in ((5, "legal"), (6, "")):
        events.append(event("x", flag, day(n), kind="blocked", sequence=n) | {"source": "flags"})
    rows = publication(tmp_path, events, text).figure("blocked_time", day(8))
    assert rows[["days", "open"]].to_numpy().tolist() == [[1, False]]


def test_a_kind_of_item_is_compared_by_itself_from_twenty_on():
    kinds = numpy.repeat(["a", "b", "c", "d"], [20, 19, 5, 21])
    order, each = expected.apart(kinds)
    assert sorted("".join(sorted(set(kinds[order][one]))) for one in each) == ["a", "bc", "d"]
    assert sorted(order) == [*range(len(kinds))]


def test_where_a_list_says_from_where_an_item_came_only_its_first_change_tells_more(tmp_path):
    """x was in Backlog before its first change, and is not told a second time to come from Screen."""
    (tmp_path / "list.csv").write_text(
        "item,status,from,since\nx,Screen,Backlog,2026-01-05\nx,Research,Screen,2026-01-08\n"
    )
    told = Events(name="list", file=str(tmp_path / "list.csv"), columns={"from": "from"})
    collecting.collect([told], tmp_path / "landing.duckdb", looked.LATER)
    with duckdb.connect(str(tmp_path / "landing.duckdb"), read_only=True) as con:
        rows = con.execute("select value, opening, precision from stage_event where kind = 'status' "
                           "order by since, sequence").fetchall()  # fmt: skip
    assert rows == [
        ("Backlog", True, "at least"), ("Screen", False, "day"), ("Research", False, "day"),
    ]  # fmt: skip


def test_a_small_kind_is_not_taken_together_with_the_first_of_the_large_ones():
    """Twenty of a take a day, twenty of b twenty days; of the five others none moves, and one more
    of them comes: alone they are expected not to move, with those of a it would be at one day."""
    start, age = [0.0] * 45 + [50.0], [1.0] * 20 + [20.0] * 20 + [30.0] * 5 + [5.0]
    moved = numpy.array([True] * 40 + [False] * 6)
    yes, kinds = numpy.ones(46, bool), numpy.array(["a"] * 20 + ["b"] * 20 + ["c"] * 6)
    spells = Spells(numpy.array(start), numpy.zeros(46), numpy.array(age), moved, yes, yes)
    [told] = by_kind(spells, numpy.array([0.0, 40.0, 100.0]), [1], kinds)
    assert told.expected[1] == 0


def test_the_latest_point_is_the_last_one():
    """A value far off in the third of fifteen weeks is none of now; in the last it is."""
    weeks = pandas.date_range("2026-01-05", periods=15, freq="7D")
    for at, now in ((2, False), (14, True)):
        values = [10.0, 11.0] * 7 + [10.0]
        values[at] = 60.0
        rows = pandas.DataFrame({"week": weeks, "base": 0, "left_out": False, "lead_days": values})
        (said,) = [s for s in process_behaviour(rows, "lead_time").signals if "outside" in s]
        assert ("the latest point" in said) == now
    last = pandas.DataFrame(
        {
            "week": weeks,
            "base": 0,
            "left_out": False,
            "lead_days": [10.0, 60.0] + [10.0, 11.0] * 6 + [10.0],
        }
    )
    (said,) = [s for s in process_behaviour(last, "lead_time").signals if "outside" in s]
    assert "the latest point" not in said


def test_a_process_of_which_nothing_is_told_says_its_note_where_it_has_one(tmp_path):
    text = looked.LOOKED.replace(
        "sources:\n  list",
        "  site: {name: Site, note: Nobody looks.}\n  other: {name: Other}\nsources:\n  list",
    )
    told = looked.prepared(tmp_path, text)
    looked.written(tmp_path, looked.row("p", "a", "gg"))
    asked = looked.published(tmp_path, told, looked.LATER)
    rows = asked.figure("process_status", looked.at(3)).set_index("process_group").sentence
    assert (rows["site"], rows["other"]) == ("Nobody looks.", "Nothing has been told of it yet.")
    asked.close()


def test_a_week_of_checks_is_told_from_its_last_microsecond_on(tmp_path):
    """The first of January is a Thursday: its week is over on Monday the 5th."""
    asked = looked.publication(tmp_path, looked.row("p", "a", "gg"))
    over = looked.at(5, 0)
    told = [len(asked.figure("check_week", over - n * MOMENT, process="p")) for n in (2, 1)]
    assert told == [0, 1]
    asked.close()


def test_of_a_source_that_was_never_read_no_row_is_counted(flagged):
    row = flagged.figure("freshness", day(20)).iloc[0]
    assert (row.readings, row.rows_in, row.accepted, row.refused) == (0, 0, 0, 0)


def test_a_number_is_told_as_exactly_as_the_limit_that_it_passed_needs(tmp_path):
    """Limit 2, to watch above 1: a little past each of them is not told as that number itself."""
    text = LINE.replace("{queue: TARGET}", f"{{oldest: {TARGET}}}")
    asked = publication(tmp_path, [event("x", "A waiting", day(1))], text)
    said = [asked.figure("status", at, stage="a").sentence.item() for at in (day(2.04), day(3.04))]
    assert said == ["oldest 1.04 days, target 2, watch above 1.", "oldest 2.04 days, target 2."]
    asked.close()


def test_a_move_counts_as_booked_in_one_sitting_from_its_own_instant_on(tmp_path):
    moves = ("A waiting", day(1)), ("A working", day(5)), ("B waiting", day(5.25))
    asked = publication(tmp_path, [event("x", value, since) for value, since in moves])
    told = [asked.figure("doubt", at).detail.to_list() for at in (day(5.25) - MOMENT, day(5.25))]
    assert told == [[], ["2 moves recorded within the same day"]]


def test_an_entry_is_the_newest_from_its_own_instant_on(tmp_path):
    asked = publication(tmp_path, [event("x", "A waiting", day(1)), event("x", "Done", day(5))])
    newest = [asked.figure("freshness", at).newest.item() for at in (day(5) - MOMENT, day(5))]
    assert newest == [day(1), day(5)]


def test_a_part_is_judged_until_its_source_is_too_old_and_no_longer(tmp_path):
    """Read last on the second, and too old after 30 days."""
    asked = publication(tmp_path, [event("x", "A waiting", day(1))], asked=day(2))
    told = [
        asked.figure("verdict", at, stage="a").sentence.item() for at in (day(32), day(32) + MOMENT)
    ]
    assert ["what has happened since is not known" in said for said in told] == [False, True]


def test_a_process_is_told_with_its_subjects_that_failed_only(tmp_path):
    rows = [*looked.row("p", "a", "gbg"), *looked.row("p", "e", "ggg")]
    asked = looked.publication(tmp_path, rows)
    told = asked.figure("check_error", looked.at(13), counted_by="process", process="p").iloc[0]
    assert (told.failed, told.checks, told.subjects) == (1, 6, 1)
    asked.close()
