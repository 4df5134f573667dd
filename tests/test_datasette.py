"""Datasette 0.65, Datasette 1.0 alpha and the SQLite file itself give the same rows."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from independent_checks import us
from looked import LOOKED, at, prepared, published
from servers import datasette

from settings.sources import Datasette, Events, PipelineLogs
from sources import StopSource, TryLater, collecting, pipeline_logs
from sources.datasette import readings
from sources.landing import saving
from sources.reading.databases import File, Server
from sources.reading.pages import Pages

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


def test_a_number_that_no_column_holds_can_be_a_key(server):
    """It comes with its type, and a server is asked with texts."""
    asked = {"sql": "select rowid + 0 as k, rowid / 2.0 as h from endpoint", "key": ("h", "k")}
    told = rows(server, **asked)
    assert len(told) == 4551
    assert told == rows(str(FILE), **asked)


def test_numbers_and_texts_in_one_column_that_is_a_key_stand_in_their_order(tmp_path, datasette_1):
    """Numbers first, and a text of digits is no number."""
    with sqlite3.connect(tmp_path / "mixed.db") as con:
        con.execute("create table told (id primary key)")
        keys = [*range(0, 3000, 2), *(n / 7 for n in range(1, 700)), *map(str, range(1100))]
        con.executemany("insert or ignore into told values (?)", [(key,) for key in keys])
    con.close()
    for python in (sys.executable, datasette_1):
        with datasette(tmp_path / "mixed.db", python) as url:
            told = rows(url, table="told")
        assert len(told) == len(set(keys))
        assert told == rows(str(tmp_path / "mixed.db"), table="told")


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


def test_a_log_whose_rows_are_numbered_by_its_query_is_read_whole(server):
    """Of a number that is worked out SQLite knows no type: beside a text it is always less."""
    sql = "select row_number() over (order by entry_date, endpoint) as rowid, * from log"
    asked = PipelineLogs(name="s", url=server, process="collection", sql=sql)
    told = list(pipeline_logs.readings(asked, {}, NOW))
    assert sum(reading.rows.num_rows for reading in told) == 12_222


def test_a_query_of_one_s_own_names_the_process_of_each_row(server, tmp_path):
    sql = (
        "select log.rowid as rowid, log.*, named.process from log left join (select endpoint, "
        "min(collection) as process from source group by endpoint) named using (endpoint)"
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


# A list of changes kept in Datasette


LIST = [
    ("slug", "stage", "day", "blocked"),
    ("a", "To do", "2026-04-03", None),
    ("a", "Doing", "2026-04-05T10:00", "waits for an answer"),
    (None, "Doing", "2026-04-05", None),
    ("b", "To do", "05/04/2026", None),
    ("c", "To do", None, None),
    ("d", "To do", "2226-01-01", None),
    ("e", None, "2026-04-06", None),
]
RENAMED = {"item": "slug", "status": "stage", "since": "day"}


@pytest.fixture
def changes(tmp_path) -> Path:
    """The list as a SQLite file, and beside it as a CSV."""
    out = io.StringIO()
    csv.writer(out).writerows(LIST)
    (tmp_path / "list.csv").write_text(out.getvalue())
    with sqlite3.connect(tmp_path / "list.db") as con:
        con.execute(f"create table change ({', '.join(LIST[0])})")
        con.executemany("insert into change values (?, ?, ?, ?)", LIST[1:])
    con.close()
    return tmp_path / "list.db"


def told(folder: Path, one: Events | Datasette) -> tuple[list, list]:
    """The events, and the rejects with their row's number in the list."""
    (result,) = collecting.collect([one], folder / "landing.duckdb", NOW)
    assert not result.failed
    header = int(one.kind == "events")  # it is line 1
    with saving.opened(folder / "landing.duckdb") as con:
        events = con.execute("select item, kind, value, since, not_before, precision, opening, line - $h "
                             "from stage_event order by all", {"h": header}).fetchall()  # fmt: skip
        rejects = con.execute(
            "select line - $h, field, value, reason from reject order by 1", {"h": header}
        )
        return events, rejects.fetchall()


@pytest.mark.more
def test_rows_with_columns_are_the_same_list_as_a_csv(changes, tmp_path):
    same = {"columns": RENAMED, "time_zone": "Europe/London"}
    expected = told(tmp_path / "csv", Events(name="l", file=str(tmp_path / "list.csv"), **same))
    assert [e[:3] for e in expected[0]] == [
        ("a", "blocked", ""), ("a", "blocked", "waits for an answer"), ("a", "status", "Doing"),
        ("a", "status", "To do"),
    ]  # fmt: skip
    assert [r[:2] for r in expected[1]] == [
        (3, "slug"),
        (4, "day"),
        (5, "day"),
        (6, "day"),
        (7, "stage"),
    ]
    with datasette(changes) as url:
        for place in (str(changes), url, f"{url}/", url.rpartition("/")[0]):
            for question in ({"table": "change"}, {"sql": "select * from change"}):
                folder = tmp_path / str(len(list(tmp_path.iterdir())))
                one = settings(place, **question, **same)
                events, rejects = told(folder, one)
                # A CSV has no way to say that a cell holds nothing, so it says: not blocked.
                assert events == [e for e in expected[0] if e[1:3] != ("blocked", "")]
                assert rejects == expected[1]


def test_columns_that_are_not_there_are_named_and_nothing_is_taken(changes):
    (reading,) = readings(settings(str(changes), table="change", columns={"item": "id"}), {}, NOW)
    assert reading.refused == "There is no column 'id' or 'status' or 'since'."
    (reading,) = readings(
        settings(str(changes), sql="select * from change where 0", columns=RENAMED), {}, NOW
    )
    assert (reading.refused, reading.rows.num_rows) == ("", 0)


def test_a_table_becomes_a_list_once_its_columns_are_named(changes, tmp_path):
    events, _ = told(tmp_path, settings(str(changes), table="change"))
    assert events == []
    events, _ = told(tmp_path, settings(str(changes), table="change", columns=RENAMED))
    assert {e[0] for e in events} == {"a"}


def test_a_server_with_several_databases_says_which(changes):
    with datasette(changes, sys.executable, FILE) as url:
        host = url.rpartition("/")[0]
        for address in (host, f"{host}/"):
            with pytest.raises(StopSource, match=r"names no database: put one behind the address \(there are: list, digital-land\)\."):  # fmt: skip
                rows(address, table="change")
        assert len(rows(f"{host}/list/", table="change")) == len(LIST) - 1


@pytest.mark.parametrize("place", ["old", "new"])
def test_a_database_that_may_be_written_to_has_no_version(request, changes, place):
    python = request.getfixturevalue("datasette_1") if place == "new" else sys.executable
    with datasette(changes, python, fixed=False) as url:
        assert Server(settings(url, table="change")).version() == ""
    with datasette(changes, python) as url:
        assert len(Server(settings(url, table="change")).version()) == 64


def test_a_file_that_is_written_to_beside_it_is_another(changes):
    """SQLite may write into a file's log for long before it touches the file; that reading makes an
    empty one changes nothing."""
    con = sqlite3.connect(changes)
    con.execute("pragma journal_mode = wal")
    con.close()
    ask = File(settings(str(changes), table="change"))
    before = ask.version()
    assert len(ask.rows("select * from change", {})[0]) == len(LIST) - 1
    assert ask.version() == before
    con = sqlite3.connect(changes)
    con.execute("delete from change where slug = 'd'")
    con.commit()
    assert ask.version() != before
    con.close()


def test_an_address_without_its_database_is_enough_where_there_is_one(server):
    host = server.rpartition("/")[0]
    assert rows(f"{host}/", table="endpoint") == rows(server, table="endpoint")


@pytest.mark.parametrize(("depth", "deeper"), [(100, False), (101, True), (150_000, True)])
def test_a_page_is_read_to_a_hundred_lists_one_inside_the_other(depth, deeper):
    pages = Pages(settings("http://127.0.0.1:9/x", table="t"), "is no Datasette.")
    body = b'{"a": ' * (depth // 2) + b"[" * (depth - depth // 2) + b"]" * (depth - depth // 2)
    body += b"}" * (depth // 2)
    if deeper:
        with pytest.raises(StopSource, match="or 100 one inside the other: not read"):
            pages.read(body, "x")
    else:
        pages.read(body, "x")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'["' + b"," * 1_600_000 + b'"]', True),  # one text, whatever it is of
        (b"[" + b"1," * 1_500_000 + b"1]", False),
        (b"[" + b"1," * 1_400_000 + b"1]", True),
    ],
)
def test_a_page_is_read_by_how_many_values_it_holds_not_by_its_punctuation(body, told):
    pages = Pages(settings("http://127.0.0.1:9/x", table="t"), "is no Datasette.")
    if told:
        assert pages.read(body, "x")
    else:
        with pytest.raises(StopSource, match="more than 500,000 values"):
            pages.read(body, "x")
