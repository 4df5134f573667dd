"""A SQLite file opened to be read, and for nothing else: what asks it comes from stages.yaml."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

# What a select is made of; of the pragmas the one that tells a table's columns.
_ALLOWED = {
    sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE,
}  # fmt: skip
_STEPS = 2_000  # of SQLite's machine, between two looks at the clock
_LONGEST = 100_000_000  # bytes of one value


def opened(file: Path, seconds: float) -> sqlite3.Connection:
    """A connection for so many seconds on which only a select runs: nothing is written, no other
    file is attached, no extension loaded and nothing set. Raises sqlite3.Error, also later."""
    con = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
    con.row_factory = sqlite3.Row
    # The file's own views may call nothing that has an effect.
    con.execute("pragma trusted_schema = off")
    con.execute("select * from pragma_table_info('')").fetchall()  # made known
    con.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    con.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    end = time.monotonic() + seconds
    con.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    con.set_authorizer(_may)
    return con


def _may(action: int, first: str | None, *told: str | None) -> int:
    allowed = action in _ALLOWED or (action == sqlite3.SQLITE_PRAGMA and first == "table_info")
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY
