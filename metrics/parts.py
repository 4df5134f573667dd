"""The stages and whole lines (stage '') that Python judges, each with what was known of it at the
last instant at which it can be judged: what the figures verdict and spread are worked out from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

import numpy
import pandas

Ask = Callable[..., pandas.DataFrame]
NOTHING = "Nothing has entered it yet."


class Known(NamedTuple):
    """Of one part: its stays (rows of pace_spell_at), the ends of whole weeks (days of the stream's
    own clock, oldest first), and for each declared attribute the value of each stay."""

    stays: pandas.DataFrame
    edges: numpy.ndarray
    kinds: list[numpy.ndarray]


def each(ask: Ask, as_of: datetime, stream: str = "") -> Iterator[tuple[Any, Known | str]]:
    """Each part of one stream, or of all, in their order: its row of part_at, and what is known of
    it, or in a sentence why nothing can be said. `ask` answers SQL of the publication."""
    parts = ask("from part_at($as_of) where stream = $stream or $stream = ''", as_of, stream)
    told = {
        at: _Told(ask, at.to_pydatetime(), stream)
        for at in parts.judged_at[parts.unseen == ""].unique()
    }
    for part in parts.sort_values("place").itertuples():
        yield part, part.unseen or told[part.judged_at].of(part.stream, part.stage)


class _Told:
    """What was known at an instant of every part."""

    def __init__(self, ask: Ask, at: datetime, stream: str):
        stays = ask("from pace_spell_at($as_of) where stream = $stream or $stream = ''", at, stream)
        edges = ask("from week_edge_at($as_of) where stream = $stream or $stream = ''", at, stream)
        kinds = ask("from item_attribute where stream = $stream or $stream = ''", None, stream)
        self.stays = dict(iter(stays.groupby(["stream", "stage"])))
        self.edges = {name: rows.edge_days.to_numpy() for name, rows in edges.groupby("stream")}
        self.kinds = {
            name: [rows.set_index("item").value for _, rows in told.groupby("attribute")]
            for name, told in kinds.groupby("stream")
        }

    def of(self, stream: str, stage: str) -> Known | str:
        rows = self.stays.get((stream, stage))
        if rows is None:
            return NOTHING
        kinds = [
            rows["item"].map(values).fillna("").to_numpy(dtype=str)
            for values in self.kinds.get(stream, [])
        ]
        return Known(rows, self.edges[stream], kinds)
