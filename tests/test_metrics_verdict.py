"""The figure verdict: its numbers beside an independent calculation over random lines."""

from __future__ import annotations

from datetime import timedelta

import pytest
from line import day, event, publication
from seeds import chance, told

WEEKS = 60
NOW = day(1 + 7 * WEEKS)


def line(random) -> tuple[list[dict], dict[str, list[tuple]]]:
    """Random items of a line from A to B to done or given up, and their stays by part as
    (began, ended or None, moved on): days since the first of January."""
    events, stays = [], {"": [], "a": [], "b": []}
    for n in range(random.randint(90, 160)):
        came = random.uniform(0, 7 * WEEKS)
        first, second = random.expovariate(1 / 12), random.expovariate(1 / 20)
        gives_up = random.random() < 0.1
        moves = [(came, "A waiting"), (came + first, "B waiting"),
                 (came + first + second, "Dropped" if gives_up else "Done")]  # fmt: skip
        seen = [(round(at * 86_400), status) for at, status in moves if at < 7 * WEEKS]
        events += [event(f"i{n}", status, day(1) + timedelta(seconds=at)) for at, status in seen]
        times = [at / 86_400 for at, _ in seen] + [None] * (3 - len(seen))
        stays["a"].append((times[0], times[1], True))
        if times[1] is not None:
            stays["b"].append((times[1], times[2], not gives_up))
        stays[""].append((times[0], times[2], not gives_up))
    return events, stays


def numbers(stays: list[tuple], now: float, began: float, weeks: int) -> tuple[int, float, int]:
    """Moves compared, expected and left out in the last weeks, said slowly: for each age at which
    something moved before, the share of those then there, times those that reach it since."""
    boundary, first = now - 7 * weeks, now - 7 * ((now - began) // 7)
    before, since = [], []
    for came, went, moved in stays:
        ends = now if went is None else went
        known = max(0.0, first - came)
        early = min(ends, boundary) - came
        if early > known:
            before.append((known, early, went is not None and moved and ends <= boundary))
        if ends > boundary:
            late = max(boundary - came, 0.0)
            since.append((late, ends - came, went is not None and moved))
    longest = sorted((age for _, age, _ in before), reverse=True)
    last = longest[4] if len(longest) > 4 else 0.0
    expected = 0.0
    for _, age, moved in before:
        there = sum(k < age <= a or (k == 0 and age == 0) for k, a, _ in before)
        if moved and there >= 5:
            expected += sum(k < age <= a for k, a, _ in since) / there
    compared = sum(moved and age <= last for _, age, moved in since)
    return compared, expected, sum(moved and age > last for _, age, moved in since)


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.more) for seed in (1, 2))]
)
def test_verdict(tmp_path, seed):
    events, stays = line(chance("verdict", seed))
    asked = publication(tmp_path, events, now=NOW)
    with told(f"line {seed}", events):
        rows = asked.figure("verdict", NOW, stream="line").set_index("stage")
        assert list(rows.index) == ["", "a", "b", "c"]
        for stage, known in stays.items():
            row = rows.loc[stage]
            at = (row.judged_at - day(1)) / timedelta(days=1)
            began = min(came for came, *_ in stays["a"])
            compared, expected, left_out = numbers(known, at, began, int(row.weeks))
            assert (row.compared, row.left_out) == (compared, left_out), stage
            assert row.moved == compared + left_out
            assert row.expected == pytest.approx(expected, abs=1e-6), stage
        assert rows.loc["c"].sentence == "Nothing has entered it yet."
        assert rows.loc["c", ["weeks", "moved", "expected"]].isna().all()
