"""A Trello board that people work on, and a server that tells of it as Trello's API does: a thousand
of the newest at a time, before an id and since another, for who sends the key and the token."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from servers import Faults, Handler, answering

KEY, TOKEN = "0123456789abcdef0123456789abcdef", "ATTAfedcba9876543210"
BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)


class Board:
    """Lists, cards and labels, and an action for each thing that is done to them."""

    def __init__(self, lists: tuple[str, ...] = ("To do", "Doing", "Done")):
        self.at, self.number = BEGAN, 0
        self.id = self.new_id()
        self.name, self.closed, self.fields = "Our work", False, []
        self.lists = [self._list(name) for name in lists]
        self.labels = [{"id": self.new_id(), "name": name} for name in ("Blocked", "")]
        self.cards, self.actions = {}, []

    def new_id(self) -> str:
        """An id as MongoDB makes them: seconds, then a number."""
        self.number += 1
        return f"{int(self.at.timestamp()):08x}{self.number:016x}"

    def _list(self, name: str) -> dict:
        return {"id": self.new_id(), "name": name, "closed": False}

    def wait(self, days: float) -> None:
        """Time passes."""
        self.at += timedelta(days=days)

    def list(self, name: str) -> dict:
        """The list of that name."""
        return next(one for one in self.lists if one["name"] == name)

    def did(self, kind: str, card: str = "", **data: object) -> None:
        """Something was done. What is data is the board's to tell, with the card as Trello tells it."""
        told = {"board": {"id": self.id, "name": self.name}, **data}
        if card:
            short = {"id": card, "shortLink": card[-8:]}
            if kind != "deleteCard":
                short["name"] = self.cards[card]["name"]
            told["card"] = short
        at = self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.actions.append({"id": self.new_id(), "type": kind, "date": at, "data": told})

    def put(self, name: str, into: str) -> str:
        """A new card, without an action, as those of a copied board have none."""
        key = self.new_id()
        self.cards[key] = {
            "id": key, "name": name, "idList": self.list(into)["id"], "closed": False, "idLabels": [],
            "shortUrl": f"https://trello.com/c/{key[-8:]}", "customFieldItems": [],
        }  # fmt: skip
        return key

    def create(self, name: str, into: str = "To do", kind: str = "createCard") -> str:
        """A new card; its id."""
        key = self.put(name, into)
        self.did(kind, key, list=_named(self.list(into)))
        return key

    def move(self, card: str, into: str) -> None:
        """A card into another list."""
        old, new = self.cards[card]["idList"], self.list(into)
        (before,) = [one for one in self.lists if one["id"] == old]
        self.cards[card]["idList"] = new["id"]
        self.did(
            "updateCard",
            card,
            old={"idList": old},
            listBefore=_named(before),
            listAfter=_named(new),
        )

    def archive(self, card: str, closed: bool = True) -> None:
        """A card is put away, or taken back."""
        self.cards[card]["closed"] = closed
        (there,) = [one for one in self.lists if one["id"] == self.cards[card]["idList"]]
        self.did("updateCard", card, old={"closed": not closed}, list=_named(there))

    def remove(self, card: str, kind: str = "deleteCard") -> None:
        """A card is deleted, or moved to another board."""
        (there,) = [one for one in self.lists if one["id"] == self.cards[card]["idList"]]
        self.did(kind, card, list=_named(there))
        del self.cards[card]

    def mark(self, card: str, on: bool = True) -> None:
        """A card is given the label Blocked, or not any more."""
        label = self.labels[0]
        self.cards[card]["idLabels"] = [label["id"]] if on else []
        self.did("addLabelToCard" if on else "removeLabelFromCard", card, label=dict(label))

    def write(self, card: str, text: str | None) -> None:
        """A card's field "Blocked by" is given a text."""
        if not self.fields:
            self.fields = [{"id": self.new_id(), "name": "Blocked by", "type": "text"}]
        items, field = self.cards[card]["customFieldItems"], self.fields[0]
        old = items[0]["value"] if items else None
        item = {"idCustomField": field["id"], "value": {"text": text} if text else None}
        self.cards[card]["customFieldItems"] = [item] if text else []
        self.did(
            "updateCustomFieldItem",
            card,
            old={"value": old},
            customField=dict(field),
            customFieldItem=item,
        )

    def close(self, name: str, closed: bool = True) -> None:
        """A list is archived with its cards, or opened again."""
        one = self.list(name)
        one["closed"] = closed
        self.did("updateList", list={**_named(one), "closed": closed}, old={"closed": not closed})

    def told(self) -> dict:
        """The board itself, as the API tells it."""
        return {"id": self.id, "name": self.name, "closed": self.closed, "lists": self.lists,
                "labels": self.labels, "customFields": self.fields}  # fmt: skip

    def export(self) -> str:
        """Its JSON export, which holds a thousand actions."""
        cards = [
            {**one, "labels": [x for x in self.labels if x["id"] in one["idLabels"]]}
            for one in self.cards.values()
        ]
        told = self.told() | {"cards": cards, "actions": self.actions[::-1][:1000]}
        at = self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return json.dumps(told | {"dateLastActivity": at})


def _named(one: dict) -> dict:
    return {"id": one["id"], "name": one["name"]}


class Api(Faults):
    """What the server says of the board."""

    def __init__(self, board: Board):
        super().__init__()
        self.board = board
        self.meanwhile = None

    def answer(self, path: str, headers: dict) -> tuple[int, bytes, dict]:
        """What a question is answered."""
        if fault := self.failed(path, headers):
            return fault
        if (
            headers.get("Authorization")
            != f'OAuth oauth_consumer_key="{KEY}", oauth_token="{TOKEN}"'
        ):
            return 401, b"invalid key", {}
        parts, board = urlsplit(path), self.board
        told = {name: value[0] for name, value in parse_qs(parts.query).items()}
        _, _, _, which, *what = parts.path.split("/")
        if which != board.id:
            return 404, b"The requested resource was not found.", {}
        if what == ["actions"]:
            found = page(wanted(board.actions, told["filter"].split(",")), told)
        elif what == ["cards"]:
            found = json.loads(json.dumps(page(list(board.cards.values()), told)))
            if self.meanwhile:
                self.meanwhile()
        else:
            found = board.told()
        return 200, json.dumps(found).encode(), {}


def wanted(actions: list[dict], filters: list[str]) -> list[dict]:
    """Those of the types asked for; of updateCard:idList those that changed just that."""
    names = {name for name in filters if ":" not in name}
    return [
        one for one in actions
        if one["type"] in names or any(f"{one['type']}:{key}" in filters for key in one["data"].get("old", ()))
    ]  # fmt: skip


def page(all_of: list[dict], told: dict) -> list[dict]:
    """The newest of those made before an id and since another, a thousand at most."""
    among = [one for one in all_of if told.get("since", "") < one["id"] < told.get("before", "~")]
    return sorted(among, key=lambda one: one["id"], reverse=True)[: min(int(told["limit"]), 1000)]


@contextmanager
def serving(board: Board) -> Iterator[tuple[str, Api]]:
    """The address of a server of the board, and what it says."""
    api = Api(board)

    class Asked(Handler):
        def do_GET(self) -> None:
            status, body, headers = api.answer(self.path, dict(self.headers))
            self._send(status, body, **headers)

    with answering(Asked) as address:
        yield address, api
