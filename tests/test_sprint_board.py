"""The second bundled example: made up, the same each time, and it says so wherever it is shown."""

from __future__ import annotations

import json
import runpy
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from browser import CHROMIUM, needed, opened
from playwright.sync_api import expect
from servers import dashboard
from typer.testing import CliRunner

import metrics
from cli import app
from metrics.publishing import publish
from settings import stages
from sources import collecting

EXAMPLE = Path(__file__).parent.parent / "examples/sprint-board"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
PAGES = ("", "stage", "flow", "pipeline", "review", "map", "sources", "?meeting=1")


@pytest.fixture(scope="module")
def board(tmp_path_factory) -> Path:
    """Its data folder, collected and published."""
    data = tmp_path_factory.mktemp("board")
    told = stages.read(EXAMPLE / "stages.yaml")
    (result,) = collecting.collect(told.sources.values(), data / "landing.duckdb", NOW)
    assert (result.failed, result.refused) == ("", 0)
    done = publish.publish(told, data, NOW)
    assert done.ok, done.reasons
    return data


def test_its_program_makes_it_as_it_is():
    made = runpy.run_path(str(EXAMPLE / "make.py"))["export"]()
    assert made == json.loads((EXAMPLE / "board.json").read_text())


def test_three_quarters_of_its_stories_are_blocked_at_the_end_most_by_the_vpn(board):
    with closing(metrics.open(board)) as asked:
        as_of = asked.opens_at()
        assert as_of == datetime(2025, 6, 27, 15, tzinfo=UTC)
        assert asked.figure("status_count", as_of).work_items.sum() == 24
        assert asked.figure("queue_size", as_of).blocked.sum() == 18
        spans = asked.figure("blocked_time", as_of)
        reasons = spans[spans.until_at.isna()].reason
        assert (len(reasons), reasons.str.lower().str.contains("vpn").sum()) == (18, 14)
        assert "made up" in asked.table("stream")["name"][0]
        assert asked.table("stream").banner[0].startswith("Made up: no such team")


@pytest.mark.more
def test_every_page_says_above_all_else_that_it_is_made_up(board, page):
    needed(CHROMIUM, "Chromium")
    with dashboard(board, "healthz") as address:
        for name in PAGES:
            opened(page, f"{address}/{name}")
            expect(page.get_by_role("note").first).to_contain_text("Made up: no such team"), name


def test_an_example_is_run_by_its_name_and_keeps_its_data_to_itself(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    served: list = []
    monkeypatch.setattr("running.server.take_over", lambda data, port: served.append(data))
    monkeypatch.setattr("running.server.unusable", lambda port: "")
    run = CliRunner().invoke(app, ["run", "--example", "sprint-board"])
    assert run.exit_code == 0, run.output
    assert served == [tmp_path / "data/example-sprint-board"]
    assert (served[0] / "published/current").exists()
    assert not (tmp_path / "data/landing.duckdb").exists()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--example", "sprint"], "There is no example 'sprint'. There are: planning-data, sprint-board."),
        (["--example", "sprint-board", "--stages", "x.yaml"], "--example has a stages.yaml of its own"),
    ],
)  # fmt: skip
def test_an_example_that_there_is_not_says_which_there_are(more, said):
    run = CliRunner().invoke(app, ["run", *more])
    assert run.exit_code == 2
    assert said in " ".join(run.output.split())
