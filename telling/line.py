"""What is told of a line: where it is stuck, since when, how many wait, does it get faster."""

from __future__ import annotations

from difflib import get_close_matches

import pandas

from telling import pace, words
from telling.asked import Asked
from telling.told import Link, Table

WORST = 10


def stages(asked: Asked) -> pandas.DataFrame:
    """A row per stage: its queue, colour, typical time and how its time divides.

    The columns of queue_size, with has_wait and statuses of the table stage, and those of status,
    typical_time and flow_efficiency that a box shows. No rows before anything has happened.
    """
    rows = asked.figure("queue_size")
    stage = asked.table("stage")[["stage", "has_wait", "statuses"]]
    typical = asked.figure("typical_time").drop(
        columns=["stream", "stage_no", "stage_name", "sentence"]
    )
    time = asked.figure("flow_efficiency")[["stage", "process_days", "wait_days", "efficiency"]]
    status = asked.figure("status")[["stage", "colour", "word", "sentence", "since"]]
    for more in (stage, status, typical, time):
        rows = rows.merge(more, on="stage", how="left")
    return rows


def nothing(asked: Asked) -> str:
    """Why there is nothing to show: nothing had happened by then, or nothing is known at all."""
    sources = asked.figure("freshness")
    silent = sources[sources.readings == 0]
    never = [
        f"{s.source} has brought nothing yet{f': {s.last_reason}' if s.last_reason else ''}"
        for s in silent.itertuples()
    ]
    told = " ".join(f"{text.rstrip('.')}." for text in never)
    if len(silent) == len(sources):
        return f"Nothing is known of this stream. {told} The page Sources has every try."
    return f"Nothing had happened in this stream by this day. Choose a later one. {told}".strip()


def headline(asked: Asked, stages: pandas.DataFrame) -> str:
    """The answer in a sentence or two: faster or slower, steady or not, where the line is stuck, and
    how many are in no box."""
    word = pace.short(asked)
    said = [f"{word[0].upper()}{word[1:]}.", answer(stages), stray(asked)]
    return " ".join(filter(None, said))


def stray(asked: Asked) -> str:
    """That some are in statuses of no stage, with a status of almost that name; "" if none are."""
    rows = asked.figure("status_count", part="unmapped")
    if rows.empty:
        return ""
    known = {s.casefold(): s for s in asked.table("status_map").status}
    named = []
    for status in rows.status:
        near = get_close_matches(status.casefold(), known, 1)
        named.append(f"{status} (did you mean {known[near[0]]}?)" if near else status)
    count = int(rows.work_items.sum())
    are = "is" if count == 1 else "are"
    return (
        f"{words.number(count)} {are} in no box, for stages.yaml maps their status to no stage: "
        f"{words.listed(named)}."
    )


def answer(stages: pandas.DataFrame) -> str:
    """Where the line is stuck, since when and how many wait, in one sentence; rows of `stages`."""
    for colour, lead in (("red", "Stuck at"), ("amber", "Nothing is stuck; watch")):
        named = [_where(s) for s in stages[stages.colour == colour].itertuples()]
        if named:
            return f"{lead} {words.listed(named)}."
    unknown = list(stages[stages.colour == "grey"].stage_name)
    if unknown:
        return f"Nothing is known to be stuck, but {words.listed(unknown)} can't be judged."
    return "Nothing is stuck: every stage is on target."


def _where(s) -> str:
    held = f"{words.number(s.waiting)} waiting" if s.has_wait else f"{words.number(s.wip)} in it"
    moved = f", last moved on {words.day(s.since)}" if not pandas.isna(s.since) else ""
    if not moved and s.wip:
        moved = ", nothing has ever moved on"
    return f"{s.stage_name} ({held}{moved})"


def because(asked: Asked) -> str:
    """What the answer stands on, and how old it is."""
    newest = asked.figure("freshness").sort_values("age_days").iloc[0]
    age = "No source has been read yet." if pandas.isna(newest.told_until) else (
        f"Known until {asked.day(newest.told_until)}, {words.days(newest.age_days)} before the moment "
        "shown."
    )  # fmt: skip
    return " ".join(filter(None, [*pace.because(asked), age]))


def numbers(asked: Asked, s) -> list[tuple[str, str]]:
    """The numbers of a stage's box; a row of `stages`."""
    return [
        ("working", words.number(s.working)),
        ("blocked", words.number(s.blocked)),
        ("oldest", asked.days(s.oldest_days, s.oldest_at_least)),
        ("typical time", asked.typical(s)),
    ]


def paired(asked: Asked, s) -> str:
    """What a typical time must never be read without: the finished and those still in."""
    if pandas.isna(s.finished):
        return "nothing has entered yet"
    still = "none still in"
    if s.open:
        age = asked.or_more(s.open_median_age_days, s.open_median_at_least)
        still = f"{words.number(s.open)} still in, half for {age}"
    return f"{words.number(s.finished)} moved on; {still}"


def divided(s) -> tuple[str, str]:
    """How the time of all stays divides between waiting and work, each in words; a row of `stages`."""
    worked = "" if pandas.isna(s.efficiency) else f" ({s.efficiency:.0%})"
    return (
        f"{words.number(s.wait_days)} item-days waiting",
        f"{words.number(s.process_days)} in work{worked}",
    )


def oldest(asked: Asked) -> Table:
    """The items that have been longest in their stage."""
    rows = [
        [
            Link(a.name, a.link),
            a.stage_name,
            asked.days(a.stage_age_days, a.stage_at_least),
            asked.days(a.age_days, a.at_least),
        ]
        for a in _ages(asked).head(WORST).itertuples()
    ]
    columns = ["Name", "Stage", "In this stage", "In the line"]
    return Table("Longest in their stage", columns, rows, f"No open {asked.stream['items']}.")


def blocked(asked: Asked) -> Table:
    """The items that are blocked now, longest first, with the reason given."""
    ages = _ages(asked)
    rows = [
        [
            Link(a.name, a.link),
            a.stage_name,
            asked.days(a.blocked_days, a.blocked_at_least),
            a.blocked_reason,
        ]
        for a in ages[ages.blocked].nlargest(WORST, "blocked_days").itertuples()
    ]
    columns = ["Name", "Stage", "Blocked for", "Reason given"]
    return Table("Blocked now, longest first", columns, rows, "Nothing is marked as blocked.")


def _ages(asked: Asked) -> pandas.DataFrame:
    return asked.figure("age").fillna({"stage_name": "not mapped"})


def not_measured(asked: Asked, stages: pandas.DataFrame) -> list[str]:
    """What nobody should read out of these numbers, a sentence each."""
    grey = stages[stages.colour == "grey"]
    said = [f"{s.stage_name}: {s.sentence}" for s in grey.itertuples()]
    time = asked.figure("flow_efficiency")
    said += [f"{t.stage_name}: {t.sentence}" for t in time[time.efficiency.isna()].itertuples()]
    said += filter(None, [stray(asked)])
    notes = asked.table("stage")
    said += [f"{n.name}: {n.note}" for n in notes[notes.note != ""].itertuples()]
    return said + ([asked.stream.note] if asked.stream.note else [])
