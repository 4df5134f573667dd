"""A CSV or .xlsx as text rows with their line numbers, or the sentence that says why not."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import datetime, time
from typing import Protocol

import pyarrow

from settings.limits import Limits
from sources.reading import workbook
from sources.reading.bounds import Unreadable, within

LONGEST = 1_000_000  # letters of a cell
BATCH = 10_000  # rows
csv.field_size_limit(LONGEST)

Rows = tuple[list[str], list[tuple[int, list[str]]]]


def csv_rows(content: bytes, limits: Limits) -> Rows:
    """The header and the rows (line number, cells) of a CSV in UTF-8. Raises Unreadable."""
    told = _bounded(records(io.BytesIO(content)), limits)
    if not told:
        raise Unreadable("The answer is empty.")
    return [cell.strip() for cell in told[0][1]], told[1:]


class Lines(Protocol):
    """What hands out bytes line by line."""

    def readline(self, most: int, /) -> bytes:
        """The next line, or so many bytes of it; none at the end."""


def records(stream: Lines, after: int = 0) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV in UTF-8, each with its last line's number, of which so many were read
    before. Raises Unreadable."""
    reader = csv.reader(_lines(stream, not after), strict=True)
    try:
        for row in reader:
            yield after + reader.line_num, row
    except csv.Error as error:
        line = after + reader.line_num
        raise Unreadable(f"The CSV breaks off or is malformed at line {line}: {error}.") from None
    except UnicodeDecodeError:
        line = after + reader.line_num + 1
        raise Unreadable(f"The answer is not UTF-8 text (line {line}).") from None


def _lines(stream: Lines, begins: bool) -> Iterator[str]:
    """The lines one after the other: the whole as text would be up to four times as large."""
    if begins:
        first = stream.readline(4 * LONGEST).removeprefix(b"\xef\xbb\xbf")
        if first.lstrip()[:1] == b"<":
            raise Unreadable("The answer is a web page, not a CSV.")
        yield first.decode()
    while line := stream.readline(4 * LONGEST):
        yield line.decode()


def xlsx_rows(content: bytes, sheet: str, limits: Limits) -> Rows:
    """The header and the rows of a sheet (the first if unnamed); dates as ISO text. Raises Unreadable."""
    rows = (
        (n, [_cell(value) for value in row]) for n, row in workbook.rows(content, sheet, limits)
    )
    try:
        told = _bounded(rows, limits)
    except Unreadable:
        raise
    except Exception as error:  # openpyxl lets zip, XML and key errors through, also while reading
        raise Unreadable(f"The file is no .xlsx workbook: {type(error).__name__}.") from None
    if not told:
        raise Unreadable("The sheet is empty.")
    header = [cell.strip() for cell in told[0][1]]
    # A note scribbled beside the table belongs to no column and costs no row.
    return header, [(line, cells[: len(header)]) for line, cells in told[1:]]


def _bounded(rows: Iterable[tuple[int, list[str]]], limits: Limits) -> list[tuple[int, list[str]]]:
    """The rows that hold anything. Raises TooMuch when there are too many, while reading them."""
    kept: list[tuple[int, list[str]]] = []
    cells, names, width = 0, 0, 0
    for line, row in rows:
        cells += max(len(row), width)  # a row that is too short is kept as well, with its reason
        within(limits, "cells", cells)
        if any(cell.strip() for cell in row):
            kept.append((line, row))
            # Each row is saved with the names of its columns.
            width, names = (width, names) if width else (len(row), sum(map(len, row)))
            within(limits, "unpacked", len(kept) * names)
    return kept


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
    parts = [rows[n : n + BATCH] for n in range(0, len(rows), BATCH)]
    return pyarrow.concat_tables(map(_part, parts or [[]]))


_JSON = json.JSONEncoder(ensure_ascii=False).encode


def _part(rows: list[tuple[int, str, dict]]) -> pyarrow.Table:
    return pyarrow.table(
        {
            "line": pyarrow.array([line for line, _, _ in rows], pyarrow.int64()),
            "item": pyarrow.array([item for _, item, _ in rows], pyarrow.string()),
            "row": pyarrow.array([_JSON(row) for _, _, row in rows], pyarrow.string()),
        }
    )
