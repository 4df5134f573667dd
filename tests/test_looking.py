"""`check --ask`: each source asked once, small, for what a collect would bring; nothing is saved."""

from __future__ import annotations

import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from browser import DESIGN
from servers import Handler, answering, datasette, free_port
from test_cli import valuestream

from settings import stages
from settings.sources import Datasette, Events, PipelineLogs, Snapshots
from sources import collecting, looking

NOW = datetime(2026, 11, 20, tzinfo=UTC)
LIST = b"item,status,since,team\nx,Waiting,2026-01-01,a\ny,Waiting,2026-02-01,a\nz,Waiting,soon,a\n"


class Web(Handler):
    """Lists as they may be met."""

    def do_GET(self):
        if self.path == "/page.csv":
            self._send(200, b"<!doctype html><title>Sign in</title>", Content_Type="text/html")
        elif self.path == "/closed.csv":
            self._send(401, b'{"message": "who are you?"}')
        elif self.path == "/slow.csv":
            time.sleep(0.6)
            self._send(200, LIST)
        elif self.path == "/long.csv":
            self._send(200, LIST * 10_000)
        elif self.path == "/never.csv":
            self.send_response(200)
            self.end_headers()
            time.sleep(3)
        else:
            self._send(200, LIST)


@pytest.fixture(scope="module")
def web():
    with answering(Web) as place:
        yield place


def looked(*settings) -> list[looking.Look]:
    return looking.look(settings, NOW)


def test_a_list_says_how_many_rows_it_would_bring_which_columns_and_the_newest(web):
    [found] = looked(Events(name="list", url=f"{web}/list.csv"))
    assert (found.rows, found.refused, found.more, found.failed) == (2, 1, False, "")
    assert found.columns == ["item", "status", "since", "team"]
    assert found.newest == datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize("path", ["/page.csv", "/closed.csv", "nowhere", "file"])
def test_what_is_wrong_is_said_as_a_collect_would_say_it(web, tmp_path, path):
    place = {"url": web + path}
    if path == "nowhere":
        place = {"url": f"http://127.0.0.1:{free_port()}/x.csv"}
    elif path == "file":
        place = {"file": str(tmp_path / "none.csv")}
    both = [kind(name=kind.__name__, **place) for kind in (Events, Snapshots)]
    collected = collecting.collect(both, tmp_path / "landing.duckdb", NOW)
    for found, told in zip(looked(*both), collected, strict=True):
        assert found.failed == (told.failed or told.not_believed) != ""
        assert found.rows is None


def test_a_table_is_asked_for_its_first_page_however_long_it_is(tmp_path, monkeypatch):
    with sqlite3.connect(tmp_path / "logs.db") as con:
        con.execute("create table log (endpoint, entry_date, status, exception, elapsed, bytes,"
                    " content_type, resource)")  # fmt: skip
        con.executemany(
            "insert into log (endpoint, entry_date, status) values (?, ?, '200')",
            ((f"e{n}", f"2026-{n % 10 + 1:02}-0{n % 9 + 1}") for n in range(8_999)),
        )
        con.execute("insert into log (endpoint, entry_date) values ('last', '2026-11-11')")
    asked: list[str] = []
    from sources.reading import pages

    own = pages.Pages.ask
    monkeypatch.setattr(pages.Pages, "ask", lambda *a: asked.append(str(a[2])) or own(*a))
    with datasette(tmp_path / "logs.db") as url:
        table = Datasette(name="table", url=url, table="log", since="entry_date")
        query = Datasette(name="query", url=url, sql="select * from log", key=("endpoint",))
        cut = Datasette(name="cut", url=url, sql="select * from log")
        log = PipelineLogs(name="log", url=url)
        found = {look.source: look for look in looked(table, query, cut, log)}
        assert found["table"].rows == found["query"].rows == found["log"].rows == 9_000
        assert found["table"].newest == datetime(2026, 11, 11, tzinfo=UTC)
        assert found["log"].newest == found["table"].newest
        assert found["table"].columns[:2] == ["endpoint", "entry_date"]
        [told] = collecting.collect([cut], tmp_path / "landing.duckdb", NOW)
        assert found["cut"].failed == told.failed != ""
    assert len(asked) < 30


def test_it_is_bounded_in_bytes_and_in_time(web, monkeypatch):
    monkeypatch.setattr(looking, "MEGABYTES", 0.1)
    monkeypatch.setattr(looking, "SECONDS", 1)
    begun = time.monotonic()
    long, never = looked(
        Events(name="long", url=f"{web}/long.csv"), Events(name="never", url=f"{web}/never.csv")
    )
    assert time.monotonic() - begun < 2.5
    assert "is larger than 0.1 MB: that is as far as a look goes" in long.said and not long.failed
    assert "took longer than 1 seconds: as long as a look waits." in never.failed
    # A source's own limit is the collect's too: that is wrong.
    [own] = looked(Events(name="own", url=f"{web}/long.csv", limits={"megabytes": 0.05}))
    assert "If that is right, raise limits" in own.failed


def test_those_that_are_waited_for_are_asked_side_by_side(web):
    slow = [Events(name=str(n), url=f"{web}/slow.csv") for n in range(4)]
    begun = time.monotonic()
    assert [look.rows for look in looked(*slow)] == [2] * 4
    assert time.monotonic() - begun < 1.8


@pytest.mark.more
def test_the_bundled_example_would_bring_what_a_collect_brings(bundled, publication):
    names = ("change-log", "nightly-snapshots", "spreadsheet", "endpoints")
    found = looked(*(bundled.sources[name] for name in names))
    fresh = publication.figure("freshness", publication.opens_at(DESIGN)).set_index("source")
    for look in found:
        assert not look.failed and look.rows == fresh.accepted[look.source], look
        assert look.refused == fresh.refused[look.source]
        assert look.refused_answers == fresh.refused_readings[look.source]


def test_the_command_says_it_in_a_table_saves_nothing_and_fails_when_one_does(web, tmp_path):
    (tmp_path / "stages.yaml").write_text(f"""
title: T
streams:
  line: {{name: A line, sources: [list], stages: {{a: {{name: A, queue: [Waiting]}}}}}}
sources:
  list: {{kind: events, url: "{web}/list.csv"}}
  closed: {{kind: snapshots, url: "{web}/closed.csv"}}
""")
    before = {file: file.read_bytes() for file in Path(tmp_path).rglob("*")}
    done = valuestream("check", "--ask", data=tmp_path, stages=tmp_path / "stages.yaml")
    assert done.returncode == 2 and "stages.yaml is right" in done.stdout
    [row] = [one for one in done.stdout.splitlines() if "│ list " in one]
    cells = [cell.strip() for cell in row.split("│")[1:-1]]
    assert cells == ["list", "events", "2", "item, status, since, team", "2026-02-01",
                     "1 row can't be used"]  # fmt: skip
    assert "who are you?" in done.stderr
    assert "1 of 2 sources would bring nothing." in done.stderr
    assert {file: file.read_bytes() for file in Path(tmp_path).rglob("*")} == before
    assert stages.read(tmp_path / "stages.yaml")
