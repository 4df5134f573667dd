"""What the collected history means: the only door for pages, notebooks, exports and alerts.

import metrics
publication = metrics.open("data")
publication.figure("queue_size", as_of, stream="design-a-dataset")
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pandas
import pyarrow

from metrics import changes, events, shelf
from metrics.catalogue import all_figures, version
from metrics.changes import late_said as late_said
from metrics.days import day_ends
from metrics.instant import Instants
from metrics.listed import Listed as Listed
from metrics.listed import Wanted as Wanted
from metrics.listed import fetched, in_words, left, listed
from metrics.shelf import current as current
from metrics.shelf import refusal as refusal
from settings import database

OUTDATED = (
    "This publication was made by another version of the program: run 'valuestream publish'. All that "
    "was collected stays."
)
# What DuckDB says of a file that is not as it was written.
_DAMAGE = re.compile("corrupt|could not read|deserialize|not recognized|not a valid", re.IGNORECASE)
_LISTS = {"dot": "from dot_at($as_of)", "blocked_item": "from blocked_item_at($as_of)"}
_TABLES = {
    name: "from " + name for name in [
        "stream", "stage", "status_map", "target", "process_change", "not_progress",
        "stream_source", "coverage", "item", "reconciliation", "process_group", "process_target",
        "process_source", "source_use", "service_map", "map_step", "goal", "goal_result",
        "goal_course"
    ]
}  # fmt: skip
# What the model knows by the number of an item, with its line and key.
_TABLES |= {
    name: f"select item.item, told.* from {name} as told join item using (item_no)"
    for name in ["item_attribute", "stage_event", "stage_visit", "stage_stay", "blocked_span"]
}


class Unreadable(Exception):
    """A publication could not be read: a sentence, with what to do. `why` is its middle; `damaged`:
    another will be opened from now on, the newest that can be read."""

    def __init__(self, file: Path, why: str):
        self.why, self.damaged = why.rstrip("."), bool(shelf.damage(file))
        super().__init__(
            f"{file.name} can't be read: {self.why}. Run 'valuestream publish' to make a new one: all "
            "that was collected stays."
        )


class Publication:
    """One finished, immutable database file, opened read-only with external access off.

    Whatever is asked of it raises Unreadable where the file turns out to be damaged, or DuckDB fails.
    """

    def __init__(self, file: Path):
        self.file = file
        self.instead = ""  # why it is shown, where it is not the current one
        self.failed = False  # to be opened anew: DuckDB answers nothing after some failures
        with self._reading():
            self._connection = database.connect(file, read_only=True, locked=True)
            self._instants = Instants(self._connection)

    @property
    def published_at(self) -> datetime:
        """When this publication was made (UTC), from its file's name."""
        return shelf.made_at(self.file)

    @property
    def outdated(self) -> str:
        """What to do where another version of the program made it, whose figures are others; or ""."""
        with self._reading(), self._connection.cursor() as cursor:
            try:
                made_by = cursor.execute("select version from made_by").fetchall()
            except duckdb.CatalogException:
                made_by = []
        return "" if made_by == [(version(),)] else OUTDATED

    def figure(self, name: str, as_of: datetime, /, **filters: object) -> pandas.DataFrame:
        """The rows of a figure as known at as_of, filtered by equality on its columns.

        Columns are those of its file under metrics/figures; days are fractions, times are UTC.
        Raises KeyError for a figure there is none of, ValueError for an as_of without a zone and
        for a filter that is no column of it.
        """
        figures = all_figures()
        if name not in figures:
            raise KeyError(f"There is no figure {name!r}. There are: {', '.join(figures)}.")
        if as_of.tzinfo is None:
            raise ValueError("as_of needs a time zone, for example datetime.now(UTC).")
        if not figures[name].sql:
            return left(figures[name].work(self._ask, as_of, filters.get("stream", "")), filters)
        query, params = figures[name].call, {"as_of": as_of}
        with self._reading():
            return self._instants.ask(
                as_of,
                query,
                lambda con: fetched(con, query, params, filters),
            )

    def rows(self, name: str, as_of: datetime, wanted: Wanted, /, **filters: object) -> Listed:
        """Some rows of a figure, or of a list of the model (`_LISTS`), without the others.

        Raises KeyError, ValueError as `figure` does; for a figure that Python works out, KeyError.
        """
        query = _LISTS.get(name) or all_figures()[name].call
        with self._reading():
            return self._instants.ask(
                as_of,
                query,
                lambda con: listed(con, query, {"as_of": as_of}, wanted, filters),
            )

    def table(self, name: str, /, **filters: object) -> pandas.DataFrame:
        """The rows of a model table (stream, stage, target, stage_visit …), filtered by equality.

        Raises KeyError for a table there is none of.
        """
        if name not in _TABLES:
            raise KeyError(f"There is no table {name!r}. There are: {', '.join(_TABLES)}.")
        # A cursor for each query: threads that share one connection mix up their answers.
        with self._reading(), self._connection.cursor() as cursor:
            return fetched(cursor, _TABLES[name], {}, filters)

    def changes(
        self, since: datetime, as_of: datetime, stream: str | None = None,
        before: Publication | None = None,
    ) -> pandas.DataFrame:  # fmt: skip
        """What changed after `since` up to as_of, as known now: a row each, with its sentence; of one
        line, of processes (stream '') or of all (None). docs/changes.md tells its columns.

        Beside `before`, made by `since` (see `at`), also what came to be known late; one made by
        another version is not asked (`late_said` says so). Raises KeyError for a stream there is
        none of, ValueError for instants without a zone or the wrong way round, or a later `before`.
        """
        return changes.between(self, since, as_of, stream, before)

    @contextmanager
    def events(self, stream: str) -> Iterator[pyarrow.RecordBatchReader]:
        """Every change of a stream as it is believed, item by item, each item's in their order, some
        rows at a time; metrics/events.py tells the columns."""
        with self._reading(), self._connection.cursor() as cursor:
            yield events.of(cursor, stream)

    def meaning(self, name: str) -> str:
        """The sentence that defines a figure. Raises KeyError for a figure there is none of."""
        return all_figures()[name].sentence

    def columns(self, name: str) -> dict[str, str]:
        """A figure's columns and their DuckDB types. Raises KeyError for one there is none of."""
        figure, now = all_figures()[name], datetime.now(UTC)
        with self._reading(), self._connection.cursor() as cursor:
            rows = (
                cursor.sql(figure.call, params={"as_of": now}) if figure.sql
                else duckdb.from_df(figure.work(self._ask, now))
            )  # fmt: skip
            kinds = ["VARCHAR" if kind.id == "enum" else str(kind) for kind in rows.types]
            return dict(zip(rows.columns, kinds, strict=True))

    def day_ends(self, day: date, stream: str = "") -> datetime:
        """A day as an instant (UTC): its last microsecond in the stream's own zone; in UTC for
        processes and where no stream is named.

        Raises KeyError for a stream there is none of.
        """
        zone = "UTC"
        if stream:
            told = self.table("stream", stream=stream)
            if told.empty:
                raise KeyError(f"There is no stream {stream!r}.")
            zone = told.time_zone.iloc[0]
        return day_ends(day, zone)

    def opens_at(self, stream: str = "") -> datetime | None:
        """The instant (UTC) at which a stream is shown unless another is asked for; None: now.

        Without a stream, the latest of all. A bundled example opens at the end of its data.
        """
        times = self.table("stream", **({"stream": stream} if stream else {})).opens_at.dropna()
        return None if times.empty else times.max().to_pydatetime()

    def processes_open_at(self) -> datetime | None:
        """The instant (UTC) at which processes are shown unless another is asked for; None: now."""
        times = self.table("process_group").opens_at.dropna()
        return None if times.empty else times.max().to_pydatetime()

    def close(self) -> None:
        """Let go of the file."""
        self._instants = Instants(self._connection)
        self._connection.close()

    def _ask(
        self, query: str, as_of: datetime | None, stream: str, **more: object
    ) -> pandas.DataFrame:
        with self._reading():
            if as_of:
                params = {"stream": stream, "as_of": as_of, **more}
                return self._instants.ask(
                    as_of, query, lambda con: in_words(con.execute(query, params).df())
                )
            with self._connection.cursor() as cursor:
                return in_words(cursor.execute(query, {"stream": stream}).df())

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except duckdb.ProgrammingError:
            raise  # what was asked is wrong, not what is read
        except duckdb.Error as error:
            self.failed = True
            why = str(error).splitlines()[0]
            if _DAMAGE.search(why):
                shelf.found_damaged(self.file, why)
            raise Unreadable(self.file, why) from error


def open(place: str | Path) -> Publication:
    """The current publication of a data folder, or the publication in a file.

    Where the current one can't be opened it is the newest that can, which says so (`instead`). Raises
    FileNotFoundError, saying what to run, when nothing has been published there, or nothing opens;
    of a file that can't be read, Unreadable.
    """
    place = Path(place)
    if place.is_file():
        if damage := shelf.damage(place):
            raise Unreadable(place, damage)
        return Publication(place)
    others, why = shelf.publications(place / shelf.FOLDER), ""
    try:
        return _opened(shelf.current(place))
    except FileNotFoundError as nothing:
        if not others:
            raise nothing from None
        why = "there is none where its name should be"
    except Unreadable as error:
        why = error.why
    except (duckdb.Error, OSError) as error:
        why = str(error).splitlines()[0].rstrip(".")
    for file in reversed(others):
        with suppress(Unreadable, duckdb.Error, OSError):
            publication = _opened(file)
            publication.instead = (
                f"The newest publication can't be opened: {why}. Shown is the newest that can; "
                "'valuestream publish' makes a new one."
            )
            return publication
    raise FileNotFoundError(
        f"No publication in {place} can be opened: {why}. Run 'valuestream publish'."
    )


def at(data: str | Path, when: date | datetime) -> Publication | None:
    """The publication of a data folder that was current at an instant, or at the end of a day in UTC:
    the newest kept of those made by then. None where none is kept; raises Unreadable."""
    if not isinstance(when, datetime):
        when = day_ends(when)
    file = shelf.made_by(data, when)
    return Publication(file) if file else None


def _opened(file: Path) -> Publication:
    """A publication that answers. Raises Unreadable, duckdb.Error, OSError."""
    if damage := shelf.damage(file):
        raise Unreadable(file, damage)
    publication = Publication(file)
    publication.table("stream")
    return publication


def figures() -> dict[str, str]:
    """Every figure's name and its sentence."""
    return {name: figure.sentence for name, figure in all_figures().items()}
