"""The figures worked out again, slowly, item by item, from the definitions in words.

Shares no code and no SQL with metrics/. Times are datetimes in UTC, durations microseconds.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = 86_400_000_000
OPEN = ("queue", "paused", "work")


class Visit(NamedTuple):
    item: str
    status: str
    stage: str | None
    stage_no: int | None
    part: str
    entered: datetime
    left: datetime | None
    blocked: list  # (from, until or None), cut to the visit


class Stay(NamedTuple):
    item: str
    place: str
    stage_no: int | None
    entered: datetime
    left: datetime | None
    lead: int
    process: int
    exit: str | None


def micros(delta: timedelta) -> int:
    return delta // timedelta(microseconds=1)


def visits_of(events: list[dict], status_map: dict) -> dict[str, list[Visit]]:
    """Each item's visits in order, from events (item, kind, value, since, sequence)."""
    result = {}
    for item in sorted({e["item"] for e in events}):
        moves, flags = _changes(events, item, "status"), _changes(events, item, "blocked")
        ends = [m["since"] for m in moves[1:]] + [None]
        result[item] = []
        for move, end in zip(moves, ends, strict=True):
            stage, no, part = status_map.get(move["value"], (None, None, "unmapped"))
            spans = [
                (max(a, move["since"]), b if end is None or (b and b < end) else end)
                for a, b in _spans(flags)
                if (end is None or a < end) and (b is None or b > move["since"])
            ]
            visit = Visit(item, move["value"], stage, no, part, move["since"], end,
                          spans if part in OPEN else [])  # fmt: skip
            result[item].append(visit)
    return result


def _changes(events: list[dict], item: str, kind: str) -> list[dict]:
    mine = [e for e in events if e["item"] == item and e["kind"] == kind]
    mine.sort(key=lambda e: (e["since"], e["sequence"]))
    kept = []
    for event in mine:
        if not kept or kept[-1]["value"] != event["value"]:
            kept.append(event)
    return kept


def _spans(flags: list[dict]) -> list[tuple]:
    spans, since = [], None
    for flag in flags:
        if flag["value"] and since is None:
            since = flag["since"]
        elif not flag["value"] and since is not None:
            spans.append((since, flag["since"]))
            since = None
    return spans + ([(since, None)] if since is not None else [])


def at(visits: dict[str, list[Visit]], as_of: datetime) -> dict[str, list[Visit]]:
    """What had happened by as_of: later visits gone, later ends open."""
    cut = {}
    for item, mine in visits.items():
        known = [
            v._replace(
                left=v.left if v.left and v.left <= as_of else None,
                blocked=[(a, b if b and b <= as_of else None) for a, b in v.blocked if a <= as_of],
            )
            for v in mine
            if v.entered <= as_of
        ]
        if known:
            cut[item] = known
    return cut


def stays(visits: dict[str, list[Visit]], as_of: datetime) -> list[Stay]:
    found = []
    for item, mine in at(visits, as_of).items():
        place = lambda v: v.stage if v.part in OPEN else v.part  # noqa: E731
        runs = [list(run) for _, run in groupby(mine, place)]
        for run, after in zip(runs, [*runs[1:], None], strict=True):
            if run[0].part not in OPEN:
                continue
            lead = sum(micros((v.left or as_of) - v.entered) for v in run)
            process = sum(
                micros((v.left or as_of) - v.entered)
                - sum(micros((b or as_of) - a) for a, b in v.blocked)
                for v in run
                if v.part == "work"
            )
            found.append(
                Stay(item, run[0].stage, run[0].stage_no, run[0].entered, run[-1].left,
                     lead, process, _exit(run, after))
            )  # fmt: skip
    return found


def _exit(run: list[Visit], after: list[Visit] | None) -> str | None:
    if after is None:
        return None
    if after[0].part in ("left", "unmapped"):
        return after[0].part
    return "on" if after[0].part == "done" or after[0].stage_no > run[0].stage_no else "back"


def queue_size(visits, as_of, stages) -> dict[str, tuple]:
    counts = {stage: Counter() for stage in stages}
    for mine in at(visits, as_of).values():
        now = mine[-1]
        if now.part in OPEN:
            blocked = any(b is None for _, b in now.blocked)
            state = "blocked" if blocked else "working" if now.part == "work" else "waiting"
            counts[now.stage][state] += 1
    ages = defaultdict(list)
    for stay in stays(visits, as_of):
        if stay.left is None:
            ages[stay.place].append(stay.lead)
    return {
        stage: (c["waiting"], c["working"], c["blocked"], max(ages[stage], default=None))
        for stage, c in counts.items()
    }


def deliveries(visits, as_of) -> dict[str, int]:
    return {
        item: micros(mine[-1].entered - mine[0].entered)
        for item, mine in at(visits, as_of).items()
        if mine[-1].part == "done"
    }


def moved_on_by_half(spells: list[tuple[int, str | None]]) -> int | None:
    """Aalen-Johansen in exact fractions: the first age by which half have moved on."""
    staying, moved_on = Fraction(1), Fraction(0)
    for age in sorted({a for a, _ in spells}):
        at_risk = sum(a >= age for a, _ in spells)
        here = [e for a, e in spells if a == age and e]
        moved_on += staying * Fraction(sum(e in ("on", "back") for e in here), at_risk)
        staying *= 1 - Fraction(len(here), at_risk)
        if moved_on >= Fraction(1, 2):
            return age
    return None


def typical_time(spells: list[tuple[int, str | None]]) -> tuple:
    done = sorted(a for a, e in spells if e in ("on", "back"))
    return (
        moved_on_by_half(spells) if len(spells) >= 5 else None,
        len(done),
        done[math.ceil(len(done) / 2) - 1] if len(done) >= 5 else None,
        sum(e is None for _, e in spells),
        sum(e == "left" for _, e in spells),
    )


def stream_spells(visits, as_of) -> list[tuple[int, str | None]]:
    spells = []
    for mine in at(visits, as_of).values():
        ended = {"done": "on", "left": "left"}.get(mine[-1].part)
        end = mine[-1].entered if ended else as_of
        spells.append((micros(end - mine[0].entered), ended))
    return spells


def percent_complete_accurate(visits, as_of, stage) -> tuple[int, int, int]:
    """Hand-offs told, returned and too early to say, of one stage."""
    told = returned = early = 0
    for stay in stays(visits, as_of):
        if stay.place != stage or stay.exit != "on":
            continue
        came_back = any(
            later.item == stay.item and later.entered >= stay.left and later is not stay
            and later.stage_no <= stay.stage_no
            and _after(later, stay, visits, as_of)
            for later in stays(visits, as_of)
        )  # fmt: skip
        too_early = stay.left > as_of - timedelta(days=28)
        returned += came_back
        early += too_early and not came_back
        told += came_back or not too_early
    return told, returned, early


def _after(later: Stay, earlier: Stay, visits, as_of) -> bool:
    mine = [s for s in stays(visits, as_of) if s.item == later.item]
    return mine.index(later) > mine.index(earlier)


def throughput(visits, as_of, zone="Europe/London") -> dict:
    """week (Monday) -> (arrivals, delivered, abandoned), weeks with none kept."""
    known = at(visits, as_of)
    if not known:
        return {}
    week = lambda t: _monday(t.astimezone(ZoneInfo(zone)))  # noqa: E731
    counts = defaultdict(Counter)
    for mine in known.values():
        counts[week(mine[0].entered)]["arrivals"] += 1
        if mine[-1].part in ("done", "left"):
            counts[week(mine[-1].entered)][mine[-1].part] += 1
    day, last, weeks = week(min(v[0].entered for v in known.values())), week(as_of), {}
    while day <= last:
        c = counts[day]
        weeks[day] = (c["arrivals"], c["done"], c["left"])
        day += timedelta(days=7)
    return weeks


def throughput_year(weeks: dict) -> tuple:
    """(weeks, first, last, arrivals, delivered, abandoned, without a delivery) of the last 52."""
    last = sorted(weeks)[-52:]
    sums = [sum(weeks[week][n] for week in last) for n in range(3)]
    return (len(last), last[0], last[-1], *sums, sum(weeks[week][1] == 0 for week in last))


def held(value: float, amber: float | None, limit: float) -> str:
    """What a value is by its target: only past a limit is beyond it."""
    return "red" if value > limit else "amber" if amber is not None and value > amber else "green"


def _monday(local: datetime):
    return local.date() - timedelta(days=local.weekday())


def wip_on(visits, day, stages, zone="Europe/London") -> dict[str, int]:
    """Items in each stage at the end of a local day."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)) + timedelta(days=1)
    end = midnight.astimezone(UTC) - timedelta(microseconds=1)
    counts = queue_size(visits, end, stages)
    return {stage: sum(counts[stage][:3]) for stage in stages}
