"""The weekly review of a line: what a page, a sheet of paper, a file and a message all show of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pandas

import metrics
from telling import board, goals, line, pace, sources, words
from telling.asked import Asked
from telling.told import Cell, Document, Link, Section, Table

WEEK = 7  # days
MOST = 20  # rows of one kind; a command has the others
# Of the kinds that metrics.Publication.changes tells: those of a stage, a process or the line, those
# of an item in the order in which they are read, and those of what is only known since.
TURNED = ["newly red", "newly green", "verdict changed", "changed colour"]
HAPPENED = ["delivered", "arrived", "moved on", "reopened", "moved back", "blocked", "unblocked",
            "abandoned", "not mapped"]  # fmt: skip
LATE = ["known late", "taken back", "corrected"]
CALLED = {"reopened": "came back", "moved back": "went back", "blocked": "newly blocked"}


def review(
    asked: Asked,
    since: datetime,
    notes: Sequence[Section] = (),
    before: metrics.Publication | None = None,
) -> Document:
    """What happened to a line from `since` to the instant asked, to be read from top to bottom.

    `notes`: what people wrote, in sections: what was promised before comes first, new promises last.
    `before`: the publication that was current at `since`, so that what came to be known late is told
    apart from what happened; None where none is kept. Raises ValueError for a `since` that is no
    earlier than what is asked.
    """
    stages = line.stages(asked)
    title = f"Review of {asked.stream['name']}"
    about = f"From {asked.day(since)} to {asked.day(asked.as_of)}. {line.known(asked)}"
    if stages.empty:
        return Document(title, about, line.nothing(asked), [*notes])
    headline, talk = board.headline(asked, stages), board.talk_about(asked)
    changes = asked.changes(since, before)
    looked = asked.processes()
    # Where processes are shown at a day of their own, they are looked at for as long.
    began = since if since < looked.as_of else looked.as_of - (asked.as_of - since)
    processes = _processes(looked, began, before)
    return Document(
        title,
        about,
        headline,
        [
            Section("Where it stands", _stands(asked, stages, headline), [_stages(stages)]),
            _changed(asked, since, changes),
            *processes,
            _late(since, changes, before),
            Section("What to talk about", [], [talk]),
            *notes[:1],
            goals.review(asked),
            *notes[1:],
        ],
    )


def since(asked: Asked, day: date, reviews: Sequence[datetime]) -> datetime:
    """From when on a review of a day tells what changed: the last review of a day before it, else the
    end of the day a week before. `reviews`: when it was reviewed, in order."""
    earlier = [at for at in reviews if asked.date(at) < day]
    if earlier:
        return earlier[-1]
    return asked.day_ends(day - timedelta(days=WEEK), asked.stream.stream)


def _stands(asked: Asked, stages: pandas.DataFrame, headline: str) -> list[str]:
    said = [pace.sentence(asked), board.also(stages, headline), *pace.because(asked)]
    return [*filter(None, said), *(f"! {text}" for text in board.but(asked))]


def _stages(stages: pandas.DataFrame) -> Table:
    """Each stage in its order, with its colour in words and what decided it."""
    rows = [[s.stage_name, s.word, words.number(s.wip), s.sentence] for s in stages.itertuples()]
    columns = ["Stage", "How it is", "In it", "Why"]
    return Table("The line, stage by stage", columns, rows, "There is no stage.")


def _changed(asked: Asked, since: datetime, changes: pandas.DataFrame) -> Section:
    """What happened to the line and to its items, each kind with how many."""
    counts = changes.kind.value_counts()
    told = [
        f"{words.number(counts[k])} {CALLED.get(k, k)}" for k in [*TURNED, *HAPPENED] if k in counts
    ]
    said = f"{words.listed(told)}." if told else "Nothing changed, as far as is known."
    words_of, longest = ["What", "In words"], changes[changes.kind == "stuck longest"]
    turned = "No stage turned, and whether it gets faster is judged as it was."
    nothing = "Nothing is known to have happened to any item."
    tables = [
        Table("How the stages turned", words_of, rows(changes, TURNED), turned),
        Table("What happened to items", words_of, rows(changes, HAPPENED), nothing),
        Table("Longest in each stage", ["Stage", "In words"],
              [[c.now, _linked(c)] for c in longest.itertuples()],
              "No stage that can be judged holds any."),
    ]  # fmt: skip
    return Section("What changed", [said[0].upper() + said[1:], *unknown(asked, since)], tables)


def unknown(asked: Asked, since: datetime) -> list[str]:
    """That of a part of the time, or all of it, nothing is known: nothing happened is not said of it."""
    source = sources.oldest(asked)
    return [] if source is None else _after(asked, source.told_until, since)


def _after(asked: Asked, known: datetime, since: datetime) -> list[str]:
    """The same, where all is known up to an instant."""
    if line.is_now(asked, known):
        return []
    if known <= since:
        return [
            f"! Nothing is known of what happened since then: the data ends {asked.day(known)}."
        ]
    return [f"! Nothing is known of what happened after {asked.day(known)}."]


def _processes(looked: Asked, since: datetime, before: metrics.Publication | None) -> list[Section]:
    """How the processes turned, on days of their own; nothing where there are none."""
    if looked.process("process_status").empty:
        return []
    told = looked.changes(since, before if before and before.published_at <= since else None, "")
    days = f"From {words.day(since)} to {words.day(looked.as_of)}."
    table = Table("How the processes turned", ["What", "In words"], rows(told, [*TURNED, *LATE]),
                  "None turned.")  # fmt: skip
    return [Section("What stays up", [days, *processes_unknown(looked, since)], [table])]


def processes_unknown(looked: Asked, since: datetime) -> list[str]:
    """The same as `unknown`, of the processes."""
    known = looked.settings("process_group").data_at.dropna()
    return [] if known.empty else _after(looked, known.max(), since)


def _late(
    since: datetime, changes: pandas.DataFrame, before: metrics.Publication | None
) -> Section:
    """What did not happen in this time: it is only known since."""
    late = rows(changes, LATE)
    table = Table(
        "Known otherwise now", ["What", "In words"], late, "Nothing came to be known late."
    )
    compared = before is not None and not before.outdated
    return Section(
        "What came to be known late",
        [metrics.late_said(before, since)],
        [table] if compared else [],
    )


def rows(changes: pandas.DataFrame, kinds: list[str]) -> list[list[Cell]]:
    """The changes of these kinds in their order, so many of each, and how many more there are."""
    found: list[list[Cell]] = []
    for kind in kinds:
        told = changes[changes.kind == kind]
        found += [[CALLED.get(kind, kind), _linked(c)] for c in told.head(MOST).itertuples()]
        if len(told) > MOST:
            more = f"and {words.number(len(told) - MOST)} more, which 'valuestream changes' lists"
            found.append([CALLED.get(kind, kind), more])
    return found


def _linked(change) -> list[str | Link]:
    """A change's sentence, in which an item's name leads to where it lives."""
    before, name, after = change.sentence.partition(change.name or "\0")
    return [part for part in (before, Link(name, change.link or None), after) if part and part[0]]
