"""The one door to a terminal or a pipe: sentences, a table that folds, CSV or JSON.

Whatever is printed goes through here, so that no name of the data's can command the terminal and no
secret is printed.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum

import pandas
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup

import metrics
from telling import exports, leaving

LONGEST = 24  # letters of a word that is kept whole


class Format(StrEnum):
    """How a figure is printed."""

    table = "table"
    csv = "csv"
    json = "json"


class Door(Console):
    """A console that shows every string as it is said: no markup, no emoji, nothing that commands."""

    def render_str(self, text: str, **more) -> Text:
        """Rich asks for this for each string that it is given."""
        return super().render_str(leaving.said(text), **more)


def console(stderr: bool = False) -> Door:
    """Where to print: as wide as the terminal; into a file or a pipe a table gets room."""
    seen = (sys.stderr if stderr else sys.stdout).isatty()
    # An item named ":bug:" or "[red]" keeps its name.
    return Door(
        stderr=stderr, emoji=False, markup=False, highlight=False, soft_wrap=not seen,
        width=None if seen else 500,
    )  # fmt: skip


def line(text: str) -> Text:
    """A text in one line, for the places in which Rich would read markup: progress, and cells."""
    return Text(leaving.visible(text))


class Commands(TyperGroup):
    """The commands, what goes wrong with one of them said as all else is."""

    def make_context(self, *args, **more):
        """Where what was typed is read."""
        leaving.logs()
        with _said():
            return super().make_context(*args, **more)

    def invoke(self, ctx):
        """Where the command runs, and what it is given is read."""
        with _said():
            return super().invoke(ctx)


@contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except typer.TyperException as error:
        error.message = leaving.said(error.message)  # it repeats what was typed
        raise
    except (typer.Exit, typer.Abort, BrokenPipeError):
        raise
    except metrics.Unreadable as error:
        console(stderr=True).print(str(error), style="red")
        raise typer.Exit(2) from None
    except Exception:
        sys.stderr.write(leaving.said(traceback.format_exc()))
        raise typer.Exit(1) from None


def rows(out: Console, told: pandas.DataFrame, how: Format) -> None:
    """Print rows in one of the formats: JSON is the data, CSV is the page's own download."""
    if how is Format.json:
        print(json_text(told))
    elif how is Format.csv:
        print(exports.text(told), end="")
    else:
        table(out, told)


def json_text(rows: pandas.DataFrame) -> str:
    """The rows as a JSON list of objects, letter for letter; instants with their zone, days as days."""
    return exports.json_text(exports.records(rows))


def table(out: Console, rows: pandas.DataFrame) -> None:
    """Print the rows as a table that folds to the width of the terminal.

    Where even folded it would not fit, each row is printed by itself, a line for each column.
    """
    heads = [leaving.visible(str(column)).replace("_", " ") for column in rows]
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
        grid.add_row(*map(Text, row))
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
            grid.add_row(head, Text(cell))
        out.print(grid)


def _cell(value: object) -> str:
    if pandas.isna(value):
        return "–"
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return leaving.visible(str(value))
