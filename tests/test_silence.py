"""Silence is not health: each source that a stage depends on has a clock of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas
import pytest
from line import LINE, day, event, publication

import metrics
from metrics.publishing import publish
from settings import stages
from sources import collecting
from telling import board, line
from telling.asked import asked as of_stream

TWO = LINE.replace("sources: [log]", "sources: [log, flags]").replace(
    "sources:\n  log", "sources:\n  flags: {kind: events, file: log.csv}\n  log"
)
OWN = TWO.replace("c: {name: C,", "c: {name: C, measured_by: flags,")


def told(folder: Path, text: str = TWO, **read: datetime | None) -> metrics.Publication:
    """One waits in A since the first, and a list of flags tells that y in C was once blocked."""
    events = [event("x", "A waiting", day(1)), event("y", "C waiting", day(2)),
              event("y", "legal", day(3), kind="blocked") | {"source": "flags"},
              event("y", "", day(4), kind="blocked") | {"source": "flags"}]  # fmt: skip
    if read.get("flags", day(1)) is None:
        events = events[:2]
    return publication(folder, events, text, asked={k: v for k, v in read.items() if v})


def status(asked: metrics.Publication, at: float, stage: str = "a"):
    return asked.figure("status", day(at), stage=stage).iloc[0]


def test_while_all_sources_tell_a_stage_is_judged(tmp_path):
    asked = told(tmp_path, log=day(90), flags=day(90))
    assert status(asked, 90).word == "On target"
    asked.close()


@pytest.mark.parametrize(("log", "flags", "silent"), [(30, 90, "log"), (90, 30, "flags")])
def test_one_silent_source_takes_the_colour_and_is_named(tmp_path, log, flags, silent):
    """One of the two was down for 60 days, of which 30 are allowed."""
    asked = told(tmp_path, log=day(log), flags=day(flags))
    assert status(asked, 60).word == "On target"  # 30 days after it told last
    late = status(asked, 90)
    assert (late.colour, late.word) == ("grey", "Not measured")
    assert late.sentence == (
        f"{silent} ends 30 January 2026, 60 days before this day: what happened in this stage since "
        "then is not known. 1 item has not been seen to leave it."
    )
    at = of_stream(asked, "line", day(90))
    assert f"{silent} was last read 60 days ago." in board.but(at)
    assert board.headline(at, line.stages(at)).startswith(
        "Nothing is known to be stuck, but A, B and C"
    )
    times = asked.figure("typical_time", day(90)).typical_word
    assert set(times) == {"not measured"}
    asked.close()


def test_where_all_are_silent_the_data_ends(tmp_path):
    asked = told(tmp_path, log=day(30), flags=day(29))
    assert status(asked, 90).sentence.startswith("The data ends 30 January 2026, 60 days before")
    asked.close()


def test_a_source_that_never_told_is_silent_from_the_begin(tmp_path):
    asked = told(tmp_path, log=day(90), flags=None)
    late = status(asked, 90)
    assert (late.colour, late.word) == ("grey", "Not measured")
    assert late.sentence == "flags has told nothing yet: what happens in this stage is not known."
    asked.close()


def test_a_source_that_begins_later_is_not_silent_before(tmp_path):
    """A past day is judged by what told then."""
    asked = told(tmp_path, log=day(90), flags=day(90))
    assert status(asked, 2).word == "On target"
    asked.close()


def test_a_source_of_one_stage_is_silent_for_that_stage_only(tmp_path):
    asked = told(tmp_path, OWN, log=day(90), flags=day(30))
    assert status(asked, 90).word == "On target"
    assert status(asked, 90, "c").sentence.startswith("flags ends 30 January 2026, 60 days before")
    asked.close()


def test_the_source_that_counts_the_items_is_of_every_stage_also_where_it_measures_one(tmp_path):
    """The log counts them, and C is said to be measured by it: A is not judged without it."""
    text = TWO.replace("c: {name: C,", "c: {name: C, measured_by: log,")
    asked = told(tmp_path, text, log=day(30), flags=day(90))
    assert status(asked, 60).word == "On target"
    for stage in ("a", "c"):
        assert status(asked, 90, stage).sentence.startswith(
            "log ends 30 January 2026, 60 days before"
        )
    asked.close()


def test_a_closed_recording_is_not_silent(tmp_path):
    closed = TWO.replace("flags: {kind: events, file: log.csv}",
                         "flags: {kind: events, file: log.csv, covers: {from: 2026-01-01, until: 2026-01-10}}")  # fmt: skip
    asked = told(tmp_path, closed, log=day(90), flags=day(5))
    assert status(asked, 90).word == "On target"
    asked.close()


def test_the_newest_thing_that_a_source_told_is_found_at_any_instant(tmp_path):
    """About midnight, which parts the days that are looked up from the one looked through; and about
    1970, before which instants count backwards."""
    instant, night = timedelta(microseconds=1), datetime(1970, 1, 1, tzinfo=UTC)
    hours = (-36, -24, -0.5, 0, 0.2, 23, 48, 71.9)
    times = [night + timedelta(hours=h) for h in hours] + [night + timedelta(days=1) - instant]
    words = ["A waiting", "A working"]
    events = [event("x", words[n % 2], at) for n, at in enumerate(sorted(times))]
    asked = publication(tmp_path, events)
    edges = [*times, *(night + timedelta(days=n) for n in range(-1, 4))]
    for at in sorted({edge + k * instant for edge in edges for k in (-1, 0, 1)}):
        newest = asked.figure("freshness", at, stream="line").newest.iloc[0]
        so_far = [time for time in times if time <= at]
        assert (newest == max(so_far)) if so_far else pandas.isna(newest), at
    asked.close()


@pytest.mark.parametrize("kind", ["events", "snapshots"])
def test_what_was_read_while_the_clock_was_a_year_ahead_hides_no_silence(tmp_path, kind):
    """Set right again, a list is read once more, and its next answer has lost all that was there; of
    pictures none can stand before one to come, so none is taken, and that is said."""
    (tmp_path / "stages.yaml").write_text(
        "title: A line\nstreams:\n  line: {name: A line, stale_after: 5, sources: [list], stages: "
        "{a: {name: A, queue: [Todo]}}}\nsources:\n  list: {kind: KIND, file: list.csv}\n".replace(
            "KIND", kind
        )
    )
    told, right = stages.read(tmp_path / "stages.yaml"), "x,Todo,2026-01-01,\ny,Todo,2026-01-01,\n"
    for n, (at, rows) in enumerate(
        [(2, right), (367, right), (3, right), (4, "z,Todo,2026-01-01,\n")]
    ):
        (tmp_path / "list.csv").write_text(
            f"item,status,since,note\n{rows}".replace("note", f"n{n}")
        )
        (last,) = collecting.collect(told.sources.values(), tmp_path / "landing.duckdb", day(at))
    is_list = kind == "events"
    assert ("2 of the 2 items of the answer before are missing" in last.not_believed) == is_list
    assert ("Its last answer is of 2 January 2027" in last.failed) != is_list
    assert publish.publish(told, tmp_path, day(30)).ok
    asked = metrics.open(tmp_path)
    row = asked.figure("freshness", day(30)).iloc[0]
    assert (row.told_until, row.stale) == (day(3 if is_list else 2), True)
    asked.close()
