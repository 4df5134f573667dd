"""What is told of checks: what fails and whose, since when, how long to recover, what is slow."""

from __future__ import annotations

from typing import NamedTuple

import pandas

from telling import words
from telling.asked import Asked
from telling.told import Link, Table, Told

WORST = 10
MOST_KINDS, MOST_PROCESSES = 12, 8  # that a grid of numbers has room for
RECENT = 120  # days of runs that are drawn where there are several processes
FAILING = {
    "name": "Name", "process": "Process", "organisation": "Organisation", "detail": "Fails with",
    "since": "Since", "days": "Days", "last_good_at": "Last good", "dead": "Dead", "ended": "Ended",
    "link": "Link", "subject": "Key",
}  # fmt: skip


class Scope(NamedTuple):
    """What is asked of: a group of processes (a row of process_group), or one of it."""

    asked: Asked
    group: pandas.Series
    process: str
    name: str

    def rows(self, figure: str, **more: object) -> pandas.DataFrame:
        """A figure's rows of these processes."""
        only = {"process": self.process} if self.process else {}
        return self.asked.process(figure, process_group=self.group.process_group, **only, **more)

    def weeks(self) -> pandas.DataFrame:
        """The weeks of the one process, or of all together."""
        return self.together("check_week")

    def together(self, figure: str) -> pandas.DataFrame:
        """A figure's rows of the one process, or of the whole group (process '')."""
        group = self.group.process_group
        return self.asked.process(figure, process_group=group, process=self.process)


def scopes(asked: Asked, status: pandas.DataFrame) -> dict[str, Scope]:
    """Each group of several processes, by "group/", and each process, by "group/process", in the order
    of stages.yaml; `status` has the rows of processes.status."""
    groups = asked.settings("process_group").sort_values("group_no")
    found: dict[str, Scope] = {}
    for group, row in groups.set_index("process_group", drop=False).iterrows():
        own = status[status.process_group == group].sort_values("process")
        if len(own) > 1:
            found[f"{group}/"] = Scope(asked, row, "", f"{row['name']}: all {len(own)}")
        for one in own.itertuples():
            found[one.key] = Scope(asked, row, one.process, one.process_name)
    return found


TOO_EARLY = "No week, Monday to Sunday, has been told of in full yet."


def weeks(scope: Scope) -> Told:
    """Subjects in service, looked at and failing by week: rows of check_week."""
    rows, subjects = scope.weeks(), scope.group.subjects
    if rows.empty:
        return Told(f"{scope.name}: too early", [TOO_EARLY], rows)
    last = rows.iloc[-1]
    said = [
        f"In the week of {words.day(last.week)} ({last.iso_week}) {words.number(last.looked_at)} {subjects} were "
        f"looked at and {words.number(last.failing)} of them failed when last looked at; "
        f"{words.number(last.failed)} of {words.number(last.checks)} checks failed.",
        "" if pandas.isna(last.in_service) else
        f"The configuration has {words.number(last.in_service)} in service; in the last 26 weeks "
        f"{words.number(last.added_26_weeks)} were added. It is today's configuration: what was deleted since is not in it.",
        "Weeks are ISO weeks, Monday to Sunday in UTC: a year has 52 or 53.",
    ]  # fmt: skip
    return Told(f"{scope.name}: {subjects} in service, and those that fail", said, rows)


def share(scope: Scope) -> Told:
    """The share of checks that failed, week by week: rows of check_week."""
    rows = scope.weeks()
    missed = rows.missed_runs_so_far.iloc[-1]
    said = (
        "The share of all checks that failed, week by week. Up to the week of "
        f"{words.day(rows.week.iloc[-1])}, {words.counted(int(missed), 'run')} that {'was' if missed == 1 else 'were'} due did not "
        "take place; a week in which nothing was checked has no share."
    )
    return Told(f"{scope.name}: share of checks that failed", [said], rows)


def errors(scope: Scope) -> Told:
    """What failed in the last 13 weeks: rows of check_error; none where nothing did."""
    rows = scope.rows("check_error")
    if scope.weeks().empty:
        return Told(f"{scope.name}: too early", [TOO_EARLY], rows.head(0))
    kinds = scope.together("error_kind")
    if kinds.empty:
        looked = "Nothing was checked" if rows.empty else "No check failed"
        said = f"{looked} in the 13 whole weeks before this day."
        return Told(f"{scope.name}: {looked.lower()}", [said], rows.head(0))
    worst = [f"{k.kind} ({words.number(k.failed)})"
             for k in kinds.head(3).rename(columns={"name": "kind"}).itertuples()]  # fmt: skip
    said = (
        f"{words.number(kinds.all_failed.iloc[0])} checks failed in the last 13 whole weeks; most with {words.listed(worst)}. "
        "Success is data in the answer, not a status: a page with status 200 and no data counts as failed."
    )
    return Told(f"{scope.name}: what fails", [said], rows)


def grid(rows: pandas.DataFrame) -> pandas.DataFrame:
    """The MOST_KINDS commonest kinds of failure by process, the worst first, beyond MOST_PROCESSES
    processes the others together: name, process, failed, checks; rows of check_error."""
    rows = rows[rows.counted_by == "kind"]
    kinds = _worst(rows, "name").index[:MOST_KINDS]
    processes = _worst(rows, "process").index
    kept = processes[: None if len(processes) <= MOST_PROCESSES else MOST_PROCESSES - 1]
    others = f"{len(processes) - len(kept)} others"
    told = rows[rows["name"].isin(kinds)]
    told = told.assign(process=told.process.where(told.process.isin(kept), others))
    told = told.groupby(["name", "process"], as_index=False)[["failed", "checks"]].sum()
    order = told["name"].map(list(kinds).index), told.process.map([*kept, others].index)
    return told.assign(kind_no=order[0], process_no=order[1]).sort_values(["kind_no", "process_no"])


def _worst(rows: pandas.DataFrame, column: str) -> pandas.Series:
    return rows.groupby(column).failed.sum().sort_values(ascending=False, kind="stable")


def organisations(rows: pandas.DataFrame) -> Table:
    """Whose checks fail most; rows of check_error."""
    rows = rows[rows.counted_by == "organisation"]
    told = [
        [r.organisation, r.process, f"{words.number(r.failed)} of {words.number(r.checks)}",
         words.number(r.subjects)]
        for r in rows.rename(columns={"name": "organisation"}).head(2 * WORST).itertuples()
    ]  # fmt: skip
    columns = ["Organisation", "Process", "Failed checks", "Subjects touched"]
    heading = f"Whose checks fail most, of {len(rows)} organisations and processes"
    return Table(heading, columns, told, "No check failed.")


def failing(scope: Scope) -> Told:
    """Everything that fails now, the longest first, with its link: rows by FAILING's names."""
    rows, group = scope.rows("failing"), scope.group
    said = []
    for count in scope.together("failing_count").itertuples():
        said = [
            f"{words.number(count.failing)} {group.subjects} failed when last looked at. "
            f"{words.number(count.dead)} are dead (failing for more than {group.dead_after} days) and "
            f"polled all the same; {words.number(count.never_good)} have never been seen good.",
            f"{words.number(count.ended)} {'was' if count.ended == 1 else 'were'} ended in the "
            f"configuration before this day and {'is' if count.ended == 1 else 'are'} still polled.",
        ]
    shown = rows[list(FAILING)].rename(columns=FAILING)
    return Told(f"{scope.name}: failing, longest first", said, shown)


def longest(scope: Scope) -> Table:
    """The subjects that have failed longest."""
    failing = scope.rows("failing")
    rows = [
        [Link(f.name, f.link), f.process, f.detail, words.days(f.days), words.day(f.since)]
        for f in failing.head(WORST).itertuples()
    ]
    columns = [scope.group.subject.capitalize(), "Process", "Fails with", "Failing for", "Since"]
    heading = f"{scope.name}: failing longest{_of(failing)}{' that failed when last looked at' if len(failing) else ''}"
    return Table(heading, columns, rows, f"No {scope.group.subject} is known to fail.")


def flapping(scope: Scope, status: pandas.DataFrame) -> Table:
    """The subjects that flap; `status`: the processes, to know whether anything is known of them."""
    rows = [
        [Link(f.name, f.link), f.process, words.number(f.changes), "good" if f.ok else "bad"]
        for f in scope.rows("flapping").head(WORST).itertuples()
    ]
    own = status[(status.process_group == scope.group.process_group)
                 & (status.process.eq(scope.process) | (scope.process == ""))]  # fmt: skip
    none = "None went from good to bad or back four times."
    if own.colour.eq("grey").all():
        none = "Too little is known of them."
    heading = f"{scope.name}: flapping in the last 28 days"
    columns = [scope.group.subject.capitalize(), "Process", "Changes", "Now"]
    return Table(heading, columns, rows, none)


def rule(scope: Scope) -> list[str]:
    """By what rule a box of this group takes its colour, and who set it."""
    group = scope.group
    targets = scope.asked.settings("process_target", process_group=group.process_group)
    due = "" if pandas.isna(group.every_us) else ", or when it was due and did not take place"
    said = [
        f"A run is bad when more of its checks fail than the limit{due}. A box turns red once {group.window_bad} of "
        f"the last {group.window_runs} runs are bad and stays so until {group.window_back} or fewer are"
        + (": one bad run changes nothing." if group.window_bad > 1 else "."),
        *(f"Limit {t.red:.0%}{'' if pandas.isna(t.amber) else f', to watch {t.amber:.0%}'}: {t.reason} "
          f"({t.owner}, {words.day(t.set_on)})." for t in targets.itertuples()),
        "" if len(targets) else "No target is set in stages.yaml: grey.",
        "Days and weeks are those of UTC, as in the log.",
    ]  # fmt: skip
    return [text for text in said if text]


def recovery(scope: Scope) -> Told:
    """How long failing subjects take to recover, those that have not counted: rows of recovery."""
    said = (
        "From a subject's first failed check to its next good one. Those still failing are counted in the "
        "time by which half recover, and those no longer looked at never recover: the median of the "
        "recovered alone would call a process healthy whose dead never come back."
    )
    return Told(f"{scope.name}: time to recover", [said], scope.rows("recovery"))


def recovered(rows: pandas.DataFrame) -> Table:
    """Time to recover in numbers; rows of recovery."""
    told = [
        [r.process, words.number(r.failures), words.number(r.recovered), words.days(r.recovered_median_days),
         words.number(r.failing), words.days(r.failing_median_days), words.number(r.given_up),
         words.typical(r)]
        for r in rows.itertuples()
    ]  # fmt: skip
    columns = ["Process", "Failures", "Recovered", "half within", "Still failing", "half for", "No longer looked at",
               "Half of all recover within"]  # fmt: skip
    return Table("In numbers", columns, told, "Nothing has ever failed.")


def runs(scope: Scope) -> Told:
    """Each run and each that did not take place: rows of run."""
    rows = scope.rows("run")
    said = [
        f"{words.number(c.runs)} runs were due or took place; {words.number(c.missing)} that were due did "
        f"not take place. Single runs went from good to bad or back {words.number(c.alternates)} times; "
        f"by its rule the colour turned red or back {words.number(c.turned)} times."
        for c in scope.together("run_count").itertuples()
    ]
    if rows.process.nunique() > 1:
        said.append(
            f"Drawn are the {RECENT} days up to {words.day(rows.slot.max())}; a sign stands where a state begins. "
            "Choose one process to see all of its runs."
        )
    return Told(f"{scope.name}: each run, and the runs that did not take place", said, rows)


def outages(scope: Scope) -> Table:
    """The last times that runs which were due did not take place."""
    rows = scope.rows("outage")
    told = [
        [o.process, words.day(o.from_at), words.number(o.missed_runs), words.number(o.processes)]
        for o in rows.head(WORST).itertuples()
    ]
    heading = f"{scope.name}: the last times it did not run{_of(rows)}"
    columns = ["Process", "From", "Runs missed", "Processes that missed them"]
    nothing = rows.empty and scope.rows("run").empty
    none = "No run is known." if nothing else "No run that was due is missing."
    return Table(heading, columns, told, none)


def _of(rows: pandas.DataFrame) -> str:
    return f", of {words.number(len(rows))}" if len(rows) else ""


def speed(scope: Scope) -> Told:
    """What is slow and what is slowing, the slowing first: rows of speed."""
    rows = scope.rows("speed")
    if scope.weeks().empty:
        return Told(f"{scope.name}: too early", [TOO_EARLY], rows.head(0))
    said = [
        f"Of {words.number(c.subjects)} {scope.group.subjects} that answered in the last 7 weeks, "
        f"{words.number(c.slowing)} are slowing and {words.number(c.faster)} got faster; of "
        f"{words.number(c.too_few)} there are too few weeks to tell. "
        "An answer that timed out took at least so long; other failures are left out."
        for c in scope.together("speed_count").itertuples()
    ]
    order = rows.change.map(["slowing", "faster", "no change", "too few"].index)
    shown = rows.assign(order=order).sort_values("order", kind="stable")
    return Told(
        f"{scope.name}: slow and slowing", said, shown.drop(columns=["order", "process_group"])
    )
