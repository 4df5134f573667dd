"""Collect, publish and alert again and again, beside the server and out of its way.

Each is a process of its own, as a person would start it: it says itself what is wrong, knows who else
is at work in the folder, tidies up when it is told to end, and gives its memory back. Its turns are
counted by the time that has passed, not by the calendar: a scheduler that waits for a time of day
(APScheduler does) stands still for a day when the clock is set back by one, and through the hours for
which a laptop slept it goes on as if they had not been.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

from running import ending

CLI = Path(__file__).parent.parent / "cli.py"
# Time that passes while the machine sleeps too; elsewhere than on Linux the usual one counts it.
CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
LOOK = 30.0  # seconds between looks at that clock: a wait by itself sleeps with the machine
POLITE = 10  # how far these stand back (nice) where a page wants the processor


def _clock() -> float:
    """In seconds."""
    return time.clock_gettime(CLOCK)


class Schedule:
    """A turn every so many seconds, the first in `first`: the commands that `turn` names, in this
    order whatever became of the one before ("collect,publish"), each given `words`.

    A turn that was missed, by sleep or because the one before took longer, is left out.
    """

    def __init__(self, first: float, every: float, turn: str, words: Sequence[str]):
        self.first, self.every, self.turn, self.words = first, every, turn.split(","), words
        self.told = Event()  # to end
        self.thread = Thread(target=self._turns, daemon=True)

    def start(self) -> None:
        """Begin, in a thread."""
        self.thread.start()

    def end(self) -> None:
        """Begin nothing more and let what is at work tidy up, for as long as commands may take."""
        self.told.set()
        if self.thread.is_alive():
            self.thread.join(ending.GRACE + 2)

    def _turns(self) -> None:
        due = _clock() + self.first
        self._say("This goes on by itself", self.first)
        while not self.told.wait(min(LOOK, max(0.0, due - _clock()))):
            if _clock() >= due:
                failed = [name for name in self.turn if not self._done(name)]
                late = _clock() - due
                due += self.every * (late // self.every + 1)
                said = f"Not all went well ({', '.join(failed)}: see above)" if failed else "Done"
                self._say(said, due - _clock())

    def _done(self, name: str) -> bool:
        """Whether a command came to a good end; what came of it, it has said itself."""
        if self.told.is_set():
            return False
        try:
            process = subprocess.Popen([sys.executable, CLI, name, *self.words])
        except OSError as error:
            ending.say(f"{name} could not be started: {error.strerror}.")
            return False
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, POLITE)
        while process.poll() is None:
            if self.told.wait(0.2):
                process.terminate()
                process.wait()
        if process.returncode < 0 and not self.told.is_set():
            ending.say(f"{name} was ended: {signal.strsignal(-process.returncode)}.")
        return process.returncode == 0

    def _say(self, came: str, wait: float) -> None:
        if not self.told.is_set():
            at = datetime.now(UTC) + timedelta(seconds=wait)
            turn = ", ".join(self.turn)
            ending.say(f"{came}; the next turn ({turn}) is at {at:%Y-%m-%d %H:%M} UTC.")
