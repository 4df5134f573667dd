"""A connection that ends in time: what it connects to is checked, every byte of it is counted.

A library's time-out is for each wait, so that a byte now and then goes on for ever. Here every
wait, of the head or the body, is as long as is left of the whole answer's time.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from collections.abc import Collection
from dataclasses import dataclass

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

from settings.limits import Limits
from sources import StopSource, TryLater
from sources.reading import addresses

CONNECT = 5.0  # seconds for one address
SILENCE = 30.0  # seconds between two bytes
_HEAD = 1 << 20  # bytes for the head of an answer and the marks between its parts


@dataclass(frozen=True)
class Bounds:
    """What one answer may take: until when, how many bytes, and from where."""

    shown: str  # the address as it can be shown
    until: float  # of time.monotonic()
    limits: Limits
    written: str = ""  # the host in stages.yaml
    allowed: Collection[str] = ()  # hosts allowed by name

    def left(self) -> float:
        """Seconds that are left. Raises TryLater when there are none."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise TryLater(self.limits.exceeded("seconds", self.shown))
        return left

    def fits(self, size: int) -> None:
        """Raises StopSource when so many bytes are too many."""
        if not self.limits.allow("megabytes", size):
            raise StopSource(self.limits.exceeded("megabytes", self.shown))


class _Bytes(io.RawIOBase):
    """The bytes of one answer, as they come."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, bounds: Bounds):
        self._raw, self._sock, self._bounds, self._size = raw, sock, bounds, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int | None:
        self._sock.settimeout(min(SILENCE, self._bounds.left()))
        try:
            count = self._raw.readinto(buffer)
        except TimeoutError:
            self._bounds.left()
            raise
        self._size += count or 0
        self._bounds.fits(self._size - _HEAD)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    def __init__(self, sock, bounds: Bounds, *args, **more):
        super().__init__(sock, *args, **more)
        self.fp = io.BufferedReader(_Bytes(self.fp.detach(), sock, bounds))


class _Bounded:
    """A connection of urllib3 within bounds, to the very address that was checked."""

    def __init__(self, *args, bounds: Bounds, **more):
        self._bounds = bounds
        super().__init__(*args, **more)

    def response_class(self, sock, *args, **more) -> _Answer:
        return _Answer(sock, self._bounds, *args, **more)

    def _new_conn(self) -> socket.socket:
        bounds, host, port = self._bounds, self.host, self.port  # type: ignore[attr-defined]
        options = self.socket_options  # type: ignore[attr-defined]
        try:
            found = addresses.resolved(host, port, bounds.written, bounds.allowed)
        except (OSError, UnicodeError) as error:  # a name that is too long is no name
            raise NameResolutionError(host, self, error) from error  # type: ignore[arg-type]
        failed: OSError | None = None
        for address in found:
            try:
                seconds = min(CONNECT, bounds.left())
                return create_connection((address, port), seconds, socket_options=options)
            except OSError as error:
                failed = error
        raise NewConnectionError(self, f"no connection: {failed}") from failed  # type: ignore[arg-type]


class Plain(_Bounded, HTTPConnection):  # type: ignore[misc]
    """To an http address."""


class Secure(_Bounded, HTTPSConnection):  # type: ignore[misc]
    """To an https address."""
