"""`valuestream export`: what the pages show as files to send, print and show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import metrics
from commands.shared import DataOption, err, instant, opened, out, stop, unknown
from telling import answers, exports, terminal

if TYPE_CHECKING:
    from dashboard.charts.shown import Shown
    from telling.asked import Asked
    from telling.told import Document

app = typer.Typer(
    cls=terminal.Commands, no_args_is_help=True,
    help="What the pages show as files to send, print and show.",
)  # fmt: skip
OVERVIEW = "overview"


class Picture(StrEnum):
    """As what a chart leaves."""

    svg = "svg"
    png = "png"


class Sheet(StrEnum):
    """As what a review leaves."""

    md = "md"
    html = "html"
    pdf = "pdf"


class Log(StrEnum):
    """As what the changes of a line leave."""

    xes = "xes"
    csv = "csv"
    parquet = "parquet"


ChartArgument = Annotated[str, typer.Argument(help="its name in the address of its page")]
StreamOption = Annotated[str, typer.Option(help="the line; the first of stages.yaml without one")]
StageOption = Annotated[str, typer.Option(help="only this stage of the line")]
ProcessOption = Annotated[
    str, typer.Option(help="as group/process, or group/ for all of one, for a chart of processes")
]
AsOfOption = Annotated[
    str, typer.Option(help="a day (its end) or an instant; else as the dashboard opens")
]
OutputOption = Annotated[
    Path | None, typer.Option(dir_okay=False, help="the file; else one named after what is in it")
]


@app.command()
def chart(
    chart: ChartArgument,
    stream: StreamOption = "",
    stage: StageOption = "",
    process: ProcessOption = "",
    as_of: AsOfOption = "",
    format: Annotated[Picture, typer.Option()] = Picture.svg,
    output: OutputOption = None,
    data: DataOption = Path("data"),
) -> None:
    """A chart of a page, with its words, as SVG or PNG."""
    from dashboard.charts import taken

    told = _asked(opened(data), stream, as_of)
    shown, foot = _shown(told, chart, stage, process)
    made = taken.svg(shown, foot) if format is Picture.svg else taken.png(shown, foot)
    _write(made, output, _name(told, stage, chart), format)


@app.command()
def slide(
    chart: Annotated[str, typer.Argument(help=f"as for `chart`, or {OVERVIEW}")],
    stream: StreamOption = "",
    stage: StageOption = "",
    process: ProcessOption = "",
    as_of: AsOfOption = "",
    output: OutputOption = None,
    data: DataOption = Path("data"),
) -> None:
    """A chart of a page, or the overview, as a slide: PNG of 1920 by 1080."""
    from dashboard.charts import taken
    from telling import board_svg

    told = _asked(opened(data), stream, as_of)
    if chart == OVERVIEW:
        with _said():
            made = board_svg.slide(told)
    else:
        made = taken.slide(*_shown(told, chart, stage, process))
    _write(made, output, _name(told, stage, chart), "png")


@app.command()
def review(
    stream: StreamOption = "",
    since: Annotated[
        str,
        typer.Option(help="a day (its end) or an instant; else the last review, or a week before"),
    ] = "",
    as_of: AsOfOption = "",
    format: Annotated[Sheet, typer.Option()] = Sheet.md,
    output: OutputOption = None,
    data: DataOption = Path("data"),
) -> None:
    """The weekly review on one A4 sheet (pdf), as one file for a browser, or as Markdown."""
    from telling import carried, html, paper

    publication = opened(data)
    told = _asked(publication, stream, as_of)
    makes: dict[Sheet, Callable[[Document], str | bytes]] = {
        Sheet.md: carried.markdown,
        Sheet.html: html.html,
        Sheet.pdf: paper.pdf,
    }
    document = _document(told, since, data)
    made = makes[format](document._replace(about=told.under_banner(document.about)))
    _write(made, output, _name(told, "review"), format)


@app.command()
def site(
    folder: Annotated[
        Path, typer.Argument(file_okay=False, help="an empty one, or one to be made")
    ],
    as_of: AsOfOption = "",
    data: DataOption = Path("data"),
) -> None:
    """The pages as plain HTML, with their data, that opens from a folder or any web host."""
    from commands.site import Site

    if folder.exists() and any(folder.iterdir()):
        raise stop(f"{folder} is not empty: name another folder, for nothing is written over.")
    publication = opened(data)
    warnings = answers.warnings(publication, metrics.refusal(data))
    with err.status("drawing"):
        lines = [_asked(publication, name, as_of) for name in publication.table("stream").stream]
        made = Site(publication, lines, warnings)
    try:
        count = made.write(folder)
    except OSError as error:
        raise stop(f"{folder} can't be written: {error.strerror}. Name another folder.") from None
    out.print(f"Written: {folder / 'index.html'} and {count - 1} files beside it.")


@app.command()
def events(
    stream: StreamOption = "",
    format: Annotated[Log, typer.Option()] = Log.xes,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", dir_okay=False, help="the file; else one named after the line"
        ),
    ] = None,
    data: DataOption = Path("data"),
) -> None:
    """Every change of a line as an event log, for programs of process mining (docs/event-logs.md)."""
    from telling import event_log

    publication = opened(data)
    lines = publication.table("stream")
    if stream and stream not in list(lines.stream):
        raise unknown("stream", stream, lines.stream)
    line = next(row for row in lines.itertuples() if row.stream == (stream or row.stream))
    file = output or Path(exports.named(f"{line.stream}-events", format))
    try:
        with file.open("wb") as to, publication.events(line.stream) as batches:
            told = event_log.WAYS[format](batches, line.name, to)
    except OSError as error:
        raise stop(f"{file} can't be written: {error.strerror}. Name another file.") from None
    except metrics.Unreadable as error:
        raise stop(error) from None
    out.print(f"Written: {file}. Cases: {told.cases:,}, events: {told.events:,}.")
    if told.replaced:
        out.print(
            f"Texts with letters that XML has no place for, written like \\x1b: {told.replaced:,}."
        )


def _document(told: Asked, since: str, data: Path) -> Document:
    """The review as the page has it: with the notes as they stood, beside what was known then."""
    from notes import reviewing, store
    from telling import review

    line, kept = told.stream.stream, store.opened(data)
    try:
        reviews = kept.reviews(line, told.as_of)
        begins = review.since(told, told.date(told.as_of), reviews)
        begins = instant(told.publication, since, line) if since else begins
        if begins > told.as_of:
            raise ValueError(
                f"The line is shown as of {told.day(told.as_of)}, and --since is later: there is "
                "nothing to compare. Name an earlier day, or a later one with --as-of."
            )
        stood = datetime.now(UTC) if told.opened else told.as_of
        notes = reviewing.sections(told, kept, begins, stood)
        return review.review(told, begins, notes, metrics.at(data, begins))
    except (store.Trouble, metrics.Unreadable, ValueError) as error:
        raise stop(error) from None


def _name(told: Asked, *parts: str) -> str:
    """What a file is called: after the line, what it shows of it, and the day in the line's own zone."""
    return "-".join([told.stream.stream, *filter(None, parts), str(told.date(told.as_of))])


def _asked(publication: metrics.Publication, stream: str, as_of: str) -> Asked:
    """The line at the instant asked for."""
    from telling.asked import asked

    known = list(publication.table("stream").stream)
    if stream and stream not in known:
        raise unknown("stream", stream, known)
    chosen = stream or known[0]
    return asked(publication, chosen, instant(publication, as_of, chosen) if as_of else None)


def _shown(told: Asked, chart: str, stage: str, process: str) -> tuple[Shown, str]:
    """What a chart shows, and what stands at its foot; ends the command where there is none."""
    from dashboard.charts import named, taken
    from telling import slides

    if chart not in named.NAMES:
        raise unknown("chart", chart, named.NAMES)
    if stage and stage not in (known := list(told.table("stage").stage)):
        raise unknown("stage", stage, known)
    if chart in named.OF_PROCESSES:
        looked = told.processes()
        with _said():
            shown = named.of_processes(named.scope(looked, process), chart)
        foot = slides.of_processes(looked)
    else:
        with _said():
            shown = named.of_line(told, chart, stage)
        foot = taken.foot(told, shown)
    if shown.draw is None:
        raise stop(f"There is nothing to draw. {' '.join(filter(None, shown.told.sentences))}")
    return shown, foot


@contextmanager
def _said() -> Iterator[None]:
    """What can't be had ends the command with its sentence."""
    try:
        yield
    except ValueError as error:
        raise stop(error) from None


def _write(made: str | bytes, output: Path | None, name: str, kind: str) -> None:
    file = output or Path(exports.named(name, kind))
    try:
        file.write_bytes(made.encode() if isinstance(made, str) else made)
    except OSError as error:
        raise stop(f"{file} can't be written: {error.strerror}. Name another file.") from None
    out.print(f"Written: {file}.")
