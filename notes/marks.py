"""Where notes stand on a chart over time: each on its day, those that would touch as one."""

from __future__ import annotations

from datetime import date, timedelta

import pandas

from notes.note import Note
from telling import words

APART = (
    1 / 30
)  # of the chart's width: marks that are nearer are one, or their numbers would overlap
LONGEST = 120  # letters of a note that a mark shows


def numbered(notes: list[Note]) -> dict[str, int]:
    """The numbers by which notes are told in a list and on a chart: in the order of writing, those
    withdrawn left out."""
    return {note.note: n for n, note in enumerate((n for n in notes if n.state != "withdrawn"), 1)}


def marks(notes: list[Note], first: date, last: date, weekly: bool = False) -> pandas.DataFrame:
    """The marks of a chart from a day to another: day, label (the numbers) and said (what it shows).
    On a `weekly` chart each stands where its week does, on its Monday."""
    numbers, near = numbered(notes), (last - first).days * APART
    together: list[list[tuple[date, Note]]] = []
    for day, note in sorted(
        ((_monday(n.day) if weekly else n.day, n) for n in notes if n.note in numbers and n.day),
        key=lambda told: (told[0], numbers[told[1].note]),
    ):
        if not first <= day <= last:
            continue
        if not together or (day - together[-1][0][0]).days > near:
            together.append([])
        together[-1].append((day, note))
    rows = [
        {
            "day": pandas.Timestamp(group[0][0]),
            "label": ", ".join(str(numbers[n.note]) for _, n in group),
            "said": "; ".join(f"{numbers[n.note]}: {_short(n.text or n.action)}" for _, n in group),
        }
        for group in together
    ]
    return pandas.DataFrame(rows, columns=["day", "label", "said"])


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def sentence(marks: pandas.DataFrame) -> str:
    """What a chart's words say of its marks, for who can't see them; "" without any."""
    told = [f"{m.label} on {words.day(m.day)}" for m in marks.itertuples()]
    return f"Notes are marked by their numbers: {words.listed(told)}." if told else ""


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
