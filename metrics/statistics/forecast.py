"""Monte Carlo forecast: how many by then, and when so many, from the throughput of past weeks.

Each trial draws every coming week from the past weeks, weeks with none included. An answer is
what 85 of 100 trials reach. Nothing is forecast from fewer than five weeks with a delivery.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy
import scipy

TRIALS, SEED = 10_000, 20_260_101  # the same question gets the same answer
SURE, LEAST_WEEKS, FURTHEST = 0.85, 5, 520
QUARTER, LEAST_QUARTERS, UNSTEADY = 13, 3, 0.05


class HowMany(NamedTuple):
    """At least `number` items within `weeks`; `chances` are (number, share of trials that reach it)."""

    weeks: int
    number: int
    chances: list[tuple[int, float]]


class When(NamedTuple):
    """Done within `weeks` (None: not within ten years); `chances` are (weeks, share of trials)."""

    items: int
    weeks: int | None
    chances: list[tuple[int, float]]


class BackTest(NamedTuple):
    """Of `asked` forecasts made at past weeks, `right` were reached; `rows` holds each of them."""

    asked: int
    right: int
    rows: list[dict]

    @property
    def bold(self) -> int:
        """Those that forecast any at all; the others can't be wrong."""
        return sum(row["forecast"] > 0 for row in self.rows)

    @property
    def bold_right(self) -> int:
        """Those of them that were reached."""
        return sum(row["right"] for row in self.rows if row["forecast"] > 0)


def refusal(weekly: Sequence[int]) -> str:
    """Why these past weeks carry no forecast, in a sentence; "" if they do."""
    delivering = sum(n > 0 for n in weekly)
    if delivering >= LEAST_WEEKS:
        return ""
    told = f"{delivering} of the {len(weekly)} weeks looked at had any"
    return f"Too little to forecast from: {told}, and it takes {LEAST_WEEKS}."


def drift(weekly: Sequence[int]) -> str:
    """That these weeks do not keep one level, in a sentence; "" where nothing speaks against it.

    The quarters (13 weeks) are held against each other with the noise of the weeks within them (a
    one-way analysis of variance): a forecast takes the past for the future, and what rises, falls
    or has its season does not go on as it was.
    """
    quarters = [
        list(weekly[n : n + QUARTER]) for n in range(len(weekly) % QUARTER, len(weekly), QUARTER)
    ]
    within = [week - sum(q) / len(q) for q in quarters for week in q]
    if len(quarters) < LEAST_QUARTERS or not any(within):
        return ""
    p = float(scipy.stats.f_oneway(*quarters)[1])
    if p >= UNSTEADY:
        return ""
    told = ", ".join(str(sum(q)) for q in quarters)
    return (
        f"Nothing is forecast: the pace did not stay the same, for {told} came in the last "
        f"{len(quarters)} quarters (of {QUARTER} weeks), which chance alone brings in less than "
        f"{UNSTEADY:.0%} of lines that keep their pace."
    )


def how_many(weekly: Sequence[int], weeks: int, trials: int = TRIALS) -> HowMany:
    """How many items at least, in 85 of 100 trials, within so many weeks.

    `weekly` holds the items of each past week, zeros included. Raises ValueError with the
    sentence of `refusal` where there are too few, and where weeks is less than one.
    """
    _check(weekly, weeks, "weeks")
    totals = numpy.sort(_trials(weekly, weeks, trials).sum(axis=1))
    numbers = numpy.unique(totals)
    reached = 1 - numpy.searchsorted(totals, numbers) / trials
    chances = [(int(n), float(p)) for n, p in zip(numbers, reached, strict=True)]
    return HowMany(weeks, max((n for n, p in chances if p >= SURE), default=0), chances)


def when(weekly: Sequence[int], items: int, trials: int = TRIALS) -> When:
    """Within how many weeks so many items are done, in 85 of 100 trials; None beyond ten years.

    Raises ValueError as `how_many` does.
    """
    _check(weekly, items, "items")
    generator, done = numpy.random.default_rng(SEED), numpy.zeros(trials, dtype=int)
    chances: list[tuple[int, float]] = []
    for week in range(1, FURTHEST + 1):
        done += generator.choice(numpy.asarray(weekly), trials)
        chances.append((week, float((done >= items).mean())))
        if chances[-1][1] == 1:
            break
    return When(items, next((w for w, p in chances if p >= SURE), None), chances)


def back_test(weekly: Sequence[int], window: int, weeks: int, trials: int = 2_000) -> BackTest:
    """Ask `how_many` at each past week from the `window` weeks before it, and see what came.

    The periods overlap, so their outcomes are not independent of each other. A perfect method is
    right 85 of 100 times or somewhat more. Weeks with too little before them are left out.
    """
    rows = []
    for now in range(window, len(weekly) - weeks + 1):
        before = weekly[now - window : now]
        if not refusal(before):
            told, came = how_many(before, weeks, trials).number, sum(weekly[now : now + weeks])
            rows.append({"week_no": now, "forecast": told, "came": came, "right": came >= told})
    return BackTest(len(rows), sum(row["right"] for row in rows), rows)


def chance(share: float) -> str:
    """A share of trials in words; no forecast is surer than ">95%"."""
    return ">95%" if share > 0.95 else "<5%" if share < 0.05 else f"{share:.0%}"


def _trials(weekly: Sequence[int], weeks: int, trials: int) -> numpy.ndarray:
    return numpy.random.default_rng(SEED).choice(numpy.asarray(weekly), (trials, weeks))


def _check(weekly: Sequence[int], asked: int, what: str) -> None:
    if reason := refusal(weekly):
        raise ValueError(reason)
    if asked < 1:
        raise ValueError(f"{what} must be one or more")
