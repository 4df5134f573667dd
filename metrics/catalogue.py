"""The figures: one .sql file each, whose first line names it and says what it means."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "figures"


class Figure(NamedTuple):
    """A figure: its name (the DuckDB macro's), its sentence and the SQL that makes it."""

    name: str
    sentence: str
    sql: str

    @property
    def call(self) -> str:
        """The SQL that asks for it; the name comes from our own file, never from outside."""
        return f"from {self.name}($as_of)"

    @property
    def comment(self) -> str:
        """The SQL that puts the sentence beside the macro (DuckDB takes no parameter there)."""
        return "comment on macro table {} is '{}'".format(
            self.name, self.sentence.replace("'", "''")
        )


@cache
def all_figures() -> dict[str, Figure]:
    """Every figure by name, in alphabetical order."""
    return {path.stem: _read(path) for path in sorted(FOLDER.rglob("*.sql"), key=lambda p: p.stem)}


def _read(path: Path) -> Figure:
    sql = path.read_text()
    title, _, sentence = sql.splitlines()[0].removeprefix("-- ").partition(": ")
    if title.lower().replace(" ", "_") != path.stem:
        raise ValueError(f"{path.name} must begin with '-- <its name>: <what it means>'.")
    return Figure(path.stem, sentence, sql)
