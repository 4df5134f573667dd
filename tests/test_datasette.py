"""Datasette 0.65, Datasette 1.0 alpha and the SQLite file itself give the same rows."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from independent_checks import us
from looked import LOOKED, at, prepared, published
from servers import datasette

from settings.sources import Datasette, PipelineLogs
from sources import StopSource, TryLater, collecting, pipeline_logs
from sources.datasette import readings
from sources.landing import saving

FILE = Path(__file__).parent.parent / "examples/planning-data/digital-land.sqlite3"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
EXPECTED = (
    "select organisation, dataset, start_date from provision where provision_reason = 'expected'"
)


def at_place(place: str) -> dict:
    return {"url": place} if place.startswith("http") else {"file": place}


def settings(place: str, **more) -> Datasette:
    return Datasette(name="s", **at_place(place), **more)


@pytest.fixture(scope="module")
def old():
    with datasette(FILE) as url:
        yield url


@pytest.fixture(scope="module")
def new(datasette_1):
    with datasette(FILE, datasette_1) as url:
        yield url


@pytest.fixture(params=["old", "new"])
def server(request):
    return request.getfixturevalue(request.param)


def rows(place: str, **more) -> list[dict]:
    (reading,) = readings(settings(place, **more), {}, NOW)
    assert not reading.refused
    return [json.loads(row) for row in reading.rows["row"].to_pylist()]


@pytest.mark.parametrize("table", ["endpoint", "source_pipeline", "provision"])
def test_a_table_from_a_server_equals_the_file_whole_row_for_whole_row(server, table):
    assert rows(server, table=table) == rows(str(FILE), table=table)


def test_a_table_is_read_whole_past_the_1000_rows_of_a_page(server):
    assert len(rows(server, table="endpoint")) == 4551


def test_a_query_with_a_key_is_read_whole_past_the_1000_rows_of_an_answer(server):
    asked = {"sql": EXPECTED, "key": ("organisation", "dataset")}
    told = rows(server, **asked)
    assert len(told) == 1904
    assert told == rows(str(FILE), **asked)


def test_a_query_without_a_key_is_refused_when_its_answer_is_cut(server):
    with pytest.raises(StopSource, match="cut at 1000 rows: name its key"):
        rows(server, sql=EXPECTED)


def test_a_short_query_needs_no_key(server):
    assert rows(server, sql="select count(*) as n from endpoint") == [{"n": "4551"}]


def test_a_wrong_query_says_what_the_server_said(server):
    with pytest.raises(StopSource, match="no such column: nonsense"):
        rows(server, sql="select nonsense from endpoint")


def test_a_table_that_is_not_there_is_named(server):
    with pytest.raises(StopSource, match="no table 'endpoints'"):
        rows(server, table="endpoints")


def test_a_server_that_is_gone_is_tried_later():
    with pytest.raises(TryLater, match="could not be reached"):
        rows("http://127.0.0.1:9/digital-land", table="endpoint")


def test_the_log_comes_in_parts_and_only_what_is_new(server, tmp_path):
    asked = PipelineLogs(name="s", url=server, process="collection")
    whole = list(pipeline_logs.readings(asked, {}, NOW))
    assert sum(r.rows.num_rows for r in whole) == 12_222
    (result,) = collecting.collect([asked], tmp_path / "landing.duckdb", NOW)
    assert (result.accepted, result.refused, result.failed) == (12_222, 0, "")
    (again,) = collecting.collect([asked], tmp_path / "landing.duckdb", NOW)
    assert (again.readings, again.accepted) == (0, 0)
    with saving.opened(tmp_path / "landing.duckdb") as con:
        told = con.execute("select count(*), count(*) filter (ok) from check_result").fetchall()
    with_resource = rows(str(FILE), sql="select count(*) as n from log where resource <> ''")
    assert told == [(12_222, int(with_resource[0]["n"]))]


def test_a_query_of_one_s_own_names_the_process_of_each_row(server, tmp_path):
    sql = (
        "select log.rowid as rowid, log.*, (select min(collection) from source "
        "where source.endpoint = log.endpoint) as process from log"
    )
    asked = PipelineLogs(name="s", url=server, sql=sql)
    (result,) = collecting.collect([asked], tmp_path / "landing.duckdb", NOW)
    assert (result.accepted, result.failed) == (12_222, "")
    with saving.opened(tmp_path / "landing.duckdb") as con:
        told = con.execute("select distinct process from check_result order by 1").fetchall()
    assert {"article-4-direction", "conservation-area", "listed-building"} <= {p for (p,) in told}


def test_an_address_that_answers_and_tells_of_no_run_says_that_none_took_place(tmp_path):
    """Asked on day 4, the log ends on day 2: day 3 is known to be missing, days 4 and 5 are not."""
    file = tmp_path / "log.db"
    with sqlite3.connect(file) as con:
        con.execute(
            "create table log (endpoint, entry_date, status, exception, elapsed, bytes, content_type, resource)"
        )
        con.executemany(
            "insert into log (endpoint, entry_date, resource) values ('a', ?, 'r')",
            [(f"2026-01-0{day}T01:00:00",) for day in (1, 2)],
        )  # fmt: skip
    with datasette(file) as address:
        text = LOOKED.replace('file: "log*.jsonl"', f"url: {address}, process: p")
        told = prepared(tmp_path / "live", text)
        asked = published(tmp_path / "live", told, at(4, 12))
        asked = published(tmp_path / "live", told, at(4, 13))  # nothing new: that is told, too
    rows = asked.figure("run", at(6), process="p")
    assert [(us(r.slot), r.missing) for r in rows.itertuples()] == [
        (us(at(1, 0)), False), (us(at(2, 0)), False), (us(at(3, 0)), True),
    ]  # fmt: skip
