"""How much a source may bring before it is refused: each limit set here, and raised by name."""

from __future__ import annotations

from pydantic import Field

from settings.values import Number, Value, Whole


class Limits(Value):
    """What one answer or file may be at most. A source that needs more says so under `limits`."""

    seconds: Number = Field(
        120,
        gt=0,
        description="for an answer, from asking to its last byte; ten times that for pages",
    )
    megabytes: Number = Field(
        200,
        gt=0,
        description="of an answer or a file, as it comes and unpacked; an eighth for a page",
    )
    rows: Whole = Field(5_000_000, gt=0, description="of an answer or a file")
    cells: Whole = Field(5_000_000, gt=0, description="of a workbook's sheet")
    pages: Whole = Field(10_000, gt=0, description="of an answer that comes in pages")
