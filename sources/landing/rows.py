"""The rows of a reading into the landing database, each sort into its table."""

from __future__ import annotations

import json

import duckdb
import pyarrow

from settings.sources import Source
from sources import Reading
from sources.reading import links
from sources.reading.kept import Rows, places


def scanned(rows: pyarrow.Table | Rows) -> pyarrow.Table | pyarrow.RecordBatchReader:
    """Rows as DuckDB reads them, once."""
    return rows.to_reader() if isinstance(rows, Rows) else rows


def save(con: duckdb.DuckDBPyConnection, settings: Source, reading: Reading, load_id: int) -> None:
    """Insert them, their links without secrets."""
    told = links.without_secrets(settings, reading.rows) if not reading.cleaned else reading.rows
    con.register("incoming", scanned(told))
    con.execute(_INSERTS[settings.tells], {"source": settings.name, "load_id": load_id})
    con.unregister("incoming")
    if settings.tells == "events" and not reading.adds:
        header = json.loads(reading.rows.schema.metadata[b"header"])
        con.execute(
            "insert into raw_header values ($source, $load_id, $names, $places, $item, $nulls)",
            {
                "source": settings.name,
                "load_id": load_id,
                "names": header,
                "places": places(header, settings.names),
                "item": settings.names["item"],
                "nulls": settings.kind == "datasette",
            },
        )


_ROWS = "insert into raw_row select $source, $load_id, line, item, row::json from incoming"
_LIST = """
insert into raw_list select $source, $load_id, line, item, status, since, since_at, "from", sequence, blocked, gone,
                            name, link, more from incoming
"""
_LOG = "insert into raw_log by name select $source as source, $load_id as load_id, * from incoming"
_INSERTS = {"checks": _LOG, "events": _LIST, "states": _ROWS, "rows": _ROWS}
