"""What of a figure's rows a chart is given: all that can be seen of them, and no more."""

from __future__ import annotations

import pandas

PARTS = ["waiting", "working", "blocked"]
MOST = 1_400  # dots that a browser draws with ease and a page sends in a moment
POINTS = 1_000  # of a curve: more can't be told apart by eye
STRIPES = 90  # over the days of a chart
NEAR = 0.07  # of a chart's height: labels of lines that are nearer to each other would collide


def changes(rows: pandas.DataFrame, by: str, values: list[str]) -> pandas.DataFrame:
    """The days on which something changed, with the first and the last of each of `by`: the steps of
    a line are the same without the days between. Columns: day, `by` and the values."""
    rows = rows[["day", by, *values]].sort_values([by, "day"], kind="stable")
    same = (rows[values] == rows.groupby(by)[values].shift()).all(axis=1)
    return rows[~same | ~rows[by].duplicated(keep="last")]


def blocked(rows: pandas.DataFrame) -> pandas.DataFrame:
    """Stripes over what is blocked, upon what waits and is worked on; rows of wip_by_day."""
    lower = rows.waiting + rows.working
    return _stripes(rows.assign(lower=lower, upper=lower + rows.blocked), ["stage_name"])


def gone_back(rows: pandas.DataFrame) -> pandas.DataFrame:
    """Stripes over those that have gone back below a line; rows of cumulative_flow."""
    return _stripes(rows.assign(lower=rows["items"] - rows.behind, upper=rows["items"]), [])


def _stripes(rows: pandas.DataFrame, more: list[str]) -> pandas.DataFrame:
    """The rows of some days, evenly apart, in which upper is above lower."""
    days = rows.day.drop_duplicates().sort_values()
    some = days.iloc[:: -(-len(days) // STRIPES) or 1]
    return rows.loc[
        rows.day.isin(some) & (rows.upper > rows.lower), ["day", *more, "lower", "upper"]
    ]


def bands(lines: pandas.DataFrame) -> pandas.DataFrame:
    """Each line (stage_name, share, days) as the band below it, which begins at `low`."""
    below = lines.groupby("stage_name").days.shift().fillna(0)
    return lines.assign(low=below)


def labelled(lines: pandas.DataFrame, height: float) -> pandas.DataFrame:
    """Lines (share, days, rising) with a label each; one so near above another that the two would
    collide has none, and the other says both. `height`: the most days that the chart shows."""
    labels: list[str] = []
    first, at = 0, float("-inf")
    for share, days in zip(lines["share"], lines.days, strict=True):
        if days - at < NEAR * height:
            labels[first] += f", {share}"
            labels.append("")
        else:
            first, at = len(labels), days
            labels.append(share)
    return lines.assign(label=labels)


def span(stays: pandas.DataFrame, shown: pandas.Timestamp) -> list[str]:
    """The first day of a chart of stays, the day shown, and how far its axis goes: a sixth further, as
    room for those still in."""
    first = min(stays["at"].min(), shown - pandas.Timedelta(days=28))
    return [day.isoformat() for day in (first, shown, shown + (shown - first) / 6)]


def thinned(curve: pandas.DataFrame) -> pandas.DataFrame:
    """So many points of a curve at most, evenly, the last among them."""
    step = -(-len(curve) // POINTS)
    return curve.iloc[::-1].iloc[:: max(step, 1)].iloc[::-1]


def thinned_said(curves: list[pandas.DataFrame]) -> str:
    """That curves are drawn with some of their points, and by which rule, or nothing."""
    most = max((len(curve) for curve in curves), default=0)
    if most <= POINTS:
        return ""
    return (
        f"Drawn and listed of a curve are at most {POINTS:,} of its {most:,} ages, evenly; all that is "
        "said stands on all of them, and the figure spell holds every stay."
    )
