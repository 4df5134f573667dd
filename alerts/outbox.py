"""The outbox, in the database of the notes: what was told of everything, and which messages still have
to get to people.

What was told changes in one transaction with the messages that tell it. A message is marked before it
is sent and after: one that a killed process left between the two is sent again and says so. So nothing
is lost, and after a kill at most what was being sent comes twice.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.messages import Message
from alerts.states import State
from alerts.turns import FLAPPING, Known, judged
from notes.note import instant
from notes.store import Store
from settings.alerts import Way

_STATE = """
insert into alert_state (subject, word, since, seen, told, turned)
values (:subject, :word, :since, :seen, :told, :turned)
on conflict (subject) do update
set word = :word, since = :since, seen = :seen, told = :told, turned = :turned
"""
_MESSAGE = """
insert into alert_message (kind, title, lines, link, at, about)
values (:kind, :title, :lines, :link, :at, :about) returning id
"""
_DELIVERY = "insert into alert_delivery (message, way, state, at) values (?, ?, 'waiting', ?)"
_WAITING = """
select alert_message.*, state = 'sending' as again
from alert_delivery join alert_message on id = message
where way = ? and state in ('waiting', 'sending') order by id
"""
_MARK = "update alert_delivery set state = ?, at = ?, why = ? where message = ? and way = ?"
_LEFT = """
select way, count(*) as messages from alert_delivery where state in ('waiting', 'sending')
group by way order by way
"""
# In the order in which they were made: a clock may have been set meanwhile.
_MADE_SINCE = """
with last as (select max(id) as id from alert_message where kind = :kind)
select alert_message.*, 0 as again from alert_message, last
where iif(last.id is null, at > :since, alert_message.id > last.id) order by alert_message.id
"""
# So long is a way left alone at most: no answer asks for more, only a clock set back.
LONGEST = timedelta(days=1)
_PAUSE = """
insert into alert_pause (way, until) values (?, ?)
on conflict (way) do update set until = excluded.until
"""


def news(
    con: sqlite3.Connection, states: Iterable[State], now: datetime
) -> list[tuple[State, str]]:
    """What is to be told of these states now, as the rule has it; kept as told in this transaction."""
    found = []
    for state in states:
        if not state.word:
            continue
        before = _known(con, state.subject)
        known, what = judged(before, state.word, now)
        con.execute(_STATE, _row(state.subject, known))
        if what:
            found.append((state, what))
    return found


def _known(con: sqlite3.Connection, subject: str) -> Known | None:
    asked = "select * from alert_state where subject = ?"
    for row in con.execute(asked, [subject]):
        since, seen, *turned = map(
            datetime.fromisoformat, [row["since"], row["seen"], *row["turned"].split()]
        )
        return Known(row["word"], since, seen, row["told"], tuple(turned))
    return None


def _row(subject: str, known: Known) -> dict:
    turned = " ".join(map(instant, known.turned))
    since, seen = instant(known.since), instant(known.seen)
    return {"subject": subject, "word": known.word, "since": since, "seen": seen,
            "told": known.told, "turned": turned}  # fmt: skip


def flapping(con: sqlite3.Connection) -> set[str]:
    """The subjects that go back and forth, so that nothing is said of them."""
    rows = con.execute("select subject from alert_state where told = ?", [FLAPPING])
    return {row["subject"] for row in rows}


def put(con: sqlite3.Connection, messages: Iterable[Message], ways: Iterable[Way]) -> None:
    """Keep messages, to be sent on each way that tells of their kind; in this transaction."""
    ways = list(ways)
    for message in messages:
        row = {"kind": message.kind, "title": message.title, "lines": json.dumps(message.lines),
               "link": message.link, "at": instant(message.at), "about": message.about}  # fmt: skip
        [kept] = con.execute(_MESSAGE, row).fetchall()
        for way in ways:
            if message.kind in way.told:
                con.execute(_DELIVERY, [kept["id"], way.name, row["at"]])


def last(con: sqlite3.Connection, kind: str) -> datetime | None:
    """When the last message of a kind was made, by the clock of then."""
    asked = "select at from alert_message where kind = ? order by id desc limit 1"
    return next((datetime.fromisoformat(row["at"]) for row in con.execute(asked, [kind])), None)


def made_since(con: sqlite3.Connection, kind: str, since: datetime) -> list[Message]:
    """The messages made after the last of a kind, the oldest first; where there is none of it, after an
    instant."""
    return [
        _message(row) for row in con.execute(_MADE_SINCE, {"kind": kind, "since": instant(since)})
    ]


def _message(row: sqlite3.Row) -> Message:
    return Message(
        row["kind"], row["title"], tuple(json.loads(row["lines"])), row["link"],
        datetime.fromisoformat(row["at"]), row["about"], bool(row["again"]), row["id"],
    )  # fmt: skip


@dataclass(frozen=True)
class Outbox:
    """What has to be sent on one way. Every method raises Trouble where the file can't be used."""

    store: Store
    way: str

    def waiting(self) -> list[Message]:
        """What has not been sent, the oldest first; `again` where a try may have arrived."""
        with self.store.reading() as con:
            return [_message(row) for row in con.execute(_WAITING, [self.way])]

    def mark(self, messages: Sequence[Message], state: str, now: datetime, why: str = "") -> None:
        """Keep how far messages have got: waiting, sending, sent, or refused for good."""
        with self.store.writing() as con:
            for message in messages:
                con.execute(_MARK, [state, instant(now), why, message.id, self.way])

    def paused(self, now: datetime) -> datetime | None:
        """Until when nothing may be sent on this way, where that was asked for."""
        with self.store.reading() as con:
            rows = con.execute("select until from alert_pause where way = ?", [self.way]).fetchall()
        until = [datetime.fromisoformat(row["until"]) for row in rows]
        return until[0] if until and now < until[0] <= now + LONGEST else None

    def pause(self, until: datetime) -> None:
        """Send nothing on this way before an instant."""
        with self.store.writing() as con:
            con.execute(_PAUSE, [self.way, instant(until)])


def left(store: Store, ways: Iterable[str]) -> dict[str, int]:
    """How many messages wait for ways that are none of these."""
    with store.reading() as con:
        rows = con.execute(_LEFT).fetchall()
    return {row["way"]: row["messages"] for row in rows if row["way"] not in set(ways)}
