"""One stream of a publication at one instant: what every sentence and table is told from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from math import floor
from typing import Self
from zoneinfo import ZoneInfo

import pandas

import metrics
from telling import words


@dataclass(frozen=True)
class Asked:
    """A stream (its row of the table stream) as known at an instant.

    `opened`: at the stream's own opening instant, because no other was asked for. A page answers
    from a cache of all visitors by giving `_figure` and `_table` of its own; frames are shared then, so nobody
    changes one.
    """

    publication: metrics.Publication
    stream: pandas.Series
    as_of: datetime
    opened: bool = True
    # Each answer is asked once.
    _had: dict = field(default_factory=dict, repr=False, compare=False, kw_only=True)

    def figure(self, name: str, **filters: object) -> pandas.DataFrame:
        """The rows of a figure of this stream at this instant. Raises KeyError, ValueError."""
        return self._figure(name, {"stream": self.stream.stream, **filters})

    def rows(self, name: str, wanted: metrics.Wanted, **filters: object) -> metrics.Listed:
        """Some rows of a figure or list of this stream, and how many there are. Raises as `figure`."""
        return self._rows(name, wanted, {"stream": self.stream.stream, **filters})

    def every(
        self, name: str, wanted: metrics.Wanted | None = None, **filters: object
    ) -> pandas.DataFrame:
        """All rows of a figure of this stream, for a file: they may be many, and nobody keeps them."""
        mine = {"stream": self.stream.stream, **filters}
        return self.publication.rows(name, self.as_of, wanted or metrics.Wanted(), **mine).rows

    def part(self, name: str, **filters: object) -> pandas.DataFrame:
        """The same, asked for all streams at once and filtered here: a figure of few rows works all
        of them out anyway, and a page asks it for each stage and for each stream beside its own."""
        rows = self._figure(name, {})
        for column, value in {"stream": self.stream.stream, **filters}.items():
            rows = rows[rows[column] == value]
        return rows

    def table(self, name: str, **filters: object) -> pandas.DataFrame:
        """The rows of a model table of this stream. Raises KeyError for a table there is none of."""
        return self._table(name, {"stream": self.stream.stream, **filters})

    def changes(
        self, since: datetime, before: metrics.Publication | None, stream: str | None = None
    ) -> pandas.DataFrame:
        """What changed in this stream after `since`, or in the processes ("").

        Raises ValueError for a `since` that is later than what is asked.
        """
        return self._changes(since, before, self.stream.stream if stream is None else stream)

    def process(self, name: str, **filters: object) -> pandas.DataFrame:
        """The rows of a figure of the processes, which belong to no stream."""
        return self._figure(name, filters)

    def settings(self, name: str, **filters: object) -> pandas.DataFrame:
        """The rows of a model table that belongs to no stream."""
        return self._table(name, filters)

    def faster(self, stage: str = "") -> pandas.Series:
        """Whether a stage, or the whole line, gets faster: its row of the figure verdict."""
        rows = self.figure("verdict")
        return rows[rows.stage == stage].iloc[0]

    def spread(self, stage: str = "") -> pandas.Series:
        """Whether a stage, or the whole line, is steady: its row of the figure spread."""
        rows = self.figure("spread")
        return rows[rows.stage == stage].iloc[0]

    def day_ends(self, day: date, stream: str = "") -> datetime:
        """A day as an instant (UTC): the end of it for a stream, or for processes. Raises KeyError."""
        return self.publication.day_ends(day, stream)

    def processes(self) -> Self:
        """The same when processes are shown: where they open themselves, or at the end of the
        chosen day in UTC, whose days are theirs."""
        opens, day = (
            self.settings("process_group").opens_at,
            self.as_of.astimezone(self._zone).date(),
        )
        at = self.as_of
        if self.opened:
            at = at if opens.isna().all() else opens.max().to_pydatetime()
        elif at == self.day_ends(day, self.stream.stream):
            at = self.day_ends(day)
        # In whose own zone the last moment of a summer's day would be tomorrow.
        stream = self.stream.copy()
        stream["time_zone"] = "UTC"
        return replace(self, as_of=at, stream=stream)

    def of(self, stream: str) -> Self:
        """The same of another stream: where it opens itself, or at the end of the chosen day in its
        own zone. Raises IndexError for a stream there is none of."""
        row, at = self.settings("stream", stream=stream).iloc[0], self.as_of
        if self.opened:
            at = at if pandas.isna(row.opens_at) else row.opens_at.to_pydatetime()
            return replace(self, stream=row, as_of=at)
        chosen = self.as_of.astimezone(self._zone).date()
        ended = self.as_of == self.day_ends(chosen, self.stream.stream)
        at = self.day_ends(chosen, stream) if ended else self.as_of
        return replace(self, stream=row, as_of=at)

    def others(self) -> list[Self]:
        """The same of each other stream."""
        every = self.settings("stream").stream
        return [self.of(stream) for stream in every if stream != self.stream.stream]

    def before(self, days: int) -> Self:
        """The same so many days earlier."""
        return replace(self, as_of=self.as_of - timedelta(days=days))

    @property
    def unit(self) -> str:
        """What its days are: "days", or "working days" where only those count."""
        return "working days" if self.stream.days == "working" else "days"

    def days(self, value: float | None, at_least: bool = False) -> str:
        """A stretch of days of the stream's own clock, in words."""
        return words.days(value, at_least, self.unit)

    def or_more(self, value: float | None, at_least: bool) -> str:
        """The median age of what is still there: half of it is so old or older. Of under a day that
        says nothing, and half of it is younger."""
        if at_least or value is None or not value >= 1:
            return self.days(value, at_least)
        return f"{self.days(floor(value))} or more"

    def typical(self, row: pandas.Series) -> str:
        """A row of typical_time: the days, or why there are none."""
        return row.typical_word or self.days(row.typical_days)

    def under_banner(self, text: str) -> str:
        """What stands on a file that leaves: first what stages.yaml wants said above every page."""
        return " ".join(filter(None, [self.stream.banner, text]))

    def day(self, value: object) -> str:
        """An instant as a day of the stream's own zone."""
        return words.day(value, self.stream.time_zone)

    def date(self, instant: datetime) -> date:
        """The calendar day of an instant in the stream's own zone."""
        return instant.astimezone(self._zone).date()

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.stream.time_zone)

    def _figure(self, name: str, filters: dict) -> pandas.DataFrame:
        key = (name, self.as_of, *sorted(filters.items()))
        if key not in self._had:
            self._had[key] = self.publication.figure(name, self.as_of, **filters)
        return self._had[key]

    def _rows(self, name: str, wanted: metrics.Wanted, filters: dict) -> metrics.Listed:
        return self.publication.rows(name, self.as_of, wanted, **filters)

    def _changes(
        self, since: datetime, before: metrics.Publication | None, stream: str
    ) -> pandas.DataFrame:
        return self.publication.changes(since, self.as_of, stream, before)

    def _table(self, name: str, filters: dict) -> pandas.DataFrame:
        key = (name, None, *sorted(filters.items()))
        if key not in self._had:
            self._had[key] = self.publication.table(name, **filters)
        return self._had[key]


def asked(publication: metrics.Publication, stream: str, as_of: datetime | None = None) -> Asked:
    """A stream by its id at an instant; without one when it opens: the end of its data, or now.

    Raises KeyError for a stream there is none of.
    """
    rows = publication.table("stream", stream=stream)
    if rows.empty:
        raise KeyError(f"There is no stream {stream!r}.")
    at = as_of or publication.opens_at(stream) or datetime.now(UTC)
    return Asked(publication, rows.iloc[0], at, opened=as_of is None)


def of_every_stream(
    publication: metrics.Publication, name: str, instants: dict[str, datetime]
) -> pandas.DataFrame:
    """A figure of all streams, each at its own instant by its id, and of the processes, whose stream
    is ''. Raises KeyError, ValueError."""
    instants = {"": instants[""], **instants}  # what is of no stream is asked first
    parts = []
    for at in dict.fromkeys(instants.values()):
        rows = publication.figure(name, at)
        if "stream" not in rows:
            return rows
        parts.append(rows[rows.stream.map(instants) == at])
    return pandas.concat(parts, ignore_index=True)
