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

_MADE = re.compile(r"^create macro (\w+)", re.MULTILINE)


class Macros(NamedTuple):
    """The names of macros, and a database file that holds them and nothing else."""

    names: frozenset[str]
    file: bytes


_kept: list[Macros] = []


def begin(file: Path) -> frozenset[str]:
    """Begin the file of a publication with the macros that are known; their names."""
    if not _kept:
        return frozenset()
    file.write_bytes(_kept[0].file)
    return _kept[0].names


def run(con: duckdb.DuckDBPyConnection, sql: str, known: frozenset[str]) -> None:
    """Run SQL of ours, but for the macros that are there already. Raises duckdb.Error."""
    for name, statement in _statements(sql):
        if name not in known:
            con.execute(statement)


def keep(con: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Remember the macros of a publication that is built, for the next one; `file` is free to use."""
    if _kept:
        return
    file.unlink(missing_ok=True)
    (here,) = con.execute("select current_database()").fetchone() or ("",)
    # DuckDB takes no parameters here; both names are ours, and quoted.
    con.execute(f"attach '{str(file).replace(chr(39), chr(39) * 2)}' as macros")
    con.execute(f'copy from database "{here}" to macros (schema)')
    for kind in ("view", "table"):
        rows = con.execute(
            f"select {kind}_name from duckdb_{kind}s() where database_name = 'macros' and not internal"
        ).fetchall()
        for (name,) in rows:
            con.execute(f'drop {kind} macros."{name}"')
    names = con.execute(
        "select function_name from duckdb_functions() where database_name = 'macros'"
    ).fetchall()
    con.execute("detach macros")
    _kept.append(Macros(frozenset(name for (name,) in names), file.read_bytes()))
    file.unlink()


@cache
def _statements(sql: str) -> list[tuple[str, str]]:
    """The statements of a text, each with the name of the macro that it makes, or none."""
    made = [(_MADE.search(s.query), s.query) for s in duckdb.extract_statements(sql)]
    return [(found[1] if found else "", query) for found, query in made]
