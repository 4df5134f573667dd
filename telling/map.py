"""What is told of the service map: each step with its colour, queue and waits, or that nothing is."""

from __future__ import annotations

import json
from collections import Counter
from itertools import groupby
from typing import NamedTuple

import pandas

from telling import flow, processes, stage, words
from telling.asked import Asked

STALE = "Stale"  # a box of which what is known is too old to judge
SAID = ("red", "amber", STALE)  # how many of each the map says first
UNSEEN = "Not measured"  # a stage of which the figure status says so
NOTHING = "Nothing here tells how long it takes."
NOT_YET = "Nothing had been told of it by this day."
COUNTED = "Counted"
HALF = "for half of them"
WHOLE = {"arrivals": "arrived", "delivered": "delivered"}
HOW = (
    "A service map shows what users and teams do, step by step, with these numbers on it. To add one, "
    "write this into stages.yaml in your own words, and publish again."
)
EXAMPLE = """map:
  activities:
    - name: Find what is needed
      story: As a planner, I say what data is missing
      steps:
        - {name: Tell us, lane: Users}
        - {name: Look at it, lane: Our team, stage: STAGE}"""


class Told(NamedTuple):
    """What is known of a step: its colour (red, amber, green or grey; "counted" where nothing judges
    it, "unmeasured" where nothing tells of it), the word and the reason, numbers and what each is of."""

    colour: str
    word: str
    why: str
    numbers: list[tuple[str, str]] = []
    opens: tuple[Asked, str, dict] | None = None  # the page that has more, as of when, of what


class Step(NamedTuple):
    """A step as it is drawn: where it stands, in words, and what is told of it."""

    no: str
    activity_no: int
    activity: str
    story: str
    lane_no: int
    lane: str
    name: str
    uses: str
    note: str
    told: Told

    @property
    def measured(self) -> bool:
        """Whether anything tells of it."""
        return self.told.colour != "unmeasured"


class Grid(NamedTuple):
    """Where the map is drawn: the row of each lane's title, by its name, and of each step, by its
    number, its row and how many rows it takes. Columns are activities, counted from 1 as they are."""

    lanes: dict[str, int]
    rows: dict[str, tuple[int, int]]


def steps(asked: Asked) -> list[Step]:
    """Every step of the map in its order; none where stages.yaml sets no map."""
    rows = asked.settings("map_step").sort_values("step_no")
    rows = rows.assign(nth=rows.groupby("activity_no").cumcount() + 1)
    return [
        Step(
            f"{r.activity_no}.{r.nth}", r.activity_no, r.activity, r.story, r.lane_no, r.lane,
            r.name, r.uses, r.note, _told(asked, r),
        )
        for r in rows.itertuples(index=False)
    ]  # fmt: skip


def activities(steps: list[Step]) -> list[list[Step]]:
    """The steps of each activity, from left to right."""
    return [list(inside) for _, inside in groupby(steps, lambda step: step.activity_no)]


def grid(steps: list[Step], first: int = 1) -> Grid:
    """The rows of lanes and steps, from the row `first` on.

    A lane has its title, and as many rows as the activity with the most steps in it; where there are
    fewer, the last of them takes the rest.
    """
    held: dict[tuple[int, str], dict[int, list[Step]]] = {}
    for step in steps:
        inside = held.setdefault((step.lane_no, step.lane), {})
        inside.setdefault(step.activity_no, []).append(step)
    lanes: dict[str, int] = {}
    rows: dict[str, tuple[int, int]] = {}
    for (_, lane), columns in sorted(held.items()):
        lanes[lane] = first
        end = first + 1 + max(map(len, columns.values()))
        for column in columns.values():
            rows |= {step.no: (row, 1) for row, step in enumerate(column, first + 1)}
            last, _ = rows[column[-1].no]
            rows[column[-1].no] = (last, end - last)
        first = end
    return Grid(lanes, rows)


def heading(steps: list[Step]) -> str:
    """How much of the process is seen at all, and how much of that is red, to be watched or of old."""
    seen = [step for step in steps if step.measured]
    counts = Counter(STALE if step.told.word == STALE else step.told.colour for step in seen)
    said = [f"{counts[as_said]} {as_said.lower()}" for as_said in SAID if counts[as_said]]
    are = "is" if len(seen) == 1 else "are"
    measured = f"{len(seen)} of {words.counted(len(steps), 'step')} {are} measured"
    return (f"{measured}: {words.listed(said)}" if said else measured) + "."


def unseen(steps: list[Step]) -> str:
    """Whose steps nothing tells of; "" where everything is measured."""
    whose = Counter(step.lane for step in steps if not step.measured)
    if not whose:
        return ""
    said = words.listed([f"{count} of {lane}" for lane, count in whose.most_common()])
    return f"Not measured, and so not known to be slow or fast: {said}."


def moments(asked: Asked, steps: list[Step]) -> str:
    """As of when the numbers are that are not of the day shown; "" where all are of that day."""
    days = {}
    for step in steps:
        if step.told.opens and step.measured:
            of, page, _ = step.told.opens
            name, day = (
                ("processes", words.day(of.as_of)) if page == "pipeline"
                else (of.stream["name"], of.day(of.as_of))
            )  # fmt: skip
            if day != asked.day(asked.as_of):
                days[name] = f"{name} as of {day}"
    return f"Numbers of other days: {words.listed(list(days.values()))}." if days else ""


def table(steps: list[Step]) -> pandas.DataFrame:
    """The map as rows, for a download: a row for each step."""
    rows = [
        {
            "Step": s.no, "Activity": s.activity, "User story": s.story, "Who": s.lane,
            "What": s.name, "Uses": s.uses, "Measured": "yes" if s.measured else "no",
            "Colour": s.told.colour, "State": s.told.word, "Why": s.told.why,
            "Numbers": "; ".join(f"{number} {name}" for name, number in s.told.numbers),
            "Note": s.note,
        }
        for s in steps
    ]  # fmt: skip
    return pandas.DataFrame(rows)


def about(asked: Asked, steps: list[Step]) -> list[str]:
    """What else must be known to read the map: what it does not see, of which days it is, whose."""
    said = [unseen(steps), moments(asked, steps), *asked.settings("service_map").note]
    return [text for text in said if text]


def how(asked: Asked) -> list[str]:
    """How to add a map, in a sentence and the smallest example."""
    first = asked.table("stage").sort_values("stage_no").iloc[0]
    stage = json.dumps(f"{first.stream}/{first.stage}", ensure_ascii=False)
    return [HOW, EXAMPLE.replace("STAGE", stage)]


def _told(asked: Asked, row) -> Told:
    if row.stage:
        return _stage(asked.of(row.stream), row.stage, row.status)
    if row.process_group:
        return _process(asked.processes(), row.process_group, row.process)
    if row.figure:
        return _figure(asked.of(row.stream), row.figure)
    return Told("unmeasured", UNSEEN, NOTHING)


def _of(rows: pandas.DataFrame, stage_id: str) -> pandas.DataFrame:
    # All rows are asked for and these kept: a page asks a figure once, not once for each step.
    return rows[rows.stage == stage_id]


def _stage(asked: Asked, stage_id: str, status: str) -> Told:
    opens = (asked, "stage", {"stage": stage_id})
    judged = asked.part("status", stage=stage_id)
    now = asked.part("queue_size", stage=stage_id)
    if judged.empty or now.empty:
        return Told("unmeasured", UNSEEN, NOT_YET, opens=opens)
    s = judged.iloc[0]
    if s.word == UNSEEN:
        return Told("unmeasured", UNSEEN, s.sentence, opens=opens)
    if not status:
        return Told(s.colour, s.word, _first(s), _in_stage(asked, now.iloc[0]), opens)
    why = f"{s.stage_name} as a whole: {_first(s)}"
    return Told(s.colour, s.word, why, _in_status(asked, stage_id, status), opens)


def _first(judged: pandas.Series) -> str:
    """The first reason of a colour; a box of the map has no room for all that its page says."""
    more = judged.sentence.count("; ")
    if not more or not isinstance(judged.reason, str):
        return judged.sentence
    return f"{judged.reason}, and {words.counted(more, 'more reason')}."


def _in_stage(asked: Asked, now: pandas.Series) -> list[tuple[str, str]]:
    """The queue and waits of a stage (a row of queue_size)."""
    own = _of(asked.table("stage"), now.stage).iloc[0]
    held = [
        ("waiting", words.number(now.waiting)) if own.has_wait else ("waiting: not recorded", "?")
    ]
    if own.has_work:
        held.append(("working", words.number(now.working)))
    if now.blocked:
        held.append(("blocked", words.number(now.blocked)))
    if now.wip:
        median = asked.or_more(now.median_age_days, now.median_at_least)
        held.append((HALF, median))
    typical = asked.part("typical_time", stage=now.stage)
    return held + [("typical time", asked.typical(row)) for _, row in typical.iterrows()]


def _in_status(asked: Asked, stage_id: str, status: str) -> list[tuple[str, str]]:
    """How many of the stage's items have one status, and for how long they have."""
    items = stage.with_state(_of(asked.figure("age"), stage_id))
    states = Counter(items[items.status == status].state)
    known = asked.table("status_map")
    own = known[known.status == status].part.map(stage.STATES)
    held = [(state, words.number(states[state])) for state in own.dropna()]
    if states["blocked"]:
        held.append(("blocked", words.number(states["blocked"])))
    time = asked.figure("status_time")
    for t in time[(time.status == status) & (time.open > 0)].itertuples():
        median = asked.or_more(t.open_median_age_days, t.open_median_at_least)
        held.append((HALF, median))
    return held


def _process(asked: Asked, group: str, process: str) -> Told:
    rows = processes.status(asked)
    rows = rows[rows.process_group == group]
    if process:
        rows = rows[rows.process == process]
    if rows.empty:
        return Told("unmeasured", UNSEEN, NOT_YET)
    worst, one = rows.iloc[0], len(rows) == 1
    keys = {"show": "failing", "process": worst.key if one else f"{group}/"}
    opens = (asked, "pipeline", keys)
    if rows.checks.isna().all():
        return Told("unmeasured", UNSEEN, worst.sentence, opens=opens)
    if one:
        why, numbers = processes.why(worst), processes.numbers(worst)
        return Told(worst.colour, worst.word, why, numbers, opens)
    counts = [(word, words.number(n)) for word, n in Counter(rows.state_word).items()]
    named = list(rows[rows.colour == worst.colour].process_name)
    rest = [f"{len(named) - 3} more"] if len(named) > 4 else []
    why = f"{worst.word}: {words.listed(named[: 3 if rest else 4] + rest)}."
    return Told(worst.colour, worst.word, why, counts, opens)


def _figure(asked: Asked, name: str) -> Told:
    """A number of a whole stream, which no target judges."""
    if name == "typical_time":
        rows = asked.part("typical_time", stage="")
        opens = (asked, "flow", {"chart": "survival"})
        known = [(asked.typical(row), row) for _, row in rows.iterrows()]
        if not known or known[0][0] == "not measured":
            why = known[0][1].sentence if known else NOT_YET
            return Told("unmeasured", UNSEEN, why, opens=opens)
        typical, row = known[0]
        return Told(
            "counted", COUNTED, row.sentence, [("typical time from start to end", typical)], opens
        )
    opens = (asked, "flow", {"chart": "throughput"})
    for year in asked.figure("throughput_year").itertuples():
        count = words.number(getattr(year, name))
        numbers = [(f"{WHOLE[name]} in {words.counted(year.weeks, 'week')}", count)]
        why = " ".join(flow.throughput(asked).sentences[1:])
        return Told("counted", COUNTED, why, numbers, opens)
    return Told("unmeasured", UNSEEN, NOT_YET, opens=opens)
