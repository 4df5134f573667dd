"""`valuestream`: collect, publish, ask, and open the dashboard. A thin door: no SQL, no arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import pandas
import typer

import metrics
from commands import alert, catalogue, changes, export, making, notes, starting
from commands import every as in_turns
from commands.shared import (
    DataOption,
    ExampleOption,
    StagesOption,
    err,
    instant,
    opened,
    out,
    read,
    stop,
    unknown,
)
from commands.shared import example as example_of
from running import ending, server
from sources import looking
from telling import looked, terminal, words
from telling.asked import of_every_stream

app = typer.Typer(
    cls=terminal.Commands, no_args_is_help=True, pretty_exceptions_enable=False,
    help="Where is the work stuck, since when, and how many wait?",
)  # fmt: skip
app.add_typer(export.app, name="export")
app.add_typer(notes.app, name="notes")


def _version(asked: bool) -> None:
    if asked:
        out.print(f"valuestream {version('valuestream')}")
        raise typer.Exit()


@app.callback()
def _main(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Say which this is."),
    ] = False,
) -> None:
    pass


app.command("init")(starting.init)


@app.command()
@ending.when_told("Ended before all had answered. Nothing was saved.")
def check(
    stages: StagesOption = None,
    ask: Annotated[
        bool, typer.Option("--ask", help="ask each source once for a little; nothing is saved")
    ] = False,
) -> None:
    """Check stages.yaml and say what is in it, or what is wrong with it."""
    told = read(stages)
    named = [f"{s.name} ({words.counted(len(s.stages), 'stage')})" for s in told.streams.values()]
    groups = words.counted(len(told.processes), "group of processes", "groups of processes")
    said = [groups] * bool(told.processes) + [words.counted(len(told.sources), "source")]
    out.print(f"{told.file.name} is right: {', '.join(named)}; {', '.join(said)}.")
    if ask:
        with err.status("asking") as status:
            looks = looking.look(
                told.sources.values(), datetime.now(UTC),
                lambda name: status.update(terminal.line(f"{name}: asking")),
            )  # fmt: skip
        terminal.table(out, looked.rows(looks))
        if wrong := looked.complaints(looks):
            raise stop("\n".join(wrong))


@app.command()
@ending.when_told(making.ENDED)
def collect(
    source: Annotated[list[str] | None, typer.Argument(help="only these sources")] = None,
    stages: StagesOption = None,
    data: DataOption = Path("data"),
) -> None:
    """Pull what is new from each source into the landing database."""
    making.collect(read(stages, data), data, source or [])


@app.command()
@ending.when_told(making.ENDED)
def publish(stages: StagesOption = None, data: DataOption = Path("data")) -> None:
    """Make a new publication of what was collected, if it reconciles."""
    making.publish(read(stages, data), data)


@app.command()
def status(data: DataOption = Path("data"), as_of: Annotated[str, typer.Option()] = "") -> None:
    """Where each line is stuck and whether it gets faster; each stage and process, and why."""
    # These bring a statistics library, which other commands do without.
    from telling import board, line, sources
    from telling.asked import asked

    publication = opened(data)
    for stream in publication.table("stream").itertuples():
        at = instant(publication, as_of, stream.stream)
        told = asked(publication, stream.stream, at)
        _heading(f"{stream.name}, as of {told.day(at)}")
        stages = line.stages(told)
        if stages.empty:
            out.print(line.nothing(told))
            continue
        said = board.summary(told, stages)
        out.print(said)
        terminal.table(out, stages[["stage_name", "colour", "word", "sentence"]])
        ages = sources.ages(told)
        terminal.table(out, pandas.DataFrame(ages.rows, columns=ages.columns))
    _processes(publication, as_of)


def _processes(publication: metrics.Publication, as_of: str) -> None:
    at = publication.processes_open_at()
    at = at if at and not as_of else instant(publication, as_of, "")
    told = publication.figure("process_status", at)
    if len(told):
        _heading(f"Processes, as of {words.day(at)}")
        terminal.table(out, told[["process_name", "colour", "word", "sentence"]])


def _heading(text: str) -> None:
    out.print(text, style="bold")


@app.command()
def figure(
    name: Annotated[str, typer.Argument(help="one of `valuestream figures`")],
    stream: Annotated[str, typer.Option()] = "",
    stage: Annotated[str, typer.Option()] = "",
    as_of: Annotated[
        str, typer.Option(help="a day (its end, in the stream's zone) or an instant")
    ] = "",
    format: Annotated[terminal.Format, typer.Option()] = terminal.Format.table,
    data: DataOption = Path("data"),
) -> None:
    """A figure as a table, as CSV or as JSON (a list of objects)."""
    publication = opened(data)
    told = publication.table("stage", **({"stream": stream} if stream else {}))
    if stream and told.empty:
        raise unknown("stream", stream, publication.table("stream").stream)
    if stage and stage not in set(told.stage):
        raise unknown("stage", stage, told.stage)
    try:
        rows = _figure(publication, name, stream, as_of)
    except (KeyError, ValueError) as error:
        raise stop(error.args[0]) from None
    if stage and "stage" not in rows:
        raise stop(f"The figure {name!r} is of a whole stream: ask for it without --stage.")
    rows = rows[rows["stage"] == stage] if stage else rows
    terminal.rows(out, rows, format)


def _figure(
    publication: metrics.Publication, name: str, stream: str, as_of: str
) -> pandas.DataFrame:
    """The rows of a figure: a day is that of each stream's own zone, for processes that of UTC."""
    if stream:
        return publication.figure(name, instant(publication, as_of, stream), stream=stream)
    opens = None if as_of else publication.processes_open_at()
    # Stream '' is that of processes.
    instants = {"": opens or instant(publication, as_of, "")}
    instants |= {s: instant(publication, as_of, s) for s in publication.table("stream").stream}
    return of_every_stream(publication, name, instants)


@app.command()
def figures() -> None:
    """Every figure's name and what it means."""
    for name, sentence in metrics.figures().items():
        out.print(f"{name}: {sentence}")


app.command("changes")(changes.changes)
app.command("catalogue")(catalogue.catalogue)


@app.command()
def rejects(source: Annotated[str, typer.Argument()] = "", data: DataOption = Path("data")) -> None:
    """Every row and answer that could not be used: where it is, and why."""
    publication = opened(data)
    known = publication.table("source_use").source
    if source and source not in set(known):
        raise unknown("source", source, known)
    filters = {"source": source} if source else {}
    rows = publication.figure("refused_row", datetime.now(UTC), **filters)
    terminal.table(out, rows[["source", "place", "line", "field", "value", "reason"]])


@app.command()
@ending.when_told(making.ENDED)
def run(
    asked: typer.Context,
    stages: StagesOption = None,
    data: DataOption = Path("data"),
    example: ExampleOption = "",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8501,
    every: Annotated[
        str | None,
        typer.Option(help="go on collecting, publishing and alerting, this often: 30m, 6h or 1d"),
    ] = None,
) -> None:
    """Open the dashboard, collecting and publishing first if nothing has been."""
    if example:
        stages, data = example_of(example, asked)
    often = 0.0 if every is None else in_turns.seconds(every)
    if wrong := server.unusable(port):
        raise stop(wrong)
    first = 0.0
    try:
        if metrics.open(data).outdated:
            making.publish(read(stages, data), data)
    except FileNotFoundError:
        told = read(stages, data)
        try:
            making.collect(told, data, [])
        except typer.Exit as ended:
            # A source that brought nothing has said so; what the others told can still be shown.
            if ended.exit_code != 1:
                raise
        making.publish(told, data)
        first = often
    if often:
        in_turns.take_over(read(stages, data), data, port, first, often)
    server.take_over(data.resolve(), port)


app.command("alert")(alert.alert)


if __name__ == "__main__":
    app()
