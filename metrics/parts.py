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
    """Of one part: its stays (columns of pace_spell_at, and how each ended), the ends of whole weeks (days of the stream's
    own clock, oldest first), and for each declared attribute the value of each stay."""

    stays: pandas.DataFrame
    edges: numpy.ndarray
    kinds: list[numpy.ndarray]


def each(
    ask: Ask, as_of: datetime, stream: str, ahead: str
) -> Iterator[tuple[Any, Known | str | list]]:
    """Each part of one stream, or of all, in their order: its row of part_at, and what is known of
    it, or in a sentence why nothing can be said, or the row that was worked out when publishing (of the
    table `ahead`). `ask` answers SQL of the publication."""
    parts = ask("from part_at($as_of) where stream = $stream or $stream = ''", as_of, stream)
    rows = ask(_AHEAD[ahead], None, stream)
    known = {(row[0], row[1], row[4]): [*row] for row in rows.itertuples(index=False, name=None)}
    told: dict[datetime, _Told] = {}
    for part in parts.sort_values("place").itertuples():
        at = part.judged_at
        if part.unseen:
            yield part, part.unseen
        elif (part.stream, part.stage, at) in known:
            yield part, known[part.stream, part.stage, at]
        else:
            told[at] = told.get(at) or _Told(ask, at.to_pydatetime(), stream)
            yield part, told[at].of(part.stream, part.stage)


_AHEAD = {
    "verdict": "from ahead_verdict where stream = $stream or $stream = ''",
    "spread": "from ahead_spread where stream = $stream or $stream = ''",
}


# Of one part at a time, and the names of items only where something is told of them: of a million
# items the rest takes little room.
_STAYS = """
select start_days, late_days, age_days, moved, exit is not distinct from 'on' as moved_on,
       exit is not null as gone, in_bulk, seen, placed, if($named, item_no, null) as item_no
from pace_spell_at($as_of) where stream = $stream and stage = $stage
"""


class _Told:
    """What was known at an instant of every part."""

    def __init__(self, ask: Ask, at: datetime, stream: str):
        edges = ask("from week_edge_at($as_of) where stream = $stream or $stream = ''", at, stream)
        kinds = ask("from item_attribute where stream = $stream or $stream = ''", None, stream)
        self.ask, self.at = ask, at
        self.edges = {name: rows.edge_days.to_numpy() for name, rows in edges.groupby("stream")}
        self.kinds = {
            name: [rows.set_index("item_no").value for _, rows in told.groupby("attribute")]
            for name, told in kinds.groupby("stream")
        }

    def of(self, stream: str, stage: str) -> Known | str:
        told = self.kinds.get(stream, [])
        rows = self.ask(_STAYS, self.at, stream, stage=stage, named=bool(told))
        if rows.empty:
            return NOTHING
        kinds = [rows["item_no"].map(values).fillna("").to_numpy(dtype=str) for values in told]
        return Known(rows.drop(columns="item_no"), self.edges[stream], kinds)
