"""Two small groups of processes that are looked at, and publications made of their checks.

`pages` is due daily, `builds` comes when it comes. The checks go through the real landing database.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import metrics
from metrics.publishing import publish
from settings import stages
from sources import collecting

LOOKED = """
title: What is looked at
streams:
  line:
    name: A line
    sources: [list]
    stages: {a: {name: A, queue: [Waiting]}}
processes:
  pages:
    name: Pages
    sources: [log]
    every: 24
    stale_after: 10
    forget_after: 3
    dead_after: 8
    window: {runs: 3, bad: 2, back: 0}
    subjects_sql: subjects.sql
    targets: {failing: {limit: 0.5, amber: 0.25, reason: half, owner: us, date: 2026-01-01}}
  builds:
    name: Builds
    sources: [builds]
    window: {runs: 2, bad: 1, back: 0}
    targets: {failing: {limit: 0, reason: none may fail, owner: us, date: 2026-01-01}}
sources:
  list: {kind: events, file: list.csv}
  log: {kind: pipeline_logs, file: "log*.jsonl"}
  builds: {kind: pipeline_logs, file: "builds*.jsonl", process: build}
"""
SUBJECTS = """
select 'p' as process, 'a' as subject, 'Page a' as name, 'https://example.org/a' as link, 'A council' as organisation,
       timestamptz '2025-12-01 00:00:00+00' as added_at, null::timestamptz as ended_at
union all select 'p', 'b', 'Page b', null, 'B council', timestamptz '2026-01-01 00:00:00+00', timestamptz '2026-01-10 00:00:00+00'
union all select 'elsewhere', 'z', 'Page z', null, 'Z council', timestamptz '2025-12-01 00:00:00+00', null
"""  # fmt: skip


def at(day: float, hour: float = 1) -> datetime:
    """at(2) is 2026-01-02T01:00Z. The first of January 2026 is a Thursday, of week 2026-W01."""
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day - 1, hours=hour)


def check(process, subject, when, ok=True, detail="", seconds=None, group="pages") -> dict:
    """One result; a failed one has a detail."""
    return dict(group=group, process=process, subject=subject, at=when, ok=ok,
                detail="" if ok else detail or "404", seconds=seconds)  # fmt: skip


def written(folder: Path, checks: list[dict], name: str = "") -> None:
    """The checks as log files, in the order given."""
    for group, stem in (("pages", "log"), ("builds", "builds")):
        rows = [
            {"process": c["process"], "endpoint": c["subject"], "entry-date": c["at"].isoformat(),
             "ok": "true" if c["ok"] else "false", "exception": c["detail"], "elapsed": c["seconds"]}
            for c in checks if c["group"] == group
        ]  # fmt: skip
        if rows:
            (folder / f"{stem}{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))


def prepared(folder: Path, text: str = LOOKED) -> stages.Stages:
    """A stages.yaml with its list and its subjects."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "stages.yaml").write_text(text)
    (folder / "list.csv").write_text("item,status,since\nx,Waiting,2026-01-01\n")
    (folder / "subjects.sql").write_text(SUBJECTS)
    return stages.read(folder / "stages.yaml")


def published(folder: Path, told: stages.Stages, now: datetime) -> metrics.Publication:
    """Collected and published; fails the test when it does not reconcile."""
    collecting.collect(told.sources.values(), folder / "landing.duckdb", now)
    done = publish.publish(told, folder, now)
    assert done.ok, done.reasons
    return metrics.open(done.file)


LATER = at(40)


def publication(folder: Path, checks: list[dict], now: datetime = LATER) -> metrics.Publication:
    """A real publication of these checks."""
    told = prepared(folder)
    written(folder, checks)
    return published(folder, told, now)


def row(process: str, subject: str, days: str, **more) -> list[dict]:
    """A check for each day: g good, b bad, a dot none."""
    return [
        check(process, subject, at(n), ok=mark == "g", **more)
        for n, mark in enumerate(days, 1)
        if mark != "."
    ]


# Day        123456789012
STORY = [
    *row("p", "a", "ggbbggg.gggg", seconds=2),
    *row("p", "b", "gggbbbb.bbbb", detail="ConnectTimeout", seconds=120),
    *row("q", "c", "gbbgbggggggg"),
    *row("p", "d", "ggb........."),
]  # fmt: skip
