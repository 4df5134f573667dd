"""Compare: two periods, or two values of an attribute, honestly."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pandas
import streamlit as st

from dashboard.charts import pace as charts
from dashboard.charts.look import blue, orange
from dashboard.parts import boxes, charted
from dashboard.parts.view import View, addressed
from metrics.statistics import compare as rules
from telling import words

PERIODS = "When they began"
NONE = "(none given)"


def show(view: View) -> None:
    """Draw the comparison in the address."""
    left, right, _ = st.columns([3, 3, 4])
    stage, name = charted.choose_part(view, left)
    attributes = view.table("item_attribute")
    ways = [PERIODS, *sorted(attributes.attribute.unique())]
    how = addressed(
        right, "Compare by", pandas.Series(ways, index=ways), "by", label_visibility="collapsed"
    )
    spells = view.figure("spell", stage=stage)
    if spells.empty:
        st.info(f"Nothing has entered {name} yet.")
        return
    groups = _periods(view, spells) if how == PERIODS else _values(spells, attributes, how)
    if groups is None:
        return
    _drawn(view, name, rules.compare(spells, groups), "" if how == PERIODS else (
        "An attribute is that of the source's latest answer, whatever it was when the item moved."))  # fmt: skip


def _periods(view: View, spells: pandas.DataFrame) -> dict[str, pandas.Series] | None:
    zone = ZoneInfo(view.stream.time_zone)
    last = view.as_of.astimezone(zone).date()
    first = spells.entered_at.min().astimezone(zone).date()
    middle = first + (last - first) / 2
    columns = st.columns(4)
    labels = ["First period from", "to", "Second period from", "to "]
    days = [first, middle, middle + timedelta(days=1), last]
    picked = [
        column.date_input(label, day, key=f"period_{n}", bind="query-params", format="YYYY-MM-DD")
        for n, (column, label, day) in enumerate(zip(columns, labels, days, strict=True))
    ]
    if (
        None in picked
        or picked[0] > picked[1]
        or picked[2] > picked[3]
        or (picked[2] <= picked[1] and picked[0] <= picked[3])
    ):
        st.info("Choose two periods that do not overlap, each from an earlier day to a later one.")
        return None
    starts = [_start(day, zone) for day in (picked[0], picked[2])]
    ends = [_start(day + timedelta(days=1), zone) for day in (picked[1], picked[3])]
    return {
        f"Began {words.day(a)} to {words.day(b)}": rules.began_between(spells, start, end)
        for a, b, start, end in zip(picked[::2], picked[1::2], starts, ends, strict=True)
    }


def _start(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _values(
    spells: pandas.DataFrame, attributes: pandas.DataFrame, how: str
) -> dict[str, pandas.Series] | None:
    mine = attributes[attributes.attribute == how]
    value = spells.item.map(mine.set_index("item").value).fillna("").replace("", NONE)
    common = list(value.value_counts().index)
    if len(common) < 2:
        st.info(f"All items have the same {how.lower()}: there is nothing to compare.")
        return None
    names = pandas.Series(common, index=common)
    left, right, _ = st.columns([3, 3, 4])
    one = addressed(left, f"One {how.lower()}", names, "one")
    two = addressed(right, f"The other {how.lower()}", names.drop(one), "other")
    return {one: value == one, two: value == two}


def _drawn(view: View, name: str, told: rules.Comparison, note: str) -> None:
    both = pandas.concat([curve.assign(name=n) for n, curve in told.curves.items()])
    hues = dict(zip(told.curves, (blue(), orange()), strict=True))
    drawn = charts.survival(both, hues) if len(both) else None
    charted.chart(view, "compare", f"{name}: {told.word}", [told.sentence, note], drawn, both)
    rows = [
        [r.name_, words.number(r.spells), words.number(r.finished), words.number(r.open),
         words.days(r.open_median_age_days), words.number(r.abandoned), _reached(r.typical_days),
         f"{_reached(r.low_days)} to {_reached(r.high_days)}",
         f"{_reached(r.quarter_days)} to {_reached(r.three_quarters_days)}"]
        for r in told.rows.rename(columns={"name": "name_"}).itertuples()
    ]  # fmt: skip
    columns = ["Group", "Entered", "Moved on", "Still in", "their median so far", "Abandoned",
               "Half have moved on by", "95% band of that", "A quarter to three quarters"]  # fmt: skip
    boxes.draw(boxes.table("The two groups", columns, rows, "No items."), key="compare_groups")


def _reached(value: float) -> str:
    return "not reached" if pandas.isna(value) else words.days(value)
