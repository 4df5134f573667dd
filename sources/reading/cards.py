"""The cards of a board: where each has been, from what is told of its moves and from how the board
stands when it is asked.

A move tells its time. What only the picture of the board shows came between the time before and its
own; what was so before the first that is told of a card was so at least since then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from settings.boards import OfBoard
from sources import StopSource

ARCHIVED, GONE = "(archived)", "(gone)"
# A picture may be older than the moves that are told with it: a card moved just then is left alone.
JUST_NOW = timedelta(minutes=5)


@dataclass
class Card:
    """What is known of a card: the list it is in, whether it is archived, gone from the board, marked
    with the label; the field's text; what it is called; and when something was last told of it."""

    place: str
    archived: bool = False
    gone: bool = False
    marked: bool = False
    text: str = ""
    name: str = ""
    link: str = ""
    at: str = ""


class Step(NamedTuple):
    """What happened to a card at a time (UTC): it came, moved, was archived or taken back, went, was
    marked or unmarked, or its field got another text. `place`: the list it is in then, and `before`
    the list, or the field's text, until then. Without a card it is a list that was closed or opened,
    or that came or went with its cards."""

    at: datetime
    what: str
    card: str = ""
    place: str = ""
    before: str = ""
    text: str = ""
    name: str = ""
    link: str = ""


class Picture(NamedTuple):
    """A board as it stood: its cards, the names of its lists, those that are closed; `began`: from when
    on every move is told, None from its beginning."""

    at: datetime
    cards: dict[str, Card]
    lists: dict[str, str]
    closed: set[str]
    began: datetime | None = None


class Told(NamedTuple):
    """A row: a card is in a list (or ARCHIVED, or GONE; `place`: the list) since a time; `since` as
    landing reads it, an interval where it is no instant."""

    item: str
    status: str
    place: str
    since: str
    at: datetime
    blocked: str | None
    name: str
    link: str


class Board:
    """Takes what a board tells, again and again, and keeps what it takes to go on (`state`)."""

    def __init__(
        self, settings: OfBoard, label: str = "", field: bool = False, state: dict | None = None
    ):
        self.settings, self.label, self.field = settings, label, field
        told = state or {}
        self.cards = {key: Card(*one) for key, one in told.get("cards", {}).items()}
        self.closed = set(told.get("closed", []))
        self.lists: dict[str, str] = told.get("lists", {})
        self.asked = datetime.fromisoformat(told["asked"]) if told else None
        self.rows: list[Told] = []
        self.unplaced: list[str] = []
        self.shown = {key: self._shown(card) for key, card in self.cards.items()}
        self.arrived: dict[str, datetime] = {}

    def state(self) -> dict:
        """What it takes to go on after what was taken, as JSON."""
        cards = {k: [getattr(c, f.name) for f in fields(Card)] for k, c in self.cards.items()}
        asked = self.asked.isoformat() if self.asked else None
        return {"asked": asked, "cards": cards, "closed": sorted(self.closed), "lists": self.lists}

    def take(self, steps: Iterable[Step], picture: Picture) -> None:
        """Takes what happened since, in its order, and how the board stood after it. Raises StopSource
        when cards are missing of whose going nothing tells, too many to be believed."""
        told = list(steps)
        self.lists = self.lists | picture.lists
        of_card: dict[str, list[Step]] = defaultdict(list)
        of_list: dict[str, list[Step]] = defaultdict(list)
        for step in told:
            (of_card[step.card] if step.card else of_list[step.place]).append(step)
        if self.asked is None:
            self.closed = set(picture.closed)
            for place, (first, *_) in of_list.items():
                (self.closed.add if first.what == "opened" else self.closed.discard)(place)
        for step in told:
            if not step.card:
                self._list(step)
            elif self._known(step, of_card[step.card], picture):
                self._step(step)
        for place in {*self.closed} ^ {*picture.closed}:
            if not any(step.at >= picture.at - JUST_NOW for step in of_list[place]):
                what = "closed" if place in picture.closed else "opened"
                self._list(Step(picture.at, what, place=place), self._since())
        self._compare(picture, of_card)
        self.asked = picture.at

    def _known(self, step: Step, steps: list[Step], picture: Picture) -> bool:
        """Whether it is known where the card was before a step: if the step is the first that is told
        of it, from that, else from the picture."""
        shown = picture.cards.get(step.card)
        if step.card in self.cards:
            card = self.cards[step.card]
            card.name, card.link = _called(step, shown, card)
            return True
        card = _before(steps, shown)
        if not card.place:
            self.unplaced.append(step.card)
            return False
        self.cards[step.card] = card
        card.name, card.link = _called(step, shown, card)
        if step.what != "came":
            self._opening(step.card, picture, step.at)
        return True

    def _opening(self, key: str, picture: Picture, until: datetime) -> None:
        """A card was there before anything was told of it."""
        made, card = made_at(key) or until, self.cards[key]
        arrived = self.arrived.get(card.place, made)
        if self.asked:
            self._tell(key, until, max(self.asked, made, arrived))
        else:
            since = min(until, max(picture.began or made, made, arrived))
            self._tell(key, since, None, at_least=True)

    def _list(self, step: Step, after: datetime | None = None) -> None:
        """A list was closed or opened, with all its cards, or came or went with them."""
        if step.what == "closed":
            self.closed.add(step.place)
        elif step.what == "opened":
            self.closed.discard(step.place)
        elif step.what == "came":
            self.arrived[step.place] = step.at
        for key, card in self.cards.items():
            if card.place == step.place:
                card.gone = card.gone or step.what == "gone"
                self._tell(key, step.at, after)

    def _step(self, step: Step) -> None:
        key, card = step.card, self.cards[step.card]
        if step.what == "moved" and step.before not in ("", card.place):
            card.place, card.gone = step.before, False
            self._tell(key, step.at, self._since(card))
        if step.what in ("came", "moved"):
            card.gone, card.archived = False, card.archived and step.what == "moved"
        elif step.what in ("archived", "back"):
            card.archived = step.what == "archived"
        elif step.what == "gone":
            card.gone = True
        elif step.what in ("marked", "unmarked"):
            card.marked = step.what == "marked"
        elif step.what == "text":
            card.text = step.text
        card.place = step.place or card.place
        card.at = step.at.isoformat()
        self._tell(key, step.at)

    def _compare(self, picture: Picture, of_card: dict[str, list[Step]]) -> None:
        """What the picture shows and nothing told."""
        late = {k for k, steps in of_card.items() if steps[-1].at >= picture.at - JUST_NOW}
        for key, shown in sorted(picture.cards.items()):
            card = self.cards.get(key)
            if card is None:
                self.cards[key] = shown
                self._opening(key, picture, picture.at)
            elif key not in late:
                after = self._since(card)
                self.cards[key] = shown
                # What befell it elsewhere, before it came back, is not told of this board.
                shown.at = picture.at.isoformat() if card.gone else card.at
                self._tell(key, picture.at, after, named=(card.name, card.link))
        there = [key for key, card in self.cards.items() if not card.gone]
        missing = [key for key in there if key not in picture.cards and key not in late]
        if self.asked and len(missing) > max(1, self.settings.largest_loss * len(there)):
            raise StopSource(
                f"{len(missing)} of the {len(there)} items of the answer before are missing, and nothing "
                "tells where they went: not believed (largest_loss allows more)."
            )
        for key in missing:
            self.cards[key].gone = True
            self._tell(key, picture.at, self._since(self.cards[key]))

    def _since(self, card: Card | None = None) -> datetime | None:
        """The last time at which something, or all, was known of it."""
        told = datetime.fromisoformat(card.at) if card and card.at else None
        return max(filter(None, (told, self.asked)), default=None)

    def _tell(
        self,
        key: str,
        at: datetime,
        after: datetime | None = None,
        at_least: bool = False,
        named: tuple[str, str] | None = None,
    ) -> None:
        """A row, where it says another thing than the last one of the card."""
        card = self.cards[key]
        status, blocked = shown = self._shown(card)
        if shown == self.shown.get(key) and named in (None, (card.name, card.link)):
            return
        self.shown[key] = shown
        since = iso(at)
        if at_least:
            since = f"../{since}"
        elif after and after < at:
            since = f"{iso(after)}/{since}"
        self.rows.append(Told(key, status, card.place, since, at, blocked, card.name, card.link))

    def _shown(self, card: Card) -> tuple[str, str | None]:
        """Its status, and why it is blocked ("": it is not; None: nobody asked)."""
        archived = card.archived or card.place in self.closed
        # One that is deleted after it was archived had its end when it was archived.
        status = ARCHIVED if archived else GONE if card.gone else card.place
        if self.label:
            return status, (card.text or self.label) if card.marked else ""
        return status, card.text if self.field else None


def _before(steps: list[Step], shown: Card | None) -> Card:
    """How a card was before the first that is told of it: as that says, else as it is shown."""
    first = {step.what: step for step in reversed(steps)}
    places = (step.before if step.what == "moved" else step.place for step in steps)
    card = Card(next(filter(None, places), shown.place if shown else ""))

    def was(on: str, off: str, now: bool) -> bool:
        told = [step for step in steps if step.what in (on, off)]
        return told[0].what == off if told else now

    card.archived = was("archived", "back", bool(shown and shown.archived))
    card.marked = was("marked", "unmarked", bool(shown and shown.marked))
    card.text = first["text"].before if "text" in first else shown.text if shown else ""
    return card


def _called(step: Step, shown: Card | None, card: Card) -> tuple[str, str]:
    """The name and link of a card: as it is shown, else as a step says, else as they were."""
    told = [one for one in (shown, step, card) if one]
    names, links = (one.name for one in told), (one.link for one in told)
    return next(filter(None, names), ""), next(filter(None, links), "")


def made_at(key: str) -> datetime | None:
    """When a card was made (UTC), which the first eight digits of its id tell; None if they don't."""
    try:
        return datetime.fromtimestamp(int(key[:8], 16), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def iso(at: datetime) -> str:
    """A time (UTC) to the millisecond, as the rows tell it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
