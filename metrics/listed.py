"""Rows of a figure a page at a time: found, sorted and cut by DuckDB, of however many there are.

Each is one statement, for DuckDB binds what it is asked anew with each step that is added to it. Of
what it is made of only the names of columns are composed, quoted; every value is a parameter.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import duckdb
import pandas


class Wanted(NamedTuple):
    """Which rows of a figure: those whose columns `within` hold a `text` (whatever its case), in this
    `order` (columns, a minus before those that fall), `most` of them after the first `skip`; only
    some `columns`, if told; only those of which the instant in a column is `after` another."""

    order: tuple[str, ...] = ()
    most: int | None = None
    skip: int = 0
    text: str = ""
    within: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    after: tuple[str, datetime] | None = None


class Listed(NamedTuple):
    """The rows that were wanted, and how many there are in all pages of them."""

    rows: pandas.DataFrame
    of: int


def fetched(
    con: duckdb.DuckDBPyConnection, query: str, params: dict, filters: dict
) -> pandas.DataFrame:
    """The rows of a query whose columns have a value, or one of several. Raises ValueError for no
    column of theirs."""
    return listed(con, query, params, Wanted(), filters).rows


def listed(
    con: duckdb.DuckDBPyConnection, query: str, params: dict, wanted: Wanted, filters: dict
) -> Listed:
    """What is wanted of the rows that filters leave. Raises ValueError for no column of theirs."""
    left, more = _left(query, wanted, filters)
    asked, of = params | more, None
    try:
        if wanted.most is not None:
            of = con.execute("select count(*) " + left, asked).fetchall()[0][0]
            asked |= {"most": wanted.most, "skip": wanted.skip}
        rows = in_words(con.execute(_page(left, wanted), asked).df())
    except duckdb.BinderException:
        _check(filters, con.sql(query, params=params).columns)
        raise
    return Listed(rows, len(rows) if of is None else of)


def _left(query: str, wanted: Wanted, filters: dict) -> tuple[str, dict]:
    """The rows that are left, from "from" on, and the parameters that this takes."""
    params: dict[str, object] = {}
    conditions = []
    for no, (column, value) in enumerate(filters.items()):
        some = value if isinstance(value, tuple) else (value,)
        params |= {f"value_{no}_{n}": one for n, one in enumerate(some)}
        among = ", ".join(f"$value_{no}_{n}" for n in range(len(some)))
        conditions.append(f"{_quoted(column)} in ({among})")
    if wanted.after:
        conditions.append(f"{_quoted(wanted.after[0])} > $after")
        params["after"] = wanted.after[1]
    if wanted.text:
        within = ", ".join(map(_quoted, wanted.within))
        conditions.append(f"contains(lower(concat_ws(' ', {within})), $text)")
        params["text"] = wanted.text.lower()
    where = f" where {' and '.join(conditions)}" if conditions else ""
    return f"from ({query}) as told{where}", params


def _page(left: str, wanted: Wanted) -> str:
    """The statement that gives the page of them that is wanted."""
    columns = ", ".join(map(_quoted, wanted.columns)) or "*"
    order = f" order by {', '.join(map(_sorted, wanted.order))}" if wanted.order else ""
    limit = " limit $most offset $skip" if wanted.most is not None else ""
    return f"select {columns} {left}{order}{limit}"


def in_words(rows: pandas.DataFrame) -> pandas.DataFrame:
    """Rows, as they were fetched for us alone, whose words are texts: the model keeps those of which
    there are few as numbers."""
    for column, kind in rows.dtypes.items():
        if isinstance(kind, pandas.CategoricalDtype):
            rows[column] = rows[column].astype("str")
    return rows


def left(rows: pandas.DataFrame, filters: dict) -> pandas.DataFrame:
    """The rows of a frame that filters leave. Raises ValueError for one that is no column of them."""
    _check(filters, list(rows))
    for column, value in filters.items():
        rows = rows[rows[column] == value]
    return rows.reset_index(drop=True)


def _check(filters: dict, columns: list[str]) -> None:
    """Raises ValueError for a filter that is none of the columns."""
    for column in filters:
        if column not in columns:
            raise ValueError(f"It has no {column}: it is told by {', '.join(columns)}.")


def _sorted(column: str) -> str:
    """How a column is sorted by: what it has no value for comes last."""
    falls = " desc" if column.startswith("-") else ""
    return f"{_quoted(column.removeprefix('-'))}{falls} nulls last"


def _quoted(column: str) -> str:
    """The name of a column as SQL has it, whatever it is."""
    return '"' + column.replace('"', '""') + '"'
