"""A made-up log of any size: planning applications on their way through five stages.

    python benchmarks/generated.py FOLDER --items 100000 [--seed 1] [--nights 1] [--format parquet]

Writes FOLDER/events.csv (item, status, since, blocked) and FOLDER/stages.yaml, so that `valuestream
collect --stages FOLDER/stages.yaml --data FOLDER/data` and `publish` work. --nights adds at the end of
the same log what so many nights bring: 0.1% more events each, half of them new items. Parquet is for
other programs: a source of kind events reads no Parquet.

Each item takes one of the ways below: all the stages, skips, steps back, reopenings, stretches blocked
with a reason that is cleared later. A sixth stop somewhere and are never finished; a tenth of those are
withdrawn. Three in ten are written as days, the others to the second. Twice a year half of them have
what was done in the last three weeks booked at one moment.

Deterministic: all is whole numbers, drawn from the MD5 of the seed and the item's number. Nothing is
sorted and nothing held, so memory does not grow with the items; the rows of an item follow each other.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from settings import database  # noqa: E402
from settings.limits import MB, Limits  # noqa: E402

FIRST = datetime(2019, 1, 7, 10, tzinfo=UTC)
DAYS, BULK, BOOKED = 2250, 182, 20  # of the log; from one bulk day to the next; booked on it
LAST = FIRST + timedelta(days=DAYS)
EDITED = (FIRST + timedelta(days=BULK * 6)).date()  # a bulk day that stages.yaml names
STATUSES = {
    "a": "Received", "A": "Registering",
    "b": "Awaiting validation", "B": "Validating",
    "c": "Awaiting consultation", "C": "Consulting",
    "d": "Awaiting assessment", "D": "Assessing",
    "e": "Awaiting decision", "E": "Deciding", ".": "Decided", "x": "Withdrawn",
}  # fmt: skip
REASONS = ["Waiting for drawings", "Fee not paid", "Highways, asked twice", "Bat survey"]
# A letter is a row of that status; with * it is blocked, and the next row says that no longer.
WAYS = [way.split() for way in (
    "a A b B c C d D e E .", "a A b B c C d D e E .", "a A b B c C D E .",
    "a B c D E .", "a B d D .", "A B C D E .", "a A c D e .", "a C d E .", "a B c E .",
    "a E .", "a B C D .", "A B c D d .", "a B C E .", "A c D E .", "a b C e E .", "a D e .",
    "a B c B c D E .", "a C d B D e .", "b D C D E .",
    "a B D . d D .", "a c E . D E .",
    "a B B* B c D .", "a C* D E .", "A b b* B C D .", "a B D D* D e .",
)]  # fmt: skip
STAGES = """\
title: Made-up applications
opens_at: data
streams:
  applications:
    name: Decide applications
    item: application
    items: applications
    link: https://example.org/{{item}}
    sources: [log]
    counted_by: log
    stages:
      register:
        name: Register
        queue: [Received]
        work: [Registering]
        targets: {{queue: {{limit: {limit}, {why}}}, typical: {{limit: 30, amber: 20, {why}}}}}
      validate:
        name: Validate
        queue: [Awaiting validation]
        work: [Validating]
        targets: {{oldest: {{limit: 365, amber: 180, {why}}}}}
      consult: {{name: Consult, queue: [Awaiting consultation], work: [Consulting]}}
      assess:
        name: Assess
        queue: [Awaiting assessment]
        work: [Assessing]
        targets: {{wip: {{limit: {limit}, {why}}}, idle: {{limit: 30, {why}}}}}
      decide: {{name: Decide, queue: [Awaiting decision], work: [Deciding], done: [Decided]}}
    left: [Withdrawn]
    not_progress: [{{date: {edited}, what: "Half a year's changes booked at once"}}]
sources:
  log:
    kind: events
    file: {file}
    limits: {{seconds: {seconds}, megabytes: {megabytes}, unpacked: {megabytes}, rows: {rows}, cells: {cells}}}
"""
WHY = "reason: made up, owner: nobody, date: 2025-01-01"

# u: numbers from 0 to 999, one for each thing that is decided about an item.
EVENTS = """
with drawn as (
    select i, md5_number_lower(concat($seed, ' ', i)) as h from range($items + $more) as one(i)
), decided as (
    select i, (h % 1000003)::bigint as h, $ways[(1 + (h >> 20) % len($ways))::bigint] as way,
           ((h >> 8) % 1000)::bigint as u_long, ((h >> 16) % 1000)::bigint as u_cut,
           ((h >> 24) % 6) = 0 as stops, ((h >> 28) % 10) = 0 as withdrawn,
           ((h >> 32) % 10) < 3 as by_days, ((h >> 36) % 2) = 0 as in_bulk,
           ((h >> 40) % 58)::bigint as night_no
    from drawn
), planned as (
    select *, 5 * 86400 + u_long * u_long * u_long * 400 * 864 // 10000000 as long_s,
           1 + u_cut * (list_position(way, '.') - 1) // 1000 as cut,
           -- Those that stop came lately, more often than not.
           if(stops, 1000000 - (1000000 - i * 1000000 // $items) * (1000000 - i * 1000000 // $items)
                     // 1000000, i * 1000000 // $items) as place
    from decided
), way as (
    select *, $first_s + place * ($days * 86400 - long_s) // 1000000 as from_s,
           if(stops, way[1:cut] || if(withdrawn, ['x'], []), way) as told, len(way) + 1 as steps
    from planned where i < $items
), told as (
    select i, h, by_days, in_bulk, from_s, long_s, steps,
           unnest(told) as word, generate_subscripts(told, 1) - 1 as n from way
), timed as (
    -- Step n comes in its own n-th of the item's time: their order needs no running sum.
    select i, h, by_days, in_bulk, word, n, from_s + long_s * (
               1000 * n + if(n = 0, 0, (h * (n * n + 7) + h // (n + 1)) % 1000)) // (1000 * steps) as at_s
    from told
), booked as (
    select i, h, by_days, word, n,
           if(in_bulk and (at_s - $first_s) % ($bulk * 86400) >= ($bulk - $booked) * 86400,
              at_s - (at_s - $first_s) % ($bulk * 86400) + $bulk * 86400, at_s) as at_s
    from timed
), later as (
    -- Each night a part of those that stopped move on one step, and as many come as moved.
    select i, h, by_days, if(i < $items, way[cut + 1], way[1]) as word, cut as n,
           $first_s + ($days + nights.night) * 86400 + h % 36000 as at_s
    from range(1, $nights + 1) as nights(night) join planned
        on if(i < $items, stops and not withdrawn and night_no = night,
              i - $items >= $each * (night - 1))
        and (i < $items or i - $items < $each * night)
)
select 'P' || lpad((i * 387420489 % 1000000000)::text, 9, '0') as item,
       $statuses[instr($letters, word[1])] as status,
       left(strftime(make_timestamp(at_s * 1000000), '%Y-%m-%dT%H:%M:%SZ'),
            if(by_days, 10, 20)) as since,
       if(word[2] = '*', $reasons[1 + (h + n) % len($reasons)], null) as blocked
from (from booked union all from later)
"""


class Made(NamedTuple):
    """What was written: the list and its rows."""

    file: Path
    rows: int


def write(folder: Path, items: int, seed: int = 1, nights: int = 0, kind: str = "csv") -> Made:
    """The log and its stages.yaml in a folder. `nights`: at most 50, each brings 0.1% more events."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"events.{kind}"
    each = -(-items * 288 // 100_000)
    told = {
        "items": items, "seed": seed, "nights": nights, "each": each, "more": each * nights,
        "ways": WAYS, "letters": "".join(STATUSES), "statuses": [*STATUSES.values()], "reasons": REASONS,
        "first_s": int(FIRST.timestamp()), "days": DAYS, "bulk": BULK, "booked": BOOKED,
    }  # fmt: skip
    with database.connect(memory="1GB") as con:
        events = con.sql(EVENTS, params=told)
        if kind == "parquet":
            events.write_parquet(str(file), compression="zstd")
        else:
            events.write_csv(str(file))
        read = con.read_parquet if kind == "parquet" else con.read_csv
        [rows] = read(str(file)).aggregate("count(*)").fetchall()[0]
    (folder / "stages.yaml").write_text(_stages(file, items, rows))
    return Made(file, rows)


def pair(folder: Path, items: int, seed: int) -> int:
    """The log (base.csv) and that of a night later (night.csv), under one stages.yaml; its rows."""
    rows = []
    for nights, name in enumerate(["base.csv", "night.csv"]):
        log = write(folder, items, seed, nights)
        log.file.replace(folder / name)
        rows.append(log.rows)
    return rows[0]


def _stages(file: Path, items: int, rows: int) -> str:
    """The settings for a log of this size: the usual limits, raised where it needs more."""
    usual = Limits()
    return STAGES.format(
        file=file.name, limit=max(1, items // 60), why=WHY,
        edited=EDITED,
        seconds=max(usual.seconds, rows // 1000), rows=max(usual.rows, rows),
        megabytes=max(usual.megabytes, 1 + file.stat().st_size // MB), cells=max(usual.cells, 5 * rows),
    )  # fmt: skip


def main() -> None:
    """Write a log and say how large it is."""
    asking = argparse.ArgumentParser()
    asking.add_argument("folder", type=Path)
    asking.add_argument("--items", type=int, required=True)
    asking.add_argument("--seed", type=int, default=1)
    asking.add_argument("--nights", type=int, default=0, choices=range(51))
    asking.add_argument("--format", dest="kind", choices=["csv", "parquet"], default="csv")
    made = write(**vars(asking.parse_args()))
    print(f"{made.file}: {made.rows:,} events")


if __name__ == "__main__":
    main()
