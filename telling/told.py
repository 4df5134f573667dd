"""The shapes in which things are told: sentences with the rows behind them, tables, links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas


class Told(NamedTuple):
    """A heading, its sentences, and the rows that they stand on."""

    heading: str
    sentences: list[str]
    rows: pandas.DataFrame


class Link(NamedTuple):
    """A name, and where it lives; no address where none is known."""

    text: str
    address: str | None


class Table(NamedTuple):
    """A table of words: what it shows, its columns, its rows, and what is said when it has none."""

    caption: str
    columns: list[str]
    rows: Sequence[Sequence[str | Link]]
    empty: str
