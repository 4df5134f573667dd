"""A long table is read on where a run that was killed, or could not reach it, stopped; what comes of
it is what a read in one go gives, whatever became meanwhile of what was kept."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from between import Between, between
from killed import Process, collected, command, until, whole
from seeds import SEED, chance
from servers import datasette

from settings.limits import Limits
from settings.sources import Datasette
from sources import collecting
from sources.reading import aside

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ROWS, PAGE = 430, 50
SECRET = "Hush00quokka00"
LINK = f"https://me:{SECRET}@example.org/a?sig={SECRET}"
LIST = {
    "columns": {"item": "slug", "status": "stage", "since": "day"},
    "time_zone": "Europe/London",
}
TABLE = {"since": "day"}
STAGES = """
title: A line
streams:
  line: {name: L, sources: [list], stages: {do: {name: Do, work: [Doing], done: [Done]}}}
sources:
  list: """


def row(n: int) -> tuple:
    """The nth row: some can't be used, links hold secrets, cells are of every sort."""
    day = f"2025-{n % 12 + 1:02}-{n % 27 + 1:02}" if n % 9 else LINK
    slug = None if n % 50 in (3, 4) and n < 8 else f"é{n % 7}"
    more = [None, n, n / 7, bytes([n % 256]), "x" * (n % 40)][n % 5]
    return slug, n, "" if n % 31 == 0 else ["Doing", "Done"][n % 2], day, LINK, more


def written(file: Path, numbers: range, key: str = "slug, number") -> Path:
    """A table of these rows, the older ones as they were."""
    with sqlite3.connect(file) as con:
        con.execute("create table if not exists change "
                    f"(slug, number, stage, day, link, more, primary key ({key}))")  # fmt: skip
        con.executemany("insert into change values (?, ?, ?, ?, ?, ?)", map(row, numbers))
    con.close()
    return file


@pytest.fixture(scope="module", params=["old", "new"])
def served(request, tmp_path_factory) -> Iterator[Between]:
    """A real Datasette of each version, and one who stands before it."""
    python = request.getfixturevalue("datasette_1") if request.param == "new" else sys.executable
    file = written(tmp_path_factory.mktemp("served") / "made.db", range(ROWS))
    with datasette(file, python, page=PAGE) as url, between(url) as told:
        yield told


@pytest.fixture(scope="module")
def old(tmp_path_factory) -> Iterator[Between]:
    """The version that the service runs."""
    file = written(tmp_path_factory.mktemp("old") / "made.db", range(ROWS))
    with datasette(file, page=PAGE) as url, between(url) as told:
        yield told


def asked(told: Between, **more) -> Datasette:
    return Datasette(**{"name": "a/../s", "url": told.address, "table": "change"} | more)


def collect(folder: Path, one: Datasette, now: datetime = NOW) -> tuple[collecting.Result, list]:
    """What it came to, and what was said meanwhile."""
    said: list[str] = []
    (result,) = collecting.collect(
        [one], folder / "landing.duckdb", now, lambda _, words: said.append(words)
    )
    return result, said


def in_one_go(folder: Path, told: Between, one: Datasette, now: datetime = NOW) -> dict:
    told.clear()
    assert not collect(folder, one, now)[0].failed
    return held(folder)


def held(folder: Path) -> dict:
    """All of it, but for attempts that brought nothing."""
    told = collected(folder)
    return told | {"load": [load for load in told["load"] if load[2] != "failed"]}


def kept(folder: Path) -> list[Path]:
    return sorted((folder / "landing.duckdb.pages").glob("*"))


def broken_off(folder: Path, told: Between, one: Datasette, pages: int = 5) -> Path:
    """A read that got so many pages; what it left."""
    told.clear(stop=pages + 1)
    result, _ = collect(folder, one)
    assert "asks not to be asked again" in result.failed
    (file,) = kept(folder)
    told.clear()
    return file


@pytest.mark.parametrize("pages", [2, pytest.param(8, marks=pytest.mark.more)])
@pytest.mark.parametrize("kind", [LIST, TABLE], ids=["list", "table"])
def test_a_read_that_broke_off_goes_on_and_comes_to_what_one_in_one_go_does(
    served, tmp_path, kind, pages
):
    one = asked(served, **kind)
    want = in_one_go(tmp_path / "whole", served, one)
    assert served.pages == 10 and len(want["reject"]) > 1 and want["load"][0][7]
    broken_off(tmp_path, served, one, pages)
    result, said = collect(tmp_path, one)
    assert said[1] == f"goes on after the {pages * PAGE} rows that an earlier run read"
    assert (result.failed, served.pages) == ("", 10 - pages)
    assert held(tmp_path) == want
    assert not (tmp_path / "landing.duckdb.pages").exists()


@pytest.mark.more
def test_a_file_is_read_on_where_a_killed_collect_stopped(tmp_path):
    (tmp_path / "temporary").mkdir()
    written(tmp_path / "made.db", range(20_000))
    told = {"kind": "datasette", "file": "made.db", "table": "change"} | LIST
    (tmp_path / "stages.yaml").write_text(STAGES + json.dumps(told))
    whole(tmp_path, *command(tmp_path, "collect", "whole"))
    process = Process(tmp_path, command(tmp_path, "collect"))
    until(process, "data/landing.duckdb.pages/*")
    assert process.kill(0)
    assert len(kept(tmp_path / "data")) == 1
    one = Datasette(**told | {"name": "list", "file": str(tmp_path / "made.db")}, folder=tmp_path)
    assert collect(tmp_path / "data", one)[1][1].startswith("goes on after the ")
    assert held(tmp_path / "data") == held(tmp_path / "whole")


def test_it_may_break_off_again_and_again(old, tmp_path):
    one = asked(old, **LIST)
    want = in_one_go(tmp_path / "whole", old, one)
    for _ in range(4):
        broken_off(tmp_path, old, one, 2)
    collect(tmp_path, one)
    assert (held(tmp_path), old.pages) == (want, 2)


def test_collect_that_is_killed_goes_on_where_it_was(old, tmp_path):
    (tmp_path / "temporary").mkdir()
    told = {"kind": "datasette", "url": old.address, "table": "change"} | LIST
    (tmp_path / "stages.yaml").write_text(STAGES + json.dumps(told))
    old.clear()
    whole(tmp_path, *command(tmp_path, "collect", "whole"))
    old.clear(stop=6, stands=True)
    process = Process(tmp_path, command(tmp_path, "collect"))
    assert old.arrived.wait(30)
    assert process.kill(0)
    assert len(kept(tmp_path / "data")) == 1
    old.clear()
    whole(tmp_path, *command(tmp_path, "collect"))
    assert old.pages == 5
    assert held(tmp_path / "data") == held(tmp_path / "whole")
    assert kept(tmp_path / "data") == []


def test_of_a_table_of_one_page_nothing_is_kept_aside(old, tmp_path):
    for pages, files in ((1, 0), (2, 1)):
        old.clear(stop=pages + 1)
        collect(tmp_path, asked(old))
        assert len(kept(tmp_path)) == files
    assert (tmp_path / "landing.duckdb.pages").exists()


@pytest.mark.parametrize("kind", [LIST, TABLE], ids=["list", "table"])
def test_no_secret_is_kept_aside(old, tmp_path, kind):
    file = broken_off(tmp_path, old, asked(old, **kind))
    parts, body = [], file.read_bytes()
    while body:
        length = int.from_bytes(body[:8])
        parts.append(aside._unpacked(body[40 : 40 + length]))
        body = body[40 + length :]
    told = str([(part.table.to_pylist(), part.rejects, state) for part, state in parts])
    assert told.count("example.org/a?sig=…") > 200
    # In other columns it is data, which stays letter for letter: in the landing database, too.
    data = told.count(SECRET) - 2 * told.count(f'"day": "{LINK}')
    assert ("reason=" in told, data) == (True, 0)


def test_of_rows_whose_key_is_a_secret_nothing_is_kept_aside(tmp_path):
    file = tmp_path / "made.db"
    with sqlite3.connect(file) as con:
        con.execute("create table change (link primary key)")
        con.executemany("insert into change values (?)", [(f"{LINK}{n:03}",) for n in range(200)])
    con.close()
    with datasette(file, page=PAGE) as url, between(url) as told:
        told.clear(stop=4)
        collect(tmp_path, asked(told))
        assert kept(tmp_path) == []
        told.clear()
        assert collect(tmp_path, asked(told))[0].accepted == 200


@pytest.mark.more
def test_what_was_kept_of_another_database_or_with_other_settings_is_forgotten(
    old, tmp_path, monkeypatch
):
    one = asked(old, **LIST)
    file = broken_off(tmp_path, old, one)
    with datasette(written(tmp_path / "made.db", range(7, ROWS)), page=PAGE) as url:
        monkeypatch.setattr(old, "target", url)
        want = in_one_go(tmp_path / "whole", old, one)
        shutil.copytree(tmp_path, tmp_path / "other", ignore=shutil.ignore_patterns("whole"))
        old.clear()
        _, said = collect(tmp_path / "other", one)
        monkeypatch.undo()
    assert (held(tmp_path / "other"), old.pages) == (want, 10)
    assert not [words for words in said if "goes on" in words]
    for other in (
        {"columns": LIST["columns"] | {"name": "stage"}},
        {"key": ("number",)},
        {"limits": Limits(rejects=1000)},
    ):
        changed = asked(old, **LIST | other)
        body = file.read_bytes()
        old.clear(stop=1)
        _, said = collect(tmp_path, changed)
        assert said == ["asking"], other
        assert file.read_bytes() == body
    monkeypatch.setattr(aside, "_program", lambda: "another")
    old.clear()
    _, said = collect(tmp_path, one)
    assert old.pages == 10 and not [words for words in said if "goes on" in words]


@pytest.mark.more
def test_what_was_kept_and_is_cut_or_damaged_is_not_believed(old, tmp_path):
    one = asked(old, **LIST)
    want = in_one_go(tmp_path / "whole", old, one)
    file = broken_off(tmp_path / "one", old, one)
    random, body = chance("damage"), file.read_bytes()
    for n in range(6):
        (tmp_path / f"{n}").mkdir()
        shutil.copytree(file.parent, tmp_path / f"{n}/landing.duckdb.pages")
        at = random.randrange(len(body))
        wrong = bytes([body[at] ^ 1 << random.randrange(8)])
        told = [body[:at], body[:at] + wrong + body[at + 1 :], body + bytes(100)][n % 3]
        (tmp_path / f"{n}/landing.duckdb.pages" / file.name).write_bytes(told)
        old.clear()
        collect(tmp_path / f"{n}", one)
        assert (old.pages == 5) == (n % 3 == 2), (SEED, n)
        assert held(tmp_path / f"{n}") == want, (SEED, n)


def test_a_row_that_was_still_to_come_is_judged_anew(old, tmp_path):
    """Read a day before it and gone on with a day after it."""
    with sqlite3.connect(tmp_path / "made.db") as con:
        con.execute("create table change (slug, stage, day)")
        odd = {20: "2099-01-01", 70: "2026-11-22T12:00"}
        days = [odd.get(n, "2026-01-01") for n in range(300)]
        con.executemany("insert into change values ('a', 'Doing', ?)", [(day,) for day in days])
    con.close()
    with datasette(tmp_path / "made.db", page=PAGE) as url, between(url) as told:
        one = asked(told, **LIST)
        broken_off(tmp_path, told, one)
        later = NOW + timedelta(days=2)
        collect(tmp_path, one, later)
        assert told.pages == 6  # of the five that were kept the first one stays
        want = in_one_go(tmp_path / "whole", told, one, later)
    assert held(tmp_path) == want and want["load"][0][6] == 1


def test_where_there_is_no_room_aside_the_read_goes_on(old, tmp_path, monkeypatch):
    one = asked(old, **LIST)
    want = in_one_go(tmp_path / "whole", old, one)
    name = broken_off(tmp_path / "one", old, one).name
    (tmp_path / "file").mkdir()
    (tmp_path / "file/landing.duckdb.pages").write_text("of somebody else")
    (tmp_path / "full/landing.duckdb.pages").mkdir(parents=True)
    (tmp_path / "full/landing.duckdb.pages" / name).symlink_to("/dev/full")
    for folder in (tmp_path / "file", tmp_path / "full"):
        assert not collect(folder, one)[0].failed
        assert held(folder) == want
    assert (tmp_path / "file/landing.duckdb.pages").read_text() == "of somebody else"
    assert kept(tmp_path / "full") == []
    monkeypatch.setattr(aside, "ROOM", 10**12)  # more than any disk has
    old.clear(stop=5)
    collect(tmp_path / "little", one)
    assert kept(tmp_path / "little") == []


@pytest.mark.parametrize("place", ["old", "new"])
def test_of_a_database_that_may_be_written_to_nothing_is_kept(request, tmp_path, place):
    """Its server tells no version, so nobody knows whether the rows that were kept still are."""
    python = request.getfixturevalue("datasette_1") if place == "new" else sys.executable
    file = written(tmp_path / "made.db", range(ROWS))
    with datasette(file, python, page=PAGE, fixed=False) as url, between(url) as told:
        told.clear(stop=5)
        collect(tmp_path, asked(told))
        assert told.pages == 5 and kept(tmp_path) == []


def test_rows_that_are_not_as_many_as_are_counted_are_not_kept_for_ever(old, tmp_path):
    broken_off(tmp_path, old, asked(old))
    old.counted = b'{"ok": true, "rows": [{"n": 7}]}'
    result, _ = collect(tmp_path, asked(old))
    assert result.failed == "change: 430 rows read, 7 counted: not used."
    assert kept(tmp_path) == []
    old.clear()
    collect(tmp_path, asked(old))
    assert old.pages == 10


def test_what_was_kept_counts_towards_the_limits(old, tmp_path):
    one = asked(old, limits=Limits(rows=300))
    broken_off(tmp_path, old, one)
    result, _ = collect(tmp_path, one)
    assert result.failed.endswith("has more than 300 rows: not read. If that is right, raise limits: {rows: …}.")  # fmt: skip
    assert (old.pages, kept(tmp_path)) == (2, [])
    one = asked(old, limits=Limits(pages=12))  # three questions come before the first page
    broken_off(tmp_path, old, one)
    result, _ = collect(tmp_path, one)
    assert "more than 12 pages" in result.failed


def test_what_nobody_went_on_with_for_a_week_goes(old, tmp_path):
    broken_off(tmp_path, old, asked(old))
    broken_off(tmp_path / "b", old, asked(old, name="b"))
    (mine,), (other,) = kept(tmp_path), kept(tmp_path / "b")
    for hours, there in ((167, True), (169, False)):
        shutil.copy(other, mine.parent)
        then = time.time() - hours * 3600
        os.utime(mine.parent / other.name, (then, then))
        collecting.collect([], tmp_path / "landing.duckdb", NOW)
        assert (mine.parent / other.name).exists() == there
        assert mine.exists()
