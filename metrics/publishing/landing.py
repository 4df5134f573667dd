"""The landing database as publishing reads it: read-only, whole, and by nobody else meanwhile."""

from __future__ import annotations

from pathlib import Path

import duckdb

from settings import database

_READ = ("check_told", "item_detail", "load", "raw", "reject", "source", "stage_event")


class CannotPublish(Exception):
    """There is nothing to publish from, or it is in use or can't be read: one sentence, the cure."""


def attach(con: duckdb.DuckDBPyConnection, landing: Path) -> None:
    """Make a landing database readable under that name. Raises CannotPublish."""
    try:
        # DuckDB 1.5 takes no parameter here; the path is ours, and quoted.
        con.execute("attach '{}' as landing (read_only)".format(str(landing).replace("'", "''")))
        there = {name for (name,) in con.execute(_THERE).fetchall()}
    except duckdb.Error as error:
        raise unreadable(landing, error) from None
    if missing := [name for name in _READ if name not in there]:
        raise CannotPublish(
            f"{landing} lacks {', '.join(missing)}: run 'valuestream collect', then publish again."
        )


_THERE = """
select table_name from duckdb_tables() where database_name = 'landing'
union all select view_name from duckdb_views() where database_name = 'landing'
"""


def unreadable(landing: Path, error: Exception) -> CannotPublish:
    """Why a landing database can't be read, and what to do."""
    why = str(error).splitlines()[0].rstrip(".!")
    if "lock on file" in why:  # "block" is a word of damaged files
        return CannotPublish(
            f"{landing} is in use: wait for the collector to end, then publish again."
        )
    return CannotPublish(
        f"{landing} can't be read: {why}. Put a copy of it back, or move it away and collect again "
        "(with the .wal file beside it, if there is one)."
    )


def check(landing: Path) -> None:
    """Read all that is in a landing database. Raises CannotPublish where some of it can't be."""
    try:
        with database.connect() as con:
            attach(con, landing)
            for (name,) in con.execute(_TABLES).fetchall():
                for _ in con.table(name).to_arrow_reader():
                    pass
    # As OSError Arrow raises what DuckDB says while it hands over rows.
    except (duckdb.Error, OSError) as error:
        raise unreadable(landing, error) from None


_TABLES = """
select format('landing."{}"', table_name) from duckdb_tables() where database_name = 'landing'
"""
