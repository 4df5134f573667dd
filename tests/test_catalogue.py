"""The catalogue says of everything that is measured what it means and where it is shown."""

from __future__ import annotations

import ast
import io

import pandas
import pytest
from browser import AXE, DESIGN, ROOT, needed, opened, ours, serious, settled
from line import STORY, day, publication
from playwright.sync_api import expect
from test_cli import valuestream

import metrics
from dashboard.pages import flow, pipeline, stage
from metrics.catalogue import columns
from telling import catalogue
from telling.asked import asked as of_stream
from telling.openapi import TYPES

TREES = [ast.parse(path.read_text()) for room in ("telling", "dashboard") for path in (ROOT / room).rglob("*.py")
         if path.name != "catalogue.py"]  # fmt: skip
# Of which the pages show what other figures and the review make of it.
WITHIN = {"happened": "metrics/changes.py", "measure": "notes/promises.py"}


@pytest.fixture(scope="module")
def entries(tmp_path_factory):
    line = publication(tmp_path_factory.mktemp("catalogue"), STORY)
    return catalogue.entries(of_stream(line, "line", day(13)))


def test_what_is_counted_is_a_whole_number():
    """Sums that DuckDB makes larger than any count are told as fractions: 87.0 hand-offs."""
    told = [column for name in metrics.figures() for column in columns(name)]
    assert {one.type for one in told if one.unit == "count"} == {"BIGINT"}
    assert {one.unit for one in told if one.type not in TYPES} == set()


def test_every_figure_is_said_to_be_shown_where_it_is_asked_for():
    said = {
        node.value for tree in TREES for node in ast.walk(tree) if isinstance(node, ast.Constant)
    }
    said |= {name for name, file in WITHIN.items() if f'"{name}"' in (ROOT / file).read_text()}
    said |= (
        {"spread", "verdict"} if "def spread" in (ROOT / "telling/asked.py").read_text() else set()
    )
    assert not set(catalogue.SHOWN) - set(metrics.figures())
    assert not set(catalogue.SHOWN) - said, "no page asks for it"
    others = set(metrics.figures()) - set(catalogue.SHOWN)
    assert not others & said, "a page asks for it: say in telling/catalogue.py where it is shown"
    assert {place for told in catalogue.SHOWN.values() for place in told.split()} <= set(
        catalogue.PLACES
    )


def test_every_place_is_a_part_of_its_page_by_its_name_there():
    parts = {"look": stage.LOOKS, "chart": flow.CHARTS, "show": pipeline.SHOWN}
    for place in catalogue.PLACES.values():
        for key, chosen in place.more.items():
            assert place.name.partition(": ")[2] == parts[key][chosen][0]


def test_every_chart_leads_to_a_figure():
    """By the names under which pages draw them."""
    drawn = {
        node.args[1].value
        for tree in TREES
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("charted.chart", "charted.said")
    }
    assert drawn == set(catalogue.CHARTS)
    titles = {
        node.args[0].value
        for tree in TREES
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Section"
        and isinstance(node.args[0], ast.Constant)
    }  # fmt: skip
    assert set(catalogue.SECTIONS) <= titles
    assert set(catalogue.SECTIONS.values()) <= set(catalogue.SHOWN)
    assert set(catalogue.CHARTS.values()) <= set(metrics.figures())


def test_an_entry_says_what_it_means_whose_it_is_and_how_fresh(entries):
    told = {one.key: one for one in entries}
    a = told["stage/line/a"]
    assert (
        "Target on items waiting",
        "watch above 1, red above 2: small; owner: us; set on 1 January 2026",
    ) in a.facts
    assert ("Known until", "13 January 2026") in a.facts and (
        "Statuses",
        "A waiting, A working",
    ) in a.facts
    assert ("Target", "none is set") in told["stage/line/b"].facts
    assert ("How it stands", "up to date") in told["source/log"].facts
    figure = told["figure/queue_size"]
    assert (
        figure.sentence == metrics.figures()["queue_size"]
        and "create macro queue_size" in figure.sql
    )
    assert {column.name: column.unit for column in figure.columns}["oldest_days"] == "days"
    assert all(columns(name) for name in metrics.figures())


def test_every_word_must_be_found_letter_for_letter_in_any_case(entries):
    def found(text: str) -> list[str]:
        return [one.key for one in catalogue.found(entries, text)]

    assert found("BLOCKED lost item-days") == ["figure/blocker"]
    assert "stage/line/a" in found("a working small") and found("blocked nowhere-at-all") == []
    assert found(".*") == [] and len(found("  ")) == len(entries)


def test_the_command_finds_the_same_as_a_file(example):
    done = valuestream("catalogue", "Specify", "research", "--format", "csv", data=example)
    (row,) = pandas.read_csv(io.StringIO(done.stdout)).itertuples()
    assert (row.kind, row.key) == ("stage", "design-a-dataset/specify")
    assert "owner: example target" in row.facts and row.shown == "Overview; Stage"
    sql = valuestream("catalogue", "figure/blocker", "--sql", "--data", str(example), data=example)
    assert "create macro blocker(as_of)" in sql.stdout


@pytest.mark.more
def test_from_a_heading_to_its_meaning_and_back_to_where_it_is_shown(page, app):
    needed(AXE, "axe-core")
    opened(page, f"{app}/flow?stream={DESIGN}&chart=lead")
    page.get_by_role("link", name="What is this? percentile").click()
    entry = page.get_by_role("heading", name="Percentile", exact=True)
    expect(entry).to_be_visible()
    settled(page)
    expect(page.get_by_text("create macro percentile(as_of)")).not_to_be_visible()
    page.get_by_text("Its SQL").click()
    expect(page.get_by_text("create macro percentile(as_of)")).to_be_visible()
    assert not serious(page)
    field = page.get_by_label("Find by words")
    field.fill("item-days LOST")
    field.press("Enter")
    expect(page.get_by_text("1 entry holds every word of “item-days LOST”.")).to_be_visible()
    settled(page)
    page.get_by_role("link", name="Blocker", exact=True).click()
    page.get_by_role("link", name="Stage: Limits and what was blocked").click()
    expect(page.get_by_text("Limits that decide the colour")).to_be_visible()
    assert f"stream={DESIGN}" in page.url
    opened(page, f"{app}/review?stream={DESIGN}")
    expect(page.get_by_role("link", name="What is this? happened")).to_be_visible()
    assert not ours(page.errors)
