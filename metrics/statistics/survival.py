"""Survival: the share that has moved on by each age, with those still in counted as still in.

The estimator of Aalen and Johansen (Kaplan and Meier's, with abandonment as a competing exit),
spells known late entering at the age they were first known. metrics/model/at_instant/23_survival.sql works
the same curve out for every stage at once; the two are held to each other by a test.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy
import pandas

BAND = 1.959963984540054  # standard errors: 95 in 100
FEW = 5  # spells in all, below which no share is given


def placed(spells: pandas.DataFrame) -> pandas.DataFrame:
    """The spells that have a place at ages of a curve: not those that were there when the records
    begin, for nobody knows how long (at_least, late_days 0), nor those over before they began."""
    known = spells.late_days == 0
    return spells[(known & ~spells.at_least) | (~known & (spells.late_days < spells.days))]


def curve(spells: pandas.DataFrame) -> pandas.DataFrame:
    """The curve of some spells (days, late_days, exit, at_least) whose age is known, one row per age
    at which any of them ended.

    Gives age_days, at_risk, moved, gone (moved or abandoned), moved_on (a share) and its 95% band
    lower and upper (by the log of minus the log; variance as in Marubini and Valsecchi, "Analysing
    Survival Data from Clinical Trials", 1995, chapter 10); the band is missing where the share is
    0 or 1. Without spells it has no rows.
    """
    spells = placed(spells)
    left, on = spells.exit.notna().to_numpy(), (spells.exit == "on").to_numpy()
    told = shares(spells.late_days.to_numpy(float), spells.days.to_numpy(float), on, left)
    ages, at_risk, moved, gone, before, share = told
    lower, upper = _band(share, before, at_risk, moved, gone)
    return pandas.DataFrame(
        dict(age_days=ages, at_risk=at_risk, moved=moved, gone=gone, moved_on=share,
             lower=lower, upper=upper)
    )  # fmt: skip


class Shares(NamedTuple):
    """Age by age: how many were at risk, moved and were gone, the share still staying just before it,
    and the share that has moved on by then."""

    ages: numpy.ndarray
    at_risk: numpy.ndarray
    moved: numpy.ndarray
    gone: numpy.ndarray
    before: numpy.ndarray
    moved_on: numpy.ndarray

    def reached(self, share: float) -> float:
        """The first age at which so many have moved on; nan: not reached."""
        nth = int(numpy.searchsorted(self.moved_on, share - 1e-12))
        return float(self.ages[nth]) if nth < len(self.ages) else math.nan


def shares(late, days, moved, gone) -> Shares:
    """The estimator itself, over columns: the age at which each spell is first known, its age at the
    end or so far (both in one unit), whether it ended in a move, and whether it ended at all."""
    if not (days[1:] >= days[:-1]).all():
        order = numpy.argsort(days, kind="stable")  # quick where parts of them come in order
        late, days, moved, gone = late[order], days[order], moved[order], gone[order]
    return _counts(late, days, moved, gone).shares()


def shares_without(late, days, moved, gone, block, blocks: int) -> Iterator[Shares]:
    """The same, in days' order alone, without the spells of each block (0, 1, 2 …) in turn: what those
    count is taken from the counts of all, so that no spell is counted more than twice.

    Ages at which only spells left out ended are told too: nothing changes at them.
    """
    whole = _counts(late, days, moved, gone)
    nth = numpy.repeat(numpy.arange(len(whole.ages), dtype=numpy.int32), whole.ended)
    for left_out in range(blocks):
        some = numpy.flatnonzero(block == left_out)
        at, length = nth[some], len(whole.ages)
        ended = numpy.bincount(at, minlength=length)
        at_risk = _entered(late[some], whole.ages) - (numpy.cumsum(ended) - ended)
        moves = numpy.bincount(at[moved[some]], minlength=length)
        ends = numpy.bincount(at[gone[some]], minlength=length)
        yield shares_of(whole.ages, whole.at_risk - at_risk, whole.moved - moves, whole.gone - ends)


def shares_by_end(late, moved, gone, still) -> Shares:
    """The same from ages alone, in any order: those at which spells were first known, of those that were
    not from their start; at which they moved, were gone otherwise, and so far are. Which of them came late
    makes no difference, only how many had by an age. Told are the ages at which any moved or was gone."""
    ages = numpy.unique(numpy.concatenate([moved, gone]))
    moves, others = (
        numpy.diff(numpy.searchsorted(numpy.sort(ended), ages, "right"), prepend=0)
        for ended in (moved, gone)
    )
    every = numpy.concatenate([moved, gone, still])
    at_risk = len(every) - len(late) + upto(late, ages) - upto(every, ages)
    return shares_of(ages, at_risk, moves, moves + others)


class _Counts(NamedTuple):
    """Of each age at which spells ended, or are so far, in order: how many did, how many of all were at
    risk, and how many moved and were gone."""

    ages: numpy.ndarray
    ended: numpy.ndarray
    at_risk: numpy.ndarray
    moved: numpy.ndarray
    gone: numpy.ndarray

    def shares(self) -> Shares:
        """The estimator of these counts."""
        return shares_of(self.ages, self.at_risk, self.moved, self.gone)


def _counts(late, days, moved, gone) -> _Counts:
    """Of columns in days' order."""
    first = numpy.flatnonzero(numpy.diff(days, prepend=-math.inf))
    ages = days[first]
    moves, ends = (numpy.diff(_before(flags, first)) for flags in (moved, gone))
    ended = numpy.diff(first, append=len(days))
    return _Counts(ages, ended, _entered(late, ages) - first, moves, ends)


def shares_of(ages, at_risk, moves, ends) -> Shares:
    """The estimator, from how many were at risk, moved and were gone at ages in order. Those over before
    they were known are none: an age at which nobody was at risk is not told."""
    seen = at_risk > 0
    if not seen.all():
        ages, at_risk, moves, ends = ages[seen], at_risk[seen], moves[seen], ends[seen]
    staying = numpy.cumprod(1 - ends / at_risk)
    before = numpy.concatenate([[1.0], staying[:-1]])[: len(ages)]
    return Shares(ages, at_risk, moves, ends, before, numpy.cumsum(before * moves / at_risk))


def reached(curve: pandas.DataFrame, column: str = "moved_on", share: float = 0.5) -> float | None:
    """The first age (days) at which a column of a curve reaches a share; None: not reached."""
    found = curve.age_days[curve[column] >= share - 1e-12]
    return None if found.empty else float(found.iloc[0])


class LogRank(NamedTuple):
    """Of the spells of group 1, `moved` ended in a move; `expected` had both groups one pace.

    `p` is the chance of a difference this large between groups of one pace (two-sided).
    """

    moved: int
    expected: float
    p: float


def log_rank(spells: pandas.DataFrame) -> LogRank:
    """Compare groups 0 and 1 of spells (late_days, days, moved: bool, group) at the same ages."""
    # Here, because it takes a second to import, and a command that only starts has no use for it.
    from statsmodels.duration.survfunc import survdiff

    late = spells.late_days.to_numpy(dtype=float)
    # A spell known from its start is at risk from age 0 on, its first instant included.
    late = numpy.where(late > 0, late, -1.0)
    days, group = spells.days.to_numpy(dtype=float), spells.group.to_numpy()
    moved = spells.moved.to_numpy().astype(int)
    ages, counts = numpy.unique(days[moved == 1], return_counts=True)
    at_risk = [upto(late[g], ages) - upto(days[g], ages) for g in (group == 1, group >= 0)]
    expected = float(numpy.sum(counts * at_risk[0] / at_risk[1])) if len(ages) else 0.0
    try:
        p = float(survdiff(days, moved, group, entry=late)[1])
    except (numpy.linalg.LinAlgError, IndexError, ValueError):
        p = 1.0  # at no age were both groups at risk: nothing speaks for a difference
    return LogRank(int(moved[group == 1].sum()), expected, 1.0 if numpy.isnan(p) else p)


def _entered(late: numpy.ndarray, ages: numpy.ndarray) -> numpy.ndarray:
    """How many spells are known before each age; known from its start, one is from age 0 on."""
    later = late[late != 0]
    return len(late) - len(later) + upto(later, ages)


def upto(values, ages: numpy.ndarray) -> numpy.ndarray:
    """How many values lie before each age."""
    return numpy.searchsorted(numpy.sort(numpy.asarray(values, dtype=float)), ages, "left")


def _before(flags: numpy.ndarray, first: numpy.ndarray) -> numpy.ndarray:
    """How many flags are set before each of some places, and in all."""
    return numpy.concatenate([[0], numpy.cumsum(flags)])[numpy.append(first, len(flags))]


def _band(share, before, at_risk, moved, gone) -> tuple[numpy.ndarray, numpy.ndarray]:
    stayed = at_risk - gone
    a = numpy.divide(gone, at_risk * stayed, out=numpy.zeros(len(share)), where=stayed > 0)
    b = before**2 * moved * (at_risk - moved) / at_risk**3.0
    c = before * moved / at_risk**2.0
    sums = [numpy.cumsum(x) for x in (a, a * share, a * share**2, b, c, c * share)]
    variance = share**2 * sums[0] - 2 * share * sums[1] + sums[2] + sums[3]
    variance += -2 * (share * sums[4] - sums[5])
    inside = (share > 0) & (share < 1 - 1e-12)
    shares = numpy.where(inside, share, 0.5)
    width = BAND * numpy.sqrt(numpy.maximum(variance, 0)) / (shares * -numpy.log(shares))
    lower, upper = shares ** numpy.exp(width), shares ** numpy.exp(-width)
    return numpy.where(inside, lower, numpy.nan), numpy.where(inside, upper, numpy.nan)
