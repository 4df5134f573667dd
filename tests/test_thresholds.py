"""Each threshold of the flow, of its statistics and of stages.yaml, held on both sides.

Small and worked by hand; day(1) is 2026-01-01 at midnight. Those of processes and of sources are in
test_thresholds_checks.py.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas
import pytest
from line import LINE, TARGET, day, event, publication

from metrics.statistics import survival
from settings.processes import Process, Window
from settings.sources import Snapshots
from settings.streams import Stream

MICRO = timedelta(microseconds=1)


def sql(asked, query: str, **params: object) -> list[tuple]:
    with asked._connection.cursor() as cursor:
        return cursor.execute(query, params).fetchall()


def passing(items: int, days: float, each: float = 1) -> list[dict]:
    """Items that come into A one after the other, `each` days apart, and are done after `days`."""
    return [
        event(f"p{n}", value, day(1 + n * each + later))
        for n in range(items) for value, later in (("A waiting", 0), ("Done", days))
    ]  # fmt: skip


@pytest.fixture(scope="module")
def steady(tmp_path_factory):
    """One comes and one is done each day for 300 days; each takes ten."""
    asked = publication(tmp_path_factory.mktemp("steady"), passing(300, 10), now=day(400))
    yield asked
    asked.close()


def test_a_percentile_is_given_from_so_many_on(steady):
    for share, least in ((0.5, 5), (0.7, 8), (0.85, 15), (0.95, 45)):
        ((few, enough),) = sql(
            steady,
            f"select percentile_of(range($least - 1), {share}), percentile_of(range($least), {share})",
            least=least,
        )
        assert (few, enough) == (None, -(-least * round(share * 100) // 100) - 1)


def test_half_is_reached_at_a_half_as_floating_point_has_it(steady):
    """A third three times over, less what is lost on the way, is not more than a whole."""
    told = sql(steady, "select is_half(0.5), is_half(0.5 - 1e-13), is_half(0.5 - 1e-9)")
    assert told == [(True, True, False)]
    ages = pandas.DataFrame({"age_days": [1.0, 2.0, 3.0], "moved_on": [0.5 - 1e-9, 0.5 - 1e-13, 1]})
    assert survival.reached(ages) == 2


# A clock that runs from the day on which the records began.
LATE = "kind: events, file: log.csv, covers: {from: 2026-01-11}"
# 3 items have been in A for 20 days when the records begin on day 11, and leave at 40 days of age;
# three come that day and leave after 5, 10 and 20 days, or a little later.
KNOWN_LATE = [
    *[event(f"l{n}", "A waiting", day(-9)) for n in range(3)],
    *[event(f"l{n}", "B waiting", day(31)) for n in range(3)],
    *[event(f"s{n}", "A waiting", day(11)) for n in range(3)],
    *[event(f"s{n}", "B waiting", day(at)) for n, at in enumerate((16, 21, 31))],
]


@pytest.mark.parametrize(("later", "at_risk"), [(0, 1), (1, 4)])
def test_who_is_known_from_an_age_on_is_at_risk_after_it(tmp_path, later, at_risk):
    """Of three one is gone by 5 days, two by 10: half. With the other three it would be 20 days.
    They are known from 20 days on: at 20 the third is alone, a microsecond later there are four."""
    events = [e | {"since": e["since"] + later * MICRO} if e is KNOWN_LATE[-1] else e for e in KNOWN_LATE]  # fmt: skip
    asked = publication(tmp_path, events, LINE.replace("kind: events, file: log.csv", LATE))
    row = asked.figure("typical_time", day(40), stage="a").iloc[0]
    assert (row.typical_days, row.finished, row.at_least) == (10, 6, 0)
    told = sql(asked, "select at_risk from survival_of('stages', $at) where stage = 'a' and gone > 0 order by age_us", at=day(40))  # fmt: skip
    assert [n for (n,) in told] == [3, 2, at_risk, 3]
    spells = asked.figure("spell", day(40), stage="a")
    assert sorted(spells.late_days) == [0, 0, 0, 20, 20, 20]
    curve = survival.curve(spells)
    assert (curve.at_risk.to_list(), survival.reached(curve)) == ([3, 2, at_risk, 3], 10)


def test_only_work_is_process_time(tmp_path):
    """Two days in one part of B, between two days in its queue and two in work."""
    parts = {"waiting": 0, "paused": 0, "working": 2, "checking": 2}
    events = [
        event(part, status, day(n))
        for part in parts
        for n, status in ((2, "B waiting"), (4, f"B {part}"), (6, "B working"), (8, "C waiting"))
    ]
    rows = publication(tmp_path, events).figure("lead_time", day(9), stage="b").set_index("item")
    for part, days in parts.items():
        told = rows.loc[part, ["lead_days", "process_days", "wait_days"]].to_list()
        assert told == [6, 2 + days, 4 - days]


def test_a_sentence_names_the_share_that_was_worked(tmp_path):
    """One day of four in A is work: 25%, not the 75% that waited."""
    events = [event("x", "A waiting", day(1)), event("x", "A working", day(4)), event("x", "B waiting", day(5))]  # fmt: skip
    row = publication(tmp_path, events).figure("flow_efficiency", day(6), stage="a").iloc[0]
    assert (row.efficiency, row.sentence) == (
        0.25, "Worked on for 25% of the time, over 1 stay, 0 of them still open.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("known", "weeks", "first"), [(25, 25, "2025-12-29"), (26, 26, "2025-12-29"), (27, 26, "2026-01-05"), (40, 26, "2026-04-06")]
)  # fmt: skip
def test_littles_law_looks_at_the_last_26_whole_weeks(steady, known, weeks, first):
    """The first week began on Monday 29 December, three days before the first item came. A week is
    over at the last microsecond of its Sunday in London."""
    monday = date(2025, 12, 29) + timedelta(days=7 * known)
    over = datetime(monday.year, monday.month, monday.day, tzinfo=ZoneInfo("Europe/London"))
    row, before = (
        steady.figure("littles_law", over.astimezone(UTC) - n * MICRO, stage="").iloc[0]
        for n in (1, 2)
    )
    assert (row.weeks, f"{row.first_week:%Y-%m-%d}") == (weeks, first)
    assert row.last_week.date() == monday - timedelta(days=7)
    assert before.last_week.date() == monday - timedelta(days=14)
    assert ("only 25 whole weeks are known" in row.sentence) == (weeks < 26)


def test_a_hand_off_of_the_last_28_days_is_too_early_to_say(tmp_path):
    events = [event("x", "A working", day(1)), event("x", "B working", day(10))]
    asked = publication(tmp_path, events)
    for at, told in ((day(38), (1, 0)), (day(38) - MICRO, (0, 1))):
        row = asked.figure("percent_complete_and_accurate", at, stage="a").iloc[0]
        assert (row.hand_offs, row.too_early) == told


def test_a_typical_time_takes_five_of_which_the_age_is_known(tmp_path):
    """Five of which one was there before the records began, and then a sixth."""
    there = event("i0", "A waiting", day(1), precision="at least", opening=True)
    events = [there, *[event(f"i{n}", "A waiting", day(2)) for n in range(1, 5)]]
    events += [event(f"i{n}", "B waiting", day(4)) for n in range(5)]
    asked = publication(tmp_path, [*events, event("i6", "A waiting", day(6))])
    told = [asked.figure("typical_time", at, stage="a").iloc[0] for at in (day(6) - MICRO, day(6))]
    assert [row.typical_word for row in told] == ["too few", ""]
    assert (told[1].typical_days, told[1].at_least) == (2, 1)


def test_booked_in_and_out_within_a_day_is_less_than_a_day(tmp_path):
    events = [event(f"i{n}", "A waiting", day(1)) for n in range(2)]
    events += [event("i0", "B waiting", day(2)), event("i1", "B waiting", day(2) - MICRO)]
    row = publication(tmp_path, events).figure("typical_time", day(3), stage="a").iloc[0]
    assert "1 of the 2 was booked in and out within a day" in row.sentence


@pytest.mark.parametrize(("measure", "leaves"), [("oldest", False), ("idle", True)])
def test_a_limit_is_passed_only_beyond_it(tmp_path, measure, leaves):
    """One in A since day 1, nothing leaves; or one left on day 1 and since then none: 1 to watch, 2."""
    events = [event("x", "A waiting", day(1))]
    events += [event("y", "A waiting", day(1)), event("y", "B waiting", day(1))] * leaves
    text = LINE.replace("{queue: TARGET}", f"{{{measure}: {TARGET}}}")
    asked = publication(tmp_path, [e | {"sequence": n} for n, e in enumerate(events)], text)
    told = [asked.figure("status", at, stage="a").colour.item()
            for at in (day(2), day(2) + MICRO, day(3), day(3) + MICRO)]  # fmt: skip
    assert told == ["green", "amber", "amber", "red"]


@pytest.mark.parametrize(
    ("items", "late", "verdict"),
    [(5, False, "amber"), (5, True, "red"), (4, False, "unknown"), (4, True, "unknown")],
)
def test_a_typical_time_is_held_to_its_target_from_five_stays_on(tmp_path, items, late, verdict):
    """Three of five leave A after two days, the limit, or a moment later: half have by then."""
    events = [event(f"i{n}", "A waiting", day(1)) for n in range(items)]
    events += [event(f"i{n}", "B waiting", day(3) + late * MICRO) for n in range(3)]
    text = LINE.replace("{queue: TARGET}", f"{{typical: {TARGET}}}")
    row = publication(tmp_path, events, text).figure("target_now", day(9)).iloc[0]
    assert row.verdict == verdict


def test_data_is_stale_when_it_is_older_than_stages_yaml_allows(tmp_path):
    asked = publication(tmp_path, [event("x", "A waiting", day(1))], asked=day(5))
    for at, word in ((day(35), "On target"), (day(35) + MICRO, "Stale")):
        assert asked.figure("status", at, stage="a").word.item() == word
        assert asked.figure("freshness", at).stale.item() == (word == "Stale")


def test_a_status_is_removed_from_its_day_on(tmp_path):
    """Nothing is seen in C from the 5th on, and who leaves it then was moved by the process."""
    text = LINE.replace("queue: [C waiting], work: []",
                        f"queue: [{{status: C waiting, until: 2026-01-05}}], targets: {{queue: {TARGET}}}")  # fmt: skip
    events = [e for n, at in enumerate((day(5) - MICRO, day(5)))
              for e in (event(f"i{n}", "C waiting", day(1)), event(f"i{n}", "B working", at))]  # fmt: skip
    asked = publication(tmp_path, events, text)
    for at, word, moved in (
        (day(5) - MICRO, "On target", (1, 0)),
        (day(5), "Not measured", (2, 1)),
    ):
        assert asked.figure("status", at, stage="c").word.item() == word
        row = asked.figure("move_count", at).iloc[0]
        assert (row.back, row.by_change) == moved


def test_a_day_of_bulk_edits_and_a_change_of_the_process_belong_to_the_week_they_fall_in(tmp_path):
    """Sunday 11 January is in the week of the 5th, Monday 19 in its own; changed on Sunday 18."""
    text = LINE.replace("    left: [Dropped]", """    left: [Dropped]
    process_changes: [{date: 2026-01-18, what: a gate removed}]
    not_progress: [{date: 2026-01-11, what: an edit}, {date: 2026-01-19, what: another}]""")  # fmt: skip
    events = [event("x", "A waiting", day(1)), event("y", "A waiting", day(11.99)),
              event("z", "A waiting", day(19)), event("n", "A waiting", day(20))]  # fmt: skip
    asked = publication(tmp_path, events, text)
    weeks = asked.figure("weekly", day(40), stage="a")
    assert weeks.left_out.to_list()[:5] == [False, True, False, True, False]
    assert weeks.base.to_list()[:5] == [0, 0, 1, 1, 1]
    assert asked.figure("throughput", day(40)).bulk.to_list()[:4] == [0, 1, 0, 1]


def test_an_item_as_old_as_nearly_all_that_moved_on_is_not_beyond_them(tmp_path):
    """Each of 45 left after ten days; one came on day 60 and is still there."""
    asked = publication(tmp_path, [*passing(45, 10), event("o", "A waiting", day(60))])
    rows = [asked.figure("ageing", at, stage="a").iloc[0] for at in (day(70), day(70) + MICRO)]
    assert [(row.p95_days, row.beyond_p95) for row in rows] == [(10, 0), (10, 1)]


def test_the_last_weeks_are_quarters_of_a_year(steady):
    row = steady.figure("spell", day(390)).iloc[0]
    assert (row.quarter_days, row.half_year_days, row.year_days) == (91, 182, 364)


def test_a_year_of_throughput_is_52_weeks(steady):
    told = [len(steady.figure("throughput", day(1 + 7 * n))) for n in (51, 52)]
    years = [steady.figure("throughput_year", day(1 + 7 * n)).weeks.item() for n in (50, 51, 52)]
    assert (told, years) == ([52, 53], [51, 52, 52])


def test_the_pace_is_known_for_five_years_at_most(tmp_path):
    asked = publication(tmp_path, [event("x", "A waiting", day(1))], now=day(1 + 7 * 270))
    count = "select count(*) from week_edge_at($at)"
    told = [sql(asked, count, at=day(1 + 7 * n))[0][0] for n in (259, 260, 261)]
    assert told == [260, 261, 261]


def test_what_stages_yaml_leaves_out():
    """docs/settings.md says these numbers; each is held by its rule elsewhere in these tests."""
    of = lambda cls: {name: field.default for name, field in cls.model_fields.items()}  # noqa: E731
    assert (of(Stream)["stale_after"], of(Stream)["same_after"]) == (14, 90)
    assert (of(Process)["forget_after"], of(Process)["dead_after"]) == (7, 365)
    assert (Window().runs, Window().bad, Window().back) == (5, 3, 1)
    assert of(Snapshots)["largest_loss"] == 0.3
    told = [Process(id="p", name="P", **more).too_old for more in ({}, {"every": 8}, {"every": 8, "stale_after": 5})]  # fmt: skip
    assert told == [14, 1, 5]


def test_nothing_is_stuck_in_a_stage_for_longer_than_it_has_held_any(tmp_path):
    """B is empty until day 20, and again from day 22, when all has left it, to day 30; at day 36 x moves
    on to C and at 37 z is given up, which leaves w alone, who came at 35."""
    moves = [("x", 1, "A waiting"), ("y", 20, "B waiting"), ("y", 22, "Done"), ("z", 30, "B waiting"),
             ("x", 32, "B waiting"), ("w", 35, "B waiting"), ("x", 36, "C waiting"), ("z", 37, "Dropped")]  # fmt: skip
    events = [event(item, status, day(at)) for item, at, status in moves]
    text = LINE.replace("queue: [B waiting]", f"targets: {{idle: {TARGET}}}, queue: [B waiting]")
    asked = publication(tmp_path, events, text)
    for at, said in (
        (20.5, "nothing has moved on in 0.5 days with work in it, limit 2"),
        (25, "nothing in it"),
        (31, "nothing has moved on in 1 day with work in it, limit 2"),
        (34, "nothing has moved on in 4 days with work in it, limit 2"),
        (38, "nothing has moved on for 2 days, limit 2, watch above 1"),
    ):
        assert asked.figure("target_now", day(at), stage="b").said.item() == said
