"""How a process ends when it is told to: its own tidying first, a sentence, and soon."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# End it; the terminal is closed; Ctrl-C.
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
GRACE = 5  # seconds


class _Told(SystemExit):
    """Goes through whatever is at work, which ends its children and removes what is half done."""


@contextmanager
def when_told(sentence: str) -> Iterator[None]:
    """What is done in here ends when one of SIGNALS comes, with a sentence, by that very signal.

    Whoever started the process sees what it sees of any other (128 + its number in a shell). What
    can't be interrupted is cut off after GRACE seconds. A signal that was ignored before (nohup)
    stays so; elsewhere than in the main thread nothing is changed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    told: list[int] = []

    def end(number: int, frame: object) -> None:
        if not told:  # impatience does not interrupt the tidying
            told.append(number)
            late = threading.Timer(GRACE, _exit, [number, sentence])
            late.daemon = True
            late.start()
            _end_children()  # one that is just being started is known to nobody who could end it
            raise _Told(128 + number)

    before = {n: signal.getsignal(n) for n in SIGNALS}
    heard = [n for n, handler in before.items() if handler is not signal.SIG_IGN]
    for number in heard:
        signal.signal(number, end)
    try:
        yield
    finally:
        # Even if what came out is something else: DuckDB makes an error of its own of it.
        if told:
            die(told[0], sentence)
        for number in heard:
            signal.signal(number, before[number])


def die(number: int, sentence: str) -> None:
    """End this process at once by a signal, from its main thread."""
    _end_children()
    say(sentence)
    signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])
    os.kill(os.getpid(), number)
    os._exit(128 + number)  # the first process of a container can't be killed by its own signal


def _exit(number: int, sentence: str) -> None:
    _end_children()
    say(sentence)
    os._exit(128 + number)


def _end_children() -> None:
    """Whatever this process started, known to it yet or not; git has a group of its own."""
    for process in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent, group = process.read_text().rpartition(")")[2].split()[1:3]
            if int(parent) == os.getpid():
                pid = int(process.parent.name)
                (os.killpg if int(group) == pid else os.kill)(pid, signal.SIGKILL)


def say(sentence: str) -> None:
    """To the terminal, past whatever holds its locks; it may be gone."""
    with suppress(OSError):
        os.write(2, f"{sentence}\n".encode())
