"""How much a source may bring before it is refused: each limit set here, and raised by name.

What is held whole costs two to three times its size in memory: with these, reading one file takes
at most some 300 MB (tests/test_limits.py).
"""

from __future__ import annotations

from pydantic import Field

from settings.values import Number, Value, Whole


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
        500_000, gt=0, description="of a list, sheet or snapshot; values of one JSON text"
    )
    rejects: Whole = Field(
        100_000, gt=0, description="rows that can't be used; with more, none of the answer is"
    )
    pages: Whole = Field(
        10_000, gt=0, description="of an answer that comes in pages; commits of a history"
    )
