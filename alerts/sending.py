"""Getting what waits in the outbox to people, on each way by itself: where one fails, others go on."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from alerts import mail, post, slack, teams, webhook
from alerts.messages import Message, folded, said_at
from alerts.outbox import Outbox
from alerts.trouble import NotSent, Refused, Unsure
from notes.store import Store
from settings.alerts import Way

SEND: dict[str, Callable[[Any, Message], str]] = {
    "slack": slack.send, "teams": teams.send, "email": mail.send, "webhook": webhook.send,
}  # fmt: skip
APART = 5  # messages that are sent one by one; more that wait go as one
PAUSE = 1.1  # seconds from one to the next: Slack takes about one a second


class Sent(NamedTuple):
    """What came of one way: messages sent, and what went wrong, a sentence each."""

    way: str
    sent: int
    wrong: list[str]


def send(ways: Iterable[Way], store: Store) -> Iterator[Sent]:
    """Send what waits on each way. Raises Trouble where the outbox can't be used."""
    for way in ways:
        outbox = Outbox(store, way.name)
        until, waiting = outbox.paused(_now()), outbox.waiting()
        sent, wrong = 0, [] if waiting else _unset(way)
        batches = deque([] if until else _batches(waiting))
        while batches:
            done, why, go_on, apart = _one(way, outbox, batches.popleft())
            batches.extend(apart)
            sent += done
            wrong += [f"{way.name} ({way.kind}): {why}."] if why else []
            if not go_on:
                break
            if batches:
                time.sleep(PAUSE)
        if until:
            wrong.append(f"{way.name} ({way.kind}): it asked for nothing before {said_at(until)}.")
        if left := len(outbox.waiting()):
            what = "1 message waits" if left == 1 else f"{left} messages wait"
            wrong.append(f"{way.name}: {what} for the next run; nothing is lost.")
        yield Sent(way.name, sent, wrong)


def _unset(way: Way) -> list[str]:
    """What the environment lacks: said while nothing is to be sent, and not with the first red."""
    wrong = []
    for variable in way.variables:
        try:
            is_address = variable == getattr(way, "address", "")
            (post.address if is_address else post.secret)(variable)
        except NotSent as error:
            wrong.append(f"{way.name} ({way.kind}): {error}. Until then nothing can be sent on it.")
    return wrong


def _batches(waiting: list[Message]) -> list[list[Message]]:
    """One by one, or all together where there are too many."""
    return [waiting] if len(waiting) > APART else [[message] for message in waiting]


def _one(way: Way, outbox: Outbox, batch: list[Message]) -> tuple[int, str, bool, list]:
    """Send one message: how many it was, what went wrong, whether others may be tried, and what is to
    be tried one by one: of several that go as one, one that is refused takes no other with it."""
    message = batch[0] if len(batch) == 1 else folded(batch)
    outbox.mark(batch, "sending", _now())
    try:
        noted = SEND[way.kind](way, message)
    except Unsure as error:
        # It stays marked, so that the next time it says that it may be a repeat.
        return 0, str(error).rstrip("."), False, []
    except NotSent as error:
        # One that may have arrived the last time still may.
        outbox.mark(batch, "sending" if message.again else "waiting", _now(), str(error))
        if error.until:
            outbox.pause(error.until)
        return 0, str(error).rstrip("."), False, []
    except Refused as error:
        if len(batch) > 1:
            outbox.mark(batch, "sending" if message.again else "waiting", _now(), str(error))
            return 0, "", True, [[one] for one in batch]
        outbox.mark(batch, "refused", _now(), str(error))
        return 0, f"refuses {message.title!r} for good: {str(error).rstrip('.')}", True, []
    outbox.mark(batch, "sent", _now())
    return 1, noted, True, []


def _now() -> datetime:
    return datetime.now(UTC)
