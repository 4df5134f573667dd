"""When many look at once: who asks for what is known already does not wait for those who do not."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from pathlib import Path

import load
import pytest
from line import again
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.testing.v1 import AppTest

import metrics
from dashboard.pages import overview
from dashboard.parts import turns

ROOT = Path(__file__).parent.parent


def drawn(done: threading.Event, *asked: object) -> threading.Thread:
    """A visitor who asks for a page; `done` when it was drawn."""

    def draw() -> None:
        with turns.turn(*asked):
            done.set()

    thread = threading.Thread(target=draw, daemon=True)
    thread.start()
    return thread


def test_a_page_that_is_known_is_drawn_while_those_that_are_not_wait_for_their_turn():
    with turns.turn("known"):
        pass
    known, new = threading.Event(), threading.Event()
    with ExitStack() as busy:
        for number in range(turns.AT_ONCE):
            busy.enter_context(turns.turn("another", number))
        drawn(known, "known")
        waits = drawn(new, "new")
        assert known.wait(5)
        assert not new.wait(0.2)
    waits.join(5)
    assert new.is_set()


def test_a_page_that_was_broken_off_is_not_known_and_leaves_its_turn():
    for _ in range(turns.AT_ONCE + 1):
        with pytest.raises(ValueError, match="broken off"), turns.turn("broken"):
            raise ValueError("broken off")
    done = threading.Event()
    with ExitStack() as busy:
        for number in range(turns.AT_ONCE):
            busy.enter_context(turns.turn("one more", number))
        drawn(done, "broken")
        assert not done.wait(0.2)
    assert done.wait(5)


def test_no_more_pages_are_remembered_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(turns, "REMEMBERED", 3)
    for number in range(10):
        with turns.turn("page", number):
            pass
    assert len(turns._known) <= 3


def test_what_is_published_while_a_page_waits_for_its_turn_is_what_it_draws_at_once(
    folder, monkeypatch
):
    """Drawn from the one before it would be drawn a second time, and of many that wait nobody's
    would ever be the last."""
    drawn = []

    class Crowd:
        def __enter__(self) -> None:
            assert again(folder, 368).ok

        def __exit__(self, *error: object) -> None:
            pass

    monkeypatch.setattr(turns, "_turns", Crowd())
    monkeypatch.setattr(overview, "show", lambda view: drawn.append(view.publication.file))
    monkeypatch.setenv("VALUESTREAM_DATA", str(folder))
    before = metrics.current(folder)
    page = AppTest.from_file(ROOT / "app.py", default_timeout=60).run()
    assert not page.exception
    assert drawn == [metrics.current(folder)] != [before]


def answer(*texts: str, ended: int = ForwardMsg.FINISHED_SUCCESSFULLY) -> list[ForwardMsg]:
    """A page as a visitor gets it: boxes with these texts, and the end."""
    told = []
    for text in texts:
        told.append(ForwardMsg())
        told[-1].delta.new_element.bidi_component.json = text
    return [*told, ForwardMsg(script_finished=ended)]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (answer("Discover (edition 1)", "Add (edition 1)"), ""),
        (answer("Discover (edition 1)", "Add (edition 2)"), "of two publications"),
        (answer("This can't be read"), "can't be read"),
        (answer("Discover", ended=ForwardMsg.FINISHED_EARLY_FOR_RERUN), "not drawn to its end"),
        (answer(), "no page"),
    ],
)
def test_the_measurement_tells_an_answer_that_is_none(told, said):
    found = load.wrong(told, b"".join(one.SerializeToString() for one in told))
    assert (said in found) if said else not found
