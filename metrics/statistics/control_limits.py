"""Process behaviour charts (XmR): limits, the four signals, assurance. One small function a rule.

Constants and rules as NHS England's "Making Data Count" uses them: mean ± 2.66 mR̄, range limit
3.267 mR̄, seven in a row, two of three beyond 1.773 mR̄ (Wheeler, "Understanding Variation").
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

SPREAD, RANGE_SPREAD, NEAR_SPREAD = 2.66, 3.267, 1.773
RUN, ENOUGH = 7, 13
SIGNALS = {
    "outside": "a point outside the limits",
    "shift": "seven or more in a row on one side of the mean",
    "trend": "seven or more in a row rising or falling",
    "near": "two of three close to one limit",
}


class Limits(NamedTuple):
    """Limits of n points in their own unit; trial while there are fewer than 13."""

    n: int
    mean: float
    mean_range: float
    lower: float
    upper: float
    range_limit: float
    trial: bool


def control_limits(values: Sequence[float], floor: float | None = 0.0) -> Limits | None:
    """The limits of successive values: mean ± 2.66 times the mean moving range; None under two.

    `floor` is the least value that can occur (0 for times and counts, None for differences):
    the lower limit is not drawn beneath it.
    """
    if len(values) < 2:
        return None
    ranges = [abs(b - a) for a, b in itertools.pairwise(values)]
    mean, mean_range = math.fsum(values) / len(values), math.fsum(ranges) / len(ranges)
    lower = mean - SPREAD * mean_range
    return Limits(
        n=len(values),
        mean=mean,
        mean_range=mean_range,
        lower=lower if floor is None else max(floor, lower),
        upper=mean + SPREAD * mean_range,
        range_limit=RANGE_SPREAD * mean_range,
        trial=len(values) < ENOUGH,
    )


def outside(values: Sequence[float], limits: Limits) -> list[int]:
    """1 above the upper limit, -1 below the lower, else 0, for each value."""
    return [
        0 if _same(v, limits.upper) or _same(v, limits.lower)
        else int(v > limits.upper) - int(v < limits.lower)
        for v in values
    ]  # fmt: skip


def shift(values: Sequence[float], limits: Limits) -> list[int]:
    """1 or -1 for each value of a run of seven or more above or below the mean, else 0."""
    return _runs([_side(v, limits.mean) for v in values], RUN)


def trend(values: Sequence[float]) -> list[int]:
    """1 or -1 for each value of seven or more in a row rising or falling, else 0.

    A value equal to the one before it ends the row; the first of the seven counts.
    """
    steps = [_side(b, a) for a, b in itertools.pairwise(values)]
    runs = _runs(steps, RUN - 1)
    before, after = [*runs, 0], [0, *runs]
    return [b or a for b, a in zip(before, after, strict=True)] if values else []


def near(values: Sequence[float], limits: Limits) -> list[int]:
    """1 or -1 for the values beyond 1.773 mR̄ and inside the limits, where two of three are so.

    The three must lie on one side of the mean.
    """
    sides = [_side(v, limits.mean) for v in values]
    beyond = outside(values, limits)
    far = [
        abs(v - limits.mean) > NEAR_SPREAD * limits.mean_range and not o
        for v, o in zip(values, beyond, strict=True)
    ]
    found = [0] * len(values)
    for end in range(3, len(values) + 1):
        three = range(end - 3, end)
        close = [i for i in three if far[i]]
        if abs(sum(sides[i] for i in three)) == 3 and len(close) >= 2:
            for i in close:
                found[i] = sides[i]
    return found


def signals(values: Sequence[float], limits: Limits) -> list[dict[str, int]]:
    """For each value its signals by name (a key of SIGNALS): 1 for high, -1 for low."""
    rules = {
        "outside": outside(values, limits),
        "shift": shift(values, limits),
        "trend": trend(values),
        "near": near(values, limits),
    }
    return [
        {name: marks[i] for name, marks in rules.items() if marks[i]} for i in range(len(values))
    ]


def assurance(limits: Limits, target: float) -> str:
    """Whether a process whose small values are good keeps to a target, by chance of its limits."""
    if limits.upper <= target or _same(limits.upper, target):
        return "will pass"
    beyond = limits.lower > target and not _same(limits.lower, target)
    return "will fail" if beyond else "hit and miss"


def _side(value: float, other: float) -> int:
    return 0 if _same(value, other) else 1 if value > other else -1


def _same(a: float, b: float) -> bool:
    # A mean of equal numbers may differ from them in the last digit: that is no side.
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)


def _runs(sides: list[int], least: int) -> list[int]:
    """Each place that belongs to `least` or more equal, non-zero sides in a row keeps its side."""
    kept, start = [0] * len(sides), 0
    for i in range(len(sides) + 1):
        if i == len(sides) or sides[i] != sides[start]:
            if i - start >= least and sides[start]:
                kept[start:i] = sides[start:i]
            start = i
    return kept
