"""What a long read has brought so far, kept in a file: the next run goes on after it if this one is
killed. Each part has a seal that is of all parts before it too, and of what they were read with: one
that is cut, damaged, of other settings, another database or another version of the program has
another."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import astuple
from errno import ENOSPC
from functools import cache
from hashlib import sha256
from os import strerror
from pathlib import Path
from typing import BinaryIO, NamedTuple

import pyarrow

from settings import at_work
from sources import Reject

ROOM = 4  # times as much as is kept must be free: what was read is to be saved, too
HELD = 7 * 24 * 3600  # seconds: what nobody went on with since is of a source that is no more
_HEAD = 8 + sha256().digest_size  # of a part: how many bytes it has, and its seal
_OURS = Path(__file__).parents[1]


class Part(NamedTuple):
    """What came of a page: the rows that can be used, the others with their reasons, no secret in
    either; how many rows it told, and how many bytes they take."""

    table: pyarrow.Table
    rejects: list[Reject]
    rows: int
    size: int


def tidied(folder: Path) -> None:
    """Removes what was kept there too long ago."""
    with suppress(OSError):
        since = time.time() - HELD
        at_work.clear([file for file in folder.iterdir() if file.stat().st_mtime < since])
        folder.rmdir()


class Aside:
    """The file of one source, which is there from the second part on. Raises nothing: where it can't
    be written, or there is little room, nothing is kept."""

    def __init__(self, folder: Path, source: str):
        self.file = folder / f"{sha256(source.encode()).hexdigest()[:32]}.pages"
        self.seal, self.at = b"", 0  # of what is kept, and where it ends
        self.parts, self.waiting = 0, b""
        self.out: BinaryIO | None = None
        self.given_up = False

    def kept(self, read_with: object) -> Iterator[tuple[Part, dict]]:
        """The parts that were kept of a table read with just this, and of each the state from which to
        go on. What comes after the last one that was asked for, and that one if the asking broke off
        at it, is not kept any more."""
        self.seal = sha256(json.dumps([_program(), read_with]).encode()).digest()
        with suppress(OSError), self.file.open("rb") as file:
            while body := self._next(file):
                seal, at = sha256(self.seal + body).digest(), file.tell()
                yield _unpacked(body)
                self.seal, self.at, self.parts = seal, at, self.parts + 1

    def _next(self, file: BinaryIO) -> bytes:
        head = file.read(_HEAD)
        length = int.from_bytes(head[:8])
        if len(head) < _HEAD or length > self.file.stat().st_size:
            return b""
        body = file.read(length)
        return body if sha256(self.seal + body).digest() == head[8:] else b""

    def keep(self, part: Part, state: dict) -> None:
        """Keeps one more; a state from which nobody can go on ends it."""
        if self.given_up or not state:
            return self.forget()
        body = _packed(part, state)
        self.seal, self.parts = sha256(self.seal + body).digest(), self.parts + 1
        self.waiting += len(body).to_bytes(8) + self.seal + body
        if self.parts > 1:
            try:
                self._write()
            except OSError:
                self.forget()

    def _write(self) -> None:
        if not self.out:
            self.file.parent.mkdir(exist_ok=True)
            self.out = self.file.open("r+b" if self.at else "wb")
            self.out.truncate(self.at)
            self.out.seek(self.at)
        if shutil.disk_usage(self.file.parent).free < ROOM * (self.out.tell() + len(self.waiting)):
            raise OSError(ENOSPC, strerror(ENOSPC))
        self.out.write(self.waiting)
        self.out.flush()
        self.waiting = b""

    def forget(self) -> None:
        """Nothing of this read is kept: it is saved, can't be gone on with, or there is no room."""
        self.given_up, self.waiting = True, b""
        with suppress(OSError):
            if self.out:
                self.out.close()
        with suppress(OSError):
            self.file.unlink(missing_ok=True)
            self.file.parent.rmdir()


@cache
def _program() -> str:
    """What makes rows of pages: with a change in it they may come out otherwise."""
    told = sha256()
    for file in sorted(_OURS.rglob("*.py")):
        told.update(file.read_bytes())
    return told.hexdigest()


def _packed(part: Part, state: dict) -> bytes:
    told = {"rejects": [astuple(one) for one in part.rejects], "rows": part.rows, "size": part.size}
    into = pyarrow.BufferOutputStream()
    how = pyarrow.ipc.IpcWriteOptions(compression="lz4")
    with pyarrow.ipc.new_stream(into, part.table.schema, options=how) as writer:
        writer.write_table(part.table)
    return json.dumps([state, told]).encode() + b"\n" + into.getvalue().to_pybytes()


def _unpacked(body: bytes) -> tuple[Part, dict]:
    head, _, rows = body.partition(b"\n")
    state, told = json.loads(head)
    rejects = [Reject(*one) for one in told["rejects"]]
    table = pyarrow.ipc.open_stream(rows).read_all()
    return Part(table, rejects, told["rows"], told["size"]), state
