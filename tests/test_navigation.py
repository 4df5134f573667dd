"""A click on a box, then the browser's Back and Forward: the address decides what is shown."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from browser import DESIGN, SECONDS, SUPPLY, opened, ours, settled
from playwright.sync_api import expect

FAILING = "listed-building: failing, longest first"


@pytest.fixture(autouse=True, scope="module")
def patience():
    """Every step draws a whole page, which on a busy machine takes longer than expect waits."""
    expect.set_options(timeout=SECONDS)
    yield
    expect.set_options(timeout=5_000)


class Seen(NamedTuple):
    """What a visitor sees of where they are."""

    address: str
    heading: str
    day: str
    stream: str


def seen(page) -> Seen:
    """What the page shows once it is still; fails when anything went wrong on the way."""
    settled(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_text("encountered an error")).to_have_count(0)
    assert not ours(page.errors)
    heading, day = page.locator("h1"), page.locator(".shown")
    return Seen(page.url, heading.inner_text(), day.inner_text(), stream(page).input_value())


def stream(page):
    """The field that names the stream."""
    return page.get_by_role("combobox", name="Value stream")


def box(page, name: str):
    """The box of a stage or a process."""
    heading = page.get_by_role("heading", name=name, exact=True)
    return page.locator("article").filter(has=heading)


def choose(page, field, name: str) -> None:
    """An option of a field. A list that opens while the page still scrolls to it closes again."""
    field.evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
    field.click()
    page.get_by_role("option", name=name, exact=True).click()


def mouse(box) -> None:
    box.locator(".why").click()


def keyboard(box) -> None:
    box.get_by_role("link").press("Enter")


def clicked(page, name: str, how=mouse, heading: str = "") -> Seen:
    """What is seen after a click on a box."""
    how(box(page, name))
    expect(page.locator("h1").first).to_have_text(heading or name)
    return seen(page)


def back(page, to: Seen) -> None:
    """One step back leads there."""
    page.go_back(wait_until="commit")
    arrived(page, to)


def forward(page, to: Seen) -> None:
    """One step forward leads there."""
    page.go_forward(wait_until="commit")
    arrived(page, to)


def arrived(page, there: Seen) -> None:
    # While a page is drawn again, what it showed before stays beneath: hence the first.
    expect(page).to_have_url(there.address)
    expect(page.locator("h1").first).to_have_text(there.heading)
    expect(page.locator(".shown").first).to_have_text(there.day)
    assert seen(page) == there


@pytest.mark.parametrize(
    ("line", "day", "said", "name", "how"),
    [
        (DESIGN, "", "2 May 2026", "Co-design", mouse),
        (DESIGN, "", "2 May 2026", "Co-design", keyboard),
        (DESIGN, "&as_of=2025-01-15", "15 January 2025", "Co-design", mouse),
        (SUPPLY, "&as_of=2025-03-01", "1 March 2025", "Ask", keyboard),
    ],
)
def test_back_from_a_stage_leads_to_the_overview_and_forward_to_the_stage(
    page, app, publication, line, day, said, name, how
):
    opened(page, f"{app}/?stream={line}{day}")
    overview = seen(page)
    there = clicked(page, name, how)
    assert there.address.startswith(f"{app}/stage?stream={line}&stage={name.lower()}{day}&measure=")
    streams = publication.table("stream").set_index("stream")
    for shown in (overview, there):
        assert shown.day.startswith(f"Shown as of {said}, ")
        assert shown.stream == streams["name"][line]
    back(page, overview)
    forward(page, there)
    back(page, overview)


@pytest.mark.parametrize(
    ("path", "day", "how"),
    [
        ("", "", mouse),
        ("", "&as_of=2024-03-01", keyboard),
        ("pipeline", "", keyboard),
        ("pipeline", "&as_of=2024-03-01", mouse),
    ],
)
def test_back_from_a_process_leads_to_the_page_of_its_box(page, app, path, day, how):
    opened(page, f"{app}/{path}?stream={DESIGN}{day}")
    boxes = seen(page)
    there = clicked(page, "listed-building", how, FAILING)
    process = f"show=failing&process=collection%2Flisted-building{day}"
    assert there.address == f"{app}/pipeline?stream={DESIGN}&{process}"
    assert there.day.startswith(f"Shown as of {'1 March 2024' if day else '7 March 2024'}, ")
    back(page, boxes)
    forward(page, there)


def test_the_line_of_processes_leads_to_their_page_and_on_to_one_of_them(page, app):
    opened(page, f"{app}/?stream={SUPPLY}&as_of=2022-12-12")
    overview = seen(page)
    page.get_by_role("link", name="Processes on 12 December 2022").click()
    expect(page.locator("h1").first).to_contain_text("Failing: brownfield-land")
    all_of_them = seen(page)
    one = clicked(page, "listed-building", keyboard, FAILING)
    back(page, all_of_them)
    back(page, overview)
    forward(page, all_of_them)
    forward(page, one)


def test_before_the_data_begins_there_is_nothing_to_click_or_it_says_so(page, app):
    page.goto(f"{app}/?stream={DESIGN}&as_of=2001-01-05")
    expect(page.get_by_text("Nothing had happened in this stream by this day.")).to_be_visible()
    expect(page.locator("article")).to_have_count(0)
    opened(page, f"{app}/pipeline?stream={DESIGN}&as_of=2001-01-05")
    boxes = seen(page)
    mouse(box(page, "brownfield-land"))
    expect(page.locator("h1").first).to_have_text("brownfield-land: no data")
    settled(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    back(page, boxes)


def test_what_was_chosen_on_the_stage_page_does_not_win_over_the_address(page, app):
    opened(page, f"{app}/?stream={DESIGN}&as_of=2025-01-15")
    overview = seen(page)
    clicked(page, "Co-design")
    part, stage = (page.get_by_role("combobox", name=n) for n in ("Waiting or working", "Stage"))
    choose(page, part, "waiting")
    expect(page.get_by_text("0 of 42 items shown.")).to_be_visible()
    first = seen(page)
    choose(page, stage, "Specify")
    expect(page.locator("h1")).to_have_text("Specify")
    other = seen(page)
    back(page, first)
    expect(part).to_have_value("waiting")
    forward(page, other)
    back(page, first)
    page.reload()
    arrived(page, first)
    back(page, overview)
    assert "part=" not in clicked(page, "Discover").address
    expect(part).to_have_value("any")


def test_a_stream_chosen_later_does_not_win_over_the_address(page, app):
    opened(page, f"{app}/?stream={DESIGN}")
    first = seen(page)
    stream(page).click()
    page.get_by_role("option", name="Add a council's data").click()
    expect(box(page, "Collect")).to_be_visible()
    second = seen(page)
    assert second.stream != first.stream
    there = clicked(page, "Collect")
    assert f"stream={SUPPLY}&stage=collect" in there.address
    back(page, second)
    back(page, first)
    forward(page, second)
    forward(page, there)


def test_a_day_typed_just_before_the_click_goes_along(page, app):
    opened(page, f"{app}/?stream={DESIGN}")
    page.get_by_role("spinbutton").first.click()
    page.keyboard.type("20250115")
    there = clicked(page, "Co-design")  # which also leaves the field
    assert "&as_of=2025-01-15" in there.address
    assert there.day.startswith("Shown as of 15 January 2025, ")
    page.go_back(wait_until="commit")
    expect(box(page, "Co-design")).to_be_visible()
    overview = seen(page)
    assert "as_of=2025-01-15" in overview.address
    assert overview.day == there.day
    forward(page, there)


def test_a_double_click_is_one_step(page, app):
    opened(page, f"{app}/pipeline?stream={DESIGN}")
    boxes = seen(page)
    clicked(page, "listed-building", lambda box: box.get_by_role("link").dblclick(), FAILING)
    back(page, boxes)


def test_a_click_with_ctrl_opens_a_new_tab_and_leaves_this_one(page, app):
    opened(page, f"{app}/?stream={DESIGN}&as_of=2025-01-15")
    overview = seen(page)
    with page.context.expect_page() as tab:
        box(page, "Co-design").get_by_role("link").click(modifiers=["Control"])
    tab.value.set_default_timeout(SECONDS)
    tab.value.errors = []
    expect(tab.value.locator("h1")).to_have_text("Co-design")
    there = seen(tab.value)
    assert f"/stage?stream={DESIGN}&stage=co-design&as_of=2025-01-15" in there.address
    assert there.day == overview.day
    tab.value.close()
    assert seen(page) == overview


def test_an_embedded_page_stays_embedded(page, app):
    opened(page, f"{app}/?stream={DESIGN}&embed=true")
    overview = seen(page)
    assert "&embed=true" in clicked(page, "Co-design").address
    back(page, overview)
