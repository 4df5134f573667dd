"""Flow: how work moves through the line over time, and whether it gets faster."""

from __future__ import annotations

import pandas

from dashboard.charts import flow as charts
from dashboard.charts import items
from dashboard.parts import boxes, charted, choices, comparison, forecasting, pace
from dashboard.parts.view import View, entitled
from telling import drawn as seen
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
    told = flow.cumulative(view)
    drawn = charts.cumulative_flow(told.rows, flow.triangle(view))
    charted.chart(view, "cumulative", told, drawn)


def _ageing(view: View) -> None:
    told, drawn = flow.ageing(view), None
    if len(told.rows):
        oldest = told.rows.nlargest(seen.MOST, "age_days")
        drawn = items.ageing(oldest, flow.bands(view), flow.stage_names(view), view.unit)
    charted.chart(view, "ageing", told, drawn)
    boxes.draw(boxes.table(flow.band_table(view)), key="ageing_bands")


def _lead(view: View) -> None:
    row = choices.Row(view.stream["name"])
    stage, name = charted.part(view, row)
    told, drawn = flow.lead_times(view, stage, name), None
    if len(told.rows):
        longest = told.rows.nlargest(seen.MOST, "lead_days")
        span = seen.span(longest, pandas.Timestamp(view.as_of))
        drawn = items.lead_times(longest, flow.percentiles(view, stage), span, view.unit)
    shown = told._replace(rows=told.rows.drop(columns="at", errors="ignore"))
    charted.chart(view, "lead", shown, drawn, before=row.nodes())


def _throughput(view: View) -> None:
    told = flow.throughput(view)
    charted.chart(view, "throughput", told, charts.throughput(told.rows))


def _work(view: View) -> None:
    told = flow.work(view)
    drawn = charts.work(told.rows, flow.stage_names(view)) if len(told.rows) else None
    charted.chart(view, "work", told, drawn)


def _moves(view: View) -> None:
    told = flow.moves(view)
    order = [*flow.stage_names(view), "Delivered", "Abandoned", "Not mapped"]
    drawn = charts.moves(told.rows, order) if len(told.rows) else None
    charted.chart(view, "moves", told, drawn)
    charted.chart(view, "hand_offs", flow.hand_offs(view), None, first=False)


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
