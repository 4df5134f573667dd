"""A process behaviour chart of one stage, or the whole line, from the figure weekly."""

from __future__ import annotations

from typing import NamedTuple

import pandas

from metrics.statistics.control_limits import (
    ENOUGH,
    SIGNALS,
    Limits,
    assurance,
    control_limits,
    signals,
)

LATELY = 13  # weeks in which a signal says that the limits may not hold


class Measure(NamedTuple):
    """What can be charted: its column in weekly, its unit, which side is worse, its target."""

    column: str
    title: str
    unit: str
    worse: int  # 1: high is worse, -1: low is worse, 0: neither
    target: str  # the name of the target it is held to, "" for none
    note: str = ""


MEASURES = {
    "lead_time": Measure("lead_days", "Lead time of what moved on", "days", 1, "typical"),
    "age": Measure(
        "age_days", "Age of what is still in", "days", 1, "",
        "This week's age is last week's plus a few days, so signals here come easily: they show "
        "that the work grows old, not that the pace has changed.",
    ),
    "moved_on": Measure("moved_on", "Moved on each week", "items", -1, ""),
    "entered": Measure("entered", "Entered each week", "items", 0, ""),
    "open": Measure("open", "Work in progress", "items", 1, "wip"),
}  # fmt: skip


class Behaviour(NamedTuple):
    """The rows of the chart (one per week with a value), and what it says in sentences.

    Rows: week (date), value, left_out (bool), base (number of the stretch between changes of the
    process), mean, lower, upper, moving_range, range_limit, trial (bool), signal (words, "" for
    none), side ("better", "worse", "high", "low" or "").
    """

    rows: pandas.DataFrame
    sentence: str
    signals: list[str]
    assurance: str


def process_behaviour(
    weeks: pandas.DataFrame, measure: str, target: float | None = None, days: str = "days"
) -> Behaviour:
    """Chart a measure over rows of weekly, oldest first; limits start anew where base changes.

    Weeks of bulk edits are shown but counted in no limit and no signal. `target` is in the
    measure's unit; small values must be good. `days`: what days are called. Raises KeyError for a measure there is none of.
    """
    how = MEASURES[measure]
    how = how._replace(unit=days if how.unit == "days" else how.unit)
    rows = weeks[["week", "base", "left_out"]].assign(value=weeks[how.column].astype(float))
    rows = rows[rows.value.notna()].reset_index(drop=True)
    parts = [_stretch(part, how) for _, part in rows.groupby("base", sort=True)]
    told = [rows for rows, _ in parts]
    rows = pandas.concat(told, ignore_index=True) if told else _stretch(rows, how)[0]
    limits = parts[-1][1] if parts else None
    kept = _kept(rows, limits, target, how)
    said, named = _sentence(rows, how, limits, len(parts)), _named(rows, how)
    return Behaviour(rows.drop(columns="found"), said, named, kept)


def _stretch(rows: pandas.DataFrame, how: Measure) -> tuple[pandas.DataFrame, Limits | None]:
    """The rows between two changes of the process with their limits and signals."""
    counted = rows[~rows.left_out]
    limits = control_limits(counted.value.to_list())
    rows = rows.assign(
        mean=limits.mean if limits else float("nan"),
        lower=limits.lower if limits else float("nan"),
        upper=limits.upper if limits else float("nan"),
        range_limit=limits.range_limit if limits else float("nan"),
        trial=limits.trial if limits else True,
        moving_range=counted.value.diff().abs(),
        signal="",
        side="",
        found=[{}] * len(rows),
    )
    if limits:
        found = signals(counted.value.to_list(), limits)
        rows.loc[counted.index, "signal"] = ["; ".join(SIGNALS[k] for k in one) for one in found]
        rows.loc[counted.index, "side"] = [
            _side(one, value - limits.mean, how)
            for one, value in zip(found, counted.value, strict=True)
        ]
        rows["found"] = pandas.Series(found, index=counted.index).reindex(rows.index, fill_value={})
    return rows, limits


def _side(found: dict[str, int], above: float, how: Measure) -> str:
    """Which side a point's signals are on; where they disagree, the one it lies on itself."""
    if not found:
        return ""
    sides = set(found.values())
    side = sides.pop() if len(sides) == 1 else 1 if above > 0 else -1
    if not how.worse:
        return "high" if side > 0 else "low"
    return "worse" if side == how.worse else "better"


def _sentence(rows: pandas.DataFrame, how: Measure, limits: Limits | None, stretches: int) -> str:
    if limits is None:
        return f"Too few weeks for limits: {how.title.lower()} is known for {len(rows)}."
    said = (
        f"On average {limits.mean:,.1f} {how.unit}; a week may lie between {limits.lower:,.1f} and "
        f"{limits.upper:,.1f} without anything having changed ({limits.n} weeks)."
    )
    if limits.trial:
        said += f" Trial limits: fewer than {ENOUGH} weeks."
    if stretches > 1:
        since = rows[rows.base == rows.base.max()].week.iloc[0]
        said += f" Limits start anew in the week of {since.day} {since:%B %Y}, when the process changed."
    out = int(rows.left_out.sum())
    if out:
        said += f" {out} {'week' if out == 1 else 'weeks'} of bulk edits left out."
    return said


def _named(rows: pandas.DataFrame, how: Measure) -> list[str]:
    """The latest stretch of each signal, newest first, in words, with the side of that signal."""
    named = []
    for rule, words in SIGNALS.items():
        marked = rows[[rule in found for found in rows.found]]
        if len(marked):
            last = marked.week.iloc[-1]
            side = _side({rule: marked.found.iloc[-1][rule]}, 0, how)
            now = ", the latest point" if last == rows.week.iloc[-1] else ""
            named.append(
                f"{words[0].upper()}{words[1:]} ({side}), last in the week of {last.day} {last:%B %Y}{now}; "
                f"{len(marked)} {'week' if len(marked) == 1 else 'weeks'} in all."
            )
    return named


def _kept(rows: pandas.DataFrame, limits: Limits | None, target: float | None, how: Measure) -> str:
    """How the limits stand to the target; never better than the weeks since they began."""
    if limits is None or target is None:
        return ""
    counted = rows[(rows.base == rows.base.max()) & ~rows.left_out]
    beyond = int((counted.value > target).sum())
    word = assurance(limits, target)
    why = {
        "will pass": "every week is expected within the target",
        "will fail": "no week is expected within the target unless the process changes",
        "hit and miss": "weeks within and beyond the target both come by chance",
    }[word]
    if word == "will pass" and beyond:
        word, why = (
            "hit and miss",
            f"its limits lie within it, but {beyond} of {len(counted)} weeks did not",
        )
    elif word == "will fail" and beyond < len(counted):
        word, why = (
            "hit and miss",
            f"its limits lie beyond it, but {len(counted) - beyond} of {len(counted)} weeks did not",
        )
    trial = ", by trial limits" if limits.trial else ""
    lately = counted.found.tail(LATELY).astype(bool).any()
    steady = " It is not steady lately, so this may not hold." if lately else ""
    return f"Target {target:,.0f} {how.unit}: {word}{trial}; {why}.{steady}"
