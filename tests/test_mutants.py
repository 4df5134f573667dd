"""The mutation run itself: which faults it makes, and that a seed draws the same ones again."""

from __future__ import annotations

import pytest
from mutants import mutant, page, python, results, sql
from mutants.trial import Outcome

SQL = """-- A comment with 1 < 2 and 3.
select item, count(*) filter (kind = 'a < b and 1') as n
from visit left join stage using (stage)
where age_us >= 30 and not gone
group by all;
"""


def made(text: str) -> set[str]:
    return {m.becomes.strip() for m in sql.mutants("a.sql", text)}


def test_a_file_of_sql_has_the_faults_that_people_make():
    assert made(SQL) == {
        "select item, count(*) filter (kind <> 'a < b and 1') as n",
        "select item, count(*)  as n",
        "from visit  join stage using (stage)",
        "where age_us > 30 and not gone",
        "where age_us <= 30 and not gone",
        "where age_us >= 31 and not gone",
        "where age_us >= 0 and not gone",
        "where age_us >= 30 or not gone",
        "where age_us >= 30 and  gone",
        "where age_us >= 30",
        "where  not gone",
    }


def test_comments_and_strings_are_left_alone():
    assert made("-- max(1) < 2\nselect 'a = 1' /* 3 > 2 */ from visit;") == set()


def test_a_last_resort_a_maximum_and_the_last_condition_too():
    assert made("select coalesce(max(b), (c)) from d where e;") == {
        "select coalesce(min(b), (c)) from d where e;",
        "select coalesce(max(b)) from d where e;",
        "select coalesce(max(b), (c)) from d ;",
    }


def test_what_duckdb_cannot_read_is_no_mutant():
    assert made("select a from b where c between d and e;") == {"select a from b ;"}


def test_a_mutant_tells_its_line():
    fault = next(m for m in sql.mutants("a.sql", SQL) if "31" in m.becomes)
    assert (fault.line, fault.column) == (4, 16)
    assert fault.text == SQL.replace("30", "31")


def test_python_has_its_faults_but_none_in_types():
    pytest.importorskip("cosmic_ray", reason="make mutants installs it")
    text = "def late(days: int | None) -> bool:\n    return days > 3\n"
    told = {m.becomes.strip() for m in python.mutants("a.py", text)}
    assert {"return days >= 3", "return days <= 3", "return days > 4"} <= told
    assert not [line for line in told if line.startswith("def")]


def some(number: int, end: str) -> list[mutant.Mutant]:
    return [mutant.of(f"{n}.{end}", "a\nb\n", "a\nc\n", 0) for n in range(number)]


def test_a_seed_draws_the_same_again_and_a_longer_draw_goes_on_from_it():
    all_there_are = some(40, "sql") + some(40, "py")
    drawn = mutant.draw(all_there_are, 1, 12)
    assert mutant.draw(reversed(all_there_are), 1, 12) == drawn
    assert mutant.draw(all_there_are, 1, 30)[:12] == drawn
    assert mutant.draw(all_there_are, 2, 12) != drawn
    assert len([m for m in drawn if m.file.endswith(".sql")]) == 8


def test_of_one_place_one_mutant_is_drawn():
    two = [mutant.of("a.sql", "x < 1", f"x {sign} 1", 2) for sign in ("<=", ">")]
    assert len(mutant.draw(two, 1, 10)) == 1


def test_the_page_keeps_the_reasons_of_survivors():
    first, second = some(2, "sql")
    tried = [(first, Outcome("survived", "", 9.0)), (second, Outcome("timed out", "", 9.0))]
    new = page.text(tried, 1, 200, "")
    assert "2 of the 200 that were drawn have been tried: **1 were caught, 50%**" in new
    assert "| all | 2 | 1 | 1 | 1 |" in new
    assert "### 0.sql, line 2\n\n```diff\n- b\n+ c\n```\n\nNot yet explained.\n" in new
    explained = new.replace(page.UNEXPLAINED, "Both are the same\nhere.")
    assert page.text(tried, 1, 200, explained) == explained


def test_a_run_that_was_broken_off_goes_on(tmp_path):
    file, [fault] = tmp_path / "results.jsonl", some(1, "sql")
    results.Results(file).keep(fault, Outcome("caught", "test_a", 2.0))
    with file.open("a") as more:
        more.write('\n["half a li')
    assert results.Results(file).of(fault) == Outcome("caught", "test_a", 2.0)
