"""The Flow page, and what the Stage page says of pace, in a real browser on the real example."""

from __future__ import annotations

import csv
import io

import pytest
from browser import DESIGN, SUPPLY, downloaded, opened, ours, settled, unfolded
from playwright.sync_api import expect
from seeds import some

from dashboard.pages.flow import CHARTS
from metrics.statistics import faster
from telling import flow
from telling.asked import asked


def chart(page, app, name, stream=DESIGN, **state):
    """Open a chart of the Flow page and wait for its words."""
    more = "".join(f"&{key}={value}" for key, value in state.items())
    opened(page, f"{app}/flow?stream={stream}&chart={name}{more}")
    return page.locator("section.chart").first


def test_the_finding_is_the_title_and_what_is_drawn_comes_under_it(page, app):
    words = chart(page, app, "cumulative")
    found = "Half of the 80 that reached Co-design went no further: nothing has moved on from it for 394 days"
    expect(page.get_by_role("heading", level=1, name=found, exact=True)).to_be_visible()
    expect(page.locator("h1")).to_have_count(1)  # that of the page before goes a moment later
    expect(words.locator("p").first).to_have_text("Items that have reached each stage, day by day.")


def test_nothing_is_found_where_a_source_that_ended_would_have_to_know_it(publication):
    """What left Collect since March 2024 is not known, so neither is what is still in it."""
    told = asked(publication, SUPPLY)
    assert flow.ageing(told).heading == "Every open item by its age and stage"
    assert flow.work(told).heading == "Where the work is, day by day"
    assert (
        flow.throughput(told).heading
        == "Each week, to a scale of its own: arrived, delivered, abandoned"
    )
    for stage, name in (("", "Whole line"), ("collect", "Collect")):
        assert "half of" not in flow.lead_times(told, stage, name).heading
    assert flow.lead_times(told, "ask", "Ask").heading.startswith("Ask: half of the 1,148 still in")


@pytest.mark.parametrize("stream", [DESIGN, pytest.param(SUPPLY, marks=pytest.mark.more)])
@pytest.mark.parametrize("name", some(CHARTS))
def test_every_chart_has_its_words_its_table_and_a_text_alternative(page, app, name, stream):
    chart(page, app, name, stream)
    expect(page.locator("h1")).to_have_count(1)
    expect(page.get_by_text("The numbers behind this chart").first).to_be_visible()
    expect(page.get_by_text("encountered an error")).to_have_count(0)
    if stream == DESIGN and name != "forecast":  # that line's forecast is refused, in words
        drawn = page.get_by_test_id("stVegaLiteChart").first
        expect(drawn).to_be_visible()
        said = drawn.evaluate(
            "e => [e, ...e.querySelectorAll('[aria-label]')].map(x => x.getAttribute('aria-label')).join(' ')"
        )
        assert "The table holds the same rows." in said
    assert not ours(page.errors)


@pytest.mark.more
def test_the_address_opens_the_same_chart_again(page, app):
    chart(page, app, "survival", of="co-design")
    expect(page.locator("h1")).to_have_text("Co-design: by no age so far have half moved on")
    page.get_by_role("link", name="Throughput").click()
    finding = "1 delivered and 16 arrived in 52 weeks"
    expect(page.get_by_role("heading", name=finding)).to_be_visible()
    settled(page)
    expect(page.locator("h1")).to_have_text(finding)
    expect(
        page.get_by_text(
            "Each week, to a scale of its own: arrived, delivered, abandoned.", exact=True
        )
    ).to_be_visible()
    expect(page).to_have_url(f"{app}/flow?stream={DESIGN}&of=co-design&chart=throughput")


def test_the_chart_is_seen_without_scrolling(page, app):
    chart(page, app, "cumulative")
    place = page.get_by_test_id("stVegaLiteChart").first.bounding_box()
    assert place["y"] + place["height"] <= 720


def test_the_download_holds_the_rows_of_the_figure(page, app, publication):
    chart(page, app, "throughput")
    unfolded(page)
    rows = list(csv.DictReader(io.StringIO(downloaded(page, "csv").decode("utf-8-sig"))))
    told = publication.figure("throughput", publication.opens_at(DESIGN), stream=DESIGN)
    assert [int(row["arrivals"]) for row in rows] == told.arrivals.to_list()
    assert [int(row["delivered"]) for row in rows] == told.delivered.to_list()


def test_finished_work_alone_can_not_be_misread_on_the_stage_page(page, app):
    """Co-design: 134 days for the nine that left the status, and 34 in it for about 617."""
    opened(page, f"{app}/stage?stream={DESIGN}&stage=co-design")
    text = page.locator("section.hero").text_content()
    assert "In the status Co-design the 9 that left it had a median of 134 days" in text
    assert "34 are still in it, for a median of 616 days so far" in text
    page.get_by_role("link", name="Time to move on").click()
    expect(
        page.get_by_text("counting only what got through calls a blocked line fast")
    ).to_be_visible()


def test_the_stage_page_has_its_process_behaviour_chart_with_signals_in_words(page, app):
    opened(page, f"{app}/stage?stream={DESIGN}&stage=co-design")
    expect(
        page.get_by_role("heading", name="Co-design: can't tell if it gets faster")
    ).to_be_visible()
    expect(page.get_by_text("Limits start anew in the week of 16 June 2025")).to_be_visible()
    expect(
        page.get_by_text("A point outside the limits (worse), last in the week of")
    ).to_be_visible()


@pytest.mark.more
def test_the_answer_is_the_same_on_every_page(page, app, publication):
    at = publication.opens_at(DESIGN)
    told = publication.figure("verdict", at, stream=DESIGN, stage="").iloc[0]
    assert told.word == faster.UNKNOWN
    assert told.sentence.startswith(
        "Too few move on to tell by their pace: in the last 52 of 120 weeks 1"
    )
    opened(page, f"{app}/?stream={DESIGN}")
    page.locator(".answer summary").hover()
    expect(page.get_by_text(told.sentence)).to_have_count(1)
    expect(page.get_by_text(told.sentence)).to_be_visible()
    chart(page, app, "behaviour")
    expect(page.get_by_text(told.sentence)).to_be_visible()


def test_thin_data_is_refused_a_forecast_with_the_reason(page, app):
    words = chart(page, app, "forecast")
    expect(words).to_contain_text(
        "Too little to forecast from: 1 of the 52 weeks looked at had any"
    )


def test_a_forecast_says_how_often_it_would_have_been_right(page, app):
    words = chart(page, app, "forecast", SUPPLY, of="ask", weeks=13)
    expect(words).to_contain_text(
        "Nothing speaks against the past weeks keeping one pace (4 quarters compared); whether how "
        "long one takes is steady can't be told."
    )
    expect(words).to_contain_text("Within 13 weeks at least 82 will be moved on from Ask")
    expect(page.get_by_text("a sound forecast is right about 85% of the time")).to_be_visible()


def test_whether_it_is_steady_stands_beside_whether_it_gets_faster(page, app, publication):
    told = publication.figure(
        "spread", publication.opens_at(DESIGN), stream=DESIGN, stage="specify"
    )
    assert told.word.iloc[0] == "erratic"
    chart(page, app, "behaviour", of="specify")
    expect(page.get_by_role("heading", name="Specify: erratic")).to_be_visible()
    expect(page.get_by_text(told.sentence.iloc[0])).to_be_visible()
    opened(page, f"{app}/?stream={DESIGN}")
    box = page.locator(".strip article").filter(has=page.get_by_role("heading", name="Specify"))
    expect(box.locator(".facts")).to_contain_text("erratic")


def test_how_steps_are_connected_stands_below_the_moves(page, app, publication):
    told = publication.figure("hand_off", publication.opens_at(DESIGN), stream=DESIGN)
    assert list(told.to_name) == ["Specify", "Co-design", "Add", "Delivered"]
    assert "how long it takes is not recorded" in told.sentence.iloc[0]
    chart(page, app, "moves")
    for sentence in told.sentence:
        expect(page.get_by_text(sentence)).to_be_visible()


@pytest.mark.more
def test_two_kinds_of_item_are_compared(page, app):
    words = chart(page, app, "compare", SUPPLY, of="ask", by="Dataset")
    expect(words).to_contain_text("article-4-direction-area is faster")
    expect(page.get_by_role("table", name="The two groups")).to_be_visible()
    few = chart(page, app, "compare")
    expect(few).to_contain_text("Whole line: can't tell")


def test_a_day_before_anything_happened_has_no_chart_and_says_so(page, app):
    opened_at = f"{app}/flow?stream={DESIGN}&as_of=2020-01-01"
    page.goto(opened_at)
    expect(page.get_by_text("Nothing had happened in this stream by this day.")).to_be_visible()


def test_weeks_whose_source_had_ended_are_not_told_as_weeks_without(publication):
    said = flow.throughput(asked(publication, SUPPLY)).sentences
    assert said[0].startswith("In the 52 weeks up to that of 17 August 2026, 760 arrived, ")
    assert said[2] == (
        "What left Collect after 15 March 2024 is not known, for collection-log ends there: weeks "
        "without may have had some."
    )
    assert not [
        s for s in flow.throughput(asked(publication, DESIGN)).sentences if "not known" in s
    ]


def test_a_chart_s_words_are_seen_when_the_system_turns_dark_while_it_is_open(page, app):
    """At dusk, say; the labels of a chart are drawn by the server, for the ground that it knows of."""
    page.emulate_media(color_scheme="light")
    chart(page, app, "survival")
    steps = page.evaluate("history.length")
    word = page.get_by_test_id("stVegaLiteChart").locator("text").first
    expect(word).to_have_attribute("fill", "#14191d")
    page.emulate_media(color_scheme="dark")
    expect(word).to_have_attribute("fill", "#f2f4f5")
    assert page.evaluate("history.length") == steps
    page.emulate_media(color_scheme="null")
