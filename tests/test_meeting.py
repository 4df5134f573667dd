"""The meeting view: one thing a screen, read from three metres, walked with keys, never losing its place."""

from __future__ import annotations

import re
from datetime import date

import pytest
from browser import AXE, DESIGN, needed, opened, ours, serious, settled
from line import STORY, again, day, event, publication
from playwright.sync_api import expect
from servers import dashboard

import metrics
from notes import store
from notes.note import Note
from telling import meeting
from telling.asked import asked

NAME = "<b>call</b> [them](https://example.org/x)"
# From right to left, then what is looked at, the worst first.
WALK = ["answer", "stage/add", "stage/co-design", "stage/specify", "stage/discover", "processes",
        "process/collection/conservation-area"]  # fmt: skip
HEADINGS = {
    "answer": "Co-design is stuck", "stage/add": "Add", "stage/co-design": "Co-design",
    "stage/specify": "Specify", "stage/discover": "Discover", "processes": "Failing: ",
    WALK[-1]: "conservation-area", "promises": "No promise is open.",
}  # fmt: skip
SMALLEST = """() => Math.min(...[...document.querySelectorAll("*")].flatMap(e => e.shadowRoot ?
    [...e.shadowRoot.querySelectorAll(".meeting *")] : []).filter(e => [...e.childNodes].some(
    n => n.nodeType === 3 && n.data.trim())).map(e => parseFloat(getComputedStyle(e).fontSize)))"""
FITS = """() => { const main = document.querySelector("[data-testid=stMain]");
    return main.scrollHeight <= main.clientHeight && main.scrollWidth <= main.clientWidth }"""
SCREENS = ["answer", "stage/discover", "stage/co-design", "processes", "promises"]


def many(count: int) -> str:
    """The settings of a line with so many stages."""
    stages = "\n".join(
        f"      s{n}: {{name: A stage of some length {n}, queue: [S{n}]}}" for n in range(count)
    )
    return (
        "title: A line\nstreams:\n  line:\n    name: A line\n    sources: [log]\n"
        f"    stages:\n{stages}\nsources:\n  log: {{kind: events, file: log.csv}}\n"
    )


@pytest.fixture
def big(page):
    yield page
    page.set_viewport_size({"width": 1280, "height": 720})


@pytest.fixture(scope="module")
def line_(tmp_path_factory):
    """The address of an app over the story with a promise, and its folder."""
    folder = tmp_path_factory.mktemp("meeting")
    publication(folder, STORY).close()
    about = Note(stream="line", stage="b", kind="promise", action=NAME, who="PM",
                 due=date(2026, 1, 8))  # fmt: skip
    store.opened(folder).write(about, "PO", day(5))
    with dashboard(folder, "healthz") as address:
        yield address, folder


def at(page, key: str) -> None:
    """Wait until the screen of this key is in the address and shown."""
    page.wait_for_function(
        "key => new URLSearchParams(location.search).get('screen') === key", arg=key
    )
    expect(page.locator("h1")).to_have_text(re.compile(f"^{HEADINGS[key]}"))
    settled(page)


def test_arrow_keys_walk_the_line_from_right_to_left_then_the_processes_and_back_leads_back(
    page, app
):
    opened(page, f"{app}/?stream={DESIGN}&present=1")
    for key in WALK[1:]:
        page.keyboard.press("ArrowRight")
        at(page, key)
    page.keyboard.press("ArrowLeft")
    at(page, "processes")
    page.go_back(wait_until="commit")
    at(page, WALK[-1])
    page.keyboard.press("End")
    at(page, "promises")
    page.keyboard.press("Home")
    at(page, "answer")
    page.keyboard.press("PageDown")  # as a clicker sends it
    at(page, WALK[1])
    assert not ours(page.errors)


def test_no_key_is_taken_from_a_field_or_with_another_key_held_down(page, app):
    opened(page, f"{app}/?stream={DESIGN}&present=1&screen=stage/add")
    page.evaluate("() => document.body.append(document.createElement('input'))")
    page.locator("body > input").focus()
    page.keyboard.press("ArrowRight")
    page.locator("body > input").evaluate("e => e.remove()")
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_timeout(300)
    at(page, "stage/add")
    page.keyboard.press("ArrowRight")
    at(page, "stage/co-design")


@pytest.mark.more
def test_its_links_lead_on_for_who_has_no_keys_and_out_of_it(page, app):
    opened(page, f"{app}/review?stream={DESIGN}&since=2026-04-01&present=1")
    screens = page.get_by_role("navigation", name="Screens")
    screens.get_by_role("link", name="Add →").click()
    at(page, "stage/add")
    expect(page.get_by_role("status")).to_contain_text("2 of ")
    screens.get_by_role("link", name="Leave the meeting view").click()
    expect(page).to_have_url(f"{app}/review?stream={DESIGN}&since=2026-04-01")
    page.get_by_role("link", name="Meeting view").click()
    expect(screens).to_be_visible()


@pytest.mark.parametrize("size", [(1280, 720), pytest.param((1920, 1080), marks=pytest.mark.more)])
def test_each_screen_fits_and_its_smallest_letters_are_read_from_three_metres(big, app, size):
    """A fortieth of the height, with its gaps: 17 mm on a screen whose picture is 69 cm high."""
    big.set_viewport_size({"width": size[0], "height": size[1]})
    for key in SCREENS:
        opened(big, f"{app}/?stream={DESIGN}&present=1&screen={key}")
        assert big.evaluate(FITS), key
        assert big.evaluate(SMALLEST) >= size[1] / 40, key
    expect(big.locator("[data-testid=stHeader]")).not_to_be_visible()


def test_axe_finds_nothing_serious_in_the_meeting_view(page, app, scheme):
    needed(AXE, "axe-core")
    for key in SCREENS:
        opened(page, f"{app}/?stream={DESIGN}&present=1&screen={key}")
        assert not serious(page)


def test_a_promise_has_its_screen_letter_for_letter(page, line_):
    opened(page, f"{line_[0]}/?present=1&screen=promises")
    expect(page.locator("h1")).to_have_text("1 promise open, 1 overdue.")
    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_have_text(NAME)
    expect(page.locator(".verdict")).to_contain_text("Overdue")


@pytest.mark.more
def test_something_newer_is_shown_without_losing_the_place(page, line_):
    """The page looks every half minute whether there is any."""
    address, folder = line_
    opened(page, f"{address}/?present=1&screen=stage/a&as_of=2026-01-08")
    expect(page.get_by_text("4 of 6")).to_be_visible()
    waiting = page.locator(".pairs dd").first
    expect(waiting).to_have_text("1")
    publication(folder, [*STORY, event("new", "A waiting", day(7))],
                now=day(1).replace(year=2028)).close()  # fmt: skip
    expect(waiting).to_have_text("2", timeout=45_000)
    assert "screen=stage/a&" in page.url
    assert page.locator("h1").inner_text() == "A"
    assert again(folder, 900).ok


@pytest.mark.more
def test_a_process_that_has_recovered_keeps_its_screen_for_who_looks_at_it(publication):
    one = asked(publication, DESIGN)
    keys = [screen.key for screen in meeting.screens(one)]
    assert "process/collection/organisation" not in keys
    kept = meeting.screens(one, "process/collection/organisation")
    assert [screen.key for screen in kept] == [*keys, "process/collection/organisation"]
    assert kept[-1].word == "Healthy"


def test_a_screen_that_there_is_not_is_said(page, app):
    opened(page, f"{app}/?stream={DESIGN}&present=1&screen=stage/<b>")
    said = "There is no screen 'stage/<b>'; Design a dataset is shown."
    expect(page.get_by_text(said)).to_be_visible()


@pytest.mark.parametrize("count", [1, pytest.param(12, marks=pytest.mark.more)])
@pytest.mark.more
def test_a_line_of_any_length_has_a_screen_for_each_stage(big, tmp_path, count):
    publication(tmp_path, [event("x", "S0", day(1))], text=many(count)).close()
    told = meeting.screens(asked(metrics.open(tmp_path), "line", day(3)))
    assert [screen.key for screen in told] == [
        "answer", *(f"stage/s{n}" for n in reversed(range(count)))
    ]  # fmt: skip
    with dashboard(tmp_path, "healthz") as address:
        opened(big, f"{address}/?present=1&as_of=2026-01-03")
        assert big.evaluate(FITS)
        expect(big.locator("article")).to_have_count(count)


def test_before_the_data_begins_there_is_one_screen_that_says_so(page, app):
    opened(page, f"{app}/?stream={DESIGN}&present=1&as_of=2001-01-05")
    expect(page.get_by_text("Nothing had happened in this stream by this day.")).to_be_visible()
