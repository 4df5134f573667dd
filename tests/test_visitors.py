"""Visitors come and go: what the server held for them it lets go, and a broken line costs them nothing."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from browser import DESIGN, opened, settled
from playwright.sync_api import expect
from servers import ROOT, free_port, running
from visitor import connected, shown

PAGES = ["/", "/flow", "/stage", "/sources"]


@pytest.fixture(scope="module")
def served(example):
    """The address of an app of its own, and what it holds open."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    with running(
        [*command, "--server.port", str(port)], f"http://localhost:{port}/healthz", cwd=ROOT,
        env=os.environ | {"VALUESTREAM_DATA": str(example)},
    ) as process:  # fmt: skip
        yield f"http://localhost:{port}", lambda: held(process.pid)


def held(pid: int) -> int:
    """How many files, sockets and loops a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def least(of: Callable[[], int], enough: int, seconds: float = 20) -> int:
    """The number that is reached within so many seconds, as soon as it is small enough."""
    end = time.monotonic() + seconds
    while (found := of()) > enough and time.monotonic() < end:
        time.sleep(0.2)
    return found


@pytest.mark.more
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this system has no /proc")
@pytest.mark.parametrize("visits", [4, pytest.param(50, marks=pytest.mark.soak)])
def test_what_is_held_for_visitors_is_let_go_when_they_leave(served, visits):
    app, held = served
    for page in PAGES:  # what all visitors share is opened once
        with connected(app) as visitor:
            shown(visitor, page)
    begun = least(held, 0, 2)
    for number in range(visits):
        with connected(app) as visitor:
            shown(visitor, PAGES[number % len(PAGES)])
    assert least(held, begun + 4) <= begun + 4


# Keeps the connections of a page, so that the test can break one as a network does.
SOCKETS = """const Real = WebSocket; window.sockets = [];
window.WebSocket = class extends Real { constructor(...all) { super(...all); sockets.push(this); } };"""


def test_who_was_cut_off_goes_on_where_they_were(context, app):
    page = context.new_page()
    page.add_init_script(SOCKETS)
    opened(page, f"{app}/stage?stream={DESIGN}&stage=co-design&blocked=blocked")
    first = page.evaluate("sockets.length")
    page.evaluate("sockets.at(-1).close()")
    page.wait_for_function(
        "first => sockets.length > first && sockets.at(-1).readyState === 1", arg=first
    )
    settled(page)
    expect(page.get_by_text("4 of 42 items shown.")).to_be_visible()
    page.get_by_role("link", name="Sources", exact=True).click()
    expect(page.locator("h1")).to_have_text(re.compile("^Sources of "))
    page.close()
