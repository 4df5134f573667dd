"""DuckDB as it is opened here: UTC, right sums, nothing outside the file for those who serve."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from line import LINE, STORY, publication

import metrics
from metrics.catalogue import all_figures
from metrics.publishing import publish
from metrics.publishing.publish import CannotPublish
from settings import database

ROOT = Path(__file__).parent.parent


@pytest.fixture
def file(tmp_path):
    with database.connect(tmp_path / "a.duckdb") as con:
        con.execute("create table flow as select 'line' as stream, stage, week, 7::bigint as moved "
                    "from range(30) w(week), (values (''), ('a'), ('b')) s(stage)")  # fmt: skip
        con.execute("create table seen as select distinct stream, stage from flow")
    return tmp_path / "a.duckdb"


def shown(file: Path, at: datetime, **settings: str) -> dict:
    """Every figure's rows, and those of the whole line alone, as a client with settings has them."""
    told = {}
    with duckdb.connect(str(file), read_only=True) as con:
        con.execute("set global TimeZone = 'UTC'")
        for name, value in settings.items():
            con.execute(f"set {name} = '{value}'")
        for name, figure in all_figures().items():
            if not figure.sql:
                continue
            rows = con.sql(figure.call, params={"as_of": at})
            told[name] = sorted(map(repr, rows.fetchall()))
            if "stage" in rows.columns:
                told[name, "line"] = sorted(map(repr, rows.filter("stage = ''").fetchall()))
    return told


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"disabled_optimizers": database.UNSAFE}, marks=pytest.mark.more),
        pytest.param({}, marks=pytest.mark.more),  # any other client of the file
    ],
)
def test_no_optimizer_of_duckdb_changes_a_figure(example, tmp_path, settings):
    """DuckDB 2.0.0 took 552 arrivals in 26 weeks for 40, where one stage alone was asked for."""
    copy = shutil.copy(metrics.current(example), tmp_path)
    at = datetime(2026, 5, 1, tzinfo=UTC)
    every = ",".join(name for (name,) in duckdb.sql("from duckdb_optimizers()").fetchall())
    plain = shown(copy, at, disabled_optimizers=every)
    assert shown(copy, at, **settings) == plain


def test_the_unsafe_optimizer_is_off_wherever_we_open_a_database(file):
    for con in (database.connect(file), database.connect()):
        with con:
            told = con.execute("select current_setting('disabled_optimizers')").fetchone()
            assert told == (database.UNSAFE,)


def test_times_are_in_utc(file):
    with database.connect(file) as con:
        told = con.cursor().execute("select timestamptz '2026-06-01 00:00:00+01'::text").fetchone()
    assert told == ("2026-05-31 23:00:00+00",)


def test_who_serves_reaches_nothing_else_and_changes_nothing(file):
    with database.connect(file, read_only=True, locked=True) as con:
        for wrong in ("from read_csv('/etc/hostname')", "set enable_external_access = true",
                      "create table t (i int)"):  # fmt: skip
            with pytest.raises(duckdb.Error):
                con.execute(wrong)
        with database.connect(file, read_only=True, locked=True) as again:
            assert again.execute("select count(*) from seen").fetchone() == (3,)


@pytest.mark.more
def test_the_next_publication_of_a_process_holds_the_same_macros(tmp_path):
    """They are copied from the first; in a process of its own each is made from its text."""
    for name in ("first", "second"):
        publication(tmp_path / name, STORY).close()
    alone = (
        "import sys; from pathlib import Path; from line import STORY, publication; "
        "publication(Path(sys.argv[1]), STORY)"
    )
    paths = os.pathsep.join(str(ROOT / part) for part in (".", "tests"))
    subprocess.run([sys.executable, "-c", alone, tmp_path / "alone"], check=True, timeout=120,
                   env=os.environ | {"PYTHONPATH": paths})  # fmt: skip
    kept = [macros_of(tmp_path / name) for name in ("first", "second", "alone")]
    assert len(kept[0]) > 90
    assert kept[0] == kept[1] == kept[2]


def macros_of(data) -> list[tuple]:
    """Every macro of the current publication: what is said of it, its parameters and its words, in
    no order, for DuckDB writes down what a star leaves out as it comes."""
    with duckdb.connect(metrics.current(data), read_only=True) as con:
        return con.execute(
            "select function_name, comment, parameters, "
            "list_sort(regexp_extract_all(macro_definition, '\\w+')) from duckdb_functions() "
            "where database_name = current_database() order by all"
        ).fetchall()


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("create macro visit() as 1; select 1", "has to be one select, and nothing besides"),
        ("drop table told_event", "has to be one select, and nothing besides"),
        ("", "has to be one select, and nothing besides"),
        ("selec 1", "does not run: Parser Error"),
        ("select * from landing.nowhere", "does not run: Catalog Error"),
    ],
)
def test_the_sql_of_a_stream_is_one_select_or_its_file_is_named(tmp_path, sql, said):
    (tmp_path / "own.sql").write_text(sql)
    text = LINE.replace("    counted_by: log\n", "    events_sql: own.sql\n")
    with pytest.raises(CannotPublish, match=f"stream 'line': .*own.sql {said}"):
        publication(tmp_path, STORY, text)


def test_what_does_not_fit_in_its_memory_is_published_with_more(tmp_path, monkeypatch):
    limits = []
    connect = database.connect

    def heard(*given, **more):
        limits.append(more.get("memory"))
        return connect(*given, **more)

    monkeypatch.setattr(database, "connect", heard)
    monkeypatch.setattr(publish, "MEGABYTES", 5)
    monkeypatch.setattr(publish, "TIMES", 0)
    told = publication(tmp_path, STORY)
    assert len(told.table("stage_event")) == len(STORY)
    told.close()
    assert [one for one in limits if one is not None] == ["5MB", ""]
