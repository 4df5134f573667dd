"""The file of the notes: opened for one piece of work at a time, its schema brought up to date, and
what is wrong with it in a sentence."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from settings import disk

NAME = "notes.sqlite"
SECONDS = 30  # to wait while others write; a piece of work takes some hundredths
SCHEMA = {
    int(file.name.split("_")[0]): file for file in (Path(__file__).parent / "schema").glob("*.sql")
}
_SAFE = "Nothing of yours has been written."


class Trouble(Exception):
    """The notes can't be read or written: one sentence with the file, what is wrong and the cure."""


@contextmanager
def reading(file: Path) -> Iterator[sqlite3.Connection]:
    """A connection that sees the notes as they are at one moment; none where there is no file yet.
    Who may not write there reads all the same. Raises Trouble.
    """
    with _told(file), closing(_to_read(file)) as con:
        con.execute("begin")
        yield con


@contextmanager
def writing(file: Path) -> Iterator[sqlite3.Connection]:
    """A connection in a transaction that nobody else writes beside: all of it is kept at the end, or
    nothing when an error leaves it. The file is made where there is none. Raises Trouble."""
    with _told(file), closing(_connected(file, create=True)) as con:
        con.execute("begin immediate")
        try:
            yield con
            con.execute("commit")
        except BaseException:
            with suppress(sqlite3.Error):
                con.execute("rollback")
            raise


def backup(file: Path, to: Path) -> None:
    """A whole copy of the notes in a new file, taken while others may write, and read through.

    Raises Trouble, FileExistsError where there is one of that name.
    """
    if to.exists():
        raise FileExistsError(f"{to} is there already: name a new file.")
    made = to.with_name(f"{to.name}.part")
    with _told(file), closing(_to_read(file)) as con:
        made.unlink(missing_ok=True)
        with _told(made), closing(sqlite3.connect(made)) as copy:
            con.backup(copy)
            copy.execute("pragma journal_mode = delete")  # one file, to be carried away
        _read_through(made, file)
    made.rename(to)


def _read_through(copy: Path, of: Path) -> None:
    with closing(sqlite3.connect(copy)) as con:
        (found,) = con.execute("pragma integrity_check(1)").fetchone()
    if found != "ok":
        copy.unlink()
        raise sqlite3.DatabaseError(f"{of.name}: {found}")


def _connected(file: Path, create: bool = False) -> sqlite3.Connection:
    if create:
        file.parent.mkdir(parents=True, exist_ok=True)
    mode = "rwc" if create else "rw"
    con = sqlite3.connect(
        f"{file.absolute().as_uri()}?mode={mode}", uri=True, timeout=SECONDS, isolation_level=None
    )
    try:
        con.row_factory = sqlite3.Row
        _several_at_once(con)
        _up_to_date(con, file)
    except BaseException:
        con.close()
        raise
    return con


def _to_read(file: Path) -> sqlite3.Connection:
    if not file.exists():
        return _empty()
    may_write = os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)
    return _connected(file) if may_write else _copied(file)


def _copied(file: Path) -> sqlite3.Connection:
    """A copy in memory, for which nothing is written, not even beside the file. Where nobody has it open
    and nothing is left over the file is the whole; else SQLite reads what others keep beside it."""
    beside = file.with_name(f"{file.name}-wal")
    alone = "&immutable=1" * (not beside.exists() or not beside.stat().st_size)
    copy = sqlite3.connect(":memory:", isolation_level=None)
    try:
        with closing(
            sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro{alone}", uri=True)
        ) as con:
            con.backup(copy)
        copy.row_factory = sqlite3.Row
        _up_to_date(copy, file)
    except BaseException:
        copy.close()
        raise
    return copy


def _several_at_once(con: sqlite3.Connection) -> None:
    """Readers beside a writer (a write-ahead log), and what is committed is on the disk."""
    end = time.monotonic() + SECONDS
    # Of two that make the file at once SQLite turns one away without the wait that it has otherwise.
    while con.execute("pragma journal_mode").fetchone()[0] != "wal":
        try:
            con.execute("pragma journal_mode = wal")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(0.02)
    con.execute("pragma synchronous = full")


def _up_to_date(con: sqlite3.Connection, file: Path) -> None:
    """Apply the schema files that the database has not had, all in one transaction."""
    newest = max(SCHEMA)
    if (has := _version(con)) < newest:
        con.execute("begin immediate")
        has = _version(con)  # another may have been first
        for number in sorted(SCHEMA):
            if number > has:
                for statement in _statements(SCHEMA[number].read_text()):
                    con.execute(statement)
        con.execute("commit")
    elif has > newest:
        raise Trouble(
            f"{file} was written by a newer version of valuestream (its notes are of form {has}, this "
            f"one knows {newest}): use that version. Nothing in it has been changed."
        )


def _version(con: sqlite3.Connection) -> int:
    return con.execute("pragma user_version").fetchone()[0]


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: sqlite3 would commit before it ran it whole."""
    gathered = ""
    for line in script.splitlines(keepends=True):
        gathered += line
        if sqlite3.complete_statement(gathered):
            yield gathered
            gathered = ""


def _empty() -> sqlite3.Connection:
    """What has no notes, of the same form."""
    con = sqlite3.connect(":memory:", isolation_level=None)
    con.row_factory = sqlite3.Row
    _up_to_date(con, Path(":memory:"))
    return con


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """What SQLite and the system say, as a sentence."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise  # what was asked is wrong, not the file
    except (sqlite3.DatabaseError, OSError) as error:
        raise Trouble(_sentence(file, error)) from error


def _sentence(file: Path, error: Exception) -> str:
    code, said = getattr(error, "sqlite_errorname", ""), str(error)
    if code == "SQLITE_FULL" or disk.full(said):
        return f"{file} can't be written: the disk is full. Make room and try again. {_SAFE}"
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return f"{file} has been in use by somebody else for {SECONDS} seconds. Try again. {_SAFE}"
    if code.startswith("SQLITE_IOERR"):
        return f"{file} can't be read or written: {said}. Look at its disk, then try again. {_SAFE}"
    if code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")) or isinstance(error, OSError):
        return f"{file} can't be opened for writing: {said}. Let this user write there. {_SAFE}"
    return (
        f"{file} can't be read: {said}. Move it away, with the files beside it of its name (-wal, "
        "-shm), and put the last backup in its place ('valuestream notes backup' makes one). "
        "Everything else goes on without it."
    )
