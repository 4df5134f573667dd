"""Real answers of a hostile server on loopback, each ending in one clear sentence."""

from __future__ import annotations

import gzip
import time

import pytest
from seeds import some
from servers import Handler, answering, talking

from settings.limits import Limits
from sources import StopSource, TryLater
from sources.reading import http


class Hostile(Handler):
    """Each path is one way to answer badly; `asked` counts the requests for each."""

    asked: dict[str, int] = {}

    def do_GET(self):
        path = self.path.split("?")[0]
        self.asked[path] = self.asked.get(path, 0) + 1
        getattr(self, "_" + path.strip("/"))()

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


# Time


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n"
FIND = b"HTTP/1.1 404 Not Found\r\n"
DRIPS = {
    "nothing": (b"", b""),
    "its first line": (b"", b"HTTP/1.1 200 OK" + b" " * 10_000),
    "its head": (HEAD, b"X-A: b\r\n" * 1000),
    "one line of its head": (HEAD + b"X-Long: ", b"x" * 10_000),
    "that it goes on": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "a body of a known length": (HEAD + b"Content-Length: 9000\r\n\r\n", b"x" * 9000),
    "a body that ends with the connection": (HEAD + b"\r\n", b"x" * 9000),
    "a body in parts": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 1000),
    "how long a part is": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0" * 60_000),
    "what comes behind the parts": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"A: b\r\n" * 1000),
    "a page of an error": (FIND + b"Content-Length: 9000\r\n\r\n", b"x" * 9000),
    "a zipped body of nothing": (HEAD + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"") * 1000),
    "a redirect to itself": (b"HTTP/1.1 302 Found\r\nContent-Length: 9000\r\nLocation: /", b"x" * 9000),
}  # fmt: skip


@pytest.mark.parametrize("what", some(DRIPS))
def test_an_answer_that_drips_is_given_up_when_its_time_is_over(what):
    at_once, slowly = DRIPS[what]

    def say(connection):
        connection.sendall(at_once)
        for byte in slowly:
            connection.sendall(bytes([byte]))
            time.sleep(0.02)

    def ask(port):
        http.get(f"http://127.0.0.1:{port}/", limits=Limits(seconds=0.5))

    with talking(say) as port:
        assert 0.4 < time_until_given_up(ask, port, "took longer than 0.5 seconds") < 10


def test_what_drips_before_a_secret_is_agreed_on_is_given_up_too():
    def say(connection):
        for byte in b"\x16\x03\x03\x3f\xff\x02" + bytes(9000):
            connection.sendall(bytes([byte]))
            time.sleep(0.02)

    def ask(port):
        http.get(f"https://127.0.0.1:{port}/", limits=Limits(seconds=0.5))

    with talking(say) as port:
        assert time_until_given_up(ask, port, "took longer than 0.5 seconds") < 10


def test_redirects_share_the_time_of_one_answer():
    def say(connection):
        time.sleep(0.2)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n")

    def ask(port):
        http.get(f"http://127.0.0.1:{port}/", limits=Limits(seconds=0.5))

    with talking(say) as port:
        assert time_until_given_up(ask, port, "took longer than 0.5 seconds") < 10


def time_until_given_up(ask, port: int, said: str) -> float:
    began = time.monotonic()
    with pytest.raises(TryLater, match=said):
        ask(port)
    return time.monotonic() - began


@pytest.mark.parametrize(
    ("when", "said"),
    [("7200", r"until \d+ \w+ \d{4}, \d\d:\d\d UTC\."), ("9" * 17, r"until .* UTC"),
     ("Fri, 01 Jan 2100 00:00:00 GMT", "until 1 January 2100, 00:00 UTC")],
)  # fmt: skip
def test_a_server_that_wants_to_be_left_alone_for_long_is_left_alone_at_once(when, said):
    def say(connection):
        connection.recv(65536)
        asked.append(when)
        connection.sendall(f"HTTP/1.1 503 Busy\r\nRetry-After: {when}\r\n\r\n".encode())

    def ask(port):
        http.get(f"http://127.0.0.1:{port}/")

    asked: list[str] = []
    with talking(say) as port:
        assert time_until_given_up(ask, port, f"asks not to be asked again {said}") < 10
    assert asked == [when]


@pytest.mark.parametrize("when", ["soon", "-5", "9" * 5000, "1e400"])
def test_a_time_that_is_none_is_not_waited_for(when):
    def say(connection):
        connection.recv(65536)
        told = f"HTTP/1.1 503 Busy\r\nRetry-After: {when}\r\n\r\n" if not asked else "HTTP/1.1 200 OK\r\n\r\nok"  # fmt: skip
        asked.append(when)
        connection.sendall(told.encode())

    asked: list[str] = []
    with talking(say) as port:
        assert http.get(f"http://127.0.0.1:{port}/").content == b"ok"


def test_a_server_whose_limit_is_used_up_is_not_asked_again():
    def say(connection):
        asked.append(connection.recv(65536))
        connection.sendall(
            b"HTTP/1.1 429 Slow\r\nX-RateLimit-Remaining: 0\r\nRetry-After: 0\r\n\r\n"
        )

    asked: list[bytes] = []
    with talking(say) as port, pytest.raises(TryLater, match="its limit is used up"):
        http.get(f"http://127.0.0.1:{port}/")
    assert len(asked) == 1


# Secrets, and other places


def redirecting(to: str, heard: list[bytes]):
    """Says where else to ask, and keeps what it was asked."""

    def say(connection):
        heard.append(connection.recv(65536))
        told = f"HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"
        connection.sendall(told.encode())

    return say


def hearing(heard: list[bytes]):
    """Is well, and keeps what it was asked."""

    def say(connection):
        heard.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    return say


def test_another_port_of_the_same_host_is_another_place_and_hears_no_secret():
    first: list[bytes] = []
    second: list[bytes] = []
    with (
        talking(hearing(second)) as other,
        talking(redirecting(f"http://127.0.0.1:{other}/", first)) as port,
    ):
        with pytest.raises(StopSource, match="redirects to another port: put the new address"):
            http.get(f"http://127.0.0.1:{port}/", headers={"Authorization": "Bearer s3cr3t"})
        assert second == []
        told = http.probe(f"http://me:s3cr3t@127.0.0.1:{port}/")
    assert (told.status, told.url) == (200, f"http://127.0.0.1:{other}/")
    assert b"s3cr3t" in first[0] and b"Authorization" in first[1]
    assert len(second) == 1 and b"Authorization" not in second[0]


def test_the_same_place_hears_the_secret_again():
    heard: list[bytes] = []

    def say(connection):
        heard.append(connection.recv(65536))
        to = b"302 Found\r\nLocation: /here" if len(heard) == 1 else b"200 OK"
        connection.sendall(b"HTTP/1.1 " + to + b"\r\nContent-Length: 0\r\n\r\n")

    with talking(say) as port:
        http.get(f"http://127.0.0.1:{port}/", headers={"Authorization": "Bearer s3cr3t"})
    assert [b"Bearer s3cr3t" in h for h in heard] == [True, True]


@pytest.mark.parametrize(
    ("other", "same"),
    [("http://a.example/x", True), ("https://a.example/", True), ("http://a.example:80/", True),
     ("https://a.example:443/", True), ("http://a.example:443/", False), ("https://a.example:8443/", False),
     ("http://b.example/", False), ("http://a.example@b.example/", False), ("ftp://a.example/", False),
     ("http://A.EXAMPLE/", True), ("http://[", False)],
)  # fmt: skip
def test_which_address_is_of_the_same_place(other, same):
    assert http.same_place("http://a.example/list", other) is same


def test_no_secured_address_leads_to_an_unsecured_one():
    assert not http.same_place("https://a.example/", "http://a.example/")


@pytest.mark.parametrize(
    "to", ["ftp://127.0.0.1/", "file:///etc/passwd", "javascript:1", "http://[", "http:///x"]
)
def test_a_redirect_to_no_web_address_is_refused(to):
    with talking(redirecting(to, [])) as port, pytest.raises(StopSource):
        http.get(f"http://127.0.0.1:{port}/")


def test_nothing_of_the_environment_is_sent_anywhere(tmp_path, monkeypatch):
    """Neither a password of .netrc to the host, nor anything to a proxy."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password s3cr3t\n")
    heard: list[bytes] = []
    proxied: list[bytes] = []
    with talking(hearing(proxied)) as proxy, talking(hearing(heard)) as port:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert http.get(f"http://127.0.0.1:{port}/").content == b"ok"
        assert http.probe(f"http://127.0.0.1:{port}/").status == 200
    assert len(heard) == 2 and not any(b"Authorization" in h for h in heard)
    assert proxied == []
