"""What blocks us as a ranked table with bars, as Overview and Stage show it."""

from __future__ import annotations

from dashboard.parts import about, boxes
from dashboard.parts.boxes import node
from dashboard.parts.view import View
from telling import blockers, words
from telling.blockers import Row
from telling.told import Cell, Link

FIRST = 5  # rows on Overview; the others fold


def ranked(view: View, stage: str = "", first: int | None = None) -> dict:
    """The heading, a sentence, and the table of a line or of one of its stages: its first rows, and
    the rest in a fold. Only the sentence where nothing was ever blocked, or nobody records it."""
    told = blockers.told(view, stage)
    heading = about.headed(view, node("h2", blockers.HEADING), "blocker")
    parts = [heading, *(node("p", text) for text in told.said)]
    if told.rows:
        parts.append(_table(view, told, told.rows[:first], stage))
    if first and told.rows[first:]:
        rest = told.rows[first:]
        said = f"{words.counted(len(rest), 'other blocker')} of this line"
        parts.append(boxes.fold(said, _table(view, told, rest, stage)))
    return node("section", "", *parts, cls="blockers")


def _table(view: View, told: blockers.Blockers, rows: list[Row], stage: str) -> dict:
    columns = [c for c in told.columns if c != "Stages" or not stage]
    head = node("tr", "", *(node("th", c, scope="col") for c in columns))
    body = [node("tr", "", *_cells(view, row, stage)) for row in rows]
    table = node(
        "table", "", node("thead", "", head), node("tbody", "", *body), aria_label=blockers.HEADING
    )
    region = {"role": "region", "aria_label": blockers.HEADING, "tabindex": "0"}
    return node("div", "", table, cls="wide", **region)


def _cells(view: View, row: Row, stage: str) -> list[dict]:
    name = boxes.cell(row.name)
    if row.rule:
        name["inside"].append(node("span", f" ({row.rule})", cls="sub"))
    bar = node("span", cls="bar", size=row.share, aria_hidden="true")
    now = node("td", "", bar, node("span", row.now), cls="short")
    cells = [] if stage else [boxes.cell(_stages(view, row))]
    return [name, now, *map(boxes.cell, row.lost), *cells, boxes.cell(row.items)]


def _stages(view: View, row: Row) -> Cell:
    """The stages in which it blocks items now, each a link to these; else those in which it did."""
    if not row.where:
        return row.stages
    cell: list[str | Link] = []
    for stage, name, count in row.where:
        to = view.address("stage", stage=stage, blocked="blocked")
        cell += [", "] * bool(cell) + [Link(name, to), f" {words.number(count)}"]
    return cell
