"""What the system says of a disk that takes no more, and of a folder that is closed to this user."""

from __future__ import annotations

import errno
import os

_FULL = [os.strerror(n) for n in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)]
_CLOSED = [os.strerror(n) for n in (errno.EACCES, errno.EPERM, errno.EROFS)]


def full(text: str) -> str:
    """The words of the system in an error's text that say there is no room, "" for none."""
    return next((known for known in _FULL if known in text), "")


def closed(text: str) -> str:
    """The words of the system in an error's text that say this user may not write, "" for none."""
    return next((known for known in _CLOSED if known in text), "")
