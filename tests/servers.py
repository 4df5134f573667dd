"""Real Datasette servers on loopback, ended by process id."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).parent.parent
SECONDS = 40


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def running(command: list[str], url: str, **more: object) -> Iterator[None]:
    """A process that answers at url, ended by its process id."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, **quiet, **more)
    try:
        wait(url, process)
        yield
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def datasette(file: Path, python: Path | str = sys.executable) -> Iterator[str]:
    """Serve a SQLite file as the service does (immutable); yields the database page's address.

    Its limit of a second for a query is raised: on a busy machine a sound query takes longer.
    """
    port = free_port()
    limit = ["--setting", "sql_time_limit_ms", "20000"]
    command = [str(python), "-m", "datasette", "serve", "-i", str(file), *limit]
    where = ["-h", "127.0.0.1", "-p", str(port)]
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


def wait(url: str, process: subprocess.Popen) -> None:
    """Until the address answers; fails when the process ends or takes too long."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, f"the server ended with {process.returncode}"
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer within {SECONDS} seconds")
