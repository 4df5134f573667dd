"""A Trello board: its cards, and their moves from its actions; or the same from its JSON export.

It tells events: actions have their times. What no action tells is seen by comparing how the board
stands with what is known of it, and lies between two times.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow

from settings.boards import Trello
from sources import Reading, Reject, StopSource, shown
from sources.reading import bounds, http
from sources.reading import trello_json as told_in
from sources.reading.cards import GONE, Board, Picture
from sources.reading.kept import AT, Kept
from sources.reading.pages import Pages, Seen
from sources.reading.trello_json import Words

PAGE = 1000  # the most that Trello gives at once, and that an export holds of actions
KEPT = 500  # bytes that a card or an action takes
HEADER = ["item", "status", "since", "blocked", "gone", "name", "link", "list"]
CLOSED = "the board is closed: nothing moves on it"
NO_BOARD = "is no Trello board: what it answers is no JSON of one."
_WHOLE = {"fields": "id,name,closed,dateLastActivity", "lists": "all", "list_fields": "id,name,closed",
          "labels": "all", "label_fields": "id,name", "labels_limit": PAGE,
          "customFields": "true"}  # fmt: skip
_CARDS = {"filter": "all", "fields": "id,name,idList,closed,shortUrl,idLabels", "customFieldItems": "true",
          "limit": PAGE}  # fmt: skip
_ACTIONS = {"filter": ",".join(told_in.FILTER), "fields": "id,type,date,data", "limit": PAGE,
            "memberCreator": "false", "member": "false"}  # fmt: skip


def readings(settings: Trello, cursor: dict, now: datetime) -> Iterator[Reading]:
    """One reading: of a board what is new since the cursor, of exports all that they tell together.

    Raises StopSource or TryLater.
    """
    yield _exports(settings, now) if settings.file else _board(settings, cursor, now)


def _board(settings: Trello, cursor: dict, now: datetime) -> Reading:
    ask = Api(settings)
    words = Words(settings, board := ask.board())
    _there(settings, words, settings.place)
    board["cards"] = ask.pages_of("cards", _CARDS)
    board["actions"] = ask.pages_of("actions", _ACTIONS, cursor.get("last", ""))
    taken = _Taken(settings, now, cursor)
    taken.take(words, board, now, None)
    return taken.reading(http.place(settings), CLOSED if board.get("closed") else "")


def _exports(settings: Trello, now: datetime) -> Reading:
    files = sorted(file for file in map(Path, glob.glob(settings.file)) if file.is_file())
    if not files:
        raise StopSource(f"{shown(settings, settings.file)} is not there: no file has such a name.")
    pages, digest, boards = Pages(settings, NO_BOARD), hashlib.sha256(), []
    for file in files:
        name = shown(settings, str(file))
        try:
            with bounds.opened(file, False, settings.limits) as stream:
                body = stream.read()
        except bounds.TooMuch as error:
            raise StopSource(f"{name}: {error}") from None
        except OSError as error:
            raise StopSource(f"{name} can't be read: {error.strerror}.") from None
        digest.update(hashlib.sha256(body).digest())
        pages.keep(name, 0, len(body))
        board = pages.read(body, name)
        _whole(board, name)
        boards.append((_exported(board, now), name, board))
    if len({board["id"] for *_, board in boards}) > 1:
        raise StopSource(f"{shown(settings, settings.file)}: these are exports of several boards.")
    boards.sort(key=lambda one: one[:2])
    taken, said = _Taken(settings, now, {}), []
    for at, _name, board in boards:
        words, began, before = Words(settings, board), _began(board), taken.board.asked
        if before is None or (began and began > before):
            said += _exact(before, began)
        taken.take(words, board, at, began)
    _there(settings, words, boards[-1][1])
    note = "; ".join([*said, *[CLOSED] * bool(board.get("closed"))])
    reading = taken.reading(http.place(settings), note)
    return replace(reading, newest=taken.board.asked, sha256=digest.hexdigest(), cursor={})


def _whole(board: Any, name: str) -> None:
    """Raises StopSource where a file is no export."""
    lacks = [key for key in ("cards", "lists", "actions", "labels")
             if not (isinstance(board, dict) and isinstance(board.get(key), list))]  # fmt: skip
    if lacks or not isinstance(board.get("id"), str):
        raise StopSource(
            f"{name} is no JSON export of a Trello board: it has no {', '.join(lacks) or 'id'}. In "
            "Trello: the board's menu, Print, export and share, Export as JSON."
        )


def _exported(board: dict, now: datetime) -> datetime:
    """When an export shows the board: at its last sign of life, for it does not say when it was made."""
    dates = [board.get("dateLastActivity")]
    dates += [one.get("dateLastActivity") for one in board["cards"] if isinstance(one, dict)]
    dates += [one.get("date") for one in board["actions"] if isinstance(one, dict)]
    known = [at for at in map(told_in.time_of, dates) if at and at <= now]
    return max(known, default=now)


def _began(board: dict) -> datetime | None:
    """From when on an export tells each move: it holds a thousand actions and no more."""
    dates = [told_in.time_of(one.get("date")) for one in board["actions"] if isinstance(one, dict)]
    return min(filter(None, dates), default=None) if len(board["actions"]) >= PAGE else None


def _exact(before: datetime | None, began: datetime | None) -> list[str]:
    """What is not known exactly, where an export does not reach back to the one before it."""
    if began is None:
        return []
    told = f"{began.day} {began:%B %Y, %H:%M} UTC"
    if before is None:
        since = "what was so before is known to be so at least since then"
        return [f"moves are exact from {told} on; {since}"]
    after = f"{before.day} {before:%B %Y, %H:%M} UTC"
    return [f"no export tells of the moves between {after} and {told}"]


def _there(settings: Trello, words: Words, name: str) -> None:
    """Raises StopSource where the board has not what means blocked: nothing would ever be."""
    if words.label and not words.labels:
        known = ", ".join(dict.fromkeys(words.labelled)) or "none that has a name"
        raise StopSource(
            f"{name} has no label {words.label!r}; it has: {known}. Correct 'blocked'."
        )
    if words.field and not words.fields:
        known = ", ".join(filter(None, words.names)) or "none"
        raise StopSource(
            f"{name} has no custom field {words.field!r}; it has: {known}. Correct 'blocked'."
        )


class Api:
    """Asks the API about one board, with a header that nobody else is shown."""

    def __init__(self, settings: Trello):
        self.settings = settings
        key, token = (os.environ.get(name, "") for name in settings.variables)
        if not (key and token):
            lacks = " and no ".join(
                name for name in settings.variables if not os.environ.get(name, "")
            )
            raise StopSource(f"The environment has no {lacks}: set it, as docs/boards.md says.")
        said = f'OAuth oauth_consumer_key="{key}", oauth_token="{token}"'
        self.headers = {"Authorization": said, "Accept": "application/json"}
        self.pages = Pages(settings, NO_BOARD)

    def board(self) -> dict:
        """The board with its lists, labels and fields. Raises StopSource or TryLater."""
        told = self._ask("", _WHOLE)
        if not isinstance(told, dict) or not all(
            isinstance(told.get(key), list) for key in ("lists", "labels")
        ):
            raise StopSource(f"{http.place(self.settings)} {NO_BOARD}")
        return told

    def pages_of(self, what: str, asked: dict, since: str = "") -> list:
        """All of a list, the newest first: Trello gives what is before an id, a page at a time."""
        found: dict[str, Any] = {}
        seen, before = Seen(), {"since": since} if since else {}
        while True:
            page = self._ask(f"/{what}", asked | before)
            if not isinstance(page, list):
                raise StopSource(f"{http.place(self.settings)}/{what} is no list of {what}.")
            ids = [one.get("id") if isinstance(one, dict) else None for one in page]
            new = {str(key or id(one)): one for key, one in zip(ids, page, strict=True)}
            self.pages.keep(http.place(self.settings), len(new), KEPT * len(new))
            known = [key for key in ids if isinstance(key, str)]
            if not new.keys() - found.keys() or not known:
                return [*(found | new).values()]
            found |= new
            seen.once(oldest := min(known), f"{http.place(self.settings)}/{what}")
            before = before | {"before": oldest}

    def _ask(self, path: str, asked: dict) -> Any:
        url, settings = f"{self.settings.place}{path}", self.settings
        try:
            return self.pages.ask(url, asked, self.headers)[0]
        except http.Declined as error:
            if error.status in (401, 403):
                why = f"The key in {settings.key} or the token in {settings.token} does not open this board: make a token as somebody who sees it."
            elif error.status in (400, 404):
                why = (
                    "There is no such board, or the token's owner does not see it: correct 'board'."
                )
            else:
                raise
            raise StopSource(f"{error} {why}") from None


class _Taken:
    """The rows of a board, numbered on from those of an earlier answer."""

    def __init__(self, settings: Trello, now: datetime, cursor: dict):
        blocked = settings.blocked
        self.label, self.field = (blocked.label, bool(blocked.field)) if blocked else ("", False)
        self.settings, self.now, self.adds, self.cursor = settings, now, bool(cursor), cursor
        self.board = Board(settings, self.label, self.field, cursor.get("board"))
        self.called = dict(self.board.lists)
        self.last = cursor.get("last", "")
        self.rejects: list[Reject] = []

    def take(self, words: Words, board: dict, at: datetime, began: datetime | None) -> None:
        """What a board, asked or exported, tells after the last."""
        actions, odd = told_in.actions(board["actions"], self.now)
        new = sorted(
            (one for one in actions if one.id > self.last), key=lambda one: (one.at, one.id)
        )
        steps, unusable = told_in.each(new, words.steps)
        cards, no_cards = told_in.each(board["cards"], words.card)
        self.rejects += odd + unusable + no_cards
        self.last = told_in.newest_id(board["actions"], self.last)
        picture = Picture(at, dict(cards), words.lists, words.closed, began)
        self.board.take([step for some in steps for step in some], picture)

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
