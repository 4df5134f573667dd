"""What is told of a line: where it is stuck, since when, how many wait, does it get faster."""

from __future__ import annotations

from datetime import datetime, timedelta
from difflib import get_close_matches

import pandas

from telling import sources, words
from telling.asked import Asked

MOST_NAMED = 4  # stages in a headline
NO_STATUS = "(no status)"  # of an item whose cell is empty


def stages(asked: Asked) -> pandas.DataFrame:
    """A row per stage: its queue, colour, typical time and how its time divides.

    The columns of queue_size, with has_wait, has_work and statuses of the table stage, and those of
    status, typical_time and flow_efficiency that a box shows. No rows before anything has happened.
    """
    rows = asked.part("queue_size")
    stage = asked.table("stage")[["stage", "has_wait", "has_work", "statuses"]]
    typical = asked.part("typical_time").drop(
        columns=["stream", "stage_no", "stage_name", "sentence"]
    )
    time = ["stage", "stays", "open_stays", "process_days", "wait_days", "lead_days"]
    times = asked.part("flow_efficiency")[time]
    status = asked.part("status").drop(columns=["stream", "stage_no", "stage_name"])
    for more in (stage, status, typical, times):
        rows = rows.merge(more, on="stage", how="left")
    return rows


def nothing(asked: Asked) -> str:
    """Why there is nothing to show: nothing had happened by then, or nothing is known at all."""
    fresh = asked.figure("freshness")
    silent = fresh[fresh.readings == 0]
    never = [
        f"{s.source} has brought nothing yet{f': {s.last_reason}' if s.last_reason else ''}"
        for s in silent.itertuples()
    ]
    told = " ".join(f"{text.rstrip('.')}." for text in never)
    if len(silent) == len(fresh):
        return f"Nothing is known of this stream. {told} The page Sources has every try."
    if asked.table("coverage").empty:
        item = asked.stream["item"]
        return f"No {item} is known yet: what was read of this stream tells of none. {told}".strip()
    return f"Nothing had happened in this stream by this day. Choose a later one. {told}".strip()


def stray(asked: Asked) -> str:
    """That some are in statuses of no stage, with a status of almost that name; "" if none are."""
    rows = asked.part("status_count", part="unmapped")
    if rows.empty:
        return ""
    known = {s.casefold(): s for s in asked.table("status_map").status}
    named = []
    for status in rows.status:
        near = get_close_matches(status.casefold(), known, 1)
        named.append(f"{status} (did you mean {known[near[0]]}?)" if near else status or NO_STATUS)
    count = int(rows.work_items.sum())
    are = "is" if count == 1 else "are"
    return (
        f"{words.number(count)} {are} in no box, for stages.yaml maps their status to no stage: "
        f"{words.listed(named)}."
    )


def calm(stages: pandas.DataFrame) -> str:
    """The answer where no stage is red or amber; rows of `stages`."""
    unknown = list(stages[stages.colour == "grey"].stage_name)
    if unknown:
        named = words.listed(unknown) if len(unknown) <= MOST_NAMED else f"{len(unknown)} stages"
        return f"Nothing is known to be stuck, but {named} can't be judged."
    return "Nothing is stuck: every stage is on target."


def known(asked: Asked) -> str:
    """Up to when all is known, and how old that is."""
    source = sources.oldest(asked)
    if source is None:
        return "No source has been read yet."
    return (
        f"Known until {asked.day(source.told_until)}, {words.days(source.age_days)} before the moment "
        "shown."
    )


def about(asked: Asked) -> str:
    """What is told of, as of when, and until when all of it is known."""
    return f"{asked.stream['name']}, as of {asked.day(asked.as_of)}. {known(asked)}"


def is_now(asked: Asked, until: datetime) -> bool:
    """Whether what is known up to an instant goes on to the moment shown: the last weeks of what is
    older, though it may be fresh enough to judge by, are others than those a reader thinks of."""
    return asked.as_of - until < timedelta(days=1)


def held(asked: Asked) -> str:
    """How many are in the line, and how old half of them are."""
    rows = asked.part("typical_time", stage="")
    if rows.empty or not rows.open.iloc[0]:
        return f"no {asked.stream['item']} is open"
    row = rows.iloc[0]
    if row.open == 1:
        age = asked.days(row.open_median_age_days, row.open_median_at_least)
        return f"1 {asked.stream['item']} open, for {age}"
    age = asked.or_more(row.open_median_age_days, row.open_median_at_least)
    return f"{words.number(row.open)} {asked.stream['items']} open, half of them for {age}"


def none_named(asked: Asked) -> str:
    """Why there is no item to talk about: none is open, or none in a stage that can be judged."""
    if asked.part("queue_size").wip.sum():
        return "None is named: what is known of the stages that hold any is too old."
    if lost := stray(asked):
        return f"No stage holds any. {lost}"
    return f"No {asked.stream['item']} is open."


def worked_on(asked: Asked) -> str:
    """The total of the ladder of lead time: the share of all time in the line that was work."""
    share = asked.part("flow_efficiency", stage="").efficiency.dropna()
    return "share worked on not known" if share.empty else f"{share.iloc[0]:.0%} worked on"


def not_measured_line(asked: Asked, stages: pandas.DataFrame) -> str:
    """How much is said under what is not measured."""
    return f"What is not measured: {words.counted(len(not_measured(asked, stages)), 'thing')}"


def not_measured(asked: Asked, stages: pandas.DataFrame) -> list[str]:
    """What nobody should read out of these numbers, a sentence each."""
    grey = stages[stages.colour == "grey"]
    said = [f"{s.stage_name}: {s.sentence}" for s in grey.itertuples()]
    time = asked.part("flow_efficiency")
    said += [f"{t.stage_name}: {t.sentence}" for t in time[time.efficiency.isna()].itertuples()]
    said += filter(None, [stray(asked)])
    notes = asked.table("stage")
    said += [f"{n.name}: {n.note}" for n in notes[notes.note != ""].itertuples()]
    return said + ([asked.stream.note] if asked.stream.note else [])
