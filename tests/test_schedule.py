"""`valuestream run --every`: turn after turn beside the server, whatever becomes of one of them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from http.client import HTTPResponse
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
import typer
from channels import HOOK, Slack, receiving
from killed import (
    ENDED_WITHIN,
    SECONDS,
    SIGNALS,
    Process,
    command,
    halves,
    moments,
    others,
    published,
    ready,
    told,
    until,
    whole,
)
from seeds import SEED, chance
from servers import Handler, answering, free_port

from commands import every
from notes import store
from notes.note import Note
from settings import at_work

ROOT = Path(__file__).parent.parent
TOLD = "alerts: {ways: {channel: {kind: slack, tells: [overdue]}}}\n"
# A schedule by itself: its turns are the same without a server, which takes seconds to start.
ALONE = """
import sys
from pathlib import Path
from running import schedule
schedule.CLI = Path(sys.argv[1])
turns = schedule.Schedule(float(sys.argv[2]), float(sys.argv[3]), sys.argv[4], sys.argv[5:])
turns.start()
turns.thread.join()
"""
# In the place of the commands, where only it matters when they are started.
STARTED = """
import os, sys
with open(f"{__file__}.txt", "a") as told:
    told.write(f"{sys.argv[1]} ")
if sys.argv[1] == "killed":
    os.kill(os.getpid(), 9)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A line, collected and published."""
    return ready(tmp_path_factory.mktemp("made") / "line")


@pytest.fixture
def filled(made, tmp_path) -> Path:
    """The same line, of a test's own."""
    return shutil.copytree(made, tmp_path / "line")


@contextmanager
def turns(program: Path, first: float, often: float, turn: str, *words: object) -> Iterator:
    """A schedule at work, and what it says, line by line."""
    told = [program, first, often, turn, *words]
    with subprocess.Popen(
        [sys.executable, "-c", ALONE, *map(str, told)], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def started(tmp_path) -> Path:
    (tmp_path / "started.py").write_text(STARTED)
    return tmp_path / "started.py"


def up_to(process: subprocess.Popen, text: str) -> str:
    """What is said up to a line that holds this."""
    said = ""
    for one in process.stdout:
        said += one
        if text in one:
            return said
    raise AssertionError(f"it ended without {text!r}: {said}")


# -- how often -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("30m", 1800), ("6h", 21600), ("1d", 86400), ("1h30m", 5400), ("2 weeks", 1209600)],
)
def test_how_often_is_read_as_a_person_writes_it(written, seconds):
    assert every.seconds(written) == seconds


@pytest.mark.parametrize(
    "written", ["", "6", "59s", "367d", "-6h", "six", "6 ö", "nan", "1e400d", "9" * 30 + "h", "6h;"]
)
def test_how_often_is_refused_with_what_to_write_instead(written, capsys):
    with pytest.raises(typer.Exit) as ended:
        every.seconds(written)
    assert ended.value.exit_code == 2
    assert "no time from a minute to a year: write it as 30m, 6h or 1d." in capsys.readouterr().err


# -- turn after turn -----------------------------------------------------------------------------


@pytest.mark.more
def test_a_locked_folder_and_a_failing_source_are_said_and_the_next_turn_goes_on(filled):
    words = command(filled, "")[1:]
    shown = (filled / "data/published/current").read_text()
    (filled / "list.csv").unlink()
    with turns(ROOT / "cli.py", 0, 1, "collect,publish", *words) as process:
        with at_work.at_work(filled / "data", "testing"):
            said = up_to(process, "Not all went well (collect, publish: see above)")
        assert said.count(f"process {os.getpid()} has been testing since 20") == 2
        assert (filled / "data/published/current").read_text() == shown
        said = up_to(process, "Not all went well (collect: see above)")
        assert "list failed: " in said
    assert (filled / "data/published/current").read_text() > shown


def test_a_command_that_is_killed_is_said_and_the_next_one_is_started(started):
    with turns(started, 0, 60, "killed,next") as process:
        said = up_to(process, "Not all went well (killed: see above)")
    assert "killed was ended: Killed." in said
    assert started.with_name("started.py.txt").read_text() == "killed next "


@pytest.mark.more
def test_turns_missed_while_it_could_not_run_are_made_up_for_once(started):
    """As on a laptop that slept: time has passed, and nothing was done."""
    often, slept = 0.6, 4.8
    count = started.with_name("started.py.txt")
    with turns(started, 0, often, "collect") as process:
        up_to(process, "Done")
        process.send_signal(signal.SIGSTOP)
        before = len(count.read_text())
        time.sleep(slept)
        process.send_signal(signal.SIGCONT)
        time.sleep(2 * often)
    turned = (len(count.read_text()) - before) / len("collect ")
    assert 1 <= turned <= 1 + 3 < slept / often


# -- beside the server ---------------------------------------------------------------------------


@pytest.fixture
def silent(filled) -> Iterator[str]:
    """The address of a source that never answers; a file says that it is asked."""
    asked = filled / "asked"

    class Silent(Handler):
        def do_GET(self):
            asked.touch()
            self.rfile.read()  # until the other end goes

    with answering(Silent) as address:
        yield f"{address}/board.csv"


def test_pages_are_there_while_it_collects_and_all_ends_when_it_is_told_to(filled, silent):
    with (filled / "stages.yaml").open("a") as more:
        more.write(f"  silent: {{kind: snapshots, url: {silent}}}\n{TOLD}")
    shown, port = (filled / "data/published/current").read_text(), free_port()
    with served(filled, port) as process:
        until(process, "asked")
        (collects,) = children(process.pid)
        nice = [os.getpriority(os.PRIO_PROCESS, pid) for pid in (process.pid, collects)]
        assert nice[1] > nice[0]
        with answered(port) as page:
            assert page.status == 200
        held = at_work.at_work(filled / "data", "testing", every.LOCK)
        with pytest.raises(at_work.InUse, match=f"process {process.pid} has been coll"), held:
            pass
        process.signal(signal.SIGTERM)
        assert process.ended(ENDED_WITHIN)
        assert process.code() == -signal.SIGTERM
    assert "the next turn (collect, publish, alert) is at" in told(filled)
    assert told(filled).endswith("run it again to go on. The dashboard has ended.")
    assert (halves(filled), others(filled)) == ([], [])
    assert (filled / "data/published/current").read_text() == shown


def test_a_second_schedule_for_a_folder_says_who_keeps_the_first(filled):
    held = at_work.at_work(filled / "data", "collecting on a schedule", every.LOCK)
    with held, served(filled, free_port()) as process:
        assert process.code() == 2
    assert f"process {os.getpid()} has been collecting on a schedule since 20" in told(filled)
    assert f"(or end it: kill {os.getpid()})" in told(filled)


@pytest.mark.soak
def test_a_turn_tells_people_too(filled):
    with (filled / "stages.yaml").open("a") as more:
        more.write(TOLD)
    note = Note(kind="promise", stream="line", action="Ask.", who="us", due=date(2026, 1, 5))
    store.opened(filled / "data").write(note, "us", datetime.now(UTC))
    with receiving(Slack) as (address, server):
        hook = {"VALUESTREAM_SLACK_WEBHOOK": address + HOOK}
        with served(filled, free_port(), **hook) as process:
            end = time.monotonic() + SECONDS
            while not server.got:
                assert time.monotonic() < end, told(filled)
                time.sleep(0.1)
            process.signal(signal.SIGTERM)
            assert process.ended(ENDED_WITHIN)
    assert "Ask." in str(server.got[0]["json"])


@pytest.mark.soak
@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize(
    "pattern", ["temporary/valuestream-clone-*/clone", "data/published/*.building"]
)
def test_a_turn_that_is_told_to_end_leaves_nothing(filled, pattern, number):
    with served(filled, free_port()) as process:
        until(process, pattern)
        process.signal(number)
        assert process.ended(ENDED_WITHIN)
        assert process.code() == -number
    assert (halves(filled), others(filled)) == ([], [])


@pytest.mark.soak
def test_killed_at_any_moment_the_next_start_goes_on(filled):
    """What it had started ends by itself, as it would have beside a server that lives."""
    want = published(filled / "data")
    for after in moments(chance("every"), 20, 10):
        with served(filled, free_port()) as process:
            assert process.kill(after)
        end = time.monotonic() + SECONDS
        while others(filled):
            assert time.monotonic() < end
            time.sleep(0.1)
        assert published(filled / "data") == want, (SEED, after)
    for name in ("collect", "publish"):
        whole(filled, *command(filled, name))
    assert halves(filled) == []


@contextmanager
def served(folder: Path, port: int, **environment: str) -> Iterator[Process]:
    """`run --every` of a line that is published: its first turn is at once. Killed at last."""
    words = command(folder, "run", "data", "--port", str(port), "--every", "1d")
    process = Process(folder, words, **environment)
    try:
        yield process
    finally:
        process.kill(0)


def answered(port: int) -> HTTPResponse:
    """The page, once the server has started."""
    end = time.monotonic() + SECONDS
    while True:
        try:
            return urlopen(f"http://localhost:{port}/", timeout=5)
        except URLError:
            assert time.monotonic() < end
            time.sleep(0.2)


def children(pid: int) -> list[int]:
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for file in threads for child in file.read_text().split()]
