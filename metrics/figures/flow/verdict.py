"""Verdict: whether each stage, and the whole line (stage ''), gets faster: how many moved on in the last 13 or 26 weeks beside how many the pace of before predicts at the same ages, unfinished work included, with the noise measured from the weeks before and moves compared within each kind of item where stages.yaml declares attributes; judged at the last instant that its sources told of.

word: faster, slower, same or unknown
judged_at: the last instant of the weeks judged
weeks: how many weeks were judged, up to judged_at
moved: items that moved on in them; empty where nothing could be counted
expected: how many would have at the pace of before, beside compared
compared: those of moved at ages that before has seen
left_out: those at ages that hardly anything had reached before
cautions: what else could look the same, in sentences; empty where nothing is known to
"""

from __future__ import annotations

from datetime import datetime

import pandas

from metrics import parts
from metrics.statistics import faster
from metrics.statistics.expected import Spells

TYPES = {
    "stream": str, "stage": str, "stage_name": str, "word": str, "judged_at": "datetime64[us, UTC]",
    "weeks": "Int64", "moved": "Int64", "expected": float, "compared": "Int64", "left_out": "Int64",
    "cautions": str, "sentence": str,
}  # fmt: skip


def work(ask: parts.Ask, as_of: datetime, stream: str = "") -> pandas.DataFrame:
    """Its rows at an instant, of one stream or of all; `ask` answers SQL of the publication."""
    rows = [
        known if isinstance(known, list) else _row(part, _said(known, part.day_word))
        for part, known in parts.each(ask, as_of, stream, "verdict")
    ]
    return pandas.DataFrame(rows, columns=list(TYPES)).astype(TYPES)


def _said(known: parts.Known | str, unit: str) -> faster.Verdict:
    if isinstance(known, str):
        return faster.Verdict(faster.UNKNOWN, [known])
    columns = ("start_days", "late_days", "age_days", "moved", "seen", "placed")
    spells = Spells(*(known.stays[column].to_numpy() for column in columns))
    return faster.verdict(spells, known.edges, known.kinds, unit)


def _row(part, said: faster.Verdict) -> list:
    numbers = [said.weeks, said.moved, said.expected, said.compared, said.left_out]
    counted = numbers if said.weeks else [None] * len(numbers)
    at = part.judged_at if part.unseen == "" else None
    texts = [" ".join(said.cautions), " ".join(said.because)]
    return [part.stream, part.stage, part.stage_name, said.word, at, *counted, *texts]
