"""No name of the data's commands a terminal: what a real one and a pipe are sent, byte by byte."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from servers import ROOT

# Clears the screen, sets the title, fills the clipboard, hides what follows, turns it round, and the
# same in single bytes beyond 0x80; then what Rich would read as its own marks.
HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07\x1b[8m\u202egpj.exe\u2066\x9b2J\x9d0;t\x9c"
    "\x7f\x08\x0b\x0c\x85\u2028[red]:bug:[/nothing]"
)
SHOWN = r"\x1b[2J\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07\x1b[8m\u202egpj.exe\u2066\x9b2J\x9d0;t\x9c"
# What Rich itself sends to a terminal: colours (no name of ours is one that it uses), and the line of
# progress drawn again.
RICH = re.compile(rb"\x1b\[(?!8m)[\d;]*m|\x1b\[(2K|1A|\?25[lh])|\r")
UNSAFE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
COMMANDS = [
    ["check"], ["collect"], ["publish"], ["status"], ["rejects"], ["figure", "age"],
    ["figure", "age", "--format", "csv"], ["figure", "age", "--format", "json"],
    ["figure", "status_count"], ["figure", "age", "--stage", HOSTILE], ["figure", HOSTILE],
    ["figure", f"--{HOSTILE}"], ["figure", "age", HOSTILE], ["status", "--as-of", HOSTILE],
    ["rejects", HOSTILE], ["collect", HOSTILE], ["run", "--port", HOSTILE],
    ["check", "--stages", f"no{HOSTILE}where"], ["check", "--stages", "wrong.yaml"], ["break"],
]  # fmt: skip
PROGRAM = """
import json, sys
from cli import app
@app.command("break")
def broken(): raise RuntimeError(sys.argv[2])
for asked in json.loads(sys.argv[1]):
    try:
        app(asked)
    except SystemExit as end:
        print(f"<{asked[0]} ended {end.code}>", flush=True)
"""


@pytest.fixture(scope="module")
def sent(tmp_path_factory) -> dict[str, bytes]:
    """What a real terminal and what a pipe is sent by the same commands."""
    folder = hostile(tmp_path_factory.mktemp("hostile"))
    slow = (["collect"], ["publish"], ["status"])  # they print as the others do: once is enough
    return {
        "terminal": in_a_terminal(folder, COMMANDS),
        "pipe": in_a_pipe(folder, [asked for asked in COMMANDS if asked not in slow]),
    }


def hostile(folder: Path) -> Path:
    """A folder whose every name is hostile: items, statuses, stages, sources, reasons, keys."""
    name = json.dumps(HOSTILE)  # which is YAML too
    (folder / "stages.yaml").write_text(f"""
title: Hostile
streams:
  line:
    name: {name}
    sources: [{name}]
    stages: {{do: {{name: {name}, queue: [{name}], targets: {{queue: {{limit: 0, reason: {name}, owner: {name}, date: 2026-01-01}}}}}}}}
processes: {{looks: {{name: {name}, sources: [log]}}}}
sources:
  {name}: {{kind: events, file: list.csv}}
  log: {{kind: pipeline_logs, file: log.jsonl}}
  gone: {{kind: snapshots, file: {json.dumps(HOSTILE.replace("/", ""))}}}
""")
    (folder / "wrong.yaml").write_text(f"title: a\n{name}: b\n")
    with (folder / "list.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["item", "status", "since", "name", "note", "effective"])
        rows.writerow([HOSTILE, HOSTILE, "2026-01-01", HOSTILE, "", ""])
        rows.writerow(["b", HOSTILE, HOSTILE, "", "", ""])
        rows.writerow(["c", HOSTILE, "2026-01-01", "", HOSTILE, "no"])
    check = {"endpoint": HOSTILE, "process": HOSTILE, "entry-date": "2026-01-02T00:00:00Z",
             "ok": "false", "exception": HOSTILE}  # fmt: skip
    (folder / "log.jsonl").write_text(json.dumps(check))
    return folder


def command(asked: list[list[str]]) -> dict:
    """A process that runs the commands one after the other, as Popen takes it."""
    told = {"VALUESTREAM_DATA": "data", "VALUESTREAM_STAGES": "stages.yaml", "COLUMNS": "200",
            "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}  # fmt: skip
    program = [sys.executable, "-c", PROGRAM, json.dumps(asked), HOSTILE]
    return {"args": program, "env": os.environ | told}


def in_a_terminal(folder: Path, asked: list[list[str]]) -> bytes:
    """All that comes out at the other end of a pseudo-terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        **command(asked), cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        told = b""
        try:
            while part := os.read(ours, 1 << 16):
                told += part
        except OSError:  # Linux says so where the other end was closed
            pass
        process.wait(60)
    os.close(ours)
    return told


def in_a_pipe(folder: Path, asked: list[list[str]]) -> bytes:
    """All that comes, from both ends."""
    done = subprocess.run(
        **command(asked), cwd=folder, capture_output=True, timeout=120, check=False
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("where", ["terminal", "pipe"])
def test_no_name_commands_the_terminal_and_each_is_shown(sent, where):
    told = sent[where]
    if where == "terminal":
        assert b"\x1b[31m" in told  # it is one: what is wrong is red
        told = RICH.sub(b"", told)
    told = told.decode()
    assert not UNSAFE.findall(told)
    assert "<break ended 1>" in told and "Traceback" in told  # all commands were run
    for name in ("check", "rejects", "figure", *["publish", "status"] * (where == "terminal")):
        assert f"<{name} ended 0>" in told
    # A table folds a name; all else shows it whole.
    flat = re.sub(r"[\s│┃]", "", told)
    shown = re.sub(r"\s", "", SHOWN)
    for words in (
        f"is right: {SHOWN}",
        "There is no stage '",
        f"no{SHOWN}",
        f"RuntimeError: {SHOWN}",
    ):
        assert re.sub(r"\s", "", words) in flat, words
    assert flat.count(shown) > 15
    assert "[red]:bug:[/nothing]" in flat


def test_json_is_the_same_data_and_csv_shows_it(sent):
    parts = sent["pipe"].decode().split("<figure ended 0>\n")
    (row,) = csv.DictReader(io.StringIO(parts[1]))
    assert row["item"].startswith(SHOWN)
    (row,) = json.loads(parts[2])
    assert row["item"] == row["name"] == HOSTILE
    assert r"\u202e" in parts[2] and r"\u009b" in parts[2]
