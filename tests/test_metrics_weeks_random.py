"""Flow over time, over random histories, agrees exactly with independent_flow.py."""

from __future__ import annotations

import independent
import independent_flow
import pandas
import pytest
import random_lines
from line import STAGES
from seeds import how_many

from metrics.statistics import survival

DAY = 86400e6


def test_flow_over_time_agrees_with_the_independent_calculation(tmp_path):
    def same(asked, visits, as_of, events):
        times = [event["since"] for event in events]
        for check in CHECKS:
            check(asked, visits, as_of, times)

    random_lines.compare(tmp_path, "flow over time", how_many(2), same, most=200)


def same_weekly(asked, visits, as_of, times):
    until = visits.line.now(as_of)
    told = independent_flow.weekly(visits, until, STAGES) if min(times) <= as_of else {}
    rows = {(r.stage, r.week.date()): r for r in asked.figure("weekly", as_of).itertuples()}
    assert set(rows) == set(told)
    for key, mine in told.items():
        row = rows[key]
        names = ["entered", "moved_on", "abandoned", "bulk", "open", "lead_n", "left_out"]
        assert [getattr(row, name) for name in names] == [mine[name] for name in names]
        assert number(row.mean_open) == pytest.approx(mine["mean_open"], abs=1e-9)
        found = [row.lead_days, row.age_days, row.growth_days]
        assert list(map(number, found)) == [days(mine[k]) for k in ("lead", "age", "growth")]


def same_cumulative_flow(asked, visits, as_of, times):
    rows = asked.figure("cumulative_flow", as_of)
    found = {
        (r.line, r.day.date()): (r.items, r.behind)
        for r in rows.rename(columns={"items": "items"}).itertuples()
    }
    told = independent_flow.cumulative_flow(visits, as_of, visits.line.now(as_of), STAGES)
    assert found == told
    most = {day: max(b for (_, d), (_, b) in told.items() if d == day) for _, day in told}
    assert dict(zip(rows.day.dt.date, rows.most_behind, strict=True)) == most


def same_spell(asked, visits, as_of, times):
    rows = asked.figure("spell", as_of)
    found = [
        (r.stage, r.item, r.days, r.exit if isinstance(r.exit, str) else None, r.late_days,
         r.at_least, r.in_bulk)
        for r in rows.itertuples()
    ]  # fmt: skip
    told = [
        (stage, item, us / DAY, how, late / DAY, there, bulk)
        for stage, item, us, how, late, _, there, bulk in independent_flow.spells(visits, as_of)
    ]
    assert sorted(found, key=repr) == sorted(told, key=repr)


def same_ageing(asked, visits, as_of, times):
    rows = asked.figure("ageing", as_of).rename(columns={"items": "n"})
    found = {
        r.stage: (r.n, *map(number, (r.p50_days, r.p70_days, r.p85_days, r.p95_days)))
        for r in rows.itertuples()
    }
    told = independent_flow.ageing(visits, as_of, STAGES)
    assert found == {stage: (n, *map(days, given)) for stage, (n, *given) in told.items()}


def same_open_beyond_the_bands(asked, visits, as_of, times):
    rows = asked.figure("ageing", as_of)
    found = {r.stage: (r.open_items, number(r.beyond_p95)) for r in rows.itertuples()}
    told = independent_flow.beyond(visits, as_of, STAGES)
    assert found == told
    known = [pair for pair in told.values() if pair[1] is not None]
    assert set(rows.line_open_items) == {sum(n for n, _ in known)}
    assert set(rows.line_beyond_p95) == {sum(n for _, n in known)}


def same_percentile(asked, visits, as_of, times):
    rows = asked.figure("percentile", as_of)
    found = {
        r.stage: (
            r.finished,
            r.at_least,
            r.open,
            *map(number, (r.open_median_age_days, r.p50_days, r.p70_days, r.p85_days, r.p95_days)),
        )
        for r in rows.itertuples()
    }
    told = independent_flow.percentiles(visits, as_of)
    assert found == {s: (*told[s][:3], *map(days, told[s][3:])) for s in told}


def same_transition(asked, visits, as_of, times):
    rows = asked.figure("transition", as_of).rename(columns={"items": "n"})
    found = {
        (r.from_place, r.to_place, r.kind): (
            r.moves,
            r.n,
            r.timed,
            r.last_at,
            number(r.median_days),
        )
        for r in rows.itertuples()
    }
    told = independent_flow.transitions(visits, as_of, len(STAGES))
    assert found == {key: (*counts, days(us)) for key, (*counts, us) in told.items()}


def same_move_count(asked, visits, as_of, times):
    told = independent_flow.move_count(independent_flow.transitions(visits, as_of, len(STAGES)))
    bulk = independent_flow.moves_in_bulk(visits, as_of)
    rows = asked.figure("move_count", as_of)
    assert len(rows) == bool(told)
    for _, row in rows.iterrows():
        assert row.in_bulk == bulk
        found = row.drop(["stream", "in_bulk", "by_change"]).to_dict()
        assert {name: count for name, count in found.items() if count} == told


def same_status_time(asked, visits, as_of, times):
    rows = asked.figure("status_time", as_of)
    found = {
        r.status: (
            *(r.finished, r.in_bulk, r.at_least, r.timed),
            number(r.finished_median_days),
            r.open,
            number(r.open_median_age_days),
            r.open_median_at_least,
            number(r.oldest_days),
        )
        for r in rows.itertuples()
    }
    told = independent_flow.status_times(visits, as_of)
    assert found == {
        s: (*counts, days(m), still, days(a), least, days(o))
        for s, (*counts, m, still, a, least, o) in told.items()
    }


def same_survival(asked, visits, as_of, times):
    """The curve in Python and the typical time in SQL are one estimator."""
    spells = asked.figure("spell", as_of)
    for row in asked.figure("typical_time", as_of).itertuples():
        curve = survival.curve(spells[spells.stage == row.stage])
        exact = independent.moved_on_by_half([
            independent.Spell(*told[2:6]) for told in independent_flow.spells(visits, as_of)
            if told[0] == row.stage
        ])  # fmt: skip
        assert survival.reached(curve) == (None if exact is None else pytest.approx(exact / DAY))
        if row.typical_word == "":
            assert survival.reached(curve) == row.typical_days
        assert curve.moved_on.is_monotonic_increasing
        inside = curve.dropna()
        assert ((inside.lower <= inside.moved_on) & (inside.moved_on <= inside.upper)).all()


def number(value):
    """None for a missing figure, which a frame shows as NaN."""
    return None if pandas.isna(value) else value


def days(us):
    return None if us is None else us / DAY


CHECKS = [check for name, check in list(globals().items()) if name.startswith("same_")]
