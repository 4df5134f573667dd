"""What people wrote, as the sections of a review: what was promised before it, and what since."""

from __future__ import annotations

from datetime import date, datetime

from notes import promises
from notes.note import Note
from notes.store import Store
from telling import words
from telling.asked import Asked
from telling.meeting import Screen
from telling.told import Cell, Section, Table

IN_ALL = 5  # promises on the screen of all


def of(asked: Asked, kept: Store, stood: datetime) -> list[Note]:
    """The notes of the stream and of the processes, as they stood at an instant. Raises Trouble."""
    return [n for one in (asked.stream.stream, "") for n in kept.notes(stood, stream=one)]


def sections(asked: Asked, kept: Store, since: datetime, stood: datetime) -> list[Section]:
    """Last time's promises beside the figures of now, then what was promised and noted since.

    Notes of the stream and of processes, as they stood at an instant. Raises Trouble.
    """
    notes = of(asked, kept, stood)
    begins, today = asked.date(since), asked.date(stood)
    new = [n for n in notes if n.day and n.day > begins]
    # What was promised on the day of the last review was promised in it; what was noted after it on
    # that day no review has shown.
    noted = [n for n in notes if n in new or (n.day == begins and n.at and n.at > since)]
    # What had ended before then was talked about already.
    old = [n for n in notes if n not in new and (n.state == "open" or (n.at and n.at > since))]
    return [
        Section("What was promised", [], [
            _promises(asked, old, today, "Promises until then", "No promise was open."),
        ]),
        Section("New since then", [], [
            _promises(asked, new, today, "New promises", "No new promise."),
            _thought(asked, noted),
        ]),
    ]  # fmt: skip


def screens(asked: Asked, kept: Store, stood: datetime, wanted: str = "") -> list[Screen]:
    """For a room: how many promises are open, then each of them, the overdue first; `wanted`: the key
    of one that is kept for who looks at it, though it has ended. Raises Trouble."""
    notes, today = of(asked, kept, stood), asked.date(stood)
    told = [n for n in notes if n.kind == "promise" and (n.state == "open" or _key(n) == wanted)]
    told.sort(key=lambda n: n.due or date.max)
    late = sum(promises.overdue(n, today) > 0 for n in told)
    count = sum(n.state == "open" for n in told)
    heading = f"{words.counted(count, 'promise')} open" if count else "No promise is open"
    heading += f", {words.number(late)} overdue" if late else ""
    said = [
        f"{words.cut(n.action)} – {n.who}, {promises.due(n, today)}." for n in told[:IN_ALL]
    ]  # fmt: skip
    said += [f"And {words.number(len(told) - IN_ALL)} more."] if told[IN_ALL:] else []
    first = Screen("promises", "Promises", f"{heading}.", said)
    return [first, *(_screen(asked, n, today) for n in told)]


def _key(note: Note) -> str:
    return f"promise/{note.note}"


def _screen(asked: Asked, note: Note, today: date) -> Screen:
    beside = promises.beside(asked, note, today)
    of_what = promises.of(asked, note)
    said = [f"{of_what.text}: {note.who}, {beside.due}.", beside.figure, note.text]
    band = ("red", "Overdue") if beside.overdue else ("", "")
    numbers = [("then", beside.then), ("now", beside.now)] if beside.then else []
    return Screen(
        _key(note), words.cut(note.action), note.action, [*filter(None, said)], *band, numbers
    )


def _promises(asked: Asked, notes: list[Note], today: date, caption: str, empty: str) -> Table:
    told = [n for n in notes if n.kind == "promise"]
    return promises.table(asked, told, today, caption, empty)


def _thought(asked: Asked, notes: list[Note]) -> Table:
    told = [n for n in notes if n.kind == "note" and n.state == "open"]
    rows: list[list[Cell]] = [[promises.of(asked, n), n.text, n.by, words.day(n.day)] for n in told]
    return Table("New notes", ["Of", "What is thought", "By", "Day"], rows, "No new note.")
