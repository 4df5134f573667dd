"""The rows of a board as one reading of landing, with where to go on next time."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pyarrow

from settings.boards import OfBoard
from sources import Reading, Reject, StopSource
from sources.reading import http
from sources.reading.cards import GONE, Board
from sources.reading.kept import AT, Kept

HEADER = ["item", "status", "since", "blocked", "gone", "name", "link", "list"]


class Taken:
    """The rows of a board, numbered on from those of an earlier answer."""

    def __init__(
        self, settings: OfBoard, now: datetime, cursor: dict, label: str = "", field: bool = False
    ):
        self.settings, self.now, self.adds, self.cursor = settings, now, bool(cursor), cursor
        self.board = Board(settings, label, field, cursor.get("board"))
        self.called = dict(self.board.lists)
        self.last = cursor.get("last", "")
        self.rejects: list[Reject] = []

    def reading(self, place: str, note: str) -> Reading:
        """All of it, with where to go on."""
        rows, board = self.board.rows, self.board
        lists = {key: name for key, name in board.lists.items() if name}
        both = lists.keys() & self.called.keys()
        renamed = {key: lists[key] for key in both if lists[key] != self.called[key]}
        first = self.cursor.get("lines", 0)
        rejects, refused = self._refused(first + len(rows))
        digest = self.cursor.get("digest", "")
        if rows or renamed or rejects or not self.adds:
            told = json.dumps([digest, rows, renamed, refused], default=str)
            digest = hashlib.sha256(told.encode()).hexdigest()
        state = {"last": self.last, "lines": first + len(rows) + len(rejects), "digest": digest,
                 "refused": refused, "board": board.state()}  # fmt: skip
        newest = max((row.at for row in rows), default=None)
        return Reading(
            place, self.now, self._table(first, lists), newest=newest, rejects=rejects, sha256=digest,
            note=note, cursor=state, adds=self.adds, renamed=renamed,
        )  # fmt: skip

    def _refused(self, after: int) -> tuple[list[Reject], list[list[str]]]:
        """What can't be used, each once: a card that can't be is told anew at each collect. And all
        that ever could not be."""
        here = [(one.field, one.value, one.reason) for one in self.rejects]
        here += [
            ("card", key, "no list is told that this card is in") for key in self.board.unplaced
        ]
        known = [tuple(one) for one in self.cursor.get("refused", [])]
        new = [one for one in dict.fromkeys(here) if one not in {*known}]
        if not self.settings.limits.allow("rejects", len(known) + len(new)):
            raise StopSource(self.settings.limits.exceeded("rejects", http.place(self.settings)))
        refused = [Reject(after + n, *one) for n, one in enumerate(new, 1)]
        return refused, [list(one) for one in (*known, *new)]

    def _table(self, first: int, lists: dict[str, str]) -> pyarrow.Table:
        rows, kept = self.board.rows, Kept(self.settings.names, HEADER)
        columns = {
            "item": [row.item for row in rows],
            "status": ["" if row.status == GONE else lists.get(row.status, row.status) for row in rows],
            "since": [row.since for row in rows], "blocked": [row.blocked for row in rows],
            "gone": ["true" if row.status == GONE else "" for row in rows],
            "name": [row.name for row in rows], "link": [row.link for row in rows],
            "list": [row.place for row in rows],
        }  # fmt: skip
        lines = pyarrow.array(range(first + 1, first + len(rows) + 1), pyarrow.int64())
        told = {name: pyarrow.array(some, pyarrow.string()) for name, some in columns.items()}
        at = pyarrow.array([row.at.astimezone(UTC) for row in rows], AT)
        kept.rows.add(kept.columns(lines, told, at))
        return kept.rows.told()
