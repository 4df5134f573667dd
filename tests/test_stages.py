"""A wrong stages.yaml stops with one sentence that names the place and the cure."""

from __future__ import annotations

import copy
import re
from datetime import date
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from settings import stages

FULL = """
title: Everything that can be written
opens_at: data
streams:
  line:
    name: A line
    item: thing
    items: things
    link: https://example.org/{item}
    time_zone: Europe/London
    days: working
    holidays: {country: GB, subdivision: ENG}
    stale_after: 14
    sources: [listed, board, history, rows]
    counted_by: board
    attributes: {Team: team}
    blockers: {VPN: [vpn, remote access]}
    note: a note
    stages:
      find:
        name: Find
        queue: [Backlog]
        paused: [On hold]
        work: [Screen, {status: Research, until: 2026-02-01}]
        measured_by: board
        note: a note
        targets:
          queue: {limit: 10, amber: 8, reason: why, owner: us, date: 2026-01-01}
          typical: {limit: 90, reason: why, owner: us, date: 2026-01-01}
      add:
        name: Add
        work: [Adding]
        done: [Added]
    left: [Archived]
    process_changes: [{date: 2026-01-05, what: a change}]
    not_progress: [{date: 2026-01-06, what: an edit}]
  asked:
    name: Asked with SQL
    sources: [table, logs]
    events_sql: events.sql
    stages: {wait: {name: Wait, queue: [Waiting]}}
processes:
  pages:
    name: Pages
    sources: [logs, canaries]
    subject: page
    subjects: pages
    every: 24
    stale_after: 3
    forget_after: 7
    dead_after: 365
    window: {runs: 5, bad: 3, back: 1}
    subjects_sql: subjects.sql
    note: a note
    targets: {failing: {limit: 0.2, amber: 0.1, reason: why, owner: us, date: 2026-01-01}}
sources:
  listed:
    kind: events
    file: list.xlsx
    sheet: Items
    columns: {item: slug, since: day}
    precision: between
    time_zone: Europe/London
    covers: {from: 2026-01-01, until: 2026-02-01}
  board: {kind: snapshots, url: "https://example.org/board.csv", columns: {item: slug}, largest_loss: 0.5}
  history: {kind: git_history, repository: history.bundle, file: data/board.csv}
  rows: {kind: datasette, url: "https://example.org/db", sql: select 1, key: [a], columns: {item: slug}}
  table: {kind: datasette, file: db.sqlite3, table: endpoint, since: entry_date}
  logs: {kind: pipeline_logs, url: "https://example.org/db", sql: select 2, process: a}
  canaries: {kind: canaries, file: canaries, process: a}
  asked: {kind: http_checks, urls: {Home: "https://example.org/"}, contains: Find, process: a}
  ci: {kind: github_runs, url: "https://example.org/repos/o/n/actions/runs", token: CI_TOKEN}
"""
TARGET = "{limit: 10, amber: 8, reason: why, owner: us, date: 2026-01-01}"
# What is written, in place of what, where it is said to stand, and words of the cure.
WRONG = [
    # keys
    ("name: Find", "nmae: Find", "stream 'line', stage 'find': unknown key 'nmae' (did you mean 'name'?)", "correct or remove it"),
    ("name: A line", "id: x\n    name: A line", "streams: 'line' has the unknown key 'id'", "remove it"),
    ("kind: snapshots", "name: b, kind: snapshots", "sources: 'board' has the unknown key 'name'", "remove it"),
    ("title: Every", "file: x\ntitle: Every", "unknown key 'file'", "remove it"),
    ("title: Every", "1: x\ntitle: Every", "unknown key 1", "correct or remove it"),
    ("title: Every", "tilte: Every", "unknown key 'tilte' (did you mean 'title'?)", "correct or remove it"),
    ("largest_loss: 0.5", "sheet: x", "source 'board': unknown key 'sheet', which is for events; remove it", "snapshots takes covers, limits, allow_hosts, url, file"),
    ("largest_loss: 0.5", "largest_los: 0.5", "source 'board': unknown key 'largest_los' (did you mean 'largest_loss'?)", "remove it"),
    ('url: "https://example.org/board.csv"', 'urls: {a: "https://example.org/"}', "source 'board': unknown key 'urls', which is for http_checks", "remove it"),
    ("window: {runs: 5", "widnow: {runs: 5", "process 'pages': unknown key 'widnow' (did you mean 'window'?)", "correct or remove it"),
    ("amber: 8", "ambre: 8", "stage 'find', target 'queue': unknown key 'ambre'", "did you mean 'amber'?"),
    ("{date: 2026-01-05, what", "{date: 2026-01-05, waht", "stream 'line', process_changes, number 1: unknown key 'waht'", "did you mean 'what'?"),
    ("columns: {item: slug, since: day}", "columns: {itm: slug}", "source 'listed', columns: unknown key 'itm' (did you mean 'item'?)", "write one of item, status"),
    ("columns: {item: slug}, largest_loss", "columns: {since: slug}, largest_loss", "source 'board', columns: unknown key 'since'", "write one of item, status"),
    ("typical: {limit", "tipical: {limit", "stage 'find', targets: unknown key 'tipical'", "did you mean 'typical'?"),
    ("title: Everything", "title: a\ntitle: Everything", "line 3: found duplicate key", "correct the YAML there"),
    ("kind: events", "kind: event", "source 'listed': unknown kind 'event' (did you mean 'events'?)", "write one of events, snapshots"),
    ("kind: events", "time_zone: UTC", "found duplicate key", "correct the YAML"),
    ("kind: canaries, ", "", "source 'canaries': missing its kind", "add kind: …"),
    ("kind: canaries, ", "kind: [canaries], ", "source 'canaries'", "write one of events"),
    ("kind: canaries, ", "kind: , ", "source 'canaries'", "write one"),
    # what is missing
    ("reason: why, owner", "owner", "stage 'find', target 'queue', reason: missing", "add reason: …"),
    ("reason: why", "reason: ''", "target 'queue', reason: is empty", "write something"),
    ("reason: why", "reason: ' '", "target 'queue', reason: is empty", "write something"),
    ("reason: why", "reason: ", "target 'queue', reason: has no value", "write one"),
    ("sources: [listed, board, history, rows]", "sources: []", "stream 'line', sources: is empty", "write at least one"),
    ('{Home: "https://example.org/"}', "{}", "source 'asked', urls: is empty", "write at least one"),
    ("urls: {Home: \"https://example.org/\"}, ", "", "source 'asked', urls: missing", "add urls: …"),
    ('url: "https://example.org/repos/o/n/actions/runs", ', "", "source 'ci', url: missing", "add url: …"),
    ("repository: history.bundle, ", "", "source 'history', repository: missing", "add repository: …"),
    (", file: canaries", "", "source 'canaries': it names no place", "give a url or a file"),
    ("find:\n        name", "'':\n        name", "stream 'line', stages: one has an empty name", "give it one"),
    ("  line:\n", "  '':\n", "streams: one has an empty name", "give it one"),
    ("  listed:\n", "  '':\n", "sources: one has an empty name", "give it one"),
    ("  pages:\n", "  ' ':\n", "processes: one has an empty name", "give it one"),
    ("  line:\n", "  2026:\n", "streams: the name 2026 must be a text", "put it in quotes, like '2026'"),
    ("  line:\n", "  null:\n", "streams: the name None must be a text", "put it in quotes"),
    ("work: [Adding]", "note: none", "stage 'add': it has no statuses", "list the source's words under queue or work"),
    # places
    ("https://example.org/board.csv", "ftp://example.org/board.csv", "source 'board', url: 'ftp://example.org/board.csv' is no address", "write one like https://"),
    ("https://example.org/board.csv", "https:///board.csv", "source 'board', url", "write one like https://"),
    ("https://example.org/board.csv", "https://example.org:x/board.csv", "source 'board', url", "write one like https://"),
    ('{Home: "https://example.org/"}', "{Home: example.org}", "source 'asked', urls, Home: 'example.org' is no address", "write one like https://"),
    ("file: canaries", 'file: x, url: "https://example.org/x"', "source 'canaries': it names two places", "give either a url or a file"),
    ("file: canaries", 'file: "https://example.org/x"', "source 'canaries', file: it is an address", "under url"),
    ("file: data/board.csv", "file: /data/board.csv", "source 'history', file: it must be a path inside the repository", "like data/board.csv"),
    ("history.bundle", "'https://example.org/x.git'", "source 'history', repository: it is an address", "a file is needed"),
    ("https://example.org/{item}", "https://example.org/", "stream 'line', link: it must hold {item}", "in whose place"),
    ("https://example.org/{item}", "'{item}'", "stream 'line', link: '{item}' is no address", "write one like https://"),
    ("events.sql", "evnets.sql", "stream 'asked', events_sql: there is no file 'evnets.sql'", "write it or correct the name"),
    ("subjects.sql", "subject.sql", "process 'pages', subjects_sql: there is no file", "write it or correct the name"),
    ("subjects.sql", ".", "process 'pages', subjects_sql: there is no file", "write it or correct the name"),
    # numbers, days, zones, lists
    ("limit: 10", "limit: .nan", "stage 'find', target 'queue', limit: must be a number", "like 10"),
    ("limit: 10", "limit: .inf", "stage 'find', target 'queue', limit: must be a number", "like 10"),
    ("limit: 10", "limit: -1", "stage 'find', target 'queue', limit: must be 0 or more", "or more"),
    ("limit: 10", "limit: ten", "stage 'find', target 'queue', limit: must be a number", "like 10"),
    ("limit: 10", "limit: true", "stage 'find', target 'queue', limit: must be a number", "like 10"),
    ("limit: 10", "limit: '10'", "stage 'find', target 'queue', limit: must be a number", "like 10"),
    ("amber: 8", "amber: 11", "stage 'find', target 'queue': amber must not lie above limit", "lower amber or raise limit"),
    ("amber: 8", "amber: .nan", "target 'queue', amber: must be a number", "like 10"),
    ("amber: 0.1", "amber: 0.3", "process 'pages', target 'failing': amber must not lie above limit", "lower amber"),
    ("limit: 0.2, amber: 0.1", "limit: 20, amber: 10", "process 'pages': failing is a share", "write 0.2 for 20 of 100"),
    ("largest_loss: 0.5", "largest_loss: 50", "source 'board', largest_loss: must be 1 or less", "or less"),
    ("stale_after: 14", "stale_after: 0", "stream 'line', stale_after: must be more than 0", "more than 0"),
    ("stale_after: 14", "stale_after: 14\n    same_after: 0", "stream 'line', same_after: must be more than 0", "more than 0"),
    ("stale_after: 14", "stale_after: 1.5", "stream 'line', stale_after: must be a whole number", "like 14"),
    ("every: 24", "every: 5", "process 'pages', every: so many hours don't fill a week evenly", "write 24, 12, 1"),
    ("every: 24", "every: .inf", "process 'pages', every: must be a number", "like 10"),
    ("bad: 3", "bad: 6", "process 'pages', window: back must be less than bad", "no more than runs"),
    ("owner: us, date: 2026-01-01", "owner: us, date: 2026-13-45", "target 'queue', date: must be a day", "like 2026-04-03"),
    ("owner: us, date: 2026-01-01", "owner: us, date: last week", "target 'queue', date: must be a day", "like 2026-04-03"),
    ("owner: us, date: 2026-01-01", "owner: us, date: 0", "target 'queue', date: must be a day", "like 2026-04-03"),
    ("owner: us, date: 2026-01-01", "owner: us, date: 2026-01-01T10:00:00", "target 'queue', date: must be a day", "like 2026-04-03"),
    ("until: 2026-02-01}]", "until: 2026-02-30}]", "stage 'find', work, number 2, until: must be a day", "like 2026-04-03"),
    ("until: 2026-02-01}\n", "until: 2025-02-01}\n", "source 'listed', covers: from must lie before until", "correct one of them"),
    ("days: working", "days: weekdays", "stream 'line', days: 'weekdays' is none that is known", "write one of calendar, working"),
    ("days: working", "days: calendar", "stream 'line': days: working and holidays", "need each other"),
    ("    holidays: {country: GB, subdivision: ENG}\n", "", "stream 'line': days: working and holidays", "need each other"),
    ("country: GB", "country: XX", "stream 'line', holidays: no holidays are known for it", "use codes such as GB and ENG"),
    ("time_zone: Europe/London\n    days", "time_zone: Europe/Londn\n    days", "stream 'line', time_zone: 'Europe/Londn' is no time zone", "write one like Europe/London"),
    ("time_zone: Europe/London\n    covers", "time_zone: London\n    covers", "source 'listed', time_zone: 'London' is no time zone", "write one like Europe/London"),
    ("queue: [Backlog]", "queue: Backlog", "stage 'find', queue: must be a list", "like [Backlog]"),
    ("queue: [Backlog]", "queue: [[Backlog]]", "stage 'find', queue, number 1, status: must be one text", "not a list"),
    ("queue: [Backlog]", "queue: [2026]", "stage 'find', queue, number 1, status: must be a text", "put it in quotes, like '2026'"),
    ("name: A line", "name: 2026", "stream 'line', name: must be a text", "put it in quotes, like '2026'"),
    ("key: [a]", "key: a", "source 'rows', key: must be a list", "like [Backlog]"),
    ("window: {runs: 5, bad: 3, back: 1}", "window: 5", "process 'pages', window: must be keys with their values", "like {"),
    ("window: {runs: 5, bad: 3, back: 1}", "window: ", "process 'pages', window: has no value", "leave the key out"),
    ("canaries: {kind: canaries, file: canaries, process: a}", "canaries: canaries.jsonl", "source 'canaries': must be keys with their values", "like {"),
    ("opens_at: data", "opens_at: yesterday", "opens_at: 'yesterday' is none that is known", "write one of now, data"),
    ("token: CI_TOKEN", "token: ghp_s3cr3t", "source 'ci', token: it must be the name of an environment variable", "holds the token"),
    # what contradicts itself, or can't be measured
    ("[Adding]", "[Backlog]", "stream 'line': the status 'Backlog' is mapped twice, in find.queue and in add.work", "keep one"),
    ("[Backlog]", "[Backlog, Backlog]", "stream 'line': the status 'Backlog' is mapped twice", "keep one"),
    ("sources: [listed, board", "sources: [listed, listed, board", "stream 'line': the source listed is there twice", "keep one"),
    ("sources: [logs, canaries]", "sources: [logs, logs]", "process 'pages', sources: the source logs is there twice", "keep one"),
    ("[{date: 2026-01-06, what: an edit}]", "[{date: 2026-01-06, what: a}, {date: 2026-01-06, what: b}]", "stream 'line': in not_progress the day 2026-01-06 is there twice", "keep one"),
    ("done: [Added]", f"targets: {{queue: {TARGET}}}", "stage 'add': its target 'queue' can't be measured", "list some under queue"),
    ("queue: [Waiting]}", f"queue: [Waiting], targets: {{typical: {TARGET}}}}}", "stream 'asked': the target 'typical' of stage 'wait' can't be measured", "under done"),
    ("queue: [Waiting]}", f"queue: [Waiting], targets: {{idle: {TARGET}}}}}", "stream 'asked': the target 'idle' of stage 'wait' can't be measured", "under done"),
    ("sources: [listed, board", "sources: [list, board", "stream 'line' names the source 'list', which is not under sources (did you mean 'listed'?)", "add it there or correct the name"),
    ("sources: [logs, canaries]", "sources: [log]", "process 'pages' names the source 'log', which is not under sources (did you mean 'logs'?)", "add it there"),
    ("sources: [logs, canaries]", "sources: [logs, 1]", "process 'pages', sources, number 2: must be a text", "put it in quotes, like '1'"),
    ("https://example.org/board.csv", "htps://me:s3cr3t@example.org", "source 'board', url: it is no address", "write one like https://"),
    ("sources: [logs, canaries]", "sources: [board]", "process 'pages' names the source 'board', which is of kind snapshots and tells of no checks", "name one that does"),
    ("board, history, rows]", "board, ci]", "stream 'line' names the source 'ci', which is of kind github_runs and tells of no statuses", "make events of it with events_sql"),
    ("board, history, rows]", "board, table]", "stream 'line' names the source 'table', which is of kind datasette and tells of no statuses", "add its columns"),
    ("counted_by: board", "counted_by: ci", "stream 'line', counted_by names 'ci', which is not among the stream's sources", "add it there"),
    ("measured_by: board", "measured_by: logs", "stream 'line', stage 'find', measured_by names 'logs'", "add it there"),
    ("{VPN: [vpn, remote access]}", "{VPN: []}", "stream 'line', blockers: 'VPN' has no words", "list those that name it"),
    ("{VPN: [vpn, remote access]}", "{VPN: ['!']}", "stream 'line', blockers: '!' under 'VPN' has no letter or digit", "to look for"),
    ("{VPN: [vpn, remote access]}", "{VPN: [vpn], Net: [' VPN.']}", "stream 'line', blockers: 'VPN.' is there twice, under 'VPN' and under 'Net'", "keep one"),
    ("counted_by: board\n", "\n", "stream 'line': attributes are columns of the source named in counted_by", "name one"),
    ("sql: select 1", "table: a, sql: select 1", "source 'rows': datasette needs either a table or an sql query", "either"),
    ("sql: select 1", "sql: select 1, grows: true", "source 'rows': only a table grows", "remove grows"),
    ("table: endpoint", "table: endpoint, grows: maybe", "source 'table', grows: must be true or false", "true"),
    ("sql: select 1, ", "", "source 'rows': datasette needs either a table or an sql query", "either"),
    ("sql: select 1", "sql: select 1, since: day", "source 'rows': with columns the date is columns: {since: …}", "remove the other"),
    ("since: entry_date", "time_zone: UTC", "source 'table': precision and time_zone are for a list", "add columns or remove them"),
    ("file: list.xlsx", "file: list.csv", "source 'listed': only an .xlsx has sheets", "remove sheet"),
    ("process: a}\n  canaries", "file: x}\n  canaries", "source 'logs': it names two places", "give either"),
    ('url: "https://example.org/db", sql: select 2', "file: log, sql: select 2", "source 'logs': sql asks a Datasette by its url, not a file", "remove one"),
    ("pages:\n", "a/b:\n", "process 'a/b', id: its name must hold no '/'", "group/process"),
    ("processes:\n", "processes: [pages]\nx:\n", "unknown key 'x'", "correct or remove it"),
    ("title: Everything that can be written", "title: [", "line ", "correct the YAML there"),
    ("name: A line", "name: !!python/none", "line ", "correct the YAML there"),
]  # fmt: skip
ODD = """[null, [], {}, x, '', -1, 1.5, .nan, '2026-13-45', 2026-01-01, 2026-01-01T10:00:00Z, true,
  [x, [y]], {x: {y: z}}, [null], 1e400, !!binary aGVsbG8=, !!set {x, y}]"""
MAY_BE_NULL = ("covers", "holidays", "amber", "until", "from", "every", "stale_after")
JARGON = re.compile(
    r"Input|[Vv]alid|tuple|dictionary|String should|union|\btag\b|pydantic|instance|literal|"
    r"Field|extract|float|integer|boolean|Traceback|\bint\b|\bdict\b|NoneType|_type|\*\*|errors\."
)


def read(folder: Path, text: str) -> stages.Stages:
    for name in ("events.sql", "subjects.sql"):
        (folder / name).touch()
    (folder / "stages.yaml").write_text(text)
    return stages.read(folder / "stages.yaml")


def complaint(folder: Path, text: str) -> str:
    with pytest.raises(stages.StagesError) as caught:
        read(folder, text)
    return str(caught.value)


def test_the_bundled_file_is_right(bundled):
    design = bundled.streams["design-a-dataset"]
    assert [s.id for s in design.stages] == ["discover", "specify", "co-design", "add"]
    assert all(t.reason and t.owner and t.date for s in design.stages for t in s.targets.values())


def test_a_right_file_is_read_into_frozen_values(tmp_path):
    told = read(tmp_path, FULL)
    assert told.streams["line"].stages[0].work[1].status == "Research"
    assert told.sources["history"].repository == str(tmp_path / "history.bundle")
    assert told.sources["history"].file == "data/board.csv"
    with pytest.raises(ValueError, match="frozen"):
        told.title = "another"


@pytest.mark.parametrize(("before", "after", "place", "cure"), WRONG)
def test_what_is_wrong_is_said_in_one_plain_sentence(tmp_path, before, after, place, cure):
    assert before in FULL
    told = complaint(tmp_path, FULL.replace(before, after, 1))
    assert told.startswith(str(tmp_path / "stages.yaml"))
    told = told.removeprefix(str(tmp_path))
    assert place in told
    assert cure in told
    assert "\n" not in told
    assert told.endswith(".")
    assert not JARGON.search(told)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (FULL.replace("A line", "Café").encode("latin-1"), "is no text in UTF-8 (byte 85): save it as UTF-8."),
        (b"\x7fELF\x02\x01\x00\x00\xff\xfe", "is no text in UTF-8 (byte 9): save it as UTF-8."),
        (b"title: a\x00b", "can't be read as YAML: start from the bundled stages.yaml."),
        (b"", "it holds no settings; start from the bundled stages.yaml."),
        (b"- a\n- b", "it holds no settings; start from the bundled stages.yaml."),
        (b"title: " + b"[" * 700, "can't be read as YAML"),
        (b"a: &a [*a]\nb: " + b"{" * 3, "correct the YAML there."),
        (b"title: a\n---\ntitle: b", "correct the YAML there."),
    ],
)  # fmt: skip
def test_a_file_that_is_no_yaml_says_so(tmp_path, body, told):
    (tmp_path / "stages.yaml").write_bytes(body)
    with pytest.raises(stages.StagesError) as caught:
        stages.read(tmp_path / "stages.yaml")
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_say_what_to_do(tmp_path):
    with pytest.raises(stages.StagesError, match="write one or name it with --stages"):
        stages.read(tmp_path / "nothing.yaml")
    with pytest.raises(stages.StagesError, match=r"can't be read: Is a directory; name a file\."):
        stages.read(tmp_path)


def places(value: object, path: tuple = ()) -> list[tuple]:
    """The path of every value in a file, leaves and branches."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()  # fmt: skip
    return ([path] if path else []) + [p for k, v in inner for p in places(v, (*path, k))]


def taken(file: Path, full: dict, paths: list) -> list[tuple]:
    """Which odd values are right at which of the paths; of all others something plain is said."""
    odd = YAML(typ="safe", pure=True).load(ODD)
    assert {type(value) for value in odd} >= {type(None), bool, int, float, str, list, dict, date}
    right = []
    for path in paths:
        for value in odd:
            content = copy.deepcopy(full)
            inside = content
            for key in path[:-1]:
                inside = inside[key]
            inside[path[-1]] = value
            try:
                stages.checked(file, content)
                right.append((path, value))
            except stages.StagesError as error:
                told = str(error).removeprefix(str(file.parent))
                assert not JARGON.search(told), (path, value, told)
                assert "\n" not in told
                assert len(told) < 500
    return right


def test_whatever_is_written_in_place_of_a_value_is_right_or_is_said_plainly(tmp_path):
    """Every value of the full file in turn, by something of another sort."""
    read(tmp_path, FULL)
    full = YAML(typ="safe", pure=True).load(FULL)
    right = taken(tmp_path / "stages.yaml", full, places(full))
    # What is accepted: texts and days where they belong, and nothing at all for what may be empty.
    assert not [path for path, value in right if isinstance(value, bool) or value == -1]
    assert not [path for path, value in right if value is None and path[-1] not in MAY_BE_NULL]


def test_the_examples_of_the_readme_and_the_docs_are_right(tmp_path):
    root = Path(__file__).parent.parent
    files = (root / "README.md", root / "docs/stays-up.md")
    line, looked = (f.read_text().split("```yaml\n")[1].split("```")[0] for f in files)
    assert [s.id for s in read(tmp_path, line).streams["make-a-dataset"].stages] == ["find"]
    processes, source = looked.split("sources:\n", 2)[0], looked.rpartition("sources:\n")[2]
    told = read(tmp_path, line + source + processes)
    assert told.processes["collection"].window.bad == 3
