"""The figures: one file each, whose first line names it and says what it means.

Nearly all are SQL; one that takes statistics is Python with a function `work`. Lines
"-- column: meaning" may follow (in Python "column: meaning"), for columns whose name does not say it.
"""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "figures"
LISTED = FOLDER / "columns.csv"  # made by docs/figures.py


class Column(NamedTuple):
    """A column of a figure: the type that DuckDB gives it, in what it is counted, what it means."""

    figure: str
    name: str
    type: str
    unit: str
    meaning: str


class Figure(NamedTuple):
    """A figure: its name (the DuckDB macro's), its sentence and the SQL that makes it ("" for one
    that Python works out).

    `group` is its folder (flow, processes or sources), `columns` what its file says of columns.
    """

    name: str
    sentence: str
    sql: str
    group: str
    columns: dict[str, str]

    @property
    def title(self) -> str:
        """Its name as a heading."""
        return self.name.replace("_", " ").capitalize()

    @property
    def call(self) -> str:
        """The SQL that asks for it; the name comes from our own file, never from outside."""
        return f"from {self.name}($as_of)"

    @property
    def work(self) -> Callable:
        """The function that works out one without SQL: rows from (ask, as_of, stream)."""
        return _work(FOLDER / self.group / f"{self.name}.py")

    @property
    def comment(self) -> str:
        """The SQL that puts the sentence beside the macro (DuckDB takes no parameter there)."""
        return "comment on macro table {} is '{}'".format(
            self.name, self.sentence.replace("'", "''")
        )


@cache
def all_figures() -> dict[str, Figure]:
    """Every figure by name, in alphabetical order."""
    files = [path for end in ("sql", "py") for path in FOLDER.rglob(f"*.{end}")]
    return {path.stem: _read(path) for path in sorted(files, key=lambda p: p.stem)}


def columns(figure: str) -> list[Column]:
    """A figure's columns in their order; none of one for which docs/figures.py has not been run."""
    return _listed().get(figure, [])


@cache
def _listed() -> dict[str, list[Column]]:
    told: dict[str, list[Column]] = {}
    with LISTED.open(newline="") as file:
        for row in csv.DictReader(file):
            told.setdefault(row["figure"], []).append(Column(**row))
    return told


@cache
def version() -> str:
    """A short name of all SQL of a publication: one that holds other figures has another."""
    made_of = [
        path for part in ("model", "figures") for path in (FOLDER.parent / part).rglob("*.sql")
    ]
    files = sorted(made_of, key=lambda path: path.name)
    return sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:16]


@cache
def _work(path: Path) -> Callable:
    # By its place: the package's name, metrics.figures, is that of the door's own function.
    spec = spec_from_file_location(f"figure_{path.stem}", path)
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.work


def _read(path: Path) -> Figure:
    text = path.read_text()
    sql, head = (text, text) if path.suffix == ".sql" else ("", ast.get_docstring(ast.parse(text)))
    first, _, rest = (head or "").partition("\n")
    title, _, sentence = first.removeprefix("-- ").partition(": ")
    if title.lower().replace(" ", "_") != path.stem:
        raise ValueError(f"{path.name} must begin with '-- <its name>: <what it means>'.")
    rest = rest.partition("create macro")[0]
    columns = dict(re.findall(r"^(?:-- )?(\w+): (.+)$", rest, re.MULTILINE))
    return Figure(path.stem, sentence, sql, path.parent.name, columns)
