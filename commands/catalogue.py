"""`valuestream catalogue`: everything that is measured, found by words."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from commands.shared import DataOption, instant, opened, out
from telling import terminal


def catalogue(
    find: Annotated[
        list[str] | None, typer.Argument(help="words that an entry must all hold, in any case")
    ] = None,
    as_of: Annotated[str, typer.Option(help="a day (its end) or an instant")] = "",
    format: Annotated[terminal.Format, typer.Option()] = terminal.Format.table,
    sql: Annotated[bool, typer.Option("--sql", help="the SQL of the figures found")] = False,
    data: DataOption = Path("data"),
) -> None:
    """What is measured and what it means: streams, stages, processes, sources and figures."""
    from telling import catalogue
    from telling.asked import asked

    publication = opened(data)
    stream = publication.table("stream").stream.iloc[0]
    at: datetime | None = instant(publication, as_of, stream) if as_of else None
    told = catalogue.entries(asked(publication, stream, at))
    found = catalogue.found(told, " ".join(find or []))
    if sql:
        for one in found:
            if one.sql:
                out.print(one.sql)
        return
    rows = catalogue.rows(found)
    short = format is terminal.Format.table
    terminal.rows(
        out, rows[["kind", "key", "name", "sentence", "shown"]] if short else rows, format
    )
