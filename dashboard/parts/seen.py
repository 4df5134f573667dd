"""What the address asks for by `seen`: the publication that was the newest on that day's evening,
and beside it the same day as it is known today."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import NamedTuple
from urllib.parse import urlencode

import streamlit as st

import metrics
from dashboard.parts import boxes, choices
from dashboard.parts.boxes import node
from dashboard.parts.view import View
from metrics import shelf
from metrics.days import day_ends
from telling import seen, words

KEPT_OPEN = 4


class Shown(NamedTuple):
    """The publication that is shown, the day on which it was seen so (None: as it is known today),
    and what is said of that."""

    publication: metrics.Publication
    day: date | None = None
    said: str = ""


def asked(data: str, newest: metrics.Publication) -> Shown:
    """The publication that the address asks for; the newest with the reason where it can't be shown."""
    told = st.query_params.get("seen", "")
    if not told:
        return Shown(newest)
    day, today = choices.a_day(told), datetime.now(UTC).date()
    if day is None or day > today:
        return Shown(newest, said=seen.no_such_day(told, today))
    file = shelf.made_by(data, day_ends(day))
    if file is None:
        return Shown(newest, said=seen.none_kept(day, shelf.oldest(data)))
    try:
        then = _opened(str(file))
        if then.outdated:
            return Shown(newest, said=seen.another_version(day, then.published_at))
        then.table("stream")  # what is damaged says so before anything is drawn
    except metrics.Unreadable as error:
        return Shown(newest, said=seen.unreadable(str(error)))
    return Shown(then, day, seen.banner(day, then.published_at, then.file == newest.file))


def _answers(then: metrics.Publication) -> bool:
    return not then.failed


@st.cache_resource(max_entries=KEPT_OPEN, validate=_answers, show_spinner=False)
def _opened(file: str) -> metrics.Publication:
    return metrics.open(file)


def current_at(view: View, instant: datetime) -> metrics.Publication | None:
    """The publication that was current at an instant; None where none is kept or can be read."""
    file = shelf.made_by(view.publication.file.parent.parent, instant)
    try:
        return _opened(str(file)) if file else None
    except metrics.Unreadable:
        return None


def banner(said: str) -> list[dict]:
    """What stands above every page that the address asks to show as it was."""
    if not said:
        return []
    back = urlencode(st.query_params.to_dict() | {"seen": ""})
    link = node("a", "Show what is known today", href=f"?{back}")
    return [node("section", "", node("p", said), node("p", "", link), cls="then", role="status")]


def beside(view: View) -> list[dict]:
    """The same stream and day as known today: its stages, those that differ marked, and what differs
    as a list. Nothing on a page that shows what is known today."""
    if not view.seen:
        return []
    files = [str(shown and shown.file) for shown in (view.publication, view.today)]
    return _beside(view, *files, view.stream.stream, view.as_of)


def of_stage(view: View, stage: str) -> list[dict]:
    """What a stage's own page says of it beside what was seen then."""
    today = view.known_today() if view.seen else None
    told = [s for s in seen.stages(view, today) if s.stage == stage] if today else []
    return [
        node("p", f"≠ As known today: {s.today or words.NOTHING}", cls="differs")
        if s.differs
        else node("p", "As known today: the same.")
        for s in told
    ]


@st.cache_resource(max_entries=100, show_spinner=False, hash_funcs={View: lambda view: None})
def _beside(view: View, *told: object) -> list[dict]:
    today = view.known_today()
    if today is None:
        gone = f"{view.stream['name']} is no value stream of stages.yaml any more."
        return [node("section", "", node("h2", "As known today"), node("p", gone))]
    rows = seen.stages(view, today)
    small = [node("li", "", _stage(today, s)) for s in rows if s.today]
    head = node(
        "div", "", node("h2", f"{words.day(view.day_shown)} as known today"),
        node("span", f"{seen.counted(rows)}.", cls="sub"), cls="name",
    )  # fmt: skip
    strip = node("ol", "", *small, cls="row")
    return [node("section", "", head, strip), boxes.table(seen.differences(rows)),
            boxes.table(seen.listed(view, today))]  # fmt: skip


def _stage(today: View, told: seen.Stage) -> dict:
    colour = today.part("status", stage=told.stage).iloc[0].colour
    mark = [node("p", "≠ known otherwise today", cls="differs")] if told.differs else []
    name = node(
        "h3", "", node("a", told.name, href=today.address("stage", stage=told.stage, seen=""))
    )
    word, _, said = told.today.partition(": ")
    inside = node("div", "", name, *mark, node("p", said, cls="why"))
    return node("article", "", boxes.verdict(colour, word), inside, cls=colour)
