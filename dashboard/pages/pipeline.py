"""Pipeline: is what was built staying up, since when not, and which subjects are behind it."""

from __future__ import annotations

from collections.abc import Callable

import pandas

from dashboard.parts import about, boxes, checks, choices, noting, processes
from dashboard.parts.boxes import node
from dashboard.parts.view import View, entitled, shown_as_of
from notes.note import Note
from telling import checks as told
from telling import processes as states
from telling.checks import Scope
from telling.told import Told

NONE = "stages.yaml names none: add what is looked at under 'processes'."
NOT_YET = "Nothing had been told of it by this day. Choose a later one."


def show(view: View) -> None:
    """Draw what the address names."""
    view = view.processes()
    status = states.status(view)
    if status.empty:
        entitled(view)
        checks.nothing(Told("No processes", [NONE], status))
        return
    names = pandas.Series({key: name for key, (name, _) in SHOWN.items()})
    row = choices.Row()
    chosen = row.links("Part", names, "show")
    scope = _scope(view, status, row)
    entitled(view, scope.name, names[chosen])
    boxes.draw(*row.nodes(), key="parts")
    if chosen == "now":
        _now(view, status, scope)
    elif view.process("run", process_group=scope.group.process_group).empty:
        said = [scope.group.note or NOT_YET]
        checks.nothing(Told(f"{scope.name}: no data", said, status))
    else:
        SHOWN[chosen][1](view, scope)
    if scope.process:
        noted = Note(process_group=scope.group.process_group, process=scope.process)
        noting.draw(view, noted, {}, key="process_notes")


def _scope(view: View, status: pandas.DataFrame, row: choices.Row) -> Scope:
    scopes = told.scopes(view, status)
    names = pandas.Series({key: scope.name for key, scope in scopes.items()})
    return scopes[row.one_of("Process", names, "process")]


def _now(view: View, status: pandas.DataFrame, scope: Scope) -> None:
    heading = about.headed(view, node("h1", states.answer(status)), "process_status")
    boxes.draw(
        node("section", "", heading, *filter(None, [shown_as_of(view)])),
        processes.tiles(view, status),
        node("div", "", about.table(view, told.longest(scope), "failing"), cls="columns"),
        node("div", "", about.table(view, told.flapping(scope, status), "flapping"), cls="columns"),
        node(
            "div", "", about.table(view, told.outages(scope), "outage"), _rule(scope), cls="columns"
        ),
        key="pipeline",
    )


def _rule(scope: Scope) -> dict:
    """By what rule a box of this group takes its colour, and who set it."""
    items = [node("li", text) for text in told.rule(scope)]
    heading = node("h2", f"{scope.group['name']}: what decides the colour")
    return node("section", "", heading, node("ul", "", *items, cls="notes"))


SHOWN: dict[str, tuple[str, Callable]] = {
    "now": ("Now", _now),
    "weeks": ("Over time", checks.weeks),
    "errors": ("What fails", checks.errors),
    "failing": ("Failing longest", checks.failing),
    "recovery": ("Time to recover", checks.recovery),
    "runs": ("Runs", checks.runs),
    "speed": ("Slow and slowing", checks.speed),
}
