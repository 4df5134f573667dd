"""Forecast: how many by then, and when so many, with how often it would have been right."""

from __future__ import annotations

import pandas
import streamlit as st

from dashboard.charts import shown
from dashboard.charts.shown import Shown
from dashboard.parts import boxes, charted, choices
from dashboard.parts.view import View
from metrics.statistics import forecast
from telling import forecasting


def show(view: View) -> None:
    """Draw the forecast for the part, weeks and items in the address."""
    row = choices.Row(view.stream["name"])
    stage, name = charted.part(view, row)
    weeks = row.number("Weeks ahead", "weeks", 13, 1, 104)
    items = row.number("How many items", "items", 10, 1, 10_000)
    boxes.draw(*row.nodes(), key="how_far")
    past = view.figure("weekly", stage=stage)
    which = "delivered" if stage == "" else f"moved on from {name}"
    if refused := forecasting.refused(view, name, past):
        charted.chart(view, "forecast", Shown(refused))
    else:
        charted.chart(view, "how_many", shown.how_many(view, stage, past, weeks, which))
        charted.chart(view, "when", shown.when(past, items, which), first=False)
    _tested(view, past, weeks, which)


# Kept as a resource, as all is: the data cache copies for every visitor, and says on the terminal
# that it found no server.
@st.cache_resource(max_entries=50, show_spinner="Testing the forecast on the past")
def _back_test(history: list[int], weeks: int) -> forecast.BackTest:
    return forecast.back_test(history, forecasting.HISTORY, weeks)


def _tested(view: View, past: pandas.DataFrame, weeks: int, which: str) -> None:
    told = forecasting.tested(past, _back_test(past.moved_on.to_list(), weeks), weeks, which)
    charted.chart(view, "tested", Shown(told), first=False)
