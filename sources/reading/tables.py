"""A CSV or .xlsx as text rows with their line numbers, or the sentence that says why not."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, time

import openpyxl
import pyarrow

csv.field_size_limit(10_000_000)


class Unreadable(ValueError):
    """The answer is not what it claims to be; the message is the reason, in one sentence."""


def csv_rows(content: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header and the rows (line number, cells) of a CSV in UTF-8. Raises Unreadable."""
    if not content.strip():
        raise Unreadable("The answer is empty.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"The answer is not UTF-8 text (byte {error.start}).") from None
    if text.lstrip()[:1] == "<":
        raise Unreadable("The answer is a web page, not a CSV.")
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise Unreadable(
            f"The CSV breaks off or is malformed at line {reader.line_num}: {error}."
        ) from None
    if not rows:
        raise Unreadable("The answer is empty.")
    return [cell.strip() for cell in rows[0][1]], rows[1:]


def xlsx_rows(content: bytes, sheet: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header and the rows of a sheet (the first if unnamed); dates as ISO text. Raises Unreadable."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        if sheet and sheet not in book.sheetnames:
            names = ", ".join(book.sheetnames)
            raise Unreadable(f"There is no sheet {sheet!r}; there are: {names}.")
        page = book[sheet] if sheet else book.worksheets[0]
        page.reset_dimensions()  # some writers state a size that is too small
        rows = [
            (line, [_cell(value) for value in row])
            for line, row in enumerate(page.iter_rows(values_only=True), 1)
            if any(value is not None for value in row)
        ]
    except Unreadable:
        raise
    except Exception as error:  # openpyxl lets zip, XML and key errors through, also while reading
        raise Unreadable(f"The file is no .xlsx workbook: {type(error).__name__}.") from None
    if not rows:
        raise Unreadable("The sheet is empty.")
    header = [cell.strip() for cell in rows[0][1]]
    # A note scribbled beside the table belongs to no column and costs no row.
    return header, [(line, cells[: len(header)]) for line, cells in rows[1:]]


def require(header: list[str], columns: list[str]) -> None:
    """Each of the columns stands in the header, once. Raises Unreadable."""
    missing = [column for column in columns if column not in header]
    if missing:
        raise Unreadable(f"There is no column {' or '.join(map(repr, missing))}.")
    twice = [column for column in columns if header.count(column) > 1]
    if twice:
        raise Unreadable(f"The column {twice[0]!r} is there twice.")


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    return "" if value is None else str(value)


def as_table(rows: list[tuple[int, str, dict]]) -> pyarrow.Table:
    """Rows (line, item, columns) in the shape that landing.py saves: line, item, row (JSON text)."""
    return pyarrow.table(
        {
            "line": pyarrow.array([line for line, _, _ in rows], pyarrow.int64()),
            "item": pyarrow.array([item for _, item, _ in rows], pyarrow.string()),
            "row": pyarrow.array(
                [json.dumps(row, ensure_ascii=False) for _, _, row in rows], pyarrow.string()
            ),
        }
    )
