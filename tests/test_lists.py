"""Lists of any length: a page at a time, found and sorted by DuckDB, and what each leaves out is said."""

from __future__ import annotations

import pandas
import pytest
import random_lines
from line import day, event, publication
from pandas.testing import assert_frame_equal
from seeds import chance

from metrics import Wanted
from telling import drawn, flow, stage
from telling.asked import Asked, asked

OLDEST = ("-stage_age_days", "item")


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """Thirty items in A, the first the oldest, every fifth blocked; three are done."""
    events = [event(f"x{n:02}", "A waiting", day(1 + n / 10)) for n in range(33)]
    events += [event(f"x{n:02}", f"Legal {n}", day(6), kind="blocked") for n in range(0, 30, 5)]
    events += [event(f"x{n}", "Done", day(8 + n / 10)) for n in range(30, 33)]
    told = publication(tmp_path_factory.mktemp("lists"), events)
    yield asked(told, "line", day(20))
    told.close()


def test_pages_hold_all_that_was_found_once_and_in_order(line):
    whole = line.figure("age", stage="a").sort_values("stage_age_days", ascending=False)
    pages = [line.rows("age", Wanted(OLDEST, 7, skip), stage="a") for skip in range(0, 35, 7)]
    assert [(len(page.rows), page.of) for page in pages] == [*[(7, 30)] * 4, (2, 30)]
    every = pandas.concat(page.rows for page in pages).reset_index(drop=True)
    told = ["item", "stage_age_days", "blocked", "link"]
    assert_frame_equal(every[told], whole[told].reset_index(drop=True))


@pytest.mark.parametrize(
    ("kept", "found"),
    [
        (stage.Kept(), 30),
        (stage.Kept(state="working"), 0),
        (stage.Kept(state="waiting", blocked=True), 6),
        (stage.Kept(blocked=False), 24),
        (stage.Kept(text="X1"), 10),
        (stage.Kept(text="legal 2"), 2),
        (stage.Kept(text="%"), 0),
    ],
)
def test_the_items_of_a_stage_are_those_that_are_kept(line, kept, found):
    listed = stage.items(line, "a", kept)
    assert (listed.of, len(listed.rows), len(stage.every(line, "a", kept))) == (found,) * 3


def test_the_items_of_a_stage_come_by_the_page_the_blocked_first_and_then_the_oldest(
    line, monkeypatch
):
    monkeypatch.setattr(stage, "PAGE", 8)
    order = [*range(0, 30, 5), *(n for n in range(30) if n % 5)]
    for page in range(1, 5):
        listed = stage.items(line, "a", stage.Kept(), page)
        assert list(listed.rows["item"]) == [f"x{n:02}" for n in order[8 * page - 8 : 8 * page]]
    caption = stage.table(line, listed, 4).caption
    assert caption == "Open items: 25 to 30 of 30, the blocked first, then the oldest"
    assert len(stage.every(line, "a", stage.Kept())) == 30


def test_the_ages_of_a_stage_are_all_counted_and_each_falls_in_its_own_bar(line):
    counted, rows = stage.counted(line, "a"), line.figure("age", stage="a")
    assert counted["items"].sum() == len(rows) == 30
    for width in (0.5, 1, 2, 5):  # of a bar: Vega's are one, two or five times a power of ten
        bars = (rows.stage_age_days // width).value_counts().to_dict()
        assert counted.groupby(counted.stage_age_days // width)["items"].sum().to_dict() == bars


@pytest.fixture(scope="module")
def random_asked(tmp_path_factory):
    lines = {f"s{n}": random_lines.drawn(chance("longest", n), 40) for n in range(3)}
    events = [e | {"source": name} for name, one in lines.items() for e in one.events]
    told = publication(
        tmp_path_factory.mktemp("longest"), events, text=random_lines.settings(lines)
    )
    at = random_lines.instants(chance("longest"), {n: one.events for n, one in lines.items()})
    yield [asked(told, name, as_of) for name in lines for as_of in at]
    told.close()


@pytest.mark.more
def test_the_dots_of_a_stage_and_of_the_line_are_of_all_its_stays(random_asked):
    """Fewer than are drawn, so they are all: the same rows by another way."""
    seen = 0
    for told in random_asked:
        for part in ("", "a", "b", "c"):
            found, whole = flow.dots(told, part), flow.stays(told, part)
            by = ["item", "entered_at", "lead_days", "state"]
            assert_frame_equal(
                found.sort_values(by).reset_index(drop=True),
                whole.sort_values(by).reset_index(drop=True),
                check_dtype=False,
            )
            seen += len(found)
    assert seen > 100


def test_of_too_many_stays_some_of_each_kind_are_drawn_evenly_and_the_page_says_so(tmp_path):
    """2,100 are done after 1 to 21 days, 100 each; 350 are still in: a third and all are drawn."""
    events = [event(f"x{n:04}", "A waiting", day(1 + n / 1e5)) for n in range(2450)]
    events += [event(f"x{n:04}", "Done", day(2 + n // 100 + n / 1e5)) for n in range(2100)]
    told = publication(tmp_path, events)
    line = asked(told, "line", day(30))
    for part in ("", "a"):
        found = flow.dots(line, part)
        assert found.state.value_counts().to_dict() == {"finished": 700, "still in": 350}
        days = found[found.state == "finished"].lead_days.round().value_counts()
        assert set(days) <= {33, 34}
        assert set(days.index) == set(range(1, 22))
        said = flow.lead_times(line, part, "A").sentences
        assert any(
            text.startswith("Drawn and listed are 1,050 of the 2,450: some") for text in said
        )
    told.close()


def test_a_chart_of_items_says_how_many_it_leaves_out_by_which_rule(line, monkeypatch):
    assert flow.drawn(drawn.MOST) == ""
    monkeypatch.setattr(flow, "MOST", 10)
    told = flow.ageing(line)
    assert "Drawn and listed are the oldest 10; the downloads hold all." in told.sentences
    assert list(told.rows["item"]) == [f"x{n:02}" for n in range(10)]
    assert told.whole is not None
    assert len(told.whole()) == 30


def test_a_column_that_a_list_does_not_have_is_an_error(line: Asked):
    with pytest.raises(ValueError, match="It has no colour"):
        line.rows("age", Wanted(), colour="red")
