"""Random histories, many of them side by side as the streams of one publication.

Each is a line of its own: some run on working days; of some the records began late, in a list that
was there already, or end early; in some a day is all that is known of a move, or was an edit in bulk.

A publication costs about as much as everything that is asked of it; one that holds dozens of
histories costs little more than one that holds one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

import independent
from independent_time import Line, local_day, midnight
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


class Drawn(NamedTuple):
    """A history, what is so of its line, and when its list was last read (None: just now)."""

    events: list[dict]
    line: Line
    asked: datetime | None = None
    until: datetime | None = None  # where a closed recording ends


def drawn(random: Random, most: int) -> Drawn:
    """A history and the line it happened on."""
    events, line, some = history(random, most), Line(), lambda share: random.random() < share
    if some(0.3):
        _there_before(random, events)
    if some(0.3):
        _to_the_day(random, events)
    if some(0.3):
        line = line._replace(bulk=frozenset(_in_bulk(random, events, 10 + n) for n in range(2)))
    line = line._replace(working=some(0.25))
    return _known_late(random, events, line) if some(0.2) else _ended(random, events, line)


def _there_before(random: Random, events: list[dict]) -> None:
    """Items that were there when the records began, for nobody knows how long: their first status
    says so, or a sign of them that came before any status."""
    for item in sorted({e["item"] for e in events}):
        first = _in_order(events, item)[0]
        if random.random() < 0.4:
            first.update(opening=True, precision="at least")
        elif random.random() < 0.3:
            seen = first["since"] - timedelta(hours=random.randint(0, 900))
            events.append(event(item, "", seen, kind="exists"))


def _to_the_day(random: Random, events: list[dict]) -> None:
    """Of some changes only the day is known: they count as of its last microsecond. Of others only
    that they lie between two pictures: they count as of the later."""
    for one in events:
        if one["precision"] == "exact" and one["kind"] != "exists" and random.random() < 0.5:
            before, after = (midnight(local_day(one["since"]) + timedelta(days=n)) for n in (0, 1))
            last = after - timedelta(microseconds=1)
            one.update(since=last, not_before=before, precision="day")
        elif one["precision"] == "exact" and random.random() < 0.2:
            one.update(not_before=one["since"] - timedelta(days=7), precision="between")


def _in_bulk(random: Random, events: list[dict], sequence: int) -> date:
    """The day of an edit in bulk: several items are changed at one instant, among what else came."""
    instant, word = random.choice(events)["since"], random.choice(WORDS)
    items = sorted({e["item"] for e in events})
    for item in random.sample(items, random.randint(0, len(items))):
        events.append(event(item, random.choice([word, word, random.choice(WORDS)]), instant, sequence=sequence))  # fmt: skip
    return local_day(instant)


def _known_late(random: Random, events: list[dict], line: Line) -> Drawn:
    """The records began after some items had come, and some had gone: those are known from an age
    on, and of these nothing could have been seen."""
    began = midnight(
        local_day(random.choice(events)["since"]) + timedelta(days=random.randint(0, 9))
    )
    return Drawn(events, line._replace(covers_from=began))


def _ended(random: Random, events: list[dict], line: Line) -> Drawn:
    """Most lists are read to this day; some were last read long ago, some are closed recordings."""
    last = max(e["since"] for e in events)
    if random.random() < 0.2:
        asked = last + timedelta(hours=random.choice([0, 1, 30, 500]))
        return Drawn(events, line._replace(known_until=asked), asked=asked)
    if random.random() < 0.2:
        until = midnight(local_day(last) + timedelta(days=random.randint(1, 40)))
        known = line._replace(known_until=until - timedelta(microseconds=1))
        return Drawn(events, known, until=until)
    return Drawn(events, line)


def _in_order(events: list[dict], item: str) -> list[dict]:
    """The statuses of an item, the first first."""
    mine = [e for e in events if e["item"] == item and e["kind"] == "status"]
    return sorted(mine, key=lambda e: (e["since"], e["sequence"]))


def instants(random: Random, histories: dict[str, list[dict]]) -> list[datetime]:
    """When to ask: in both halves of the year, and at the very moment of an event of each."""
    asked = []
    for start in STARTS:
        mine = [e["since"] for told in histories.values() for e in told if e["since"] >= start]
        asked += [start + timedelta(hours=random.randint(0, HOURS)), random.choice(mine or [start])]
    return asked


def settings(lines: dict[str, Drawn]) -> str:
    """A stages.yaml with the line of line.py once for each line, each with a source of its own."""
    head, _, rest = LINE.partition("streams:\n")
    stream, _, _ = rest.partition("sources:\n")
    streams = [
        stream.replace("  line:\n", f"  {name}:\n")
        .replace("name: A line", f"name: Line {name}")
        .replace("[log]", f"[{name}]")
        .replace("counted_by: log", f"counted_by: {name}")
        .replace("    days: DAYS\n", _days(one.line))
        for name, one in lines.items()
    ]
    sources = [
        f"  {name}: {{kind: events, file: log.csv{_covers(one)}}}\n" for name, one in lines.items()
    ]
    return "".join([head, "streams:\n", *streams, "sources:\n", *sources])


def _days(line: Line) -> str:
    edits = ", ".join(f"{{date: {day}, what: an edit}}" for day in sorted(line.bulk))
    return (
        "    days: working\n    holidays: {country: GB, subdivision: ENG}\n" if line.working else ""
    ) + (f"    not_progress: [{edits}]\n" if edits else "")


def _covers(one: Drawn) -> str:
    if one.until:
        return f", covers: {{until: {local_day(one.until)}}}"
    began = one.line.covers_from
    return f", covers: {{from: {local_day(began)}}}" if began else ""


def compare(folder: Path, which: str, count: int, same: Callable, most: int) -> None:
    """Call `same` (the stream to ask, its visits, an instant, its events) for each of `count`
    histories at each instant; what fails tells its seed, its stream and its history."""
    lines = {f"s{n}": drawn(chance(which, n), most) for n in range(count)}
    histories = {name: one.events for name, one in lines.items()}
    together = [e | {"source": name} for name, events in histories.items() for e in events]
    read = {name: one.asked for name, one in lines.items() if one.asked}
    asked = publication(folder, together, text=settings(lines), asked=read)
    whole = Whole(asked, lambda rows: rows.groupby("stream"))
    when = instants(chance(which, "instants"), histories)
    for name, one in lines.items():
        visits = independent.visits_of(one.events, STATUSES, one.line)
        for as_of in when:
            with told(f"stream {name} as of {as_of}, {one[1:]}", one.events):
                same(Part(whole, name), visits, as_of, one.events)
    asked.close()
