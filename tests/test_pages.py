"""The real app on the real example, in a real browser."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from urllib.request import urlopen

import openpyxl
import pandas
import pytest
from browser import (
    AXE,
    DESIGN,
    SUPPLY,
    downloaded,
    named,
    needed,
    opened,
    ours,
    serious,
    settled,
    unfolded,
)
from independent_time import Line
from line import LINE, STORY, day, event, publication
from playwright.sync_api import expect
from random_lines import Drawn, settings
from servers import dashboard

from telling import exports, sources, words
from telling.asked import asked


def boxes(page) -> dict[str, str]:
    """Each box's text by its heading."""
    return {
        b.get_by_role("heading").inner_text(): b.inner_text()
        for b in page.locator(".strip article").all()
    }


@pytest.mark.parametrize("stream", [DESIGN, SUPPLY])
def test_the_boxes_say_what_the_figures_say(page, app, publication, stream):
    opened(page, f"{app}/?stream={stream}")
    told = boxes(page)
    at = publication.opens_at(stream)
    status = publication.figure("status", at, stream=stream)
    queue = publication.figure("queue_size", at, stream=stream).set_index("stage")
    assert list(told) == list(status.stage_name)
    known = publication.table("stage", stream=stream).set_index("stage")
    reasons = publication.figure("target_now", at, stream=stream)
    for row in status.itertuples():
        box = page.locator(".strip article").nth(list(told).index(row.stage_name))
        assert row.word in told[row.stage_name]
        assert row.sentence in box.locator(".more").text_content()
        if row.colour == "red":
            mine = reasons[(reasons.stage == row.stage) & (reasons.verdict == "red")]
            assert box.locator(".why").inner_text() in set(mine.said)
        inside = queue.working[row.stage] + queue.blocked[row.stage]
        told_work = f"{inside:,}" if inside or known.has_work[row.stage] else "?"
        assert box.locator(".inside b").inner_text() == told_work
    waiting = page.locator(".before .count").all_inner_texts()
    expected = [f"{n:,}" if known.has_wait[s] else "?" for s, n in queue.waiting.items()]
    assert waiting == expected
    assert not ours(page.errors)
    # Each stream opens where its own data ends, and says so.
    others = [publication.opens_at(name) for name in (stream, *({DESIGN, SUPPLY} - {stream}))]
    said = [one.inner_text() for one in page.locator(".name .shown").all()]
    assert [one.split(",")[0] for one in said] == [
        f"Shown as of {words.day(at, 'Europe/London')}" for at in others
    ]
    opened(page, f"{app}/?stream={stream}&as_of=2025-03-01")
    assert page.locator(".name .shown").count() == 1


def test_one_screen_answers_shows_every_stage_every_stream_and_every_process(page, app):
    opened(page, f"{app}/?stream={DESIGN}")
    heading = page.locator("h1")
    assert heading.inner_text() == (
        "Co-design is stuck: nothing has moved on for 394 days, limit 60; 42 in it."
    )
    assert page.locator(".answer .sub").inner_text() == (
        "? Can't tell if it gets faster or is steady. Also stuck: Discover and Specify. "
        "1 delivered in 52 weeks. Since last week: nothing came and 1 moved on."
    )
    found = page.locator("article").all()
    assert len(found) == 4 + 2 + 9
    for box in found:
        place = box.bounding_box()
        assert place["y"] + place["height"] <= 720, box.inner_text()
    expect(
        page.get_by_text("Shown as of 2 May 2026, the last day of this example's data")
    ).to_be_visible()


def test_the_rest_of_a_box_unfolds_by_pointer_by_keyboard_and_by_click(page, app):
    opened(page, f"{app}/?stream={DESIGN}")
    more = page.locator(".strip details.more").nth(2)
    said, rest = more.locator("summary"), page.get_by_text("Covers: Co-design, Test and iterate.")
    expect(rest).not_to_be_visible()
    said.hover()
    expect(rest).to_be_visible()
    rest.hover()  # it stays while the pointer is on it
    expect(rest).to_be_visible()
    page.locator("h1").hover()
    expect(rest).not_to_be_visible()
    said.focus()
    page.keyboard.press("Enter")
    expect(rest).to_be_visible()
    page.keyboard.press("Escape")
    expect(rest).not_to_be_visible()
    said.click()
    page.locator("h1").hover()
    expect(rest).to_be_visible()  # a click keeps it, and does not open the stage
    assert "/stage" not in page.url
    assert rest.bounding_box()["y"] + rest.bounding_box()["height"] <= 720


def test_what_to_talk_about_has_its_links_and_those_in_its_reasons(page, app):
    opened(page, f"{app}/?stream={DESIGN}")
    rows = page.get_by_role("table", name="Talk about these").get_by_role("row")
    assert rows.count() == 1 + 10
    row = rows.filter(has_text="Gypsy, Roma & traveller sites")
    reason = row.get_by_role("link", name="draft data model")
    assert reason.get_attribute("href") == "https://removed.example/"
    assert "](" not in row.inner_text()


def test_a_click_on_a_box_reaches_its_items_and_the_address_opens_them_again(
    page, app, publication
):
    opened(page, f"{app}/?stream={DESIGN}")
    page.locator(".strip article").filter(
        has=page.get_by_role("heading", name="Co-design")
    ).locator(".why").click()
    expect(page.locator("h1")).to_have_text("Co-design")
    settled(page)
    expect(page).to_have_url(f"{app}/stage?stream={DESIGN}&stage=co-design")
    expect(page.get_by_text("42 of 42 items shown.")).to_be_visible()
    address = page.url
    opened(page, address)
    expect(page.locator("h1")).to_have_text("Co-design")
    opened(page, f"{address}&blocked=blocked")
    expect(page.get_by_text("4 of 42 items shown.")).to_be_visible()
    assert not ours(page.errors)


def test_the_stage_page_cannot_hide_unfinished_work(page, app):
    opened(page, f"{app}/stage?stream={DESIGN}&stage=co-design")
    text = page.locator("section.hero").text_content()
    assert "not reached" in text
    assert "3 of 46 entered have moved on; 42 still in, for a median of 627 days" in text


def test_a_past_day_in_the_address_is_shown_as_it_was(page, app):
    opened(page, f"{app}/?stream={DESIGN}&as_of=2025-05-31")
    expect(page.get_by_text("Shown as of 31 May 2025")).to_be_visible()
    assert page.locator(".before .count").first.inner_text() == "186"


def test_everything_can_be_reached_by_keyboard(page, app):
    opened(page, f"{app}/?stream={DESIGN}")
    for _ in range(60):
        page.keyboard.press("Tab")
        if (
            page.evaluate("""() => { let e = document.activeElement;
                while (e && e.shadowRoot) e = e.shadowRoot.activeElement; return e && e.textContent }""")
            == "Specify"
        ):
            break
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Specify")


def test_the_download_holds_exactly_the_rows_shown(page, app, publication):
    opened(page, f"{app}/stage?stream={DESIGN}&stage=specify")
    expect(page.get_by_text("13 of 13 items shown.")).to_be_visible()
    rows = list(csv.reader(io.StringIO(downloaded(page, "csv").decode("utf-8-sig"))))
    told = publication.figure("age", publication.opens_at(DESIGN), stream=DESIGN, stage="specify")
    assert sorted(row[rows[0].index("Key")] for row in rows[1:]) == sorted(told["item"])
    book = openpyxl.load_workbook(io.BytesIO(downloaded(page, "xlsx")))
    assert book.active.max_row == len(rows) == 14


def test_a_download_has_days_as_days_and_three_decimals_and_leaves_counts_and_ids_alone():
    at = pandas.Timestamp("2026-05-02T00:22:35.123456", tz="UTC")
    rows = pandas.DataFrame({
        "item": ["0012.34567", "x"], "key": [9007199254740993, 1], "count": [1234567.0, None],
        "days": [1 / 3, 2.0], "week": [pandas.Timestamp("2026-04-27"), None], "at": [at, None],
    })  # fmt: skip
    assert exports.csv(rows).decode("utf-8-sig").splitlines() == [
        "item,key,count,days,week,at",
        "0012.34567,9007199254740993,1234567.0,0.333,2026-04-27,2026-05-02T00:22:35Z",
        "x,1,,2.0,,",
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(exports.xlsx(rows))).active
    told = [cell.value for cell in sheet[2]]
    assert told[3:] == [0.333, datetime(2026, 4, 27), "2026-05-02T00:22:35Z"]
    assert sheet["E2"].number_format == "YYYY-MM-DD"
    assert rows.days[0] == 1 / 3  # the frame is shared


def test_a_source_says_when_it_was_asked_and_since_when_it_tells_the_same(tmp_path):
    """Its newest event is of 12 January; it was last read on the 20th, and again told the same."""
    told = asked(publication(tmp_path, STORY, asked=day(20)), "line", day(25))
    table = sources.freshness(told, told.figure("freshness"), "")
    row = dict(zip(table.columns, table.rows[0], strict=True))
    assert table.columns[:4] == ["Source", "How it stands", "Last asked", "Identical since"]
    assert (row["Identical since"], row["Newest data"]) == ("12 January 2026", "12 January 2026")
    fresh = told.figure("freshness").assign(last_outcome="refused", last_reason="not a CSV")
    refused = sources.freshness(told, fresh, "").rows[0]
    assert refused[1] == "last answer refused: not a CSV; up to date"


def test_the_sources_page_shows_what_was_refused(page, app):
    opened(page, f"{app}/sources?stream={DESIGN}")
    expect(page.get_by_text("156 rows or whole answers could not be used")).to_be_visible()
    expect(page.get_by_text("157 taken, 2 refused")).to_be_visible()
    assert named(page, "csv") == f"{DESIGN}-refused-2026-05-02.csv"
    head = csv.reader(io.StringIO(downloaded(page, "csv").decode("utf-8-sig")))
    assert next(head) == ["Reason", "What it said", "Field", "Source", "File or address", "Line"]
    opened(page, f"{app}/sources?stream={DESIGN}&as_of=2024-02-01")
    never = page.get_by_role("row").filter(has_text="nightly-snapshots")
    expect(never).to_contain_text("told nothing by this day")
    assert not ours(page.errors)


@pytest.mark.parametrize(
    ("path", "scheme"),
    [
        *((path, "light") for path in ("", "stage", "flow", "sources")),
        ("stage", "dark"),
        *(pytest.param(path, "dark", marks=pytest.mark.more) for path in ("", "flow", "sources")),
    ],
    indirect=["scheme"],
)
def test_axe_finds_nothing_serious_that_is_ours(page, app, scheme, path):
    needed(AXE, "axe-core")
    opened(page, f"{app}/{path}?stream={DESIGN}")
    assert page.get_by_test_id("stApp").evaluate("e => getComputedStyle(e).backgroundColor") == {
        "light": "rgb(255, 255, 255)", "dark": "rgb(17, 23, 28)"
    }[scheme]  # fmt: skip
    assert not serious(page)


def test_no_page_sends_much(page, app):
    """What a box is drawn with comes once, a table only when it is unfolded; messages are of the
    connection of one visitor who goes from page to page."""
    page.goto("about:blank")
    heard: list[int] = []
    page.once(
        "websocket", lambda socket: socket.on("framereceived", lambda m: heard.append(len(m)))
    )
    for path in ("", "stage?stage=co-design", "pipeline?show=speed"):
        heard.clear()
        opened(page, f"{app}/{path}")
        assert len(heard) <= 30, path
        assert 5_000 < sum(heard) < 400_000, path
    opened(page, f"{app}/flow?chart=lead")
    heard.clear()
    unfolded(page)
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    assert len(heard) <= 15


def test_the_server_sends_its_security_headers_and_its_health(app, example):
    with urlopen(f"{app}/healthz", timeout=10) as answer:
        assert (example / "published/current").read_text() in answer.read().decode()
        assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


FURTHER = [
    pytest.param(path, marks=pytest.mark.more) for path in ("flow", "flow?chart=ageing", "sources")
]


@pytest.mark.parametrize("path", ["", "stage", *FURTHER])
def test_another_team_s_line_with_gaps_in_its_data_can_be_opened(page, other_team, path):
    """A status nobody mapped, no reasons, nothing delivered: every page opens all the same."""
    opened(page, f"{other_team}/{path}")
    expect(page.locator("h1").first).to_be_visible()
    text = page.locator(".stMain").inner_text()
    assert "Error" not in text
    assert "encountered an error" not in text
    if path == "":
        expect(page.locator("h1")).to_contain_text("1 item in no box.")
        expect(page.get_by_text("maps their status to no stage: Mystery.").first).to_be_visible()
    assert not ours(page.errors)


@pytest.fixture(scope="module")
def other_team(tmp_path_factory):
    folder = tmp_path_factory.mktemp("team")
    now = datetime.now(UTC) - timedelta(days=30)
    events = [event("x", "A waiting", now), event("y", "Mystery", now + timedelta(days=2)),
              event("z", "B working", now + timedelta(days=3)),
              event("z", "legal", now + timedelta(days=5), kind="blocked")]  # fmt: skip
    others = [event("x", "A waiting", now) | {"source": name} for name in OTHERS]
    others += [event(item, "A waiting", now) | {"source": "other-6"} for item in "yz"]
    text = settings({name: Drawn([], Line()) for name in ("log", *OTHERS)})
    publication(folder, [*events, *others], text=text, now=datetime.now(UTC)).close()
    with dashboard(folder, "healthz") as address:
        yield address


OTHERS = [f"other-{n}" for n in range(7)]


def test_many_streams_fold_to_counts_and_unfold(page, other_team):
    opened(page, other_team)
    rows = page.locator("section > .name h2 a")
    assert rows.count() == len(OTHERS)
    assert rows.first.inner_text() == "Line other-6"  # three wait where two may: the worst first
    fold = page.locator("details.fold").first
    assert fold.locator("summary").inner_text() == "5 more streams: 5 not judged"
    expect(page.get_by_role("link", name="Line other-5")).not_to_be_visible()
    fold.locator("summary").press("Enter")
    expect(page.get_by_role("link", name="Line other-5")).to_be_visible()
    page.get_by_role("link", name="Line other-5").click()
    expect(page.get_by_role("heading", name="Line other-5", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Line other-5")).to_have_count(0)
    expect(page.get_by_role("link", name="Line log")).to_be_visible()


def test_an_open_page_goes_on_by_itself_and_is_not_drawn_anew_for_nothing(context, tmp_path):
    """Half a minute at a time: to the first that is published, then to the one after."""
    page, sent = context.new_page(), []
    page.on("websocket", lambda line: line.on("framesent", lambda frame: sent.append(frame)))
    page.clock.install()

    def half_a_minute_later() -> None:
        settled(page)
        sent.clear()
        with page.expect_response("**/newest"):
            page.clock.fast_forward(30_000)

    with dashboard(tmp_path, "_stcore/health") as address:
        page.goto(address)
        to_run = page.get_by_text("run 'valuestream collect' and then 'valuestream publish'")
        expect(to_run).to_be_visible()
        for number, name in enumerate(("The first", "The one after")):
            text = LINE.replace("A line", name)
            publication(tmp_path, STORY, text, now=day(20 + number)).close()
            half_a_minute_later()
            expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
            expect(to_run).to_have_count(0)
        half_a_minute_later()
        page.wait_for_timeout(500)
        assert not sent
    page.close()
