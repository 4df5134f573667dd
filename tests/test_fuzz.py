"""Whatever a file holds, a row of it is taken or refused with its reason, no error is unforeseen,
and all that is taken can be published."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import looked
import odd_bytes
import pyarrow
import pytest
from line import LINE, TARGET
from odd_bytes import Odd
from seeds import SEED, chance, some

import metrics
from metrics.publishing import publish
from settings import stages
from settings.sources import KINDS, Source
from sources import Reading, collecting
from sources.landing import saving

NOW = datetime(2026, 11, 20, tzinfo=UTC)
LISTED = LINE.replace("DAYS", "calendar").replace("TARGET", TARGET)
# The kind, what makes its files, and a stages.yaml in which its source is called log.
EVERY: dict[str, tuple[str, Callable[[Random], Odd], str]] = {
    "a list": ("events", odd_bytes.list_csv, LISTED),
    "a workbook": ("events", odd_bytes.list_xlsx, LISTED),
    "a snapshot": ("snapshots", odd_bytes.board_csv, LISTED.replace("events", "snapshots")),
    "a log": ("pipeline_logs", odd_bytes.log, looked.LOOKED),
    "canaries": ("canaries", odd_bytes.messages,
                 looked.LOOKED.replace('kind: pipeline_logs, file: "log*', 'kind: canaries, file: "log*')),
}  # fmt: skip
SHORT, LONG = 600, 100_000  # rows and answers


def told(folder: Path, kind: str, make: Callable[[Random], Odd], rows: int) -> Iterator[Reading]:
    """Readings of as many odd files as hold so many rows; a failure names the seed and the file."""
    seen = number = 0
    while seen < rows:
        number += 1
        odd = make(chance(kind, make.__name__, number))
        file = folder / odd.name
        file.write_bytes(odd.body)
        settings = KINDS[kind](name="log", file=str(file), folder=folder)
        try:
            (reading,) = collecting.readings(settings, {}, NOW)
            assert not (reading.refused and reading.rows.num_rows)
            assert all(reject.reason for reject in reading.rejects)
            if odd.rows is not None and not reading.refused:
                assert reading.rows.num_rows + len(reading.rejects) == odd.rows
        except Exception as error:
            error.add_note(f"VALUESTREAM_SEED={SEED}, {kind} {make.__name__} {number}: {odd.body[:300]!r}")  # fmt: skip
            raise
        seen += 1 + reading.rows.num_rows + len(reading.rejects)
        yield reading


def together(readings: list[Reading], once: bool) -> Reading:
    """What was taken of all of them as one answer; of a snapshot each item once."""
    rows = pyarrow.concat_tables([r.rows for r in readings], promote_options="default")
    if once:
        first = {item: n for n, item in reversed(list(enumerate(rows["item"].to_pylist())))}
        rows = rows.take(sorted(first.values()))
    newest = [reading.newest for reading in readings if reading.newest]
    return Reading("all", NOW, rows, newest=max(newest), sha256="all",
                   rejects=[reject for reading in readings for reject in reading.rejects])  # fmt: skip


@pytest.mark.parametrize("rows", [SHORT, pytest.param(LONG, marks=pytest.mark.soak)])
@pytest.mark.parametrize("which", some(EVERY))
def test_no_file_brings_an_error_nobody_foresaw_and_all_that_is_taken_is_published(
    tmp_path, which, rows
):
    kind, make, text = EVERY[which]
    rows //= 5 if which == "a workbook" else 1  # they take longer to make than to read
    (tmp_path / "odd").mkdir()
    readings = list(told(tmp_path / "odd", kind, make, rows))
    settled = looked.prepared(tmp_path, text) if "builds" in text else listed(tmp_path, text)
    taken = [reading for reading in readings if not reading.refused]
    assert sum(reading.rows.num_rows for reading in taken) > rows / 8
    whole = together(taken, once=kind == "snapshots")
    with saving.opened(tmp_path / "landing.duckdb") as con:
        for source in settled.sources.values():
            saving.describe(con, source)
        load = saving.save(con, settled.sources["log"], whole, NOW, 0.0)
        saving.answered(con, settled.sources["log"], NOW)
        assert load.accepted == whole.rows.num_rows
    done = publish.publish(settled, tmp_path, NOW)
    assert done.ok, done.reasons
    metrics.open(tmp_path).close()


def listed(folder: Path, text: str) -> stages.Stages:
    (folder / "stages.yaml").write_text(text)
    return stages.read(folder / "stages.yaml")


@pytest.mark.parametrize("which", some(EVERY))
def test_collecting_odd_files_takes_or_refuses_each_row(tmp_path, which):
    kind, make, _ = EVERY[which]
    sources: list[Source] = []
    for n in range(12):
        odd = make(chance("whole", which, n))
        folder = tmp_path / f"{n}"
        folder.mkdir()
        (folder / odd.name).write_bytes(odd.body)
        sources.append(KINDS[kind](name=f"odd{n}", file=str(folder / odd.name)))
    results = collecting.collect(sources, tmp_path / "landing.duckdb", NOW)
    assert [r.failed for r in results] == [""] * len(sources)
    assert all(r.rows_in == r.accepted + r.refused for r in results)
    assert any(r.accepted for r in results)


@pytest.mark.parametrize("commits", [100, pytest.param(2_000, marks=pytest.mark.soak)])
def test_a_history_of_odd_files_is_read_to_its_end(tmp_path, commits):
    """Odd boards, a link, a folder and another repository in their place, and times out of any calendar."""
    random, folder = chance("history"), tmp_path / "history.git"
    git = ["git", "-C", str(folder)]
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(folder)], check=True)
    stream = []
    for n in range(commits):
        at = 1_700_000_000 + n * 60 if n % 50 else random.choice([0, 2**40, 2**62, 4_000_000_000])
        stream.append(f"commit refs/heads/main\ncommitter a <a@b.c> {at} +0000\ndata 0\n".encode())
        pick = random.random()
        if pick < 0.05:
            stream.append(b"D board.csv\nM 160000 " + b"1" * 40 + b" board.csv\n")
        elif pick < 0.1:
            stream.append(b"D board.csv\nM 100644 inline board.csv/x\ndata 1\na\n")
        else:
            body = odd_bytes.board_csv(random).body
            mode = b"120000" if pick < 0.15 else b"100644"
            stream.append(b"D board.csv\nM %s inline board.csv\ndata %d\n%s\n" % (mode, len(body), body))  # fmt: skip
    subprocess.run([*git, "fast-import", "--quiet"], input=b"".join(stream), check=True)
    settings = KINDS["git_history"](name="log", repository=str(folder), file="board.csv")
    readings = list(collecting.readings(settings, {}, NOW))
    assert len(readings) > commits * 0.9
    refused = [reading.refused for reading in readings if reading.refused]
    assert commits * 0.05 < len(refused) < commits * 0.9
    assert {"The time of the commit can't be right."} < set(refused)
    (result,) = collecting.collect([settings], tmp_path / "landing.duckdb", NOW)
    assert result.failed == "" and result.rows_in == result.accepted + result.refused
