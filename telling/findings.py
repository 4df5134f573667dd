"""What a chart of flow shows, in the words of a title: exactly what its rows say, or "" where they say
nothing that would hold, and the plain title stays.

Shares are counts; a number stands on at least FEW items.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import ceil
from zoneinfo import ZoneInfo

import pandas

from metrics.statistics.survival import FEW
from telling import words
from telling.asked import Asked
from telling.told import Told

STILL = 28  # days in which nothing moves on before they are worth a title
QUARTER = 13  # weeks, likewise
ON = ("forward", "skipping", "delivered", "delivered, skipping")  # moves that leave a stage behind
MOST_NAMES = 3  # of stages that a title has room for
_DOES = {
    "waiting": ("waits", "wait"),
    "working": ("is in work", "are in work"),
    "blocked": ("is blocked", "are blocked"),
}


def headed(
    finding: str,
    plain: str,
    said: list[str],
    rows: pandas.DataFrame,
    whole: Callable[[], pandas.DataFrame] | None = None,
) -> Told:
    """The finding as the title with what is drawn beneath it; without one what is drawn is the title."""
    return Told(finding or plain, [f"{plain}.", *said] if finding else said, rows, whole)


def cumulative(asked: Asked, rows: pandas.DataFrame, unknown: list[str]) -> str:
    """The stage full of work that nothing has moved on from for longest; rows of cumulative_flow.

    `unknown`: the stages of which it is not known what left them. Days are those of the calendar.
    """
    held = asked.figure("queue_size").set_index("stage").wip
    moves = asked.figure("transition")
    left = moves[moves.kind.isin(ON)].groupby("from_place").last_at.max()
    lines = rows[rows.line != "abandoned"].sort_values(["stage_no", "day"])
    found: dict[int, str] = {}
    for (_, here), (_, on) in pairwise(lines.groupby("stage_no")):
        stage = here.line.iloc[0]
        if held.get(stage, 0) < FEW or stage in unknown:
            continue
        last, first = here.day.iloc[-1], here.day[here["items"] > 0].iloc[0]
        still, lasting = _still(asked, left.get(stage), last)
        if stage not in left:
            # Of what was there before the data begins, some may have.
            seen = "been seen to move on" if on["items"].iloc[-1] else "ever moved on"
            still, lasting = (last - first).days, f"has {seen} from it"
        if still >= STILL:
            found.setdefault(still, f"{_beyond(here, on)}: nothing {lasting}")
    return found[max(found)] if found else ""


def _still(asked: Asked, since: pandas.Timestamp | None, last: pandas.Timestamp) -> tuple[int, str]:
    """Days since an instant, up to the day shown or to the last one known of, as a number and in words."""
    zone = asked.stream.time_zone
    now = last.date() == asked.as_of.astimezone(ZoneInfo(zone)).date()
    end = asked.as_of if now else last.tz_localize(zone)  # of that day not all may be known
    still = (end - since).days if since is not None else 0
    days = words.days(still, unit="days" if asked.unit == "days" else "calendar days")
    return still, "has moved on from it for " + days if now else (
        f"moved on from it in the {days} to {words.day(last)}"
    )  # fmt: skip


def _beyond(here: pandas.DataFrame, on: pandas.DataFrame) -> str:
    """How many of those that reached a stage went no further."""
    name, came, went = here.line_name.iloc[0], here["items"].iloc[-1], on["items"].iloc[-1]
    if not went:
        return f"None of the {words.number(came)} that reached {name} went further"
    stay = "Half" if came == 2 * went else words.number(came - went)
    return f"{stay} of the {words.number(came)} that reached {name} went no further"


def ageing(bands: pandas.DataFrame) -> str:
    """How many are older than nearly all that moved on were; rows of the figure ageing."""
    known = bands[bands.p95_days.notna()]
    if known.empty or not known.line_beyond_p95.iloc[0]:
        return ""
    beyond, held = known.line_beyond_p95.iloc[0], known.line_open_items.iloc[0]
    names = list(known[known.open_items > 0].stage_name)
    where = words.listed(names) if len(names) <= MOST_NAMES else f"{len(names)} stages"
    # A band raised to that of the stage before may leave some out that are older than their own.
    least = "At least " if known.p95_days.duplicated().any() else ""
    are = "is" if beyond == 1 else "are"
    return (
        f"{least}{words.number(beyond)} of the {words.number(held)} in {where} {are} older than 95 "
        "of 100 were when they moved on"
    )


def lead_times(asked: Asked, row: pandas.Series, name: str, which: str) -> str:
    """What half of the finished took, never without those still in; a row of percentile."""
    if pandas.isna(row.p50_days):
        return ""
    took = asked.days(row.p50_days, bool(row.at_least))
    if not row.at_least and row.p50_days >= 1:
        took = f"{asked.days(ceil(row.p50_days))} or less"
    done = f"half of the {words.number(row.finished)} {which} took {took}"
    if row.open < FEW:
        still = f"{words.number(row.open) if row.open else 'none'} still in"
        return f"{name}: {done}; {still}"
    age = asked.or_more(row.open_median_age_days, row.open_median_at_least)
    return f"{name}: half of the {words.number(row.open)} still in have been in for {age}; {done}"


def throughput(year: pandas.Series) -> str:
    """Deliveries beside arrivals; a row of throughput_year."""
    if year.weeks < QUARTER:
        return ""
    bulk = ", bulk edits left out" if year.bulk else ""
    return (
        f"{_none(year.delivered)} delivered and {_none(year.arrivals).lower()} arrived in "
        f"{words.counted(year.weeks, 'week')}{bulk}"
    )


def _none(count: int) -> str:
    return words.number(count) if count else "None"


def work(now: pandas.DataFrame) -> str:
    """Where most of the work is and in what state, if one place has the most; rows of queue_size."""
    held, total = now.set_index("stage_name")[list(_DOES)].stack(), now.wip.sum()
    if total < FEW or (held == held.max()).sum() > 1:
        return ""
    stage, part = held.idxmax()
    does = _DOES[part][int(held.max() > 1)]
    return (
        f"{words.number(held.max())} of the {words.number(total)} in the stages {does} in {stage}"
    )


def moves(count: pandas.Series) -> str:
    """The share of moves that went one stage on, and what most of the others were; a row of
    move_count."""
    if count.moves < FEW:
        return ""
    if count.one_stage_on == count.moves:
        return f"All {words.number(count.moves)} moves went one stage on"
    others = {
        "skipped stages": count.skipping, "went back": count.back, "reopened what was closed": count.reopened,
        "abandoned the item": count.abandoned, "had no mapped status on one side": count.not_mapped,
    }  # fmt: skip
    most = max(others, key=others.__getitem__)
    return (
        f"{words.number(count.one_stage_on)} of {words.number(count.moves)} moves went one stage on; "
        f"{words.number(others[most])} {most}"
    )


def behaviour(rows: pandas.DataFrame, name: str, title: str) -> str:
    """In how many weeks a measure was beyond normal variation; rows of a process behaviour chart."""
    judged = rows[~rows.left_out & rows["mean"].notna() & ~rows.trial]
    if judged.empty:
        return ""
    beyond, weeks = (judged.signal != "").sum(), words.counted(len(judged), "week")
    found = words.number(beyond) if beyond else "none"
    return f"{name}, {title.lower()}: {found} of {weeks} beyond normal variation"


def survival(asked: Asked, row: pandas.Series, name: str, stage: str) -> str:
    """By what age half have moved on, those still in counted; a row of typical_time."""
    if row.typical_word == "":
        does = "move on" if stage else "are delivered"
        within = asked.days(row.typical_days).removeprefix("under ")
        return f"{name}: half {does} within {within}, those still in counted"
    if row.typical_word == "not reached":
        return f"{name}: by no age so far have half {'moved on' if stage else 'been delivered'}"
    return ""
