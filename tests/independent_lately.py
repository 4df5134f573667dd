"""What happened lately and what to talk about, worked out again item by item from the words.

Shares no code and no SQL with metrics/. Durations are microseconds.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import independent_flow
from independent import OPEN, at, stays
from independent_flow import _kind, place, runs

MICRO = timedelta(microseconds=1)
COUNTS = ("came", "on", "back", "delivered", "blocked", "bulk")
REASONS = ["newly blocked", "came back", "blocked", "slow", "oldest"]


def flags(events: list[dict], item: str) -> list[tuple]:
    """(from, until or None, there before) of each stretch in which an item was marked blocked."""
    spans, since = [], None
    mine = [e for e in events if e["item"] == item and e["kind"] == "blocked"]
    for e in sorted(mine, key=lambda e: (e["since"], e["sequence"])):
        if e["value"] and since is None:
            since = e
        elif not e["value"] and since:
            spans.append((since["since"], e["since"], since["opening"]))
            since = None
    return spans + ([(since["since"], None, since["opening"])] if since else [])


def lately(visits, events: list[dict], as_of: datetime, stages) -> dict[tuple, tuple]:
    """(stage or "", weeks) -> (since, until, then the numbers of COUNTS)."""
    began, until = min(v[0].entered for v in visits.values()) - MICRO, visits.line.now(as_of)
    if until <= began:
        return {}
    told = {}
    for weeks in (1, 13, 52):
        since = max(until - timedelta(weeks=weeks), began)
        count = {stage: Counter() for stage in ("", *stages)}
        for item, mine in at(visits, as_of).items():
            for happened, stage, what, bulk in _happened(mine, flags(events, item), len(stages)):
                if since < happened <= until and stage in count:
                    count[stage][what] += not bulk
                    count[stage]["bulk"] += bulk and what != "delivered"
        for stage, mine in count.items():
            told[stage, weeks] = (since, until, *(mine[what] for what in COUNTS))
    return told


def _happened(mine: list, spans: list[tuple], last_no: int) -> list[tuple]:
    """(when, stage or "", what, in bulk) of all that happened to an item."""
    each, found = runs(mine), []
    for n, run in enumerate(each):
        if not run[0].at_least:
            if run[0].part in OPEN:
                found.append((run[0].entered, place(run[0]), "came", run[0].bulk))
            if n == 0:
                found.append((run[0].entered, "", "came", run[0].bulk))
    for one, two in pairwise(each):
        kind = _kind(one[0], two[0], last_no)
        if kind not in ("reopened", "not mapped"):
            what = kind if kind in ("back", "abandoned") else "on"
            for stage in ("", place(one[0])):
                found.append((two[0].entered, stage, what, two[0].bulk))
    last = each[-1][0]
    if last.part == "done" and not last.at_least:
        found.append((last.entered, "", "delivered", last.bulk))
    for since, until, there in spans:
        here = [v for v in mine if v.entered <= since and (v.left is None or since < v.left)]
        if here and here[0].part in OPEN and not there and (until is None or until > since):
            found += [(since, stage, "blocked", False) for stage in ("", here[0].stage)]
    return found


def talk_about(visits, events: list[dict], as_of: datetime, stages) -> list[tuple]:
    """(item, why, microseconds, at least so many) of at most ten items, in their order."""
    now, line = visits.line.now(as_of), visits.line
    if as_of - now > timedelta(days=30):
        return []
    bands = independent_flow.ageing(visits, as_of, stages)
    mine: dict[str, list] = {reason: [] for reason in REASONS}
    for item, run in at(visits, as_of).items():
        if run[-1].part in OPEN:
            blocked = [span for span in flags(events, item) if span[0] <= as_of
                       and (span[1] is None or span[1] > as_of)]  # fmt: skip
            (stay,) = [s for s in stays(visits, as_of) if s.item == item and s.left is None]
            age = line.spent(visits.first[item], now)
            why, us, least = _reason(
                runs(run), stay, blocked, age, bands[stay.place][-1], visits, now
            )
            mine[why].append((us if why in REASONS[:2] else -us, item, us, least))
    ranked = [
        (rank, n, item, why, us, least)
        for n, (why, told) in enumerate(mine.items())
        for rank, (_, item, us, least) in enumerate(sorted(told))
    ]
    return [told[2:] for told in sorted(ranked)[:10]]


def _reason(each: list, stay, blocked: list, age: int, p95: int | None, visits, now) -> tuple:
    was = each[-2][0] if each[1:] else None
    if blocked:
        since, _, there = blocked[0]
        held = _held(each, since, visits.line, now)
        if not there and since > now - timedelta(days=7):
            return "newly blocked", held, False
    if was and (was.part in ("done", "left") or (was.stage_no or 0) > stay.stage_no):
        if not stay.at_least and stay.entered > now - timedelta(days=91):
            return "came back", stay.lead, False
    if blocked:
        return "blocked", held, bool(blocked[0][2])
    if p95 is not None and age > p95:
        return "slow", age, each[0][0].at_least
    return "oldest", stay.lead, stay.at_least


def _held(each: list, since: datetime, line, now: datetime) -> int:
    """For how long a mark set at `since` has held work of the line: its clock starts there."""
    first = next(
        v for run in each for v in run if v.part in OPEN and (v.left is None or v.left > since)
    )
    return line.spent(max(since, first.entered), now)
