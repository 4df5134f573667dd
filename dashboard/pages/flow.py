"""Flow: how work moves through the line over time, and whether it gets faster."""

from __future__ import annotations

import pandas
import streamlit as st

from dashboard.charts import flow as charts
from dashboard.parts import boxes, charted, comparison, forecasting, pace
from dashboard.parts.view import View, addressed
from telling import words

PERCENTILES = {"p50_days": "50%", "p70_days": "70%", "p85_days": "85%", "p95_days": "95%"}
MOST = 5_000  # dots that a browser draws with ease
STATES = {"queue": "waiting", "paused": "waiting", "work": "working"}


def show(view: View) -> None:
    """Draw the chart that the address names."""
    names = pandas.Series({chart: name for chart, (name, _) in CHARTS.items()})
    chosen = addressed(
        st,
        "Chart",
        names,
        "chart",
        "segmented_control",
        required=True,
        label_visibility="collapsed",
    )
    if view.figure("queue_size").empty:
        st.info("Nothing had happened in this stream by this day. Choose a later one.")
        return
    CHARTS[chosen][1](view)


def _stage_names(view: View) -> list[str]:
    return list(view.table("stage").sort_values("stage_no")["name"])


def _cumulative(view: View) -> None:
    rows = view.figure("cumulative_flow")
    last = rows[rows.day == rows.day.max()].sort_values("stage_no")
    reached = [f"{words.number(r.items)} reached {r.line_name}" for r in last.itertuples()
               if r.line not in ("delivered", "abandoned")]  # fmt: skip
    ends = last.set_index("line")
    law = view.figure("littles_law", stage="").iloc[0:1]
    said = [
        f"Of all {view.stream['items']}, {words.listed(reached)}; "
        f"{words.number(ends['items']['delivered'])} were ever delivered and "
        f"{words.number(ends['items']['abandoned'])} are abandoned (they stay in the lines they reached).",
        "A line counts the items that ever got so far, so it never falls; flat means that nothing "
        f"gets there. Hatched: {words.number(last.behind.max())} that have since gone back.",
        *(f"Little's law over the {r.weeks} weeks to {words.day(r.last_week)}. {r.sentence}"
          for r in law.itertuples()),
    ]  # fmt: skip
    drawn = charts.cumulative_flow(rows, _triangle(law, rows))
    charted.chart(
        view, "cumulative", "Items that have reached each stage, day by day", said, drawn, rows
    )


def _triangle(law: pandas.DataFrame, rows: pandas.DataFrame) -> pandas.DataFrame:
    """Where Little's law holds: up from the delivered by the work in progress, back by its lead time."""
    if law.empty or not law.holds.iloc[0]:
        return pandas.DataFrame({"day": [], "items": [], "corner": []})
    law, day = law.iloc[0], rows.day.max()
    done = rows[(rows.line == "delivered") & (rows.day == day)]["items"].iloc[0]
    back = day - pandas.Timedelta(days=law.lead_days)
    corners = [(day, done), (day, done + law.mean_wip), (back, done), (day, done)]
    return pandas.DataFrame(corners, columns=["day", "items"]).assign(corner=range(4))


def _ageing(view: View) -> None:
    items = view.figure("age")
    items = items[items.stage_name.notna()]
    items = items.assign(state=items.part.map(STATES).mask(items.blocked, "blocked"))
    bands = view.figure("ageing")
    long = bands.melt(["stage_name", "items"], list(PERCENTILES), "share", "days").dropna()
    long["share"] = long.share.map(PERCENTILES)
    without = [f"{b.stage_name} ({b.items})" for b in bands[bands.p50_days.isna()].itertuples()]
    said = [
        f"Each dot is one of {words.number(len(items))} open {view.stream['items']}, as old as it is "
        "since it first entered the line; a click opens it. A mark says by what age half, 70, 85 or "
        "95 of 100 of those that did move on from the stage had left it for the last time.",
        _drawn(len(items)),
        f"Too few have moved on for marks at {words.listed(without)}." if without else "",
        f"Older than all but 5 of 100 that ever moved on: {_beyond(items, bands)}." if len(long) else "",
    ]  # fmt: skip
    table = items[
        [
            "name",
            "stage_name",
            "state",
            "status",
            "age_days",
            "at_least",
            "stage_age_days",
            "link",
            "item",
        ]
    ]
    drawn = (
        charts.ageing(items.nlargest(MOST, "age_days"), long, _stage_names(view))
        if len(items)
        else None
    )
    charted.chart(view, "ageing", "Every open item by its age and stage", said, drawn, table)
    boxes.draw(_band_table(bands), key="ageing_bands")


def _drawn(count: int) -> str:
    return f"Drawn are the oldest {MOST:,}; the table holds all." if count > MOST else ""


def _beyond(items: pandas.DataFrame, bands: pandas.DataFrame) -> str:
    told = items.merge(bands[["stage_name", "p95_days"]], on="stage_name")
    known = told[told.p95_days.notna()]
    if known.empty:
        return "not known for any stage, for 45 must have moved on"
    older = int((known.age_days > known.p95_days).sum())
    return f"{words.number(older)} of the {words.number(len(known))} in {words.listed(list(known.stage_name.unique()))}"


def _band_table(bands: pandas.DataFrame) -> dict:
    rows = [
        [b.stage_name, words.number(b.items), words.number(b.at_least),
         *(words.days(getattr(b, p)) for p in PERCENTILES)]
        for b in bands.itertuples()
    ]  # fmt: skip
    columns = ["Stage", "Moved on", "of them there before the data", *PERCENTILES.values()]
    return boxes.table("By what age those that moved on had left", columns, rows, "No stages.")


def _lead(view: View) -> None:
    stage, name = charted.choose_part(view, st.columns([4, 6])[0])
    row = view.figure("percentile", stage=stage)
    if row.empty:
        st.info(f"Nothing has entered {name} yet.")
        return
    row = row.iloc[0]
    stays = _stays(view, stage)
    lines = pandas.DataFrame(
        [{"share": said, "days": row[p]} for p, said in PERCENTILES.items() if not pandas.isna(row[p])],
        columns=["share", "days"],
    )  # fmt: skip
    which = "delivered" if stage == "" else "moved on"
    said = [
        f"{words.number(row.finished)} {which}; {words.number(row.open)} still in, for a median of "
        f"{words.days(row.open_median_age_days)}: they stand at the right edge and go on rising.",
        _drawn(len(stays)),
        "Percentile lines stand on finished work only: never read them without the triangles."
        if len(lines) else f"Too few have {which} for percentile lines (5 needed): only dots.",
    ]  # fmt: skip
    drawn = charts.lead_times(stays.nlargest(MOST, "lead_days"), lines) if len(stays) else None
    charted.chart(view, "lead", f"{name}: how long each one took, and how long the others have been in", said, drawn,
                stays.drop(columns="at"))  # fmt: skip


def _stays(view: View, stage: str) -> pandas.DataFrame:
    """Finished and unfinished, of the line or a stage: name, link, lead_days, state, at."""
    if stage:
        stays = view.figure("lead_time", stage=stage)
        stays = stays[stays.exit.isin(["on", "back"]) | ~stays.finished]
        state = stays.finished.map({True: "finished", False: "still in"})
        rows = stays.assign(state=state, at=stays.left_at.fillna(view.as_of))
    else:
        done = view.figure("delivery_time").rename(columns={"delivered_at": "at"})
        still = (
            view.figure("age").drop(columns="entered_at").rename(columns={"age_days": "lead_days"})
        )
        rows = pandas.concat(
            [done.assign(state="finished"), still.assign(state="still in", at=view.as_of)]
        ).rename(columns={"first_entered_at": "entered_at"})
    return rows[["name", "item", "link", "entered_at", "lead_days", "at_least", "state", "at"]]


def _throughput(view: View) -> None:
    rows = view.figure("throughput")
    year = rows.tail(52)
    none = int((year.delivered == 0).sum())
    said = [
        f"In the last {len(year)} weeks {words.number(year.arrivals.sum())} arrived, "
        f"{words.number(year.delivered.sum())} were delivered and "
        f"{words.number(year.abandoned.sum())} abandoned; {none} weeks had no delivery.",
        f"{words.number(rows.bulk.sum())} moves in bulk edits are left out. The last week may not be "
        "over. A delivery later undone is not counted.",
    ]  # fmt: skip
    charted.chart(view, "throughput", "Each week: arrived, delivered, abandoned", said,
                charts.throughput(rows), rows)  # fmt: skip


def _work(view: View) -> None:
    rows = view.figure("wip_by_day")
    now = view.figure("queue_size")
    said = [
        "Now: " + "; ".join(
            f"{n.stage_name} {words.number(n.waiting)} waiting, {words.number(n.working)} working, "
            f"{words.number(n.blocked)} blocked" for n in now.itertuples()
        ) + ". Each stage is drawn to its own scale.",
    ]  # fmt: skip
    drawn = charts.work(rows, _stage_names(view)) if len(rows) else None
    charted.chart(view, "work", "Where the work is, day by day", said, drawn, rows)


def _moves(view: View) -> None:
    rows = view.figure("transition")
    kinds = rows.groupby("kind").moves.sum()
    count = lambda *names: words.number(sum(kinds.get(name, 0) for name in names))  # noqa: E731
    said = [
        f"{count('forward', 'delivered')} moves went one stage on, "
        f"{count('skipping', 'delivered, skipping')} skipped stages, {count('back')} went back, "
        f"{count('reopened')} reopened what was closed and {count('abandoned')} were abandonments.",
        f"{words.number(rows.in_bulk.sum())} of all were booked in bulk edits, "
        f"{words.number(rows.by_change.sum())} were made by a change of the process.",
    ]  # fmt: skip
    order = [*_stage_names(view), "Delivered", "Abandoned", "Not mapped"]
    rows = rows.assign(from_name=rows.from_name.replace({"Done": "Delivered", "Left": "Abandoned"}))
    drawn = charts.moves(rows, order) if len(rows) else None
    charted.chart(
        view, "moves", "What moves where, what skips and what comes back", said, drawn, rows
    )


def _behaviour(view: View) -> None:
    left, right, _ = st.columns([3, 3, 4])
    stage, name = charted.choose_part(view, left)
    pace.answer(view, stage, name)
    pace.process(view, stage, name, right)


def _survival(view: View) -> None:
    stage, name = charted.choose_part(view, st.columns([4, 6])[0])
    pace.survival(view, stage, name)


CHARTS = {
    "cumulative": ("Cumulative flow", _cumulative),
    "ageing": ("Ageing work", _ageing),
    "lead": ("Lead times", _lead),
    "throughput": ("Throughput", _throughput),
    "work": ("Work in stages", _work),
    "moves": ("Moves", _moves),
    "behaviour": ("Faster or slower?", _behaviour),
    "survival": ("Time to move on", _survival),
    "forecast": ("Forecast", forecasting.show),
    "compare": ("Compare", comparison.show),
}
