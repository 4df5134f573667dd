"""Pipeline: is what was built staying up, since when not, and which subjects are behind it."""

from __future__ import annotations

import pandas
import streamlit as st

from dashboard import boxes, pipeline_views, processes, words
from dashboard.boxes import node
from dashboard.pipeline_views import WORST, Scope
from dashboard.view import View, addressed, shown_as_of


def show(view: View) -> None:
    """Draw what the address names."""
    view = view.processes()
    status = processes.status(view)
    if status.empty:
        pipeline_views.nothing(
            "No processes", "stages.yaml names none: add what is looked at under 'processes'."
        )
        return
    names = pandas.Series({key: name for key, (name, _) in SHOWN.items()})
    left, right = st.columns([7, 3])
    chosen = addressed(
        left,
        "Show",
        names,
        "show",
        "segmented_control",
        required=True,
        label_visibility="collapsed",
    )
    scope = _scope(view, status, right)
    if chosen == "now":
        _now(view, status, scope)
    elif view.process("run", process_group=scope.group.process_group).empty:
        note = scope.group.note or "Nothing had been told of it by this day. Choose a later one."
        pipeline_views.nothing(f"{scope.name}: no data", note)
    else:
        SHOWN[chosen][1](view, scope)


def _scope(view: View, status: pandas.DataFrame, place) -> Scope:
    groups = view.settings("process_group").sort_values("group_no")
    groups = groups.set_index("process_group", drop=False)
    names: dict[str, str] = {}
    for group in groups.itertuples():
        own = status[status.process_group == group.process_group].sort_values("process")
        if len(own) > 1:
            names[f"{group.process_group}/"] = f"{group.name}: all {len(own)}"
        names |= {p.key: p.process_name for p in own.itertuples()}
    key = addressed(place, "Process", pandas.Series(names), "process", label_visibility="collapsed")
    group, _, process = key.partition("/")
    return Scope(groups.loc[group], process, names[key])


def _now(view: View, status: pandas.DataFrame, scope: Scope) -> None:
    failing, outages = scope.rows(view, "failing"), scope.rows(view, "outage")
    flapping = scope.rows(view, "flapping")
    own = status[(status.process_group == scope.group.process_group)
                 & (status.process.eq(scope.process) | (scope.process == ""))]  # fmt: skip
    known = not own.colour.eq("grey").all()
    boxes.draw(
        node("section", "", node("h1", processes.answer(status)), *filter(None, [shown_as_of(view)])),
        processes.tiles(view, status),
        node("div", "", _longest(failing, scope), cls="columns"),
        node("div", "", _flapping(flapping, scope, known), cls="columns"),
        node("div", "", pipeline_views.outages(outages, scope), _rule(view, scope), cls="columns"),
        key="pipeline",
    )  # fmt: skip


def _longest(failing: pandas.DataFrame, scope: Scope) -> dict:
    rows = [
        [boxes.link(f.name, f.link), f.process, f.detail, words.days(f.days), words.day(f.since)]
        for f in failing.head(WORST).itertuples()
    ]
    columns = [scope.group.subject.capitalize(), "Process", "Fails with", "Failing for", "Since"]
    heading = f"{scope.name}: failing longest, of {words.number(len(failing))} that failed when last looked at"
    return boxes.table(heading, columns, rows, f"No {scope.group.subject} is known to fail.")


def _flapping(flapping: pandas.DataFrame, scope: Scope, known: bool) -> dict:
    rows = [
        [boxes.link(f.name, f.link), f.process, words.number(f.changes), "good" if f.ok else "bad"]
        for f in flapping.head(WORST).itertuples()
    ]
    heading = f"{scope.name}: flapping in the last 28 days"
    columns = [scope.group.subject.capitalize(), "Process", "Changes", "Now"]
    none = (
        "None went from good to bad or back four times."
        if known
        else "Too little is known of them."
    )
    return boxes.table(heading, columns, rows, none)


def _rule(view: View, scope: Scope) -> dict:
    """By what rule a box of this group takes its colour, and who set it."""
    g = scope.group
    targets = view.settings("process_target", process_group=g.process_group)
    due = "" if pandas.isna(g.every_us) else ", or when it was due and did not take place"
    said = [
        f"A run is bad when more of its checks fail than the limit{due}. A box turns red once {g.window_bad} of "
        f"the last {g.window_runs} runs are bad and stays so until {g.window_back} or fewer are"
        + (": one bad run changes nothing." if g.window_bad > 1 else "."),
        *(f"Limit {t.red:.0%}{'' if pandas.isna(t.amber) else f', to watch {t.amber:.0%}'}: {t.reason} "
          f"({t.owner}, {words.day(t.set_on)})." for t in targets.itertuples()),
        "" if len(targets) else "No target is set in stages.yaml: grey.",
        "Days and weeks are those of UTC, as in the log.",
    ]  # fmt: skip
    items = [node("li", text) for text in said if text]
    heading = node("h2", f"{g['name']}: what decides the colour")
    return node("section", "", heading, node("ul", "", *items, cls="notes"))


SHOWN = {
    "now": ("Now", _now),
    "weeks": ("Over time", pipeline_views.weeks),
    "errors": ("What fails", pipeline_views.errors),
    "failing": ("Failing longest", pipeline_views.failing),
    "recovery": ("Time to recover", pipeline_views.recovery),
    "runs": ("Runs", pipeline_views.runs),
    "speed": ("Slow and slowing", pipeline_views.speed),
}
