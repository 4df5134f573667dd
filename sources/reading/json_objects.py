"""The objects of a JSON text, one by one, each with its line or number."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

from settings.limits import Limits
from sources import Reject
from sources.reading.bounds import MB, Unreadable, within

NO_JSON = "it must hold an object, a list of objects, or one object in each line"
_BROKEN = (ValueError, RecursionError)  # a text that is no JSON, or nested too deep


def objects(stream: BinaryIO, limits: Limits) -> Iterator[tuple[int, dict | Reject]]:
    """The objects of a JSON text: one, a list of them, or one in each line, where one that is
    broken costs only itself. Raises ValueError when it holds none, TooMuch when it holds too much.
    """
    most = int(limits.megabytes * MB) + 1
    lines = enumerate(iter(lambda: stream.readline(most), b""), 1)
    first = next(((n, text) for n, text in lines if text.strip()), (1, b""))
    head = first[1].removeprefix(b"\xef\xbb\xbf").strip()
    if head.startswith(b"[") or head in (b"", b"{"):  # one text over all lines
        told = _loaded(head + b"\n" + stream.read(most), limits)
        rows = enumerate(told if isinstance(told, list) else [told], 1)
        yield from _checked(rows)
    else:
        yield from _checked(_by_line(chain([(first[0], head)], lines), limits))


def _by_line(lines: Iterable[tuple[int, bytes]], limits: Limits) -> Iterator[tuple[int, object]]:
    for line, text in lines:
        if text.strip():
            try:
                yield line, _loaded(text, limits)
            except Unreadable:
                raise
            except _BROKEN as error:
                why = str(error).splitlines()[0][:200]
                yield (
                    line,
                    Reject(line, "", text[:200].decode("utf-8", "replace"), f"no JSON: {why}"),
                )


def _loaded(text: bytes, limits: Limits) -> object:
    within(limits, "megabytes", len(text), "The JSON")
    within(limits, "cells", sum(map(text.count, (b",", b"{", b"["))), "The JSON")
    return json.loads(text)


def _checked(rows: Iterable[tuple[int, object]]) -> Iterator[tuple[int, dict | Reject]]:
    """Raises ValueError at the end when there were rows and none of them was an object."""
    first, found = None, False
    for line, row in rows:
        if not isinstance(row, dict | Reject):
            row = Reject(line, "", json.dumps(row)[:200], "no object in braces")
        found |= isinstance(row, dict)
        first = first or row
        yield line, row
    if first and not found:
        raise ValueError(first.reason if isinstance(first, Reject) else NO_JSON)
