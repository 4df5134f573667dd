"""What a review takes from the notes: promises beside the figures of now, the dates of reviews, and
the button that keeps one."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

import streamlit as st

from dashboard.parts import boxes, noting, signed_in
from dashboard.parts.boxes import node
from dashboard.parts.view import View
from dashboard.parts.writing import form, kept, refused
from notes import reviewing
from notes.note import Note, Wrong
from notes.store import Trouble
from telling.meeting import Screen
from telling.told import Section


def notes(view: View, since: datetime) -> list[Section]:
    """What was promised and noted, in sections; why not, where the notes can't be read."""
    try:
        return reviewing.sections(view, kept(view), since, noting.stood(view))
    except Trouble as trouble:
        return [Section("What was promised", [str(trouble)])]


def screens(view: View, wanted: str) -> list[Screen]:
    """The promises for a room; why there are none, where the notes can't be read."""
    try:
        return reviewing.screens(view, kept(view), noting.stood(view), wanted)
    except Trouble as trouble:
        return [Screen("promises", "Promises", str(trouble), [])]


def writing(view: View) -> None:
    """The form in which any note of the stream is written, changed or ended, and the button that keeps
    that it was reviewed: for whoever may write, and of now, not of a past day."""
    if not view.opened or view.seen or not signed_in.may_write():
        return
    with suppress(Trouble):  # which the page has said
        about = Note(stream=view.stream.stream)
        form(view, about, {}, reviewing.of(view, kept(view), noting.stood(view)), "review_notes")
    _button(view)


def dates(view: View) -> list[datetime]:
    """When the stream was reviewed, up to the instant shown; none where the notes can't be read."""
    try:
        return kept(view).reviews(view.stream.stream, view.as_of)
    except Trouble:
        return []


def _button(view: View) -> None:
    """What was reviewed is kept as the instant shown."""
    asks = st.container(horizontal=True, vertical_alignment="bottom")
    by = signed_in.name() or asks.text_input("Your name or role", "", 200, key="reviewer")
    if not asks.button("We reviewed this now"):
        return
    try:
        kept(view).reviewed(view.stream.stream, view.as_of, by)
    except (Wrong, Trouble) as wrong:
        boxes.draw(refused(str(wrong)), key="reviewed")
        return
    said = f"Kept: reviewed as of {view.day(view.as_of)}. The next review begins there."
    boxes.draw(node("p", said, role="status"), key="reviewed")
