"""People who write notes at once: each a process of its own, which can be killed."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import tempfile
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from notes import store
from notes.note import Note

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["notes.store"])
SECONDS = 120


def write_and_change(folder: Path, name: str, times: int, shared: str) -> None:
    """So many notes of one's own, and as many words more in a note that all change: who was too late
    adds his word to what is there by then."""
    kept = store.opened(folder)
    for n in range(times):
        mine = Note(f"{name} {n} *as* <b>written</b>", stream="line", stage="a")
        kept.write(mine, name, datetime.now(UTC))
        _add_word(kept, shared, name, f"{name}-{n}")


def more(text: str, word: str) -> str:
    """The last words of a text, which grows no longer than may be, and one more."""
    return " ".join([*text.split()[-99:], word])


def _add_word(kept: store.Store, shared: str, by: str, word: str) -> None:
    note = kept.history(shared)[-1]
    while True:
        try:
            kept.change(note, by, datetime.now(UTC), text=more(note.text, word))
            return
        except store.Conflict as conflict:
            note = conflict.theirs


def write_until_killed(folder: Path, name: str, told: Connection) -> None:
    """Notes without end; each is told of when it has been kept."""
    kept = store.opened(folder)
    n = 0
    while True:
        kept.write(Note(f"{name} {n}", stream="line"), name, datetime.now(UTC))
        told.send(n)
        n += 1


def change_once(folder: Path, note: Note, by: str, told: Connection) -> None:
    """Change a note as it was read; what became of it is told: the revision, or the conflict."""
    told.recv()  # everybody begins at once
    try:
        told.send(store.opened(folder).change(note, by, datetime.now(UTC), text=f"by {by}"))
    except store.Conflict as conflict:
        told.send((conflict.theirs, conflict.mine))


def open_first(folder: Path, name: str, told: Connection) -> None:
    """Write into a folder that has no notes yet."""
    told.recv()
    told.send(store.opened(folder).write(Note("first", stream="line"), name, datetime.now(UTC)))


def write_on_a_full_disk(folder: Path, told: Connection) -> None:
    """Write where no file may grow any more; what is said of it is told."""
    told.recv()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))
    try:
        store.opened(folder).write(Note("one more", stream="line"), "Ann", datetime.now(UTC))
    except store.Trouble as trouble:
        told.send(
            "can't be read or written"
            if "can't be read or written" in str(trouble)
            else str(trouble)
        )
    told.send("kept")


def look_on(folder: Path, told: Connection) -> None:
    """As somebody who may write nothing: what they read, and what is said to them when they write."""
    told.recv()
    if os.geteuid() == 0:
        os.setuid(65534)
    kept, read, said = store.opened(folder), [], ""
    try:
        with tempfile.TemporaryDirectory() as name:
            kept.backup(Path(name) / "copy")
            copied = store.Store(Path(name) / "copy").notes(datetime.now(UTC))
        assert copied == kept.notes(datetime.now(UTC))
        read += [note.text for note in copied]
        kept.write(Note("one more", stream="line"), "Ann", datetime.now(UTC))
    except store.Trouble as trouble:
        said = str(trouble).removeprefix(str(kept.file))
    told.send((read, said))


def started(work, *arguments: object) -> multiprocessing.Process:
    """A process that does the work."""
    process = CONTEXT.Process(target=work, args=arguments)
    process.start()
    return process


def ended(process: multiprocessing.Process) -> int:
    """Its exit code, -n by signal n; one that goes on is killed."""
    process.join(SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
    return process.exitcode


def at_once(work, *arguments: tuple) -> list:
    """What each of them told, begun at one moment; the work's last argument is its end of a pipe."""
    pipes = [CONTEXT.Pipe() for _ in arguments]
    processes = [started(work, *one, end) for one, (_, end) in zip(arguments, pipes, strict=True)]
    for mine, _ in pipes:
        mine.send("go")
    said = [mine.recv() if mine.poll(SECONDS) else None for mine, _ in pipes]
    assert [ended(process) for process in processes] == [0] * len(processes)
    return said
