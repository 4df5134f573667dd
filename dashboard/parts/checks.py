"""The parts of the Pipeline page behind the boxes: each with its words, chart and table."""

from __future__ import annotations

from typing import NamedTuple

import pandas
import streamlit as st

from dashboard.charts import pipeline as charts
from dashboard.parts import boxes, charted
from dashboard.parts.boxes import node
from dashboard.parts.view import View, exports, shown_as_of
from telling import words

WORST = 10
RECENT = 120
FAILING = {
    "name": "Name", "process": "Process", "organisation": "Organisation", "detail": "Fails with",
    "since": "Since", "days": "Days", "last_good_at": "Last good", "dead": "Dead", "ended": "Ended",
    "link": "Link", "subject": "Key",
}  # fmt: skip


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


def weeks(view: View, scope: Scope) -> None:
    """Subjects in service against those that fail, and the share of checks that failed, by week."""
    rows = scope.weeks(view)
    if _no_week_yet(rows, scope):
        return
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
    charted.chart(view, "endpoints", f"{scope.name}: {subjects} in service, and those that fail", said,
                charts.endpoints(rows, subjects), rows, about="processes")  # fmt: skip
    missed = int(rows.missed_runs.sum())
    said = [
        f"Failed checks of all checks, week by week; {words.number(missed)} runs that were due did not take "
        "place, and a week in which nothing was checked has no share.",
    ]  # fmt: skip
    charted.chart(view, "share", f"{scope.name}: share of checks that failed", said,
                charts.share(rows), rows, first=False, about="processes")  # fmt: skip


def _no_week_yet(weeks: pandas.DataFrame, scope: Scope) -> bool:
    """Whether there is no whole week to speak of yet; it is said then."""
    if weeks.empty:
        nothing(
            f"{scope.name}: too early", "No week, Monday to Sunday, has been told of in full yet."
        )
    return weeks.empty


def errors(view: View, scope: Scope) -> None:
    """What failed in the last 13 weeks, by kind and process, and whose it was."""
    rows = scope.rows(view, "check_error")
    if _no_week_yet(scope.weeks(view), scope):
        return
    total = int(rows[rows.counted_by == "process"].failed.sum())
    if not total:
        looked = "Nothing was checked" if rows.empty else "No check failed"
        nothing(
            f"{scope.name}: {looked.lower()}", f"{looked} in the 13 whole weeks before this day."
        )
        return
    by_kind = rows[rows.counted_by == "kind"].groupby("name").failed.sum().nlargest(3)
    worst = [f"{name} ({words.number(n)})" for name, n in by_kind.items()]
    said = [
        f"{words.number(total)} checks failed in the last 13 whole weeks; most with {words.listed(worst)}. "
        "Success is data in the answer, not a status: a page with status 200 and no data counts as failed.",
    ]  # fmt: skip
    charted.chart(view, "kinds", f"{scope.name}: what fails", said,
                charts.errors(rows[rows.counted_by == "kind"]), rows, about="processes")  # fmt: skip
    boxes.draw(_organisations(rows[rows.counted_by == "organisation"]), key="organisations")


def _organisations(rows: pandas.DataFrame) -> dict:
    told = [
        [r.name, r.process, f"{words.number(r.failed)} of {words.number(r.checks)}", words.number(r.subjects)]
        for r in rows.head(2 * WORST).itertuples(name="Error")
    ]  # fmt: skip
    columns = ["Organisation", "Process", "Failed checks", "Subjects touched"]
    heading = f"Whose checks fail most, of {len(rows)} organisations and processes"
    return boxes.table(heading, columns, told, "No check failed.")


def failing(view: View, scope: Scope) -> None:
    """Everything that fails now, the longest first, with its link."""
    rows, g = scope.rows(view, "failing"), scope.group
    dead, ended = rows[rows.dead], rows[rows.ended]
    said = [
        f"{words.number(len(rows))} {g.subjects} failed when last looked at. {words.number(len(dead))} are dead "
        f"(failing for more than {g.dead_after} days) and polled all the same; "
        f"{words.number(int(rows.never_good.sum()))} have never been seen good.",
        f"{words.number(len(ended))} were ended in the configuration before this day and are still polled.",
    ]  # fmt: skip
    inside = [
        node("h1", f"{scope.name}: failing, longest first"),
        *(node("p", s) for s in said),
        *filter(None, [shown_as_of(view)]),
    ]
    boxes.draw(*_hero(view, scope), node("section", "", *inside, cls="chart"), key="failing")
    shown = rows[list(FAILING)].rename(columns=FAILING)
    st.dataframe(
        shown,
        hide_index=True,
        height="auto" if len(shown) < 10 else 420,
        alt=f"Table of {len(rows)} failing, longest first. The downloads hold the same rows.",
        column_config={
            "Link": st.column_config.LinkColumn(display_text="open"),
            "Days": st.column_config.NumberColumn(format="%.0f"),
            "Since": st.column_config.DateColumn(format="D MMM YYYY"),
            "Last good": st.column_config.DateColumn(format="D MMM YYYY"),
            "Name": st.column_config.TextColumn(width="large"),
        },
    )
    exports(shown, "processes-failing")
    boxes.draw(outages(scope.rows(view, "outage"), scope), key="failing_outages")


def _hero(view: View, scope: Scope) -> list[dict]:
    """The one process that is chosen: its colour, its word and the sentence that decided it."""
    if not scope.process:
        return []
    status = scope.rows(view, "process_status").iloc[0]
    since = f"Since {words.day(status.since)}. " if status.colour in ("red", "amber") else ""
    why = node("p", since + status.sentence, cls="why")
    band = boxes.verdict(status.colour, status.word)
    return [node("section", "", band, why, cls=f"hero {status.colour}")]


def recovery(view: View, scope: Scope) -> None:
    """How long failing subjects take to recover, those that have not counted."""
    rows = scope.rows(view, "recovery")
    said = [
        "From a subject's first failed check to its next good one. Those still failing are counted in the "
        "time by which half recover, and those no longer looked at never recover: the median of the "
        "recovered alone would call a process healthy whose dead never come back.",
    ]  # fmt: skip
    drawn = charts.recovery(rows) if len(rows) else None
    charted.chart(
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


def runs(view: View, scope: Scope) -> None:
    """Each run and each that did not take place: all of one process, or the last days of several."""
    rows = scope.rows(view, "run")
    said = [
        f"{words.number(len(rows))} runs were due or took place; {words.number(int(rows.missing.sum()))} that were "
        f"due did not take place. Single runs went from good to bad or back {words.number(rows.alternates.sum())} times; by its "
        f"rule the colour turned red or back {words.number(rows.turned.sum())} times.",
    ]  # fmt: skip
    if rows.process.nunique() == 1:
        drawn = charts.runs(rows)
    else:
        recent = rows[rows.slot > rows.slot.max() - pandas.Timedelta(days=RECENT)]
        said += [f"Drawn are the last {RECENT} days: ✕ failing, ! to watch, – did not take place. "
                 "Choose one process to see all of its runs."]  # fmt: skip
        drawn = charts.strips(recent)
    charted.chart(view, "runs", f"{scope.name}: each run, and the runs that did not take place", said, drawn,
                rows.iloc[::-1], about="processes")  # fmt: skip
    boxes.draw(outages(scope.rows(view, "outage"), scope), key="outages")


def speed(view: View, scope: Scope) -> None:
    """What is slow and what is slowing."""
    rows = scope.rows(view, "speed")
    if _no_week_yet(scope.weeks(view), scope):
        return
    counts = rows.groupby("change").size()
    said = [
        f"Of {words.number(len(rows))} {scope.group.subjects} that answered in the last 7 weeks {counts.get('slowing', 0)} "
        f"are slowing and {counts.get('faster', 0)} got faster; of {counts.get('too few', 0)} there are too few weeks to tell. "
        "An answer that timed out took at least so long; other failures are left out.",
    ]  # fmt: skip
    known = rows[rows.before_seconds.notna()]
    drawn = charts.speed(known.nlargest(3000, "seconds")) if len(known) else None
    first = ["slowing", "faster", "no change", "too few"]
    table = rows.assign(order=rows.change.map(first.index)).sort_values("order", kind="stable")
    charted.chart(view, "speed", f"{scope.name}: slow and slowing", said, drawn,
                table.drop(columns=["order", "process_group"]), about="processes")  # fmt: skip


def outages(rows: pandas.DataFrame, scope: Scope) -> dict:
    """The last times that runs which were due did not take place, as a table."""
    told = [
        [o.process, words.day(o.from_at), words.number(o.missed_runs), words.number(o.processes)]
        for o in rows.head(WORST).itertuples()
    ]
    heading = f"{scope.name}: the last times it did not run, of {len(rows)}"
    columns = ["Process", "From", "Runs missed", "Processes that missed them"]
    return boxes.table(heading, columns, told, "No run that was due is missing.")


def nothing(heading: str, said: str) -> None:
    """A heading and a sentence where there is nothing to draw."""
    boxes.draw(node("section", "", node("h1", heading), node("p", said)), key="nothing")
