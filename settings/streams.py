"""Value streams of stages.yaml: their stages, the source's words for them, and their targets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar, Literal

import holidays as holiday_dates
from pydantic import Field, field_validator, model_validator

from settings.values import (
    Address,
    Dated,
    SqlFile,
    Statuses,
    Target,
    Text,
    Value,
    Whole,
    Zone,
    named,
    once,
)

PARTS = ("queue", "paused", "work", "done")


class Stage(Value):
    """A step people name, with the statuses that mean waiting, paused, working and done."""

    GIVEN: ClassVar = ("id", "folder")
    id: str = ""
    folder: Path = Path()
    name: Text = Field(description="what people call it", examples=["Discover"])
    queue: Statuses = Field((), description="statuses that mean waiting", examples=[["Backlog"]])
    paused: Statuses = Field((), description="statuses that mean put aside", examples=[["On hold"]])
    work: Statuses = Field((), description="statuses that mean worked on", examples=[["Screen"]])
    done: Statuses = Field((), description="statuses that mean delivered", examples=[["Live"]])
    measured_by: Text = Field(
        "", description="the source of the stream without which nothing is known of this stage",
        examples=["collection-log"],
    )  # fmt: skip
    note: Text = Field("", description="words for the page", examples=["Booked in batches."])
    targets: dict[Literal["queue", "wip", "oldest", "typical", "idle"], Target] = Field(
        {},
        description="`queue`: items waiting; `wip`: items in the stage; `oldest`, `typical`: days "
        "in it; `idle`: days in which it held some and nothing left it",
    )

    @model_validator(mode="after")
    def _some_status(self):
        if not (self.queue or self.paused or self.work):
            raise ValueError("it has no statuses: list the source's words under queue or work")
        if "queue" in self.targets and not (self.queue or self.paused):
            raise ValueError(
                "its target 'queue' can't be measured, for no status means waiting: "
                "list some under queue, or set a target on wip"
            )
        return self


class Holidays(Value):
    """Whose public holidays are no working days."""

    country: Text = Field(description="the country's code", examples=["GB"])
    subdivision: Text = Field("", description="the code of a part of it", examples=["ENG"])

    @model_validator(mode="after")
    def _known(self):
        try:
            holiday_dates.country_holidays(self.country, self.subdivision or None)
        except NotImplementedError:
            raise ValueError("no holidays are known for it: use codes such as GB and ENG") from None
        return self


class Stream(Value):
    """An ordered list of stages that one kind of work item flows through."""

    GIVEN: ClassVar = ("id", "folder")
    id: str = ""
    folder: Path = Path()
    name: Text = Field(description="what people call it", examples=["Design a dataset"])
    item: Text = Field("work item", description="one of what flows", examples=["application"])
    items: Text = Field("work items", description="several of them", examples=["applications"])
    link: Address = Field(
        "", description="where an item is to be seen; `{item}` stands for its key",
        examples=["https://example.org/items/{item}"],
    )  # fmt: skip
    time_zone: Zone = Field("Europe/London", description="whose days and weeks count")
    days: Literal["calendar", "working"] = Field("calendar", description="which days count")
    holidays: Holidays | None = Field(
        None, description="with `days: working`", examples=[{"country": "GB", "subdivision": "ENG"}]
    )
    stale_after: Whole = Field(
        14, gt=0, description="days since its sources were last read after which nothing is judged"
    )
    same_after: Whole = Field(
        90, gt=0, description="days of hearing exactly the same after which nothing can be green"
    )
    sources: tuple[Text, ...] = Field(
        min_length=1, description="its sources by name, the best first", examples=[["our-list"]]
    )
    counted_by: Text = Field(
        "", description="the source whose last answer must add up to the items shown",
        examples=["our-list"],
    )  # fmt: skip
    events_sql: SqlFile = Field(
        "", description="a file of SQL that makes the events out of what was collected",
        examples=["examples/planning-data/expected-provision.sql"],
    )  # fmt: skip
    attributes: dict[Text, Text] = Field(
        {}, description="what items can be compared by: a name, and the column of `counted_by`",
        examples=[{"Team": "team"}],
    )  # fmt: skip
    blockers: dict[Text, tuple[Text, ...]] = Field(
        {}, description="what blocks items, by its name: the words or phrases that name it in a "
        "reason, whole and in any case; the first that names it counts. Without them reasons are "
        "one by the same link, else by the same words",
        examples=[{"VPN": ["vpn", "remote access"]}],
    )  # fmt: skip
    note: Text = Field("", description="words for the page", examples=["Booked in batches."])
    stages: tuple[Stage, ...] = Field(
        min_length=1, description="its stages in their order, each by its own name",
        examples=[{"find": {"name": "Find", "queue": ["Backlog"]}}],
    )  # fmt: skip
    left: Statuses = Field((), description="statuses that mean abandoned", examples=[["Archived"]])
    process_changes: tuple[Dated, ...] = Field(
        (), description="days on which the process changed: limits of charts start anew there",
        examples=[[{"date": "2025-06-17", "what": "Go/no-go removed"}]],
    )  # fmt: skip
    not_progress: tuple[Dated, ...] = Field(
        (), description="days of edits in bulk, which count in no pace",
        examples=[[{"date": "2024-03-15", "what": "82 items archived in one edit"}]],
    )  # fmt: skip

    @field_validator("stages", mode="before")
    @classmethod
    def _named(cls, value: object, info) -> object:
        return list(named(value, "id", info.data["folder"]).values())

    @field_validator("link")
    @classmethod
    def _names_the_item(cls, value: str) -> str:
        if "{item}" not in value:
            raise ValueError("it must hold {item}, in whose place each item's key is put")
        return value

    @field_validator("blockers")
    @classmethod
    def _found_by_words(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        seen: dict[str, str] = {}
        for name, told in value.items():
            if not told:
                raise ValueError(f"{name!r} has no words: list those that name it in a reason")
            for word in told:
                plain = " ".join(re.findall(r"[^\W_]+", word.lower()))
                if not plain:
                    raise ValueError(f"{word!r} under {name!r} has no letter or digit to look for")
                if plain in seen:
                    raise ValueError(
                        f"{word!r} is there twice, under {seen[plain]!r} and under {name!r}: keep one"
                    )
                seen[plain] = name
        return value

    @model_validator(mode="after")
    def _each_once(self):
        once(self.sources, "the source")
        once([str(d.date) for d in self.not_progress], "in not_progress the day")
        seen: dict[str, str] = {}
        for status, place in self._statuses():
            if status in seen:
                raise ValueError(
                    f"the status {status!r} is mapped twice, in {seen[status]} and "
                    f"in {place}: keep one"
                )
            seen[status] = place
        return self

    @model_validator(mode="after")
    def _complete(self):
        if self.attributes and not self.counted_by:
            raise ValueError("attributes are columns of the source named in counted_by: name one")
        if (self.days == "working") != bool(self.holidays):
            raise ValueError(
                "days: working and holidays: {country: GB, subdivision: ENG} need each other: "
                "write both or neither"
            )
        return self

    @model_validator(mode="after")
    def _can_be_left(self):
        (last, *others) = self.stages[::-1]
        for measure in () if others or last.done or self.left else ("typical", "idle"):
            if measure in last.targets:
                raise ValueError(
                    f"the target {measure!r} of stage {last.id!r} can't be measured, for nothing "
                    "can leave it: list the words that mean finished under done"
                )
        return self

    @property
    def statuses(self) -> list[str]:
        """The words of its sources that stand on its map."""
        return [status for status, _ in self._statuses()]

    def _statuses(self) -> list[tuple[str, str]]:
        """Each status with the place where it is mapped."""
        told = [
            (status.status, f"{stage.id}.{part}")
            for stage in self.stages
            for part in PARTS
            for status in getattr(stage, part)
        ]
        return told + [(status.status, "left") for status in self.left]
