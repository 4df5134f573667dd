"""What stands in every landing database: its tables, what older versions saved taken over, its views."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

import duckdb

from settings.sources import KINDS

_HERE = Path(__file__).parent
_SQL = sorted(_HERE.glob("*.sql"))
_VIEWS = "select view_name, comment from duckdb_views() where not internal"
_NAMES = re.compile(r"create or replace view (\w+)")
_MARK = "comment on view {} is '{}'"  # a name of our own and a checksum
_ROWS_OF_JSON = "select count(*) from duckdb_tables() where table_name = 'raw'"


def bring_up_to_date(con: duckdb.DuckDBPyConnection) -> None:
    """Make what is missing, of this version of the program or of one before. Raises duckdb.Error."""
    tables, *views = _SQL
    con.execute(tables.read_text())
    _upgrade(con)
    _make(con, views)


def _upgrade(con: duckdb.DuckDBPyConnection) -> None:
    """Take over what older versions saved: they did not say what an answer's kind tells, and kept
    the rows of lists in another way."""
    # What a Datasette told were rows then, which no view reads.
    kinds = [(kind, cls.tells) for kind, cls in KINDS.items() if isinstance(cls.tells, str)]
    con.executemany("update load set tells = $2 where kind = $1 and tells is null", kinds)
    if con.execute(_ROWS_OF_JSON).fetchall() == [(1,)]:
        con.begin()
        con.execute((_HERE / "upgrade/rows_of_json.sql").read_text())
        con.commit()


def _make(con: duckdb.DuckDBPyConnection, views: list[Path]) -> None:
    """The views, unless the very SQL that stands here has made them all, as the comment of each says:
    one that another version of the program has made since has none, nor has one of a kill half way.
    Most of the time that opening takes went into them. Views of others are nobody's business here."""
    version = sha256(b"".join(file.read_bytes() for file in _SQL)).hexdigest()
    texts = [file.read_text() for file in views]
    ours = set(_NAMES.findall("".join(texts)))
    if ours <= {name for name, comment in con.execute(_VIEWS).fetchall() if comment == version}:
        return
    for text in texts:
        con.execute(text)
    for name in ours:
        con.execute(_MARK.format(name, version))
