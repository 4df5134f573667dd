"""An event log of process mining comes in: as XES, zipped or not, and as such tools' CSV; what can't be
used is kept with its line, field, value and reason, and nothing in it is expanded or fetched."""

from __future__ import annotations

import gzip
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from seeds import chance
from servers import Handler, answering

from settings import database
from settings.sources import Xes
from sources import StopSource, TryLater, collecting, xes
from telling import collected

NOW = datetime(2026, 11, 20, tzinfo=UTC)
LOG = Path(__file__).parent / "payloads/planning-considerations-20-items.xes"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<log xmlns="http://www.xes-standard.org/">\n'


def read(body: str | bytes, tmp: Path, name: str = "log.xes", **more):
    (tmp / name).write_bytes(body.encode() if isinstance(body, str) else body)
    (reading,) = xes.readings(Xes(name="log", file=str(tmp / name), **more), {}, NOW)
    return reading


def told(reading) -> list[tuple]:
    return list(zip(*(reading.rows[name].to_pylist() for name in ("item", "status", "since")), strict=True))  # fmt: skip


def truth(file: Path) -> list[tuple]:
    """Case, activity and time of each event, read by ElementTree."""
    found, space = [], "{http://www.xes-standard.org/}"
    for trace in ElementTree.parse(file).getroot().iter(f"{space}trace"):
        (case,) = (a.get("value") for a in trace if a.get("key") == "concept:name")
        for event in trace.iter(f"{space}event"):
            cells = {a.get("key"): a.get("value") for a in event}
            found.append((case, cells["concept:name"], cells["time:timestamp"]))
    return found


def test_a_log_is_read_with_its_cases_and_times(tmp_path):
    source = Xes(name="log", file=str(LOG))
    (result,) = collecting.collect([source], tmp_path / "landing.duckdb", NOW)
    known = truth(LOG)
    assert (result.accepted, result.refused) == (len(known), 0)
    with database.connect(tmp_path / "landing.duckdb", read_only=True) as con:
        kept = con.execute("select item, value, since from stage_event order by line").fetchall()
    assert kept == [(item, status, datetime.fromisoformat(at)) for item, status, at in known]
    assert len({item for item, *_ in kept}) == 20


def test_zipped_or_from_an_address_it_says_the_same(tmp_path):
    body = gzip.compress(LOG.read_bytes())

    class Server(Handler):
        def do_GET(self):
            self._send(200, body)

    plain = read(LOG.read_bytes(), tmp_path)
    zipped = read(body, tmp_path, "log.xes.gz")
    with answering(Server) as host:
        (asked,) = xes.readings(Xes(name="log", url=f"{host}/log"), {}, NOW)
    assert told(plain) == told(zipped) == told(asked) == truth(LOG)
    assert plain.sha256 == zipped.sha256 == asked.sha256


def test_the_csv_of_process_mining_says_the_same(tmp_path):
    rows = [f"{item},{status},{at.replace('T', ' ')},someone" for item, status, at in truth(LOG)]
    header = "case:concept:name,concept:name,time:timestamp,org:resource"
    reading = read("\n".join([header, *rows]), tmp_path, "log.csv")
    spaced = [(item, status, at.replace("T", " ")) for item, status, at in truth(LOG)]
    assert told(reading) == spaced
    assert "someone" not in str(reading.rows.to_pylist())  # who it was is not kept
    short = read("\n".join([header, *rows, "cut"]), tmp_path, "log.csv")
    assert short.refused == f"The last line ({len(rows) + 2}) is no row: 'cut'. It is cut off."
    wide = read("\n".join([header, rows[0], rows[1] + ",more"]), tmp_path, "log.csv")
    assert [(r.line, r.reason) for r in wide.rejects] == [(3, "5 cells where the header has 4")]


STEPS = f"""{HEAD}
<trace><string key="concept:name" value="a"/><string key="title" value="An item"/>
<event><string key="concept:name" value="Check"/><date key="time:timestamp" value="2026-01-01T09:00:00.000+01:00"/><string key="lifecycle:transition" value="START"/></event>
<event><string key="concept:name" value="Check"/><date key="time:timestamp" value="2026-01-02T09:00:00Z"/><string key="lifecycle:transition" value="complete"/></event>
<event><string key="concept:name" value="Build"/><date key="time:timestamp" value="2026-01-03T09:00:00Z"/></event>
<event><string key="concept:name" value="Build"/><date key="time:timestamp" value="2026-01-04T09:00:00Z"/><string key="lifecycle:transition" value="suspend"/></event>
</trace></log>"""  # fmt: skip


@pytest.mark.parametrize(
    ("lifecycle", "statuses", "note"),
    [
        ("complete", ["Check", "Build"], "not read as changes: 1 start, 1 suspend"),
        ("start", ["Check", "Build"], "not read as changes: 1 complete, 1 suspend"),
        ("both", ["Check+START", "Check+complete", "Build", "Build+suspend"], ""),
    ],
)
def test_which_events_change_the_status_is_said(tmp_path, lifecycle, statuses, note):
    reading = read(STEPS, tmp_path, lifecycle=lifecycle, columns={"name": "case:title"})
    assert (reading.rows["status"].to_pylist(), reading.note) == (statuses, note)
    assert set(reading.rows["name"].to_pylist()) == {"An item"}
    days = [at[8:10] for at in reading.rows["since"].to_pylist()]
    assert days == {"complete": ["02", "03"], "start": ["01", "03"]}.get(lifecycle, ["01", "02", "03", "04"])  # fmt: skip


def test_an_event_refused_as_still_to_come_is_taken_when_its_time_has_come(tmp_path):
    (tmp_path / "log.xes").write_text(STEPS.replace("2026-01-03", "2026-11-22"))
    source = Xes(name="log", file=str(tmp_path / "log.xes"))
    for days, found in ((0, (1, 1)), (3, (2, 0))):
        now = NOW + timedelta(days=days)
        (result,) = collecting.collect([source], tmp_path / "landing.duckdb", now)
        assert (result.accepted, result.refused) == found


def test_what_is_left_out_of_a_log_is_said_at_each_collect(tmp_path):
    (tmp_path / "log.xes").write_text(STEPS)
    source = Xes(name="log", file=str(tmp_path / "log.xes"))
    for said in ("not read as changes: 1 start, 1 suspend",
                 "nothing new; not read as changes: 1 start, 1 suspend"):  # fmt: skip
        results = collecting.collect([source], tmp_path / "landing.duckdb", NOW)
        assert collected.rows(results).said.to_list() == [said]


def test_a_log_of_starts_alone_says_what_to_set(tmp_path):
    body = STEPS.replace('value="complete"', 'value="start"').replace("Build", "")
    only = body[: body.index('<event><string key="concept:name" value=""/>')] + "</trace></log>"
    assert read(only, tmp_path).refused == "No event has lifecycle:transition complete, but 2 start: set lifecycle."  # fmt: skip


def test_what_can_not_be_used_is_kept_with_its_line_field_value_and_reason(tmp_path):
    reading = read(f"""{HEAD}<trace><string key="concept:name" value="a"/>
<event><string key="concept:name" value="A"/><date key="time:timestamp" value="soon"/></event>
<event><string key="concept:name" value=" "/><date key="time:timestamp" value="2026-01-02T09:00:00Z"/></event>
<event><string key="concept:name" value="A"/></event>
<event><string key="concept:name" value="A"/><date key="time:timestamp" value="2226-01-02T09:00:00Z"/></event>
<event><string key="concept:name" value="A"><string key="time:timestamp" value="inner"/></string><date key="time:timestamp" value="2026-01-02T09:00:00Z"/></event>
</trace>
<trace><string key="concept:name" value="empty"/></trace>
<trace><event><string key="concept:name" value="A"/><date key="time:timestamp" value="2026-01-02T09:00:00Z"/></event></trace>
<event><string key="concept:name" value="A"/><date key="time:timestamp" value="2026-01-02T09:00:00Z"/></event>
</log>""", tmp_path)  # fmt: skip
    iso = "no date: write it as 2026-04-03 or 2026-04-03T14:30Z"
    assert told(reading) == [("a", "A", "2026-01-02T09:00:00Z")]
    assert sorted((r.line, r.field, r.value, r.reason) for r in reading.rejects) == [
        (4, "time:timestamp", "soon", iso),
        (5, "concept:name", "a", "no status: the cell is empty"),
        (6, "time:timestamp", "", iso),
        (7, "time:timestamp", "2226-01-02T09:00:00Z", "this time is still to come: correct it"),
        (10, "case:concept:name", "empty", "no event: nothing happened in this case"),
        (11, "case:concept:name", "A, 2026-01-02T09:00:00Z", "no item: the key is empty"),
        (12, "case:concept:name", "A, 2026-01-02T09:00:00Z", "no item: the key is empty"),
    ]


def test_a_log_in_one_line_tells_its_events_apart(tmp_path):
    body = LOG.read_text().replace("\n", " ").replace("\t", "")
    source = Xes(name="log", file=str(tmp_path / "log.xes"), columns={"from": "was"})
    (tmp_path / "log.xes").write_text(body)
    collecting.collect([source], tmp_path / "landing.duckdb", NOW)
    with database.connect(tmp_path / "landing.duckdb", read_only=True) as con:
        kept = con.execute("select item, value from stage_event order by line").fetchall()
    assert kept == [(item, status) for item, status, _ in truth(LOG)]


BOMB = '<?xml version="1.0"?><!DOCTYPE log [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]><log>&b;</log>'
NO = [
    (b"", "The answer is empty."),
    (BOMB.encode(), "The XML has a document type, which no event log needs: not read."),
    (BOMB.encode("utf-16"), "The XML has a document type, which no event log needs: not read."),
    (b"<!doctype html><p>Sign in", "The answer is a web page, not an event log."),
    (b"<html><p>Sign in</html>", "The answer is a web page, not an event log."),
    (b"<rss><log/></rss>", "The XML is no event log: it holds <rss>, not <log>."),
    (LOG.read_bytes()[:5000], "The XML breaks off or is malformed at line 127: "),
    (f"{HEAD}<trace>&nbsp;</trace></log>".encode(), "malformed at line 3: undefined entity."),
    (b'<?xml version="1.0" encoding="no-such"?><log/>', "The XML is in an encoding that can't be read: save it as UTF-8."),
    (f"{HEAD}<trace a='".encode() + b"x" * 5_000_000, "Line 3 holds a text without an end."),
    (f"{HEAD}{'<a>' * 200}".encode(), "Line 3 has more than 100 things one inside the other: not read."),
    (b"case,activity,time\na,b,2026-01-01", "There is no column 'case:concept:name' or 'concept:name' or"),
    (b'{"log": []}', "There is no column 'case:concept:name' or 'concept:name' or"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "sentence"), NO)
def test_what_is_no_event_log_is_refused_with_its_reason(tmp_path, body, sentence):
    reading = read(body, tmp_path)
    assert sentence in reading.refused
    assert reading.rows.num_rows == 0


@pytest.mark.parametrize(
    ("body", "more", "sentence"),
    [
        (gzip.compress(LOG.read_bytes())[:-20], {}, "can't be read: Compressed file ended before"),
        (gzip.compress(bytes(3_000_000)), {"unpacked": 1}, "is larger than 1 MB unpacked"),
        (LOG.read_bytes(), {"megabytes": 0.001}, "is larger than 0.001 MB"),
    ],
)
def test_a_file_that_can_not_be_unpacked_or_is_too_large_says_so(tmp_path, body, more, sentence):
    with pytest.raises(StopSource, match=sentence):
        read(body, tmp_path, limits=more)


def test_too_many_that_can_not_be_used_are_too_much(tmp_path):
    traces = "".join(f'<trace><string key="concept:name" value="{n}"/></trace>' for n in range(9))
    reading = read(f"{HEAD}{traces}</log>", tmp_path, limits={"rejects": 5})
    assert reading.refused.startswith("More than 5 rows of the log can't be used: not read.")


@pytest.mark.parametrize("many", [60, pytest.param(2000, marks=pytest.mark.soak)])
def test_a_spoilt_log_ends_in_rows_or_in_a_sentence(tmp_path, many):
    """And counts what it can't use: no event is neither in nor out."""
    whole = LOG.read_bytes()
    seen: Counter[str] = Counter()
    for number in range(many):
        random = chance("spoilt logs", number)
        body = bytearray(whole)
        for _ in range(random.randrange(1, 4)):
            at = random.randrange(len(body))
            body[at : at + random.randrange(30)] = random.choice([b"", b"<", b'"', b"\x00", b"&#0;", b"]]>", "ß".encode(), random.randbytes(5)])  # fmt: skip
        try:
            reading = read(bytes(body), tmp_path)
        except (StopSource, TryLater):
            seen["said"] += 1
            continue
        seen["refused" if reading.refused else "read"] += 1
        assert bool(reading.refused) == (not reading.rows.num_rows)
    assert seen["refused"] and sum(seen.values()) == many
