"""A wrong stages.yaml stops with one sentence that names the place and the cure."""

from __future__ import annotations

from pathlib import Path

import pytest
from line import LINE, TARGET
from looked import LOOKED

from settings import stages

RIGHT = LINE.replace("DAYS", "calendar").replace("TARGET", TARGET)


def read(tmp_path: Path, text: str) -> stages.Stages:
    (tmp_path / "stages.yaml").write_text(text)
    return stages.read(tmp_path / "stages.yaml")


def test_the_bundled_file_is_right(bundled):
    design = bundled.streams["design-a-dataset"]
    assert [s.id for s in design.stages] == ["discover", "specify", "co-design", "add"]
    assert all(t.reason and t.owner and t.date for s in design.stages for t in s.targets.values())


def test_a_right_file_is_read_into_frozen_values(tmp_path):
    told = read(tmp_path, RIGHT)
    with pytest.raises(ValueError, match="frozen"):
        told.title = "another"


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("work: [A working]", "wrok: [A working]",
         "stream 'line', stage 'a', wrok: unknown key (did you mean 'work'?); correct or remove it"),
        ("[B waiting]", "[A waiting]",
         "stream 'line': the status 'A waiting' is mapped twice, in a.queue and in b.queue: keep one"),
        ("reason: small, ", "", "stream 'line', stage 'a', target 'queue', reason: missing; add reason: …"),
        ("reason: small", "reason: ''", "target 'queue', reason: String should have at least 1 character"),
        ("queue: [C waiting], work: [], ", "",
         "stage 'c': it has no statuses: list the source's words under queue or work"),
        ("sources: [log]", "sources: [lag]", "names the source 'lag', which is not under sources "
         "(did you mean 'log'?): add it there or correct the name"),
        ("Europe/London", "Europe/Londn", "'Europe/Londn' is no time zone: write one like Europe/London"),
        ("date: 2026-01-01", "date: last week", "target 'queue', date: Input should be a valid date"),
        ("amber: 1", "amber: 9", "target 'queue': amber must not lie above limit"),
        ("kind: events", "kind: event", "source 'log', kind: Input should be 'datasette', "),
        ("days: calendar", "days: working", "stream 'line': days: working needs holidays"),
        ("title: A line", "title: A line\ntitle: twice", "found duplicate key"),
        (", file: log.csv", "", "source 'log': it names no place: give a url or a file"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_sentence(tmp_path, before, after, sentence):
    assert before in RIGHT
    with pytest.raises(stages.StagesError) as caught:
        read(tmp_path, RIGHT.replace(before, after, 1))
    told = str(caught.value)
    assert sentence in told
    assert "stages.yaml" in told
    assert "\n" not in told


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("every: 24", "every: 5", "process 'pages', every: so many hours don't fill a week evenly"),
        ("{limit: 0.5, amber: 0.25", "{limit: 50, amber: 25",
         "process 'pages': failing is a share: write 0.2 for 20 of 100"),
        ("{runs: 3, bad: 2, back: 0}", "{runs: 3, bad: 4, back: 0}",
         "process 'pages', window: back must be less than bad, and bad no more than runs"),
        ("sources: [log]", "sources: [lag]", "process 'pages' names the source 'lag', which is not under sources"),
        ("window:", "widnow:", "process 'pages', widnow: unknown key (did you mean 'window'?)"),
        ("processes:", "processes: [pages]\nx:", "processes: it must map each one's id to its settings"),
        ("kind: pipeline_logs, file: \"builds*.jsonl\"", "kind: http_checks, file: x",
         "source 'builds': http_checks needs urls"),
        ("kind: pipeline_logs, file: \"builds*.jsonl\"", "kind: github_runs, file: x",
         "source 'builds': github_runs needs the url of a repository's runs"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_process_is_said_in_one_sentence(tmp_path, before, after, sentence):
    assert before in LOOKED
    with pytest.raises(stages.StagesError) as caught:
        read(tmp_path, LOOKED.replace(before, after, 1))
    assert sentence in str(caught.value)


def test_the_examples_of_the_readme_are_right(tmp_path):
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    line, looked = (part.split("```")[0] for part in readme.split("```yaml\n")[1:])
    assert [s.id for s in read(tmp_path, line).streams["make-a-dataset"].stages] == ["find"]
    processes, source = looked.split("sources:\n", 2)[0], looked.rpartition("sources:\n")[2]
    told = read(tmp_path, line + source + processes)
    assert told.processes["collection"].window.bad == 3


def test_a_missing_file_says_what_to_do(tmp_path):
    with pytest.raises(stages.StagesError, match="write one or name it with --stages"):
        stages.read(tmp_path / "nothing.yaml")
