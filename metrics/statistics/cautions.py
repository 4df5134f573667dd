"""What else could look like a change of pace: a season, more or fewer arrivals, other kinds of item.

Each function gives a caution in a sentence, or nothing where the data speaks against it.
"""

from __future__ import annotations

import math

import numpy

from metrics.statistics.expected import Numbers
from metrics.statistics.stretch import Stretch, deviation, rolling

YEAR = 52
AGAINST = 0.7  # below it the older half of the work does not bear out the whole
PLAIN = 3.3  # above it both halves show the change by themselves


def last_year(s: Stretch) -> str:
    """The caution that the same weeks of last year were like this; "" if they were not."""
    nth = len(s.earlier) + s.weeks - 1 - YEAR
    if s.weeks > YEAR // 2 or nth < 0 or numpy.isnan(s.earlier[nth]):
        return ""
    apart = (s.off - s.earlier[nth]) * numpy.sign(s.off)
    if apart >= s.noise:
        return ""
    return "The same weeks a year ago were like this too: it may be the season or a holiday."


def arrivals(began: Numbers, edges: Numbers, weeks: int) -> str:
    """The caution that more or fewer came in during the last weeks than before; "" if they did not,
    beyond noise. `began`: when those began that were seen to begin."""
    came = numpy.histogram(began, edges)[0]
    before = len(came) - weeks
    now, due = float(came[before:].sum()), float(came[:before].sum()) / before * weeks
    if due < 1:
        return ""
    earlier = deviation(rolling(came[:before], weeks), due)
    noise = max(1.0, float(numpy.mean(earlier**2)))
    if abs(float(deviation(now, due))) < 2.0 * math.sqrt((1 + weeks / before) * noise):
        return ""
    ask = "are they smaller, or is it the load?" if now > due else "are they larger?"
    return f"{now:,.0f} came in during these {weeks} weeks, where before brought {due:,.1f}: {ask}"


def older_half(s: Stretch) -> tuple[float, float]:
    """How far the older half of what was to be expected is off, on the side of the whole; and the
    age (days) at which it begins. A shift to easier items leaves the older as they were."""
    order = numpy.argsort(s.told.ages)
    ages, total = s.told.ages[order], numpy.cumsum(s.told.expected_at[order])
    middle = float(ages[numpy.searchsorted(total, total[-1] / 2)])
    due = float(total[-1] - total[numpy.searchsorted(ages, middle, "right") - 1])
    moved = float(numpy.sum(s.told.moved_at > middle))
    side = float(numpy.sign(s.off))
    parts = [(moved, due), (len(s.told.moved_at) - moved, float(total[-1]) - due)]
    return min(side * float(deviation(*part)) for part in parts), middle


def kinds(s: Stretch, declared: bool, unit: str) -> list[str]:
    """The caution that other kinds of item may have come, where the older do not speak against it."""
    off, age = older_half(s)
    if off >= PLAIN:
        return []
    kinds = "easier" if s.off > 0 else "harder"
    ask = "" if declared else " No attribute in stages.yaml tells kinds of items apart."
    return [
        f"It is not as plain on both sides of {age:,.0f} {unit} of age: more {kinds} items would look "
        f"the same.{ask}"
    ]
