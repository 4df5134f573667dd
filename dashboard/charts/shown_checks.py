"""What the Pipeline page shows of processes, chart by chart: the words, the rows, and what draws them."""

from __future__ import annotations

from functools import partial

import pandas

from dashboard.charts import pipeline as charts
from dashboard.charts.shown import Shown
from telling import checks
from telling.checks import Scope
from telling.drawn import MOST


def weeks(scope: Scope) -> Shown:
    """Subjects in service, looked at and failing, week by week."""
    told = checks.weeks(scope)
    if told.rows.empty:
        return Shown(told)
    return Shown(told, partial(charts.endpoints, told.rows, scope.group.subjects))


def share(scope: Scope) -> Shown:
    """The share of checks that failed, week by week; only where there are weeks."""
    told = checks.share(scope)
    return Shown(told, partial(charts.share, told.rows))


def errors(scope: Scope) -> Shown:
    """What failed in the last 13 weeks, by kind and process."""
    told = checks.errors(scope)
    if told.rows.empty:
        return Shown(told)
    return Shown(told, partial(charts.errors, checks.grid(told.rows)))


def recovery(scope: Scope) -> Shown:
    """How long failing subjects take to recover."""
    told = checks.recovery(scope)
    return Shown(told, partial(charts.recovery, told.rows) if len(told.rows) else None)


def runs(scope: Scope) -> Shown:
    """Each run and each that did not take place: all of one process, or the last days of several."""
    told = checks.runs(scope)
    newest_first = told._replace(rows=told.rows.iloc[::-1])
    if told.rows.process.nunique() == 1:
        return Shown(newest_first, partial(charts.runs, told.rows))
    since = told.rows.slot.max() - pandas.Timedelta(days=checks.RECENT)
    return Shown(newest_first, partial(charts.strips, told.rows[told.rows.slot > since]))


def speed(scope: Scope) -> Shown:
    """What is slow and what is slowing."""
    told = checks.speed(scope)
    if told.rows.empty:
        return Shown(told)
    known = told.rows[told.rows.before_seconds.notna()]
    return Shown(
        told, partial(charts.speed, known.nlargest(MOST, "seconds")) if len(known) else None
    )
