"""Rows as a terminal or a pipe takes them: a table that folds, or JSON."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import pandas
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from typer.core import TyperGroup

import metrics

LONGEST = 24  # letters of a word that is kept whole


class Format(StrEnum):
    """How a figure is printed."""

    table = "table"
    csv = "csv"
    json = "json"


def console(stderr: bool = False) -> Console:
    """Where to print: as wide as the terminal; into a file or a pipe a table gets room."""
    seen = (sys.stderr if stderr else sys.stdout).isatty()
    # No emoji: an item named ":bug:" keeps its name.
    return Console(stderr=stderr, emoji=False, soft_wrap=not seen, width=None if seen else 500)


class Commands(TyperGroup):
    """Commands that end with a sentence and exit 2 where a publication can't be read."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named."""
        try:
            return super().invoke(ctx)
        except metrics.Unreadable as error:
            console(stderr=True).print(str(error), style="red", markup=False, highlight=False)
            raise typer.Exit(2) from None


def rows(out: Console, told: pandas.DataFrame, how: Format) -> None:
    """Print rows in one of the formats; CSV and JSON as they are, for a pipe."""
    if how is Format.json:
        print(json_text(told))
    elif how is Format.csv:
        told.to_csv(sys.stdout, index=False)
    else:
        table(out, told)


def json_text(rows: pandas.DataFrame) -> str:
    """The rows as a JSON list of objects; instants with their zone, days as days."""
    # A day is a day: only instants, which carry their zone, are written with a time.
    days = rows.select_dtypes("datetime").columns
    rows = rows.assign(**{day: rows[day].dt.strftime("%Y-%m-%d") for day in days})
    text = rows.to_json(orient="records", date_format="iso", date_unit="us")
    return json.dumps(json.loads(text), indent=1, ensure_ascii=False)


def table(out: Console, rows: pandas.DataFrame) -> None:
    """Print the rows as a table that folds to the width of the terminal.

    Where even folded it would not fit, each row is printed by itself, a line for each column.
    """
    heads = [str(column).replace("_", " ") for column in rows]
    cells = [[_cell(value) for value in row] for row in rows.itertuples(index=False)]
    least = [_least(head, [row[n] for row in cells]) for n, head in enumerate(heads)]
    if out.is_terminal and sum(least) + 3 * len(least) + 1 > out.width:
        _one_by_one(out, heads, cells)
        return
    grid = Table()
    for head, column in zip(heads, rows, strict=True):
        number = pandas.api.types.is_numeric_dtype(rows[column])
        grid.add_column(head, justify="right" if number else "left", overflow="fold")
    for column, width in zip(grid.columns, least, strict=True):
        column.min_width = width
    for row in cells:
        grid.add_row(*row)
    out.print(grid)


def _least(head: str, cells: list[str]) -> int:
    """The narrowest that a column can be read at: its longest word, but no more than a line's part."""
    longest = max((len(word) for text in (head, *cells) for word in text.split()), default=0)
    return min(longest, LONGEST)


def _one_by_one(out: Console, heads: list[str], cells: list[list[str]]) -> None:
    for row in cells:
        grid = Table(show_header=False)
        grid.add_column(style="bold")
        grid.add_column(overflow="fold")
        for head, cell in zip(heads, row, strict=True):
            grid.add_row(head, cell)
        out.print(grid)


def _cell(value: object) -> str:
    if pandas.isna(value):
        return "–"
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    return escape(
        f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    )
