"""The changes of a line go out as an event log: what came in is in it, case by case, letter for letter."""

from __future__ import annotations

import csv
import io
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pyarrow.parquet
import pytest
from line import day, event, publication
from test_cli import valuestream
from test_xes import LOG, truth

from metrics.publishing import publish
from settings import stages
from settings.sources import Xes
from sources import collecting, xes
from telling import event_log

NOW = datetime(2026, 11, 20, tzinfo=UTC)
# Texts that a file could break, or a spreadsheet run.
ODD = [
    "<b>\"&'amp;</b>",
    "=1+1",
    "tab\there",
    "line\r\nend",
    "x\x0by",
    "\ufffe",
    "💥 \u202e",
    " a  b ",
]
STAGES = """
title: Standards
streams:
  line:
    name: Standards & <data>
    link: https://example.org/{item}?a=1&b=2
    sources: [log]
    stages: {a: {name: A, queue: [Backlog], work: [Research, Co-design, Test and iterate], done: [On the platform]}}
    left: [Archived]
sources:
  log: {kind: xes, file: log.xes}
"""


def written(asked, way: str, stream: str = "line") -> tuple[bytes, event_log.Written]:
    file = io.BytesIO()
    with asked.events(stream) as batches:
        told = event_log.WAYS[way](batches, "A line", file)
    return file.getvalue(), told


def instants(rows: list[tuple]) -> Counter:
    return Counter((case, what, datetime.fromisoformat(at)) for case, what, at in rows)


@pytest.fixture(scope="module")
def standards(tmp_path_factory) -> Path:
    """The log of process mining, collected and published."""
    folder = tmp_path_factory.mktemp("standards")
    (folder / "log.xes").write_bytes(LOG.read_bytes())
    (folder / "stages.yaml").write_text(STAGES)
    told = stages.read(folder / "stages.yaml")
    collecting.collect(told.sources.values(), folder / "landing.duckdb", NOW)
    assert publish.publish(told, folder, NOW).ok
    return folder


def test_a_log_that_came_in_goes_out_with_the_same_cases_and_times(standards, tmp_path):
    for kind, end in (("xes", "xes"), ("csv", "csv")):
        file = tmp_path / f"out.{end}"
        done = valuestream("export", "events", "--format", kind, "-o", str(file), data=standards)  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        assert "Cases: 20, events: 45." in " ".join(done.stdout.split())
        if kind == "xes":
            assert instants(truth(file)) == instants(truth(LOG))
        (again,) = xes.readings(Xes(name="again", file=str(file)), {}, NOW)
        columns = (again.rows[name].to_pylist() for name in ("item", "status", "since"))
        assert instants(list(zip(*columns, strict=True))) == instants(truth(LOG))
        assert not again.rejects and not again.note
    assert "https://example.org/open-roads?a=1&b=2" in file.read_text()


def test_a_line_there_is_none_of_is_said(standards):
    done = valuestream("export", "events", "--stream", "no", data=standards)
    assert (done.returncode, "There is no stream 'no'. There are: line." in done.stderr) == (
        2,
        True,
    )


KNOWN = [
    event("x", "A waiting", day(1), precision="at least", opening=True),
    event("x", "A working", day(3), precision="between", not_before=day(2.5)),
    event("x", "Elsewhere", day(4.000001)), event("x", "Done", day(5)),
]  # fmt: skip


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A publication of KNOWN, and of an item for each of the odd texts."""
    more = [event(f"{n} {odd}", odd, day(n + 1)) for n, odd in enumerate(ODD)]
    with closing(publication(tmp_path_factory.mktemp("odd"), KNOWN + more)) as asked:
        yield asked


def test_each_event_says_how_well_its_time_is_known_and_where_it_is_on_the_map(odd):
    rows = list(csv.DictReader(io.StringIO(written(odd, "csv")[0].decode("utf-8-sig"))))[-4:]
    table = pyarrow.parquet.read_table(io.BytesIO(written(odd, "parquet")[0])).to_pylist()[-4:]
    tree = ElementTree.fromstring(written(odd, "xes")[0])
    assert [(r["concept:name"], r["time:timestamp"], r["not_before"], r["precision"], r["stage"], r["part"]) for r in rows] == [
        ("A waiting", "2026-01-01T00:00:00.000+00:00", "", "at least", "a", "queue"),
        ("A working", "2026-01-03T00:00:00.000+00:00", "2026-01-02T12:00:00.000+00:00", "between", "a", "work"),
        ("Elsewhere", "2026-01-04T00:00:00.086400+00:00", "", "exact", "", "unmapped"),
        ("Done", "2026-01-05T00:00:00.000+00:00", "", "exact", "c", "done"),
    ]  # fmt: skip
    said = [{a.get("key"): a.get("value") for a in e} for e in tree.iter("{http://www.xes-standard.org/}event")]  # fmt: skip
    assert said[-4:] == [{k: v for k, v in row.items() if v and not k.startswith("case:")} for row in rows]  # fmt: skip
    assert [row["time:timestamp"] for row in table] == [e["since"] for e in KNOWN]


def test_names_leave_letter_for_letter_as_far_as_the_file_can_hold_them(odd, tmp_path):
    body, count = written(odd, "parquet")
    assert count == (len(ODD) + 1, len(ODD) + len(KNOWN), 0)
    rows = pyarrow.parquet.read_table(io.BytesIO(body)).to_pylist()
    assert [(row["case:concept:name"], row["concept:name"]) for row in rows[:-4]] == [
        (f"{n} {odd}", odd) for n, odd in enumerate(ODD)
    ]
    cells = {row["concept:name"] for row in csv.DictReader(io.StringIO(written(odd, "csv")[0].decode("utf-8-sig")))}  # fmt: skip
    assert "'=1+1" in cells and not cells & {"=1+1", "line\r\nend"}
    body, told = written(odd, "xes")
    (tmp_path / "out.xes").write_bytes(body)
    shown = {"x\x0by": "x\\x0by", "\ufffe": "\\ufffe"}
    assert [(case, what) for case, what, _ in truth(tmp_path / "out.xes")][:-4] == [
        (f"{n} {shown.get(odd, odd)}", shown.get(odd, odd)) for n, odd in enumerate(ODD)
    ]
    assert told[:2] == count[:2]
    assert told.replaced == sum(
        "\\x0b" in t or "\\ufffe" in t for t in body.decode().split("value=")
    )


def test_a_line_without_events_leaves_an_empty_log(odd, tmp_path):
    bodies = {way: written(odd, way, "none")[0] for way in event_log.WAYS}
    (tmp_path / "out.xes").write_bytes(bodies["xes"])
    assert truth(tmp_path / "out.xes") == []
    assert bodies["csv"].decode("utf-8-sig").startswith("case:concept:name,")
    assert pyarrow.parquet.read_table(io.BytesIO(bodies["parquet"])).num_rows == 0
