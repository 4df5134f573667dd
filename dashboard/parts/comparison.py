"""Compare: two periods, or two values of an attribute, honestly."""

from __future__ import annotations

import pandas
import streamlit as st

from dashboard.charts import pace as charts
from dashboard.charts.look import blue, orange
from dashboard.parts import boxes, charted, choices
from dashboard.parts.view import FIRST_DAY, View, addressed
from metrics.statistics import compare
from telling import comparing

PERIODS = "When they began"


def show(view: View) -> None:
    """Draw the comparison in the address."""
    left, right, _ = st.columns([3, 3, 4])
    stage, name = charted.choose_part(view, left)
    ways = [PERIODS, *sorted(view.table("item_attribute").attribute.unique())]
    how = addressed(right, "Compare by", pandas.Series(ways, index=ways), "by")
    spells = view.figure("spell", stage=stage)
    if spells.empty:
        st.info(f"Nothing has entered {name} yet.")
        return
    groups = _periods(view, spells) if how == PERIODS else _values(view, spells, how)
    if groups is None:
        return
    compared = compare.compare(spells, groups)
    told = comparing.told(name, compared, how != PERIODS)
    hues = dict(zip(compared.curves, (blue(), orange()), strict=True))
    drawn = charts.survival(told.rows, hues, view.unit) if len(told.rows) else None
    charted.chart(view, "compare", told, drawn)
    boxes.draw(boxes.table(comparing.groups(view, compared)), key="compare_groups")


def _periods(view: View, spells: pandas.DataFrame) -> dict[str, pandas.Series] | None:
    labels = [f"{which} period {end}" for which in ("First", "Second") for end in ("from", "to")]
    days, row = comparing.halves(view, spells), choices.Row()
    picked = [
        row.day(label, f"period_{n}", day, FIRST_DAY, max(days))
        for n, (label, day) in enumerate(zip(labels, days, strict=True))
    ]
    row.draw("periods")
    if (
        picked[0] > picked[1]
        or picked[2] > picked[3]
        or (picked[2] <= picked[1] and picked[0] <= picked[3])
    ):
        st.info("Choose two periods that do not overlap, each from an earlier day to a later one.")
        return None
    return comparing.periods(view, spells, picked)


def _values(view: View, spells: pandas.DataFrame, how: str) -> dict[str, pandas.Series] | None:
    value = comparing.values(view, spells, how)
    common = list(value.value_counts().index)
    if len(common) < 2:
        st.info(f"All items have the same {how.lower()}: there is nothing to compare.")
        return None
    names = pandas.Series(common, index=common)
    left, right, _ = st.columns([3, 3, 4])
    one = addressed(left, f"One {how.lower()}", names, "one")
    two = addressed(right, f"The other {how.lower()}", names.drop(one), "other")
    return {one: value == one, two: value == two}
