"""The Pipeline page and the boxes of processes on Overview, in a real browser."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pandas
import pytest
from browser import AXE, DESIGN, downloaded, named, needed, opened, ours, serious, settled
from looked import check, prepared, published, written
from playwright.sync_api import expect
from seeds import some
from servers import dashboard

from dashboard.pages.pipeline import SHOWN
from telling import processes
from telling.asked import asked


def test_the_boxes_say_what_the_figure_says_on_both_pages(page, app, publication):
    status = publication.figure("process_status", publication.processes_open_at())
    for path, boxes in (("pipeline", "article"), (f"?stream={DESIGN}", ".processes article")):
        opened(page, f"{app}/{path}")
        told = {
            b.get_by_role("heading").inner_text(): b.inner_text() for b in page.locator(boxes).all()
        }
        assert list(told) == list(
            processes.status(asked(publication, DESIGN).processes()).process_name
        )
        for row in status.itertuples():
            assert row.word in told[row.process_name]
            if path == "pipeline":
                assert row.sentence in told[row.process_name]
            elif not pandas.isna(row.checks):
                failed = f"{row.failed:,.0f} of {row.checks:,.0f} failed"
                assert failed in told[row.process_name]
    expect(
        page.get_by_text(
            "Processes on 7 March 2024: 3 failing, 2 to watch, 2 not judged and 2 healthy"
        )
    ).to_be_visible()
    assert not ours(page.errors)


def test_the_page_answers_first_what_fails_and_since_when(page, app):
    opened(page, f"{app}/pipeline")
    assert page.locator("h1").inner_text() == (
        "Failing: conservation-area (since 17 February 2024), developer-contributions (since 16 December "
        "2022) and listed-building (since 29 February 2024)."
    )
    expect(
        page.get_by_text("Shown as of 7 March 2024, the last day of this example's data")
    ).to_be_visible()
    link = page.get_by_role(
        "link", name="https://www.darlington.gov.uk/media/2285/brownfield_land_register.csv"
    )
    expect(link).to_have_attribute(
        "href", "https://datasette.planning.data.gov.uk/digital-land/endpoint/"
        "c976f22b34262dd3a24d1f1c6e2ac77214f5a964ec49fbc05d053f0f76c468d9",
    )  # fmt: skip


@pytest.mark.parametrize("show", some(SHOWN))
def test_every_part_has_its_words_and_no_error(page, app, show):
    opened(page, f"{app}/pipeline?show={show}&process=collection/brownfield-land")
    expect(page.locator("h1")).to_have_count(1)
    expect(page.get_by_text("encountered an error")).to_have_count(0)
    if show not in ("now", "failing"):
        drawn = page.get_by_test_id("stVegaLiteChart").first
        expect(drawn).to_be_visible()
        said = drawn.evaluate(
            "e => [e, ...e.querySelectorAll('[aria-label]')].map(x => x.getAttribute('aria-label')).join(' ')"
        )
        assert "The table holds the same rows." in said
        expect(page.get_by_text("The numbers behind this chart").first).to_be_visible()
    assert not ours(page.errors)


def test_a_click_on_a_box_of_overview_leads_to_its_process(page, app):
    opened(page, f"{app}/?stream={DESIGN}")
    box = page.locator(".processes article").filter(
        has=page.get_by_role("heading", name="listed-building")
    )
    box.locator(".why").click()
    expect(page.locator("h1")).to_have_text("listed-building: failing, longest first")
    settled(page)
    assert "show=failing&process=collection%2Flisted-building" in page.url
    expect(
        page.get_by_text("2 of the last 5 runs did not take place; it turns back")
    ).to_be_visible()
    expect(page.get_by_role("cell", name="27 February 2024")).to_be_visible()


def test_the_download_holds_the_rows_of_the_figure(page, app, publication):
    opened(page, f"{app}/pipeline?show=failing")
    rows = list(csv.DictReader(io.StringIO(downloaded(page, "csv").decode("utf-8-sig"))))
    told = publication.figure("failing", publication.processes_open_at())
    assert [row["Key"] for row in rows] == told.subject.to_list()


def test_a_past_day_is_shown_as_it_was(page, app):
    opened(page, f"{app}/pipeline?as_of=2022-12-12")
    expect(page.get_by_text("Shown as of 12 December 2022")).to_be_visible()
    box = page.locator("article").filter(has=page.get_by_role("heading", name="brownfield-land"))
    expect(box.get_by_text("Not running")).to_be_visible()
    expect(box.get_by_text("5 of the last 5 runs did not take place")).to_be_visible()


@pytest.mark.more
def test_a_day_in_summer_is_that_day_on_the_page_in_its_links_and_in_its_downloads(page, app):
    """It ends at midnight in UTC, which is one in the morning of the next day in London."""
    opened(page, f"{app}/pipeline?show=failing&as_of=2023-07-12")
    expect(page.get_by_text("Shown as of 12 July 2023")).to_be_visible()
    assert named(page, "csv") == "processes-failing-2023-07-12.csv"
    opened(page, f"{app}/pipeline?as_of=2023-07-12")
    link = page.locator("article").first.get_by_role("link")
    assert link.get_attribute("href").endswith("&as_of=2023-07-12")


def test_stale_is_never_green_and_nothing_known_is_never_nothing_failed(page, app):
    opened(page, f"{app}/pipeline?show=errors&as_of=2024-09-01")
    expect(
        page.get_by_text("Nothing was checked in the 13 whole weeks before this day.")
    ).to_be_visible()
    opened(page, f"{app}/pipeline?as_of=2024-06-01")
    expect(page.get_by_text("Too little is known of them.")).to_be_visible()
    assert set(page.locator("article .verdict").all_inner_texts()) == {"?\nStale", "?\nNo data"}


@pytest.mark.parametrize("show", some(["now", "errors", "recovery"]))
def test_axe_finds_nothing_serious(page, app, scheme, show):
    needed(AXE, "axe-core")
    opened(page, f"{app}/pipeline?show={show}")
    assert not serious(page)


@pytest.fixture(scope="module")
def other_team(tmp_path_factory):
    """Names that would be Markdown or HTML, a process that never failed, one that only fails, and
    one looked at for the first time an hour ago."""
    folder, now = tmp_path_factory.mktemp("looked"), datetime.now(UTC)
    days = [now - timedelta(days=n) for n in range(12, 0, -1)]
    written(folder, [
        *(check("**p**", "<b>a</b>", day) for day in days),
        *(check("q", "# b", day, ok=False, detail="[x](javascript:alert(1))") for day in days),
        check("build", "Tests", now - timedelta(hours=1), ok=False, group="builds"),
    ])  # fmt: skip
    published(folder, prepared(folder), now).close()
    with dashboard(folder, "healthz") as address:
        yield address


@pytest.mark.parametrize("show", some(SHOWN))
def test_another_team_s_processes_open_on_every_part(page, other_team, show):
    more = ["pages/**p**", "pages/q"] if show == "now" else []
    for process in ["pages/", "builds/build", *more]:
        opened(page, f"{other_team}/pipeline?show={show}&process={process}".replace("*", "%2A"))
        expect(page.get_by_text("encountered an error")).to_have_count(0)
        if show == "now":
            expect(page.get_by_role("heading", name="**p**", exact=True).first).to_be_visible()
            told = page.get_by_text("[x](javascript:alert(1))", exact=True)
            expect(told).to_have_count(1 if process in ("pages/", "pages/q") else 0)
    assert not ours(page.errors)


@pytest.mark.more
def test_a_line_without_processes_says_how_to_add_them(page, tmp_path):
    from line import STORY, publication

    publication(tmp_path, STORY).close()
    with dashboard(tmp_path, "healthz") as address:
        page.goto(f"{address}/pipeline")
        expect(page.get_by_text("stages.yaml names none: add what is looked at")).to_be_visible()
