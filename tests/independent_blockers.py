"""What blocks the items of a line, worked out again item by item from the rules in words.

Shares no code and no SQL with metrics/. Durations are microseconds.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from independent import OPEN, _changes

ONLY_FLAGGED = {"", "true", "yes", "y", "x", "1", "blocked", "blocker", "flag", "flagged", "impediment"}  # fmt: skip


def names(wording: str, own: dict[str, list[str]]) -> tuple[str, str]:
    """(which rule, what it names): the team's own words first, then the link, then the words."""
    for name, told in own.items():
        if any(
            f" {' '.join(_tokens(word))} " in f" {' '.join(_tokens(wording))} " for word in told
        ):
            return "own", name
    same = _same(wording)
    if same in ONLY_FLAGGED:
        return "none", ""
    found = re.search(r"https?://[^\s<>()\[\]\"]+", wording, re.IGNORECASE)
    if found:
        scheme, _, rest = found[0].split("#")[0].rstrip("/.,;:!?'").partition("//")
        host = re.match(r"[^/?]*", rest)[0]
        return "link", f"{scheme.lower()}//{host.lower()}{rest[len(host) :]}"
    return "words", same


def _tokens(text: str) -> list[str]:
    plain = unicodedata.normalize("NFC", text).lower()
    return "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in plain).split()


def _same(text: str) -> str:
    """Its words, without case, more than one space, and punctuation at its ends."""
    told = " ".join(unicodedata.normalize("NFC", text).lower().split())
    while told and (told[0] == " " or unicodedata.category(told[0])[0] == "P"):
        told = told[1:]
    while told and (told[-1] == " " or unicodedata.category(told[-1])[0] == "P"):
        told = told[:-1]
    return told


class Bit(NamedTuple):
    """A stretch in which an item stood in one stage, marked with one wording; open: no end known."""

    item: str
    run: int
    wording: str
    group: tuple[str, str]
    stage: str
    since: datetime
    until: datetime | None
    at_least: bool


def bits(visits, events: list[dict], as_of: datetime, own: dict) -> list[Bit]:
    """All of them that had begun by then: later ends are not known yet."""
    found = []
    for item, mine in visits.items():
        flags, run, before = _standing(_changes(events, item, "blocked")), 0, None
        for since, until, wording, there in flags:
            group = names(wording, own) if wording else None
            run += group != before
            first, before = group != before, group
            found += _in_stages(item, run, wording, group, mine, since, until, there and first)
    cut = [bit._replace(until=None if bit.until and bit.until > as_of else bit.until)
           for bit in found if bit.since <= as_of]  # fmt: skip
    return cut


def _standing(flags: list[dict]) -> list[tuple]:
    """(from, until, wording, there before) of each flag that stood for any time at all."""
    ends = [f["since"] for f in flags[1:]] + [None] * bool(flags)
    told = [(f["since"], end, f["value"], f["opening"]) for f, end in zip(flags, ends, strict=True)]
    return [one for one in told if one[0] != one[1]]


def _in_stages(item, run, wording, group, mine, since, until, there) -> list[Bit]:
    found: list[Bit] = []
    for visit in mine if group else ():
        start, ends = max(since, visit.entered), [t for t in (until, visit.left) if t]
        end = min(ends) if ends else None
        if visit.part in OPEN and visit.left != visit.entered and (end is None or start < end):
            there_still = there and not found
            found.append(Bit(item, run, wording, group, visit.stage, start, end, there_still))
    return found


def blockers(visits, events: list[dict], as_of: datetime, own: dict) -> dict[tuple, tuple]:
    """(stage or "", rule, what it names) -> all that the figure says of it, item by item."""
    known, line, told = bits(visits, events, as_of, own), visits.line, {}
    now = line.now(as_of)
    past = now - timedelta(weeks=13)
    stale = as_of - now > timedelta(days=30)
    held = Counter(place for mine in visits.values() for place in _stands(mine, as_of))
    called = {group: _wordings([b for b in known if b.group == group]) for group in {b.group for b in known}}  # fmt: skip
    for stage in ("", *{bit.stage for bit in known}):
        for group, wordings in called.items():
            mine = [b for b in known if b.group == group and stage in ("", b.stage)]
            if mine:
                told[stage, *group] = _row(mine, line, now, past, stale, held[stage], wordings)
    return told


def _stands(mine: list, as_of: datetime) -> list[str]:
    last = [v for v in mine if v.entered <= as_of][-1:]
    return ["", last[0].stage] if last and last[0].part in OPEN else []


def _wordings(mine: list[Bit]) -> list[str]:
    """The commonest first; of as many the one that came first. One that goes on is one."""
    times, first = Counter(), {}
    for _, same in groupby(mine, lambda b: (b.item, b.run, b.wording)):
        bit = next(same)
        times[bit.wording] += 1
        first[bit.wording] = min(first.get(bit.wording, bit.since), bit.since)
    return sorted(times, key=lambda w: (-times[w], first[w], w))


def _row(mine, line, now, past, stale, held, wordings) -> tuple:
    spans = {}
    for bit in mine:
        spans.setdefault((bit.item, bit.run), []).append(bit)
    lost = {key: sum(_spent(line, b, now, None) for b in span) for key, span in spans.items()}
    items_now = len({b.item for b in mine if b.until is None})
    longest = min(lost, key=lambda key: (-lost[key], int(key[0].removeprefix("item-"))))
    return (
        None if stale else items_now, held, sum(_spent(line, b, now, past) for b in mine),
        len({(b.item, b.run) for b in mine if b.at_least and b.since >= past}),
        sum(lost.values()), len({b.item for b in mine}), len(spans),
        sum(any(b.at_least for b in span) for span in spans.values()), lost[longest], wordings,
    )  # fmt: skip


def _spent(line, bit: Bit, now: datetime, past: datetime | None) -> int:
    start = max(bit.since, past) if past else bit.since
    end = min(bit.until or now, now)
    return line.spent(start, end) if start < end else 0
