"""What can keep a message from getting to people, each with what becomes of it."""

from __future__ import annotations

from datetime import datetime


class NotSent(Exception):
    """The message waits for the next time. `until`: nothing may be sent on this way before then."""

    def __init__(self, why: str, until: datetime | None = None):
        super().__init__(why)
        self.until = until


class Unsure(NotSent):
    """It was sent, and no answer came: it may have arrived. The next time it says so."""


class Refused(Exception):
    """This message will never be taken; others on the way may be."""
