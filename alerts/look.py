"""One look: what has changed since the last one, kept as told with the messages that tell it."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from alerts import digest, messages, outbox
from alerts.messages import Message
from alerts.states import State
from settings.alerts import Alerts


def told(
    con: sqlite3.Connection, states: list[State], settings: Alerts, about: str, now: datetime
) -> list[Message]:
    """The messages of this look, kept in this transaction with what they tell."""
    found = messages.changes(outbox.news(con, states, now), now, about, settings.dashboard)
    last = outbox.last(con, "digest")
    if digest.is_due(settings.digest, settings.time_zone, last, now):
        since = outbox.made_since(con, "digest", now - timedelta(days=7))
        back = outbox.flapping(con)
        news = [*since, *found]
        found.append(digest.message(states, news, back, settings, now, about, last is None))
    outbox.put(con, found, settings.ways.values())
    return found
