"""HTML that a page may fill with names from the data: built by textContent, never by markup.

A page gives a tree of `node`s. Boxes are ordinary selectable text with headings; each box's heading
is a link that also opens in a new tab, and a click anywhere on the box follows it.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard import words

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "valuestream_boxes",
    css=(_HERE / "boxes.css").read_text(),
    js=(_HERE / "boxes.js").read_text(),
)
ICONS = {"red": "✕", "amber": "!", "green": "✓", "grey": "?"}


def node(tag: str, text: str = "", *inside: dict, **more: object) -> dict:
    """One element. `more`: cls, href (http, https or a page of ours), go (a page of ours that a click
    anywhere on it opens), grow.

    Any other key is set as an attribute if boxes.js knows it (underscores become dashes). A text
    that a frame has no value for is shown as a dash: the browser could not read the page otherwise.
    """
    text = text if isinstance(text, str) else words.NOTHING
    known = {k: more.pop(k) for k in ("cls", "href", "go", "grow") if k in more}
    attributes = {k.replace("_", "-"): v for k, v in more.items()}
    return {"tag": tag, "text": text, "inside": list(inside), "attributes": attributes} | known


def draw(*nodes: dict, key: str) -> None:
    """Put the nodes on the page."""
    _component(data=list(nodes), key=key)


def pairs(rows: list[tuple[str, str]], cls: str = "pairs") -> dict:
    """A description list: a label and its number, each pair kept together."""
    return node(
        "dl", "", *(node("div", "", node("dt", k), node("dd", v)) for k, v in rows), cls=cls
    )  # fmt: skip


def table(caption: str, columns: list[str], rows: list[list[dict | str]], empty: str) -> dict:
    """A table with a heading, or the heading and a sentence when there are no rows."""
    heading = node("h2", caption)
    if not rows:
        return node("section", "", heading, node("p", empty))
    head = node("tr", "", *(node("th", c, scope="col") for c in columns))
    body = [node("tr", "", *(_cell(c) for c in row)) for row in rows]
    inner = node("table", "", node("thead", "", head), node("tbody", "", *body), aria_label=caption)
    return node("section", "", heading, inner)


def link(text: str, address: str | None) -> dict | str:
    """A name linked to where it lives, or the bare name when no address is known."""
    return node("a", text, href=address) if isinstance(address, str) and address else text


def verdict(colour: str, word: str) -> dict:
    """The band that says a colour in three ways: hue, shape and word."""
    icon = node("span", ICONS[colour], cls="icon", aria_hidden="true")
    return node("p", "", icon, node("span", word), cls="verdict")


def _cell(content: dict | str) -> dict:
    return node("td", "", content) if isinstance(content, dict) else node("td", content)
