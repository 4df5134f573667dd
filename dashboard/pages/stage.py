"""Stage: how long it takes, every open item with what blocks it, the queue over time, and more."""

from __future__ import annotations

from functools import partial

import pandas

from dashboard.charts import shown as charts
from dashboard.parts import about as meaning
from dashboard.parts import blockers, boxes, charted, choices, noting, pace, seen
from dashboard.parts.boxes import node
from dashboard.parts.view import View, entitled, exports, shown_as_of
from metrics import Listed
from notes.note import Note
from telling import line, stage, words

PART, BLOCKED = (
    pandas.Series(told, index=told)
    for told in (["any", "waiting", "working", "not mapped"], ["any", "blocked", "not blocked"])
)


def show(view: View) -> None:
    """Draw the page of the stage in the address."""
    stages = view.table("stage").sort_values("stage_no").set_index("stage", drop=False)
    row = choices.Row(view.stream["name"])
    chosen = row.one_of("Stage", stages.name, "stage", drops="page")
    entitled(view, stages.name[chosen])
    queue = view.part("queue_size", stage=chosen)
    if queue.empty:
        nothing = [node("h1", view.stream["name"]), node("p", line.nothing(view))]
        boxes.draw(*row.nodes(), *nothing, key="stage")
        return
    now, row_of_items = queue.iloc[0], choices.Row()
    items, page, kept = _kept(view, chosen, row_of_items)
    about = Note(stream=view.stream.stream, stage=chosen)
    head = [*row.nodes(), _head(view, stages.loc[chosen], now)]
    both = [stage.items(view, chosen, stage.Kept()), items]  # whatever is kept, and what is found
    names = {i.item: i.name for one in both for i in one.rows.itertuples(index=False)}
    noting.draw(view, about, names, *head, key="stage")
    some = "items shown." if items.of <= stage.PAGE else f"items, {stage.PAGE} to a page."
    said = f"{words.number(items.of)} of {words.number(now.wip)} {some}"
    table = meaning.table(view, stage.table(view, items, page), "age", cls="long")
    boxes.draw(*row_of_items.nodes(), node("p", said, cls="sub"), table, key="stage_items")
    whole = partial(stage.every, view, chosen, kept)
    exports(whole, f"{view.stream.stream}-{chosen}-{view.day_shown}")
    _by_day(view, about, now)
    row = choices.Row()
    names = pandas.Series({key: name for key, (name, _) in LOOKS.items()})
    look = row.links("More of this stage", names, "look")
    LOOKS[look][1](view, chosen, stages.loc[chosen]["name"], row)


def _head(view: View, row: pandas.Series, now: pandas.Series) -> dict:
    status = view.part("status", stage=row.stage).iloc[0]
    inside = [
        boxes.verdict(status.colour, status.word),
        meaning.headed(view, node("h1", row["name"]), "status"),
        node("p", status.sentence, cls="why"),
        boxes.pairs(stage.numbers(view, row, now)),
        *_typical(view, row.stage),
        boxes.fold("What must be known to read these numbers", *_notes(view, row)),
        shown_as_of(view),
        *seen.of_stage(view, row.stage),
    ]
    return node("section", "", *filter(None, inside), cls=f"hero {status.colour}")


def _typical(view: View, chosen: str) -> list[dict]:
    rows = view.part("typical_time", stage=chosen)
    return [boxes.pairs(stage.typical(view, row)) for _, row in rows.iterrows()]


def _notes(view: View, row: pandas.Series) -> list[dict]:
    said = [*view.part("typical_time", stage=row.stage).sentence, *stage.notes(view, row)]
    return [node("p", text, cls="sub") for text in said]


def _kept(view: View, chosen: str, row: choices.Row) -> tuple[Listed, int, stage.Kept]:
    """The page of the items that the filters in the address keep, which a row offers."""
    part = row.one_of("Waiting or working", PART, "part", drops="page")
    blocked = row.one_of("Blocked", BLOCKED, "blocked", drops="page")
    text = row.text("Name, key or reason contains", "text", drops="page")
    told = None if blocked == "any" else blocked == "blocked"
    kept = stage.Kept("" if part == "any" else part, told, text)
    items = stage.items(view, chosen, kept)
    pages = -(-items.of // stage.PAGE)
    if pages < 2:
        return items, 1, kept
    page = row.number(f"Page (of {pages})", "page", 1, 1, pages)
    return stage.items(view, chosen, kept, page), page, kept


def _by_day(view: View, about: Note, now: pandas.Series) -> None:
    told = charts.by_day(view, about.stage, now, partial(noting.marked, view, about))
    charted.chart(view, "by_day", told, first=False)


def _ages(view: View, chosen: str, name: str, row: choices.Row) -> None:
    now = view.part("queue_size", stage=chosen).iloc[0]
    told = charts.ages(view, chosen, now)
    charted.chart(view, "ages", told, first=False, before=row.nodes())


def _pace(view: View, chosen: str, name: str, row: choices.Row) -> None:
    pace.process(view, chosen, name, row, first=False)


def _survival(view: View, chosen: str, name: str, row: choices.Row) -> None:
    pace.survival(view, chosen, name, first=False, before=row.nodes())


def _limits(view: View, chosen: str, name: str, row: choices.Row) -> None:
    ranked, rows = blockers.ranked(view, chosen), view.part("blocker", stage=chosen)
    boxes.draw(*row.nodes(), ranked, key="stage_blockers")
    if len(rows):
        exports(rows, f"{view.stream.stream}-{chosen}-blockers-{view.day_shown}")
    blocked, targets = stage.blocked(view, chosen), stage.targets(view, chosen)
    tables = node(
        "div", "", meaning.table(view, blocked, "blocked_time"),
        meaning.table(view, targets, "target_now"), cls="columns",
    )  # fmt: skip
    boxes.draw(tables, key="stage_tables")


LOOKS = {
    "pace": ("Faster, steadier?", _pace),
    "survival": ("Time to move on", _survival),
    "ages": ("How long they have been here", _ages),
    "limits": ("Limits and what was blocked", _limits),
}
