"""Hand off: how well steps are connected: for each stage and the next, the time from leaving the one's work to entering the other's (unfinished counted; skipping, coming back and giving up are competing exits), and how many skipped the next stage or came back instead; where a stage does not tell waiting from work, its whole stay counts as its work.

to_name: the next stage, or Delivered after the last
hand_offs: stays whose work is over
connected: those that entered the next stage's work
skipped: those that went past it first
returned: those that came back to their stage, or one before it, first
abandoned: those given up first
not_mapped: those that went to a status of no stage first
open: those not yet in it
half_days: the age by which half had entered it; empty where not reached, too few, or not known, and where no status stands for waiting between the two
open_median_days: how long half of the open ones have waited
"""

from __future__ import annotations

import math
from datetime import datetime

import pandas

from metrics import hand_offs, parts
from metrics.statistics.spread import days_said as words
from metrics.statistics.survival import FEW

TYPES = {
    "stream": str, "stage": str, "stage_no": "int64", "stage_name": str, "to_name": str,
    "hand_offs": "int64", "connected": "int64", "skipped": "int64", "returned": "int64",
    "abandoned": "int64", "not_mapped": "int64", "open": "int64", "half_days": float,
    "open_median_days": float, "sentence": str,
}  # fmt: skip
COUNTS = ("hand_offs", *hand_offs.COLUMNS, "open")
_NEXT = """
select stage.stream, stage.stage, stage.stage_no, stage.name, next.name as to_name,
       coalesce(next.has_wait, stage.has_wait) as has_wait, part.day_word,
       coalesce(nullif(part.unseen, ''), nullif(further.unseen, ''), '') as unseen
from stage join part_at($as_of) as part using (stream, stage)
left join stage as next on next.stream = stage.stream and next.stage_no = stage.stage_no + 1
left join part_at($as_of) as further
    on further.stream = stage.stream and further.stage = next.stage
where stage.stream = $stream or $stream = '' order by stage.stream, stage.stage_no
"""


def work(ask: parts.Ask, as_of: datetime, stream: str = "") -> pandas.DataFrame:
    """Its rows at an instant, of one stream or of all; `ask` answers SQL of the publication."""
    told = {(r.stream, r.stage): r for r in hand_offs.told(ask, as_of, stream).itertuples()}
    rows = [_row(s, told.get((s.stream, s.stage))) for s in ask(_NEXT, as_of, stream).itertuples()]
    return pandas.DataFrame(rows, columns=list(TYPES)).astype(TYPES)


def _row(stage, told) -> list:
    counts = [int(getattr(told, name)) if told else 0 for name in COUNTS]
    middle = told.open_median_days if told else math.nan
    half, why = math.nan, ""
    if stage.unseen:
        why = stage.unseen
    elif not stage.has_wait and not (told and told.is_timed):
        why = "No status stands for waiting between the two: how long it takes is not recorded."
    elif counts[0] < FEW:
        why = "Too few for a typical time."
    else:
        half = told.half_days
    to = stage.to_name if isinstance(stage.to_name, str) else "Delivered"
    said = _said(stage, to, counts, middle, why or half)
    return [
        stage.stream, stage.stage, stage.stage_no, stage.name, to, *counts, half, middle, said,
    ]  # fmt: skip


def _said(stage, to: str, counts: list[int], middle: float, told: str | float) -> str:
    """The hand-offs of a stage in words: the counts, and by when half got there, or why not."""
    entered = "delivered" if to == "Delivered" else f"in {to}'s work"
    of, on, skipped, returned, abandoned, not_mapped, still = counts
    if not of:
        return f"No work in {stage.name} is known to be over yet."
    waiting = f", for {words(middle, stage.day_word)}" if middle >= 1 else ""
    if waiting and still > 1:
        waiting = f", half of them{waiting[1:]} or more"
    listed = [
        f"{on:,} then {entered}",
        f"{skipped:,} past it first" if skipped else "",
        f"{returned:,} back first" if returned else "",
        f"{abandoned:,} given up first" if abandoned else "",
        f"{not_mapped:,} in a status of no stage first" if not_mapped else "",
        f"{still:,} not there yet{waiting}" if still else "",
    ]
    if isinstance(told, float):
        told = (
            f"By no age so far were half {entered}." if math.isnan(told)
            else f"Half are {entered} within {words(told, stage.day_word)}."
        )  # fmt: skip
    return (
        f"Of {of:,} whose work in {stage.name} was over: {'; '.join(filter(None, listed))}. {told}"
    )
