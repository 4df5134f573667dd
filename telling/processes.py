"""What is told of the processes: which fail, since when, and what each box says."""

from __future__ import annotations

from datetime import timedelta

import pandas

from telling import words
from telling.asked import Asked

WORST = ["red", "amber", "grey", "green"]


def status(asked: Asked) -> pandas.DataFrame:
    """Each process with its colour and key, the worst first; in the order of stages.yaml otherwise."""
    rows = asked.process("process_status")
    rows = rows.assign(
        order=rows.colour.map(WORST.index), key=rows.process_group + "/" + rows.process
    )
    return rows.sort_values(["order", "group_no", "process"], kind="stable")


def answer(rows: pandas.DataFrame) -> str:
    """Which processes fail and since when, in one sentence; rows of `status`."""
    for colour, lead in (("red", "Failing"), ("amber", "Nothing fails; watch")):
        named = [
            f"{p.process_name} (since {words.day(p.since)}{_but(p)})"
            for p in rows[rows.colour == colour].itertuples()
        ]
        if named:
            rest = [f"{len(named) - 4} more"] if len(named) > 5 else []
            return f"{lead}: {words.listed(named[: 4 if rest else 5] + rest)}."
    unknown = list(rows[rows.colour == "grey"].process_name)
    if unknown:
        return f"Nothing is known to fail, but {words.listed(unknown)} can't be judged."
    return "Nothing fails: every process is on target."


def _but(p) -> str:
    """That a process is red for runs that did not take place, which is no failing."""
    return ", not running" if p.word == "Not running" else ""


def summary(asked: Asked) -> str:
    """How many processes are in each state, in one line."""
    counts = asked.process("process_count").itertuples()
    told = [f"{words.number(c.processes)} {c.state_word}" for c in counts]
    return f"Processes on {words.day(asked.as_of)}: {words.listed(told)}"


def counted(rows: pandas.DataFrame) -> str:
    """How many more processes there are in each state; rows of `status`."""
    told = rows.groupby("word", sort=False).size()
    each = words.listed([f"{words.number(n)} {word.lower()}" for word, n in told.items()])
    return f"{words.counted(len(rows), 'more process', 'more processes')}: {each}"


def short(asked: Asked, p) -> str:
    """What a small box says of a process: what failed and for how long; a row of `status`."""
    if pandas.isna(p.checks):
        return "no record"
    told = f"{words.number(p.failed)} of {words.number(p.checks)} failed"
    if p.colour not in ("red", "amber") or pandas.isna(p.since):
        return told
    return f"{told}; so for {words.days((asked.as_of - p.since) / timedelta(days=1))}"


def numbers(p) -> list[tuple[str, str]]:
    """The numbers of a process's box; a row of `status`. None before its first run."""
    if pandas.isna(p.checks):
        return []
    return [
        ("failed", f"{words.number(p.failed)} of {words.number(p.checks)}"),
        ("last good run", words.ago(p.good_days)),
    ]


def why(p) -> str:
    """Since when a process has its colour and what decided it; a row of `status`."""
    since = f"Since {words.day(p.since)}. " if p.colour in ("red", "amber") else ""
    return since + p.sentence
