"""What the tests share: the bundled real example, the app over it, and a browser."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import line
import pytest
from browser import CHROMIUM, FLAGS, SECONDS, needed, whole
from filelock import FileLock
from playwright.sync_api import sync_playwright
from servers import dashboard

import metrics
from metrics.publishing import publish
from settings import stages
from sources import collecting

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: each waits for a server, a browser or the disk now and then."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of make soak the kills, which wait for minutes, begin first, beside all that works. Else the files
    of tests that share the example come last, which is one worker's part: the others need not wait
    until it is made, nor open a browser each."""
    if config.option.markexpr == "soak":
        items.sort(key=lambda item: "kill" not in item.nodeid)
        return
    shared = {item.path for item in items if "example" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: item.path in shared)


@pytest.fixture(autouse=True)
def main_stays_main() -> Iterator[None]:
    """A page that Streamlit runs within a test takes the name __main__ and keeps it, and a process
    that a later test starts would begin by running that page."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(scope="session")
def bundled() -> stages.Stages:
    """The bundled stages.yaml."""
    return stages.read(ROOT / "stages.yaml")


@pytest.fixture(scope="session")
def example(bundled, tmp_path_factory) -> Path:
    """A data folder with the bundled example, collected and published by the real code: once, by
    the first worker that needs it, for all of them. Nobody writes to it afterwards."""
    folder = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        folder = folder.parent  # each worker has a folder of its own within the run's
    data = folder / "example"
    with FileLock(folder / "example.lock"):
        if not (data / "published" / "current").exists():
            results = collecting.collect(bundled.sources.values(), data / "landing.duckdb", NOW)
            assert not [r for r in results if r.failed]
            done = publish.publish(bundled, data, NOW)
            assert done.ok, done.reasons
    return data


@pytest.fixture(scope="session")
def publication(example) -> metrics.Publication:
    """The example's publication."""
    return metrics.open(example)


@pytest.fixture(scope="session")
def published_twice(tmp_path_factory) -> Path:
    """A data folder with two publications, of 1 and 2 January 2027."""
    folder = tmp_path_factory.mktemp("twice")
    line.publication(folder, line.STORY, now=line.day(1) + timedelta(days=365)).close()
    line.again(folder, 366)
    return folder


@pytest.fixture
def folder(published_twice, tmp_path) -> Path:
    """A copy of it, to be damaged."""
    return shutil.copytree(published_twice, tmp_path / "data")


@pytest.fixture(scope="session")
def datasette_1() -> Path:
    """The interpreter of the environment that holds Datasette 1.0 (it can't share ours)."""
    told = os.environ.get("VALUESTREAM_DATASETTE1", ROOT / ".venv-datasette1/bin/python")
    if not Path(told).exists():
        if os.environ.get("CI"):
            pytest.fail(f"{told} is missing: make test sets it up")
        pytest.skip(f"Datasette 1.0 is not installed at {told}: run make test once")
    return Path(told)


@pytest.fixture(scope="session")
def app(example):
    """The address of the running app; ended by its process id."""
    needed(CHROMIUM, "Chromium")
    with dashboard(example, "healthz") as address:
        yield address


@pytest.fixture(scope="session")
def context(tmp_path_factory):
    """One visitor's browser for all pages: what it has fetched and compiled once it keeps."""
    needed(CHROMIUM, "Chromium")
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("visitor"), executable_path=CHROMIUM, args=FLAGS,
            viewport={"width": 1280, "height": 720},
        )  # fmt: skip
        yield context
        context.close()


@pytest.fixture
def page(context, request):
    """A page of that browser. Tests share it, as a visitor goes from one page to the next, until
    one fails: what it left behind is nobody else's."""
    page = context.pages[0]
    page.set_default_timeout(SECONDS)
    page.errors = []
    page.on(
        "console",
        heard := lambda m: m.type == "error" and page.errors.append(f"{m.text} {m.location}"),
    )
    page.on("pageerror", broke := lambda error: page.errors.append(str(error)))
    failed = request.session.testsfailed
    yield page
    page.remove_listener("console", heard)
    page.remove_listener("pageerror", broke)
    if request.session.testsfailed > failed:
        context.new_page()
        page.close()
        return
    whole(page)  # of every test, so that none forgets to look


@pytest.fixture(params=["light", pytest.param("dark", marks=pytest.mark.more)])
def scheme(request, page):
    """A visitor's colours; the pages opened from then on are drawn in them."""
    page.emulate_media(color_scheme=request.param)
    yield request.param
    page.emulate_media(color_scheme="null")
