"""What is told of a collect: what each source brought, and which brought nothing that can be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import pandas

from telling import words


class Result(Protocol):
    """What collecting one source came to, as sources.collecting has it."""

    source: str
    readings: int
    refused_readings: int
    rows_in: int
    accepted: int
    refused: int
    seconds: float
    newest: datetime | None
    failed: str
    note: str
    not_believed: str


def rows(results: Sequence[Result]) -> pandas.DataFrame:
    """A row a source: its counts, its newest time and what else there is to say."""
    return pandas.DataFrame(
        [
            {
                "source": r.source, "rows in": r.rows_in, "accepted": r.accepted,
                "refused": r.refused, "seconds": f"{r.seconds:.1f}", "newest": r.newest,
                "said": r.failed or _said(r),
            }
            for r in results
        ]
    )  # fmt: skip


def _said(result: Result) -> str:
    refused = words.counted(result.refused_readings, "answer")
    told = f"{refused} refused" if result.refused_readings else ""
    told = told if result.readings else "nothing new"
    return "; ".join(filter(None, (told, result.note)))


GOOD = ", what was taken of it before stays"  # where it told anything


def renamed(pictures: Mapping[str, int]) -> list[str]:
    """What is kept of boards that stages.yaml no longer names, by how many pictures, a sentence each."""
    return [
        f"stages.yaml no longer names {name}: {words.counted(count, 'answer')} of it {kept} kept and not "
        f"shown. If it was renamed, give it that name back, for its history is under it."
        for name, count in pictures.items()
        for kept in ["is" if count == 1 else "are"]
    ]


def complaints(results: Sequence[Result]) -> list[str]:
    """The sources that failed or whose newest answer is refused, and how many; nothing if none."""
    wrong = [f"{r.source} failed: {r.failed}" for r in results if r.failed]
    wrong += [
        f"{r.source}: its newest answer is refused{GOOD if r.newest else ''}: {r.not_believed}"
        for r in results
        if r.not_believed and not r.failed
    ]
    of = words.counted(len(results), "source")
    return [*wrong, f"{len(wrong)} of {of} brought nothing that can be used."] if wrong else []
