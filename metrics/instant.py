"""One instant of a publication: what its figures share is worked out once.

Figures stand on macros of the model that name each other, and DuckDB binds and works out each anew
wherever it is named: what is in a stage dozens of times for one answer. Here, each macro that a
question leads to becomes a temporary table, and on that connection answers by its own name.

What pages open with was worked out when publishing (publishing/ahead.py): it answers likewise, at
that instant and as long after it as nothing more is known to have happened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import NamedTuple, TypeVar

import duckdb

from metrics import quicker

T = TypeVar("T")
INSTANTS, VISITS = 8, 4_000_000  # kept at most: instants, and visits to a status in all of them
# Those with a row for each item, stay or visit: of more visits they are asked for anew each time.
PER_ITEM = {"visit_at", "stay_at", "stay_time_at", "spell_at", "pace_spell_at",
            "move_at", "hand_off_at"}  # fmt: skip
# What is worked out when publishing: a few rows each from all items, and the list of those still in,
# of which nothing changes until something happens again; and what does, when sources have grown too
# old to be waited for.
AHEAD = ["age", "dot_at", "stage_now", "time_at", "typical_at", "band_at", "candidate_at", "throughput_at",
         "ageing", "cumulative_flow", "move_count", "percentile", "status_count", "status_time",
         "transition", "blocker_count_at", "blocker_name_at", "blocked_item_at"]  # fmt: skip
AHEAD_IF_KNOWN = ["lately", "littles_law"]

_BEGIN = "create temp table kept_instant as select $as_of::timestamptz as instant"
# The model of another instant under the name of this one would be a wrong number: it is an error.
_GUARD = """
create temp macro is_kept_instant(as_of) as (
    select if(instant = as_of::timestamptz, true, error('The model is kept at another instant.'))
    from kept_instant)
"""
_KEEP = "create or replace temp table kept_{0} as from {0}($as_of)"
_REACHED = """
create or replace temp table kept_reached_at
    (stream text, stage text, process_no integer, typical_us bigint)
"""
_REACHED_ROW = "insert into kept_reached_at values (?, ?, ?, ?)"
_STAND_IN = """
create or replace temp macro {0}(as_of) as table
    select * from kept_{0} where is_kept_instant(as_of)
"""
_STAND_IN_AHEAD = """
create or replace temp macro {0}(as_of) as table
    select * exclude (opening_no) from ahead_{0}
    where opening_no = {1} and is_kept_instant(as_of)
"""
_OPENING = """
select opening_no from opening where $as_of between from_at and until_at order by opening_no limit 1
"""
_IS_KNOWN = """
from known_at($as_of)
except select * exclude (opening_no) from ahead_known_at where opening_no = $opening_no
"""
_IS_AHEAD = "from duckdb_tables() where table_name = 'opening'"
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
        return self._at(as_of).ask(query, answer)

    def _at(self, as_of: datetime) -> _Instant:
        with self._lock:
            instant = self._kept.pop(as_of, None) or _Instant(
                self._connection.cursor(), as_of, self._macros
            )
            self._kept[as_of] = instant  # the one asked last comes last
            while len(self._kept) > INSTANTS:
                del self._kept[next(iter(self._kept))]  # closed when its last question is answered
            return instant

    @cached_property
    def _macros(self) -> dict[str, Macro]:
        with self._connection.cursor() as cursor:
            rows = cursor.execute(_MACROS).fetchall()
            [visits] = cursor.execute("select count(*) from stage_visit").fetchall()[0]
        not_kept = PER_ITEM if visits * INSTANTS > VISITS else set()
        return {
            name: Macro(
                _NAMES.findall(text),
                name.endswith(("_at", "_now")) and parameters == ["as_of"] and name not in not_kept,
            )
            for name, parameters, text in rows
        }


class _Instant:
    """A connection on which one thread at a time asks at one instant."""

    def __init__(self, con: duckdb.DuckDBPyConnection, as_of: datetime, macros: dict[str, Macro]):
        self._connection, self._as_of, self._macros = con, {"as_of": as_of}, macros
        self._lock = Lock()
        self._seen: set[str] = set()
        con.execute(_BEGIN, self._as_of)
        con.execute(_GUARD)

    def ask(self, query: str, answer: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        with self._lock:
            seen = set(self._seen)  # taken over when all went well
            for name in self._model(_NAMES.findall(query), seen):
                if self._is_ahead(name):
                    self._connection.execute(_STAND_IN_AHEAD.format(name, self._opening))
                elif name == "reached_at":
                    self._connection.execute(_REACHED)
                    for row in quicker.reached(self._connection, self._as_of):
                        self._connection.execute(_REACHED_ROW, row)
                    self._connection.execute(_STAND_IN.format(name))
                else:
                    self._connection.execute(_KEEP.format(name), self._as_of)
                    self._connection.execute(_STAND_IN.format(name))
            self._seen = seen
            return answer(self._connection)

    def _model(self, names: list[str], seen: set[str]) -> Iterator[str]:
        """The macros of the model that names lead to, each after all that it leads to itself."""
        for name in names:
            if name in self._macros and name not in seen:
                seen.add(name)
                leads_to = ["known_at"] if name in AHEAD_IF_KNOWN else []
                yield from self._model(leads_to, seen)
                if not self._is_ahead(name):
                    yield from self._model(self._macros[name].names, seen)
                if self._is_ahead(name) or self._macros[name].is_model:
                    yield name

    def _is_ahead(self, name: str) -> bool:
        """Whether a macro was worked out ahead, and that holds at this instant."""
        if self._opening is None:
            return False
        return name in AHEAD or (name in AHEAD_IF_KNOWN and self._is_known)

    @cached_property
    def _opening(self) -> int | None:
        if not self._connection.execute(_IS_AHEAD).fetchall():
            return None  # another version made it
        rows = self._connection.execute(_OPENING, self._as_of).fetchall()
        return rows[0][0] if rows else None

    @cached_property
    def _is_known(self) -> bool:
        params = {**self._as_of, "opening_no": self._opening}
        return not self._connection.execute(_IS_KNOWN, params).fetchall()
