"""`valuestream alert`: tell people what has changed, once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.shared import DataOption, StagesOption, out, read, stop
from notes import store
from running import ending
from settings import at_work, disk
from settings.alerts import Alerts
from settings.stages import Stages
from telling import words

if TYPE_CHECKING:
    from alerts.messages import Message

ENDED = "Ended before all was sent. What was not waits in the outbox; run it again to go on."
LOCK = "alerts"  # a folder of its own: publishing goes on meanwhile
NONE = (
    "Nobody is to be told: stages.yaml has no alerts. Add them, as in docs/alerts.md, or see what would "
    "be told with --dry-run."
)


@ending.when_told(ENDED)
def alert(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be told; send and keep nothing.")
    ] = False,
    stages: StagesOption = None,
    data: DataOption = Path("data"),
) -> None:
    """Tell people what turned red or recovered, on the ways that stages.yaml names; for cron, after
    publish."""
    told = read(stages)
    try:
        wrong = _dry(told, data) if dry_run else tell(told, data)
    except (at_work.InUse, store.Trouble) as error:
        raise stop(error) from None
    if wrong:
        raise stop("\n".join(wrong), 1)


def _dry(told: Stages, data: Path) -> list[str]:
    """Print what would be told now; what is written is not kept."""
    # These bring a statistics library, which other commands do without.
    from alerts import look, outbox, states

    settings = told.alerts or Alerts.model_construct(ways={})
    now, notes = datetime.now(UTC), store.opened(data)
    seen = states.everything(data, notes.notes(now, kind="promise"), now, settings.time_zone)
    with notes.reading() as con:
        found = look.told(con, seen, settings, told.title, now)
    for message in found:
        _print(message, [way.name for way in settings.ways.values() if message.kind in way.told])
    if not found:
        out.print("Nothing has changed: nobody would be told anything.")
    for way, messages in outbox.left(notes, []).items():
        out.print(f"{words.counted(messages, 'message')} from before would be sent on {way!r}.")
    return []


def _print(message: Message, ways: list[str]) -> None:
    out.print(f"{message.title} [{', '.join(ways) or 'no way tells of this'}]", style="bold")
    for text in [*message.texts, *filter(None, [message.link])]:
        out.print(f"  {text}")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else alerts meanwhile. Raises InUse, Trouble."""
    with ExitStack() as held:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            held.enter_context(at_work.at_work(folder, "alerting"))
        except OSError as error:
            cure = "make room on the disk" if disk.full(str(error)) else "let this user write there"
            raise store.Trouble(
                f"{error.filename or folder} can't be written: {error.strerror}. Nobody has been told of "
                f"anything: {cure}, then run it again."
            ) from None
        yield


def tell(told: Stages, data: Path) -> list[str]:
    """Keep and send what is to be told; what went wrong, in sentences: those messages wait for the
    next time. Raises InUse, Trouble."""
    from alerts import look, outbox, sending, states

    settings = told.alerts
    if settings is None:
        return [NONE]
    with _alone(data / LOCK):
        now, notes = datetime.now(UTC), store.opened(data)
        seen = states.everything(data, notes.notes(now, kind="promise"), now, settings.time_zone)
        with notes.writing() as con:
            look.told(con, seen, settings, told.title, now)
        wrong = []
        for done in sending.send(settings.ways.values(), notes):
            out.print(f"{done.way}: {done.sent or 'nothing'} sent.")
            wrong += done.wrong
        for way, messages in outbox.left(notes, settings.ways).items():
            count = words.counted(messages, "message")
            wrong.append(
                f"{count} for {way!r} can't be sent: stages.yaml no longer names that way."
            )
    return wrong
