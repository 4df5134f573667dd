"""Real answers of a hostile server on loopback, each ending in one clear sentence."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler

import pytest
from servers import answering

from settings.limits import Limits
from sources import StopSource, TryLater
from sources.reading import http


class Hostile(BaseHTTPRequestHandler):
    """Each path is one way to answer badly; `asked` counts the requests for each."""

    asked: dict[str, int] = {}

    def do_GET(self):
        path = self.path.split("?")[0]
        self.asked[path] = self.asked.get(path, 0) + 1
        getattr(self, "_" + path.strip("/"))()

    def _send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content_Length": str(len(body))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _good(self):
        self._send(200, b"item,status\na,To do\n")

    def _busy_once(self):
        self._send(429 if self.asked["/busy_once"] == 1 else 200, b"ok", Retry_After="0")

    def _swapping(self):
        self._send(502 if self.asked["/swapping"] < 3 else 200, b"ok")

    def _broken(self):
        self._send(500, b"no")

    def _cut(self):
        self._send(200, b"half", Content_Length="1000")

    def _endless(self):
        self._send(200, b"x" * 5000)

    def _elsewhere(self):
        self._send(302, Location=f"http://localhost:{self.server.server_address[1]}/good")

    def _missing(self):
        self._send(404, b'{"error": "Table not found"}')

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def host():
    with answering(Hostile) as address:
        yield address


def test_a_good_answer_comes_whole(host):
    assert http.get(f"{host}/good").content == b"item,status\na,To do\n"


def test_a_busy_server_is_asked_again_when_it_says(host):
    assert http.get(f"{host}/busy_once").content == b"ok"
    assert Hostile.asked["/busy_once"] == 2


def test_a_server_whose_files_are_swapped_is_asked_three_times(host):
    assert http.get(f"{host}/swapping").content == b"ok"


@pytest.mark.parametrize(
    ("path", "error", "sentence"),
    [
        ("broken", TryLater, "answered 500"),
        ("cut", TryLater, "broke off"),
        ("elsewhere", StopSource, "redirects to another host: put the new address in stages.yaml"),
        ("missing", StopSource, "answered 404: Table not found"),
    ],
)
def test_a_bad_answer_says_what_to_do_next(host, path, error, sentence):
    with pytest.raises(error, match=sentence):
        http.get(f"{host}/{path}")


def test_an_answer_that_is_too_large_is_not_read(host):
    with pytest.raises(StopSource, match="is larger than"):
        http.get(f"{host}/endless", limits=Limits(megabytes=0.001))


def test_no_secret_is_in_a_message(host):
    with pytest.raises(StopSource) as caught:
        http.get(f"{host.replace('http://', 'http://me:hidden@')}/missing?api_key=hidden&page=2")
    assert "hidden" not in str(caught.value)
    assert "page=2" in str(caught.value)
