"""Collecting: sources asked side by side, every answer saved whole or not at all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from queue import Full, Queue
from threading import Event, Thread

from settings import redaction
from settings.sources import Source
from sources import Progress, Reading, StopAll, StopSource, TryLater
from sources.landing import saving
from sources.reading.aside import Aside, tidied

AT_ONCE = 4  # sources, so that one that is slow keeps no other waiting


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
    note: str = ""  # what its newest answer says of itself
    not_believed: str = (
        ""  # why its newest whole answer was refused, now or earlier; "" if it was not
    )


def readings(
    settings: Source, cursor: dict, now: datetime, aside: Aside | None = None
) -> Iterator[Reading | Progress]:
    """The readings of a source since its cursor, oldest first; where it can go on after what was kept
    aside of a read that was killed, it does. Raises StopSource or TryLater."""
    more = [aside] if settings.resumed else []
    return import_module(f"sources.{settings.kind}").readings(settings, cursor, now, *more)


def collect(
    settings: Iterable[Source],
    landing: Path,
    now: datetime,
    progress: Callable[[str, str], None] = lambda source, message: None,
) -> list[Result]:
    """Collect the sources, a few at a time, into the landing database, to which only this thread
    writes, each answer by itself; one that fails stops only itself.

    Returns a Result for each in their order; a failure of any sort is kept as a load. Raises
    StopAll when the landing database can't be used.
    """
    sources = list(settings)
    with saving.opened(landing) as con:
        for one in sources:
            saving.describe(con, one)
        tidied(folder := landing.with_name(f"{landing.name}.pages"))
        asides = [Aside(folder, one.name) for one in sources]
        asking = _Asking(sources, [saving.cursor(con, one) for one in sources], asides, now)
        saved = [_Saved(con, *one, now, progress) for one in zip(sources, asides, strict=True)]
        try:
            for number, told, at in asking.told():
                saved[number].take(told, at)
        finally:
            asking.stop()
        return [one.result for one in saved]


class _Began:
    """A source is being asked."""


class _Done:
    """A source has told everything."""


Told = Reading | Progress | Exception | _Began | _Done


class _Asking:
    """Asks the sources. Those at an address side by side in threads of their own, for they are
    waited for; files one after another here, for they are worked on, and what is started for them
    (git) ends when this process is told to."""

    def __init__(
        self, sources: list[Source], cursors: list[dict], asides: list[Aside], now: datetime
    ):
        self.sources, self.cursors, self.asides, self.now = sources, cursors, asides, now
        self.files = [n for n, one in enumerate(sources) if not one.live]
        self.live = [n for n, one in enumerate(sources) if one.live]
        self.left = iter(self.live)
        # Who is quicker than the disk waits.
        self.said: Queue[tuple[int, Told, float]] = Queue(AT_ONCE)
        self.stopped = Event()
        count = min(AT_ONCE, len(self.live))
        self.threads = [Thread(target=self._work, daemon=True) for _ in range(count)]

    def told(self) -> Iterator[tuple[int, Told, float]]:
        """What each source tells, with its number and when (monotonic), of one in its order."""
        for thread in self.threads:
            thread.start()
        asked, files = len(self.live), self._read()
        while (read := next(files, None)) or asked:
            if read:
                yield read
            while asked and (read is None or not self.said.empty()):
                number, told, at = self.said.get()
                asked -= isinstance(told, Exception | _Done)
                yield number, told, at

    def _read(self) -> Iterator[tuple[int, Told, float]]:
        """What each file tells."""
        for number in self.files:
            yield number, _Began(), time.monotonic()
            try:
                for reading in self._readings(number):
                    yield number, reading, time.monotonic()
            except Exception as error:
                if saving.INTERRUPTED in str(error):
                    raise
                yield number, error, time.monotonic()
            else:
                yield number, _Done(), time.monotonic()

    def _readings(self, number: int) -> Iterator[Reading | Progress]:
        cursor, aside = self.cursors[number], self.asides[number]
        return readings(self.sources[number], cursor, self.now, aside)

    def stop(self) -> None:
        """Nothing more is wanted: who waits for an answer finds out when it comes."""
        self.stopped.set()
        for thread in self.threads:
            thread.join(0.1)

    def _work(self) -> None:
        for number in self.left:
            try:
                self._ask(number)
            except _Stopped:
                return
            except Exception as error:
                self._say(number, error)

    def _ask(self, number: int) -> None:
        self._say(number, _Began())
        for reading in self._readings(number):
            self._say(number, reading)
        self._say(number, _Done())

    def _say(self, number: int, told: Told) -> None:
        at = time.monotonic()
        while not self.stopped.is_set():
            try:
                return self.said.put((number, told, at), timeout=0.2)
            except Full:
                pass
        raise _Stopped


class _Stopped(Exception):
    """Nobody listens any more."""


class _Saved:
    """What has come of one source so far."""

    def __init__(self, con, settings: Source, aside: Aside, now: datetime, progress):
        self.con, self.settings, self.now, self.progress = con, settings, now, progress
        self.aside = aside
        self.result = Result(settings.name)
        self.started, self.over = 0.0, False

    def take(self, told: Told, at: float) -> None:
        """Saves what was told, or notes why nothing was. Raises StopAll or DatabaseError."""
        if self.over:
            return
        self.result.seconds = at - self.started
        if isinstance(told, _Began):
            self.started = at
            self.progress(self.settings.name, "asking")
        elif isinstance(told, Progress):
            self.progress(self.settings.name, told)
        elif isinstance(told, Reading):
            try:
                self._save(told)
            except (StopAll, saving.DatabaseError):
                raise
            except Exception as error:
                self._end(error)
        else:
            self._end(told)

    def _save(self, reading: Reading) -> None:
        result = self.result
        result.note = redaction.of(self.settings)(reading.note)
        self._in_time(reading)
        saved = saving.save(self.con, self.settings, reading, self.now, result.seconds)
        if saved is None:
            return
        result.readings += 1
        result.refused_readings += saved.outcome == "refused"
        result.rows_in += saved.rows_in
        result.accepted += saved.accepted
        result.refused += saved.refused
        self.progress(result.source, f"{result.readings} answers, {result.rows_in:,} rows")

    def _in_time(self, reading: Reading) -> None:
        """Raises TryLater for a picture of now where the last one is of a time to come: put before it
        in the order of time, it would tell that all went back since."""
        if self.settings.tells == "states" and reading.seen_at == self.now:
            last = saving.newest(self.con, self.settings)
            if last and last > self.now:
                raise TryLater(
                    f"Its last answer is of {last.day} {last:%B %Y, %H:%M} UTC, still to come: is this "
                    "machine's clock right? If it was wrong then, call the source otherwise in "
                    "stages.yaml, which begins it anew."
                )

    def _end(self, told: Exception | _Done) -> None:
        self.over, result = True, self.result
        said = redaction.of(self.settings)
        if isinstance(told, StopAll):
            raise told
        if not isinstance(told, TryLater):
            self.aside.forget()
        if isinstance(told, _Done):
            saving.answered(self.con, self.settings, self.now)
        elif isinstance(told, StopSource | TryLater):
            result.failed = said(str(told))
        else:  # an answer nobody foresaw must not cost the other sources theirs
            result.failed = said(f"Unexpected {type(told).__name__}: {told}. Please report it.")
        if result.failed:
            saving.fail(self.con, self.settings, result.failed, self.now, result.seconds)
        result.newest = saving.newest(self.con, self.settings)
        result.not_believed = saving.not_believed(self.con, result.source, self.now)
