"""Looking: each source asked once, small, for what a collect would bring. Nothing is saved.

A source is read as a collect reads it, with lower limits; one that has a `sample` of its own (a table
of a million rows, say) is asked for that. So what is wrong is said in the collect's own sentence.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module

from settings import redaction
from settings.limits import Limits
from settings.sources import Source
from sources import Progress, Reading, StopSource, TryLater

AT_ONCE = 4  # sources at an address; files are worked on one after another
# What a look takes at most, where a collect may take more: an answer's seconds and size, and how many
# answers in pages. All of a source is a minute or so, whatever its server does.
SECONDS, MEGABYTES, UNPACKED, ROWS, PAGES = 10, 20, 100, 500_000, 6
ENOUGH = 5.0  # seconds after which no further answer of a source is asked for
FAR = "that is as far as a look goes, a collect goes on"


@dataclass
class Look:
    """What one source showed. `rows` that can be used, or that there are, and `refused` ones; `more`:
    there are at least so many. `refused_answers`: whole ones. `failed`: why a collect would bring nothing; `said`: what else there is."""

    source: str
    kind: str
    rows: int | None = None
    refused: int = 0
    refused_answers: int = 0
    more: bool = False
    columns: list[str] = field(default_factory=list)
    newest: datetime | None = None
    failed: str = ""
    said: str = ""


class _Small(Limits):
    """The limits of a source, the `lower` ones of them a look's own."""

    lower: frozenset[str] = frozenset()

    def exceeded(self, name: str, what: str) -> str:
        if name not in self.lower:
            return super().exceeded(name, what)
        told = super().exceeded(name, what).partition(": not read.")[0]
        return f"{told}: as long as a look waits." if name == "seconds" else f"{told}: {FAR}."


def look(
    settings: Iterable[Source], now: datetime, progress: Callable[[str], None] = lambda name: None
) -> list[Look]:
    """A look at each of the sources, in their order; side by side at those that are waited for."""
    sources = list(settings)

    def one(source: Source) -> Look:
        progress(source.name)
        return _look(source, now)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        waited = {s.name: pool.submit(one, s) for s in sources if s.live}
        files = {s.name: one(s) for s in sources if not s.live}
        return [files[s.name] if s.name in files else waited[s.name].result() for s in sources]


def _look(source: Source, now: datetime) -> Look:
    found, said = Look(source.name, source.kind), redaction.of(source)
    try:
        _read(found, source, now)
    except (StopSource, TryLater) as error:
        told = said(str(error))
        found.said, found.failed = (told, "") if FAR in told else ("", told)
    except Exception as error:  # what nobody foresaw must not cost the other sources theirs
        found.failed = said(f"Unexpected {type(error).__name__}: {error}. Please report it.")
    found.columns = [said(column) for column in found.columns]
    return found


def _read(found: Look, source: Source, now: datetime) -> None:
    """Takes in what the source tells. Raises StopSource, TryLater."""
    kind, small = import_module(f"sources.{source.kind}"), _smaller(source)
    if sampled := kind.sample(small, now) if hasattr(kind, "sample") else None:
        reading, of = sampled
        _take(found, reading)
        found.rows = None if found.failed else of
        return
    end = time.monotonic() + ENOUGH
    told: Iterator[Reading | Progress] = kind.readings(small, {}, now)
    answers = (one for one in told if isinstance(one, Reading))
    for reading in answers:
        _take(found, reading)
        if time.monotonic() > end:
            found.more = found.more or next(answers, None) is not None
            return
    if found.rows is None and not found.failed and not found.said:
        found.said = "It tells of nothing yet."


def _take(found: Look, reading: Reading) -> None:
    """One more answer. Why the newest can't be used is why the source failed."""
    if FAR in reading.refused:
        found.said, found.more = reading.refused, True
        return
    found.failed = reading.refused
    if reading.refused:
        found.refused_answers += 1
        return
    found.rows = (found.rows or 0) + reading.rows.num_rows
    found.refused += len(reading.rejects)
    found.columns = _columns(reading) or found.columns
    found.newest = max(filter(None, [found.newest, reading.newest]), default=None)


def _columns(reading: Reading) -> list[str]:
    """The columns that the source itself has, as far as an answer still tells."""
    told = (reading.rows.schema.metadata or {}).get(b"header")
    if told:
        return json.loads(told)
    if "row" in reading.rows.schema.names:
        return list(json.loads(reading.rows["row"][0].as_py())) if reading.rows.num_rows else []
    rows = reading.rows
    named = [name for name in rows.schema.names if name != "line"]
    return [name for name in named if rows[name].null_count < rows.num_rows]


def _smaller(source: Source) -> Source:
    """The source with a look's limits, where its own are higher."""
    least = {"seconds": SECONDS, "megabytes": MEGABYTES, "unpacked": UNPACKED, "rows": ROWS}
    if source.live:  # the commits of a history are pages too, and there are years of them
        least["pages"] = PAGES
    own = source.limits
    lower = {name: most for name, most in least.items() if most < getattr(own, name)}
    small = _Small(**(own.model_dump() | lower), lower=frozenset(lower))
    return source.model_copy(update={"limits": small})
