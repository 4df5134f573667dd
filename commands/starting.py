"""`valuestream init`: a first stages.yaml out of what a team has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands import making
from commands.shared import DataOption, stop
from running import ending, server


@ending.when_told(making.ENDED)
def init(
    what: Annotated[
        str,
        typer.Argument(
            help="a CSV, .xlsx, .xes, SQLite file or export of a Trello board; the address of a list, a Google "
            "sheet, a table of a Datasette, a Trello board, a Jira, a GitHub repository or project"
        ),
    ],
    column: Annotated[
        list[str] | None, typer.Option(help="which column is what, as item=slug; again for each")
    ] = None,
    table: Annotated[str, typer.Option(help="the table of a database")] = "",
    sheet: Annotated[str, typer.Option(help="the sheet of an .xlsx; left out, the first")] = "",
    title: Annotated[str, typer.Option(help="what the line is called")] = "",
    item: Annotated[str, typer.Option(help="what one of what flows is called")] = "work item",
    items: Annotated[str, typer.Option(help="several of them")] = "work items",
    time_zone: Annotated[str, typer.Option(help="whose days count")] = "Europe/London",
    yes: Annotated[bool, typer.Option("--yes", help="ask nothing: take what is proposed")] = False,
    show: Annotated[bool, typer.Option("--open/--no-open", help="open the dashboard")] = True,
    stages: Annotated[Path, typer.Option(help="the file to write")] = Path("stages.yaml"),
    data: DataOption = Path("data"),
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8501,
) -> None:
    """Begin: look at a list or board, propose stages, write a stages.yaml and open its boxes."""
    # It reads workbooks, for which other commands do without a library.
    from commands import init as beginning

    if show and (wrong := server.unusable(port)):
        raise stop(wrong)
    asks = beginning.asks(yes)
    begun = beginning.begin(
        beginning.Answers(
            what, stages, column or [], table, sheet, title, item, items, time_zone, asks
        )
    )
    making.collect(begun.told, data, [])
    making.publish(beginning.finish(begun, data), data)
    if show:
        server.take_over(data.resolve(), port)
