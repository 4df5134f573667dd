"""At the width of a laptop and of a screen in a room: no label is cut, and numbers keep their units."""

from __future__ import annotations

from functools import partial

import pandas
import pytest
from browser import DESIGN, opened, settled
from line import LINE, day, event, publication

from dashboard.charts import pace, pipeline, shown, taken
from dashboard.parts import boxes
from telling import stage
from telling.asked import asked
from telling.told import Link, Table, Told

# The labels of the first chart that are further out than what is drawn of it.
CUT = """() => {
    const charts = [...document.querySelectorAll("[data-testid=stVegaLiteChart] svg")];
    return charts.flatMap(svg => [...svg.querySelectorAll("text")].filter(text => {
        const [a, b] = [text.getBoundingClientRect(), svg.getBoundingClientRect()];
        return a.width && text.textContent.trim() && (a.left < b.left || a.right > b.right);
    }).map(text => text.textContent));
}"""
ROWS = """() => [...document.querySelectorAll("*")].filter(e => e.shadowRoot).flatMap(
    e => [...e.shadowRoot.querySelectorAll("td")]).map(
    td => [td.textContent, td.offsetHeight, getComputedStyle(td).fontSize])"""


# Each number of the line's boxes and queues, were it this one: how many lines it takes, and whether it
# fits what is around it.
NUMBERS = """number => [...document.querySelectorAll("*")].filter(e => e.shadowRoot).flatMap(
    e => [...e.shadowRoot.querySelectorAll(".strip .inside b, .strip .count")]).map(e => {
        e.textContent = number;
        const around = e.closest("article, li");
        return [Math.round(e.offsetHeight / parseFloat(getComputedStyle(e).fontSize)),
                around.scrollWidth <= around.clientWidth];
    })"""


@pytest.fixture
def wide(page):
    yield page
    page.set_viewport_size({"width": 1280, "height": 720})
    settled(page)


@pytest.mark.parametrize("width", [1280, pytest.param(1920, marks=pytest.mark.more)])
@pytest.mark.parametrize(
    "path", ["pipeline?show=recovery", f"stage?stream={DESIGN}&look=ages&as_of=2024-03-01"]
)
def test_no_label_of_a_chart_is_cut(wide, app, path, width):
    wide.set_viewport_size({"width": width, "height": 900})
    opened(wide, f"{app}/{path}")
    wide.get_by_test_id("stVegaLiteChart").last.locator("svg text").first.wait_for()
    assert wide.evaluate(CUT) == []


def test_in_a_table_of_long_reasons_a_number_stands_beside_its_unit(wide, app):
    opened(wide, f"{app}/stage?stream={DESIGN}&stage=discover")
    wide.get_by_text("at least 1,057 days").first.wait_for()
    high = [high for text, high, _ in wide.evaluate(ROWS) if text == "at least 1,057 days"]
    assert high and min(high) < 30
    wide.set_viewport_size({"width": 1920, "height": 900})
    settled(wide)
    assert {size for *_, size in wide.evaluate(ROWS)} == {"18px"}


@pytest.mark.parametrize("width", [390, 1280, 1920])
@pytest.mark.parametrize("number", [pytest.param("2,022", marks=pytest.mark.more), "123,456"])
def test_a_number_of_thousands_stands_on_one_line_of_its_box(wide, app, width, number):
    wide.set_viewport_size({"width": width, "height": 900})
    opened(wide, f"{app}/?stream={DESIGN}")
    wide.locator(".strip .count").first.wait_for()  # what draws the boxes is fetched by itself
    found = wide.evaluate(NUMBERS, number)
    assert len(found) >= 6 and {lines for lines, _ in found} == {1}
    assert all(fits for _, fits in found)


def test_only_short_cells_are_kept_on_one_line():
    told = Table("T", ["a", "b", "c"], [["at least 1,057 days", "x" * 21, Link("n", None)]], "")
    cells = boxes.table(told)["inside"][1]["inside"][0]["inside"][1]["inside"][0]["inside"]
    assert [cell.get("cls") for cell in cells] == ["short", None, None]


def test_only_what_is_blocked_has_an_outline(publication):
    """One or two items are a line so thin that an outline of the ground's hue would hide it."""
    told = asked(publication, DESIGN)
    chart = pace.ages(stage.counted(told, "discover"), stage.recorded(told, "discover"))
    said = chart.to_dict()["encoding"]["strokeWidth"]
    assert said["condition"] == {"test": "datum.state == 'blocked'", "value": 2}
    assert said["value"] == 0


def test_the_legend_says_that_missed_runs_are_crosses():
    assert pipeline.MISSED == "a run or more did not take place (cross)"


def letters(told: shown.Shown, wide: int) -> list[tuple[str, str]]:
    """The texts of a chart so wide, each with how it is turned."""
    return [
        (text.text or "", text.get("transform", ""))
        for picture in taken.pictures(told, wide)
        for text in picture.iter("text")
    ]


@pytest.mark.parametrize(
    ("days", "said"), [pytest.param(3, "4 Jan", marks=pytest.mark.more), (1, "1 Jan 12:00")]
)
def test_no_day_stands_twice_on_an_axis_of_a_few_days(tmp_path, days, said):
    told = asked(publication(tmp_path, [event("x", "A waiting", day(1))]), "line", day(days + 0.9))
    now = told.figure("queue_size", stage="a").iloc[0]
    times = [text for text, _ in letters(shown.by_day(told, "a", now), 900) if "Jan" in text]
    assert said in times
    assert len(times) == len(set(times))


@pytest.mark.more
def test_the_names_of_a_dozen_stages_stand_upright_on_a_phone(tmp_path):
    """Slanted they lay over each other."""
    first, last = LINE.index("      a: {"), LINE.index("    left:")
    stages = "".join(f"      s{n}: {{name: Stage {n}, work: [W{n}]}}\n" for n in range(1, 12))
    text = LINE[:first] + stages + "      end: {name: End, work: [E], done: [Done]}\n" + LINE[last:]
    moved = [event("x", f"W{n}", day(n)) for n in range(1, 12)]
    told = shown.moves(asked(publication(tmp_path, moved, text=text), "line", day(20)))
    for wide, turned in ((340, "rotate(-90"), (700, "rotate(-40")):
        feet = [how for text, how in letters(told, wide) if text == "Stage 5" and "rotate" in how]
        assert feet and all(turned in how for how in feet), wide


def test_where_nothing_failed_the_share_is_drawn_on_the_ground():
    """Vega put 0.000000% in the middle of an empty chart."""
    weeks = pandas.date_range("2026-01-05", periods=3, freq="7D")
    rows = pandas.DataFrame(
        {"week": weeks, "iso_week": "w", "share": 0.0, "failed": 0, "checks": 7, "missed_runs": 0}
    )
    told = shown.Shown(Told("T", [], rows), partial(pipeline.share, rows))
    percents = [text for text, _ in letters(told, 900) if "%" in text]
    assert percents[0] == "0%" and percents[-1] == "100%"
    some = rows.assign(share=[0, 0.004, 0])
    told = shown.Shown(Told("T", [], some), partial(pipeline.share, some))
    assert "0.4%" in [text for text, _ in letters(told, 900)]


@pytest.mark.parametrize(("wide", "size"), [(888, "11px"), (1200, "15px"), (700, "")])
def test_what_a_move_is_called_fits_its_square_or_is_left_out(publication, wide, size):
    """In a file of 920 pixels 'delivered, skipping' lay over the squares beside its own."""
    picture = taken.pictures(shown.moves(asked(publication, DESIGN)), wide)[0]
    sizes = {t.get("font-size") for t in picture.iter("text") if "skipping" in (t.text or "")}
    assert sizes == ({size} if size else set())
