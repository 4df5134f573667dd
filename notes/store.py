"""Notes, promises and dates of reviews: written by several people at once, and nothing is lost.

Whoever changes a note adds a revision to those it has; who changed the same one in the meantime is
told so, with what the other wrote. So the note as it stood on any day can be told, and who changed
what.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from secrets import token_hex

import pandas

from notes import database
from notes.database import Trouble as Trouble
from notes.note import COLUMNS, SUBJECT, Note, checked, instant, signed

_INSERT = """
insert into revision (note, revision, at, by, kind, stream, stage, process_group, process, item,
    measure, value_then, day, text, action, who, due, state)
values (:note, :revision, :at, :by, :kind, :stream, :stage, :process_group, :process, :item,
    :measure, :value_then, :day, :text, :action, :who, :due, :state)
"""
LAST = "select * from revision where note = ? order by revision desc limit 1"
# As they stood: of each note the last revision by then.
_STOOD = """
select * from revision as stood
where at <= :as_of
  and not exists (
      select 1 from revision as later
      where later.note = stood.note and later.revision > stood.revision and later.at <= :as_of)
  and (:stream is null or stream = :stream)
  and (:stage is null or stage = :stage)
  and (:process_group is null or process_group = :process_group)
  and (:process is null or process = :process)
  and (:item is null or item = :item)
  and (:kind is null or kind = :kind)
  and (:state is null or state = :state)
order by (select first.at from revision as first where first.note = stood.note and first.revision = 1),
    note
"""


class Conflict(Exception):
    """Somebody else has changed the note since it was read. `theirs`: the note as it is now; `mine`:
    what was to be written. One sentence."""

    def __init__(self, theirs: Note, mine: Note):
        self.theirs, self.mine = theirs, mine
        super().__init__(
            f"{theirs.by} has changed this since you opened it. Nothing of yours is lost: read what "
            "is there now, then save yours again, or leave it."
        )


@dataclass(frozen=True)
class Store:
    """The notes of a data folder. Each call opens its file and lets go of it: any number of threads
    and processes may share it. Every method raises Trouble when the file can't be read or written."""

    file: Path

    def reading(self) -> AbstractContextManager[sqlite3.Connection]:
        """A connection that sees one moment; of no notes where there is no file yet."""
        return database.reading(self.file)

    def writing(self) -> AbstractContextManager[sqlite3.Connection]:
        """A connection in a transaction of its own, kept whole or not at all."""
        return database.writing(self.file)

    def write(self, note: Note, by: str, at: datetime) -> Note:
        """A new note by somebody; as it was kept. Raises Wrong."""
        day = note.day or at.astimezone(UTC).date()
        new = replace(note, note=token_hex(8), revision=1, by=by, at=at, day=day)
        new = checked(new)
        with self.writing() as con:
            add(con, new)
        return new

    def change(self, note: Note, by: str, at: datetime, **fields: object) -> Note:
        """The note with these fields changed, as it was kept; without any, as it is.

        Raises Conflict when it is no longer the last revision, Wrong, KeyError where there is none.
        """
        if kept := set(fields) & {*SUBJECT, "note", "revision", "at", "by", "day"}:
            raise ValueError(f"{', '.join(sorted(kept))} of a note can't be changed.")
        mine = checked(replace(note, **{"by": by, "at": at, **fields}))  # type: ignore[arg-type]
        if replace(mine, by=note.by, at=note.at) == note:
            return note
        with self.writing() as con:
            rows = con.execute(LAST, [note.note]).fetchall()
            if not rows:
                raise KeyError(f"There is no note {note.note!r}.")
            last = as_note(rows[0])
            if last.revision != note.revision:
                raise Conflict(last, mine)
            # A clock that was put back must not make a change older than what it changed.
            new = replace(mine, revision=last.revision + 1, at=max(at, last.at or at))
            add(con, new)
        return new

    def notes(self, as_of: datetime, **only: str | None) -> list[Note]:
        """The notes as they stood at an instant, by when they were first written; `only`: those of a
        stream, stage, process_group, process, item, kind or state. Ended ones are among them."""
        known: dict[str, str | None] = dict.fromkeys([*SUBJECT, "kind", "state"])
        if unknown := set(only) - set(known):
            raise TypeError(f"A note is not told by {', '.join(sorted(unknown))}.")
        asked = known | only | {"as_of": instant(as_of)}
        with self.reading() as con:
            return [as_note(row) for row in con.execute(_STOOD, asked)]

    def history(self, note: str) -> list[Note]:
        """All revisions of a note, the first first; none of one that there is not."""
        with self.reading() as con:
            asked = "select * from revision where note = ? order by revision"
            return [as_note(row) for row in con.execute(asked, [note])]

    def reviewed(self, stream: str, at: datetime, by: str) -> None:
        """Keep that a stream was reviewed at an instant. Raises Wrong without a name."""
        by = signed(by)
        with self.writing() as con:
            con.execute(
                "insert or ignore into review (stream, at, by) values (?, ?, ?)",
                [stream, instant(at), by],
            )

    def reviews(self, stream: str, until: datetime) -> list[datetime]:
        """When a stream was reviewed, up to an instant, in order."""
        with self.reading() as con:
            rows = con.execute(
                "select at from review where stream = ? and at <= ? order by at",
                [stream, instant(until)],
            )
            return [datetime.fromisoformat(row["at"]) for row in rows]

    def frame(self, as_of: datetime, **only: str | None) -> pandas.DataFrame:
        """The rows of `notes`, with a column for each field of a Note; `at` in UTC."""
        return frame(self.notes(as_of, **only))

    def backup(self, to: Path) -> None:
        """A whole copy in a new file, while others may write. Raises FileExistsError."""
        database.backup(self.file, to)


def opened(data: Path | str) -> Store:
    """The notes of a data folder; the file is made when something is written."""
    return Store(Path(data) / database.NAME)


def frame(notes: Iterable[Note]) -> pandas.DataFrame:
    """Notes as rows, with a column for each field."""
    rows = [[getattr(note, name) for name in COLUMNS] for note in notes]
    told = pandas.DataFrame(rows, columns=list(COLUMNS))
    return told.astype({"at": "datetime64[us, UTC]", "value_then": "float64"})


def add(con: sqlite3.Connection, note: Note) -> None:
    """Insert one revision in a transaction of `writing`."""
    row = {name: getattr(note, name) for name in COLUMNS}
    row["at"] = instant(note.at or datetime.min.replace(tzinfo=UTC))
    for name in ("day", "due"):
        row[name] = row[name].isoformat() if row[name] else None
    con.execute(_INSERT, row)


def as_note(row: sqlite3.Row) -> Note:
    """A row of the table revision as a note."""
    told = dict(row)
    told["at"] = datetime.fromisoformat(told["at"])
    for name in ("day", "due"):
        told[name] = date.fromisoformat(told[name]) if told[name] else None
    return Note(**told)
