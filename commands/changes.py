"""`valuestream changes`: what changed since a day, as a table, as CSV or as JSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import pandas
import typer

import metrics
from commands.shared import DataOption, err, instant, opened, out, unknown
from telling import terminal, words

SHOWN = ["stream", "kind", "sentence"]  # which tells days as those of the line


def changes(
    since: Annotated[
        str,
        typer.Option(help="a day (what came after its end, in the stream's zone) or an instant"),
    ],
    as_of: Annotated[
        str, typer.Option(help="up to this day (its end) or instant; else as the dashboard opens")
    ] = "",
    stream: Annotated[str, typer.Option(help="only this line, without processes")] = "",
    format: Annotated[terminal.Format, typer.Option()] = terminal.Format.table,
    data: DataOption = Path("data"),
) -> None:
    """What changed since a day: items, colours and verdicts, and what came to be known late."""
    publication = opened(data)
    streams = [*publication.table("stream").stream]
    if stream and stream not in streams:
        raise unknown("stream", stream, streams)
    parts = [
        rows
        for one in ([stream] if stream else [*streams, *_no_stream(publication)])
        if (rows := _of(publication, data, one, since, as_of)) is not None
    ]
    if not parts:
        raise typer.Exit(2)
    told = pandas.concat(parts, ignore_index=True)
    if format is not terminal.Format.table:
        terminal.rows(out, told, format)
    elif told.empty:
        out.print("Nothing is known to have changed.")
    else:
        terminal.table(out, told[SHOWN])


def _no_stream(publication: metrics.Publication) -> list[str]:
    """The processes ('') where stages.yaml names some."""
    return [] if publication.table("process_group").empty else [""]


def _of(
    publication: metrics.Publication, data: Path, stream: str, since: str, as_of: str
) -> pandas.DataFrame | None:
    """The changes of one line, or of processes (''); None, having said why, where there can be none."""
    opens = None if stream or as_of else publication.processes_open_at()
    start, end = instant(publication, since, stream), opens or instant(publication, as_of, stream)
    whose = stream or "processes"
    if start > end:
        err.print(
            f"{whose}: the data is shown as of {words.day(end)}, and --since is later: there is "
            "nothing to compare. Name an earlier day, or a later one with --as-of."
        )
        return None
    try:
        before = metrics.at(data, start)
    except metrics.Unreadable as error:
        before = None
        err.print(f"{whose}: {error}")
    for text in [*_unknown(publication, stream, start, end), metrics.late_said(before, start)]:
        err.print(f"{whose}: {text}")
    return publication.changes(start, end, stream, before)


def _unknown(
    publication: metrics.Publication, stream: str, start: datetime, end: datetime
) -> list[str]:
    """That of a part of the time, or all of it, nothing is known, as the review says it."""
    # These bring a statistics library, which other commands do without.
    from telling import line, review
    from telling.asked import asked

    if stream:
        told = asked(publication, stream, end)
        return [line.nothing(told)] if line.stages(told).empty else review.unknown(told, start)
    streams = publication.table("stream").stream
    looked = replace(asked(publication, streams.iloc[0], end).processes(), as_of=end)
    return review.processes_unknown(looked, start)
