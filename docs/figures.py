"""Writes docs/figures.md, every figure with its sentence and its columns, and the latter for the
catalogue too: metrics/figures/columns.csv.

    python docs/figures.py

A column is explained by a line "-- column: meaning" below the first line of its figure's file, or
by docs/columns.txt, where a name means the same in all. Types are those DuckDB gives.
"""

# ruff: noqa: E402 (the house is found beside this folder, wherever the program is called from)
from __future__ import annotations

import csv
import io
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import metrics
from metrics.catalogue import LISTED, Column, Figure, all_figures
from metrics.publishing import publish
from settings import stages
from sources import collecting

PAGE, COLUMNS = ROOT / "docs/figures.md", ROOT / "docs/columns.txt"
NOW = datetime(2026, 1, 2, tzinfo=UTC)
LINE = """
title: The smallest line
streams:
  line: {name: A line, sources: [list], stages: {a: {name: A, queue: [Waiting]}}}
sources:
  list: {kind: events, file: list.csv}
"""
HEAD = """# The figures

Made by `python docs/figures.py` from [metrics/figures](../metrics/figures): each figure is one file,
whose first line is the sentence here. Ask one from the shell (`valuestream figure queue_size`) or
from Python (`publication.figure("queue_size", as_of)`). All but `verdict`, which takes statistics,
are DuckDB macros: any client can ask a published file for them (`from queue_size(timestamptz
'2025-06-01 00:00:00+00')`). All hold only what was
known at that instant. Days are fractions, of the stream's own clock; instants are in UTC; an empty
cell is not known.
"""
GROUPS = {
    "flow": "Flow: the items of a stream",
    "processes": "Processes: what is looked at day by day",
    "sources": "Sources: what is told, and how old it is",
}
UNITS = {
    "BOOLEAN": "yes or no", "DATE": "day", "VARCHAR": "text",
    "TIMESTAMP WITH TIME ZONE": "instant", "TIMESTAMP": "day",
}  # fmt: skip
NAMED = {
    "share": "0 to 1", "efficiency": "0 to 1", "percent": "0 to 100", "seconds": "seconds",
    "no": "number", "place": "number", "nth": "number", "base": "number", "line": "number", "wip": "items",
    "top": "items", "amber": "as `unit`", "red": "as `unit`", "value": "as `unit`",
    "target": "as `unit`", "week": "as `unit`",
}  # fmt: skip


def columns() -> list[list[str]]:
    """Each column of each figure: figure, column, type, unit and meaning."""
    shared = dict(line.split(": ", 1) for line in COLUMNS.read_text().splitlines())
    with tempfile.TemporaryDirectory() as folder:
        publication = _smallest(Path(folder))
        told = [
            [figure.name, column, kind, _unit(column, kind), (shared | figure.columns)[column]]
            for figure in all_figures().values()
            for column, kind in publication.columns(figure.name).items()
        ]
        publication.close()
    return told


def listed(told: list[list[str]]) -> str:
    """The columns as the catalogue reads them."""
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerows([Column._fields, *told])
    return made.getvalue()


def page(told: list[list[str]]) -> str:
    """The whole page, of these columns."""
    parts = [HEAD]
    for group, heading in GROUPS.items():
        parts.append(f"## {heading}\n")
        parts += [_figure(f, told) for f in all_figures().values() if f.group == group]
    return "\n".join(parts)


def _figure(figure: Figure, told: list[list[str]]) -> str:
    rows = [
        f"| `{column}` | {kind} | {unit} | {meaning} |"
        for name, column, kind, unit, meaning in told
        if name == figure.name
    ]
    head = ["| column | type | unit | what it is |", "| --- | --- | --- | --- |"]
    return "\n".join(
        [f"### {figure.name}\n", f"{figure.title}: {figure.sentence}\n", *head, *rows, ""]
    )


def _unit(column: str, kind: str) -> str:
    """In what it is counted, by the last word of its name, else by its type."""
    last = column.split("_")[-1]
    if last == "days" or "_days_" in column:
        return "days"
    if kind in ("BIGINT", "DOUBLE"):
        return NAMED.get(last, "count" if kind == "BIGINT" else "number")
    return UNITS[kind]


def _smallest(folder: Path) -> metrics.Publication:
    """A publication of one item: the columns of a figure are the same in all."""
    (folder / "stages.yaml").write_text(LINE)
    (folder / "list.csv").write_text("item,status,since\nx,Waiting,2026-01-01\n")
    told = stages.read(folder / "stages.yaml")
    collecting.collect(told.sources.values(), folder / "landing.duckdb", NOW)
    return metrics.open(publish.publish(told, folder, NOW).file)


if __name__ == "__main__":
    told = columns()
    PAGE.write_text(page(told))
    LISTED.write_text(listed(told))
