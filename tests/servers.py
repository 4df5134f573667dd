"""Real Datasette servers on loopback, ended by process id."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

SECONDS = 40


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def datasette(file: Path, python: Path | str = sys.executable, *more: str) -> Iterator[str]:
    """Serve a SQLite file as the service does (immutable); yields the database page's address."""
    port = free_port()
    command = [str(python), "-m", "datasette", "serve", "-i", str(file)]
    process = subprocess.Popen(
        [*command, "-h", "127.0.0.1", "-p", str(port), *more],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait(f"http://127.0.0.1:{port}/-/versions.json", process)
        yield f"http://127.0.0.1:{port}/{file.stem}"
    finally:
        process.terminate()
        process.wait(10)


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
