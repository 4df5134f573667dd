"""`valuestream notes`: what people wrote and promised, in a terminal, as a file, as a backup."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import pandas
import typer

import metrics
from commands.shared import DataOption, instant, opened, out, stop, unknown
from notes import carrying, promises, store
from notes.note import Note, Wrong
from telling import asked, terminal, words

app = typer.Typer(
    cls=terminal.Commands, no_args_is_help=True, help="What people wrote and promised."
)
FileArgument = Annotated[Path, typer.Argument(dir_okay=False, help="a CSV file")]


@app.command("list")
def listed(
    stream: Annotated[str, typer.Option()] = "",
    stage: Annotated[str, typer.Option()] = "",
    ended: Annotated[bool, typer.Option(help="those kept, not kept and withdrawn too")] = False,
    as_of: Annotated[str, typer.Option(help="as they stood on a day, or at an instant")] = "",
    format: Annotated[terminal.Format, typer.Option()] = terminal.Format.table,
    data: DataOption = Path("data"),
) -> None:
    """Notes and promises as they stand."""
    at = instant(opened(data), as_of, stream) if as_of else datetime.now(UTC)
    only = {"stream": stream, "stage": stage, "state": "" if ended else "open"}
    try:
        notes = _kept(data).notes(at, **{k: v for k, v in only.items() if v})
    except store.Trouble as trouble:
        raise stop(trouble) from None
    if not notes:
        _there(data, stream, stage)
    rows = store.frame(notes)
    if format is terminal.Format.table:
        rows = _read(notes, at.date())
    terminal.rows(out, rows, format)


def _kept(data: Path) -> store.Store:
    """The notes of a folder that is there: a copy of one that is misspelt would be a copy of nothing."""
    if not data.is_dir():
        raise stop(f"There is no folder {data}: name the one of the databases with --data.")
    return store.opened(data)


def _there(data: Path, stream: str, stage: str) -> None:
    """Ends the command where a line or stage of which there is no note is not there either: a name
    that is misspelt is not one without notes."""
    if not (stream or stage):
        return
    stages = opened(data).table("stage")
    if stream and stream not in set(stages.stream):
        raise unknown("stream", stream, stages.stream)
    known = stages[stages.stream == stream].stage if stream else stages.stage
    if stage and stage not in set(known):
        raise unknown("stage", stage, known)


def _read(notes: list[store.Note], today: date) -> pandas.DataFrame:
    """What a person reads of them: each column a text."""
    rows = [
        {
            "note": one.note,
            "of": " / ".join(filter(None, one.about)),
            "said": " – ".join(filter(None, [one.text, one.action])),
            "who": one.who or words.NOTHING,
            "by when": promises.due(one, today) if one.kind == "promise" else words.NOTHING,
            "written": f"{one.by}, {words.day(one.at)}",
        }
        for one in notes
    ]
    return pandas.DataFrame(rows, columns=["note", "of", "said", "who", "by when", "written"])


@app.command()
def add(
    text: Annotated[str, typer.Argument(help="what you think")],
    by: Annotated[str, typer.Option(help="your name or role")],
    stream: Annotated[str, typer.Option()] = "",
    stage: Annotated[str, typer.Option()] = "",
    item: Annotated[str, typer.Option(help="an item's key")] = "",
    process: Annotated[str, typer.Option(help="as group/process")] = "",
    do: Annotated[str, typer.Option(help="what is done: that makes it a promise")] = "",
    who: Annotated[str, typer.Option(help="who does it; a role is enough")] = "",
    due: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="by when")] = None,
    measure: Annotated[str, typer.Option(help="the figure that it should move")] = "",
    data: DataOption = Path("data"),
) -> None:
    """Write a note, or a promise: what is done, who does it, and by when."""
    publication = opened(data)
    group, _, name = process.partition("/")
    note = Note(
        text, stream, stage, group, name, item,
        kind="promise" if do or who or due or measure else "note",
        measure=measure, action=do, who=who, due=due.date() if due else None,
    )  # fmt: skip
    try:
        kept = store.opened(data).write(_valued(publication, note), by, datetime.now(UTC))
    except (Wrong, store.Trouble) as error:
        raise stop(error) from None
    out.print(f"Written: {kept.kind} {kept.note}.")


def _valued(publication: metrics.Publication, note: Note) -> Note:
    """The note with the value of its measure and the day that it is of; what it is of is there."""
    if (note.stage or note.item) and not note.stream:
        raise stop("Say of which line that is, with --stream: else no page would show the note.")
    streams = publication.table("stream")
    if note.stream and note.stream not in set(streams.stream):
        raise unknown("stream", note.stream, streams.stream)
    at = asked.asked(publication, note.stream or streams.stream.iloc[0])
    at = at if note.stream else at.processes()
    stages = at.settings("stage", stream=note.stream)
    if note.stage and note.stage not in set(stages.stage):
        raise unknown("stage", note.stage, stages.stage)
    known = at.process("measure", kind="process")
    if note.process_group and note.about[2:4] not in set(
        zip(known.process_group, known.process, strict=True)
    ):
        raise unknown(
            "process",
            f"{note.process_group}/{note.process}",
            known.process_group + "/" + known.process,
        )
    if note.item and at.settings("item", stream=note.stream, item=note.item).empty:
        raise stop(
            f"There is no item {note.item!r} in {note.stream}. 'valuestream figure age --stream "
            f"{note.stream}' lists the keys of those that are open."
        )
    day = at.date(at.as_of)
    if not note.measure:
        return replace(note, day=day)
    figures = promises.figures(at, note).measure
    if note.measure not in set(figures):
        raise unknown("measure", note.measure, figures)
    return replace(note, day=day, value_then=promises.value(at, note))


@app.command()
def export(file: FileArgument, data: DataOption = Path("data")) -> None:
    """Write every revision of every note, and the dates of reviews, into a CSV file."""
    try:
        rows = carrying.export_csv(_kept(data), file)
    except store.Trouble as error:
        raise stop(error) from None
    except OSError as error:
        raise stop(f"{file} can't be written: {error.strerror}. Name another file.") from None
    out.print(f"Wrote {words.counted(rows, 'row')} into {file.name}.")


@app.command("import")
def brought(file: FileArgument, data: DataOption = Path("data")) -> None:
    """Add what a CSV file of notes holds and is not there yet."""
    try:
        done = carrying.import_csv(store.opened(data), file)
    except (Wrong, store.Trouble) as error:
        raise stop(error) from None
    except OSError as error:
        raise stop(f"{file} can't be read: {error.strerror}. Name another file.") from None
    out.print(f"{words.counted(done.new, 'revision')} new, {done.known:,} there already.")
    if done.conflicts:
        raise stop("\n".join(done.conflicts), 1)


@app.command()
def backup(file: Annotated[Path, typer.Argument(dir_okay=False)], data: DataOption = Path("data")):
    """A whole copy of the notes in a new file, while others may write."""
    try:
        _kept(data).backup(file)
    except (store.Trouble, FileExistsError) as error:
        raise stop(error) from None
    out.print(f"Wrote {file.name}.")
