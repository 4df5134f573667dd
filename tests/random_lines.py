"""Random histories, many of them side by side as the streams of one publication.

A publication costs about as much as everything that is asked of it; one that holds dozens of
histories costs little more than one that holds one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import independent
from line import LINE, STATUSES, event, publication
from seeds import Part, Whole, chance, told

# The clocks change in London on 29 March and on 25 October 2026, both within these 120 days.
STARTS = (datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 8, 20, tzinfo=UTC))
HOURS = 24 * 120
WORDS = [*STATUSES, "A word nobody mapped"]
FLAGS = ["", "", "waiting for legal", "no owner"]


def moments(random: Random) -> Callable[[], datetime]:
    """What draws the moments of a history: over months, over days or over the hours of a clock
    change; now and then from a handful only, so that several things fall on one instant."""
    start, hours = random.choice(STARTS), HOURS
    if random.random() < 0.2:
        hours = random.choice([24 * 12, 72])
        start = random.choice(
            [datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)]
        )
    draw = lambda: start + timedelta(hours=random.randint(0, hours))  # noqa: E731
    if random.random() < 0.3:
        few = [draw() for _ in range(random.randint(1, 12))]
        return lambda: random.choice(few)
    return draw


def history(random: Random, most: int) -> list[dict]:
    """Events of one to nine items, seldom of up to `most`: any status after any other (steps back,
    skipped stages, reopened, left and come back, not mapped), blocked and not, in any order."""
    items = random.randint(10, most) if random.random() < 0.15 else random.randint(1, 9)
    moment, events = moments(random), []
    for number in range(items):
        name = f"item-{number}"
        for order in range(random.randint(1, 7)):
            events.append(event(name, random.choice(WORDS), moment(), sequence=order))
        for order in range(random.choice([0, 0, 1, 2, 3])):
            flag = random.choice(FLAGS)
            events.append(event(name, flag, moment(), kind="blocked", sequence=order))
    return events


def instants(random: Random, histories: dict[str, list[dict]]) -> list[datetime]:
    """When to ask: in both halves of the year, and at the very moment of an event of each."""
    asked = []
    for start in STARTS:
        mine = [e["since"] for told in histories.values() for e in told if e["since"] >= start]
        asked += [start + timedelta(hours=random.randint(0, HOURS)), random.choice(mine or [start])]
    return asked


def settings(names: list[str]) -> str:
    """A stages.yaml with the line of line.py once for each name, each with a source of its own."""
    head, _, rest = LINE.partition("streams:\n")
    stream, _, _ = rest.partition("sources:\n")
    streams = [
        stream.replace("  line:\n", f"  {name}:\n")
        .replace("name: A line", f"name: Line {name}")
        .replace("[log]", f"[{name}]")
        .replace("counted_by: log", f"counted_by: {name}")
        for name in names
    ]
    sources = [f"  {name}: {{kind: events, file: log.csv}}\n" for name in names]
    return "".join([head, "streams:\n", *streams, "sources:\n", *sources])


def compare(folder: Path, which: str, count: int, same: Callable, most: int) -> None:
    """Call `same` (the stream to ask, its visits, an instant, its events) for each of `count`
    histories at each instant; what fails tells its seed, its stream and its history."""
    histories = {f"s{n}": history(chance(which, n), most) for n in range(count)}
    together = [e | {"source": name} for name, events in histories.items() for e in events]
    asked = publication(folder, together, text=settings(list(histories)))
    whole = Whole(asked, lambda rows: rows.groupby("stream"))
    when = instants(chance(which, "instants"), histories)
    for name, events in histories.items():
        visits = independent.visits_of(events, STATUSES)
        for as_of in when:
            with told(f"stream {name} as of {as_of}", events):
                same(Part(whole, name), visits, as_of, events)
    asked.close()
