"""What charts are given and how they look: enough contrast in both themes, and nothing unneeded."""

from __future__ import annotations

import io
import tomllib
from datetime import timedelta

import pandas
import pytest
from browser import DESIGN, ROOT, SUPPLY
from line import day

from dashboard.charts import flow as charts
from dashboard.charts import items, look, pipeline
from telling import checks, drawn, flow
from telling.asked import asked

THEME = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())["theme"]


def luminance(hue: str) -> float:
    """As WCAG 2 has it, of a hue like #0072b2."""
    parts = [int(hue[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.fixture(params=["light", "dark"])
def theme(request, monkeypatch):
    """The hues of a theme, and charts drawn in it, without a visitor who has one."""
    monkeypatch.setattr(look, "dark", lambda: request.param == "dark")
    for module in (charts, items):
        monkeypatch.setattr(module, "dark", lambda: request.param == "dark")
    return THEME[request.param]


def test_every_hue_of_a_mark_is_told_from_the_ground(theme):
    assert look.ground() == theme["backgroundColor"]
    hues = [look.amber(), look.blue(), look.green(), look.orange(), look.purple(), look.GREY]
    for hue in [*hues, *theme["chartCategoricalColors"][: len(look.PARTS)]]:
        assert contrast(hue, theme["backgroundColor"]) >= 3, hue
    for hue in [*pipeline._states().to_dict()["range"], *hues]:
        assert contrast(hue, theme["backgroundColor"]) >= 3, hue
    assert contrast(look.ink(), theme["backgroundColor"]) >= 4.5


def test_a_sign_is_read_on_the_hue_of_its_state(theme):
    for word, hue in zip(pipeline.SIGNS, pipeline._states().to_dict()["range"], strict=True):
        assert contrast(look.ground(), hue) >= 3, word
        assert pipeline.SIGNS[word]


def size(chart) -> int:
    """Bytes that a browser is sent: the spec, and the rows as Streamlit sends them."""
    told = chart.to_dict(format="vega-lite", context={"data_transformers": None})
    rows = told.pop("datasets", {}).values()
    return len(str(told)) + sum(_arrow(pandas.DataFrame(one)) for one in rows)


def _arrow(rows: pandas.DataFrame) -> int:
    file = io.BytesIO()
    rows.to_feather(file, compression="uncompressed")
    return file.getbuffer().nbytes


def test_a_thousand_items_and_more_fit_into_400_kilobytes(theme, publication):
    """1,800 are open; those drawn are the oldest, and the words say so. Of all stays some are drawn."""
    told = asked(publication, SUPPLY)
    ageing = flow.ageing(told)
    assert ageing.whole
    assert (len(ageing.rows), len(ageing.whole())) == (drawn.MOST, 1_800)
    assert "Drawn and listed are the oldest 1,400; the downloads hold all." in ageing.sentences
    assert size(items.ageing(ageing.rows, flow.bands(told), flow.stage_names(told))) < 400_000
    lead = flow.dots(told, "")
    assert len(lead) < len(flow.stays(told, "")) > drawn.MOST
    span = drawn.span(lead, pandas.Timestamp(told.as_of))
    assert size(items.lead_times(lead, flow.percentiles(told, ""), span)) < 400_000


def test_the_lines_of_a_long_history_fit_too(theme, publication):
    told = asked(publication, DESIGN)
    rows = flow.cumulative(told).rows
    assert size(charts.cumulative_flow(rows, flow.triangle(told))) < 400_000
    for chart in charts.work(flow.work(told).rows, flow.stage_names(told)):
        assert size(chart) < 400_000


def test_the_steps_of_a_line_are_the_same_without_the_days_between(publication):
    rows = asked(publication, DESIGN).figure("cumulative_flow")
    kept = drawn.changes(rows, "line_name", ["items"])
    assert len(kept) < len(rows) / 5
    every = rows[["line_name", "day"]].merge(kept, how="left", on=["line_name", "day"])
    filled = every.groupby("line_name")["items"].ffill()
    assert filled.to_list() == rows["items"].to_list()
    ends = kept.groupby("line_name").day.agg(["min", "max"])
    assert (ends == rows.groupby("line_name").day.agg(["min", "max"])).all(axis=None)


def test_stripes_lie_exactly_over_what_is_blocked():
    days = [day(n + 1) for n in range(200)]
    rows = pandas.DataFrame({"day": days, "stage_name": "A", "waiting": 3, "working": 2,
                             "blocked": [n % 2 for n in range(200)]})  # fmt: skip
    told = drawn.blocked(rows)
    assert 0 < len(told) <= drawn.STRIPES
    assert set(zip(told.lower, told.upper, strict=True)) == {(5, 6)}
    assert drawn.blocked(rows.assign(blocked=0)).empty


def test_stripes_lie_over_those_gone_back():
    rows = pandas.DataFrame({"day": [day(1), day(2)], "items": [9, 9], "behind": [0, 4]})
    told = drawn.gone_back(rows)
    assert list(zip(told.lower, told.upper, strict=True)) == [(5, 9)]


def test_bands_end_where_the_next_begins():
    lines = pandas.DataFrame({"stage_name": ["A", "A", "B"], "share": ["50%", "70%", "50%"],
                              "days": [10.0, 30.0, 12.0]})  # fmt: skip
    assert drawn.bands(lines).low.to_list() == [0, 10, 0]


def test_labels_that_would_collide_are_one():
    lines = pandas.DataFrame({"share": ["50%", "70%", "85%", "95%"], "days": [10, 14, 40, 90]})
    assert drawn.labelled(lines, 100).label.to_list() == ["50%, 70%", "", "85%", "95%"]
    assert drawn.labelled(lines, 50).label.to_list() == ["50%", "70%", "85%", "95%"]
    assert drawn.labelled(lines.head(0), float("nan")).empty


def test_the_axis_of_lead_times_has_room_for_those_still_in():
    shown = pandas.Timestamp(day(61))
    first, middle, end = drawn.span(pandas.DataFrame({"at": [day(1), day(5)]}), shown)
    assert [pandas.Timestamp(at) for at in (first, middle, end)] == [
        day(1), day(61), day(61) + timedelta(days=10)
    ]  # fmt: skip
    alone = drawn.span(pandas.DataFrame({"at": [shown]}), shown)
    assert pandas.Timestamp(alone[0]) == shown - timedelta(days=28)


def test_a_scale_of_seconds_says_120():
    expression = pipeline._SECONDS.to_dict()["labelExpr"]
    assert expression == "format(datum.value, ',~f')"
    assert 120 in pipeline._SECONDS.to_dict()["values"]


def test_the_grid_of_failures_loses_none_of_the_commonest_kinds():
    rows = pandas.DataFrame([
        dict(counted_by="kind", name=f"k{k}", process=f"p{p}", failed=(k + 1) * (p + 1), checks=500)
        for k in range(14) for p in range(10)
    ] + [dict(counted_by="organisation", name="k13", process="p9", failed=9, checks=9)])  # fmt: skip
    told = checks.grid(rows)
    assert list(dict.fromkeys(told["name"])) == [f"k{k}" for k in range(13, 1, -1)]
    assert list(dict.fromkeys(told.process)) == [*(f"p{p}" for p in range(9, 2, -1)), "3 others"]
    kept = rows[(rows.counted_by == "kind") & rows["name"].isin(told["name"])]
    assert told.failed.sum() == kept.failed.sum()
    few = checks.grid(rows[rows.process.isin(["p0", "p1"])])
    assert set(few.process) == {"p0", "p1"}
