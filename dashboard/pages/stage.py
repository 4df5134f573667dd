"""Stage: how long it takes, every open item with what blocks it, the queue over time, and more."""

from __future__ import annotations

import pandas

from dashboard.charts import pace as charts
from dashboard.parts import boxes, charted, choices, pace
from dashboard.parts.boxes import node
from dashboard.parts.view import View, entitled, exports, shown_as_of
from telling import line, stage, words

PART, BLOCKED = (
    pandas.Series(told, index=told)
    for told in (["any", "waiting", "working", "not mapped"], ["any", "blocked", "not blocked"])
)


def show(view: View) -> None:
    """Draw the page of the stage in the address."""
    stages = view.table("stage").sort_values("stage_no").set_index("stage", drop=False)
    row = choices.Row(view.stream["name"])
    chosen = row.one_of("Stage", stages.name, "stage")
    entitled(view, stages.name[chosen])
    queue = view.part("queue_size", stage=chosen)
    if queue.empty:
        nothing = [node("h1", view.stream["name"]), node("p", line.nothing(view))]
        boxes.draw(*row.nodes(), *nothing, key="stage")
        return
    now = queue.iloc[0]
    _every_item(view, chosen, [*row.nodes(), _head(view, stages.loc[chosen], now)])
    _by_day(view, chosen, now)
    row = choices.Row()
    names = pandas.Series({key: name for key, (name, _) in LOOKS.items()})
    look = row.links("More of this stage", names, "look")
    LOOKS[look][1](view, chosen, stages.loc[chosen]["name"], row)


def _head(view: View, row: pandas.Series, now: pandas.Series) -> dict:
    status = view.part("status", stage=row.stage).iloc[0]
    inside = [
        boxes.verdict(status.colour, status.word),
        node("h1", row["name"]),
        node("p", status.sentence, cls="why"),
        boxes.pairs(stage.numbers(view, row, now)),
        *_typical(view, row.stage),
        boxes.fold("What must be known to read these numbers", *_notes(view, row)),
        shown_as_of(view),
    ]
    return node("section", "", *filter(None, inside), cls=f"hero {status.colour}")


def _typical(view: View, chosen: str) -> list[dict]:
    rows = view.part("typical_time", stage=chosen)
    return [boxes.pairs(stage.typical(view, row)) for _, row in rows.iterrows()]


def _notes(view: View, row: pandas.Series) -> list[dict]:
    said = [*view.part("typical_time", stage=row.stage).sentence, *stage.notes(view, row)]
    return [node("p", text, cls="sub") for text in said]


def _every_item(view: View, chosen: str, before: list[dict]) -> None:
    """The items that the filters keep, below what comes before, and their download."""
    items, row = stage.items(view, chosen), choices.Row()
    shown = _filtered(items, row)
    said = f"{words.number(len(shown))} of {words.number(len(items))} items shown."
    table = boxes.table(stage.table(view, shown), cls="long")
    boxes.draw(*before, *row.nodes(), node("p", said, cls="sub"), table, key="stage")
    columns = stage.item_columns(view)
    exports(
        shown[list(columns)].rename(columns=columns),
        f"{view.stream.stream}-{chosen}-{view.day_shown}",
    )


def _filtered(items: pandas.DataFrame, row: choices.Row) -> pandas.DataFrame:
    """The items that the filters in the address keep, which a row offers."""
    part = row.one_of("Waiting or working", PART, "part")
    blocked = row.one_of("Blocked", BLOCKED, "blocked")
    text = row.text("Name, key or reason contains", "text")
    if part != "any":
        items = items[items.part.map(stage.STATES) == part]
    if blocked != "any":
        items = items[items.blocked == (blocked == "blocked")]
    if text:
        told = items[["name", "item", "blocked_reason"]].fillna("").agg(" ".join, axis=1)
        items = items[told.str.contains(text, case=False, regex=False)]
    return items


def _by_day(view: View, chosen: str, now: pandas.Series) -> None:
    told, parts = stage.by_day(view, chosen, now), stage.recorded(view, chosen)
    rows = stage.until_shown(view, told.rows, now)
    drawn = charts.wip_by_day(rows, parts) if len(told.rows) else None
    table = told.rows[["day", *parts, "wip"]].sort_values("day", ascending=False)
    charted.chart(view, "by_day", told._replace(rows=table), drawn, first=False)


def _ages(view: View, chosen: str, name: str, row: choices.Row) -> None:
    items, now = stage.items(view, chosen), view.part("queue_size", stage=chosen).iloc[0]
    told = stage.ages(view, items, now)
    drawn = charts.ages(items, stage.recorded(view, chosen), view.unit) if len(items) else None
    table = told.rows[["name", "state", "stage_age_days"]]
    told = told._replace(rows=table)
    charted.chart(view, "ages", told, drawn, first=False, before=row.nodes())


def _pace(view: View, chosen: str, name: str, row: choices.Row) -> None:
    pace.process(view, chosen, name, row, first=False)


def _survival(view: View, chosen: str, name: str, row: choices.Row) -> None:
    pace.survival(view, chosen, name, first=False, before=row.nodes())


def _limits(view: View, chosen: str, name: str, row: choices.Row) -> None:
    blocked, targets = stage.blocked(view, chosen), stage.targets(view, chosen)
    tables = node("div", "", boxes.table(blocked), boxes.table(targets), cls="columns")
    boxes.draw(*row.nodes(), tables, key="stage_tables")


LOOKS = {
    "pace": ("Faster, steadier?", _pace),
    "survival": ("Time to move on", _survival),
    "ages": ("How long they have been here", _ages),
    "limits": ("Limits and what was blocked", _limits),
}
