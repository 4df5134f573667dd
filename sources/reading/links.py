"""Links as they are kept: without a password, token or signature that somebody left in them."""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import lru_cache

import pyarrow

from settings.redaction import redacted
from settings.sources import Source
from sources.reading.kept import Rows

# An address, and what a check says went wrong, which often repeats one. Neither is anybody's key.
OF_CHECKS = ("link", "exception")


def without_secrets(
    settings: Source, rows: pyarrow.Table | Rows
) -> pyarrow.Table | pyarrow.RecordBatchReader:
    """The rows of a reading, as sources.Reading has them, their links without secrets.

    A link goes to every visitor's browser and into every export, and a secret that has left can't be
    taken back. All else in a row is data: it stays letter for letter, a key above all.
    """
    if settings.tells == "checks":
        return _cleaned(rows, OF_CHECKS)
    link = settings.names.get("link")
    if settings.tells == "events":
        # What is shown as the name may be the link.
        which = [word for word in ("link", "name") if settings.names.get(word) == link]
        parts = (_cleaned(pyarrow.Table.from_batches([part]), which) for part in rows.to_reader())
        batches = (batch for part in parts for batch in part.to_batches())
        return pyarrow.RecordBatchReader.from_batches(rows.schema, batches)
    assert not isinstance(rows, Rows)  # only of a list there is so much
    told = rows.column("row")
    if not link or not len(told) or link not in json.loads(told[0].as_py()):
        return rows
    kept = pyarrow.array([_row(row, link) for row in told.to_pylist()], pyarrow.string())
    return rows.set_column(rows.column_names.index("row"), "row", kept)


def cleaned(settings: Source, rows: pyarrow.Table) -> pyarrow.Table:
    """The same of a part of the rows, which is held as it is."""
    told = without_secrets(settings, rows)
    return told.read_all() if isinstance(told, pyarrow.RecordBatchReader) else told


def _cleaned(rows: pyarrow.Table, names: Collection[str]) -> pyarrow.Table:
    for name in set(names) & set(rows.column_names):
        if rows.column(name).null_count < len(rows):
            at = rows.column_names.index(name)
            rows = rows.set_column(at, name, _each_once(rows.column(name)))
    return rows


def _each_once(column: pyarrow.ChunkedArray) -> pyarrow.Array:
    """There are millions of checks, but few things that they say."""
    told = column.combine_chunks().dictionary_encode()
    said = [text and redacted(text, rows=True) for text in told.dictionary.to_pylist()]
    kept = pyarrow.array(said, pyarrow.string())
    return pyarrow.DictionaryArray.from_arrays(told.indices, kept).dictionary_decode()


def _row(row: str, link: str) -> str:
    told = json.loads(row)
    kept = _once(told.get(link) or "")
    if kept == (told.get(link) or ""):
        return row
    return json.dumps(told | {link: kept}, ensure_ascii=False)


@lru_cache(100_000)
def _once(link: str) -> str:
    """A board shows the same links every day."""
    return redacted(link, rows=True)
