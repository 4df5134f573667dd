"""The statuses of an issue from what happened to it: which labels it had, when it was closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from settings.github import CLOSED, OPEN

KINDS = ("labeled", "unlabeled", "closed", "reopened", "renamed", "transferred")
# Who moves an issue takes one label off and puts another on: between them it is nowhere else.
AT_ONCE = timedelta(minutes=1)


class Issue(NamedTuple):
    """An issue: by its number, what it is called, where it is to be seen, since when it is there,
    and how it is now: open or not, and its labels."""

    number: int
    name: str
    link: str
    created: datetime
    is_open: bool = False
    labels: tuple[str, ...] = ()


class Event(NamedTuple):
    """What happened to an issue. told: the label; of a closed one the reason, if any."""

    key: int
    number: int
    at: datetime
    kind: str
    told: str = ""


class Change(NamedTuple):
    """From when on an issue had a status and was blocked ('' for not). key: by which event."""

    at: datetime
    status: str
    blocked: str
    key: int


def changes(
    issue: Issue, events: Iterable[Event], statuses: Mapping[str, str], flags: Mapping[str, str]
) -> list[Change]:
    """An issue's changes from all its events. `statuses` and `flags` are the labels that count, by
    their small letters. Of several labels the one that was put on last is the status; one that it
    has, or that was taken off, though nobody put it on, it had when it was opened."""
    has: dict[str, None] = {}
    blocked: dict[str, None] = {}
    closed = ""
    told = [Change(issue.created, OPEN, "", 0)]
    happened = sorted(events, key=lambda event: (event.at, event.key))
    for event in [*_had(issue, happened), *happened]:
        for known, now in ((statuses, has), (flags, blocked)):
            if (word := known.get(event.told.casefold())) and event.kind in KINDS[:2]:
                now.pop(word, None)
                if event.kind == "labeled":
                    now[word] = None
        if event.kind == "closed":
            reason = event.told.replace("_", " ")
            closed = reason if reason in CLOSED else CLOSED[0]
        elif event.kind == "reopened":
            closed = ""
        status = closed or next(reversed(has), OPEN)
        change = Change(max(event.at, issue.created), status, ", ".join(blocked), event.key)
        if told[-1].at == change.at:  # a second is the least that GitHub tells
            told[-1] = change
        elif told[-1][1:3] != change[1:3] or event.kind == "renamed":
            told.append(change)
    return [
        one for one, after in zip(told, [*told[1:], None], strict=True) if not _between(one, after)
    ]


def _had(issue: Issue, happened: list[Event]) -> list[Event]:
    """The labels that it had when it was opened, as if they had been put on then."""
    first: dict[str, str] = {}
    for event in happened:
        if event.kind in KINDS[:2]:
            first.setdefault(event.told, event.kind)
    had = [label for label, kind in first.items() if kind == "unlabeled"]
    had += [label for label in issue.labels if label not in first]
    return [Event(0, issue.number, issue.created, "labeled", label) for label in had]


def _between(one: Change, after: Change | None) -> bool:
    """Whether it is but the moment between two labels."""
    if after is None or one.status != OPEN or after.at - one.at > AT_ONCE:
        return False
    return after.status not in (OPEN, *CLOSED)
