"""Pages that must be worked out first take turns, so that those that are known already, which most
clicks ask for, need not share the processor with a crowd of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock

AT_ONCE = 2  # one that asks DuckDB, and one that makes a page of what it answered
REMEMBERED = 4_000  # more than what is kept of them: one that is asked for again costs no turn

_turns = BoundedSemaphore(AT_ONCE)
_known: dict[tuple, None] = {}
_lock = Lock()


@contextmanager
def turn(*asked: object) -> Iterator[None]:
    """Draw a page within: at once where the same was asked for before, else when it is its turn."""
    with _lock:
        is_known = _known.pop(asked, 0) is None
        if is_known:
            _known[asked] = None  # the one asked for last comes last
    if is_known:
        yield
        return
    with _turns:
        yield
    with _lock:  # of one that was broken off nothing is known
        _known[asked] = None
        while len(_known) > REMEMBERED:
            del _known[next(iter(_known))]
