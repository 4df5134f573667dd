"""Rows of changes, whatever told them: an item, a status and a time, each row judged alike."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import NamedTuple, Protocol

import pyarrow

from settings.limits import Limits
from sources import Reject
from sources.reading.bounds import within
from sources.reading.kept import Kept, Rows
from sources.reading.tables import BATCH, require
from sources.reading.times import STILL_TO_COME, Zoned, iso, time_of, to_come

_GAP = re.compile(r"\s(?=(Z|[+-]\d{2}:?\d{2})$)")


class Listed(Zoned, Protocol):
    """Settings of a list of changes."""

    @property
    def names(self) -> dict[str, str]:
        """What its columns are called."""

    @property
    def limits(self) -> Limits:
        """How much it may bring."""

    @property
    def precision(self) -> str:
        """`between` where it is a list of pictures."""


class Judged(NamedTuple):
    """Rows that can be used, as landing takes them, the others with their reason, the newest time."""

    rows: pyarrow.Table | Rows
    rejects: list[Reject]
    newest: datetime | None


class Judge:
    """Takes the rows of a list and keeps each, or its reason why not. Raises Unreadable when the
    header lacks a column that is needed."""

    def __init__(
        self,
        settings: Listed,
        header: list[str],
        now: datetime,
        rejects: list[Reject] | None = None,
    ):
        self.settings, self.header, self.now, self.names = settings, header, now, settings.names
        require(header, [self.names["item"], self.names["status"], self.names["since"]])
        self.kept = Kept(self.names, header)
        self.rejects = [] if rejects is None else rejects
        self.newest: datetime | None = None

    def told(self) -> Judged:
        """What came of all rows."""
        return Judged(self.kept.rows.told(), self.rejects, self.newest)

    def take(self, rows: Iterable[tuple[int, dict]]) -> pyarrow.Table:
        """Judges a few rows (line, columns as text or None) one by one; gives those to be kept.
        What a row holds beyond the header stands under None. Raises TooMuch."""
        lines, kept = [], []
        for line, row in rows:
            if told := self._row(line, row):
                lines.append(line)
                kept.append(told)
        return self.kept.table(lines, kept)

    def _row(self, line: int, row: dict) -> dict | None:
        names, beyond = self.names, row.pop(None, [])
        wrong, at = _judge({k: v or "" for k, v in row.items()}, names, self.settings, self.now)
        if any(beyond):
            cells = [*row.values(), *beyond]
            header = len(self.header)
            wrong = ("", ",".join(cells), f"{len(cells)} cells where the header has {header}")
        if wrong:
            self.rejects.append(Reject(line, wrong[0], wrong[1][:200], wrong[2]))
            within(self.settings.limits, "rejects", len(self.rejects), "the list")
            return None
        # DuckDB, which reads it from here on, knows no zone after a space.
        since = iso(row[names["since"]].strip(), getattr(self.settings, "dates", ""))
        since, item = _GAP.sub("", since), row[names["item"]].strip()
        self.newest = max(self.newest or at, at)
        # It trims spaces alone: "a" and "a" with a tab would be two items with one key.
        return row | {names["since"]: since, names["item"]: item}


def judge(
    settings: Listed,
    header: list[str],
    rows: Iterable[tuple[int, dict]],
    now: datetime,
) -> Judged:
    """Each row (its line, its columns as text or None) kept or refused with field and reason.

    What a row holds beyond the header stands under None. Raises Unreadable when the header lacks
    a column that is needed.
    """
    judge, left = Judge(settings, header, now), iter(rows)
    while few := list(islice(left, BATCH)):
        judge.kept.rows.add(judge.take(few))
    return judge.told()


def by_column(header: list[str], cells: list[str]) -> dict:
    """A row's cells by column; those that the header does not name under None."""
    row: dict = dict(zip(header, cells, strict=False))
    beyond = cells[len(header) :]
    return row | {None: beyond} if beyond else row


def _judge(
    row: dict, names: dict[str, str], settings: Listed, now: datetime
) -> tuple[tuple | None, datetime]:
    """What is wrong with a row (field, value, reason) or None, and its time (UTC)."""
    item, since = row.get(names["item"], ""), row.get(names["since"], "").strip()
    if not item.strip():
        told = ", ".join(filter(None, row.values()))
        return (names["item"], told, "no item: the key is empty"), now
    effective, note = names.get("effective"), names.get("note")
    if effective and row.get(effective, "").lower() in ("false", "no", "0"):
        return (effective, item, (note and row.get(note)) or "marked as not effective"), now
    # In a list of pictures an item may stand without a status; a change is a change to one.
    told = row.get(names["status"], "").strip() or row.get(names.get("gone"), "").strip()
    if not told and settings.precision != "between":
        return (names["status"], item, "no status: the cell is empty"), now
    reason, at = time_of(since, settings)
    if not reason and to_come(at, now):
        reason = STILL_TO_COME
    return ((names["since"], since, reason) if reason else None), at
