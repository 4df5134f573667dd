"""Flow: how work moves through the line over time, and whether it gets faster."""

from __future__ import annotations

import pandas

from dashboard.charts import shown as charts
from dashboard.charts.shown import Shown
from dashboard.parts import boxes, charted, choices, comparison, forecasting, pace
from dashboard.parts.view import View, entitled
from telling import flow, line


def show(view: View) -> None:
    """Draw the chart that the address names."""
    names = pandas.Series({chart: name for chart, (name, _) in CHARTS.items()})
    row = choices.Row()
    chosen = row.links("Chart", names, "chart")
    entitled(view, names[chosen])
    boxes.draw(*row.nodes(), key="charts")
    if view.figure("queue_size").empty:
        name = boxes.node("h1", view.stream["name"])
        boxes.draw(name, boxes.node("p", line.nothing(view)), key="nothing")
        return
    CHARTS[chosen][1](view)


def _cumulative(view: View) -> None:
    charted.chart(view, "cumulative", charts.cumulative(view))


def _ageing(view: View) -> None:
    charted.chart(view, "ageing", charts.ageing(view))
    boxes.draw(boxes.table(flow.band_table(view)), key="ageing_bands")


def _lead(view: View) -> None:
    row = choices.Row(view.stream["name"])
    told = charts.lead(view, *charted.part(view, row))
    charted.chart(view, "lead", told, before=row.nodes())


def _throughput(view: View) -> None:
    charted.chart(view, "throughput", charts.throughput(view))


def _work(view: View) -> None:
    charted.chart(view, "work", charts.work(view))


def _moves(view: View) -> None:
    charted.chart(view, "moves", charts.moves(view))
    charted.chart(view, "hand_offs", Shown(flow.hand_offs(view)), first=False)


def _behaviour(view: View) -> None:
    row = choices.Row(view.stream["name"])
    pace.process(view, *charted.part(view, row), row)


def _survival(view: View) -> None:
    row = choices.Row(view.stream["name"])
    stage, name = charted.part(view, row)
    pace.survival(view, stage, name, before=row.nodes())


CHARTS = {
    "cumulative": ("Cumulative flow", _cumulative),
    "ageing": ("Ageing work", _ageing),
    "lead": ("Lead times", _lead),
    "throughput": ("Throughput", _throughput),
    "work": ("Work in stages", _work),
    "moves": ("Moves", _moves),
    "behaviour": ("Faster, steadier?", _behaviour),
    "survival": ("Time to move on", _survival),
    "forecast": ("Forecast", forecasting.show),
    "compare": ("Compare", comparison.show),
}
