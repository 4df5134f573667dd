"""Which column of a list tells what: by what it is called, and by what is in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from settings.sources import Events
from sources import StopSource
from sources.reading.times import time_of

MOST_STATUSES = 40  # different words: a column with more is none of statuses
ENOUGH = 0.9  # the share of a column's cells that have to look like what it is taken for
# What a column is called, in small letters and without signs, for each word of a list.
CALLED: dict[str, tuple[str, ...]] = {
    "item": (
        "item", "item id", "issue key", "issue id", "card id", "case id", "work item id", "ticket id",
        "ticket number", "application number", "reference", "ref", "slug", "case concept name", "key",
        "id", "number", "ticket", "card", "issue", "case", "application",
    ),
    "status": (
        "status", "to status", "new status", "to", "state", "to state", "stage", "to stage", "step",
        "phase", "column", "list", "list name", "activity", "concept name", "progress",
    ),
    "since": (
        "since", "changed at", "changed on", "changed", "date of change", "status changed", "moved at",
        "moved on", "moved", "entered", "timestamp", "datetime", "when", "time", "date",
        "event date", "status date", "time timestamp", "updated", "updated at", "last updated", "start", "created",
        "created at",
    ),
    "from": ("from", "from status", "old status", "previous status", "from stage", "from state"),
    "blocked": ("blocked", "blocked by", "blocker", "blockers", "impediment", "flagged", "blocked reason"),
    "name": ("name", "title", "summary", "subject", "item name", "card name", "description"),
    "link": ("link", "url", "web address", "short url", "href", "address"),
}  # fmt: skip
# A date that is called so is that of a change; another one may be of anything.
OF_A_CHANGE = ("since", "changed at", "changed on", "changed", "date of change", "status changed",
               "moved at", "moved on", "moved", "entered", "status date")  # fmt: skip
_OTHER = {";": "semicolons", "\t": "tabs", "|": "lines"}
_SIGNS = re.compile(r"[\W_]+")
_SLASHES = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.]\d{4}\b")
_LISTED = Events(url="https://example.org/list.csv", time_zone="UTC")


class Choice(NamedTuple):
    """A column that is taken for something: for what, why, and a cell of it."""

    word: str
    column: str
    why: str
    cell: str


class Proposal(NamedTuple):
    """Which column is what; whether each row is a change (else each is an item as it is now)."""

    choices: list[Choice]
    changes: bool
    why: str
    missing: list[str]

    @property
    def columns(self) -> dict[str, str]:
        """The columns by the words of a list."""
        return {choice.word: choice.column for choice in self.choices}


@dataclass(frozen=True)
class Sample:
    """The header of a list, and some of its rows."""

    header: list[str]
    rows: list[list[str]]

    def cells(self, column: str) -> list[str]:
        """What is in a column, but for what is empty."""
        at = self.header.index(column)
        return [row[at].strip() for row in self.rows if at < len(row) and row[at].strip()]

    @cached_property
    def dates(self) -> Dates:
        """How its dates with slashes or dots are written: a 13 is no month."""
        firsts, seconds = set(), set()
        for column in self.header:
            cells = self.cells(column)
            found = [told for cell in cells if (told := _SLASHES.match(cell))]
            if found and len(found) >= ENOUGH * len(cells):
                firsts |= {int(told[1]) for told in found}
                seconds |= {int(told[2]) for told in found}
        if not firsts:
            return Dates("", True)
        if max(seconds) > 12 >= max(firsts):
            return Dates("month first", True)
        return Dates("day first", max(firsts) > 12)


class Dates(NamedTuple):
    """Which comes first in dates with slashes or dots, "" where there are none; whether they show it."""

    order: Literal["", "day first", "month first"]
    shown: bool


def proposed(sample: Sample, told: dict[str, str]) -> Proposal:
    """What each column is taken for; `told` is what somebody said already (word: column, "" where
    none tells it). Raises StopSource for a column that is not there, and where there is only one."""
    if len(sample.header) == 1:
        sign = next((name for mark, name in _OTHER.items() if mark in sample.header[0]), "")
        cure = f"it looks separated by {sign}: save it with commas" if sign else "two are the least"
        raise StopSource(f"It has one column, {sample.header[0]!r}; {cure}.")
    for column in filter(None, told.values()):
        if column not in sample.header:
            there = ", ".join(map(repr, sample.header))
            raise StopSource(f"There is no column {column!r}: there are {there}.")
    choices = [
        Choice(word, column, "you said so", _first(sample, column))
        for word, column in told.items() if column
    ]  # fmt: skip
    for word in CALLED:
        taken = {choice.column for choice in choices}
        if word not in told and (found := _found(sample, word, taken)):
            choices.append(found)
    columns = {choice.word: choice.column for choice in choices}
    changes, why = _changes(sample, columns, told)
    missing = [word for word in ("item", "status") if word not in columns]
    if "since" not in told and not missing and (undated := _undated(sample, columns)):
        missing, why = ["since"], undated
    if not changes:
        choices = [choice for choice in choices if choice.word not in ("since", "from")]
    order = list(CALLED)
    choices.sort(key=lambda choice: order.index(choice.word))
    return Proposal(choices, changes, why, missing)


def _found(sample: Sample, word: str, taken: set[str]) -> Choice | None:
    """The first column that is called so and can be it; else the first that looks like it."""
    free = [column for column in sample.header if column and column not in taken]
    named = {plain(column): column for column in reversed(free)}
    fits = [
        named[name] for name in CALLED[word] if name in named and _fits(sample, word, named[name])
    ]
    if word == "item":
        # Of a list of changes each row may have a number of its own: the item is what comes again.
        fits = [column for column in fits if _comes_again(sample, column)] or fits
    if fits:
        return Choice(word, fits[0], "by its name", _first(sample, fits[0]))
    for column in free:
        if word in _LOOKS and _LOOKS[word](sample, column):
            return Choice(word, column, "by what is in it", _first(sample, column))
    return None


def plain(name: str) -> str:
    """A column's name in small letters, with one space in place of signs."""
    return _SIGNS.sub(" ", name).strip().lower()


def _first(sample: Sample, column: str) -> str:
    return next(iter(sample.cells(column)), "")


def _share(cells: Sequence[str], looks: Callable[[str], object]) -> float:
    return sum(bool(looks(cell)) for cell in cells) / len(cells)


def _times(sample: Sample, column: str) -> bool:
    cells, how = sample.cells(column), _LISTED.model_copy(update={"dates": sample.dates.order})
    return bool(cells) and _share(cells, lambda cell: not time_of(cell, how)[0]) >= ENOUGH


def _links(sample: Sample, column: str) -> bool:
    cells = sample.cells(column)
    return bool(cells) and _share(cells, re.compile("https?://").match) >= ENOUGH


def _keys(sample: Sample, column: str) -> bool:
    """A key is in nearly every row, and there are many."""
    cells = sample.cells(column)
    return len(cells) >= ENOUGH * len(sample.rows) and not _times(sample, column)


def _comes_again(sample: Sample, column: str) -> bool:
    cells = sample.cells(column)
    return len(set(cells)) < len(cells)


def _statuses(sample: Sample, column: str) -> bool:
    """A few words that come again and again, and no dates, numbers or addresses."""
    cells = sample.cells(column)
    few = 1 <= len(set(cells)) <= MOST_STATUSES
    return few and not _times(sample, column) and not _links(sample, column)


def _repeats(sample: Sample, column: str) -> bool:
    cells = sample.cells(column)
    words = sum(not cell.replace(".", "").isdigit() for cell in set(cells))
    again = len(cells) >= 2 * len(set(cells)) and len(cells) >= ENOUGH * len(sample.rows)
    return again and words >= 2 and _statuses(sample, column)


def _distinct(sample: Sample, column: str) -> bool:
    """Each row another, or nearly: what tells rows apart where no column is called a key."""
    cells = sample.cells(column)
    return _keys(sample, column) and len(set(cells)) > ENOUGH * len(sample.rows)


_FITS: dict[str, Callable[[Sample, str], bool]] = {
    "item": _keys, "status": _statuses, "since": _times, "from": _statuses, "link": _links,
}  # fmt: skip
_LOOKS: dict[str, Callable[[Sample, str], bool]] = {
    "item": _distinct, "status": _repeats, "since": _times, "link": _links,
}  # fmt: skip


def _fits(sample: Sample, word: str, column: str) -> bool:
    return word not in _FITS or _FITS[word](sample, column)


def _undated(sample: Sample, columns: dict[str, str]) -> str:
    """Why a list can be neither of changes nor of items as they are now, if it can't: its items come
    again and again, and nothing tells since when. Taken for the latter all but the first row of each
    item would be lost."""
    item = columns["item"]
    cells = sample.cells(item)
    if "since" in columns or len(set(cells)) >= ENOUGH * len(cells):
        return ""
    often, count = Counter(cells).most_common(1)[0]
    why = f"items come more than once ({item} {often!r} {count:,} times), but no column tells since when"
    named = {plain(column): column for column in reversed(sample.header)}
    for column in (named[name] for name in CALLED["since"] if name in named):
        if column not in columns.values() and (wrong := _no_time(sample, column)):
            return f"{why}: {wrong}"
    return why


def _no_time(sample: Sample, column: str) -> str:
    """The first cell of a column that is no time, and why; "" where each is one."""
    how = _LISTED.model_copy(update={"dates": sample.dates.order})
    told = ((cell, time_of(cell, how)[0]) for cell in sample.cells(column))
    return next((f"in {column!r} is {cell!r}, {wrong}" for cell, wrong in told if wrong), "")


def _changes(sample: Sample, columns: dict[str, str], told: dict) -> tuple[bool, str]:
    """Whether each row is a change, and why that is thought."""
    if "since" not in columns:
        return False, "no column tells since when, so each row is an item as it is now"
    if told.get("since"):
        return True, f"you said that {columns['since']!r} tells since when"
    if "item" in columns:
        if _comes_again(sample, columns["item"]):
            return True, "items come more than once, so each row is a change"
    if plain(columns["since"]) in OF_A_CHANGE:
        return True, f"{columns['since']!r} tells since when an item is where it is"
    return False, (
        f"each item is there once, and {columns['since']!r} may be the day of something else: if it is "
        "since when an item is where it is, say so with --column since=…"
    )
