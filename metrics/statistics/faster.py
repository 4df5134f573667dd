"""Does it get faster? The moves of the last weeks beside those that before alone predicts.

`python benchmarks/verdict.py` measures how often each word is wrong.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy
from scipy.special import stdtrit

from metrics.statistics import cautions
from metrics.statistics.expected import Numbers, Spells, by_kind
from metrics.statistics.stretch import CHANCE, LEAST, Stretch, deviation, stretches

FASTER, SLOWER, SAME, UNKNOWN = "faster", "slower", "same", "unknown"
WINDOWS = (13, 26)  # weeks that are judged
THIRD = 1 / 3  # the change that must have been seen before "same" is said
MANY = 0.25  # the share of moves without comparison above which nothing is said
BEYOND = "at ages that hardly anything had reached before, or that nobody knows"
STILL = 6  # weeks without any move, and twice the longest such time before and two weeks more


class Verdict(NamedTuple):
    """One of the four words, the numbers and the cautions it stands on, and each in a sentence.

    Of the last `weeks`: `moved` = `compared` + `left_out`; `expected` by before alone, beside
    `compared`.
    """

    word: str
    because: list[str]
    cautions: list[str] = []
    weeks: int = 0
    moved: int = 0
    expected: float | None = None
    compared: int = 0
    left_out: int = 0


def verdict(spells: Spells, edges: Numbers, kinds: list[Numbers], unit: str = "days") -> Verdict:
    """The answer for one stage, or the whole line, at the last of `edges`.

    `edges`: the ends of whole weeks (days of the stream's own clock), oldest first. `kinds`: for
    each declared attribute the value of each spell; a change is one within the kinds of each.
    `unit`: what days of that clock are called.
    """
    told = stretches(spells, edges, WINDOWS, kinds)
    if not told:
        return _few(spells, edges, kinds, unit)
    first = told[0]
    if (stopped := _stopped(spells, edges, first)) is not None:
        return _said(SLOWER, first, [stopped])
    if first.left_out >= LEAST and first.left_out > MANY * (first.moved + first.left_out):
        return _said(UNKNOWN, first, [_not_compared(first.left_out, first.moved, first.weeks)])
    most = max(told, key=lambda s: s.strength)
    if most.strength <= 1:
        return _no_change(told)
    # A stop is not explained by what comes in.
    some = [s.weeks for s in told if s.moved >= s.expected / 4]
    size = [text for weeks in some if (text := cautions.arrivals(spells.began, edges, weeks))]
    season = cautions.last_year(most)
    said = [*size[:1], *filter(None, [season]), *cautions.kinds(most, bool(kinds), unit)]
    known = not size and not season and cautions.older_half(most)[0] >= cautions.AGAINST
    word = FASTER if most.off > 0 else SLOWER
    return _said(word if known else UNKNOWN, most, [_told(most)], said)


def _stopped(spells: Spells, edges: Numbers, first: Stretch) -> str | None:
    """Nothing moves any more, for far longer than ever before: known without any other noise."""
    ends = numpy.sort((spells.start + spells.age)[spells.moved])
    ends = ends[ends > edges[0]]
    if len(ends) < LEAST:
        return None
    still = int(numpy.sum(edges[:-1] >= ends[-1]))
    longest = int(numpy.max(numpy.diff(numpy.searchsorted(edges, ends)))) - 1
    due = float(first.told.expected[-still:].sum()) if still else 0.0
    if still < max(STILL, 2 * longest + 2) or due < LEAST:
        return None
    before = f"at most {longest} in a row had none" if longest > 0 else "each had some"
    return (
        f"Nothing has moved on in the last {still} weeks, where {due:,.1f} were to be expected; of the "
        f"whole weeks from the first move to the last {before}."
    )


def _no_change(told: list[Stretch]) -> Verdict:
    """No change, where one by a third would have been seen; else what would have been."""
    sharpest = min(told, key=lambda s: _would_show(s))
    least = _would_show(sharpest)
    if least <= THIRD:
        return _said(SAME, sharpest, [_told(sharpest)])
    would = "not even a full stop would show"
    if least < 1:
        would = f"only a change by more than {least:.0%} would show"
    return _said(UNKNOWN, sharpest, [_told(sharpest), f"Too little to tell: {would}."])


def _would_show(s: Stretch) -> float:
    """The smallest change, as a share of what is expected, that would have been told both ways."""
    counts = numpy.arange(0, math.ceil(s.expected * 3) + 30)
    off = deviation(counts, s.expected) / math.sqrt(1 + s.told.doubt / s.expected)
    fewer = counts[off < min(-s.needed, s.known.min(initial=0.0))]
    more = counts[off > max(s.needed, s.known.max(initial=0.0))]
    if not len(fewer) or not len(more):
        return math.inf
    return max(1 - fewer[-1] / s.expected, more[0] / s.expected - 1)


def _few(spells: Spells, edges: Numbers, kinds: list[Numbers], unit: str) -> Verdict:
    """Too little is to be expected, or known of before: only the age of what is in can tell."""
    weeks = min(cautions.YEAR, (len(edges) - 1) // 2)
    if weeks < 1:
        return Verdict(UNKNOWN, ["Its records are less than two weeks long."])
    before = len(edges) - 1 - weeks
    [told] = by_kind(spells, edges, [before], kinds[0] if kinds else None, since=before)
    moved, due = int(told.compared[-weeks:].sum()), float(told.expected[-weeks:].sum())
    left_out = int(told.left_out[-weeks:].sum())
    beyond = f" ({left_out:,} {BEYOND})" if left_out else ""
    said = (
        f"Too few move on to tell by their pace: in the last {weeks} of {len(edges) - 1} weeks "
        f"{moved + left_out:,} did{beyond}, where {due:,.1f} were to be expected by the weeks before (it "
        f"takes {LEAST} in 13 weeks of 52, or in 26 of 104)."
    )
    if left_out >= LEAST and left_out > MANY * (moved + left_out):
        said = _not_compared(left_out, moved, weeks)
    older = _grown_older(spells, edges, unit)
    # Where fewer come in, what is in grows older though nothing is slower.
    fewer = cautions.arrivals(spells.began, edges, WINDOWS[0]) if older else ""
    word = SLOWER if older and not fewer else UNKNOWN
    careful = [fewer] if fewer else []
    return Verdict(
        word, [said, *older], careful, weeks, moved + left_out, due, moved, left_out
    )  # fmt: skip


def _grown_older(spells: Spells, edges: Numbers, unit: str) -> list[str]:
    """That the work still in grew older in the last weeks than in any as long before, beyond what
    those differ by; empty where it did not, or where too little was in to say."""
    weeks = WINDOWS[0]
    known, end = spells.start + spells.late, spells.start + spells.age
    ages = []
    for edge in edges[::-weeks]:
        some = numpy.flatnonzero((known <= edge) & (end >= edge))
        some = some[(end[some] > edge) | ~spells.moved[some]]
        if len(some) < LEAST:
            break
        ages.append(float(numpy.median(edge - spells.start[some])))
    grown = -numpy.diff(ages)
    if len(grown) < 5:
        return []
    now, before = float(grown[0]), grown[1:]
    spread = float(numpy.std(before, ddof=1)) * math.sqrt(1 + 1 / len(before))
    least = float(before.mean() + stdtrit(len(before) - 1, 1 - CHANCE) * spread)
    if now <= max(least, float(before.max())):
        return []
    return [
        f"But the work still in grew older by {now:,.0f} {unit} in the last {weeks} weeks (half of it); "
        f"in the {len(before)} times {weeks} weeks before by {before.mean():,.0f} on average, at most "
        f"by {before.max():,.0f}."
    ]


def _said(word: str, s: Stretch, because: list[str], careful: list[str] | None = None) -> Verdict:
    if s.left_out and because[0] != _not_compared(s.left_out, s.moved, s.weeks):
        because = [
            *because,
            f"{s.left_out:,} more moved on {BEYOND}: not compared.",
        ]
    return Verdict(
        word, because, careful or [], s.weeks, s.moved + s.left_out, s.expected, s.moved, s.left_out
    )  # fmt: skip


def _told(s: Stretch) -> str:
    side, word = (1, "above") if s.off >= 0 else (-1, "below")
    further = int(numpy.sum(s.known * side >= abs(s.off)))
    return (
        f"In the last {s.weeks} weeks {s.moved:,} moved on; by the pace before, at the same ages, "
        f"{s.expected:,.1f} would have. Of {len(s.known)} earlier stretches of {s.weeks} weeks "
        f"{further or 'none'} {'was' if further < 2 else 'were'} so far {word} what was to be expected."
    )


def _not_compared(left_out: int, moved: int, weeks: int) -> str:
    return (
        f"{left_out:,} of the {moved + left_out:,} that moved on in the last {weeks} weeks did so {BEYOND}: "
        "there is nothing to compare them with."
    )
