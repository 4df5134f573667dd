"""Flow over time worked out again, slowly, item by item, as independent.py does for the rest.

Shares no code and no SQL with metrics/. Durations are microseconds.
"""

from __future__ import annotations

import math
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from statistics import median
from zoneinfo import ZoneInfo

from independent import OPEN, at, spell, stays, stream_spells

MICRO = timedelta(microseconds=1)
LEAST = {50: 5, 70: 8, 85: 15, 95: 45}  # items from which a percentile is given


def nearest(values: list[int], percent: int) -> int | None:
    """The nearest-rank percentile, or None for no values."""
    return sorted(values)[math.ceil(percent * len(values) / 100) - 1] if values else None


def place(visit) -> str:
    return visit.stage if visit.part in OPEN else visit.part


def runs(visits: list) -> list[list]:
    """An item's visits gathered into stays in one place."""
    return [list(run) for _, run in groupby(visits, place)]


def weeks(visits: dict, until: datetime, zone: str = "Europe/London") -> list[tuple]:
    """(Monday, first instant, last instant) of each whole week up to `until`."""
    local = ZoneInfo(zone)
    first = min(v[0].entered for v in visits.values()).astimezone(local).date()
    monday, found = first - timedelta(days=first.weekday()), []
    while True:
        start, after = (
            datetime(d.year, d.month, d.day, tzinfo=local).astimezone(UTC)
            for d in (monday, monday + timedelta(days=7))
        )
        if after - MICRO > until:
            return found
        found.append((monday, start, after - MICRO))
        monday += timedelta(days=7)


def weekly(visits: dict, until: datetime, stages) -> dict[tuple, dict]:
    """(stage or "", Monday) -> what weekly says of it, as known at the week's end."""
    told = {}
    for monday, start, end in weeks(visits, until):
        known, now = at(visits, end), stays(visits, end)
        for stage in stages:
            mine = [s for s in now if s.place == stage]
            went = [s for s in mine if s.left and start <= s.left]
            told[stage, monday] = _week(
                sum(start <= s.entered and not s.at_least for s in mine),
                [("on" if s.exit == "back" else s.exit, s.lead, s.at_least, s.bulk) for s in went],
                [s.lead for s in mine if not s.left],
            )  # fmt: skip
        told["", monday] = _line_week(known, start, end)
        for stage in ("", *stages):
            told[stage, monday]["mean_open"] = _mean_open(known, stage, start - MICRO, end)
    for stage in ("", *stages):
        before = None
        for key in [k for k in told if k[0] == stage]:
            age = told[key]["age"]
            edited = any(key[1] + timedelta(days=n) in visits.line.bulk for n in range(7))
            told[key]["left_out"] = edited
            told[key]["growth"] = None if edited or None in (age, before) else age - before
            before = age
    return told


def _mean_open(known: dict, stage: str, start: datetime, end: datetime) -> float | None:
    """How many were in a stage, or in any place of the line, on average between two instants."""
    line, time = known.line, 0
    for visit in (visit for mine in known.values() for visit in mine):
        if visit.part in ("done", "left") or (stage and place(visit) != stage):
            continue
        since, until = max(visit.entered, start), min(visit.left or end, end)
        time += line.spent(since, until) if since < until else 0
    whole = line.spent(start, end)
    return time / whole if whole else None


def _line_week(known: dict, start: datetime, end: datetime) -> dict:
    entered, went, ages, line = 0, [], [], known.line
    for item, mine in known.items():
        parts, first = runs(mine), known.first[item]
        there = mine[0].at_least
        entered += start <= mine[0].entered and mine[0].part not in ("done", "left") and not there
        last = parts[-1][0]
        if last.part not in ("done", "left"):
            ages.append(line.spent(first, end))
        for one, two in pairwise(parts):
            # Of what was done and undone in one week, only what held counts; a bulk edit always.
            if start <= two[0].entered and one[0].part not in ("done", "left"):
                exit = {"done": "on", "left": "left"}.get(two[0].part)
                if two is parts[-1]:
                    went.append((exit, line.spent(first, two[0].entered), there, two[0].bulk))
    return _week(entered, went, ages)


def _week(entered: int, went: list, ages: list) -> dict:
    """Of (exit, lead, there before, in bulk): what moved on, and how long those took of which it is
    known when they came."""
    moved = [(lead, there) for exit, lead, there, bulk in went if exit == "on" and not bulk]
    leads = [lead for lead, there in moved if not there]
    return dict(
        entered=entered, moved_on=len(moved), lead_n=len(leads), lead=nearest(leads, 50),
        abandoned=sum(exit == "left" and not bulk for exit, *_, bulk in went),
        bulk=sum(bulk for *_, bulk in went), open=len(ages), age=median(ages) if ages else None,
    )  # fmt: skip


def cumulative_flow(visits: dict, as_of: datetime, until: datetime, stages, zone="Europe/London"):
    """(line, day) -> (items, behind), day by day from the first event to the last day known."""
    local, known = ZoneInfo(zone), at(visits, as_of)
    if not known:
        return {}
    names = [*stages, "delivered"]
    day = min(v[0].entered for v in known.values()).astimezone(local).date()
    last, told = min(as_of, until).astimezone(local).date(), {}
    while day <= last:
        counts, behind = Counter(), Counter()
        for mine in known.values():
            so_far = [v for v in mine if v.entered.astimezone(local).date() <= day]
            ranks = [_rank(v, len(names)) for v in so_far]
            high, now = max((r for r in ranks if r), default=0), ranks[-1] if ranks else None
            counts["abandoned"] += bool(so_far) and so_far[-1].part == "left"
            for number, name in enumerate(names, 1):
                counts[name] += number <= high
                behind[name] += now is not None and now < number <= high
        for name in [*names, "abandoned"]:
            told[name, day] = (counts[name], behind[name])
        day += timedelta(days=1)
    return told


def _rank(visit, delivered: int) -> int | None:
    return delivered if visit.part == "done" else None if visit.part == "left" else visit.stage_no


def spells(visits: dict, as_of: datetime) -> list[tuple]:
    """(stage or "", item, microseconds, how it ended, known from which age, placed at an age at all,
    there before, ended in bulk), sorted."""
    found = []
    for s in stays(visits, as_of):
        told = spell(s.lead, "on" if s.exit == "back" else s.exit, s.known_age, s.at_least)
        found.append((s.place, s.item, *told, s.at_least, s.bulk))
    for item, (told, bulk) in stream_spells(visits, as_of).items():
        found.append(("", item, *told, visits[item][0].at_least, bulk))
    return sorted(found, key=repr)


def ageing(visits: dict, as_of: datetime, stages) -> dict[str, tuple]:
    """stage -> (items, four percentiles in microseconds or None)."""
    known, now, told, floor = at(visits, as_of), stays(visits, as_of), {}, dict.fromkeys(LEAST, 0)
    for stage in stages:
        elapsed = []
        for item in known:
            his = [s for s in now if s.item == item and s.place == stage]
            if his and all(s.left for s in his) and his[-1].exit in ("on", "back"):
                elapsed.append(visits.line.spent(visits.first[item], his[-1].left))
        given = []
        for percent, least in LEAST.items():
            value = nearest(elapsed, percent) if len(elapsed) >= least else None
            if value is not None:
                floor[percent] = max(floor[percent], value)
            given.append(None if value is None else floor[percent])
        told[stage] = (len(elapsed), *given)
    return told


def percentiles(visits: dict, as_of: datetime) -> dict[str, tuple]:
    """stage or "" -> (finished, those of them there before, open, median open, four percentiles)."""
    told = {}
    for stage, group in groupby(spells(visits, as_of), lambda s: s[0]):
        mine = list(group)
        done, still = ([s[2] for s in mine if s[3] == how] for how in ("on", None))
        given = [nearest(done, p) if len(done) >= least else None for p, least in LEAST.items()]
        there = sum(s[3] == "on" and s[6] for s in mine)
        told[stage] = (len(done), there, len(still), median(still) if still else None, *given)
    return told


def transitions(visits: dict, as_of: datetime, last_no: int) -> dict[tuple, tuple]:
    """(from, to, kind) -> (moves, items, moves whose time is known, the instant of the last, the median
    microseconds of those that are known)."""
    found: dict[tuple, list] = {}
    for mine in at(visits, as_of).values():
        for one, two in pairwise(runs(mine)):
            stay = visits.line.spent(one[0].entered, two[0].entered)
            key = (place(one[0]), place(two[0]), _kind(one[0], two[0], last_no))
            known = not two[0].bulk and not one[0].at_least
            found.setdefault(key, []).append((one[0].item, stay, known, two[0].entered))
    return {
        key: (len(moves), len({item for item, *_ in moves}), sum(known for _, _, known, _ in moves),
              max(at for *_, at in moves),
              median([stay for _, stay, known, _ in moves if known] or [None]))
        for key, moves in found.items()
    }  # fmt: skip


def _kind(one, two, last_no: int) -> str:
    if "unmapped" in (one.part, two.part):
        return "not mapped"
    if two.part == "left":
        return "abandoned"
    if one.part in ("left", "done"):
        return "reopened"
    if two.part == "done":
        return "delivered" if one.stage_no >= last_no else "delivered, skipping"
    step = two.stage_no - one.stage_no
    return "back" if step < 0 else "forward" if step == 1 else "skipping"


def move_count(told: dict[tuple, tuple]) -> dict[str, int]:
    """How many moves of each sort there are, from transitions."""
    sorts = {
        "forward": "one_stage_on", "delivered": "one_stage_on", "skipping": "skipping",
        "delivered, skipping": "skipping", "not mapped": "not_mapped",
    }  # fmt: skip
    found: Counter = Counter()
    for (_, _, kind), (moves, *_) in told.items():
        found["moves"] += moves
        found[sorts.get(kind, kind)] += moves
    return found


def moves_in_bulk(visits: dict, as_of: datetime) -> int:
    """How many moves between places were booked in an edit in bulk."""
    return sum(
        two[0].bulk for mine in at(visits, as_of).values() for _, two in pairwise(runs(mine))
    )


def beyond(visits: dict, as_of: datetime, stages) -> dict[str, tuple]:
    """stage -> (open items, those older than the 95th percentile or None)."""
    told = {}
    for stage, (_, *_, p95) in ageing(visits, as_of, stages).items():
        ages = [
            visits.line.spent(visits.first[item], visits.line.now(as_of))
            for item, mine in at(visits, as_of).items()
            if mine[-1].part in OPEN and mine[-1].stage == stage
        ]
        told[stage] = (len(ages), None if p95 is None else sum(age > p95 for age in ages))
    return told


def status_times(visits: dict, as_of: datetime) -> dict[str, tuple]:
    """status -> (finished, in bulk, there before, those of known time, their median, open, their
    median and whether it is but at least so much, the oldest)."""
    found: dict[str, list] = {}
    for mine in at(visits, as_of).values():
        for visit, after in zip(mine, [*mine[1:], None], strict=True):
            if visit.part in (*OPEN, "unmapped"):
                stay = visits.line.spent(visit.entered, visit.left or visits.line.now(as_of))
                bulk = bool(after and after.bulk)
                found.setdefault(visit.status, []).append((stay, after, bulk, visit.at_least))
    return {status: _status_time(told) for status, told in found.items()}


def _status_time(told: list[tuple]) -> tuple:
    done = [(bulk, there) for _, after, bulk, there in told if after]
    known = [stay for stay, after, bulk, there in told if after and not bulk and not there]
    still = sorted((stay, there) for stay, after, _, there in told if not after)
    ages = [stay for stay, _ in still]
    return (
        len(done), sum(bulk for bulk, _ in done), sum(there for _, there in done), len(known),
        nearest(known, 50) if len(known) >= 5 else None,
        len(ages), median(ages) if ages else None, at_least(still), max(ages, default=None),
    )  # fmt: skip


def at_least(still: list[tuple]) -> bool:
    """Whether the median of (age, there before) may be more: it would be, were those there before
    older by a century than they are known to be."""
    older = [age + 100 * 365 * 86_400_000_000 * there for age, there in still]
    return bool(still) and median(older) != median(age for age, _ in still)
