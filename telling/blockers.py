"""What blocks us: what is told of the reasons for which items are blocked, most of all first."""

from __future__ import annotations

from math import floor
from typing import NamedTuple

import pandas

from metrics import Wanted
from telling import words
from telling.asked import Asked
from telling.told import Cell, Link, linked

HEADING = "What blocks us"
MOST = 50  # rows of a page; a download holds all
NAMED = 3  # items of a row
UNRECORDED = "What blocks items is not recorded: no source tells of it."
_IN_WORDS = {"the same words": "worded alike", "the same link": "by the same link"}


class Row(NamedTuple):
    """A blocker in words: what it is called and how its reasons were known to be one, how many items
    it blocks now beside how many the first does (`share`, 0 to 1), what it has cost, the stages (id,
    name and items) in which it does so now, or the names of those in which it did, and some items."""

    name: Cell
    rule: str
    now: str
    share: float
    lost: list[Cell]
    where: list[tuple[str, str, int]]
    stages: str
    items: Cell


class Blockers(NamedTuple):
    """A sentence or two, and the rows beneath them with the names of their columns, if any."""

    said: list[str]
    columns: list[str]
    rows: list[Row]


def told(asked: Asked, stage: str = "") -> Blockers:
    """What blocks a line, or one of its stages."""
    since = _since(asked)
    every = asked.part("blocker").astype({"items_now": float})  # where not known, not a number
    rows = every[every.stage == stage].sort_values("place")
    here = " here" if stage else ""
    if rows.empty and since is None:
        return Blockers([UNRECORDED], [], [])
    if rows.empty:
        return Blockers([f"Nothing has been marked as blocked{here}{_from(asked, since)}."], [], [])
    first, known = rows.iloc[0], rows.items_now.notna().all()
    said = _said(asked, rows, here) if known else (
        f"What is blocked{here} now is not known: nothing is told of it after "
        f"{asked.day(first.known_until)}."
    )  # fmt: skip
    most, items = rows.items_now.max() if known else 0, _items(asked, stage)
    parts = every[(every.stage != "") & (every.items_now > 0)]
    shown = [
        _row(asked, r, _same(items, r), _same(parts, r), most) for r in rows.head(MOST).itertuples()
    ]
    until = "" if known else f" to {asked.day(first.counted_until)}"
    unit = "" if asked.unit == "days" else " (working days)"
    columns = [
        "What blocks", "Items now", f"Item-days lost{unit}, 13 weeks{until}",
        f"In all{_from(asked, since)}", "Longest", "Stages", "Blocked now",
    ]  # fmt: skip
    more = f"Shown are the first {MOST} of {len(rows):,}." if len(rows) > MOST else ""
    return Blockers([text for text in (said, more) if text], columns, shown)


def recorded(asked: Asked) -> bool:
    """Whether any source tells of blocks by then: where none does, that none is blocked is not known."""
    return _since(asked) is not None


def _since(asked: Asked) -> pandas.Timestamp | None:
    """Since when a source tells of blocks; None where none does by then."""
    told = asked.table("coverage", kind="blocked").from_at
    told = told[told <= asked.as_of]
    return told.min() if len(told) else None


def _from(asked: Asked, since: pandas.Timestamp | None) -> str:
    return "" if since is None else f" since {asked.day(since)}"


def _said(asked: Asked, rows: pandas.DataFrame, here: str) -> str:
    """How many of the open items are blocked now, and by what most of them are."""
    now, held = int(rows.items_now.sum()), int(rows.open_items.iloc[0])
    items = words.counted(held, f"open {asked.stream['item']}", f"open {asked.stream['items']}")
    if not now:
        lost = rows.lately_days.sum()
        day = f" in the 13 weeks to {asked.day(rows.counted_until.iloc[0])}"
        return f"Nothing is blocked{here} now." + (
            f" {_lost(lost, int(rows.lately_at_least.sum()))} item-days were lost{day}."
            if lost
            else ""
        )
    are, all_open = "is" if now == 1 else "are", f"of {items}{here} "
    most = rows[rows.items_now == rows.items_now.max()]
    by = ""
    if len(most) == 1 and now > 1:
        count = int(most.items_now.iloc[0])
        by = f", {'all' if count == now else f'{count:,} of them'} by “{words.cut(most.blocker.iloc[0], 120)}”"
    return f"{now:,} {all_open}{are} blocked{by}."


def _lost(days: float, at_least: int) -> str:
    days = floor(days) if at_least and days >= 1 else days
    told = words.number(days) if days >= 1 or not days else "under 1"
    return f"at least {told}" if at_least else told


def _same(rows: pandas.DataFrame, r) -> pandas.DataFrame:
    return rows[(rows.blocker == r.blocker) & (rows.rule == r.rule)]


def _row(asked: Asked, r, items: pandas.DataFrame, parts: pandas.DataFrame, most: float) -> Row:
    now = words.number(r.items_now)
    if r.items_now > 0:
        now += f" of {words.number(r.open_items)}"
    lost: list[Cell] = [
        _lost(r.lately_days, r.lately_at_least),
        _lost(r.all_days, r.at_least),
        [f"{asked.days(r.longest_days, r.longest_at_least)}: ", Link(r.longest_name, r.longest_link)],
    ]  # fmt: skip
    parts = parts.sort_values("stage_no")
    where = list(zip(parts.stage, parts.stage_name, map(int, parts.items_now), strict=True))
    share = float(r.items_now / most) if most > 0 else 0.0
    return Row(linked(r.blocker), _rule(r), now, share, lost, where, r.stages, _named(items, r))


def _rule(r) -> str:
    """How several wordings were known to be one; nothing of a single one."""
    if r.wordings == 1 and r.rule in _IN_WORDS:
        return ""
    return f"{words.counted(r.wordings, 'wording')}, {_IN_WORDS.get(r.rule, r.rule)}"


def _items(asked: Asked, stage: str) -> pandas.DataFrame:
    """The first few items that each blocker holds now, in the line or in a stage."""
    nth, within = ("stage_nth", {"stage": stage}) if stage else ("nth", {})
    first = tuple(range(1, NAMED + 1))
    return asked.rows("blocked_item", Wanted((nth,)), **{nth: first}, **within).rows


def _named(mine: pandas.DataFrame, r) -> Cell:
    if not r.items_now > 0:  # none, or not known
        return words.NOTHING
    cell: list[str | Link] = []
    for item in mine.itertuples():
        cell += [", "] * bool(cell) + [Link(item.name, item.link)]
    left = int(r.items_now) - len(mine)
    return [*cell, f" and {left:,} more"] if left else cell
