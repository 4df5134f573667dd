"""SQL of stages.yaml reads what was collected, and nothing else: no file, no setting, no other table,
for so long and with so much memory. What it gives is taken if it is what events and subjects are."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow
import pytest
from line import LINE, STORY, publication

import metrics
from metrics.publishing import own_sql, publish
from metrics.publishing.publish import CannotPublish
from settings import stages
from settings.limits import Limits
from sources import StopSource, collecting

NOW = datetime(2026, 11, 20, tzinfo=UTC)
# What no stream needs. {secret} is a file that can be read, {new} one that could be written.
HOSTILE = """
select * from read_text('{secret}')
select * from read_blob('{secret}')
select * from read_csv('{secret}')
select * from read_csv_auto('{secret}')
select * from read_json('{secret}')
select * from read_ndjson_objects('{secret}')
select * from read_parquet('{secret}')
select * from parquet_metadata('{secret}')
select * from sniff_csv('{secret}')
select * from read_duckdb('{secret}')
select * from '{secret}'
select * from glob('{folder}/*')
select * from query('from read_text(''{secret}'')')
select * from json_execute_serialized_sql(json_serialize_sql('from read_text(''{secret}'')'))
select * from read_csv('http://127.0.0.1:9/x.csv')
select * from 'https://127.0.0.1:9/x.parquet'
select * from sqlite_scan('{secret}', 'x')
select * from postgres_scan('host=127.0.0.1', 'public', 'x')
select * from load_aws_credentials()
select * from duckdb_secrets()
select * from duckdb_extensions()
select getenv('HOME')
copy (select 1) to '{new}'
copy landing.load to '{new}' (format parquet)
with x as (copy (select 1) to '{new}') select * from x
export database '{new}'
attach '{new}'
attach '{secret}' as other (read_only)
detach landing
install httpfs
load '{secret}'
set memory_limit = '900GB'
set enable_external_access = true
reset lock_configuration
pragma threads = 64
call enable_profiling()
select * from enable_logging()
select * from checkpoint('nowhere')
create table landing.mine (i int)
create or replace view landing.stage_event as select 1
create macro landing.visit() as 1
create temp table mine (i int)
insert into landing.source (source) values ('mine')
with x as (insert into landing.source (source) values ('m') returning *) select * from x
with x as (delete from landing.source returning *) select * from x
update landing.source set source = 'mine'
delete from landing.source
drop table landing.source
alter table landing.source add column mine text
begin
set variable mine = 1
prepare mine as select 1
select 1; drop table landing.source
select * from stages
select * from told
select error('mine')
import database '{folder}'
create secret (type http, bearer_token 'x')
""".strip().splitlines()


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A data folder that was collected and published, with a secret beside it."""
    folder = tmp_path_factory.mktemp("locked")
    publication(folder, STORY).close()
    (folder / "secret.csv").write_text("secret\n1\n")
    return folder


@pytest.fixture
def con(folder):
    with own_sql.opened(folder / "landing.duckdb") as con:
        yield con


def asked(con, folder: Path, sql: str, **most: float) -> pyarrow.Table:
    (folder / "own.sql").write_text(sql)
    return own_sql.answer(con, "stream 'line'", folder / "own.sql", Limits(**most))


def refused(ask, *what: object) -> str:
    """The sentence with which it is refused; what it gave, where it is not."""
    try:
        return f"It ran: {ask(*what)}"
    except (CannotPublish, StopSource) as stop:
        return str(stop)


def lies_there(folder: Path) -> dict[str, str]:
    """Every file below a folder, and what is in it."""
    return {
        str(file): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*")) if file.is_file() and file.name not in ("own.sql", "stages.yaml")
    }  # fmt: skip


def test_hostile_sql_is_refused_by_name_and_leaves_no_trace(folder, con, monkeypatch):
    monkeypatch.chdir(folder)
    before = lies_there(folder)
    for line in HOSTILE:
        sql = line.format(secret=folder / "secret.csv", new=folder / "new", folder=folder)
        said = refused(asked, con, folder, sql)
        assert said.startswith(f"stream 'line': {folder / 'own.sql'} "), (sql, said)
        assert said.endswith((" nothing else.", " nothing besides.")), (sql, said)
    assert lies_there(folder) == before
    assert asked(con, folder, "select count(*) as n from landing.source").to_pylist() == [{"n": 1}]


def test_sql_learns_nothing_of_a_proxy_from_the_environment(folder, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://user:secret@127.0.0.1:9")
    with own_sql.opened(folder / "landing.duckdb") as con:
        told = asked(con, folder, "select value from duckdb_settings() where value like '%user:%'")
    assert told.num_rows == 0


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) from range(1000000000000)",
        "with recursive r as (select 1 as n union all select n + 1 from r) select count(*) from r",
        "select count(*) from landing.stage_event a, range(1000000000000) b where hash(b) = 1",
        "select sleep_ms(600000)",
    ],
)
def test_sql_that_does_not_end_is_ended(folder, con, sql):
    started = time.monotonic()
    with pytest.raises(CannotPublish, match=r"own.sql takes longer than 0.5 seconds: ask for less"):
        asked(con, folder, sql, seconds=0.5)
    assert time.monotonic() - started < 20
    assert asked(con, folder, "select 1 as n").num_rows == 1


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select * from range(1000000000000)", "more than 1,000 rows or 1 megabytes"),
        ("select repeat('x', 100000) from range(500)", "more than 1,000 rows or 1 megabytes"),
        ("select list(range) as n from range(10000000000)", "Out of Memory Error"),
        # Of which DuckDB keeps no count.
        (
            "select max(length(repeat('x', 10000000 + range::int))) from range(100000)",
            "Out of Memory Error",
        ),
    ],
)
def test_sql_that_gives_or_takes_too_much_is_refused(folder, con, monkeypatch, sql, said):
    monkeypatch.setattr(own_sql, "BESIDE", 1 << 28)
    with pytest.raises(CannotPublish, match=f"own.sql does not run: .*{said}"):
        asked(con, folder, sql, rows=1000, megabytes=1)
    assert asked(con, folder, "select 1 as n").num_rows == 1


def test_the_landing_database_stays_locked_while_its_own_sql_has_run(folder):
    """Whoever closes a file first takes this process's lock on it away."""
    (folder / "own.sql").write_text("select * exclude (source), source from landing.stage_event")
    text = LINE.replace("    counted_by: log\n", "    events_sql: own.sql\n")
    (folder / "own.yaml").write_text(text.replace("DAYS", "calendar").replace(
        "TARGET", "{limit: 2, amber: 1, reason: small, owner: us, date: 2026-01-01}"))  # fmt: skip
    told, landing = stages.read(folder / "own.yaml"), folder / "landing.duckdb"
    with duckdb.connect() as con:
        con.execute("attach $file as landing (read_only)".replace("$file", f"'{landing}'"))
        with own_sql.answered(told, landing) as answers:
            assert answers["stream 'line'"].num_rows == len(STORY)
            assert writes(landing) == "in use"
    assert writes(landing) == "free"


def writes(file: Path) -> str:
    """Whether another process could write to a database now."""
    program = "import sys, duckdb; duckdb.connect(sys.argv[1]).close()"
    done = subprocess.run(
        [sys.executable, "-c", program, file], capture_output=True, text=True, timeout=60
    )
    return "free" if done.returncode == 0 else "in use" if "lock on file" in done.stderr else "?"


EVENT = dict(
    source="log", item="x", kind="status", value="Done", since="timestamptz '2026-01-05 00:00:00Z'",
    not_before="null::timestamptz", precision="exact", opening="false", sequence="0", place="here",
    line="1", name="X", link="https://example.org/x",
)  # fmt: skip
SUBJECT = dict(
    process="p", subject="a", name="A", link="null", organisation="Us", added_at="null::timestamptz",
    ended_at="null::timestamptz",
)  # fmt: skip
AS_THEY_ARE = ("null", "true", "false", "timestamptz", "date", "[", "{", "'", "(", "0", "1")


def select(columns: dict, **other: str) -> str:
    """A select of one row; a column that is given as "" is left out."""
    told = {name: text for name, text in (columns | other).items() if text}
    texts = {
        name: text if text.startswith(AS_THEY_ARE) else f"'{text}'" for name, text in told.items()
    }
    return "select " + ", ".join(f"{text} as {name}" for name, text in texts.items())


@pytest.fixture(scope="module")
def built(folder):
    """A publication, with the tables into which rows are taken over while it is built."""
    asked = (publish.MODEL / "build/03_collected.sql").read_text()
    with duckdb.connect(str(metrics.current(folder))) as con:
        for statement in duckdb.extract_statements(asked):
            if "create temp table told_" in statement.query:
                con.execute(statement.query)
        yield con


def taken(con, folder: Path, built, take, sql: str) -> str:
    """What is said of the rows of a select; "" where they are taken."""
    built.execute("delete from told_event; delete from check_detail")
    try:
        take(built, "line", "own.sql", asked(con, folder, sql))
    except CannotPublish as refused:
        return str(refused)
    return ""


ODD_EVENTS = {
    "is of type list<": select(EVENT, item="['a', 'b']"),
    "is of type struct<": select(EVENT, value="{'a': 1}"),
    "is of type map<": "select *, map(['a'], [1]) as place from (" + select(EVENT, place="") + ")",
    "is of type binary": select(EVENT, item="'x'::blob"),
    "is of type month_day_nano_interval": "select *, interval 1 day as since from ("
    + select(EVENT, since="") + ")",
    "gives no column link and no column name": select(EVENT, name="", link=""),
    "taken: no source of the item 'x'": select(EVENT, source="null"),
    "taken: no key of the item without a name": select(EVENT, item="null"),
    "taken: a kind that is not status": select(EVENT, kind="Status"),
    "taken: no value": select(EVENT, value="null"),
    "taken: a since that is no time": select(EVENT, since="'infinity'::timestamptz"),
    "a since that is no time between": select(EVENT, since="timestamptz '0001-01-01 00:00:00Z'"),
    "that is no time between 1900 and": select(EVENT, since="null"),
    "taken: a not_before that is later": select(EVENT, not_before="timestamptz '2026-02-01 00:00Z'"),
    "taken: a precision that is not exact": select(EVENT, precision="sharp"),
    "taken: no opening": select(EVENT, opening=""),
    "taken: no sequence": select(EVENT, sequence="null"),
    "can't be taken: Conversion Error": select(EVENT, since="'yesterday'"),
    "Conversion Error: ": select(EVENT, sequence="1e300"),
    "can't be taken: Binder Error": select(EVENT, mood="good"),
}  # fmt: skip


def test_events_that_are_none_are_refused_with_what_is_wrong(folder, con, built):
    for said, sql in ODD_EVENTS.items():
        told = taken(con, folder, built, own_sql.events, sql)
        assert told.startswith("stream 'line': ") and said in told, (said, told)
    assert taken(con, folder, built, own_sql.events, select(EVENT)) == ""
    # What SQL makes of numbers and days is no mistake.
    plain = select(EVENT, item="1", since="date '2026-01-05'", sequence="1::hugeint", link="null")
    assert taken(con, folder, built, own_sql.events, plain) == ""


def test_subjects_that_are_none_are_refused_with_what_is_wrong(folder, con, built):
    for said, sql in {
        "is of type list<": select(SUBJECT, name="['a']"),
        "gives no column process": select(SUBJECT, process=""),
        "taken: no key of the subject without": select(SUBJECT, subject="null"),
        "taken: more than one row of the subject 'a'": f"{select(SUBJECT)} union all {select(SUBJECT, name='B')}",
        "taken: no such time added_at": select(SUBJECT, added_at="'-infinity'::timestamptz"),
        "taken: no such time ended_at": select(SUBJECT, ended_at="'infinity'::timestamptz"),
    }.items():  # fmt: skip
        told = taken(con, folder, built, own_sql.subjects, sql)
        assert said in told, (said, told)
    assert taken(con, folder, built, own_sql.subjects, select(SUBJECT)) == ""


# The same of a SQLite file that a source asks with its own sql.
HOSTILE_SQLITE = """
attach '{new}' as other
select 1; attach '{new}' as other
vacuum into '{new}'
pragma journal_mode = delete
pragma temp_store_directory = '{folder}'
select * from pragma_database_list
select load_extension('{secret}')
select readfile('{secret}')
select writefile('{new}', 'x')
create table mine (i int)
create temp table mine (i int)
create virtual table mine using fts5(a)
insert into told values ('z', 'Done', '2026-01-05')
update told set item = 'z'
delete from told
drop table told
begin
detach main
select zeroblob(900000000) as item
""".strip().splitlines()


@pytest.fixture(scope="module")
def asked_file(tmp_path_factory) -> Path:
    """A folder with a SQLite file that a source may ask."""
    folder = tmp_path_factory.mktemp("sqlite")
    (folder / "secret.csv").write_text("secret\n1\n")
    with sqlite3.connect(folder / "told.sqlite3") as con:
        con.execute("create table told (item, status, since)")
        con.execute("insert into told values ('x', 'Done', '2026-01-05')")
    con.close()
    return folder


def source(folder: Path, sql: str, more: str = "") -> stages.Stages:
    text = (
        "title: A\nstreams: {line: {name: A, sources: [list], stages: {a: {name: A, queue: [W]}}}}\n"
        f"sources: {{list: {{kind: datasette, file: told.sqlite3, sql: {json.dumps(sql)}, "
        f"columns: {{item: item, status: status, since: since}}{more}}}}}\n"
    )
    (folder / "stages.yaml").write_text(text)
    return stages.read(folder / "stages.yaml").sources["list"]


def test_hostile_sql_of_a_sqlite_source_is_refused_and_leaves_no_trace(asked_file, monkeypatch):
    monkeypatch.chdir(asked_file)
    paths = dict(secret=asked_file / "secret.csv", new=asked_file / "new", folder=asked_file)
    before = None
    for line in HOSTILE_SQLITE:
        told = source(asked_file, line.format(**paths))
        before = before or lies_there(asked_file)
        said = refused(lambda one: list(collecting.readings(one, {}, NOW)), told)
        assert said.startswith("told.sqlite3: "), (line, said)
        assert said.endswith("'sql' is one select of that file, within the 'limits' of the source.")
    assert lies_there(asked_file) == before
    (reading,) = collecting.readings(source(asked_file, "select * from told"), {}, NOW)
    assert reading.rows.num_rows == 1


def test_sql_of_a_sqlite_source_that_does_not_end_is_ended(asked_file):
    sql = "with recursive r(n) as (select 1 union all select n + 1 from r) select count(*) as item from r"
    told = source(asked_file, sql, ", limits: {seconds: 0.3}")
    started = time.monotonic()
    with pytest.raises(StopSource, match=r"interrupted.*within the 'limits'"):
        list(collecting.readings(told, {}, NOW))
    assert time.monotonic() - started < 20
