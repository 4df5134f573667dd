"""What blocks us, as Overview and Stage show it of the real example."""

from __future__ import annotations

import pytest
from browser import DESIGN, SUPPLY, opened, ours, settled
from playwright.sync_api import expect


@pytest.mark.more
def test_what_blocks_us_leads_to_the_blocked_items_themselves(page, app):
    opened(page, f"{app}/?stream={DESIGN}")
    expect(
        page.get_by_text(
            "11 of 266 open planning considerations are blocked, 7 of them by “Licence”."
        )
    ).to_be_visible()
    table = page.get_by_role("table", name="What blocks us").first
    row = table.get_by_role("row").filter(has_text="Licence (8 wordings")
    expect(row).to_contain_text("7 of 266")
    bars = [bar.bounding_box()["width"] for bar in table.locator(".bar").all()]
    assert bars[0] > 60 and round(bars[0] / bars[1]) == 7
    item = row.get_by_role("link", name="Important bird areas").first
    assert item.get_attribute("href").endswith("/planning-consideration/important-bird-areas")
    row.get_by_role("link", name="Discover").click()
    expect(page.locator("h1")).to_have_text("Discover")
    settled(page)
    expect(page.get_by_text("6 of 211 items shown.")).to_be_visible()
    opened(page, f"{app}/?stream={SUPPLY}")
    expect(
        page.get_by_text("What blocks items is not recorded: no source tells of it.")
    ).to_be_visible()
    assert page.get_by_role("table", name="What blocks us").count() == 0
    assert not ours(page.errors)
