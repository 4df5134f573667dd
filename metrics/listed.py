"""Rows of a figure a page at a time: found, sorted and cut by DuckDB, of however many there are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import duckdb
import pandas
from duckdb import ColumnExpression as Column
from duckdb import ConstantExpression as Constant
from duckdb import FunctionExpression as Function


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


def listed(rows: duckdb.DuckDBPyRelation, wanted: Wanted, filters: dict) -> Listed:
    """What is wanted of the rows that filters leave. Raises ValueError for no column of theirs."""
    rows = filtered(rows, filters)
    if wanted.after:
        rows = rows.filter(Column(wanted.after[0]) > Constant(wanted.after[1]))
    if wanted.text:
        all_texts = Function("concat_ws", Constant(" "), *map(Column, wanted.within))
        text = Constant(wanted.text.lower())
        rows = rows.filter(Function("contains", Function("lower", all_texts), text))
    of = rows.count("*").fetchall()[0][0] if wanted.most is not None else None
    if wanted.order:
        rows = rows.sort(*map(_sorted, wanted.order))
    if wanted.most is not None:
        rows = rows.limit(wanted.most, wanted.skip)
    if wanted.columns:
        rows = rows.select(*map(Column, wanted.columns))
    frame = in_words(rows.df())
    return Listed(frame, len(frame) if of is None else of)


def in_words(rows: pandas.DataFrame) -> pandas.DataFrame:
    """Rows whose words are texts: the model keeps those of which there are few as numbers."""
    return rows.astype(dict.fromkeys(rows.select_dtypes("category"), "str"))


def filtered(rows: duckdb.DuckDBPyRelation, filters: dict) -> duckdb.DuckDBPyRelation:
    """Rows whose columns have a value, or one of several. Raises ValueError for no column of theirs."""
    for column, value in _known(filters, rows.columns):
        one = Column(column)
        some = value if isinstance(value, tuple) else (value,)
        rows = rows.filter(one.isin(*map(Constant, some)))
    return rows


def left(rows: pandas.DataFrame, filters: dict) -> pandas.DataFrame:
    """The rows of a frame that filters leave. Raises ValueError for one that is no column of them."""
    for column, value in _known(filters, list(rows)):
        rows = rows[rows[column] == value]
    return rows.reset_index(drop=True)


def _known(filters: dict, columns: list[str]) -> Iterator[tuple[str, object]]:
    """The filters one by one. Raises ValueError at one that is none of the columns."""
    for column, value in filters.items():
        if column not in columns:
            raise ValueError(f"It has no {column}: it is told by {', '.join(columns)}.")
        yield column, value


def _sorted(column: str) -> duckdb.Expression:
    """How a column is sorted by: what it has no value for comes last."""
    one = Column(column.removeprefix("-"))
    return (one.desc() if column.startswith("-") else one.asc()).nulls_last()
