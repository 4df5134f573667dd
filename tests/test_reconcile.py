"""What must hold before a publication becomes current can fail: a fault put into a step of the model
is found, and the rule and the place are named."""

from __future__ import annotations

from contextlib import closing

import pytest
from line import day, event, publication

import metrics
from metrics.publishing import publish
from settings import stages
from sources import collecting

# x: A waits 1, works 3 (blocked 4 to 5), B paused 6 (blocked 7 to 8), works 9, C 11, Done 13.
EVENTS = [
    event("x", "A waiting", day(1)), event("x", "A working", day(3)),
    event("x", "legal", day(4), kind="blocked"), event("x", "", day(5), kind="blocked"),
    event("x", "B paused", day(6)), event("x", "legal", day(7), kind="blocked"),
    event("x", "", day(8), kind="blocked"), event("x", "B working", day(9)),
    event("x", "C waiting", day(11)), event("x", "Done", day(13)),
    event("y", "A waiting", day(2)),
]  # fmt: skip
WORK, WAIT = "process time = work - blocks in it", "wait time = queues + pauses + blocks in work"
LEAD, COUNT = "lead time = process time + wait time", "arrivals - departures = work in progress"
WORKING, WAITING = "in work and not blocked = working", "in no work and not blocked = waiting"


@pytest.mark.parametrize(
    ("step", "right", "wrong", "found"),
    [
        # Time in work, in every stage so far.
        ("21_stays.sql", "visit_at(as_of) where part = 'work'", "visit_at(as_of) where part <> 'queue'",
         [f"{WORK} (b, so far)", f"{WAIT} (b, so far)"]),
        ("21_stays.sql", "sum(stay_us - blocked_us)", "sum(stay_us)", [f"{WORK} (a, so far)"]),
        ("21_stays.sql", "lead_us - coalesce(process_us, 0) as wait_us", "lead_us as wait_us",
         [f"{WAIT} (a, so far)"]),
        ("07_blocked.sql", "greatest(visit.entered_at, span.from_at)", "visit.entered_at",
         [f"{WORK} (a, so far)", f"{WORKING} (a, by the end of 2026-01-03)"]),
        # Each stay is as long as its parts, by every day.
        ("06_visits.sql", "lead(entered_us) over history as left_us, at_least", "left_us, at_least",
         [f"{LEAD} (a, by the end of 2026-01-06)"]),
        ("06_visits.sql", "lead(entered_at) over history as left_at", "left_at",
         [f"{COUNT} (a, by the end of 2026-01-03)"]),
        # A fault of some days only, that is no more to be seen on the last.
        ("08_days.sql", "entered_on as day", "entered_on + 1 as day",
         [f"{COUNT} (a, by the end of 2026-01-01)"]),
        ("08_days.sql", "left_on, state", "left_on - 2, state",
         [f"{COUNT} (a, by the end of 2026-01-01)"]),
        # The same number in all, not in each.
        ("08_days.sql", "'blocked',\n                   if(part = 'work', 'working', 'waiting')",
         "'blocked', 'waiting'", [f"{WORKING} (a, by the end of 2026-01-05)", WAITING]),
        ("08_days.sql", "'blocked']), unnest([-1, 1, 1, -1])",
         "if(part = 'work', 'blocked', 'waiting')]), unnest([-1, 1, 1, -1])", [WAITING]),
    ],
)  # fmt: skip
def test_a_fault_is_found_and_placed(tmp_path, monkeypatch, step, right, wrong, found):
    broken = tmp_path / step
    (text,) = [file.read_text() for file in publish.STEPS if file.name == step]
    assert text.count(right) == 1
    broken.write_text(text.replace(right, wrong))
    steps = [broken if file.name == step else file for file in publish.STEPS]
    monkeypatch.setattr(publish, "STEPS", steps)
    with pytest.raises(AssertionError) as refused:
        publication(tmp_path, EVENTS)
    for rule in found:
        assert f"line: {rule}" in str(refused.value)


def test_what_is_dated_a_little_ahead_has_not_happened_yet(tmp_path):
    """Read on day 14 at noon: y is said to be blocked and to move on later on that day."""
    later = [event("y", "legal", day(14.7), kind="blocked"), event("y", "A working", day(14.8)),
             event("y", "B waiting", day(15.2))]  # fmt: skip
    rows = publication(tmp_path, EVENTS + later, now=day(14.5)).table("reconciliation")
    assert (rows.expected == rows.found).all()


def test_without_a_fault_every_rule_holds(tmp_path):
    rows = publication(tmp_path, EVENTS).table("reconciliation")
    assert (rows.expected == rows.found).all()
    assert set(rows.rule) == {WORK, WAIT, LEAD, COUNT, WORKING, WAITING}


BOARD = """
title: A board
streams:
  line: {name: A line, sources: [board], counted_by: board, stages: {a: {name: A, queue: [Waiting], done: [Done]}}}
sources:
  board: {kind: snapshots, file: board.csv}
"""


def test_a_board_that_loses_an_item_is_published_all_the_same(tmp_path):
    """It left, so it is no more in the last answer: until then nothing newer could be published."""
    (tmp_path / "stages.yaml").write_text(BOARD)
    told = stages.read(tmp_path / "stages.yaml")
    for nth, items in enumerate(["vwxyz", "vwxy"], 1):
        rows = "".join(f"{item},Waiting\n" for item in items)
        (tmp_path / "board.csv").write_text(f"item,status\n{rows}")
        collecting.collect(told.sources.values(), tmp_path / "landing.duckdb", day(nth))
    done = publish.publish(told, tmp_path, day(2))
    assert done.ok, done.reasons
    with closing(metrics.open(done.file)) as shown:
        was, now = shown.table("stage_visit", item="z").sort_values("visit_no").itertuples()
    assert (was.status, was.left_at, now.part) == ("Waiting", day(2), "left")


def test_what_a_board_no_longer_shows_after_it_was_done_is_delivered_and_no_fault(tmp_path):
    (tmp_path / "stages.yaml").write_text(BOARD)
    told = stages.read(tmp_path / "stages.yaml")
    others = "".join(f"{item},Waiting\n" for item in "klmnop")
    for nth, (rows, done_items) in enumerate(
        [("v,Waiting\nw,Waiting\ny,Waiting\n", 0), ("v,Done\nw,Waiting\ny,Waiting\n", 1),
         ("w,Waiting\ny,Waiting\n", 1), ("w,Waiting\n", 1), ("v,Done\nw,Done\n", 2),
         ("v,Waiting\n", 1), ("", 1)], 1
    ):  # fmt: skip
        (tmp_path / "board.csv").write_text(f"item,status\n{others}{rows}")
        collecting.collect(told.sources.values(), tmp_path / "landing.duckdb", day(nth))
        if nth not in (3, 5, 7):
            continue
        done = publish.publish(told, tmp_path, day(nth))
        assert done.ok, (nth, done.reasons)
        with closing(metrics.open(done.file)) as shown:
            counts = shown.figure("status_count", day(nth + 0.5))
        assert counts[counts.part == "done"].work_items.sum() == done_items, nth
