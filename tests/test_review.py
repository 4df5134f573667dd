"""The review of a line: what changed since the last one, what came to be known late, what was promised."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from browser import AXE, DESIGN, needed, opened, ours, serious, settled
from line import STORY, day, event, publication
from playwright.sync_api import expect
from servers import dashboard

import metrics
from notes import reviewing, store
from notes.note import Note
from telling import review
from telling.asked import asked
from telling.told import Document, Link, Section

ITEM = "<b>z</b> [x](https://example.org/x)"


def words(cell) -> str:
    """A cell as it is read."""
    if isinstance(cell, list):
        return "".join(words(part) for part in cell)
    return cell if isinstance(cell, str) else cell.text


def part(told: Document, title: str) -> Section:
    (found,) = [one for one in told.sections if one.title == title]
    return found


def rows(told: Document, title: str, caption: str) -> list[list[str]]:
    (found,) = [t for t in part(told, title).tables if t.caption == caption]
    return [[words(cell) for cell in row] for row in found.rows]


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The story of tests/line.py, as it was published on 6 January without what happened to z, and
    whole on 1 January 2027."""
    folder = tmp_path_factory.mktemp("review")
    known = [e for e in STORY if e["since"] <= day(6) and e["item"] != "z"]
    publication(folder, known, now=day(6)).close()
    publication(folder, [*STORY, event(ITEM, "A waiting", day(10))]).close()
    return folder


def told(kept, since: float, as_of: float, notes=(), compared: bool = True) -> Document:
    before = metrics.at(kept, day(since)) if compared else None
    one = asked(metrics.open(kept), "line", day(as_of))
    return review.review(one, day(since), notes, before)


def test_what_happened_to_items_is_told_in_the_order_in_which_it_is_read(kept):
    """By hand, of the table in tests/line.py: after 6 January until the noon of the 10th."""
    found = told(kept, 6, 10.5)
    assert part(found, "What changed").said == [
        "1 arrived, 1 moved on, 1 newly blocked, 1 unblocked and 1 abandoned."
    ]
    happened = rows(found, "What changed", "What happened to items")
    assert [what for what, _ in happened] == [
        "arrived", "moved on", "newly blocked", "unblocked", "abandoned"
    ]  # fmt: skip
    names = [ITEM, "x moved on from B to C on 10 January 2026.", "y ", "y ", "z "]
    assert all(text.startswith(name) for (_, text), name in zip(happened, names, strict=True))


def test_an_item_of_a_change_leads_to_where_it_lives(publication):
    one = asked(publication, DESIGN)
    found = review.review(one, one.as_of - timedelta(days=7))
    _, happened, longest = part(found, "What changed").tables
    where = "https://design.planning.data.gov.uk/planning-consideration/"
    assert Link("Nutrient neutrality", f"{where}nutrient-neutrality") in happened.rows[0][1]
    assert Link("Abandoned mines", f"{where}abandoned-mines") in longest.rows[0][1]


def test_what_came_to_be_known_late_is_told_apart_from_what_happened(kept):
    found = told(kept, 6, 10.5)
    late = rows(found, "What came to be known late", "Known otherwise now")
    assert [what for what, _ in late] == ["known late"]
    assert late[0][1].startswith("z arrived in A on 4 January 2026: ")
    alone = part(told(kept, 6, 10.5, compared=False), "What came to be known late")
    assert alone.tables == []
    assert "no publication made by" in alone.said[0]


def test_where_nothing_is_known_it_is_not_said_that_nothing_happened(tmp_path):
    """The list was last read on the 8th."""
    one = publication(tmp_path, [e for e in STORY if e["since"] < day(8)], asked=day(8))
    later = review.review(asked(one, "line", day(20)), day(10))
    assert part(later, "What changed").said[1:] == [
        "! Nothing is known of what happened since then: the data ends 8 January 2026."
    ]
    half = review.review(asked(one, "line", day(20)), day(7))
    assert part(half, "What changed").said[1:] == [
        "! Nothing is known of what happened after 8 January 2026."
    ]


@pytest.mark.more
def test_of_many_changes_of_a_kind_the_first_are_listed_and_the_rest_counted(tmp_path):
    events = [event(f"i{n:02}", "A waiting", day(3)) for n in range(25)]
    one = publication(tmp_path, [*STORY, *events])
    found = review.review(asked(one, "line", day(5)), day(2.5))
    happened = rows(found, "What changed", "What happened to items")
    arrived = [text for what, text in happened if what == "arrived"]
    assert len(arrived) == review.MOST + 1
    assert arrived[-1] == "and 6 more, which 'valuestream changes' lists"


@pytest.mark.parametrize(
    ("reviews", "since"),
    [
        ([], day(6) - timedelta(microseconds=1)),
        ([day(3.25), day(9.5)], day(9.5)),
        ([day(9.5), day(12.25), day(12.5)], day(9.5)),  # those of the day itself are this one
    ],
)
def test_a_review_begins_at_the_last_one_of_an_earlier_day_else_a_week_before(kept, reviews, since):
    one = asked(metrics.open(kept), "line", day(12.5))
    assert review.since(one, date(2026, 1, 12), reviews) == since


def test_before_the_data_begins_a_review_says_so(tmp_path):
    one = publication(tmp_path, STORY)
    found = review.review(asked(one, "line", day(0.5)), day(0))
    assert found.answer.startswith("Nothing is known of this stream. ")
    assert found.sections == []


@pytest.fixture
def promised(kept, tmp_path):
    """Two promises, of the 5th and of the 8th, and a note; in a store of their own."""
    store_ = store.opened(tmp_path)
    about = Note(stream="line", stage="a", action="call them", who="PM", kind="promise")
    old = Note(**{**vars(about), "due": date(2026, 1, 9), "measure": "wip", "value_then": 4.0,
                  "day": date(2026, 1, 5)})  # fmt: skip
    new = Note(**{**vars(about), "action": "<b>write</b>", "due": date(2026, 2, 1),
                  "day": date(2026, 1, 8)})  # fmt: skip
    for one, at in ((old, 5), (new, 8)):
        store_.write(one, "PO", day(at))
    store_.write(Note(stream="line", text="*hm*", day=date(2026, 1, 8)), "PO", day(8))
    return store_


def test_what_was_promised_stands_beside_the_figures_of_now_and_new_promises_come_last(
    kept, promised
):
    """Of the four items of 5 January one has moved on and one was abandoned, one has come."""
    one = asked(metrics.open(kept), "line", day(10.5))
    # What was promised on the day of the last review was promised in it.
    before, since = reviewing.sections(one, promised, day(5.5), day(10.5))
    found = told(kept, 6, 10.5, [before, since])
    titles = [s.title for s in found.sections]
    assert titles[-3:] == ["What was promised", "Goals", "New since then"]
    (row,) = rows(found, "What was promised", "Promises until then")
    assert row == [
        "A", "call them", "PM", "overdue by 1 day (due 9 January 2026)", "items in it", "4 items",
        "2 items", "the right way",
    ]  # fmt: skip
    assert rows(found, "New since then", "New promises")[0][1] == "<b>write</b>"
    assert rows(found, "New since then", "New notes") == [
        ["A line", "*hm*", "PO", "8 January 2026"]
    ]


def test_what_was_noted_after_a_review_on_its_day_is_in_the_next_one(kept, tmp_path):
    """Reviewed at noon of the 3rd; noted two hours before, which it showed, and three after."""
    notes = store.opened(tmp_path)
    for hour, text in ((10, "before"), (15, "after")):
        at = day(3) + timedelta(hours=hour)
        notes.write(Note(stream="line", text=text, day=date(2026, 1, 3)), "PO", at)
    one = asked(metrics.open(kept), "line", day(10.5))
    _, new = reviewing.sections(one, notes, day(3.5), day(10.5))
    assert [row[1] for row in new.tables[1].rows] == ["after"]


def test_a_promise_that_had_ended_before_is_not_told_again(kept, promised):
    one = asked(metrics.open(kept), "line", day(10.5))
    (old,) = [n for n in promised.notes(day(10)) if n.action == "call them"]
    promised.change(old, "PO", day(5.5), state="kept")
    told_, _ = reviewing.sections(one, promised, day(6), day(10.5))
    assert told_.tables[0].rows == []
    (row,) = reviewing.sections(one, promised, day(5.25), day(10.5))[0].tables[0].rows
    assert row[3] == "kept"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The address of an app in which anybody may write, over the story with a year of it to come."""
    folder = tmp_path_factory.mktemp("written")
    publication(folder, [*STORY, event(ITEM, "A waiting", day(10))]).close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VALUESTREAM_WRITE", "1")
        with dashboard(folder, "healthz") as address:
            yield address, folder


def test_the_page_of_the_review_says_what_its_document_says(page, app, publication):
    opened(page, f"{app}/review?stream={DESIGN}&since=2026-04-18")
    one = asked(publication, DESIGN)
    found = review.review(one, publication.day_ends(date(2026, 4, 18), DESIGN))
    text = " ".join(" ".join(filter(None, page.locator(".root").all_inner_texts())).split())
    assert page.locator("h1").inner_text() == found.answer
    for section in found.sections:
        for said in [section.title, *map(words, section.said)]:
            assert " ".join(said.split()) in text
        for row in (row for table in section.tables for row in table.rows):
            for cell in row:
                assert " ".join(words(cell).split()) in text, cell
    assert not ours(page.errors)


@pytest.mark.more
def test_the_example_is_reviewed_since_a_week_before_the_end_of_its_data(page, app):
    opened(page, f"{app}/review?stream={DESIGN}")
    expect(page.get_by_label("Since the end of")).to_have_value("2026-04-25")
    expect(page.get_by_text("From 25 April 2026 to 2 May 2026.")).to_be_visible()
    expect(page.get_by_role("button", name="We reviewed this now")).to_have_count(0)
    page.get_by_label("Since the end of").fill("2026-02-01")
    page.get_by_label("Since the end of").press("Enter")
    expect(page.get_by_text("From 1 February 2026 to 2 May 2026.")).to_be_visible()
    expect(page).to_have_url(f"{app}/review?stream={DESIGN}&since=2026-02-01")
    page.go_back(wait_until="commit")
    expect(page.get_by_text("From 25 April 2026 to 2 May 2026.")).to_be_visible()


@pytest.mark.more
def test_that_it_was_reviewed_is_kept_with_who_says_so(page, written):
    address, folder = written
    opened(page, f"{address}/review")
    button = page.get_by_role("button", name="We reviewed this now")
    button.click()
    expect(page.get_by_text("Say who you are: a name or a role.")).to_be_visible()
    page.get_by_label("Your name or role").last.fill("the service owner")
    page.get_by_label("Your name or role").last.press("Enter")
    settled(page)
    button.click()
    expect(page.get_by_text("Kept: reviewed as of ")).to_be_visible()
    (at,) = store.opened(folder).reviews("line", day(1) + timedelta(days=4000))
    opened(page, f"{address}/review?as_of=2026-01-09")
    expect(button).to_have_count(0)  # of a past day it is not kept
    assert at > day(300)


@pytest.mark.more
def test_the_names_of_a_review_are_shown_letter_for_letter(page, written):
    opened(page, f"{written[0]}/review?as_of=2026-01-11")
    row = page.get_by_role("table", name="What happened to items").get_by_role("row").nth(1)
    assert row.inner_text().split("\t") == ["arrived", f"{ITEM} arrived in A on 10 January 2026."]


def test_axe_finds_nothing_serious_in_the_review(page, app, scheme):
    needed(AXE, "axe-core")
    opened(page, f"{app}/review?stream={DESIGN}")
    assert not serious(page)
