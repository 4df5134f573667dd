"""Rows of changes in columns: what is plainly fine is kept as it comes, all else goes row by row to
the one judge, so that both say the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from zoneinfo import ZoneInfo

import numpy
import pyarrow
import pyarrow.compute as compute

from settings.sources import Events
from sources.reading.blocks import Part
from sources.reading.event_rows import Judge, Judged, by_column
from sources.reading.kept import AT

# What str.strip takes away (tests/test_list_columns.py).
SPACE = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_DAY = (
    r"(?:19[1-9]\d|20\d\d)-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])"
    r"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    r"|(?:19[2468][048]|19[13579][26]|20[02468][048]|20[13579][26])-02-29"
)
_TIME = r"[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?"
_ZONE = r"Z|[+-](?:0\d|1[0-4]):[0-5]\d"
# Times that everyone reads alike; each is in the calendar.
SURE = f"^(?:{_DAY})(?:{_TIME}(?:{_ZONE})?)?$"
_NEVER = numpy.iinfo(numpy.int64).max
_EPOCH = datetime(1970, 1, 1)  # by any clock
_MICRO = timedelta(microseconds=1)
_SHIFT = timedelta(hours=26) // _MICRO  # no clock was ever put back or forward by so much


def judge(settings: Events, header: list[str], parts: Iterable[Part], now: datetime) -> Judged:
    """Each row of a list kept or refused with field and reason, but for those that hold nothing.

    Raises Unreadable when the header lacks a column that is needed, and TooMuch.
    """
    judge = _Columns(settings, header, now)
    for part in parts:
        judge.part(part)
    return judge.told()


class _Columns(Judge):
    """The judge, who sees what is plainly fine at a glance."""

    def part(self, part: Part) -> None:
        """Judges the rows of a part and keeps those that are fine."""
        kept, plain = self.kept.rows.schema.empty_table(), numpy.zeros(len(part.lines), bool)
        if len(plain):
            cells = dict(zip(self.header, part.cells, strict=True))
            for word in ("since", "item"):
                cells[self.names[word]] = compute.utf8_trim(cells[self.names[word]], SPACE)
            at, zoned = _times(cells[self.names["since"]])
            # By a clock elsewhere it may be tomorrow already: the judge lets in a day more.
            plain = self._plain(cells) & (at <= _micros(self.now.astimezone(UTC)))
            self._note(at[plain & zoned], "UTC")
            self._note(at[plain & ~zoned], self.settings.time_zone or "UTC")
            if not plain.all():
                cells = {name: cell.filter(pyarrow.array(plain)) for name, cell in cells.items()}
            since_at = pyarrow.array(at[plain], mask=~zoned[plain]).cast(AT)
            kept = self.kept.columns(pyarrow.array(part.lines[plain]), cells, since_at)
        rest = self.take(self._rest(part, ~plain))
        if rest.num_rows:
            kept = pyarrow.concat_tables([kept, rest]).sort_by("line")
        self.kept.rows.add(kept)

    def _plain(self, cells: dict[str, pyarrow.Array]) -> numpy.ndarray:
        """Which rows are fine but for their time; no space is around the item."""
        names = self.names
        fine = _true(compute.not_equal(cells[names["item"]], ""))
        if self.settings.precision != "between":
            status = compute.utf8_trim(cells[names["status"]], SPACE)
            fine &= _true(compute.not_equal(status, ""))
        if (effective := cells.get(names["effective"])) is not None:
            # No letter but their own has one of theirs as its small letter.
            no = pyarrow.array(["false", "no", "0"])
            fine &= ~_true(compute.is_in(compute.ascii_lower(effective), no))
        return fine

    def _note(self, at: numpy.ndarray, zone: str) -> None:
        """Notes the newest of times by a zone's clock. Where that was changed shortly before, it need
        not be the one that looks newest."""
        if len(at):
            last, clock = at.max(), ZoneInfo(zone)
            told = numpy.array([last])
            if len({_at(n, clock).utcoffset() for n in (last, last - _SHIFT)}) > 1:
                told = numpy.unique(at[at > last - _SHIFT])
            newest = max(_at(n, clock).astimezone(UTC) for n in told)
            self.newest = max(self.newest or newest, newest)

    def _rest(self, part: Part, which: numpy.ndarray) -> Iterator[tuple[int, dict]]:
        """The rows to be looked at, by line; those that hold nothing are none."""
        columns = [cell.filter(pyarrow.array(which)).to_pylist() for cell in part.cells]
        whole = zip(part.lines[which].tolist(), zip(*columns, strict=True), strict=bool(columns))
        for line, cells in sorted([*whole, *part.odd], key=itemgetter(0)):
            if any(map(str.strip, cells)):
                yield line, by_column(self.header, [*cells])


def _true(mask: pyarrow.Array) -> numpy.ndarray:
    return mask.to_numpy(zero_copy_only=False)


def _times(since: pyarrow.Array) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Times that can be read in one way alone, in microseconds since 1970, those that name their zone
    by UTC, the others by their own clock; _NEVER in place of others. Which ones name their zone."""
    at = numpy.full(len(since), _NEVER)
    sure = compute.match_substring_regex(since, SURE)
    east = compute.or_(compute.match_substring(since, "Z"), compute.match_substring(since, "+"))
    zoned = compute.or_(east, compute.equal(compute.count_substring(since, "-"), 3))
    for which, kind in ((zoned, AT), (compute.invert(zoned), pyarrow.timestamp("us"))):
        told = compute.and_(sure, which)
        at[_true(told)] = since.filter(told).cast(kind).cast(pyarrow.int64()).to_numpy()
    return at, _true(zoned)


def _micros(at: datetime) -> int:
    return (at.replace(tzinfo=None) - _EPOCH) // _MICRO


def _at(micros: int, clock: ZoneInfo) -> datetime:
    return (_EPOCH + int(micros) * _MICRO).replace(tzinfo=clock)
