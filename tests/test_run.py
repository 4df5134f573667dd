"""A process that is told to end does so: at any moment, with all that it started, soon."""

from __future__ import annotations

import base64
import multiprocessing
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from killed import (
    ENDED_WITHIN,
    SECONDS,
    SIGNALS,
    Process,
    collected,
    command,
    halves,
    line,
    others,
    ready,
    told,
    until,
    whole,
)
from seeds import chance
from servers import answering, free_port, wait

from running.ending import when_told
from settings.at_work import own_folder

ROOT = Path(__file__).parent.parent
STUCK = """
title: A line
streams:
  line: {name: A line, sources: [board], stages: {a: {name: A, queue: [Backlog], done: [Done]}}}
sources:
  board: {kind: snapshots, url: ADDRESS}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A line, collected and published."""
    return ready(tmp_path_factory.mktemp("made") / "line")


@pytest.mark.parametrize(
    ("name", "pattern", "number"),
    [
        ("collect", "temporary/valuestream-clone-*/clone", signal.SIGTERM),
        ("publish", "data/published/*.building", signal.SIGHUP),
        pytest.param("collect", "temporary/valuestream-clone-*/clone", signal.SIGINT,
                     marks=pytest.mark.more),
        *(pytest.param("publish", "data/published/*.building", n, marks=pytest.mark.more)
          for n in SIGNALS),
    ],
)  # fmt: skip
def test_a_command_that_is_told_to_end_tidies_up_says_so_and_ends_by_that_signal(
    made, name, pattern, number
):
    shown = (made / "data/published/current").read_text()
    process = Process(made, command(made, name))
    until(process, pattern)
    process.signal(number)
    assert process.ended(ENDED_WITHIN)
    assert process.code() == -number
    assert told(made).endswith("run it again to go on.")
    assert "Traceback" not in told(made)
    assert (halves(made), others(made)) == ([], [])
    assert (made / "data/published/current").read_text() == shown


def _with_a_child_that_nobody_knows(folder: Path) -> None:
    with when_told("ended"), own_folder(folder, "own-") as (own, lock):
        writing = f"import itertools; [open(f'{own}/{{n}}', 'w') for n in itertools.count()]"
        child = [sys.executable, "-c", writing]
        subprocess.Popen(child, pass_fds=[lock], process_group=0, stderr=subprocess.DEVNULL)
        while len([*own.iterdir()]) < 9:
            time.sleep(0.01)
        signal.raise_signal(signal.SIGTERM)


def test_what_a_child_is_just_writing_goes_too(tmp_path):
    """The signal may come before whoever starts a child has been given it to end."""
    process = multiprocessing.Process(target=_with_a_child_that_nobody_knows, args=[tmp_path])
    process.start()
    process.join(ENDED_WITHIN)
    assert process.exitcode == -signal.SIGTERM
    assert [*tmp_path.iterdir()] == []


def test_a_source_that_does_not_answer_keeps_nobody(tmp_path):
    asked = tmp_path / "asked"

    class Silent(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.touch()
            self.rfile.read()  # until the other end goes

        def log_message(self, *told):
            pass

    (tmp_path / "temporary").mkdir()
    with answering(Silent) as address:
        (tmp_path / "stages.yaml").write_text(STUCK.replace("ADDRESS", f"{address}/board.csv"))
        process = Process(tmp_path, command(tmp_path, "collect"))
        until(process, "asked")
        process.signal(signal.SIGTERM)
        assert process.ended(ENDED_WITHIN)
        assert process.code() == -signal.SIGTERM


@pytest.mark.more
def test_a_terminal_that_is_closed_ends_nobody_who_was_told_to_go_on(made):
    """As nohup does."""
    process = Process(made, command(made, "collect"), ignored=[signal.SIGHUP])
    until(process, "temporary/valuestream-clone-*/clone")
    process.signal(signal.SIGHUP)
    assert process.code() == 0


def hear() -> None:
    """Signals as a terminal's processes have them, whatever started these tests."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def run(folder: Path, port: int, **more: object) -> Iterator[subprocess.Popen]:
    """`valuestream run`; killed at last."""
    words = command(folder, "run", "data", "--port", str(port))
    process = subprocess.Popen(
        [sys.executable, "cli.py", *words], cwd=ROOT, preexec_fn=hear, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def free_again(port: int) -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))


def visit(port: int) -> socket.socket:
    """A visitor with a websocket open, who asks for a large file and never reads any of it."""
    key = base64.b64encode(os.urandom(16)).decode()
    visitor = socket.create_connection(("127.0.0.1", port))
    visitor.sendall(
        f"GET /_stcore/stream HTTP/1.1\r\nHost: localhost:{port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Protocol: streamlit\r\nOrigin: http://localhost:{port}\r\n\r\n".encode()
    )
    assert visitor.recv(12) == b"HTTP/1.1 101"
    return visitor


def slow(port: int) -> socket.socket:
    """A visitor who asks for the largest file there is, again and again, and reads none of it."""
    import streamlit

    static = Path(streamlit.__file__).parent / "static"
    large = max(static.rglob("*.js"), key=lambda file: file.stat().st_size)
    visitor = socket.socket()
    visitor.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    visitor.connect(("127.0.0.1", port))
    ask = f"GET /{large.relative_to(static)} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"
    visitor.sendall(ask.encode() * 5)
    assert visitor.recv(12) == b"HTTP/1.1 200"
    return visitor


@pytest.mark.parametrize(
    "number",
    [signal.SIGTERM, *(pytest.param(n, marks=pytest.mark.more) for n in SIGNALS[1:])],
)
def test_run_ends_its_server_though_visitors_are_connected(made, number):
    port = free_port()
    with run(made, port) as process:
        wait(f"http://localhost:{port}/healthz", process, SECONDS)
        with visit(port), slow(port):
            process.send_signal(number)
            assert process.wait(ENDED_WITHIN) == -number
            free_again(port)
    assert others(made) == []


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.more
def test_run_ends_while_its_server_starts(made, number):
    """From when it takes the place of what published, to when it listens."""
    for after in {signal.SIGTERM: (0, 0.6), signal.SIGHUP: (0.05,), signal.SIGINT: (0.2,)}[number]:
        port = free_port()
        process = Process(made, command(made, "run", "data", "--port", str(port)))
        words, end = Path(f"/proc/{process.pid}/cmdline"), time.monotonic() + SECONDS
        while b"running.server" not in words.read_bytes():
            assert time.monotonic() < end
        time.sleep(after)
        process.signal(number)
        assert process.ended(ENDED_WITHIN)
        free_again(port)
        assert others(made) == []


def test_a_port_that_can_not_be_had_is_said_before_anything_is_collected(tmp_path):
    folder = line(tmp_path / "line")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        process = Process(folder, command(folder, "run", "data", "--port", str(port)))
        assert process.code() == 2
    assert f"Port {port} is in use, perhaps by a dashboard that is open already" in told(folder)
    assert f"take another: --port {port + 1}" in told(folder)
    assert not (folder / "data").exists()


# -- what becomes of the folder meanwhile --------------------------------------------------------


def test_a_folder_that_is_removed_meanwhile_is_said_to_be_gone(made):
    process = Process(made, command(made, "collect", "other"))
    until(process, "temporary/valuestream-clone-*/clone")
    process.signal(signal.SIGSTOP)
    shutil.rmtree(made / "other")
    process.signal(signal.SIGCONT)
    assert process.code() == 2
    assert "landing.duckdb is gone: it was removed" in told(made)
    assert not (made / "other").exists()


def limited(folder: Path, name: str, most: int) -> subprocess.CompletedProcess:
    """A command for which no file may grow beyond so many bytes, as where the disk is full."""
    return subprocess.run(
        [sys.executable, "cli.py", *command(folder, name)], cwd=ROOT, capture_output=True, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)), timeout=SECONDS,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("first", "room"),
    [(False, 3000), *(pytest.param(True, n, marks=pytest.mark.more) for n in (0, 5000, 200_000))],
)
def test_a_disk_that_is_full_keeps_what_was_collected_and_does_not_say_to_move_it_away(
    tmp_path, first, room
):
    """With so many bytes of room: for a new database, or for one that holds something already."""
    folder, before, most = line(tmp_path / "line"), [], room
    rows = 1000
    if first:
        rows = 40_000  # more than DuckDB has room for in its file already
        whole(folder, *command(folder, "collect"))
        before = collected(folder / "data")["raw"]
        most += (folder / "data/landing.duckdb").stat().st_size
    with (folder / "list.csv").open("a") as more:
        more.writelines(f"{chance(n).random()},Backlog,2026-05-01\n" for n in range(rows))
    done = limited(folder, "collect", most)
    assert done.returncode == 2
    assert "can't be written: File too large. Make room on the disk" in " ".join(
        done.stderr.split()
    )
    assert "move" not in done.stderr and "Traceback" not in done.stderr
    assert not first or collected(folder / "data")["raw"] == before
    whole(folder, *command(folder, "collect"))
    assert len(collected(folder / "data")["raw"]) == rows + 14 + 28
    assert halves(folder) == []
