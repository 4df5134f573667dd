"""`valuestream run --every 6h`: how often that is, and one schedule in a folder."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import duckdb

from commands.shared import stop
from running import server
from settings import at_work, database
from settings.stages import Stages

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=366)
LOCK = "schedule.lock"  # its turns take the folder's own, as every other command does


def seconds(told: str) -> float:
    """How often 30m, 6h or 1d is, as DuckDB reads it. Raises typer.Exit."""
    found = None
    try:
        with closing(database.connect()) as con:
            found = con.execute("select epoch($told::interval)", {"told": told}).fetchone()
    except duckdb.Error:
        pass  # said below, as what can be read and is out of bounds
    if not found or not SHORTEST.total_seconds() <= found[0] <= LONGEST.total_seconds():
        raise stop(
            f"--every {told!r} is no time from a minute to a year: write it as 30m, 6h or 1d."
        )
    return found[0]


def take_over(told: Stages, data: Path, port: int, first: float, every: float) -> NoReturn:
    """Serve in the place of this process; collect and publish beside it, and alert where somebody is
    to be told, the first time in `first` seconds. Raises typer.Exit where another does so for this
    folder."""
    with ExitStack() as held:
        try:
            lock = held.enter_context(
                at_work.at_work(data, "collecting and publishing on a schedule", LOCK)
            )
        except at_work.InUse as error:
            raise stop(error) from None
        except OSError as error:
            raise stop(f"{data} can't be written to: {error.strerror}.") from None
        os.set_inheritable(lock, True)  # the server is this very process, by another program
        turn = "collect,publish,alert" if told.alerts else "collect,publish"
        words = ["--stages", told.file.resolve(), "--data", data.resolve()]
        server.take_over(data.resolve(), port, [first, every, turn, *words])
