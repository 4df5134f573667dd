"""A note or a promise as it stands at one revision, and what may be written."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from typing import Any

KINDS = ("note", "promise")
STATES = ("open", "kept", "broken", "withdrawn")
# What it is of: said once, and never changed.
SUBJECT = ("stream", "stage", "process_group", "process", "item")
MOST = {"text": 5_000, "action": 5_000, "who": 200, "by": 200}  # letters
_CALLED = {
    "text": "What you think", "action": "What is done", "who": "Who does it", "by": "Your name",
    "due": "By when", "measure": "The figure it should move",
}  # fmt: skip


# What a database, a browser or UTF-8 would not give back as it was: all else is kept as it is written.
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class Wrong(ValueError):
    """What was to be written can't be: one sentence for whoever wrote it."""


@dataclass(frozen=True)
class Note:
    """What somebody wrote of a line, a stage, a process or an item, as it stood at one revision.

    `at`, `by`: of this revision, UTC; `day`: the day it tells of, on which a chart marks it.
    `value_then`: the measure on that day, None where it was not known.
    """

    text: str = ""
    stream: str = ""
    stage: str = ""
    process_group: str = ""
    process: str = ""
    item: str = ""
    kind: str = "note"
    measure: str = ""
    value_then: float | None = None
    action: str = ""
    who: str = ""
    due: date | None = None
    state: str = "open"
    day: date | None = None
    note: str = ""
    revision: int = 0
    at: datetime | None = None
    by: str = ""

    @property
    def about(self) -> tuple[str, ...]:
        """What it is of: stream, stage, group of processes, process, item; "" for what it is not of."""
        return tuple(getattr(self, name) for name in SUBJECT)


COLUMNS = tuple(field.name for field in fields(Note))


def checked(note: Note) -> Note:
    """The same as it is written: without what surrounds a text. Raises Wrong."""
    told: dict[str, Any] = {}
    for name in COLUMNS:
        if isinstance(value := getattr(note, name), str):
            told[name] = _text(name, value)
    note = replace(note, **told)
    if note.kind not in KINDS or note.state not in STATES:
        raise Wrong(f"A {note.kind!r} that is {note.state!r} is unknown: {_known()}.")
    signed(note.by)
    if not any(note.about):
        raise Wrong("Say what it is of: a line, a stage, a process or an item.")
    if note.value_then is not None and not math.isfinite(note.value_then):
        note = replace(note, value_then=None)
    return _note(note) if note.kind == "note" else _promise(note)


def signed(by: str) -> str:
    """A name or a role as it is kept. Raises Wrong where there is none."""
    if not (by := _text("by", by)):
        raise Wrong("Say who you are: a name or a role.")
    return by


def _note(note: Note) -> Note:
    if not note.text:
        raise Wrong("A note needs words: write what you think.")
    if note.state not in ("open", "withdrawn"):
        raise Wrong(f"A note is neither kept nor broken: it can't be {note.state}.")
    return note


def _promise(note: Note) -> Note:
    for name, cure in {
        "action": "write what is done",
        "who": "say who does it (a role is enough)",
        "due": "say by when",
    }.items():
        if not getattr(note, name):
            raise Wrong(f"A promise needs more: {cure}.")
    return note


def _text(name: str, value: str) -> str:
    """A text as it is kept: its lines end as lines do here, and nothing surrounds it."""
    value = value.replace("\r\n", "\n").strip()
    called, most = _CALLED.get(name, name), MOST.get(name, 1_000)
    if hidden := _HIDDEN.search(value):
        shown = hidden[0].encode("unicode_escape").decode()
        raise Wrong(f"{called} holds {shown}, which is no letter: write it without.")
    if len(value) > most:
        raise Wrong(f"{called} has {len(value):,} letters; at most {most:,} fit.")
    return value


def _known() -> str:
    return f"write one of {', '.join(KINDS)}, and one of {', '.join(STATES)}"


def instant(at: datetime) -> str:
    """An instant as it is kept: in UTC, of one width. Raises ValueError without a zone."""
    if at.tzinfo is None:
        raise ValueError("at needs a time zone, for example datetime.now(UTC).")
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
