"""How much a source may bring before it is refused: each limit set here, and raised by name.

What is held whole costs two to three times its size in memory: with these, reading one file takes
at most some 300 MB (tests/test_limits.py).
"""

from __future__ import annotations

from pydantic import Field

from settings.values import Number, Value, Whole

MB = 1_000_000  # bytes
_SAID = {
    "seconds": "{what} took longer than {most} seconds",
    "megabytes": "{what} is larger than {most} MB",
    "unpacked": "{what} is larger than {most} MB unpacked",
    "rows": "{what} has more than {most} rows",
    "cells": "{what} has more than {most} cells",
    "rejects": "More than {most} rows of {what} can't be used",
    "pages": "{what} has more than {most} pages or commits",
}


class Limits(Value):
    """What one answer or file may be at most. A source that needs more says so under `limits`."""

    seconds: Number = Field(
        120, gt=0, description="for an answer, from asking to its last byte; for pages ten times that"
    )  # fmt: skip
    megabytes: Number = Field(
        100, gt=0, description="of an answer or a file, as it comes; of a page an eighth of that"
    )
    unpacked: Number = Field(
        500, gt=0, description="megabytes of what is in a .gz, .xlsx or parquet, every cell written out"
    )  # fmt: skip
    rows: Whole = Field(5_000_000, gt=0, description="of a log")
    cells: Whole = Field(
        500_000, gt=0, description="of a sheet or snapshot; values of one JSON text"
    )
    rejects: Whole = Field(
        100_000, gt=0, description="rows that can't be used; with more, none of the answer is"
    )
    pages: Whole = Field(
        10_000, gt=0, description="of an answer that comes in pages; commits of a history"
    )

    def exceeded(self, name: str, what: str) -> str:
        """What is said of `what` where it is more than the limit of that name, and how to raise it."""
        said = _SAID[name].format(most=f"{getattr(self, name):,.12g}", what=what)
        return f"{said}: not read. If that is right, raise limits: {{{name}: …}}."

    def allow(self, name: str, told: float) -> bool:
        """Whether `told` is within the limit of that name (of sizes: bytes)."""
        return told <= getattr(self, name) * (MB if name in ("megabytes", "unpacked") else 1)
