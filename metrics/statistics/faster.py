"""Is it getting faster? Every spell of now against every spell of before, at the same age.

Two points never decide, and neither does finished work alone. Of all that was open in the last
quarter (or half year, or year: the shortest with enough), how many moved on, and how many would
have at the pace of the time before? The log-rank test says whether chance explains the difference.
It counts unfinished items and is not moved by many or few arrivals, nor by an import.
Where hardly anything moves on, the age of the open work decides: it can only be found older.
benchmarks/verdict.py counts how often this is right, and how often the charts alone would be.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy
import pandas

from metrics.statistics.control_limits import SPREAD, control_limits
from metrics.statistics.survival import log_rank

if TYPE_CHECKING:
    from metrics import Publication

FASTER, SLOWER = "faster", "slower"
SAME, UNKNOWN = "no change beyond normal variation", "too little data"
QUARTER = 13
WINDOWS = {"quarter": QUARTER, "half_year": 26, "year": 52}  # weeks of the last stretch
EXPECTED = 5  # moves that must be expected in a stretch before it is judged
CHANCE = 0.01  # rarer than one in a hundred by chance alone is a change
LEARNT = 26  # weeks of age: a quarter to know what is normal, and one to judge


class Verdict(NamedTuple):
    """One of the four words, and the sentences it stands on."""

    word: str
    because: list[str]


class Pace(NamedTuple):
    """In the last `weeks`, `moved` of the `items` then open moved on, `expected` at the pace before.

    `p` is the chance of a difference this large if nothing had changed (two-sided log-rank).
    """

    weeks: int
    items: int
    moved: int
    expected: float
    p: float


def verdict(spells: pandas.DataFrame, growth: Sequence[float | None]) -> Verdict:
    """The answer for one stage, or the whole line, at the instant its spells were asked for.

    `spells`: its rows of the figure spell. `growth`: days by which the median age of its open work
    grew in each whole week (the figure weekly), oldest first, None where unknown.
    """
    paces = [pace(spells, f"{name}_days", weeks) for name, weeks in WINDOWS.items()]
    judged = next((p for p in paces if p and p.expected >= EXPECTED), None)
    if judged:
        word = SAME if judged.p >= CHANCE else FASTER if judged.moved > judged.expected else SLOWER
        return Verdict(word, [_told(judged)])
    few = "Too few move on to tell by their pace"
    known = [p for p in paces if p]
    if known:
        longest = known[-1]
        few += (
            f": {longest.moved} in the last {longest.weeks} weeks, {longest.expected:.1f} expected"
        )
    older, sentence = age_change(growth)
    return Verdict(SLOWER if older else UNKNOWN, [sentence, few + "."])


def answer(publication: Publication, as_of: datetime, stream: str, stage: str = "") -> Verdict:
    """The answer for a stage, or the whole line, of a publication as known at an instant.

    It is judged at the last instant its sources told of; if that is further back than the stream's
    stale_after days, nothing is known of now and the word is "too little data".
    """
    part = {"stream": stream, "stage": stage}
    spells = publication.figure("spell", as_of, **part)
    if spells.empty:
        return Verdict(UNKNOWN, ["Nothing has entered it yet."])
    until = spells.known_until.iloc[0]
    told = publication.table("stream", stream=stream).iloc[0]
    if pandas.isna(until) or as_of - until > timedelta(days=int(told.stale_after)):
        day = "has told nothing" if pandas.isna(until) else f"ends {until:%-d %B %Y}"
        which = "A source of the line" if stage == "" else "Its source"
        return Verdict(UNKNOWN, [f"{which} {day}: what has happened since is not known."])
    if until < as_of:
        spells = publication.figure("spell", until.to_pydatetime(), **part)
    weeks = publication.figure("weekly", as_of, **part)
    return verdict(spells, weeks.growth_days.to_list())


def pace(spells: pandas.DataFrame, since: str, weeks: int) -> Pace | None:
    """What moved on since a column's days ago, against the time before at the same ages.

    Each spell that spans the boundary is split there. None where there is nothing to compare.
    """
    at = spells.began_days_ago - spells[since]  # age at the boundary, below 0 if begun after
    moved = (spells.exit == "on") & ~spells.in_bulk
    early, late = spells.late_days < at, spells.days > at
    before = dict(
        late_days=spells.late_days, days=numpy.minimum(spells.days, at), moved=moved & ~late
    )
    after = dict(late_days=numpy.maximum(spells.late_days, at), days=spells.days, moved=moved)
    recent = pandas.DataFrame(after)[late].assign(group=1)
    both = pandas.concat([pandas.DataFrame(before)[early].assign(group=0), recent])
    if both.group.nunique() < 2 or not both.moved.any():
        return None
    return Pace(weeks, len(recent), *log_rank(both))


def age_change(growth: Sequence[float | None]) -> tuple[bool, str]:
    """Whether the open work got older lately beyond its normal variation; and the sentence.

    The mean of the last 13 weeks is judged against 0 with the limits of such a mean,
    2.66 mR̄ / sqrt(n), from the moving ranges of all n weeks known.
    """
    known = [v for v in growth if v is not None and not math.isnan(v)]
    recent = [v for v in growth[-QUARTER:] if v is not None and not math.isnan(v)]
    if len(known) < LEARNT or len(recent) < QUARTER // 2:
        return False, (
            f"The age of the work still in is known for {len(known)} weeks, {len(recent)} of them "
            f"among the last {QUARTER}: too few to judge ({LEARNT} and {QUARTER // 2} needed)."
        )
    mean, limits = math.fsum(recent) / len(recent), control_limits(known, None)
    if limits and mean > SPREAD * limits.mean_range / math.sqrt(len(recent)):
        told = f"The work still in gets older by {mean:.1f} days a week"
        return True, f"{told}, over the last {len(recent)} weeks (7 means that nothing moves)."
    return (
        False,
        f"The work still in gets no older beyond normal variation ({mean:+.1f} days a week).",
    )


def _told(pace: Pace) -> str:
    return (
        f"In the last {pace.weeks} weeks {pace.moved} moved on; at the pace of before it would have "
        f"been {pace.expected:.1f} ({pace.items} items looked at, at the same ages; chance alone "
        f"differs so much {_percent(pace.p)} of the time)."
    )


def _percent(p: float) -> str:
    return "less than 1%" if p < 0.01 else f"{p:.0%}"
