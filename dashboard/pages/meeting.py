"""The meeting view: one thing a screen, for a room. Its place is in the address, so that it stays
where it is when something newer is published."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from dashboard.parts import boxes, reviewing
from dashboard.parts.boxes import node
from dashboard.parts.view import View, entitled, shown_as_of
from telling import meeting, words
from telling.meeting import Part, Screen

# Which keys lead where: those of a keyboard, and those that a clicker sends.
ONWARD, BACK, FIRST, LAST = "ArrowRight PageDown", "ArrowLeft PageUp", "Home", "End"


def is_asked_for() -> bool:
    """Whether the address asks for the meeting view."""
    return st.query_params.get("present") == "1"


def show(view: View, before: list[dict]) -> None:
    """Draw the screen that the address names, the first without, below what comes before."""
    wanted = st.query_params.get("screen", "")
    told = _screens(view, "")
    if wanted.startswith("process/") and wanted not in _keys(told):
        told = _screens(view, wanted)
    told = [*told, *reviewing.screens(view, wanted)]
    at = _keys(told).index(wanted) if wanted in _keys(told) else 0
    gone = []
    if wanted and wanted not in _keys(told):
        gone.append(node("p", words.unknown("screen", wanted, "", told[0].name), cls="told"))
    entitled(view, told[at].heading, "Meeting")
    shown = node("section", "", *gone, *_screen(view, told[at]), cls=f"thing {told[at].colour}")
    boxes.draw(node("div", "", *before, shown, _ways(view, told, at), cls="meeting"), key="meeting")


def _keys(told: list[Screen]) -> list[str]:
    return [screen.key for screen in told]


def _screens(view: View, wanted: str) -> list[Screen]:
    return _told(view, wanted, *view.key)


@st.cache_resource(max_entries=100, show_spinner=False, hash_funcs={View: lambda view: None})
def _told(view: View, wanted: str, *told: object) -> list[Screen]:
    return meeting.screens(view, wanted)


def _screen(view: View, told: Screen) -> list[dict]:
    """What is seen of one thing."""
    heading = node("h1", told.heading)
    if told.page:
        page, more = told.page
        heading = node("h1", "", node("a", told.heading, href=view.address(page, **more)))
    items = [node("li", "", *map(boxes.piece, row)) for row in told.names]
    return [
        *([boxes.verdict(told.colour, told.word)] if told.colour else []),
        heading,
        *(node("p", text) for text in told.said),
        *([boxes.pairs(told.numbers)] if told.numbers else []),
        *([node("ol", "", *(_part(one) for one in told.parts), cls="row")] if told.parts else []),
        *([node("h2", "Talk about"), node("ul", "", *items)] if items else []),
    ]


def _part(told: Part) -> dict:
    """A stage or a process on the screen of all, which leads to its own."""
    go = _at(told.key) if told.key else ""
    name = node("a", told.name, href=go) if go else node("span", told.name)
    inside = [boxes.verdict(told.colour, told.word), node("div", "", node("h3", "", name))]
    return node("li", "", node("article", "", *inside, cls=told.colour, go=go))


def _ways(view: View, told: list[Screen], at: int) -> dict:
    """Where it goes from here, and as of when this is."""
    links = []
    if at > 0:
        links.append(_way(told[at - 1], f"← {told[at - 1].name}", BACK))
    place = f"{at + 1} of {len(told)}"
    links.append(node("span", place, role="status", title=f"{place}: {told[at].heading}"))
    if at + 1 < len(told):
        links.append(_way(told[at + 1], f"{told[at + 1].name} →", ONWARD))
    ends = [_way(told[0], "First", FIRST), _way(told[-1], "Last", LAST)]
    stands = node("p", _stands(view, told[at]))
    here = {k: v for k, v in st.query_params.to_dict().items() if k not in ("present", "screen")}
    leave = node("a", "Leave the meeting view", href=f"?{urlencode(here)}")
    last = node("div", "", stands, *ends, leave, cls="foot")
    return node("nav", "", node("div", "", *links, cls="ways"), last, aria_label="Screens")


def _stands(view: View, told: Screen) -> str:
    """Of what and as of when a screen is: processes may be shown as of a day of their own."""
    if told.key == "processes" or told.key.startswith("process/"):
        return f"Processes. {_as_of(view.processes())}"
    return f"{view.stream['name']}. {_as_of(view)}"


def _as_of(view: View) -> str:
    past = shown_as_of(view)
    return past["text"] if past else f"As of {view.day(view.as_of)}."


def _way(to: Screen, said: str, keys: str) -> dict:
    return node("a", said, href=_at(to.key), keys=keys)


def _at(key: str) -> str:
    here = {k: v for k, v in st.query_params.to_dict().items() if k != "screen"}
    return f"?{urlencode(here | {'screen': key})}"
