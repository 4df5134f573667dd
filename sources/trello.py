"""A Trello board: its cards, and their moves from its actions; or the same from its JSON export.

It tells events: actions have their times. What no action tells is seen by comparing how the board
stands with what is known of it, and lies between two times.
"""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from settings.boards import Trello
from sources import Reading, StopSource, shown
from sources.reading import bounds, http
from sources.reading import trello_json as told_in
from sources.reading.board_rows import Taken
from sources.reading.cards import Picture
from sources.reading.pages import Pages, Seen
from sources.reading.trello_json import Words

PAGE = 1000  # the most that Trello gives at once, and that an export holds of actions
KEPT = 500  # bytes that a card or an action takes
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
    taken = _taken(settings, now, cursor)
    _take(taken, words, board, now, None)
    return taken.reading(http.place(settings), CLOSED if board.get("closed") else "")


def _exports(settings: Trello, now: datetime) -> Reading:
    files = sorted(file for file in map(Path, glob.glob(settings.file)) if file.is_file())
    if not files:
        raise StopSource(f"{shown(settings, settings.file)} is not there: no file has such a name.")
    pages, digest, boards = Pages(settings, NO_BOARD), hashlib.sha256(), []
    for file in files:
        name, body = shown(settings, str(file)), _body(settings, file)
        digest.update(hashlib.sha256(body).digest())
        pages.keep(name, 0, len(body))
        board = pages.read(body, name)
        _whole(board, name)
        boards.append((_exported(board, now), name, board))
    if len({board["id"] for *_, board in boards}) > 1:
        raise StopSource(f"{shown(settings, settings.file)}: these are exports of several boards.")
    boards.sort(key=lambda one: one[:2])
    taken, said = _taken(settings, now, {}), []
    for at, _name, board in boards:
        words, began, before = Words(settings, board), _began(board), taken.board.asked
        if before is None or (began and began > before):
            said += _exact(before, began)
        _take(taken, words, board, at, began)
    _there(settings, words, boards[-1][1])
    note = "; ".join([*said, *[CLOSED] * bool(board.get("closed"))])
    reading = taken.reading(http.place(settings), note)
    return replace(reading, newest=taken.board.asked, sha256=digest.hexdigest(), cursor={})


def export(settings: Trello, file: Path) -> dict:
    """What an export tells. Raises StopSource where it is none."""
    name = shown(settings, str(file))
    board = Pages(settings, NO_BOARD).read(_body(settings, file), name)
    _whole(board, name)
    return board


def _body(settings: Trello, file: Path) -> bytes:
    """What is in a file. Raises StopSource."""
    name = shown(settings, str(file))
    try:
        with bounds.opened(file, False, settings.limits) as stream:
            return stream.read()
    except bounds.TooMuch as error:
        raise StopSource(f"{name}: {error}") from None
    except OSError as error:
        raise StopSource(f"{name} can't be read: {error.strerror}.") from None


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


def _taken(settings: Trello, now: datetime, cursor: dict) -> Taken:
    blocked = settings.blocked
    return Taken(
        settings, now, cursor, blocked.label if blocked else "", bool(blocked and blocked.field)
    )


def _take(taken: Taken, words: Words, board: dict, at: datetime, began: datetime | None) -> None:
    """What a board, asked or exported, tells after the last."""
    actions, odd = told_in.actions(board["actions"], taken.now)
    new = sorted((one for one in actions if one.id > taken.last), key=lambda one: (one.at, one.id))
    steps, unusable = told_in.each(new, words.steps)
    cards, no_cards = told_in.each(board["cards"], words.card)
    taken.rejects += odd + unusable + no_cards
    taken.last = told_in.newest_id(board["actions"], taken.last)
    picture = Picture(at, dict(cards), words.lists, words.closed, began)
    taken.board.take([step for some in steps for step in some], picture)
