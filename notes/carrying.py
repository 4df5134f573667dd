"""Notes as a CSV file and back: every revision, letter for letter, safe to open in a spreadsheet.

The dates of reviews are rows of kind "review". What has been imported once changes nothing when it
comes again. A file written by hand needs `at`, `by`, `text` and what each row is of.
"""

from __future__ import annotations

import csv
import hashlib
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from notes.note import COLUMNS, SUBJECT, Note, Wrong, checked, instant, signed
from notes.store import LAST, Store, add, as_note

REVIEW = "review"
ORDER = ("note", "revision", "at", "by", "kind", "state", *SUBJECT, "day", "text", "action", "who",
         "due", "measure", "value_then")  # fmt: skip
NEEDED = ("at", "by", "text")
# A cell, or a line of one, that a spreadsheet would run as a formula; an apostrophe makes it text.
# Every such place of what is exported has one apostrophe more, so the import can take it away again.
_FORMULA = r"(?=[\s\u200b-\u200f\u2060\ufeff\"']*[=+\-@＝＋－＠])"
_RUNS = re.compile(rf"(^|[;|\t\n\r\v\f\x85\u2028\u2029]){_FORMULA}")
_MADE_TEXT = re.compile(rf"(^|[;|\t\n\r\v\f\x85\u2028\u2029])'{_FORMULA}")


class Brought(NamedTuple):
    """What an import did: how many revisions were new and how many were there already; `conflicts`,
    a sentence with its line for each that says otherwise than what is there, which stays."""

    new: int
    known: int
    conflicts: list[str]


def export_csv(kept: Store, file: Path) -> int:
    """Write every revision and the dates of reviews into a file; how many rows. Raises Trouble,
    OSError."""
    with kept.reading() as con:
        notes = con.execute("select * from revision order by note, revision").fetchall()
        reviews = con.execute("select * from review order by stream, at").fetchall()
    rows = [*map(dict, notes), *({"kind": REVIEW, **dict(row)} for row in reviews)]
    made = file.with_name(f"{file.name}.part")
    # A mark that makes Excel read UTF-8.
    with made.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(ORDER)
        for row in rows:
            writer.writerow([_cell(row.get(name)) for name in ORDER])
    made.replace(file)
    return len(rows)


def import_csv(kept: Store, file: Path) -> Brought:
    """Add what a file holds and is not there. All that can be used, or nothing of it.

    Raises Wrong with the lines that can't be used, Trouble, OSError.
    """
    notes: list[tuple[int, Note]] = []
    reviews: list[tuple[str, datetime, str]] = []
    wrong: list[str] = []
    for line, row in _rows(file):
        try:
            if row["kind"] == REVIEW:
                reviews.append((row["stream"], _at(row["at"]), signed(row["by"])))
            else:
                notes.append((line, _note(row)))
        except ValueError as error:
            wrong.append(f"Line {line}: {error}")
    if wrong:
        more = f" And {len(wrong) - 10} more lines." if len(wrong) > 10 else ""
        raise Wrong(
            f"{file.name} can't be used, and nothing of it was. {' '.join(wrong[:10])}{more}"
        )
    with kept.writing() as con:
        done = _put(con, notes)
        for stream, at, by in reviews:
            asked = [stream, instant(at), by]
            con.execute("insert or ignore into review (stream, at, by) values (?, ?, ?)", asked)
    return done


def _put(con: sqlite3.Connection, notes: list[tuple[int, Note]]) -> Brought:
    new, known, conflicts, apart = 0, 0, [], set()
    for line, note in sorted(notes, key=lambda told: (told[1].note, told[1].revision, told[0])):
        there = con.execute(
            "select * from revision where note = ? and revision = ?", [note.note, note.revision]
        ).fetchone()
        last = con.execute(LAST, [note.note]).fetchone()
        if there and as_note(there) == note:
            known += 1
        elif there:
            theirs = as_note(there)
            apart.add(note.note)
            conflicts.append(
                f"Line {line}: revision {note.revision} of note {note.note} is by {theirs.by} and "
                f"says otherwise here. What is here stays; the line, by {note.by}, is left out."
            )
        elif note.note in apart or not _follows(note, as_note(last) if last else None):
            conflicts.append(
                f"Line {line}: revision {note.revision} of note {note.note} does not follow what is "
                "here, and is left out."
            )
        else:
            add(con, note)
            new += 1
    return Brought(new, known, conflicts)


def _follows(note: Note, last: Note | None) -> bool:
    """Whether a revision is the next of a note, of the same thing and no earlier."""
    if last is None or last.at is None or note.at is None:
        return note.revision == 1
    follows = note.revision == last.revision + 1 and note.at >= last.at
    return follows and (note.about, note.day) == (last.about, last.day)


def _cell(value: object) -> str:
    return "" if value is None else _RUNS.sub(r"\1'", str(value))


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row with the line that it begins on. Raises Wrong, OSError."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as told:
            reader = csv.reader(told, strict=True)
            head = next(reader, [])
            if unknown := [name for name in head if name not in ORDER]:
                raise Wrong(
                    f"{file.name} has the column {unknown[0]!r}; known are {', '.join(ORDER)}."
                )
            if missing := [name for name in NEEDED if name not in head]:
                raise Wrong(f"{file.name} has no column {missing[0]!r}: each row needs it.")
            line = reader.line_num + 1
            for row in reader:
                if len(row) not in (0, len(head)):
                    raise Wrong(
                        f"{file.name}, line {line}: {len(row)} cells where the head has {len(head)}."
                    )
                if any(row):
                    cells = (_MADE_TEXT.sub(r"\1", cell) for cell in row)
                    yield line, dict.fromkeys(ORDER, "") | dict(zip(head, cells, strict=True))
                line = reader.line_num + 1
    except UnicodeDecodeError as error:
        raise Wrong(f"{file.name} is no UTF-8 text: save it as CSV UTF-8.") from error
    except csv.Error as error:
        raise Wrong(f"{file.name}, line {reader.line_num}: {error}.") from error


def _note(row: dict[str, str]) -> Note:
    """A row as a note. Raises ValueError, saying what is wrong."""
    at = _at(row["at"])
    text = {name: row[name] for name in COLUMNS if name in row}
    note = Note(**text | {  # type: ignore[arg-type]
        "at": at,
        "day": _day(row["day"], "day") or at.date(),
        "due": _day(row["due"], "due"),
        "kind": row["kind"] or "note",
        "state": row["state"] or "open",
        "revision": _number(row["revision"] or "1", "revision", int),
        "value_then": _number(row["value_then"], "value_then", float) if row["value_then"] else None,
        # Without an id it is the same note whenever the same row comes.
        "note": row["note"] or hashlib.sha256(repr(row).encode()).hexdigest()[:16],
    })  # fmt: skip
    if note.revision < 1:
        raise Wrong(f"revision {note.revision} is none: the first is 1.")
    return checked(note)


def _at(told: str) -> datetime:
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        raise Wrong(f"at {told!r} is no instant: write 2026-05-02T09:30:00Z.") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def _day(told: str, name: str) -> date | None:
    try:
        return date.fromisoformat(told) if told else None
    except ValueError:
        raise Wrong(f"{name} {told!r} is no day: write 2026-05-02.") from None


def _number(told: str, name: str, kind: type):
    try:
        return kind(told)
    except ValueError:
        raise Wrong(f"{name} {told!r} is no number.") from None
