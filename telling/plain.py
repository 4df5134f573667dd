"""What a plain page says in tables where a page of the dashboard draws: boxes, numbers, blockers."""

from __future__ import annotations

import pandas

from telling import blockers, board, exports, words
from telling.asked import Asked
from telling.told import Cell, Section, Table

ROWS = 200  # of the numbers behind a chart that stand on a page; the file beside it has all


def boxes(told: Asked, rows: pandas.DataFrame) -> Table:
    """The boxes in words."""
    table = [
        [box.name, f"{words.ICONS[box.colour]} {box.word}",
         "not recorded" if box.waiting is None else words.number(box.waiting),
         box.parts if box.inside is None else f"{words.number(box.inside)} {box.parts}",
         *(value for _, value in box.facts), box.reason]
        for box in board.boxes(told, rows)
    ]  # fmt: skip
    columns = ["Stage", "State", "Waiting", "Inside", "Oldest", "Takes", "Pace", "Why"]
    return Table("The boxes in words", columns, table, "")


def numbers(rows: pandas.DataFrame, caption: str, folded: bool = True) -> Table:
    """Rows as words: the first of them."""
    some = f" (the first {ROWS} of {len(rows):,} rows)" if len(rows) > ROWS else ""
    told = exports.safe(rows.head(ROWS)).astype(object)
    cells = [
        [words.NOTHING if pandas.isna(cell) else str(cell) for cell in row] for row in told.values
    ]
    columns = [str(column).replace("_", " ") for column in rows]
    return Table(f"{caption}{some}", columns, cells, "No rows.", folded)


def blocked_by(told: Asked, stage: str = "") -> Section:
    """What blocks a line, or a stage of it, most of all first."""
    found = blockers.told(told, stage)
    rows: list[list[Cell]] = [
        [row.name, row.rule, row.now, *row.lost, row.stages, row.items] for row in found.rows
    ]
    columns = [found.columns[0], "How they are one", *found.columns[1:]] if rows else []
    title = blockers.HEADING if stage else f"{told.stream['name']}: {blockers.HEADING.lower()}"
    return Section(title, found.said, [Table(blockers.HEADING, columns, rows, "")] if rows else [])
