"""How long the pages take in a real browser, and what they send: each visit five times, the median.

python benchmarks/pages.py DATA   (a folder with a publication: data, after `make run` once)
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser import CHROMIUM, FLAGS, settled  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402
from servers import dashboard  # noqa: E402

TIMES = 5
DAYS = iter(range(10, 32))
LINE = "?stream=design-a-dataset"


class Heard:
    """What a page's connection brings: messages and bytes."""

    def __init__(self, page: Page):
        self.messages = self.size = 0
        page.on("websocket", lambda socket: socket.on("framereceived", self._hear))

    def _hear(self, message: str | bytes) -> None:
        self.messages, self.size = self.messages + 1, self.size + len(message)


def visited(data: Path, visit: Callable[[Page, str], None], warm: bool) -> list[tuple]:
    """(seconds, messages, kB) of each visit; `warm`: to a server and a browser that had one before."""
    found = []
    for _ in range(TIMES):
        with dashboard(data, "healthz") as address, sync_playwright() as playwright:
            context = playwright.chromium.launch_persistent_context(
                tempfile.mkdtemp(), executable_path=CHROMIUM, args=FLAGS,
                viewport={"width": 1280, "height": 720},
            )  # fmt: skip
            for _ in range(2 if warm else 1):
                page = context.new_page()
                heard = Heard(page)
                start = time.perf_counter()
                visit(page, address)
                told = (time.perf_counter() - start, heard.messages, heard.size / 1000)
                page.close()
            found.append(told)
            context.close()
    return found


# Looked for in each frame that the browser draws: Playwright's own waiting asks every half second.
SEEN = """([what, text]) => [...document.querySelectorAll("*")].some(
    e => [...e.shadowRoot?.querySelectorAll(what) ?? []].some(one => one.textContent.includes(text)))
    && document.querySelector("[data-testid=stApp]").dataset.testScriptState === "notRunning"
    && !document.querySelector("[data-testid=stSkeleton]")"""


def seen(page: Page, what: str, text: str = "") -> None:
    """Wait until an element of our own with a text is there, and nothing runs any more."""
    page.wait_for_function(SEEN, arg=[what, text])


def boxes(page: Page, address: str) -> None:
    page.goto(f"{address}/{LINE}")
    seen(page, ".strip article")


def steps(data: Path) -> dict[str, tuple]:
    """Each step's median: seconds until the page is at rest, messages and kB on the way."""
    told: dict[str, list] = {name: [] for name in STEPS}
    with dashboard(data, "healthz") as address, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tempfile.mkdtemp(), executable_path=CHROMIUM, args=FLAGS,
            viewport={"width": 1280, "height": 720},
        )  # fmt: skip
        for _ in range(TIMES + 1):  # the first fills the caches
            for name, (before, step) in STEPS.items():
                page = context.new_page()
                heard = Heard(page)
                page.goto(f"{address}/{before}")
                settled(page)
                time.sleep(1)  # what still comes after the page is at rest is not the step's
                start, messages, size = time.perf_counter(), heard.messages, heard.size
                step(page)
                seconds = time.perf_counter() - start
                told[name].append((seconds, heard.messages - messages, (heard.size - size) / 1000))
                page.close()
        context.close()
    return {name: middle(rows[1:]) for name, rows in told.items()}


def a_box(page: Page) -> None:
    page.locator(".strip article").nth(2).locator(".why").click()
    seen(page, ".hero h1", "Co-design")


def a_day(page: Page) -> None:
    day = next(DAYS)  # that nobody has asked for yet
    page.get_by_label("As of the end of").fill(f"2025-05-{day}")
    seen(page, ".shown", f"{day} May 2025")


def a_stream(page: Page) -> None:
    page.get_by_role("link", name="Add a council's data").click()
    seen(page, "section > .name h2", "Add a council's data")
    seen(page, ".strip article", "Ask")


STEPS: dict[str, tuple[str, Callable[[Page], None]]] = {
    "a click on a box": (LINE, a_box),
    "another day": (LINE, a_day),
    "another stream": (LINE, a_stream),
}


def middle(rows: list[tuple]) -> tuple:
    """The median of each column."""
    return tuple(statistics.median(column) for column in zip(*rows, strict=True))


def main() -> None:
    """A line for each visit and each step."""
    data = Path(sys.argv[1])
    print("| visit | seconds | messages | kB |\n| --- | ---: | ---: | ---: |")
    for name, warm in (("the overview's boxes, cold", False), ("the overview's boxes, warm", True)):
        print("| {} | {:.1f} | {:.0f} | {:.0f} |".format(name, *middle(visited(data, boxes, warm))))
    for name, told in steps(data).items():
        print("| {} | {:.1f} | {:.0f} | {:.0f} |".format(name, *told))


if __name__ == "__main__":
    main()
