"""Links as they are kept: without a password, token or signature that somebody left in them."""

from __future__ import annotations

import json
from functools import lru_cache

import pyarrow

from settings.redaction import redacted
from settings.sources import Source

# An address, and what a check says went wrong, which often repeats one. Neither is anybody's key.
OF_CHECKS = ("link", "exception")


def without_secrets(settings: Source, rows: pyarrow.Table) -> pyarrow.Table:
    """The rows of a reading, as sources.Reading has them, their links without secrets.

    A link goes to every visitor's browser and into every export, and a secret that has left can't be
    taken back. All else in a row is data: it stays letter for letter, a key above all.
    """
    if settings.tells == "checks":
        for name in set(OF_CHECKS) & set(rows.column_names):
            at = rows.column_names.index(name)
            rows = rows.set_column(at, name, _each_once(rows.column(name)))
        return rows
    link, told = settings.names.get("link"), rows.column("row")
    if not link or not len(told) or link not in json.loads(told[0].as_py()):
        return rows
    kept = pyarrow.array([_row(row, link) for row in told.to_pylist()], pyarrow.string())
    return rows.set_column(rows.column_names.index("row"), "row", kept)


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
