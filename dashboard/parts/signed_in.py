"""Who looks at a page, where people sign in."""

from __future__ import annotations

import os

import streamlit as st

from dashboard.guard import signing_in
from dashboard.guard.signing_in import Person
from dashboard.parts import boxes

# Fixed words: what is of the person goes through boxes, letter for letter.
OUT = '<a href="auth/logout" target="_self">Sign out</a>'
WRITE = "VALUESTREAM_WRITE"  # "1": where nobody signs in, whoever reaches the server may write


def may_write() -> bool:
    """Whether the visitor may write: a writer; where nobody signs in anybody, if that is switched on."""
    if signing_in.settings() is None:
        return os.environ.get(WRITE) == "1"
    person = _person()
    return bool(person and person.writes)


def name() -> str:
    """Who signed in; "" where nobody does."""
    person = _person()
    return person.email if person else ""


def draw() -> None:
    """Who is signed in and the way out; nothing where nobody signs in."""
    person = _person()
    if person:
        role = "writer" if may_write() else "viewer"
        boxes.draw(boxes.node("p", f"Signed in as {person.email} ({role})."), key="signed_in")
        st.html(OUT)


def _person() -> Person | None:
    told = signing_in.settings()
    return told.person(st.context.cookies) if told else None
