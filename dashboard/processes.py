"""The boxes of processes, as Overview and the Pipeline page show them."""

from __future__ import annotations

import pandas

from dashboard import boxes, words
from dashboard.boxes import node
from dashboard.view import View

WORST = ["red", "amber", "grey", "green"]
SAID = {"red": "failing", "amber": "to watch", "green": "healthy", "grey": "unknown"}
MOST = 12


def status(view: View) -> pandas.DataFrame:
    """Each process with its colour, the worst first; in the order of stages.yaml otherwise."""
    rows = view.process("process_status")
    rows = rows.assign(
        order=rows.colour.map(WORST.index), key=rows.process_group + "/" + rows.process
    )
    return rows.sort_values(["order", "group_no", "process"], kind="stable")


def tiles(view: View, rows: pandas.DataFrame) -> dict:
    """A box for each process; beyond so many the rest is left to the Pipeline page."""
    shown = [node("li", "", _tile(view, p)) for p in rows.head(MOST).itertuples()]
    more = len(rows) - MOST
    if more > 0:
        said = f"{more} more on the Pipeline page, none in a worse state"
        shown.append(node("li", "", node("a", said, href=view.address("pipeline"))))
    return node("ol", "", *shown, cls="tiles")


def _tile(view: View, p) -> dict:
    why = f"why-{p.process_group}-{p.process}"
    numbers = []
    if not pandas.isna(p.checks):
        numbers = [
            ("failed", f"{words.number(p.failed)} of {words.number(p.checks)}"),
            ("last good run", words.ago(p.good_days)),
        ]
    address = view.address("pipeline", show="failing", process=p.key)
    heading = node("a", p.process_name, href=address, aria_describedby=why)
    since = p.colour in ("red", "amber") and f"Since {words.day(p.since)}. "
    return node(
        "article",
        "",
        boxes.verdict(p.colour, p.word),
        node("h3", "", heading),
        boxes.pairs(numbers, cls="numbers"),
        node("p", f"{since or ''}{p.sentence}", cls="why", id=why),
        cls=p.colour,
        go=address,
    )


def summary(view: View, rows: pandas.DataFrame) -> dict:
    """How many processes are in each state, in one line that leads to the Pipeline page."""
    counts = rows.groupby("colour").size()
    told = [f"{counts[colour]} {SAID[colour]}" for colour in WORST if colour in counts]
    text = f"Processes on {words.day(view.as_of)}: {words.listed(told)}"
    return node("p", "", node("a", text, href=view.address("pipeline")))


def answer(rows: pandas.DataFrame) -> str:
    """Which processes fail and since when, in one sentence."""
    for colour, lead in (("red", "Failing"), ("amber", "Nothing fails; watch")):
        named = [
            f"{p.process_name} (since {words.day(p.since)})"
            for p in rows[rows.colour == colour].itertuples()
        ]
        if named:
            rest = [f"{len(named) - 4} more"] if len(named) > 5 else []
            return f"{lead}: {words.listed(named[: 4 if rest else 5] + rest)}."
    unknown = list(rows[rows.colour == "grey"].process_name)
    if unknown:
        return f"Nothing is known to fail, but {words.listed(unknown)} can't be judged."
    return "Nothing fails: every process is on target."
