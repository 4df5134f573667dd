"""The figure goal on examples small enough to check on paper; day(1) is 2026-01-01 at midnight.

Several lines like that of line.py, side by side. In `queue` ten wait in A from day 1 on, and on days 3,
5, 7 … one of them goes on to work at noon: ten wait at the end of days 1 and 2, nine at the end of 3
and 4, six at the end of 9 and 10, two at the end of 17, none from day 21.5 on.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from independent_time import Line
from line import day, event, publication
from looked import LOOKED, at, check, prepared, published, written
from random_lines import Drawn, settings

import metrics

MICRO = timedelta(microseconds=1)


def come(count: int, when, value="A waiting", name="i", **more) -> list[dict]:
    """So many items that come at once."""
    return [event(f"{name}{n}", value, when, **more) for n in range(count)]


def go(count: int, value: str) -> list[dict]:
    """So many items that go on at noon of days 3, 5, 7 …"""
    return [event(f"i{n}", value, day(3.5 + 2 * n)) for n in range(count)]


QUEUE = come(10, day(1)) + go(10, "A working")
LINES = {
    "queue": QUEUE,
    "more": QUEUE + come(6, day(5), name="j"),
    "one-by-one": [event(f"i{n}", "A waiting", day(n)) for n in (1, 9, 15)],
    "half-go": come(10, day(1)) + go(10, "B waiting"),
    "stray": [*QUEUE, event("z", "Somewhere", day(1))],
    "four": come(4, day(1)),
    "five": come(5, day(1)),
    "there": come(5, day(1), opening=True, precision="at least"),
    "same": QUEUE,
    "worked": come(5, day(5)) + [event(f"i{n}", "B waiting", day(19)) for n in range(5)],
}
# Of each line, by the result's name: its measure, where it began, what it is to be.
JANUARY = "date: 2026-01-01"
RESULTS = {
    "queue": {
        "half": ("queue", JANUARY, "at_most: 2, date: 2026-01-17"),
        "less": ("queue", JANUARY, "at_most: 1, date: 2026-01-17"),
        "typed": ("queue", f"{JANUARY}, value: 12", "at_most: 2, date: 2026-01-17"),
        "to-come": ("queue", JANUARY, "at_most: 2, date: 2026-02-20"),
    },
    "more": {
        "within": ("queue", JANUARY, "at_most: 11, date: 2026-01-17"),
        "away": ("queue", JANUARY, "at_most: 8, date: 2026-01-17"),
    },
    "one-by-one": {"three": ("wip", JANUARY, "at_least: 3, date: 2026-01-17")},
    "half-go": {
        "began": ("typical", JANUARY, "at_most: 9, date: 2026-03-31"),
        "typed": ("typical", f"{JANUARY}, value: 12", "at_most: 9, date: 2026-03-31"),
        "near": ("typical", JANUARY, "at_most: 10.4, date: 2026-01-17"),
        "idle": ("idle", JANUARY, "at_most: 5, date: 2026-03-31"),
        "oldest": ("oldest", JANUARY, "at_most: 5, date: 2026-03-31"),
    },
    "stray": {
        "half": ("queue", JANUARY, "at_most: 2, date: 2026-01-17"),
        "less": ("queue", JANUARY, "at_most: 1, date: 2026-01-17"),
    },
    "four": {
        "few": ("typical", JANUARY, "at_most: 5, date: 2026-03-31"),
        "idle": ("idle", JANUARY, "at_most: 40, date: 2026-03-31"),
        "in-b": ("idle", JANUARY, "at_most: 40, date: 2026-03-31"),
    },
    "five": {"half": ("typical", JANUARY, "at_most: 5, date: 2026-03-31")},
    "there": {"oldest": ("oldest", JANUARY, "at_most: 40, date: 2026-03-31")},
    "same": {"half": ("queue", JANUARY, "at_most: 2, date: 2026-03-31")},
    "worked": {"half": ("typical", f"{JANUARY}, value: 12", "at_most: 5, date: 2026-03-31")},
}
# All are measures of the stage A, but for that of a whole line, and that of a stage B.
OF = {"three": "stream: one-by-one", "in-b": "stage: four/b"}


def ends(number: int):
    """The end of a day of January or February 2026, in London as in UTC."""
    return day(number + 1) - MICRO


def written_goals(results: dict) -> str:
    """The goals of a stages.yaml: one for each line, with its results."""
    goals = "".join(
        f"  {line}:\n    objective: Less\n    for: us\n    results:\n"
        + "".join(
            f"      {name}: {{name: It, measure: {measure}, "
            f"{OF.get(name, f'stage: {line}/a')}, "
            f"start: {{{start}}}, target: {{{target}}}}}\n"
            for name, (measure, start, target) in told.items()
        )
        for line, told in results.items()
    )
    return f"goals:\n{goals}"


def made(folder, lines: dict, results: dict, now, asked: dict | None = None):
    """A publication of these lines with these goals; `same` may tell the same for five days only."""
    drawn = {
        line: Drawn(events, Line()._replace(working=line == "worked"))
        for line, events in lines.items()
    }
    text = settings(drawn)
    before, mark, after = text.partition("  same:\n")
    text = before + mark + after.replace("same_after: 1000", "same_after: 5", 1)
    events = [e | {"source": line} for line, told in lines.items() for e in told]
    return publication(folder, events, text + written_goals(results), now=now, asked=asked)


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """All of them, published on day 40."""
    told = made(tmp_path_factory.mktemp("goals"), LINES, RESULTS, day(40))
    yield told
    told.close()


def one(asked, as_of, line: str, name: str):
    (row,) = asked.figure("goal", as_of, goal=line, result=name).itertuples()
    return row


def unknown(*values) -> bool:
    """Whether none of these is known."""
    return all(value != value for value in values)


def test_goal(asked):
    """At the end of day 9 six wait: 4 of 8 have gone, in 8 of 16 days. In the 8 days left four more
    must go, as many as in the 8 before: 3.5 a week."""
    row = one(asked, ends(9), "queue", "half")
    assert (row.objective, row.owner, row.under, row.name) == ("Less", "us", "", "It")
    assert (row.kind, row.stream, row.stage, row.place, row.measure, row.unit) == (
        "stage", "queue", "a", "A", "queue", "items",
    )  # fmt: skip
    assert (row.started_on.date(), row.start_value) == (date(2026, 1, 1), 10)
    assert (row.due_on.date(), row.target, row.is_least) == (date(2026, 1, 17), 2, False)
    assert (row.value, row.items, row.why, row.said) == (6, 10, "", "6 waiting")
    assert (row.state, row.colour, row.way_share, row.time_share) == ("on track", "green", 0.5, 0.5)
    assert (row.needed_a_week, row.so_far_a_week) == (-3.5, -3.5)
    assert row.sentence == (
        "On track: 6 waiting, from 10 on 1 January 2026; target at most 2 by 17 January 2026. 50% of "
        "the way in 50% of the time; it would take 3.5 fewer a week, so far it was 3.5 fewer a week."
    )


def test_it_is_behind_as_soon_as_less_of_the_way_than_of_the_time_is_gone(asked):
    row = one(asked, ends(9) + MICRO, "queue", "half")
    assert (row.state, row.colour, row.way_share) == ("behind", "amber", 0.5)
    row = one(asked, ends(10), "queue", "half")  # four in the week that is left
    assert row.needed_a_week == -4
    assert row.sentence == (
        "Behind: 6 waiting, from 10 on 1 January 2026; target at most 2 by 17 January 2026. 50% of "
        "the way in 56% of the time; it would take 4 fewer a week, so far it was 3.1 fewer a week."
    )


def test_with_less_than_a_week_left_it_says_how_much_it_would_take_by_then(asked):
    """At the end of day 14 four wait, and two must go in three days."""
    assert one(asked, ends(14), "queue", "half").sentence == (
        "Behind: 4 waiting, from 10 on 1 January 2026; target at most 2 by 17 January 2026. 75% of "
        "the way in 81% of the time; it would take 2 fewer by then, so far it was 3.2 fewer a week."
    )


def test_before_it_begins_nothing_is_said_of_its_way(asked):
    row = one(asked, ends(1) - MICRO, "queue", "half")
    assert (row.state, row.colour) == ("not begun", "grey")
    assert row.sentence == "Begins on 1 January 2026; target at most 2 by 17 January 2026."
    assert unknown(row.way_share, row.time_share, row.needed_a_week, row.so_far_a_week)
    # At its very start none of the way and none of the time is gone.
    row = one(asked, ends(1), "queue", "half")
    assert (row.state, row.way_share, row.time_share) == ("on track", 0, 0)
    assert row.needed_a_week == -3.5
    assert unknown(row.so_far_a_week)
    assert row.sentence.endswith(
        "It has not moved, with 0% of the time gone; it would take 3.5 fewer a week."
    )


@pytest.mark.parametrize("as_of", [ends(17), day(25)])
def test_after_its_date_the_value_of_that_day_decides(asked, as_of):
    """Two wait at the end of day 17 and none from day 21.5 on: that comes too late to count."""
    row = one(asked, as_of, "queue", "half")
    assert (row.state, row.colour, row.value) == ("reached", "green", 2)
    assert row.sentence == "Reached on 17 January 2026: 2 waiting, target at most 2."
    assert unknown(row.needed_a_week)
    row = one(asked, as_of, "queue", "less")
    assert (row.state, row.colour, row.value) == ("missed", "red", 2)
    assert row.sentence == "Missed on 17 January 2026: 2 waiting, target at most 1."
    assert unknown(row.needed_a_week)


def test_before_its_date_what_is_reached_may_be_lost_again(asked):
    row = one(asked, ends(17) - MICRO, "queue", "half")
    assert (row.state, row.colour) == ("reached", "green")
    assert unknown(row.needed_a_week)
    assert row.sentence == (
        "Reached so far: 2 waiting; target at most 2 by 17 January 2026, and what counts is that day."
    )


def test_a_date_that_came_after_what_is_shown_was_published_is_not_known(asked):
    """It was published on day 40, and 20 February is day 51."""
    assert one(asked, ends(51) - MICRO, "queue", "to-come").state == "reached"
    row = one(asked, ends(51), "queue", "to-come")
    assert (row.state, row.colour, row.why) == ("not known", "grey", "not published")
    assert row.sentence == (
        "Not known whether it was reached on 20 February 2026: what is shown was published before "
        "that day; target at most 2."
    )


def test_where_its_start_is_not_known_how_far_it_is_is_not_either(asked):
    """Of ten half have moved on at an age of 10.5 days, and on the first day nobody had."""
    row = one(asked, ends(17), "half-go", "began")
    assert (row.state, row.colour, row.value, row.why) == ("not known", "grey", 10.5, "")
    assert unknown(row.start_value, row.way_share, row.needed_a_week, row.so_far_a_week)
    assert row.sentence == (
        "Not known how far it is: half move on within 11 days; target at most 9 days by 31 March "
        "2026; at its start, on 1 January 2026: fewer than half move on within 1 day, the longest "
        "stay whose start is known."
    )
    # Where stages.yaml says it, it is.
    row = one(asked, ends(17), "half-go", "typed")
    assert (row.state, row.start_value, row.way_share) == ("on track", 12, 0.5)


def test_a_number_reads_on_the_side_of_its_target_that_it_is_on(asked):
    """10.5 would round to 10, and 10.4 is aimed at."""
    row = one(asked, ends(17), "half-go", "near")
    assert row.sentence == (
        "Missed on 17 January 2026: half move on within 11 days, target at most 10.4 days."
    )


def test_a_start_that_the_data_contradicts_is_told_with_what_the_data_says(asked):
    row = one(asked, ends(9), "queue", "typed")
    assert ", from 12 (the data says 10) on 1 January 2026;" in row.sentence
    assert (row.start_value, row.way_share) == (12, 0.6)


def test_what_was_within_its_target_when_it_began_has_no_way_to_go(asked):
    """Ten wait, and eleven may; on day 5 six more come."""
    assert one(asked, ends(1), "more", "within").state == "reached"
    row = one(asked, ends(9), "more", "within")
    assert (row.state, row.colour, row.value) == ("behind", "amber", 12)
    assert unknown(row.way_share)
    assert "It was within its target when it began; it would take 0.9 fewer a week" in row.sentence


def test_what_is_further_away_than_at_the_start_says_so(asked):
    row = one(asked, ends(9), "more", "away")
    assert (row.state, row.way_share) == ("behind", -1)
    assert "It is further from it than at the start, with 50% of the time gone;" in row.sentence


def test_at_least_is_reached_from_below_and_of_a_whole_line(asked):
    """What is in it: one from day 1, two from day 9, three from day 15."""
    told = [one(asked, at, "one-by-one", "three") for at in (ends(1), ends(9), ends(17) - MICRO)]
    assert [(row.value, row.state) for row in told] == [
        (1, "on track"), (2, "on track"), (3, "reached"),
    ]  # fmt: skip
    row = told[1]
    assert (row.kind, row.stage, row.place, row.way_share) == ("line", "", "Line one-by-one", 0.5)
    assert row.is_least
    assert "target at least 3 by 17 January 2026." in row.sentence
    assert "it would take 0.9 more a week, so far it was 0.9 more a week." in row.sentence


@pytest.mark.parametrize("as_of", [ends(9), ends(17) - MICRO, day(25)])
def test_what_may_not_be_so_after_all_is_neither_reached_nor_on_track(asked, as_of):
    """An item has a status that stages.yaml does not map: it may wait in A."""
    row = one(asked, as_of, "stray", "half")
    assert (row.state, row.colour) == ("not known", "grey")
    assert (
        "; but 1 in no stage at all (Somewhere), and any of them may count here; " in row.sentence
    )
    assert one(asked, day(25), "stray", "less").state == "missed"  # it could only be more


def test_a_typical_time_that_is_not_known_is_grey_in_words(asked):
    for line, name, why, items, said in (
        ("four", "few", "too few", 4, "too few for a typical time"),
        ("five", "half", "not reached", 5, "fewer than half move on within 17 days, the longest stay whose start is known"),
    ):  # fmt: skip
        row = one(asked, ends(17), line, name)
        assert (row.state, row.colour, row.why, row.items) == ("not known", "grey", why, items)
        assert unknown(row.value, row.way_share, row.needed_a_week)
        assert row.sentence == f"Not known: {said}; target at most 5 days by 31 March 2026."


@pytest.mark.parametrize(("line", "name"), [("there", "oldest"), ("four", "idle")])
def test_what_is_known_only_as_at_least_reaches_no_at_most(asked, line, name):
    """They were there before the data begins, or nothing has left since it begins."""
    row = one(asked, ends(17), line, name)
    assert (row.state, row.colour) == ("not known", "grey")
    assert row.value == pytest.approx(17)
    assert "; but the data begins too late to say how much longer; " in row.sentence


def test_what_has_moved_and_what_holds_nothing_is_known(asked):
    """Something left on day 17.5; all are gone by day 21.5; nothing has ever been in B."""
    row = one(asked, ends(17), "half-go", "idle")
    assert (row.state, round(row.value, 6)) == ("reached", 0.5)
    row = one(asked, day(25), "half-go", "oldest")
    assert (row.state, row.value) == ("reached", 0)
    assert row.sentence.startswith("Reached so far: nothing in it; target at most 5 days by ")
    row = one(asked, day(25), "four", "in-b")
    assert (row.state, row.value) == ("reached", 0)


def test_what_has_told_the_same_for_too_long_is_not_reached(asked):
    """Nothing changes after day 21.5; after five days of that it may be dead."""
    assert one(asked, day(25), "same", "half").state == "reached"
    row = one(asked, day(27), "same", "half")
    assert (row.state, row.colour) == ("not known", "grey")
    assert "told exactly the same since 21 January 2026: either nothing moved or it is dead" in (
        row.sentence
    )


def test_days_are_the_stream_s_own_working_or_not(asked):
    """From Monday 5 to Monday 19 January: ten working days."""
    row = one(asked, day(25), "worked", "half")
    assert (row.value, row.unit) == (10, "working days")
    assert "half move on within 10 working days, from 12 working days on" in row.sentence
    assert "target at most 5 working days by 31 March 2026." in row.sentence
    assert "working days less a week" in row.sentence


@pytest.fixture(scope="module")
def later(tmp_path_factory):
    """One list last read on day 22, and one that goes on, published on 30 April."""
    lines = {"stale": QUEUE, "spring": QUEUE}
    results = {
        "stale": {"half": ("queue", JANUARY, "at_most: 2, date: 2026-03-31")},
        "spring": {"long": ("queue", JANUARY, "at_most: 2, date: 2026-12-31")},
    }
    folder = tmp_path_factory.mktemp("later")
    told = made(folder, lines, results, day(120), {"stale": day(22), "spring": day(120)})
    yield told
    told.close()


def test_shares_and_changes_are_said_as_they_are(asked):
    """Neither all nor nothing unless it is, and 10.5 is beyond 10."""
    with asked._connection.cursor() as cursor:
        told = cursor.execute(
            "select [goal_percent(s::double) for s in [0, 0.004, 0.29, 0.996, 1]], "
            "[goal_change(c::double, 'items') for c in [2.44, -0.04, -12.5]], "
            "goal_change(-0.015::double, 'share'), goal_change(1.0::double, 'working days'), "
            "goal_number(1.0::double, 2.0::double, 'working days'), "
            "goal_number(0.29::double, 0.3::double, 'share'), "
            "number_beside(10.5::double, 10.0::double), number_beside(0.25::double, 0.2::double)"
        ).fetchall()
    assert told == [(
        ["0%", "under 1%", "29%", "99%", "100%"], ["2.4 more", "under 0.1 fewer", "12 fewer"],
        "1.5 points less", "1 working days more", "1 working day", "29%", "11", "0.3",
    )]  # fmt: skip


def test_stale_data_reaches_and_misses_nothing(later):
    """What was read on day 22 is too old to judge by 30 days later."""
    assert one(later, day(52), "stale", "half").state == "reached"
    row = one(later, day(52) + MICRO, "stale", "half")
    assert (row.state, row.colour, row.why) == ("not known", "grey", "stale")
    assert unknown(row.value, row.way_share, row.needed_a_week)
    assert row.sentence == (
        "Not known: the data ends 22 January 2026: too old to judge; target at most 2 by "
        "31 March 2026."
    )
    row = one(later, day(110), "stale", "half")
    assert (row.state, row.colour, row.why) == ("not known", "grey", "stale")
    assert row.sentence == (
        "Not known whether it was reached on 31 March 2026: the data ends 22 January 2026: too old "
        "to judge; target at most 2."
    )


def test_its_course_is_what_was_measured_at_the_ends_of_days_weeks_apart(later):
    """17 weeks are over by 30 April, and of these days every second is kept, the clocks going forward
    among them; of a date to come there is nothing."""
    rows = later.table("goal_course", goal="spring").sort_values("measured_at")
    days = [date(2026, 1, 1) + timedelta(weeks=2 * n) for n in range(9)]
    assert rows.measured_at.to_list() == [later.day_ends(day, "spring") for day in days]
    assert rows.measured_at.dt.hour.to_list() == [23] * 7 + [22] * 2
    for row in rows[::4].itertuples():
        told = later.figure("measure", row.measured_at.to_pydatetime(), stream="spring", stage="a")
        expected = told[told.measure == "queue"].iloc[0]
        assert (row.value, row.items) == (expected.value, expected["items"])
        assert (row.why, row.said) == (expected.why, expected.said)


def test_its_course_ends_where_the_data_does_but_for_the_day_it_was_due(later):
    rows = later.table("goal_course", goal="stale").sort_values("measured_at")
    due = later.day_ends(date(2026, 3, 31), "stale")
    assert rows.measured_at.to_list() == [ends(1), ends(15), due]
    assert rows.why.to_list() == ["", "", "stale"]
    assert later.table("goal_result", goal="stale").due_at.to_list() == [due]


def test_without_goals_there_is_nothing_of_them(published_twice):
    asked = metrics.open(published_twice)
    assert asked.figure("goal", day(20)).empty
    assert all(asked.table(name).empty for name in ("goal", "goal_result", "goal_course"))
    asked.close()


@pytest.fixture(scope="module")
def looked(tmp_path_factory):
    """Of the two checks of p both fail on day 1, one on days 2 to 4, none on day 5; q has one check,
    and so have the builds."""
    folder = tmp_path_factory.mktemp("looked")
    goals = "".join(
        f"      {name}: {{name: It, measure: failing, process: {process}, start: {{{JANUARY}}}, "
        "target: {at_most: 0, date: 2026-01-05}}\n"
        for name, process in {"p": "pages/p", "several": "pages", "no": "pages/x", "only": "builds"}.items()
    )  # fmt: skip
    goals = f"goals:\n  g:\n    objective: Less\n    for: us\n    results:\n{goals}"
    told = prepared(folder, LOOKED + goals)
    p = [
        check("p", subject, at(n), ok=n == 5 or (n > 1 and subject == "a"))
        for n in range(1, 6)
        for subject in "ab"
    ]
    q = [check("q", "c", at(n)) for n in range(1, 6)]
    builds = [check("build", "d", at(n), ok=n > 1, group="builds") for n in range(1, 6)]
    written(folder, p + q + builds)
    asked = published(folder, told, at(7))
    yield asked
    asked.close()


def test_a_process_is_held_to_the_share_of_its_newest_run(looked):
    row = one(looked, ends(3), "g", "p")
    assert (row.kind, row.stream, row.process_group, row.process) == ("process", "", "pages", "p")
    assert (row.place, row.unit) == ("Pages: p", "share")
    assert (row.start_value, row.value, row.items) == (1, 0.5, 2)
    assert (row.state, row.way_share, row.time_share) == ("on track", 0.5, 0.5)
    assert row.needed_a_week == -1.75
    assert row.sentence == (
        "On track: 1 of 2 checks failed in the run of 3 January 2026 (50%), from 100% on 1 January "
        "2026; target at most 0% by 5 January 2026. 50% of the way in 50% of the time; it would take "
        "50 points less by then."
    )
    row = one(looked, at(7), "g", "p")
    assert (row.state, row.value) == ("reached", 0)


def test_a_group_alone_names_its_only_process_and_no_other(looked):
    row = one(looked, ends(3), "g", "only")
    assert (row.state, row.value, row.start_value) == ("reached", 0, 1)
    for name, said in (
        ("several", "its group has several processes: stages.yaml must name one"),
        ("no", "nothing has been told of it"),
    ):
        row = one(looked, ends(3), "g", name)
        assert (row.state, row.colour, row.why) == ("not known", "grey", "no data")
        assert row.sentence == f"Not known: {said}; target at most 0% by 5 January 2026."
