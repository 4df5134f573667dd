"""The figures: one .sql file each, whose first line names it and says what it means.

Lines "-- column: meaning" may follow, for columns whose name does not say it.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "figures"


class Figure(NamedTuple):
    """A figure: its name (the DuckDB macro's), its sentence and the SQL that makes it.

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
    first, _, rest = sql.partition("\n")
    title, _, sentence = first.removeprefix("-- ").partition(": ")
    if title.lower().replace(" ", "_") != path.stem:
        raise ValueError(f"{path.name} must begin with '-- <its name>: <what it means>'.")
    columns = dict(re.findall(r"^-- (\w+): (.+)$", rest.partition("create macro")[0], re.MULTILINE))
    return Figure(path.stem, sentence, sql, path.parent.name, columns)
