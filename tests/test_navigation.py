"""What a person chooses is one step, the address says it all, and the page says what it can't show."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from browser import DESIGN, SUPPLY, link, opened, ours, settled, whole
from playwright.sync_api import expect

FAILING = "listed-building: failing, longest first"


class Seen(NamedTuple):
    """What a visitor sees of where they are."""

    address: str
    heading: str
    day: str
    stream: str


def seen(page) -> Seen:
    """What the page shows once it is still; fails when anything went wrong on the way."""
    settled(page)
    whole(page)
    assert not ours(page.errors)
    heading, day = page.locator("h1"), page.locator(".shown").first
    return Seen(page.url, heading.inner_text(), day.inner_text(), stream(page).input_value())


def stream(page):
    """The field that names the stream."""
    return page.get_by_role("combobox", name="Value stream")


def day(page):
    """The field that names the day."""
    return page.get_by_label("As of the end of")


def box(page, name: str):
    """The box of a stage or a process."""
    heading = page.get_by_role("heading", name=name, exact=True)
    return page.locator("article").filter(has=heading)


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
    expect(stream(page)).to_have_value(there.stream)
    assert seen(page) == there


def test_every_choice_is_one_step_back(page, app):
    opened(page, f"{app}/?stream={DESIGN}")
    overview = seen(page)
    stage = clicked(page, "Co-design")
    link(page, "Flow").click()
    expect(page).to_have_title("Cumulative flow – Flow – Design a dataset")
    flow = seen(page)
    page.get_by_role("link", name="Lead times").click()
    expect(page).to_have_title("Lead times – Flow – Design a dataset")
    expect(page.locator("h1").first).not_to_have_text(flow.heading)
    lead = seen(page)
    assert lead.address == f"{app}/flow?stream={DESIGN}&chart=lead"
    for there in (flow, stage, overview):
        back(page, there)
    for there in (stage, flow, lead):
        forward(page, there)


@pytest.mark.parametrize(
    ("line", "name", "how"),
    [(DESIGN, "Co-design", keyboard), pytest.param(SUPPLY, "Ask", mouse, marks=pytest.mark.more)],
)
def test_back_from_a_box_leads_to_the_overview_and_forward_to_the_stage(page, app, line, name, how):
    opened(page, f"{app}/?stream={line}&as_of=2025-03-01")
    overview = seen(page)
    there = clicked(page, name, how)
    assert there.address == f"{app}/stage?stream={line}&stage={name.lower()}&as_of=2025-03-01"
    assert there.day.startswith("Shown as of 1 March 2025, ")
    assert there.stream == line
    back(page, overview)
    forward(page, there)


@pytest.mark.more
def test_the_line_of_processes_leads_to_their_page_and_on_to_one_of_them(page, app):
    opened(page, f"{app}/?stream={SUPPLY}&as_of=2022-12-12")
    overview = seen(page)
    page.get_by_role("link", name="Processes on 12 December 2022").click()
    expect(page.locator("h1").first).to_contain_text("Failing: brownfield-land")
    all_of_them = seen(page)
    one = clicked(page, "listed-building", keyboard, FAILING)
    process = "&show=failing&process=collection%2Flisted-building&as_of=2022-12-12"
    assert one.address == f"{app}/pipeline?stream={SUPPLY}{process}"
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
    back(page, boxes)


@pytest.mark.more
def test_the_address_wins_over_what_was_chosen_before(page, app):
    opened(page, f"{app}/?stream={DESIGN}&as_of=2025-01-15")
    overview = seen(page)
    clicked(page, "Co-design")
    part, stage = (page.get_by_role("combobox", name=n) for n in ("Waiting or working", "Stage"))
    part.select_option("waiting")
    expect(page.get_by_text("0 of 42 items shown.")).to_be_visible()
    first = seen(page)
    stage.select_option("Specify")
    expect(page.locator("h1")).to_have_text("Specify")
    other = seen(page)
    stage.select_option("Discover")  # with which the page opens
    expect(page.locator("h1")).to_have_text("Discover")
    assert seen(page).address == other.address.replace("&stage=specify", "")
    back(page, other)
    back(page, first)
    expect(part).to_have_value("waiting")
    forward(page, other)
    back(page, first)
    page.reload()
    arrived(page, first)
    page.go_back()
    expect(page.get_by_text("42 of 42 items shown.")).to_be_visible()
    expect(part).to_have_value("any")
    back(page, overview)
    assert "part=" not in clicked(page, "Discover").address


@pytest.mark.more
def test_another_stream_opens_at_its_own_first_stage(page, app):
    opened(page, f"{app}/stage?stream={DESIGN}&stage=co-design&part=waiting")
    first = seen(page)
    stream(page).select_option(SUPPLY)
    expect(page.locator("h1")).to_have_text("Ask")
    assert seen(page).address == f"{app}/stage?stream={SUPPLY}"
    expect(page.locator(".told")).to_have_count(0)
    back(page, first)


@pytest.mark.parametrize(
    "leave", [*(pytest.param(key, marks=pytest.mark.more) for key in ("Enter", "Tab")), "click"]
)
def test_a_typed_day_is_taken_and_the_click_that_leaves_its_field_counts(page, app, leave):
    opened(page, f"{app}/?stream={DESIGN}")
    first = seen(page)
    link(page, "Overview").focus()  # and no part of the date
    day(page).focus()
    page.keyboard.type("05052025")  # month and day: which comes first depends on the language
    assert page.url == first.address  # on its way to 2025 it is also 2, 20 and 202
    if leave == "click":
        there = clicked(page, "Co-design")
        assert "&as_of=2025-05-05" in there.address
        page.go_back(wait_until="commit")
        expect(box(page, "Co-design")).to_be_visible()
    else:
        page.keyboard.press(leave)
    expect(page.locator(".shown").first).to_have_text(re.compile("^Shown as of 5 May 2025, "))
    chosen = seen(page)
    assert chosen.address == f"{app}/?stream={DESIGN}&as_of=2025-05-05"
    if leave == "Enter":  # and it can be gone on with
        assert day(page).evaluate("e => e.getRootNode().activeElement === e")
    if leave == "click":
        forward(page, there)
        back(page, chosen)
    back(page, first)


def test_a_day_that_is_none_is_said_and_the_field_shows_the_one_that_is_shown(page, app):
    opened(page, f"{app}/?stream={DESIGN}")
    day(page).fill("2999-01-01")
    expect(page.get_by_role("status")).to_contain_text("'2999-01-01' is no day from ")
    expect(day(page)).to_have_value("2026-05-02")
    page.go_back(wait_until="commit")
    expect(page.get_by_role("status")).to_have_count(0)


@pytest.mark.more
def test_half_a_day_is_none(page, app):
    opened(page, f"{app}/?stream={DESIGN}&as_of=2025-01-15")
    day(page).press("Backspace")
    page.keyboard.press("Enter")
    link(page, "Overview").focus()
    expect(day(page)).to_have_value("2025-01-15")
    assert page.url == f"{app}/?stream={DESIGN}&as_of=2025-01-15"


@pytest.mark.more
def test_options_gone_through_with_arrow_keys_are_one_step(page, app):
    opened(page, f"{app}/stage?stream={DESIGN}")
    first = seen(page)
    stage = page.get_by_role("combobox", name="Stage")
    stage.focus()
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    expect(page.locator("h1")).to_have_text("Co-design")
    assert stage.evaluate("e => e.getRootNode().activeElement === e")
    seen(page)
    back(page, first)


def test_the_days_of_pipeline_are_those_of_its_processes(page, app):
    opened(page, f"{app}/pipeline")
    expect(day(page)).to_have_value("2024-03-07")
    assert seen(page).day.startswith(
        "Shown as of 7 March 2024, the last day of this example's data"
    )
    day(page).fill("2023-07-01")  # which begins in London while in UTC it is still June
    expect(page.get_by_text("Shown as of 1 July 2023, ")).to_be_visible()
    href = box(page, "listed-building").get_by_role("link").get_attribute("href")
    assert href.endswith("&as_of=2023-07-01")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("stage?stream=x", "There is no value stream 'x'; Design a dataset is shown."),
        ("stage?stage=<b>", "There is no stage '<b>' in Design a dataset; Discover is shown."),
        ("stage?part=x&blocked=no", "There is no blocked 'no'; any is shown."),
        ("stage?measure=x", "There is no measure 'x'; "),
        ("flow?chart=x", "There is no chart 'x'; Cumulative flow is shown."),
        ("flow?chart=lead&of=x", "There is no stage 'x' in Design a dataset; Whole line is shown."),
        ("flow?chart=forecast&weeks=0", "Weeks ahead: '0' is no whole number from 1 to 104; 13"),
        ("flow?chart=compare&period_1=May", "'May' is no day from 1 January 2000 to "),
        ("pipeline?process=x/y", "There is no process 'x/y'; Collecting: all 7 is shown."),
        ("pipeline?show=x", "There is no part 'x'; Now is shown."),
        ("?as_of=2025-02-30", "'2025-02-30' is no day from 1 January 2000 to "),
        ("sources?as_of=2999-01-01", "; 2 May 2026 is shown."),
    ],
)
def test_what_the_address_names_and_there_is_not_is_said(page, app, path, said):
    opened(page, f"{app}/{path}")
    expect(page.get_by_role("status").filter(has_text=said)).to_be_visible()
    settled(page)
    assert page.url == f"{app}/{path}".replace("<b>", "%3Cb%3E")


@pytest.mark.more
def test_the_overview_has_its_name_for_an_address_too(page, app):
    page.goto(f"{app}/overview?stream={SUPPLY}&as_of=2025-01-15")
    expect(link(page, "Overview")).to_have_attribute("aria-current", "page")
    assert seen(page).day.startswith("Shown as of 15 January 2025, ")
    assert page.url == f"{app}/?stream={SUPPLY}&as_of=2025-01-15"
    expect(page.get_by_text("Page not found")).to_have_count(0)


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("", "Overview – Design a dataset"),
        ("stage?stage=co-design", "Co-design – Stage – Design a dataset"),
        (f"flow?stream={SUPPLY}&chart=moves", "Moves – Flow – Add a council's data"),
        ("pipeline?show=runs", "Collecting: all 7 – Runs – Pipeline – Design a dataset"),
        ("sources", "Sources – Design a dataset"),
        ("catalogue?entry=figure/age", "Age – Catalogue – Design a dataset"),
    ],
)
def test_every_tab_says_what_it_shows(page, app, path, title):
    opened(page, f"{app}/{path}")
    expect(page).to_have_title(title)


def test_the_link_that_has_the_focus_is_seen(page, app, scheme):
    """An outline of 3:1 against the page, three pixels wide."""
    opened(page, f"{app}/sources")
    for field in (link(page, "Flow"), stream(page), day(page)):
        field.focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")  # a focus that is seen is one that a key has brought
    for name in ("Stage", "Flow", "Sources"):
        link(page, name).focus()
        colour, width, ground = link(page, name).evaluate("""e => {
            const style = getComputedStyle(e);
            return [style.outlineColor, style.outlineWidth, getComputedStyle(document.querySelector(
                "[data-testid=stApp]")).backgroundColor] }""")
        assert width == "3px"
        light, dark = sorted((luminance(colour), luminance(ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3


def luminance(colour: str) -> float:
    """The relative luminance of rgb(…), as WCAG defines it."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.more
def test_a_double_click_is_one_step(page, app):
    opened(page, f"{app}/pipeline?stream={DESIGN}")
    boxes = seen(page)
    clicked(page, "listed-building", lambda box: box.get_by_role("link").dblclick(), FAILING)
    back(page, boxes)


@pytest.mark.more
def test_an_embedded_page_stays_embedded(page, app):
    opened(page, f"{app}/?stream={DESIGN}&embed=true")
    overview = seen(page)
    assert "&embed=true" in clicked(page, "Co-design").address
    back(page, overview)
