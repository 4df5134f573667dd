"""DuckDB as it is opened here: UTC, right sums, nothing outside the file for those who serve."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

import metrics
from metrics.catalogue import all_figures
from settings import database


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


def test_no_optimizer_of_duckdb_changes_a_figure(example, tmp_path):
    """DuckDB 2.0.0 took 552 arrivals in 26 weeks for 40, where one stage alone was asked for."""
    copy = shutil.copy(metrics.current(example), tmp_path)
    at = datetime(2026, 5, 1, tzinfo=UTC)
    every = ",".join(name for (name,) in duckdb.sql("from duckdb_optimizers()").fetchall())
    plain = shown(copy, at, disabled_optimizers=every)
    assert shown(copy, at, disabled_optimizers=database.UNSAFE) == plain
    assert shown(copy, at) == plain  # any other client of the file


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
