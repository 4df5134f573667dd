"""Hand-offs: an example to check on paper, and a calculation of its own over random histories."""

from __future__ import annotations

from itertools import groupby

import independent
import pytest
import random_lines
from line import STORY, day, event, publication
from seeds import how_many

HAS_WORK = {"a": True, "b": True, "c": False}
NEXT = {"a": "B", "b": "C", "c": "Delivered"}


def test_hand_off(tmp_path):
    """In the story x leaves A's work on 6 and enters B's on 8, leaves that on 10 and is in C at once
    (whose whole stay is its work); y is still in A's work, z left before any work."""
    more = [
        # Back from B's queue to A: A's first hand-off came back, its second is open for 2 days.
        event("w", "A working", day(1)), event("w", "B waiting", day(4)),
        event("w", "A working", day(5)), event("w", "B waiting", day(12)),
        # Straight from A to C, past B.
        event("v", "A working", day(3)), event("v", "C waiting", day(5)),
        event("u", "A working", day(3)), event("u", "B paused", day(6)), event("u", "Dropped", day(8)),
        event("t", "A working", day(2)), event("t", "B working", day(3)),
        event("t", "B checking", day(4)), event("t", "B waiting", day(6)),
    ]  # fmt: skip
    asked = publication(tmp_path, [*STORY, *more])
    rows = asked.figure("hand_off", day(14)).set_index("stage")
    assert list(rows.to_name) == ["B", "C", "Delivered"]
    counts = ["hand_offs", "connected", "skipped", "returned", "abandoned", "open"]
    assert rows.loc["a", counts].to_list() == [6, 2, 1, 1, 1, 1]  # x and t; v; w; u; w again
    assert rows.loc["b", counts].to_list() == [2, 1, 0, 0, 0, 1]  # x; t waits in B since 6
    assert rows.loc["c", counts].to_list() == [1, 1, 0, 0, 0, 0]  # v is still in C
    # At 0 days t is there and v is past; at 1 w came back; at 2 x and u are gone: by then 1/6 and
    # (1 - 3/6) * 1/3 are connected, a third in all, and nobody else will be.
    assert rows.loc["a", "half_days"] != rows.loc["a", "half_days"]
    assert rows.loc["a", "sentence"] == (
        "Of 6 whose work in A was over: 2 then in B's work; 1 past it first; 1 back first; 1 given "
        "up first; 1 not there yet, for 2 days. By no age so far were half in "
        "B's work."
    )
    assert rows.loc["b", "open_median_days"] == 8
    assert rows.loc["b", "sentence"].endswith("Too few for a typical time.")
    asked.close()


def test_half_are_handed_on(tmp_path):
    """Of five one is there after 1, 2 and 3 days, two wait for 9: half are there by day 3."""
    events = []
    for n, after in enumerate([1, 2, 3, None, None]):
        events += [event(f"i{n}", "A working", day(1)), event(f"i{n}", "B waiting", day(2))]
        events += [event(f"i{n}", "B working", day(2 + after))] if after else []
    asked = publication(tmp_path, events)
    row = asked.figure("hand_off", day(11), stage="a").iloc[0]
    assert (row.half_days, row.open, row.open_median_days) == (3, 2, 9)
    assert row.sentence.endswith("Half are in B's work within 3 days.")
    late = asked.figure("hand_off", day(1.5), stage="a").iloc[0]
    assert late.sentence == "No work in A is known to be over yet."
    asked.close()


def test_where_nothing_stands_for_waiting_no_time_is_told(tmp_path):
    """Five go from A's work to B at once; B has no status for waiting, so 0 days is no measurement."""
    text = (
        (random_lines.LINE)
        .replace("queue: [B waiting], paused: [B paused], ", "")
        .replace("work: [B working, B checking]", "work: [B working, B waiting]")
    )
    events = [
        event(f"i{n}", status, day(on))
        for n in range(5)
        for status, on in (("A working", 1), ("B working", 3))
    ]
    asked = publication(tmp_path, events, text=text)
    row = asked.figure("hand_off", day(5), stage="a").iloc[0]
    assert row.connected == 5 and row.half_days != row.half_days
    assert "how long it takes is not recorded" in row.sentence
    asked.close()


def test_a_source_that_ended_leaves_the_time_unsaid(tmp_path):
    events = [
        event(f"i{n}", status, day(on))
        for n in range(6)
        for status, on in (("A working", 1), ("B waiting", 3), ("B working", 5))
    ]
    asked = publication(tmp_path, events, asked=day(6))
    assert asked.figure("hand_off", day(6), stage="a").half_days.iloc[0] == 2
    late = asked.figure("hand_off", day(6, month=5), stage="a").iloc[0]
    assert late.half_days != late.half_days and "is not known" in late.sentence
    asked.close()


def slowly(visits, as_of) -> dict[str, list[tuple]]:
    """stage -> (outcome, microseconds) of each hand-off, item by item."""
    found: dict[str, list] = {}
    for mine in independent.at(visits, as_of).values():
        place = lambda v: v.stage if v.part in independent.OPEN else v.part  # noqa: E731
        runs = [list(run) for _, run in groupby(mine, place)]
        for nth, run in enumerate(runs):
            if run[0].part not in independent.OPEN:
                continue
            stage, number = run[0].stage, run[0].stage_no
            worked = [v for v in run if v.part == "work" or not HAS_WORK[stage]]
            if not worked or worked[-1].left is None:
                continue
            outcome, when = met([v for run in runs[nth + 1 :] for v in run], number)
            lasted = visits.line.spent(worked[-1].left, when or visits.line.now(as_of))
            found.setdefault(stage, []).append((outcome, lasted))
    return found


def met(later: list, number: int) -> tuple:
    for visit in later:
        if visit.part in ("left", "unmapped"):
            return visit.part, visit.entered
        if visit.part == "done":
            return ("on" if number == 3 else "skipped"), visit.entered
        if visit.stage_no <= number:
            return "back", visit.entered
        if visit.stage_no > number + 1:
            return "skipped", visit.entered
        if visit.part == "work" or not HAS_WORK[visit.stage]:
            return "on", visit.entered
    return None, None


def test_hand_offs_agree_with_the_independent_calculation(tmp_path):
    def same(asked, visits, as_of, events):
        expected = slowly(visits, as_of)
        for row in asked.figure("hand_off", as_of).itertuples():
            mine = expected.get(row.stage, [])
            counts = [sum(o == how for o, _ in mine)
                      for how in ("on", "skipped", "back", "left", "unmapped", None)]  # fmt: skip
            assert [row.connected, row.skipped, row.returned, row.abandoned, row.not_mapped,
                    row.open] == counts  # fmt: skip
            assert row.to_name == NEXT[row.stage] and row.hand_offs == len(mine)
            exits = [
                independent.Spell(t, "on" if o == "on" else "left" if o else None) for o, t in mine
            ]
            half = independent.moved_on_by_half(exits) if len(mine) >= 5 else None
            if row.half_days == row.half_days:
                assert row.half_days == pytest.approx(half / independent.DAY, abs=1e-9)
            else:
                assert half is None or "recorded" in row.sentence or "not known" in row.sentence

    random_lines.compare(tmp_path, "hand_off", how_many(2), same, most=20)
