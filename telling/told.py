"""The shapes in which things are told: sentences with the rows behind them, tables, links, documents."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple
from urllib.parse import quote

import pandas

from telling import words
from telling.leaving import visible


class Told(NamedTuple):
    """A heading, its sentences, and the rows that they stand on: where there are too many to send, the
    first of them, and `whole`, which asks for all."""

    heading: str
    sentences: list[str]
    rows: pandas.DataFrame
    whole: Callable[[], pandas.DataFrame] | None = None


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
# What an address may hold as it is; all else is written as %20 is.
_IN_AN_ADDRESS = "%:/?#[]@!$&'*+,;=~"


def leaving(cell: Cell) -> list[Link]:
    """A cell as it leaves the house: its texts in order with all their letters visible, each with its
    address on the web or none."""
    parts = cell if isinstance(cell, list) else [cell]
    return [_left(part) if isinstance(part, Link) else Link(_text(part), None) for part in parts]


def _left(link: Link) -> Link:
    to = link.address if isinstance(link.address, str) else ""  # a frame's may be no text
    web = to.startswith(("http://", "https://"))
    return Link(_text(link.text), quote(to, _IN_AN_ADDRESS) if web else None)


def _text(told: object) -> str:
    return visible(told) if isinstance(told, str) else words.NOTHING


class Table(NamedTuple):
    """A table of words: what it shows, its columns, its rows, and what is said when it has none.

    A cell is a text, a link, or a list of both. One that is `folded` opens when it is asked for.
    """

    caption: str
    columns: list[str]
    rows: Sequence[Sequence[Cell]]
    empty: str
    folded: bool = False


class Beside(NamedTuple):
    """A file beside a document, by its name there: a picture that is shown, with what it says in words,
    or one to be taken away, with what it holds."""

    file: str
    said: str
    picture: bool = False


class Section(NamedTuple):
    """A part of a document: its heading, its sentences, what lies beside it, then its tables."""

    title: str
    said: Sequence[Cell]
    tables: Sequence[Table] = ()
    beside: Sequence[Beside] = ()


class Document(NamedTuple):
    """What is read from top to bottom, on a page, on paper or as a text: of what it is and as of when,
    the one sentence, and the parts."""

    title: str
    about: str
    answer: str
    sections: Sequence[Section]
