"""What happened lately, and what to talk about: by hand, and against the independent calculation."""

from __future__ import annotations

from datetime import timedelta

import independent_lately
import pandas
import pytest
import random_lines
from line import STAGES, STORY, day, event, publication
from seeds import how_many

DAY = 86400e6
COLUMNS = ["came", "moved_on", "back", "delivered", "newly_blocked", "in_bulk"]


def counts(asked, as_of, stage: str, weeks: int) -> tuple:
    rows = asked.figure("lately", as_of, stage=stage, weeks=weeks)
    return tuple(None if pandas.isna(n) else int(n) for n in rows[COLUMNS].iloc[0])


def talked(asked, as_of) -> list[tuple]:
    rows = asked.figure("talk_about", as_of).sort_values("place")
    return [(r.item, r.why, round(r.days, 6)) for r in rows.itertuples()]


def test_lately(tmp_path):
    """x: A 1, B 6, C 10, done 12. y: A 2, blocked 7 to 9. z: A 4, dropped 9."""
    asked = publication(tmp_path, STORY)
    #                                          came, on, back, delivered, blocked, bulk
    assert counts(asked, day(12), "", 1) == (0, 3, 0, 1, 1, 0)  # x, after the 5th
    assert counts(asked, day(12), "", 13) == (3, 3, 0, 1, 1, 0)
    assert counts(asked, day(12), "a", 1) == (0, 1, 0, None, 1, 0)
    assert counts(asked, day(13), "a", 1) == (
        0,
        0,
        0,
        None,
        1,
        0,
    )  # A to B on the 6th is a week ago
    assert counts(asked, day(12), "b", 1) == (1, 1, 0, None, 0, 0)
    assert counts(asked, day(14), "a", 1) == (0, 0, 0, None, 0, 0)
    (row,) = asked.figure("lately", day(12), stage="", weeks=1).itertuples()
    assert (row.since_at, row.until_at) == (day(5), day(12))
    (row,) = asked.figure("lately", day(12), stage="", weeks=13).itertuples()
    assert row.since_at == day(1) - timedelta(microseconds=1)  # where the data begins


def test_lately_tells_of_nothing_before_the_data_begins_and_ends_where_it_ends(tmp_path):
    asked = publication(tmp_path, STORY, asked=day(13))
    assert asked.figure("lately", day(0)).empty
    (row,) = asked.figure("lately", day(20), stage="", weeks=1).itertuples()
    assert (row.since_at, row.until_at, row.moved_on) == (
        day(6),
        day(13),
        2,
    )  # not to B, on the 6th


def test_a_delivery_that_was_reopened_is_none(tmp_path):
    again = event("x", "A waiting", day(15))
    asked = publication(tmp_path, [*STORY, again])
    assert counts(asked, day(14), "", 13)[3] == 1
    assert counts(asked, day(16), "", 13)[3] == 0


def waiting(names: str, since: float = 1, **more) -> list[dict]:
    """Items that wait in A from a day on."""
    return [event(name, "A waiting", day(since), **more) for name in names]


def test_talk_about(tmp_path):
    """p was blocked on the 56th day, q on the 10th; r came back on the 40th; o and n are old."""
    asked = publication(tmp_path, [
        *waiting("pqro", 2), *waiting("n", 5),
        event("p", "legal", day(56), kind="blocked"), event("q", "money", day(10), kind="blocked"),
        event("r", "B working", day(20)), event("r", "A working", day(40)),
    ])  # fmt: skip
    assert talked(asked, day(60)) == [
        ("p", "newly blocked", 4), ("r", "came back", 20), ("q", "blocked", 50),
        ("o", "oldest", 58), ("n", "oldest", 55),
    ]  # fmt: skip
    assert talked(asked, day(63))[0] == ("r", "came back", 23)  # p: seven days ago
    assert ("p", "blocked", 7) in talked(asked, day(63))
    assert ("r", "came back", 90.999) in talked(asked, day(130.999))
    assert ("r", "oldest", 91) in talked(asked, day(131))


def test_a_mark_that_came_along_is_not_new(tmp_path):
    asked = publication(tmp_path, [
        *waiting("p", 1), event("p", "legal", day(2), kind="blocked"), event("p", "B working", day(30)),
    ])  # fmt: skip
    assert talked(asked, day(31)) == [("p", "blocked", 29)]


def test_slow_is_older_than_95_in_100_were(tmp_path):
    """45 items went on from A at ages of 1 to 45 days: the 95th percentile is 43 days."""
    gone = [f"g{n}" for n in range(1, 46)]
    log = [event(name, "A waiting", day(1)) for name in gone]
    log += [event(name, "Done", day(1 + n)) for n, name in enumerate(gone, 1)]
    asked = publication(tmp_path, [*log, *waiting("s", 10)])
    assert talked(asked, day(53)) == [("s", "oldest", 43)]
    (row,) = asked.figure("talk_about", day(53.5)).itertuples()
    assert (row.why, row.days, row.p95_days) == ("slow", 43.5, 43)
    few = publication(tmp_path / "few", [*log[1:45], *log[46:], *waiting("s", 10)])
    assert talked(few, day(60)) == [("s", "oldest", 50)]


def test_ten_at_most_and_each_reason_before_the_second_of_another(tmp_path):
    log = [*waiting("abcdefghijkl", 1)]
    log += [event(name, "legal", day(30), kind="blocked") for name in "abcd"]
    asked = publication(tmp_path, log)
    assert [item for item, *_ in talked(asked, day(60))] == list("aebfcgdhij")
    assert list(asked.figure("talk_about", day(60)).place) == list(range(1, 11))


def test_nobody_is_talked_of_whose_source_has_ended(tmp_path):
    asked = publication(tmp_path, waiting("a"), asked=day(10))
    assert talked(asked, day(40)) == [("a", "oldest", 9)]
    assert talked(asked, day(40.001)) == []


def test_lately_and_what_to_talk_about_agree_with_the_independent_calculation(tmp_path):
    reasons = set()

    def same(asked, visits, as_of, events):
        rows = asked.figure("lately", as_of)
        found = {
            (r.stage, r.weeks): (r.since_at, r.until_at, *(getattr(r, name) for name in COLUMNS))
            for r in rows.itertuples()
        }
        told = independent_lately.lately(visits, events, as_of, STAGES)
        assert set(found) == set(told)
        for key, mine in told.items():
            assert [n for n in found[key] if not pandas.isna(n)] == [
                n for what, n in zip(("", "", *independent_lately.COUNTS), mine, strict=True)
                if what != "delivered" or key[0] == ""
            ]  # fmt: skip
        rows = asked.figure("talk_about", as_of).sort_values("place")
        reasons.update(rows.why)
        assert [(r.item, r.why, r.days, r.at_least) for r in rows.itertuples()] == [
            (item, why, pytest.approx(us / DAY), least)
            for item, why, us, least in independent_lately.talk_about(visits, events, as_of, STAGES)
        ]

    random_lines.compare(tmp_path, "lately", how_many(2), same, most=200)
    assert reasons >= {"newly blocked", "came back", "blocked", "oldest"}
