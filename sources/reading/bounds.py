"""What is too much for a source's limits, noticed before it is kept."""

from __future__ import annotations

import errno
import gzip
import io
import os
import stat
from pathlib import Path
from typing import BinaryIO

from settings.limits import Limits


class Unreadable(ValueError):
    """The answer is not what it claims to be; the message is the reason, in one sentence."""


class TooMuch(Unreadable):
    """The answer is more than a limit allows: a higher one may let it in."""


def within(limits: Limits, name: str, told: float, what: str = "The answer") -> None:
    """Raises TooMuch when `told` is more than the limit of that name (of sizes: bytes)."""
    if not limits.allow(name, told):
        raise TooMuch(limits.exceeded(name, what))


def is_file(place: Path) -> None:
    """Raises OSError for a pipe or a device, which whoever opens it may wait for without end."""
    kind = place.stat().st_mode
    if not stat.S_ISREG(kind) and not stat.S_ISDIR(
        kind
    ):  # what a folder is, the system says itself
        raise OSError(errno.EINVAL, "it is a pipe or a device, and no file")


def opened(place: Path | bytes, zipped: bool, limits: Limits) -> BinaryIO:
    """A file, or bytes that came, to be read from the start, out of its .gz if it is `zipped`.

    Raises TooMuch before anything of it is kept; OSError for what is no file.
    """
    if not isinstance(place, bytes):
        is_file(place)
    file: BinaryIO = io.BytesIO(place) if isinstance(place, bytes) else place.open("rb")
    try:
        within(limits, "megabytes", file.seek(0, os.SEEK_END), "The file")
        file.seek(0)
        if not zipped:
            return file
        size, inside = 0, gzip.GzipFile(fileobj=file)
        while part := inside.read(1 << 20):  # what a .gz says of its own size may be wrong
            size += len(part)
            within(limits, "unpacked", size, "The file")
        inside.seek(0)
        return inside  # type: ignore[return-value]  # it is one
    except BaseException:
        file.close()
        raise
