"""An answer that comes in pages of JSON: each page in bounds, and all of them together."""

from __future__ import annotations

import hashlib
import json
import re
import time
from typing import Any

from settings.places import Source
from sources import StopSource, TryLater, storable
from sources.reading import http

PART = 8  # a page of JSON, which grows when it is read, may be this part of a whole answer
TIMES = 10  # and all pages together may take this many times as long as one
VALUES = 500_000  # in one page: a thousand rows of 500 columns
DEEPEST = 100
# Whatever follows a quote matches, so that a text without an end is gone through once.
_MARK = re.compile(rb'"[^"\\]*+(?:\\.?[^"\\]*+)*+(?:"|\Z)|[,\[\]{}]', re.DOTALL)
_MARKS = (b'"', b",", b"[", b"]", b"{", b"}")
_NESTS = (list, dict)
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


class Pages:
    """Asks for the pages of one source, one after another, and counts what is kept of them.

    `otherwise` is said of an answer that is no JSON.
    """

    def __init__(self, settings: Source, otherwise: str):
        self.limits = settings.limits
        self.allowed = getattr(settings, "allow_hosts", ())
        self.otherwise = otherwise
        self.until = time.monotonic() + TIMES * self.limits.seconds
        self.begin_again()

    def begin_again(self) -> None:
        """What was asked so far is not kept."""
        self.asked = self.rows = self.size = 0

    def ask(self, url: str, params: dict, headers: dict | None = None) -> tuple[Any, str]:
        """What a page tells, and the address of the next ("" for none). Raises StopSource, TryLater."""
        shown, limits = http.redacted(url), self.limits
        self.asked += 1
        if not limits.allow("pages", self.asked):
            raise StopSource(limits.exceeded("pages", shown))
        if time.monotonic() > self.until:
            raise TryLater(
                f"{shown}: its pages took longer than {TIMES * limits.seconds:g} seconds together "
                "(ten times what is given under limits: seconds)."
            )
        page = limits.model_copy(update={"megabytes": limits.megabytes / PART})
        answer = http.get(url, params, headers, limits=page, allowed=self.allowed, until=self.until)
        return self.read(answer.content, shown), answer.next

    def keep(self, place: str, rows: int, size: int) -> None:
        """Counts what is kept. Raises StopSource when all of it is more than the source may bring."""
        self.rows += rows
        self.size += size * 5 // 4  # as measured: a quarter is lost between what is kept
        for name, told in (("rows", self.rows), ("megabytes", self.size)):
            if not self.limits.allow(name, told):
                raise StopSource(self.limits.exceeded(name, place))

    def read(self, body: bytes, shown: str) -> Any:
        """What a page of JSON tells. Raises StopSource where it is none, or too much."""
        # There are no more marks than these, those within texts counted too: few pages are gone through.
        most = 3 * VALUES  # each with its name and a comma
        if sum(map(body.count, _MARKS)) > most and sum(1 for _ in _MARK.finditer(body)) > most:
            raise self._too_much(shown)
        try:
            told = json.loads(body.decode("utf-8-sig"))
        except RecursionError:
            raise self._too_much(shown) from None
        except ValueError:
            raise StopSource(f"{shown} {self.otherwise}") from None
        if _deeper(told, DEEPEST):
            raise self._too_much(shown)
        return _mended(told) if _HALF.search(body) else told

    def _too_much(self, shown: str) -> StopSource:
        return StopSource(
            f"{shown} has a page of more than {VALUES:,} values, or {DEEPEST} one inside the other: "
            "not read."
        )


def _deeper(told: Any, most: int) -> bool:
    """Whether more lists and objects than that lie one inside the other."""
    inner = [told] if type(told) in _NESTS else []
    while inner and most > 0:
        most -= 1
        within = (one.values() if type(one) is dict else one for one in inner)
        inner = [one for some in within for one in some if type(one) in _NESTS]
    return bool(inner)


class Seen:
    """The places in a list that were asked from. One that comes again would come for ever."""

    def __init__(self) -> None:
        self.places: set[str] = set()

    def once(self, place: object, shown: str) -> None:
        """Raises StopSource when the list has been asked from here already."""
        if str(place) in self.places:
            raise StopSource(f"{shown} gives the same page again and again: not read on.")
        self.places.add(str(place))


class Digest:
    """The SHA-256 of a list as JSON, told piece by piece: no list has to be kept for it."""

    def __init__(self, **how: Any):
        self.encode = json.JSONEncoder(**how).encode
        self.hash, self.between = hashlib.sha256(b"["), b""

    def add(self, values: list) -> None:
        """The next ones of the list."""
        if values:
            self.hash.update(self.between + self.encode(values)[1:-1].encode())
            self.between = b", "

    def text(self) -> str:
        """What the whole list comes to, in hexadecimal."""
        whole = self.hash.copy()
        whole.update(b"]")
        return whole.hexdigest()


def _mended(told: Any) -> Any:
    """What was told, each text of it storable."""
    if isinstance(told, str):
        return storable(told)
    if isinstance(told, list):
        return [_mended(value) for value in told]
    if isinstance(told, dict):
        return {_mended(name): _mended(value) for name, value in told.items()}
    return told
