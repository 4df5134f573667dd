"""Faults in processes and sources that `make mutants` found no test to catch, each caught here."""

from __future__ import annotations

import json

import duckdb
import looked
import pytest
from independent_time import Line
from line import LINE, TARGET, day, event, publication
from random_lines import Drawn, settings

import metrics
from metrics.publishing import publish
from settings import stages
from settings.sources import Events
from sources import collecting


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


def test_the_first_picture_with_a_status_is_the_first_of_its_list(tmp_path):
    """Of pictures: a stood without a status first, so that its first status is its at least."""
    (tmp_path / "list.csv").write_text(
        "item,status,since\na,,2026-01-01\na,Doing,2026-01-08\nb,Doing,2026-01-15\n"
    )
    told = Events(name="list", file=str(tmp_path / "list.csv"), precision="between")
    collecting.collect([told], tmp_path / "landing.duckdb", looked.LATER)
    with duckdb.connect(str(tmp_path / "landing.duckdb"), read_only=True) as con:
        rows = con.execute("select item, opening, precision from stage_event where kind = 'status' "
                           "order by since").fetchall()  # fmt: skip
    assert rows == [("a", True, "at least"), ("b", False, "day")]


def test_an_answer_that_was_taken_is_none_that_was_refused(tmp_path):
    asked = looked.publication(tmp_path, looked.row("p", "a", "gb"))
    told = asked.figure("freshness", looked.at(5)).set_index("source").loc["log"]
    assert (told.readings, told.refused_readings) == (1, 0)
    asked.close()


def test_runs_missed_in_a_row_last_until_the_last_of_them_is_over(tmp_path):
    """Due each day: of the 3rd, 4th and 5th there is none."""
    asked = looked.publication(tmp_path, looked.row("p", "a", "gg...gg"))
    (told,) = asked.figure("outage", looked.at(7), process="p").itertuples()
    assert (told.from_at, told.until_at) == (looked.at(3, 0), looked.at(6, 0))
    assert (told.missed_runs, told.days) == (3, 3)
    asked.close()


def test_a_board_that_was_read_again_and_is_the_same_is_known_until_then(tmp_path):
    (tmp_path / "board.csv").write_text("item,status\na,A waiting\n")
    text = LINE.replace("{kind: events, file: log.csv}", "{kind: snapshots, file: board.csv}")
    (tmp_path / "stages.yaml").write_text(
        text.replace("DAYS", "calendar").replace("TARGET", TARGET)
    )
    told = stages.read(tmp_path / "stages.yaml")
    for n in (1, 10):
        collecting.collect(told.sources.values(), tmp_path / "landing.duckdb", day(n))
    asked = metrics.open(publish.publish(told, tmp_path, day(12)).file)
    row = asked.figure("freshness", day(12)).iloc[0]
    assert (row.told_until, row.age_days) == (day(10), 2)
    asked.close()


def test_what_is_known_is_judged_at_the_last_instant_that_is_known(tmp_path):
    asked = publication(tmp_path, [event("x", "A waiting", day(1))], asked=day(20))
    told = asked.figure("verdict", day(25))
    assert set(told.judged_at) == {day(20)}
    spread = asked.figure("spread", day(25)).set_index("stage")
    assert (spread.entered["a"], spread.entered["c"]) == (1, 0)
    asked.close()


def test_where_none_is_open_the_oldest_is_not_there_for_at_least_any_time(tmp_path):
    asked = publication(tmp_path, [event("x", "A waiting", day(1)), event("x", "Done", day(3))])
    told = asked.figure("status_time", day(5), stage="a")
    assert told.oldest_at_least.to_list() == [False]
    asked.close()


def test_what_can_not_be_judged_alone_is_said_alone(tmp_path):
    limit = "{limit: 9, reason: r, owner: o, date: 2026-01-01}"
    text = LINE.replace("{queue: TARGET}", f"{{typical: {limit}}}")
    asked = publication(tmp_path, [event("x", "A waiting", day(1))], text)
    assert (
        asked.figure("status", day(3), stage="a").sentence.item() == "too few for a typical time."
    )
    asked.close()


def test_a_stage_is_gone_when_the_last_of_its_statuses_is(tmp_path):
    """C has two statuses, removed on the 5th and on the 9th."""
    gone = "{{status: {}, until: 2026-01-0{}}}"
    statuses = f"queue: [{gone.format('C waiting', 5)}, {gone.format('C queued', 9)}]"
    text = LINE.replace("queue: [C waiting]", f"{statuses}, targets: {{queue: {TARGET}}}")
    asked = publication(tmp_path, [event("x", "A waiting", day(1))], text)
    words = [asked.figure("status", day(n + 0.5), stage="c").word.item() for n in (4, 7, 9)]
    assert words == ["On target", "On target", "Not measured"]
    asked.close()


def test_what_a_line_does_not_know_is_no_matter_of_another_one(tmp_path):
    """In line s1 the stage C has a list of its own that ended; s0 has none."""
    text = settings({f"s{n}": Drawn([], Line()) for n in range(2)})
    head, _, tail = text.partition("  s1:\n")
    tail = tail.replace("[s1]", "[s1, own]", 1).replace(
        "c: {name: C,", "c: {name: C, measured_by: own,", 1
    )
    text = f"{head}  s1:\n{tail}  own: {{kind: events, file: log.csv}}\n"
    told = [
        event(f"i{n}", "A waiting", day(n)) | {"source": s}
        for n in range(1, 8)
        for s in ("s0", "s1")
    ]
    told.append(event("y", "C waiting", day(2)) | {"source": "own"})
    asked = publication(tmp_path, told, text, asked={"s0": day(90), "s1": day(90), "own": day(9)})
    words = asked.figure("typical_time", day(90), stage="").set_index("stream").typical_word
    assert words.to_dict() == {"s0": "not reached", "s1": "not measured"}
    asked.close()


def test_a_delivery_of_what_was_there_before_took_at_least_so_long(tmp_path):
    there = event("x", "A waiting", day(1), opening=True, precision="at least")
    told = [
        there,
        event("x", "Done", day(5)),
        event("y", "A waiting", day(2)),
        event("y", "Done", day(5)),
    ]
    asked = publication(tmp_path, told)
    rows = asked.figure("delivery_time", day(9)).set_index("item").at_least
    assert rows.to_dict() == {"x": True, "y": False}
    assert asked.figure("freshness", day(9)).last_reason.to_list() == [""]
    asked.close()


def test_alarms_that_were_read_again_without_a_new_one_are_known_until_then(tmp_path):
    """Messages tell of today by holding nothing new."""
    alarm = {"AlarmName": "a", "NewStateValue": "OK", "StateChangeTime": "2026-01-01T00:00:00Z"}
    (tmp_path / "alarms.jsonl").write_text(json.dumps(alarm))
    text = looked.LOOKED.replace(
        'kind: pipeline_logs, file: "builds*.jsonl", process: build',
        "kind: canaries, file: alarms.jsonl",
    )
    told = looked.prepared(tmp_path, text)
    looked.written(tmp_path, looked.row("p", "a", "g"))
    for n in (2, 10):
        collecting.collect(told.sources.values(), tmp_path / "landing.duckdb", day(n))
    asked = metrics.open(publish.publish(told, tmp_path, day(12)).file)
    rows = asked.figure("freshness", day(12)).set_index("source").told_until
    assert rows["builds"] == day(10)
    asked.close()
