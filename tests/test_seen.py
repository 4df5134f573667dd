"""A past day as it was seen then, beside the same day as it is known today."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
from browser import AXE, needed, opened, ours, serious, settled
from line import STORY, day, event, publication
from playwright.sync_api import expect
from servers import dashboard

import metrics
from metrics import shelf
from telling import seen
from telling.asked import asked

NAME = "<b>late</b> [x](https://example.org/x)"
# On 10 January w waits in A; on the 20th it is known to have been worked on since the 7th, and that
# two more had come on the 6th.
THEN = [*STORY[:-2], event("w", "A waiting", day(5))]
SINCE = [*THEN, event("w", "A working", day(7)), event(NAME, "A waiting", day(6)),
         event("u", "A waiting", day(6))]  # fmt: skip


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    """A data folder with a publication of 9, 10, 12 and 20 January 2026: the first is of another
    version, the third damaged."""
    folder = tmp_path_factory.mktemp("kept")
    for events, made in ((THEN, 9), (THEN, 10), (THEN, 12), (SINCE, 20)):
        publication(folder, events, now=day(made)).close()
    with duckdb.connect(str(shelf.made_by(folder, day(9)))) as con:
        con.execute("update made_by set version = 'other'")
    shelf.made_by(folder, day(12)).write_bytes(b"x" * 9000)
    return folder


@pytest.fixture(scope="module")
def shown(kept):
    with dashboard(kept, "healthz") as address:
        yield address


def test_the_publication_at_an_instant_is_the_newest_made_by_then(kept):
    def made(at: float) -> str | None:
        file = shelf.made_by(kept, day(at))
        return file and file.name[:10]

    assert [made(8.99), made(9), made(9.99), made(10), made(11.99), made(19.99), made(400)] == [
        None, "2026-01-09", "2026-01-09", "2026-01-10", "2026-01-10", "2026-01-12",
        "2026-01-20",
    ]  # fmt: skip
    assert shelf.oldest(kept) == day(9)
    assert shelf.oldest(kept / "nowhere") is None


def test_a_stage_is_known_otherwise_where_its_words_are(kept):
    then, now = (
        asked(metrics.open(shelf.made_by(kept, day(made))), "line", day(10.5)) for made in (10, 20)
    )
    a, b, _ = told = seen.stages(then, now)
    assert (a.then, a.today) == (
        "On target: 1 waiting, 1 in work", "Watch: 2 waiting, 2 in work"
    )  # fmt: skip
    assert (a.differs, b.differs) == (True, False)
    assert seen.differences(told).rows == [["A", a.then, a.today]]
    assert seen.counted(told) == "1 of 3 stages known otherwise today"
    assert seen.counted(told[1:]) == "The same day is known today as it was seen then"


def test_a_day_is_shown_as_it_was_seen_beside_what_is_known_today(page, shown):
    opened(page, f"{shown}/?seen=2026-01-10")
    said = "As it was seen on 10 January 2026: what was published on 10 January 2026, 00:00 UTC."
    expect(page.get_by_role("status")).to_contain_text(said)
    strip = page.locator(".strip article").first
    expect(strip.locator(".inside b")).to_have_text("1")
    beside = page.locator("section").filter(has_text="10 January 2026 as known today").last
    expect(beside.locator("article").filter(has_text="≠ known otherwise today")).to_have_count(1)
    assert not ours(page.errors)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("2026-01-08", "8 January 2026 or earlier is kept: the oldest is of 9 January 2026."),
        ("2026-01-09", "was made by another version of the program, which this one can't ask."),
        ("2026-01-13", "2026-01-12T000000.000000Z.duckdb can't be read: "),
        ("2999-01-01", "'2999-01-01' is no day until "),
        ("<b>x</b>", "'<b>x</b>' is no day until "),
    ],
)
def test_what_can_t_be_shown_as_it_was_says_why_and_shows_what_is_known_today(
    page, shown, told, said
):
    opened(page, f"{shown}/?seen={told}")
    expect(page.get_by_role("status")).to_contain_text(said)
    expect(page.get_by_role("status")).to_contain_text("What is known today is shown.")
    expect(page.locator(".differs")).to_have_count(0)


@pytest.mark.more
def test_links_keep_the_day_on_which_it_was_seen_until_one_leads_back_to_today(page, shown):
    opened(page, f"{shown}/?seen=2026-01-10")
    page.locator(".strip article h3 a").first.click()
    expect(page.locator("h1")).to_have_text("A")
    expect(page).to_have_url(f"{shown}/stage?stream=line&stage=a&seen=2026-01-10")
    expect(page.locator(".differs")).to_contain_text("≠ As known today: ")
    for name in ("Flow", "Sources", "Overview"):
        page.get_by_role("link", name=name, exact=True).click()
        expect(page).to_have_title(re.compile(f"{name} – A line$"))
        settled(page)
        expect(page.get_by_role("status")).to_contain_text("As it was seen on 10 January 2026")
    page.get_by_role("link", name="Show what is known today").click()
    expect(page.get_by_role("status")).to_have_count(0)
    expect(page).to_have_url(f"{shown}/?stream=line")
    settled(page)
    page.go_back(wait_until="commit")
    expect(page.get_by_role("status")).to_contain_text("As it was seen on 10 January 2026")


def test_axe_finds_nothing_serious_in_a_day_as_it_was(page, shown, scheme):
    needed(AXE, "axe-core")
    for path in ("", "stage"):
        opened(page, f"{shown}/{path}?seen=2026-01-10")
        assert not serious(page)
