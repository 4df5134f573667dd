"""Of each stage the hand-offs to the next: how many, what came of them and how long they took, as the
figure hand_off tells it."""

from __future__ import annotations

import math
from datetime import datetime

import numpy
import pandas

from metrics.parts import Ask as Ask
from metrics.statistics.survival import FEW, shares_by_end

COLUMNS = {"connected": "on", "skipped": "skipped", "returned": "back", "abandoned": "left",
           "not_mapped": "unmapped"}  # fmt: skip
# The days alone, by what came of them: a row for each of a million items' stays would not be small.
_LISTS = """
select stream, stage, coalesce(outcome, 'open') as outcome, count(*) as stays, list(days) as days
from hand_off_at($as_of) where stream = $stream or $stream = '' group by all
"""
_AHEAD = """
from ahead_hand_off where $as_of between from_at and until_at
and (stream = $stream or $stream = '')
"""


def told(ask: Ask, as_of: datetime, stream: str = "") -> pandas.DataFrame:
    """The rows of `counted`, as they were worked out when publishing where those hold."""
    rows = ask(_AHEAD, as_of, stream).drop(columns=["from_at", "until_at"])
    rows = rows.drop_duplicates(["stream", "stage"])
    return counted(ask, as_of, stream) if rows.empty else rows


def counted(ask: Ask, as_of: datetime, stream: str = "") -> pandas.DataFrame:
    """A row for each stage of which any work is over: stream, stage, hand_offs and what came of them
    (connected ... open, counts), open_median_days, half_days (the age by which half were in the next
    stage's work; nan: of too few, or not reached) and whether any that were took time (is_timed)."""
    lists = ask(_LISTS, as_of, stream)
    rows = [
        _counted(
            stream, stage, {o.outcome: numpy.asarray(o.days, float) for o in some.itertuples()}
        )
        for (stream, stage), some in lists.groupby(["stream", "stage"])
    ]
    columns = ["stream", "stage", "hand_offs", *COLUMNS, "open", "open_median_days", "half_days",
               "is_timed"]  # fmt: skip
    return pandas.DataFrame(rows, columns=columns)


def _counted(stream: str, stage: str, days: dict[str, numpy.ndarray]) -> list:
    none = numpy.empty(0)
    on, still = days.get("on", none), days.get("open", none)
    others = [d for outcome, d in days.items() if outcome not in ("on", "open")]
    count, half = sum(map(len, days.values())), math.nan
    if count >= FEW:
        half = shares_by_end(none, on, numpy.concatenate([none, *others]), still).reached(0.5)
    middle = float(numpy.median(still)) if len(still) else math.nan
    counts = [len(days.get(outcome, none)) for outcome in COLUMNS.values()]
    return [stream, stage, count, *counts, len(still), middle, half, bool(on.any())]
