"""What is told of a look at the sources: what a collect would bring, and what it would not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import pandas

from telling import words

FIRST = 5  # columns that are named


class Look(Protocol):
    """What one source showed, as sources.looking has it."""

    source: str
    kind: str
    rows: int | None
    refused: int
    refused_answers: int
    more: bool
    columns: list[str]
    newest: datetime | None
    failed: str
    said: str


def rows(looks: Sequence[Look]) -> pandas.DataFrame:
    """A row a source: what it would bring, its first columns, its newest time, and what else is to say."""
    return pandas.DataFrame(
        [
            {
                "source": look.source, "kind": look.kind.replace("_", " "), "rows": _counted(look),
                "columns": _columns(look.columns), "newest": look.newest,
                "said": look.failed or look.said or _refused(look),
            }
            for look in looks
        ]
    )  # fmt: skip


def complaints(looks: Sequence[Look]) -> list[str]:
    """The sources of which a collect would bring nothing, and how many; nothing if none."""
    wrong = [f"{look.source}: {look.failed}" for look in looks if look.failed]
    of = words.counted(len(looks), "source")
    return [*wrong, f"{len(wrong)} of {of} would bring nothing."] if wrong else []


def _counted(look: Look) -> str:
    if look.rows is None:
        return words.NOTHING
    return f"at least {look.rows:,}" if look.more else f"{look.rows:,}"


def _columns(names: list[str]) -> str:
    more = len(names) - FIRST
    return ", ".join(names[:FIRST]) + (f" and {more} more" if more > 0 else "")


def _refused(look: Look) -> str:
    rows = words.counted(look.refused, "row")
    answers = words.counted(look.refused_answers, "answer")
    told = [f"{rows} can't be used"] * bool(look.refused)
    return "; ".join(told + [f"{answers} refused"] * bool(look.refused_answers))
