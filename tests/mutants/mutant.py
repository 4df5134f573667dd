"""A mutant: one file with one small fault, and the seeded draw of some among all there could be."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from itertools import takewhile
from typing import NamedTuple


class Mutant(NamedTuple):
    """A file's whole text with a fault in it.

    `was` and `becomes` are the changed lines without and with the fault, which begins at `line`
    (from 1) and `column` (from 0) of the file.
    """

    file: str
    line: int
    column: int
    was: str
    becomes: str
    text: str

    @property
    def name(self) -> str:
        """What it is known by from one run to the next; lines move, so their numbers are no part."""
        return f"{self.file}: {self.was} → {self.becomes}"

    @property
    def place(self) -> str:
        """Where it is: of the mutants of one place only one is drawn."""
        return f"{self.file}: {self.was} at {self.column}"


def of(file: str, old: str, new: str, column: int) -> Mutant:
    """The mutant that makes a file's text from old to new."""
    before, after = old.splitlines(), new.splitlines()
    head = _alike(before, after)
    tail = _alike(reversed(before[head:]), reversed(after[head:]))
    was, becomes = (
        "\n".join(line.rstrip() for line in lines[head : len(lines) - tail])
        for lines in (before, after)
    )
    return Mutant(file, head + 1, column, was, becomes, new)


def _alike(these: Iterable[str], those: Iterable[str]) -> int:
    """How many lines are the same from the beginning on."""
    return sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(these, those, strict=False))
    )


def draw(mutants: Iterable[Mutant], seed: int, count: int) -> list[Mutant]:
    """Some of the mutants: two of SQL for one of Python, one of each place at most.

    Each has a rank of its own that only the seed and its own lines decide: a change elsewhere
    leaves the draw as it was, and a longer draw begins with the shorter one.
    """
    chosen: dict[str, Mutant] = {}
    for mutant in sorted(mutants, key=lambda mutant: _rank(seed, mutant.name)):
        chosen.setdefault(mutant.place, mutant)
    ranked = sorted(chosen.values(), key=lambda mutant: _rank(seed, mutant.place))
    sql = [mutant for mutant in ranked if mutant.file.endswith(".sql")]
    python = [mutant for mutant in ranked if not mutant.file.endswith(".sql")]
    mixed: list[Mutant] = []
    while len(mixed) < count and (sql or python):
        source = python if len(mixed) % 3 == 2 else sql
        mixed.append((source or sql or python).pop(0))
    return mixed


def _rank(seed: int, what: str) -> str:
    return sha256(f"{seed} {what}".encode()).hexdigest()
