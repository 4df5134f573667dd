"""Goals of stages.yaml: objectives of the service and of teams, and the results they are held to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from settings.complaint import must_be_one
from settings.processes import Process
from settings.streams import Stage, Stream
from settings.values import Day, Number, Text, Value

Measure = Literal["queue", "wip", "oldest", "typical", "idle", "delivered", "arrivals", "failing"]
# What each can be measured by: as the figure `measure` has it.
MEASURES: dict[str, tuple[str, ...]] = {
    "stream": ("wip", "typical", "delivered", "arrivals"),
    "stage": ("queue", "wip", "oldest", "typical", "idle"),
    "process": ("failing",),
}


class Start(Value):
    """Where a result began: what its share of the way and its pace are counted from."""

    date: Day = Field(description="the day it was set", examples=["2026-04-01"])
    value: Number | None = Field(
        None, ge=0, examples=[410],
        description="what it was at the end of that day; left out, what the data says of that day",
    )  # fmt: skip


class Aim(Value):
    """What a result is to be on a day: at most so much, or at least."""

    at_most: Number | None = Field(
        None, ge=0, description="so much or less; in the measure's own unit", examples=[180]
    )
    at_least: Number | None = Field(
        None, ge=0, description="or, in its place: so much or more", examples=[12]
    )
    date: Day = Field(
        description="the last day, whose end decides: reached or missed", examples=["2027-03-31"]
    )

    @property
    def value(self) -> float:
        """The number, on whichever side of it the result is to be."""
        return self.at_least if self.at_most is None else self.at_most  # type: ignore[return-value]

    def is_held_by(self, value: float) -> bool:
        """Whether so much is what was aimed at."""
        return value >= self.value if self.at_most is None else value <= self.value

    @model_validator(mode="after")
    def _one_side(self):
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError("it needs at_most, where less is better, or at_least: write one")
        return self


class Result(Value):
    """A key result: one measure of a stream, a stage or a process, from its start to its target."""

    name: Text = Field(
        description="what it is called", examples=["Half move on within 180 days by 31 March"]
    )
    measure: Measure = Field(
        description="of a stream `wip`, `typical` (days by which half are delivered), `delivered` or "
        "`arrivals` (items in 13 weeks); of a stage `queue`, `wip`, `oldest`, `typical` or `idle`, as "
        "targets have them; of a process `failing`, the share of its checks",
        examples=["typical"],
    )
    stream: Text = Field(
        "", description="the stream it is a measure of", examples=["make-a-dataset"]
    )
    stage: Text = Field(
        "", description="or the stage, as stream/stage", examples=["make-a-dataset/find"]
    )
    process: Text = Field(
        "", description="or the process, as group/process; the group alone, where it has only one",
        examples=["collection/brownfield-land"],
    )  # fmt: skip
    start: Start = Field(
        description="where it began", examples=[{"date": "2026-04-01", "value": 410}]
    )
    target: Aim = Field(
        description="where it is to be", examples=[{"at_most": 180, "date": "2027-03-31"}]
    )

    @property
    def kind(self) -> str:
        """What it is a measure of: stream, stage or process."""
        return next(kind for kind in MEASURES if getattr(self, kind))

    @model_validator(mode="after")
    def _of_one(self):
        named = [kind for kind in MEASURES if getattr(self, kind)]
        if len(named) != 1:
            told = f"it names a {' and a '.join(named)}" if named else "it does not say of what"
            raise ValueError(f"{told}: write one of stream, stage and process")
        if self.measure not in MEASURES[self.kind]:
            raise ValueError(
                f"a {self.kind} has no {self.measure}: measure one of "
                f"{', '.join(MEASURES[self.kind])}"
            )
        return self

    @model_validator(mode="after")
    def _from_start_to_target(self):
        if self.start.date >= self.target.date:
            raise ValueError("start must lie before target: correct one of their dates")
        told = [self.target.value, self.start.value or 0]
        if self.measure == "failing" and max(told) > 1:
            raise ValueError("failing is a share: write 0.2 for 20 of 100")
        if self.start.value is not None and self.target.is_held_by(self.start.value):
            raise ValueError(
                f"its start {self.start.value:g} is within the target {self.target.value:g} already: "
                "aim further, or write at_least for at_most or the other way round"
            )
        return self


class Goal(Value):
    """An objective of a team, or of the whole service, with the results it is held to."""

    objective: Text = Field(description="what is to be so, in words", examples=["Make data faster"])
    for_: Text = Field(
        alias="for", description="whose it is", examples=["the service", "the design team"]
    )
    under: Text = Field(
        "", description="the goal that it serves, by its own name", examples=["make-data-faster"]
    )
    note: Text = Field("", description="words for the page", examples=["Agreed in May."])
    results: dict[Text, Result] = Field(
        {}, description="what it is held to; none, where goals under it have some",
        examples=[{"typical": {"name": "…", "measure": "typical"}}],
    )  # fmt: skip


def must_name(
    goals: Mapping[str, Goal], streams: Mapping[str, Stream], processes: Mapping[str, Process]
) -> None:
    """Raises ValueError where goals name what there is not or can't be measured, or lie in a circle."""
    for name, goal in goals.items():
        _under(name, goals)
        if not goal.results and not any(name == other.under for other in goals.values()):
            raise ValueError(
                f"goal {name!r} has no results, and no goal under it has any: add results: …"
            )
        for key, result in goal.results.items():
            _measured(f"goal {name!r}, result {key!r}", result, streams, processes)


def _under(name: str, goals: Mapping[str, Goal]) -> None:
    """What a goal serves, and what that serves, up to the top."""
    above = [name]
    while told := goals[above[-1]].under:
        must_be_one(f"goal {above[-1]!r} is under", "goal", told, goals, "name one under goals")
        if told in above:
            raise ValueError(
                f"goal {name!r} is under itself, by way of {told!r}: leave out one under"
            )
        above.append(told)


def _measured(
    who: str, result: Result, streams: Mapping[str, Stream], processes: Mapping[str, Process]
) -> None:
    names = f"{who} names"
    if result.process:
        group = result.process.partition("/")[0]
        must_be_one(names, "process", group, processes, "add it under processes")
        return
    if result.stream:
        must_be_one(names, "stream", result.stream, streams, "name one under streams")
        stream, stage = streams[result.stream], None
    else:
        stages = {f"{s.id}/{one.id}": (s, one) for s in streams.values() for one in s.stages}
        must_be_one(names, "stage", result.stage, stages, "write it as stream/stage")
        stream, stage = stages[result.stage]
    if cure := _unmeasured(result.measure, stream, stage):
        raise ValueError(f"{who}: its measure {result.measure!r} can't be measured, for {cure}")


def _unmeasured(measure: str, stream: Stream, stage: Stage | None) -> str:
    """Why nothing can ever be told of a measure, and the cure; "" where something can."""
    (last, *others) = stream.stages[::-1]
    if stage is None:
        if measure in ("typical", "delivered") and not any(one.done for one in stream.stages):
            return "nothing is ever delivered: list the words that mean finished under done"
    elif measure == "queue" and not (stage.queue or stage.paused):
        return "no status of the stage means waiting: list some under queue, or measure wip"
    elif measure in ("typical", "idle") and not (others or last.done or stream.left):
        return "nothing can leave the stage: list the words that mean finished under done"
    return ""
