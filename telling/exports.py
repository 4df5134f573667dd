"""Rows as a file that is safe to open: CSV and .xlsx in which nothing runs as a formula.

Both hold the same rows, those of the figure that the page shows: days as 2026-05-02, instants as
2026-05-02T00:22:35Z, fractions with three decimals at most. Counts and ids stay as they are.
"""

from __future__ import annotations

import io

import pandas

# A spreadsheet runs a cell that begins like this as a formula; an apostrophe makes it text.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
DECIMALS = 3  # of a day: a minute and a half


def safe(frame: pandas.DataFrame) -> pandas.DataFrame:
    """A copy in which no text can run as a formula in a spreadsheet, times are text in UTC, days
    have no time, and no fraction has more than DECIMALS."""
    frame = frame.copy()
    for column in frame:
        values = frame[column]
        if isinstance(values.dtype, pandas.DatetimeTZDtype):
            frame[column] = values.dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        elif pandas.api.types.is_datetime64_dtype(values):
            frame[column] = values.dt.date  # what has no zone is a day, not an instant
        elif pandas.api.types.is_float_dtype(values):
            frame[column] = values.round(DECIMALS)
        elif not pandas.api.types.is_any_real_numeric_dtype(values):
            frame[column] = values.map(_safe_cell)
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
