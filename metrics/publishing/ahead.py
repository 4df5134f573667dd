"""What pages open with, worked out once for all visitors while it is published.

A bundled example opens at the end of its data. Any other line opens now, whenever that is: no clock
runs beyond what is known (clock_of), so all that is told of items stays as it is when published
until something else is known to have happened, and whoever asks later is given that.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import duckdb
import pandas

from metrics import hand_offs
from metrics.catalogue import all_figures
from metrics.instant import AHEAD, AHEAD_IF_KNOWN, Instants
from metrics.listed import in_words

JUDGED = ("verdict", "spread")
MANY = (
    2_000  # visits to a status: what stands on fewer is worked out as quickly when it is asked for
)


def keep(con: duckdb.DuckDBPyConnection, now: datetime) -> None:
    """Fill the tables of model/build/18_ahead.sql, and one for each macro that is worked out ahead;
    of a small publication nothing is."""
    [(visits,)] = con.execute("select count(*) from stage_visit").fetchall()
    if visits < MANY:
        return
    openings = con.execute(_OPENINGS, {"now": now}).fetchall()
    instants = Instants(con)  # for which nothing is ahead yet
    for no, opening in enumerate(openings, 1):
        # What Python works out takes one processor at a time: DuckDB has the others meanwhile.
        with ThreadPoolExecutor(1) as beside:
            in_python = beside.submit(_in_python, _asks(con, instants), opening[0])
            for name in ["known_at", *AHEAD, *AHEAD_IF_KNOWN]:
                _macro(instants, name, no, opening[0])
        judged, counted = in_python.result()
        for name, rows in judged.items():
            _insert(con, _JUDGED.format(name), rows)
        _insert(con, _HAND_OFFS, counted.assign(from_at=opening[1], until_at=opening[2]))
    con.executemany(
        "insert into opening values (?, ?, ?, ?)",
        [(no, *opening) for no, opening in enumerate(openings, 1)],
    )


# Beyond the last event of all, an instant is as any other until the next one.
_OPENINGS = """
with asked as (
    select distinct coalesce(opens_at, $now) as as_of from stream
), past as (
    select as_of, (select max(data_at) from stream) as data_at,
           (select max(since) from stage_event where since <= as_of) as last_at,
           (select min(since) from stage_event where since > as_of) as next_at
    from asked
)
select as_of, if(data_at > as_of, as_of, greatest(data_at, last_at)),
       if(data_at > as_of, as_of, coalesce(next_at - to_microseconds(1), 'infinity'))
from past order by as_of
"""
_TABLE = (
    "create table if not exists ahead_{0} as select 0 as opening_no, * from {0}($as_of) limit 0"
)
_ROWS = "insert into ahead_{0} select $no, * from {0}($as_of)"


def _macro(instants: Instants, name: str, no: int, as_of: datetime) -> None:
    def answer(con: duckdb.DuckDBPyConnection) -> None:
        con.execute(_TABLE.format(name), {"as_of": as_of})
        con.execute(_ROWS.format(name), {"no": no, "as_of": as_of})

    instants.ask(as_of, f"{name}(", answer)


def _in_python(ask: hand_offs.Ask, as_of: datetime) -> tuple[dict, pandas.DataFrame]:
    """The rows of the figures of parts, as each is judged at the last instant that is known of it, and
    of the hand-offs."""
    judged = {name: all_figures()[name].work(ask, as_of) for name in JUDGED}
    return (
        {name: rows[rows.judged_at.notna()] for name, rows in judged.items()},
        hand_offs.counted(ask, as_of),
    )


_JUDGED = "insert or ignore into ahead_{0} by name from rows"
_HAND_OFFS = "insert into ahead_hand_off by name from rows"


def _insert(con: duckdb.DuckDBPyConnection, insert: str, rows: pandas.DataFrame) -> None:
    con.register("rows", rows)
    con.execute(insert)
    con.unregister("rows")


def _asks(con: duckdb.DuckDBPyConnection, instants: Instants) -> hand_offs.Ask:
    """How figures in Python ask, of what is being published."""

    def ask(query: str, at: datetime | None, stream: str, **more: object) -> pandas.DataFrame:
        if at is None:
            with con.cursor() as cursor:  # in another thread, what it does itself is not disturbed
                return in_words(cursor.execute(query, {"stream": stream}).df())
        params = {"stream": stream, "as_of": at, **more}
        return instants.ask(at, query, lambda told: in_words(told.execute(query, params).df()))

    return ask
