"""Compare two groups of spells honestly: two periods, two teams, two kinds of item.

Each group's typical time with its spread and what is still in, and the log-rank test between
them. Where either is small or chance explains the difference the word is "can't tell".
"""

from __future__ import annotations

import math
from typing import NamedTuple

import pandas

from metrics.statistics.survival import FEW, curve, log_rank, placed, reached

CANT_TELL, EXPECTED, CHANCE = "can't tell", 5, 0.01


class Comparison(NamedTuple):
    """The word ("A is faster", "B is faster" by the groups' names, or "can't tell") and why.

    `rows` has one row per group: name, spells, finished, abandoned, open, open_median_age_days,
    open_median_at_least (it may be more), typical_days (half have moved on), low_days and high_days (its 95% band), quarter_days and
    three_quarters_days (the spread); a missing number is not reached or stands on too few.
    `curves` holds each group's survival curve by name.
    """

    word: str
    sentence: str
    rows: pandas.DataFrame
    curves: dict[str, pandas.DataFrame]


def compare(spells: pandas.DataFrame, groups: dict[str, pandas.Series]) -> Comparison:
    """Compare two groups of the rows of the figure spell, each a name and a mask of rows.

    Spells whose age is not known are in neither. Raises ValueError unless there are two groups and no spell is in both.
    """
    (one, first), (two, second) = groups.items()
    if (first & second).any():
        raise ValueError(f"{one} and {two} share spells: choose groups without common items")
    parts = {name: placed(spells[mask]) for name, mask in groups.items()}
    curves = {name: curve(part) for name, part in parts.items()}
    rows = pandas.DataFrame([_row(name, parts[name], curves[name]) for name in parts])
    word, sentence = _judged(one, parts[one], two, parts[two])
    return Comparison(word, sentence, rows, curves)


def began_between(spells: pandas.DataFrame, first, last) -> pandas.Series:
    """The spells seen to begin from one instant up to, not including, another.

    Those that were there before the data begins are in neither: when they began is not known.
    """
    return (spells.entered_at >= first) & (spells.entered_at < last) & ~spells.at_least


def _row(name: str, part: pandas.DataFrame, told: pandas.DataFrame) -> dict:
    inside = part[part.exit.isna()]
    still = inside.days
    enough = len(part) >= FEW
    ages = {
        "typical_days": ("moved_on", 0.5), "low_days": ("upper", 0.5), "high_days": ("lower", 0.5),
        "quarter_days": ("moved_on", 0.25), "three_quarters_days": ("moved_on", 0.75),
    }  # fmt: skip
    return dict(
        name=name,
        spells=len(part),
        finished=int((part.exit == "on").sum()),
        abandoned=int((part.exit == "left").sum()),
        open=len(still),
        open_median_age_days=still.median() if len(still) else None,
        # As median_at_least of metrics/model/build/00_words.sql says it.
        open_median_at_least=bool(
            len(still) and still.mask(inside.at_least, math.inf).median() != still.median()
        ),
        **{k: reached(told, *how) if enough else None for k, how in ages.items()},
    )


def _judged(
    one: str, first: pandas.DataFrame, two: str, second: pandas.DataFrame
) -> tuple[str, str]:
    for name, part in ((one, first), (two, second)):
        if len(part) < FEW:
            return (
                CANT_TELL,
                f"{name} has {len(part):,} spell{'' if len(part) == 1 else 's'}, and it takes {FEW}.",
            )
    both = pandas.concat([first.assign(group=0), second.assign(group=1)])
    both["moved"] = (both.exit == "on") & ~both.in_bulk
    moved, expected, p = log_rank(both)
    total = int(both.moved.sum())
    told = (
        f"{two}: {moved:,} moved on where {expected:,.1f} would have at one common pace; "
        f"{one}: {total - moved:,} where {total - expected:,.1f} would have"
    )
    if min(expected, total - expected) < EXPECTED:
        return CANT_TELL, f"{told}. It takes {EXPECTED} expected in each."
    if p >= CHANCE:
        return CANT_TELL, f"{told}. Chance alone differs so much {p:.0%} of the time."
    faster = two if moved > expected else one
    return f"{faster} is faster", f"{told}. Chance alone differs so much less than 1% of the time."
