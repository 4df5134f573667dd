"""Overview: on one screen where each line is stuck and why, does it get faster, what stays up, and
whom to talk about."""

from __future__ import annotations

import math

import pandas
import streamlit as st

from dashboard.parts import about, blockers, boxes, processes, seen, taking
from dashboard.parts.boxes import node
from dashboard.parts.view import View, entitled, shown_as_of
from telling import board, line, pace, sources, words
from telling import processes as told
from telling.board import Box, Row

OPEN_ROWS = 2  # other streams that have a row of their own; the rest is folded away
SINCE_LAST_WEEK = 7
MANY = 6  # stages that a sheet of paper holds side by side
KEY = (
    "Arrows: in the last 13 weeks. Beneath: the mean days that a stay has waited so far, and was in "
    "work; + where some are still in."
)


def show(view: View) -> None:
    """Draw the page."""
    entitled(view)
    boxes.draw(*drawn(view), key="overview")
    taking.overview(view)


def drawn(view: View) -> list[dict]:
    """What the page draws: the same for all visitors of one publication and instant, as long as it
    says that this was so many days ago."""
    return _drawn(view, *view.key)


@st.cache_resource(max_entries=100, show_spinner=False, hash_funcs={View: lambda view: None})
def _drawn(view: View, *told: object) -> list[dict]:
    stages = line.stages(view)
    if stages.empty:
        nothing = [node("h1", view.stream["name"]), node("p", line.nothing(view))]
        return [*nothing, *seen.beside(view)]
    return [
        _answer(view, stages),
        _line(view, stages),
        *seen.beside(view),
        *_others(view),
        *_processes(view),
        about.table(view, board.talk_about(view), "talk_about"),
        blockers.ranked(view, first=blockers.FIRST),
        boxes.fold(line.not_measured_line(view, stages), _not_measured(view, stages)),
        boxes.fold(sources.age_line(view), boxes.table(sources.ages(view))),
    ]


def _answer(view: View, stages: pandas.DataFrame) -> dict:
    """The answer, what else is so, and what weakens it."""
    headline = board.headline(view, stages)
    word = node("strong", pace.sentence(view))
    before = view.before(SINCE_LAST_WEEK)
    rest = [board.also(stages, headline), board.lately(view), board.turned(view, before)]
    said = node("p", "", word, node("span", " " + " ".join(filter(None, rest))), cls="sub")
    stands_on = node(
        "div", "", *(node("p", text) for text in [*pace.because(view), line.known(view)])
    )
    room = node("a", "Meeting view", href=view.address("", present="1"))
    under = node("div", "", said, boxes.fold("why", stands_on, cls="more"), room, cls="under")
    weak = [node("p", f"! {text}", cls="but") for text in board.but(view)]
    return node("section", "", node("h1", headline), under, *weak, cls="answer")


def _line(view: View, stages: pandas.DataFrame) -> dict:
    """The chosen stream from left to right: a queue, a stage, an arrow …, what was delivered."""
    told = board.boxes(view, stages)
    most = max([1.0, *(box.waiting or 0 for box in told)])
    cells = [cell for box in told for cell in _column(view, box, most)]
    count, arrow = board.delivered(view)
    end = node(
        "li", "", _arrow(arrow), node("p", count, cls="count"),
        node("p", "delivered", cls="label"), cls="end",
    )  # fmt: skip
    total = node("li", line.worked_on(view), cls="total")
    strip = node(
        "ol",
        "",
        *cells,
        end,
        total,
        cls="strip many" if len(told) > MANY else "strip",
        count=len(told),
    )
    name = node("h2", view.stream["name"])
    held = node("span", line.held(view), cls="sub")
    meaning = about.what(view, "queue_size")
    shown = filter(None, [shown_as_of(view)])
    how = f"{view.stream['name']}, from left to right; scrolls sideways where it does not fit"
    key = node("p", KEY, cls="key")
    scroller = node("div", "", strip, cls="scrolls", role="region", aria_label=how, tabindex="0")
    return node(
        "section", "", node("div", "", name, held, meaning, *shown, cls="name"), scroller, key
    )


def _column(view: View, box: Box, most: float) -> list[dict]:
    """What comes before a stage and the stage, each over its rung of the ladder of lead time."""
    wait, work = box.rungs
    dashed = " dashed" if "not told apart" in work else ""
    return [
        _before(box, most),
        node("li", wait, cls="rung up"),
        _box(view, box),
        node("li", work, cls=f"rung down{dashed}"),
    ]


def _before(box: Box, most: float) -> dict:
    """What comes into a stage: the triangle of a value stream map, its area to scale, and an arrow."""
    if box.waiting is None:
        queue = [node("p", "?", cls="count"), node("p", "queue not recorded", cls="label")]
        return node("li", "", *queue, _arrow(box.came), cls="before")
    size = math.sqrt(box.waiting / most)
    queue = [
        node("span", cls="triangle", size=size, aria_hidden="true"),
        node("p", words.number(box.waiting), cls="count"),
        node("p", "waiting", cls="label"),
    ]
    return node("li", "", *queue, _arrow(box.came), cls="before")


def _arrow(said: str) -> dict:
    return node(
        "p", "", node("span", cls="arrow", aria_hidden="true"), node("span", said), cls="moved"
    )


def _box(view: View, box: Box) -> dict:
    address = view.address("stage", stage=box.stage)
    why = f"why-{box.stage}"
    inside = "?" if box.inside is None else words.number(box.inside)
    count = node("p", "", node("b", inside), node("span", box.parts), cls="inside")
    article = node(
        "article",
        "",
        boxes.verdict(box.colour, box.word),
        node("h3", "", node("a", box.name, href=address, aria_describedby=why)),
        count,
        boxes.pairs(box.facts, cls="facts"),
        node("p", box.reason, cls="why", id=why),
        boxes.fold("more", node("div", "", *(node("p", text) for text in box.more)), cls="more"),
        cls=box.colour,
        go=address,
    )
    return node("li", "", article, cls="stage")


def _others(view: View) -> list[dict]:
    """The other streams, a row each, the worst first; beyond a few they fold to counts by colour."""
    rows = list(board.others(view))
    drawn = [_row(view, row) for row in rows]
    if len(rows) <= OPEN_ROWS:
        return drawn
    said = f"{words.counted(len(rows) - OPEN_ROWS, 'more stream')}: {_counted(rows[OPEN_ROWS:])}"
    return [*drawn[:OPEN_ROWS], boxes.fold(said, *drawn[OPEN_ROWS:])]


def _counted(rows: list[Row[View]]) -> str:
    named = {"red": "stuck", "amber": "to watch", "grey": "not judged", "green": "on target"}
    told = [(sum(row.colour == colour for row in rows), word) for colour, word in named.items()]
    return words.listed([f"{n} {word}" for n, word in told if n])


def _row(view: View, row: Row[View]) -> dict:
    """Another stream: its name leads to it, each stage to its page. Where it opens on another day than
    the one above, it says so."""
    other = row.asked
    name = node("h2", "", node("a", other.stream["name"], href=other.address("")))
    shown = filter(None, [shown_as_of(other) if other.day_shown != view.day_shown else None])
    head = node("div", "", name, node("span", line.held(other), cls="sub"), *shown, cls="name")
    small = [_small(other, s, why) for s, why in row.stages]
    if not small:
        return node("section", "", head, node("p", line.nothing(other), cls="sub"))
    return node("section", "", head, node("ol", "", *small, cls="row"))


def _small(other: View, s, reason: str) -> dict:
    address = other.address("stage", stage=s.stage)
    inside = node(
        "div",
        "",
        node("h3", "", node("a", s.stage_name, href=address)),
        node("p", board.held(s)),
        node("p", reason, cls="why"),
    )
    article = node("article", "", boxes.verdict(s.colour, s.word), inside, cls=s.colour, go=address)
    return node("li", "", article)


def _processes(view: View) -> list[dict]:
    """The tiles of what is looked at day by day, on the day they are shown as of."""
    looked = view.processes()
    status = told.status(looked)
    if status.empty:
        return []
    name = node("h2", "Does it stay up?")
    head = node(
        "div", "", name, processes.summary(looked), about.what(view, "process_status"), cls="name"
    )
    return [node("section", "", head, *processes.row(looked, status), cls="processes")]


def _not_measured(view: View, stages: pandas.DataFrame) -> dict:
    """What nobody should read out of this page."""
    items = [node("li", sentence) for sentence in line.not_measured(view, stages)]
    return node("ul", "", *items, cls="notes")
