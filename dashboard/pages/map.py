"""Map: what users and teams do, step by step, with the live colours, queues and waits on it."""

from __future__ import annotations

from pathlib import Path

import pandas
import streamlit as st

from dashboard.parts import about, boxes
from dashboard.parts.boxes import node
from dashboard.parts.view import View, entitled, exports, shown_as_of
from telling import map as told
from telling import map_svg

LANES = 2  # the row of the grid at which they begin, below the activities
PAPER = Path(__file__).parent.parent / "parts/paper.css"


def show(view: View) -> None:
    """Draw the page."""
    entitled(view)
    drawn, table = _drawn(view, *view.key)
    if table.empty:
        boxes.draw(*drawn, key="map")
        return
    st.html(PAPER)
    boxes.draw(*drawn, key="map")
    name = f"service-map-{view.day_shown}"
    st.download_button(
        "Download svg", lambda: _svg(view), f"{name}.svg", "image/svg+xml", on_click="ignore"
    )
    exports(table, name)


# Steps name the publication, which would be kept open with them.
@st.cache_resource(max_entries=50, show_spinner=False, hash_funcs={View: lambda view: None})
def _drawn(view: View, *key: object) -> tuple[list[dict], pandas.DataFrame]:
    steps = told.steps(view)
    if not steps:
        said, example = told.how(view)
        inside = [node("h1", "No service map yet"), node("p", said), node("p", example, cls="code")]
        return [node("section", "", *inside, cls="chart")], pandas.DataFrame()
    return [_head(view, steps), _map(steps)], told.table(steps)


def _svg(view: View) -> str:
    steps = told.steps(view)
    title = f"Service map, {view.day(view.as_of)}: {told.heading(steps)}"
    return map_svg.drawn(steps, title, told.about(view, steps))


def _head(view: View, steps: list[told.Step]) -> dict:
    return node(
        "section",
        "",
        about.headed(view, node("h1", told.heading(steps)), "status"),
        *(node("p", text, cls="sub") for text in told.about(view, steps)),
        *filter(None, [shown_as_of(view)]),
    )


def _map(steps: list[told.Step]) -> dict:
    """Read in order it is a heading for each activity and the list of its steps; seen on a wide
    screen each step stands in the column of its activity and among the rows of its lane."""
    grid, columns = told.grid(steps, LANES), told.activities(steps)
    # Each step says its lane itself, so that a title need not be read.
    drawn = [
        node("div", "", node("p", lane), cls="lane", aria_hidden="true",
             place=f"{row} / 1 / span 1 / span {len(columns)}")
        for lane, row in grid.lanes.items()
    ]  # fmt: skip
    for column in columns:
        drawn.append(_activity(column, grid))
    what = "Service map: activities from left to right, lanes from top to bottom"
    return node("div", "", *drawn, cls="map", role="region", tabindex="0", aria_label=what)


def _activity(steps: list[told.Step], grid: told.Grid) -> dict:
    first = steps[0]
    head = [node("h2", first.activity), *(node("p", text) for text in [first.story] if text)]
    drawn = []
    for step in steps:
        row, rows = grid.rows[step.no]
        place = f"{row} / {step.activity_no} / span {rows}"
        drawn.append(node("li", "", _step(step), place=place))
    return node(
        "section",
        "",
        node("div", "", *head, cls="activity", place=f"1 / {first.activity_no}"),
        node("ol", "", *drawn),
    )


def _step(step: told.Step) -> dict:
    told_of, why = step.told, f"why-{step.no}"
    address = _address(step)
    name = node("span", step.name)
    if address:
        name = node("a", step.name, href=address, aria_describedby=why)
    uses = [node("span", f"uses {step.uses}")] if step.uses else []
    inside = [
        boxes.verdict(told_of.colour, told_of.word),
        node("h3", "", node("span", f"{step.no} "), name),
        node("p", "", node("span", f"{step.lane} ", cls="who"), *uses, cls="small"),
        *([boxes.pairs(told_of.numbers, cls="told")] if told_of.numbers else []),
        node("p", told_of.why, cls="because", id=why),
        *([node("p", step.note, cls="small")] if step.note else []),
    ]
    more = {"go": address} if address else {}
    return node("div", "", *inside, cls=f"step {told_of.colour}", **more)


def _address(step: told.Step) -> str:
    """The page that has more of what a step names, as of when it is told; "" for none."""
    if not step.told.opens:
        return ""
    of, page, more = step.told.opens
    return of.address(page, **more) if isinstance(of, View) else ""
