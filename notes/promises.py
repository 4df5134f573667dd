"""A promise beside this week's figures: what it was to move, then and now, the right way or not, and
whether it is overdue. In words, for a page, paper or a message."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import pandas

from notes.note import Note
from telling import words
from telling.asked import Asked
from telling.told import Cell, Link, Table

# What a figure is called where a promise names it, and whether less of it is better.
CALLED = {
    "queue": "items waiting",
    "wip": "items in it",
    "oldest": "its oldest item",
    "idle": "days since something moved on",
    "typical": "typical time",
    "delivered": "delivered in 13 weeks",
    "arrivals": "arrived in 13 weeks",
    "failing": "share of checks that fail",
}
# Where the stage or process is gone, and with it the figure's own word.
UNITS = {"queue": "items", "wip": "items", "delivered": "items", "arrivals": "items",
         "failing": "share"}  # fmt: skip
LESS, MORE = ("queue", "wip", "oldest", "idle", "typical", "failing"), ("delivered",)
ENDED = {"kept": "kept", "broken": "not kept", "withdrawn": "withdrawn"}
UNKNOWN = "not known"


class Beside(NamedTuple):
    """A promise and what became of it: `due`: by when, in words, `overdue`: by so many days, 0 for
    not; `then` and `now`: its figure in words; `moved`: right, wrong, nothing, or "" where nobody can
    say; `figure`: all of the figure as a sentence, "" where it has none."""

    note: Note
    due: str
    overdue: int
    then: str = ""
    now: str = ""
    moved: str = ""
    figure: str = ""


def figures(asked: Asked, note: Note) -> pandas.DataFrame:
    """The figures that a promise about the same can be held to: their rows of the figure measure."""
    # What is looked at day by day may be shown as of a day of its own.
    rows = (asked.processes() if note.process else asked).process("measure")
    subject = ("stream", "stage", "process_group", "process")
    return rows[(rows[list(subject)] == [getattr(note, name) for name in subject]).all(axis=1)]


def measured(asked: Asked, note: Note) -> dict[str, str]:
    """The same in words, by measure: "31 items", "not known"."""
    return {r.measure: _number(r.value, r.unit) for r in figures(asked, note).itertuples()}


def value(asked: Asked, note: Note) -> float | None:
    """The figure that a promise is to move, as known now; None where it is not known."""
    row = _row(asked, note)
    return None if row is None or pandas.isna(row.value) else float(row.value)


def beside(asked: Asked, note: Note, today: date) -> Beside:
    """A promise beside the figures of what is asked, on a day."""
    when = due(note, today), overdue(note, today)
    if not note.measure:
        return Beside(note, *when)
    row = _row(asked, note)
    unit = UNITS.get(note.measure, "days") if row is None else row.unit
    then, now = _number(note.value_then, unit), _number(None if row is None else row.value, unit)
    why = "nothing measures it any more" if row is None else row.said
    moved = _moved(note, then, now, row)
    said = {
        "right": f"{then} then, {now} now: moved the right way",
        "wrong": f"{then} then, {now} now: moved the wrong way",
        "nothing": f"{then} then and now: has not moved",
        "": f"{then} then, {now} now",
    }[moved]
    if now == UNKNOWN:
        said = f"{said} ({why})"
    named = CALLED.get(note.measure, note.measure)
    return Beside(note, *when, then, now, moved, f"{named[:1].upper()}{named[1:]}: {said}.")


def overdue(note: Note, today: date) -> int:
    """By how many days an open promise is overdue on a day; 0 for one that is not."""
    if note.kind != "promise" or note.state != "open" or note.due is None:
        return 0
    return max((today - note.due).days, 0)


def due(note: Note, today: date) -> str:
    """By when a promise is to be done, or what became of it."""
    if note.state in ENDED:
        return ENDED[note.state]
    if late := overdue(note, today):
        return f"overdue by {words.days(late)} (due {words.day(note.due)})"
    return "due today" if note.due == today else f"due {words.day(note.due)}"


def of(asked: Asked, note: Note) -> Link:
    """What a note is of, by its name and, an item, with where it lives; its id where no name is
    known any more."""
    if note.item:
        told = asked.settings("item", stream=note.stream, item=note.item)
        if told.empty:
            return Link(note.item, None)
        return Link(told["name"].iloc[0], told["link"].iloc[0])
    if note.process:
        rows = asked.process("measure")
        told = rows[(rows.process_group == note.process_group) & (rows.process == note.process)]
    elif note.stage:
        told = asked.settings("stage", stream=note.stream, stage=note.stage)
    else:
        told = asked.settings("stream", stream=note.stream)
    named = told["name"].iloc[0] if len(told) else note.process or note.stage or note.stream
    return Link(named, None)


def table(asked: Asked, notes: Iterable[Note], today: date, caption: str, empty: str) -> Table:
    """Promises, the overdue first, then by when they are due: what each is of, what is done, who, by
    when, and its figure then and now."""
    told = [beside(asked, note, today) for note in notes]
    told.sort(key=lambda one: (one.note.state != "open", one.note.due or date.max))
    rows: list[list[Cell]] = [
        [
            of(asked, one.note),
            one.note.action or one.note.text,
            one.note.who or words.NOTHING,
            one.due,
            CALLED.get(one.note.measure, one.note.measure) or words.NOTHING,
            one.then or words.NOTHING,
            one.now or words.NOTHING,
            {"right": "the right way", "wrong": "the wrong way", "nothing": "not at all"}.get(
                one.moved, words.NOTHING
            ),
        ]
        for one in told
    ]
    columns = ["Of", "What is done", "Who", "By when", "Figure", "Then", "Now", "Moved"]
    return Table(caption, columns, rows, empty)


def _row(asked: Asked, note: Note) -> pandas.Series | None:
    rows = figures(asked, note)
    rows = rows[rows.measure == note.measure]
    return None if rows.empty else rows.iloc[0]


def _number(value: float | None, unit: str) -> str:
    """A value in words of its unit, as any page says it."""
    if value is None or math.isnan(value):
        return UNKNOWN
    if unit == "share":
        return f"{value:.0%}"
    return words.counted(round(value), "item") if unit == "items" else words.days(value, unit=unit)


def _moved(note: Note, then: str, now: str, row: pandas.Series | None) -> str:
    """Which way a figure moved. What reads alike has not."""
    if row is None or UNKNOWN in (then, now) or note.value_then is None:
        return ""
    if then == now:
        return "nothing"
    if note.measure not in (*LESS, *MORE):
        return ""
    return "right" if (row.value < note.value_then) == (note.measure in LESS) else "wrong"
