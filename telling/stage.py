"""What is told of one stage: its numbers, its items, what blocks them, its limits."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import NamedTuple

import pandas

from metrics import Listed, Wanted
from telling import blockers, pace, words
from telling.asked import Asked
from telling.drawn import PARTS
from telling.told import Cell, Link, Table, Told, linked

STATES = {"queue": "waiting", "paused": "waiting", "work": "working", "unmapped": "not mapped"}
PAGE = 500  # items in the table; the next pages and the downloads hold the others
_COLUMNS = {
    "name": "Name",
    "state": "State",
    "status": "Status in the source",
    "stage_age_days": "{} in this stage",
    "stage_at_least": "At least",
    "age_days": "{} in the line",
    "entered_at": "Entered",
    "blocked_days": "{} blocked",
    "blocked_reason": "Blocked because",
    "link": "Link",
    "item": "Key",
}
MEASURES = {
    "queue": "items waiting",
    "wip": "items in the stage",
    "oldest": "days in the stage, oldest item",
    "typical": "days, typical time",
    "idle": "days since something left",
}


class Kept(NamedTuple):
    """What is kept of the items of a stage: those in a `state` ("" for any), `blocked` or not (None for
    either), with a `text` in their name, key or reason."""

    state: str = ""
    blocked: bool | None = None
    text: str = ""


_ORDER = ("-blocked", "-blocked_days", "-stage_age_days", "item")


def items(asked: Asked, stage: str, kept: Kept, page: int = 1) -> Listed:
    """A page of the open items of a stage, the blocked first, then the oldest: rows of the figure age,
    and state as boxes count it; and how many are kept in all."""
    wanted = _wanted(kept)._replace(most=PAGE, skip=PAGE * (page - 1))
    listed = asked.rows("age", wanted, stage=stage, **_filters(kept))
    return listed._replace(rows=with_state(listed.rows))


def every(asked: Asked, stage: str, kept: Kept) -> pandas.DataFrame:
    """All of them, as a file has them."""
    rows = with_state(asked.every("age", _wanted(kept), stage=stage, **_filters(kept)))
    columns = item_columns(asked)
    return rows[list(columns)].rename(columns=columns)


def _wanted(kept: Kept) -> Wanted:
    return Wanted(_ORDER, text=kept.text, within=("name", "item", "blocked_reason"))


def _filters(kept: Kept) -> dict[str, object]:
    parts = tuple(part for part, state in STATES.items() if state == kept.state)
    filters: dict[str, object] = {"part": parts} if parts else {}
    return filters if kept.blocked is None else filters | {"blocked": kept.blocked}


def counted(asked: Asked, stage: str) -> pandas.DataFrame:
    """How many of each state (`items`) have been in a stage for how long (stage_age_days).

    Ages are cut to a hundredth of what a bar of a chart holds: each falls in the bar it would.
    """
    wanted = Wanted(columns=("stage_age_days", "part", "blocked"))
    rows = with_state(asked.rows("age", wanted, stage=stage).rows)
    oldest = rows.stage_age_days.max() if len(rows) else 0  # of none it is not a number
    fine = 10.0 ** math.floor(math.log10(max(oldest, 1) / 24) - 1)
    ages = (rows.stage_age_days / fine).map(math.floor) * fine
    return rows.groupby([ages, "state"]).size().rename("items").reset_index()


def table(asked: Asked, items: Listed, page: int = 1) -> Table:
    """A page of `items` in words, each with its link and why it is blocked."""
    rows: list[list[Cell]] = [
        [
            Link(i.name, i.link),
            i.state,
            f"{asked.days(i.blocked_days, i.blocked_at_least)}" if i.blocked else words.NOTHING,
            linked(i.blocked_reason or "no reason given") if i.blocked else words.NOTHING,
            asked.days(i.stage_age_days, i.stage_at_least),
            asked.days(i.age_days, i.at_least),
            i.status,
        ]
        for i in items.rows.itertuples(index=False)
    ]
    columns = [
        "Name", "State", "Blocked for", "Blocked because", "In this stage", "In the line",
        "Status in the source",
    ]  # fmt: skip
    return Table(f"Open items: {_shown(items, page)}", columns, rows, "None.")


def _shown(items: Listed, page: int) -> str:
    first = PAGE * (page - 1)
    some = f"{first + 1:,} to {first + len(items.rows):,} of " if items.of > PAGE else ""
    return f"{some}{words.number(items.of)}, the blocked first, then the oldest"


def item_columns(asked: Asked) -> dict[str, str]:
    """The columns of the table of items, by the names of those of `items`."""
    unit = asked.unit.capitalize()
    return {column: name.format(unit) for column, name in _COLUMNS.items()}


def with_state(rows: pandas.DataFrame) -> pandas.DataFrame:
    """Rows of the figure age with their state: waiting, working, blocked or not mapped."""
    return rows.assign(state=rows.part.map(STATES).mask(rows.blocked, "blocked"))


def numbers(asked: Asked, stage: pandas.Series, now: pandas.Series) -> list[tuple[str, str]]:
    """The counts and ages of a stage (a row of the table stage, and one of queue_size), named."""
    return [
        ("waiting", words.number(now.waiting) if stage.has_wait else "not recorded"),
        ("working", words.number(now.working) if stage.has_work else "not recorded"),
        ("blocked", words.number(now.blocked) if blockers.recorded(asked) else "not recorded"),
        ("oldest", asked.days(now.oldest_days, now.oldest_at_least)),
        ("half are here for", asked.days(now.median_age_days, now.median_at_least)),
    ]


def typical(asked: Asked, row: pandas.Series) -> list[tuple[str, str]]:
    """Typical time twice: with the unfinished counted, and the flattering way beside it."""
    return [
        ("typical time, unfinished counted", asked.typical(row)),
        ("finished only, median", asked.days(row.finished_median_days)),
        ("moved on", words.number(row.finished)),
        ("still in", words.number(row.open)),
        ("abandoned", words.number(row.abandoned)),
    ]


def notes(asked: Asked, stage: pandas.Series) -> list[str]:
    """What else must be known of a stage to read its numbers."""
    flow = asked.part("flow_efficiency", stage=stage.stage)
    said = [
        *pace.misled(asked, stage.stage),
        f"Covers the statuses {stage.statuses}.",
        *flow.sentence,
        stage.note,
    ]
    return [text for text in said if text]


def recorded(asked: Asked, stage: str) -> list[str]:
    """The parts of the stage that its statuses tell, and what is blocked where a source tells of that:
    where none is a queue, nobody knows who waits."""
    own = asked.table("stage", stage=stage).iloc[0]
    known = [own.has_wait, own.has_work, blockers.recorded(asked)]  # in the order of PARTS
    return [part for part, is_known in zip(PARTS, known, strict=True) if is_known]


def last_known(asked: Asked, stage: str, rows: pandas.DataFrame) -> datetime:
    """The instant up to which a stage (or the line, "") can be shown day by day: the one asked for, or
    where the last that was told of it lies too long before that; rows of wip_by_day."""
    told = asked.part("lately", stage=stage, weeks=1).until_at
    if told.empty or rows.empty:
        return asked.as_of
    last = asked.day_ends(pandas.Timestamp(rows.day.max()).date(), asked.stream.stream)
    until = max(told.iloc[0].to_pydatetime(), last)
    old = asked.as_of - until > timedelta(days=float(asked.stream.stale_after))
    return until if old else asked.as_of


def by_day(asked: Asked, stage: str, now: pandas.Series) -> Told:
    """What is in the stage, day by day; `now` is its row of queue_size."""
    parts, rows = recorded(asked, stage), asked.figure("wip_by_day", stage=stage)
    counted = ", ".join(f"{words.number(now[part])} {part}" for part in parts)
    until = last_known(asked, stage, rows)
    said = [f"On {asked.day(until)}: {counted}."]
    if until < asked.as_of:
        said.append("What has happened since is not known.")
    if not {"waiting", "working"} <= {*parts}:
        said.append("Its statuses do not tell what waits from what is in work.")
    if "blocked" not in parts:
        said.append(blockers.UNRECORDED)
    return Told("In this stage, day by day", said, rows)


def until_shown(
    asked: Asked, stage: str, rows: pandas.DataFrame, now: pandas.Series
) -> pandas.DataFrame:
    """The rows of `by_day` as a line is drawn through them: each day lasts until the next, and the
    last until the end of the day shown, or the last of which anything is known, however long before
    that anything happened, with what is in the stage by then (`now`, its row of queue_size)."""
    until = last_known(asked, stage, rows)
    shown = pandas.Timestamp(until).tz_convert(asked.stream.time_zone).tz_localize(None)
    ends = shown.normalize() + pandas.Timedelta(days=1)
    return pandas.concat([rows, pandas.DataFrame([now[PARTS].to_dict() | {"day": ends}])])


def ages(asked: Asked, stage: str, now: pandas.Series) -> Told:
    """How long the open items have been in the stage; `now` is its row of queue_size."""
    said = "Nothing is in this stage."
    if now.wip:
        said = (
            f"Of {words.number(now.wip)} items, half are here for "
            f"{asked.or_more(now.median_age_days, now.median_at_least)}; the oldest for "
            f"{asked.days(now.oldest_days, now.oldest_at_least)}."
        )
    if now.wip == 1:
        said = f"1 item, here for {asked.days(now.oldest_days, now.oldest_at_least)}."
    columns = ["name", "state", "stage_age_days"]
    rows = items(asked, stage, Kept()).rows[columns]
    more = f"Listed are the first {PAGE}; the downloads hold all." if now.wip > PAGE else ""

    def whole() -> pandas.DataFrame:
        return with_state(asked.every("age", Wanted(_ORDER), stage=stage))[columns]

    return Told("How long they have been here", [said, more], rows, whole)


def blocked(asked: Asked, stage: str) -> Table:
    """Each span in which an item of the stage was marked blocked, those still blocked first."""
    first = Wanted(("-open", "-days", "item"), PAGE)
    spans = asked.rows("blocked_time", first, stage=stage)
    rows: list[list[Cell]] = [
        [
            Link(b.name, b.link),
            linked(b.reason or "no reason given"),
            asked.days(b.days, b.at_least),
            "still blocked" if b.open else f"until {asked.day(b.until_at)}",
        ]
        for b in spans.rows.itertuples()
    ]
    columns = ["Name", "Reason given", "Blocked for", "Now"]
    some = f": the first {PAGE} of {words.number(spans.of)}" if spans.of > PAGE else ""
    nothing = "Nothing has been marked as blocked here."
    if not blockers.recorded(asked):
        nothing = blockers.UNRECORDED
    return Table(f"Blocked, and why{some}", columns, rows, nothing)


def targets(asked: Asked, stage: str) -> Table:
    """The limits that decide the stage's colour, with why, whose and since when."""
    rows = [
        [
            MEASURES[t.measure],
            words.number(t.amber),
            words.number(t.red),
            f"{t.reason} ({t.owner}, {words.day(t.set_on)})",
        ]
        for t in asked.table("target", stage=stage).itertuples()
    ]
    columns = ["Limit on", "Watch above", "Stuck above", "Why (who, when)"]
    return Table("Limits that decide the colour", columns, rows, "No target set: grey.")
