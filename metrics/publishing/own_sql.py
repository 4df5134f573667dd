"""The SQL that stages.yaml brings: it reads the landing database, and nothing else.

It runs on a connection of its own, on which no other file, no setting and no extension can be
reached, for so long and with so much memory; publishing takes over what it gave.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import duckdb
import pyarrow

from metrics.publishing.landing import CannotPublish, unreadable
from settings import database
from settings.limits import Limits
from settings.stages import Stages

MOST = Limits(seconds=600, megabytes=500)
MEMORY = "2GB"
BESIDE = 4 << 30  # bytes that the process may grow by: DuckDB does not count all that it takes
BATCH = 2048  # rows: DuckDB's own step
_ERRORS = (duckdb.Error, pyarrow.ArrowException, MemoryError, OSError, ValueError)


@contextmanager
def answered(stages: Stages, landing: Path) -> Iterator[dict[str, pyarrow.Table]]:
    """What the SQL of each stream and process gives, by whose it is: "stream 'x'", "process 'x'".

    The landing database stays open until the end: the first to close it would take away this
    process's lock on the file. Raises CannotPublish.
    """
    own = {f"stream {s.id!r}": s.events_sql for s in stages.streams.values() if s.events_sql}
    own |= {
        f"process {p.id!r}": p.subjects_sql for p in stages.processes.values() if p.subjects_sql
    }
    if not own:
        yield {}
        return
    with opened(landing) as con:
        yield {who: answer(con, who, Path(file)) for who, file in own.items()}


def opened(landing: Path) -> duckdb.DuckDBPyConnection:
    """A connection that reaches a landing database alone. Raises CannotPublish."""
    try:
        return database.connect(landing, read_only=True, locked=True, memory=MEMORY)
    except duckdb.Error as error:
        raise unreadable(landing, error) from None


def answer(
    con: duckdb.DuckDBPyConnection, who: str, file: Path, most: Limits = MOST
) -> pyarrow.Table:
    """The rows of a file of SQL, which is one select. Raises CannotPublish, naming whose it is."""
    clock = Timer(most.seconds, con.interrupt)
    try:
        text = file.read_text()
        if [s.type for s in duckdb.extract_statements(text)] != [duckdb.StatementType.SELECT]:
            raise CannotPublish(f"{who}: {file} has to be one select, and nothing besides.")
        with _bounded():
            clock.start()
            rows = _rows(con, text, most)
    except _ERRORS as error:
        # What Arrow hands on has lost DuckDB's name for it.
        if "INTERRUPT" in str(error):
            why = f"takes longer than {most.seconds:g} seconds: ask for less"
        else:
            why = f"does not run: {(str(error) or 'no memory is left').splitlines()[0][:400]}"
        raise CannotPublish(f"{who}: {file} {why.rstrip('.')}. {_MAY}") from None
    finally:
        clock.cancel()
    _plain(rows.schema, who, file)
    return rows


_MAY = "It may read the landing database, and nothing else."


def _rows(con: duckdb.DuckDBPyConnection, text: str, most: Limits) -> pyarrow.Table:
    """Taken over piece by piece, so that too much is noticed before it is there. Raises ValueError."""
    reader = con.sql(text).to_arrow_reader(BATCH)
    batches, rows, size = [], 0, 0
    for batch in reader:
        batches.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if not (most.allow("rows", rows) and most.allow("megabytes", size)):
            raise ValueError(
                f"it gives more than {most.rows:,} rows or {most.megabytes:g} megabytes"
            )
    return pyarrow.Table.from_batches(batches, reader.schema)


@contextmanager
def _bounded() -> Iterator[None]:
    """No more memory than BESIDE for what is done meanwhile, where the system tells how much is
    taken: what is beyond it fails with a sentence instead of taking the machine down."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    taken = Path("/proc/self/statm")
    if soft == resource.RLIM_INFINITY and taken.exists():
        pages = int(taken.read_text().split()[0])
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + BESIDE, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _plain(schema: pyarrow.Schema, who: str, file: Path) -> None:
    """Raises CannotPublish for columns that hold no plain values: a list would be taken for its text."""
    for field in schema:
        kind = field.type
        if pyarrow.types.is_nested(kind) or any(odd(kind) for odd in _ODD):
            raise CannotPublish(
                f"{who}: the column {field.name!r} of {file} is of type {kind}: give a text, a "
                "number, a time, or true and false."
            )


_ODD = (
    pyarrow.types.is_binary, pyarrow.types.is_large_binary, pyarrow.types.is_binary_view,
    pyarrow.types.is_fixed_size_binary, pyarrow.types.is_duration, pyarrow.types.is_interval,
)  # fmt: skip


def events(con: duckdb.DuckDBPyConnection, stream: str, file: str, told: pyarrow.Table) -> None:
    """Take what the SQL of a stream gave over as its events. Raises CannotPublish."""
    who = f"stream {stream!r}: {file}"
    _take(con, who, told, {"name", "link"}, {"stream": stream}, _EVENT, _DETAIL, _WRONG_EVENT)


def subjects(con: duckdb.DuckDBPyConnection, process: str, file: str, told: pyarrow.Table) -> None:
    """Take what the SQL of a process gave over as its subjects. Raises CannotPublish."""
    who = f"process {process!r}: {file}"
    _take(con, who, told, {"process", "subject"}, {"process": process}, _SUBJECT, _WRONG_SUBJECT)


def _take(con, who: str, told: pyarrow.Table, needed: set, whose: dict, *steps: str) -> None:
    """Insert by the steps, of which the last tells what of it is wrong."""
    if missing := sorted(needed - set(told.column_names)):
        raise CannotPublish(f"{who} gives no column {' and no column '.join(missing)}.")
    con.register("told", told)
    try:
        for insert in steps[:-1]:
            con.execute(insert, whose)
        wrong = con.execute(steps[-1], whose).fetchall()
    except (duckdb.ProgrammingError, duckdb.DataError, duckdb.NotSupportedError) as error:
        first = str(error).splitlines()[0]
        raise CannotPublish(f"{who} gives what can't be taken: {first}") from None
    finally:
        con.unregister("told")
    if wrong:
        raise CannotPublish(f"{who} gives what can't be taken: {wrong[0][0]}.")


_EVENT = """
insert into told_event by name
select $stream as stream, 1 as precedence, * exclude (name, link) from told
"""
_DETAIL = "insert into told_name select distinct $stream, item, name, link from told"
_WRONG_EVENT = """
select format('{} of the item {}', what, coalesce('''' || item || '''', 'without a name')) from (
    select item, case
        when coalesce(source, '') = '' then 'no source'
        when coalesce(item, '') = '' then 'no key'
        when kind is null or kind not in ('status', 'blocked', 'exists')
            then 'a kind that is not status, blocked or exists'
        when value is null then 'no value'
        when since is null or since < '1900-01-01' or since >= '2200-01-01'
            then 'a since that is no time between 1900 and 2200'
        when not_before > since then 'a not_before that is later than since'
        when precision is null or precision not in ('exact', 'day', 'between', 'at least')
            then 'a precision that is not exact, day, between or at least'
        when opening is null then 'no opening'
        when sequence is null then 'no sequence'
    end as what
    from told_event where stream = $stream
) where what is not null order by all limit 1
"""
_SUBJECT = """
insert into check_detail by name select $process as process_group, * from told
"""
_WRONG_SUBJECT = """
select format('{} of the subject {}', what, coalesce('''' || subject || '''', 'without a name')) from (
    select subject, case
        when process is null then 'no process'
        when subject is null then 'no key'
        when count(*) over (partition by process, subject) > 1 then 'more than one row'
        when added_at < '1900-01-01' or added_at >= '10000-01-01' then 'no such time added_at'
        when ended_at < '1900-01-01' or ended_at >= '10000-01-01' then 'no such time ended_at'
    end as what
    from check_detail where process_group = $process
) where what is not null order by all limit 1
"""
