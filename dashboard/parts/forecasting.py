"""Forecast: how many by then, and when so many, with how often it would have been right."""

from __future__ import annotations

import pandas
import streamlit as st

from dashboard.charts import flow as charts
from dashboard.parts import boxes, charted
from dashboard.parts.boxes import node
from dashboard.parts.view import View
from metrics.statistics import forecast as monte_carlo
from telling import words

HISTORY = 52


def show(view: View) -> None:
    """Draw the forecast for the part, weeks and items in the address."""
    left, middle, right, _ = st.columns([4, 2, 2, 2], vertical_alignment="bottom")
    stage, name = charted.choose_part(view, left)
    weeks = middle.number_input("Weeks ahead", 1, 104, 13, key="weeks", bind="query-params")
    items = right.number_input("How many items", 1, 10_000, 10, key="items", bind="query-params")
    past = view.figure("weekly", stage=stage)
    history = past.moved_on.to_list()
    which = "delivered" if stage == "" else f"moved on from {name}"
    used = history[-HISTORY:]
    reason = monte_carlo.refusal(used)
    if reason:
        said = [reason, "The weeks it would stand on are in the table."]
        charted.chart(view, "forecast", f"{name}: no forecast", said, None, past)
    else:
        _how_many(view, used, weeks, which)
        _when(view, used, items, which)
    _tested(view, history, weeks, past, which)


def _how_many(view: View, used: list[int], weeks: int, which: str) -> None:
    told = monte_carlo.how_many(used, weeks)
    rows = _rows(told.chances, "items")
    said = [
        f"Within {weeks} weeks at least {words.number(told.number)} will be {which}, in 85 of 100 "
        f"trials. Drawn {monte_carlo.TRIALS:,} times from the last {len(used)} weeks, "
        f"{sum(n == 0 for n in used)} of them without any."
    ]  # fmt: skip
    drawn = charts.chances(rows, "items", "at least so many items")
    charted.chart(view, "how_many", "How many by then?", said, drawn, rows)


def _when(view: View, used: list[int], items: int, which: str) -> None:
    told = monte_carlo.when(used, items)
    rows = _rows(told.chances, "weeks")
    when = f"within {told.weeks} weeks" if told.weeks else "not within ten years"
    said = [f"{words.number(items)} will be {which} {when}, in 85 of 100 trials."]
    drawn = charts.chances(rows, "weeks", "within so many weeks")
    charted.chart(view, "when", "When so many?", said, drawn, rows, first=False)


def _rows(chances: list[tuple[int, float]], column: str) -> pandas.DataFrame:
    rows = pandas.DataFrame(chances, columns=[column, "share"])
    return rows.assign(said=rows.share.map(monte_carlo.chance))


@st.cache_data(max_entries=50, show_spinner="Testing the forecast on the past")
def _back_test(history: list[int], weeks: int) -> monte_carlo.BackTest:
    return monte_carlo.back_test(history, HISTORY, weeks)


def _tested(view: View, history: list[int], weeks: int, past: pandas.DataFrame, which: str) -> None:
    told = _back_test(history, weeks)
    if not told.asked:
        said = f"It can't be tried on the past: that takes {HISTORY} weeks with enough in them and {weeks} weeks after."
        boxes.draw(node("h2", "Would it have been right?"), node("p", said), key="tested")
        return
    rows = pandas.DataFrame(told.rows)
    rows.insert(0, "asked_in_week_of", past.week.iloc[rows.week_no].to_list())
    bold, idle = rows[rows.forecast > 0], rows[rows.forecast == 0]
    said = [
        f"In {len(idle)} of {told.asked} past weeks it forecast none at all, which can't be wrong."
        if len(idle) else "",
        f"Asked in each of {len(bold)} past weeks how many would be {which} within {weeks} weeks, it "
        f"was right {int(bold.right.sum())} times ({bold.right.mean():.0%}; a sound forecast is right "
        "about 85% of the time). The stretches overlap, so a few bad months count many times."
        if len(bold) else "",
    ]  # fmt: skip
    charted.chart(
        view,
        "tested",
        "Would it have been right?",
        said,
        None,
        rows.drop(columns="week_no"),
        first=False,
    )
