"""Notes and promises of a line, a stage, its items or a process: as they stand on the day shown, and,
for who may write, a form to write, change and end them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pandas

from dashboard.parts import boxes, signed_in
from dashboard.parts.boxes import node
from dashboard.parts.view import View
from dashboard.parts.writing import form, kept, refused
from notes import marks, promises, store
from notes.note import Note

SHOWN = 3  # of the open ones; below them are the items behind the colour


def stood(view: View) -> datetime:
    """The instant whose notes a page shows: now, or the end of the day that was asked for."""
    return datetime.now(UTC) if view.opened and not view.seen else view.as_of


def today(view: View) -> date:
    """That instant's day, in the stream's zone."""
    return stood(view).astimezone(ZoneInfo(view.stream.time_zone)).date()


def of(view: View, about: Note) -> list[Note]:
    """The notes of the same line, stage (its items' too) or process, as they stood; by writing.

    Raises store.Trouble.
    """
    subject = {"stream": about.stream, "stage": about.stage}
    process = {"process_group": about.process_group, "process": about.process}
    return kept(view).notes(stood(view), **subject, **process)


def draw(view: View, about: Note, items: dict[str, str], *before: dict, key: str) -> None:
    """What comes before, the notes of the same below it, and the form. `items`: names by key, of which
    a note may be too."""
    try:
        notes = of(view, about)
    except store.Trouble as trouble:
        boxes.draw(*before, refused(str(trouble)), key=key)
        return
    if nodes := [*before, *_listed(view, notes)]:
        boxes.draw(*nodes, key=key)
    if view.opened and not view.seen and signed_in.may_write():
        form(view, about, items, notes, key)


def marked(view: View, about: Note, first: object, last: object, weekly: bool = False):
    """The marks of a chart from a day to another, and the sentence that tells them; none where the
    notes can't be read, which the page says where it lists them."""
    begin, end = (pandas.Timestamp(day).date() for day in (first, last))
    try:
        found = marks.marks(of(view, about), begin, end, weekly)
    except store.Trouble:
        return None, ""
    return found, marks.sentence(found)


def _listed(view: View, notes: list[Note]) -> list[dict]:
    """The first of the open ones, by when they are due; the others and what has ended fold."""
    if not notes:
        return []
    numbers, day = marks.numbered(notes), today(view)
    opened = [note for note in notes if note.state == "open"]
    opened.sort(key=lambda n: (n.kind != "promise", n.due or date.max))
    ended = [note for note in notes if note.state != "open"]
    late = sum(promises.overdue(note, day) > 0 for note in opened)
    heading = node("h2", "Notes and promises" + (f": {late} overdue" if late else ""))
    parts = [heading, _list(view, opened[:SHOWN], numbers, day)]
    if rest := [*opened[SHOWN:], *ended]:
        more = f"{len(rest) - len(ended)} more open" if len(opened) > SHOWN else ""
        said = ", ".join(filter(None, [more, f"{len(ended)} ended" if ended else ""]))
        parts.append(boxes.fold(said, _list(view, rest, numbers, day)))
    return [node("section", "", *parts)]


def _list(view: View, notes: list[Note], numbers: dict[str, int], day: date) -> dict:
    told = (node("li", "", *_said(view, note, numbers, day)) for note in notes)
    return node("ul", "", *told, cls="notes written")


def _said(view: View, note: Note, numbers: dict[str, int], day: date) -> list[dict]:
    """One note: its number on the charts, what it is of, what is done by whom, what is thought."""
    line = [node("b", f"{numbers[note.note]} ")] if note.note in numbers else []
    if note.item:
        item = promises.of(view, note)
        link = node("a", item.text, href=item.address) if item.address else node("span", item.text)
        line += [link, node("span", ": ")]
    if note.kind == "promise":
        told = promises.beside(view, note, day)
        due = node("strong" if told.overdue else "span", f"{told.due}. ")
        line += [node("strong", note.action), node("span", f" – {note.who}, "), due]
        line.append(node("span", f"{told.figure} ".lstrip()))
    else:
        line.append(node("span", f"{note.text} "))
    ended = f"{promises.ENDED[note.state]}: " if note.state != "open" else ""
    line.append(node("span", f"{ended}{note.by}, {view.day(note.at)}{_changed(note)}", cls="sub"))
    thought = [node("p", note.text)] if note.kind == "promise" and note.text else []
    return [node("p", "", *line), *thought]


def _changed(note: Note) -> str:
    times = note.revision - 1
    return "" if not times else ", changed once" if times == 1 else f", changed {times} times"
