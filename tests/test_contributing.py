"""CONTRIBUTING.md, followed: each block put where it says, each command run, in a copy of the house."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "CONTRIBUTING.md").read_text()
STEP = re.compile(
    r"^(?:New file `(?P<new>[^`]+)`|In `(?P<old>[^`]+)`, before `(?P<mark>[^`]+)`):\n\n"
    r"```\w+\n(?P<text>.*?)```|^```sh\n(?P<commands>.*?)```",
    re.MULTILINE | re.DOTALL,
)
COPIED = (
    "app.py", "cli.py", "stages.yaml", "pyproject.toml", "settings", "sources", "proposing", "metrics",
    "telling", "notes", "alerts", "commands", "dashboard", "docs", "tests",
)  # fmt: skip


@pytest.fixture
def house(tmp_path) -> Path:
    """A copy of the house, to build in."""
    skipped = shutil.ignore_patterns("__pycache__", "node_modules", "*.png")
    for part in COPIED:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, tmp_path / part, ignore=skipped)
        else:
            shutil.copy(ROOT / part, tmp_path)
    return tmp_path


def followed(house: Path, heading: str) -> str:
    """Does what a section says, step by step; gives all that its commands printed."""
    section = GUIDE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    printed = ""
    for step in STEP.finditer(section):
        if step["new"]:
            (house / step["new"]).write_text(step["text"])
        elif step["old"]:
            file = house / step["old"]
            before, mark, after = file.read_text().partition(step["mark"])
            assert mark, f"{step['old']} has no {step['mark']!r}"
            # What comes before a word of a line is no line of its own.
            text = step["text"].rstrip("\n") if mark[0] == " " else step["text"]
            file.write_text(before + text + mark + after)
        else:
            for command in step["commands"].splitlines():
                printed += run(house, command)
    return printed


def run(house: Path, command: str) -> str:
    """A line of the shell, with this interpreter as python and the copy's command line."""
    python = shlex.quote(sys.executable)
    line = re.sub("^valuestream ", f"{python} -m cli ", command)
    line = re.sub("^python ", f"{python} ", line)
    mine = {k: v for k, v in os.environ.items() if not k.startswith(("VALUESTREAM", "PYTEST"))}
    mine["VALUESTREAM_HISTORIES"] = "5"  # enough to see that the guide's own function is asked
    told = subprocess.run(
        line, shell=True, cwd=house, env=mine, capture_output=True, text=True, timeout=300
    )  # fmt: skip
    assert told.returncode == 0, f"{command}\n{told.stdout}{told.stderr}"
    return told.stdout


@pytest.mark.more
def test_a_source_can_be_added_as_the_guide_says(house):
    told = followed(house, "Add a source")
    assert "work,do,1,Do,0,1,0,1," in told  # nothing waits, one is worked on
    assert "no date: write it as 2026-04-03" in told
    assert "worklog" in (house / "docs/settings.md").read_text()


@pytest.mark.more
def test_a_figure_can_be_added_as_the_guide_says(house):
    told = followed(house, "Add a figure")
    assert "1 passed" in told
    assert "longest_in: for each stage that holds any" in told
    assert "`longest_days` | DOUBLE | days" in (house / "docs/figures.md").read_text()
