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

EXAMPLE = Path(__file__).parent.parent / "examples/sprint-board"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
PAGES = ("", "stage", "flow", "pipeline", "review", "map", "sources", "?meeting=1")


@pytest.fixture(scope="module")
def ran(tmp_path_factory) -> Path:
    """A folder in which the example was run by its name, but for the server."""
    folder, served = tmp_path_factory.mktemp("ran"), []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("running.server.take_over", lambda data, port: served.append(data))
        patch.setattr("running.server.unusable", lambda port: "")
        run = CliRunner().invoke(app, ["run", "--example", "sprint-board"])
    assert run.exit_code == 0, run.output
    assert served == [folder / "data/example-sprint-board"]
    return folder


@pytest.fixture(scope="module")
def board(ran) -> Path:
    """Its data folder."""
    return ran / "data/example-sprint-board"


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


def test_an_example_that_is_run_by_its_name_keeps_its_data_to_itself(ran, board):
    assert (board / "published/current").exists()
    assert [file.name for file in (ran / "data").iterdir()] == [board.name]


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
