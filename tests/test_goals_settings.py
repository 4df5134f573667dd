"""The goals of stages.yaml: read into frozen values; what is wrong is said with place and cure."""

from __future__ import annotations

from datetime import date

import pytest
from ruamel.yaml import YAML
from test_stages import FULL, JARGON, complaint, places, read, taken

GOALS = """
goals:
  faster:
    objective: Make it faster
    for: the service
    note: Ours, to be agreed.
    results:
      out: {name: More goes out, measure: delivered, stream: line, start: {date: 2026-01-01, value: 2}, target: {at_least: 8, date: 2026-06-30}}
  find:
    objective: Find what matters
    for: the design team
    under: faster
    results:
      typical: {name: Half move on within 30 days, measure: typical, stage: line/find, start: {date: 2026-01-01}, target: {at_most: 30, date: 2026-06-30}}
      one-page: {name: Home holds, measure: failing, process: pages/home, start: {date: 2026-01-01, value: 0.5}, target: {at_most: 0.1, date: 2026-06-30}}
"""
WHOLE = FULL + GOALS
# What is written, in place of what, where it is said to stand, and words of the cure.
WRONG = [
    ("objective: Make it faster\n    for", "for", "goal 'faster', objective: missing", "add objective: …"),
    ("    for: the service\n", "", "goal 'faster', for: missing", "add for: …"),
    ("objective: Find", "objectve: Find", "goal 'find': unknown key 'objectve' (did you mean 'objective'?)", "correct or remove it"),
    ("faster:\n    obj", "5:\n    obj", "goals: unknown key 5", "write a name in its place"),
    ("goals:\n  faster:\n", "goals: []\nx:\n  faster:\n", "unknown key 'x'", "correct or remove it"),
    ("name: More goes out", "nmae: More goes out", "goal 'faster', result 'out': unknown key 'nmae' (did you mean 'name'?)", "correct or remove it"),
    ("name: More goes out, ", "", "goal 'faster', result 'out', name: missing", "add name: …"),
    ("measure: delivered", "measure: deliverd", "goal 'faster', result 'out', measure: 'deliverd' is none that is known (did you mean 'delivered'?)", "write one of queue, wip"),
    ("stream: line", "process: pages", "goal 'faster', result 'out': a process has no delivered", "measure one of failing"),
    ("stream: line", "stage: line/find", "result 'out': a stage has no delivered", "measure one of queue, wip, oldest, typical, idle"),
    ("measure: failing", "measure: wip", "goal 'find', result 'one-page': a process has no wip", "measure one of failing"),
    ("stream: line", "stream: line, stage: line/find", "result 'out': it names a stream and a stage", "write one of stream, stage and process"),
    ("stream: line, ", "", "result 'out': it does not say of what", "write one of stream, stage and process"),
    ("stream: line", "stream: lien", "goal 'faster', result 'out' names the stream 'lien', which there is not (did you mean 'line'?)", "name one under streams"),
    ("stage: line/find", "stage: find", "goal 'find', result 'typical' names the stage 'find', which there is not (did you mean 'line/find'?)", "write it as stream/stage"),
    ("process: pages/home", "process: page/home", "goal 'find', result 'one-page' names the process 'page', which there is not (did you mean 'pages'?)", "add it under processes"),
    ("under: faster", "under: fatser", "goal 'find' is under the goal 'fatser', which there is not (did you mean 'faster'?)", "name one under goals"),
    ("under: faster", "under: find", "goal 'find' is under itself, by way of 'find'", "leave out one under"),
    ("for: the service", "for: the service\n    under: find", "goal 'faster' is under itself, by way of 'faster'", "leave out one under"),
    ("at_least: 8, date", "date", "result 'out', target: it needs at_most, where less is better, or at_least", "write one"),
    ("at_least: 8", "at_least: 8, at_most: 9", "result 'out', target: it needs at_most, where less is better, or at_least", "write one"),
    ("at_least: 8", "at_least: -8", "result 'out', target, at_least: must be 0 or more", "0 or more"),
    ("at_least: 8", "at_least: many", "result 'out', target, at_least: must be a number, like 10", "like 10"),
    ("at_least: 8", "at_leats: 8", "result 'out', target: unknown key 'at_leats' (did you mean 'at_least'?)", "correct or remove it"),
    ("at_least: 8, date: 2026-06-30", "at_least: 8", "result 'out', target, date: missing", "add date: …"),
    ("date: 2026-06-30}}\n  find", "date: 2026-06-31}}\n  find", "result 'out', target, date: must be a day like 2026-04-03", "a day"),
    ("date: 2026-01-01, value: 2", "date: 2026-06-30, value: 2", "result 'out': start must lie before target", "correct one of their dates"),
    ("value: 2", "value: 8", "result 'out': its start 8 is within the target 8 already", "aim further, or write at_least for at_most"),
    ("value: 0.5", "value: 0.05", "result 'one-page': its start 0.05 is within the target 0.1 already", "aim further"),
    ("at_most: 0.1", "at_most: 10", "result 'one-page': failing is a share", "write 0.2 for 20 of 100"),
    ("value: 0.5", "value: 50", "result 'one-page': failing is a share", "write 0.2 for 20 of 100"),
    ("measure: typical, stage: line/find", "measure: queue, stage: line/add", "goal 'find', result 'typical': its measure 'queue' can't be measured, for no status of the stage means waiting", "list some under queue, or measure wip"),
    ("measure: typical, stage: line/find", "measure: idle, stage: asked/wait", "goal 'find', result 'typical': its measure 'idle' can't be measured, for nothing can leave the stage", "under done"),
    ("stream: line", "stream: asked", "goal 'faster', result 'out': its measure 'delivered' can't be measured, for nothing is ever delivered", "under done"),
    ("measure: delivered, stream: line", "measure: typical, stream: asked", "goal 'faster', result 'out': its measure 'typical' can't be measured, for nothing is ever delivered", "under done"),
]  # fmt: skip


def test_goals_are_read_into_frozen_values_in_their_order(tmp_path):
    told = read(tmp_path, WHOLE).goals
    assert [(name, goal.for_, goal.under) for name, goal in told.items()] == [
        ("faster", "the service", ""),
        ("find", "the design team", "faster"),
    ]
    assert list(told["find"].results) == ["typical", "one-page"]
    out, typical = told["faster"].results["out"], told["find"].results["typical"]
    assert (out.kind, out.start.value, out.target.value) == ("stream", 2, 8)
    assert (typical.kind, typical.start.value, typical.target.date) == (
        "stage",
        None,
        date(2026, 6, 30),
    )
    assert [out.target.is_held_by(value) for value in (7.9, 8, 9)] == [False, True, True]
    assert [typical.target.is_held_by(value) for value in (29, 30, 30.1)] == [True, True, False]
    with pytest.raises(ValueError, match="frozen"):
        told["faster"].objective = "another"


def test_without_goals_there_are_none(tmp_path):
    assert read(tmp_path, FULL).goals == {}


@pytest.mark.parametrize(("before", "after", "place", "cure"), WRONG)
def test_what_is_wrong_is_said_in_one_plain_sentence(tmp_path, before, after, place, cure):
    assert before in GOALS
    told = complaint(tmp_path, FULL + GOALS.replace(before, after, 1)).removeprefix(str(tmp_path))
    assert place in told
    assert cure in told
    assert "\n" not in told
    assert told.endswith(".")
    assert not JARGON.search(told)


def test_an_objective_that_nothing_is_held_to_is_said_so(tmp_path):
    lone = "goals: {faster: {objective: Make it faster, for: us}}\n"
    told = complaint(tmp_path, FULL + lone)
    assert "goal 'faster' has no results, and no goal under it has any: add results: …." in told
    # One that only stands above others needs none of its own.
    above = GOALS.partition("    results:\n      out")[0]
    read(tmp_path, FULL + above + GOALS[GOALS.index("  find:") :])


def test_whatever_is_written_in_place_of_a_value_is_right_or_is_said_plainly(tmp_path):
    """Every value of the goals in turn, by something of another sort."""
    read(tmp_path, WHOLE)
    full = YAML(typ="safe", pure=True).load(WHOLE)
    inside = [path for path in places(full) if path[0] == "goals"]
    right = taken(tmp_path / "stages.yaml", full, inside)
    assert not [path for path, value in right if isinstance(value, bool) or value == -1]
    assert {path[-1] for path, value in right if value is None} <= {"value"}


def test_the_bundled_goals_are_examples_and_say_so(bundled):
    assert len(bundled.goals) >= 3
    first, *others = bundled.goals.values()
    assert (first.objective, first.for_, first.under) == ("Make data faster", "the service", "")
    assert all(goal.under for goal in others)
    assert all("to be replaced with the team's own" in goal.note for goal in bundled.goals.values())
