"""What every source owes, on the real files and on hostile ones."""

from __future__ import annotations

import gzip
import json
import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import openpyxl
import pyarrow.parquet
import pytest
import trello_board
from seeds import some

from settings.boards import Trello
from settings.sources import Datasette, Events, GitHistory, PipelineLogs, Snapshots, Source, Xes
from sources import StopAll, StopSource, collecting, events, git_history, pipeline_logs, snapshots
from sources.landing import saving

EXAMPLE = Path(__file__).parent.parent / "examples/planning-data"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
GIT = GitHistory(
    name="nightly", repository=str(EXAMPLE / "history.bundle"),
    file="data/planning-considerations.csv",
    columns={"item": "slug", "status": "stage", "blocked": "blocked-reason"},
)  # fmt: skip


def listed(file: Path, **more) -> Events:
    return Events(name="list", file=str(file), **{"time_zone": "Europe/London"} | more)


def shown(file: Path) -> Snapshots:
    return Snapshots(name="board", file=str(file))


def logged(pattern: str) -> PipelineLogs:
    return PipelineLogs(name="log", file=pattern)


def asked(folder: Path, query: str) -> list[tuple]:
    with saving.opened(folder / "landing.duckdb") as con:
        return con.execute(query).fetchall()


def collect(folder: Path, *settings: Source, now: datetime = NOW) -> list[collecting.Result]:
    return collecting.collect(list(settings), folder / "landing.duckdb", now)


EVERY_KIND = {
    "events": lambda tmp: listed(EXAMPLE / "change-log.csv", columns={
        "item": "slug", "status": "to_stage", "since": "changed_at", "from": "from_stage"}),
    "git_history": lambda tmp: first_of_the_history(tmp),
    "xes": lambda tmp: Xes(
        name="xes", file=str(EXAMPLE.parent.parent / "tests/payloads/planning-considerations-20-items.xes")),
    "snapshots": lambda tmp: shown(small_board(tmp)),
    "pipeline_logs": lambda tmp: logged(str(EXAMPLE / "log/organisation.parquet")),
    "datasette": lambda tmp: Datasette(
        name="table", table="provision", file=str(EXAMPLE / "digital-land.sqlite3")),
    "trello": lambda tmp: exported(tmp),
}  # fmt: skip


def first_of_the_history(tmp: Path, commits: int = 40) -> GitHistory:
    """The first commits of the real history, in a repository of their own."""
    folder = tmp / "first.git"
    if not folder.exists():
        git("clone", "--quiet", "--bare", GIT.repository, str(folder))
        at = ["-C", str(folder)]
        (branch,) = git(*at, "for-each-ref", "--format=%(refname)", "refs/heads").split()
        line = git(*at, "rev-list", "--first-parent", "--reverse", branch).split()
        git(*at, "update-ref", branch, line[commits - 1])
    return GIT.model_copy(update={"repository": str(folder)})


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], check=True, capture_output=True, text=True)
    return done.stdout


def exported(tmp: Path) -> Trello:
    """A Trello board's export: a card has moved, another is archived."""
    board = trello_board.Board()
    first, second = board.create("First"), board.create("Second")
    board.wait(1)
    board.move(first, "Doing")
    board.archive(second)
    (tmp / "export.json").write_text(board.export())
    return Trello(name="cards", file=str(tmp / "export.json"))


def small_board(tmp: Path) -> Path:
    file = tmp / "board.csv"
    file.write_text("item,status\na,To do\nb,Doing\n")
    return file


# Boards and event logs have tests of their own for this.
MORE = ("xes", "trello")
USUAL = [pytest.param(kind, marks=[pytest.mark.more] * (kind in MORE)) for kind in EVERY_KIND]


@pytest.fixture(params=USUAL)
def any_source(request, tmp_path) -> Source:
    return EVERY_KIND[request.param](tmp_path)


def everything(folder: Path) -> list[list[tuple]]:
    """All that was collected, but for when and in which order."""
    queries = [
        "select source, item, kind, value, since, not_before, precision, opening from stage_event",
        'select process, subject, "at", ok, detail from check_result',
        "select source, line, key, row::text from raw",
        "select source, line, field, value, reason from reject",
    ]
    return [sorted(asked(folder, query), key=repr) for query in queries]


def test_each_row_is_accepted_or_refused_and_the_same_again_changes_nothing(any_source, tmp_path):
    (result,) = collect(tmp_path, any_source)
    assert not result.failed
    assert result.rows_in == result.accepted + result.refused > 0
    before = everything(tmp_path)
    collect(tmp_path, any_source)
    assert everything(tmp_path) == before


@pytest.mark.parametrize("any_source", some(EVERY_KIND), indirect=True)
def test_a_place_that_is_not_there_stops_only_its_own_source(any_source, tmp_path):
    field = "repository" if any_source.kind == "git_history" else "file"
    missing = any_source.model_copy(update={"name": "missing", field: str(tmp_path / "nowhere")})
    first, second = collect(tmp_path, missing, any_source)
    assert "nowhere" in first.failed
    assert not second.failed
    assert second.accepted > 0
    failed = asked(tmp_path, "select source, reason from load where outcome = 'failed'")
    assert failed == [("missing", first.failed)]


def test_the_history_gives_the_known_truth(tmp_path):
    (result,) = collect(tmp_path, GIT)
    assert (result.readings, result.refused_readings) == (159, 2)
    assert asked(tmp_path, "select count(distinct item) from stage_event") == [(427,)]
    moves = """select count(*) from (select *, lag(value) over (partition by item order by since) was
               from stage_event where kind = 'status') where was is not null"""
    assert asked(tmp_path, moves) == [(114,)]
    # The flag changes 21 times: 13 times by itself, 8 times in a snapshot that also moves the item.
    # Of the 13, 3 are the first snapshot with the column, where it may have been set for long.
    flags = """select status = status_was as alone, had_column, count(*) from (
                 select coalesce(trim(blocked), '') <> '' as flag, status,
                        lag(coalesce(trim(blocked), '') <> '') over item as was,
                        lag(status) over item as status_was, lag(has_blocked) over item as had_column
                 from listed window item as (partition by item order by seen_at))
               where flag <> was group by all order by all"""
    assert asked(tmp_path, flags) == [(False, True, 8), (True, False, 3), (True, True, 10)]
    told = """select count(*) filter (opening), count(*) filter (not opening) from (
                select *, value <> '' as flag, lag(value <> '', 1, false) over item as was
                from stage_event where kind = 'blocked' window item as (partition by item order by since))
              where flag <> was"""
    # As events one more: national-underground-asset-register arrives blocked.
    assert asked(tmp_path, told) == [(3, 18 + 1)]
    assert asked(tmp_path, "select count(*) from stage_event where value = '(gone)'") == [(0,)]
    assert asked(tmp_path, "select note from load where note like '%schemas%'") == [
        ("columns gone: schemas; new: datasets",)
    ]
    refused = asked(tmp_path, "select reason, body <> '' from load where outcome = 'refused'")
    assert refused == [("The answer is a web page, not a CSV.", True)] * 2


@pytest.mark.more
def test_snapshots_in_any_order_give_the_same_history(tmp_path):
    readings = list(git_history.readings(GIT, {}, NOW))[:40]
    results = []
    for seed in (0, 1):
        mixed = readings[:]
        random.Random(seed).shuffle(mixed)
        with saving.opened(tmp_path / f"{seed}" / "landing.duckdb") as con:
            saving.describe(con, GIT)
            for reading in mixed:
                saving.save(con, GIT, reading, NOW, 0.0)
        results.append(everything(tmp_path / f"{seed}"))
    assert results[0][0] == results[1][0]


def test_history_goes_on_from_the_last_commit(tmp_path):
    (first, *rest) = git_history.readings(GIT, {}, NOW)
    assert [r.place for r in git_history.readings(GIT, first.cursor, NOW)] == [
        r.place for r in rest
    ]


def test_a_snapshot_that_loses_a_third_of_its_items_is_not_believed(tmp_path):
    file = tmp_path / "board.csv"
    file.write_text("item,status\n" + "".join(f"i{n},To do\n" for n in range(10)))
    collect(tmp_path, shown(file), now=NOW)
    file.write_text("item,status\n" + "".join(f"i{n},Done\n" for n in range(6)))
    (result,) = collect(tmp_path, shown(file), now=NOW + timedelta(days=1))
    assert result.refused_readings == 1
    assert asked(tmp_path, "select distinct value from stage_event") == [("To do",)]
    reason = asked(tmp_path, "select reason from load where outcome = 'refused'")
    assert reason == [
        (
            "4 of the 10 items of the answer before are missing: not believed (largest_loss allows more).",
        )
    ]


def test_a_list_that_loses_a_third_of_its_items_is_not_believed(tmp_path):
    """Nor one whose column was misspelt, which would say that nothing has entered; a single item may
    go, a new file may hold anything, and who means it says so."""
    file, rows = tmp_path / "list.csv", [f"i{n},Waiting,2026-01-0{n + 1}\n" for n in range(8)]
    told = Events(name="list", file=str(file))

    def read(number: int, settings: Events = told, more: str = "") -> tuple:
        file.write_text("item,status,since\n" + "".join(rows[:number]) + more)
        (result,) = collect(tmp_path, settings, now=NOW)
        ((items,),) = asked(tmp_path, "select count(distinct item) from stage_event")
        return result.refused_readings, items

    assert read(8) == (0, 8)
    assert read(5) == (1, 8)
    assert read(6) == (0, 6)
    swapped = told.model_copy(update={"columns": {"since": "status"}})
    assert read(6, swapped) == (1, 6)
    assert read(1, told.model_copy(update={"largest_loss": 1})) == (0, 1)
    file = tmp_path / "other.csv"
    assert read(3, told.model_copy(update={"file": str(file)})) == (0, 3)
    assert read(2, told.model_copy(update={"file": str(file)})) == (0, 2)
    assert read(2, told.model_copy(update={"file": str(file)}), "Error: timeout\n") == (1, 2)
    reasons = asked(tmp_path, "select reason from load where outcome = 'refused' order by load_id")
    assert [reason for (reason,) in reasons] == [
        "3 of the 8 items of the answer before are missing: not believed (largest_loss allows more).",
        "6 of the 6 items of the answer before are missing: not believed (largest_loss allows more).",
        "The last line (4) is no row: 'Error: timeout'. It is cut off.",
    ]


def test_an_item_that_vanishes_is_said_to_be_gone_with_both_bounds(tmp_path):
    file = tmp_path / "board.csv"
    file.write_text("item,status\na,To do\nb,To do\nc,To do\nd,To do\n")
    collect(tmp_path, shown(file), now=NOW)
    file.write_text("item,status\na,Doing\nb,To do\nc,To do\n")
    collect(tmp_path, shown(file), now=NOW + timedelta(days=2))
    told = asked(tmp_path, "select item, value, epoch(since - not_before) / 86400 from stage_event "
                           "where not opening order by item")  # fmt: skip
    assert told == [("a", "Doing", 2.0), ("d", "(gone)", 2.0)]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "The answer is empty."),
        (b"<!doctype html><title>500</title>", "The answer is a web page, not a CSV."),
        (b"item,status\na,\xff\n", "The answer is not UTF-8 text (line 2)."),
        (b"name,status\na,To do\n", "There is no column 'item'."),
        (b"item,status\na,To do\nb", "The last line (3) is cut off."),
    ],
)
def test_an_answer_that_is_no_such_csv_is_refused_with_its_reason(tmp_path, body, reason):
    file = tmp_path / "board.csv"
    file.write_bytes(body)
    (reading,) = snapshots.readings(shown(file), {}, NOW)
    assert reading.refused == reason
    assert reading.rows.num_rows == 0


def test_a_row_without_its_key_or_twice_is_kept_with_its_reason(tmp_path):
    file = tmp_path / "board.csv"
    file.write_text("item,status\na,To do\n,Doing\na,Done\nb,To do\n")
    (result,) = collect(tmp_path, shown(file))
    assert (result.rows_in, result.accepted, result.refused) == (4, 2, 2)
    assert asked(tmp_path, "select line, field, value, reason from reject order by line") == [
        (3, "item", ",Doing", "no item: the key is empty"),
        (4, "item", "a", "the item is in line 2 already"),
    ]


def test_an_ambiguous_date_is_refused_with_its_row_and_the_cure(tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("item,status,since\na,To do,03/04/2026\nb,To do,2026-04-03\nc,To do,soon\n")
    (reading,) = events.readings(listed(file), {}, NOW)
    assert [(r.line, r.field, r.value, r.reason) for r in reading.rejects] == [
        (
            2,
            "since",
            "03/04/2026",
            "ambiguous date: write it as 2026-04-03 if the day comes first; or say so under dates",
        ),
        (4, "since", "soon", "no date: write it as 2026-04-03 or 2026-04-03T14:30Z"),
    ]
    assert reading.rows["item"].to_pylist() == ["b"]


@pytest.mark.parametrize(
    ("order", "day"), [("day first", "2026-04-03"), ("month first", "2026-03-04")]
)
def test_dates_with_slashes_are_read_in_the_order_that_is_said(tmp_path, order, day):
    file = tmp_path / "list.csv"
    rows = [
        "a,To do,03/04/2026",
        "a,Doing,3.4.2026 9:05",
        "b,To do,31/31/2026",
        "c,Done,2026-05-01",
    ]
    file.write_text("\n".join(["item,status,since", *rows]))
    (result,) = collect(tmp_path, listed(file, dates=order, time_zone="UTC"))
    assert (result.accepted, result.refused) == (3, 1)
    told = "select value, not_before::text, since::text from stage_event order by since, sequence"
    assert asked(tmp_path, told) == [
        # By the order of the list it was there before a time of the same day.
        ("To do", f"{day} 00:00:00+00", f"{day} 09:05:00+00"),
        ("Doing", None, f"{day} 09:05:00+00"),
        ("Done", "2026-05-01 00:00:00+00", "2026-05-01 23:59:59.999999+00"),
    ]
    assert asked(tmp_path, "select value, reason from reject") == [
        ("31/31/2026", "no date: write it as 2026-04-03 or 2026-04-03T14:30Z")
    ]


def test_a_day_is_known_to_its_end_in_the_zone_of_its_source(tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("item,status,since\na,To do,2026-07-01\na,Doing,2026-07-02T10:00\n")
    collect(tmp_path, listed(file))
    assert asked(tmp_path, "select value, precision, not_before::text, since::text from stage_event order by since") == [
        ("To do", "day", "2026-06-30 23:00:00+00", "2026-07-01 22:59:59.999999+00"),
        ("Doing", "exact", None, "2026-07-02 09:00:00+00"),
    ]  # fmt: skip


def test_a_workbook_says_the_same_as_a_csv(tmp_path):
    book = openpyxl.Workbook()
    for row in (
        ["item", "status", "since"],
        ["a", "To do", datetime(2026, 4, 3)],
        ["b", "=1+1", "03/04/2026"],
    ):
        book.active.append(row)
    book.save(tmp_path / "list.xlsx")
    (reading,) = events.readings(listed(tmp_path / "list.xlsx"), {}, NOW)
    assert reading.rows["since"].to_pylist() == ["2026-04-03"]
    assert reading.rejects[0].line == 3


def test_the_template_is_accepted_whole(tmp_path):
    shutil.copy(EXAMPLE.parent / "template.csv", tmp_path / "list.csv")
    (result,) = collect(tmp_path, listed(tmp_path / "list.csv"))
    assert result.accepted == result.rows_in == 4


def test_names_are_kept_letter_for_letter(tmp_path):
    name = '=HYPERLINK("x") <b>**bold**</b> &amp; \u202e'
    file = tmp_path / "list.csv"
    quoted = name.replace('"', '""')
    file.write_text(f'item,status,since,name\na,To do,2026-04-03,"{quoted}"\n')
    collect(tmp_path, listed(file))
    assert asked(tmp_path, "select name from item_detail") == [(name,)]


def test_the_real_logs_are_counted_as_their_readme_counts_them(example):
    with duckdb.connect(str(example / "landing.duckdb"), read_only=True) as con:
        told = con.execute("""
            select count(*), count(*) filter (status = '200' and coalesce(resource, '') = ''),
                   count(*) filter (coalesce(resource, '') <> '' and coalesce(status, '') = ''),
                   count(*) filter (coalesce(exception, '') <> '' and coalesce(status, '') = '')
            from raw_log""").fetchall()
    assert told == [(1_439_190, 53_301, 4_323, 63_751)]


def test_success_is_a_resource_and_copies_count_once(tmp_path):
    rows = [
        {"endpoint": "e", "entry_date": "2024-01-01T00:00:00Z", "status": "200", "resource": ""},
        {"endpoint": "e", "entry_date": "2024-01-02T00:00:00Z", "status": "", "exception": "SSLError"},
        {"endpoint": "e", "entry_date": "2024-01-03T00:00:00Z", "status": "", "resource": "r"},
        {"endpoint": "e", "entry_date": "2024-01-03T00:00:00Z", "status": "", "resource": "r"},
        {"endpoint": "", "entry_date": "2024-01-03T00:00:00Z"},
        {"endpoint": "f", "entry_date": "yesterday"},
    ]  # fmt: skip
    (tmp_path / "run.jsonl.gz").write_bytes(
        gzip.compress("\n".join(map(json.dumps, rows)).encode())
    )
    (tmp_path / "copy.json").write_text(json.dumps(rows))
    (result,) = collect(tmp_path, logged(str(tmp_path / "run.*")))
    assert (result.accepted, result.refused) == (4, 2)
    assert asked(tmp_path, 'select subject, ok, detail from check_result order by "at"') == [
        ("e", False, "no data in the answer"), ("e", False, "SSLError"), ("e", True, ""),
    ]  # fmt: skip
    (same,) = pipeline_logs.readings(logged(str(tmp_path / "copy.json")), {}, NOW)
    assert same.rows.num_rows == 4


def test_a_log_file_that_grew_takes_the_place_of_its_old_rows(tmp_path):
    source, file = EXAMPLE / "log/organisation.parquet", tmp_path / "log.parquet"
    table = pyarrow.parquet.read_table(source)
    pyarrow.parquet.write_table(table.slice(0, 100), file)
    collect(tmp_path, logged(str(file)))
    pyarrow.parquet.write_table(table.slice(0, 150), file)
    collect(tmp_path, logged(str(file)))
    assert asked(tmp_path, "select count(*) from raw_log") == [(150,)]


def test_a_log_file_that_is_cut_off_is_refused(tmp_path):
    body = (EXAMPLE / "log/organisation.parquet").read_bytes()
    (tmp_path / "log.parquet").write_bytes(body[: len(body) // 2])
    (result,) = collect(tmp_path, logged(str(tmp_path / "log.parquet")))
    assert (result.refused_readings, result.accepted) == (1, 0)


@pytest.mark.more
def test_a_killed_collector_loses_and_doubles_nothing(tmp_path):
    history = first_of_the_history(tmp_path)
    (tmp_path / "settings.json").write_text(history.model_dump_json())
    program = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC; from sources import collecting\n"
        "from settings.sources import GitHistory\n"
        "folder = Path(sys.argv[1]); told = (folder / 'settings.json').read_text()\n"
        "settings = GitHistory.model_validate_json(told)\n"
        "collecting.collect([settings], folder / 'landing.duckdb', datetime(2026, 11, 20, tzinfo=UTC),\n"
        "    lambda source, message: print(message, flush=True))\n"
    )  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    for line in process.stdout:
        if line.startswith("12 answers"):
            process.send_signal(signal.SIGKILL)
            break
    process.stdout.close()
    process.wait(10)
    time.sleep(0.1)
    kept = asked(tmp_path, "select count(*), count(distinct place) from load")[0]
    assert 12 <= kept[0] == kept[1] < 40
    collect(tmp_path, history)
    collect(tmp_path / "whole", history)
    assert everything(tmp_path) == everything(tmp_path / "whole")


def test_a_landing_file_in_use_or_broken_says_what_to_do(tmp_path):
    (tmp_path / "landing.duckdb").write_bytes(b"this is no database" * 1000)
    with pytest.raises(StopAll, match="move it away and collect again"):
        collect(tmp_path, GIT)
    program = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    held = tmp_path / "held" / "landing.duckdb"
    held.parent.mkdir()
    process = subprocess.Popen([sys.executable, "-c", program, str(held)], text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
    try:
        assert process.stdout.readline() == "open\n"
        with pytest.raises(StopAll, match="wait for that collector to end"):
            collect(held.parent, GIT)
    finally:
        process.communicate("", timeout=10)


def test_a_file_that_is_not_in_the_repository_is_named():
    with pytest.raises(StopSource, match=r"No commit holds nothing\.csv"):
        list(git_history.readings(GIT.model_copy(update={"file": "nothing.csv"}), {}, NOW))


def test_nothing_is_saved_when_saving_fails_half_way(tmp_path):
    (reading, *_) = git_history.readings(GIT, {}, NOW)
    with saving.opened(tmp_path / "landing.duckdb") as con:
        con.execute("drop view item_detail; drop view stage_event; drop view snapshot_event; "
                    "alter table load rename column body to gone")  # fmt: skip
        con.execute("alter table load add column more text")
        with pytest.raises(duckdb.Error):
            saving.save(con, GIT, reading, NOW, 0.0)
        assert con.execute("select count(*) from raw").fetchall() == [(0,)]
