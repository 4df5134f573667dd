"""Real servers on loopback: our own in a thread, others ended by process id."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, urlsplit
from urllib.request import urlopen

import uvicorn

ROOT = Path(__file__).parent.parent
SECONDS = 40


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Handler(BaseHTTPRequestHandler):
    """What servers of our own have in common: they say nothing but their answers."""

    def _send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content_Length": str(len(body))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


class Faults:
    """What is asked of a server that can be made to answer with a fault instead."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.headers: list[dict] = []
        self.fault: tuple[int, bytes, dict] | None = None
        self.times, self.after = 0, 0

    def fail(
        self, status: int, body: bytes, times: int = -1, after: int = 0, **headers: str
    ) -> None:
        """Answers so from the next question but `after` on, so often (-1: always)."""
        self.fault, self.times, self.after = (status, body, headers), times, after

    def failed(self, path: str, headers: dict) -> tuple[int, bytes, dict] | None:
        """Notes a question; the fault that it is answered with, if any is."""
        self.asked.append(path)
        self.headers.append(headers)
        if self.fault and self.times and not self.after:
            self.times -= 1
            return self.fault
        self.after = max(0, self.after - 1)
        return None


class Listing(Handler):
    """A server of lists in pages: it notes what is asked, and gives the answers in `instead` first."""

    size = 3  # in a page, however many are asked for
    instead: list[tuple[int, dict, bytes]] = []  # answers (status, headers, body) before all others
    asked: list[str] = []
    heard: list[dict] = []

    def do_GET(self):
        self.asked.append(self.path)
        self.heard.append(dict(self.headers))
        if self.instead:
            status, headers, body = self.instead.pop(0)
            return self._send(status, body, **headers)
        parts = urlsplit(self.path)
        query = {key: told[0] for key, told in parse_qs(parts.query).items()}
        self.listed(parts, query)

    def listed(self, parts: SplitResult, query: dict[str, str]) -> None:
        """Answers what is asked."""
        raise NotImplementedError


@contextmanager
def answering(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address of a server of our own on loopback, in a thread of this process."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def serving(app: Callable) -> Iterator[str]:
    """The address of an ASGI app on loopback, in a thread of this process."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(5)


@contextmanager
def talking(say: Callable[[socket.socket], None], host: str = "127.0.0.1") -> Iterator[int]:
    """The port of a server that says what it likes on each connection, byte by byte, until whoever
    asked has gone."""
    with socket.create_server((host, 0)) as listener:

        def answer(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                say(connection)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=answer, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)  # wakes who accepts


@contextmanager
def running(
    command: list[str], url: str, seconds: float = SECONDS, **more: object
) -> Iterator[subprocess.Popen]:
    """A process that answers at url within so many seconds, ended by its process id."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, **quiet, **more)
    try:
        wait(url, process, seconds)
        yield process
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def datasette(
    file: Path,
    python: Path | str = sys.executable,
    *more: Path,
    page: int = 1000,
    fixed: bool = True,
) -> Iterator[str]:
    """Serve SQLite files as the service does (immutable if `fixed`), so many rows at most in a page;
    yields the first one's page's address."""
    port = free_port()
    command = [str(python), "-m", "datasette", "serve"]
    command += [word for served in (file, *more) for word in ["-i"] * fixed + [str(served)]]
    command += ["--setting", "max_returned_rows", str(page)]
    # The service gives a query ten seconds; Datasette's own limit is one, too few for a busy machine.
    where = ["-h", "127.0.0.1", "-p", str(port), "--setting", "sql_time_limit_ms", "10000"]
    with running([*command, *where], f"http://127.0.0.1:{port}/-/versions.json"):
        yield f"http://127.0.0.1:{port}/{file.stem}"


@contextmanager
def dashboard(data: Path, answers: str) -> Iterator[str]:
    """The app over a data folder; yields its address once the path `answers` does."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    environment = os.environ | {"VALUESTREAM_DATA": str(data)}
    with running(
        [*command, "--server.port", str(port)],
        f"http://localhost:{port}/{answers}",
        cwd=ROOT,
        env=environment,
    ):
        yield f"http://localhost:{port}"


def wait(url: str, process: subprocess.Popen, seconds: float = SECONDS) -> None:
    """Until the address answers; fails when the process ends or takes too long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, f"the server ended with {process.returncode}"
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer within {seconds} seconds")
