"""Pipeline: is what was built staying up, since when not, and which subjects are behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pandas
import streamlit as st

from dashboard import boxes, parts, pipeline_charts, processes, words
from dashboard.boxes import node
from dashboard.processes import BOX
from dashboard.view import View, addressed, exports, shown_as_of

__all__ = ["BOX", "show"]
WORST = 10


class Scope(NamedTuple):
    """What is chosen: a group of processes (a row of process_group), or one of it."""

    group: pandas.Series
    process: str
    name: str

    def rows(self, view: View, figure: str, **more: object) -> pandas.DataFrame:
        """A figure's rows of these processes."""
        only = {"process": self.process} if self.process else {}
        return view.process(figure, process_group=self.group.process_group, **only, **more)

    def weeks(self, view: View) -> pandas.DataFrame:
        """The weeks of the one process, or of all together."""
        return view.process(
            "check_week", process_group=self.group.process_group, process=self.process
        )


def show(view: View, open_box: Callable[[str], None]) -> None:
    """Draw what the address names; open_box(box) is called when a box is clicked."""
    view = view.processes()
    status = processes.status(view)
    if status.empty:
        _nothing("No processes", "stages.yaml names none: add what is looked at under 'processes'.")
        return
    names = pandas.Series({key: name for key, (name, _) in SHOWN.items()})
    chosen = addressed(
        st, "Show", names, "show", "segmented_control", required=True, label_visibility="collapsed"
    )
    scope = _scope(view, status, st.columns([4, 6])[0])
    if chosen == "now":
        _now(view, status, scope, open_box)
    elif view.process("run", process_group=scope.group.process_group).empty:
        note = scope.group.note or "Nothing had been told of it by this day. Choose a later one."
        _nothing(f"{scope.name}: no data", note)
    else:
        SHOWN[chosen][1](view, scope)


def _nothing(heading: str, said: str) -> None:
    boxes.draw(node("section", "", node("h1", heading), node("p", said)), key="nothing")


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


def _now(view: View, status: pandas.DataFrame, scope: Scope, open_box) -> None:
    failing, outages = scope.rows(view, "failing"), scope.rows(view, "outage")
    flapping = scope.rows(view, "flapping")
    clicked = boxes.draw(
        node("section", "", node("h1", processes.answer(status)), *filter(None, [shown_as_of(view)])),
        processes.tiles(view, status),
        node("div", "", _longest(failing, scope), cls="columns"),
        node("div", "", _flapping(flapping, scope), cls="columns"),
        node("div", "", _outages(outages, scope), _rule(view, scope), cls="columns"),
        key="pipeline",
    )  # fmt: skip
    if clicked:
        open_box(clicked)


def _longest(failing: pandas.DataFrame, scope: Scope) -> dict:
    rows = [
        [boxes.link(f.name, f.link), f.process, f.detail, words.days(f.days), words.day(f.since)]
        for f in failing.head(WORST).itertuples()
    ]
    columns = [scope.group.subject.capitalize(), "Process", "Fails with", "Failing for", "Since"]
    heading = f"{scope.name}: failing longest, of {words.number(len(failing))} failing now"
    return boxes.table(heading, columns, rows, f"No {scope.group.subject} fails now.")


def _outages(outages: pandas.DataFrame, scope: Scope) -> dict:
    rows = [
        [o.process, words.day(o.from_at), words.number(o.missed_runs), words.number(o.processes)]
        for o in outages.head(WORST).itertuples()
    ]
    heading = f"{scope.name}: the last times it did not run, of {len(outages)}"
    columns = ["Process", "From", "Runs missed", "Processes that missed them"]
    return boxes.table(heading, columns, rows, "No run that was due is missing.")


def _flapping(flapping: pandas.DataFrame, scope: Scope) -> dict:
    rows = [
        [boxes.link(f.name, f.link), f.process, words.number(f.changes), "good" if f.ok else "bad"]
        for f in flapping.head(WORST).itertuples()
    ]
    heading = f"{scope.name}: {len(flapping)} flapping in the last 28 days"
    columns = [scope.group.subject.capitalize(), "Process", "Changes", "Now"]
    return boxes.table(heading, columns, rows, "None went from good to bad or back four times.")


def _rule(view: View, scope: Scope) -> dict:
    """By what rule a box of this group takes its colour, and who set it."""
    g = scope.group
    said = [
        f"A run is bad when more of its checks fail than the limit, or when it was due and did not "
        f"take place. A box turns red once {g.window_bad} of the last {g.window_runs} runs are bad "
        f"and stays so until {g.window_back} or fewer are: one bad run changes nothing.",
        *(f"Limit {t.red:.0%}, to watch {t.amber:.0%}: {t.reason} ({t.owner}, {words.day(t.set_on)})."
          for t in view.settings("process_target", process_group=g.process_group).itertuples()),
        "Days and weeks are those of UTC, as in the log.",
    ]  # fmt: skip
    items = [node("li", text) for text in said if text]
    heading = node("h2", f"{g['name']}: what decides the colour")
    return node("section", "", heading, node("ul", "", *items, cls="notes"))


def _weeks(view: View, scope: Scope) -> None:
    rows = scope.weeks(view)
    last, subjects = rows.iloc[-1], scope.group.subjects
    half = rows.tail(26)
    said = [
        f"In the week of {words.day(last.week)} ({last.iso_week}) {words.number(last.looked_at)} {subjects} were "
        f"looked at and {words.number(last.failing)} of them failed when last looked at; "
        f"{words.number(last.failed)} of {words.number(last.checks)} checks failed.",
        "" if pandas.isna(last.in_service) else
        f"The configuration has {words.number(last.in_service)} in service; in the last 26 weeks "
        f"{words.number(half.added.sum())} were added. It is today's configuration: what was deleted since is not in it.",
        "Weeks are ISO weeks, Monday to Sunday in UTC: a year has 52 or 53.",
    ]  # fmt: skip
    parts.chart(view, "endpoints", f"{scope.name}: {subjects} in service, and those that fail", said,
                pipeline_charts.endpoints(rows, subjects), rows, about="processes")  # fmt: skip
    missed = int(rows.missed_runs.sum())
    said = [
        f"Failed checks of all checks, week by week; {words.number(missed)} runs that were due did not take "
        "place, and a week in which nothing was checked has no share.",
    ]  # fmt: skip
    parts.chart(view, "share", f"{scope.name}: share of checks that failed", said,
                pipeline_charts.share(rows), rows, first=False, about="processes")  # fmt: skip


def _errors(view: View, scope: Scope) -> None:
    rows = scope.rows(view, "check_error")
    if rows.empty:
        boxes.draw(
            node("h1", f"{scope.name}: no check failed in the last 13 weeks"), key="no_errors"
        )
        return
    total = int(rows[rows.counted_by == "process"].failed.sum())
    by_kind = rows[rows.counted_by == "kind"].groupby("name").failed.sum().nlargest(3)
    worst = [f"{name} ({words.number(n)})" for name, n in by_kind.items()]
    said = [
        f"{words.number(total)} checks failed in the last 13 whole weeks; most with {words.listed(worst)}. "
        "Success is data in the answer, not a status: a page with status 200 and no data counts as failed.",
    ]  # fmt: skip
    parts.chart(view, "kinds", f"{scope.name}: what fails", said,
                pipeline_charts.errors(rows[rows.counted_by == "kind"]), rows, about="processes")  # fmt: skip
    boxes.draw(_organisations(rows[rows.counted_by == "organisation"]), key="organisations")


def _organisations(rows: pandas.DataFrame) -> dict:
    told = [
        [r.name, r.process, f"{words.number(r.failed)} of {words.number(r.checks)}", words.number(r.subjects)]
        for r in rows.head(2 * WORST).itertuples(name="Error")
    ]  # fmt: skip
    columns = ["Organisation", "Process", "Failed checks", "Subjects touched"]
    heading = f"Whose checks fail most, of {len(rows)} organisations and processes"
    return boxes.table(heading, columns, told, "No check failed.")


def _failing(view: View, scope: Scope) -> None:
    rows, g = scope.rows(view, "failing"), scope.group
    dead, ended = rows[rows.dead], rows[rows.ended]
    said = [
        f"{words.number(len(rows))} {g.subjects} failed when last looked at. {words.number(len(dead))} are dead "
        f"(failing for more than {g.dead_after} days) and polled all the same; "
        f"{words.number(int(rows.never_good.sum()))} have never been seen good.",
        f"{words.number(len(ended))} were ended in the configuration before this day and are still polled.",
    ]  # fmt: skip
    inside = [
        node("h1", f"{scope.name}: failing now, longest first"),
        *(node("p", s) for s in said),
    ]
    boxes.draw(
        node("section", "", *inside, *filter(None, [shown_as_of(view)]), cls="chart"), key="failing"
    )
    _table(
        rows[["name", "process", "organisation", "detail", "since", "days", "last_good_at", "dead", "ended", "link", "subject"]],
        "failing",
    )  # fmt: skip


def _table(rows: pandas.DataFrame, name: str) -> None:
    config = {
        "link": st.column_config.LinkColumn(display_text="open"),
        "days": st.column_config.NumberColumn(format="%.0f"),
        "since": st.column_config.DateColumn(format="D MMM YYYY"),
        "last_good_at": st.column_config.DateColumn(format="D MMM YYYY"),
        "name": st.column_config.TextColumn(width="large"),
    }
    alt = f"{name}: {len(rows)} rows."
    st.dataframe(rows, hide_index=True, height=420, alt=alt, column_config=config)
    exports(rows, f"processes-{name}")


def _recovery(view: View, scope: Scope) -> None:
    rows = scope.rows(view, "recovery")
    said = [
        "From a subject's first failed check to its next good one. Those still failing are counted in the "
        "time by which half recover, and those no longer looked at never recover: the median of the "
        "recovered alone would call a process healthy whose dead never come back.",
    ]  # fmt: skip
    drawn = pipeline_charts.recovery(rows) if len(rows) else None
    parts.chart(
        view, "recovery", f"{scope.name}: time to recover", said, drawn, rows, about="processes"
    )
    told = [
        [r.process, words.number(r.failures), words.number(r.recovered), words.days(r.recovered_median_days),
         words.number(r.failing), words.days(r.failing_median_days), words.number(r.given_up),
         r.typical_word or words.days(r.typical_days)]
        for r in rows.itertuples()
    ]  # fmt: skip
    columns = ["Process", "Failures", "Recovered", "half within", "Still failing", "half for", "No longer looked at",
               "Half of all recover within"]  # fmt: skip
    boxes.draw(
        boxes.table("In numbers", columns, told, "Nothing has ever failed."), key="recovered"
    )


def _runs(view: View, scope: Scope) -> None:
    rows = scope.rows(view, "run")
    if rows.process.nunique() > 1:
        st.info("Choose one process to see its runs; the table and the downloads hold all.")
    changes = (
        int((rows.groupby("process").state.shift() != rows.state).sum()) - rows.process.nunique()
    )
    bad = rows.bad.fillna(False).astype(bool)
    flips = int((bad.groupby(rows.process).shift().fillna(bad) != bad).sum())
    said = [
        f"{words.number(len(rows))} runs were due; {words.number(int(rows.missing.sum()))} did not take place. "
        f"Single runs went from good to bad or back {words.number(flips)} times; by its rule the colour changed "
        f"{words.number(changes)} times.",
    ]  # fmt: skip
    drawn = pipeline_charts.runs(rows) if rows.process.nunique() == 1 else None
    parts.chart(view, "runs", f"{scope.name}: each run, and the runs that did not take place", said, drawn,
                rows.iloc[::-1], about="processes")  # fmt: skip
    outages = scope.rows(view, "outage")
    boxes.draw(_outages(outages, scope), key="outages")


def _speed(view: View, scope: Scope) -> None:
    rows = scope.rows(view, "speed")
    counts = rows.groupby("change").size()
    said = [
        f"Of {words.number(len(rows))} {scope.group.subjects} that answered in the last 7 weeks {counts.get('slowing', 0)} "
        f"are slowing and {counts.get('faster', 0)} got faster; of {counts.get('too few', 0)} there are too few weeks to tell. "
        "An answer that timed out took at least so long; other failures are left out.",
    ]  # fmt: skip
    known = rows[rows.before_seconds.notna()]
    drawn = pipeline_charts.speed(known.nlargest(3000, "seconds")) if len(known) else None
    first = ["slowing", "faster", "no change", "too few"]
    table = rows.assign(order=rows.change.map(first.index)).sort_values("order", kind="stable")
    parts.chart(view, "speed", f"{scope.name}: slow and slowing", said, drawn,
                table.drop(columns=["order", "process_group"]), about="processes")  # fmt: skip


SHOWN = {
    "now": ("Now", _now),
    "weeks": ("Over time", _weeks),
    "errors": ("What fails", _errors),
    "failing": ("Failing longest", _failing),
    "recovery": ("Time to recover", _recovery),
    "runs": ("Runs", _runs),
    "speed": ("Slow and slowing", _speed),
}
