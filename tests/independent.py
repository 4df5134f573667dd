"""The figures worked out again, slowly, item by item, from the definitions in words.

Shares no code and no SQL with metrics/. Times are datetimes in UTC, durations microseconds.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from independent_time import History, Line, spent

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
    at_least: bool  # there before, for nobody knows how long
    known_age: int  # how old it was when its source began to tell everything
    bulk: bool  # entered in an edit in bulk
    precision: str


class Stay(NamedTuple):
    item: str
    place: str
    stage_no: int | None
    entered: datetime
    left: datetime | None
    lead: int
    process: int
    wait: int
    exit: str | None
    at_least: bool
    known_age: int
    bulk: bool  # left in an edit in bulk
    came_in_bulk: bool


def micros(delta: timedelta) -> int:
    return delta // timedelta(microseconds=1)


def visits_of(events: list[dict], status_map: dict, line: Line) -> History:
    """Each item's visits in order, from events (item, kind, value, since, sequence, opening)."""
    result, first = {}, {}
    for item in sorted({e["item"] for e in events}):
        moves, flags = _changes(events, item, "status"), _changes(events, item, "blocked")
        first[item] = min(
            e["since"] for e in events if e["item"] == item and e["kind"] != "blocked"
        )
        ends = [m["since"] for m in moves[1:]] + [None]
        result[item] = [
            _visit(move, end, status_map, _spans(flags), line, n == 0 and first[item])
            for n, (move, end) in enumerate(zip(moves, ends, strict=True))
        ]
    return History(result, line, first)


def _visit(move: dict, end, status_map: dict, spans: list, line: Line, first) -> Visit:
    since = move["since"]
    stage, no, part = status_map.get(move["value"], (None, None, "unmapped"))
    cut = [
        (max(a, since), b if end is None or (b and b < end) else end)
        for a, b in spans
        if (end is None or a < end) and (b is None or b > since)
    ]
    return Visit(
        move["item"], move["value"], stage, no, part, since, end, cut if part in OPEN else [],
        bool(move["opening"] or (first and first < since)),
        max(0, line.spent(since, line.covers_from)) if line.covers_from else 0,
        line.is_bulk(since), move["precision"],
    )  # fmt: skip


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


def at(visits: History, as_of: datetime) -> History:
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
    return visits.cut(cut)


def stays(visits: dict[str, list[Visit]], as_of: datetime) -> list[Stay]:
    found = []
    for item, mine in at(visits, as_of).items():
        place = lambda v: v.stage if v.part in OPEN else v.part  # noqa: E731
        runs = [list(run) for _, run in groupby(mine, place)]
        for run, after in zip(runs, [*runs[1:], None], strict=True):
            if run[0].part not in OPEN:
                continue
            found.append(
                Stay(item, run[0].stage, run[0].stage_no, run[0].entered, run[-1].left,
                     *spent(visits.line, run, visits.line.now(as_of)), _exit(run, after),
                     run[0].at_least, run[0].known_age, bool(after and after[0].bulk), run[0].bulk)
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
        item: visits.line.spent(visits.first[item], mine[-1].entered)
        for item, mine in at(visits, as_of).items()
        if mine[-1].part == "done" and not _closed_before(mine)
    }


def _closed_before(mine: list[Visit]) -> bool:
    """Closed when the records began: nothing is known of its way."""
    return len(mine) == 1 and mine[0].part in ("done", "left") and mine[0].at_least


class Spell(NamedTuple):
    """A stay on the survival curve: from the age at which it is known to its age now or at its end;
    not placed when it was there before, for nobody knows how long, or was over before."""

    age: int
    exit: str | None
    late: int = 0
    placed: bool = True


def spell(age: int, exit: str | None, known_age: int, at_least: bool) -> Spell:
    placed = known_age < age if known_age else not at_least
    return Spell(age, exit, known_age, placed)


def moved_on_by_half(spells: list[Spell]) -> int | None:
    """Aalen-Johansen in exact fractions: the first age by which half have moved on. Who is known
    from an age on is at risk after it; who is known from the start, at its first instant too."""
    staying, moved_on, spells = Fraction(1), Fraction(0), [s for s in spells if s.placed]
    for age in sorted({s.age for s in spells}):
        at_risk = sum(s.late < age <= s.age or (s.late == age == 0) for s in spells)
        if not at_risk:
            continue
        here = [s.exit for s in spells if s.age == age and s.exit]
        moved_on += staying * Fraction(sum(e in ("on", "back") for e in here), at_risk)
        staying *= 1 - Fraction(len(here), at_risk)
        if moved_on >= Fraction(1, 2):
            return age
    return None


def typical_time(spells: list[Spell]) -> tuple:
    done = sorted(s.age for s in spells if s.exit in ("on", "back"))
    return (
        moved_on_by_half(spells) if sum(s.placed for s in spells) >= 5 else None,
        len(done),
        done[math.ceil(len(done) / 2) - 1] if len(done) >= 5 else None,
        sum(s.exit is None for s in spells),
        sum(s.exit == "left" for s in spells),
        sum(not s.placed for s in spells),
    )


def stream_spells(visits, as_of) -> dict[str, tuple[Spell, bool]]:
    """item -> its way through the whole line, and whether it ended in an edit in bulk."""
    spells, line = {}, visits.line
    for item, mine in at(visits, as_of).items():
        if not _closed_before(mine):
            ended = {"done": "on", "left": "left"}.get(mine[-1].part)
            end = mine[-1].entered if ended else line.now(as_of)
            age = line.spent(visits.first[item], end)
            told = spell(age, ended, mine[0].known_age, mine[0].at_least)
            spells[item] = told, bool(ended and mine[-1].bulk)
    return spells


def percent_complete_accurate(visits, as_of, stage) -> tuple[int, int, int]:
    """Hand-offs told, returned and too early to say, of one stage."""
    told = returned = early = 0
    each = stays(visits, as_of)
    for n, stay in enumerate(each):
        if stay.place != stage or stay.exit != "on" or stay.bulk:
            continue
        came_back = any(
            later.item == stay.item and later.stage_no <= stay.stage_no and not later.came_in_bulk
            for later in each[n + 1 :]  # those of an item stand in their order
        )
        too_early = stay.left > as_of - timedelta(days=28)
        returned += came_back
        early += too_early and not came_back
        told += came_back or not too_early
    return told, returned, early


def throughput(visits, as_of, zone="Europe/London") -> dict:
    """week (Monday) -> (arrivals, delivered, abandoned, in bulk), weeks with none kept. What was
    there before and what was done in bulk did not come, nor go, in that week."""
    known = at(visits, as_of)
    if not known:
        return {}
    week = lambda t: _monday(t.astimezone(ZoneInfo(zone)))  # noqa: E731
    counts = defaultdict(Counter)
    for mine in known.values():
        for visit in {id(v): v for v in (mine[0], mine[-1])}.values():
            counts[week(visit.entered)]["bulk"] += visit.bulk
        if not (mine[0].bulk or mine[0].at_least):
            counts[week(mine[0].entered)]["arrivals"] += 1
        if mine[-1].part in ("done", "left") and not (mine[-1].bulk or mine[-1].at_least):
            counts[week(mine[-1].entered)][mine[-1].part] += 1
    day, last = week(min(v[0].entered for v in known.values())), week(visits.line.now(as_of))
    weeks = {}
    while day <= last:
        c = counts[day]
        weeks[day] = (c["arrivals"], c["done"], c["left"], c["bulk"])
        day += timedelta(days=7)
    return weeks


def throughput_year(weeks: dict) -> tuple:
    """(weeks, first, last, arrivals, delivered, abandoned, bulk, without a delivery) of the last 52."""
    last = sorted(weeks)[-52:]
    sums = [sum(weeks[week][n] for week in last) for n in range(4)]
    return (len(last), last[0], last[-1], *sums, sum(weeks[week][1] == 0 for week in last))


def held(value: float, amber: float | None, limit: float) -> str:
    """What a value is by its target: only past a limit is beyond it."""
    return "red" if value > limit else "amber" if amber is not None and value > amber else "green"


def _monday(local: datetime):
    return local.date() - timedelta(days=local.weekday())
