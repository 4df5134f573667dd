"""What happened to each item, and the measures of a line, worked out again item by item from the words.

Shares no code and no SQL with metrics/. Durations are microseconds.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import zip_longest

from independent import OPEN, _changes, at, held, moved_on_by_half, spell, stays, stream_spells

MICRO = timedelta(microseconds=1)
QUARTER = timedelta(weeks=13)


def happened(visits, events: list[dict], as_of: datetime) -> list[tuple]:
    """(item, what, from stage, to stage, at, not before, in bulk, reason) of each thing, sorted."""
    found = []
    for item, mine in visits.items():
        told = _changes(events, item, "status")  # one for each visit
        earliest = [e["not_before"] or e["since"] for e in told]
        for n, visit in enumerate(mine):
            was = mine[n - 1] if n else None
            if visit.at_least if was is None else _place(was) == _place(visit):
                continue
            low = told[n]["not_before"] or (earliest[n - 1] if visit.at_least else visit.entered)
            aim = visit.stage if visit.part in OPEN else ""
            left = was.stage if was and was.part in OPEN else ""
            for what in _whats(was, visit):
                found.append((item, what, left, aim, visit.entered, low, visit.bulk, ""))
        found += _flagged(item, mine, _changes(events, item, "blocked"), as_of)
    return sorted(one for one in found if one[4] <= as_of)


def _place(visit) -> str:
    return visit.stage if visit.part in OPEN else visit.part


def _whats(was, visit) -> list[str]:
    ended = {"done": "delivered", "left": "abandoned"}.get(visit.part)
    if was is None:
        return ["arrived", ended] if ended else ["arrived"]
    if ended:
        return [ended]
    if was.part in ("done", "left"):
        return ["reopened"]
    if "unmapped" in (was.part, visit.part):
        return ["not mapped"]
    return ["moved back" if visit.stage_no < was.stage_no else "moved on"]


def _flagged(item: str, mine: list, flags: list[dict], as_of: datetime) -> list[tuple]:
    """Of a mark that lasts: its coming and its going, each if the item was then in a stage."""
    found, span = [], []
    for flag in [*flags, None]:
        if flag and flag["value"]:
            span.append(flag)
            continue
        if span and not (flag and flag["since"] == span[0]["since"]):
            since, reason = span[0]["since"], _reason(span, flag, as_of)
            held = [v for v in mine if v.entered <= since and (v.left is None or since < v.left)]
            if held and held[0].part in OPEN and not span[0]["opening"]:
                low = _low(flags, since, True)
                found.append((item, "blocked", held[0].stage, "", since, low, False, reason))
            until = flag and flag["since"]
            held = until and [
                v for v in mine if v.entered < until and (v.left is None or until <= v.left)
            ]
            if held and held[0].part in OPEN:
                low = _low(flags, until, False)
                found.append((item, "unblocked", held[0].stage, "", until, low, False, reason))
        span = []
    return found


def _reason(span: list[dict], end: dict | None, as_of: datetime) -> str:
    """The last wording by then; of one that is still to come it does not matter which."""
    told = [f for f in span if end is None or f["since"] < end["since"]]
    return ([f["value"] for f in told if f["since"] <= as_of] or [""])[-1]


def _low(flags: list[dict], instant: datetime, blocked: bool) -> datetime:
    same = [f for f in flags if f["since"] == instant and bool(f["value"]) is blocked]
    return min(f["not_before"] or f["since"] for f in same)


def measures(visits, as_of: datetime, stages) -> dict[tuple, tuple]:
    """(stage or "", measure) -> (value or None, items or None, why there is no value)."""
    known, now = at(visits, as_of), visits.line.now(as_of)
    if not known:
        return {}
    each, told = stays(visits, as_of), {}
    began = min(mine[0].entered for mine in known.values())
    for stage in stages:
        mine = [s for s in each if s.place == stage]
        here = [s.lead for s in mine if s.left is None]
        told[stage, "wip"] = (len(here), len(here), "")
        told[stage, "queue"] = (_waiting(known, stage), len(here), "")
        told[stage, "oldest"] = (max(here, default=0), len(here), "")
        left = [s.left for s in mine if s.exit in ("on", "back") and not s.bulk]
        idle = (now - max([*left, _held_since(mine)])) // MICRO if here else 0
        told[stage, "idle"] = (idle, len(here), "")
        spells = [spell(s.lead, s.exit, s.known_age, s.at_least) for s in mine]
        told[stage, "typical"] = _typical(spells)
    spells = [one for one, _ in stream_spells(visits, as_of).values()]
    told["", "typical"] = _typical(spells)
    wip = sum(told[stage, "wip"][0] for stage in stages)
    told["", "wip"] = (wip, wip, "")
    for measure, count in _quarter(known, now).items():
        short = now - QUARTER < began - MICRO
        told["", measure] = (None if short else count, count, "too short" if short else "")
    if as_of - now > timedelta(days=30):
        return dict.fromkeys(told, (None, None, "stale"))
    return told


def _held_since(stays: list) -> datetime:
    """Since when a stage that holds any now has held some without a gap."""
    since = datetime.max.replace(tzinfo=UTC)
    for stay in sorted(stays, key=lambda s: s.left or since, reverse=True):
        if stay.left is None or stay.left >= since:
            since = min(since, stay.entered)
    return since


def _waiting(known, stage: str) -> int:
    now = [mine[-1] for mine in known.values() if mine[-1].stage == stage]
    return sum(
        v.part in ("queue", "paused") and not any(end is None for _, end in v.blocked) for v in now
    )


def _typical(spells: list) -> tuple:
    placed = sum(s.placed for s in spells)
    if placed < 5:
        return None, placed, "too few"
    value = moved_on_by_half(spells)
    return value, placed, "not reached" if value is None else ""


def _quarter(known, now: datetime) -> dict[str, int]:
    came = [mine[0] for mine in known.values()]
    done = []
    for mine in known.values():
        first_in_place = len(mine) - 1
        while first_in_place and _place(mine[first_in_place - 1]) == _place(mine[-1]):
            first_in_place -= 1
        if mine[-1].part == "done":
            done.append(mine[first_in_place])
    return {
        measure: sum(now - QUARTER < v.entered <= now and not v.bulk and not v.at_least for v in of)
        for measure, of in (("arrivals", came), ("delivered", done))
    }


def colours(visits, as_of: datetime, stages) -> dict[str, str]:
    """stage -> its colour by the target of line.py: A holds at most two waiting, one to be green."""
    known, now = at(visits, as_of), visits.line.now(as_of)
    if not known:
        return {}
    told = dict.fromkeys(stages, "grey")  # no other stage has a target
    if as_of - now <= timedelta(days=30):
        told["a"] = held(_waiting(known, "a"), 1, 2)
        stray = any(mine[-1].part == "unmapped" for mine in known.values())
        told["a"] = "grey" if stray and told["a"] == "green" else told["a"]
    return told


def turned(was: dict[str, str], now: dict[str, str]) -> list[tuple]:
    """(kind, stage, colour before or "", colour now) of each stage of another colour."""
    return [
        (f"newly {colour}" if known and colour in ("red", "green") else "changed colour",
         stage, was.get(stage, ""), colour)
        for stage, colour in now.items()
        for known in [was.get(stage, "grey") != "grey"]
        if was.get(stage) != colour
    ]  # fmt: skip


def late(early: list[tuple], now: list[tuple], since: datetime) -> list[tuple]:
    """(kind, item, what, from stage, to stage, told before, told now) of each thing that was told
    otherwise than it is; both lists are of `happened`."""
    keys = [Counter(one[:5] for one in told) for told in (early, now)]
    groups: dict[tuple, list] = {}
    for n, only in enumerate((keys[0] - keys[1], keys[1] - keys[0])):
        for *what, instant in only.elements():
            groups.setdefault(tuple(what), [[], []])[n].append(instant)
    found = []
    for what, (gone, added) in groups.items():
        for one, two in zip_longest(sorted(gone), sorted(added)):
            if one and two:
                found.append(("corrected", *what, one, two))
            elif one:
                found.append(("taken back", *what, one, None))
            elif two <= since:
                found.append(("known late", *what, None, two))
    return found


def stuck(visits, as_of: datetime) -> dict[str, str]:
    """stage -> the item that has been in it longest, of those where it can be judged."""
    if as_of - visits.line.now(as_of) > timedelta(days=30):
        return {}
    here = sorted((-s.lead, s.item, s.place) for s in stays(visits, as_of) if s.left is None)
    return {place: item for _, item, place in reversed(here)}
