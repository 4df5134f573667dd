"""The changes of a line as an event log, for programs of process mining: XES, CSV or parquet.

The columns are called as those programs call them. Nothing is held but a batch of rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, BinaryIO, NamedTuple
from xml.sax.saxutils import quoteattr

import pyarrow
import pyarrow.parquet

from telling import exports
from telling.leaving import visible

NAMES = {
    "item": "case:concept:name", "name": "case:name", "link": "case:link", "status": "concept:name",
    "since": "time:timestamp", "not_before": "not_before", "precision": "precision",
    "stage": "stage", "part": "part",
}  # fmt: skip
_AT = pyarrow.timestamp("us", "UTC")
SCHEMA = pyarrow.schema(
    [(name, _AT if word in ("since", "not_before") else pyarrow.string())
     for word, name in NAMES.items()]
)  # fmt: skip
# What XML 1.0 has no place for, not even written as a number.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
	<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
	<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
	<global scope="trace">
		<string key="concept:name" value="none"/>
	</global>
	<global scope="event">
		<string key="concept:name" value="none"/>
		<date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/>
	</global>
	<classifier name="Activity" keys="concept:name"/>
"""


class Written(NamedTuple):
    """How many cases and events were written, and in how many texts letters had to be replaced."""

    cases: int
    events: int
    replaced: int = 0


def xes(batches: Iterable[pyarrow.RecordBatch], title: str, file: BinaryIO) -> Written:
    """XES (IEEE 1849-2016): an item a trace, a change an event. A letter that XML has no place for is
    written as in a program, like \\x1b."""
    log = _Xes(file)
    log.write(_HEAD)
    log.attribute("concept:name", title, 1)
    for batch in batches:
        for row in batch.to_pylist():
            log.row(row)
    log.end()
    log.write("</log>\n")
    return Written(log.cases, log.events, log.replaced)


class _Xes:
    """Writes trace by trace."""

    def __init__(self, file: BinaryIO):
        self.file, self.item = file, None
        self.cases = self.events = self.replaced = 0

    def write(self, text: str) -> None:
        self.file.write(text.encode())

    def row(self, row: dict[str, Any]) -> None:
        """The next event, in a new trace where it is another item's than the one before."""
        if not self.cases or row["item"] != self.item:
            self.end()
            self.cases, self.item = self.cases + 1, row["item"]
            self.write("\t<trace>\n")
            for key, word in (("concept:name", "item"), ("name", "name"), ("link", "link")):
                self.attribute(key, row[word], 2)
        self.events += 1
        self.write("\t\t<event>\n")
        for word in ("status", "since", "not_before", "precision", "stage", "part"):
            self.attribute(NAMES[word], row[word], 3)
        self.write("\t\t</event>\n")

    def end(self) -> None:
        """The trace is over, if there is one."""
        if self.cases:
            self.write("\t</trace>\n")

    def attribute(self, key: str, value: str | datetime | None, deep: int) -> None:
        """A text or a time as an attribute; of nothing none."""
        if value is None:
            return
        kind = "date" if isinstance(value, datetime) else "string"
        text = _instant(value) if isinstance(value, datetime) else value
        possible = _NO_XML.sub(lambda found: visible(found[0]), text)
        self.replaced += possible != text
        tabs = "\t" * deep
        self.write(f"{tabs}<{kind} key={quoteattr(key)} value={quoteattr(possible)}/>\n")


def csv(batches: Iterable[pyarrow.RecordBatch], title: str, file: BinaryIO) -> Written:
    """A CSV, as safe to open in a spreadsheet as any other that leaves: an apostrophe stands before
    what would run there."""
    count, head = _Count(), True
    file.write(b"\xef\xbb\xbf")
    for table in count.tables(batches):
        frame = table.to_pandas()
        for name in ("time:timestamp", "not_before"):
            frame[name] = [_instant(at) if at == at else None for at in frame[name]]
        text = exports.safe(frame).to_csv(index=False, header=head)
        file.write(text.encode())
        head = False
    return count.written()


def parquet(batches: Iterable[pyarrow.RecordBatch], title: str, file: BinaryIO) -> Written:
    """Parquet, letter for letter, times to the microsecond."""
    count = _Count()
    with pyarrow.parquet.ParquetWriter(file, SCHEMA) as writer:
        for table in count.tables(batches):
            writer.write_table(table)
    return count.written()


class _Count:
    """Counts what passes; items come one after the other."""

    def __init__(self) -> None:
        self.items: set[str] = set()
        self.events = 0

    def tables(self, batches: Iterable[pyarrow.RecordBatch]) -> Iterable[pyarrow.Table]:
        """Batches by the names of process mining; one without rows where there are none."""
        none = True
        for batch in batches:
            none = False
            self.events += batch.num_rows
            self.items.update(batch.column("item").unique().to_pylist())
            yield _renamed(pyarrow.Table.from_batches([batch]))
        if none:
            yield SCHEMA.empty_table()

    def written(self) -> Written:
        """What has passed."""
        return Written(len(self.items), self.events)


def _renamed(table: pyarrow.Table) -> pyarrow.Table:
    return table.select(list(NAMES)).rename_columns(list(NAMES.values())).cast(SCHEMA)


def _instant(at: datetime) -> str:
    """In UTC, with as many parts of a second as it has: thousandths or millionths."""
    parts = "microseconds" if at.microsecond % 1000 else "milliseconds"
    return at.astimezone(UTC).isoformat(timespec=parts)


WAYS: dict[str, Callable[[Iterable[pyarrow.RecordBatch], str, BinaryIO], Written]] = {
    "xes": xes, "csv": csv, "parquet": parquet,
}  # fmt: skip
