"""The figure goal over random histories agrees with the slow calculation in independent_goals.py."""

from __future__ import annotations

from datetime import date, timedelta

import independent
import pytest
import random_lines
from independent_goals import Found, Result, ends, found, measured
from line import STAGES, STATUSES, publication
from seeds import chance, how_many, told

# Each across a change of the clocks, for they change on 29 March and on 25 October.
CYCLES = [(date(2026, 3, 27), date(2026, 4, 24)), (date(2026, 10, 9), date(2026, 11, 6))]


def results(random) -> dict[str, Result]:
    """Some for each cycle: a measure, where it began (or what the data says) and what it is to be."""
    drawn = {}
    for begins, due in CYCLES:
        for n in range(4):
            measure = random.choice(["queue", "wip", "typical"])
            place = random.choice([*STAGES] if measure == "queue" else ["", *STAGES])
            target, at_least = random.randint(0, 12), random.random() < 0.3
            far = target - random.randint(1, 9) if at_least else target + random.randint(1, 30)
            start = far if random.random() < 0.4 and far >= 0 else None
            drawn[f"{begins:%b}{n}"] = Result(measure, place, begins, start, due, target, at_least)
    return drawn


def as_yaml(goals: dict[str, dict[str, Result]]) -> str:
    text = "goals:\n"
    for line, mine in goals.items():
        text += f"  {line}:\n    objective: x\n    for: us\n    results:\n"
        for name, one in mine.items():
            of = f"stage: {line}/{one.place}" if one.place else f"stream: {line}"
            value = "" if one.start is None else f", value: {one.start}"
            side = "at_least" if one.at_least else "at_most"
            text += (
                f"      {name}: {{name: x, measure: {one.measure}, {of}, "
                f"start: {{date: {one.begins}{value}}}, "
                f"target: {{{side}: {one.target}, date: {one.due}}}}}\n"
            )
    return text


def instants() -> list:
    """Before each cycle, at its very start, on its way, at its very end and after."""
    return [
        at
        for begins, due in CYCLES
        for at in (
            ends(begins) - timedelta(microseconds=1),
            ends(begins),
            ends(begins) + timedelta(days=11, hours=7),
            ends(due) - timedelta(hours=30),
            ends(due),
            ends(due) + timedelta(days=40),
        )
    ]


def test_every_goal_agrees_with_the_independent_calculation(tmp_path):
    lines = {f"s{n}": random_lines.drawn(chance("goals", n), 40) for n in range(how_many(5))}
    goals = {name: results(chance("results", name)) for name in lines}
    together = [e | {"source": name} for name, one in lines.items() for e in one.events]
    text = random_lines.settings(lines) + as_yaml(goals)
    read = {name: one.asked for name, one in lines.items() if one.asked}
    asked = publication(tmp_path, together, text=text, asked=read)
    courses = asked.table("goal_course")
    rows = {at: asked.figure("goal", at).set_index(["goal", "result"]) for at in instants()}
    states = set()
    for line, mine in goals.items():
        visits = independent.visits_of(lines[line].events, STATUSES, lines[line].line)
        for name, result in mine.items():
            with told(f"stream {line}, {result}, {lines[line][1:]}", lines[line].events):
                states |= {same(rows[at].loc[(line, name)], visits, result, at) for at in rows}
                mine_only = (courses.goal == line) & (courses.result == name)
                same_course(courses[mine_only], visits, result)
    asked.close()
    assert states == {"not begun", "on track", "behind", "reached", "missed", "not known"}


def same(row, visits, result: Result, as_of) -> str:
    """Its state, once it is seen that all agrees."""
    expected = found(visits, result, as_of)
    given = Found(
        row.state, row.value, row.start_value, row.way_share, row.time_share, row.needed_a_week,
        row.so_far_a_week,
    )  # fmt: skip
    numbers = [None if value != value else value for value in given[1:]]
    assert (given.state, *numbers) == (expected.state, *map(pytest.approx, expected[1:])), as_of
    return row.state


def same_course(rows, visits, result: Result) -> None:
    """Each instant of its course, the day it began and the day it was due among them."""
    days = set(rows.measured_at)
    assert {ends(result.begins), ends(result.due)} <= days
    assert days <= {ends(result.begins + timedelta(weeks=n)) for n in range(5)}
    for row in rows.itertuples():
        value = measured(visits, result.measure, result.place, row.measured_at.to_pydatetime())
        assert (None if row.value != row.value else row.value) == pytest.approx(value)
