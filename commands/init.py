"""`valuestream init WHAT`: from what a team has to a stages.yaml of its own."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pandas
import typer

from commands.shared import err, out, stop
from proposing import columns, statuses, what, written
from proposing.columns import Proposal
from proposing.statuses import Part, Status
from proposing.what import Found
from settings import stages as stages_file
from sources import StopSource, TryLater
from sources.reading.bounds import Unreadable
from telling import terminal, words

PARTS: tuple[Part, ...] = get_args(Part)


class Answers(NamedTuple):
    """What somebody said on the command line, and whether to ask for more."""

    place: str
    stages: Path
    columns: list[str]
    table: str
    sheet: str
    title: str
    item: str
    items: str
    time_zone: str
    asks: bool


class Begun(NamedTuple):
    """A source whose columns are known, as a stages.yaml that has no stages of its own yet."""

    answers: Answers
    title: str
    source: str
    settings: dict[str, Any]
    comment: str
    told: stages_file.Stages


def asks(yes: bool) -> bool:
    """Whether there is somebody to ask."""
    return not yes and sys.stdin.isatty()


def begin(answers: Answers) -> Begun:
    """Look at what was named, and settle which column is what. Raises typer.Exit."""
    if answers.stages.exists():
        raise stop(
            f"{answers.stages} is there already: name another with --stages, or move it away."
        )
    try:
        with err.status(terminal.line(f"looking at {answers.place}")):
            found = what.found(answers.place, answers.stages.parent, answers.table, answers.sheet)
        settings, comment = _settled(found, _told(answers.columns), answers)
        title = answers.title or _asked(answers, "What is the line called?", found.title)
        source = written.slug(found.title, "source")
        told = _without_stages(answers, title, source, settings)
    except (StopSource, TryLater, Unreadable, stages_file.StagesError) as error:
        raise stop(error) from None
    return Begun(answers, title, source, settings, comment, told)


def _told(columns_told: list[str]) -> dict[str, str]:
    """What was said of columns, as item=slug. Raises StopSource."""
    pairs = dict(told.partition("=")[::2] for told in columns_told)
    for word, column in pairs.items():
        if word not in columns.CALLED or not column:
            known = ", ".join(columns.CALLED)
            raise StopSource(f"--column {word}={column} says nothing: write item=slug, of {known}.")
    return pairs


def _settled(found: Found, told: dict[str, str], answers: Answers) -> tuple[dict, str]:
    """The settings with the columns, and a comment that says how they were found."""
    if found.sample is None:
        out.print(f"{words.begun(found.why)}.")
        return {"kind": found.kind, **found.settings}, found.why
    proposal = columns.proposed(found.sample, told)
    _show(proposal)
    while answers.asks and (
        proposal.missing or not typer.confirm("Is that right?", default=True, err=True)
    ):
        told = _corrected(found.sample.header, proposal)
        proposal = columns.proposed(found.sample, told)
        _show(proposal)
    if proposal.missing == ["since"]:
        why = words.begun(proposal.why)
        raise StopSource(f"{why}. If another column is the item, say so with --column item=….")
    if proposal.missing:
        missing = " and ".join(proposal.missing)
        names = ", ".join(map(repr, found.sample.header))
        raise StopSource(
            f"Which column is the {missing}? Say so with --column {proposal.missing[0]}=…, of {names}."
        )
    return what.with_columns(found, proposal, found.sample.dates, answers.stages.parent)


def _show(proposal: Proposal) -> None:
    rows = [(c.word, c.column, c.why, c.cell[:60]) for c in proposal.choices]
    terminal.table(
        out, pandas.DataFrame(rows, columns=["taken for", "column", "why", "for example"])
    )
    out.print(f"{words.begun(proposal.why)}.")


def _corrected(header: list[str], proposal: Proposal) -> dict[str, str]:
    """Ask for the column of each word. A word that none tells is answered with a dash."""
    known, said = proposal.columns, {}
    out.print(f"The columns are: {', '.join(header)}")
    for word in columns.CALLED:
        answer = ""
        while answer not in ("-", *header):
            answer = _prompt(f"Which one is {word}? (- for none)", known.get(word, "-"))
        said[word] = "" if answer == "-" else answer
    return said


def _asked(answers: Answers, question: str, otherwise: str) -> str:
    return _prompt(question, otherwise) if answers.asks else otherwise


def _prompt(question: str, otherwise: str) -> str:
    """The answer to a question. What comes from the data can't command the terminal."""
    shown = terminal.line(f"{question} [{otherwise}]").plain
    return typer.prompt(shown, default=otherwise, show_default=False, err=True)


def _without_stages(
    answers: Answers, title: str, source: str, settings: dict
) -> stages_file.Stages:
    """The settings as they will be, but for the stages, so that it is collected only once."""
    line = {
        "name": title, "time_zone": answers.time_zone, "sources": [source],
        "stages": {"any": {"name": "Any", "work": ["?"]}},
    }  # fmt: skip
    content = {"title": title, "streams": {"line": line}, "sources": {source: settings}}
    return stages_file.checked(answers.stages, content)


def finish(begun: Begun, data: Path) -> stages_file.Stages:
    """Propose stages for the statuses that were collected into the folder `data`, and write the file.
    Raises typer.Exit."""
    landing, answers = data / "landing.duckdb", begun.answers
    heard = statuses.heard(landing, begun.source)
    if not heard:
        why = statuses.refused(landing, begun.source)
        raise stop(
            f"{answers.place} tells of no item with a status, so there is nothing to propose"
            f"{f' ({why})' if why else ''}."
        )
    _list(heard)
    if without := statuses.without(landing, begun.source):
        they = "it has" if without == 1 else "they have"
        out.print(f"{without:,} without a status: in no stage until {they} one.")
    if answers.asks and not typer.confirm("Is each what it means?", default=True, err=True):
        heard = [_placed(status) for status in heard]
    made = statuses.stages(heard)
    if not made:
        raise stop("No status means waiting or working, so there is nothing to measure: write "
                   "stages.yaml by hand, as README shows.")  # fmt: skip
    draft = written.Draft(
        begun.title, answers.item, answers.items, begun.source, begun.settings, begun.comment, made,
        [status for status in heard if status.part == "left"],
        statuses.stays(landing, begun.source, made), datetime.now(UTC).date(), answers.time_zone,
        begun.told.sources[begun.source].recorded,
    )  # fmt: skip
    _write(answers.stages, written.text(draft))
    out.print(
        f"Wrote {answers.stages}: each choice stands in it with its reason, and can be changed."
    )
    try:
        return stages_file.read(answers.stages)
    except stages_file.StagesError as error:
        raise stop(error) from None


def _list(heard: list[Status]) -> None:
    rows = [(s.word, s.now, s.ever, written.MEANS[s.part], s.why) for s in heard]
    names = ["status", "items now", "in all", "taken for", "why"]
    terminal.table(out, pandas.DataFrame(rows, columns=names))


def _placed(status: Status) -> Status:
    part = ""
    while part not in PARTS:
        part = _prompt(f"{status.word!r}: {', '.join(PARTS)}?", status.part)
    return status if part == status.part else status._replace(part=part, why="you said so")


def _write(file: Path, text: str) -> None:
    """All of it or nothing, and nothing that came to be there meanwhile is lost."""
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        aside.write_text(text)
        os.link(aside, file)
    except FileExistsError:
        raise stop(f"{file} has come to be there meanwhile: it is left as it is.") from None
    except OSError as error:
        raise stop(f"{file} can't be written: {error.strerror}.") from None
    finally:
        aside.unlink(missing_ok=True)
