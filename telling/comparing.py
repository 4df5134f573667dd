"""What a comparison of two groups of spells says."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pandas

from metrics import Wanted
from metrics.statistics import compare
from telling import words
from telling.asked import Asked
from telling.drawn import thinned, thinned_said
from telling.told import Table, Told

NONE = "(none given)"


def spells(asked: Asked, stage: str) -> pandas.DataFrame:
    """What is compared: of each stay in a stage, or in the line (""), its ages, its end and its item."""
    columns = ("item", "entered_at", "days", "late_days", "exit", "at_least", "in_bulk")
    return asked.rows("spell", Wanted(columns=columns), stage=stage).rows


def periods(asked: Asked, spells: pandas.DataFrame, days: list[date]) -> dict[str, pandas.Series]:
    """Two periods as groups of spells; `days` are the first and last of each, in order."""
    zone = ZoneInfo(asked.stream.time_zone)
    groups = {}
    for first, last in (days[:2], days[2:]):
        start, end = _start(first, zone), _start(last + timedelta(days=1), zone)
        name = f"Began {words.day(first)}" + (f" to {words.day(last)}" if last != first else "")
        groups[name] = compare.began_between(spells, start, end)
    return groups


def halves(asked: Asked, spells: pandas.DataFrame) -> list[date]:
    """Two periods in which as near as can be as many were seen to begin, up to the day shown: first and
    last day of each. Neither is without any where they began on two days or more. Those there when the
    records begin are in neither: nobody knows when they began."""
    zone = ZoneInfo(asked.stream.time_zone)
    seen = spells.entered_at[~spells.at_least]
    entered = (seen if len(seen) else spells.entered_at).dt.tz_convert(zone).dt.date
    so_far = entered.value_counts().sort_index().cumsum()
    middle = (2 * so_far.iloc[: max(len(so_far) - 1, 1)] - len(entered)).abs().idxmin()
    last = asked.as_of.astimezone(zone).date()
    following = middle + timedelta(days=1)
    return [so_far.index[0], middle, following, max(last, following)]


def _start(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def values(asked: Asked, spells: pandas.DataFrame, attribute: str) -> pandas.Series:
    """The value of an attribute for each spell; NONE where the source gives none."""
    told = asked.table("item_attribute", attribute=attribute).set_index("item").value
    return spells.item.map(told).fillna("").replace("", NONE)


def told(name: str, compared: compare.Comparison, by_attribute: bool) -> Told:
    """The word and why. Rows: each group's survival curve, by name."""
    note = (
        "An attribute is that of the source's latest answer, whatever it was when the item moved."
    )
    both = [curve.assign(name=n) for n, curve in compared.curves.items()]
    said = [compared.sentence, note if by_attribute else "", thinned_said(both)]
    rows = pandas.concat(map(thinned, both))
    return Told(f"{name}: {compared.word}", said, rows)


def groups(asked: Asked, compared: compare.Comparison) -> Table:
    """The two groups in numbers."""
    rows = [
        [g.group, words.number(g.spells), words.number(g.finished), words.number(g.open),
         asked.days(g.open_median_age_days, g.open_median_at_least), words.number(g.abandoned), _reached(asked, g.typical_days),
         _between(asked, g.low_days, g.high_days),
         _between(asked, g.quarter_days, g.three_quarters_days)]
        for g in compared.rows.rename(columns={"name": "group"}).itertuples()
    ]  # fmt: skip
    columns = ["Group", "Entered", "Moved on", "Still in", "their median so far", "Abandoned",
               "Half have moved on by", "95% band of that", "A quarter to three quarters"]  # fmt: skip
    return Table("The two groups", columns, rows, "No items.")


def _reached(asked: Asked, value: float) -> str:
    return "not reached" if pandas.isna(value) else asked.days(value)


def _between(asked: Asked, least: float, most: float) -> str:
    """From one age to another; of a curve that does not even come to the first, that once."""
    if pandas.isna(least):
        return _reached(asked, least)
    return f"{_reached(asked, least)} to {_reached(asked, most)}"
