"""Log files in columns, parquet or CSV: only the columns that are needed, bit by bit, each text once."""

from __future__ import annotations

import csv as csv_lines
from collections import Counter
from typing import BinaryIO

import numpy
import pyarrow
import pyarrow.compute as compute
import pyarrow.csv
import pyarrow.parquet

from settings.limits import Limits
from sources import Reject
from sources.reading.bounds import within
from sources.reading.check_rows import COLUMNS, SCHEMA, TEXT

HEADER = 1_000_000  # bytes, and of a CSV's line
ROWS = 50_000  # at a time


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
    return _table(file.iter_batches(ROWS, columns=list(names)), names, limits)


def csv(stream: BinaryIO, limits: Limits) -> tuple[pyarrow.Table, list[Reject]]:
    """The rows of a CSV log in the columns of check_rows, and those of too many or too few cells.

    Raises ValueError or ArrowException.
    """
    head = stream.readline(HEADER)
    if len(head) == HEADER:
        raise ValueError(f"its first line is longer than {HEADER:,} bytes")
    stream.seek(0)
    header = next(csv_lines.reader([head.decode("utf-8-sig")]), [])
    names = _needed(header)
    wrong: list[Reject] = []

    def refuse(row: pyarrow.csv.InvalidRow) -> str:
        reason = f"{row.actual_columns} cells where the header has {row.expected_columns}"
        wrong.append(Reject(row.number, "", row.text[:200], reason))
        within(limits, "rejects", len(wrong), "the file")
        return "skip"

    rows = pyarrow.csv.open_csv(
        stream,
        read_options=pyarrow.csv.ReadOptions(use_threads=False, block_size=HEADER),
        parse_options=pyarrow.csv.ParseOptions(invalid_row_handler=refuse),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pyarrow.string()),
            include_columns=list(names), strings_can_be_null=True,
        ),
    )  # fmt: skip
    table = _table(rows, names, limits)
    lines = numpy.arange(2, 2 + table.num_rows + len(wrong))  # the header is line 1
    lines = lines[~numpy.isin(lines, [reject.line for reject in wrong])][: table.num_rows]
    return table.set_column(0, "line", pyarrow.array(lines, pyarrow.int64())), wrong


def _needed(header: list[str]) -> dict[str, str]:
    """The columns that are ours, whichever way their names are joined, by their names in the file.

    Raises ValueError when there is no endpoint or no time, or a column twice.
    """
    ours = {name: name.replace("-", "_") for name in header}
    names = {name: column for name, column in ours.items() if column in COLUMNS}
    absent = [c for c in ("endpoint", "entry_date") if c not in names.values()]
    if absent:
        raise ValueError(f"there is no column {absent[0]!r}")
    seen = Counter(ours[name] for name in header if name in names)
    if twice := [column for column, times in seen.items() if times > 1]:
        raise ValueError(f"the column {twice[0]!r} is there twice")
    return names


def _table(batches, names: dict[str, str], limits: Limits) -> pyarrow.Table:
    """Batches with these columns as one table of SCHEMA, counted while they are read."""
    parts, rows, size = [], 0, 0
    for batch in batches:
        columns = {names[name]: _texts(batch.column(name)) for name in names}
        size += sum(map(_written, columns.values()))
        within(limits, "unpacked", size, "The file")
        numbers = pyarrow.array(range(rows + 1, rows + 1 + batch.num_rows), pyarrow.int64())
        rows += batch.num_rows
        within(limits, "rows", rows, "The file")
        empty = pyarrow.nulls(batch.num_rows, TEXT)
        told = [columns.get(column, empty) for column in COLUMNS]
        parts.append(pyarrow.RecordBatch.from_arrays([numbers, *told], schema=SCHEMA))
    return pyarrow.Table.from_batches(parts, SCHEMA)


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
    elif pyarrow.types.is_dictionary(kind):
        texts = column.dictionary.cast(pyarrow.string())
        texts.validate(full=True)  # a parquet may say that any bytes are text
        return pyarrow.DictionaryArray.from_arrays(column.indices.cast(pyarrow.int32()), texts)
    texts = column.cast(pyarrow.string())
    texts.validate(full=True)
    return texts.dictionary_encode()


def _written(column: pyarrow.DictionaryArray) -> int:
    """How many bytes the texts of a column are when each is written out."""
    lengths = compute.binary_length(column.dictionary)
    return compute.sum(lengths.take(column.indices)).as_py() or 0
