"""What is told of goals: how far each result is, whose it is, and its course so far."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pandas

from telling import words
from telling.asked import Asked
from telling.told import Section, Table, Told

STATES = ("reached", "on track", "behind", "missed", "not known", "not begun")
_COLUMNS = ["Result", "State", "How far", "Stands on"]
_NONE = "stages.yaml sets no goals: add them under goals."


def review(asked: Asked) -> Section:
    """Every goal of stages.yaml, the service's first and each team's under it: how far its results
    are, in words, each where its own stream or process is shown."""
    goals, found = asked.settings("goal"), results(asked)
    if goals.empty:
        return Section("Goals", [_NONE])
    tree = list(_tree(goals))
    said = [_summed(goals, found, goal.goal) for goal, depth in tree if depth == 0]
    day = asked.day(asked.as_of)
    return Section("Goals", said, [_table(goals, found, goal, day) for goal, _ in tree])


def results(asked: Asked) -> pandas.DataFrame:
    """Every result, in the order of stages.yaml: rows of the figure goal, those of each stream and of
    the processes as of when these are shown; `shown_at` (UTC) and `shown_on` (their own day) say when;
    with result_no, due_at and time_zone of the table goal_result."""
    order = asked.settings("goal_result")[["goal", "result", "result_no", "due_at", "time_zone"]]
    order = order.merge(asked.settings("goal")[["goal", "goal_no"]])
    each = [_shown(one, kind) for one, kind in _instants(asked)]
    found = order.merge(pandas.concat(each), on=["goal", "result"])
    return found.sort_values(["goal_no", "result_no"], ignore_index=True)


def _instants(asked: Asked) -> Iterator[tuple[Asked, str]]:
    """Each stream, and the processes, when they are shown; and the stream whose results are meant."""
    for one in (asked, *asked.others()):
        yield one, one.stream.stream
    yield asked.processes(), ""


def _shown(asked: Asked, stream: str) -> pandas.DataFrame:
    rows = asked.process("goal")
    return rows[rows.stream == stream].assign(
        shown_at=pandas.Timestamp(asked.as_of), shown_on=asked.day(asked.as_of)
    )


def _tree(goals: pandas.DataFrame, under: str = "", depth: int = 0) -> Iterator[tuple]:
    """Each goal (a row of the table goal) and how deep it stands, after the one it serves."""
    for goal in goals[goals.under == under].sort_values("goal_no").itertuples():
        yield goal, depth
        yield from _tree(goals, goal.goal, depth + 1)


def _summed(goals: pandas.DataFrame, found: pandas.DataFrame, top: str) -> str:
    """A goal and how many results stand how, its own and of those under it."""
    goal = goals[goals.goal == top].iloc[0]
    mine = [top, *(one.goal for one, _ in _tree(goals, top))]
    states = found[found.goal.isin(mine)].state.value_counts()
    told = [f"{states[state]} {state}" for state in STATES if state in states]
    count = words.counted(int(states.sum()), "result")
    return f"{goal.objective} ({goal.owner}): of {count}, {words.listed(told)}."


def _table(goals: pandas.DataFrame, found: pandas.DataFrame, goal, day: str) -> Table:
    """A goal's results; the caption says whose it is and which it serves. What is shown as of another
    `day` says so."""
    caption = f"{goal.objective} ({goal.owner})"
    if goal.under:
        caption += f", under “{goals[goals.goal == goal.under].objective.iloc[0]}”"
    caption += f". {_ended(goal.note)}" if goal.note else ""
    rows = [
        [r.name, f"{words.ICONS[r.colour]} {r.state}", _how_far(r, day), _stands_on(r)]
        for r in found[found.goal == goal.goal].itertuples(index=False)
    ]
    return Table(caption, _COLUMNS, rows, "It stands on the goals under it.")


def _ended(note: str) -> str:
    return note if note[-1] in ".!?" else f"{note}."


def _how_far(row, day: str) -> str:
    shown = "" if row.shown_on == day else f" Shown as of {row.shown_on}."
    return f"{row.place}. {row.sentence}{shown}"


def _stands_on(row) -> str:
    one = "check" if row.kind == "process" else "item"
    return words.NOTHING if pandas.isna(row.items) else words.counted(int(row.items), one)


class Course(NamedTuple):
    """A result's course: its words and rows, the straight way from start to target, its unit.

    Rows: day, value (in the unit; a share from 0 to 1), items, known (in words what it was, or why it
    is not known), oldest first; `way`: day and value of its start, where that is known, and target.
    """

    told: Told
    way: pandas.DataFrame
    unit: str


def course(asked: Asked, goal: str, result: str) -> Course:
    """What a result measured, from its start to what is shown. Raises IndexError for one there is
    none of."""
    found = results(asked)
    row = found[(found.goal == goal) & (found.result == result)].iloc[0]
    ends = {"day": [row.started_on, row.due_on], "value": [row.start_value, row.target]}
    way = pandas.DataFrame(ends).dropna()
    rows = _measured(asked, row)
    said = [row.sentence, _gaps(rows)]
    return Course(Told(f"{row['name']}: {row.state}", said, rows), way, row.unit)


def _measured(asked: Asked, row: pandas.Series) -> pandas.DataFrame:
    """The rows of a course: those that were worked out, and what is so when it is shown."""
    past = asked.settings("goal_course", goal=row.goal, result=row.result)
    past = past[past.measured_at <= row.shown_at].sort_values("measured_at")
    past["known"] = [f"{r.said}; but {r.doubt}" if r.doubt else r.said for r in past.itertuples()]
    if row.shown_at < row.due_at and row.state != "not begun":
        now = dict(measured_at=row.shown_at, value=row.value, items=row["items"], known=row.said)
        past = pandas.concat([past, pandas.DataFrame([now])])
        past = past.drop_duplicates("measured_at")
    local = past.measured_at.dt.tz_convert(row.time_zone).dt.tz_localize(None)
    return past.assign(day=local.dt.normalize())[["day", "value", "items", "known"]]


def _gaps(rows: pandas.DataFrame) -> str:
    """On how many of the days of a course it is not known."""
    if rows.empty:
        return "Nothing of its course is known yet."
    gaps = int(rows.value.isna().sum())
    days = f"Drawn are {words.counted(len(rows), 'day')}"
    return f"{days}; on {gaps} of them it is not known." if gaps else f"{days}."
