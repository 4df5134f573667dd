"""Rows as a file that is safe to open: CSV and .xlsx in which nothing runs as a formula.

The page and the command write the same rows, those of the figure: days as 2026-05-02, instants as
2026-05-02T00:22:35Z, fractions with three decimals at most, unless that would be nothing. Counts and ids stay as they are.
"""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime

import numpy
import pandas

from telling.leaving import in_json, visible

# A spreadsheet runs a cell that begins like this as a formula, some of them after a space or a mark
# that nobody sees, or with a letter of full width; and where the list separator of a country's is
# another, a cell begins after that too. An apostrophe makes it text.
FORMULA = re.compile(r"(^|[;|])(?=[\s\u200b-\u200f\u2060\ufeff\"']*[=+\-@＝＋－＠])")
DECIMALS = 3  # of a day: a minute and a half
CELL = 32_767  # letters of a cell of a workbook: the library leaves out the others without a word
LONGEST = 150  # bytes of a file's name: a disk takes 255, and beside them an ending
INSTANT = "%Y-%m-%dT%H:%M:%SZ"


def safe(frame: pandas.DataFrame) -> pandas.DataFrame:
    """A copy in which no text can run as a formula in a spreadsheet or end a line, times are text in
    UTC, days have no time, and no fraction has more than DECIMALS, unless that made it nothing."""
    frame = frame.copy()
    for column in frame:
        values = frame[column]
        if isinstance(values.dtype, pandas.DatetimeTZDtype):
            frame[column] = values.dt.tz_convert("UTC").dt.strftime(INSTANT)
        elif pandas.api.types.is_datetime64_dtype(values):
            frame[column] = values.dt.date  # what has no zone is a day, not an instant
        elif pandas.api.types.is_float_dtype(values):
            frame[column] = _rounded(values)
        elif not pandas.api.types.is_any_real_numeric_dtype(values):
            frame[column] = values.map(_safe_cell)
    return frame.rename(columns=_safe_cell)


def _rounded(values: pandas.Series) -> pandas.Series:
    """With DECIMALS, but two figures of what that would make nothing: one check of 3,000 is not none."""
    told = values.round(DECIMALS)
    little = ((told == 0) & (values != 0)).to_numpy(bool, na_value=False)
    places = numpy.flatnonzero(little)  # rows of several answers may have the same label
    told.iloc[places] = [float(f"{value:.2g}") for value in values.iloc[places]]
    return told


def _safe_cell(value: object) -> object:
    if isinstance(value, datetime) and value.tzinfo:
        return f"{value.astimezone(UTC):{INSTANT}}"
    if not isinstance(value, str) and pandas.api.types.is_scalar(value):
        return value
    # What ends a cell, a line or a file is shown, as it is where a terminal reads it.
    return FORMULA.sub(r"\1'", visible(str(value)))


def text(frame: pandas.DataFrame) -> str:
    """The rows as the text of a CSV."""
    return safe(frame).to_csv(index=False)


def records(rows: pandas.DataFrame) -> list[dict]:
    """The rows as JSON's own values, letter for letter; instants with their zone, days as days."""
    # A day is a day: only instants, which carry their zone, are written with a time.
    days = rows.select_dtypes("datetime").columns
    rows = rows.assign(**{day: rows[day].dt.strftime("%Y-%m-%d") for day in days})
    return json.loads(rows.to_json(orient="records", date_format="iso", date_unit="us"))


def json_text(told: object) -> str:
    """Values as the text of a JSON file, in which no letter commands a terminal."""
    return in_json(json.dumps(told, indent=1, ensure_ascii=False))


def csv(frame: pandas.DataFrame) -> bytes:
    """The rows as a CSV file, with a mark that makes Excel read UTF-8."""
    return text(frame).encode("utf-8-sig")


def xlsx(frame: pandas.DataFrame) -> bytes:
    """The rows as a workbook; a text that is longer than a cell can be says how much of it is missing."""
    file = io.BytesIO()
    told = safe(frame)
    for column in told.select_dtypes(exclude="number"):
        told[column] = told[column].map(_in_a_cell)
    told.to_excel(file, index=False)
    return file.getvalue()


def _in_a_cell(value: object) -> object:
    if not isinstance(value, str) or len(value) <= CELL:
        return value
    kept = CELL - 100
    return f"{value[:kept]} … and {len(value) - kept:,} more letters, which the CSV holds"


def named(name: str, kind: str, number: str = "") -> str:
    """What a file of rows is called: ids of stages.yaml may hold letters that no file's name can, and
    more of them. `number` stands at the end, however long the name is."""
    plain = re.sub(r"[^\w.-]+|^\.+", "-", name).encode()
    kept = plain[: LONGEST - len(number)].decode(errors="ignore")  # no letter is cut in two
    return f"{kept}{number}.{kind}"
