"""Is it steady? How far apart the ages lie at which work moves on, and whether that has changed.

`python benchmarks/spread.py` measures how often each word is wrong.
"""

from __future__ import annotations

import math
from itertools import chain
from typing import NamedTuple

import numpy
from scipy.special import stdtrit

from metrics.statistics import cautions
from metrics.statistics.expected import Numbers
from metrics.statistics.survival import Shares, shares, shares_without
from metrics.statistics.width import INSTANT, Widths
from metrics.statistics.width import Stays as Stays

STEADY, ERRATIC, UNKNOWN = "steady", "erratic", "can't tell"
STEADIER, LESS_STEADY = "steadier", "less steady"
# Where the chance to move on is the same at every age, as by throwing dice each day (an exponential
# distribution), the 85th of 100 takes so many times as long as the 50th.
DICE = math.log(0.15) / math.log(0.5)
CHANCE = 0.01  # rarer than this, in each direction, is no chance
ENTERED, BLOCKS = 30, 10
WEEKS, HALF, LEAST = 26, 13, 15  # weeks compared, the stretches that give the noise, moves in them
OVERLAP = 1.5  # rolling stretches tell as much of the noise as half again as many apart
STEP = 4  # weeks from one rolling stretch to the next
BURSTS = 4  # weeks out of limits in 26 which chance alone hardly brings, one or more moving a week


class Weeks(NamedTuple):
    """Of the last 26 weeks of the behaviour chart of what moves on: how many have limits, how many
    are out of them, and how many move on in a week on average."""

    weeks: int
    out: int
    mean: float


class Spread(NamedTuple):
    """One of the five words, and what it stands on: how many entered, the ages (days; None: not
    reached, or too few) by which a quarter, half and 85 in 100 moved on, how many times longer the
    last is than half, and sentences."""

    word: str
    because: list[str]
    cautions: list[str] = []
    entered: int = 0
    quarter: float | None = None
    half: float | None = None
    most: float | None = None
    times: float | None = None


def spread(
    stays: Stays, edges: Numbers, weeks: Weeks | None, kinds: list[Numbers], unit: str = "days"
) -> Spread:
    """The answer for one stage, or the whole line, at the last of `edges`.

    `edges`: the ends of whole weeks (days of the stream's own clock), oldest first. `kinds`: for
    each declared attribute the value of each stay; a change is one within the kinds of each.
    `unit`: what days of that clock are called.
    """
    by_age = numpy.argsort(stays.age, kind="stable")
    stays, kinds = stays.of(by_age), [kind[by_age] for kind in kinds]
    told = shares(stays.late, stays.age, stays.moved, stays.gone)
    entered = len(stays.age)
    ages = [
        None if entered < least or math.isnan(age := told.reached(share)) else age
        for share, least in ((0.25, 5), (0.5, 5), (0.85, 15))
    ]
    quarter, half, most = ages
    times = most / half if most is not None and half and half > INSTANT else None
    word, said = _level(stays, told, half, most, weeks)
    changed, why, careful = _change(stays, edges, kinds)
    because = [*_ages_said(ages, entered, times, unit), *([why] if why else []), *said]
    return Spread(changed or word, because, careful, entered, quarter, half, most, times)


def days_said(days: float, unit: str) -> str:
    """A time within which something happens, rounded to whole days and never to none."""
    return f"a {unit.removesuffix('s')}" if days < 1.5 else f"{days:,.0f} {unit}"


def _ages_said(ages: list[float | None], entered: int, times: float | None, unit: str) -> list[str]:
    named = zip(("a quarter", "half", "85 in 100"), ages, strict=True)
    reached = [f"{who} within {days_said(age, unit)}" for who, age in named if age is not None]
    if entered < 5:
        seen = "none was" if not entered else "1 was" if entered == 1 else f"{entered} were"
        return [f"By what age they move on takes 5 seen to enter, and {seen}."]
    if not reached:
        return [f"Of {entered:,} that entered, by no age so far has even a quarter moved on."]
    missing = {1: "; half not reached", 2: "; 85 in 100 not reached", 3: ""}[len(reached)]
    if missing and entered < 15 and len(reached) == 2:
        missing = "; for 85 in 100 it takes 15"
    longer = f", {times:.1f} times as long as half" if times else ""
    return [f"Of {entered:,} that entered, {', '.join(reached)}{longer}{missing}."]


def _level(
    stays: Stays, told: Shares, half: float | None, most: float | None, weeks: Weeks | None
) -> tuple[str, list[str]]:
    """Steady, erratic or can't tell, by how far apart the ages lie and by the weeks."""
    said = [_weeks_said(weeks)] if weeks else []
    bursts = weeks is not None and weeks.mean >= 1 and weeks.out >= BURSTS
    if len(stays.age) < ENTERED:
        return UNKNOWN, [*said, f"Too little to tell: it takes {ENTERED} that entered."]
    if half is None:
        return UNKNOWN, [*said, "Until half have moved on it can't be told how far apart they lie."]
    if half <= INSTANT:
        return UNKNOWN, [*said, "Half move on within the hour: no multiple of that means anything."]
    low, high = _between(stays, told, most is not None)
    if low > DICE:
        return ERRATIC, [*said, f"That is erratic: {_chance_said(low, high)}."]
    if high < DICE and bursts:
        return UNKNOWN, [
            *said,
            f"No surer: {_chance_said(low, high)}, but the weeks are not steady.",
        ]
    if high < DICE:
        return STEADY, [*said, f"That is steady: {_chance_said(low, high)}."]
    return UNKNOWN, [*said, f"Neither steady nor erratic for sure: {_chance_said(low, high)}."]


def _chance_said(low: float, high: float) -> str:
    about = f"at least {low:.1f}" if math.isinf(high) else f"between {low:.1f} and {high:.1f}"
    return (
        f"85 in 100 take {about} times as long as half (98% sure), where it is {DICE:.1f} times if "
        "the chance to move on is the same at every age"
    )


def _weeks_said(weeks: Weeks) -> str:
    rare = " (fewer than one a week: such weeks come easily)" if weeks.mean < 1 else ""
    out = f"{weeks.out or 'none'} of the last {weeks.weeks} weeks"
    return f"Of moves a week, {out} {'was' if weeks.out < 2 else 'were'} out of limits{rare}."


def _between(stays: Stays, told: Shares, reached: bool) -> tuple[float, float]:
    """Between which multiples of half the 85th lies (by leaving out a tenth of the time in turn:
    Quenouille's and Tukey's jackknife over blocks, so that neighbours may depend on each other).

    Not reached, it is beyond the longest stay, and there is no upper end.
    """
    block = numpy.empty(len(stays.age), numpy.int8)
    block[numpy.argsort(stays.start, kind="stable")] = (
        numpy.arange(len(stays.age)) * BLOCKS // len(stays.age)
    )
    without = shares_without(stays.late, stays.age, stays.moved, stays.gone, block, BLOCKS)
    whole, *rest = map(_log_times, chain([told], without))
    parts = numpy.array(rest)
    if not numpy.isfinite([whole, *rest]).all():
        return 0.0, math.inf
    error = math.sqrt((BLOCKS - 1) / BLOCKS * float(numpy.sum((parts - parts.mean()) ** 2)))
    give = float(stdtrit(BLOCKS - 1, 1 - CHANCE)) * error
    return math.exp(whole - give), math.exp(whole + give) if reached else math.inf


def _log_times(told: Shares) -> float:
    half, most = told.reached(0.5), told.reached(0.85)
    if math.isnan(most):
        most = float(told.ages[-1]) if len(told.ages) else math.nan
    return math.log(most / half) if half > INSTANT else math.nan


def _change(stays: Stays, edges: Numbers, kinds: list[Numbers]) -> tuple[str, str, list[str]]:
    """Steadier or less steady in the last weeks than before alone predicts, why and with what
    cautions; "" where nothing shows, or there is too little to compare."""
    if len(edges) - 1 < 4 * WEEKS or _moves(stays, edges[-1 - WEEKS], edges[-1]) < LEAST:
        return "", "", []
    each: list[Numbers | None] = [*kinds] or [None]
    known = []
    for kind in each:
        found = _compared(stays, edges, kind)
        if found is None:
            return "", "", []
        known.append(found)
    least = min(known, key=lambda one: one.strength)
    if least.strength <= 1:
        return "", "", []
    size = cautions.arrivals(stays.start[stays.seen], edges, WEEKS)
    careful = [size] if size else []
    if not kinds:
        careful.append(
            "More of another kind of item would look the same: no attribute in stages.yaml tells "
            "kinds of items apart."
        )
    word = STEADIER if least.now < least.before else LESS_STEADY
    return UNKNOWN if size else word, _change_said(least), careful


class _Compared(NamedTuple):
    """How many times longer the upper end of the middle 60 of 100 is than its lower (logs): in the
    last weeks, before, in each earlier stretch as long; and how much more it takes than 1."""

    now: float
    before: float
    earlier: Numbers
    strength: float


def _compared(stays: Stays, edges: Numbers, kinds: Numbers | None) -> _Compared | None:
    """The last 26 weeks beside all before. The noise is measured: how far earlier stretches of 26
    weeks, and of 13, were from all before."""
    weeks = len(edges) - 1 - WEEKS
    widths = Widths(stays, edges, kinds)
    now, before = widths.between(weeks, weeks + WEEKS), widths.between(0, weeks)
    if math.isnan(now + before):
        return None
    long, short = (_rolling(widths, weeks, length) for length in (WEEKS, HALF))
    if len(long) < 4 or len(short) < 8:
        return None
    off, long_off, short_off = now - before, long - before, short - before
    # Before was fitted to these stretches: the next one is further off by so much.
    noise = math.sqrt(
        max(
            float(numpy.mean(long_off**2)) / (1 - WEEKS / weeks),
            # Twice as many weeks differ by half as much (variance), where they don't depend.
            float(numpy.mean(short_off**2)) / (1 - HALF / weeks) * HALF / WEEKS,
        )
    )
    free = OVERLAP * (weeks / HALF - 1)
    needed = float(stdtrit(free, 1 - CHANCE)) * noise
    furthest = float((long_off * numpy.sign(off)).max(initial=0.0))
    return _Compared(now, before, long, abs(off) / max(needed, furthest, 1e-9))


def _change_said(found: _Compared) -> str:
    side = min if found.now < found.before else max
    word = "at least" if side is min else "at most"
    return (
        f"In the last {WEEKS} weeks the longest of the middle 60 of 100 that moved on took "
        f"{math.exp(found.now):.1f} times as long as the shortest; in all weeks before "
        f"{math.exp(found.before):.1f} times, in any {WEEKS} of them looked at {word} "
        f"{math.exp(side(found.earlier)):.1f}."
    )


def _rolling(widths: Widths, until: int, weeks: int) -> Numbers:
    """The widths of earlier stretches of so many weeks, those that can be told."""
    ends = range(until, weeks - 1, -STEP)
    told = numpy.array([widths.between(end - weeks, end) for end in ends])
    return told[~numpy.isnan(told)]


def _moves(stays: Stays, since: float, until: float) -> int:
    end = stays.start + stays.age
    return int(numpy.sum(stays.moved & ~stays.bulk & (end > since) & (end <= until)))
