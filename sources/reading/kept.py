"""Rows of a list as they are kept: what the model reads in columns of its own, the rest as told."""

from __future__ import annotations

import json
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO

import numpy
import pyarrow

from sources import StopSource

HELD = 16_000_000  # bytes of rows; more are put aside in a file
# What settings call a column of their own. Each cell of the others is kept under "more".
WORDS = ("item", "status", "since", "from", "sequence", "blocked", "gone", "name", "link")
_TEXT = pyarrow.string()
AT = pyarrow.timestamp("us", "UTC")  # where a time with its zone could be read at a glance
_ENDS = [("since_at", AT), ("more", pyarrow.list_(_TEXT))]
SCHEMA = pyarrow.schema([("line", pyarrow.int64()), *((word, _TEXT) for word in WORDS), *_ENDS])


class Rows:
    """Tables of one schema one after the other, as a Table is asked for them. What is too much to be
    held lies in a file that has no name and is gone with its process."""

    def __init__(self, schema: pyarrow.Schema):
        self.schema, self.num_rows = schema, 0
        self._held: list[pyarrow.Table] = []
        self._size = 0
        self._file: BinaryIO | None = None

    def add(self, table: pyarrow.Table) -> None:
        """Keep these as well. Raises StopSource where there is no room."""
        self.num_rows += table.num_rows
        self._size += table.nbytes
        self._held.append(table)
        if self._size > HELD:
            self._put_aside()

    def told(self) -> pyarrow.Table | Rows:
        """All of them, nothing more will come: few as one table."""
        if not self._file:
            return pyarrow.concat_tables([self.schema.empty_table(), *self._held])
        self._put_aside()
        with _room():
            self._writer.close()
        return self

    def to_reader(self) -> pyarrow.RecordBatchReader:
        """All rows from the first on; what was handed out before must be done with."""
        assert self._file  # else they are a table
        self._file.seek(0)
        return pyarrow.ipc.open_stream(self._file)

    def _put_aside(self) -> None:
        with _room():
            if not self._file:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115  it lives as long as this
                weakref.finalize(self, self._file.close)
                how = pyarrow.ipc.IpcWriteOptions(compression="lz4")
                self._writer = pyarrow.ipc.new_stream(self._file, self.schema, options=how)
            for table in self._held:
                self._writer.write_table(table)
        self._held, self._size = [], 0


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StopSource(
            f"{tempfile.gettempdir()} does not hold the rows of a long list meanwhile: "
            f"{error.strerror or error}. Make room there, or name another folder in TMPDIR."
        ) from None


class Kept:
    """The rows of a list that are kept, told by the names of their columns."""

    def __init__(self, names: Mapping[str, str], header: list[str]):
        self.header = list(dict.fromkeys(header))
        self.names = {word: names.get(word) for word in WORDS}
        self.more = [name for name in self.header if name not in self.names.values()]
        self.rows = Rows(SCHEMA.with_metadata({"header": json.dumps(self.header)}))

    def table(self, lines: list[int], rows: list[dict]) -> pyarrow.Table:
        """Rows one by one, with their lines, in the columns of SCHEMA."""
        told = {name: pyarrow.array([row.get(name) for row in rows], _TEXT)
                for name in {*filter(None, self.names.values()), *self.more}}  # fmt: skip
        at = pyarrow.nulls(len(lines), AT)
        return self.columns(pyarrow.array(lines, pyarrow.int64()), told, at)

    def columns(self, lines: pyarrow.Array, told: dict, at: pyarrow.Array) -> pyarrow.Table:
        """The same from their columns by name, and their time where it is known."""
        nothing = pyarrow.nulls(len(lines), _TEXT)
        words = [told.get(name, nothing) for name in self.names.values()]
        return pyarrow.table([lines, *words, at, self._more(len(lines), told)], self.rows.schema)

    def _more(self, rows: int, told: dict[str, pyarrow.Array]) -> pyarrow.Array:
        """Of each row the cells that have no column of their own; null where there are none."""
        width = len(self.more)
        if not width:
            return pyarrow.nulls(rows, SCHEMA.field("more").type)
        cells = pyarrow.concat_arrays([told[name] for name in self.more])
        across = numpy.arange(rows * width).reshape(width, rows).T.ravel()
        starts = numpy.arange(rows + 1, dtype=numpy.int32) * width
        return pyarrow.ListArray.from_arrays(starts, cells.take(across))


def places(header: list[str], names: Mapping[str, str]) -> list[int]:
    """Where each column of a header is found among WORDS and what follows them, from 1."""
    called = {names[word]: n for n, word in reversed([*enumerate(WORDS, 1)]) if names.get(word)}
    more = iter(range(len(WORDS) + 1, len(WORDS) + len(header) + 1))
    return [called[name] if name in called else next(more) for name in header]
