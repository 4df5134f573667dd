"""The seed of the random tests, how much they try, and what a failure says so that it can be had again.

VALUESTREAM_SEED=123 VALUESTREAM_HISTORIES=500 python -m pytest tests/test_metrics_random.py
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from random import Random
from typing import NamedTuple

import pandas
import pytest

import metrics

SEED = int(os.environ.get("VALUESTREAM_SEED", "1"))


def how_many(usual: int) -> int:
    """How many random histories a test makes: its usual number, unless told otherwise."""
    return int(os.environ.get("VALUESTREAM_HISTORIES", usual))


def some(cases: Iterable[object]) -> list:
    """Every third of these cases, the first among them; the others are for make more."""
    return [
        case if n % 3 == 0 else pytest.param(case, marks=pytest.mark.more)
        for n, case in enumerate(cases)
    ]


def chance(*what: object) -> Random:
    """Random numbers of their own for each part, so that one history is the same among few or many."""
    return Random(repr((SEED, *what)))


@contextmanager
def told(which: str, rows: list[dict]) -> Iterator[None]:
    """A failure inside names the seed and the history, and prints the history."""
    try:
        yield
    except Exception as error:
        error.add_note(f"VALUESTREAM_SEED={SEED}, {which}:\n{pandas.DataFrame(rows).to_string()}")
        raise


class Whole:
    """A publication of many parts, of which each figure is asked once for an instant.

    `parts` turns a figure's rows into pairs of a part's name and its rows.
    """

    def __init__(self, asked: metrics.Publication, parts: Callable):
        self.asked, self.parts, self.known = asked, parts, {}

    def figure(self, name: str, as_of: datetime, part: str) -> pandas.DataFrame:
        """The rows of one part; without any, a frame of the same columns."""
        if (name, as_of) not in self.known:
            rows = self.asked.figure(name, as_of)
            self.known[name, as_of] = dict(iter(self.parts(rows))), rows.iloc[:0]
        known, none = self.known[name, as_of]
        return known.get(part, none)


class Part(NamedTuple):
    """One part of a publication, to be asked as if it were the whole."""

    whole: Whole
    name: str

    def figure(self, name: str, as_of: datetime, **filters: object) -> pandas.DataFrame:
        """The rows of a figure, filtered by equality, as metrics.Publication gives them."""
        rows = self.whole.figure(name, as_of, self.name)
        for column, value in filters.items():
            rows = rows[rows[column] == value]
        return rows.reset_index(drop=True)
