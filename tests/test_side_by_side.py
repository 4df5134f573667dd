"""Sources are asked side by side: none waits for another, and nothing is lost or doubled."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from servers import Handler, answering

from settings.limits import Limits
from settings.sources import Events, PipelineLogs, Snapshots, Source
from sources import Reading, Reject, collecting
from sources.landing import saving
from sources.reading.aside import Aside
from sources.reading.tables import as_table

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 11, 20, tzinfo=UTC)


class Server(Handler):
    """Lists, each at its own path; some that keep one waiting, and a log without end."""

    asked: set[str] = set()
    others: threading.Event = threading.Event()

    def do_GET(self):
        name = self.path.split("/")[1].split(".")[0]
        self.asked.add(name)
        if len(self.asked) > 9:
            self.others.set()
        getattr(self, f"_{name.split('-')[0]}", self._list)(name)

    def _list(self, name: str) -> None:
        self._send(200, f"item,status,since\n{name},To do,2026-01-01\n".encode())

    def _last(self, name: str) -> None:
        """Answers when all others have been asked."""
        self._list(name) if self.others.wait(20) else self._send(404)

    def _busy(self, name: str) -> None:
        self._send(503, Retry_After="7200")

    def _silent(self, name: str) -> None:
        time.sleep(1.5)

    def _log(self, name: str) -> None:
        """A Datasette whose log has a thousand new rows on each page, and sixty pages."""
        if "versions" in self.path:
            told: object = {"datasette": {"version": "0.65"}}
        elif "databases" in self.path:
            told = [{"name": "db", "hash": "x"}]
        else:
            after = int(self.path.split("after=")[1].split("&")[0])
            rows = range(after + 1, min(after + 1000, 60_000) + 1)
            told = {"ok": True, "rows": [{"rowid": n, "endpoint": f"e{n}", "entry_date": "2026-01-01"} for n in rows]}  # fmt: skip
        self._send(200, json.dumps(told).encode())


@pytest.fixture
def host() -> Iterator[str]:
    Server.asked, Server.others = set(), threading.Event()
    with answering(Server) as address:
        yield address


def lists(host: str, *names: str) -> list[Source]:
    return [Events(name=n, url=f"{host}/{n}.csv", limits=Limits(seconds=1 if "silent" in n else 30))
            for n in names]  # fmt: skip


def asked(landing: Path, query: str) -> list[tuple]:
    with saving.opened(landing) as con:
        return con.execute(query).fetchall()


def test_no_source_waits_for_another(tmp_path, host):
    """The first answers only when all others have been asked; one wants two hours, one says nothing."""
    names = ["last", "busy", "silent", *(f"quick-{n}" for n in range(8))]
    said: list[tuple[str, str]] = []
    began = time.monotonic()
    told = collecting.collect(lists(host, *names), tmp_path / "l.duckdb", NOW, lambda *s: said.append(s))  # fmt: skip
    assert time.monotonic() - began < 15
    assert [t.source for t in told] == names
    failed = {t.source: t.failed for t in told if t.failed}
    assert set(failed) == {"busy", "silent"}
    assert "asks not to be asked again until" in failed["busy"]
    assert "took longer than 1 seconds" in failed["silent"]
    assert [t.accepted for t in told] == [1, 0, 0] + [1] * 8
    assert 0.9 < told[2].seconds < 5 and told[1].seconds < 5
    assert {(n, "asking") for n in names} | {("last", "1 answers, 1 rows")} <= set(said)
    kept = asked(tmp_path / "l.duckdb", "select source, outcome from load")
    assert sorted(kept) == sorted((n, "failed" if n in failed else "accepted") for n in names)
    assert len(asked(tmp_path / "l.duckdb", "select distinct load_id from load")) == len(names)


def test_sources_of_files_are_asked_in_their_order(tmp_path):
    for name in "cab":
        (tmp_path / f"{name}.csv").write_text(f"item,status,since\n{name},To do,2026-01-01\n")
    told = [Events(name=name, file=str(tmp_path / f"{name}.csv")) for name in "cab"]
    collecting.collect(told, tmp_path / "l.duckdb", NOW)
    assert asked(tmp_path / "l.duckdb", "select source from load order by load_id") == [("c",), ("a",), ("b",)]  # fmt: skip


def test_when_collecting_ends_early_nobody_goes_on_asking(tmp_path, host):
    def end(source: str, message: str) -> None:
        if "answers" in message:
            raise KeyboardInterrupt

    log = PipelineLogs(name="log", url=f"{host}/log/db")
    with pytest.raises(KeyboardInterrupt):
        collecting.collect([log, *lists(host, "quick-1", "quick-2")], tmp_path / "l.duckdb", NOW, end)  # fmt: skip
    end_ = time.monotonic() + 10
    while any("_work" in t.name for t in threading.enumerate()) and time.monotonic() < end_:
        time.sleep(0.05)
    assert not [t for t in threading.enumerate() if "_work" in t.name]
    told = collecting.collect(lists(host, "quick-1", "quick-2"), tmp_path / "l.duckdb", NOW)
    assert [t.failed for t in told] == ["", ""]  # the database is free


def test_a_source_whose_answer_cannot_be_saved_has_not_answered(tmp_path):
    """Whatever it tells afterwards; and what another tells is saved."""
    with saving.opened(tmp_path / "l.duckdb") as con:
        nobody, other = (Snapshots(name=n, file="board.csv") for n in ("nobody", "other"))
        bad, good = (Reading("here", NOW, as_table([(1, "a", {})]), rejects=r)
                     for r in ([Reject(2, None, "", "")], []))  # fmt: skip
        saved = [collecting._Saved(con, one, Aside(tmp_path / "p", one.name), NOW, lambda *_: None)
                 for one in (nobody, other)]  # fmt: skip
        for one, told in zip(saved, (bad, good), strict=True):
            saving.describe(con, one.settings)
            for what in (collecting._Began(), told, good, collecting._Done()):
                one.take(what, 1.0)
        assert saved[0].result.failed.startswith("Unexpected AttributeError")
        assert [one.result.accepted for one in saved] == [0, 2]
        rows = con.execute("select source from source where asked_at is not null").fetchall()
        assert rows == [("other",)]


PROGRAM = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from settings.sources import Events, PipelineLogs
from sources import Reading, Reject, collecting
host, folder = sys.argv[1:]
sources = [PipelineLogs(name=f"log-{n}", url=f"{host}/log-{n}/log-{n}/db") for n in (1,)]
sources += [Events(name=f"quick-{n}", url=f"{host}/quick-{n}.csv") for n in range(3)]
collecting.collect(sources, Path(folder, "l.duckdb"), datetime(2026, 11, 20, tzinfo=UTC),
    lambda source, message: print(source, message, flush=True))
"""


@pytest.mark.parametrize("lines", [pytest.param(n, marks=pytest.mark.soak) for n in (8, 1, 4, 9)])
def test_killed_at_any_moment_nothing_is_lost_or_doubled(tmp_path, host, lines):
    command = [sys.executable, "-c", PROGRAM, host, str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    for _, _line in zip(range(lines), process.stdout, strict=False):
        pass
    process.send_signal(signal.SIGKILL)
    process.stdout.close()
    process.wait(10)
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)
    landing = tmp_path / "l.duckdb"
    rows = "select source, count(*), count(distinct endpoint) from raw_log group by all order by 1"
    assert asked(landing, rows) == [("log-1", 60_000, 60_000)]
    assert asked(landing, "select key from raw order by 1") == [("quick-0",), ("quick-1",), ("quick-2",)]  # fmt: skip
