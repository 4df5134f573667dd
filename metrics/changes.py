"""What changed between two instants, and what came to be known late: figures of both compared by SQL
(metrics/comparing), in a database of its own that lives no longer than the question."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import duckdb
import pandas

from metrics.listed import Listed, Wanted
from settings import database

HERE = Path(__file__).parent
WORDS = HERE / "model" / "build" / "00_words.sql"
STEPS = sorted((HERE / "comparing").glob("*.sql"))
_INSERT = {
    "line": "insert into line by name from rows",
    "stage": "insert into stage by name from rows",
    "happened": "insert into happened by name from rows",
    "box": "insert into box by name from rows",
    "verdict": "insert into verdict by name from rows",
    "open_item": "insert into open_item by name from rows",
    "known_stage": "insert into known_stage by name from rows",
}
_COMPARED = "update line set is_compared = stream in (select stream from rows)"
_ANSWER = """
select change.* exclude (group_no) rename ("at" as since) from change left join stage using (stream, stage)
order by stream = '', stream, group_no, if(item = '', coalesce(stage_no, 0), 0), "at", item,
         stage_no, process_group, process, what
"""


class Asked(Protocol):
    """A publication, as far as it is asked here."""

    @property
    def published_at(self) -> datetime: ...
    @property
    def outdated(self) -> str: ...
    def figure(self, name: str, as_of: datetime, /, **filters: object) -> pandas.DataFrame: ...
    def rows(self, name: str, as_of: datetime, wanted: Wanted, /, **filters: object) -> Listed: ...
    def table(self, name: str, /, **filters: object) -> pandas.DataFrame: ...


def between(
    asked: Asked, since: datetime, as_of: datetime, stream: str | None, before: Asked | None
) -> pandas.DataFrame:
    """What metrics.Publication.changes gives; it raises what that does."""
    if since.tzinfo is None or as_of.tzinfo is None:
        raise ValueError("since and as_of need a time zone, for example datetime.now(UTC).")
    if since > as_of:
        raise ValueError(f"Nothing changes from {_moment(since)} back to {_moment(as_of)}.")
    if before and before.published_at > since:
        raise ValueError(f"The publication of {_moment(before.published_at)} was made later.")
    if before and (before.outdated or before.published_at == asked.published_at):
        before = None  # its figures are others; the same one adds nothing
    with database.connect() as con:
        con.execute(WORDS.read_text())
        con.execute(STEPS[0].read_text())
        made = before.published_at if before else None
        con.execute("insert into span values (?, ?, ?)", [since, as_of, made])
        # All that ever happened is compared with an earlier publication; else only what is new.
        wanted = Wanted(after=None if before else ("at", since))
        _now(con, asked, since, as_of, stream, wanted)
        if before:
            _early(con, before, since, stream)
        for step in STEPS[1:]:
            con.execute(step.read_text())
        return con.execute(_ANSWER).df()


def late_said(before: Asked | None, since: datetime) -> str:
    """Beside what it can be told what came to be known late, or why it can't be, in a sentence."""
    if before is None:
        return (
            "What came to be known late can't be told: no publication made by "
            f"{_moment(since)} is kept."
        )
    if before.outdated:
        return (
            f"What came to be known late can't be told: the publication of "
            f"{_moment(before.published_at)} was made by another version of the program, whose "
            "figures are others."
        )
    return (
        f"What came to be known late is told beside the publication of "
        f"{_moment(before.published_at)}, the newest that is kept of those made by "
        f"{_moment(since)}."
    )


def _moment(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%-d %B %Y, %H:%M} UTC"


def _now(
    con: duckdb.DuckDBPyConnection,
    asked: Asked,
    since: datetime,
    as_of: datetime,
    stream: str | None,
    happened: Wanted,
) -> None:
    """What a publication tells of both instants, into the tables of comparing."""
    only = {} if stream is None else {"stream": stream}
    lines = asked.table("stream", **only)
    if stream and lines.empty:
        raise KeyError(f"There is no stream {stream!r}.")
    _add(con, "line", lines)
    _add(con, "stage", asked.table("stage", **only))
    _boxes(con, asked, since, "since", stream)
    _boxes(con, asked, as_of, "as of", stream)
    if not stream:
        _add(con, "line", pandas.DataFrame([{"stream": "", "time_zone": "UTC"}]))
    if lines.empty:
        return
    _add(con, "happened", asked.rows("happened", as_of, happened, **only).rows, known="as of")
    for known, at in (("since", since), ("as of", as_of)):
        _add(con, "verdict", asked.figure("verdict", at, **only), known=known)
    _add(con, "open_item", asked.figure("age", as_of, **only))
    seen = asked.figure("measure", as_of, measure="oldest", why="", **only)
    _add(con, "known_stage", seen)


def _early(
    con: duckdb.DuckDBPyConnection, before: Asked, since: datetime, stream: str | None
) -> None:
    """What an earlier publication told of the first instant."""
    only = {} if stream is None else {"stream": stream}
    _boxes(con, before, since, "before", stream)
    _add(con, "happened", before.figure("happened", since, **only), known="before")
    con.register("rows", before.table("stream")[["stream"]])
    con.execute(_COMPARED)


def _boxes(
    con: duckdb.DuckDBPyConnection, asked: Asked, at: datetime, known: str, stream: str | None
) -> None:
    """The colour of each stage and of each process at an instant."""
    if stream != "":
        only = {} if stream is None else {"stream": stream}
        stages = asked.figure("status", at, **only).drop(columns="since")
        stages = stages.rename(columns={"stage_name": "name"})
        _add(con, "box", stages, known=known, subject="stage")
    if not stream:
        processes = asked.figure("process_status", at).rename(columns={"process_name": "name"})
        _add(con, "box", processes, known=known, subject="process")


def _add(con: duckdb.DuckDBPyConnection, table: str, rows: pandas.DataFrame, **more: str) -> None:
    """Rows into a table that has some of their columns."""
    rows = rows.assign(**more)
    con.register("rows", rows[[name for name in con.table(table).columns if name in rows]])
    con.execute(_INSERT[table])
    con.unregister("rows")
