"""Who looks at a page, where people sign in."""

from __future__ import annotations

import streamlit as st

from dashboard.guard import signing_in
from dashboard.parts import boxes

# Fixed words: what is of the person goes through boxes, letter for letter.
OUT = '<a href="auth/logout" target="_self">Sign out</a>'


def may_write() -> bool:
    """Whether the visitor may write: a writer; anybody where nobody signs in, on their own machine."""
    told = signing_in.settings()
    person = told and told.person(st.context.cookies)
    return told is None or bool(person and person.writes)


def draw() -> None:
    """Who is signed in and the way out; nothing where nobody signs in."""
    told = signing_in.settings()
    person = told and told.person(st.context.cookies)
    if person:
        role = "writer" if may_write() else "viewer"
        boxes.draw(boxes.node("p", f"Signed in as {person.email} ({role})."), key="signed_in")
        st.html(OUT)
