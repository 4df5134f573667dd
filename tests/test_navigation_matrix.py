"""Every page, as it opens, on a chosen day and filtered, by every way there is to and from it."""

from __future__ import annotations

import re
import time
from typing import NamedTuple

import pytest
from browser import DESIGN, SECONDS, SUPPLY, link, opened, ours, settled, whole
from playwright.sync_api import expect

DAY = "2024-06-01"  # in summer, when a day of the stream's zone is none of UTC's


class Seen(NamedTuple):
    """What a visitor sees of where they are: all that is said in boxes among it."""

    address: str
    title: str
    day: str
    said: tuple[str, ...]


def seen(page) -> Seen:
    """What the page shows once it is still; fails when anything went wrong on the way."""
    settled(page)
    whole(page)
    assert not ours(page.errors)
    day = page.get_by_label("As of the end of").input_value()
    return Seen(page.url, page.title(), day, said(page))


def said(page) -> tuple[str, ...]:
    """All that is said in boxes, once it stays the same: of a fold that was drawn this very moment a
    busy browser tells what is in it, though it is shut."""
    texts = tuple(page.locator(".root").all_inner_texts())
    for _ in range(20):
        page.wait_for_timeout(30)
        before, texts = texts, tuple(page.locator(".root").all_inner_texts())
        if texts == before:
            break
    return texts


def arrived(page, there: Seen) -> None:
    """Where one has been before: the address and all that was said there."""
    expect(page).to_have_url(there.address)
    end = time.monotonic() + SECONDS / 1000
    while (now := seen(page)) != there and time.monotonic() < end:
        page.wait_for_timeout(50)
    assert now == there


def followed(page, name: str, day: str) -> Seen:
    """What is seen where a link to the page of that name has led."""
    expect(link(page, name)).to_have_attribute("aria-current", "page")
    expect(page).to_have_title(re.compile(rf"^(.+ – )?{name} – [^–]+$"))
    expect(page.get_by_label("As of the end of")).to_have_value(day)
    return seen(page)


def stream(page) -> None:
    page.get_by_label("Value stream").select_option(SUPPLY)
    expect(page).to_have_title(re.compile("Add a council's data$"))


def part(page) -> None:
    before = page.get_by_text("items shown.").inner_text()
    page.get_by_label("Waiting or working").select_option("working")
    expect(page.get_by_text("items shown.")).not_to_have_text(before)


def chart(page) -> None:
    page.get_by_role("link", name="Lead times").click()
    expect(page).to_have_title(re.compile("^Lead times"))


def failing(page) -> None:
    page.get_by_role("link", name="Failing longest").click()
    expect(page).to_have_title(re.compile("Failing longest"))


def by_every_way(page, name: str, day: str) -> None:
    """There and back from what is open, by all that a browser offers."""
    here = seen(page)
    steps = page.evaluate("history.length")
    link(page, name).click()
    there = followed(page, name, day)
    page.go_back(wait_until="commit")
    arrived(page, here)
    link(page, name).press("Enter")
    arrived(page, there)
    assert page.evaluate("history.length") == min(steps + 1, 50)  # a browser keeps no more
    page.reload(wait_until="commit")
    arrived(page, there)
    page.go_back(wait_until="commit")
    arrived(page, here)
    page.go_forward(wait_until="commit")
    arrived(page, there)
    page.go_back(wait_until="commit")
    with page.context.expect_page() as tab:
        link(page, name).click(modifiers=["ControlOrMeta"])
    tab.value.errors = []
    arrived(tab.value, there)
    tab.value.close()
    assert seen(page) == here


PAGES = [
    ("Overview", "2026-05-02", stream, "Sources", "2026-05-02"),
    ("Stage", "2026-05-02", part, "Overview", "2026-05-02"),
    ("Flow", "2026-05-02", chart, "Stage", "2026-05-02"),
    ("Pipeline", "2024-03-07", failing, "Flow", "2026-05-02"),
    ("Sources", "2026-05-02", stream, "Pipeline", "2024-03-07"),
]


SHORT = [
    pytest.param(page, "dated", id=f"{page[0]}-a day")
    for page in PAGES if page[0] == "Overview"
]  # fmt: skip
LONG = [pytest.param(page, "all", id=f"{page[0]}-all", marks=pytest.mark.more) for page in PAGES]


@pytest.mark.parametrize(("asked", "ways"), [*SHORT, *LONG])
def test_every_way_leads_where_it_says_and_back(page, app, asked, ways):
    name, opens, filtered, to, to_opens = asked
    path = "" if name == "Overview" else name.lower()
    opened(page, f"{app}/{path}?stream={DESIGN}")
    first = followed(page, name, opens)
    assert first.address == f"{app}/{path}?stream={DESIGN}"  # nothing writes to it by itself
    if ways == "all":
        by_every_way(page, to, to_opens)
    page.get_by_label("As of the end of").fill(DAY)
    expect(page.get_by_text("Shown as of 1 June 2024, ")).to_be_visible()
    dated = followed(page, name, DAY)
    assert dated.address == f"{first.address}&as_of={DAY}"
    by_every_way(page, to, DAY)
    filtered(page)
    if ways == "all":
        by_every_way(page, to, DAY)
    page.go_back(wait_until="commit")
    arrived(page, dated)
    page.go_back(wait_until="commit")
    arrived(page, first)
