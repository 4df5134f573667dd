"""What is accepted can always be published; what can't is refused with its place; no source stops
another."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import duckdb
import looked
import pytest
from line import LINE, TARGET, day
from servers import Handler, answering

import metrics
from metrics.publishing import publish
from settings import stages
from settings.sources import KINDS, Canaries, Events, Snapshots
from sources import collecting

NOW = day(1, 12)


def asked(folder: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(folder / "landing.duckdb"), read_only=True) as con:
        return con.execute(query).fetchall()


def test_a_time_that_is_taken_can_be_published(tmp_path):
    """Every way to write one, right or wrong: what is in is taken or refused, and all is published."""
    days = ["2026-04-03", "1900-01-01", "2024-02-29", "2026-02-29", "9999-12-31", "0001-01-01",
            "2026-03-29", "2026-10-25"]  # fmt: skip
    times = ["14:30", "24:00", "00:00:60", "01:30", "14:30:15.123456789", "23:59:59.9999999"]
    zones = ["", "Z", " Z", "+01:00", "+0100", " +0100", " -12:00", "+15:00", "-23:59", "+24:00"]
    told = [*days, *("".join(parts) for parts in product(days, "T ", times, zones))]
    rows = "".join(f'i{n},A waiting,"{since}"\n' for n, since in enumerate(told))
    (tmp_path / "stages.yaml").write_text(
        LINE.replace("DAYS", "calendar").replace("TARGET", TARGET)
    )
    (tmp_path / "log.csv").write_text("item,status,since\n" + rows)
    read = stages.read(tmp_path / "stages.yaml")
    (result,) = collecting.collect(read.sources.values(), tmp_path / "landing.duckdb", NOW)
    assert result.accepted + result.refused == len(told)
    assert publish.publish(read, tmp_path, NOW).ok
    publication = metrics.open(tmp_path)
    kept = publication.table("item")
    assert len(kept) == result.accepted > 300
    spaced = told.index("2026-04-03T14:30 Z"), told.index("2026-04-03 14:30 +0100")
    at = kept.set_index("item").first_known_at
    assert [at[f"i{n}"] for n in spaced] == [day(3, 4).replace(hour=14, minute=30),
                                             day(3, 4).replace(hour=13, minute=30)]  # fmt: skip
    publication.close()


@pytest.mark.parametrize(
    "seconds", [1e39, "nan", *(pytest.param(s, marks=pytest.mark.more)
                               for s in (-1, 1e300, "inf", "1e400", "soon", True, None))]
)  # fmt: skip
def test_how_long_a_check_took_is_a_number_of_seconds_or_not_known(tmp_path, seconds):
    odd = looked.check("p", "a", looked.at(1)) | {"seconds": seconds}
    told = looked.publication(tmp_path, [odd, looked.check("p", "a", looked.at(2), seconds=3)])
    run = told.figure("run", looked.at(3), process="p")
    assert run.checks.to_list() == [1, 1]
    rows = asked(tmp_path, 'select seconds from check_told order by "at"')
    assert rows == [(None,), (3.0,)]
    told.close()


@pytest.mark.parametrize(
    "name", ["$status", "a/b", *(pytest.param(name, marks=pytest.mark.more) for name in
                                 ("*", "$", "/a", "~1", 'a"b', "a.b", "[0]", "#", "é 漢"))]
)  # fmt: skip
def test_a_column_may_be_called_anything(tmp_path, name):
    quoted = '"' + name.replace('"', '""') + '"'
    (tmp_path / "list.csv").write_text(
        f"item,{quoted},since\na,Backlog,2026-01-01\nb,Doing,2026-01-02\n"
    )
    (tmp_path / "board.csv").write_text(f"item,{quoted}\na,Backlog\nb,Doing\n")
    files = {"list": Events(name="list", file=str(tmp_path / "list.csv"), columns={"status": name}),
             "board": Snapshots(name="board", file=str(tmp_path / "board.csv"), columns={"status": name})}  # fmt: skip
    results = collecting.collect(files.values(), tmp_path / "landing.duckdb", NOW)
    assert [(r.failed, r.accepted) for r in results] == [("", 2), ("", 2)]
    told = asked(
        tmp_path, "select distinct item, value from stage_event where kind = 'status' order by all"
    )
    assert told == [("a", "Backlog"), ("b", "Doing")]


class Broken(Handler):
    """A 404 whose JSON holds half of a pair of UTF-16, which no file can."""

    def do_GET(self):
        body = b'{"error": "no \\ud800 such table"}'
        self.send_response(404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def test_a_broken_text_in_an_answer_costs_only_its_own_source(tmp_path):
    (tmp_path / "list.csv").write_text("item,status,since\na,Backlog,2026-01-01\n")
    with answering(Broken) as address:
        told = [Events(name="far", url=f"{address}/list.csv"),
                Events(name="list", file=str(tmp_path / "list.csv"))]  # fmt: skip
        far, near = collecting.collect(told, tmp_path / "landing.duckdb", NOW)
    assert "Unexpected" not in far.failed and "404" in far.failed
    assert near.accepted == 1


ODD = [
    {"Records": [{"Sns": None}]}, {"Records": [None]}, {"Records": [{"Sns": "x"}]}, {"Records": "x"},
    {"Records": [{"body": "{"}]}, {"Records": [{"body": "[]"}]}, {"Message": "{"}, {"Message": "[1]"},
    {"CanaryRuns": [None]}, {"CanaryRuns": [{"Timeline": {}}]}, {"CanaryRuns": 1}, {"detail": None},
    {"detail": "x"}, {"alarmData": {"state": "OK"}}, {"NewStateValue": "OK"}, {},
    {"AlarmName": "a", "NewStateValue": "OK", "StateChangeTime": 1e300},
    {"AlarmName": {"x": 1}, "NewStateValue": ["OK"], "StateChangeTime": []},
]  # fmt: skip


def test_a_message_of_another_shape_is_refused_and_stops_no_other(tmp_path):
    good = {"AlarmName": "a", "NewStateValue": "OK", "StateChangeTime": "2026-01-01T00:00:00Z"}
    deep: dict = good
    for _ in range(300):
        deep = {"Message": json.dumps(deep)} if len(json.dumps(deep)) < 4000 else deep
    file = tmp_path / "messages.jsonl"
    file.write_text("\n".join(json.dumps(one) for one in [*ODD, deep, good]))
    told = Canaries(name="canaries", file=str(file))
    (result,) = collecting.collect([told], tmp_path / "landing.duckdb", NOW)
    assert (result.failed, result.accepted, result.refused) == ("", 1, len(ODD))
    places = asked(tmp_path, "select line from reject order by line")
    assert [line for (line,) in places] == [*range(1, len(ODD) + 1)]


GOOD = {
    "pipeline_logs": {"endpoint": "e", "entry-date": "2026-01-01", "resource": "r"},
    "canaries": {
        "AlarmName": "e",
        "NewStateValue": "OK",
        "StateChangeTime": "2026-01-01T00:00:00Z",
    },
}


@pytest.mark.parametrize("kind", GOOD)
def test_a_line_of_json_that_can_not_be_used_costs_only_itself(tmp_path, kind):
    good = json.dumps(GOOD[kind])
    odd = ["[" * 100_000, '{"a":' * 100_000, "9" * 5000, '{"a": ' + "9" * 5000 + "}", "[]", "3", "{", "nul", "{} {}", "\x00",
           good.replace('"e"', '"\\ud800"'), good.replace('"e"', '["e"]'), good.replace('"e"', '{"e": 1}'),
           good.replace('"2026', '"20x6'), good.replace('"2026-01-01', '1e400, "x": "')]  # fmt: skip
    file = tmp_path / "told.jsonl"
    file.write_bytes(
        "\n".join([good, *odd]).encode()
        + b'\n\n{"a": "\xff"}\n'
        + good.replace('"e"', '"e2"').encode()
    )
    source = KINDS[kind](name="told", file=str(file))
    (result,) = collecting.collect([source], tmp_path / "landing.duckdb", NOW)
    assert (result.failed, result.accepted, result.refused) == ("", 2, len(odd) + 1)
    lines = asked(tmp_path, "select line from reject order by line")
    assert [line for (line,) in lines] == [*range(2, 2 + len(odd)), len(odd) + 3]
