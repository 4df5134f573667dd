"""The server of the dashboard: Streamlit, in a process that ends when it is told to."""

from __future__ import annotations

import errno
import os
import runpy
import signal
import socket
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from running import ending, schedule

HOME = Path(__file__).parent.parent
ADDRESS = "STREAMLIT_SERVER_ADDRESS"  # whoever lets others in says so here
ENDED = "The dashboard has ended."


def unusable(port: int) -> str:
    """Why the port can't be had, and what to do; "" if it can."""
    where = os.environ.get(ADDRESS) or "localhost"
    try:
        family, kind, protocol, _, at = socket.getaddrinfo(
            where, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(at)
            probe.listen(1)
    except OSError as error:
        other = port + 1 if 1024 <= port < 65535 else 8501
        return {
            errno.EADDRINUSE: f"Port {port} is in use, perhaps by a dashboard that is open already: "
            f"look at http://localhost:{port}, end what runs there, or take another: --port {other}.",
            errno.EACCES: f"Port {port} is not for this user, as those below 1024 mostly are: take "
            f"another, --port {other}.",
        }.get(error.errno or 0, f"{where}, port {port}, can't be used: {error.strerror}.")
    return ""


def take_over(data: Path, port: int, turns: Iterable[object] = ()) -> NoReturn:
    """Serve a data folder in the place of this process, whose memory and signals it does not keep.

    `turns`: what a schedule beside it is made of: the first, every, turn and words of Schedule.
    """
    # Streamlit reads its settings (this machine only, no telemetry, the theme) where it is started.
    os.chdir(HOME)
    # One that comes now waits until there is somebody to hear it.
    signal.pthread_sigmask(signal.SIG_BLOCK, ending.SIGNALS)
    environment = os.environ | {"VALUESTREAM_DATA": str(data)}
    words = [sys.executable, "-m", "running.server", str(port), *map(str, turns)]
    os.execve(sys.executable, words, environment)


def serve(port: int) -> int:
    """Run Streamlit until it ends or this process is told to; the exit code of a server that could
    not start. It only reads, so nothing is lost by ending it at once, whoever is still connected:
    waiting for visitors, as Streamlit does in the main thread, can take for ever."""
    sys.argv = ["streamlit", "run", str(HOME / "app.py"), "--server.headless", "true",
                "--server.port", str(port)]  # fmt: skip
    codes: list[int] = []

    def streamlit() -> None:
        try:
            runpy.run_module("streamlit", run_name="__main__")
        except SystemExit as end:
            codes.append(end.code if isinstance(end.code, int) else int(end.code is not None))

    thread = threading.Thread(target=streamlit, daemon=True)
    thread.start()
    thread.join()
    return codes[0] if codes else 1


def _main(port: str, first: str = "0", every: str = "0", turn: str = "", *words: str) -> NoReturn:
    turns = schedule.Schedule(float(first), float(every), turn, words)

    def now(number: int, frame: object) -> None:
        if not turns.told.is_set():  # impatience does not interrupt the tidying
            turns.end()
            ending.die(number, ENDED)

    for number in ending.SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, now)
    # What the schedule starts is to hear them too.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ending.SIGNALS)
    if turns.every:
        turns.start()
    code = serve(int(port))
    turns.end()
    sys.exit(code)


if __name__ == "__main__":
    _main(*sys.argv[1:])
