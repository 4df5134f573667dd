"""How many messages would people have had? The bundled log of collections, day by day as it came.

    python benchmarks/replay.py [--from 2018-05-22] [--until 2024-03-14] [--lines] [--data FOLDER]

The log is collected and published once; then each day is asked what was known at its end, and what
`valuestream alert` would have told then is kept in an outbox, with the weekly digest of each Monday.
With --lines the stages of the lines and the verdicts on them are asked too, which takes far longer.
Beside it: one message for each failing check, and one for each run with too many. A red is missed
where a process is red at the end of a day and the last message that names it says neither that it is
red nor that it goes back and forth.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import pandas  # noqa: E402

import metrics  # noqa: E402
from alerts import look, states  # noqa: E402
from alerts.messages import Message  # noqa: E402
from metrics.publishing import publish  # noqa: E402
from notes import store  # noqa: E402
from settings import stages  # noqa: E402
from settings.alerts import Alerts  # noqa: E402
from sources import collecting  # noqa: E402
from telling.asked import asked  # noqa: E402

FIRST, LAST = date(2018, 5, 22), date(2024, 3, 14)
# A way that tells of everything: what would be sent on it is counted, and nothing is sent.
TOLD = Alerts(ways={"channel": {"kind": "slack"}}, time_zone="UTC", digest={"hour": 0})


class Replay(NamedTuple):
    """What came of it: messages, in weeks; days on which a process was red, and those missed."""

    messages: list[Message]
    weeks: float
    red_days: int
    missed: list[str]


def published(data: Path) -> metrics.Publication:
    """The bundled example, collected and published in a folder, or as it is there already."""
    if not (data / "published/current").exists():
        told, now = stages.read(HERE.parent / "stages.yaml"), datetime.now(UTC)
        collecting.collect(told.sources.values(), data / "landing.duckdb", now)
        publish.publish(told, data, now)
    return metrics.open(data)


def replay(shown: metrics.Publication, first: date, last: date, lines: bool = False) -> Replay:
    """Each day from the first to the last, asked at its end in UTC."""
    found: list[Message] = []
    missed, red_days = [], 0
    with tempfile.TemporaryDirectory() as folder, store.opened(folder).writing() as con:
        for day in pandas.date_range(first, last).date:
            at = shown.day_ends(day)
            seen = list(states.processes(shown.figure("process_status", at)))
            seen += of_lines(shown, at) if lines else []
            new = look.told(con, seen, TOLD, "The replay", at)
            found += new
            red = [one for one in seen if one.word == "red"]
            red_days += len(red)
            missed += [f"{day} {one.subject}" for one in red if not is_told(con, one, found)]
    return Replay(found, ((last - first).days + 1) / 7, red_days, missed)


def of_lines(shown: metrics.Publication, at: datetime) -> list[states.State]:
    """The stages of all lines that had begun, and the verdicts on them."""
    every = [asked(shown, stream, at) for stream in shown.table("stream").stream]
    return [state for told in every for state in states.of_stream(told)]


def is_told(con: sqlite3.Connection, red: states.State, found: list[Message]) -> bool:
    """Whether the last message but for digests that names it says that it is red, or goes back and
    forth; by the messages themselves, not by what the outbox thinks that it told."""
    for message in reversed(found):
        named = red.name in message.title or any(f" {red.name}:" in line for line in message.lines)
        if message.kind != "digest" and named:
            return message.kind == "red" or "back and forth" in message.title
    return False


def per_week(messages: list[Message]) -> Iterator[int]:
    """How many in each week that had any."""
    yield from Counter(message.at.isocalendar()[:2] for message in messages).values()


def main() -> None:
    """Print what would have been sent, beside one message per failing check."""
    asking = argparse.ArgumentParser()
    asking.add_argument("--from", dest="first", type=date.fromisoformat, default=FIRST)
    asking.add_argument("--until", type=date.fromisoformat, default=LAST)
    asking.add_argument("--lines", action="store_true")
    asking.add_argument("--data", type=Path)
    told = asking.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shown = published(told.data or Path(folder))
        began = time.monotonic()
        done = replay(shown, told.first, told.until, told.lines)
        took = time.monotonic() - began
        runs = shown.figure("run", shown.day_ends(told.until))
    runs = runs[runs.slot >= pandas.Timestamp(told.first, tz="UTC")]
    kinds = Counter(message.kind for message in done.messages)
    changes = [message for message in done.messages if message.kind != "digest"]
    print(f"{told.first} to {told.until}, {done.weeks:,.0f} weeks; replayed in {took:,.0f} s")
    print(
        f"one message per failing check: {runs.failed.sum():10,.0f}, {runs.failed.sum() / done.weeks:8,.1f} a week"
    )
    bad = int(runs.bad.sum())
    print(f"one message per bad run:       {bad:10,}, {bad / done.weeks:8,.1f} a week")
    count = len(done.messages)
    print(
        f"this:                          {count:10,}, {count / done.weeks:8,.2f} a week, {max(per_week(done.messages))} at most in one"
    )
    print(
        f"  changes:                     {len(changes):10,}, {len(changes) / done.weeks:8,.2f} a week"
    )
    print(f"  of which {', '.join(f'{n:,} {kind}' for kind, n in kinds.most_common())}")
    back = sum("back and forth" in message.title for message in changes)
    print(f"  {back} that something goes back and forth")
    print(f"red at the end of a day: {done.red_days:,} times; missed: {len(done.missed)}")
    for one in done.missed[:20]:
        print(f"  {one}")


if __name__ == "__main__":
    main()
