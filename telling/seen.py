"""A past day as it was seen then, beside the same day as it is known today."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from telling import board, line, review, words
from telling.asked import Asked
from telling.told import Table

TODAY = "What is known today is shown."


class Stage(NamedTuple):
    """A stage in words, as it was seen and as it is known today; "" where there was or is none."""

    stage: str
    name: str
    then: str
    today: str

    @property
    def differs(self) -> bool:
        """Whether the two say something else."""
        return self.then != self.today


def banner(day: date, made_at: datetime, is_newest: bool) -> str:
    """What a page says that shows a publication of the past."""
    made = f"{words.day(made_at)}, {made_at:%H:%M} UTC"
    said = f"As it was seen on {words.day(day)}: what was published on {made}"
    return f"{said}, which is still the newest." if is_newest else f"{said}."


def none_kept(day: date, oldest: datetime | None) -> str:
    """That nothing is kept that was current on a day, and from when on something is."""
    since = f"the oldest is of {words.day(oldest)}" if oldest else "there is none at all"
    return f"No publication of {words.day(day)} or earlier is kept: {since}. {TODAY}"


def another_version(day: date, made_at: datetime) -> str:
    """That what was current on a day can't be asked."""
    return (
        f"What was seen on {words.day(day)}, the publication of {words.day(made_at)}, was made by "
        f"another version of the program, which this one can't ask. {TODAY}"
    )


def unreadable(why: str) -> str:
    """That what was current on a day can't be read; `why`: a sentence."""
    return f"{why} {TODAY}"


def no_such_day(told: str, last: date) -> str:
    """What the address names as a day, and is none, or none that has come."""
    return f"'{words.cut(told)}' is no day until {words.day(last)}. {TODAY}"


def stages(then: Asked, today: Asked) -> list[Stage]:
    """Each stage of both, in the order of today's; those that there are no more come last."""
    said = [{s.stage: (s.stage_name, _said(s)) for s in line.stages(asked).itertuples()}
            for asked in (then, today)]  # fmt: skip
    before, now = said
    return [
        Stage(one, (now.get(one) or before[one])[0], before.get(one, ("", ""))[1],
              now.get(one, ("", ""))[1]) for one in dict.fromkeys([*now, *before])
    ]  # fmt: skip


def _said(s) -> str:
    """Not how old its items are: they are older by what was not known yet that day."""
    blocked = f", {words.number(s.blocked)} of them blocked" if s.blocked else ""
    return f"{s.word}: {board.held(s)}{blocked}"


def differences(told: list[Stage]) -> Table:
    """The stages that are known otherwise today."""
    rows = [[s.name, s.then or words.NOTHING, s.today or words.NOTHING] for s in told if s.differs]
    empty = "Every stage is known today as it was seen then."
    return Table(
        "Stages known otherwise today", ["Stage", "As seen then", "As known today"], rows, empty
    )


def listed(then: Asked, today: Asked) -> Table:
    """What came to be known late of that day, what was taken back and what was corrected since."""
    at = max(then.as_of, then.publication.published_at)  # of what it could know, and no more
    told = replace(today, as_of=at).changes(at, then.publication)
    known = told[told.late & (told["since"] <= then.as_of) & (told.subject == "item")]
    empty = "Nothing that had happened by then came to be known later, or was taken back."
    return Table(
        "Known otherwise today", ["What", "In words"], review.rows(known, review.LATE), empty
    )


def counted(told: list[Stage]) -> str:
    """How many stages are known otherwise today."""
    count = sum(s.differs for s in told)
    return f"{count} of {words.counted(len(told), 'stage')} known otherwise today" if count else (
        "The same day is known today as it was seen then")  # fmt: skip
