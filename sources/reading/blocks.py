"""A CSV of any size bit by bit, in columns where that is plain, told as the csv module tells it.

A block of whole lines is plain when each quote in it opens or closes a cell and nothing else could
be read in two ways. All others, and all that is wrong, go to the csv module: what it says is said.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

import numpy
import pyarrow
import pyarrow.csv

from sources.reading.tables import LONGEST, records

SIZE = 1 << 20  # bytes of a block
WIDEST = 500  # columns; a row of more is no row of a list, and is read one by one
_NEWLINE, _QUOTE, _COMMA, _RETURN = b'\n",\r'


class Part(NamedTuple):
    """Rows that follow each other: those with as many cells as the header by column (none where
    there are no such rows), each with its line, and beside them the others (line, cells), both in
    the order of their lines."""

    lines: numpy.ndarray
    cells: list[pyarrow.Array]
    odd: list[tuple[int, list[str]]]

    def last(self) -> tuple[int, list[str]] | None:
        """The last row that holds anything."""
        whole, odd = len(self.lines) - 1, len(self.odd) - 1
        while whole >= 0 or odd >= 0:
            if odd < 0 or (whole >= 0 and self.lines[whole] > self.odd[odd][0]):
                row = int(self.lines[whole]), [cell[whole].as_py() for cell in self.cells]
                whole -= 1
            else:
                row = self.odd[odd]
                odd -= 1
            if any(map(str.strip, row[1])):
                return row
        return None


class Digested:
    """A stream of bytes, each counted into the SHA-256 as it is read."""

    def __init__(self, stream: BinaryIO):
        self.stream, self.hash, self.begin = stream, hashlib.sha256(), b""

    def readline(self, most: int) -> bytes:
        """The next line, or so many bytes of it."""
        return self._told(self.stream.readline(most))

    def block(self) -> bytes:
        """The next lines, some SIZE bytes together, not counted yet; not all of a line that is no
        line of a list."""
        at = self.stream.tell()
        told = self.stream.read(SIZE)
        if not told.endswith(b"\n"):
            told += self.stream.readline(4 * LONGEST)
        self.stream.seek(at)
        return told

    def skip(self, block: bytes) -> None:
        """Go on behind a block."""
        self.stream.seek(len(block), io.SEEK_CUR)
        self._told(block)

    def read(self, most: int = -1) -> bytes:
        """So many bytes, or all that are left."""
        return self._told(self.stream.read(most))

    def _told(self, part: bytes) -> bytes:
        self.hash.update(part)
        if len(self.begin) < 2000:
            self.begin += part[:2000]
        return part


def header(stream: Digested) -> tuple[int, list[str]]:
    """The first row that holds anything and its line; (0, []) when none does. Raises Unreadable."""
    rows = ((line, row) for line, row in records(stream) if any(map(str.strip, row)))
    line, row = next(rows, (0, []))
    return line, [cell.strip() for cell in row]


def parts(stream: Digested, line: int, width: int) -> Iterator[Part]:
    """The rows after that line. Raises Unreadable."""
    while block := stream.block():
        end = stream.stream.tell() + len(block)
        told = plain(block, line, width)
        if told:
            stream.skip(block)
            line += block.count(b"\n")
            yield told
            continue
        rows = []
        for row in records(stream, line):
            rows.append(row)
            if stream.stream.tell() >= end:
                break
        line = rows[-1][0]
        yield part(rows, width)


def part(rows: Iterable[tuple[int, list]], width: int) -> Part:
    """Rows that were read one by one."""
    lines, whole, odd = [], [], []
    for line, row in rows:
        if len(row) == width <= WIDEST:
            lines.append(line)
            whole.append(row)
        else:
            odd.append((line, row))
    cells = [pyarrow.array(texts, pyarrow.string()) for texts in zip(*whole, strict=True)]
    return Part(numpy.array(lines, numpy.int64), cells, odd)


def plain(block: bytes, line: int, width: int) -> Part | None:
    """The rows of a block of whole lines that come after that line; None where it is not plain."""
    if not 2 <= width <= WIDEST or b"\0" in block:
        return None
    if b"\r" in block and block.count(b"\r") != block.count(b"\r\n"):
        return None
    letters = numpy.frombuffer(block, numpy.uint8)
    ends = numpy.flatnonzero(letters == _NEWLINE)
    if not block.endswith(b"\n"):
        ends = numpy.append(ends, len(block))
    quotes = numpy.flatnonzero(letters == _QUOTE) if b'"' in block else ends[:0]
    if numpy.diff(ends, prepend=-1).max() > LONGEST or not _around_cells(quotes, letters, ends):
        return None
    try:
        cells = _columns(block, width)
        if len(cells[0]) == len(ends):
            return Part(line + 1 + numpy.arange(len(ends)), cells, [])
    except pyarrow.ArrowInvalid:
        pass  # a row of fewer cells or more, or bytes that are no text
    return _uneven(block, line, width, ends, quotes)


def _around_cells(quotes: numpy.ndarray, letters: numpy.ndarray, ends: numpy.ndarray) -> bool:
    """Whether each quote opens or closes a cell, and none holds the end of a line."""
    if not len(quotes):
        return True
    if len(quotes) % 2 or (numpy.searchsorted(quotes, ends) % 2).any():
        return False
    opens, closes = quotes[::2], quotes[1::2]
    before = letters[opens - 1]
    sound = (opens == 0) | (before == _COMMA) | (before == _NEWLINE)
    sound[1:] |= opens[1:] == closes[:-1] + 1  # two within a cell stand for one
    after = numpy.append(letters, _NEWLINE)[closes + 1]
    return bool(sound.all() and numpy.isin(after, (_COMMA, _NEWLINE, _RETURN, _QUOTE)).all())


def _uneven(
    block: bytes, line: int, width: int, ends: numpy.ndarray, quotes: numpy.ndarray
) -> Part | None:
    """The same where rows have fewer cells or more."""
    letters = numpy.frombuffer(block, numpy.uint8)
    commas = numpy.flatnonzero(letters == _COMMA)
    commas = commas[numpy.searchsorted(quotes, commas) % 2 == 0]
    whole = numpy.diff(numpy.searchsorted(commas, ends), prepend=0) == width - 1
    kept = numpy.repeat(whole, numpy.diff(ends, prepend=-1))[: len(block)]
    try:
        odd = _one_by_one(block, line, ends, numpy.flatnonzero(~whole))
        cells = _columns(letters[kept].tobytes(), width) if whole.any() else []
    except (UnicodeDecodeError, pyarrow.ArrowInvalid, csv.Error):
        return None
    lines = line + 1 + numpy.flatnonzero(whole)
    return Part(lines, cells, odd) if all(len(cell) == len(lines) for cell in cells) else None


def _one_by_one(block: bytes, line: int, ends: numpy.ndarray, which: numpy.ndarray) -> list:
    """These lines of a block as rows, but for those without a cell."""
    found = []
    for n in which:
        text = block[ends[n - 1] + 1 if n else 0 : ends[n] + 1].decode()
        (row,) = csv.reader([text], strict=True)
        if row:
            found.append((int(line + 1 + n), row))
    return found


def _columns(block: bytes, width: int) -> list[pyarrow.Array]:
    """Lines of so many cells each as columns of text. Raises ArrowInvalid, of bytes that are no
    UTF-8 as well, and where the first would be dropped as a mark of order."""
    if block.startswith(b"\xef\xbb\xbf"):
        raise pyarrow.ArrowInvalid("begins with a mark of order")
    names = [str(n) for n in range(width)]
    table = pyarrow.csv.read_csv(
        io.BytesIO(block),
        pyarrow.csv.ReadOptions(use_threads=False, block_size=len(block) + 1, column_names=names),
        pyarrow.csv.ParseOptions(ignore_empty_lines=False),
        pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pyarrow.string()), strings_can_be_null=False
        ),
    )
    return [column.combine_chunks() for column in table.columns]
