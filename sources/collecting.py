"""Collecting: each source asked in turn, every answer saved whole or not at all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path

from settings.sources import Source
from sources import Reading, StopAll, StopSource, TryLater
from sources.landing import saving


@dataclass
class Result:
    """What collecting one source came to."""

    source: str
    readings: int = 0
    refused_readings: int = 0
    rows_in: int = 0
    accepted: int = 0
    refused: int = 0
    seconds: float = 0.0
    newest: datetime | None = None
    failed: str = ""
    not_believed: str = (
        ""  # why its newest whole answer was refused, now or earlier; "" if it was not
    )


def readings(settings: Source, cursor: dict, now: datetime) -> Iterator[Reading]:
    """The readings of a source since its cursor, oldest first. Raises StopSource or TryLater."""
    return import_module(f"sources.{settings.kind}").readings(settings, cursor, now)


def collect(
    settings: Iterable[Source],
    landing: Path,
    now: datetime,
    progress: Callable[[str, str], None] = lambda source, message: None,
) -> list[Result]:
    """Collect each source in turn into the landing database; one that fails stops only itself.

    Returns a Result for each; a failure of any sort is kept as a load. Raises StopAll when the landing database can't be used.
    """
    with saving.opened(landing) as con:
        return [_collect_one(con, one, now, progress) for one in settings]


def _collect_one(con, settings: Source, now: datetime, progress) -> Result:
    result = Result(settings.name)
    started = time.monotonic()
    saving.describe(con, settings)
    try:
        progress(result.source, "asking")
        for reading in readings(settings, saving.cursor(con, settings), now):
            saved = saving.save(con, settings, reading, now, time.monotonic() - started)
            if saved is None:
                continue
            result.readings += 1
            result.refused_readings += saved.outcome == "refused"
            result.rows_in += saved.rows_in
            result.accepted += saved.accepted
            result.refused += saved.refused
            progress(result.source, f"{result.readings} answers, {result.rows_in:,} rows")
        saving.answered(con, settings, now)
    except (StopSource, TryLater) as error:
        result.failed = str(error)
    except (StopAll, saving.DatabaseError):
        raise
    except Exception as error:  # an answer nobody foresaw must not cost the other sources theirs
        if str(error) == saving.INTERRUPTED:
            raise
        result.failed = f"Unexpected {type(error).__name__}: {error}. Please report it."
    if result.failed:
        saving.fail(con, settings, result.failed, now, time.monotonic() - started)
    result.seconds = time.monotonic() - started
    result.newest = saving.newest(con, settings.name)
    result.not_believed = saving.not_believed(con, settings.name)
    return result
