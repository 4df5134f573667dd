"""Who is at work in a folder: one process at a time, known to the next, and gone when it is.

The lock is the system's own (flock): it goes with the process that holds it, however that ends, so
what else lies there under a name of ours is left over from one that was killed.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

NAME = "at-work.lock"  # no ending that a source could be looked for by
LETS_GO_WITHIN = 3  # seconds; who was told to end has five (running/ending.py)


class InUse(Exception):
    """Another process is at work in the folder: one sentence that says which, since when, the cure."""


@contextmanager
def at_work(folder: Path, doing: str, name: str = NAME) -> Iterator[int]:
    """Nobody else is `doing` ("publishing") anything in the folder meanwhile; gives the lock.

    What may be done beside other work has a lock of its own `name`.
    Raises InUse when somebody is, OSError when the folder can't be written to.
    """
    file = os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            raise InUse(_who(folder, name)) from None
        since = datetime.now(UTC).isoformat(" ", "seconds")
        # On a full disk nobody can be told who it is; that somebody is, the lock tells.
        with suppress(OSError):
            os.ftruncate(file, 0)
            told = {"process": os.getpid(), "doing": doing, "since": since}
            os.pwrite(file, json.dumps(told).encode(), 0)
        yield file
    finally:
        os.close(file)


def _who(folder: Path, name: str) -> str:
    try:
        told = json.loads((folder / name).read_bytes())
        who = f"process {told['process']} has been {told['doing']} since {told['since']}"
        end = f"Wait for it to end (or end it: kill {told['process']})"
    except (OSError, ValueError, TypeError, KeyError):
        who, end = "another process is at work there", "Wait for it to end"
    return f"{folder} is in use: {who}. {end}, then run this again."


def clear(left: Iterable[Path]) -> None:
    """Remove files and folders that a killed process left; what can't be removed stays."""
    for path in left:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()


@contextmanager
def own_folder(parent: Path, prefix: str) -> Iterator[tuple[Path, int]]:
    """A new folder for the time being, and the lock on it: a process that is given it holds it too.

    Those of the same prefix that nobody holds, because their process was killed, are removed first.
    Raises OSError.
    """
    for left in parent.glob(f"{prefix}*"):
        with suppress(OSError):
            if (lock := _lock(left, LOCK_EX | LOCK_NB)) is not None:
                clear([left])
                os.close(lock)
    lock, path = None, parent / prefix
    try:
        # Another may take it for a left one before it is locked: then once more.
        while lock is None:
            path = parent / f"{prefix}{os.getpid()}-{os.urandom(4).hex()}"
            path.mkdir(0o700)
            lock = _lock(path, LOCK_EX)
        yield path, lock
    finally:
        if lock is not None:
            os.close(lock)
            _let_go(path)
        clear([path])


def _let_go(path: Path) -> None:
    """Wait until no child holds the folder: a killed one still writes to it for a moment."""
    end = time.monotonic() + LETS_GO_WITHIN
    while time.monotonic() < end:
        with suppress(OSError):
            if (lock := _lock(path, LOCK_EX | LOCK_NB)) is not None:
                os.close(lock)
            return
        time.sleep(0.01)


def _lock(path: Path, how: int) -> int | None:
    """A folder of this user's, locked; None when it is gone. Raises OSError when it is held, or is
    somebody else's, or no folder."""
    try:
        lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    try:
        if os.fstat(lock).st_uid != os.getuid():
            raise PermissionError(f"{path} belongs to somebody else")
        flock(lock, how)
        if path.exists():
            return lock
    except BaseException:
        os.close(lock)
        raise
    os.close(lock)
    return None
