"""A small line to measure: a stages.yaml, and a publication made from a list of events.

The events go straight into a landing file's views, so that these tests stand on the metrics alone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pandas

import metrics
from metrics.publishing import publish
from settings import stages

LINE = """
title: A line
streams:
  line:
    name: A line
    item: item
    items: items
    link: https://example.org/{item}
    time_zone: Europe/London
    days: DAYS
    stale_after: 30
    same_after: 1000
    sources: [log]
    counted_by: log
    stages:
      a: {name: A, queue: [A waiting], work: [A working], targets: {queue: TARGET}}
      b: {name: B, queue: [B waiting], paused: [B paused], work: [B working, B checking]}
      c: {name: C, queue: [C waiting], work: [], done: [Done]}
    left: [Dropped]
sources:
  log: {kind: events, file: log.csv}
"""
TARGET = "{limit: 2, amber: 1, reason: small, owner: us, date: 2026-01-01}"
STATUSES = {
    "A waiting": ("a", 1, "queue"), "A working": ("a", 1, "work"),
    "B waiting": ("b", 2, "queue"), "B paused": ("b", 2, "paused"),
    "B working": ("b", 2, "work"), "B checking": ("b", 2, "work"),
    "C waiting": ("c", 3, "queue"), "Done": ("c", 3, "done"), "Dropped": (None, None, "left"),
}  # fmt: skip
STAGES = ("a", "b", "c")

LANDING = """
create table load (load_id bigint, source text, kind text, place text, seen_at timestamptz,
    started_at timestamptz, seconds double, outcome text, reason text, note text, rows_in bigint,
    accepted bigint, refused bigint, newest timestamptz, sha256 text, cursor json, body text,
    oldest timestamptz);
create table raw (source text, load_id bigint, line bigint, key text, row json);
create table reject (source text, load_id bigint, place text, line bigint, field text,
    value text, reason text);
create table source (source text, kind text, columns json, time_zone text, asked_at timestamptz);
create table item_detail (source text, item text, name text, link text, seen_at timestamptz);
create table check_told (source text, process text, subject text, "at" timestamptz, ok boolean,
    status text, detail text, seconds double, resource text, link text);
create table stage_event as from events;
"""


def day(number: float, month: int = 1) -> datetime:
    """Noon-based instants are easy to read: day(2) is 2026-01-02T00:00Z, day(2.5) its noon."""
    return datetime(2026, month, 1, tzinfo=UTC) + pandas.Timedelta(days=number - 1).to_pytimedelta()


def event(item, value, since, kind="status", sequence=0, **more) -> dict:
    """One stage event, exact unless said otherwise."""
    return dict(
        source="log", item=item, kind=kind, value=value, since=since, not_before=None,
        precision="exact", opening=False, sequence=sequence, place="log.csv", line=sequence,
    ) | more  # fmt: skip


# item  A waiting  A working  B waiting  B working  C waiting  Done
#  x        1          3          6          8         10        12
#  y        2          5                                              blocked 7 to 9, so A working
#  z        4                                                         Dropped on 9
STORY = [
    event("x", "A waiting", day(1)), event("x", "A working", day(3)),
    event("x", "B waiting", day(6)), event("x", "B working", day(8)),
    event("x", "C waiting", day(10)), event("x", "Done", day(12)),
    event("y", "A waiting", day(2)), event("y", "A working", day(5)),
    event("y", "legal", day(7), kind="blocked"), event("y", "", day(9), kind="blocked"),
    event("z", "A waiting", day(4)), event("z", "Dropped", day(9)),
]  # fmt: skip


def publication(
    folder: Path,
    events: list[dict],
    text: str = LINE,
    days: str = "calendar",
    now: datetime = datetime(2027, 1, 1, tzinfo=UTC),
    asked: datetime | dict[str, datetime] | None = None,
):
    """A real publication of these events; fails the test when it does not reconcile.

    The list was last read at `asked`, if not now; of several, each at its own."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "stages.yaml").write_text(text.replace("DAYS", days).replace("TARGET", TARGET))
    (folder / "log.csv").touch()
    landing = folder / "landing.duckdb"
    landing.unlink(missing_ok=True)
    frame = pandas.DataFrame(events).astype({"not_before": "datetime64[us, UTC]"})
    with duckdb.connect(str(landing)) as con:
        con.register("events", frame)
        con.execute(LANDING)
        at = asked if isinstance(asked, dict) else {}
        for name in sorted(set(frame["source"])):
            when = at.get(name) or (now if isinstance(asked, dict) else asked or now)
            con.execute("insert into source (source, asked_at) values (?, ?)", [name, when])
    done = publish.publish(stages.read(folder / "stages.yaml"), folder, now)
    assert done.ok, done.reasons
    return metrics.open(done.file)


def again(folder: Path, days: float) -> publish.Published:
    """What `publication` made published anew, so many days after 1 January 2026."""
    now = day(1) + timedelta(days=days)
    return publish.publish(stages.read(folder / "stages.yaml"), folder, now)
