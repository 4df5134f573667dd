"""The small link beside a heading that leads to what its numbers mean: their entry in the catalogue."""

from __future__ import annotations

from dashboard.parts import boxes
from dashboard.parts.boxes import node
from dashboard.parts.view import View
from telling.told import Table


def address(view: View, key: str, **more: str) -> str:
    """Where the entry of a key of the catalogue is, as figure/queue_size."""
    return view.address("catalogue", entry=key, **more)


def what(view: View, figure: str) -> dict:
    """The link to what a figure is; for who hears it, with the figure's name."""
    said = "What is this? " + figure.replace("_", " ")
    return node("a", "what is this?", href=address(view, f"figure/{figure}"), cls="what", aria_label=said)  # fmt: skip


def headed(view: View, heading: dict, figure: str) -> dict:
    """A heading with that link beside it."""
    return node("div", "", heading, what(view, figure), cls="headed") if figure else heading


def table(view: View, told: Table, figure: str, cls: str = "wide") -> dict:
    """A table of a figure's rows, that link beside its heading."""
    made = boxes.table(told, cls=cls)
    made["inside"][0] = headed(view, made["inside"][0], figure)
    return made
