"""On a phone no page pans sideways: what is too wide scrolls by itself."""

from __future__ import annotations

import pytest
from browser import DESIGN, SUPPLY, opened, settled

WIDER = """width => {
    const main = document.querySelector("[data-testid=stMain]");
    return [document.documentElement.scrollWidth, main.scrollWidth].filter(wide => wide > width);
}"""
FLOW = ["cumulative", "lead", "throughput", "work", "moves", "behaviour", "survival", "forecast"]
PIPELINE = ["weeks", "errors", "failing", "recovery", "runs", "speed"]
PATHS = [
    f"?stream={DESIGN}", f"stage?stream={DESIGN}&stage=co-design&look=limits", "map",
    "review", "?present=1&screen=stage/co-design",
    f"flow?stream={SUPPLY}&chart=ageing", f"flow?stream={SUPPLY}&chart=compare", "pipeline",
    *(pytest.param(path, marks=pytest.mark.more) for path in (
        "sources", "catalogue", "?present=1",
        *(f"flow?stream={SUPPLY}&chart={chart}" for chart in FLOW),
        *(f"pipeline?show={show}" for show in PIPELINE), f"?stream={SUPPLY}",
        f"stage?stream={SUPPLY}", f"stage?stream={DESIGN}&stage=co-design",
    )),
]  # fmt: skip


@pytest.fixture
def phone(page):
    yield page
    page.set_viewport_size({"width": 1280, "height": 720})


@pytest.mark.parametrize("path", PATHS)
def test_no_page_pans_sideways(phone, app, path):
    phone.set_viewport_size({"width": 390, "height": 844})
    opened(phone, f"{app}/{path}")
    assert phone.evaluate(WIDER, 390) == []
    phone.set_viewport_size({"width": 320, "height": 640})
    settled(phone)
    phone.wait_for_function(f"() => ({WIDER})(320).length === 0", timeout=5_000)
