"""A landing database of an older version is taken over whole, and says what it said."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from test_cli import valuestream

import metrics
from settings import database
from settings.sources import Events, Snapshots
from sources import collecting
from sources.landing import saving

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
# A list with renamed columns, others whose names are no plain words, a row that ends early and one that
# is gone; a list of pictures; a table as a list, with cells that hold nothing; a table; a board twice.
OLD = (ROOT / "tests/payloads/landing-0.8.sql").read_text()
LIST = """slug,stage,day,was,Team,a/b,~,change,why,name
x,To do,2026-01-05,Idea,Roads,1,,,,The x
 x ,Doing,2026-01-05T10:30+0100,,Roads,2,"a ""b\""",,fee not paid,The x
x,Done,2026-01-07 09:00 Z,,Roads,,,,,
y,To do,2026-01-06
y,,2026-01-08,,Parks,,,gone,,The y
z,To do,soon,,,,,,,
"""
COLUMNS = {"item": "slug", "status": "stage", "since": "day", "from": "was", "gone": "change",
           "blocked": "why"}  # fmt: skip
ASKED = {
    "stage_event": "from stage_event order by all",
    "listed": "select * exclude has_blocked, if(tells = 'states', has_blocked, blocked is not null) "
    "from listed order by all",
    "item_detail": "from item_detail order by all",
    "raw": "select source, load_id, line, key, row from raw order by all",
    "load": "from load order by all",
    "reject": "from reject order by all",
    "source": "from source order by all",
}


def said(con: duckdb.DuckDBPyConnection, but: tuple = ()) -> dict[str, list]:
    """What its tables and views hold; of a row as JSON each column in its order."""
    told = {}
    for name, query in ASKED.items():
        answer = con.execute(query)
        columns = [column for column, *_ in answer.description]
        rows = [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]
        told[name] = [{k: v for k, v in row.items() if k not in but} for row in rows]
    for row in told["raw"]:
        row["row"] = [*json.loads(row["row"]).items()]
    return told


@pytest.fixture
def landing(tmp_path) -> Path:
    with database.connect(tmp_path / "landing.duckdb") as con:
        con.execute(OLD)
    return tmp_path / "landing.duckdb"


def test_what_version_0_8_collected_is_taken_over_and_says_the_same(landing):
    with database.connect(landing) as con:
        before = said(con)
    assert {len(rows) > 1 for rows in before.values()} == {True}
    for _ in range(2):
        with saving.opened(landing) as con:
            assert said(con, ("since_at",)) == before
            kept = con.execute("select source, count(*) from raw_list group by all order by all")
            assert kept.fetchall() == [("list", 5), ("pictures", 4), ("table", 3)]


def test_a_take_over_that_ends_half_way_begins_again(landing):
    with database.connect(landing) as con:
        before = said(con)
    steps = "; ".join(
        ("import os, sys", "from pathlib import Path", "from settings import database",
         "con = database.connect(Path(sys.argv[1]))", "folder = Path('sources/landing')",
         "con.execute((folder / '1_tables.sql').read_text())", "con.begin()",
         "con.execute((folder / 'upgrade/rows_of_json.sql').read_text())", "os._exit(9)")
    )  # fmt: skip
    done = subprocess.run([sys.executable, "-c", steps, str(landing)], cwd=ROOT)
    assert done.returncode == 9
    with saving.opened(landing) as con:
        assert said(con, ("since_at",)) == before


def test_after_a_take_over_collecting_goes_on_where_it_was(landing):
    """A list that did not change is known again; one whose item column is corrected is held against
    the items that its rows told; a board goes on from the picture before."""
    folder = landing.parent
    (folder / "list.csv").write_text(LIST)
    told = Events(name="list", folder=folder, file=str(folder / "list.csv"),
                  time_zone="Europe/London", columns=COLUMNS)  # fmt: skip
    board = Snapshots(name="board", folder=folder, file=str(folder / "board.csv"))
    (folder / "board.csv").write_text("item,status,slug\nA,Doing,a\nB,Doing,b\n")
    same, more = collecting.collect([told, board], landing, NOW)
    assert (same.failed, same.readings, more.readings) == ("", 0, 1)
    with saving.opened(landing) as con:
        moved = con.execute("select item, value from stage_event "
                            "where source = 'board' and not opening order by all")  # fmt: skip
        assert moved.fetchall() == [("A", "Doing"), ("B", "Doing")]
    other = told.model_copy(update={"columns": COLUMNS | {"item": "Team"}})
    (folder / "list.csv").write_text("slug,stage,day,Team\nx,To do,2026-01-05,Bins\n")
    (lost,) = collecting.collect([other], landing, NOW + timedelta(days=1))
    assert lost.not_believed.startswith("3 of the 3 items of the answer before are missing")


@pytest.fixture
def kept(tmp_path) -> Path:
    """The folder of a small line as version 0.10 left it: two publications, a note and a promise, and
    (under told/) what its commands said at an instant."""
    with tarfile.open(ROOT / "tests/payloads/folder-0.10.tar.xz") as packed:
        packed.extractall(tmp_path)
    return tmp_path


def rows(text: str) -> list[dict]:
    return list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))


def command(kept: Path, *words: str):
    return valuestream(*words, data=kept / "data", stages=kept / "stages.yaml")


def test_the_folder_of_version_0_10_is_taken_over_with_all_that_is_in_it(kept):
    """What it collected, published and was told stays; after publishing it says the same."""
    before = sorted(file.name for file in (kept / "data/published").glob("*.duckdb"))
    assert len(before) == 2
    published = command(kept, "publish")
    assert published.returncode == 0, published.stderr
    at = (kept / "told/as_of").read_text().strip()
    figures = sorted((kept / "told").glob("*.csv"))
    for file in figures:
        if file.stem != "notes":
            now = command(kept, "figure", file.stem, "--as-of", at, "--format", "csv")
            told, was = rows(now.stdout), rows(file.read_text("utf-8-sig"))
            # What later versions tell besides is their own.
            assert was and [{k: row[k] for k in was[0]} for row in told] == was, file.stem
    assert len(figures) == 9
    assert command(kept, "notes", "export", str(kept / "notes.csv")).returncode == 0
    assert rows((kept / "notes.csv").read_text("utf-8-sig")) == rows(
        (kept / "told/notes.csv").read_text("utf-8-sig")
    )
    # The old publications are still there.
    assert set(before) < {file.name for file in (kept / "data/published").glob("*.duckdb")}
    publication = metrics.open(kept / "data")
    assert not publication.outdated
    publication.close()


def test_collecting_goes_on_from_what_version_0_10_collected(kept):
    done = command(kept, "collect")
    assert done.returncode == 0, done.stderr
    said = {line.split("│")[1].strip(): line for line in done.stdout.splitlines() if "│" in line}
    for source in ("list", "log"):
        assert "nothing new" in said[source], said[source]
    # A board is looked at each time: that all is where it was is no move.
    assert "30" in said["board"]
    with database.connect(kept / "data/landing.duckdb") as con:
        moves = con.execute(
            "select item, value from stage_event where source = 'board' and not opening"
        )
        assert moves.fetchall() == [("i03", "Screen")]
