"""The statuses that a source was heard to tell: how many items, in which order they pass through
them, and which mean waiting, working, finished or abandoned."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from settings import database

Part = Literal["queue", "paused", "work", "done", "left"]
PARTS: tuple[Part, ...] = ("queue", "paused", "work", "done", "left")
HERE = Path(__file__).parent
ENDS = 5  # items that came and of which none went on: then a status that no word tells of is an end
# Words by which a status is known, the first that match; whole words, in any case.
_WORDS: list[tuple[Part, str]] = [
    ("left", r"abandon(ed)?|archived?|cancell?ed|rejected|withdrawn|declined|wont( do| fix)?|wontfix|"
             r"not planned|duplicate|refused|dropped|deleted|invalid|discarded|void(ed)?|lapsed"),
    ("paused", r"on hold|hold|paused|parked|blocked|suspended|deferred|stalled|snoozed"),
    ("queue", r"backlog|to ?do|to be|ready|new|open|opened|(a?waiting|waits)|queued?|pending|triage|"
              r"inbox|selected|next|ideas?|icebox|requested|received|submitted|planned|proposed|"
              r"upcoming|not started|unstarted|no status|expected|registered|reopened|someday|later"),
    ("done", r"done|closed|completed?|finished|live|delivered|released?|resolved|shipped|deployed|"
             r"published|merged|accepted|fixed|on the platform|healthy|issued|paid"),
]  # fmt: skip
_KNOWN = [(part, re.compile(rf"\b({words})\b", re.IGNORECASE)) for part, words in _WORDS]
# In this order, where no item tells another one.
_USUAL: list[Part] = ["queue", "paused", "work", "done", "left"]


class Status(NamedTuple):
    """A status as it was told: how many items are in it now, ever were, and went on from it; what it
    is taken for, and why."""

    word: str
    now: int
    ever: int
    went_on: int
    part: Part
    why: str


class Stage(NamedTuple):
    """A proposed stage: its name, and its statuses by what they mean."""

    name: str
    statuses: dict[Part, list[Status]]


class Stays(NamedTuple):
    """The stays in a stage that are over: how many, and the days in which 19 of 20 of them were."""

    over: int
    days: float


def heard(landing: Path, source: str) -> list[Status]:
    """The statuses of a source's events in a landing database: those of waiting and work in the order
    that goes against the fewest items, then the finished, then the abandoned. Raises duckdb.Error."""
    rows, pairs = (_asked(landing, name, source=source) for name in ("statuses", "pairs"))
    moves: Counter[tuple[str, str]] = Counter()
    for earlier, later, items in pairs:
        moves[alike(earlier), alike(later)] += items
    same: dict[str, list[tuple]] = {}
    for row in rows:
        same.setdefault(alike(row[0]), []).append(row)
    judged = {
        key: _judged(key, *map(sum, list(zip(*some, strict=True))[1:]))
        for key, some in same.items()
    }
    told = sorted(judged.values(), key=lambda status: _USUAL.index(status.part))
    through = [status for status in told if status.part not in ("done", "left")]
    order = _in_order(through, moves) + [status for status in told if status not in through]
    return [
        Status(word, now, ever, went_on, status.part, status.why)
        for status in order for word, now, ever, _, went_on in same[status.word]
    ]  # fmt: skip


def without(landing: Path, source: str) -> int:
    """How many items of a source are there without a status. Raises duckdb.Error."""
    [(items,)] = _asked(landing, "without", source=source)
    return items


def refused(landing: Path, source: str) -> str:
    """How many rows of the newest answer could not be used, and why the first; "" where all could."""
    [(rows, field, value, reason)] = _asked(landing, "refused", source=source)
    return f"{rows:,} refused, the first for {field} {value!r}: {reason}" if rows else ""


def _asked(landing: Path, name: str, **asked: object) -> list[tuple]:
    """What a file of SQL beside this one gives of a landing database. Raises duckdb.Error."""
    with database.connect(landing, read_only=True) as con:
        return con.execute((HERE / f"{name}.sql").read_text(), asked).fetchall()


def alike(word: str) -> str:
    """A status in small letters, with one space where there are several: who types it now so and now so
    means the same."""
    return " ".join(word.split()).casefold()


def _in_order(told: list[Status], moves: Mapping[tuple[str, str], int]) -> list[Status]:
    """The order of the statuses that the fewest pairs of an item's first visits contradict: each is put
    where it is best among the others, until nothing gets better."""
    order = list(told)
    for _ in told:  # it settles much sooner
        before = list(order)
        for status in told:
            order.remove(status)
            order.insert(_best(status.word, order, moves), status)
        if order == before:
            break
    return order


def _best(word: str, others: list[Status], moves: Mapping[tuple[str, str], int]) -> int:
    """The place at which a status is contradicted least: the last where several are."""
    against = sum(moves.get((other.word, word), 0) for other in others)  # at the very beginning
    least, place = against, 0
    for no, other in enumerate(others, 1):
        against += moves.get((word, other.word), 0) - moves.get((other.word, word), 0)
        if against < least or (against == least and not moves.get((word, other.word))):
            least, place = against, no
    return place


def _judged(word: str, now: int, ever: int, came: int, went_on: int) -> Status:
    part, why = part_of(word), "by its word"
    if part == "work":
        why = "no word of it tells otherwise"
        if came >= ENDS and not went_on:
            part, why = "done", f"all {came:,} that were seen to come to it stayed"
    elif part == "done" and ever >= ENDS and went_on > ever / 2:
        part, why = "work", f"{went_on:,} of the {ever:,} that came to it went on"
    return Status(word, now, ever, went_on, part, why)


def part_of(word: str) -> Part:
    """What a status means by its words alone: work, where none of them tells otherwise."""
    plain = re.sub(r"[\W_]+", " ", re.sub("['’]", "", word))
    return next((part for part, known in _KNOWN if known.search(plain)), "work")


def stages(told: list[Status]) -> list[Stage]:
    """The stages: each status of work is one, however it is typed, with the waiting before it as its
    queue; what is put aside belongs to the stage before, and what is finished to the last."""
    made: list[Stage] = []
    waiting: list[Status] = []
    for status in told:
        if status.part == "work" and _is_of(status.word, made):
            made[-1].statuses["work"].append(status)
        elif status.part == "work":
            queue: dict[Part, list[Status]] = {"queue": waiting} if waiting else {}
            made.append(Stage(status.word, queue | {"work": [status]}))
            waiting = []
        elif status.part == "paused" and made:
            made[-1].statuses.setdefault("paused", []).append(status)
        elif status.part in ("queue", "paused"):
            waiting.append(status)
    if waiting:
        made.append(Stage(waiting[0].word, {"queue": waiting}))
    if made and (done := [status for status in told if status.part == "done"]):
        made[-1].statuses["done"] = done
    return made


def _is_of(word: str, made: list[Stage]) -> bool:
    """Whether the last stage is the one of this work."""
    return bool(made) and "work" in made[-1].statuses and alike(made[-1].name) == alike(word)


def stays(landing: Path, source: str, made: list[Stage]) -> dict[int, Stays]:
    """How long stays in the stages took that are over, by the stage's place among them, from 0.
    Raises duckdb.Error."""
    words = {
        status.word: no
        for no, stage in enumerate(made, 1)
        for part, told in stage.statuses.items() if part != "done"
        for status in told
    }  # fmt: skip
    asked = {"statuses": list(words), "stages": list(words.values())}
    rows = _asked(landing, "limits", source=source, **asked)
    return {no - 1: Stays(over, days) for no, over, days in rows}
