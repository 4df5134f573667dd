"""Makes board.json: the export of a Trello board that never was. The same each time it is run.

Run: python examples/sprint-board/make.py
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

LISTS = ("Backlog", "Ready", "Doing", "Review", "Done")
FIRST, SECOND = datetime(2025, 6, 2, 8, tzinfo=UTC), datetime(2025, 6, 16, 8, tzinfo=UTC)
ENDS = datetime(2025, 6, 27, 15, tzinfo=UTC)
# Of each story: its name, the lists it went through, the sprint it was begun in, and why it is blocked.
STORIES = [
    ("See which councils have not sent data", 5, 1, ""),
    ("Sign in with a link by e-mail", 5, 1, ""),
    ("Show the date of the last update", 5, 1, "no test data"),
    ("Remove a document that was sent twice", 5, 1, ""),
    ("Search by postcode", 3, 1, "VPN drops"),
    ("Download a list as a spreadsheet", 4, 1, "VPN drops"),
    ("Import the old register", 3, 1, "vpn access for new laptop"),
    ("Check a file before it is sent", 3, 1, "Waiting for VPN https://status.example/vpn"),
    ("Say why a file was refused", 4, 1, "VPN drops"),
    ("Match sites to their parcels", 3, 1, "no test data"),
    ("Move the nightly job", 3, 1, "Waiting for VPN https://status.example/vpn"),
    ("Back up the staging database", 3, 1, "vpn access for new laptop"),
    ("Test with a screen reader", 4, 2, "Waiting for VPN https://status.example/vpn"),
    ("Map of conservation areas", 3, 2, "VPN drops"),
    ("Filter by organisation", 3, 2, "VPN drops"),
    ("Undo a change", 3, 2, "vpn access for new laptop"),
    ("Page for a single site", 4, 2, "VPN drops"),
    ("Rename a dataset", 3, 2, "Waiting for VPN https://status.example/vpn"),
    ("Faster first page", 3, 2, "staging database access"),
    ("Tell a council that its data is late", 3, 2, "wording not agreed"),
    ("Cookie page", 4, 2, "staging database access"),
    ("Alerts by text message", 3, 2, "VPN drops"),
    ("Print a page", 2, 2, ""),
    ("Dark colours", 1, 2, ""),
]


class Board:
    """What is done on the board becomes its actions."""

    def __init__(self) -> None:
        self.random, self.number = Random(14), 0
        self.actions: list[dict] = []
        self.id = self.new_id(FIRST - timedelta(days=3))
        self.lists = [self._named(name) for name in LISTS]
        self.label = self._named("Blocked") | {"color": "red", "idBoard": self.id}
        self.field = self._named("Blocked by") | {"type": "text"}

    def new_id(self, at: datetime) -> str:
        """An id as Trello's are: the second it was made in, then a number."""
        self.number += 1
        return f"{int(at.timestamp()):08x}{self.number:016x}"

    def _named(self, name: str) -> dict:
        return {"id": self.new_id(FIRST - timedelta(days=3)), "name": name}

    def did(self, at: datetime, kind: str, card: dict, **data: object) -> None:
        """One action."""
        told = {"board": {"id": self.id}, "card": {"id": card["id"], "name": card["name"]}, **data}
        self.actions.append({"id": self.new_id(at), "type": kind, "date": _iso(at), "data": told})
        card["dateLastActivity"] = _iso(at)

    def later(self, at: datetime, hours: float) -> datetime:
        """Some working time later: from eight to four, Monday to Friday."""
        left = timedelta(hours=hours * self.random.uniform(0.7, 1.3))
        while True:
            evening = at.replace(hour=16, minute=0, second=0, microsecond=0)
            if at.weekday() < 5 and at + left <= evening:
                return at + left
            if at.weekday() < 5:
                left -= max(evening - at, timedelta())
            at = (at + timedelta(days=1)).replace(hour=8, minute=0, second=0, microsecond=0)

    def story(self, number: int, name: str, reached: int, sprint: int, why: str) -> dict:
        """A card, from when it was written to where it stands at the end."""
        begun = SECOND if sprint == 2 else FIRST
        at = self.later(begun - timedelta(days=3), 4)
        card = {
            "id": self.new_id(at), "name": name, "idList": self.lists[reached - 1]["id"], "closed": False,
            "shortUrl": f"https://board.example/c/story-{number}", "idLabels": [], "labels": [],
            "customFieldItems": [],
        }  # fmt: skip
        self.did(at, "createCard", card, list=self.lists[0])
        at = begun
        for step in range(1, reached):
            at = self.later(at, (1, 10, 14, 8)[step - 1])
            before, after = self.lists[step - 1], self.lists[step]
            self.did(
                at,
                "updateCard",
                card,
                old={"idList": before["id"]},
                listBefore=before,
                listAfter=after,
            )
            if step == 2 and why and reached == 5:
                self.block(card, self.later(at, 2), why)
                at = self.later(at, 9)
                self.did(at, "removeLabelFromCard", card, label=self.label)
                card |= {"idLabels": [], "labels": []}
        if why and reached < 5:
            self.block(card, self.later(at, 6), why)
        return card

    def block(self, card: dict, at: datetime, why: str) -> None:
        """It can't go on: the label, and in the field the reason."""
        item = {"idCustomField": self.field["id"], "value": {"text": why}}
        self.did(
            at,
            "updateCustomFieldItem",
            card,
            old={"value": None},
            customField=self.field,
            customFieldItem=item,
        )
        self.did(at + timedelta(seconds=20), "addLabelToCard", card, label=self.label)
        card |= {"idLabels": [self.label["id"]], "labels": [self.label], "customFieldItems": [item]}


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def export() -> dict:
    """The board as Trello exports one, with what is read of it."""
    board = Board()
    cards = [board.story(n, *told) for n, told in enumerate(STORIES, 1)]
    assert max(one["date"] for one in board.actions) < _iso(ENDS)
    return {
        "id": board.id, "name": "Sprint board (made up)", "closed": False, "dateLastActivity": _iso(ENDS),
        "desc": "Made up: no such team, stories or dates.",
        "lists": [one | {"closed": False, "idBoard": board.id} for one in board.lists],
        "labels": [board.label], "customFields": [board.field], "cards": cards,
        "actions": sorted(board.actions, key=lambda one: (one["date"], one["id"]), reverse=True),
    }  # fmt: skip


if __name__ == "__main__":
    told = json.dumps(export(), indent=1, ensure_ascii=False)
    Path(__file__).with_name("board.json").write_text(told + "\n")
