"""A promise beside the figures of the day that is shown: moved or not, overdue or not, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import line
import looked
import pandas
import pytest

from notes import marks, promises
from notes.note import Note
from telling.asked import Asked, asked
from telling.told import Link

MADE, DUE = date(2026, 1, 3), date(2026, 1, 10)
# In stage A: x and y from day 2, z from day 4; x leaves on day 6, z on day 9.
PROMISE = Note(
    stream="line", stage="a", kind="promise", action="Ask", who="legal", due=DUE, day=MADE,
    measure="wip",
)  # fmt: skip


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """The line's publication of its last day."""
    return line.publication(tmp_path_factory.mktemp("story"), line.STORY, now=line.day(14))


@cache
def at(story, day: float) -> Asked:
    """The line as of a moment; what has been asked of it once is known."""
    return asked(story, "line", line.day(day))


def beside(story, day: float, note: Note, today: date = MADE) -> promises.Beside:
    """The promise, its value of the day it was made, beside the figures of a day."""
    then = promises.value(at(story, MADE.day + 0.6), note)
    return promises.beside(at(story, day), replace(note, value_then=then), today)


@pytest.mark.parametrize(
    ("day", "moved", "said"),
    [
        (3.5, "nothing", "Items in it: 2 items then and now: has not moved."),
        (4.5, "wrong", "Items in it: 2 items then, 3 items now: moved the wrong way."),
        (9.5, "right", "Items in it: 2 items then, 1 item now: moved the right way."),
    ],
)
def test_a_promise_says_which_way_its_figure_moved(story, day, moved, said):
    told = beside(story, day, PROMISE)
    assert (told.moved, told.figure) == (moved, said)


def test_more_of_what_is_delivered_is_the_right_way():
    row = pandas.Series({"value": 5.0})
    delivered = replace(PROMISE, measure="delivered", value_then=3.0)
    assert promises._moved(delivered, "3 items", "5 items", row) == "right"
    assert promises._moved(replace(delivered, value_then=7.0), "7 items", "5 items", row) == "wrong"
    arrived = replace(delivered, measure="arrivals")
    assert promises._moved(arrived, "3 items", "5 items", row) == ""  # neither better nor worse


def test_what_reads_alike_has_not_moved(story):
    """The oldest is 2.6 days old when it is promised: 3.4 read the same, 3.6 do not."""
    oldest = replace(PROMISE, measure="oldest")
    same, older = beside(story, 4.4, oldest), beside(story, 4.6, oldest)
    assert (same.then, same.now, same.moved) == ("3 days", "3 days", "nothing")
    assert (older.then, older.now, older.moved) == ("3 days", "4 days", "wrong")


def test_a_figure_that_is_not_known_says_why_and_judges_nothing(story):
    told = beside(story, 9.5, replace(PROMISE, measure="typical"))
    assert told.moved == ""
    assert told.figure == (
        "Typical time: not known then, not known now (too few for a typical time)."
    )
    late = promises.beside(at(story, 13), replace(PROMISE, value_then=2), DUE)
    assert late.now == "1 item"
    stale = promises.beside(at(story, 90), replace(PROMISE, value_then=2), DUE)
    assert (stale.then, stale.now, stale.moved) == ("2 items", "not known", "")
    assert "the data ends 14 January 2026: too old to judge" in stale.figure


def test_a_stage_that_is_gone_measures_nothing_any_more(story):
    gone = replace(PROMISE, stage="gone", value_then=3.0)
    told = promises.beside(at(story, 5), gone, MADE)
    assert told.figure == (
        "Items in it: 3 items then, not known now (nothing measures it any more)."
    )
    assert promises.of(at(story, 5), gone) == Link("gone", None)


@pytest.mark.parametrize(
    ("day", "state", "late", "said"),
    [
        (9, "open", 0, "due 10 January 2026"),
        (10, "open", 0, "due today"),
        (11, "open", 1, "overdue by 1 day (due 10 January 2026)"),
        (31, "open", 21, "overdue by 21 days (due 10 January 2026)"),
        (31, "kept", 0, "kept"),
        (31, "broken", 0, "not kept"),
        (31, "withdrawn", 0, "withdrawn"),
    ],
)
def test_a_promise_says_when_it_is_overdue(day, state, late, said):
    note, today = replace(PROMISE, state=state), date(2026, 1, day)
    assert (promises.overdue(note, today), promises.due(note, today)) == (late, said)
    assert promises.overdue(replace(note, kind="note"), today) == 0


def test_a_promise_without_a_figure_says_only_by_when(story):
    told = beside(story, 9.5, replace(PROMISE, measure=""), date(2026, 1, 31))
    assert told == promises.Beside(told.note, "overdue by 21 days (due 10 January 2026)", 21)


def test_what_a_promise_may_be_held_to_is_what_is_measured_of_the_same(story):
    told = at(story, 9.5)
    assert promises.measured(told, PROMISE) == {
        "idle": "4 days", "oldest": "8 days", "queue": "0 items", "typical": "not known",
        "wip": "1 item",
    }  # fmt: skip
    whole = promises.measured(told, replace(PROMISE, stage=""))
    assert set(whole) == {"wip", "delivered", "arrivals", "typical"}


def test_a_table_of_promises_begins_with_those_due_first(story):
    told = at(story, 9.5)
    notes = [
        replace(PROMISE, action="b", due=date(2026, 2, 1), value_then=2.0),
        replace(PROMISE, action="c", state="kept", value_then=1.0, measure="wip"),
        replace(PROMISE, action="a", stage="", item="x", measure="", who="x"),
    ]
    told = promises.table(told, notes, date(2026, 1, 12), "Promises", "None.")
    assert [row[1] for row in told.rows] == ["a", "b", "c"]
    assert told.rows[0][0] == Link("x", None)  # of which no source tells more
    assert told.rows[0][3:] == ["overdue by 2 days (due 10 January 2026)", "–", "–", "–", "–"]
    assert told.rows[1] == [
        Link("A", None), "b", "legal", "due 1 February 2026", "items in it", "2 items", "1 item",
        "the right way",
    ]  # fmt: skip
    assert told.rows[2][3:] == ["kept", "items in it", "1 item", "1 item", "not at all"]


def test_a_promise_of_a_process_is_held_to_its_failing_checks(tmp_path):
    publication = looked.publication(tmp_path, looked.STORY, now=looked.at(12))
    then_asked = asked(publication, "line", looked.at(4.5)).processes()
    note = replace(
        PROMISE, stream="", stage="", process_group="pages", process="p", measure="failing"
    )
    then = promises.value(then_asked, note)
    assert then == 1
    now = asked(publication, "line", looked.at(5.5)).processes()
    told = promises.beside(now, replace(note, value_then=then), MADE)
    assert (told.then, told.now, told.moved) == ("100%", "50%", "right")
    assert promises.of(now, note).text == "p"


def test_marks_stand_on_their_days_and_those_that_would_touch_are_one():
    days = [
        date(2026, 1, 1),
        date(2026, 3, 1),
        date(2026, 3, 3),
        date(2026, 6, 1),
        date(2027, 1, 1),
    ]
    notes = [Note(f"n{n}", note=str(n), day=day) for n, day in enumerate(days)]
    notes.insert(0, Note("gone", note="w", day=days[0], state="withdrawn"))
    found = marks.marks(notes, date(2026, 1, 1), date(2026, 12, 31))
    assert list(zip(found.day.dt.date, found.label, found.said, strict=True)) == [
        (days[0], "1", "1: n0"), (days[1], "2, 3", "2: n1; 3: n2"), (days[3], "4", "4: n3"),
    ]  # fmt: skip
    assert marks.sentence(found) == (
        "Notes are marked by their numbers: 1 on 1 January 2026, 2, 3 on 1 March 2026 and 4 on 1 June "
        "2026."
    )
    weekly = marks.marks(notes, date(2025, 12, 29), date(2026, 6, 1), weekly=True)
    assert list(weekly.day.dt.date) == [
        date(2025, 12, 29), date(2026, 2, 23), date(2026, 3, 2), date(2026, 6, 1),
    ]  # fmt: skip
    assert marks.marks([], days[0], days[-1]).empty and marks.sentence(found.iloc[:0]) == ""
