"""The service map of stages.yaml: what users and teams do, step by step, and what measures it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import Field, model_validator

from settings.complaint import did_you_mean, must_be_one
from settings.processes import Process
from settings.streams import PARTS, Stream
from settings.values import Text, Value, once

# What a step can name of a whole stream: each is one number with a unit and a sentence.
Figure = Literal["arrivals", "delivered", "typical_time"]


class Whole(Value):
    """One number of a whole stream, for a step that is no stage: who brings work, who gets it."""

    stream: Text = Field(description="the stream, by its own name", examples=["make-a-dataset"])
    name: Figure = Field(
        description="`arrivals` or `delivered`: items in the last 52 weeks; `typical_time`: days "
        "from first entering to delivery, those still in counted",
        examples=["arrivals"],
    )


class Step(Value):
    """What is done, by whom and with what; it may name one stage, process or figure that tells of it.

    A step that names none is drawn as not measured.
    """

    name: Text = Field(description="what is done", examples=["Screen it"])
    lane: Text = Field(description="who does it", examples=["Data design team"])
    uses: Text = Field("", description="what they use", examples=["A set of questions"])
    note: Text = Field("", description="words for the page", examples=["Our guess."])
    stage: Text = Field(
        "", description="the stage it is, as stream/stage", examples=["make-a-dataset/find"]
    )
    status: Text = Field(
        "", description="with `stage`: the one of its statuses that is this step",
        examples=["Screen"],
    )  # fmt: skip
    process: Text = Field(
        "", description="the group of processes it is, or one of them as group/process",
        examples=["collection"],
    )  # fmt: skip
    figure: Whole | None = Field(
        None, description="a number of a whole stream",
        examples=[{"stream": "make-a-dataset", "name": "arrivals"}],
    )  # fmt: skip

    @model_validator(mode="after")
    def _names_one(self):
        named = [key for key in ("stage", "process", "figure") if getattr(self, key)]
        if len(named) > 1:
            raise ValueError(f"it names a {' and a '.join(named)}: keep the one that tells of it")
        if self.status and not self.stage:
            raise ValueError("its status is one of a stage: add stage: stream/stage")
        return self


class Activity(Value):
    """What a user or a team sets out to do: a column of the map, its steps in their order."""

    name: Text = Field(description="what they do", examples=["Find what is needed"])
    story: Text = Field(
        "", description="their user story", examples=["As a planner, I say what data is missing"]
    )
    steps: tuple[Step, ...] = Field(
        min_length=1, description="its steps in their order",
        examples=[[{"name": "Screen it", "lane": "Us", "stage": "make-a-dataset/find"}]],
    )  # fmt: skip


class Map(Value):
    """A service map: activities from left to right, under them steps, in lanes of who does them.

    It may lie in a file of its own, which `map` names in its place.
    """

    note: Text = Field("", description="words for the page", examples=["Drawn by us in May."])
    lanes: tuple[Text, ...] = Field(
        (), description="the lanes from top to bottom; left out, as the steps name them first",
        examples=[["Users", "Data design team"]],
    )  # fmt: skip
    activities: tuple[Activity, ...] = Field(
        min_length=1, description="the activities from left to right",
        examples=[[{"name": "Find", "steps": [{"name": "Screen it", "lane": "Us"}]}]],
    )  # fmt: skip

    @property
    def steps(self) -> list[Step]:
        """All steps, in their order."""
        return [step for activity in self.activities for step in activity.steps]

    @property
    def rows(self) -> tuple[str, ...]:
        """The lanes from top to bottom."""
        return self.lanes or tuple(dict.fromkeys(step.lane for step in self.steps))

    @model_validator(mode="after")
    def _lanes_are_known(self):
        once(self.lanes, "in lanes")
        for step in self.steps:
            if step.lane not in self.rows:
                raise ValueError(
                    f"step {step.name!r} is in the lane {step.lane!r}, which is not under lanes"
                    f"{did_you_mean(step.lane, self.lanes)}: add it there or correct the name"
                )
        return self

    def must_name(self, streams: Mapping[str, Stream], processes: Mapping[str, Process]) -> None:
        """Raises ValueError where a step names a stage, process or stream that there is not."""
        stages = {f"{s.id}/{stage.id}": stage for s in streams.values() for stage in s.stages}
        for step in self.steps:
            if step.stage:
                _known(step, "stage", step.stage, stages, "write it as stream/stage")
            if step.status:
                parts = [getattr(stages[step.stage], part) for part in PARTS]
                statuses = [status.status for part in parts for status in part]
                _known(step, "status", step.status, statuses, "name one of that stage")
            if step.process:
                group = step.process.partition("/")[0]
                _known(step, "process", group, processes, "add it under processes")
            if step.figure:
                _known(step, "stream", step.figure.stream, streams, "name one under streams")


def _known(step: Step, what: str, told: str, known: Iterable[str], cure: str) -> None:
    names = f"map, step {step.name!r} names"
    must_be_one(names, what, told, known, f"{cure}, or leave it out")
