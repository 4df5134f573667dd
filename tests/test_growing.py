"""Of a table that only grows what is new is asked for, and the landing database then holds what a read
of the whole table gives; where more has changed than that, it is read whole by itself."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from between import between
from killed import Process, collected, command, moments, published, whole
from seeds import SEED, chance
from servers import datasette

from settings.limits import Limits
from settings.sources import Datasette
from sources import collecting
from sources.landing import saving

NOW = datetime(2026, 11, 20, tzinfo=UTC)
PAGE = 50
LIST = {
    "columns": {"item": "slug", "status": "stage", "since": "day"},
    "time_zone": "Europe/London",
}
TABLE = {"since": "day"}
# Both go one way through the code; the other is tried by make more.
KINDS = pytest.mark.parametrize(
    "kind", [pytest.param(LIST, marks=pytest.mark.more), TABLE], ids=["list", "table"]
)


LOADS = (
    "select load_id from raw_row union select load_id from raw_list "
    "union select load_id from raw_header union select load_id from reject"
)


def grow(file: Path, random, rows: int) -> None:
    """More rows, some of which can't be used, with keys that rise, not always by one."""
    con = sqlite3.connect(file)
    con.execute(
        "create table if not exists change (id integer primary key, slug, stage, day, link, more)"
    )
    (last,) = con.execute("select coalesce(max(id), 0) from change").fetchone()
    for _ in range(rows):
        last += random.choice([1, 1, 1, 5])
        day = (
            f"20{random.randrange(10, 25)}-0{random.randrange(1, 10)}-{random.randrange(1, 30):02}"
        )
        con.execute("insert into change (id, slug, stage, day, link) values (?, ?, ?, ?, ?)", (
            last, random.choice(["a", "b", "é", None]), random.choice(["To do", "Doing", ""]),
            random.choice([day, day, day, "soon", None]), "https://me:Hush@example.org/?sig=Hush",
        ))  # fmt: skip
    con.commit()
    con.close()


def changed(file: Path, statement: str, *values: object) -> None:
    con = sqlite3.connect(file)
    con.execute(statement, values)
    con.commit()
    con.close()


def asked(place: str | Path, **more) -> Datasette:
    at = {"url": place} if str(place).startswith("http") else {"file": str(place)}
    return Datasette(**{"name": "s", "table": "change", "grows": True} | at | more)


def collect(
    folder: Path, one: Datasette, now: datetime = NOW
) -> tuple[collecting.Result, list[str]]:
    """What it came to, and what was said meanwhile."""
    said: list[str] = []
    (result,) = collecting.collect(
        [one], folder / "landing.duckdb", now, lambda _, words: said.append(words)
    )
    return result, said


def held(folder: Path) -> dict:
    """All of it; of the loads the last that was taken."""
    told = collected(folder)
    with saving.opened(folder / "landing.duckdb") as con:
        told["load"] = con.execute(
            "select place, tells, rows_in, accepted, refused, newest, oldest, sha256, body from load "
            "where outcome = 'accepted' order by load_id desc limit 1"
        ).fetchall()
        told["events"] = con.execute("select * from stage_event order by all").fetchall()
        told["header"] = con.execute("select * exclude (load_id) from raw_header").fetchall()
        assert len(con.execute(LOADS).fetchall()) == 1
    return told


def in_one_go(folder: Path, one: Datasette, now: datetime = NOW) -> dict:
    shutil.rmtree(folder, ignore_errors=True)
    assert not collect(folder, one, now)[0].failed
    return held(folder)


def note(folder: Path) -> str:
    with saving.opened(folder / "landing.duckdb") as con:
        (told,) = con.execute("select max_by(note, load_id) from load").fetchone()
    return told


@pytest.mark.more
@KINDS
def test_what_came_is_added_as_a_read_of_the_whole_table_would_have_it(tmp_path, kind):
    random, file = chance("growth"), tmp_path / "made.db"
    grow(file, random, 70)
    collect(tmp_path / "grown", asked(file, **kind))
    for night, more in enumerate(random.sample([0, 1, 20, 1100], 3)):
        grow(file, random, more)
        result, said = collect(tmp_path / "grown", asked(file, **kind))
        assert (result.rows_in, note(tmp_path / "grown"), len(said)) == (more, "", 1 + bool(more))
        want = in_one_go(tmp_path / "whole", asked(file, **kind))
        assert held(tmp_path / "grown") == want, (SEED, night)
    assert want["reject"] or kind is TABLE


@pytest.mark.more
@pytest.mark.parametrize("place", ["old", "new"])
def test_only_what_is_new_is_asked_for(request, tmp_path, place):
    """Of a server whose database may be written to while it is asked."""
    python = request.getfixturevalue("datasette_1") if place == "new" else sys.executable
    random, file = chance("growth"), tmp_path / "made.db"
    grow(file, random, 430)
    with datasette(file, python, page=PAGE, fixed=False) as url, between(url) as told:
        for more, pages in ((0, 10), (0, 1), (1, 2), (70, 3)):
            grow(file, random, more)
            told.clear()
            assert not collect(tmp_path / "grown", asked(told.address, **LIST))[0].failed
            assert told.pages == pages
        want = in_one_go(tmp_path / "whole", asked(told.address, **LIST))
    assert held(tmp_path / "grown") == want


OTHERWISE = {
    "a row less": ("delete from change where id = (select min(id) from change)", "but 69 counted"),
    "a row before": ("insert into change (id, slug) values (-1, 'x')", "but 71 counted"),
    "a column more": ("alter table change add column other", "other columns"),
    "a column renamed": ("alter table change rename column more to other", "other columns"),
}


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        pytest.param(*told, id=name, marks=pytest.mark.more if name != "a row less" else ())
        for name, told in OTHERWISE.items()
    ],
)
@KINDS
def test_where_more_changed_the_table_is_read_whole_and_the_load_says_why(
    tmp_path, kind, statement, why
):
    file = tmp_path / "made.db"
    grow(file, chance("growth"), 70)
    collect(tmp_path / "grown", asked(file, **kind))
    changed(file, statement)
    result, said = collect(tmp_path / "grown", asked(file, **kind))
    assert result.readings == 1 and why in note(tmp_path / "grown") and why in said[1]
    assert held(tmp_path / "grown") == in_one_go(tmp_path / "whole", asked(file, **kind))
    grow(file, chance("more"), 3)  # and from there on it grows
    assert collect(tmp_path / "grown", asked(file, **kind))[0].rows_in == 3
    assert held(tmp_path / "grown") == in_one_go(tmp_path / "whole", asked(file, **kind))


def test_with_other_settings_it_is_read_whole(tmp_path):
    file = tmp_path / "made.db"
    grow(file, chance("growth"), 70)
    for rows, one in enumerate((asked(file), asked(file, **LIST), asked(file, **LIST, grows=False),
                                asked(file, **LIST)), 71):  # fmt: skip
        grow(file, chance("more"), 1)
        assert collect(tmp_path / "grown", one)[0].rows_in == rows
    assert held(tmp_path / "grown") == in_one_go(tmp_path / "whole", one)


def test_after_an_answer_that_was_refused_it_is_read_whole(tmp_path):
    """The rows that stay are not those after which that one ended."""
    file, one = tmp_path / "made.db", asked(tmp_path / "made.db", **LIST)
    grow(file, chance("growth"), 70)
    collect(tmp_path / "grown", one)
    stays = collected(tmp_path / "grown")["raw"]
    changed(file, "update change set slug = 'other'")
    changed(file, "delete from change where id = (select min(id) from change)")
    for _ in range(2):  # the second time nothing of it is new
        refused, _ = collect(tmp_path / "grown", one)
        assert refused.not_believed and collected(tmp_path / "grown")["raw"] == stays
    changed(file, "update change set slug = substr('abé', 1 + id % 3, 1)")
    grow(file, chance("more"), 1)
    result, _ = collect(tmp_path / "grown", one)
    assert result.rows_in == 70 and not result.not_believed
    assert held(tmp_path / "grown") == in_one_go(tmp_path / "whole", one)


def test_a_row_that_was_still_to_come_is_judged_anew(tmp_path):
    file, one = tmp_path / "made.db", asked(tmp_path / "made.db", **LIST)
    grow(file, chance("growth"), 70)
    changed(file, "insert into change values (1e6, 'a', 'Doing', '2026-11-25', null, null)")
    for days, rows_in in ((0, 71), (1, 1), (5, 73), (6, 1)):
        now = NOW + timedelta(days=days)
        assert collect(tmp_path / "grown", one, now)[0].rows_in == rows_in
        assert ("may be right by now" in note(tmp_path / "grown")) == (days == 5)
        grow(file, chance("more"), days < 6)
    assert held(tmp_path / "grown") == in_one_go(tmp_path / "whole", one, now)


def test_a_key_that_is_a_secret_is_not_noted(tmp_path):
    file = tmp_path / "made.db"
    changed(file, "create table change (link primary key)")
    for n in range(3):
        changed(
            file, "insert into change values (?)", f"https://example.org/{n}?sig=Hush00quokka{n}"
        )
        collect(tmp_path / "grown", asked(file))
        with saving.opened(tmp_path / "grown/landing.duckdb") as con:
            told = con.execute("select cursor, row from load, raw_row").fetchall()
        assert told and "Hush00quokka" not in str(told)
    assert held(tmp_path / "grown") == in_one_go(tmp_path / "whole", asked(file))


def test_more_rows_that_cannot_be_used_than_may_be_are_counted_with_those_before(tmp_path):
    file, one = tmp_path / "made.db", asked(tmp_path / "made.db", **LIST, limits=Limits(rejects=50))
    grow(file, chance("growth"), 60)
    assert collect(tmp_path, one)[0].refused < 51
    stays = collected(tmp_path)["raw"]
    grow(file, chance("more"), 60)
    result, said = collect(tmp_path, one)
    assert "too many of its rows can't be used" in said[1]
    assert "More than 50 rows" in result.not_believed
    assert collected(tmp_path)["raw"] == stays


STAGES = """
title: A line
streams:
  line: {{name: L, sources: [list], stages: {{do: {{name: Do, queue: [To do], work: [Doing]}}}}}}
sources:
  list: {{kind: datasette, file: made.db, table: change, grows: {grows}, columns: {columns}}}
"""


@pytest.mark.parametrize("kills", [pytest.param(5, marks=pytest.mark.soak)])
def test_killed_at_any_moment_the_rows_are_those_before_or_those_after_and_are_published(
    tmp_path, kills
):
    (tmp_path / "temporary").mkdir()
    file = tmp_path / "made.db"
    grow(file, chance("growth"), 70)
    for name, grows in (("stages.yaml", "true"), ("whole.yaml", "false")):
        told = STAGES.format(grows=grows, columns=json.dumps(LIST["columns"]))
        (tmp_path / name).write_text(told)
    whole(tmp_path, *command(tmp_path, "collect"))
    before = held(tmp_path / "data")
    grow(file, chance("more"), 30)
    shutil.copytree(tmp_path / "data", tmp_path / "more")
    took = whole(tmp_path, *command(tmp_path, "collect", "more"))
    want = held(tmp_path / "more")
    assert want != before
    for after in moments(chance("kills"), kills, took):
        Process(tmp_path, command(tmp_path, "collect")).kill(after)
        assert held(tmp_path / "data") in (before, want), (SEED, after)
    whole(tmp_path, *command(tmp_path, "collect"))
    assert held(tmp_path / "data") == want
    (tmp_path / "stages.yaml").rename(tmp_path / "grows.yaml")
    (tmp_path / "whole.yaml").rename(tmp_path / "stages.yaml")
    whole(tmp_path, *command(tmp_path, "collect", "other"))
    for data in ("data", "other"):
        whole(tmp_path, *command(tmp_path, "publish", data))
    assert published(tmp_path / "data") == published(tmp_path / "other")
