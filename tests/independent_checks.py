"""The figures of processes, worked out slowly from a list of checks, without SQL.

Times are whole microseconds since 1970 in UTC; a check is a dict as in looked.check.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import median

DAY, MONDAY = 86_400_000_000, 345_600_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def us(when: datetime) -> int:
    return (when - EPOCH) // timedelta(microseconds=1)


def week_of(micros: int) -> int:
    return (micros - MONDAY) // (7 * DAY)


def monday(week: int) -> date:
    return date(1970, 1, 5) + timedelta(days=7 * week)


def known(checks: list[dict], until: datetime | None = None) -> dict[tuple, dict[str, list]]:
    """(group, process) -> subject -> its checks in order, each once, by the end of a day."""
    seen = {(c["group"], c["process"], c["subject"], us(c["at"]), c["ok"], c["detail"], c["seconds"])
            for c in checks if until is None or c["at"] <= until}  # fmt: skip
    told: dict[tuple, dict[str, list]] = defaultdict(lambda: defaultdict(list))
    for group, process, subject, when, ok, detail, seconds in sorted(seen, key=str):
        told[group, process][subject].append((when, ok, detail, seconds))
    for subjects in told.values():
        for rows in subjects.values():
            rows.sort(key=lambda r: (r[0], r[1], r[2], -1 if r[3] is None else r[3]))
    return told


def runs(
    subjects: dict[str, list],
    every: int | None,
    limit: float,
    amber: float | None,
    window,
    as_of: datetime,
):
    """(slot, checks, failed or None, missing, bad, state) of each run known by as_of, in order."""
    size, worst, back = window
    slots = defaultdict(list)
    for rows in subjects.values():
        for when, ok, *_ in rows:
            slot = when if every is None else (when - MONDAY) // every * every + MONDAY
            slots[slot].append((when, ok))
    if every is not None:
        for slot in range(min(slots), max(slots), every):
            slots.setdefault(slot, [])
    told, red, yellow = [], None, None
    for slot in sorted(slots):
        rows = slots[slot]
        failed = sum(not ok for _, ok in rows)
        bad = not rows or failed / len(rows) > limit
        doubtful = amber is not None and (not rows or failed / len(rows) > amber)
        last = [*told[-size + 1 :], (bad, doubtful)] if size > 1 else [(bad, doubtful)]
        flags = [(r[0], r[1]) for r in last]
        if len(told) + 1 >= size:
            red = _turned(sum(b for b, _ in flags), worst, back, red)
            yellow = _turned(sum(d for _, d in flags), worst, back, yellow)
        state = (
            "grey"
            if red is None
            else "red"
            if red
            else "amber"
            if amber is not None and yellow
            else "green"
        )
        known_at = max((w for w, _ in rows), default=slot + (every or 0))
        told.append(
            (bad, doubtful, slot, len(rows), failed if rows else None, not rows, state, known_at)
        )
    return [(slot, n, failed, missing, bad, state) for bad, _, slot, n, failed, missing, state, at in told
            if at <= us(as_of)]  # fmt: skip


def run_count(told: list[tuple]) -> tuple[int, int, int, int]:
    """(runs, missing, changes from good to bad or back, turns of the colour to red or back)."""
    pairs = list(pairwise(told))
    return (
        len(told), sum(r[3] for r in told), sum(one[4] != two[4] for one, two in pairs),
        sum((one[-1] == "red") != (two[-1] == "red") for one, two in pairs),
    )  # fmt: skip


def _turned(count: int, worst: int, back: int, was: bool | None) -> bool | None:
    return True if count >= worst else False if count <= back else bool(was)


def weeks(
    told: dict[tuple, dict[str, list]], group: str, process: str, as_of: datetime
) -> dict[date, tuple]:
    """Monday -> (looked at, failing, checks, failed) of the whole weeks over by as_of."""
    rows = defaultdict(list)
    for (g, p), subjects in told.items():
        if g == group and process in (p, ""):
            for subject, checks in subjects.items():
                for when, ok, *_ in checks:
                    rows[week_of(when)].append(((p, subject), when, ok))
    return {
        monday(week): (
            len({s for s, _, _ in found}),
            sum(not [ok for s, _, ok in found if s == one][-1] for one in {s for s, _, _ in found}),
            len(found), sum(not ok for _, _, ok in found),
        )
        for week, found in rows.items()
        if (week + 1) * 7 * DAY + MONDAY - 1 <= us(as_of)
    }  # fmt: skip


def errors(told: dict[tuple, dict[str, list]], as_of: datetime) -> dict[tuple, tuple[int, int]]:
    """(process, kind) -> (failed, subjects) of the last 13 whole weeks."""
    now, failed, touched = week_of(us(as_of) + 1), Counter(), defaultdict(set)
    for (_, process), subjects in told.items():
        for subject, checks in subjects.items():
            for when, ok, detail, _ in checks:
                if not ok and now - 13 <= week_of(when) < now:
                    kind = f"HTTP {detail}" if len(detail) == 3 and detail.isdigit() else detail
                    failed[process, kind] += 1
                    touched[process, kind].add(subject)
    return {key: (n, len(touched[key])) for key, n in failed.items()}


def looked_at(subjects: dict[str, list], forget: int, as_of: int) -> dict[str, list]:
    """The subjects whose last check by as_of is not older than `forget` before the last run."""
    seen = {s: [r for r in rows if r[0] <= as_of] for s, rows in subjects.items()}
    last = max((rows[-1][0] for rows in seen.values() if rows), default=0)
    return {s: rows for s, rows in seen.items() if rows and rows[-1][0] >= last - forget}


def spells(rows: list[tuple]) -> list[list[tuple]]:
    """The checks of a subject, cut where it goes from good to bad or back."""
    found: list[list[tuple]] = []
    for check in rows:
        if found and found[-1][-1][1] == check[1]:
            found[-1].append(check)
        else:
            found.append([check])
    return found


def failing(subjects: dict[str, list], forget: int, as_of: datetime) -> dict[str, tuple]:
    """subject -> (since, last good or None, detail) of those failing and still looked at."""
    told = {}
    for subject, rows in looked_at(subjects, forget, us(as_of)).items():
        *before, last = spells(rows)
        if not last[0][1]:
            told[subject] = (last[0][0], before[-1][-1][0] if before else None, last[-1][2])
    return told


def flapping(subjects: dict[str, list], as_of: datetime) -> dict[str, int]:
    """subject -> changes in the last 28 days, four or more."""
    now, told = us(as_of), {}
    for subject, rows in subjects.items():
        begun = [s[0][0] for s in spells([r for r in rows if r[0] <= now])[1:]]
        count = sum(now - 28 * DAY < when for when in begun)
        if count >= 4:
            told[subject] = count
    return told


def recovery(subjects: dict[str, list], forget: int, as_of: datetime) -> tuple:
    """(failures, recovered, failing, given up, typical days or None) of one process."""
    now, kept, found = us(as_of), looked_at(subjects, forget, us(as_of)), []
    for subject, rows in subjects.items():
        told = spells([r for r in rows if r[0] <= now])
        for spell, later in zip(told, [*told[1:], None], strict=True) if told else []:
            if spell[0][1]:
                continue
            if later is not None:
                found.append((later[0][0] - spell[0][0], "recovered"))
            elif subject in kept:
                found.append((now - spell[0][0], None))
            else:
                found.append((spell[-1][0] - spell[0][0], "given up"))
    ends = Counter(exit for _, exit in found)
    staying, share, typical = 1.0, 0.0, None
    for age in sorted({a for a, _ in found}):
        at_risk = sum(a >= age for a, _ in found)
        share += staying * sum(a == age and e == "recovered" for a, e in found) / at_risk
        staying *= 1 - sum(a == age and e is not None for a, e in found) / at_risk
        if typical is None and share >= 0.5 - 1e-12:
            typical = age / DAY
    if len(found) < 5:
        typical = None
    return len(found), ends["recovered"], ends[None], ends["given up"], typical


def speed(subjects: dict[str, list], as_of: datetime) -> dict[str, tuple]:
    """subject -> (seconds, seconds before, change), from the medians of whole weeks."""
    now, told = week_of(us(as_of) + 1), {}
    for subject, rows in subjects.items():
        by_week = defaultdict(list)
        for when, ok, detail, seconds in rows:
            if seconds is not None and (ok or "timeout" in detail.lower()):
                by_week[week_of(when)].append(seconds)
        medians = {week: nearest(values) for week, values in by_week.items()}
        recent = [medians[w] for w in medians if now - 7 <= w < now]
        before = [medians[w] for w in medians if now - 33 <= w < now - 7]
        if recent:
            then = nearest(before) if before else None
            told[subject] = (nearest(recent), then, _change(recent, before, then))
    return told


def _change(recent: list, before: list, then: float | None) -> str:
    if len(recent) < 7 or len(before) < 13:
        return "too few"
    if min(recent) > then and nearest(recent) >= 1.5 * then:
        return "slowing"
    if max(recent) < then and nearest(recent) <= then / 1.5:
        return "faster"
    return "no change"


def nearest(values: list) -> float:
    return sorted(values)[math.ceil(len(values) / 2) - 1]


def middle(values: list) -> float:
    return median(values)


def outages(told: list[tuple]) -> list[tuple[int, int]]:
    """(first slot, runs missed) of each stretch of runs that did not take place."""
    found: list[list[int]] = []
    was_missing = False
    for slot, _, _, missing, *_ in told:
        if missing and was_missing:
            found[-1][1] += 1
        elif missing:
            found.append([slot, 1])
        was_missing = missing
    return [tuple(one) for one in found]
