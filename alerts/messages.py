"""A message: what is told of one change, or of several alike, in plain texts without any markup.

The ways of getting it to people make of it what their own form wants; every text is letter for
letter, without secrets, and all that would command a terminal, a header or a line is made visible.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from alerts import turns
from alerts.states import KIND, State
from settings.alerts import Kind
from settings.redaction import redacted
from telling import leaving, words

MARK = {"red": "✕", "amber": "!", "green": "✓", "grey": "?"}
MOST = 40  # lines of a message: what does not fit is counted
NAME = 100  # letters of a name in a title


@dataclass(frozen=True)
class Message:
    """What is told: a title, lines below it, where more stands, and of when it is.

    `kind`: of which kind of change; `again`: that it may be a repeat.
    """

    kind: Kind
    title: str
    lines: tuple[str, ...]
    link: str
    at: datetime
    about: str
    again: bool = False
    id: int = 0

    @property
    def texts(self) -> list[str]:
        """All of it below the title, as one text a line."""
        again = [AGAIN] if self.again else []
        return [*again, *self.lines, f"{self.about}, {said_at(self.at)}"]


AGAIN = "This may be a repeat: the first try broke off before its answer came."


def said_at(at: datetime) -> str:
    """An instant as it is written in a message."""
    return f"{words.day(at, 'UTC')}, {at:%H:%M} UTC"


def plain(text: str) -> str:
    """A text in one line without secrets, in which all letters can be seen."""
    return leaving.visible(redacted(text))


def changes(
    news: Iterable[tuple[State, str]], now: datetime, about: str, dashboard: str
) -> list[Message]:
    """The messages of one look: what changed alike in one place is told together. `news`: states, and
    what is to be told of each."""
    ordered = sorted(news, key=lambda told: (_ORDER.index(told[1]), told[0].group))
    found = groupby(ordered, key=lambda told: (told[1], told[0].group))
    return [_one(what, [state for state, _ in told], now, about, dashboard)
            for (what, _), told in found]  # fmt: skip


_ORDER = ["refused", "red", turns.FLAPPING, "overdue", "silent", "slower", "faster", "same", "calm",
          "speaks", "current"]  # fmt: skip
# What a title says of one, and of several.
_SAID = {
    "red": ("is red", "are red"),
    "calm": ("is no longer red", "are no longer red"),
    "faster": ("is getting faster", "are getting faster"),
    "slower": ("is getting slower", "are getting slower"),
    "same": ("is neither faster nor slower now", "are neither faster nor slower now"),
    "silent": ("is silent", "are silent"),
    "speaks": ("speaks again", "speak again"),
    "refused": ("is not shown", ""),
    "current": ("is shown again", ""),
    "overdue": ("is overdue", "are overdue"),
    turns.FLAPPING: ("goes back and forth", "go back and forth"),
}


def _one(what: str, states: list[State], now: datetime, about: str, dashboard: str) -> Message:
    one, several = _SAID[what]
    called = [
        state.name if len(state.name) <= NAME else f"{state.name[:NAME]}…" for state in states
    ]
    rest = [f"{len(called) - 5} more"] if len(called) > 6 else []
    names = words.listed([*called[: 5 if rest else 6], *rest])
    place = states[0].group
    where = "" if place in (states[0].name, "Promises", "The sources") else f"{place}: "
    lines = [_line(state, what, many=len(states) > 1) for state in states]
    return Message(
        kind_of(what, states), plain(f"{where}{names} {several if states[1:] else one}"),
        tuple(shortened(lines)), link(dashboard, states[0]), now, plain(about),
    )  # fmt: skip


def kind_of(what: str, states: list[State]) -> Kind:
    """Of which kind a message is: that of its word, or of what goes back and forth."""
    return KIND[states[0].word if what == turns.FLAPPING else what]


def _line(state: State, what: str, many: bool) -> str:
    name = f"{state.name}: " if many and state.name not in state.sentence else ""
    more = ""
    if what == turns.FLAPPING:
        days = turns.SETTLED // timedelta(days=1)
        more = (
            f" This is its third change within {turns.FOLDED // timedelta(days=1)} days; it is "
            f"{_NOW[state.word]} now. Nothing more is said of it until it has stayed as it is for "
            f"{days} days; the weekly digest names it."
        )
    return plain(f"{MARK[state.colour]} {name}{state.sentence}{more}")


_NOW = {"red": "red", "calm": "not red", "faster": "getting faster", "slower": "getting slower",
        "same": "neither faster nor slower", "silent": "silent", "speaks": "up to date",
        "refused": "not shown", "current": "shown"}  # fmt: skip


def shortened(lines: list[str]) -> list[str]:
    """At most so many lines; the others counted in the last."""
    rest = len(lines) - MOST
    return lines if rest <= 0 else [*lines[: MOST - 1], f"and {rest + 1} more."]


def link(dashboard: str, state: State) -> str:
    """Where the dashboard shows it; "" where its address is not known."""
    return f"{dashboard.rstrip('/')}/{state.page}" if dashboard else ""


def folded(waiting: list[Message]) -> Message:
    """One message of many that could not be sent before: their titles, each with its day."""
    last = waiting[-1]
    lines = [f"{said_at(one.at)}: {one.title}. {' '.join(one.lines)}"[:600] for one in waiting]
    return Message(
        last.kind, f"{len(waiting)} messages that could not be sent before",
        tuple(shortened(lines)), last.link, last.at, last.about,
        any(one.again for one in waiting), last.id,
    )  # fmt: skip
