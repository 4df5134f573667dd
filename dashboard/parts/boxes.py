"""HTML that a page may fill with names from the data: built by textContent, never by markup.

A page gives a tree of `node`s. Boxes are ordinary selectable text with headings; each box's heading
is a link that also opens in a new tab, and a click anywhere on the box follows it.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import streamlit as st

from telling import words
from telling.told import Cell, Link, Table

_HERE = Path(__file__).parent
SCRIPT = (_HERE / "boxes.js").read_text()
STYLE = "".join((_HERE / f"{name}.css").read_text() for name in ("boxes", "choices", "map", "room"))
# Streamlit would send both with every box, 25 kB each time. A browser asks for them once, under the
# name of this very version; app.py answers.
_VERSION = sha256((SCRIPT + STYLE).encode()).hexdigest()[:12]
_component = st.components.v2.component(
    "valuestream_boxes",
    js=f"""
const script = new URL("boxes.js?{_VERSION}", document.baseURI);
const {{ default: draw }} = await import(script);
export default draw;
""",
)


SHORT = 20  # letters of a cell that stand on one line, as "at least 1,057 days" does


def node(tag: str, text: str = "", *inside: dict, **more: object) -> dict:
    """One element. `more`: cls, href (http, https or a page of ours), go (a page of ours that a click
    anywhere on it opens), keys (those that follow its link), size and count (numbers for boxes.css),
    place (in a grid: row / column / rows / columns), newest (see `drawn_of`).

    Any other key is set as an attribute if boxes.js knows it (underscores become dashes). A text
    that a frame has no value for is shown as a dash: the browser could not read the page otherwise.
    """
    text = text if isinstance(text, str) else words.NOTHING
    known = {
        k: more.pop(k)
        for k in ("cls", "href", "go", "keys", "size", "count", "place", "newest")
        if k in more
    }
    attributes = {k.replace("_", "-"): v for k, v in more.items()}
    return {"tag": tag, "text": text, "inside": list(inside), "attributes": attributes} | known


def draw(*nodes: dict, key: str) -> None:
    """Put the nodes on the page."""
    _component(data=list(nodes), key=key)


def drawn_of(publication: Path | None) -> dict:
    """What the pointer named when the page was drawn, for the browser alone: it asks now and then, and
    has the page drawn anew when something newer is published. Here nothing runs for it meanwhile."""
    return node("span", newest=publication.name if publication else "", cls="drawn-of")


def pairs(rows: list[tuple[str, str]], cls: str = "pairs") -> dict:
    """A description list: a label and its number, each pair kept together."""
    return node(
        "dl", "", *(node("div", "", node("dt", k), node("dd", v)) for k, v in rows), cls=cls
    )  # fmt: skip


def table(told: Table, cls: str = "wide", level: str = "h2") -> dict:
    """A table with a heading ("": none), or the heading and a sentence when there are no rows. What is
    too wide scrolls by itself, and what is `long` too."""
    heading = [node(level, told.caption)] if level else []
    if not told.rows:
        return node("section", "", *heading, node("p", told.empty))
    head = node("tr", "", *(node("th", c, scope="col") for c in told.columns))
    body = [node("tr", "", *(cell(c) for c in row)) for row in told.rows]
    parts = (node("thead", "", head), node("tbody", "", *body))
    rows = node("table", "", *parts, aria_label=told.caption)
    place = node("div", "", rows, cls=cls, role="region", aria_label=told.caption, tabindex="0")
    return node("section", "", *heading, place)


def fold(said: str, *inside: dict, cls: str = "fold") -> dict:
    """A line that unfolds what is inside it: by click, by touch, by keyboard; a small one by hover."""
    return node("details", "", node("summary", said), *inside, cls=cls)


def verdict(colour: str, word: str) -> dict:
    """The band that says a colour in three ways: hue, shape and word."""
    icon = node("span", words.ICONS[colour], cls="icon", aria_hidden="true")
    return node("p", "", icon, node("span", word), cls="verdict")


def cell(content: Cell) -> dict:
    """A text, a name linked to where it lives where an address is known, or several of both."""
    if isinstance(content, list):
        return node("td", "", *(piece(one) for one in content))
    if not isinstance(content, str):
        return node("td", "", piece(content))
    return node("td", content, **({"cls": "short"} if len(content) <= SHORT else {}))


def piece(content: str | Link) -> dict:
    """A part of a text: words, or a name linked to where it lives."""
    if isinstance(content, Link) and isinstance(content.address, str) and content.address:
        return node("a", content.text, href=content.address)
    return node("span", content.text if isinstance(content, Link) else content)
