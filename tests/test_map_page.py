"""The Map page in a real browser: in order, in words, on paper, on a phone, and as a picture."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
from browser import AXE, DESIGN, SUPPLY, downloaded, needed, opened, ours, serious, settled
from line import LINE, STORY, event, publication
from playwright.sync_api import expect
from seeds import some
from servers import dashboard
from test_map import HOSTILE, SVG, quoted

from telling import map as told
from telling.asked import asked

NAME = quoted(HOSTILE)
# A long word, and more activities than fit beside each other.
ODD = f"""
map:
  note: {NAME}
  activities:
    - name: {NAME}
      story: {NAME}
      steps:
        - {{name: {NAME}, lane: {NAME}, uses: {NAME}, note: {NAME}}}
        - {{name: Look, lane: Us, stage: line/a}}
""" + "".join(
    f"    - name: {'Rindfleischetikettierung' * 4}{n}\n      steps: [{{name: Wait, lane: Us}}]\n"
    for n in range(12)
)


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """The address of an app whose map has odd names and many activities."""
    folder = tmp_path_factory.mktemp("odd")
    publication(folder, STORY, LINE + ODD).close()
    with dashboard(folder, "healthz") as address:
        yield address


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """The address of an app without a map."""
    folder = tmp_path_factory.mktemp("bare")
    publication(folder, [event("x", "A waiting", STORY[0]["since"])]).close()
    with dashboard(folder, "healthz") as address:
        yield address


def steps(publication, day: date | None = None) -> list[told.Step]:
    at = day and publication.day_ends(day, DESIGN)
    return told.steps(asked(publication, DESIGN, at))


def box(page, name: str):
    return page.locator(".step").filter(has=page.get_by_role("heading", name=name))


@pytest.mark.parametrize("width", [390, pytest.param(1280, marks=pytest.mark.more)])
@pytest.mark.more
def test_it_reads_in_order_whatever_the_screen(page, app, publication, width):
    """Activities from left to right, and under each its steps as the process goes."""
    page.set_viewport_size({"width": width, "height": 720})
    opened(page, f"{app}/map?stream={DESIGN}")
    drawn = steps(publication)
    assert page.locator("h1").inner_text() == told.heading(drawn)
    heads = page.locator(".map").get_by_role("heading").all_inner_texts()
    expected = []
    for inside in told.activities(drawn):
        expected += [inside[0].activity, *(f"{step.no} {step.name}" for step in inside)]
    assert [" ".join(head.split()) for head in heads] == expected
    assert page.locator(".map li").count() == len(drawn)
    page.set_viewport_size({"width": 1280, "height": 720})


@pytest.mark.parametrize("day", [None, pytest.param(date(2024, 6, 1), marks=pytest.mark.more)])
def test_every_box_has_its_word_its_icon_its_reason_and_its_numbers(page, app, publication, day):
    opened(page, f"{app}/map?stream={DESIGN}" + (f"&as_of={day}" if day else ""))
    boxes = page.locator(".step").all_inner_texts()
    drawn = steps(publication, day)
    for text, step in zip(boxes, drawn, strict=True):
        flat = " ".join(text.split())
        for said in (step.told.word, step.lane, step.uses, step.note, step.told.why):
            assert " ".join(said.split()) in flat, step
        for what, number in step.told.numbers:
            assert number in flat
            assert what in flat
    icons = page.locator(".step .icon").all_inner_texts()
    assert len(icons) == len(drawn)
    colours = {step.told.colour for step in drawn}
    assert len({(icon, s.told.colour) for icon, s in zip(icons, drawn, strict=True)}) == len(
        colours
    )
    assert len(set(icons)) == len(colours)
    expect(
        page.get_by_text("Shown as of 1 June 2024" if day else "Numbers of other days")
    ).to_be_visible()
    assert not ours(page.errors)


@pytest.mark.more
def test_a_lane_is_a_row_and_an_activity_a_column_on_a_wide_screen(page, app, publication):
    opened(page, f"{app}/map?stream={DESIGN}")
    placed = {}
    for step, drawn in zip(steps(publication), page.locator(".step").all(), strict=True):
        placed[step.no] = (step, drawn.bounding_box())
    for one, here in placed.values():
        for other, there in placed.values():
            if one.activity_no < other.activity_no:
                assert here["x"] + here["width"] <= there["x"]
            if one.lane_no < other.lane_no:
                assert here["y"] + here["height"] <= there["y"]


@pytest.mark.parametrize(
    ("name", "heading", "address"),
    [
        ("Research the planning", "Specify", f"stage?stream={DESIGN}&stage=specify"),
        pytest.param("Expect the data", "Ask", f"stage?stream={SUPPLY}&stage=ask", marks=pytest.mark.more),
        pytest.param("Collect every address", "Collecting: all 7", f"pipeline?stream={DESIGN}&show=failing&process=collection%2F", marks=pytest.mark.more),
    ],
)  # fmt: skip
@pytest.mark.parametrize("how", ["mouse", pytest.param("keyboard", marks=pytest.mark.more)])
@pytest.mark.more
def test_a_step_leads_to_what_measures_it_and_back(page, app, name, heading, address, how):
    opened(page, f"{app}/map?stream={DESIGN}&as_of=2024-03-01")
    if how == "mouse":
        box(page, name).locator(".because").first.click()
    else:
        box(page, name).get_by_role("link").press("Enter")
    expect(page.locator("h1").first).to_contain_text(heading)
    settled(page)
    assert page.url.startswith(f"{app}/{address}&as_of=2024-03-01")
    expect(page.locator(".shown").first).to_contain_text("Shown as of 1 March 2024")
    page.go_back(wait_until="commit")
    expect(page.locator(".map")).to_be_visible()
    settled(page)
    assert not ours(page.errors)


@pytest.mark.more
def test_without_a_map_the_page_says_how_to_add_one(page, bare):
    opened(page, f"{bare}/map")
    expect(page.get_by_role("heading", name="No service map yet")).to_be_visible()
    expect(page.get_by_text("write this into stages.yaml")).to_be_visible()
    assert "stage: line/a" in page.locator(".code").inner_text().replace('"', "")
    expect(page.get_by_role("link", name="Map")).to_be_visible()
    assert not ours(page.errors)


def test_names_are_letter_for_letter_on_the_page_and_in_the_picture(page, odd):
    opened(page, f"{odd}/map?as_of=2026-01-04")
    first = page.locator(".step").first
    assert first.locator("h3").text_content() == f"1.1 {HOSTILE}"
    assert first.inner_text().count(HOSTILE) == 4
    assert page.locator(".activity").first.text_content() == HOSTILE * 2
    with page.expect_download() as download:
        page.get_by_role("button", name="Download svg").click()
    assert download.value.suggested_filename == "service-map-2026-01-04.svg"
    svg = ElementTree.parse(download.value.path())
    words = "".join(text.text for text in svg.iter(f"{SVG}text")).replace(" ", "")
    assert words.count(HOSTILE.replace(" ", "")) == 8
    assert not ours(page.errors)


def test_the_picture_opens_in_a_browser_and_asks_for_nothing(page, app, context):
    opened(page, f"{app}/map?stream={DESIGN}")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download svg").click()
    picture = context.new_page()
    asked_for = []
    picture.on("request", lambda request: asked_for.append(request.url))
    file = Path(download.value.path()).with_suffix(".svg")
    file.write_bytes(Path(download.value.path()).read_bytes())
    picture.goto(file.as_uri())
    assert picture.locator("text").first.text_content().startswith("Service map, 2 May 2026: ")
    assert asked_for == [file.as_uri()]
    # Every word lies within the box that it is in, whatever the font.
    outside = picture.evaluate("""() => [...document.querySelectorAll('text')].filter(text => {
        const t = text.getBBox();
        return t.x + t.width > document.documentElement.viewBox.baseVal.width;
    }).map(text => text.textContent)""")
    assert not outside
    picture.close()


@pytest.mark.parametrize("width", some([390, 320, 1280]))
@pytest.mark.parametrize("which", some(["odd", "example"]))
def test_the_page_never_pans_a_wide_map_scrolls_by_itself(page, app, odd, width, which):
    page.set_viewport_size({"width": width, "height": 720})
    opened(page, f"{app}/map?stream={DESIGN}" if which == "example" else f"{odd}/map")
    page.locator(".map").wait_for()
    main = page.get_by_test_id("stMain")
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 0
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    region = page.get_by_role("region", name=re.compile("^Service map"))
    over = region.evaluate("e => e.scrollWidth - e.clientWidth")
    assert (over > 0) == (which == "odd" and width == 1280)
    if over > 0:
        region.focus()
        page.keyboard.press("End")
        page.keyboard.press("ArrowRight")
        page.wait_for_function("e => e.scrollLeft > 0", arg=region.element_handle())
    page.set_viewport_size({"width": 1280, "height": 720})


def test_it_prints_on_one_page_of_a3(page, app):
    opened(page, f"{app}/map?stream={DESIGN}")
    page.locator(".map").wait_for()
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1
    width, height = map(float, re.search(rb"/MediaBox\s*\[0 0 (\S+) (\S+)\]", printed).groups())
    assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (420, 297)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 1527, "height": 1062})  # the sheet within its margins
    sizes = page.locator(".map").evaluate("""e => {
        const box = e.getBoundingClientRect(), zoom = box.width / e.offsetWidth;
        return [box.right, box.bottom, zoom * Math.min(...[...e.querySelectorAll('p, dd, dt, h3')]
            .filter(x => x.offsetParent).map(x => parseFloat(getComputedStyle(x).fontSize)))];
    }""")
    page.emulate_media(media="null")
    page.set_viewport_size({"width": 1280, "height": 720})
    right, bottom, smallest = sizes
    assert right <= 1527
    assert bottom <= 1062
    assert smallest >= 9.3  # pixels: 7 points


def test_the_download_holds_every_step(page, app, publication):
    opened(page, f"{app}/map?stream={DESIGN}")
    rows = list(csv.DictReader(io.StringIO(downloaded(page, "csv").decode("utf-8-sig"))))
    assert [row["What"] for row in rows] == [step.name for step in steps(publication)]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(f"map?stream={DESIGN}", marks=pytest.mark.more),
        f"map?stream={DESIGN}&as_of=2024-06-01",
    ],
)
def test_axe_finds_nothing_serious_nor_a_heading_out_of_order(page, app, scheme, path):
    needed(AXE, "axe-core")
    opened(page, f"{app}/{path}")
    page.locator(".map").wait_for()
    assert not serious(page)
    rules = {"runOnly": ["heading-order", "list", "listitem", "scrollable-region-focusable"]}
    found = page.evaluate("rules => axe.run(rules)", rules)["violations"]
    assert not [(rule["id"], node["target"]) for rule in found for node in rule["nodes"]]
