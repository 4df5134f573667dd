"""Processes of stages.yaml: what is looked at day by day, and when it counts as failing."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from settings.values import Number, SqlFile, Target, Text, Value, Whole, once

WEEK = 168  # hours


class Window(Value):
    """A process turns red when `bad` of its last `runs` are bad, and back at `back` or fewer."""

    runs: Whole = Field(5, ge=1, description="how many of the last runs are looked at")
    bad: Whole = Field(3, ge=1, description="so many bad ones turn it red")
    back: Whole = Field(1, ge=0, description="so many or fewer turn it back")

    @model_validator(mode="after")
    def _in_order(self):
        if not self.back < self.bad <= self.runs:
            raise ValueError("back must be less than bad, and bad no more than runs")
        return self


class Process(Value):
    """Processes that are looked at in one way; each one that the sources tell of gets a box.

    Days and weeks are those of UTC, as logs have them. Without sources the box says what it would
    need.
    """

    GIVEN: ClassVar = ("id", "folder")
    id: str = ""
    folder: Path = Path()
    name: Text = Field(description="what people call it", examples=["Collecting"])
    sources: tuple[Text, ...] = Field(
        (), description="sources of checks, by name", examples=[["collection-log"]]
    )
    subject: Text = Field("subject", description="one of what is looked at", examples=["endpoint"])
    subjects: Text = Field("subjects", description="several of them", examples=["endpoints"])
    every: Number | None = Field(
        None, gt=0, description="hours from run to run; left out, runs come when they come",
        examples=[24],
    )  # fmt: skip
    stale_after: Number | None = Field(
        None, gt=0, examples=[3],
        description="days after which what is known is too old to judge by; "
        "left out, three times `every`, or 14 days",
    )  # fmt: skip
    forget_after: Whole = Field(
        7, gt=0, description="days after which a subject not looked at is no longer in service"
    )
    dead_after: Whole = Field(
        365, gt=0, description="days of failing after which a subject is given up as dead"
    )
    window: Window = Field(Window(), description="when the box turns red and back")
    subjects_sql: SqlFile = Field(
        "", description="a file of SQL: what the subjects are called, whose they are, since when",
        examples=["examples/planning-data/endpoint.sql"],
    )  # fmt: skip
    note: Text = Field("", description="words for the page", examples=["Not measured yet."])
    targets: dict[Literal["failing"], Target] = Field(
        {}, description="`failing`: the share of a run's checks that may fail, 0.2 for 20 of 100"
    )

    @property
    def too_old(self) -> float:
        """Days after which what is known says nothing of today."""
        return self.stale_after or (3 * self.every / 24 if self.every else 14)

    @field_validator("id")
    @classmethod
    def _no_slash(cls, value: str) -> str:
        if "/" in value:
            raise ValueError("its name must hold no '/': pages name a process as group/process")
        return value

    @field_validator("every")
    @classmethod
    def _fits_in_a_week(cls, value: float | None) -> float | None:
        if value is not None and WEEK % value:
            raise ValueError(
                "so many hours don't fill a week evenly: write 24, 12, 1, 0.25 or the like"
            )
        return value

    @field_validator("sources")
    @classmethod
    def _each_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        once(value, "the source")
        return value

    @model_validator(mode="after")
    def _a_share(self):
        if any(t.limit >= 1 for t in self.targets.values()):
            raise ValueError("failing is a share: write 0.2 for 20 of 100")
        return self
