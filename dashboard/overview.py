"""Overview: where the line is stuck, since when, how many wait, and how old that answer is."""

from __future__ import annotations

import pandas
import streamlit as st

from dashboard import boxes, processes, words
from dashboard.boxes import node
from dashboard.view import View, shown_as_of
from metrics import faster

WORST = 10
CHANGE = {
    faster.FASTER: "Getting faster.",
    faster.SLOWER: "Getting slower.",
    faster.SAME: "Neither faster nor slower.",
    faster.UNKNOWN: "Too little data to say if it gets faster.",
}


def show(view: View) -> None:
    """Draw the page."""
    stages = _stages(view)
    if stages.empty:
        st.info("Nothing had happened in this stream by this day. Choose a later one.")
        return
    looked = view.processes()
    status = processes.status(looked)
    ages = view.figure("age").fillna({"stage_name": "not mapped"})
    boxes.draw(
        _answer(view, stages, looked, status),
        node("ol", "", *(_stage(view, s) for s in stages.itertuples()), cls="strip"),
        *_processes(looked, status),
        node("div", "", _oldest(view, ages), _blocked(view, ages), cls="columns"),
        node("div", "", _fresh(view), _not_measured(view, stages), cls="columns"),
        key="overview",
    )


def _stages(view: View) -> pandas.DataFrame:
    """A row per stage: its queue, colour, typical time and how its time divides."""
    rows = view.figure("queue_size")
    stage = view.table("stage")[["stage", "has_wait", "statuses"]]
    typical = view.figure("typical_time").drop(
        columns=["stream", "stage_no", "stage_name", "sentence"]
    )
    time = view.figure("flow_efficiency")[["stage", "process_days", "wait_days", "efficiency"]]
    status = view.figure("status")[["stage", "colour", "word", "sentence", "since"]]
    for more in (stage, status, typical, time):
        rows = rows.merge(more, on="stage", how="left")
    return rows


def _processes(looked: View, status: pandas.DataFrame) -> list[dict]:
    """The boxes of what is looked at day by day, with the day they are shown as of."""
    if status.empty:
        return []
    heading = node(
        "h2", f"Processes, as of {words.day(looked.as_of)}: is what was built staying up?"
    )
    return [node("section", "", heading, processes.tiles(looked, status), cls="processes")]


def _answer(view: View, stages: pandas.DataFrame, looked: View, status: pandas.DataFrame) -> dict:
    newest = view.figure("freshness").sort_values("age_days").iloc[0]
    age = "no data yet" if pandas.isna(newest.newest) else (
        f"The newest data is of {view.day(newest.newest)}, "
        f"{words.days(newest.age_days)} before the moment shown."
    )  # fmt: skip
    judged = view.faster()
    under = [shown_as_of(view), processes.summary(looked, status) if len(status) else None]
    lines = [
        node("p", " ".join([*judged.because, age]), cls="sub"),
        node("div", "", *filter(None, under), cls="under"),
    ]
    said = f"{CHANGE[judged.word]} {answer(view, stages)}"
    return node("section", "", node("h1", said), *lines, cls="answer")


def answer(view: View, stages: pandas.DataFrame) -> str:
    """Where the line is stuck, since when and how many wait, in one sentence."""
    for colour, lead in (("red", "Stuck at"), ("amber", "Nothing is stuck; watch")):
        named = [_where(view, s) for s in stages[stages.colour == colour].itertuples()]
        if named:
            return f"{lead} {words.listed(named)}."
    unknown = list(stages[stages.colour == "grey"].stage_name)
    if unknown:
        return f"Nothing is known to be stuck, but {words.listed(unknown)} can't be judged."
    return "Nothing is stuck: every stage is on target."


def _where(view: View, s) -> str:
    held = f"{words.number(s.waiting)} waiting" if s.has_wait else f"{words.number(s.wip)} in it"
    moved = f", last moved on {words.day(s.since)}" if not pandas.isna(s.since) else ""
    if not moved and s.wip:
        moved = ", nothing has ever moved on"
    return f"{s.stage_name} ({held}{moved})"


def _stage(view: View, s) -> dict:
    address = view.address("stage", stage=s.stage)
    heading = node("a", s.stage_name, href=address, aria_describedby=f"why-{s.stage}")
    numbers = [
        ("working", words.number(s.working)),
        ("blocked", words.number(s.blocked)),
        ("oldest", words.days(s.oldest_days, s.oldest_at_least)),
        ("typical time", s.typical_word or words.days(s.typical_days)),
    ]
    box = node(
        "article",
        "",
        boxes.verdict(s.colour, s.word),
        node("h3", "", heading),
        boxes.pairs(numbers, cls="numbers"),
        node("p", _paired(s), cls="paired"),
        node("p", CHANGE[view.faster(s.stage).word].lower().rstrip("."), cls="paired"),
        node("p", s.sentence, cls="why", id=f"why-{s.stage}"),
        node("p", f"Covers: {s.statuses}", cls="covers"),
        cls=s.colour,
        go=address,
    )
    return node("li", "", _queue(s), box, _time(s))


def _paired(s) -> str:
    """What a typical time must never be read without: the finished and those still in."""
    if pandas.isna(s.finished):
        return "nothing has entered yet"
    still = "none still in"
    if s.open:
        age = words.days(s.open_median_age_days)
        still = f"{words.number(s.open)} still in, half for {age} or more"
    return f"{words.number(s.finished)} moved on; {still}"


def _queue(s) -> dict:
    """The triangle of a value stream map: what waits before the stage."""
    if not s.has_wait:
        label = node("p", "queue not recorded", cls="label")
        return node("div", "", node("p", "?", cls="triangle none"), label, cls="queue")
    number = node("p", words.number(s.waiting), cls="triangle")
    return node("div", "", number, node("p", "waiting", cls="label"), cls="queue")


def _time(s) -> dict:
    """How the time of all stays divides between waiting and work, as a bar and in words."""
    if not s.has_wait or pandas.isna(s.wait_days):
        said = "no time recorded yet" if s.has_wait else "time spent waiting is not recorded"
        return node("div", "", node("div", cls="bar none"), node("span", said), cls="time")
    bar = node(
        "div",
        "",
        node("span", cls="wait", grow=s.wait_days),
        node("span", cls="work", grow=s.process_days),
        cls="bar",
    )
    worked = "" if pandas.isna(s.efficiency) else f" ({s.efficiency:.0%})"
    said = [
        node("span", cls="key wait"),
        node("span", f"{words.number(s.wait_days)} item-days waiting  "),
        node("span", cls="key work"),
        node("span", f"{words.number(s.process_days)} in work" + worked),
    ]
    return node("div", "", bar, *said, cls="time")


def _oldest(view: View, ages: pandas.DataFrame) -> dict:
    rows = [
        [
            boxes.link(a.name, a.link),
            a.stage_name,
            words.days(a.stage_age_days, a.stage_at_least),
            words.days(a.age_days, a.at_least),
        ]
        for a in ages.head(WORST).itertuples()
    ]
    columns = ["Name", "Stage", "In this stage", "In the line"]
    return boxes.table("Longest in their stage", columns, rows, f"No open {view.stream['items']}.")


def _blocked(view: View, ages: pandas.DataFrame) -> dict:
    blocked = ages[ages.blocked].sort_values("blocked_days", ascending=False)
    rows = [
        [
            boxes.link(a.name, a.link),
            a.stage_name,
            words.days(a.blocked_days, a.blocked_at_least),
            a.blocked_reason,
        ]
        for a in blocked.head(WORST).itertuples()
    ]
    columns = ["Name", "Stage", "Blocked for", "Reason given"]
    return boxes.table("Blocked now, longest first", columns, rows, "Nothing is marked as blocked.")


def _fresh(view: View) -> dict:
    rows = [
        [
            f.source,
            view.day(f.newest),
            words.days(f.age_days),
            view.verdict(f),
        ]
        for f in view.figure("freshness").itertuples()
    ]
    columns = ["Source", "Newest data", "Age", "Verdict"]
    return boxes.table("How old the data is", columns, rows, "No source is set for this stream.")


def _not_measured(view: View, stages: pandas.DataFrame) -> dict:
    """What nobody should read out of this page."""
    grey = stages[stages.colour == "grey"]
    said = [f"{s.stage_name}: {s.sentence}" for s in grey.itertuples()]
    time = view.figure("flow_efficiency")
    said += [f"{t.stage_name}: {t.sentence}" for t in time[time.efficiency.isna()].itertuples()]
    strange = view.figure("status_count", part="unmapped")
    unmapped = [f"{u.status} ({words.number(u.work_items)})" for u in strange.itertuples()]
    if unmapped:
        said += [
            f"In no box, for stages.yaml maps their status to no stage: {words.listed(unmapped)}."
        ]
    notes = view.table("stage")
    said += [f"{n.name}: {n.note}" for n in notes[notes.note != ""].itertuples()]
    said += [view.stream.note] if view.stream.note else []
    items = [node("li", sentence) for sentence in said]
    return node(
        "section", "", node("h2", "What is not measured"), node("ul", "", *items, cls="notes")
    )
