"""live.yaml against servers on this machine that serve the service's shapes at its paths."""

from __future__ import annotations

import csv
import io
import shutil
import sqlite3
import subprocess
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser import DESIGN, SUPPLY
from servers import ROOT, Handler, answering, datasette

import metrics
from metrics.publishing import publish
from settings import stages
from sources import collecting, looking

EXAMPLE = ROOT / "examples/planning-data"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CSV = "/planning-consideration/planning-considerations.csv"
DATASETTE = "https://datasette.planning.data.gov.uk/digital-land"


# In no log that is bundled; on the night before it brings its first resource.
ENDPOINT = "cbe341d35f136660c24e7e06e6d6a4c8e88c8f126906ddcc394a856d51718e3f"
ITEM = "local-authority:CAS/listed-building-outline"
BROUGHT = (
    "insert into log (endpoint, entry_date, status, resource) values (?, ?, '200', 'its first')"
)


class Served(Handler):
    """The service's CSV, at its path and nowhere else."""

    body = b""

    def do_GET(self):
        told = (200, self.body) if self.path == CSV else (404, b"")
        self._send(*told, Content_Type="text/csv")


@pytest.fixture(scope="module")
def rows(tmp_path_factory) -> list[dict]:
    """The last nightly CSV of the bundled history."""
    clone = tmp_path_factory.mktemp("git") / "clone"
    git = ["git", "-C", str(clone)]
    subprocess.run(["git", "clone", "-q", "--bare", EXAMPLE / "history.bundle", clone], check=True)
    branch, *_ = subprocess.run(
        [*git, "for-each-ref", "--format=%(refname)"], check=True, capture_output=True, text=True
    ).stdout.split()
    text = subprocess.run(
        [*git, "show", f"{branch}:data/planning-considerations.csv"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return list(csv.DictReader(io.StringIO(text)))


def served(rows: list[dict]) -> None:
    """From now on the CSV holds these."""
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    Served.body = file.getvalue().encode()


@contextmanager
def service(folder: Path):
    """live.yaml as it stands but for the names of the two servers, which run here: that of the
    database's tables with the log brought forward to the night before."""
    database = folder / "served/digital-land.sqlite3"
    database.parent.mkdir()
    shutil.copy(EXAMPLE / "digital-land.sqlite3", database)
    with sqlite3.connect(database) as con:
        days = (NOW.date() - datetime(2024, 3, 7).date()).days
        con.execute(
            "update log set entry_date = strftime('%Y-%m-%dT%H:%M:%SZ', entry_date, ?)",
            [f"+{days} days"],
        )
        con.execute(BROUGHT, [ENDPOINT, f"{NOW:%Y-%m-%dT00:00:00Z}"])
    for file in EXAMPLE.iterdir():
        if file.is_dir():
            shutil.copytree(file, folder / file.name)
        elif file.suffix != ".sqlite3":
            shutil.copy(file, folder / file.name)
    with answering(Served) as web, datasette(database) as tables:
        text = (EXAMPLE / "live.yaml").read_text()
        text = text.replace(f"https://design.planning.data.gov.uk{CSV}", f"{web}{CSV}")
        text = text.replace(DATASETTE, tables)
        assert text.count("url: http://127.0.0.1:") == 7 and "url: https" not in text
        (folder / "live.yaml").write_text(text)
        yield stages.read(folder / "live.yaml")


def turn(told: stages.Stages, data: Path, now: datetime) -> metrics.Publication:
    """Collect and publish."""
    results = collecting.collect(told.sources.values(), data / "landing.duckdb", now)
    assert not [r for r in results if r.failed or r.not_believed]
    done = publish.publish(told, data, now)
    assert done.ok, done.reasons
    return metrics.open(done.file)


def test_live_yaml_asks_the_two_addresses_and_else_is_the_bundled_example(bundled):
    live = stages.read(EXAMPLE / "live.yaml")
    hosts = {urlsplit(one.url).netloc for one in live.sources.values() if one.live}
    assert hosts == {"design.planning.data.gov.uk", "datasette.planning.data.gov.uk"}
    own = {"note", "sources", "counted_by", "events_sql", "folder", "stages"}
    for name, stream in bundled.streams.items():
        other = live.streams[name]
        assert other.model_dump(exclude=own) == stream.model_dump(exclude=own)
        for here, there in zip(other.stages, stream.stages, strict=True):
            kept = {"note", "measured_by", "folder"}
            assert here.model_dump(exclude=kept) == there.model_dump(exclude=kept)
    recorded = [one for one in live.sources.values() if not one.live]
    assert all(one.covers and one.covers.until for one in recorded)  # none of them goes stale


@pytest.mark.more
def test_a_look_says_what_the_live_sources_would_bring(tmp_path, rows):
    served(rows)
    with service(tmp_path) as told:
        live = [one for one in told.sources.values() if one.live]
        found = {look.source: look for look in looking.look(live, NOW)}
    assert not [look for look in found.values() if look.failed or look.said]
    assert found["considerations"].rows == 427
    assert found["considerations"].columns == list(rows[0])
    assert found["expected-provisions"].rows == 1904 and found["endpoints"].rows == 4551
    assert found["live-log"].rows == 12_223  # all of this year
    assert NOW - found["live-log"].newest < timedelta(days=1)


@pytest.mark.more
def test_the_live_line_goes_on_where_the_bundled_history_ends(tmp_path, rows):
    served(rows)
    with service(tmp_path) as told:
        first = turn(told, tmp_path / "data", NOW)
        at = NOW + timedelta(minutes=1)
        queue = first.figure("queue_size", at, stream=DESIGN).set_index("stage")
        assert queue.wip.to_dict() == {"discover": 211, "specify": 13, "co-design": 42, "add": 0}
        assert queue.oldest_days.discover > 1_040  # not since the first collect
        assert len(first.figure("queue_size", at, stream=SUPPLY)) == 2
        brought = first.table("stage_event", stream=SUPPLY, item=ITEM).iloc[-1]
        assert (brought.value, brought.since) == ("Healthy", NOW.replace(hour=0))
        colours = set(first.figure("process_status", at).colour)
        assert colours > {"grey"}
        rows = [dict(row) for row in rows]
        moved = next(row for row in rows if row["stage"] == "Backlog")
        moved["stage"] = "Research"
        gone = next(row for row in rows if row["stage"] == "Screen")
        served([row for row in rows if row is not gone])
        later = NOW + timedelta(days=1)
        second = turn(told, tmp_path / "data", later)
        queue = second.figure("queue_size", later, stream=DESIGN).set_index("stage")
        assert queue.wip.to_dict() == {"discover": 209, "specify": 14, "co-design": 42, "add": 0}
        came = second.table("stage_event", stream=DESIGN, item=moved["slug"]).iloc[-1]
        assert (came.not_before, came.since) == (NOW, later)
        for publication in (first, second):
            publication.close()
