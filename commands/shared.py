"""What the commands share: their options, what they open, and how they end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

import metrics
from settings import stages as stages_file
from sources.landing import unnamed
from sources.landing.saving import DatabaseError
from telling import asking, terminal, words

HERE = Path(__file__).parent.parent
out = terminal.console()
err = terminal.console(stderr=True)
EARLIEST = timedelta(hours=14)  # by which a day begins somewhere before it does in UTC

StagesOption = Annotated[
    Path | None,
    typer.Option(
        "--stages",
        envvar="VALUESTREAM_STAGES",
        show_default="./stages.yaml, or the bundled example where there is none",
        help="the stages.yaml to use",
    ),
]
DataOption = Annotated[
    Path,
    typer.Option(
        "--data",
        envvar="VALUESTREAM_DATA",
        file_okay=False,
        help="the folder of the databases",
    ),
]


ExampleOption = Annotated[
    str, typer.Option("--example", help="a bundled example, with a data folder of its own")
]


def example(name: str, asked: typer.Context) -> tuple[Path, Path]:
    """The stages.yaml of a bundled example, and the folder for its data: a team's own never mixes with
    it. Raises typer.Exit where there is none of that name."""
    known = {"planning-data": HERE / "stages.yaml"}
    known |= {file.parent.name: file for file in sorted(HERE.glob("examples/*/stages.yaml"))}
    if name not in known:
        raise unknown("example", name, known)
    given = {
        key for key in asked.params if str(asked.get_parameter_source(key)).endswith("COMMANDLINE")
    }
    if "stages" in given:
        raise stop("--example has a stages.yaml of its own: leave out --stages.")
    data = asked.params["data"]
    return known[name], data if "data" in given else data / f"example-{name}"


def stop(sentence: object, code: int = 2) -> typer.Exit:
    """What to raise where a command ends with a sentence instead of what it was asked for."""
    err.print(str(sentence), style="red")
    return typer.Exit(code)


def unknown(what: str, name: str, known: Iterable[str]) -> typer.Exit:
    """The same for a name that nothing has: what there is instead."""
    return stop(f"There is no {what} {name!r}. There are: {', '.join(dict.fromkeys(known))}.")


def read(told: Path | None, data: Path | None = None) -> stages_file.Stages:
    """The stages.yaml that was named, else the one of this folder, else the bundled example: which comes
    into no data folder (`data`) that holds something else. Raises typer.Exit."""
    here = Path("stages.yaml")
    example = told is None and not here.exists()
    if example:
        out.print("There is no stages.yaml in this folder: this is the bundled example.")
    try:
        found = stages_file.read(told or (HERE / "stages.yaml" if example else here))
    except stages_file.StagesError as error:
        raise stop(error) from None
    if example and data and (others := _others(found, data)):
        raise stop(
            f"There is no stages.yaml in this folder, and {data} holds what another one named "
            f"({words.listed(others)}): name that one with --stages, or another folder with --data."
        )
    return found


def _others(told: stages_file.Stages, data: Path) -> list[str]:
    landing = data / "landing.duckdb"
    try:
        return unnamed.sources(landing, told.sources) if landing.exists() else []
    except DatabaseError:
        return []  # in use or damaged: whoever needs it says so


def opened(data: Path) -> metrics.Publication:
    """The current publication of a folder. Raises typer.Exit where there is none to be asked."""
    try:
        publication = metrics.open(data)
    except FileNotFoundError as error:
        raise stop(error) from None
    if publication.outdated:
        raise stop(publication.outdated)
    if publication.instead:
        err.print(publication.instead)
    return publication


def instant(publication: metrics.Publication, told: str, stream: str) -> datetime:
    """The instant asked for, a day as its end in the stream's zone; else when the stream opens: the
    end of its data, or now."""
    now = datetime.now(UTC)
    if not told:
        return publication.opens_at(stream) or now
    try:
        at = asking.when(told)
        # A day that has begun anywhere is today.
        is_to_come = at > (now if isinstance(at, datetime) else (now + EARLIEST).date())
        at = at if isinstance(at, datetime) else min(now, publication.day_ends(at, stream))
    except (ValueError, OverflowError):
        raise stop(f"{told!r} is no date: write it as 2025-06-01 or 2025-06-01T12:00Z.") from None
    if is_to_come:
        raise stop(f"{told} has not come yet: leave it out, or name a day up to today.")
    return at
