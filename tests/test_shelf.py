"""What is published stays readable: a full disk, a clock set back, damaged and stray files."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from browser import opened
from line import STORY, again, day, event, publication
from playwright.sync_api import expect
from servers import dashboard

import metrics
from metrics.publishing import publish

ROOT = Path(__file__).parent.parent
PUBLISH = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from metrics.publishing import publish
from settings import stages
folder = Path(sys.argv[1])
try:
    done = publish.publish(stages.read(folder / "stages.yaml"), folder, datetime(2027, 1, 3, tzinfo=UTC))
    print("Published", done.reasons)
except publish.CannotPublish as error:
    sys.exit(str(error))
"""


def more(*values: object) -> list:
    """Cases of the same kind as those beside them, for `make more`."""
    return [pytest.param(value, marks=pytest.mark.more) for value in values]


def names(folder: Path) -> list[str]:
    """What lies beside the publications and with them."""
    return sorted(file.name for file in (folder / "published").iterdir())


def items(asked: metrics.Publication) -> int:
    return len(asked.figure("age", day(9)))


@pytest.mark.parametrize("most", [*more(20_000, 1_000_000, 3_000_000, 100_000_000), 300_000])
def test_a_disk_that_is_full_leaves_the_last_good_publication(folder, most):
    """No file may grow beyond so many bytes: at each step of publishing something can't be written."""
    before = names(folder)
    done = subprocess.run(
        [sys.executable, "-c", PUBLISH, folder], capture_output=True, text=True, timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
        cwd=ROOT,
    )  # fmt: skip
    asked = metrics.open(folder)
    assert (asked.instead, items(asked)) == ("", 2)
    assert "Traceback" not in done.stderr, done.stderr[-900:]
    if done.returncode:
        assert "could not be written" in done.stderr
        assert names(folder) == before
    else:
        assert asked.file.name.startswith("2027-01-03")
        assert names(folder) == [*before[:2], asked.file.name, *before[2:]]
    assert (done.returncode == 0) == (most == 100_000_000)
    asked.close()


@pytest.mark.more
def test_a_clock_set_back_never_deletes_what_was_just_published(folder):
    for hours in range(5):
        done = again(folder, 300 - hours / 24)
        assert metrics.current(folder) == done.file
        asked = metrics.open(folder)
        assert (asked.file, asked.instead, items(asked)) == (done.file, "", 2)
        asked.close()
    assert len(names(folder)) <= 12


@pytest.mark.parametrize("pointer", [*more(b"", b"lost", b"../../x.duckdb", None), b"\xff\xfe\x00",
                                     b"2027-01-09T000000.000000Z.duckdb"])  # fmt: skip
def test_a_pointer_that_names_nothing_leads_to_the_newest_until_it_is_mended(folder, pointer):
    place = folder / "published/current"
    place.unlink() if pointer is None else place.write_bytes(pointer)
    asked = metrics.open(folder)
    assert asked.file.name.startswith("2027-01-02")
    assert asked.instead.startswith("The newest publication can't be opened: ")
    assert items(asked) == 2
    asked.close()
    again(folder, 367)
    asked = metrics.open(folder)
    assert (asked.file.name[:10], asked.instead) == ("2027-01-03", "")
    asked.close()


@pytest.mark.parametrize("size", [*more(0, 10, 20_000), 4096, -1])
def test_a_cut_publication_gives_way_to_the_one_before(folder, size):
    """-1: half of it, so that its head is whole."""
    newest = metrics.current(folder)
    whole = newest.read_bytes()
    newest.write_bytes(whole[: size if size >= 0 else len(whole) // 2])
    asked = metrics.open(folder)
    assert asked.file.name.startswith("2027-01-01")
    assert asked.instead.endswith("'valuestream publish' makes a new one.")
    assert items(asked) == 2
    asked.close()
    assert again(folder, 367).ok  # what is carried on from before is not needed


def test_nothing_that_opens_says_what_to_run(folder):
    for file in (folder / "published").glob("*.duckdb"):
        file.write_bytes(b"")
    with pytest.raises(FileNotFoundError, match=r"can be opened: .*Run 'valuestream publish'"):
        metrics.open(folder)


@pytest.mark.parametrize(
    "text",
    [
        *more("", "[]", '{"at": 1, "reasons": []}', '{"reasons": []}'),
        "{",
        '{"at": "2027", "reasons": 1}',
    ],
)
def test_a_damaged_refusal_is_said_and_stops_nothing(folder, text):
    (folder / "published/refused.json").write_text(text)
    (told,) = metrics.refusal(folder)["reasons"]
    assert told == "refused.json, which says why, is damaged: publish again."
    assert again(folder, 367).ok
    assert metrics.refusal(folder) is None


def test_what_else_lies_there_is_left_alone(folder):
    strays = {
        "backup.duckdb",
        "2027.duckdb",
        "notes.txt",
        "copy of 2027-01-01T000000.000000Z.duckdb",
    }
    for name in strays:
        (folder / "published" / name).write_bytes(b"mine")
    assert again(folder, 367).ok
    assert strays <= set(names(folder))
    assert metrics.open(folder).instead == ""


@pytest.mark.more
def test_the_page_says_that_it_shows_an_older_one_and_moves_on(page, folder):
    newest = metrics.current(folder)
    newest.write_bytes(newest.read_bytes()[:5000])
    with dashboard(folder, "healthz") as address:
        opened(page, address)
        notice = page.locator(".refused")
        expect(notice).to_contain_text("The newest publication can't be opened")
        expect(page.get_by_role("heading", name="A line")).to_be_visible()
        health = json.loads(page.request.get(f"{address}/healthz").text())
        assert health["publication"].startswith("2027-01-01")
        assert health["warning"] == notice.inner_text()
        again(folder, 367)
        page.reload()
        expect(page.get_by_role("heading", name="A line")).to_be_visible()
        expect(notice).to_have_count(0)
        assert "warning" not in json.loads(page.request.get(f"{address}/healthz").text())


@pytest.mark.more
@pytest.mark.parametrize("change", ["drop table made_by", "update made_by set version = 'other'"])
def test_a_publication_of_another_version_says_what_to_run(page, folder, change):
    """After an upgrade its figures may lack what the pages ask for; what was collected stays."""
    with duckdb.connect(str(metrics.current(folder))) as con:
        con.execute(change)
    told = metrics.open(folder).outdated
    assert told.endswith("run 'valuestream publish'. All that was collected stays.")
    done = subprocess.run(
        [sys.executable, "cli.py", "status", "--data", folder], capture_output=True, text=True,
        cwd=Path(__file__).parent.parent, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2 and "run 'valuestream publish'" in " ".join(done.stderr.split())
    with dashboard(folder, "healthz") as address:
        page.goto(address)
        expect(page.get_by_text(told)).to_be_visible()
        assert json.loads(page.request.get(f"{address}/healthz").text())["warning"] == told
    again(folder, 367)
    assert metrics.open(folder).outdated == ""


def test_a_publication_of_another_version_is_told_from_one_of_this(folder):
    asked = metrics.open(folder)
    assert asked.outdated == ""
    asked.close()
    with duckdb.connect(str(metrics.current(folder))) as con:
        con.execute("update made_by set version = 'other'")
    assert "run 'valuestream publish'" in metrics.open(folder).outdated


def test_a_damaged_landing_database_is_not_said_to_be_in_use(folder):
    (folder / "landing.duckdb").write_bytes(b"x" * 9000)
    with pytest.raises(
        publish.CannotPublish, match=r"landing.duckdb can't be read: .*collect again"
    ):
        again(folder, 367)


@pytest.mark.parametrize("told", ["10::hugeint ** 30", "'third'"])
def test_what_our_own_sql_cannot_reckon_with_is_not_said_to_be_the_disk(folder, told):
    """A number out of range and a text that is none: making room would cure neither."""
    before = names(folder)
    with duckdb.connect(str(folder / "landing.duckdb")) as con:
        con.execute(
            "create table odd as select * replace (TOLD as sequence) from stage_event".replace(
                "TOLD", told
            )
        )
        con.execute("drop table stage_event")
        con.execute("alter table odd rename to stage_event")
    with pytest.raises(
        publish.CannotPublish, match=r"fault of the program .*Please report it; "
    ) as said:
        again(folder, 367)
    assert "Conversion Error" in str(said.value) and "make room" not in str(said.value)
    assert isinstance(said.value.__cause__, duckdb.DataError)
    asked = metrics.open(folder)
    assert (asked.instead, items(asked), names(folder)) == ("", 2, before)
    asked.close()


def test_events_that_come_later_are_in_the_next_publication(folder):
    """The fixture would pass with any publication; this one tells them apart."""
    publication(
        folder, [*STORY, event("new", "A waiting", day(3))], now=day(1) + timedelta(days=368)
    ).close()
    asked = metrics.open(folder)
    assert items(asked) == 3
    asked.close()
