"""Rows as a file that is safe to open: CSV and .xlsx in which nothing runs as a formula."""

from __future__ import annotations

import io

import pandas

# A spreadsheet runs a cell that begins like this as a formula; an apostrophe makes it text.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def safe(frame: pandas.DataFrame) -> pandas.DataFrame:
    """A copy in which no text can run as a formula in a spreadsheet, and no time has a zone."""
    frame = frame.copy()
    for column in frame:
        if isinstance(frame[column].dtype, pandas.DatetimeTZDtype):
            frame[column] = frame[column].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        elif not pandas.api.types.is_any_real_numeric_dtype(frame[column]):
            frame[column] = frame[column].map(_safe_cell)
    return frame.rename(columns=_safe_cell)


def _safe_cell(value: object) -> object:
    risky = isinstance(value, str) and value.startswith(FORMULA_STARTS)
    return f"'{value}" if risky else value


def csv(frame: pandas.DataFrame) -> bytes:
    """The rows as CSV, with a mark that makes Excel read UTF-8."""
    return safe(frame).to_csv(index=False).encode("utf-8-sig")


def xlsx(frame: pandas.DataFrame) -> bytes:
    """The rows as a workbook."""
    file = io.BytesIO()
    safe(frame).to_excel(file, index=False)
    return file.getvalue()
