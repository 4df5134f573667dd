"""The objects of a JSON text, one by one, each with its line or number."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from settings.limits import MB, Limits
from sources import Reject
from sources.reading.bounds import Unreadable, within

NO_JSON = "it must hold an object, a list of objects, or one object in each line"
_BROKEN = (ValueError, RecursionError)  # a text that is no JSON, or nested too deep


def objects(stream: BinaryIO, limits: Limits) -> Iterator[tuple[int, dict | Reject]]:
    """The objects of a JSON text: one, a list of them, or one in each line, where one that is
    broken costs only itself. Raises ValueError when it holds none, TooMuch when it holds too much.
    """
    most = int(limits.megabytes * MB) + 1
    if not any(not text.isspace() for text in _lines(stream, most)):
        return  # a day without messages
    stream.seek(0)
    if _by_line(stream, most, limits):
        stream.seek(0)
        yield from _checked(_each(enumerate(_lines(stream, most), 1), limits))
    else:
        stream.seek(0)
        told = _loaded(stream.read(most), limits)
        yield from _checked(enumerate(told if isinstance(told, list) else [told], 1))


def _by_line(stream: BinaryIO, most: int, limits: Limits) -> bool:
    """Whether each line is a text of its own: the first is one, or all of them together are none."""
    first = next(text for text in _lines(stream, most) if not text.isspace())
    if first[:50].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"[":
        return False  # a list that breaks off is none, though its last lines may be sound
    if _is_json(first, limits):
        return True
    stream.seek(0)
    return not _is_json(stream.read(most), limits)


def _is_json(text: bytes, limits: Limits) -> bool:
    try:
        _loaded(text, limits)
    except Unreadable:
        raise
    except _BROKEN:
        return False
    return True


def _lines(stream: BinaryIO, most: int) -> Iterator[bytes]:
    return iter(lambda: stream.readline(most), b"")


def _each(lines: Iterable[tuple[int, bytes]], limits: Limits) -> Iterator[tuple[int, object]]:
    for line, text in lines:
        if not text.isspace():
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


def inner(told: Any, key: str) -> dict:
    """The object under a key; an empty one where there is none."""
    one = told.get(key) if isinstance(told, dict) else None
    return one if isinstance(one, dict) else {}


def text_of(told: dict, key: str) -> str:
    """The text under a key; "" where there is none."""
    one = told.get(key)
    return one if isinstance(one, str) else ""
