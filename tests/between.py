"""What stands between us and a real Datasette: it hands on each question and its answer, notes them,
and can stop, or stand still, at the page of a table that a test names."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

from servers import Handler, answering


class Between:
    """`pages`: how many pages of tables were asked for. From `stop` on they are refused for hours, or
    get no answer where `stands` is set; `counted` is what a count says instead."""

    def __init__(self) -> None:
        self.address = self.target = ""
        self.go = threading.Event()
        self.clear()

    def clear(self, stop: float = float("inf"), stands: bool = False) -> None:
        """Counts anew."""
        self.go.set()
        self.pages, self.stop, self.stands, self.counted = 0, stop, stands, b""
        self.arrived, self.go = threading.Event(), threading.Event()


class _Hands(Handler):
    between: Between

    def do_GET(self):
        told = self.between
        sql = parse_qs(urlsplit(self.path).query).get("sql", [""])[0]
        if "order by" in sql:
            told.pages += 1
            if told.pages >= told.stop:
                told.arrived.set()
                return told.go.wait(30) if told.stands else self._send(503, Retry_After="7200")
        if told.counted and "count(*)" in sql:
            return self._send(200, told.counted)
        host = told.target.rpartition("/")[0]
        try:
            with urlopen(host + self.path, timeout=20) as answer:
                self._send(200, answer.read())
        except HTTPError as error:
            self._send(error.code, error.read())


@contextmanager
def between(target: str) -> Iterator[Between]:
    """One before the database at that address of a Datasette; its own is `address`."""
    told = Between()
    told.target = target
    with answering(type("Hands", (_Hands,), {"between": told})) as host:
        told.address = f"{host}/{target.rpartition('/')[2]}"
        try:
            yield told
        finally:
            told.go.set()
