"""Spread: whether each stage, and the whole line (stage ''), is steady: the ages by which a quarter, half and 85 in 100 of what entered has moved on, unfinished work included, how many times longer the last is than half, the weeks out of limits, and whether the last 26 weeks lie closer together or further apart than before; judged at the last instant that its sources told of.

word: steady, erratic, steadier, less steady or can't tell
judged_at: the last instant of what is judged
entered: stays whose age is known, finished or not
quarter_days: the age by which a quarter moved on; empty where not reached, or of fewer than 5
half_days: the age by which half did
p85_days: the age by which 85 in 100 did; empty where not reached, or of fewer than 15
times: p85_days / half_days
weeks: the last weeks of the behaviour chart of what moves on, at most 26
weeks_out: those of them out of its limits
cautions: what else could look the same, in sentences; empty where nothing is known to
"""

from __future__ import annotations

from datetime import datetime

import pandas

from metrics import parts
from metrics.statistics import behaviour, spread
from metrics.statistics.control_limits import SIGNALS

TYPES = {
    "stream": str, "stage": str, "stage_name": str, "word": str, "judged_at": "datetime64[us, UTC]",
    "entered": "Int64", "quarter_days": float, "half_days": float, "p85_days": float,
    "times": float, "weeks": "Int64", "weeks_out": "Int64", "cautions": str, "sentence": str,
}  # fmt: skip


def work(ask: parts.Ask, as_of: datetime, stream: str = "") -> pandas.DataFrame:
    """Its rows at an instant, of one stream or of all; `ask` answers SQL of the publication."""
    weekly: dict = {}
    rows = []
    for part, known in parts.each(ask, as_of, stream, "spread"):
        if isinstance(known, list):
            rows.append(known)
            continue
        weeks = None
        if not part.unseen:
            if part.judged_at not in weekly:
                weekly[part.judged_at] = _weekly(ask, part.judged_at.to_pydatetime(), stream)
            weeks = _weeks(weekly[part.judged_at].get((part.stream, part.stage)))
        rows.append(_row(part, _said(known, weeks, part.day_word), weeks))
    return pandas.DataFrame(rows, columns=list(TYPES)).astype(TYPES)


def _weekly(ask: parts.Ask, at: datetime, stream: str) -> dict:
    rows = ask("from weekly($as_of) where stream = $stream or $stream = ''", at, stream)
    return dict(iter(rows.groupby(["stream", "stage"])))


def _weeks(rows: pandas.DataFrame | None) -> spread.Weeks | None:
    """The last weeks of the behaviour chart of what moves on, as the page draws it."""
    if rows is None:
        return None
    chart = behaviour.process_behaviour(rows, "moved_on").rows
    last = chart[~chart.left_out & chart["mean"].notna() & ~chart.trial].tail(spread.WEEKS)
    if last.empty:
        return None
    out = last.signal.str.contains(SIGNALS["outside"], regex=False)
    return spread.Weeks(len(last), int(out.sum()), float(last["mean"].iloc[-1]))


def _said(known: parts.Known | str, weeks: spread.Weeks | None, unit: str) -> spread.Spread:
    if isinstance(known, str):
        return spread.Spread(spread.UNKNOWN, [known])
    rows = known.stays[known.stays.placed]
    kinds = [values[known.stays.placed.to_numpy()] for values in known.kinds]
    days = [rows[c].to_numpy(float) for c in ("start_days", "late_days", "age_days")]
    flags = [rows.moved_on, rows.gone, rows.in_bulk, rows.seen]
    stays = spread.Stays(*days, *(flag.to_numpy(bool) for flag in flags))
    return spread.spread(stays, known.edges, weeks, kinds, unit)


def _row(part, said: spread.Spread, weeks: spread.Weeks | None) -> list:
    at = part.judged_at if part.unseen == "" else None
    entered = said.entered if at is not None else None
    numbers = [entered, said.quarter, said.half, said.most, said.times]
    counted = [weeks.weeks, weeks.out] if weeks else [None, None]
    texts = [" ".join(said.cautions), " ".join(said.because)]
    return [
        part.stream, part.stage, part.stage_name, said.word, at, *numbers, *counted, *texts,
    ]  # fmt: skip
