"""The boxes of processes, as Overview and the Pipeline page show them."""

from __future__ import annotations

import pandas

from dashboard.parts import boxes
from dashboard.parts.boxes import node
from dashboard.parts.view import View
from telling import processes

MOST = 40  # boxes of the Pipeline page
IN_A_ROW = 9


def tiles(view: View, rows: pandas.DataFrame) -> dict:
    """A box for each process, the worst first; beyond so many the rest is only counted."""
    shown = [node("li", "", _tile(view, p)) for p in rows.head(MOST).itertuples()]
    more = len(rows) - MOST
    if more > 0:
        shown.append(node("li", "", node("p", f"{more} more, none in a worse state")))
    return node("ol", "", *shown, cls="tiles")


def row(view: View, rows: pandas.DataFrame) -> list[dict]:
    """A row of small boxes, the worst first; the others fold to counts by state."""
    small = [node("li", "", _small(view, p)) for p in rows.itertuples()]
    first = node("ol", "", *small[:IN_A_ROW], cls="row")
    if len(rows) <= IN_A_ROW:
        return [first]
    rest = node("ol", "", *small[IN_A_ROW:], cls="row")
    return [first, boxes.fold(processes.counted(rows.iloc[IN_A_ROW:]), rest)]


def _small(view: View, p) -> dict:
    address = view.address("pipeline", show="failing", process=p.key)
    name = node("h3", "", node("a", p.process_name, href=address))
    inside = node("div", "", name, node("p", processes.short(view, p), cls="why"))
    return node("article", "", boxes.verdict(p.colour, p.word), inside, cls=p.colour, go=address)


def _tile(view: View, p) -> dict:
    why = f"why-{p.process_group}-{p.process}"
    address = view.address("pipeline", show="failing", process=p.key)
    return node(
        "article",
        "",
        boxes.verdict(p.colour, p.word),
        node("h3", "", node("a", p.process_name, href=address, aria_describedby=why)),
        boxes.pairs(processes.numbers(p), cls="numbers"),
        node("p", processes.why(p), cls="why", id=why),
        cls=p.colour,
        go=address,
    )


def summary(view: View) -> dict:
    """How many processes are in each state, in one line that leads to the Pipeline page."""
    said = processes.summary(view)
    return node("p", "", node("a", said, href=view.address("pipeline")))
