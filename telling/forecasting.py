"""What a forecast says: how many by then, when so many, and how often it would have been right."""

from __future__ import annotations

from datetime import date, timedelta

import pandas

from metrics.statistics import forecast
from telling import findings, words
from telling.asked import Asked
from telling.told import Told

HISTORY = 52  # weeks that a forecast stands on
SPREAD = {
    "steady": "how long one takes is steady",
    "erratic": "how long one takes is erratic, so it holds for many together and for no single one",
    "steadier": "how long one takes became steadier in the last 26 weeks",
    "less steady": "how long one takes became less steady in the last 26 weeks, so less may come",
    "can't tell": "whether how long one takes is steady can't be told",
}


def refused(asked: Asked, name: str, weekly: pandas.DataFrame) -> Told | None:
    """Why nothing is forecast from these rows of weekly, or None where something is."""
    used = weekly.moved_on.to_list()[-HISTORY:]
    reason = _too_old(asked, weekly) or forecast.refusal(used) or forecast.drift(used)
    if not reason:
        return None
    said = [reason, "The weeks it would stand on are in the table."]
    return Told(f"{name}: no forecast", said, weekly)


def _too_old(asked: Asked, weekly: pandas.DataFrame) -> str:
    """That the weeks known end too long before the moment shown; "" if they don't."""
    if weekly.empty:
        return ""
    ended = _ended(weekly)
    old = (asked.as_of.date() - ended).days
    if old <= asked.stream.stale_after + 7:
        return ""
    return (
        f"Nothing is forecast: no week after {words.day(ended)} is known, which is "
        f"{words.days(old)} before the moment shown."
    )


def _ended(weekly: pandas.DataFrame) -> date:
    return weekly.week.max().date() + timedelta(days=6)


def steady_enough(weekly: pandas.DataFrame, word: str) -> str:
    """Whether what is forecast is steady enough for it; `word` is that of the figure spread."""
    quarters = len(weekly.moved_on.to_list()[-HISTORY:]) // forecast.QUARTER
    level = (
        f"Nothing speaks against the past weeks keeping one pace ({quarters} quarters compared)"
        if quarters >= forecast.LEAST_QUARTERS
        else "Whether the past weeks keep one pace can't be told from so few"
    )
    return f"{level}; {SPREAD[word]}."


def how_many(weekly: pandas.DataFrame, weeks: int, which: str, word: str) -> Told:
    """How many within so many weeks. Rows: items, share of the trials that reach them, said."""
    used = weekly.moved_on.to_list()[-HISTORY:]
    told = forecast.how_many(used, weeks)
    said = [
        steady_enough(weekly, word),
        f"Within {weeks} weeks at least {words.number(told.number)} will be {which}, in 85 of 100 "
        f"trials. Drawn {forecast.TRIALS:,} times from the {len(used)} weeks up to "
        f"{words.day(_ended(weekly))}, {sum(n == 0 for n in used)} of them without any.",
    ]
    least = words.number(told.number)
    finding = f"At least {least} {which} within {words.counted(weeks, 'week')}, in 85 of 100 trials"
    rows = _chances(told.chances, "items")
    return findings.headed(finding if told.number else "", "How many by then", said, rows)


def when(weekly: pandas.DataFrame, items: int, which: str) -> Told:
    """Within how many weeks so many. Rows: weeks, share of the trials done by then, said."""
    told = forecast.when(weekly.moved_on.to_list()[-HISTORY:], items)
    soon = f"within {words.counted(told.weeks, 'week')}" if told.weeks else "not within ten years"
    finding = f"{words.number(items)} {which} {soon}, in 85 of 100 trials"
    return findings.headed(finding, "When so many", [], _chances(told.chances, "weeks"))


def _chances(chances: list[tuple[int, float]], column: str) -> pandas.DataFrame:
    rows = pandas.DataFrame(chances, columns=[column, "share"])
    return rows.assign(said=rows.share.map(forecast.chance))


def tested(weekly: pandas.DataFrame, told: forecast.BackTest, weeks: int, which: str) -> Told:
    """How often it would have been right. Rows: the forecast of each past week, and what came."""
    heading = "Whether it would have been right"
    if not told.asked:
        never = (
            f"It can't be tried on the past: that takes {HISTORY} weeks with enough in them "
            f"and {weeks} weeks after."
        )
        return Told(heading, [never], pandas.DataFrame())
    rows = pandas.DataFrame(told.rows)
    rows.insert(0, "asked_in_week_of", weekly.week.iloc[rows.week_no].to_list())
    idle = told.asked - told.bold
    said = [
        f"In {idle} of {told.asked} past weeks it forecast none at all, which can't be wrong."
        if idle else "",
        f"Asked in each of {told.bold} past weeks how many would be {which} within {weeks} weeks, it "
        f"was right {told.bold_right} times ({told.bold_right / told.bold:.0%}; a sound forecast is right "
        "about 85% of the time). The stretches overlap, so a few bad months count many times."
        if told.bold else "",
    ]  # fmt: skip
    finding = (
        f"It would have been right {told.bold_right} of {words.counted(told.bold, 'time')}"
        if told.bold else ""
    )  # fmt: skip
    return findings.headed(finding, heading, said, rows.drop(columns="week_no"))
