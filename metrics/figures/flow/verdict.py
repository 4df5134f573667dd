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

from collections.abc import Callable
from datetime import datetime

import pandas

from metrics.statistics import faster
from metrics.statistics.expected import Spells

Ask = Callable[..., pandas.DataFrame]
TYPES = {
    "stream": str, "stage": str, "stage_name": str, "word": str, "judged_at": "datetime64[us, UTC]",
    "weeks": "Int64", "moved": "Int64", "expected": float, "compared": "Int64", "left_out": "Int64",
    "cautions": str, "sentence": str,
}  # fmt: skip


def work(ask: Ask, as_of: datetime, stream: str = "") -> pandas.DataFrame:
    """Its rows at an instant, of one stream or of all; `ask` answers SQL of the publication."""
    rows = []
    parts = ask("from part_at($as_of) where stream = $stream or $stream = ''", as_of, stream)
    judged = parts[parts.unseen == ""]
    for at, some in judged.groupby("judged_at"):
        told = _Told(ask, at.to_pydatetime(), stream)
        rows += [(part.place, part, told.verdict(part)) for part in some.itertuples()]
    for part in parts[parts.unseen != ""].itertuples():
        rows.append((part.place, part, faster.Verdict(faster.UNKNOWN, [part.unseen])))
    cells = [_row(part, verdict) for _, part, verdict in sorted(rows, key=lambda row: row[0])]
    return pandas.DataFrame(cells, columns=list(TYPES)).astype(TYPES)


def _row(part, said: faster.Verdict) -> list:
    numbers = [said.weeks, said.moved, said.expected, said.compared, said.left_out]
    counted = numbers if said.weeks else [None] * len(numbers)
    at = part.judged_at if part.unseen == "" else None
    texts = [" ".join(said.cautions), " ".join(said.because)]
    return [part.stream, part.stage, part.stage_name, said.word, at, *counted, *texts]


class _Told:
    """What was known at an instant: the stays of every part, the weeks, the kinds of the items."""

    def __init__(self, ask: Ask, at: datetime, stream: str):
        spells = ask(
            "from pace_spell_at($as_of) where stream = $stream or $stream = ''", at, stream
        )
        edges = ask("from week_edge_at($as_of) where stream = $stream or $stream = ''", at, stream)
        kinds = ask("from item_attribute where stream = $stream or $stream = ''", None, stream)
        self.spells = dict(iter(spells.groupby(["stream", "stage"])))
        self.edges = {name: rows.edge_days.to_numpy() for name, rows in edges.groupby("stream")}
        self.kinds = {
            name: [rows.set_index("item").value for _, rows in told.groupby("attribute")]
            for name, told in kinds.groupby("stream")
        }

    def verdict(self, part) -> faster.Verdict:
        """The answer for one part."""
        rows = self.spells.get((part.stream, part.stage))
        if rows is None:
            return faster.Verdict(faster.UNKNOWN, ["Nothing has entered it yet."])
        columns = ("start_days", "late_days", "age_days", "moved", "seen", "placed")
        spells = Spells(*(rows[column].to_numpy() for column in columns))
        kinds = [
            rows["item"].map(values).fillna("").to_numpy(dtype=str)
            for values in self.kinds.get(part.stream, [])
        ]
        return faster.verdict(spells, self.edges[part.stream], kinds)
