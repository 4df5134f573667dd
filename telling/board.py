"""What the first page tells: one answer, a line of boxes read from left to right, whom to talk about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Generic, NamedTuple, TypeVar

import pandas

from telling import line, pace, sources, words
from telling.asked import Asked
from telling.told import Link, Table, linked

A = TypeVar("A", bound=Asked)
TALK = "Talk about these"
WORST = ["red", "amber", "grey", "green"]
WHY = {
    "newly blocked": "newly blocked",
    "came back": "came back",
    "blocked": "blocked",
    "slow": "in the line for longer than 95 in 100 that went on from {}",
    "oldest": "its time in {}",  # the longest of those that have no other reason
}


class Box(NamedTuple):
    """A stage as its box says it.

    `waiting`: items in its queue, None where that is not recorded; `came`: what came into it
    lately; `inside`: items in it that do not wait, None where no work is recorded; `reason`: the one reason for its colour;
    `more`: all else, a sentence each.
    """

    stage: str
    name: str
    colour: str
    word: str
    reason: str
    waiting: float | None
    inside: float | None
    parts: str
    came: str
    facts: list[tuple[str, str]]
    more: list[str]
    rungs: tuple[str, str]


def headline(asked: Asked, stages: pandas.DataFrame) -> str:
    """Where the line is stuck, and why, in a dozen words; rows of line.stages."""
    strays = asked.part("status_count", part="unmapped").work_items.sum()
    but = f" {words.counted(int(strays), 'item')} in no box." if strays else ""
    for colour, said in (("red", "{} is stuck: {}"), ("amber", "Nothing is stuck; watch {}: {}")):
        held = stages[stages.colour == colour]
        if len(held):
            worst = held.loc[held.place.idxmin()]
            inside = f"; {words.number(worst.wip)} in it" if worst.wip else ""
            return said.format(worst.stage_name, worst.reason) + f"{inside}.{but}"
    return line.calm(stages) + but


def summary(asked: Asked, stages: pandas.DataFrame) -> str:
    """All of the answer in one go, for a terminal or a message."""
    told = headline(asked, stages)
    rest = [also(stages, told), pace.sentence(asked), lately(asked), *but(asked)]
    rest += [*pace.because(asked), line.known(asked)]
    return " ".join(filter(None, [told, *rest]))


def also(stages: pandas.DataFrame, told: str) -> str:
    """The stages that are stuck besides the one that the headline names; "" if there is none."""
    names = [
        name for name in stages[stages.colour == "red"].stage_name if not told.startswith(name)
    ]
    return f"Also stuck: {words.listed(names)}." if names else ""


def but(asked: Asked) -> list[str]:
    """What weakens the answer: items in no box, sources that are old, dead or were not understood."""
    fresh = asked.figure("freshness")
    same = fresh[fresh.covers_until.isna() & (fresh.same_days > asked.stream.same_after)]
    dead = [
        f"{s.source} has told exactly the same for {words.days(s.same_days)}: either nothing moved "
        "or it is dead." for s in same.itertuples()
    ]  # fmt: skip
    return [*filter(None, [line.stray(asked)]), *sources.old(asked), *dead, *sources.unheard(asked)]


def lately(asked: Asked) -> str:
    """What was delivered in a year, and what happened since last week."""
    rows = asked.part("lately", stage="").set_index("weeks")
    if rows.empty:
        return ""
    year, week = rows.loc[52], rows.loc[1]
    both = " (deliveries included)" if week.moved_on and week.delivered else ""
    said = [
        f"{words.number(week.came)} came" if week.came else "nothing came",
        f"{words.number(week.moved_on)} moved on{both}" if week.moved_on else "nothing moved on",
    ]
    more = [("back", "went back"), ("delivered", "delivered"), ("newly_blocked", "newly blocked")]
    said += [f"{words.number(week[name])} {word}" for name, word in more if week[name]]
    return (
        f"{words.number(year.delivered) if year.delivered else 'Nothing'} delivered "
        f"{_within(asked, year)}. "
        f"{_since_last_week(asked, week)}: {words.listed(said)}."
    )


def _within(asked: Asked, row: pandas.Series) -> str:
    """So many weeks, or since when where the data begins later."""
    whole = row.until_at - row.since_at >= timedelta(weeks=int(row.name))
    until = "" if line.is_now(asked, row.until_at) else f" to {asked.day(row.until_at)}"
    began = asked.day(row.since_at + timedelta(microseconds=1))  # when the first thing is told of
    return f"in {row.name} weeks{until}" if whole else f"since {began}{until}"


def _since_last_week(asked: Asked, row: pandas.Series) -> str:
    known = line.is_now(asked, row.until_at)
    return "Since last week" if known else f"In the last week known, to {asked.day(row.until_at)}"


def _known(asked: Asked, row: pandas.Series) -> bool:
    return asked.as_of - row.until_at <= timedelta(days=float(asked.stream.stale_after))


def turned(asked: Asked, before: Asked) -> str:
    """Which stages were judged a week ago and are stuck since, or on target since; "" if none."""
    now, then = (a.part("status").set_index("stage") for a in (asked, before))
    both = now.join(then.colour.rename("was"), how="inner")
    said = []
    for colour, was, word in (
        ("red", ["amber", "green"], "newly stuck"),
        ("green", ["red", "amber"], "on target again"),
    ):
        names = list(both[(both.colour == colour) & both.was.isin(was)].stage_name)
        if names:
            said.append(f"{words.listed(names)} {'are' if names[1:] else 'is'} {word}.")
    return " ".join(said)


def boxes(asked: Asked, stages: pandas.DataFrame) -> list[Box]:
    """The stages in their order; rows of line.stages."""
    came = _came(asked)
    spread = asked.figure("spread").set_index("stage")
    return [
        Box(
            s.stage, s.stage_name, s.colour, s.word, _reason(s),
            s.waiting if s.has_wait else None, _inside(s),
            _parts(s), came[s.stage], _facts(asked, s, spread.loc[s.stage]),
            _more(asked, s), _rungs(s),
        )
        for s in stages.itertuples()
    ]  # fmt: skip


def _reason(s) -> str:
    """The one reason for a stage's colour; what follows from it stands in the rest of its sentence."""
    return s.reason if isinstance(s.reason, str) else s.sentence.rstrip(".").split(": ")[0]


def _came(asked: Asked) -> dict[str, str]:
    """What each arrow says: what came into the line, then what each stage passed on, in 13 weeks."""
    rows = asked.part("lately", weeks=13).set_index("stage")
    order = list(asked.table("stage").sort_values("stage_no").stage)
    said, before = {}, ""
    for stage in [*order, "done"]:
        if before not in rows.index or not _known(asked, row := rows.loc[before]):
            since = f" since {asked.day(rows.loc[before].until_at)}" if before in rows.index else ""
            said[stage] = f"not known{since}"
        else:
            said[stage] = (
                f"{words.number(row.moved_on)} moved on"
                if before
                else f"{words.number(row.came)} came"
            )
        before = stage
    return said


def delivered(asked: Asked) -> tuple[str, str]:
    """All that the line has delivered, and what its last arrow says."""
    done = asked.part("status_count", part="done").work_items.sum()
    return words.number(done), _came(asked)["done"]


def _inside(s) -> float | None:
    held = s.working + s.blocked
    return held if held or s.has_work else None


def _parts(s) -> str:
    said = [(s.working, "in work"), (s.blocked, "blocked")]
    told = [f"{words.number(n)} {word}" for n, word in said if n]
    return ", ".join(told) or ("in work" if s.has_work else "work not recorded")


def held(s) -> str:
    """What waits in a stage and what is in it, where that is recorded."""
    waiting = f"{words.number(s.waiting)} waiting" if s.has_wait else "queue not recorded"
    inside = _inside(s)
    work = "work not recorded" if inside is None else f"{words.number(inside)} in work"
    return f"{waiting}, {work}"


def _facts(asked: Asked, s, spread: pandas.Series) -> list[tuple[str, str]]:
    """How old the oldest is, how long most take, does it get faster and is it steady."""
    held = asked.days(s.oldest_days, s.oldest_at_least) if s.wip else words.NOTHING
    return [
        ("oldest", held),
        ("takes", _takes(asked, s, spread)),
        ("pace", pace.shortest(asked, s.stage)),
    ]


def _takes(asked: Asked, s, spread: pandas.Series) -> str:
    """By when half and most move on, and of how many that is told; no word for what never came."""
    if not isinstance(s.typical_word, str):
        return words.NOTHING
    if s.typical_word == "not measured":
        return s.typical_word
    if pandas.isna(
        spread.entered
    ):  # of a line that told nothing for too long nobody knows how many
        return "can't tell"
    counted = f"n = {words.number(spread.entered)}"
    if s.typical_word == "too few":
        return f"{s.typical_word}, {counted}"
    if s.typical_word:
        return f"half not on yet, {counted}"
    if pandas.isna(spread.p85_days):
        return f"half {asked.days(s.typical_days)}, most not yet, {counted}"
    half = asked.days(s.typical_days).removesuffix(f" {asked.unit}")
    return f"half {half}, most {asked.days(spread.p85_days)}, {counted}"


def _more(asked: Asked, s) -> list[str]:
    flow = asked.part("flow_efficiency", stage=s.stage).sentence
    typical = asked.part("typical_time", stage=s.stage).sentence
    return [s.sentence, *typical, *flow, *pace.because(asked, s.stage), f"Covers: {s.statuses}."]


def _rungs(s) -> tuple[str, str]:
    """The two rungs of the ladder of lead time: days waited and days worked on for each stay."""
    if pandas.isna(s.stays):
        return "", words.NOTHING
    means = (days / s.stays for days in (s.wait_days, s.process_days, s.lead_days))
    wait, work, lead = (
        f"{mean // 1:,.0f}+ d" if s.open_stays else f"{mean:,.0f} d" for mean in means
    )
    if not s.has_wait:
        return "", f"{lead}, waiting and work not told apart"
    return wait, work if s.has_work else "no work recorded"


def talk_about(asked: Asked) -> Table:
    """Ten items at most that are worth a word, with the one reason for each."""
    rows = [
        [Link(t.name, t.link), t.stage_name, linked(why(t)), asked.days(t.days, t.at_least)]
        for t in asked.figure("talk_about").sort_values("place").itertuples()
    ]
    columns = ["Item", "Stage", "Why it is here", "For"]
    return Table(TALK, columns, rows, line.none_named(asked))


def why(t) -> str:
    """Why an item is to be talked about, with what blocks it; a row of the figure talk_about."""
    reason = (
        f": {t.blocked_reason}"
        if t.why in ("newly blocked", "blocked") and t.blocked_reason
        else ""
    )
    return WHY[t.why].format(t.stage_name) + reason


class Row(NamedTuple, Generic[A]):
    """Another stream in a row: the worst colour of its stages, and each in short."""

    asked: A
    colour: str
    stages: list[tuple]


def others(asked: A) -> Iterator[Row[A]]:
    """The other streams, the worst first."""
    found = [_row(other) for other in asked.others()]
    yield from sorted(found, key=lambda row: WORST.index(row.colour))


def _row(other: A) -> Row[A]:
    status = other.part("status")
    if status.empty:
        return Row(other, "grey", [])
    told = status[["stage", "colour", "word", "sentence", "reason"]]
    rows = other.part("queue_size").merge(told, on="stage")
    rows = rows.merge(other.table("stage")[["stage", "has_wait", "has_work"]], on="stage")
    worst = min(rows.colour, key=WORST.index)
    return Row(other, worst, [(s, _reason(s)) for s in rows.itertuples()])
