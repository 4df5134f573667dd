"""The boxes of processes, as Overview and the Pipeline page show them."""

from __future__ import annotations

import pandas

from dashboard.parts import boxes
from dashboard.parts.boxes import node
from dashboard.parts.view import View
from telling import processes

MOST = 12


def tiles(view: View, rows: pandas.DataFrame) -> dict:
    """A box for each process; beyond so many the rest is left to the Pipeline page."""
    shown = [node("li", "", _tile(view, p)) for p in rows.head(MOST).itertuples()]
    more = len(rows) - MOST
    if more > 0:
        said = f"{more} more on the Pipeline page, none in a worse state"
        shown.append(node("li", "", node("a", said, href=view.address("pipeline"))))
    return node("ol", "", *shown, cls="tiles")


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
