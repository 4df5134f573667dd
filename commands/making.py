"""The two steps that several commands take: what is new from the sources, and a publication of it."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from commands.shared import err, out, stop, unknown
from metrics.publishing import publish as publishing
from settings.stages import Stages
from sources import StopAll, collecting
from sources.landing import unnamed
from sources.landing.saving import DatabaseError
from telling import collected, terminal

ENDED = "Ended before it was done. What was finished stays; run it again to go on."


def collect(told: Stages, data: Path, only: list[str]) -> None:
    """Collect from all sources, or only from those, and say what came. Raises typer.Exit."""
    for name in only:
        if name not in told.sources:
            raise unknown("source", name, told.sources)
    chosen = [one for name, one in told.sources.items() if not only or name in only]
    try:
        with err.status("collecting") as status:
            results = collecting.collect(
                chosen, data / "landing.duckdb", datetime.now(UTC),
                lambda name, message: status.update(terminal.line(f"{name}: {message}")),
            )  # fmt: skip
    except StopAll as error:
        raise stop(error) from None
    terminal.table(out, collected.rows(results))
    with suppress(DatabaseError):  # a reader has it open: said the next time
        for text in collected.renamed(unnamed.boards(data / "landing.duckdb", told.sources)):
            out.print(text)
    if wrong := collected.complaints(results):
        raise stop("\n".join(wrong), 1)


def publish(told: Stages, data: Path) -> None:
    """Publish what was collected, and say so. Raises typer.Exit."""
    try:
        with err.status("publishing"):
            done = publishing.publish(told, data, datetime.now(UTC))
    except (FileNotFoundError, publishing.CannotPublish) as error:
        raise stop(error) from None
    if not done.ok:
        raise stop(
            "Not made current; what was published before stays. " + " ".join(done.reasons), 1
        )
    out.print(f"Published {done.file.name}.")
