"""Rows as a terminal or a pipe takes them: a table that folds, or JSON."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from enum import StrEnum

import pandas
from rich.console import Console
from rich.markup import escape
from rich.table import Table


class Format(StrEnum):
    """How a figure is printed."""

    table = "table"
    csv = "csv"
    json = "json"


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
    """Print the rows as a table that folds to the width of the terminal."""
    grid = Table()
    # Many columns share a narrow terminal: kept whole, the numbers would leave the words no room.
    many = len(rows.columns) > 8 and out.is_terminal
    for place, column in enumerate(rows.columns):
        number = pandas.api.types.is_numeric_dtype(rows[column])
        whole = (number or place == 0) and not many
        grid.add_column(
            column, justify="right" if number else "left", overflow="fold", no_wrap=whole
        )
    for row in rows.itertuples(index=False):
        grid.add_row(*map(_cell, row))
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
