"""A stages.yaml as it is written at first: each choice with its reason beside it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import NamedTuple

from proposing.statuses import Stage, Status, Stays

ENOUGH = 20  # stays that are over, of which 19 is a share that can be told
MONTH = 30  # days, where there are too few
MEANS = {
    "queue": "waiting", "paused": "put aside", "work": "being worked on", "done": "finished",
    "left": "abandoned",
}  # fmt: skip
# Letters that no YAML may hold as they are.
_NEVER = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_NAME = re.compile(r"[^a-z0-9]+")


class Draft(NamedTuple):
    """What is written: the title, one item's and several items' name, the source and its settings
    (key: value) with a comment on them, the stages, the statuses that mean abandoned, how long stays
    took, the day, whose days count, and whether the source says nothing of the days after it."""

    title: str
    item: str
    items: str
    source: str
    settings: dict[str, object]
    comment: str
    stages: list[Stage]
    left: list[Status]
    stays: dict[int, Stays]
    today: date
    time_zone: str
    recorded: bool = False

    @property
    def stream(self) -> str:
        """The stream's own name in the file."""
        return slug(self.title, "line")


def slug(text: str, otherwise: str) -> str:
    """A name in small letters and dashes, of a text: one that YAML reads as a text."""
    name = _NAME.sub("-", text.lower()).strip("-")[:40].strip("-")
    if not name or name[0].isdigit() or name in ("null", "true", "false"):
        return f"{otherwise}-{name}".strip("-")
    return name


def quoted(value: object) -> str:
    """A value as YAML, on one line, letter for letter."""
    told = json.dumps(value, ensure_ascii=False)
    return _NEVER.sub(lambda found: f"\\u{ord(found[0]):04x}", told)


def text(draft: Draft) -> str:
    """The whole file."""
    return "\n".join([*_head(draft), *_stages(draft), *_end(draft)]) + "\n"


def _head(draft: Draft) -> Iterator[str]:
    yield "# Written by valuestream init: proposals, each with its reason. Change what is not so, then run"
    yield "# valuestream publish. All keys: docs/settings.md."
    yield f"title: {quoted(draft.title)}"
    if draft.recorded:
        yield "opens_at: data   # nothing is known of the days after it; leave this out to open now"
    yield "streams:"
    yield f"  {draft.stream}:"
    yield f"    name: {quoted(draft.title)}"
    yield f"    item: {quoted(draft.item)}"
    yield f"    items: {quoted(draft.items)}"
    yield "    # link: https://example.org/items/{item}   # where an item is to be seen by its key"
    yield f"    time_zone: {quoted(draft.time_zone)}   # whose days and weeks count"
    yield f"    sources: [{draft.source}]"
    yield f"    counted_by: {draft.source}"
    yield "    # In the order in which most items come to them."
    yield "    stages:"


def _stages(draft: Draft) -> Iterator[str]:
    taken: list[str] = []
    for no, stage in enumerate(draft.stages):
        name = slug(stage.name, "stage")
        first = name
        for n in count(2):
            if name not in taken:
                break
            name = f"{first}-{n}"
        taken.append(name)
        yield f"      {name}:"
        yield f"        name: {quoted(stage.name)}"
        for part in ("queue", "paused", "work", "done"):
            if part in stage.statuses:
                yield f"        {part}:   # {MEANS[part]}"
                yield from _statuses(stage.statuses[part], "          ")
        yield "        targets:   # to be set: what a box is red by. Others: queue, wip, typical, idle"
        yield f"          oldest: {_target(draft.stays.get(no), draft.today)}"


def _statuses(told: list[Status], indent: str) -> Iterator[str]:
    for status in told:
        count = f"{status.now:,} now, {status.ever:,} in all"
        yield f"{indent}- {quoted(status.word)}   # {count}; {status.why}"


def _target(stays: Stays | None, today: date) -> str:
    limit, reason = MONTH, "a month, for too few have left this stage to tell"
    if stays and stays.over >= ENOUGH:
        limit = max(1, math.ceil(stays.days))
        reason = f"19 in 20 of the {stays.over:,} stays that are over took no longer"
    reason = f"{reason}; a proposal, to be set"
    return f"{{limit: {limit}, reason: {quoted(reason)}, owner: to be set, date: {today}}}"


def _end(draft: Draft) -> Iterator[str]:
    if draft.left:
        yield "    left:   # abandoned, from whichever stage"
        yield from _statuses(draft.left, "      ")
    yield "sources:"
    if draft.comment:
        yield f"  # {draft.comment[:1].upper()}{draft.comment[1:]}."
    settings = ", ".join(f"{key}: {quoted(value)}" for key, value in draft.settings.items())
    yield f"  {draft.source}: {{{settings}}}"
