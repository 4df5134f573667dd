"""What is larger than its limits is refused with a sentence, before it fills the memory; a limit that
is raised lets it in."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest

from settings.limits import Limits
from settings.sources import KINDS, Source
from sources import Reading, StopSource, collecting
from sources.reading.bounds import within

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ROOT = Path(__file__).parent.parent
SPACE = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def zeros(count: int, line: bytes) -> bytes:
    """A .gz of so many times the same line: what it holds is a thousand times as large."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=6) as file:
        for _ in range(0, count, 10_000):
            file.write(line * 10_000)
    return out.getvalue()


def workbook(part: str, inside: bytes, times: int) -> bytes:
    """A workbook whose part is replaced by so many repetitions."""
    plain, out = io.BytesIO(), io.BytesIO()
    openpyxl.Workbook().save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        with new.open(part, "w") as file:
            for n in range(0, times, 1000):
                file.write(inside * min(1000, times - n))
    return out.getvalue()


def sheet(inside: bytes, times: int) -> bytes:
    """A workbook with a sheet of so many repetitions."""
    begin = b"<worksheet " + SPACE + b"><sheetData>"
    return whole_sheet(begin + inside * times + b"</sheetData></worksheet>")


def whole_sheet(text: bytes) -> bytes:
    return workbook("xl/worksheets/sheet1.xml", text, 1)


def parquet(rows: int, text: str, **more: object) -> bytes:
    """A parquet of one text in every row, which it holds once."""
    out, part = io.BytesIO(), min(rows, 1_000_000)
    names = ["endpoint", "entry_date", "resource", *more]
    column = pyarrow.DictionaryArray.from_arrays(
        pyarrow.nulls(part, pyarrow.int8()).fill_null(0), [text]
    )
    table = pyarrow.table([column] * len(names), names)
    with pyarrow.parquet.ParquetWriter(out, table.schema, compression="zstd") as file:
        for _ in range(rows // part):
            file.write_table(table)
    return out.getvalue()


DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "lol"><!ENTITY b "' + b"&a;" * 99 + b'">]>'
HEAD = b"item,status,since\n"
# What is sent, scaled to the default limits: name, kind, file, the limit that it breaks, its maker.
ATTACKS: dict[str, tuple[str, str, str, Callable[[], bytes]]] = {
    "a csv.gz that unpacks to a gigabyte": (
        "pipeline_logs", "log.csv.gz", "unpacked", lambda: zeros(33_000_000, b"endpoint,entry_date,a,b,c,d,e\n")),
    "a csv.gz of millions of rows": (
        "pipeline_logs", "log.csv.gz", "rows", lambda: zeros(6_000_000, b"endpoint,entry_date\n")),
    "a csv.gz of rows that can't be used": (
        "pipeline_logs", "log.csv.gz", "rejects", lambda: gzip.compress(b"endpoint,entry_date\n" + b",\n" * 4_000_000)),
    "a csv.gz of rows too short": (
        "pipeline_logs", "log.csv.gz", "rejects", lambda: gzip.compress(b"endpoint,entry_date\n" + b"a\n" * 4_000_000)),
    "a json.gz of empty lists": ("pipeline_logs", "log.json.gz", "cells", lambda: gzip.compress(b"[" + b"[]," * 9_000_000 + b"0]")),
    "a json.gz of one long text": ("pipeline_logs", "log.json.gz", "megabytes", lambda: gzip.compress(b'["' + b"a" * 300_000_000 + b'"]', 1)),
    "a jsonl.gz of empty objects": ("canaries", "log.jsonl.gz", "rejects", lambda: zeros(5_000_000, b"{}\n")),
    "a json.gz of canary runs": ("canaries", "log.jsonl.gz", "cells", lambda: gzip.compress(b"".join(
        b'{"AlarmName":"%d","NewStateValue":"OK","StateChangeTime":1767225600}\n' % n for n in range(300_000)))),
    "a parquet of one long text in every row": ("pipeline_logs", "log.parquet", "unpacked", lambda: parquet(1_000_000, "x" * 5000)),
    "a parquet of many short rows": ("pipeline_logs", "log.parquet", "rows", lambda: parquet(9_000_000, "x")),
    "a parquet of a page of zeros": ("pipeline_logs", "log.parquet", "megabytes", lambda: parquet(1, "0" * 300_000_000)),
    "a parquet of long texts at the limit of rows": ("pipeline_logs", "log.parquet", "unpacked", lambda: parquet(5_000_000, "x" * 50)),
    "an xlsx of many cells": ("events", "list.xlsx", "cells", lambda: sheet(b"<row>" + b"<c><v>1</v></c>" * 100 + b"</row>", 50_000)),
    "an xlsx of one wide row": ("events", "list.xlsx", "cells", lambda: sheet(b"<c/>", 5_000_000)),
    "an xlsx of empty rows": ("events", "list.xlsx", "cells", lambda: sheet(b'<row ht="1"/>', 5_000_000)),
    "an xlsx of a row far below": ("events", "list.xlsx", "cells", lambda: sheet(b'<row r="999999999999"><c><v>1</v></c></row>', 1)),
    "an xlsx of rows wider than they show": ("events", "list.xlsx", "cells", lambda: sheet(b'<row><c r="ZZZ1"><v>1</v></c></row>', 20_000)),
    "an xlsx of many shared texts": ("events", "list.xlsx", "cells", lambda: workbook("xl/sharedStrings.xml", b"<si><t>a</t></si>", 5_000_000)),
    "an xlsx of many styles": ("events", "list.xlsx", "cells", lambda: workbook("xl/styles.xml", b"<xf/>", 5_000_000)),
    "an xlsx that unpacks to a gigabyte": ("events", "list.xlsx", "unpacked", lambda: workbook("xl/media/a.png", b"\1" * 1000, 1_000_000)),
    "a list of rows that can't be used": ("events", "list.csv", "rejects", lambda: HEAD + b"x,y,z\n" * 160_000),
    "a snapshot of long names of columns": ("snapshots", "board.csv", "unpacked", lambda: b"x" * 900_000 + b",item,status\n" + b"1,a,b\n" * 1000),
    "a snapshot of many cells": ("snapshots", "board.csv", "cells", lambda: b"item,status\n" + b"a,b\n" * 1_000_000),
}  # fmt: skip


def read(settings: Source) -> Reading:
    (reading,) = collecting.readings(settings, {}, NOW)
    return reading


# Each attack shrunk by its limit: the sentence and the way in are the same.
SMALL = {
    "megabytes": 0.001, "unpacked": 0.01, "rows": 10, "cells": 12, "rejects": 3,
}  # fmt: skip
FILES: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "unpacked": ("pipeline_logs", "log.csv.gz", lambda: zeros(10_000, b"endpoint,entry_date\n")),
    "rows": ("pipeline_logs", "log.parquet", lambda: parquet(11, "2026-01-01")),
    "cells": ("snapshots", "board.csv", lambda: b"item,status\nz,b\na,b\nb,b\nc,b\nd,b\ne,b\n"),
    "rejects": ("pipeline_logs", "log.csv", lambda: b"endpoint,entry_date\n" + b"a\n" * 5),
    "megabytes": ("pipeline_logs", "log.jsonl", lambda: b'{"endpoint":"a","entry-date":"2026-01-01"}\n' * 99),
}  # fmt: skip


@pytest.mark.parametrize("limit", FILES)
def test_what_is_above_a_limit_is_refused_by_its_name_and_let_in_when_it_is_raised(tmp_path, limit):
    """The last good answer stays, and nothing but the limit need change."""
    kind, name, make = FILES[limit]
    file, landing = tmp_path / name, tmp_path / "landing.duckdb"
    good = {"snapshots": b"item,status\nz,b\n", "pipeline_logs": b""}[kind]
    low = KINDS[kind](name="odd", file=str(file), limits=Limits(**{limit: SMALL[limit]}))
    if good:
        file.write_bytes(good)
        collecting.collect([low], landing, NOW)
    file.write_bytes(make())
    (first,) = collecting.collect([low], landing, NOW)
    (again,) = collecting.collect([low], landing, NOW)
    assert (first.accepted, first.refused_readings, first.failed) == (0, 1, "")
    assert first.not_believed.endswith(
        f": not read. If that is right, raise limits: {{{limit}: …}}."
    )
    assert again.readings == 0, "the same refused again is no news"
    high = low.model_copy(update={"limits": Limits()})
    (raised,) = collecting.collect([high], landing, NOW)
    assert raised.failed == "" and raised.not_believed == "" and raised.readings == 1


@pytest.mark.parametrize("kind", ["events", "snapshots"])
def test_a_file_that_is_too_large_is_not_read_into_memory(tmp_path, kind):
    file = tmp_path / "list.csv"
    with file.open("wb") as grown:
        grown.truncate(10**12)  # a terabyte that takes no place
    with pytest.raises(StopSource, match=r"is larger than 100 MB: not read.*\{megabytes: …\}"):
        read(KINDS[kind](name="odd", file=str(file)))


def test_a_log_that_is_too_large_stops_no_other_file(tmp_path):
    with (tmp_path / "a.csv").open("wb") as grown:
        grown.truncate(10**12)
    (tmp_path / "b.csv").write_text("endpoint,entry_date\ne,2026-01-01\n")
    log = KINDS["pipeline_logs"](name="odd", file=str(tmp_path / "*.csv"))
    both = list(collecting.readings(log, {}, NOW))
    assert [bool(one.refused) for one in both] == [True, False]
    assert [one.place for one in collecting.readings(log, both[1].cursor, NOW)] == [both[0].place]
    whole = log.model_copy(update={"file": str(tmp_path)})
    (folder,) = collecting.readings(whole, {}, NOW)
    assert (folder.rows.num_rows, folder.rejects[0].value) == (1, "a.csv")
    assert len(list(collecting.readings(whole, folder.cursor, NOW))) == 1


def test_a_commit_above_a_limit_is_read_when_the_limit_is_raised(tmp_path):
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    bodies = [b"item,status\na,To do\n", b"item,status\n" + b"a,To do\nb,Doing\n" * 99, b"item,status\na,Done\n"]  # fmt: skip
    stream = b"".join(
        b"commit refs/heads/main\ncommitter a <a@b.c> %d +0000\ndata 0\nM 644 inline board.csv\ndata %d\n%s\n"
        % (1_700_000_000 + n, len(body), body) for n, body in enumerate(bodies)
    )  # fmt: skip
    subprocess.run([*git, "fast-import", "--quiet"], input=stream, check=True)
    low = KINDS["git_history"](
        name="odd", repository=str(tmp_path), file="board.csv", limits=Limits(megabytes=0.001)
    )
    landing = tmp_path / "landing.duckdb"
    (first,) = collecting.collect([low], landing, NOW)
    (again,) = collecting.collect([low], landing, NOW)
    (raised,) = collecting.collect([low.model_copy(update={"limits": Limits()})], landing, NOW)
    assert [(r.readings, r.refused_readings) for r in (first, again, raised)] == [(3, 1), (0, 0), (1, 0)]  # fmt: skip
    few = low.model_copy(update={"limits": Limits(pages=2)})
    with pytest.raises(
        StopSource, match=r"board.csv has more than 2 pages or commits.*\{pages: …\}"
    ):
        list(collecting.readings(few, {}, NOW))


def test_a_workbook_that_defines_entities_is_refused(tmp_path):
    for text in (DOCTYPE, DOCTYPE.decode().encode("utf-16")):
        (tmp_path / "list.xlsx").write_bytes(whole_sheet(text))
        reading = read(KINDS["events"](name="odd", file=str(tmp_path / "list.xlsx")))
        assert reading.refused == "The file is no .xlsx workbook: it defines entities."


def test_a_size_at_the_limit_is_within_it():
    within(Limits(megabytes=1), "megabytes", 1_000_000)
    with pytest.raises(ValueError, match="The answer is larger than 1 MB: not read"):
        within(Limits(megabytes=1), "megabytes", 1_000_001)


MEASURE = """
import json, re, sys, time
from datetime import UTC, datetime
from settings.sources import KINDS
from sources import collecting, pipeline_logs, events, snapshots, canaries
settings = KINDS[sys.argv[1]](name="odd", file=sys.argv[2])
# The peak of this process alone: that of getrusage begins with that of the process before it.
size = lambda: int(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1]) / 1000
before, start = size(), time.process_time()
(reading,) = collecting.readings(settings, {}, datetime(2026, 11, 20, tzinfo=UTC))
print(json.dumps([size() - before, time.process_time() - start, reading.refused]))
"""


@pytest.mark.soak
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak")
@pytest.mark.parametrize("which", ATTACKS)
def test_what_unpacks_to_gigabytes_takes_little_memory_and_time(tmp_path, which):
    kind, name, limit, make = ATTACKS[which]
    (tmp_path / name).write_bytes(make())
    done = subprocess.run([sys.executable, "-c", MEASURE, kind, str(tmp_path / name)],
                          cwd=ROOT, capture_output=True, text=True, check=True, timeout=300)  # fmt: skip
    megabytes, seconds, refused = json.loads(done.stdout)
    print(f"{which}: {megabytes:.0f} MB, {seconds:.1f} s, {refused}")
    assert f"raise limits: {{{limit}: …}}" in refused
    assert megabytes < 300
    assert seconds < 20
