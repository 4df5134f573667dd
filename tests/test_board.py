"""What the first page tells: each sentence read as a sceptic would, on lines small enough to check."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas
import pytest
from independent_time import Line
from line import LINE, STORY, day, event, publication
from random_lines import Drawn, settings

from telling import board, line
from telling.asked import asked as of_stream
from telling.told import Link, linked

LIMIT = "{limit: 1, reason: r, owner: o, date: 2026-01-01}"
B_HELD = LINE.replace("work: [B working, B checking]", f"work: [B working, B checking], targets: {{wip: {LIMIT}}}")  # fmt: skip
B_WAITS = B_HELD.replace("wip: {limit: 1", "queue: {limit: 1")
B_IDLE = B_HELD.replace("wip: {limit: 1", "idle: {limit: 60")


def told(tmp_path, events, at, **more):
    """The line as told of a day, and the rows of its stages."""
    asked = of_stream(publication(tmp_path, events, **more), "line", at)
    return asked, line.stages(asked)


def waiting(names: str, status: str = "A waiting", since: float = 1) -> list[dict]:
    return [event(name, status, day(since)) for name in names]


@pytest.mark.parametrize(
    ("events", "text", "said"),
    [
        (waiting("xyz"), LINE, "A is stuck: 3 waiting, target 2; 3 in it."),
        (waiting("xy"), LINE, "Nothing is stuck; watch A: 2 waiting, target 2, watch above 1; 2 in it."),
        (waiting("x"), LINE, "Nothing is known to be stuck, but B and C can't be judged."),
        # A queue says more than a crowd, and a standstill more than both.
        (waiting("xyz") + waiting("pqrs", "B working"), B_HELD, "A is stuck: 3 waiting, target 2; 3 in it."),
        (waiting("xyz") + waiting("pqrs", "B working"), B_IDLE,
         "B is stuck: nothing has moved on in 61 days of data, limit 60; 4 in it."),
        # Of two that wait, the one further beyond its limit; of two as far, the first; none may wait.
        (waiting("xyz") + waiting("pq", "B waiting"), B_WAITS, "B is stuck: 2 waiting, target 1; 2 in it."),
        (waiting("vxyz") + waiting("pq", "B waiting"), B_WAITS, "A is stuck: 4 waiting, target 2; 4 in it."),
        (waiting("uvxyz") + waiting("p", "B waiting"), B_WAITS.replace("limit: 1", "limit: 0"),
         "B is stuck: 1 waiting, target 0; 1 in it."),
        (waiting("xyz") + waiting("p", "Odd"), LINE, "A is stuck: 3 waiting, target 2; 3 in it. 1 item in no box."),
    ],
)  # fmt: skip
def test_the_headline_is_the_worst_stage_and_why(tmp_path, events, text, said):
    asked, stages = told(tmp_path, events, day(62), text=text, asked=day(62))
    assert board.headline(asked, stages) == said


def test_all_on_target_is_said_only_of_all():
    rows = pandas.DataFrame({"stage_name": ["A", "B"], "colour": ["green", "green"]})
    assert line.calm(rows) == "Nothing is stuck: every stage is on target."
    rows["colour"] = ["green", "grey"]
    assert line.calm(rows) == "Nothing is known to be stuck, but B can't be judged."


@pytest.mark.more
def test_the_others_that_are_stuck_are_named(tmp_path):
    events = waiting("xyz") + waiting("pqrs", "B working")
    asked, stages = told(tmp_path, events, day(2), text=B_HELD)
    headline = board.headline(asked, stages)
    assert board.also(stages, headline) == "Also stuck: B."
    assert headline in board.summary(asked, stages)
    few, stages = told(tmp_path / "few", waiting("xyz"), day(2))
    assert board.also(stages, board.headline(few, stages)) == ""


def test_what_happened_since_last_week(tmp_path):
    asked, _ = told(tmp_path, STORY, day(12))
    assert board.lately(asked) == (
        "1 delivered since 1 January 2026. Since last week: nothing came, 3 moved on "
        "(deliveries included), 1 delivered and 1 newly blocked."
    )
    back = [*STORY, event("x", "A waiting", day(14)), event("x", "B waiting", day(15)),
            event("x", "A waiting", day(16))]  # fmt: skip
    asked, _ = told(tmp_path / "back", back, day(20))
    assert board.lately(asked) == (
        "Nothing delivered since 1 January 2026. Since last week: nothing came, 1 moved on and 1 "
        "went back."
    )
    later = day(1, 2) + timedelta(days=338)
    year, _ = told(tmp_path / "year", STORY, later, now=later)
    assert board.lately(year).startswith("1 delivered in 52 weeks. Since last week: nothing came")


@pytest.mark.more
def test_of_a_line_that_ended_its_last_week_is_named(tmp_path):
    asked, _ = told(tmp_path, STORY, day(12) + timedelta(days=31), asked=day(12))
    assert board.lately(asked) == (
        "1 delivered since 1 January 2026 to 12 January 2026. In the last week known, to 12 January "
        "2026: nothing came, 3 moved on (deliveries included), 1 delivered and 1 newly blocked."
    )
    assert board.delivered(asked) == ("1", "not known since 12 January 2026")
    assert board.but(asked) == ["log was last read 31 days ago."]
    asked, _ = told(tmp_path / "fresh", STORY, day(12) + timedelta(days=30), asked=day(12))
    assert board.lately(asked).startswith(
        "1 delivered since 1 January 2026 to 12 January 2026. In the"
    )
    assert board.delivered(asked) == ("1", "1 moved on")
    assert board.but(asked) == []
    asked, _ = told(tmp_path / "today", STORY, day(12.9), asked=day(12))
    assert board.lately(asked).startswith("1 delivered since 1 January 2026. Since last week")


def test_before_the_data_begins_nothing_is_said_of_a_week(tmp_path):
    asked, _ = told(tmp_path, STORY, day(0))
    assert board.lately(asked) == ""


def test_a_list_that_is_the_same_for_too_long_weakens_the_answer(tmp_path):
    text = LINE.replace("same_after: 1000", "same_after: 20")
    asked, _ = told(tmp_path, STORY, day(12) + timedelta(days=21), text=text)
    (said,) = board.but(asked)
    assert said == (
        "log has told exactly the same for 21 days: either nothing moved or it is dead."
    )
    asked, _ = told(tmp_path / "not", STORY, day(12) + timedelta(days=20), text=text)
    assert board.but(asked) == []


def test_what_turned_is_what_was_judged_before(tmp_path):
    """A: one waits on the 1st (green), three on the 5th (red), one again on the 9th."""
    log = [*waiting("x"), *waiting("yz", since=5), event("y", "Dropped", day(9)), event("z", "Dropped", day(9))]  # fmt: skip
    asked, _ = told(tmp_path, log, day(6))
    assert board.turned(asked, asked.before(3)) == "A is newly stuck."
    assert board.turned(asked, asked.before(1)) == ""  # it was stuck the day before
    assert board.turned(asked, asked.before(9)) == ""  # nothing was known then
    later = of_stream(asked.publication, "line", day(10))
    assert board.turned(later, later.before(4)) == "A is on target again."


def test_a_box_has_its_facts_and_its_rungs(tmp_path):
    """A: x waits 2 days and is worked on 3; y waits 3, works 2, is blocked 2, works 3; z waits 5."""
    asked, stages = told(tmp_path, STORY, day(12))
    a, b, c = board.boxes(asked, stages)
    assert (a.waiting, a.inside, a.parts, a.came) == (0, 1, "1 in work", "3 came")
    assert a.rungs == (f"{(2 + 3 + 2 + 5) // 3}+ d", f"{(3 + 2 + 3) // 3}+ d")
    assert dict(a.facts) == {"oldest": "10 days", "takes": "too few, n = 3", "pace": "can't tell"}
    assert b.came == "1 moved on"
    assert c.rungs == ("2 d", "no work recorded")
    assert (b.waiting, c.inside, c.parts) == (0, None, "work not recorded")
    assert "Covers: A waiting, A working." in a.more


def test_where_waiting_is_not_recorded_no_number_stands_for_it(tmp_path):
    text = LINE.replace("queue: [B waiting], paused: [B paused], ", "")
    asked, stages = told(tmp_path, waiting("x", "B working"), day(5), text=text)
    box = board.boxes(asked, stages)[1]
    assert box.waiting is None
    assert box.rungs == ("", "4+ d, waiting and work not told apart")
    assert board.boxes(asked, stages)[0].rungs == ("", "–")


def test_what_to_talk_about_is_said_with_its_reason(tmp_path):
    log = [
        *waiting("xp"),
        event("p", "see [the licence](https://example.org/l)", day(2), kind="blocked"),
    ]
    asked, _ = told(tmp_path, log, day(30))
    blocked, oldest = board.talk_about(asked).rows
    assert blocked[2] == ["blocked: see ", Link("the licence", "https://example.org/l")]
    assert blocked[3] == "28 days"
    assert (oldest[1], oldest[2], oldest[3]) == (
        "A",
        ["its time in A"],
        "29 days",
    )


def test_nobody_is_called_longest_beside_one_who_has_been_there_longer(tmp_path):
    """p is blocked and the longest in A; x and y are named for their time there."""
    log = [
        *waiting("p"),
        event("p", "legal", day(2), kind="blocked"),
        *waiting("x", since=5),
        *waiting("y", since=9),
    ]
    asked, _ = told(tmp_path, log, day(30))
    rows = [(row[0].text, row[2][0], row[3]) for row in board.talk_about(asked).rows]
    assert rows == [
        ("p", "blocked: legal", "28 days"),
        ("x", "its time in A", "25 days"),
        ("y", "its time in A", "21 days"),
    ]


def test_where_nobody_is_named_it_is_said_why(tmp_path):
    """What is known ended 31 days ago; all is delivered; all are in a status of no stage."""
    asked, _ = told(tmp_path / "old", waiting("x"), day(39.1), asked=day(8))
    assert board.talk_about(asked).empty.endswith("the stages that hold any is too old.")
    asked, _ = told(tmp_path / "done", [*waiting("x"), event("x", "Done", day(3))], day(9))
    assert board.talk_about(asked).empty == "No item is open."
    asked, _ = told(tmp_path / "lost", [*waiting("x", "A wating")], day(9))
    assert board.talk_about(asked).empty.startswith("No stage holds any. 1 is in no box, for ")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("plain", ["plain"]),
        ("", []),
        ("see [a](https://b.c/d) and [e](http://f)", ["see ", Link("a", "https://b.c/d"), " and ", Link("e", "http://f")]),
        ("[a](javascript:alert(1))", ["[a](javascript:alert(1))"]),
        ("[a](ftp://b)", ["[a](ftp://b)"]),
        ("[](https://b) [a]( https://b)", ["[](https://b) [a]( https://b)"]),
        ("**bold** <b>", ["**bold** <b>"]),
    ],
)  # fmt: skip
def test_links_written_in_a_reason_become_links_and_the_rest_stays_as_it_is(text, parts):
    assert linked(text) == parts


def test_the_other_streams_stand_beside_it_the_worst_first(tmp_path):
    text = settings({name: Drawn([], Line()) for name in ("log", "calm", "worst")})
    calm = [e | {"source": "calm"} for e in waiting("x")]
    stuck = [e | {"source": "worst"} for e in waiting("xyz")]
    shown = publication(tmp_path, [*STORY, *calm, *stuck], text=text)
    asked = of_stream(shown, "log", datetime(2026, 1, 20, tzinfo=UTC))
    assert [(row.asked.stream.stream, row.colour) for row in board.others(asked)] == [
        ("worst", "red"), ("calm", "grey"),
    ]  # fmt: skip
    (first, *_) = board.others(asked)
    assert next(reason for _, reason in first.stages) == "3 waiting, target 2"
    ended = of_stream(shown, "log", shown.day_ends(datetime(2026, 1, 20).date(), "log"))
    assert {row.asked.as_of for row in board.others(ended)} == {ended.as_of}
