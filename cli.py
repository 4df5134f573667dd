"""`valuestream`: collect, publish, ask, and open the dashboard. A thin door: no SQL, no arithmetic."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import duckdb
import pandas
import typer
from rich.console import Console

import metrics
from metrics.publishing import publish as publishing
from settings import stages as stages_file
from sources import StopAll, collecting
from telling import terminal

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
    help="Where is the work stuck, since when, and how many wait?",
)  # fmt: skip
# Into a file or a pipe a table gets room; on a terminal its width is the terminal's.
# No emoji: an item named ":bug:" keeps its name.
out = Console(soft_wrap=True, emoji=False, width=None if sys.stdout.isatty() else 500)
err = Console(stderr=True, soft_wrap=True, emoji=False)
HERE = Path(__file__).parent

StagesOption = Annotated[
    Path, typer.Option("--stages", envvar="VALUESTREAM_STAGES", help="the stages.yaml to use")
]
DataOption = Annotated[
    Path, typer.Option("--data", envvar="VALUESTREAM_DATA", help="the folder of the databases")
]


class Format(StrEnum):
    """How a figure is printed."""

    table = "table"
    csv = "csv"
    json = "json"


def _stop(sentence: object, code: int = 2) -> typer.Exit:
    err.print(str(sentence), style="red", markup=False, highlight=False)
    return typer.Exit(code)


def _unknown(what: str, name: str, known: Iterable[str]) -> typer.Exit:
    return _stop(f"There is no {what} {name!r}. There are: {', '.join(dict.fromkeys(known))}.")


def _read(stages: Path) -> stages_file.Stages:
    try:
        return stages_file.read(stages)
    except stages_file.StagesError as error:
        raise _stop(error) from None


def _open(data: Path) -> metrics.Publication:
    try:
        return metrics.open(data)
    except FileNotFoundError as error:
        raise _stop(error) from None
    except duckdb.Error:
        raise _stop(
            f"{metrics.current(data)} is missing or damaged: run 'valuestream publish' again."
        ) from None


@app.command()
def check(stages: StagesOption = HERE / "stages.yaml") -> None:
    """Check stages.yaml and say what is in it, or what is wrong with it."""
    told = _read(stages)
    streams = ", ".join(f"{s.name} ({len(s.stages)} stages)" for s in told.streams.values())
    looked = f"{len(told.processes)} groups of processes, " if told.processes else ""
    told_of = f"{streams}; {looked}{len(told.sources)} sources"
    out.print(f"{told.file.name} is right: {told_of}.", markup=False)


@app.command()
def collect(
    source: Annotated[list[str] | None, typer.Argument(help="only these sources")] = None,
    stages: StagesOption = HERE / "stages.yaml",
    data: DataOption = Path("data"),
) -> None:
    """Pull what is new from each source into the landing database."""
    known = _read(stages).sources
    for name in source or []:
        if name not in known:
            raise _unknown("source", name, known)
    chosen = [one for name, one in known.items() if not source or name in source]
    try:
        with err.status("collecting") as status:
            results = collecting.collect(
                chosen, data / "landing.duckdb", datetime.now(UTC),
                lambda name, message: status.update(f"{name}: {message}"),
            )  # fmt: skip
    except StopAll as error:
        raise _stop(error) from None
    rows = [
        {
            "source": r.source, "rows in": r.rows_in, "accepted": r.accepted, "refused": r.refused,
            "seconds": f"{r.seconds:.1f}",
            "newest": r.newest, "said": r.failed or _said(r),
        }
        for r in results
    ]  # fmt: skip
    terminal.table(out, pandas.DataFrame(rows))
    if failed := [r.source for r in results if r.failed]:
        raise _stop(f"{len(failed)} of {len(results)} sources failed: {', '.join(failed)}.", 1)


def _said(result: collecting.Result) -> str:
    if not result.readings:
        return "nothing new"
    return f"{result.refused_readings} answers refused" if result.refused_readings else ""


@app.command()
def publish(stages: StagesOption = HERE / "stages.yaml", data: DataOption = Path("data")) -> None:
    """Make a new publication of what was collected, if it reconciles."""
    told = _read(stages)
    try:
        with err.status("publishing"):
            done = publishing.publish(told, data, datetime.now(UTC))
    except (FileNotFoundError, publishing.CannotPublish) as error:
        raise _stop(error) from None
    if not done.ok:
        raise _stop("Not made current; the last good one stays. " + " ".join(done.reasons), 1)
    out.print(f"Published {done.file.name}.")


@app.command()
def status(data: DataOption = Path("data"), as_of: Annotated[str, typer.Option()] = "") -> None:
    """Whether each line gets faster; each stage's and process's word and what decided it."""
    from metrics.statistics import (
        faster,  # brings a statistics library, which other commands do without
    )

    publication = _open(data)
    for stream in publication.table("stream").itertuples():
        at = _as_of(publication, as_of, stream.stream)
        out.print(f"{stream.name}, as of {at:%-d %B %Y}", style="bold", markup=False)
        judged = faster.answer(publication, at, stream.stream)
        out.print(f"{judged.word}: {' '.join(judged.because)}", markup=False, highlight=False)
        figure = publication.figure("status", at, stream=stream.stream)
        terminal.table(out, figure[["stage_name", "colour", "word", "sentence"]])
        told = publication.figure("freshness", at, stream=stream.stream)
        shown = "source newest rows_in accepted refused last_outcome last_reason"
        terminal.table(out, told[shown.split()])
    _processes(publication, as_of)


def _processes(publication: metrics.Publication, as_of: str) -> None:
    at = publication.processes_open_at()
    at = at if at and not as_of else _as_of(publication, as_of, "")
    told = publication.figure("process_status", at)
    if len(told):
        out.print(f"Processes, as of {at:%-d %B %Y}", style="bold", markup=False)
        terminal.table(out, told[["process_name", "colour", "word", "sentence"]])


@app.command()
def figure(
    name: Annotated[str, typer.Argument(help="one of `valuestream figures`")],
    stream: Annotated[str, typer.Option()] = "",
    stage: Annotated[str, typer.Option()] = "",
    as_of: Annotated[str, typer.Option(help="a day (its first instant, UTC) or an instant")] = "",
    format: Annotated[Format, typer.Option()] = Format.table,
    data: DataOption = Path("data"),
) -> None:
    """A figure as a table, as CSV or as JSON (a list of objects)."""
    publication = _open(data)
    told = publication.table("stage", **({"stream": stream} if stream else {}))
    if stream and told.empty:
        raise _unknown("stream", stream, publication.table("stream").stream)
    if stage and stage not in set(told.stage):
        raise _unknown("stage", stage, told.stage)
    try:
        at = _as_of(publication, as_of, stream)
        rows = publication.figure(name, at, **({"stream": stream} if stream else {}))
        if "process_group" in rows and not as_of and publication.processes_open_at():
            rows = publication.figure(name, publication.processes_open_at())
    except (KeyError, ValueError) as error:
        raise _stop(error.args[0]) from None
    if stage and "stage" not in rows:
        raise _stop(f"The figure {name!r} is of a whole stream: ask for it without --stage.")
    rows = rows[rows["stage"] == stage] if stage else rows
    if format is Format.json:
        print(terminal.json_text(rows))
    elif format is Format.csv:
        rows.to_csv(sys.stdout, index=False)
    else:
        terminal.table(out, rows)


@app.command()
def figures() -> None:
    """Every figure's name and what it means."""
    for name, sentence in metrics.figures().items():
        out.print(f"{name}: {sentence}", markup=False, highlight=False)


@app.command()
def rejects(source: Annotated[str, typer.Argument()] = "", data: DataOption = Path("data")) -> None:
    """Every row and answer that could not be used: where it is, and why."""
    publication = _open(data)
    known = publication.table("source_use").source
    if source and source not in set(known):
        raise _unknown("source", source, known)
    filters = {"source": source} if source else {}
    rows = publication.figure("refused_row", datetime.now(UTC), **filters)
    terminal.table(out, rows[["source", "place", "line", "field", "value", "reason"]])


@app.command()
def run(
    stages: StagesOption = HERE / "stages.yaml",
    data: DataOption = Path("data"),
    port: Annotated[int, typer.Option()] = 8501,
) -> None:
    """Open the dashboard, collecting and publishing first if nothing has been."""
    try:
        metrics.current(data)
    except FileNotFoundError:
        try:
            collect(None, stages, data)
        except typer.Exit as stop:
            # One source that fails has said so; what the others told can still be shown.
            if stop.exit_code != 1:
                raise
        publish(stages, data)
    command = [sys.executable, "-m", "streamlit", "run", str(HERE / "app.py")]
    where = ["--server.port", str(port), "--server.headless", "true"]
    raise typer.Exit(
        subprocess.run(
            [*command, *where], cwd=HERE, env=os.environ | {"VALUESTREAM_DATA": str(data.resolve())}
        ).returncode
    )


def _as_of(publication: metrics.Publication, told: str, stream: str) -> datetime:
    """The instant asked for; else when the stream opens: the end of its data, or now."""
    if told:
        try:
            at = datetime.fromisoformat(told)
        except ValueError:
            raise _stop(
                f"{told!r} is no date: write it as 2025-06-01 or 2025-06-01T12:00Z."
            ) from None
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    return publication.opens_at(stream) or datetime.now(UTC)


if __name__ == "__main__":
    app()
