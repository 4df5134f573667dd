"""Each figure over random histories agrees exactly with the slow calculation in independent.py."""

from __future__ import annotations

import independent
import independent_time
import pytest
import random_lines
from line import STAGES
from seeds import how_many

DAY = 86400e6


def test_every_figure_agrees_with_the_independent_calculation(tmp_path):
    def same(asked, visits, as_of, events):
        for check in CHECKS:
            check(asked, visits, as_of)

    random_lines.compare(tmp_path, "figures", how_many(6), same, most=20)


def same_queue_size(asked, visits, as_of):
    rows = asked.figure("queue_size", as_of)
    if rows.empty:
        assert not independent.at(visits, as_of)
        return
    expected = independent.queue_size(visits, as_of, STAGES)
    for row in rows.itertuples():
        *counts, oldest = expected[row.stage]
        assert [row.waiting, row.working, row.blocked] == counts
        assert row.wip == sum(counts)
        assert number(row.oldest_days) == (None if oldest is None else oldest / DAY)


def same_lead_time(asked, visits, as_of):
    found = sorted(
        (r.item, r.stage, r.lead_days, r.process_days, r.wait_days, text(r.exit), r.at_least)
        for r in asked.figure("lead_time", as_of).itertuples()
    )
    assert found == sorted(
        (s.item, s.place, s.lead / DAY, s.process / DAY, s.wait / DAY, s.exit or "", s.at_least)
        for s in independent.stays(visits, as_of)
    )


def same_delivery_time(asked, visits, as_of):
    found = {r.item: r.lead_days for r in asked.figure("delivery_time", as_of).itertuples()}
    assert found == {i: t / DAY for i, t in independent.deliveries(visits, as_of).items()}


def same_typical_time(asked, visits, as_of):
    spells = {"": [s for s, _ in independent.stream_spells(visits, as_of).values()]}
    for stay in independent.stays(visits, as_of):
        told = independent.spell(stay.lead, stay.exit, stay.known_age, stay.at_least)
        spells.setdefault(stay.place, []).append(told)
    found = {r.stage: r for r in asked.figure("typical_time", as_of).itertuples()}
    assert set(found) == {stage for stage, known in spells.items() if known}
    for stage, row in found.items():
        typical, finished, median, still, left, unplaced = independent.typical_time(spells[stage])
        assert number(row.typical_days) == (None if typical is None else typical / DAY)
        assert number(row.finished_median_days) == (None if median is None else median / DAY)
        counts = (row.finished, row.open, row.abandoned, row.at_least)
        assert counts == (finished, still, left, unplaced)


def same_flow_efficiency(asked, visits, as_of):
    found = {r.stage: r for r in asked.figure("flow_efficiency", as_of).itertuples()}
    for stage, sums in independent_time.by_stage(independent.stays(visits, as_of)).items():
        row = found[stage]
        told = [row.lead_days, row.process_days, row.wait_days]
        assert told == [us / DAY for us in sums]
        measurable = sums.lead and stage != "c"  # C has no work part: all of it is waiting
        assert number(row.efficiency) == (sums.process / sums.lead if measurable else None)


def same_percent_complete_accurate(asked, visits, as_of):
    for row in asked.figure("percent_complete_and_accurate", as_of).itertuples():
        if row.stage:
            told = independent.percent_complete_accurate(visits, as_of, row.stage)
            assert (row.hand_offs, row.returned, row.too_early) == told
            percent = 100 * (told[0] - told[1]) / told[0] if told[0] else None
            assert number(row.percent) == percent


def same_throughput(asked, visits, as_of):
    found = {
        r.week.date(): (r.arrivals, r.delivered, r.abandoned, r.bulk)
        for r in asked.figure("throughput", as_of).itertuples()
    }
    assert found == independent.throughput(visits, as_of)


def same_wip_by_day(asked, visits, as_of):
    """On every day; what happens later on the last day counts in it."""
    found = {
        (r.stage, r.day.date()): [r.waiting, r.working, r.blocked, r.wip]
        for r in asked.figure("wip_by_day", as_of).itertuples()
    }
    told = independent_time.states(visits, as_of, STAGES)
    assert found == {key: [*counts, sum(counts)] for key, counts in told.items()}


def same_age(asked, visits, as_of):
    known = independent.at(visits, as_of)
    found = {r.item: r.age_days for r in asked.figure("age", as_of).itertuples()}
    assert found == {
        item: visits.line.spent(visits.first[item], visits.line.now(as_of)) / DAY
        for item, mine in known.items()
        if mine[-1].part not in ("done", "left")
    }


def same_blocked_time(asked, visits, as_of):
    found = asked.figure("blocked_time", as_of).days.sum()
    expected = sum(
        visits.line.spent(a, b or visits.line.now(as_of))
        for mine in independent.at(visits, as_of).values()
        for visit in mine
        for a, b in visit.blocked
    )
    assert found == pytest.approx(expected / DAY, abs=1e-9)


def same_status_count(asked, visits, as_of):
    rows = asked.figure("status_count", as_of)
    found = dict(zip(rows.status, rows.work_items, strict=True))
    expected: dict[str, int] = {}
    for mine in independent.at(visits, as_of).values():
        expected[mine[-1].status] = expected.get(mine[-1].status, 0) + 1
    assert found == expected


def same_target_now(asked, visits, as_of):
    rows = asked.figure("target_now", as_of)
    if not independent.at(visits, as_of):
        assert rows.empty
        return
    waiting = independent.queue_size(visits, as_of, STAGES)["a"][0]
    stale = (as_of - visits.line.now(as_of)).total_seconds() > 30 * 86400
    verdict = "unknown" if stale else independent.held(waiting, 1, 2)
    told = [(r.stage, r.measure, r.value, r.verdict) for r in rows.itertuples()]
    assert told == [("a", "queue", waiting, verdict)]
    box = asked.figure("status", as_of, stage="a").iloc[0]
    stray = any(mine[-1].part == "unmapped" for mine in independent.at(visits, as_of).values())
    unsure = verdict == "unknown" or (verdict == "green" and stray)
    assert box.colour == ("grey" if unsure else verdict)
    assert unsure or box.sentence == rows.said.iloc[0] + "."


def same_doubt(asked, visits, as_of):
    rows = asked.figure("doubt", as_of)
    found = sorted(zip(rows["item"], rows.what, strict=True))
    assert found == sorted(independent_time.doubts(independent.at(visits, as_of)))


def same_throughput_year(asked, visits, as_of):
    weeks = independent.throughput(visits, as_of)
    rows = asked.figure("throughput_year", as_of)
    found = [
        (r.weeks, r.first_week.date(), r.last_week.date(), r.arrivals, r.delivered, r.abandoned,
         r.bulk, r.weeks_without)
        for r in rows.itertuples()
    ]  # fmt: skip
    assert found == ([independent.throughput_year(weeks)] if weeks else [])


def number(value):
    """None for a missing figure, which a frame shows as NaN."""
    return None if value is None or value != value else value


def text(value):
    return value if isinstance(value, str) else ""


CHECKS = [check for name, check in list(globals().items()) if name.startswith("same_")]
