"""The command that measures sizes: each step in its own process, compared before it is timed."""

from __future__ import annotations

import pytest
import scale
import step
import tables
from tables import Size, Took


class Answers(dict):
    """Steps that tell what was written down for them."""

    def run(self, name):
        return self[name]


SAID = {"finished": {"assess": 3}, "median_us": {"assess": 5}, "open": {}, "delivered": {"w": 1}}


def test_nothing_is_timed_where_the_ways_do_not_agree_and_it_says_in_what():
    told = Answers(duckdb=Took(1, 1, 1, SAID), pandas=Took(1, 1, 1, SAID))
    assert scale.compared(told, ["floor", "duckdb", "pandas"]) == ()
    told["pandas"] = Took(1, 1, 1, SAID | {"finished": {"assess": 4}})
    with pytest.raises(scale.Different, match="finished of assess: 4 by pandas, 3 by duckdb"):
        scale.compared(told, ["floor", "duckdb", "pandas"])
    told["pandas"] = Took(1, 1, 1, SAID | {"delivered": {}})
    with pytest.raises(scale.Different, match="delivered of w: 0 by pandas, 1 by duckdb"):
        scale.compared(told, ["floor", "duckdb", "pandas"])


def test_a_way_that_gives_no_answer_is_named():
    """It has not been compared, and what is written must not say so."""
    told = Answers(duckdb=Took(1, 1, 1, SAID), pandas=Took(failed="no"), collect=Took(1, 1, 1, {}))
    told["publish"] = Took(failed="too large")
    silent = scale.compared(told, ["floor", "duckdb", "pandas", "collect", "publish"])
    assert silent == ("pandas", "ours")
    said = tables.told([Size(10, 60, 1, [{"floor": Took(1, 1, 1)}], silent=silent)])
    assert "but pandas and ours at 10 items, which gave none" in said


def test_a_step_runs_in_a_process_of_its_own_which_is_ended_when_it_takes_too_long(tmp_path):
    made = scale.Runs(tmp_path, longest=60).run("generate", 200, 1)
    assert made.told == (tmp_path / "base.csv").read_text().count("\n") - 1
    assert made.seconds > 0 and made.peak > 20
    late = scale.Runs(tmp_path, longest=0.1).run("generate", 10**7, 1)
    assert late.failed == "longer than 0.1 s"


def test_a_step_that_fails_says_why_with_its_last_words(tmp_path):
    assert "invalid literal" in scale.Runs(tmp_path, longest=60).run("generate", "many", 1).failed


@pytest.mark.more
def test_what_stands_on_a_step_that_failed_is_not_tried(tmp_path):
    [took] = scale.Runs(tmp_path, longest=60).rounds([*step.OURS, *step.PAGES, *step.NIGHT], 1)
    assert "base.csv" in took["collect"].failed
    assert took["publish"].failed == took["pages, opening"].failed == "collect failed"
    assert took[step.NIGHT[1]].failed == f"{step.NIGHT[0]} failed"


def test_ratios_are_to_the_floor_of_the_same_round_and_a_failed_step_is_no_number():
    rounds = [
        {"floor": Took(f, f, 10), "duckdb": Took(d, d, 20), "publish": Took(failed="too large")}
        for f, d in [(1, 2), (10, 20), (1, 30)]
    ]
    sizes = [Size(100, 600, 1, rounds), Size(1000, 6000, 10, rounds)]
    said = tables.told(sizes)
    assert "| standard figures, hand-made SQL | 20.00 s, ×2.0, 20 MB |" in said
    assert "| **publish** | – (too large) | – (too large) | – |" in said
    assert "3 runs (100 items), 3 runs (1,000 items)" in said


def test_of_pages_that_took_too_long_those_before_are_told():
    visit = {"data": {"seconds": 1}, "whole": {"seconds": 2}, "longest": "figure age"}
    part = {"floor": Took(1, 1, 1)} | dict.fromkeys(
        step.PAGES, Took(failed="longer than 9 s", told={"overview": visit})
    )
    whole = {"floor": Took(1, 1, 1)} | dict.fromkeys(
        step.PAGES, Took(9, 9, 9, {"overview": visit, "map": visit})
    )
    said = tables.told([Size(10, 60, 1, [whole]), Size(100, 600, 1, [part])])
    assert "| overview | 1.00 (2.00) | 1.00 (2.00) | 1.00 (2.00) | 1.00 (2.00) |" in said
    assert "| map | 1.00 (2.00) | 1.00 (2.00) | – | – | `figure age` |" in said
    assert "| the most memory | 9 MB | 9 MB | – (longer than 9 s) | – (longer than 9 s) |" in said


def test_a_new_run_takes_the_place_of_the_last_and_leaves_the_rest(tmp_path):
    file = tmp_path / "performance.md"
    file.write_text("# Fast\n\nPages.\n")
    tables.write(file, "one\n")
    once = file.read_text()
    file.write_text(once + "\nMore.\n")
    tables.write(file, "two\n")
    assert file.read_text() == once.replace("one", "two") + "\nMore.\n"
    assert once.startswith("# Fast\n\nPages.\n\n" + tables.BEGINS)
