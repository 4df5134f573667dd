"""How often is "faster", "slower" or "no change" right? Simulated lines whose truth is known.

    python benchmarks/verdict.py [runs]

For each line: the share of runs in which metrics.faster says each word, and beside it the share in
which the process behaviour charts alone would have (the newest point of weekly lead time, and of
weekly median age, has a signal). Each line is 90 weeks, of which the first 30 fill it up.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import itertools

import numpy
import pandas

from metrics.statistics import faster
from metrics.statistics.control_limits import control_limits, signals

WEEKS, WARM, NEVER = 90, 30, 1e9
Items = numpy.ndarray  # two columns: the day an item entered, the day it moved on


def arrivals(random: numpy.random.Generator, rate: float) -> numpy.ndarray:
    """The days on which items enter, `rate` a week at random."""
    return numpy.sort(random.uniform(0, WEEKS * 7, random.poisson(rate * WEEKS)))


def stays(random: numpy.random.Generator, days: numpy.ndarray | float, size: int) -> numpy.ndarray:
    """How long items stay: most for about `days`, some for much longer."""
    return random.lognormal(numpy.log(days) - 0.3, 0.75, size)


def lines(rate: float, days: float) -> Iterator[tuple[str, Callable]]:
    """Each kind of line: what happens in it, and how to make one."""

    def steady(random):
        came = arrivals(random, rate)
        return numpy.column_stack([came, came + stays(random, days, len(came))])

    def changed(times):
        def make(random):
            came = arrivals(random, rate)
            mean = numpy.where(came < 70 * 7, days, days * times)
            return numpy.column_stack([came, came + stays(random, mean, len(came))])

        return make

    def blocked(random):
        items = steady(random)
        items[items[:, 1] > 72 * 7, 1] = NEVER
        return items

    def easy_ones_only(random):
        items = changed(0.5)(random)
        rot = (items[:, 0] > 70 * 7) & (random.random(len(items)) < 0.5)
        items[rot, 1] = NEVER
        return items

    def fewer_come(random):
        items = steady(random)
        return items[items[:, 0] < 77 * 7]

    def more_come(random):
        more = steady(random)
        return numpy.concatenate([steady(random), more[more[:, 0] > 77 * 7]])

    yield "nothing changes", steady
    yield "twice as fast since week 70", changed(0.5)
    yield "twice as slow since week 70", changed(2)
    yield "blocked since week 72", blocked
    yield "easy ones fast, half rot", easy_ones_only
    yield "arrivals stop at week 77", fewer_come
    yield "arrivals double at week 77", more_come


def weekly(items: Items) -> tuple[list, list]:
    """The median lead time of what moved on in each week, and the median age at its end."""
    came, went = items.T
    lead, age = [], []
    for week in range(WARM, WEEKS):
        end = (week + 1) * 7
        moved = (went - came)[(went >= week * 7) & (went < end)]
        still = (end - came)[(came < end) & (went >= end)]
        lead.append(
            float(numpy.quantile(moved, 0.5, method="inverted_cdf")) if len(moved) else None
        )
        age.append(float(numpy.median(still)) if len(still) else None)
    return lead, age


def spells(items: Items) -> pandas.DataFrame:
    """The rows of the figure spell that these items would have, known since week WARM."""
    came, went = items[items[:, 1] > WARM * 7].T
    now = WEEKS * 7
    return pandas.DataFrame(
        dict(
            began_days_ago=now - came, late_days=numpy.maximum(WARM * 7 - came, 0),
            days=numpy.minimum(went, now) - came, exit=numpy.where(went < now, "on", None),
            in_bulk=False, quarter_days=91.0, half_year_days=182.0, year_days=364.0,
        )
    )  # fmt: skip


def charted(values: list) -> str:
    """What the newest point of a process behaviour chart alone would say."""
    known = [v for v in values if v is not None]
    limits = control_limits(known)
    found = signals(known, limits)[-1] if limits else {}
    return "no signal" if not found else "slower" if next(iter(found.values())) > 0 else "faster"


def main(runs: int) -> None:
    """Print the shares for each kind of line."""
    for rate, days in ((1, 30), (3, 30), (3, 90)):
        print(f"\n{rate} a week, {days} days each")
        for name, make in lines(rate, days):
            said: dict[str, Counter] = {
                "faster.py": Counter(),
                "lead chart": Counter(),
                "age chart": Counter(),
            }
            for seed in range(runs):
                items = make(numpy.random.default_rng(seed))
                lead, age = weekly(items)
                growth = [b - a if None not in (a, b) else None for a, b in itertools.pairwise(age)]
                said["faster.py"][faster.verdict(spells(items), growth).word] += 1
                said["lead chart"][charted(lead)] += 1
                said["age chart"][charted(age)] += 1
            told = {k: {w: f"{n / runs:.0%}" for w, n in v.most_common()} for k, v in said.items()}
            print(f"  {name:<28} {told}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
