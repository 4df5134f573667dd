"""The rows of an .xlsx, which is looked through before it is opened: it can hold far more than it shows."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator

import openpyxl

from settings.limits import Limits
from sources.reading.bounds import Unreadable, within

PARTS = 10_000  # files in the .xlsx
MARKS = 4  # of XML for a cell: <c><is><t></t></is></c>, and one more
TREES = 10  # cells for each mark that is held in memory together with all others (styles, names)
ROWS = ("xl/worksheets/", "xl/sharedStrings")


def rows(content: bytes, sheet: str, limits: Limits) -> Iterator[tuple[int, tuple]]:
    """The rows of a sheet (the first if unnamed) with their numbers, from 1.

    Raises Unreadable, and while it is read what openpyxl does when it is no sound workbook.
    """
    look_through(content, limits)
    with warnings.catch_warnings(action="ignore"):  # one for each odd date, kept for ever
        book = openpyxl.load_workbook(
            io.BytesIO(content), read_only=True, data_only=True, keep_links=False
        )
        if sheet and sheet not in book.sheetnames:
            names = ", ".join(book.sheetnames)
            raise Unreadable(f"There is no sheet {sheet!r}; there are: {names}.")
        page = book[sheet] if sheet else book.worksheets[0]
        page.reset_dimensions()  # some writers state a size that is too small
        for line, row in enumerate(page.iter_rows(values_only=True), 1):
            # A row may say any number of itself: those left out before it cost time, if not memory.
            within(limits, "cells", line, "The sheet")
            if any(value is not None for value in row):
                yield line, row


def look_through(content: bytes, limits: Limits) -> None:
    """Unpack every part once without keeping it: what the .xlsx says of their sizes may be wrong.

    Raises TooMuch, and Unreadable when a part defines words of its own, which can grow without end.
    """
    if content.count(b"PK\x01\x02") > PARTS:
        raise Unreadable(f"The file is no .xlsx workbook: it has more than {PARTS:,} parts.")
    size, cells, marks, trees = 0, 0, 0, 0
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for info in parts.infolist():
            with parts.open(info) as part:
                end = b""
                while text := part.read(1 << 16):
                    size += len(text)
                    within(limits, "unpacked", size, "The workbook")
                    text = text.replace(b"\0", b"")  # UTF-16
                    if b"<!DOCTYPE" in end + text:
                        raise Unreadable("The file is no .xlsx workbook: it defines entities.")
                    end = text[-10:]
                    opening = text.count(b"<") - text.count(b"</")
                    if info.filename.startswith(ROWS):
                        cells += sum(map(text.count, (b"<c ", b"<c>", b"<si", b"<row")))
                        marks += opening
                    elif info.filename.endswith((".xml", ".rels")):
                        trees += opening
                    told = max(cells, marks / MARKS, trees * TREES)
                    within(limits, "cells", told, "The workbook")
