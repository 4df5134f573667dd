"""Answers made to fill the memory: refused with a sentence, and little is held until then."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zlib
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from servers import Handler, answering

from settings.limits import Limits
from settings.sources import KINDS
from sources import collecting

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ROOT = Path(__file__).parent.parent
# What a process holds more than after its imports, in MB; and what came of the source.
PROGRAM = """
import resource, sys, tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from settings.sources import KINDS
from sources import collecting, datasette, events, github_runs, http_checks, pipeline_logs, snapshots
kind, url, more = sys.argv[1], sys.argv[2], eval(sys.argv[3])
with tempfile.TemporaryDirectory() as folder:
    collecting.collect([], Path(folder, "l.duckdb"), datetime.now(UTC))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    source = KINDS[kind](name="s", url=url, **more)
    told, = collecting.collect([source], Path(folder, "l.duckdb"), datetime.now(UTC))
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024, told.failed)
"""


class Bomb(Handler):
    """The first part of the path is the bomb; what follows is as the source asks."""

    pages: int = 0
    lines: int = 1000
    wide: int = 1000

    def do_GET(self):
        parts = urlsplit(self.path)
        _, bomb, *rest = parts.path.split("/")
        query = {k: v[0] for k, v in parse_qs(parts.query).items()}
        Bomb.pages += 1
        getattr(self, f"_{bomb}")("/".join(rest), query)

    # Files

    def _gzip(self, rest: str, query: dict):
        """Two gigabytes of rows, in two megabytes."""
        packer = zlib.compressobj(9, wbits=31)
        self._head(Content_Encoding="gzip")
        for _ in range(2048):
            self.wfile.write(packer.compress(b"item,status,since\n" * (2**20 // 18)))
        self.wfile.write(packer.flush())

    def _twice(self, rest: str, query: dict):
        self._head(Content_Encoding="gzip, gzip")
        self.wfile.write(gzip.compress(gzip.compress(bytes(2**27), 1), 1))

    def _endless(self, rest: str, query: dict):
        self._head()
        while True:
            self.wfile.write(b"item,status,since\n" * 4096)

    def _header(self, rest: str, query: dict):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while True:
            self.wfile.write(b"x" * 65536)

    def _welcome(self, rest: str, query: dict):
        while True:
            self.wfile.write(b"HTTP/1.1 100 Continue\r\nX-A: b\r\n\r\n" * 1000)

    def _chunk(self, rest: str, query: dict):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            self.wfile.write(b"0" * 65536)

    # Datasette

    def _datasette(self, rest: str, rows) -> None:
        if rest == "-/versions.json":
            self._json({"datasette": {"version": "0.65"}})
        elif rest == "-/databases.json":
            self._json([{"name": "db", "hash": "x"}])
        else:
            self._json({"ok": True, "rows": rows()})

    def _same(self, rest: str, query: dict):
        row = {"id": 1, "rowid": 1, "a": "x" * self.wide}
        self._datasette(rest, lambda: self._columns(query) or [row] * self.lines)

    def _moving(self, rest: str, query: dict):
        first = int(query.get("after_0", query.get("after", 0))) + 1
        numbers = range(first, first + self.lines)
        row = {"a": "x" * self.wide, "entry_date": "2026-01-01"}
        self._datasette(rest, lambda: self._columns(query) or [{"id": n, "rowid": n, **row} for n in numbers])  # fmt: skip

    def _columns(self, query: dict) -> list:
        return [{"name": "id", "pk": 1}] if "pragma" in query.get("sql", "") else []

    def _values(self, rest: str, query: dict):
        self._datasette(rest, lambda: [{}] * 600_000)

    def _deep(self, rest: str, query: dict):
        self._head()
        self.wfile.write(b"[" * 200_000)

    # GitHub

    def _next(self, rest: str, query: dict):
        """New runs on every page, and always a next one."""
        page = int(query.get("page", 0)) + 1
        runs = [run(page * self.lines + n) for n in range(self.lines)]
        self._runs(runs, 10**9, f"/next/runs?page={page}")

    def _again(self, rest: str, query: dict):
        """The same page under ever new names."""
        page = int(query.get("page", 0)) + 1
        self._runs([run(n) for n in range(self.lines)], 10**9, f"/again/runs?page={page}")

    def _itself(self, rest: str, query: dict):
        self._runs([run(n) for n in range(self.lines)], 10**9, "/itself/runs?page=2")

    def _windows(self, rest: str, query: dict):
        """A list that always has more than it tells, from any time on, the last ever the same."""
        Bomb.made = getattr(Bomb, "made", 0) + self.lines
        self._runs([run(Bomb.made + n) for n in range(self.lines)], 10**9, "")

    def _runs(self, runs: list, total: int, following: str):
        link = (
            {"Link": f'<http://{self.headers["Host"]}{following}>; rel="next"'} if following else {}
        )
        self._json({"total_count": total, "workflow_runs": runs}, **link)

    def _json(self, told: object, **headers: str):
        self._head(**headers)
        self.wfile.write(json.dumps(told).encode())

    def _head(self, **headers: str):
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def handle(self):
        with suppress(OSError):  # whoever asked has gone
            super().handle()


def run(number: int) -> dict:
    return {"id": number, "status": "completed", "conclusion": "success", "name": "n" * 100,
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:01:00Z"}  # fmt: skip


TABLE = {"table": "t"}
BOMBS = [
    ("events", "gzip/list.csv", {}, "is larger than"),
    ("events", "twice/list.csv", {}, "is larger than"),
    ("snapshots", "endless/list.csv", {}, "is larger than"),
    ("events", "header/list.csv", {}, "could not be reached"),
    ("events", "welcome/list.csv", {}, "is larger than"),
    ("events", "chunk/list.csv", {}, "broke off"),
    ("pipeline_logs", "gzip/log.csv", {}, "is larger than"),
    ("datasette", "same/db", TABLE, "gives the same page again and again"),
    ("datasette", "same/db", {"sql": "select 1", "key": ["id"]}, "gives the same page again"),
    ("datasette", "moving/db", TABLE, "is larger than"),
    ("datasette", "values/db", TABLE, "values, or 100 one inside the other"),
    ("datasette", "deep/db", TABLE, "values, or 100 one inside the other"),
    ("pipeline_logs", "same/db", {}, "gives the same page again and again"),
    ("pipeline_logs", "moving/db", {}, "more than"),
    ("github_runs", "next/runs", {}, "is larger than"),
    ("github_runs", "again/runs", {}, "names a next page again and again"),
    ("github_runs", "itself/runs", {}, "again and again"),
    ("github_runs", "windows/runs", {}, "is larger than"),
    ("github_runs", "deep/runs", {}, "values, or 100 one inside the other"),
]  # fmt: skip


@pytest.fixture(scope="module")
def host():
    with answering(Bomb) as address:
        yield address


SMALL = Limits(megabytes=2, rows=5000, pages=50, seconds=10)


@pytest.mark.parametrize(("kind", "path", "more", "said"), BOMBS)
def test_an_answer_without_end_is_refused_with_a_sentence(tmp_path, host, kind, path, more, said):
    Bomb.lines, Bomb.wide = 100, 1000
    # So many values do not fit into less.
    limits = Limits() if path == "values/db" else SMALL
    source = KINDS[kind](name="s", url=f"{host}/{path}", limits=limits, **more)
    (told,) = collecting.collect([source], tmp_path / "l.duckdb", NOW)
    assert said in told.failed


@pytest.mark.parametrize(
    ("kind", "path", "more", "limits", "said"),
    [("datasette", "moving/db", TABLE, {"rows": 250}, "more than 250 rows"),
     ("pipeline_logs", "moving/db", {}, {"rows": 250}, "more than 250 rows"),
     ("github_runs", "next/runs", {}, {"rows": 250}, "more than 250 rows"),
     ("datasette", "moving/db", TABLE, {"pages": 6}, "more than 6 pages"),
     ("pipeline_logs", "moving/db", {}, {"pages": 6}, "more than 6 pages"),
     ("github_runs", "next/runs", {}, {"pages": 6}, "more than 6 pages"),
     # A page has 100 rows of 1,000 letters; it may be an eighth of all.
     ("datasette", "moving/db", TABLE, {"megabytes": 0.4}, "db.json is larger than 0.05 MB")],
)  # fmt: skip
def test_each_limit_says_its_name(tmp_path, host, kind, path, more, limits, said):
    Bomb.lines, Bomb.wide = 100, 1000
    source = KINDS[kind](name="s", url=f"{host}/{path}", limits=Limits(**limits), **more)
    (told,) = collecting.collect([source], tmp_path / "l.duckdb", NOW)
    assert said in told.failed
    assert f"raise limits: {{{next(iter(limits))}: …}}" in told.failed


@pytest.mark.soak
@pytest.mark.parametrize(("kind", "path", "more", "said"), BOMBS)
def test_no_answer_takes_300_mb(host, kind, path, more, said):
    Bomb.lines, Bomb.wide = 1000, 1000
    if (kind, path) == ("pipeline_logs", "moving/db"):
        more = more | {"limits": {"rows": 300_000}}
    command = [sys.executable, "-c", PROGRAM, kind, f"{host}/{path}", repr(more)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    held, _, failed = told.stdout.strip().partition(" ")
    assert said in failed, told.stderr
    assert int(held) < 300
    print(path, held)
