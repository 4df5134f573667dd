"""What blocks us: on an example small enough for paper, by its rules, and over random histories."""

from __future__ import annotations

import independent_blockers
import pandas
import pytest
import random_lines
from line import LINE, day, event, publication
from seeds import chance, how_many

DAY = 86400e6
OWN = {"VPN": ["vpn", "remote access"], "Legal": ["the lawyers", "legal", "vpn legal"]}
WORDINGS = [
    "", "", "", "VPN drops", "waiting for  Remote Access!", "Legal", "no owner", "No owner.", "“No  owner”",
    "no owner: asked", "see https://IT.example/a/", "https://it.example/a#b, again", "https://it.example/A",
    "blocked", "?!", "Café", "cafe\u0301", "vpns", "3 lawyers", "the lawyers, 3",
]  # fmt: skip


def blocked(item: str, why: str, since: float, **more) -> dict:
    return event(item, why, day(since), kind="blocked", **more)


def lined(own: str) -> str:
    return LINE.replace("    counted_by: log\n", f"    counted_by: log\n    blockers: {own}\n")


# item   is in A from day 1
#  x     VPN drops 2 to 4; vpn drops! 6 to 7, then in B, on to 9
#  y     VPN  drops from 5 on, not told otherwise
#  z     see https://it.example/9/ 3 to 5, It's https://IT.example/9#now 5 to 6: one run of 3 days
STORY = [
    *(event(item, "A working", day(1)) for item in "xyz"), event("x", "B working", day(7)),
    blocked("x", "VPN drops", 2), blocked("x", "", 4), blocked("x", "vpn drops!", 6), blocked("x", "", 9),
    blocked("y", "VPN  drops", 5),
    blocked("z", "see https://it.example/9/", 3), blocked("z", "It's https://IT.example/9#now", 5),
    blocked("z", "", 6),
]  # fmt: skip


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    return publication(tmp_path_factory.mktemp("blocker"), STORY)


def test_blocker(story):
    """On day 10: x lost 2 + 3 days and y 5; y still does, the one of three open items that is."""
    rows = story.figure("blocker", day(10), stage="")
    vpn, link = rows.itertuples()
    assert (vpn.blocker, vpn.rule, vpn.wordings) == ("VPN drops", "the same words", 3)
    assert (vpn.items_now, vpn.open_items, vpn.now_share) == (1, 3, 1 / 3)
    assert (vpn.all_days, vpn.lately_days, vpn.items, vpn.spans) == (10, 10, 2, 3)
    assert (vpn.longest_days, vpn.longest_item, vpn.stages) == (5, "y", "A, B")
    assert (link.blocker, link.rule) == ("see https://it.example/9/", "the same link")
    assert (link.items_now, link.all_days, link.spans, link.also) == (0, 3, 1, "It's https://IT.example/9#now")  # fmt: skip
    b = story.figure("blocker", day(10), stage="b")
    assert b[["blocker", "items_now", "open_items", "all_days"]].to_dict("split")["data"] == [
        ["VPN drops", 0, 1, 2]
    ]


def test_what_came_later_is_not_known_on_a_past_day(story):
    """On day 4.5 x is free, z waits as it said then, and y is not blocked yet."""
    rows = story.figure("blocker", day(4.5), stage="")
    told = rows[["blocker", "items_now", "all_days", "wordings"]].to_dict("split")["data"]
    assert told == [["see https://it.example/9/", 1, 1.5, 1], ["VPN drops", 0, 2, 1]]
    assert story.figure("blocker", day(1.5)).empty


def test_a_reason_that_was_reworded_later_is_on_a_past_day_as_it_was_then(story):
    """z was blocked from 3 to 6, and said so otherwise from 5 on."""
    told = ["see https://it.example/9/", "It's https://IT.example/9#now"]
    for number, said in zip((4.5, 5.5), told, strict=True):
        age, talk = (
            story.figure(name, day(number)).set_index("item") for name in ("age", "talk_about")
        )
        assert age.blocked_reason["z"] == talk.blocked_reason["z"] == said
        spans = story.figure("blocked_time", day(number)).set_index("item")
        assert spans.reason["z"] == said and spans.days["z"] == number - 3


def test_only_the_last_thirteen_weeks_are_lately(story):
    """13 weeks before day 99 is day 8: x lost one day since, y all 91."""
    row = story.figure("blocker", day(99), stage="").iloc[0]
    assert (row.lately_days, row.all_days) == (92, 99)


@pytest.fixture(scope="module")
def worded(tmp_path_factory):
    """A team's own words, an item for each wording; and one that was blocked when the records began."""
    why = [
        "The VPN is down", "no remote  access", "remotely", "vpn form for lawyers", "see https://a.example/vpn/1",
        "yes", "Blocked!", "...", "no", "unpaid", "Unpaid", "Unpaid",
    ]  # fmt: skip
    events = [event(f"i{n}", "A working", day(1)) for n in range(len(why))]
    events += [blocked(f"i{n}", told, 2) for n, told in enumerate(why)]
    there = {"opening": True, "precision": "at least"}
    events += [event("x", "A working", day(1), **there), blocked("x", "legal", 1, **there),
               event("x", "B working", day(4))]  # fmt: skip
    # Of y "slip" was taken back at once; it was in B for no time at all.
    events += [event("y", "A working", day(1)), blocked("y", "slip", 2), blocked("y", "cable", 2, sequence=1),
               event("y", "B working", day(4)), event("y", "C waiting", day(4), sequence=1)]  # fmt: skip
    text = lined("{Forms: [form], VPN: [vpn, remote access]}")
    return publication(tmp_path_factory.mktemp("worded"), events, text=text)


def test_a_team_s_own_words_come_first_in_the_order_of_the_file(worded):
    rows = worded.figure("blocker", day(3), stage="a").set_index("blocker")
    told = {name: (row.items_now, row.rule) for name, row in rows.iterrows()}
    assert told["VPN"] == (3, "words of stages.yaml: vpn, remote access")
    assert told["Forms"] == (1, "words of stages.yaml: form")
    assert told["remotely"] == (1, "the same words")


def test_a_reason_that_only_says_that_it_is_blocked_is_no_reason(worded):
    rows = worded.figure("blocker", day(3), stage="a").set_index("blocker")
    assert (rows.items_now["no reason given"], rows.items_now["no"]) == (3, 1)
    assert rows.rule["no reason given"] == "says only that it is blocked"


def test_a_blocker_is_called_by_its_commonest_wording_however_late_that_came(worded):
    row = worded.figure("blocker", day(3), blocker="Unpaid", stage="a").iloc[0]
    assert (row.items_now, row.wordings, row.also) == (3, 2, "unpaid")


def test_what_lasted_for_no_time_at_all_blocked_nothing(worded):
    rows = worded.figure("blocker", day(9), stage="").set_index("blocker")
    assert "slip" not in rows.index and rows.stages["cable"] == "A, C"


def test_what_was_blocked_before_the_data_begins_was_for_at_least_so_long(worded):
    """x was when the records began; that it stays so in B does not make its days there more."""
    rows = worded.figure("blocker", day(9))
    rows = rows[rows.blocker == "legal"].set_index("stage")
    told = rows[["at_least", "lately_at_least", "longest_at_least", "all_days"]]
    assert told.loc[""].to_list() == [1, 1, True, 8]
    assert told.loc["b"].to_list() == [0, 0, False, 5]


def test_what_a_recording_that_ended_told_is_not_now(tmp_path):
    """Blocks came from a record that ends on day 20; where items are is told to this day."""
    text = LINE.replace("sources: [log]", "sources: [log, old]").replace(
        "sources:\n  log:", "sources:\n  old: {kind: events, file: log.csv, covers: {until: 2026-01-20}}\n  log:"
    )  # fmt: skip
    events = [event("x", "A working", day(1)), blocked("x", "legal", 10, source="old")]
    asked = publication(tmp_path, events, text=text)
    row = asked.figure("blocker", day(30), stage="").iloc[0]
    assert (row.items_now, round(row.all_days, 6), row.known_until.day) == (1, 10, 19)
    late = asked.figure("blocker", day(90), stage="").iloc[0]
    assert pandas.isna(late.items_now) and pandas.isna(late.now_share)
    assert round(late.all_days, 6) == 10 and late.counted_until.day == 19


def test_what_is_blocked_now_adds_up_to_the_boxes(story):
    for number in (2, 5, 6.5, 8):
        rows, boxes = (story.figure(name, day(number)) for name in ("blocker", "queue_size"))
        assert rows[rows.stage != ""].items_now.sum() == boxes.blocked.sum()
        assert rows[rows.stage == ""].all_days.sum() == story.figure("blocked_time", day(number)).days.sum()  # fmt: skip


def test_blockers_agree_with_the_independent_calculation(tmp_path, monkeypatch):
    text = lined("{VPN: [vpn, remote access], Legal: [the lawyers, legal, vpn legal]}")
    plain, random = random_lines.drawn, chance("there before")
    monkeypatch.setattr(random_lines, "LINE", text)
    monkeypatch.setattr(random_lines, "FLAGS", WORDINGS)

    def drawn(*how):
        """Some were marked when the records began, for nobody knows how long."""
        one = plain(*how)
        for told in one.events:
            if told["kind"] == "blocked" and random.random() < 0.3:
                told["opening"] = True
        return one

    monkeypatch.setattr(random_lines, "drawn", drawn)
    random_lines.compare(tmp_path, "blockers", how_many(6), same, most=20)


def same(asked, visits, as_of, events):
    found = {}
    for r in asked.figure("blocker", as_of).itertuples():
        number = None if pandas.isna(r.items_now) else r.items_now
        told = (number, r.open_items, r.lately_days, r.lately_at_least, r.all_days, r.items, r.spans,
                r.at_least, r.longest_days, r.wordings, r.also)  # fmt: skip
        assert (r.stage, r.blocker, r.rule) not in found
        found[r.stage, r.blocker, r.rule] = told
    expected = {}
    for (stage, rule, name), row in independent_blockers.blockers(
        visits, events, as_of, OWN
    ).items():
        now, held, lately, early, lost, items, spans, at_least, longest, wordings = row
        said = {"own": f"words of stages.yaml: {', '.join(OWN.get(name, []))}", "link": "the same link",
                "none": "says only that it is blocked", "words": "the same words"}[rule]  # fmt: skip
        called = {"own": name, "none": "no reason given"}.get(rule, wordings[0])
        expected[stage, called, said] = (
            now, held, lately / DAY, early, lost / DAY, items, spans, at_least, longest / DAY,
            len(wordings), "; ".join(wordings[1:5]),
        )  # fmt: skip
    assert found == expected
