"""Catalogue: everything that is measured, found by words, and each with its meaning and its SQL."""

from __future__ import annotations

import streamlit as st

from dashboard.parts import about, boxes, choices
from dashboard.parts.boxes import node
from dashboard.parts.view import View, entitled, exports, shown_as_of
from telling import catalogue, words
from telling.catalogue import KINDS, PLACES, Entry
from telling.told import Cell, Link, Table

SINGLE = {kind: "value stream" if kind == "stream" else kind for kind in KINDS}


def show(view: View) -> None:
    """Draw the entry that the address names, and those that hold the words of the search."""
    told, row = _told(view, *view.key), choices.Row()
    text = row.text("Find by words", "find", drops="entry")
    chosen = _chosen(told)
    entitled(view, *([chosen.name] if chosen else []))
    found = catalogue.found(told, text)
    head = [node("h1", "What is measured"), *_said(told, found, text), shown_as_of(view)]
    entry = [_entry(view, chosen)] if chosen else []
    lists = [_list(view, kind, found, text) for kind in KINDS]
    boxes.draw(*filter(None, [*row.nodes(), *head, *entry, *lists]), key="catalogue")
    exports(catalogue.rows(found), f"catalogue-{view.day_shown}")


@st.cache_resource(max_entries=50, show_spinner=False, hash_funcs={View: lambda view: None})
def _told(view: View, *told: object) -> list[Entry]:
    return catalogue.entries(view)


def _chosen(told: list[Entry]) -> Entry | None:
    asked = st.query_params.get("entry", "")
    return next((one for one in told if one.key == asked), None)


def _said(told: list[Entry], found: list[Entry], text: str) -> list[dict]:
    counts = words.listed(
        [
            words.counted(sum(one.kind == kind for one in told), SINGLE[kind], name.lower())
            for kind, name in KINDS.items()
        ]
    )
    said = [node("p", f"{counts}: each with what it means, whose it is and where it is shown.", cls="sub")]  # fmt: skip
    asked = st.query_params.get("entry", "")
    if asked and not _chosen(told):
        gone = f"There is no entry '{words.cut(asked)}'; all that there are follow."
        said.append(node("p", gone, cls="told", role="status"))
    if text:
        hold = words.counted(len(found), "entry holds", "entries hold")
        said.append(node("p", f"{hold} every word of “{text}”.", role="status"))
    return said


def _entry(view: View, one: Entry) -> dict:
    """An entry in full: its sentence, what is known of it, its columns, and its SQL folded."""
    facts = [node("div", "", node("dt", k), node("dd", v)) for k, v in one.facts]
    places = [f"{PLACES[place].name}" for place in one.places]
    shown = [
        piece
        for place, name in zip(one.places, places, strict=True)
        for piece in (node("a", name, href=_where(view, one, place)), node("span", "; "))
    ][:-1]
    told = [
        node("h2", one.name), node("p", one.key, cls="sub"), node("p", one.sentence),
        *([node("dl", "", *facts, cls="known")] if facts else []),
        *([node("p", "", node("span", "Shown on: "), *shown)] if shown else []),
    ]  # fmt: skip
    if one.columns:
        rows = [[c.name, c.unit, c.meaning] for c in one.columns]
        told.append(boxes.table(Table("Columns", ["Column", "Unit", "What it is"], rows, ""), level="h3"))  # fmt: skip
    if one.sql:
        told.append(boxes.fold("Its SQL", node("div", one.sql, cls="code")))
    elif one.kind == "figure":
        told.append(node("p", "Worked out in Python, for it takes statistics.", cls="sub"))
    return node("section", "", *told, cls="entry", aria_label=one.name)


def _where(view: View, one: Entry, place: str) -> str:
    """The part of a page that shows it: of the very stream, stage or process that it is."""
    to = PLACES[place]
    uses = {"stage": ("stream", "stage"), "pipeline": ("process",)}.get(to.page, ("stream",))
    return view.address(to.page, **to.more, **{k: v for k, v in one.of.items() if k in uses})


def _list(view: View, kind: str, found: list[Entry], text: str) -> dict | None:
    """Those of a kind: each with its sentence, and a link to all of it."""
    mine = [one for one in found if one.kind == kind]
    if not mine:
        return None
    kept = {"find": text} if text else {}
    rows: list[list[Cell]] = [
        [
            Link(one.name, about.address(view, one.key, **kept)), one.sentence or _instead(one),
            ", ".join(dict.fromkeys(PLACES[place].name.split(":")[0] for place in one.places)) or words.NOTHING,
        ]
        for one in mine
    ]  # fmt: skip
    told = Table(f"{KINDS[kind]}: {len(mine)}", ["Name", "What it is", "Shown on"], rows, "")
    return boxes.table(told)


def _instead(one: Entry) -> str:
    """What is known of one without a sentence of its own."""
    return "; ".join(f"{label.lower()}: {text}" for label, text in one.facts[:2])
