"""Commands killed with -9 at any moment, two at once, and inputs in any order: nothing is lost,
nothing is doubled, and what a killed one leaves goes when the next one starts."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from killed import (
    Process,
    collected,
    command,
    gone,
    halves,
    line,
    moments,
    others,
    published,
    told,
    until,
    whole,
)
from seeds import SEED, chance
from servers import free_port

from settings import at_work
from settings.sources import Events, PipelineLogs, Snapshots
from sources import collecting
from sources.landing import saving

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A line that was collected and published, by commands that ran to their end."""
    folder = line(tmp_path_factory.mktemp("made") / "line")
    whole(folder, "figures")  # the first one waits until its parent has imported everything
    for name in ("collect", "publish"):
        (folder / f"{name}.seconds").write_text(str(whole(folder, *command(folder, name))))
    return folder


def seconds(made: Path, name: str) -> float:
    """How long that command took."""
    return float((made / f"{name}.seconds").read_text())


@pytest.fixture
def folder(made, tmp_path) -> Path:
    """The same line, of which nothing is collected."""
    return shutil.copytree(made, tmp_path / "line", ignore=shutil.ignore_patterns("data"))


@pytest.fixture
def filled(made, tmp_path) -> Path:
    """The same line, collected and published."""
    return shutil.copytree(made, tmp_path / "filled")


def often(usual: int, *marks: pytest.MarkDecorator) -> list:
    """So many kills in make test; in make soak 200, in two parts, each with moments of its own."""
    halves = [pytest.param(kills, marks=pytest.mark.soak) for kills in (99, 101)]
    return [pytest.param(usual, marks=marks), *halves]


# -- killed at any moment ------------------------------------------------------------------------


@pytest.mark.parametrize("kills", often(4))
def test_collect_killed_at_any_moment_ends_with_the_rows_of_one_that_was_not(made, folder, kills):
    """Twice in the same folder, then to its end: as if nothing had been."""
    want, killed = collected(made / "data"), 0
    took = seconds(made, "collect")
    for n, after in enumerate(moments(chance("collect", kills), kills, took)):
        if n % 2 == 0:
            shutil.rmtree(folder / "data", ignore_errors=True)
        killed += Process(folder, command(folder, "collect")).kill(after)
        if (folder / "data/landing.duckdb").exists():
            some = collected(folder / "data")
            assert set(some["load"]) <= set(want["load"]), (SEED, after)
        if n % 2:
            whole(folder, *command(folder, "collect"))
            assert collected(folder / "data") == want, (SEED, after)
            assert (halves(folder), others(folder)) == ([], [])
    assert killed > kills / 3


@pytest.mark.parametrize("kills", often(4))
def test_publish_killed_at_any_moment_leaves_a_publication_that_opens_and_reconciles(filled, kills):
    want, killed = published(filled / "data"), 0
    took = seconds(filled, "publish")
    for n, after in enumerate(moments(chance("publish", kills), kills, took)):
        killed += Process(filled, command(filled, "publish")).kill(after)
        assert published(filled / "data") == want, (SEED, after)
        if n % 6 == 5:
            whole(filled, *command(filled, "publish"))
            assert published(filled / "data") == want
            assert (halves(filled), others(filled)) == ([], [])
    assert killed > kills / 3


@pytest.mark.parametrize("kills", often(4, pytest.mark.more))
def test_run_killed_at_any_moment_goes_on_where_it_was(made, folder, kills):
    """Three of four while it collects and publishes, the others while its server starts or serves."""
    want = published(made / "data")
    took = seconds(made, "collect") + seconds(made, "publish")
    early = moments(chance("run", kills), kills * 3 // 4, took)
    late = moments(chance("served", kills), kills - len(early), 4)
    for n, after in enumerate(early + late):
        port = free_port()
        process = Process(folder, command(folder, "run", "data", "--port", str(port)))
        process.kill(after)
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", port))
        gone(folder)
        if (folder / "data/published/current").exists():
            assert published(folder / "data") == want, (SEED, after)
            if n < len(early):
                shutil.rmtree(folder / "data")
        # Those that are killed late find all done, and start their server at once.
        if n == len(early) - 1:
            if kills > 6:
                for name in ("collect", "publish"):  # each tidies up after its own
                    whole(folder, *command(folder, name))
                    assert collected(folder / "data") == collected(made / "data")
                assert halves(folder) == []
            shutil.rmtree(folder / "data", ignore_errors=True)
            shutil.copytree(made / "data", folder / "data")


# -- what is left over ---------------------------------------------------------------------------


STAGES = [("collect", "temporary/valuestream-clone-*"), ("publish", "data/published/*.building")]


@pytest.mark.more
def test_what_killed_commands_leave_goes_at_the_next_start_and_what_others_left_stays(filled):
    for name, pattern in STAGES:
        process = Process(filled, command(filled, name))
        left = until(process, pattern)
        assert process.kill(0)
        assert str(left) in halves(filled)
    # What no moment of a test can be sure to meet, under our names; and others' files, under theirs.
    begun = "data/published/2026-01-01T000000.000000Z.building"
    for more in ("data/published/current.new", "data/published/refused.new", f"{begun}.wal",
                 f"{begun}-macros"):  # fmt: skip
        (filled / more).touch()
    for spilt in (f"{begun}.tmp", "data/landing.duckdb.tmp"):
        (filled / spilt).mkdir()
        (filled / spilt / "duckdb_temp_storage-0.tmp").touch()
    strays = ["data/published/mine.building", "data/published/notes.new", "data/mine.tmp",
              "temporary/valuestream", "temporary/valuestream-clone-notes.txt"]  # fmt: skip
    for stray in strays:
        (filled / stray).touch()
    for name in ("collect", "publish"):
        whole(filled, *command(filled, name))
    assert halves(filled) == sorted(str(filled / stray) for stray in strays)


@pytest.mark.soak
def test_what_one_that_runs_is_using_stays(filled):
    """It stands still, with its clone; another line is collected beside it."""
    process = Process(filled, command(filled, "collect"))
    clone = until(process, "temporary/valuestream-clone-*")
    process.signal(signal.SIGSTOP)
    try:
        whole(filled, *command(filled, "collect", "other"))
        assert clone.exists()
    finally:
        process.signal(signal.SIGCONT)
    assert process.code() == 0
    assert halves(filled) == []


def test_a_folder_of_one_s_own_that_nobody_holds_is_taken_for_left_and_one_that_is_held_is_not(
    tmp_path,
):
    (tmp_path / "mine-left").mkdir()
    with at_work.own_folder(tmp_path, "mine-") as (one, _):
        assert not (tmp_path / "mine-left").exists()
        with at_work.own_folder(tmp_path, "mine-") as (two, _):
            assert one.exists() and two.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_one_s_own_goes_when_the_last_child_that_writes_to_it_is_gone(tmp_path):
    late = "import os, sys, time; time.sleep(0.4); os.makedirs(sys.argv[1])"
    with at_work.own_folder(tmp_path, "mine-") as (own, lock):
        child = subprocess.Popen(
            [sys.executable, "-c", late, own / "late/for/all"], pass_fds=[lock]
        )
    assert child.wait(10) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_was_only_begun_is_made_anew(folder):
    """A disk that was full, or a kill, within its first 12 kB: such a file can't be opened again."""
    (folder / "data").mkdir()
    (folder / "data/landing.duckdb.new").write_bytes(b"\0" * 3000)
    whole(folder, *command(folder, "collect"))
    assert halves(folder) == []


# -- two at once ---------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [pytest.param("publish", marks=pytest.mark.soak), "collect"])
@pytest.mark.more
def test_a_second_one_says_who_is_at_work_and_what_to_do_and_loses_nothing(made, filled, first):
    process = Process(filled, command(filled, first))
    until(process, dict(STAGES)[first])
    process.signal(signal.SIGSTOP)
    try:
        for name in ("collect", "publish", "run"):
            # Where nothing is to be shown, run collects and publishes.
            shown = list(filled.glob("data/published/*.duckdb")) if name == "run" else []
            for file in shown:
                file.rename(f"{file}.aside")
            more = ["--port", str(free_port())] if name == "run" else []
            code = Process(filled, command(filled, name, "data", *more)).code()
            said = told(filled)
            assert code == 2, said
            assert f"process {process.pid} has been {first}ing since 20" in said
            assert f"Wait for it to end (or end it: kill {process.pid})" in said
            assert "Traceback" not in said
            for file in shown:
                file.with_name(f"{file.name}.aside").rename(file)
    finally:
        process.signal(signal.SIGCONT)
    assert process.code() == 0
    assert collected(filled / "data") == collected(made / "data")
    assert published(filled / "data") == published(made / "data")


# -- in any order --------------------------------------------------------------------------------


@pytest.mark.parametrize("orders", [2, pytest.param(100, marks=pytest.mark.soak)])
def test_inputs_in_any_order_and_some_of_them_twice_give_the_same_rows(tmp_path, orders):
    """Boards of five days, a list and three logs of which two overlap, one after another."""
    given = inputs(tmp_path)
    found = []
    for n in range(orders + 1):
        chosen = list(range(len(given)))
        if n:  # the first is in the order of the days
            random = chance("order", n)
            chosen += random.choices(chosen, k=3)
            random.shuffle(chosen)
        landing = tmp_path / f"{n}/landing.duckdb"
        with saving.opened(landing) as con:
            for one in chosen:
                source, reading = given[one]
                saving.describe(con, source)
                saving.save(con, source, reading, NOW, 0.0)
        found.append(facts(landing))
        assert found[-1] == found[0], (SEED, n, chosen)
    assert all(len(rows) > 5 for rows in found[0].values())


def inputs(folder: Path) -> list[tuple]:
    """(source, reading), each as its source gives it."""
    board = Snapshots(name="board", file=str(folder / "board.csv"))
    given = []
    for day in range(5):
        rows = [f"i{n},{'Doing' if n < day else 'Backlog'}" for n in range(7 - day % 2)]
        (folder / "board.csv").write_text("\n".join(["item,status", *rows, ""]))
        given += asked(board, NOW + day * timedelta(days=1))
    (folder / "list.csv").write_text(
        "item,status,since\n" + "".join(f"i{n},Backlog,2026-01-0{n}\n" for n in range(1, 8))
    )
    given += asked(Events(name="list", file=str(folder / "list.csv"), time_zone="UTC"), NOW)
    header = "entry-date,endpoint,status,resource\n"
    for name, days in (("a", range(1, 9)), ("b", range(5, 15)), ("c", range(20, 25))):
        rows = "".join(f"2026-03-{n:02},https://e.example/,200,abc\n" for n in days)
        (folder / f"log-{name}.csv").write_text(header + rows)
    return given + asked(PipelineLogs(name="log", file=str(folder / "log-*.csv")), NOW)


def asked(source, now: datetime) -> list[tuple]:
    return [(source, reading) for reading in collecting.readings(source, {}, now)]


def facts(landing: Path) -> dict[str, list[tuple]]:
    """What the metrics are made of."""
    queries = {
        "stage_event": "select * from stage_event order by all",
        "check_result": "select * from check_result order by all",
    }
    with saving.opened(landing) as con:
        return {name: con.execute(query).fetchall() for name, query in queries.items()}
