"""The weekly digest: where each line and process stands, on the morning of the review, whether
anything has changed or not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.messages import MARK, Message, plain, shortened
from alerts.states import State
from settings.alerts import DAYS, Alerts, Digest
from telling import words

LATE = timedelta(hours=24)  # after that it is no longer that morning's: the next one tells


def is_due(digest: Digest, zone: str, last: datetime | None, now: datetime) -> bool:
    """Whether it is to leave: its day and hour have come, and it has not left since. One that a clock
    since set back dates to come says nothing of this week."""
    here = now.astimezone(ZoneInfo(zone))
    days = (here.weekday() - DAYS.index(digest.day)) % 7
    day = here.date() - timedelta(days=days)
    due = datetime(day.year, day.month, day.day, digest.hour, tzinfo=ZoneInfo(zone))
    if due > here:
        due -= timedelta(days=7)
    return now - due < LATE and (last is None or last < due or last - now > LATE)


def message(
    states: Iterable[State], told: Iterable[Message], flapping: set[str], settings: Alerts,
    now: datetime, about: str, first: bool = False,
) -> Message:  # fmt: skip
    """The digest of these states; `told`: the messages since the last one, or of a week where this is
    the first; `flapping`: subjects that go back and forth."""
    states = list(states)
    red = [s for s in states if s.word in ("red", "silent", "refused", "overdue")]
    # Of a promise the sentence says all but that its day is over.
    lines = [
        f"{MARK[s.colour]} {'Overdue' if s.word == 'overdue' else _where(s)}: {s.sentence}"
        for s in red
    ]
    lines += [f"→ {s.name}: {s.sentence}" for s in states if s.subject.startswith("line/")]
    boxes = [s for s in states if s.subject.startswith(("stage/", "process/"))]
    amber = [s for s in boxes if s.colour == "amber"]
    for mark, said, some in (
        ("!", "To be watched", amber),
        ("↔", "Going back and forth", [s for s in states if s.subject in flapping]),
        ("?", "Can't be judged", [s for s in boxes if not s.word]),
    ):
        lines += [f"{mark} {said}: {_listed(some)}."] if some else []
    count = sum(one.kind != "digest" for one in told)
    since = "in the last 7 days; this is the first digest" if first else "since the last digest"
    lines.append(f"{words.counted(count, 'other message')} {since}.")
    are = f"{words.counted(len(red), 'thing')} red" if red else "nothing known to be red"
    title = f"This week: {are}{f', {len(amber)} to be watched' if amber else ''}"
    link = f"{settings.dashboard.rstrip('/')}/" if settings.dashboard else ""
    return Message(
        "digest", title, tuple(shortened([plain(x) for x in lines])), link, now, plain(about)
    )


def _listed(states: list[State]) -> str:
    """States by name, those of one place together: "Collecting (a and b) and The site is up"."""
    places: dict[str, list[str]] = {}
    for state in states:
        apart = _where(state) == state.name
        places.setdefault("" if apart else state.group, []).append(state.name)
    alone = places.pop("", [])
    return words.listed([f"{where} ({words.listed(x)})" for where, x in places.items()] + alone)


def _where(state: State) -> str:
    apart = state.group in (state.name, "Promises", "The sources", "The newest data")
    return state.name if apart else f"{state.group}, {state.name}"
