"""What blocks us, in words: read as a sceptic would, on a line small enough to check."""

from __future__ import annotations

import pytest
from line import LINE, day, event, publication

from telling import blockers, flow, meeting, stage
from telling.asked import asked as of_stream

TEXT = LINE.replace("    counted_by: log\n", "    counted_by: log\n    blockers: {VPN: [vpn]}\n")
REASONS = ["VPN drops", "vpn access", "wait for VPN", "VPN", "no desk"]


def blocked(item: str, why: str, since: float, **more) -> dict:
    return event(item, why, day(since), kind="blocked", **more)


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """Six items from day 1, five of which are blocked from day 3 on until day 10, and one that came
    later; the list was last read on day 60."""
    items = [f"i{n}" for n in range(6)]
    events = [event(item, "A working", day(1)) for item in items]
    for item, why in zip(items, REASONS, strict=False):
        events += [blocked(item, why, 3), blocked(item, "", 10)]
    events += [event("i6", "A working", day(40)), blocked("i6", "VPN", 43)]
    events += [blocked("i0", "No desk!", 50), blocked("i0", "", 52)]
    events += [event("i4", "B working", day(5)), blocked("i5", "", 2)]
    return publication(tmp_path_factory.mktemp("told"), events, text=TEXT, asked=day(60))


def told(line, at: float, stage: str = "") -> blockers.Blockers:
    return blockers.told(of_stream(line, "line", day(at)), stage)


def test_most_of_what_is_blocked_is_said_with_what_it_is_of(line):
    found = told(line, 8)
    assert found.said == ["5 of 6 open items are blocked, 4 of them by “VPN”."]
    vpn, desk = found.rows
    assert (vpn.now, vpn.share, vpn.rule) == ("4 of 6", 1, "4 wordings, words of stages.yaml: vpn")
    assert vpn.lost[:2] == ["20", "20"] and vpn.where == [("a", "A", 4)]
    assert (desk.now, desk.share, desk.rule, desk.where) == ("1 of 6", 1 / 4, "", [("b", "B", 1)])
    assert [link.text for link in vpn.items[0:5:2]] == ["i0", "i1", "i2"]
    assert vpn.items[-1] == " and 1 more"
    assert told(line, 8, "b").said == ["1 of 1 open item here is blocked."]


def test_of_as_many_none_is_the_most_and_all_are_all(line):
    assert told(line, 51).said == ["2 of 7 open items are blocked."]
    assert told(line, 8, "a").said == ["4 of 5 open items here are blocked, all by “VPN”."]


def test_where_none_is_blocked_now_it_says_what_was_lost(line):
    found = told(line, 12)
    assert found.said == [
        "Nothing is blocked now. 35 item-days were lost in the 13 weeks to 12 January 2026."
    ]
    assert [(row.now, row.items, row.where) for row in found.rows] == [("0", "–", [])] * 2
    assert told(line, 12, "c").said == [
        "Nothing has been marked as blocked here since 2 January 2026."
    ]


def test_before_anything_was_blocked_and_before_anything_was_told_of_it(line):
    assert told(line, 2.5).said == ["Nothing has been marked as blocked since 2 January 2026."]
    assert told(line, 1.5) == blockers.Blockers(
        ["What blocks items is not recorded: no source tells of it."], [], []
    )


def test_what_is_blocked_now_is_not_said_of_a_source_that_is_out_of_date(line):
    """Day 60, when the list was last read, is 1 March; i6 was blocked from day 43 on."""
    found = told(line, 100)
    assert found.said == [
        "What is blocked now is not known: nothing is told of it after 1 March 2026."
    ]
    vpn, _ = found.rows
    assert (vpn.now, vpn.share, vpn.items, vpn.lost[1]) == ("–", 0, "–", "45")
    assert found.columns[2] == "Item-days lost, 13 weeks to 1 March 2026"


def test_that_none_is_blocked_is_not_said_where_no_source_tells_of_blocks(line):
    """The list tells of blocks from day 2 on."""
    for at, number, shown in ((1.5, "not recorded", "?"), (2.5, "0", "0")):
        asked = of_stream(line, "line", day(at))
        own, now = asked.table("stage").iloc[0], asked.part("queue_size").iloc[0]
        assert dict(stage.numbers(asked, own, now))["blocked"] == number
        screen = next(s for s in meeting.screens(asked) if s.key == "stage/a")
        assert dict(screen.numbers)["blocked"] == shown
        said = [stage.by_day(asked, "a", now).sentences[0], flow.work(asked).sentences[-1]]
        assert ["0 blocked" in text for text in said] == [number == "0"] * 2
        empty = stage.blocked(asked, "a").empty
        assert empty.startswith("What blocks" if number != "0" else "Nothing has been marked")
