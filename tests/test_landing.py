"""What the landing database owes: whole answers or none, in any order, and nothing stale."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import tempfile
import zipfile
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import metrics
from metrics.publishing import publish
from settings import database, stages
from settings.sources import (
    Datasette,
    Events,
    GitHistory,
    HttpChecks,
    PipelineLogs,
    Snapshots,
    Source,
)
from sources import StopAll, StopSource, collecting, events, fingerprint, git_history, snapshots
from sources.landing import saving, schema, trouble
from telling import collected

NOW = datetime(2026, 11, 20, tzinfo=UTC)
DAY = timedelta(days=1)


def listed(file: Path, **more) -> Events:
    return Events(**{"name": "list", "file": str(file)} | more)


def shown(file: Path, **more) -> Snapshots:
    return Snapshots(**{"name": "board", "file": str(file)} | more)


def walked(repository: Path, file: str = "board.csv") -> GitHistory:
    return GitHistory(name="git", repository=str(repository), file=file)


def collect(folder: Path, *asked: Source, now: datetime = NOW) -> list[collecting.Result]:
    return collecting.collect(list(asked), folder / "landing.duckdb", now)


def asked(folder: Path, query: str) -> list[tuple]:
    with saving.opened(folder / "landing.duckdb") as con:
        return con.execute(query).fetchall()


def events_of(folder: Path) -> list[tuple]:
    return asked(folder, "select source, item, kind, value, epoch_us(since), "
                         "epoch_us(not_before), precision, opening from stage_event order by all")  # fmt: skip


# -- any order ---------------------------------------------------------------------------------


@st.composite
def boards(draw) -> list[bytes]:
    """Snapshots of ten items, of which up to three vanish (more at once would not be believed)."""
    some = st.sampled_from(["To do", "Doing", "Done"])
    pages = []
    for _ in range(draw(st.integers(2, 6))):
        gone = draw(st.sets(st.sampled_from(["i0", "i1", "i2"])))
        rows = [(f"i{n}", draw(some), draw(st.sampled_from(["", "why"]))) for n in range(10)]
        lines = [",".join(row) for row in rows if row[0] not in gone]
        pages.append("\n".join(["item,status,blocked", *lines, ""]).encode())
    return pages


@hypothesis_settings(max_examples=8, deadline=None)
@given(pages=boards(), data=st.data())
@pytest.mark.more
def test_snapshots_in_any_order_and_twice_give_the_same_events(pages, data):
    one = shown(Path("board.csv"))
    readings = [
        snapshots.read(one, "board.csv", NOW + n * DAY, page, None) for n, page in enumerate(pages)
    ]
    mixed = data.draw(st.permutations(readings + readings[:1]))
    results = []
    for order in (readings, mixed):
        with tempfile.TemporaryDirectory() as folder:
            with saving.opened(Path(folder) / "landing.duckdb") as con:
                saving.describe(con, one)
                for reading in order:
                    saving.save(con, one, reading, NOW, 0.0)
            results.append(events_of(Path(folder)))
    assert results[0] == results[1]


# -- nothing stale -----------------------------------------------------------------------------


def test_a_corrected_setting_is_heeded_though_the_file_is_the_same(tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("slug,stage,since\na,To do,2026-04-03\n")
    (wrong,) = collect(tmp_path, listed(file))
    (right,) = collect(tmp_path, listed(file, columns={"item": "slug", "status": "stage"}))
    assert (wrong.refused_readings, right.accepted) == (1, 1)


def test_a_corrected_item_column_rekeys_the_snapshots_already_kept(tmp_path):
    file = tmp_path / "board.csv"
    file.write_text("item,status,slug\nA,To do,a\nB,To do,b\n")
    collect(tmp_path, shown(file))
    file.write_text("item,status,slug\nA,To do,a\nB renamed,Doing,b\n")
    collect(tmp_path, shown(file, columns={"item": "slug"}), now=NOW + DAY)
    told = asked(tmp_path, "select item, value, opening from stage_event order by all")
    assert told == [("a", "To do", True), ("b", "Doing", False), ("b", "To do", True)]


def test_pictures_stay_while_their_source_is_read_as_another_kind_and_never_tell_beside_it(
    tmp_path,
):
    """What a board without a history showed can't be had again, whoever writes the wrong kind for a day."""
    file, board = tmp_path / "board.csv", shown(tmp_path / "board.csv")
    told = []
    for day, status, one in [
        (0, "To do", board), (1, "Doing", board), (2, "Doing", listed(file, name="board")), (3, "Done", board)
    ]:  # fmt: skip
        file.write_text(f"item,status,since\na,{status},2026-04-03\n")
        collect(tmp_path, one, now=NOW + day * DAY)
        told.append(asked(tmp_path, "select value, precision from stage_event order by since"))
    assert told[1:] == [
        [("To do", "at least"), ("Doing", "between")],
        [("Doing", "day")],
        [("To do", "at least"), ("Doing", "between"), ("Done", "between")],
    ]


def test_a_cured_row_is_no_longer_listed_as_refused(tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("item,status,since\na,To do,03/04/2026\n")
    collect(tmp_path, listed(file))
    assert asked(tmp_path, "select line from reject") == [(2,)]
    file.write_text("item,status,since\na,To do,2026-04-03\n")
    collect(tmp_path, listed(file), now=NOW + DAY)
    assert asked(tmp_path, "select count(*) from reject") == [(0,)]


def test_a_list_that_breaks_leaves_the_last_good_one(tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("item,status,since\na,To do,2026-04-03\n")
    collect(tmp_path, listed(file))
    before = events_of(tmp_path)
    file.write_text("<html>moved</html>")
    (result,) = collect(tmp_path, listed(file), now=NOW + DAY)
    assert result.refused_readings == 1
    assert events_of(tmp_path) == before


def test_a_board_with_only_its_header_is_not_believed(tmp_path):
    file = tmp_path / "board.csv"
    file.write_text("item,status\na,To do\nb,To do\n")
    collect(tmp_path, shown(file))
    file.write_text("item,status\n")
    (result,) = collect(tmp_path, shown(file), now=NOW + DAY)
    assert result.refused_readings == 1
    assert len(events_of(tmp_path)) == 2


# -- hostile answers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b",,,\n", "The answer is empty."),
        (b"\xef\xbb\xbf", "The answer is empty."),
        (b"\xef\xbb\xbf<html>", "The answer is a web page, not a CSV."),
        (b'item,status\na,"To do\n', "malformed at line 2"),
        (b"item,status,status\na,To do,Done\n", "The column 'status' is there twice."),
    ],
)
def test_a_hostile_csv_is_refused_and_does_not_stop_the_run(tmp_path, body, reason):
    (tmp_path / "board.csv").write_bytes(body)
    (tmp_path / "good.csv").write_text("item,status\na,To do\n")
    good = shown(tmp_path / "good.csv", name="good")
    first, second = collect(tmp_path, shown(tmp_path / "board.csv"), good)
    assert (first.refused_readings, second.accepted) == (1, 1)
    assert reason in asked(tmp_path, "select reason from load where outcome = 'refused'")[0][0]


@pytest.mark.parametrize("kind", [Events, Snapshots, Datasette])
def test_a_pipe_is_said_to_be_no_file_before_it_is_waited_for(tmp_path, kind):
    os.mkfifo(tmp_path / "pipe.csv")
    held = os.open(tmp_path / "pipe.csv", os.O_RDWR)  # or the test would wait if it were opened
    table = {"table": "t"} if kind is Datasette else {}
    (result,) = collect(tmp_path, kind(name="one", file=str(tmp_path / "pipe.csv"), **table))
    os.close(held)
    assert result.failed.endswith("pipe.csv can't be read: it is a pipe or a device, and no file.")


def test_the_ends_of_the_calendar_are_refused_row_by_row(tmp_path):
    file = tmp_path / "list.csv"
    dates = ["0001-01-01", "9999-12-31T23:00", "2026-02-30", "1026-04-03", "2026-11-23", "2026-04-03"]  # fmt: skip
    file.write_text("item,status,since\n" + "".join(f"i,To do,{date}\n" for date in dates))
    for zone in ("Asia/Tokyo", "America/New_York"):
        (reading,) = events.readings(listed(file, time_zone=zone), {}, NOW)
        assert [r.line for r in reading.rejects] == [2, 3, 4, 5, 6]


def workbook(alter=lambda name, part: part) -> bytes:
    """A workbook of one row with a note beside it, each of its parts passed through `alter`."""
    book, plain, altered = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    book.active.append(["item", "status", "since"])
    book.active.append(["a", "To do", datetime(2026, 4, 3, 9, 30)])
    book.active["E2"] = "a note beside the table"
    book.save(plain)
    with zipfile.ZipFile(plain) as parts, zipfile.ZipFile(altered, "w") as out:
        for name in parts.namelist():
            out.writestr(name, alter(name, parts.read(name)))
    return altered.getvalue()


def test_a_workbook_that_states_a_wrong_size_is_read_whole(tmp_path):
    file = tmp_path / "list.xlsx"
    file.write_bytes(workbook(lambda name, part: part.replace(b'ref="A1:E2"', b'ref="A1"')))
    (reading,) = events.readings(listed(file), {}, NOW)
    assert reading.rows["item"].to_pylist() == ["a"]
    assert not reading.rejects


def test_a_workbook_whose_sheet_is_damaged_is_refused(tmp_path):
    file = tmp_path / "list.xlsx"
    file.write_bytes(workbook(lambda name, part: part[: len(part) // 2] if "sheet1" in name else part))  # fmt: skip
    (reading,) = events.readings(listed(file), {}, NOW)
    assert reading.refused == "The file is no .xlsx workbook: ParseError."


def test_a_fault_nobody_foresaw_stops_only_its_own_source(tmp_path):
    (tmp_path / "good.csv").write_text("item,status\na,To do\n")
    broken = shown(tmp_path / "good.csv", name="broken").model_copy(update={"kind": "no_such_kind"})
    first, second = collect(tmp_path, broken, shown(tmp_path / "good.csv"))
    assert first.failed.startswith("Unexpected ModuleNotFoundError")
    assert second.accepted == 1
    assert asked(tmp_path, "select source from load where outcome = 'failed'") == [("broken",)]


# -- times -------------------------------------------------------------------------------------


def test_an_offset_is_heeded_in_each_way_of_writing_it(tmp_path):
    file = tmp_path / "list.csv"
    times = ["2026-04-03T14:30+0100", "2026-04-03T14:30+01:00", "2026-04-03 13:30Z", "2026-04-03T13:30:00.0"]  # fmt: skip
    file.write_text("item,status,since\n" + "".join(f"i{t[-3:]},To do,{t}\n" for t in times))
    collect(tmp_path, listed(file))
    told = asked(tmp_path, "select distinct since::text from stage_event")
    assert told == [("2026-04-03 13:30:00+00",)]


def test_a_block_told_by_the_day_is_known_to_the_day(tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("item,status,since,blocked\na,To do,2026-04-03,why\n")
    collect(tmp_path, listed(file))
    told = asked(tmp_path, "select kind, precision, not_before::text from stage_event order by 1")
    assert told == [("blocked", "day", "2026-04-03 00:00:00+00"), ("status", "day", "2026-04-03 00:00:00+00")]  # fmt: skip


def test_a_cell_is_its_words_whatever_space_is_around_them(tmp_path):
    """stages.yaml can name no status that ends in a line end; 'No' and a tab is a no."""
    file = tmp_path / "list.csv"
    file.write_text(
        'item,status,since,from,blocked,gone\na,"Doing\n",2026-04-03," To do\t",No\t,\n'
        "b,\u00a0Doing\u2003,2026-04-03,,legal\u3000,\nb,,2026-04-04,,,Yes\u00a0\n"
    )
    collect(tmp_path, listed(file, columns={"gone": "gone"}))
    told = asked(
        tmp_path,
        "select item, kind, value from stage_event order by kind, item, since, sequence",
    )
    assert [one for one in told if one[2]] == [
        ("b", "blocked", "legal"), ("a", "status", "To do"), ("a", "status", "Doing"),
        ("b", "status", "Doing"), ("b", "status", "(gone)"),
    ]  # fmt: skip
    file.write_text('item,status,blocked\na,"Doing\n",no\t\nb,\t,\n')
    collect(tmp_path, shown(file))
    told = asked(tmp_path, "select item, value from stage_event where source = 'board' order by 1")
    assert told == [("a", "Doing"), ("b", "")]


def test_a_row_marked_gone_says_so(tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("item,status,since,change\na,To do,2026-04-03,first-seen\na,,2026-04-05,gone\n")
    collect(tmp_path, listed(file, columns={"gone": "change"}))
    told = asked(tmp_path, "select kind, value from stage_event order by since")
    assert told == [("status", "To do"), ("status", "(gone)")]


@pytest.mark.parametrize("written", ["2026-11-22", "2026-11-22T10:00Z"])
def test_a_row_refused_as_still_to_come_is_taken_when_its_time_has_come(tmp_path, written):
    file = tmp_path / "list.csv"
    file.write_text(f"item,status,since\na,To do,2026-04-03\na,Doing,{written}\n")
    (first,) = collect(tmp_path, listed(file))
    (too_soon,) = collect(tmp_path, listed(file), now=NOW + DAY / 2)
    (at_last,) = collect(tmp_path, listed(file), now=NOW + 3 * DAY)
    (again,) = collect(tmp_path, listed(file), now=NOW + 4 * DAY)
    told = [(one.accepted, one.refused) for one in (first, too_soon, at_last, again)]
    assert told == [(1, 1), (0, 0), (2, 0), (0, 0)]
    assert asked(tmp_path, "select value from stage_event order by since") == [
        ("To do",),
        ("Doing",),
    ]


# -- git ---------------------------------------------------------------------------------------


def git(repository: Path, *arguments: str, at: str = "2026-01-01T00:00:00Z") -> None:
    who = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
           "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org",
           "GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z", "GIT_COMMITTER_DATE": at,
           "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(repository)}  # fmt: skip
    subprocess.run(["git", "-C", str(repository), *arguments], check=True, env=who, capture_output=True)  # fmt: skip


def commit(repository: Path, status: str, at: str) -> None:
    (repository / "board.csv").write_text(f"item,status\na,{status}\nb,To do\n")
    git(repository, "add", "board.csv")
    git(repository, "commit", "-m", status, at=at)


@pytest.fixture
def repository(tmp_path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--initial-branch", "main")
    commit(folder, "To do", "2026-01-01T00:00:00Z")
    commit(folder, "Doing", "2026-01-02T00:00:00Z")
    return folder


def test_the_time_of_a_commit_is_its_committers(repository):
    told = [r.seen_at for r in git_history.readings(walked(repository), {}, NOW)]
    assert told == [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)]


def test_commits_of_one_second_keep_their_order(repository, tmp_path):
    commit(repository, "Testing", "2026-01-02T00:00:00Z")
    commit(repository, "Done", "2026-01-02T00:00:00Z")
    collect(tmp_path, walked(repository))
    told = asked(tmp_path, "select value from stage_event where item = 'a' order by since")
    assert told == [("To do",), ("Doing",), ("Testing",), ("Done",)]


def test_a_side_branch_was_never_shown(repository, tmp_path):
    git(repository, "checkout", "-b", "side", "HEAD~1")
    commit(repository, "Draft", "2026-01-01T12:00:00Z")
    git(repository, "checkout", "main")
    collect(tmp_path, walked(repository))
    assert ("Draft",) not in asked(tmp_path, "select value from stage_event")


def test_only_new_commits_are_read_the_next_time(repository, tmp_path):
    collect(tmp_path, walked(repository))
    commit(repository, "Done", "2026-01-03T00:00:00Z")
    (result,) = collect(tmp_path, walked(repository))
    assert (result.readings, result.rows_in) == (1, 2)


def test_a_rewritten_history_with_the_same_contents_changes_nothing(repository, tmp_path):
    collect(tmp_path, walked(repository))
    before = events_of(tmp_path)
    git(repository, "checkout", "--orphan", "again")
    git(repository, "rm", "--force", "board.csv")
    commit(repository, "To do", "2026-01-01T00:00:00Z")
    git(repository, "commit", "--amend", "-m", "said otherwise", at="2026-01-01T00:00:00Z")
    commit(repository, "Doing", "2026-01-02T00:00:00Z")
    (result,) = collect(tmp_path, walked(repository))
    assert result.readings == 0
    assert events_of(tmp_path) == before
    told = asked(tmp_path, "select cursor->>'commit' from load order by load_id desc limit 1")
    (*_, last) = git_history.readings(walked(repository), {}, NOW)
    assert told == [(last.cursor["commit"],)]


def test_a_file_name_is_no_pattern(repository):
    with pytest.raises(StopSource, match=r"No commit holds \*\.csv"):
        list(git_history.readings(walked(repository, "*.csv"), {}, NOW))


MARKS = ["fe54d29ebad9614a", "b5aa70601ed04c78", "9c1739a9b25b11cf", "39f7a1187c7b2ff5"]

# -- made by the version before ------------------------------------------------------------------


def test_a_landing_file_that_does_not_say_what_its_answers_tell_goes_on_as_it_was(tmp_path):
    (tmp_path / "list.csv").write_text("item,status,since\na,To do,2026-04-03\n")
    (tmp_path / "board.csv").write_text("item,status\na,To do\n")
    (tmp_path / "log.jsonl").write_text(
        '{"endpoint": "e", "entry_date": "2026-01-01", "resource": "r"}'
    )
    log = PipelineLogs(name="log", file=str(tmp_path / "log.jsonl"))
    every = [listed(tmp_path / "list.csv"), shown(tmp_path / "board.csv"), log]
    collect(tmp_path, *every)
    before = events_of(tmp_path)
    assert {source for source, *_ in before} == {"list", "board"}
    with database.connect(tmp_path / "landing.duckdb") as con:
        for view in ("check_result", "check_told", "item_detail", "stage_event", "snapshot_event",
                     "list_event", "listed"):  # fmt: skip
            con.execute("drop view " + view)
        con.execute("alter table load drop column tells")
    assert events_of(tmp_path) == before
    assert [r.readings for r in collect(tmp_path, *every)] == [0, 0, 0]
    assert asked(tmp_path, "select source, tells from load order by source") == [
        ("board", "states"), ("list", "events"), ("log", "checks"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "other", ["create or replace view check_result as select 1 as one", "drop view check_result"]
)
def test_views_are_made_once_and_again_where_another_version_made_or_lacks_one(tmp_path, other):
    made = "select {} from duckdb_views() where not internal order by view_name"
    with database.connect(tmp_path / "landing.duckdb") as con:
        con.execute('create view "somebody\'s own" as select 1 as one')
        schema.bring_up_to_date(con)
        sql, numbers = (con.execute(made.format(w)).fetchall() for w in ("sql", "view_oid"))
        schema.bring_up_to_date(con)
        assert con.execute(made.format("view_oid")).fetchall() == numbers
        con.execute(other)
        assert con.execute(made.format("sql")).fetchall() != sql
        schema.bring_up_to_date(con)
        assert con.execute(made.format("sql")).fetchall() == sql


def test_settings_are_known_again_by_what_they_were_known_by(tmp_path):
    """Worked out by version 0.2: another mark would read everything again once."""
    columns = {"item": "slug", "status": "stage"}
    every = [
        Events(name="a", folder=tmp_path, file="list.csv", columns=columns, precision="between"),
        GitHistory(name="b", folder=tmp_path, repository="r.bundle", file="b.csv", largest_loss=0.5),
        Datasette(name="c", folder=tmp_path, file="d.db", sql="select 1\n", key=("a", "b")),
        HttpChecks(name="d", folder=tmp_path, urls={"Home": "https://example.org/"}, contains="x"),
    ]  # fmt: skip
    assert [fingerprint(one) for one in every] == MARKS


# -- the file itself ---------------------------------------------------------------------------


def test_a_damaged_landing_file_is_not_taken_for_one_in_use(tmp_path):
    file = tmp_path / "landing.duckdb"
    with saving.opened(file):
        pass
    body = bytearray(file.read_bytes())
    body[4096 * 3 : 4096 * 3 + 2000] = b"\xff" * 2000
    file.write_bytes(body)
    with pytest.raises(StopAll, match="move it away and collect again"):
        collect(tmp_path)


def test_a_folder_that_can_not_be_made_says_so(tmp_path):
    (tmp_path / "data").write_text("a file where a folder should be")
    with pytest.raises(StopAll, match="can't be used as a folder"):
        collect(tmp_path / "data")


def test_a_file_of_somebody_else_in_the_folder_is_named_with_the_cure(tmp_path):
    """Who collects once as another user leaves files behind that this one may not write."""
    error = PermissionError(errno.EACCES, os.strerror(errno.EACCES), "data/at-work.lock")
    assert trouble.of_folder(error, Path("data")) == (
        "data/at-work.lock can't be written: Permission denied. Let this user write there, or name "
        "another folder: --data."
    )


# -- two clocks --------------------------------------------------------------------------------


def test_a_source_that_answers_with_nothing_new_was_asked_all_the_same(tmp_path):
    """The last time of each day is kept; while its newest answer is refused it was not read."""
    (tmp_path / "stages.yaml").write_text(LISTED)
    (tmp_path / "list.csv").write_text("item,status,since\nx,Todo,2026-01-01\n")
    told, landing = stages.read(tmp_path / "stages.yaml"), tmp_path / "landing.duckdb"
    for days, hour in ((1, 8), (1, 20), (2, 8), (9, 8)):
        now = datetime(2026, 2, days, hour, tzinfo=UTC)
        assert not collecting.collect(told.sources.values(), landing, now)[0].failed
    (tmp_path / "list.csv").write_text("<html>gone</html>\n")
    collecting.collect(told.sources.values(), landing, datetime(2026, 2, 10, tzinfo=UTC))
    with database.connect(landing) as con:
        asked = con.execute("select asked_at from ask order by all").fetchall()
        assert [f"{at:%d %H}" for (at,) in asked] == ["01 20", "02 08", "09 08"]
        assert con.execute("select count(*) from load where outcome = 'accepted'").fetchone() == (
            1,
        )
    publish.publish(told, tmp_path, datetime(2026, 2, 11, tzinfo=UTC))
    with closing(metrics.open(tmp_path)) as asked:
        row = asked.figure("freshness", datetime(2026, 2, 11, tzinfo=UTC)).iloc[0]
        assert (row.told_until, row.last_outcome) == (
            datetime(2026, 2, 9, 8, tzinfo=UTC),
            "refused",
        )


LISTED = """
title: A list
streams:
  line: {name: A line, sources: [list], stages: {a: {name: A, queue: [Todo]}}}
sources:
  list: {kind: events, file: list.csv}
"""


def test_a_day_and_a_time_of_it_never_turn_the_order_of_a_list_round(tmp_path):
    """m1 is taken up at 9:30 on the day it came; m2 comes back by the end of the day."""
    rows = ["item,status,since", "m1,Todo,2026-03-02", "m1,Doing,2026-03-02T09:30Z",
            "m2,Doing,2026-07-10T09:30:00.1234567", "m2,Todo,2026-07-10"]  # fmt: skip
    (tmp_path / "stages.yaml").write_text(LISTED.replace("[Todo]", "[Todo], work: [Doing]"))
    (tmp_path / "list.csv").write_text("\n".join(rows) + "\n")
    told = stages.read(tmp_path / "stages.yaml")
    now = datetime(2026, 8, 1, tzinfo=UTC)
    result = collecting.collect(told.sources.values(), tmp_path / "landing.duckdb", now)[0]
    assert (result.accepted, result.refused) == (4, 0)
    publish.publish(told, tmp_path, now)
    with closing(metrics.open(tmp_path)) as asked:
        ages = asked.figure("age", now).set_index("item")
        assert ages.status.to_dict() == {"m1": "Doing", "m2": "Todo"}
        doubt = asked.figure("doubt", now)
        assert set(doubt.item[doubt.what == "a day beside times"]) == {"m1", "m2"}
        # Times that name no zone are those of the stream's own: half past nine in a British summer.
        moved = asked.table("stage_event", item="m2").since.min()
        assert moved == datetime(2026, 7, 10, 8, 30, 0, 123456, UTC)


def test_a_source_of_another_kind_is_as_old_as_what_it_tells_now(tmp_path):
    """Compared at first, the answer was as new as its day; the list ends weeks before."""
    (tmp_path / "list.csv").write_text("item,status,since\na,Todo,2026-03-02\n")
    now = datetime(2026, 8, 1, tzinfo=UTC)
    for kind in ("snapshots", "events"):
        (tmp_path / "stages.yaml").write_text(LISTED.replace("events", kind))
        told = stages.read(tmp_path / "stages.yaml")
        result = collecting.collect(told.sources.values(), tmp_path / "landing.duckdb", now)[0]
    publish.publish(told, tmp_path, now + DAY)
    with closing(metrics.open(tmp_path)) as asked:
        (row,) = asked.figure("freshness", now + DAY).itertuples()
    assert (result.newest.date(), row.newest.date()) == (date(2026, 3, 2), date(2026, 3, 2))


def test_a_picture_is_not_put_before_one_of_a_time_to_come(tmp_path):
    """The clock was put back: what was done since would stand before that it was being done."""
    file = tmp_path / "board.csv"
    file.write_text("item,status\na,Doing\n")
    collect(tmp_path, shown(file))
    file.write_text("item,status\na,Done\n")
    (back,) = collect(tmp_path, shown(file), now=NOW - DAY)
    assert back.failed.startswith(
        "Its last answer is of 20 November 2026, 00:00 UTC, still to come"
    )
    (after,) = collect(tmp_path, shown(file), now=NOW + DAY)
    told = asked(tmp_path, "select value from stage_event order by since")
    assert (after.failed, told) == ("", [("Doing",), ("Done",)])


def test_what_is_refused_is_said_to_leave_a_good_answer_only_where_there_was_one(tmp_path):
    file = tmp_path / "board.csv"
    said = []
    texts = ("item,status,status\na,Doing,\n", "item,status\na,Doing\n", "item\na\n")
    for n, text in enumerate(texts):
        file.write_text(text)
        said += collected.complaints(collect(tmp_path, shown(file), now=NOW + n * DAY))[:1]
    assert said == [
        "board: its newest answer is refused: The column 'status' is there twice.",
        "board: its newest answer is refused, what was taken of it before stays: There is no column 'status'.",
    ]


def test_a_zone_that_streams_do_not_share_has_to_be_named(tmp_path):
    text = LISTED.replace("sources: [list],", "sources: [list], time_zone: Asia/Tokyo,", 1)
    line = text.split("\n")[3]
    text = text.replace(
        line, line + "\n" + line.replace("line:", "other:").replace("Asia/Tokyo", "UTC")
    )
    (tmp_path / "stages.yaml").write_text(text)
    (tmp_path / "list.csv").write_text("item,status,since\n")
    with pytest.raises(stages.StagesError, match="tells of streams in several time zones, line "):
        stages.read(tmp_path / "stages.yaml")


def test_a_row_without_a_status_is_refused_with_its_line_and_the_rest_goes_on(tmp_path):
    (tmp_path / "stages.yaml").write_text(
        LISTED.replace("sources: [list],", "sources: [list], counted_by: list,")
    )
    (tmp_path / "list.csv").write_text("item,status,since\nx,Todo,2026-01-01\ny,,2026-01-02\n")
    told = stages.read(tmp_path / "stages.yaml")
    now = datetime(2026, 2, 1, tzinfo=UTC)
    collecting.collect(told.sources.values(), tmp_path / "landing.duckdb", now)
    assert publish.publish(told, tmp_path, now).ok
    with closing(metrics.open(tmp_path)) as asked:
        assert asked.figure("queue_size", now).waiting.sum() == 1
        row = asked.figure("refused_row", now).iloc[0]
        assert (row.line, row.field, row["value"]) == (3, "status", "y")
        assert row.reason == "no status: the cell is empty"


@pytest.mark.more
def test_a_list_read_for_the_first_time_has_not_been_the_same_for_long(tmp_path):
    """Its newest entry is old, but nobody looked before: what is on target is green, as of then."""
    goal = "targets: {queue: {limit: 3, reason: few, owner: us, date: 2026-01-01}}"
    (tmp_path / "stages.yaml").write_text(LISTED.replace("[Todo]", f"[Todo], {goal}"))
    (tmp_path / "list.csv").write_text("item,status,since\nx,Todo,2026-01-01\n")
    told, first = stages.read(tmp_path / "stages.yaml"), datetime(2026, 11, 1, tzinfo=UTC)
    for now, colour in ((first, "green"), (first + 89 * DAY, "green"), (first + 91 * DAY, "grey")):
        collecting.collect(told.sources.values(), tmp_path / "landing.duckdb", now)
        publish.publish(told, tmp_path, now)
        with closing(metrics.open(tmp_path)) as asked:
            assert asked.figure("status", now).colour.iloc[0] == colour, now
