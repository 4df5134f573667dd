"""The rows of a table or query, judged and packed page by page as they come."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from math import isfinite
from typing import Any

import pyarrow

from settings import redaction
from settings.sources import Datasette
from sources import Reading, Reject, storable
from sources.reading import links
from sources.reading.aside import Part
from sources.reading.event_rows import Judge
from sources.reading.tables import Unreadable, as_table
from sources.reading.times import STILL_TO_COME, time_of, to_come

REJECT = 500  # bytes that a row kept with its reason takes
Row = tuple[tuple, dict]  # its key, and all its columns


class Taken:
    """The rows that were told; their line is their number in the order of the key.

    `state`: of another, of the same settings, after whose rows these come.
    """

    def __init__(self, settings: Datasette, now: datetime, state: dict | None = None):
        self.settings, self.now, self.adds = settings, now, bool(state)
        self.header: list[str] = []
        self.lines = self.unused = 0
        self.digest = sha256().hexdigest()
        self.newest: datetime | None = None
        self.to_come: datetime | None = None  # the first time that was refused for now
        self.after: list = []
        self._state(state or self.state())
        self.tables: list[pyarrow.Table] = []
        self.judge: Judge | None = None
        self.rejects: list[Reject] = []
        self.refused = ""
        self.redacted = redaction.of(settings)

    def state(self) -> dict:
        """What it takes to go on after these rows, as JSON; {} where they end in a key that is a
        secret, or that JSON has no word for."""
        if not all(map(_can_be_told, self.after)):
            return {}
        newest, to_come = (one and one.isoformat() for one in (self.newest, self.to_come))
        return {"header": self.header, "lines": self.lines, "unused": self.unused,
                "digest": self.digest, "after": self.after,
                "newest": newest, "to_come": to_come}  # fmt: skip

    def _state(self, told: dict) -> None:
        self.header, self.lines, self.unused = told["header"], told["lines"], told["unused"]
        self.digest, self.after = told["digest"], told["after"]
        times = (told["newest"], told["to_come"])
        self.newest, self.to_come = (one and datetime.fromisoformat(one) for one in times)

    def take(self, names: tuple, page: list[Row]) -> Part:
        """Keeps a page of rows, their key of these columns."""
        self.header = self.header or list(page[0][1] if page else ())
        good: list = []
        rejects = len(self.rejects)
        for key, row in page:
            self.lines += 1
            if all(map(tells_apart, key)):
                self._digest(key, row)
                good.append((self.lines, "/".join(map(text, key)), row))
            else:
                self._digest(tuple(map(text, key)), row)
                self.rejects.append(_no_key(self.lines, names, key))
        self.after = list(page[-1][0]) if page else []
        rows = self._changes(good) if self.settings.tells == "events" else self._rows(good)
        told = [self._refused(reject) for reject in self.rejects[rejects:]]
        del self.rejects[rejects:]
        part = Part(
            links.cleaned(self.settings, rows),
            told,
            len(page),
            rows.get_total_buffer_size() + REJECT * len(told),
        )
        self._keep(part)
        self.unused += len(told)
        return part

    def go_on(self, part: Part, state: dict) -> bool:
        """Keeps a part that another took as the next one; not one that is outdated."""
        if outdated(state, self.now):
            return False
        self._state(state)
        self._keep(part)
        return True

    def _keep(self, part: Part) -> None:
        self.rejects += part.rejects
        if self.settings.tells == "rows":
            self.tables.append(part.table)
        elif not self.refused:
            self._judge().kept.rows.add(part.table)

    def _digest(self, key: tuple, row: dict) -> None:
        """Of each row and all before it, so that it does not matter in which pages they came."""
        self.digest = sha256(f"{self.digest}{(key, row)!a}".encode()).hexdigest()

    def _rows(self, rows: list) -> pyarrow.Table:
        if since := self.settings.since:
            times = [self.newest, *(time_in(row.get(since)) for _, _, row in rows)]
            self.newest = max(filter(None, times), default=None)
        return as_table(rows)

    def _changes(self, rows: list) -> pyarrow.Table:
        """Judged as those of a list."""
        try:
            judge = self._judge()
            judge.newest = self.newest
            told = judge.take((n, row) for n, _, row in rows)
        except Unreadable as error:
            self.refused = str(error)
            return as_table([])
        self.newest = judge.newest
        return told

    def _judge(self) -> Judge:
        """Raises Unreadable."""
        if not self.judge:
            header = self.header or list(self.settings.names.values())
            self.judge = Judge(self.settings, header, self.now, self.rejects)
        return self.judge

    def _refused(self, reject: Reject) -> Reject:
        """As it is kept, without secrets."""
        if reject.reason == STILL_TO_COME:
            at = time_of(reject.value, self.settings)[1]
            self.to_come = min(self.to_come or at, at)
        told = (reject.field, reject.value, reject.reason)
        return Reject(reject.line, *(storable(self.redacted(one)) for one in told))

    def reading(self, place: str) -> Reading:
        """All of it. Of a list that can't be used only why."""
        if self.refused:
            return Reading(place, self.now, as_table([]), refused=self.refused, sha256=self.digest)
        rows = pyarrow.concat_tables([as_table([]), *self.tables])
        if self.settings.tells == "events":
            rows = self._judge().kept.rows.told()
        return Reading(place, self.now, rows, newest=self.newest, rejects=self.rejects,
                       sha256=self.digest, adds=self.adds, cleaned=True)  # fmt: skip


def _no_key(line: int, names: tuple, key: tuple) -> Reject:
    name, value = next(one for one in zip(names, key, strict=True) if not tells_apart(one[1]))
    reason = "no key: it is empty, or neither a text nor a number"
    return Reject(line, name, (text(value) or "")[:200], reason)


def outdated(state: dict, now: datetime) -> bool:
    """Whether a row was refused for a time that is right by now."""
    at = state["to_come"]
    return bool(at) and not to_come(datetime.fromisoformat(at), now)


def tells_apart(value: Any) -> bool:
    """Whether it can be a part of a key."""
    return isinstance(value, str | int | float)


def _can_be_told(value: Any) -> bool:
    if isinstance(value, str):
        return redaction.redacted(value, rows=True) == value
    return isinstance(value, int) or (isinstance(value, float) and isfinite(value))


def text(value: Any) -> Any:
    """A value as it is kept: as text, None as it is."""
    if isinstance(value, bytes):
        return value.hex()
    if value is None or isinstance(value, str):
        return value
    return str(value) if type(value) is int else json.dumps(value)  # the same, sooner


def texts(row: dict) -> dict:
    """A row as it is kept."""
    told = {
        name: value if type(value) is str or value is None else text(value)
        for name, value in row.items()
    }
    told.pop("rowid", None)
    return told


def time_in(text: str | None) -> datetime | None:
    """A row's date (UTC), if it has one that can be read."""
    try:
        at = datetime.fromisoformat(text or "")
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
