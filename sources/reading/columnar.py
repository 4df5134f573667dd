"""Log files in columns, parquet or CSV: only the columns that are needed, bit by bit, each text once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain, count, islice
from typing import BinaryIO

import pyarrow
import pyarrow.compute as compute
import pyarrow.parquet

from settings.limits import Limits
from sources import Reject
from sources.reading import tables
from sources.reading.bounds import within
from sources.reading.check_rows import BATCH, COLUMNS, SCHEMA

ROWS = 50_000  # of a parquet at a time
SIZE = 10_000_000  # letters of a CSV at a time
LINE, NEEDED = "line", ("endpoint", "entry_date")
# As programs write it.
NOTHING = frozenset(("", "null", "NULL", "None", "NaN", "nan", "NA", "N/A", "n/a"))


def parquet(stream: BinaryIO, limits: Limits) -> pyarrow.Table:
    """The rows of a parquet log in the columns of check_rows. Raises ValueError or ArrowException."""
    told = pyarrow.parquet.read_metadata(stream)
    within(limits, "rows", told.num_rows, "The file")
    schema = told.schema.to_arrow_schema()
    names = _needed(schema.names)
    groups = [told.row_group(n) for n in range(told.num_row_groups)]
    parts = [group.column(n) for group in groups for n in range(group.num_columns)]
    needed = [p for p in parts if p.path_in_schema.split(".")[0] in names]
    within(limits, "megabytes", sum(p.total_uncompressed_size for p in needed), "The file")
    texts = [name for name in names if _is_text(schema.field(name).type)]
    stream.seek(0)
    file = pyarrow.parquet.ParquetFile(stream, read_dictionary=texts)
    batches = file.iter_batches(ROWS, columns=list(names))
    lines = count(1)
    return _table(((list(islice(lines, len(b))), b) for b in batches), names, limits)


def csv(stream: BinaryIO, limits: Limits) -> tuple[pyarrow.Table, list[Reject]]:
    """The rows of a CSV log in the columns of check_rows, and those of too many or too few cells.

    Raises ValueError or ArrowException.
    """
    lines = 0
    while part := stream.read(1 << 20):
        lines += part.count(b"\n")
        within(limits, "rows", lines - 1, "The file")
    stream.seek(0)
    rows = ((line, row) for line, row in tables.records(stream) if row)
    _, header = next(rows, (1, []))
    names = _needed(header)
    wrong: list[Reject] = []

    def fitting() -> Iterator[tuple[int, list[str]]]:
        for line, row in rows:
            if len(row) == len(header):
                yield line, row
            else:
                reason = f"{len(row)} cells where the header has {len(header)}"
                wrong.append(Reject(line, "", ",".join(row)[:200], reason))
                within(limits, "rejects", len(wrong), "the file")

    return _table(_batches(fitting(), header, names), names, limits), wrong


def _batches(
    rows: Iterator[tuple[int, list[str]]], header: list[str], names: dict[str, str]
) -> Iterator[tuple[list[int], pyarrow.RecordBatch]]:
    """The needed columns of the rows, so many at a time that they are few bytes, with their lines."""
    places = [header.index(name) for name in names]
    lines: list[int] = []
    told: list[list] = []
    size = 0
    for line, row in chain(rows, [(0, None)]):
        if row is None or len(told) == BATCH or size > SIZE:
            columns = zip(*told, strict=True) if told else [[]] * len(places)
            arrays = [pyarrow.array(texts, pyarrow.string()) for texts in columns]
            yield lines, pyarrow.RecordBatch.from_arrays(arrays, list(names))
            lines, told, size = [], [], 0
        if row is not None:
            lines.append(line)
            told.append([None if row[at] in NOTHING else row[at] for at in places])
            size += sum(map(len, row))


def _needed(header: list[str]) -> dict[str, str]:
    """The columns that are ours, whichever way their names are joined, by their names in the file.

    Raises ValueError when there is no endpoint or no time, or a column twice.
    """
    ours = {name: name.replace("-", "_") for name in header}
    names = {name: column for name, column in ours.items() if column in COLUMNS}
    absent = [c for c in NEEDED if c not in names.values()]
    if absent:
        raise ValueError(f"there is no column {absent[0]!r}")
    seen = Counter(ours[name] for name in header if name in names)
    if twice := [column for column, times in seen.items() if times > 1]:
        raise ValueError(f"the column {twice[0]!r} is there twice")
    return names


def _table(batches, names: dict[str, str], limits: Limits) -> pyarrow.Table:
    """Batches with these columns, each after the lines of its rows, as one table, counted while
    they are read: as they are held, and as they would be with every cell written out."""
    parts = [SCHEMA.empty_table().select([LINE, *names.values()])]
    held = written = rows = empty = 0
    for lines, batch in batches:
        told = {column: _texts(batch.column(name)) for name, column in names.items()}
        rows, written = rows + batch.num_rows, written + sum(map(_written, told.values()))
        within(limits, "rows", rows, "The file")
        within(limits, "unpacked", written, "The file")
        empty += max(told[column].null_count for column in NEEDED)
        within(limits, "rejects", empty, "the file")
        part = pyarrow.table({LINE: pyarrow.array(lines, pyarrow.int64()), **told})
        held += part.nbytes
        within(limits, "megabytes", held, "The file")
        parts.append(part)
    return pyarrow.concat_tables(parts)


def _is_text(kind: pyarrow.DataType) -> bool:
    return pyarrow.types.is_string(kind) or pyarrow.types.is_binary(kind)


def _texts(column: pyarrow.Array) -> pyarrow.DictionaryArray:
    """A column as texts, each once. Raises ArrowException when it can't be."""
    kind = column.type
    if pyarrow.types.is_timestamp(kind):
        # DuckDB reads a zone in one form, and no billionths.
        zoned = pyarrow.timestamp(kind.unit, kind.tz and "UTC")
        column = column.cast(zoned)
        if kind.unit == "ns":
            column = column.cast(pyarrow.timestamp("us", zoned.tz), safe=False)
    if not pyarrow.types.is_dictionary(kind):
        column = column.cast(pyarrow.string()).dictionary_encode()
    used = column.indices.unique().drop_null()
    texts = column.dictionary.take(used).cast(pyarrow.string())
    texts.validate(full=True)  # a parquet may say that any bytes are text
    return pyarrow.DictionaryArray.from_arrays(compute.index_in(column.indices, used), texts)


def _written(column: pyarrow.DictionaryArray) -> int:
    """How many bytes the texts of a column are when each is written out."""
    lengths = compute.binary_length(column.dictionary)
    return compute.sum(lengths.take(column.indices)).as_py() or 0
