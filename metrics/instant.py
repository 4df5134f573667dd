"""One instant of a publication: what its figures share is worked out once.

Figures stand on macros of the model that name each other, and DuckDB binds and works out each anew
wherever it is named: what is in a stage dozens of times for one answer. Here, each macro that a
question leads to becomes a temporary table, and on that connection answers by its own name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import NamedTuple, TypeVar

import duckdb

T = TypeVar("T")
INSTANTS, VISITS = 8, 4_000_000  # kept at most: instants, and visits to a status in all of them

_BEGIN = "create temp table kept_instant as select $as_of::timestamptz as instant"
# The model of another instant under the name of this one would be a wrong number: it is an error.
_GUARD = """
create temp macro is_kept_instant(as_of) as (
    select if(instant = as_of::timestamptz, true, error('The model is kept at another instant.'))
    from kept_instant)
"""
_KEEP = "create or replace temp table kept_{0} as from {0}($as_of)"
_STAND_IN = """
create or replace temp macro {0}(as_of) as table
    select * from kept_{0} where is_kept_instant(as_of)
"""
_MACROS = """
select function_name, parameters, macro_definition from duckdb_functions()
where function_type = 'table_macro' and not internal
"""
_NAMES = re.compile(r"\b(\w+)\(")


class Macro(NamedTuple):
    """What a table macro names, and whether it is the model at an instant."""

    names: list[str]
    is_model: bool


class Instants:
    """The instants at which a publication was asked last. Any thread may ask."""

    def __init__(self, con: duckdb.DuckDBPyConnection):
        self._connection = con
        self._lock = Lock()
        self._kept: dict[datetime, _Instant] = {}

    def ask(
        self, as_of: datetime, query: str, answer: Callable[[duckdb.DuckDBPyConnection], T]
    ) -> T:
        """What `answer` makes of a connection that holds what `query` leads to at `as_of`.

        Raises duckdb.Error, also when the model of another instant is asked for on it.
        """
        if self._most < 1:
            with self._connection.cursor() as cursor:
                return answer(cursor)
        return self._at(as_of).ask(query, self._macros, answer)

    def _at(self, as_of: datetime) -> _Instant:
        with self._lock:
            instant = self._kept.pop(as_of, None) or _Instant(self._connection.cursor(), as_of)
            self._kept[as_of] = instant  # the one asked last comes last
            while len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]  # closed when its last question is answered
            return instant

    @cached_property
    def _most(self) -> int:
        """How many instants may be kept: none of a publication that is too large."""
        with self._connection.cursor() as cursor:
            [visits] = cursor.execute("select count(*) from stage_visit").fetchall()[0]
        return min(INSTANTS, VISITS // max(1, visits))

    @cached_property
    def _macros(self) -> dict[str, Macro]:
        with self._connection.cursor() as cursor:
            rows = cursor.execute(_MACROS).fetchall()
        return {
            name: Macro(
                _NAMES.findall(text), name.endswith(("_at", "_now")) and parameters == ["as_of"]
            )
            for name, parameters, text in rows
        }


class _Instant:
    """A connection on which one thread at a time asks at one instant."""

    def __init__(self, con: duckdb.DuckDBPyConnection, as_of: datetime):
        self._connection, self._as_of = con, {"as_of": as_of}
        self._lock = Lock()
        self._seen: set[str] = set()
        con.execute(_BEGIN, self._as_of)
        con.execute(_GUARD)

    def ask(
        self,
        query: str,
        macros: dict[str, Macro],
        answer: Callable[[duckdb.DuckDBPyConnection], T],
    ) -> T:
        with self._lock:
            seen = set(self._seen)  # taken over when all went well
            for name in _model(_NAMES.findall(query), macros, seen):
                self._connection.execute(_KEEP.format(name), self._as_of)
                self._connection.execute(_STAND_IN.format(name))
            self._seen = seen
            return answer(self._connection)


def _model(names: list[str], macros: dict[str, Macro], seen: set[str]) -> Iterator[str]:
    """The macros of the model that names lead to, each after all that it leads to itself."""
    for name in names:
        if name in macros and name not in seen:
            seen.add(name)
            yield from _model(macros[name].names, macros, seen)
            if macros[name].is_model:
                yield name
