"""What is told of flow: how work moves through the line, chart by chart."""

from __future__ import annotations

from functools import partial

import pandas

from metrics import Wanted
from telling import drawn as seen
from telling import findings, words
from telling.asked import Asked
from telling.drawn import MOST
from telling.stage import last_known, recorded, with_state
from telling.told import Table, Told

IN_STAGES = ("queue", "paused", "work")
STAY = ["name", "item", "link", "entered_at", "lead_days", "at_least", "state", "at"]
PERCENTILES = {"p50_days": "50%", "p70_days": "70%", "p85_days": "85%", "p95_days": "95%"}


def stage_names(asked: Asked) -> list[str]:
    """The stages in their order, by name."""
    return list(asked.table("stage").sort_values("stage_no")["name"])


def cumulative(asked: Asked) -> Told:
    """The items that have reached each stage, day by day: rows of cumulative_flow."""
    rows = asked.figure("cumulative_flow")
    last = rows[rows.day == rows.day.max()].sort_values("stage_no")
    reached = [f"{words.number(r.items)} reached {r.line_name}" for r in last.itertuples()
               if r.line not in ("delivered", "abandoned")]  # fmt: skip
    ends = last.set_index("line")
    said = [
        f"Of all {asked.stream['items']}, {words.listed(reached)}; "
        f"{words.number(ends['items']['delivered'])} delivered and "
        f"{words.number(ends['items']['abandoned'])} abandoned (they stay in the lines they reached).",
        "A line counts the items that ever got so far, so it never falls; flat means that nothing "
        f"gets there. Hatched: {words.number(last.most_behind.max())} that have since gone back.",
        *(f"Little's law over the {r.weeks} weeks up to that of {words.day(r.last_week)}. {r.sentence}"
          for r in asked.figure("littles_law", stage="").itertuples()),
    ]  # fmt: skip
    plain = "Items that have reached each stage, day by day"
    unknown = [stage.stage for stage, _ in _ended(asked)]
    return findings.headed(findings.cumulative(asked, rows, unknown), plain, said, rows)


def triangle(asked: Asked) -> pandas.DataFrame:
    """Where Little's law holds: up from the delivered by the work in progress, back by its lead time.

    Corners (day, items, corner); no rows where it does not hold.
    """
    law = asked.figure("littles_law", stage="")
    law = law[law.triangle_day.notna()]
    corners = [("triangle_day", "triangle_base"), ("triangle_day", "triangle_top"),
               ("triangle_from", "triangle_base"), ("triangle_day", "triangle_base")]  # fmt: skip
    rows = [(row[day], row[items]) for _, row in law.iterrows() for day, items in corners]
    told = pandas.DataFrame(rows, columns=["day", "items"])
    return told.assign(corner=range(len(told)))


def ageing(asked: Asked) -> Told:
    """Every open item by its age and stage: rows of the figure age, with its state."""
    oldest = Wanted(("-age_days", "item"), MOST)
    listed = asked.rows("age", oldest, part=IN_STAGES)
    bands = asked.figure("ageing")
    without = [f"{b.stage_name} ({b.items})" for b in bands[bands.p50_days.isna()].itertuples()]
    said = [
        f"{_dots(asked, listed.of)}The bands end where half, 70, 85 and "
        "95 of 100 of those that did move on from the stage had left it for the last time.",
        drawn(listed.of),
        f"Too few have moved on for bands at {words.listed(without)}." if without else "",
        f"Older than all but 5 of 100 that ever moved on: {_beyond(bands)}."
        if bands.p50_days.notna().any() else "",
    ]  # fmt: skip
    columns = ["name", "stage_name", "state", "status", "age_days", "at_least", "stage_age_days"]
    plain = "Every open item by its age and stage"

    def told(items: pandas.DataFrame) -> pandas.DataFrame:
        return with_state(items)[[*columns, "link", "item"]]

    def whole() -> pandas.DataFrame:
        every = asked.every("age", oldest._replace(most=None), part=IN_STAGES)
        return told(every)

    finding = "" if _ended(asked) else findings.ageing(bands)
    return findings.headed(finding, plain, said, told(listed.rows), whole)


def _dots(asked: Asked, count: int) -> str:
    if not count:
        return f"No {asked.stream['item']} is open. "
    of = words.counted(count, f"open {asked.stream['item']}", f"open {asked.stream['items']}")
    return f"Each dot is one of {of}, as old as it is since it first entered the line; a click opens it. "


def bands(asked: Asked) -> pandas.DataFrame:
    """By what age those that moved on had left each stage: stage_name, share (words), days, and
    low, where the band below that line begins."""
    rows = asked.figure("ageing").melt(["stage_name"], list(PERCENTILES), "share", "days").dropna()
    return seen.bands(rows.assign(share=rows.share.map(PERCENTILES)))


def drawn(count: int) -> str:
    """That a chart of so many items and its table hold only the oldest, or nothing."""
    return (
        f"Drawn and listed are the oldest {MOST:,}; the downloads hold all." if count > MOST else ""
    )


def _some(drawn: int, count: int) -> str:
    """That a chart of so many stays draws some of them, and by which rule, or nothing."""
    if drawn == count:
        return ""
    return (
        f"Drawn and listed are {words.number(drawn)} of the {words.number(count)}: some of the finished "
        "and some of those still in, evenly by age, the longest among them. Medians and lines are of "
        "all, and the downloads hold all."
    )


def _beyond(bands: pandas.DataFrame) -> str:
    known = bands[bands.p95_days.notna()]
    if known.empty:
        return "not known for any stage, for 45 must have moved on"
    line = known.iloc[0]
    if not line.line_open_items:
        return "none that is open is in a stage of which that is known"
    where = words.listed(list(known[known.open_items > 0].stage_name))
    within = f" in {where}" if where else ""
    return (
        f"{words.number(line.line_beyond_p95)} of the {words.number(line.line_open_items)}{within}"
    )


def band_table(asked: Asked) -> Table:
    """The ages behind the marks, with how many items they stand on."""
    rows = [
        [b.stage_name, words.number(b.items), words.number(b.at_least),
         *(asked.days(getattr(b, p)) for p in PERCENTILES)]
        for b in asked.figure("ageing").itertuples()
    ]  # fmt: skip
    columns = ["Stage", "Moved on", "of them there before the data", *PERCENTILES.values()]
    return Table("By what age those that moved on had left", columns, rows, "No stages.")


def lead_times(asked: Asked, stage: str, name: str) -> Told:
    """How long each one took, and how long the others have been in: rows of `stays`."""
    heading = f"{name}: how long each one took, and how long the others have been in"
    found = asked.figure("percentile", stage=stage)
    if found.empty:
        return Told(heading, [f"Nothing has entered {name} yet."], pandas.DataFrame())
    row, rows = found.iloc[0], dots(asked, stage)
    which = "delivered" if stage == "" else "moved on"
    known = not any(stage in ("", ended.stage) for ended, _ in _ended(asked))
    gone = int(asked.part("typical_time", stage=stage).abandoned.sum())
    said = [
        f"{words.number(row.finished)} {which}; {_still_in(asked, row, known)}.",
        f"{words.counted(gone, 'abandoned item is', 'abandoned items are')} left out."
        if gone
        else "",
        _some(len(rows), row.finished + row.open),
        "Percentile lines stand on finished work only: never read them without the triangles."
        if row[list(PERCENTILES)].notna().any()
        else f"Too few have {which} for percentile lines (5 needed): only dots.",
    ]
    which = "delivered" if stage == "" else "that moved on"
    finding = findings.lead_times(asked, row, name, which) if known else ""
    return findings.headed(finding, heading, said, rows, partial(stays, asked, stage))


def _still_in(asked: Asked, row: pandas.Series, known: bool) -> str:
    """How many are unfinished and for how long, if that is known; a row of percentile."""
    if not row.open:
        return "none still in"
    if not known:
        others = words.counted(int(row.open), "other")
        return f"what happened to {others} is not known, because a source has ended"
    age = asked.days(row.open_median_age_days, row.open_median_at_least)
    stand = "they stand at the right, side by side, and go on rising"
    return f"{words.number(row.open)} still in, for a median of {age}: {stand}"


def percentiles(asked: Asked, stage: str) -> pandas.DataFrame:
    """The percentiles of the finished that may be given: share (words), days, label."""
    rows = asked.figure("percentile", stage=stage).melt([], list(PERCENTILES), "share", "days")
    rows = rows.dropna().assign(share=lambda told: told.share.map(PERCENTILES))
    return seen.labelled(rows, dots(asked, stage).lead_days.max())


def dots(asked: Asked, stage: str) -> pandas.DataFrame:
    """Those of `stays` that are drawn: all, or some evenly, the longest among them."""
    rows = asked.rows("dot", Wanted(most=MOST), stage=stage).rows
    return rows.assign(at=rows.left_at.fillna(asked.as_of))[STAY]


def stays(asked: Asked, stage: str) -> pandas.DataFrame:
    """Finished and unfinished, of the line or a stage: name, item, link, lead_days, state, at."""
    if stage:
        rows = asked.every("lead_time", stage=stage)
        rows = rows[rows.exit.isin(["on", "back"]) | ~rows.finished]
        state = rows.finished.map({True: "finished", False: "still in"})
        rows = rows.assign(state=state, at=rows.left_at.fillna(asked.as_of))
    else:
        done = asked.every("delivery_time").rename(columns={"delivered_at": "at"})
        still = asked.every("age").drop(columns="entered_at")
        still = still.rename(columns={"age_days": "lead_days"})
        rows = pandas.concat(
            [done.assign(state="finished"), still.assign(state="still in", at=asked.as_of)]
        ).rename(columns={"first_entered_at": "entered_at"})
    return rows[STAY]


def throughput(asked: Asked) -> Told:
    """What arrived, was delivered and abandoned each week: rows of throughput."""
    said, finding, unknown = [], "", _not_known(asked)
    for year in asked.figure("throughput_year").itertuples():
        finding = "" if unknown else findings.throughput(year)
        said = [
            f"In the {words.counted(year.weeks, 'week')} up to that of {words.day(year.last_week)}, "
            f"{words.number(year.arrivals)} arrived, "
            f"{words.number(year.delivered)} delivered and {words.number(year.abandoned)} "
            f"abandoned; {words.counted(year.weeks_without, 'week')} had no delivery.",
            f"{words.counted(int(year.bulk_ever), 'move')} in bulk edits "
            f"{'is' if year.bulk_ever == 1 else 'are'} left out. The last week may not "
            "be over. A delivery later undone is not counted.",
            *unknown,
        ]
    plain = "Each week, to a scale of its own: arrived, delivered, abandoned"
    return findings.headed(finding, plain, said, asked.figure("throughput"))


def _not_known(asked: Asked) -> list[str]:
    """For each stage whose own source ended, that what left it later is not known."""
    return [
        f"What left {stage.name} after {asked.day(until)} is not known, for {stage.measured_by} ends "
        "there: weeks without may have had some."
        for stage, until in _ended(asked)
    ]


def _ended(asked: Asked) -> list[tuple]:
    """Each stage (a row of the table stage) whose own source ended too long ago, and when."""
    fresh = asked.figure("freshness").set_index("source")
    stages = asked.table("stage")
    return [
        (stage, fresh.told_until[stage.measured_by])
        for stage in stages[stages.measured_by != ""].itertuples(index=False)
        if not fresh.age_days[stage.measured_by] <= asked.stream.stale_after
    ]


def work(asked: Asked) -> Told:
    """Where the work is, day by day: rows of wip_by_day."""
    held, rows = asked.figure("queue_size"), asked.figure("wip_by_day")
    until = last_known(asked, "", rows)
    now = "; ".join(_parts(asked, row) for _, row in held.iterrows())
    said = [f"On {asked.day(until)}: {now}. Each stage is drawn to its own scale."]
    if until < asked.as_of:
        said.append("What has happened since is not known.")
    plain = "Where the work is, day by day"
    finding = "" if _ended(asked) or until < asked.as_of else findings.work(held)
    return findings.headed(finding, plain, said, rows)


def _parts(asked: Asked, now: pandas.Series) -> str:
    """What is in a stage (a row of queue_size) by its parts; of a part that no status tells, so much."""
    known = recorded(asked, now.stage)
    told = [f"{words.number(now[part])} {part}" if part in known or now[part]
            else f"{part} not recorded" for part in seen.PARTS]  # fmt: skip
    return f"{now.stage_name} {', '.join(told)}"


def moves(asked: Asked) -> Told:
    """What moves where, what skips and what comes back: rows of transition."""
    said, finding = [], ""
    for m in asked.figure("move_count").itertuples():
        finding = findings.moves(m)
        said = [
            f"{words.counted(int(m.one_stage_on), 'move')} went one stage on, {words.number(m.skipping)} "
            f"skipped stages, {words.number(m.back)} went back, {words.number(m.reopened)} reopened "
            f"what was closed and {words.number(m.abandoned)} abandoned the item."
            + (
                f" {words.number(m.not_mapped)} more came from or went to a status of no stage."
                if m.not_mapped
                else ""
            ),
            f"Of all, {words.number(m.in_bulk)} booked in bulk edits, {words.number(m.by_change)} "
            "made by a change of the process.",
        ]
    plain = "What moves where, what skips and what comes back"
    return findings.headed(finding, plain, said, asked.figure("transition"))


def hand_offs(asked: Asked) -> Told:
    """How long it takes from leaving one stage's work to entering the next one's: rows of hand_off."""
    rows = asked.figure("hand_off")
    heading = "From leaving one stage's work to entering the next one's"
    return Told(heading, list(rows.sentence), rows.drop(columns="sentence"))
