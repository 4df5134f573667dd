"""Flow over time on examples small enough to check on paper. Day 1 is Thursday 2026-01-01."""

from __future__ import annotations

from datetime import timedelta

import pytest
from line import LINE, STORY, day, event, publication

MICRO = 1 / 86400e6


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    return publication(tmp_path_factory.mktemp("story"), STORY)


def by_stage(rows):
    return {stage: part.reset_index(drop=True) for stage, part in rows.groupby("stage")}


def passing(count: int, days: float, start=1.0, each=1.0) -> list[dict]:
    """So many items that each wait in A for so many days, one begun after the other, and are done."""
    events = []
    for n in range(count):
        came = day(start + n * each)
        events += [event(f"p{n}", "A waiting", came),
                   event(f"p{n}", "Done", came + timedelta(days=days))]  # fmt: skip
    return events


def test_weekly(story):
    """Two whole weeks: to Sunday 4 January (x 4, y 3 and z 1 day old) and to the 11th (x 11, y 10)."""
    told = by_stage(story.figure("weekly", day(12)))
    line, a, b = told[""], told["a"], told["b"]
    assert line.week.dt.strftime("%d %b").to_list() == ["29 Dec", "05 Jan"]
    columns = ["entered", "moved_on", "abandoned", "open"]
    assert line[columns].to_numpy().tolist() == [[3, 0, 0, 3], [0, 0, 1, 2]]
    assert line.age_days.to_list() == pytest.approx([3, 10.5], abs=2 * MICRO)
    assert line.growth_days.iloc[1] == pytest.approx(7.5, abs=2 * MICRO)
    assert a[columns].to_numpy().tolist() == [[3, 0, 0, 3], [0, 1, 1, 1]]
    assert (a.lead_n.iloc[1], a.lead_days.iloc[1], b.lead_days.iloc[1]) == (1, 5, 4)


def test_a_week_is_shown_when_it_is_over_and_never_changes(story):
    assert len(by_stage(story.figure("weekly", day(11.5)))[""]) == 1
    first = story.figure("weekly", day(5)).set_index("stage").loc[""]
    later = story.figure("weekly", day(12)).set_index(["stage", "week"]).loc[("", first.week)]
    assert first.drop("week").dropna().to_dict() == later.dropna().to_dict()


def test_a_delivery_undone_in_the_same_week_is_none(tmp_path):
    events = [event("x", "A waiting", day(1)), event("x", "Done", day(6)),
              event("x", "B working", day(7)), event("x", "Done", day(13))]  # fmt: skip
    told = by_stage(publication(tmp_path, events).figure("weekly", day(20)))[""]
    assert told.moved_on.to_list() == [0, 0, 1]
    assert told.open.to_list() == [1, 1, 0]


def test_weeks_of_bulk_edits_are_left_out_and_changes_of_the_process_start_anew(tmp_path):
    text = LINE.replace(
        "    left: [Dropped]",
        """    left: [Dropped]
    process_changes: [{date: 2026-01-14, what: a gate removed}]
    not_progress: [{date: 2026-01-09, what: an edit in bulk}]""",
    )
    events = [*STORY, event("y", "B waiting", day(30))]
    told = by_stage(publication(tmp_path, events, text).figure("weekly", day(30)))["a"]
    assert told.left_out.to_list() == [False, True, False, False]
    assert told.base.to_list() == [0, 0, 1, 1]
    assert told.growth_days.isna().to_list() == [True, True, False, False]
    assert told[["abandoned", "bulk"]].to_numpy().tolist()[1] == [0, 1]


@pytest.mark.parametrize(
    ("first", "days"), [((2026, 3, 23), 6.9583333), ((2026, 10, 19), 7.0416667)]
)
def test_a_week_with_a_clock_change_is_an_hour_shorter_or_longer(tmp_path, first, days):
    month = day(1, month=first[1])
    events = [event("x", "A waiting", month - timedelta(days=20)),
              event("y", "A waiting", month + timedelta(days=40))]  # fmt: skip
    told = by_stage(publication(tmp_path, events).figure("weekly", month + timedelta(days=40)))["a"]
    week = told[told.week.dt.strftime("%Y-%m-%d") == "{}-{:02}-{:02}".format(*first)].iloc[0]
    assert week.growth_days == pytest.approx(days)


def test_spell(story):
    told = story.figure("spell", day(12))
    rows = {(r.stage, r.item): (r.days, r.exit, r.began_days_ago) for r in told.itertuples()}
    assert rows[("", "x")] == (11, "on", 11)
    assert rows[("", "z")] == (5, "left", 8)
    assert rows[("a", "x")] == (5, "on", 11)
    assert (rows[("a", "y")][0], rows[("a", "y")][2]) == (10, 10)
    assert told[(told.stage == "a") & (told.item == "y")].exit.isna().all()
    assert set(told.quarter_days) == {91.0}
    assert set(told.late_days) == {0.0}


def test_cumulative_flow(story):
    """On day 9: three reached A, x reached B; z abandoned. On day 12: x reached C and delivered."""
    told = story.figure("cumulative_flow", day(12))
    at = lambda n: told[told.day.dt.day == n].set_index("line")["items"].to_dict()  # noqa: E731
    assert at(9) == {"a": 3, "b": 1, "c": 0, "delivered": 0, "abandoned": 1}
    assert at(12) == {"a": 3, "b": 1, "c": 1, "delivered": 1, "abandoned": 1}
    assert (told.behind == 0).all()


def test_a_line_never_falls_and_what_went_back_is_behind_it(tmp_path):
    """x skips to C, goes back to A, is delivered, reopened in B, dropped and taken up again."""
    words = ["C waiting", "A working", "Done", "B working", "Dropped", "A waiting"]
    events = [event("x", word, day(n + 1)) for n, word in enumerate(words)]
    told = publication(tmp_path, events).figure("cumulative_flow", day(6.5))
    lines = dict(iter(told.groupby("line")))
    for line in ("a", "b", "c", "delivered"):
        assert lines[line]["items"].is_monotonic_increasing
    assert lines["b"]["items"].to_list() == [1, 1, 1, 1, 1, 1]
    assert lines["b"].behind.to_list() == [0, 1, 0, 0, 0, 1]
    assert lines["c"].behind.to_list() == [0, 1, 0, 1, 0, 1]
    assert lines["delivered"].behind.to_list() == [0, 0, 0, 1, 0, 1]
    assert lines["abandoned"]["items"].to_list() == [0, 0, 0, 0, 1, 0]
    assert lines["a"].most_behind.to_list() == [0, 1, 0, 1, 0, 1]


def test_ageing(tmp_path):
    """Five items leave A 1 to 5 days after entry: half had left by day 3; then 8, 15 and 45."""
    for count, known in ((4, 0), (5, 1), (8, 2), (15, 3), (45, 4)):
        events = [e for n in range(count) for e in passing(1, n + 1, start=1)]
        for n, one in enumerate(events):
            one["item"] = f"i{n // 2}"
        told = publication(tmp_path / str(count), events).figure("ageing", day(60)).iloc[0]
        days = told[["p50_days", "p70_days", "p85_days", "p95_days"]].dropna().to_list()
        assert len(days) == known
        assert told["items"] == count
        expected = [-(-count * p // 100) for p in (50, 70, 85, 95)][:known]  # nearest rank
        assert days == expected


def test_ageing_never_falls_along_the_line_and_leaves_out_what_is_back(tmp_path):
    """Ten leave A after 20 days; five others, that enter in B, leave it after 2: B shows 20 too."""
    events = passing(10, 20)
    for n in range(5):
        events += [event(f"b{n}", "B working", day(1)), event(f"b{n}", "Done", day(3))]
    events += [event("p0", "A working", day(25))]
    told = publication(tmp_path, events).figure("ageing", day(60)).set_index("stage")
    assert told["items"].to_dict() == {"a": 9, "b": 5, "c": 0}
    assert told.p50_days.to_list()[:2] == [20, 20]


def test_open_items_older_than_nearly_all_that_moved_on(tmp_path):
    """45 left A after 10 days each; of the three still in it two are 20 and 30 days old, one 5."""
    events = passing(45, 10, each=0)
    events += [event(f"o{n}", "A waiting", day(61 - old)) for n, old in enumerate((5, 20, 30))]
    events += [event("b", "B working", day(1)), event("none", "A mystery", day(1))]
    told = publication(tmp_path, events).figure("ageing", day(61)).set_index("stage")
    assert told.open_items.to_dict() == {"a": 3, "b": 1, "c": 0}
    assert told.beyond_p95.fillna(-1).to_dict() == {
        "a": 2,
        "b": -1,
        "c": -1,
    }  # none moved on from B
    assert set(told.line_open_items) == {3}
    assert set(told.line_beyond_p95) == {2}


def test_percentile(tmp_path):
    """Eight stays of 1 to 8 days: half by 4, 70 of 100 by the sixth; one still in after 59."""
    events = [e for n in range(8) for e in passing(1, n + 1)]
    for n, one in enumerate(events):
        one["item"] = f"i{n // 2}"
    events += [event("open", "A waiting", day(1))]
    row = publication(tmp_path, events).figure("percentile", day(60), stage="a").iloc[0]
    assert (row.finished, row.open, row.open_median_age_days) == (8, 1, 59)
    assert (row.p50_days, row.p70_days) == (4, 6)
    assert row[["p85_days", "p95_days"]].isna().all()


def test_transition(tmp_path):
    events = [
        event("x", "A waiting", day(1)), event("x", "B working", day(3)),  # forward, after 2 days
        event("x", "A waiting", day(4)), event("x", "C waiting", day(8)),  # back; skipping, after 4
        event("x", "Done", day(9)), event("x", "B working", day(10)),  # delivered; reopened
        event("y", "A waiting", day(1)), event("y", "Done", day(5)),  # delivered, skipping
        event("z", "A waiting", day(1)), event("z", "Dropped", day(9)),  # abandoned
    ]  # fmt: skip
    told = publication(tmp_path, events).figure("transition", day(20))
    rows = {(r.from_place, r.to_place): (r.kind, r.moves, r.median_days) for r in told.itertuples()}
    assert rows == {
        ("a", "b"): ("forward", 1, 2), ("b", "a"): ("back", 1, 1), ("a", "c"): ("skipping", 1, 4),
        ("c", "done"): ("delivered", 1, 1), ("done", "b"): ("reopened", 1, 1),
        ("a", "done"): ("delivered, skipping", 1, 4), ("a", "left"): ("abandoned", 1, 8),
    }  # fmt: skip
    last = {(r.from_place, r.to_place): r.last_at for r in told.itertuples()}
    assert (last["a", "b"], last["a", "c"], last["done", "b"]) == (day(3), day(8), day(10))
    names = {r.from_place: r.from_name for r in told.itertuples()}
    names |= {r.to_place: r.to_name for r in told.itertuples()}
    assert names == {"a": "A", "b": "B", "c": "C", "done": "Delivered", "left": "Abandoned"}
    assert publication(tmp_path, events).figure("transition", day(2)).empty


def test_a_place_has_one_name_whether_it_is_left_or_entered(tmp_path):
    words = ["A waiting", "Done", "B working", "Dropped", "A waiting", "Mystery", "B working"]
    events = [event("x", word, day(n + 1)) for n, word in enumerate(words)]
    told = publication(tmp_path, events).figure("transition", day(20))
    kinds = {"done": "Delivered", "left": "Abandoned", "unmapped": "Not mapped"}
    for place, name in kinds.items():
        assert told.from_name[told.from_place == place].to_list() == [name]
        assert told.to_name[told.to_place == place].to_list() == [name]


def test_move_count(tmp_path):
    """x: A, B (one on), A (back), C (skipping), Done, B (reopened), Dropped, a word nobody mapped."""
    words = [
        "A waiting",
        "B working",
        "A waiting",
        "C waiting",
        "Done",
        "B working",
        "Dropped",
        "?",
    ]
    events = [event("x", word, day(n + 1)) for n, word in enumerate(words)]
    events += [event("y", "A waiting", day(1)), event("y", "Done", day(5))]  # delivered, skipping
    edit = '    not_progress: [{date: 2026-01-07, what: "an edit in bulk"}]\nsources:'
    text = LINE.replace("sources:\n  log", edit + "\n  log")
    row = publication(tmp_path, events, text).figure("move_count", day(20)).iloc[0]
    assert row.drop("stream").to_dict() == {
        "moves": 8, "one_stage_on": 2, "skipping": 2, "back": 1, "reopened": 1, "abandoned": 1,
        "not_mapped": 1, "in_bulk": 1, "by_change": 0,
    }  # fmt: skip


def test_throughput_year(tmp_path):
    """One begins and one is done each week: 60 weeks, of which the last 52 count, the newest too."""
    events = passing(60, 3, each=7)
    asked = publication(tmp_path, events, now=day(500))
    row = asked.figure("throughput_year", day(1 + 59 * 7)).iloc[0]
    # Day 1 is a Thursday, so what comes then is done on Sunday of the same week.
    assert (row.weeks, row.arrivals, row.delivered, row.abandoned) == (52, 52, 51, 0)
    assert (row.weeks_without, row.bulk, row.bulk_ever) == (1, 0, 0)
    days = [f"{d:%Y-%m-%d}" for d in (row.first_week, row.last_week)]
    assert days == ["2026-02-23", "2027-02-15"]


def test_bulk_edits_of_the_last_year_and_of_all_years(tmp_path):
    edit = "    not_progress: [{date: 2026-01-05, what: early}, {date: 2027-01-05, what: late}]\nsources:"
    events = [event(f"i{n}", "A waiting", day(1)) for n in range(5)]
    events += [event(f"i{n}", "Dropped", day(5.5)) for n in range(3)]
    events += [event("i4", "Dropped", day(5.5 + 365))]
    text = LINE.replace("sources:\n  log", edit + "\n  log")
    asked = publication(tmp_path, events, text, now=day(400))
    row = asked.figure("throughput_year", day(372)).iloc[0]
    assert (row.weeks, row.bulk, row.bulk_ever, row.abandoned) == (52, 1, 4, 0)


def test_status_time(story):
    """On day 12: y has been A working since day 5; x, y and z waited 2, 3 and 5 days in A."""
    told = story.figure("status_time", day(12)).set_index("status")
    assert told.finished["A waiting"] == 3
    assert told.finished_median_days.isna().all()  # fewer than five anywhere
    row = told.loc["A working"]
    assert (row.finished, row.open, row.open_median_age_days, row.oldest_days) == (1, 1, 7, 7)


def test_littles_law(tmp_path):
    """One a day for 230 days, 10 days each: 10 in progress, 7 a week, so 10 days."""
    asked = publication(tmp_path, passing(230, 10))
    row = asked.figure("littles_law", day(220), stage="").iloc[0]
    assert (row.holds, row.weeks, row.entered, row.moved_on) == (True, 26, 182, 182)
    assert row.lead_days == pytest.approx(10, abs=0.1)
    # Up from the 210 delivered by day 220 by the 10 in progress, back by the lead time.
    assert (f"{row.triangle_day:%Y-%m-%d}", row.triangle_base) == ("2026-08-08", 210)
    assert row.triangle_top == 210 + row.mean_wip
    back = row.triangle_day - timedelta(days=row.lead_days)
    assert abs((row.triangle_from - back).total_seconds()) < 1e-5
    assert asked.figure("littles_law", day(220), stage="a").triangle_day.isna().all()


@pytest.mark.parametrize(
    ("events", "at", "reason"),
    [
        (passing(60, 10), 60, "only 8 whole weeks are known"),
        (passing(230, 300), 220, "0 moved on, and it takes 5"),
        (passing(230, 10) + passing(300, 400, start=2, each=0.5), 220, "work in progress went from"),
        ([*passing(230, 10), event("z", "A waiting", day(100)), event("z", "Dropped", day(150))],
         220, "1 was abandoned or moved in bulk"),
    ],
)  # fmt: skip
def test_littles_law_is_not_drawn_where_it_does_not_hold(tmp_path, events, at, reason):
    for n, one in enumerate(events):
        one["item"] += "" if n < 460 else "-more"
    row = publication(tmp_path, events).figure("littles_law", day(at), stage="").iloc[0]
    assert not row.holds
    assert row[["triangle_day", "triangle_from", "triangle_base", "triangle_top"]].isna().all()
    assert row.lead_days != row.lead_days
    assert reason in row.sentence


@pytest.mark.parametrize(
    "name",
    [
        "weekly",
        "spell",
        "cumulative_flow",
        "percentile",
        "transition",
        "status_time",
        "littles_law",
    ],
)
def test_before_anything_happened_a_figure_is_empty(story, name):
    assert story.figure(name, day(1) - timedelta(days=400)).empty


def test_one_item_and_everything_on_one_day(tmp_path):
    words = ["A waiting", "A working", "B working", "C waiting", "Done"]
    events = [event("x", word, day(2), sequence=n) for n, word in enumerate(words)]
    asked = publication(tmp_path, [*events, event("y", "A waiting", day(12))])
    spells = asked.figure("spell", day(12), item="x")
    assert spells.days.to_list() == [0, 0, 0, 0]
    assert set(spells.exit) == {"on"}
    last = asked.figure("cumulative_flow", day(12)).groupby("line").last()["items"]
    assert last.to_dict() == {"a": 2, "b": 1, "c": 1, "delivered": 1, "abandoned": 0}
    assert asked.figure("transition", day(12)).moves.sum() == 3


def test_everything_blocked_still_ages(tmp_path):
    events = [event("x", "A working", day(1)), event("x", "legal", day(1), kind="blocked")]
    asked = publication(tmp_path, [*events, event("y", "A waiting", day(14))])
    told = by_stage(asked.figure("weekly", day(14)))["a"]
    assert told.open.to_list() == [1, 1]
    assert told.growth_days.iloc[1] == 7


def test_what_thousands_stay_in_a_week_is_summed_wider_than_64_bits(tmp_path):
    """2,400 come on Tuesday 6 January and stay: six of the seven days of that week. The clock counts
    from 1900 in microseconds: of 2,400 its sum is beyond 64 bits."""
    events = [event(f"i{n}", "A waiting", day(6)) for n in range(2_400)]
    told = publication(tmp_path, events, now=day(20))
    weeks = told.figure("weekly", day(20), stage="a").set_index("week")
    assert weeks.mean_open.iloc[0] == pytest.approx(2_400 * 6 / 7)
