"""The wheel: built, installed where nothing of ours is, and run in a folder of one's own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from browser import CHROMIUM, needed, opened
from playwright.sync_api import expect
from servers import free_port, running

ROOT = Path(__file__).parent.parent
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VALUESTREAM"))}


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The scripts of an environment that holds the wheel and the libraries, and no clone of ours."""
    folder = tmp_path_factory.mktemp("wheel")
    offline = ["--no-deps", "--no-index", "--quiet"]
    build = [sys.executable, "-m", "pip", "wheel", *offline, "--no-build-isolation", "-w", folder]
    subprocess.run([*build, ROOT], check=True, timeout=120)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "env"], check=True)
    python = folder / "env/bin/python"
    into = ["--python", python, "install", *offline, wheel]
    subprocess.run([sys.executable, "-m", "pip", *into], check=True, timeout=120)
    # Its libraries come from this environment, without what its own .pth files add: no clone.
    (site,) = (folder / "env/lib").glob("python*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "env/bin"


def asked(installed: Path, folder: Path, *command: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [installed / command[0], *command[1:]], cwd=folder, env=CLEAN,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_nothing_of_ours_lands_under_a_common_name(installed, tmp_path):
    for module in (
        "app",
        "cli",
        "metrics",
        "settings",
        "sources",
        "telling",
        "notes",
        "alerts",
        "commands",
        "dashboard",
        "proposing",
        "running",
    ):
        told = asked(installed, tmp_path, "python", "-c", f"import {module}")
        assert "ModuleNotFoundError" in told.stderr, module
    program = "import valuestream; import metrics; print(len(metrics.figures()))"
    assert int(asked(installed, tmp_path, "python", "-c", program).stdout) > 30


def test_the_examples_are_in_it(installed, tmp_path):
    told = asked(installed, tmp_path, "valuestream", "run", "--example", "none")
    assert "There are: planning-data, sprint-board." in " ".join(told.stderr.split())


@pytest.mark.more
def test_the_commands_run_in_a_folder_of_one_s_own(installed, tmp_path):
    told = asked(installed, tmp_path, "valuestream", "check")
    first, *_ = told.stdout.splitlines()
    assert first == "There is no stages.yaml in this folder: this is the bundled example."
    (tmp_path / "stages.yaml").write_text("title: [\n")
    wrong = asked(installed, tmp_path, "valuestream", "check")
    assert wrong.returncode == 2
    assert "stages.yaml, line 2" in wrong.stderr
    version = asked(installed, tmp_path, "valuestream", "--version").stdout
    assert re.fullmatch(r"valuestream \d+\.\d+\.\d+\n", version)


# make more opens the bundled example, which is larger, by the same way.
@pytest.mark.parametrize(
    ("named", "first"),
    [
        (["--example", "sprint-board"], "Refine"),
        pytest.param([], "Discover", marks=pytest.mark.more),
    ],
)
def test_run_opens_an_example_with_its_styles_and_safe_settings(
    installed, tmp_path, page, example, named, first
):
    needed(CHROMIUM, "Chromium")
    if not named:
        # Collected before: it reads the wheel's own files and finds in them what it has.
        (tmp_path / "data").mkdir()
        shutil.copy(example / "landing.duckdb", tmp_path / "data")
    port = free_port()
    run = [str(installed / "valuestream"), "run", *named, "--port", str(port)]
    address = f"http://localhost:{port}"
    # It collects what is new in the example, and publishes it first.
    with running(run, f"{address}/healthz", 120, cwd=tmp_path, env=CLEAN):
        opened(page, address)
        box = page.locator(".strip article").first
        expect(box).to_contain_text(first)
        # boxes.css is there: a red box has its red edge, and the theme its font.
        assert box.evaluate("e => getComputedStyle(e).borderTopStyle") == "solid"
        assert "Arial" in page.locator("h1").first.evaluate("e => getComputedStyle(e).fontFamily")
        assert listening(port) == {"127.0.0.1"}
    assert [*(tmp_path / "data").rglob("published/current")]
    home = Path(asked(installed, tmp_path, "python", "-c",
                      "import valuestream; print(valuestream.HOME)").stdout.strip())  # fmt: skip
    settings = asked(installed, home, "python", "-m", "streamlit", "config", "show").stdout
    for line in ("gatherUsageStats = false", 'showErrorDetails = "none"', 'address = "localhost"'):
        assert re.search(f"^{re.escape(line)}", settings, re.MULTILINE), line


def listening(port: int) -> set[str]:
    """The addresses on which anybody listens at a port, IPv4 and IPv6."""
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            local, state = line.split()[1], line.split()[3]
            host, _, number = local.partition(":")
            if state == "0A" and int(number, 16) == port:
                found.add("127.0.0.1" if host == "0100007F" else host)
    return found
