"""Stage: how long it takes, what is in it and why, and every open item, oldest first."""

from __future__ import annotations

import pandas
import streamlit as st

from dashboard.charts import pace as charts
from dashboard.charts.look import PARTS
from dashboard.parts import boxes, charted, pace
from dashboard.parts.boxes import node
from dashboard.parts.view import View, addressed, exports, shown_as_of
from telling import words

STATES = {"queue": "waiting", "paused": "waiting", "work": "working", "unmapped": "not mapped"}
SHOWN = {
    "name": "Name",
    "state": "State",
    "status": "Status in the source",
    "stage_age_days": "Days in this stage",
    "stage_at_least": "At least",
    "age_days": "Days in the line",
    "entered_at": "Entered",
    "blocked_days": "Days blocked",
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


def show(view: View) -> None:
    """Draw the page of the stage in the address."""
    stages = view.table("stage").sort_values("stage_no").set_index("stage", drop=False)
    left, _ = st.columns([4, 6])
    chosen = addressed(left, "Stage", stages.name, "stage")
    queue = view.figure("queue_size", stage=chosen)
    if queue.empty:
        st.info("Nothing had happened in this stream by this day. Choose a later one.")
        return
    items = _items(view, chosen)
    boxes.draw(_head(view, stages.loc[chosen], queue.iloc[0]), key="stage_head")
    _every_item(view, items, chosen)
    left, right = st.columns(2, gap="large")
    with left:
        _by_day(view, chosen, queue.iloc[0])
    with right:
        _ages(view, items, queue.iloc[0])
    name = stages.loc[chosen]["name"]
    pace.survival(view, chosen, name, first=False)
    pace.answer(view, chosen, name, first=False)
    pace.process(view, chosen, name, st.columns([4, 6])[0])
    boxes.draw(
        node("div", "", _blocked(view, chosen), _targets(view, chosen), cls="columns"),
        key="stage_tables",
    )


def _items(view: View, stage: str) -> pandas.DataFrame:
    """The open items of a stage, oldest first, with the state that the boxes count them in."""
    rows = view.figure("age", stage=stage)
    state = rows.part.map(STATES).mask(rows.blocked, "blocked")
    return rows.assign(state=state).sort_values("stage_age_days", ascending=False)


def _head(view: View, stage: pandas.Series, now: pandas.Series) -> dict:
    status = view.figure("status", stage=stage.stage).iloc[0]
    typical = view.figure("typical_time", stage=stage.stage)
    flow = view.figure("flow_efficiency", stage=stage.stage)
    numbers = [
        ("waiting", words.number(now.waiting) if stage.has_wait else "not recorded"),
        ("working", words.number(now.working)),
        ("blocked", words.number(now.blocked)),
        ("oldest", words.days(now.oldest_days, now.oldest_at_least)),
        ("half are here for", words.days(now.median_age_days)),
    ]
    said = [
        *pace.misled(view, stage.stage),
        f"Covers the statuses {stage.statuses}.",
        *flow.sentence,
        stage.note,
    ]
    inside = [
        boxes.verdict(status.colour, status.word),
        node("h1", stage["name"]),
        node("p", status.sentence, cls="why"),
        boxes.pairs(numbers),
        *(_typical(row) for _, row in typical.iterrows()),
        *(node("p", text, cls="sub") for text in said if text),
        shown_as_of(view),
    ]
    return node("section", "", *filter(None, inside), cls=f"hero {status.colour}")


def _typical(row: pandas.Series) -> dict:
    """Typical time twice: with the unfinished counted, and the flattering way beside it."""
    numbers = [
        ("typical time, unfinished counted", words.typical(row)),
        ("finished only, median", words.days(row.finished_median_days)),
        ("moved on", words.number(row.finished)),
        ("still in", words.number(row.open)),
        ("abandoned", words.number(row.abandoned)),
    ]
    return node("div", "", boxes.pairs(numbers), node("p", row.sentence, cls="sub"))


def _every_item(view: View, items: pandas.DataFrame, stage: str) -> None:
    boxes.draw(node("h2", "Every open item, oldest first"), key="items_heading")
    shown = _filtered(items)[list(SHOWN)].rename(columns=SHOWN)
    st.text(f"{words.number(len(shown))} of {words.number(len(items))} items shown.")
    st.dataframe(
        shown,
        hide_index=True,
        height="auto" if len(shown) < 8 else 320,
        row_height=32,
        alt=f"Table of {len(shown)} open items, oldest first. The downloads hold the same rows.",
        column_config={
            "Link": st.column_config.LinkColumn(display_text="open"),
            "Days in this stage": st.column_config.NumberColumn(format="%.0f"),
            "Days in the line": st.column_config.NumberColumn(format="%.0f"),
            "Days blocked": st.column_config.NumberColumn(format="%.0f"),
            "Entered": st.column_config.DateColumn(format="D MMM YYYY"),
            "Name": st.column_config.TextColumn(width="large"),
        },
    )
    exports(shown, f"{view.stream.stream}-{stage}")


def _filtered(items: pandas.DataFrame) -> pandas.DataFrame:
    """The items that the filters in the address keep."""
    one, two, three = st.columns([2, 2, 4])
    every = ["any", "waiting", "working", "not mapped"]
    part = one.selectbox("Waiting or working", every, key="part", bind="query-params")
    kept = ["any", "blocked", "not blocked"]
    blocked = two.selectbox("Blocked", kept, key="blocked", bind="query-params")
    text = three.text_input(
        "Name, key or reason contains", key="text", bind="query-params", max_chars=100
    )
    if part != "any":
        items = items[items.part.map(STATES) == part]
    if blocked != "any":
        items = items[items.blocked == (blocked == "blocked")]
    if text:
        told = items[["name", "item", "blocked_reason"]].fillna("").agg(" ".join, axis=1)
        items = items[told.str.contains(text, case=False, regex=False)]
    return items


def _by_day(view: View, stage: str, now: pandas.Series) -> None:
    rows = view.figure("wip_by_day", stage=stage)
    said = (
        f"On {view.day(view.as_of)}: {words.number(now.waiting)} waiting, "
        f"{words.number(now.working)} working, {words.number(now.blocked)} blocked."
    )
    drawn = charts.wip_by_day(rows) if len(rows) else None
    table = rows[["day", *PARTS, "wip"]].sort_values("day", ascending=False)
    charted.chart(view, "by_day", "In this stage, day by day", [said], drawn, table, first=False)


def _ages(view: View, items: pandas.DataFrame, now: pandas.Series) -> None:
    said = "Nothing is in this stage."
    if now.wip:
        said = (
            f"Of {words.number(now.wip)} items, half are here for {words.days(now.median_age_days)} "
            f"or more; the oldest for {words.days(now.oldest_days, now.oldest_at_least)}."
        )
    drawn = charts.ages(items) if len(items) else None
    table = items[["name", "state", "stage_age_days"]]
    charted.chart(view, "ages", "How long they have been here", [said], drawn, table, first=False)


def _blocked(view: View, stage: str) -> dict:
    spans = view.figure("blocked_time", stage=stage)
    rows = [
        [
            boxes.link(b.name, b.link),
            b.reason or "no reason given",
            words.days(b.days, b.at_least),
            "still blocked" if b.open else f"until {view.day(b.until_at)}",
        ]
        for b in spans.sort_values("open", ascending=False, kind="stable").itertuples()
    ]
    columns = ["Name", "Reason given", "Blocked for", "Now"]
    return boxes.table(
        "Blocked, and why", columns, rows, "Nothing has been marked as blocked here."
    )


def _targets(view: View, stage: str) -> dict:
    rows = [
        [
            MEASURES[t.measure],
            words.number(t.amber),
            words.number(t.red),
            f"{t.reason} ({t.owner}, {words.day(t.set_on)})",
        ]
        for t in view.table("target", stage=stage).itertuples()
    ]
    columns = ["Limit on", "Watch above", "Stuck above", "Why (who, when)"]
    return boxes.table("Limits that decide the colour", columns, rows, "No target set: grey.")
