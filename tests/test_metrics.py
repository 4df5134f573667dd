"""Each figure on an example small enough to check on paper. Day 1 is 2026-01-01, midnight UTC."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pandas
import pytest
from line import LINE, STORY, TARGET, day, event, publication

import metrics
from metrics.publishing import keeping
from telling import words as in_words


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    return publication(tmp_path_factory.mktemp("story"), STORY)


def test_queue_size(story):
    """On day 8 at noon: y is blocked in A, z waits in A, x works in B."""
    rows = story.figure("queue_size", day(8.5)).set_index("stage")
    counts = rows[["waiting", "working", "blocked", "wip"]].to_dict("split")["data"]
    assert counts == [[1, 0, 1, 2], [0, 1, 0, 1], [0, 0, 0, 0]]
    assert rows.oldest_days["a"] == 6.5  # y since day 2
    assert pandas.isna(rows.oldest_days["c"])  # nothing in it is not age 0


def test_lead_time(story):
    """x: A from 1 to 6 is 2 waiting + 3 working; y by day 10: 3 waiting, 5 in work, 2 blocked."""
    rows = story.figure("lead_time", day(10)).set_index(["item", "stage"])
    told = rows[["lead_days", "process_days", "wait_days"]]
    assert told.loc["x", "a"].to_list() == [5, 3, 2]
    assert told.loc["x", "b"].to_list() == [4, 2, 2]
    assert told.loc["y", "a"].to_list() == [8, 3, 5]
    assert rows.exit.to_dict()["z", "a"] == "left"


def test_delivery_time(story):
    assert story.figure("delivery_time", day(11)).empty
    assert story.figure("delivery_time", day(13)).lead_days.to_list() == [11]


def test_age(story):
    """Open on day 10: x (since 1, in C since 10) and y (since 2, still in A)."""
    rows = story.figure("age", day(10)).set_index("item")
    assert rows.age_days.to_dict() == {"x": 9, "y": 8}
    assert rows.stage_age_days.to_dict() == {"x": 0, "y": 8}


def test_an_item_is_blocked_since_its_flag_not_since_its_last_move(tmp_path):
    events = [event("x", "A working", day(1)), event("x", "legal", day(3), kind="blocked"),
              event("x", "B working", day(5))]  # fmt: skip
    row = publication(tmp_path, events).figure("age", day(9)).iloc[0]
    assert (row.blocked, row.blocked_days, row.blocked_at_least) == (True, 6, False)


def test_flow_efficiency(story):
    """A on day 10: process 3 + 3 + 0 of lead 5 + 8 + 5."""
    rows = story.figure("flow_efficiency", day(10)).set_index("stage")
    assert rows.efficiency["a"] == 6 / 18
    assert (rows.stays["a"], rows.open_stays["a"]) == (3, 1)
    assert pandas.isna(rows.efficiency["c"])
    assert "No status of this stage says an item is being worked on" in rows.sentence["c"]


def test_throughput(story):
    """Week of 29 December: x, y and z arrive; of 5 January: z is dropped and x delivered on the 12th."""
    rows = story.figure("throughput", day(13))
    told = rows[["arrivals", "delivered", "abandoned"]].to_dict("split")["data"]
    assert told == [[3, 0, 0], [0, 0, 1], [0, 1, 0]]


def test_wip_by_day(story):
    rows = story.figure("wip_by_day", day(8.5))
    assert rows[rows.stage == "a"].wip.to_list() == [1, 2, 2, 3, 3, 2, 2, 2]
    assert rows[rows.stage == "a"].blocked.to_list() == [0, 0, 0, 0, 0, 0, 1, 1]


def test_blocked_time(story):
    assert story.figure("blocked_time", day(8)).days.to_list() == [1]
    row = story.figure("blocked_time", day(20)).iloc[0]
    assert (row["item"], row.reason, row.days, row.open) == ("y", "legal", 2, False)


def test_status_count(story):
    rows = story.figure("status_count", day(13)).set_index("status")
    assert rows.work_items.to_dict() == {"A working": 1, "Done": 1, "Dropped": 1}
    assert rows.closed.to_dict() == {"A working": False, "Done": True, "Dropped": True}


def test_typical_time(tmp_path):
    """Six enter A; three leave after 1, 2 and 3 days, three are still in after 10.

    Kaplan-Meier: 5/6, 4/6, 3/6 left, so half have moved on by day 3.
    """
    events = [event(f"i{n}", "A waiting", day(1)) for n in range(6)]
    events += [event(f"i{n}", "B waiting", day(2 + n)) for n in range(3)]
    asked = publication(tmp_path, events)
    row = asked.figure("typical_time", day(11), stage="a").iloc[0]
    assert (row.typical_days, row.finished, row.open) == (3, 3, 3)
    assert pandas.isna(row.finished_median_days)  # three are too few for a median
    before = asked.figure("typical_time", day(3.5), stage="a").iloc[0]
    assert (before.typical_word, before.finished) == ("not reached", 2)
    assert "4 still in, for a median of 2 days" in before.sentence


def test_abandonment_is_a_competing_exit_not_a_delivery(tmp_path):
    """Of six, four are dropped on day 2: half can never move on."""
    events = [event(f"i{n}", "A waiting", day(1)) for n in range(6)]
    events += [event(f"i{n}", "Dropped", day(2)) for n in range(4)]
    events += [event(f"i{n}", "B waiting", day(3)) for n in (4, 5)]
    row = publication(tmp_path, events).figure("typical_time", day(9), stage="a").iloc[0]
    assert (row.typical_word, row.finished, row.abandoned) == ("not reached", 2, 4)


def test_percent_complete_and_accurate(tmp_path):
    """Three hand-offs out of A long ago, one of them returned: 2 of 3. A fourth is too early."""
    events = [event(f"i{n}", "A working", day(1)) for n in range(4)]
    events += [event(f"i{n}", "B working", day(2)) for n in range(3)]
    events += [event("i0", "A working", day(3)), event("i3", "B working", day(60))]
    rows = publication(tmp_path, events).figure("percent_complete_and_accurate", day(62))
    row = rows.set_index("stage").loc["a"]
    assert (row.hand_offs, row.returned, row.too_early) == (3, 1, 1)
    assert row.percent == pytest.approx(200 / 3)


def test_status(story, tmp_path):
    """A has the target 2 waiting, amber 1; B and C have none."""
    rows = story.figure("status", day(8.5)).set_index("stage")
    assert rows.colour.to_list() == ["green", "grey", "grey"]
    assert rows.word["b"] == "No target"
    three = publication(tmp_path, [event(f"i{n}", "A waiting", day(n)) for n in (1, 2, 3)])
    told = [three.figure("status", day(at), stage="a").iloc[0] for at in (1, 2, 3)]
    assert [row.colour for row in told] == ["green", "amber", "red"]
    assert told[2].sentence == "3 waiting, target 2."


def test_target_now(story, tmp_path):
    """A may hold 2 waiting, 1 to watch: 1 waits on day 8.5, and 3 once three have come by day 3."""
    row = story.figure("target_now", day(8.5)).iloc[0]
    told = row[["kind", "stream", "stage", "process_group", "process", "name", "measure", "unit"]]
    assert told.to_list() == ["stage", "line", "a", "", "", "A", "queue", "items"]
    assert (row.value, row.amber, row.red, row.verdict) == (1, 1, 2, "green")
    assert (row.said, row.reason, row.owner) == ("1 waiting, target 2", "small", "us")
    assert str(row.set_on.date()) == "2026-01-01"
    three = publication(tmp_path, [event(f"i{n}", "A waiting", day(n)) for n in (1, 2, 3)])
    told = [three.figure("target_now", day(at)) for at in (1, 2, 3)]
    assert [rows.verdict.to_list() for rows in told] == [["green"], ["amber"], ["red"]]


@pytest.mark.parametrize(
    ("days", "unit"),
    [
        ("calendar", "day"),
        ("working\n    holidays: {country: GB, subdivision: ENG}", "working day"),
    ],
)
def test_one_day_is_a_day(tmp_path, days, unit):
    """x came at the start of Monday the 5th."""
    text = LINE.replace("{queue: TARGET}", "{oldest: TARGET}")
    asked = publication(tmp_path, [event("x", "A waiting", day(5))], text, days)
    assert asked.figure("target_now", day(6)).said[0] == f"oldest 1 {unit}, target 2"
    assert (
        asked.figure("measure", day(6), stage="a", measure="oldest").said[0] == f"oldest 1 {unit}"
    )
    (stuck,) = asked.changes(day(5.5), day(6)).query("kind == 'stuck longest'").sentence
    assert stuck == f"x has been in A for 1 {unit}, the only one there."
    assert (
        asked.figure("target_now", day(7)).said[0] == f"oldest 2 {unit}s, target 2, watch above 1"
    )


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        ("queue", [(1, "green", "1 waiting, target 2"), (0, "green", "0 waiting, target 2")]),
        ("wip", [(2, "amber", "2 in the stage, target 2, watch above 1"), (1, "green", "1 in the stage, target 2")]),
        ("oldest", [(6, "red", "oldest 6 days, target 2"), (11, "red", "oldest 11 days, target 2")]),
        ("idle", [(2, "amber", "nothing has moved on for 2 days, limit 2, watch above 1"),
                  (7, "red", "nothing has moved on for 7 days, limit 2")]),
        ("typical", [(None, "unknown", "too few for a typical time")] * 2),
    ],
)  # fmt: skip
def test_each_measure_is_held_to_its_target(tmp_path, measure, said):
    """On day 8: y (in A since day 2, in work) and z (waits since 4), x left A on 6; on 13: y alone."""
    text = LINE.replace("{queue: TARGET}", f"{{{measure}: TARGET}}")
    asked = publication(tmp_path, STORY, text)
    for at, (value, verdict, words) in zip((8, 13), said, strict=True):
        row = asked.figure("target_now", day(at)).iloc[0]
        assert (row.verdict, row.said) == (verdict, words)
        assert (None if pandas.isna(row.value) else row.value) == value


@pytest.fixture(scope="module")
def unread(tmp_path_factory):
    """The same, last read on day 12."""
    asked = publication(tmp_path_factory.mktemp("unread"), STORY, asked=day(12))
    yield asked
    asked.close()


def test_a_target_is_not_judged_on_stale_data(unread):
    row = unread.figure("target_now", day(12 + 31)).iloc[0]
    assert (row.verdict, row.said) == ("unknown", "the data ends 12 January 2026: too old to judge")
    assert unread.figure("target_now", day(12 + 30)).verdict.iloc[0] == "green"
    assert unread.figure("target_now", day(0.5)).empty


def test_stale_data_is_never_green(unread):
    row = unread.figure("status", day(12 + 31), stage="a").iloc[0]
    assert (row.colour, row.word) == ("grey", "Stale")
    assert (
        row.sentence == "The data ends 12 January 2026, 31 days before this day: too old to judge."
    )


def test_freshness(story, unread):
    """The list was last read on day 12; its last entry is of day 12 too."""
    row = unread.figure("freshness", day(20)).iloc[0]
    assert (row.age_days, row.same_days, row.stale) == (8, 0, False)
    # Read until the end of the year: it has told the same since, and is not old.
    row = story.figure("freshness", day(60)).iloc[0]
    assert (row.age_days, row.same_days, row.stale) == (0, 48, False)


def test_a_list_that_is_read_and_holds_nothing_new_is_judged(tmp_path):
    """Two wait since day 1 and 2, limit 2 waiting: a third on day 3 makes it red, and it stays so
    however long nothing moves; one that is green is not, once it has said the same for too long."""
    text = LINE.replace("same_after: 1000", "same_after: 50")
    for count, colour, later in ((3, "red", "red"), (1, "green", "grey")):
        events = [event(f"i{n}", "A waiting", day(n + 1)) for n in range(count)]
        asked = publication(tmp_path / colour, events, text)
        for days, expected in ((49.9, colour), (50.1, later)):
            row = asked.figure("status", day(count + days), stage="a").iloc[0]
            assert row.colour == expected, days
        asked.close()
    assert row.word == "Unchanged"
    assert row.sentence == (
        "The sources have told exactly the same since 1 January 2026: either nothing moved or they "
        "are dead. 1 waiting, target 2."
    )


def test_no_clock_runs_beyond_what_is_known(unread):
    """z waits since day 4 and the list was last read on day 12: 8 days, whenever one asks."""
    for later in (day(12), day(40), day(400)):
        rows = unread.figure("age", later).set_index("item")
        assert rows.age_days.max() == unread.figure("age", day(12)).age_days.max()
        assert (
            unread.figure("throughput", later).week.max()
            == unread.figure("throughput", day(12)).week.max()
        )
        assert (unread.figure("typical_time", later).sentence
                == unread.figure("typical_time", day(12)).sentence).all()  # fmt: skip


def test_a_closed_recording_is_neither_fresh_nor_stale(publication_of_example):
    asked = publication_of_example
    rows = asked.figure("freshness", asked.opens_at("design-a-dataset"))
    told = rows[rows.source == "change-log"].iloc[0]
    until = told.covers_until.tz_convert("Europe/London")
    assert (str(until.date()), told.stale) == ("2025-03-31", False)


def test_inside_the_time_that_a_closed_recording_covers_it_is_not_old(publication_of_example):
    """The change log has weeks without any entry; it tells of each day until its end."""
    asked = publication_of_example
    for day_no in range(0, 367, 30):
        at = datetime(2024, 3, 29, 12, tzinfo=UTC) + timedelta(days=day_no)
        rows = asked.figure("freshness", at).set_index("source")
        assert rows.age_days["change-log"] == 0


def test_doubt(tmp_path):
    events = [event("x", "A waiting", day(1)), event("x", "Mystery", day(2))]
    events += [event("y", "Done", day(1)), event("y", "B working", day(3))]
    rows = publication(tmp_path, events).figure("doubt", day(5))
    assert rows.what.to_list() == ["reopened after delivery", "unmapped status"]
    assert rows.detail.to_list() == ['left "Done" again', '"Mystery" is not in stages.yaml']


def test_refused_row(publication_of_example):
    rows = publication_of_example.figure("refused_row", datetime(2026, 11, 20, tzinfo=UTC))
    assert rows.source.value_counts().to_dict() == {
        "spreadsheet": 148, "change-log": 6, "nightly-snapshots": 2,
    }  # fmt: skip


@pytest.fixture
def publication_of_example(example):
    return metrics.open(example)


def test_one_process_can_open_a_publication_twice(publication_of_example, example):
    again = metrics.open(example)
    assert (
        again.table("stream").stream.to_list()
        == publication_of_example.table("stream").stream.to_list()
    )


# The cases that must come out right.


def test_several_moves_in_one_instant_keep_their_order(tmp_path):
    words = ["A waiting", "A working", "B working", "Done"]
    events = [event("x", word, day(1), sequence=n) for n, word in enumerate(words)]
    asked = publication(tmp_path, events)
    assert asked.figure("status_count", day(2)).status.to_list() == ["Done"]
    assert asked.figure("lead_time", day(2)).lead_days.to_list() == [0, 0]


def test_moving_back_does_not_reset_the_age(tmp_path):
    events = [
        event("x", "A waiting", day(1)),
        event("x", "B working", day(5)),
        event("x", "A waiting", day(8)),
    ]
    row = publication(tmp_path, events).figure("age", day(9)).iloc[0]
    assert (row.age_days, row.stage_age_days) == (8, 1)


def test_reopening_after_delivery_keeps_the_clock_running(tmp_path):
    events = [event("x", "A waiting", day(1)), event("x", "Done", day(5)),
              event("x", "B working", day(8)), event("x", "Done", day(11))]  # fmt: skip
    asked = publication(tmp_path, events)
    assert asked.figure("delivery_time", day(9)).empty
    assert asked.figure("delivery_time", day(12)).lead_days.to_list() == [10]
    assert asked.figure("throughput", day(12)).delivered.sum() == 1


def test_who_was_there_before_the_data_begins_makes_no_box_green(tmp_path):
    """A target of 2 days, to be watched from 1. Who is there at least so long is at least that bad; who
    is there at least for less may be any age. One whose entry was seen is on target."""
    text = LINE.replace("{queue: TARGET}", "{oldest: TARGET}")
    before = event("x", "A waiting", day(1), precision="at least", opening=True)
    told = publication(tmp_path / "before", [before], text)
    seen = [told.figure("status", day(at), stage="a").iloc[0] for at in (1.5, 2.5, 4)]
    assert [(s.colour, s.word) for s in seen] == [
        ("grey", "Not sure"), ("amber", "Watch"), ("red", "Stuck")
    ]  # fmt: skip
    assert seen[0].sentence == "oldest at least 0.5 days, target 2, and since when is not known."
    told.close()
    told = publication(tmp_path / "seen", [event("x", "A waiting", day(1))], text)
    assert told.figure("status", day(1.5), stage="a").colour.item() == "green"
    told.close()


def test_what_is_put_away_after_it_was_delivered_stays_delivered(tmp_path):
    """One is delivered, archived and deleted; one vanishes and is shown again; one is archived in
    work; one is taken back out of the archive to be worked on, and archived then."""
    events = [
        event("a", "A working", day(1)), event("a", "Done", day(2)), event("a", "(archived)", day(3)),
        event("a", "(gone)", day(4)),
        event("b", "A working", day(1)), event("b", "Done", day(2)), event("b", "(gone)", day(3)),
        event("b", "Done", day(4)),
        event("c", "A working", day(1)), event("c", "(archived)", day(3)),
        event("d", "A working", day(1)), event("d", "Done", day(2)), event("d", "(archived)", day(3)),
        event("d", "A working", day(5)), event("d", "(archived)", day(6)), event("d", "(gone)", day(7)),
    ]  # fmt: skip
    told = publication(tmp_path, events)
    counts = told.figure("status_count", day(9))
    assert sorted(zip(counts.part, counts.status, counts.work_items, strict=True)) == [
        ("done", "Done", 2), ("left", "(archived)", 1), ("left", "(gone)", 1)
    ]  # fmt: skip
    stays = told.table("stage_visit", item="b")
    assert list(stays.sort_values("visit_no").status) == ["A working", "Done"]
    then = told.figure("status_count", day(4.5))
    assert sorted(zip(then.part, then.work_items, strict=True)) == [("done", 3), ("left", 1)]
    told.close()


def test_archived_while_blocked_the_blocked_clock_stops(tmp_path):
    events = [event("x", "A working", day(1)), event("x", "legal", day(3), kind="blocked"),
              event("x", "Dropped", day(5))]  # fmt: skip
    row = publication(tmp_path, events).figure("blocked_time", day(30)).iloc[0]
    assert (row.days, row.open) == (2, False)


def test_everything_blocked_is_all_wait(tmp_path):
    events = [event("x", "A working", day(1)), event("x", "legal", day(1), kind="blocked")]
    row = publication(tmp_path, events).figure("lead_time", day(5)).iloc[0]
    assert (row.lead_days, row.process_days, row.wait_days) == (4, 0, 4)


def test_an_item_there_before_the_data_begins_is_at_least_that_old(tmp_path):
    first = event("x", "A waiting", day(1), precision="at least", opening=True)
    asked = publication(tmp_path, [first, event("y", "A waiting", day(2))])
    rows = asked.figure("age", day(9)).set_index("item")
    assert rows.stage_at_least.to_dict() == {"x": True, "y": False}
    assert asked.figure("throughput", day(9)).arrivals.sum() == 1
    assert asked.figure("status", day(9), stage="a").colour.item() == "amber"


def test_both_clock_changes_fall_on_the_right_local_day(tmp_path):
    """29 March 2026 has 23 hours in London, 25 October 25: the day after begins at local midnight."""
    times = [datetime(2026, 3, 28, 23, 59, tzinfo=UTC), datetime(2026, 3, 29, 23, 1, tzinfo=UTC),
             datetime(2026, 10, 24, 23, 1, tzinfo=UTC), datetime(2026, 10, 25, 23, 59, tzinfo=UTC)]  # fmt: skip
    events = [event(f"i{n}", "A waiting", at) for n, at in enumerate(times)]
    rows = publication(tmp_path, events).figure("wip_by_day", datetime(2026, 10, 26, tzinfo=UTC))
    wip = rows[rows.stage == "a"].set_index(rows[rows.stage == "a"].day.astype(str)).wip
    told = [
        wip.get(d) for d in ("2026-03-28", "2026-03-29", "2026-03-30", "2026-10-24", "2026-10-25")
    ]
    assert told == [1, 1, 2, 2, 4]


def test_a_day_whose_last_hour_comes_twice_ends_with_the_second(tmp_path):
    """In Santiago clocks went back at the end of 4 April 2026: what happened in that hour was left out.
    What left a stage then left it on that day, which in UTC was over."""
    text = LINE.replace("Europe/London", "America/Santiago")
    second = datetime(2026, 4, 5, 3, 30, tzinfo=UTC)  # half past eleven in the evening, again
    events = [event("x", "A waiting", day(1)), event("y", "A waiting", day(1)),
              event("x", "B waiting", second)]  # fmt: skip
    asked = publication(tmp_path, events, text)
    ends = asked.day_ends(second.astimezone(ZoneInfo("America/Santiago")).date(), "line")
    assert ends == datetime(2026, 4, 5, 3, 59, 59, 999_999, tzinfo=UTC)
    assert asked.figure("queue_size", ends, stage="b").waiting.item() == 1
    assert f"{asked.figure('status', ends, stage='a').since.item():%Y-%m-%d}" == "2026-04-04"


def test_working_days_leave_out_weekends_and_holidays(tmp_path):
    """Thursday 1 January is a holiday; Friday 2 to Tuesday 6 is Friday and Monday: 2 days."""
    text = LINE.replace(
        "days: DAYS", "days: working\n    holidays: {country: GB, subdivision: ENG}"
    )
    events = [event("x", "A working", day(1)), event("x", "B working", day(6))]
    rows = publication(tmp_path, events, text).figure("lead_time", day(7)).set_index("stage")
    assert rows.lead_days.to_dict() == {"a": 2, "b": 1}


def test_an_edit_in_bulk_is_no_progress(tmp_path):
    edit = '    not_progress: [{date: 2026-01-05, what: "an edit in bulk"}]\nsources:'
    events = [event(f"i{n}", "A waiting", day(1)) for n in range(5)]
    events += [event(f"i{n}", "Dropped", day(5.5)) for n in range(3)]
    asked = publication(tmp_path, events, LINE.replace("sources:\n  log", edit + "\n  log"))
    rows = asked.figure("throughput", day(8))
    assert (rows.abandoned.sum(), rows.bulk.sum()) == (0, 3)


def test_a_status_removed_half_way_is_no_rework_and_not_green(tmp_path):
    text = LINE.replace("queue: [C waiting], work: []",
                        f"queue: [{{status: C waiting, until: 2026-01-05}}], targets: {{queue: {TARGET}}}")  # fmt: skip
    events = [
        event("x", "B working", day(1)),
        event("x", "C waiting", day(2)),
        event("x", "B working", day(5.5)),
    ]
    asked = publication(tmp_path, events, text)
    row = asked.figure("percent_complete_and_accurate", day(60), stage="b").iloc[0]
    assert (row.hand_offs, row.returned) == (1, 0)
    assert asked.figure("status", day(4), stage="c").colour.item() == "green"
    later = asked.figure("status", day(8), stage="c").iloc[0]
    assert (later.colour, later.word) == ("grey", "Not measured")


def test_a_past_day_shows_only_what_was_known_then(story):
    assert story.figure("status_count", day(2.5)).work_items.to_list() == [2]
    assert story.figure("age", day(0.5)).empty


def test_a_better_recording_is_preferred_where_it_covers(publication):
    """The real line: snapshots alone show 114 moves, all three recordings together 253 or more."""
    told = publication.table("stage_event", stream="design-a-dataset", kind="status")
    moved = told[told.was.notna()]
    by_source = moved.source.value_counts().to_dict()
    assert by_source["change-log"] == 153
    assert not moved[(moved.source == "nightly-snapshots") & (moved.since < "2025-03-31")].shape[0]


def test_the_real_line_ends_as_its_last_snapshot_says(publication):
    at = publication.opens_at("design-a-dataset")
    rows = publication.figure("status_count", at, stream="design-a-dataset").set_index("status")
    assert rows.work_items.to_dict() == {
        "Backlog": 199, "Screen": 12, "Research": 13, "Co-design": 34, "Test and iterate": 8,
        "On the platform": 36, "Archived": 125,
    }  # fmt: skip


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.more)])
def test_the_line_stands_at_every_snapshot_as_the_snapshot_shows_it(example, publication, every):
    """The three recordings, merged, against each of the 157 (or every fourth): one differs, taken at
    noon of 4 July 2024, when the log knows that day's move only to the day."""
    with duckdb.connect(str(example / "landing.duckdb"), read_only=True) as con:
        con.execute("set timezone = 'UTC'")
        told = con.execute(
            "select seen_at, status, count(*) as n from listed "
            "where source = 'nightly-snapshots' group by all"
        ).df()
    differ, odd = [], pandas.Timestamp("2024-07-04", tz="UTC")
    for n, (at, shown) in enumerate(told.groupby("seen_at")):
        if n % every and at.normalize() != odd:
            continue
        rows = publication.figure("status_count", at.to_pydatetime(), stream="design-a-dataset")
        if dict(zip(shown.status, shown.n, strict=True)) != dict(
            zip(rows.status, rows.work_items, strict=True)
        ):
            differ.append(f"{at:%Y-%m-%d}")
    assert told.seen_at.nunique() == 157
    assert differ == ["2024-07-04"]


def test_the_real_provisions_are_those_of_the_brief(publication):
    at = publication.opens_at("add-a-councils-data")
    rows = publication.figure("status_count", at, stream="add-a-councils-data").set_index("status")
    assert rows.work_items["Expected"] == 1137
    assert rows.work_items.sum() == 1904
    assert rows.work_items.sum() - rows.work_items["Expected"] == 767


def test_recent_publications_are_kept_and_one_of_each_week(tmp_path):
    names = [f"2026-{month:02}-{day:02}T000000.000000Z" for month in (1, 2) for day in range(1, 29)]
    for name in names:
        (tmp_path / f"{name}.duckdb").touch()
    keeping.prune(tmp_path, tmp_path / f"{names[-1]}.duckdb")
    kept = sorted(file.stem for file in tmp_path.iterdir())
    assert kept[-7:] == names[-7:]
    weeks = {datetime.fromisoformat(name[:10]).isocalendar()[:2] for name in names}
    assert {datetime.fromisoformat(name[:10]).isocalendar()[:2] for name in kept} == weeks
    assert len(kept) < 16


def test_a_publication_can_be_asked_by_any_duckdb_client(example, tmp_path):
    # A copy: one process can't open one file with two configurations.
    copy = shutil.copy(metrics.current(example), tmp_path)
    with duckdb.connect(copy, read_only=True) as con:
        rows = con.execute("from queue_size(timestamptz '2025-06-01 00:00:00+00')").fetchall()
        comment = con.execute(
            "select comment from duckdb_functions() where function_name = 'queue_size'"
        ).fetchall()[0][0]
    assert len(rows) == 6
    assert comment == metrics.figures()["queue_size"]


def test_what_is_known_as_at_least_so_much_is_never_told_as_more_nor_on_the_limit_s_other_side(
    story,
):
    hand = {
        (841.78, 180.0): "841", (841.78, 842.0): "841", (842.3, 842.0): "842.3", (842.0, 842.0): "842",
        (842.04, 842.0): "842.04", (842.99, 842.5): "842.9", (0.5, 2.0): "0.5", (9.28, 30.0): "9.2",
        (9.0, 30.0): "9", (1.7, 1.5): "1.7", (1.58, 1.55): "1.58", (1234.9, 10.0): "1,234",
    }  # fmt: skip
    with story._connection.cursor() as cursor:
        for (value, beside), said in hand.items():
            told = cursor.execute(
                "select least_beside(?::double, ?::double)", [value, beside]
            ).fetchall()
            assert told == [(said,)], (value, beside)
    assert [in_words.days(value, True) for value in (841.78, 1.99, 0.9)] == [
        "at least 841 days", "at least 1 day", "at least part of a day",
    ]  # fmt: skip


def test_a_number_beside_its_limit_never_reads_as_equal_to_it(story):
    asked = {}
    for value, beside in (
        (1.7, 1.5),
        (2.0, 2.0),
        (1.5, 1.5),
        (842.3, 180.0),
        (2.04, 2.0),
        (1.9996, 2.0),
        (1.0001, 10.0001),
        (0.0000001, 0.0),
    ):
        query = "select number_beside($value, $beside), limit_number($beside)"
        with story._connection.cursor() as cursor:
            asked[value, beside] = cursor.execute(
                query, {"value": value, "beside": beside}
            ).fetchone()
    assert asked == {
        (1.7, 1.5): ("1.7", "1.5"), (2.0, 2.0): ("2", "2"), (1.5, 1.5): ("1.5", "1.5"),
        (842.3, 180.0): ("842", "180"), (2.04, 2.0): ("2.04", "2"), (1.9996, 2.0): ("1.9996", "2"),
        (1.0001, 10.0001): ("1", "10"), (0.0000001, 0.0): ("0", "0"),
    }  # fmt: skip


def test_days_beside_a_limit_without_amber_read_as_whole_ones(tmp_path):
    """What `init` writes has no amber: 5.0000037 days against 30 are 5 days."""
    config = LINE.replace(
        "{queue: TARGET}",
        "{oldest: {limit: 30, reason: a month, owner: us, date: 2026-01-01}}",
    )
    told = publication(tmp_path, [event("x", "A waiting", day(1))], config)
    row = told.figure("status", day(6) + timedelta(seconds=0.32), stage="a").iloc[0]
    assert (row.colour, row.sentence) == ("green", "oldest 5 days, target 30.")


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("queue: TARGET", ("grey", "All blocked", "0 waiting, target 2; but all 2 in it are blocked, and no target is for that.")),
        # A limit on how long anything is there is one on what is blocked.
        ("queue: TARGET, oldest: {limit: 9, reason: r, owner: us, date: 2026-01-01}",
         ("green", "On target", "0 waiting, target 2; oldest 2 days, target 9.")),
    ],
)  # fmt: skip
def test_a_stage_in_which_all_is_blocked_is_not_on_target_by_its_queue(tmp_path, target, said):
    """x and y come on the 1st, x is blocked from the 2nd, y from the 3rd until the 4th."""
    events = [event(item, "A waiting", day(1)) for item in "xy"]
    events += [
        event("x", "legal", day(2), kind="blocked"),
        event("y", "legal", day(3), kind="blocked"),
    ]
    events += [event("y", "", day(4), kind="blocked")]
    asked = publication(tmp_path, events, LINE.replace("queue: TARGET", target, 1))

    def told(at: float) -> tuple[str, str, str]:
        row = asked.figure("status", day(at), stage="a").iloc[0]
        return row.colour, row.word, row.sentence

    assert told(2.5)[:2] == told(4.5)[:2] == ("green", "On target")
    assert told(3) == said


def test_items_of_no_stage_leave_nothing_on_target(tmp_path):
    """One waits, limit 2: green; with one in a status that no stage has, nobody can be sure."""
    events = [event("x", "A waiting", day(1)), event("y", "a Waiting", day(2))]
    asked = publication(tmp_path, events)
    before, after = (asked.figure("status", day(at), stage="a").iloc[0] for at in (1.5, 2.5))
    assert (before.colour, after.colour, after.word) == ("green", "grey", "Not sure")
    assert after.sentence == (
        "1 waiting, target 2; but 1 in no stage at all: stages.yaml maps their status to none (a Waiting)."
    )
    from telling import board, line
    from telling.asked import asked as told

    view = told(asked, "line", day(2.5))
    assert board.headline(view, line.stages(view)).endswith(" can't be judged. 1 item in no box.")
    assert board.but(view) == [
        "1 is in no box, for stages.yaml maps their status to no stage: a Waiting (did you mean A waiting?)."
    ]
