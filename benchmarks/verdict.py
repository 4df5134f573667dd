"""How often is "faster" or "slower" wrong, and how often is a change found? Lines whose truth is known.

    python benchmarks/verdict.py [runs]

Each line is 104 weeks, about 2 items a week; what changes, changes 13, 20 or 26 weeks before the
end. For each: the share of runs in which metrics.statistics.faster says each word, and the share
of faster and slower said without any caution.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy

from metrics.statistics import faster
from metrics.statistics.expected import Spells

WEEKS, RATE, NEVER = 104, 2, 1e9
Random = numpy.random.Generator
# The days on which items enter, and on which they move on.
Items = tuple[numpy.ndarray, numpy.ndarray]
Line = Callable[[Random], Items]


def arrivals(random: Random, rate: float = RATE) -> numpy.ndarray:
    """The days on which items enter, `rate` a week at random."""
    return numpy.sort(random.uniform(0, WEEKS * 7, random.poisson(rate * WEEKS)))


def stays(random: Random, days, size: int, spread: float = 0.75) -> numpy.ndarray:
    """How long items stay: most for somewhat less than `days`, some for much longer."""
    return random.lognormal(numpy.log(days) - spread**2 / 2, spread, size)


def steady(days: float = 30, spread: float = 0.75, rate: float = RATE) -> Line:
    """Each item takes its own time, whatever the others do."""

    def make(random):
        came = arrivals(random, rate)
        return came, came + stays(random, days, len(came), spread)

    return make


def queued(people: int = 3, busy: float = 0.9, fifo: bool = True) -> Line:
    """So many people, so busy: an item waits until one of them is free."""

    def make(random):
        came = arrivals(random)
        work = random.exponential(people * busy / RATE * 7, len(came))
        free, went, waiting, nth = [0.0] * people, numpy.full(len(came), NEVER), [], 0
        while nth < len(came) or waiting:
            who = int(numpy.argmin(free))
            start = free[who] if waiting else max(free[who], came[nth])
            while nth < len(came) and came[nth] <= start:
                waiting.append(nth)
                nth += 1
            item = waiting.pop(0 if fifo else int(random.integers(len(waiting))))
            went[item] = free[who] = start + work[item]
        return came, went

    return make


def booked(line: Line, every: float = 21, give: float = 7) -> Line:
    """Moves are booked in sittings about every so many days."""

    def make(random):
        came, went = line(random)
        sittings = numpy.cumsum(random.uniform(every - give, every + give, 2 * WEEKS))
        return came, sittings[numpy.searchsorted(sittings, numpy.minimum(went, WEEKS * 7 + 1))]

    return make


def with_holiday(line: Line, weeks: float = 4, pauses: bool = True) -> Line:
    """Once a year nothing moves for some weeks: work pauses, or is booked only afterwards."""

    def make(random):
        came, went = line(random)
        for begins in numpy.arange(random.uniform(0, 364), WEEKS * 7, 364):
            ends = begins + weeks * 7
            if pauses:
                there = (went > begins) & (came < ends)
                went = numpy.where(there, went + ends - numpy.maximum(came, begins), went)
            else:
                went = numpy.where(
                    (went > begins) & (went < ends), ends + random.uniform(0, 5, len(came)), went
                )
        return came, went

    return make


def mixed(easy: float, hard: float, before: float, after: float, since: int) -> Line:
    """Easy and hard items, of which a share is easy before and another after: nobody is faster."""

    def make(random):
        came = arrivals(random)
        is_easy = random.random(len(came)) < numpy.where(came < since * 7, before, after)
        return came, came + stays(random, numpy.where(is_easy, easy, hard), len(came), 0.5)

    return make


def split(days: float, since: int) -> Line:
    """Items are split in two, each with half the work."""

    def make(random):
        came, went = steady(days)(random)
        late = came >= since * 7
        halves = (went - came)[late] / 2
        went = numpy.where(late, (came + went) / 2, went)
        return numpy.concatenate([came, came[late]]), numpy.concatenate([went, came[late] + halves])

    return make


def arriving(times: float, since: int) -> Line:
    """As many times as before come in; each takes as long as ever."""

    def make(random):
        came, went = steady()(random)
        if times < 1:
            kept = (came < since * 7) | (random.random(len(came)) < times)
            return came[kept], went[kept]
        more, done = steady(rate=RATE * (times - 1))(random)
        kept = more >= since * 7
        return numpy.concatenate([came, more[kept]]), numpy.concatenate([went, done[kept]])

    return make


def in_batches(size: int, days: float = 30) -> Line:
    """Items come in batches."""

    def make(random):
        when = arrivals(random, RATE / size)
        came = numpy.repeat(when, random.poisson(size, len(when)))
        return came, came + stays(random, days, len(came))

    return make


def in_seasons(random: Random) -> Items:
    """Twice as many come in one half of the year, hardly any in the other."""
    came = arrivals(random, 2 * RATE)
    wave = 1 + numpy.sin(came / 364 * 2 * numpy.pi + random.uniform(0, 2 * numpy.pi))
    came = came[random.random(len(came)) < wave / 2]
    return came, came + stays(random, 30, len(came))


def stopped(line: Line, since: int = 91) -> Line:
    """From a week on nothing moves."""

    def make(random):
        came, went = line(random)
        return came, numpy.where(went > since * 7, NEVER, went)

    return make


def changed(line: Line, times: float, since: int, only_new: bool = True) -> Line:
    """From a week on items take so many times as long: those that come, or the rest of all work."""

    def make(random):
        came, went = line(random)
        begins = numpy.maximum(came, since * 7)
        affected = (came >= since * 7) if only_new else (went > since * 7)
        return came, numpy.where(affected, begins + (went - begins) * times, went)

    return make


UNCHANGED: dict[str, Line] = {
    "steady, 30 days": steady(), "steady, 90 days": steady(90), "steady, 7 days": steady(7, 0.3),
    "steady, 180 days": steady(180), "some very long": steady(40, 1.2), "1 in 7 weeks": steady(60, rate=0.15),
    "2 in 5 weeks": steady(90, rate=0.4), "3 people 90% busy": queued(),
    "3 people 95% busy": queued(busy=0.95), "3 people, any order": queued(fifo=False),
    "1 person 80% busy": queued(1, 0.8), "1 person 90% busy": queued(1),
    "sittings every 3 weeks": booked(steady()), "sittings, 90 days": booked(steady(90)),
    "sittings every 5 weeks": booked(steady(), 35, 10), "sittings and a queue": booked(queued()),
    "4 weeks' holiday": with_holiday(steady()), "holiday, booked after": with_holiday(steady(), 4, False),
    "holiday, 90 days": with_holiday(steady(90)), "2 weeks' holiday": with_holiday(steady(), 2),
    "more easy, 13 weeks": mixed(15, 60, 0.3, 0.7, 91), "more easy, 26 weeks": mixed(15, 60, 0.3, 0.7, 78),
    "far more easy": mixed(10, 60, 0.2, 0.8, 91), "more hard": mixed(15, 60, 0.7, 0.3, 91),
    "split in two, 13 weeks": split(30, 91), "split in two, 26 weeks": split(30, 78),
    "split, 90 days": split(90, 91), "twice as many come": arriving(2, 91),
    "none come": arriving(0, 91), "batches of 6": in_batches(6), "batches, 90 days": in_batches(6, 90),
    "seasons": in_seasons,
}  # fmt: skip
CHANGED: dict[str, tuple[str, Line]] = {
    "stopped": (faster.SLOWER, stopped(steady())), "stopped, 90 days": (faster.SLOWER, stopped(steady(90))),
    "stopped, a queue": (faster.SLOWER, stopped(queued())),
    "stopped, sittings": (faster.SLOWER, stopped(booked(steady()))),
    "half, all, 13 weeks": (faster.FASTER, changed(steady(), 0.5, 91, False)),
    "half, all, 26 weeks": (faster.FASTER, changed(steady(), 0.5, 78, False)),
    "half, new, 20 weeks": (faster.FASTER, changed(steady(), 0.5, 84)),
    "half, new, 26 weeks": (faster.FASTER, changed(steady(), 0.5, 78)),
    "half of 90 days, all": (faster.FASTER, changed(steady(90), 0.5, 91, False)),
    "half of 90 days, new": (faster.FASTER, changed(steady(90), 0.5, 78)),
    "twice as long, all": (faster.SLOWER, changed(steady(), 2, 91, False)),
    "twice as long, new": (faster.SLOWER, changed(steady(), 2, 78)),
}  # fmt: skip


def said(line: Line, seed: int) -> faster.Verdict:
    """The verdict on one run of a line, at its end."""
    came, went = line(numpy.random.default_rng(seed))
    there = came < WEEKS * 7
    came, went = came[there], went[there]
    spells = Spells(
        came, numpy.zeros(len(came)), numpy.minimum(went, WEEKS * 7) - came, went <= WEEKS * 7,
        *[numpy.ones(len(came), bool)] * 2,
    )  # fmt: skip
    return faster.verdict(spells, numpy.arange(WEEKS + 1) * 7.0, [])


def main(runs: int) -> None:
    """Print the shares for each kind of line."""
    print(f"{'':26}  faster  plain  slower  plain   same  unknown")
    for heading, lines in (
        ("Nothing changes", UNCHANGED),
        ("Something changes", {name: line for name, (_, line) in CHANGED.items()}),
    ):
        print(heading)
        for name, line in lines.items():
            told = [said(line, seed) for seed in range(runs)]
            words, plain = (
                Counter(v.word for v in told),
                Counter(v.word for v in told if not v.cautions),
            )
            counts = [words[faster.FASTER], plain[faster.FASTER], words[faster.SLOWER],
                      plain[faster.SLOWER], words[faster.SAME], words[faster.UNKNOWN]]  # fmt: skip
            print(f"  {name:24}" + "".join(f"  {n / runs:6.1%}" for n in counts), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
