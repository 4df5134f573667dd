"""How often is "steadier" or "less steady", "steady" or "erratic" wrong, and how often found?

    python benchmarks/spread.py [runs]

The lines of benchmarks/verdict.py, and some whose spread is known or changes 26 weeks before the
end, each 104 weeks of about 2 items a week. For each: the share of runs in which
metrics.statistics.spread says each word; of changes also the share said without any caution but
that no attribute tells kinds of items apart.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy
import verdict as lines
from verdict import WEEKS, Line

from metrics.statistics import spread
from metrics.statistics.control_limits import control_limits, outside
from metrics.statistics.spread import Spread, Stays, Weeks


def respread(before: float, after: float, since: int = WEEKS - 26, days: float = 30) -> Line:
    """Half stay as long as ever; from a week on the others lie closer together, or further apart."""

    def make(random):
        came = lines.arrivals(random)
        spreads = numpy.where(came < since * 7, before, after)
        return came, came + numpy.exp(numpy.log(days) + spreads * random.standard_normal(len(came)))

    return make


def by_dice(days: float = 30) -> Line:
    """The chance to move on is the same every day."""

    def make(random):
        came = lines.arrivals(random)
        return came, came + random.exponential(days, len(came))

    return make


KNOWN: dict[str, tuple[str, Line]] = {
    "1.4 times": (spread.STEADY, respread(0.3, 0.3)),
    "1.7 times": (spread.STEADY, respread(0.5, 0.5)),
    "2.2 times": (spread.STEADY, respread(0.75, 0.75)),
    "3.5 times": (spread.ERRATIC, respread(1.2, 1.2)),
    "4.7 times": (spread.ERRATIC, respread(1.5, 1.5)),
    "by dice, 2.7 times": (spread.UNKNOWN, by_dice()),
    "2.2 to 1.4 times": (spread.STEADIER, respread(0.75, 0.3)),
    "2.8 to 1.5 times": (spread.STEADIER, respread(1.0, 0.4)),
    "2.8 to 1.7 times": (spread.STEADIER, respread(1.0, 0.5)),
    "1.4 to 2.2 times": (spread.LESS_STEADY, respread(0.3, 0.75)),
    "1.5 to 2.8 times": (spread.LESS_STEADY, respread(0.4, 1.0)),
}
WORDS = (spread.STEADIER, spread.LESS_STEADY, spread.STEADY, spread.ERRATIC, spread.UNKNOWN)


def said(line: Line, seed: int) -> Spread:
    """What is said of one run of a line, at its end."""
    came, went = line(numpy.random.default_rng(seed))
    there = came < WEEKS * 7
    came, went = came[there], went[there]
    edges, yes = numpy.arange(WEEKS + 1) * 7.0, numpy.ones(len(came), bool)
    moved = went <= WEEKS * 7
    stays = Stays(
        came, numpy.zeros(len(came)), numpy.minimum(went, WEEKS * 7) - came, moved, moved, ~yes, yes
    )
    weekly = numpy.histogram(went[moved], edges)[0].tolist()
    limits = control_limits(weekly)
    assert limits
    out = sum(map(abs, outside(weekly, limits)[-26:]))
    return spread.spread(stays, edges, Weeks(26, out, limits.mean), [])


def main(runs: int) -> None:
    """Print the shares for each kind of line."""
    print(f"{'':24}" + "".join(f"{word:>13}" for word in WORDS))
    for heading, chosen in (
        ("Nothing changes", lines.UNCHANGED),
        ("The pace changes", {name: line for name, (_, line) in lines.CHANGED.items()}),
        ("The spread is known", {name: line for name, (_, line) in KNOWN.items()}),
    ):
        print(heading)
        for name, line in chosen.items():
            words = Counter(said(line, seed).word for seed in range(runs))
            print(f"  {name:22}" + "".join(f"{words[w] / runs:13.1%}" for w in WORDS), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
