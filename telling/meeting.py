"""What a room is shown on its screen, one thing at a time: the answer, the line from right to left,
then the processes, each in words that can be read from afar."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from telling import blockers, board, line, pace, processes, words
from telling.asked import Asked
from telling.told import Link, linked

MOST = 8  # processes that have a screen of their own, but for one that is asked for
IN_ALL = 12  # of the processes on the screen of all
NAMED = 3  # items of a stage


class Part(NamedTuple):
    """A stage or a process on the screen of all: its screen (or None), name, colour and word."""

    key: str | None
    name: str
    colour: str
    word: str


class Screen(NamedTuple):
    """One thing: `key`, its place in an address, which stays when something newer is published; its
    name for a link; its heading; its colour, "" for none, and the word for that; sentences, the first the largest;
    numbers with what they are; items, each with what is to be said of it; parts, side by side; a
    page of ours that has more."""

    key: str
    name: str
    heading: str
    said: list[str]
    colour: str = ""
    word: str = ""
    numbers: list[tuple[str, str]] = []
    names: list[list[str | Link]] = []
    parts: list[Part] = []
    page: tuple[str, dict[str, str]] | None = None


def screens(asked: Asked, wanted: str = "") -> list[Screen]:
    """The screens in their order; `wanted`: the key of one that is kept for who looks at it, though
    it may no longer be one of the worst."""
    stages = line.stages(asked)
    if stages.empty:
        name = asked.stream["name"]
        return [Screen("answer", name, name, [line.nothing(asked)])]
    return [_answer(asked, stages), *_line(asked, stages), *_processes(asked, wanted)]


def _answer(asked: Asked, stages) -> Screen:
    headline = board.headline(asked, stages)
    rest = " ".join(filter(None, [board.also(stages, headline), board.lately(asked)]))
    weak = [f"! {text}" for text in board.but(asked)]
    parts = [Part(f"stage/{s.stage}", s.stage_name, s.colour, s.word) for s in stages.itertuples()]
    said = [pace.sentence(asked), rest, *weak]
    return Screen("answer", asked.stream["name"], headline, said, parts=parts)


def _line(asked: Asked, stages) -> Iterator[Screen]:
    """A screen for each stage, from right to left: what is nearest to its end comes first."""
    talk = asked.figure("talk_about").sort_values("place")
    for s, box in reversed(list(zip(stages.itertuples(), board.boxes(asked, stages), strict=True))):
        waiting = words.number(s.waiting) if s.has_wait else "?"
        inside = words.number(s.working) if s.working or s.has_work else "?"
        blocked = words.number(s.blocked) if blockers.recorded(asked) else "?"
        numbers = [("waiting", waiting), ("in work", inside), ("blocked", blocked)]
        names = [
            [
                Link(t.name, t.link),
                f", {asked.days(t.days, t.at_least)}: ",
                *linked(board.why(t)),
            ]
            for t in talk[talk.stage == s.stage].head(NAMED).itertuples()
        ]
        told = [(what, said) for what, said in box.facts if what != "takes"]
        page = ("stage", {"stage": s.stage})
        yield Screen(
            f"stage/{s.stage}", s.stage_name, s.stage_name,
            [f"{_begun(asked, box.reason)}."], s.colour, s.word, [*numbers, *told], names, page=page,
        )  # fmt: skip


def _begun(asked: Asked, reason: str) -> str:
    """A reason as a sentence begins; one that begins with the name of a source keeps its letters."""
    named = any(reason.startswith(source) for source in asked.figure("freshness").source)
    return reason if named else words.begun(reason)


def _processes(asked: Asked, wanted: str) -> Iterator[Screen]:
    """How many there are in each state, then each that fails or is to be watched, the worst first."""
    looked = asked.processes()
    status = processes.status(looked)
    if status.empty:
        return
    said = [processes.summary(looked)]
    worst = status[status.colour.isin(["red", "amber"])].head(MOST)
    parts = [
        Part(
            f"process/{p.key}" if p.key in set(worst.key) else None,
            p.process_name,
            p.colour,
            p.word,
        )
        for p in status.head(IN_ALL).itertuples()
    ]
    yield Screen(
        "processes", "Processes", processes.answer(status), said, parts=parts, page=("pipeline", {})
    )
    kept = status[("process/" + status.key == wanted) & ~status.key.isin(worst.key)]
    for rows in (worst, kept):
        for p in rows.itertuples():
            page = ("pipeline", {"show": "failing", "process": p.key})
            said, numbers = [processes.why(p)], processes.numbers(p)
            yield Screen(
                f"process/{p.key}",
                p.process_name,
                p.process_name,
                said,
                p.colour,
                p.word,
                numbers,
                page=page,
            )
