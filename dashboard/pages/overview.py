"""Overview: where the line is stuck, since when, how many wait, and how old that answer is."""

from __future__ import annotations

import pandas

from dashboard.parts import boxes, processes
from dashboard.parts.boxes import node
from dashboard.parts.view import View, shown_as_of
from telling import line, pace, sources, words
from telling import processes as told


def show(view: View) -> None:
    """Draw the page."""
    stages = line.stages(view)
    if stages.empty:
        boxes.draw(node("p", line.nothing(view)), key="nothing")
        return
    looked = view.processes()
    status = told.status(looked)
    boxes.draw(
        _answer(view, stages, looked, status),
        node("ol", "", *(_stage(view, s) for s in stages.itertuples()), cls="strip"),
        *_processes(looked, status),
        node(
            "div",
            "",
            boxes.table(line.oldest(view)),
            boxes.table(line.blocked(view)),
            cls="columns",
        ),
        node(
            "div", "", boxes.table(sources.ages(view)), _not_measured(view, stages), cls="columns"
        ),
        key="overview",
    )


def _answer(view: View, stages: pandas.DataFrame, looked: View, status: pandas.DataFrame) -> dict:
    under = [shown_as_of(view), processes.summary(looked) if len(status) else None]
    return node(
        "section",
        "",
        node("h1", line.headline(view, stages)),
        node("p", line.because(view), cls="sub"),
        node("div", "", *filter(None, under), cls="under"),
        cls="answer",
    )


def _processes(looked: View, status: pandas.DataFrame) -> list[dict]:
    """The boxes of what is looked at day by day, with the day they are shown as of."""
    if status.empty:
        return []
    heading = f"Processes, as of {words.day(looked.as_of)}: is what was built staying up?"
    tiles = processes.tiles(looked, status)
    return [node("section", "", node("h2", heading), tiles, cls="processes")]


def _stage(view: View, s) -> dict:
    address = view.address("stage", stage=s.stage)
    heading = node("a", s.stage_name, href=address, aria_describedby=f"why-{s.stage}")
    box = node(
        "article",
        "",
        boxes.verdict(s.colour, s.word),
        node("h3", "", heading),
        boxes.pairs(line.numbers(view, s), cls="numbers"),
        node("p", line.paired(view, s), cls="paired"),
        node("p", pace.short(view, s.stage), cls="paired"),
        node("p", s.sentence, cls="why", id=f"why-{s.stage}"),
        node("p", f"Covers: {s.statuses}", cls="covers"),
        cls=s.colour,
        go=address,
    )
    return node("li", "", _queue(s), box, _time(s))


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
    wait, work = (
        node("span", cls="wait", grow=s.wait_days),
        node("span", cls="work", grow=s.process_days),
    )
    waited, worked = line.divided(s)
    keys = [node("span", cls="key wait"), node("span", f"{waited}  "),
            node("span", cls="key work"), node("span", worked)]  # fmt: skip
    return node("div", "", node("div", "", wait, work, cls="bar"), *keys, cls="time")


def _not_measured(view: View, stages: pandas.DataFrame) -> dict:
    """What nobody should read out of this page."""
    items = [node("li", sentence) for sentence in line.not_measured(view, stages)]
    heading = node("h2", "What is not measured")
    return node("section", "", heading, node("ul", "", *items, cls="notes"))
