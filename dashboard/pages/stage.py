"""Stage: how long it takes, what is in it and why, and every open item, oldest first."""

from __future__ import annotations

import pandas
import streamlit as st

from dashboard.charts import pace as charts
from dashboard.charts.look import PARTS
from dashboard.parts import boxes, charted, pace
from dashboard.parts.boxes import node
from dashboard.parts.view import View, addressed, exports, shown_as_of
from telling import line, stage, words

CONFIG = {
    "Link": st.column_config.LinkColumn(display_text="open"),
    "Entered": st.column_config.DateColumn(format="D MMM YYYY"),
    "Name": st.column_config.TextColumn(width="large"),
}
WHOLE = st.column_config.NumberColumn(format="%.0f")


def show(view: View) -> None:
    """Draw the page of the stage in the address."""
    stages = view.table("stage").sort_values("stage_no").set_index("stage", drop=False)
    left, _ = st.columns([4, 6])
    chosen = addressed(left, "Stage", stages.name, "stage")
    queue = view.figure("queue_size", stage=chosen)
    if queue.empty:
        boxes.draw(node("p", line.nothing(view)), key="nothing")
        return
    now, items = queue.iloc[0], stage.items(view, chosen)
    boxes.draw(_head(view, stages.loc[chosen], now), key="stage_head")
    _every_item(view, items, chosen)
    left, right = st.columns(2, gap="large")
    with left:
        _by_day(view, chosen, now)
    with right:
        _ages(view, items, now)
    name = stages.loc[chosen]["name"]
    pace.survival(view, chosen, name, first=False)
    pace.answer(view, chosen, name, first=False)
    pace.process(view, chosen, name, st.columns([4, 6])[0])
    blocked, targets = stage.blocked(view, chosen), stage.targets(view, chosen)
    tables = node("div", "", boxes.table(blocked), boxes.table(targets), cls="columns")
    boxes.draw(tables, key="stage_tables")


def _head(view: View, row: pandas.Series, now: pandas.Series) -> dict:
    status = view.figure("status", stage=row.stage).iloc[0]
    inside = [
        boxes.verdict(status.colour, status.word),
        node("h1", row["name"]),
        node("p", status.sentence, cls="why"),
        boxes.pairs(stage.numbers(view, row, now)),
        *(
            _typical(view, one)
            for _, one in view.figure("typical_time", stage=row.stage).iterrows()
        ),
        *(node("p", text, cls="sub") for text in stage.notes(view, row)),
        shown_as_of(view),
    ]
    return node("section", "", *filter(None, inside), cls=f"hero {status.colour}")


def _typical(view: View, row: pandas.Series) -> dict:
    return node(
        "div", "", boxes.pairs(stage.typical(view, row)), node("p", row.sentence, cls="sub")
    )


def _every_item(view: View, items: pandas.DataFrame, chosen: str) -> None:
    boxes.draw(node("h2", "Every open item, oldest first"), key="items_heading")
    columns = stage.item_columns(view)
    shown = _filtered(items)[list(columns)].rename(columns=columns)
    st.text(f"{words.number(len(shown))} of {words.number(len(items))} items shown.")
    st.dataframe(
        shown,
        hide_index=True,
        height="auto" if len(shown) < 8 else 320,
        row_height=32,
        alt=f"Table of {len(shown)} open items, oldest first. The downloads hold the same rows.",
        column_config=CONFIG | dict.fromkeys(stage.in_days(view), WHOLE),
    )
    exports(shown, f"{view.stream.stream}-{chosen}")


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
        items = items[items.part.map(stage.STATES) == part]
    if blocked != "any":
        items = items[items.blocked == (blocked == "blocked")]
    if text:
        told = items[["name", "item", "blocked_reason"]].fillna("").agg(" ".join, axis=1)
        items = items[told.str.contains(text, case=False, regex=False)]
    return items


def _by_day(view: View, chosen: str, now: pandas.Series) -> None:
    told = stage.by_day(view, chosen, now)
    drawn = charts.wip_by_day(told.rows) if len(told.rows) else None
    table = told.rows[["day", *PARTS, "wip"]].sort_values("day", ascending=False)
    charted.chart(view, "by_day", told._replace(rows=table), drawn, first=False)


def _ages(view: View, items: pandas.DataFrame, now: pandas.Series) -> None:
    told = stage.ages(view, items, now)
    drawn = charts.ages(items, view.unit) if len(items) else None
    table = told.rows[["name", "state", "stage_age_days"]]
    charted.chart(view, "ages", told._replace(rows=table), drawn, first=False)
