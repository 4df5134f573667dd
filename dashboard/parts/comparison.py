"""Compare: two periods, or two values of an attribute, honestly."""

from __future__ import annotations

import pandas

from dashboard.charts import shown
from dashboard.parts import boxes, charted, choices
from dashboard.parts.view import FIRST_DAY, View
from metrics.statistics import compare
from telling import comparing

PERIODS = "When they began"


def show(view: View) -> None:
    """Draw the comparison in the address."""
    row = choices.Row(view.stream["name"])
    stage, name = charted.part(view, row)
    ways = [PERIODS, *sorted({*view.table("item_attribute").attribute} - {PERIODS})]
    how = row.one_of("Compare by", pandas.Series(ways, index=ways), "by")
    spells = comparing.spells(view, stage)
    if spells.empty:
        groups: dict[str, pandas.Series] | str = f"Nothing has entered {name} yet."
    elif how == PERIODS:
        groups = _periods(view, spells, row)
    else:
        groups = _values(view, spells, how, row)
    boxes.draw(*row.nodes(), key="compared")
    if isinstance(groups, str):
        inside = boxes.node("h1", name), boxes.node("p", groups)
        boxes.draw(boxes.node("section", "", *inside, cls="chart"), key="nothing")
        return
    compared = compare.compare(spells, groups)
    charted.chart(view, "compare", shown.compare(view, name, compared, how != PERIODS))
    boxes.draw(boxes.table(comparing.groups(view, compared)), key="compare_groups")


def _periods(
    view: View, spells: pandas.DataFrame, row: choices.Row
) -> dict[str, pandas.Series] | str:
    """The spells that began in each of two periods, or in a sentence why there are none."""
    labels = [f"{which} period {end}" for which in ("First", "Second") for end in ("from", "to")]
    days = comparing.halves(view, spells)
    picked = [
        row.day(label, f"period_{n}", day, FIRST_DAY, max(days))
        for n, (label, day) in enumerate(zip(labels, days, strict=True))
    ]
    if (
        picked[0] > picked[1]
        or picked[2] > picked[3]
        or (picked[2] <= picked[1] and picked[0] <= picked[3])
    ):
        return "Choose two periods that do not overlap, each from an earlier day to a later one."
    return comparing.periods(view, spells, picked)


def _values(
    view: View, spells: pandas.DataFrame, how: str, row: choices.Row
) -> dict[str, pandas.Series] | str:
    """The spells of items of each of two values, or in a sentence why there are none."""
    value = comparing.values(view, spells, how)
    common = list(value.value_counts().index)
    if len(common) < 2:
        return f"All items have the same {how.lower()}: there is nothing to compare."
    names = pandas.Series(common, index=common)
    one = row.one_of(f"One {how.lower()}", names, "one")
    two = row.one_of(f"The other {how.lower()}", names.drop(one), "other")
    return {one: value == one, two: value == two}
