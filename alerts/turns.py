"""When a state is news: the rule by which one message is sent for each change, and none for a repeat.

- A change of the word is told once. What can't be judged (grey) is no change: what was told last
  still stands when it can be judged again, unless that took longer than FORGOTTEN.
- What is seen for the first time is told where it is bad.
- What changes for the third time within FOLDED days goes back and forth. That is told once, and then
  nothing until it has kept one word for SETTLED days: then what it settled on is told.

So of all that is red the last message says that it is red, or that it goes back and forth.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from alerts.states import NEWS

TURNS, FOLDED, SETTLED = 3, timedelta(days=28), timedelta(days=14)
FORGOTTEN = timedelta(days=28)
FLAPPING = "flapping"
# What never goes back and forth: it is worth a message each time.
_ALWAYS = {"overdue", "kept"}


class Known(NamedTuple):
    """What is known of a subject: its word `since` an instant, last `seen` at one, what was `told` of
    it last, and when it `turned` lately."""

    word: str
    since: datetime
    seen: datetime
    told: str
    turned: tuple[datetime, ...] = ()


def judged(before: Known | None, word: str, now: datetime) -> tuple[Known, str]:
    """What is known of a subject that has this word now, and what is to be told of it: a word, FLAPPING
    or "" for nothing. What a clock since set back dates to come was now at the latest."""
    if before is not None:
        since, seen, turned = before.since, before.seen, before.turned
        before = before._replace(since=min(since, now), seen=min(seen, now),
                                 turned=tuple(min(at, now) for at in turned))  # fmt: skip
    if before is None or now - before.seen > FORGOTTEN:
        return Known(word, now, now, word), word if word in NEWS else ""
    if word == before.word:
        if before.told == FLAPPING and now - before.since >= SETTLED:
            return before._replace(seen=now, told=word, turned=()), word
        return before._replace(seen=now), ""
    turned = (*(at for at in before.turned if now - at < FOLDED), now)
    known = Known(word, now, now, word, turned)
    if before.told == FLAPPING:
        return known._replace(told=FLAPPING), ""
    if len(turned) >= TURNS and word not in _ALWAYS:
        return known._replace(told=FLAPPING), FLAPPING
    return known, "" if word == "kept" else word
