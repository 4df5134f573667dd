"""Opening our pages in a real browser, and what is left out of account there."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import TimeoutError, expect

ROOT = Path(__file__).parent.parent
# The shell is the same engine without the windows that a person would see around the page.
SHELL, FULL = Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium")
CHROMIUM = SHELL if SHELL.exists() else FULL
AXE = ROOT / "tests/node_modules/axe-core/axe.min.js"
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
]
DESIGN, SUPPLY = "design-a-dataset", "add-a-councils-data"
SECONDS = 40_000  # milliseconds to wait for a page at most
expect.set_options(timeout=SECONDS)


def needed(path: Path, what: str) -> None:
    if not path.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{what} is missing at {path}, and CI requires the browser tests")
        pytest.skip(f"{what} is not installed at {path}")


# To another page of the app that is open, as Back and Forward go: without loading it all again.
# It is there once the page's script has been asked to run, which a run of a moment may not show.
ONWARDS = """address => new Promise(asked => {
    const app = document.querySelector("[data-testid=stApp]");
    const seen = new MutationObserver(() => { seen.disconnect(); asked(); });
    seen.observe(app, { attributeFilter: ["data-test-script-state"] });
    window.history.pushState({}, "", address);
    window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
    setTimeout(asked, 5000);
})"""


def opened(page, address: str) -> None:
    """Go to an address and wait until no script runs and no skeleton is left."""
    if urlsplit(page.url).netloc == urlsplit(address).netloc:
        page.evaluate(ONWARDS, address)
    else:
        page.goto("about:blank")
        page.errors = []  # what the page of a server that has ended since still asked for
        page.goto(address)
    settled(page)


def settled(page) -> None:
    page.locator("h1").first.wait_for()
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)


def link(page, name: str):
    """A link of the row that leads to the pages."""
    pages = page.get_by_role("navigation", name="Pages")
    return pages.get_by_role("link", name=name, exact=True)


def unfolded(page) -> None:
    """The numbers behind the first chart: on a page to which one comes back they are still open."""
    if not page.get_by_test_id("stDataFrame").count():
        page.get_by_text("The numbers behind this chart").first.click()
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()


def whole(page) -> None:
    """Fails when any part of the document could not be drawn, seen or not."""
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_text("encountered an error")).to_have_count(0)


def ours(errors: list[str]) -> list[str]:
    """Streamlit itself looks for its server beneath the page's path first, which is a 404."""
    return [error for error in errors if "_stcore" not in error]


def downloaded(page, kind: str) -> bytes:
    """What the first button for CSV or xlsx downloads."""
    return Path(_download(page, kind).path()).read_bytes()


def named(page, kind: str) -> str:
    """What the file that the first button for CSV or xlsx downloads is called."""
    return _download(page, kind).suggested_filename


def _download(page, kind: str):
    """On a busy machine a click can come while the page is still being drawn again and be lost: a
    visitor clicks once more, and so does this."""
    for last in (False, False, True):
        settled(page)
        try:
            with page.expect_download(timeout=SECONDS if last else 6_000) as download:
                page.get_by_role("button", name=f"Download {kind}").first.click()
            return download.value
        except TimeoutError:
            if last:
                raise


def serious(page) -> list[tuple]:
    """What axe finds serious or critical in a page, without the parts that Streamlit itself draws
    and a page can't change: its grid's canvas and its toolbar."""
    # The page's own policy allows no script but the server's: axe is brought in past it.
    page.evaluate(AXE.read_text())
    streamlits = ("stDataFrame", "stToolbar", "glideDataEditor", "dvn-")
    return [
        (rule["id"], node["target"])
        for rule in page.evaluate("async () => (await axe.run()).violations")
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
        if not any(part in str(node["target"]) + node["html"] for part in streamlits)
    ]
