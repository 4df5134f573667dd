"""An event log in XES (IEEE 1849), event by event: of any size in little memory.

Nothing is read from elsewhere and nothing is expanded: a document type, in which entities would
stand, is refused before any of it is heeded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from xml.parsers import expat

from sources import Reject
from sources.reading.blocks import Digested
from sources.reading.bounds import Unreadable
from sources.reading.tables import LONGEST

SIZE = 1 << 16  # bytes at once
LOG, TRACE, ATTRIBUTE = 1, 2, 3  # how deep each stands, an attribute of a trace
DEEPEST = 100
NO_EVENT = "no event: nothing happened in this case"
Row = tuple[int, dict]


def rows(stream: Digested, wanted: Collection[str], rejects: list[Reject]) -> Iterator[Row]:
    """Each event: its line, and of its attributes and (with `case:` before them) those of its trace
    the wanted ones, as text. Where several events stand in one line it is counted on from there.

    A trace without any event is among the rejects. Raises Unreadable.
    """
    log, fed = _Log(wanted, rejects), 0
    try:
        while part := stream.read(SIZE):
            log.parser.Parse(part)
            fed += len(part)
            if fed - log.parser.CurrentByteIndex > 4 * LONGEST:
                raise Unreadable(
                    f"Line {log.parser.CurrentLineNumber} holds a text without an end."
                )
            yield from log.take()
        log.parser.Parse(b"", True)
    except expat.ExpatError as error:
        told = expat.ErrorString(error.code)
        raise Unreadable(
            f"The XML breaks off or is malformed at line {error.lineno}: {told}."
        ) from None
    except Unreadable:
        raise
    except (ValueError, LookupError):  # an encoding that expat or Python has not
        raise Unreadable(
            "The XML is in an encoding that can't be read: save it as UTF-8."
        ) from None
    yield from log.take()


class _Log:
    """What the parser has come across."""

    def __init__(self, wanted: Collection[str], rejects: list[Reject]):
        self.wanted, self.rejects = frozenset(wanted), rejects
        self.case: dict | None = None  # the trace's own attributes, within one
        self.event: dict | None = None
        self.depth = self.inside = self.line = self.events = 0
        self.told: list[Row] = []
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._begin, self._end
        self.parser.StartDoctypeDeclHandler = self._refuse

    def take(self) -> list[Row]:
        """The events since last time."""
        told, self.told = self.told, []
        return told

    def _refuse(self, *_: object) -> None:
        raise Unreadable("The XML has a document type, which no event log needs: not read.")

    def _begin(self, name: str, told: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEEPEST:  # each costs the parser memory until it ends
            raise Unreadable(
                f"Line {self.parser.CurrentLineNumber} has more than {DEEPEST} things one inside the "
                "other: not read."
            )
        name = name.rpartition(":")[2]
        if self.depth == LOG and name != "log":
            raise Unreadable(f"The XML is no event log: it holds <{name[:50]}>, not <log>.")
        if name == "event" and self.event is None and self.depth in (TRACE, ATTRIBUTE):
            self.line = max(self.parser.CurrentLineNumber, self.line + 1)
            self.event, self.inside = {}, self.depth + 1
            self.events += 1
        elif self.event is not None:
            if self.depth == self.inside and (key := told.get("key", "")) in self.wanted:
                self.event[key] = told.get("value", "")
        elif name == "trace" and self.depth == TRACE:
            self.case, self.events = {}, 0
        elif self.case is not None and self.depth == ATTRIBUTE:
            if (key := f"case:{told.get('key', '')}") in self.wanted:
                self.case[key] = told.get("value", "")

    def _end(self, name: str) -> None:
        if self.event is not None and self.depth == self.inside - 1:
            self.told.append((self.line, (self.case or {}) | self.event))
            self.event = None
        elif self.case is not None and self.depth == TRACE:
            if not self.events:
                key = "case:concept:name"
                self._reject(key, self.case.get(key, ""))
            self.case = None
        self.depth -= 1

    def _reject(self, key: str, value: str) -> None:
        line = self.parser.CurrentLineNumber
        self.rejects.append(Reject(line, key, value[:200], NO_EVENT))
