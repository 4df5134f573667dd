"""The macros of a publication: bound for the first that a process makes, copied into its next ones.

DuckDB binds a macro when it is made, with all that it calls: more than half of what a small
publication takes, for a text that is the same as before.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import duckdb

_MAKES = re.compile("^create macro", re.MULTILINE)
_IS_KEPT = re.compile("^(create|comment on) macro", re.MULTILINE)


class Kept(NamedTuple):
    """The statements that made macros, and a database file that holds these and nothing else."""

    made: frozenset[str]
    file: bytes


_kept: list[Kept] = []


class Macros:
    """Those of one publication, whose file begins with the ones that are kept."""

    def __init__(self, file: Path):
        self._there: frozenset[str] = frozenset()
        self._made: set[str] = set()
        if _kept:
            file.write_bytes(_kept[0].file)
            self._there = _kept[0].made

    def run(self, con: duckdb.DuckDBPyConnection, sql: str) -> None:
        """Run SQL of ours, but for macros, and comments on them, of the very same text. Raises
        duckdb.Error."""
        for statement in _statements(sql):
            if _IS_KEPT.search(statement):
                self._made.add(statement)
            if statement not in self._there:
                con.execute(_MAKES.sub("create or replace macro", statement, count=1))

    def keep(self, con: duckdb.DuckDBPyConnection, file: Path) -> None:
        """Keep the macros of this publication, now that it is built, unless some are kept.

        `file` is free to use. Raises duckdb.Error, OSError.
        """
        if _kept:
            return
        file.unlink(missing_ok=True)
        _copy(con, file)
        _kept.append(Kept(frozenset(self._made), file.read_bytes()))
        file.unlink()


def _copy(con: duckdb.DuckDBPyConnection, file: Path) -> None:
    """The macros of a database, and nothing else of it, into a file."""
    # DuckDB takes no parameter here; the path is ours, and quoted.
    con.execute("attach '{}' as macros".format(str(file).replace("'", "''")))
    for (statement,) in con.execute(_COPY).fetchall():
        con.execute(statement)
    for (statement,) in con.execute(_DROP).fetchall():
        con.execute(statement)
    con.execute("detach macros")


_COPY = "select format('copy from database \"{}\" to macros (schema)', current_database())"
_DROP = """
select format('drop view macros."{}"', view_name) from duckdb_views()
where database_name = 'macros' and not internal
union all
select format('drop table macros."{}"', table_name) from duckdb_tables()
where database_name = 'macros'
"""


@cache
def _statements(sql: str) -> list[str]:
    return [statement.query for statement in duckdb.extract_statements(sql)]
