"""What Trello tells in JSON, of its API or an export: cards, lists, labels, fields and actions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from settings.boards import Trello
from sources import Reject, TryLater
from sources.reading.cards import Card, Step
from sources.reading.json_objects import inner, text_of
from sources.reading.times import to_come

CAME = ("createCard", "copyCard", "convertToCardFromCheckItem", "emailCard", "moveCardToBoard",
        "moveInboxCardToBoard")  # fmt: skip
WENT = ("deleteCard", "moveCardFromBoard")
LISTS = {"moveListToBoard": "came", "moveListFromBoard": "gone"}
LABELS = {"addLabelToCard": "marked", "removeLabelFromCard": "unmarked"}
FIELD = "updateCustomFieldItem"
# What the API is asked for: of all that cards and lists are changed in, only moves and archiving.
FILTER = (*CAME, *WENT, *LISTS, *LABELS, FIELD, "updateCard:idList", "updateCard:closed",
          "updateList:closed")  # fmt: skip
_OURS = {name.partition(":")[0] for name in FILTER}
_ID = re.compile(r"[0-9a-f]{24}")


class Action(NamedTuple):
    """An action: its id, its time (UTC), its type and its data."""

    id: str
    at: datetime
    type: str
    data: dict


class Odd(ValueError):
    """A part of the answer that is not what it should be: its field, value and the reason."""

    def __init__(self, field: str, value: Any, reason: str):
        super().__init__(reason)
        told = value if isinstance(value, str) else json.dumps(value)
        self.reject = Reject(0, field, told[:200], reason)


class Words:
    """What the board calls its lists, and which of its labels and fields mean blocked."""

    def __init__(self, settings: Trello, board: dict):
        blocked = settings.blocked
        self.board = text_of(board, "id")
        self.lists = {text_of(one, "id"): text_of(one, "name") for one in _objects(board, "lists")}
        self.closed = {text_of(one, "id") for one in _objects(board, "lists") if one.get("closed")}
        self.label, self.field = (blocked.label, blocked.field) if blocked else ("", "")
        self.labels = _ids(one for one in _objects(board, "labels") if self._marks(one))
        fields = _objects(board, "customFields")
        self.names = [text_of(one, "name") for one in fields]
        self.fields = _ids(one for one in fields if one.get("name") == self.field)
        options = [told for one in fields for told in _objects(one, "options")]
        self.options = {text_of(one, "id"): _value(one.get("value")) for one in options}
        self.labelled = sorted(
            filter(None, (text_of(x, "name") for x in _objects(board, "labels")))
        )

    def _marks(self, label: object) -> bool:
        return isinstance(label, dict) and bool(self.label) and label.get("name") == self.label

    def marked(self, told: object) -> bool:
        """Whether a label is the one that means blocked, whatever it was called then."""
        return self._marks(told) or (isinstance(told, dict) and text_of(told, "id") in self.labels)

    def text(self, item: object) -> str:
        """What a card's item of a field says: a text, a number, a day, an option or, of a box that is
        ticked, the field's name."""
        if not isinstance(item, dict):
            return ""
        if option := text_of(item, "idValue"):
            return self.options.get(option) or option
        told = _value(item.get("value"))
        return self.field if told == "true" else "" if told == "false" else told

    def card(self, told: Any) -> tuple[str, Card]:
        """A card as it stands, with its id. Raises Odd."""
        if not isinstance(told, dict):
            raise Odd("card", told, "no card: it is no object")
        items = [
            one
            for one in _objects(told, "customFieldItems")
            if text_of(one, "idCustomField") in self.fields
        ]
        labels = told.get("idLabels")
        marked = any(map(self.marked, _objects(told, "labels")))
        marked = marked or (isinstance(labels, list) and any(one in labels for one in self.labels))
        return _id(told, "card"), Card(
            _id(told, "list", "idList"), bool(told.get("closed")), False, marked,
            next(filter(None, map(self.text, items)), ""), *_called(told),
        )  # fmt: skip

    def steps(self, action: Action) -> list[Step]:
        """What an action tells of a card or a list; nothing where it is of another board. Raises Odd."""
        data, kind = action.data, action.type
        board = inner(data, "board").get("id")
        if board not in (None, self.board):
            return []
        for key in ("list", "listBefore", "listAfter"):
            one = inner(data, key)
            if (number := text_of(one, "id")) and isinstance(one.get("name"), str):
                self.lists.setdefault(number, one["name"])
        old = inner(data, "old")
        if kind in LISTS or kind == "updateList":
            what = LISTS.get(kind) or ("closed" if old.get("closed") is False else "opened")
            known = kind in LISTS or "closed" in old
            return [Step(action.at, what, place=_id(inner(data, "list"), "list"))] if known else []
        card = inner(data, "card")
        steps = self._of_card(kind, data, old)
        if not steps:
            return []
        name, link = _called(card)
        return [
            Step(action.at, what, _id(card, "card"), place, before, text, name, link)
            for what, place, before, text in steps
        ]

    def _of_card(self, kind: str, data: dict, old: dict) -> list[tuple[str, str, str, str]]:
        """What happened, the list it is in then, the list or text before, the text then."""
        place = text_of(inner(data, "list"), "id")
        if kind in CAME:
            return [("came", place or _id(inner(data, "card"), "list", "idList"), "", "")]
        if kind in WENT:
            return [("gone", place, "", "")]
        if kind in LABELS:
            return [(LABELS[kind], place, "", "")] if self.marked(data.get("label")) else []
        if kind == FIELD:
            told = inner(data, "customFieldItem")
            ours = text_of(told, "idCustomField") in self.fields or (
                bool(self.field) and inner(data, "customField").get("name") == self.field
            )
            return [("text", place, self.text(old), self.text(told))] if ours else []
        steps = []
        if "idList" in old:
            after = inner(data, "listAfter").get("id") or inner(data, "card").get("idList")
            before = inner(data, "listBefore").get("id") or old["idList"]
            steps.append(("moved", _id({"id": after}, "list"), _id({"id": before}, "list"), ""))
        if "closed" in old:
            steps.append(("back" if old["closed"] else "archived", place, "", ""))
        return steps


def actions(told: Iterable[Any], now: datetime) -> tuple[list[Action], list[Reject]]:
    """Those that tell of moves, and those that can't be used. Raises TryLater."""
    good, odd = each(told, lambda one: _action(one, now))
    return [*filter(None, good)], odd


def newest_id(told: Iterable[Any], least: str) -> str:
    """The greatest id of some actions, which are numbered by the time."""
    ids = (one.get("id") for one in told if isinstance(one, dict))
    return max((one for one in ids if isinstance(one, str) and _ID.fullmatch(one)), default=least)


def _action(told: Any, now: datetime) -> Action | None:
    if not isinstance(told, dict):
        raise Odd("action", told, "no action: it is no object")
    kind, data = text_of(told, "type"), told.get("data")
    if kind not in _OURS:
        return None
    at = time_of(told.get("date"))
    if at is None:
        raise Odd("date", told.get("date"), "no time: it should be like 2026-04-03T14:30:00.000Z")
    if to_come(at, now):
        raise TryLater(
            f"An action is dated {told['date']}, still to come: is this machine's clock right?"
        )
    if not isinstance(data, dict):
        raise Odd("data", data, "no data of an action: it is no object")
    return Action(_id(told, "action"), at, kind, data)


def time_of(told: Any) -> datetime | None:
    """A time (UTC) as Trello tells it, or None."""
    try:
        at = datetime.fromisoformat(told)
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None
    return at if at.year >= 2000 else None


def each(told: Iterable[Any], read: Callable[[Any], Any]) -> tuple[list, list[Reject]]:
    """What is read of each, and why some can't be used."""
    good, odd = [], []
    for one in told:
        try:
            good.append(read(one))
        except Odd as error:
            odd.append(error.reject)
    return good, odd


def _objects(told: dict, key: str) -> list[dict]:
    among = told.get(key)
    return [one for one in among if isinstance(one, dict)] if isinstance(among, list) else []


def _ids(among: Iterable[dict]) -> set[str]:
    return {key for one in among if (key := text_of(one, "id"))}


def _id(told: dict, what: str, key: str = "id") -> str:
    """Raises Odd."""
    one = told.get(key)
    if not isinstance(one, str) or not _ID.fullmatch(one):
        raise Odd(key, one, f"no id of a {what}")
    return one


def _called(card: dict) -> tuple[str, str]:
    """Its name, letter for letter, and its link."""
    short = text_of(card, "shortLink")
    link = text_of(card, "shortUrl") or (f"https://trello.com/c/{short}" if short else "")
    return text_of(card, "name"), link


def _value(told: Any) -> str:
    """The value of a field, which says of what sort it is."""
    if not isinstance(told, dict):
        return ""
    return next((str(one) for one in told.values() if one not in (None, "")), "")
