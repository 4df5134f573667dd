"""The shapes in which things are told: sentences with the rows behind them, tables, links."""

from __future__ import annotations

import re
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


_LINK = re.compile(r"\[([^\[\]]+)\]\((https?://[^\s()]+)\)")


def linked(text: str) -> list[str | Link]:
    """A text of the source's own, with its `[text](address)` as links: the rest letter for letter."""
    found: list[str | Link] = []
    end = 0
    for match in _LINK.finditer(text):
        found += [text[end : match.start()], Link(match[1], match[2])]
        end = match.end()
    return [part for part in [*found, text[end:]] if part]


Cell = str | Link | list[str | Link]


class Table(NamedTuple):
    """A table of words: what it shows, its columns, its rows, and what is said when it has none.

    A cell is a text, a link, or a list of both.
    """

    caption: str
    columns: list[str]
    rows: Sequence[Sequence[Cell]]
    empty: str
