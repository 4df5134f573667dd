"""The service map of stages.yaml: read from there or from a file of its own; what is wrong is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML
from test_stages import FULL, JARGON, complaint, places, read, taken

MAP = """
note: Ours, to be corrected.
lanes: [Users, Team]
activities:
  - name: Find
    story: As a planner, I say what is missing
    steps:
      - {name: Tell us, lane: Users, uses: a form, note: inferred, figure: {stream: line, name: arrivals}}
      - {name: Look at it, lane: Team, stage: line/find, status: Screen}
      - {name: Think, lane: Team}
  - name: Keep it up
    steps:
      - {name: Add it, lane: Team, stage: line/add}
      - {name: Look at pages, lane: Team, process: pages}
      - {name: Look at one, lane: Team, process: pages/home}
"""
INSIDE = FULL + "map:\n" + "\n".join(f"  {line}" for line in MAP.splitlines()) + "\n"
# What is written, in place of what, where it is said to stand, and words of the cure.
WRONG = [
    ("stage: line/find, status", "stage: line/fnid, status", "map, step 'Look at it' names the stage 'line/fnid', which there is not (did you mean 'line/find'?)", "write it as stream/stage, or leave it out"),
    ("stage: line/add", "stage: add", "step 'Add it' names the stage 'add', which there is not (did you mean 'line/add'?)", "write it as stream/stage"),
    ("status: Screen", "status: Scren", "step 'Look at it' names the status 'Scren', which there is not (did you mean 'Screen'?)", "name one of that stage"),
    ("status: Screen", "status: Adding", "step 'Look at it' names the status 'Adding', which there is not", "name one of that stage"),
    ("stage: line/find, status", "status", "map, activities, 'Find', steps, 'Look at it': its status is one of a stage", "add stage: stream/stage"),
    ("process: pages}", "process: page}", "step 'Look at pages' names the process 'page', which there is not (did you mean 'pages'?)", "add it under processes"),
    ("process: pages/home", "process: page/home", "step 'Look at one' names the process 'page'", "add it under processes"),
    ("stream: line, name: arrivals", "stream: lin, name: arrivals", "step 'Tell us' names the stream 'lin', which there is not (did you mean 'line'?)", "name one under streams"),
    ("name: arrivals", "name: arivals", "map, activities, 'Find', steps, 'Tell us', figure, name: 'arivals' is none that is known (did you mean 'arrivals'?)", "write one of arrivals, delivered, typical_time"),
    ("stage: line/add", "stage: line/add, process: pages", "steps, 'Add it': it names a stage and a process", "keep the one that tells of it"),
    ("lane: Team, stage: line/add", "lane: Taem, stage: line/add", "map: step 'Add it' is in the lane 'Taem', which is not under lanes (did you mean 'Team'?)", "add it there or correct the name"),
    ("lanes: [Users, Team]", "lanes: [Users, Team, Users]", "map: in lanes Users is there twice", "keep one"),
    ("name: Think, lane: Team", "name: Think, lanes: Team", "map, activities, 'Find', steps, 'Think': unknown key 'lanes' (did you mean 'lane'?)", "correct or remove it"),
    ("name: Think, lane: Team", "name: Think", "steps, 'Think', lane: missing", "add lane: …"),
    ("name: Think, lane", "lane", "map, activities, 'Find', steps, number 3, name: missing", "add name: …"),
    ("story: As", "stroy: As", "map, activities, 'Find': unknown key 'stroy'", "did you mean 'story'?"),
    ("name: Keep it up", "name: 5", "map, activities, number 2, name: must be a text", "put it in quotes, like '5'"),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder with a stages.yaml that names a file for its map, and that file."""
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours/map.yaml").write_text(MAP)
    return tmp_path


def test_a_map_is_read_from_the_file_itself_and_from_one_that_it_names(folder):
    inside = read(folder, INSIDE).map
    assert read(folder, FULL + "map: ours/map.yaml\n").map == inside
    assert [step.name for step in inside.steps] == [
        "Tell us", "Look at it", "Think", "Add it", "Look at pages", "Look at one",
    ]  # fmt: skip
    assert inside.rows == ("Users", "Team")
    with pytest.raises(ValueError, match="frozen"):
        inside.note = "another"


def test_lanes_come_as_the_steps_name_them_where_no_order_is_given(folder):
    turned = INSIDE.replace("  lanes: [Users, Team]\n", "").replace(
        "Tell us, lane: Users", "Tell us, lane: Others"
    )
    assert read(folder, turned).map.rows == ("Others", "Team")


def test_without_a_map_there_is_none(folder):
    assert read(folder, FULL).map is None


@pytest.mark.parametrize("where", ["inside", "own file"])
@pytest.mark.parametrize(("before", "after", "place", "cure"), WRONG)
def test_what_is_wrong_is_said_in_one_plain_sentence(folder, before, after, place, cure, where):
    assert before in MAP
    text = INSIDE.replace(before, after, 1)
    if where == "own file":
        (folder / "ours/map.yaml").write_text(MAP.replace(before, after, 1))
        text = FULL + "map: ours/map.yaml\n"
    told = complaint(folder, text).removeprefix(str(folder))
    assert place in told
    assert cure in told
    assert "\n" not in told
    assert told.endswith(".")
    assert not told.endswith("..")
    assert not JARGON.search(told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("map: ours/mpa.yaml", "map: there is no file 'ours/mpa.yaml' here: write it or correct the name."),
        ("map: ours", "map: there is no file 'ours' here"),
        ("map: https://example.org/map.yaml", "map: there is no file 'https://example.org/map.yaml' here"),
        ("map: []", "map: must be keys with their values"),
        ("map: {}", "map, activities: missing; add activities: …."),
        ("map: {activities: []}", "map, activities: is empty: write at least one."),
        ("map: {activities: [{name: a, steps: []}]}", "map, activities, 'a', steps: is empty"),
    ],
)  # fmt: skip
def test_a_map_that_is_none_is_said_so(folder, text, told):
    assert told in complaint(folder, f"{FULL}{text}\n")


def test_a_mistake_of_yaml_in_the_map_s_own_file_names_that_file_and_the_line(folder):
    (folder / "ours/map.yaml").write_text("note: a\nactivities: [\n")
    told = complaint(folder, FULL + "map: ours/map.yaml\n")
    assert told.startswith(f"{folder}/ours/map.yaml, line ")
    assert told.endswith("; correct the YAML there.")
    (folder / "ours/map.yaml").write_bytes(b"note: Caf\xe9")
    assert f"{folder}/ours/map.yaml is no text in UTF-8" in complaint(
        folder, FULL + "map: ours/map.yaml\n"
    )


def test_whatever_is_written_in_place_of_a_value_is_right_or_is_said_plainly(folder):
    """Every value of the map in turn, by something of another sort."""
    read(folder, INSIDE)
    full = YAML(typ="safe", pure=True).load(INSIDE)
    taken(folder / "stages.yaml", full, [path for path in places(full) if path[0] == "map"])


def test_the_bundled_map_says_whose_it_is_and_names_only_what_there_is(bundled):
    drawn = bundled.map
    assert "to be corrected by the team" in drawn.note
    assert {step.stage for step in drawn.steps} - {""} == {
        f"{stream.id}/{stage.id}" for stream in bundled.streams.values() for stage in stream.stages
    }
    unmeasured = [s for s in drawn.steps if not (s.stage or s.process or s.figure)]
    assert len(unmeasured) > len(drawn.steps) / 3
