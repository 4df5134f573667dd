"""What a source owes: readings, or an error sorted by what to do next.

A source fetches and knows no database; landing.py saves and knows no HTTP.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pyarrow

from settings.sources import Source


class StopAll(Exception):
    """The landing database or the settings can't be used: nothing can be collected."""


class StopSource(Exception):
    """This source needs someone to act; the others go on."""


class TryLater(Exception):
    """This source did not answer this time; the next run may work."""


@dataclass(frozen=True)
class Reject:
    """A row that can't be used: its line (the header is line 1), field, value and the reason."""

    line: int
    field: str
    value: str
    reason: str


@dataclass(frozen=True)
class Reading:
    """One answer of a source, accepted or (with `refused`) kept aside with the reason.

    rows: line (bigint), item (text) and row (text, the row as a JSON object of texts); of a list
    the columns of kept.SCHEMA, and its header with the schema (of a long one kept.Rows); of a
    pipeline log the columns of raw_log but source and load_id, all text but line.
    seen_at: when the source showed this; newest: the newest time its rows tell; oldest: of checks,
    the oldest (all UTC).
    cursor: where to go on next time.
    adds: the rows come after those of the answer before, which stay.
    renamed: of a board, the lists that are called otherwise now, with their names: so are their rows.
    cleaned: the links of its rows and its rejects are without secrets already.
    """

    place: str
    seen_at: datetime
    rows: pyarrow.Table
    newest: datetime | None = None
    oldest: datetime | None = None
    sha256: str = ""
    rejects: list[Reject] = field(default_factory=list)
    refused: str = ""
    note: str = ""
    cursor: dict = field(default_factory=dict)
    body: str = ""
    adds: bool = False
    renamed: dict[str, str] = field(default_factory=dict)
    cleaned: bool = False


class Progress(str):
    """What is said of a source that is still being read."""


def storable(text: str) -> str:
    """A text that can be stored: half of a pair of UTF-16, which JSON can hold, is shown as "?"."""
    return text.encode("utf-8", "replace").decode()


def shown(settings: Source, path: str) -> str:
    """A file as stages.yaml names it: beneath that file's folder, if it lies there."""
    inside = Path(path).is_relative_to(settings.folder)
    return str(Path(path).relative_to(settings.folder)) if inside else path


def fingerprint(settings: Source) -> str:
    """Tells whether an answer was read with these settings: with others it may mean another thing."""
    told = settings.model_dump(exclude={"name", "folder", "covers", "limits", "allow_hosts"})
    told |= {k: shown(settings, told[k]) for k in ("file", "repository") if told.get(k)}
    # Every kind's told these once: what was collected then need not be collected again.
    kept = {"time_zone": "UTC", "largest_loss": 0.3} | {k: v for k, v in told.items() if v}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:16]
