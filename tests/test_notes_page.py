"""Notes on the pages: letter for letter in a real browser, as they stood, written only by who may."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import looked
import pytest
from browser import CHROMIUM, needed, opened, serious, settled
from oidc_provider_mock import User, run_server_in_thread
from playwright.sync_api import expect
from servers import ROOT, dashboard, free_port, running
from test_sign_in import PEOPLE, cookies, environment, signed_in
from visitor import connected, drawn, shown

from notes import store
from notes.note import Note
from settings import stages

HOSTILE = (
    "**b** [x](http://e.example/) :red[r] <b>t</b><script>alert(1)</script> $x^2$ `c` "
    ":material/home: ~~s~~ # h =1+1"
)
TEXT = looked.LOOKED.replace(
    "stages: {a: {name: A, queue: [Waiting]}}",
    """stale_after: 100000
    same_after: 100000
    stages:
      a: {name: A, queue: [Waiting], work: [Doing]}
      b: {name: B, work: [Testing], done: [Done]}""",
)
LIST = "item,status,since\nx,Waiting,2026-01-01\nx,Testing,2026-01-06\ny,Doing,2026-01-02\n"
OF_A = Note(stream="line", stage="a")
STAGE = "/stage?stage=a"
FORM = "Write a note or a promise, change or end one"
# While a fold opens, what lies below it may still cover what a click is meant for.
STILL = "() => document.getAnimations().every(one => one.playState !== 'running')"
# What reads no Markdown: our own boxes, charts, and what is typed into a field.
LETTER_FOR_LETTER = {"bidi_component", "vega_lite_chart", "text_area", "text_input", "selectbox"}


@pytest.fixture(scope="module")
def story(tmp_path_factory) -> Path:
    """A data folder with a line and processes."""
    folder = tmp_path_factory.mktemp("story")
    told = looked.prepared(folder, TEXT)
    (folder / "list.csv").write_text(LIST)
    looked.written(folder, looked.STORY)
    looked.published(folder, told, looked.at(14)).close()
    return folder


@pytest.fixture(scope="module")
def kept(story) -> store.Store:
    """Its notes, of days that are told by hand; those of stage b are for all to write."""
    notes = store.opened(story)
    first = notes.write(
        replace(OF_A, text=f"first {HOSTILE}", day=date(2026, 1, 5)), HOSTILE, looked.at(5)
    )
    item = replace(OF_A, text="of an item", item="y", day=date(2026, 1, 8))
    notes.write(item, "Bob", looked.at(8))
    notes.change(first, "Bob", looked.at(9), text=f"then {HOSTILE}")
    of_p = Note(text=f"process {HOSTILE}", process_group="pages", process="p")
    notes.write(of_p, "Ann", looked.at(3))
    return notes


@pytest.fixture(scope="module")
def writing(kept):
    """An app in which whoever reaches it may write."""
    needed(CHROMIUM, "Chromium")
    with ExitStack() as until_done:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("VALUESTREAM_WRITE", "1")
            address = until_done.enter_context(dashboard(kept.file.parent, "healthz"))
        yield address  # other apps, which begin meanwhile, have it switched off


def unfolded(page, address: str) -> None:
    """A page with the form of its notes open."""
    opened(page, address)
    save = page.get_by_role("button", name="Save")
    if not save.is_visible():  # it stays open on a page to which one comes back
        page.get_by_text(FORM).click()
    expect(save).to_be_visible()
    settled(page)
    page.wait_for_function(STILL)


def choose(page, label: str, option: str) -> None:
    """One of a list: it closes when the page scrolls, so that is done first."""
    field = page.get_by_label(label, exact=True)
    field.scroll_into_view_if_needed()
    settled(page)
    page.wait_for_function(STILL)
    field.locator("xpath=..").get_by_role("button").click()
    page.get_by_role("listbox").get_by_role("option", name=option, exact=True).click()


def save(page, is_kept: bool = True) -> None:
    """The form is gone once it has been kept."""
    page.get_by_role("button", name="Save").click()
    if is_kept:
        expect(page.get_by_role("button", name="Save")).to_have_count(0)


def of(kept: store.Store, stage: str) -> list[Note]:
    return kept.notes(datetime.now(UTC), stage=stage)


def sent(address: str, path: str) -> list:
    with connected(address) as connection:
        return shown(connection, path)


def listed(page, text: str):
    """What stands in the list of notes, not what is typed into a field."""
    return page.get_by_role("listitem").get_by_text(text, exact=True)


def test_a_promise_is_written_in_a_browser_and_stands_letter_for_letter(writing, kept, page):
    unfolded(page, f"{writing}/stage?stage=b")
    page.get_by_label("What you think").fill(f"{HOSTILE}\nsecond line")
    page.get_by_label("What is done").fill(f"Do {HOSTILE}")
    page.get_by_label("Who (a role is enough)").fill(f"who {HOSTILE}")
    page.get_by_role("spinbutton", name="day, By when").click()
    page.keyboard.type("01012027")
    choose(page, "Figure it should move", "items in it, now 1 item")
    page.get_by_label("Your name or role").fill(f"by {HOSTILE}")
    save(page)
    for text in (f"Do {HOSTILE}", f" – who {HOSTILE}, ", f"{HOSTILE}\nsecond line"):
        expect(listed(page, text)).to_be_visible()
    expect(page.get_by_text("Items in it: 1 item then and now: has not moved.")).to_be_visible()
    (note,) = of(kept, "b")
    assert (note.text, note.action, note.who) == (
        f"{HOSTILE}\nsecond line", f"Do {HOSTILE}", f"who {HOSTILE}",
    )  # fmt: skip
    assert (note.by, note.kind, note.measure, note.value_then) == (
        f"by {HOSTILE}", "promise", "wip", 1,
    )  # fmt: skip
    assert (note.about[:2], note.due) == (("line", "b"), date(2027, 1, 1))

    # What is chosen to be changed, and its form, are letter for letter too, and begin with what is kept.
    page.get_by_text(FORM).click()
    page.get_by_role("button", name="Save").wait_for()
    choose(page, "Which", f"Do {HOSTILE}"[:70] + f"… (by {HOSTILE}, promise)")
    expect(page.get_by_label("What you think")).to_have_value(f"{HOSTILE}\nsecond line")
    expect(page.get_by_label("What is done")).to_have_value(f"Do {HOSTILE}")
    choose(page, "It is", "not kept")
    save(page)
    page.get_by_text("1 ended").click()
    expect(page.get_by_text("not kept. ", exact=True)).to_be_visible()
    assert [n.state for n in kept.history(note.note)] == ["open", "broken"]


@pytest.mark.more
def test_of_two_who_change_one_at_once_both_see_and_neither_loses_a_word(writing, kept, page):
    note = kept.write(replace(OF_A, stage="b", text="as it was"), "Ann", datetime.now(UTC))
    unfolded(page, f"{writing}/stage?stage=b")
    choose(page, "Which", "as it was (Ann, note)")
    expect(page.get_by_label("What you think")).to_have_value("as it was")
    page.get_by_label("What you think").fill("mine, typed for long")
    theirs = kept.change(note, "Bob", datetime.now(UTC), text=f"theirs {HOSTILE}")
    page.get_by_label("Your name or role").fill("Cyd")
    save(page, is_kept=False)
    expect(page.get_by_text("Bob has changed this since you opened it.")).to_be_visible()
    expect(page.get_by_text(f"what is thought: theirs {HOSTILE}")).to_be_visible()
    expect(page.get_by_label("What you think")).to_have_value("mine, typed for long")
    assert kept.history(note.note) == [note, theirs]
    save(page)
    expect(listed(page, "mine, typed for long ")).to_be_visible()
    assert [n.text for n in kept.history(note.note)] == [
        "as it was", f"theirs {HOSTILE}", "mine, typed for long",
    ]  # fmt: skip


def test_what_can_not_be_kept_is_said_and_what_was_typed_stays(writing, kept, page):
    before = of(kept, "a")
    unfolded(page, writing + STAGE)
    page.get_by_label("What is done").fill("Ask")
    page.get_by_label("Your name or role").fill("Ann")
    save(page, is_kept=False)
    expect(page.get_by_text("A promise needs more: say who does it")).to_be_visible()
    expect(page.get_by_label("What is done")).to_have_value("Ask")
    assert of(kept, "a") == before


@pytest.mark.more
def test_what_is_being_typed_stays_when_something_newer_is_published(story, writing, context):
    page = context.new_page()
    page.clock.install()
    unfolded(page, writing + STAGE)
    page.get_by_label("What you think").fill("half a thou")
    page.get_by_label("What is done").fill("Ask")
    looked.published(story, stages.read(story / "stages.yaml"), looked.at(15)).close()
    with page.expect_response("**/newest"):
        page.clock.fast_forward(30_000)
    page.wait_for_timeout(1000)
    settled(page)
    expect(page.get_by_label("What you think")).to_have_value("half a thou")
    expect(page.get_by_label("What is done")).to_have_value("Ask")
    page.close()


def test_the_form_passes_axe_and_fits_a_phone(writing, page, scheme):
    page.set_viewport_size({"width": 390, "height": 844})
    unfolded(page, writing + STAGE)
    assert serious(page) == []
    expect(page.get_by_role("button", name="Save")).to_be_visible()  # it was there to be looked at
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1280, "height": 720})


def test_a_past_day_shows_the_notes_as_they_stood_then_and_offers_no_writing(writing):
    found = {}
    for day in (8, 12):
        told = str(sent(writing, f"{STAGE}&as_of=2026-01-{day:02}"))
        words = ("first **b**", "of an item", "then **b**", FORM)
        found[day] = [word for word in words if word in told]
    assert found == {8: ["first **b**", "of an item"], 12: ["of an item", "then **b**"]}


def test_no_note_reaches_what_reads_markdown(writing):
    messages = sent(writing, STAGE)
    assert FORM in str(messages)
    told = drawn(messages)
    kinds = {one.WhichOneof("type") for one in told if "**b**" in str(one)}
    assert kinds == {"bidi_component", "vega_lite_chart"}


def test_notes_are_marked_on_the_charts_of_their_stage_and_said_in_words(writing):
    told = drawn(sent(writing, f"{STAGE}&as_of=2026-01-12"))
    marked = "Notes are marked by their numbers: 1 on 5 January 2026 and 2 on 8 January 2026."
    assert any(marked in str(one) for one in told)
    (chart, *_) = [str(one) for one in told if one.WhichOneof("type") == "vega_lite_chart"]
    assert "1: then **b**" in chart and "2: of an item" in chart
    elsewhere = sent(writing, "/stage?stage=b&as_of=2026-01-12")
    assert "of an item" not in str(elsewhere)


def test_a_process_has_its_notes_on_its_page(writing):
    assert f"process {HOSTILE}" in str(sent(writing, "/pipeline?process=pages/p"))
    assert "process **b**" not in str(sent(writing, "/pipeline?process=pages/q"))


def test_a_damaged_file_of_notes_is_said_and_the_page_goes_on(writing, kept):
    whole = kept.file.read_bytes()
    kept.file.write_bytes(b"no database" * 500)
    try:
        told = str(sent(writing, STAGE))
    finally:
        kept.file.write_bytes(whole)
    assert "be read: file is not a database. Move it away" in told
    assert "Open items: 1" in told and "In this stage, day by day" in told


def test_where_writing_is_not_switched_on_nobody_is_offered_to(app):
    assert FORM not in str(sent(app, "/stage"))


@pytest.fixture(scope="module")
def team(story, tmp_path_factory):
    """The address of an app in which people sign in, and its notes."""
    folder = tmp_path_factory.mktemp("team") / "data"
    shutil.copytree(story, folder, ignore=shutil.ignore_patterns("notes*"))
    notes, port = store.opened(folder), free_port()
    users = [User(sub=sub, claims=told) for sub, (told, _) in PEOPLE.items()]
    address = f"http://localhost:{port}"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    with run_server_in_thread(user_claims=users) as server:
        provider = f"http://localhost:{server.server_port}/.well-known/openid-configuration"
        told = environment(address, provider) | {"VALUESTREAM_DATA": str(notes.file.parent)}
        port_is = ["--server.port", str(port)]
        with running([*command, *port_is], f"{address}/healthz", cwd=ROOT, env=os.environ | told):
            yield address, notes


@pytest.mark.more
def test_where_people_sign_in_a_writer_writes_under_his_own_name(team, page):
    address, notes = team
    writer = signed_in(address, "wim")
    page.context.add_cookies(
        [{"name": c.name, "value": c.value, "url": address} for c in writer.cookies]
    )
    unfolded(page, address + STAGE)
    expect(page.get_by_label("Your name or role")).to_have_count(0)
    page.get_by_label("What you think").fill("signed")
    save(page)
    expect(listed(page, "signed ")).to_be_visible()
    page.context.clear_cookies(domain=urlsplit(address).hostname)
    assert [(n.text, n.by) for n in of(notes, "a")] == [("signed", "wim@other.example")]


def test_where_people_sign_in_a_viewer_is_not_offered_to_write(team):
    address, _ = team
    with connected(address, Cookie=cookies(signed_in(address, "ann"))) as connection:
        told = str(shown(connection, STAGE))
    assert "Signed in as Ann@Example.org (viewer)." in told
    assert FORM not in told
