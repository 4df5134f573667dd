"""Damaged files: what is asked of them is answered as before, or a sentence says what to do. Never a
traceback, never another figure."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from browser import opened
from line import again, day
from playwright.sync_api import expect
from seeds import SEED
from servers import dashboard
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import UnknownElement

import metrics
from metrics import shelf
from metrics.publishing import publish
from settings import stages
from sources import StopAll, collecting

ROOT = Path(__file__).parent.parent
NOW = day(1) + timedelta(days=60)
LISTED = """
title: A line
streams:
  line: {name: A line, sources: [log], counted_by: log, stages: {a: {name: A, queue: [W], done: [D]}}}
sources:
  log: {kind: events, file: log.csv}
"""
SENTENCES = (metrics.Unreadable, FileNotFoundError, publish.CannotPublish, StopAll)


@pytest.fixture(scope="module")
def collected(tmp_path_factory) -> Path:
    """A folder with a landing database, and beside it, as `killed`, one whose collector was killed:
    what it collected is in the file that ends in .wal."""
    folder = tmp_path_factory.mktemp("collected")
    (folder / "stages.yaml").write_text(LISTED)
    rows = [f"i{n},{status},2026-01-{n % 28 + 1:02}" for n in range(300) for status in "WD"]
    (folder / "log.csv").write_text("\n".join(["item,status,since", *rows]))
    killed = shutil.copytree(folder, folder / "killed")
    told = stages.read(folder / "stages.yaml")
    collecting.collect(told.sources.values(), folder / "landing.duckdb", NOW)
    done = subprocess.run([sys.executable, "-c", KILLED, killed], cwd=ROOT, timeout=60)
    assert done.returncode == 9
    return folder


KILLED = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from settings import stages
from sources import collecting
from sources.landing import saving
folder = Path(sys.argv[1])
told = stages.read(folder / "stages.yaml")
with saving.opened(folder / "landing.duckdb") as con:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    for one in told.sources.values():
        saving.describe(con, one)
        for reading in collecting.readings(one, {}, now):
            saving.save(con, one, reading, now, 0.0)
        saving.answered(con, one, now)
    os._exit(9)
"""


def damages(whole: bytes, most: int) -> Iterator[tuple[str, bytes]]:
    """A file with a bit turned over, cut, or with a page of zeros; half of the places are in its
    head, where the fewest bytes are."""
    chance = random.Random(SEED)
    for n in range(most):
        at = chance.randrange(min(12_288, len(whole)) if n % 2 else len(whole))
        if n % 5 == 4:
            yield f"cut at {at}", whole[:at]
        elif n % 7 == 6:
            yield f"zeros at {at}", (whole[:at] + bytes(4096) + whole[at + 4096 :])[: len(whole)]
        else:
            bit = whole[at] ^ 1 << chance.randrange(8)
            yield f"bit {at}", whole[:at] + bytes([bit]) + whole[at + 1 :]


def outcomes(file: Path, most: int, ask: Callable[[], object], allowed: list, said: str) -> Counter:
    """How often each answer came while a file was damaged; fails at an answer that is not allowed
    and at a sentence that does not hold what is to be said. Any error that is no sentence is raised."""
    whole, found = file.read_bytes(), Counter()
    for how, damaged in damages(whole, most):
        replaced(file, damaged)
        try:
            told = ask()
        except SENTENCES as error:
            told = error
        if isinstance(told, Exception):
            assert said in str(told) and "in use" not in str(told), (how, told)
            assert len(str(told)) < 700 and "\n" not in str(told), (how, told)
            found[type(told).__name__] += 1
        else:
            assert told in allowed, (how, told)
            found["as before"] += 1
    file.write_bytes(whole)
    return found


def everything(file: Path, figures: list[str]) -> str:
    """Every table of a publication, and figures of it, as text."""
    asked = metrics.Publication(file)
    try:
        told = [asked.table(name) for name in metrics._TABLES]
        told += [asked.figure(name, day(9), stream="line") for name in figures]
        return "".join(rows.to_csv() for rows in told)
    finally:
        asked.close()


@pytest.mark.parametrize("most", [20, pytest.param(500, marks=pytest.mark.soak)])
def test_a_damaged_publication_tells_what_it_did_or_that_it_is_damaged(folder, most):
    file = metrics.current(folder)
    figures = (
        ["status", "age"] if most < 100 else ["status", "age", "lead_time", "faster", "spread"]
    )
    figures = [name for name in figures if name in metrics.figures()]
    before = everything(file, figures)
    found = outcomes(file, most, lambda: everything(file, figures), [before], "can't be read")
    assert found["Unreadable"] > most / 2
    assert found["as before"] >= 1  # damage where nothing is kept


@pytest.fixture(scope="module")
def hidden(published_twice, tmp_path_factory) -> bytes:
    """The newest publication, damaged where it is noticed only when a figure is asked for."""
    whole, beside = metrics.current(published_twice).read_bytes(), tmp_path_factory.mktemp("hidden")
    for at in range(len(whole) - 5000, 12_288, -200_000):
        file = beside / f"{at}.duckdb"
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with suppress(metrics.Unreadable):  # at once, so this is no such place
            asked = metrics.Publication(file)
            asked.table("stream")
            try:
                asked.figure("status", day(9), stream="line")
            except metrics.Unreadable:
                return file.read_bytes()
    raise AssertionError("there is no such place")


def replaced(file: Path, content: bytes) -> None:
    """Another file of that name: the same would be the one that is open."""
    file.unlink(missing_ok=True)
    file.write_bytes(content)


def test_damage_found_while_asking_is_said_and_the_next_newest_is_shown(folder, hidden):
    newest = metrics.current(folder)
    whole = newest.read_bytes()
    before = metrics.open(folder).figure("status", day(9), stream="line")
    replaced(newest, hidden)
    asked = metrics.open(folder)
    assert asked.instead == ""
    with pytest.raises(metrics.Unreadable, match=r"^2027-01-02.*: Corrupt.*'valuestream publish'"):
        asked.figure("status", day(9), stream="line")
    asked = metrics.open(folder)
    assert asked.file.name.startswith("2027-01-01")
    assert asked.instead.startswith("The newest publication can't be opened: Corrupt")
    assert asked.figure("status", day(9), stream="line").equals(before)
    asked.close()
    assert again(folder, 367).ok  # what is carried on from before is not needed
    asked = metrics.open(folder)
    assert (asked.file.name[:10], asked.instead) == ("2027-01-03", "")
    asked.close()
    # A copy put back is another file than the one in which damage was found.
    assert shelf.damage(newest)
    replaced(newest, whole)
    assert not shelf.damage(newest)


def test_a_command_that_meets_damage_ends_with_a_sentence(folder, hidden):
    replaced(metrics.current(folder), hidden)
    done = subprocess.run(
        [sys.executable, "cli.py", "figure", "status", "--stream", "line", "--data", folder],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
    assert "2027-01-02T000000.000000Z.duckdb can't be read: Corrupt" in done.stderr
    assert "Run 'valuestream publish' to make a new one" in " ".join(done.stderr.split())


@pytest.mark.more
def test_the_page_is_drawn_from_the_next_newest_when_it_meets_damage(folder, hidden, monkeypatch):
    replaced(metrics.current(folder), hidden)
    monkeypatch.setenv("VALUESTREAM_DATA", str(folder))
    page = AppTest.from_file(ROOT / "app.py", default_timeout=60).run()
    assert not page.exception
    drawn = [one.key for one in page.main.children.values() if isinstance(one, UnknownElement)]
    assert drawn == ["instead", "head", "overview"]


@pytest.mark.soak
def test_the_page_goes_on_with_the_next_newest_when_it_meets_damage(page, folder, hidden):
    replaced(metrics.current(folder), hidden)
    with dashboard(folder, "boxes.js") as address:
        opened(page, address)
        expect(page.locator(".refused")).to_contain_text("The newest publication can't be opened")
        expect(page.get_by_role("heading", name="A line")).to_be_visible()
        assert page.request.get(f"{address}/healthz").json()["publication"].startswith("2027-01-01")


@pytest.mark.parametrize("most", [6, pytest.param(100, marks=pytest.mark.soak)])
def test_a_damaged_landing_database_publishes_what_it_did_or_is_said(collected, tmp_path, most):
    folder = shutil.copytree(collected, tmp_path / "data")

    def published() -> int:
        shutil.rmtree(folder / "published", ignore_errors=True)
        assert publish.publish(stages.read(folder / "stages.yaml"), folder, NOW).ok
        asked = metrics.open(folder)
        items = len(asked.table("item")), len(asked.table("stage_event"))
        asked.close()
        return items

    found = outcomes(
        folder / "landing.duckdb", most, published, [(300, 600)], "landing.duckdb can't be read"
    )
    assert found["CannotPublish"] > most / 4


@pytest.mark.parametrize("most", [10, pytest.param(100, marks=pytest.mark.soak)])
def test_a_damaged_landing_database_collects_as_before_or_is_said(collected, tmp_path, most):
    folder = shutil.copytree(collected, tmp_path / "data")
    told = stages.read(folder / "stages.yaml").sources.values()

    def again() -> list:
        found = collecting.collect(told, folder / "landing.duckdb", NOW)
        return [(one.accepted, one.failed) for one in found]

    found = outcomes(folder / "landing.duckdb", most, again, [[(0, "")]], "landing.duckdb can't be")
    assert found["StopAll"] > most / 4


@pytest.mark.parametrize("most", [6, pytest.param(100, marks=pytest.mark.soak)])
def test_what_a_damaged_log_of_a_killed_collector_has_lost_is_collected_again(
    collected, tmp_path, most
):
    folder = tmp_path / "data"
    told = stages.read(collected / "stages.yaml").sources.values()
    log = folder / "landing.duckdb.wal"
    shutil.copytree(collected / "killed", folder)
    kept = {file: file.read_bytes() for file in folder.iterdir()}

    def again() -> int:
        damaged = log.read_bytes()
        for file, whole in kept.items():
            file.write_bytes(whole)
        log.write_bytes(damaged)
        collecting.collect(told, folder / "landing.duckdb", NOW)
        publish.publish(stages.read(folder / "stages.yaml"), folder, NOW)
        asked = metrics.open(folder)
        items = len(asked.table("item")), len(asked.table("stage_event"))
        asked.close()
        return items

    assert len(kept[log]) > 20_000
    found = outcomes(log, most, again, [(300, 600)], "landing.duckdb can't be")
    assert found["StopAll"] >= 1 and found["as before"] >= 1


def test_a_landing_database_that_lacks_what_is_read_is_said(folder):
    with duckdb.connect(str(folder / "landing.duckdb")) as con:
        con.execute("drop table stage_event")
    with pytest.raises(publish.CannotPublish, match="lacks stage_event: run 'valuestream collect'"):
        again(folder, 367)


def test_a_pointer_with_any_bit_turned_over_names_the_same_or_gives_way(folder):
    pointer = folder / "published/current"
    whole, named = pointer.read_bytes(), metrics.current(folder)
    for n in range(len(whole) * 8):
        pointer.write_bytes(
            whole[: n // 8] + bytes([whole[n // 8] ^ 1 << n % 8]) + whole[n // 8 + 1 :]
        )
        with suppress(FileNotFoundError):
            now = metrics.current(folder)
            assert now == named or not now.exists(), n


def test_a_refusal_with_any_bit_turned_over_is_a_refusal_still(folder):
    file = folder / "published/refused.json"
    whole = b'{"at": "2027-01-02T00:00:00+00:00", "reasons": ["A line: items does not hold: 2 against 3."]}'
    for n in range(len(whole) * 8):
        file.write_bytes(
            whole[: n // 8] + bytes([whole[n // 8] ^ 1 << n % 8]) + whole[n // 8 + 1 :]
        )
        told = metrics.refusal(folder)
        assert told["reasons"] and all(isinstance(reason, str) for reason in told["reasons"]), n
