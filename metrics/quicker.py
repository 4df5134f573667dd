"""By what age half have moved on, of all stages and lines: of a million items ten times as fast as the
macro reached_at, whose rows these are (tests/test_metrics_instants.py holds them to each other)."""

from __future__ import annotations

import math
from typing import NamedTuple

import duckdb
import numpy

from metrics.statistics.survival import shares_by_end

# At which ages stays come, move on, go otherwise or are still in: the ages alone, in any order.
_AGES = """
select stream, stage, list(late_us) filter (late_us <> 0) as late,
       list(spell_us) filter (exit = 'on') as moved, list(spell_us) filter (exit <> 'on') as gone,
       list(spell_us) filter (exit is null) as still
from spell_of('stages', $as_of) where placed group by all
"""


class Reached(NamedTuple):
    """A row of the macro reached_at."""

    stream: str
    stage: str
    process_no: int
    typical_us: int | None


def reached(con: duckdb.DuckDBPyConnection, params: dict) -> list[Reached]:
    """The rows of reached_at at $as_of. Raises duckdb.Error."""
    rows = con.execute(_AGES, params).df().itertuples(index=False, name=None)
    return [Reached(stream, stage, 0, _half(*ages)) for stream, stage, *ages in rows]


def _half(*told: object) -> int | None:
    half = shares_by_end(*map(_ages, told)).reached(0.5)
    return None if math.isnan(half) else int(half)


def _ages(told: object) -> numpy.ndarray:
    """A list of microseconds as numbers that hold each of them exactly; of none DuckDB gives nothing."""
    some = told if isinstance(told, numpy.ndarray) else numpy.empty(0)
    return numpy.asarray(some, float)
