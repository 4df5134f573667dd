"""The commands of the README, run as a person runs them."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import traceback
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import app

ROOT = Path(__file__).parent.parent


def in_a_shell(*arguments: str, data: Path, stages: Path = ROOT / "stages.yaml"):
    """The command as a process of its own: what it printed and how it ended."""
    told = {"VALUESTREAM_DATA": str(data), "VALUESTREAM_STAGES": str(stages)}
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments], cwd=ROOT, env=os.environ | told,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def valuestream(*arguments: str, data: Path, stages: Path = ROOT / "stages.yaml"):
    """The same within this process, which need not load every library anew."""
    told = {"VALUESTREAM_DATA": str(data), "VALUESTREAM_STAGES": str(stages)}
    done = CliRunner().invoke(app, arguments, env=told, prog_name="valuestream")
    # A traceback that a person would see is one here too.
    wrong = "" if done.exception is None or isinstance(done.exception, SystemExit) else (
        "".join(traceback.format_exception(done.exception))
    )  # fmt: skip
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr + wrong)


@pytest.fixture
def small(tmp_path) -> Path:
    """A stages.yaml of its own, over the template."""
    shutil.copy(ROOT / "examples/template.csv", tmp_path / "list.csv")
    (tmp_path / "stages.yaml").write_text("""
title: A small line
streams:
  line:
    name: A small line
    link: https://example.org/{item}
    sources: [list]
    counted_by: list
    stages:
      find: {name: Find, queue: [Backlog], work: [Screen, Research]}
sources:
  list: {kind: events, file: list.csv}
  gone: {kind: snapshots, file: gone.csv}
""")
    return tmp_path


def test_check_says_what_is_in_the_file_or_what_is_wrong(small):
    assert "is right" in in_a_shell("check", data=small).stdout
    wrong = in_a_shell("check", data=small, stages=small / "nowhere.yaml")
    assert wrong.returncode == 2
    assert "there is no such file" in " ".join(wrong.stderr.split())
    assert "Traceback" not in wrong.stderr


def test_collect_goes_on_when_a_source_fails_and_ends_with_a_table(small):
    done = in_a_shell("collect", data=small / "data", stages=small / "stages.yaml")
    assert done.returncode == 1
    assert "gone failed: " in done.stderr
    assert "1 of 2 sources brought nothing that can be used." in done.stderr
    (row,) = [line for line in done.stdout.splitlines() if " list " in line]
    assert [cell.strip() for cell in row.split("│")[2:5]] == ["4", "4", "0"]
    one = in_a_shell("collect", "list", data=small / "data", stages=small / "stages.yaml")
    assert one.returncode == 0
    assert "nothing new" in one.stdout


def test_a_board_that_was_renamed_is_said_to_have_left_its_history_behind(small):
    told = small / "board.yaml"
    text = "title: A\nstreams:\n  line: {name: A, sources: [NAME], stages: {a: {name: A, queue: [Todo]}}}\n"
    for name in ("one", "two"):
        told.write_text(
            f"{text}sources:\n  NAME: {{kind: snapshots, file: b.csv}}\n".replace("NAME", name)
        )
        (small / "b.csv").write_text("item,status\nx,Todo\n")
        done = valuestream("collect", data=small / "renamed", stages=told)
        assert done.returncode == 0
        said = "stages.yaml no longer names one: 1 answer of it is kept and not shown. If it was"
        assert (said in " ".join(done.stdout.split())) == (name == "two")


def test_the_bundled_example_comes_into_no_folder_of_another_s_data(small, tmp_path, monkeypatch):
    """A timer that runs while stages.yaml is moved away would show the example in its place."""
    assert (
        valuestream("collect", "list", data=small / "data", stages=small / "stages.yaml").returncode
        == 0
    )
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    told = {"VALUESTREAM_STAGES": None, "VALUESTREAM_DATA": str(small / "data")}
    for words in (["publish"], ["collect", "organisations"]):
        done = CliRunner().invoke(app, words, env=told)
        assert done.exit_code == 2
        assert "holds what another one named (list): name that one with --stages" in " ".join(
            done.stderr.split()
        )
    assert not (small / "data/published").exists()


def test_a_whole_answer_that_is_refused_is_no_success(small):
    """Neither when it comes nor the next day, when the same is there again."""
    asked = {"data": small / "data", "stages": small / "stages.yaml"}
    assert valuestream("collect", "list", **asked).returncode == 0
    (small / "list.csv").write_text("<html>sign in</html>")
    for _ in range(2):
        done = valuestream("collect", "list", **asked)
        assert done.returncode == 1
        assert "refused, what was taken of it before stays: " in done.stderr
        assert "The answer is a web page, not a CSV." in done.stderr
    shutil.copy(ROOT / "examples/template.csv", small / "list.csv")
    assert valuestream("collect", "list", **asked).returncode == 0


@pytest.mark.more
def test_a_stream_of_which_nothing_is_known_does_not_say_that_nothing_happened(small):
    """Its only source has never brought anything: that is no stream in which nothing happens."""
    asked = {"data": small / "data", "stages": small / "stages.yaml"}
    (small / "list.csv").write_text("<html>*sign* in</html>")
    assert valuestream("collect", **asked).returncode == 1
    assert valuestream("publish", **asked).returncode == 0
    told = valuestream("status", **asked).stdout
    assert (
        "Nothing is known of this stream. list has brought nothing yet: The answer is a web" in told
    )
    assert "Nothing had happened" not in told
    first, *_ = (ROOT / "examples/template.csv").read_text().splitlines(True)
    (small / "list.csv").write_text(first)
    assert valuestream("collect", "list", **asked).returncode == 0
    assert valuestream("publish", **asked).returncode == 0
    told = valuestream("status", **asked).stdout
    assert "No work item is known yet: what was read of this stream tells of none." in told
    shutil.copy(ROOT / "examples/template.csv", small / "list.csv")
    assert valuestream("collect", "list", **asked).returncode == 0
    assert valuestream("publish", **asked).returncode == 0
    told = valuestream("status", "--as-of", "2001-01-05", **asked).stdout
    assert "Nothing had happened in this stream by this day. Choose a later one." in told


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run", "--port", "99999999"], "should be less than or equal to 65535"),
        (["status", "--data", "FILE"], "is a file"),
        (["collect", "--data", "FILE"], "is a file"),
    ],
)
def test_a_wrong_option_is_no_traceback(small, arguments, sentence):
    arguments = [str(small / "stages.yaml") if a == "FILE" else a for a in arguments]
    done = valuestream(*arguments, data=small / "data")
    assert done.returncode == 2
    assert sentence in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr


def test_publish_says_what_to_run_first(small):
    done = valuestream("publish", data=small / "data", stages=small / "stages.yaml")
    assert done.returncode == 2
    assert "run 'valuestream collect'" in " ".join(done.stderr.split())


@pytest.mark.more
def test_a_publication_that_does_not_reconcile_leaves_the_last_good_one(small):
    asked = {"data": small / "data", "stages": small / "stages.yaml"}
    valuestream("collect", "list", **asked)
    first = valuestream("publish", **asked)
    assert first.returncode == 0, first.stderr
    text = (small / "stages.yaml").read_text()
    (small / "other.csv").write_text("item,status,since\nnew,Backlog,2026-01-01\n")
    text = text.replace("sources: [list]", "sources: [list, other]")
    (small / "stages.yaml").write_text(text + "  other: {kind: events, file: other.csv}\n")
    valuestream("collect", "list", "other", **asked)
    second = valuestream("publish", **asked)
    assert second.returncode == 1
    assert (
        "items in the last answer of list = open + finished + left does not hold: 2 against 3"
        in " ".join(second.stderr.split())
    )
    assert (small / "data/published/current").read_text() in first.stdout
    assert json.loads((small / "data/published/refused.json").read_text())["reasons"]


def test_a_figure_comes_as_table_csv_or_json(example):
    asked = ["figure", "queue_size", "--stream", "design-a-dataset", "--as-of", "2025-06-01"]
    told = json.loads(valuestream(*asked, "--format", "json", data=example).stdout)
    assert [row["wip"] for row in told] == [199, 12, 42, 0]
    assert told[3]["oldest_days"] is None
    rows = list(
        csv.DictReader(io.StringIO(valuestream(*asked, "--format", "csv", data=example).stdout))
    )
    assert [int(row["wip"]) for row in rows] == [199, 12, 42, 0]
    assert "Co-design" in valuestream(*asked, data=example).stdout


def test_json_writes_days_as_days_and_instants_with_their_zone(example):
    asked = ["--stream", "design-a-dataset", "--as-of", "2024-06-01", "--format", "json"]
    weeks = json.loads(valuestream("figure", "throughput", *asked, data=example).stdout)
    assert weeks[-1]["week"] == "2024-05-27"
    (*_, item) = json.loads(valuestream("figure", "age", *asked, data=example).stdout)
    assert datetime.fromisoformat(item["entered_at"]).tzinfo


def test_json_keeps_names_as_they_are(small):
    (small / "list.csv").write_text("item,status,since,name\na,Backlog,2026-01-01,:bug: [b]x[/b]\n")
    asked = {"data": small / "data", "stages": small / "stages.yaml"}
    valuestream("collect", "list", **asked)
    assert valuestream("publish", **asked).returncode == 0
    (item,) = json.loads(valuestream("figure", "age", "--format", "json", **asked).stdout)
    assert item["name"] == ":bug: [b]x[/b]"
    assert ":bug: [b]x[/b]" in valuestream("figure", "age", **asked).stdout


def test_a_damaged_publication_says_what_to_run(tmp_path):
    (tmp_path / "published").mkdir()
    (tmp_path / "published/current").write_text("2026-01-01T000000.000000Z.duckdb")
    done = valuestream("status", data=tmp_path)
    assert done.returncode == 2
    assert "can be opened" in done.stderr and "Run 'valuestream publish'" in " ".join(
        done.stderr.split()
    )
    assert "Traceback" not in done.stderr


def test_status_counts_are_the_source_s_own(example):
    done = valuestream(
        "figure", "status_count", "--stream", "design-a-dataset", "--format", "json", data=example
    )
    told = {row["status"]: row["work_items"] for row in json.loads(done.stdout)}
    assert sum(told.values()) == 427


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["figure", "nonsense"], "There is no figure 'nonsense'. There are: age, "),
        (["figure", "age", "--stream", "nonsense"], "There is no stream 'nonsense'."),
        (
            ["figure", "age", "--as-of", "03/04/2026"],
            "'03/04/2026' is no date: write it as 2025-06-01",
        ),
        # It was answered as now, and an instant to come as if all stayed as it is.
        (["figure", "age", "--as-of", "2999-01-01"], "2999-01-01 has not come yet: leave it out"),
        pytest.param(
            ["status", "--as-of", "2999-01-01T12:00Z"],
            "2999-01-01T12:00Z has not come yet",
            marks=pytest.mark.more,
        ),
        (
            ["figure", "age", "--stage", "nonsense"],
            "There is no stage 'nonsense'. There are: discover, ",
        ),
        (
            ["figure", "throughput", "--stage", "add"],
            "'throughput' is of a whole stream: ask for it ",
        ),
        (["rejects", "nonsense"], "There is no source 'nonsense'. There are: change-log, "),
        (["collect", "nonsense"], "There is no source 'nonsense'. There are: change-log, "),
    ],
)
def test_a_wrong_question_gets_one_sentence(example, arguments, sentence):
    done = valuestream(*arguments, data=example)
    assert done.returncode == 2
    assert sentence in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_status_and_rejects_and_figures_can_be_read(example):
    assert "Stuck" in valuestream("status", data=example).stdout
    told = valuestream("rejects", "change-log", data=example).stdout
    assert "energy-and-renewable-statistics" in told
    assert "queue_size: the items in each stage" in valuestream("figures", data=example).stdout


def test_a_day_is_its_last_instant_in_the_stream_s_zone_as_on_the_page(tmp_path):
    """A move at half past eleven in the evening in London, in summer: half past ten in UTC."""
    (tmp_path / "stages.yaml").write_text(
        "title: A list\nstreams:\n"
        "  london: {name: L, sources: [list], stages: {a: {name: A, queue: [Todo], done: [Done]}}}\n"
        "  tokyo: {name: T, time_zone: Asia/Tokyo, sources: [other], "
        "stages: {a: {name: A, queue: [Todo], done: [Done]}}}\n"
        "sources:\n  list: {kind: events, file: list.csv}\n  other: {kind: events, file: other.csv}\n"
    )
    rows = "item,status,since\nx,Todo,2026-07-01\nx,Done,2026-07-10T23:30\n"
    for name in ("list", "other"):
        (tmp_path / f"{name}.csv").write_text(rows)
    data = tmp_path / "data"
    valuestream("collect", data=data, stages=tmp_path / "stages.yaml")
    valuestream("publish", data=data, stages=tmp_path / "stages.yaml")
    for day, waiting in (("2026-07-09", 1), ("2026-07-10", 0)):
        told = valuestream("figure", "queue_size", "--as-of", day, "--format", "json", data=data)
        assert {r["stream"]: r["waiting"] for r in json.loads(told.stdout)} == {
            "london": waiting, "tokyo": waiting,
        }  # fmt: skip
    # In Tokyo that evening is half past two in the afternoon in UTC.
    told = valuestream(
        "figure", "queue_size", "--as-of", "2026-07-10T15:00Z", "--format", "json", data=data
    )
    assert {r["stream"]: r["waiting"] for r in json.loads(told.stdout)} == {"london": 1, "tokyo": 0}
