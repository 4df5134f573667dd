"""stages.yaml, read and checked into frozen values: the value streams, their targets and sources."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import available_timezones

import holidays as holiday_dates
from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from settings.complaint import did_you_mean, sentence
from settings.sources import Covers, Process, Source, Target, Text, Value, Window


class StagesError(ValueError):
    """stages.yaml can't be used: one sentence with the file, the place in it and the cure."""


class Status(Value):
    """A source's own word; `until` is the day it was removed from the process."""

    status: Text
    until: date | None = None


def _status(value: object) -> object:
    return {"status": value} if isinstance(value, str) else value


Statuses = tuple[Annotated[Status, BeforeValidator(_status)], ...]


class Dated(Value):
    """Something that happened to the process on a day: a change, or an edit in bulk."""

    date: date
    what: Text


class Stage(Value):
    """A step people name, with the statuses that mean waiting, paused, working and done."""

    id: str = ""
    name: Text
    queue: Statuses = ()
    paused: Statuses = ()
    work: Statuses = ()
    done: Statuses = ()
    measured_by: str = ""
    note: str = ""
    targets: dict[Literal["queue", "wip", "oldest", "typical", "idle"], Target] = {}

    @model_validator(mode="after")
    def _some_status(self):
        if not (self.queue or self.paused or self.work):
            raise ValueError("it has no statuses: list the source's words under queue or work")
        return self


class Holidays(Value):
    """Whose public holidays are no working days."""

    country: Text
    subdivision: str = ""

    @model_validator(mode="after")
    def _known(self):
        try:
            holiday_dates.country_holidays(self.country, self.subdivision or None)
        except NotImplementedError:
            raise ValueError("no holidays are known for it: use codes such as GB and ENG") from None
        return self


class Stream(Value):
    """An ordered list of stages that one kind of work item flows through."""

    id: str = ""
    name: Text
    item: Text = "work item"
    items: Text = "work items"
    link: str = ""
    time_zone: str = "Europe/London"
    days: Literal["calendar", "working"] = "calendar"
    holidays: Holidays | None = None
    stale_after: int = Field(default=14, gt=0)
    sources: tuple[str, ...] = Field(min_length=1)
    counted_by: str = ""
    events_sql: str = ""
    attributes: dict[Text, Text] = {}
    note: str = ""
    stages: tuple[Stage, ...] = Field(min_length=1)
    left: Statuses = ()
    process_changes: tuple[Dated, ...] = ()
    not_progress: tuple[Dated, ...] = ()

    @field_validator("stages", mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        if not isinstance(value, dict):
            raise ValueError("stages must map each stage's id to its name and statuses")
        return [{**s, "id": i} if isinstance(s, dict) else s for i, s in value.items()]

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"{value!r} is no time zone: write one like Europe/London")
        return value

    @model_validator(mode="after")
    def _each_status_once(self):
        seen: dict[str, str] = {}
        parts = [
            (status, f"{stage.id}.{part}")
            for stage in self.stages
            for part in ("queue", "paused", "work", "done")
            for status in getattr(stage, part)
        ] + [(status, "left") for status in self.left]
        for status, place in parts:
            if status.status in seen:
                raise ValueError(
                    f"the status {status.status!r} is mapped twice, in {seen[status.status]} and "
                    f"in {place}: keep one"
                )
            seen[status.status] = place
        if self.attributes and not self.counted_by:
            raise ValueError("attributes are columns of the source named in counted_by: name one")
        if self.days == "working" and not self.holidays:
            raise ValueError("days: working needs holidays: {country: GB, subdivision: ENG}")
        return self


class Stages(Value):
    """A whole stages.yaml. `file` is where it was read; streams and sources are by name."""

    file: Path
    title: Text
    opens_at: Literal["now", "data"] = "now"
    streams: dict[str, Stream] = Field(min_length=1)
    processes: dict[str, Process] = {}
    sources: dict[str, Source] = Field(min_length=1)

    @field_validator("streams", "processes", mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        if not isinstance(value, dict):
            raise ValueError("it must map each one's id to its settings")
        return {i: {**s, "id": i} if isinstance(s, dict) else s for i, s in value.items()}

    @model_validator(mode="after")
    def _sources_exist(self):
        named = [
            (f"stream {s.id!r}", name)
            for s in self.streams.values()
            for name in (*s.sources, s.counted_by, *(g.measured_by for g in s.stages))
        ] + [(f"process {p.id!r}", name) for p in self.processes.values() for name in p.sources]
        for who, name in named:
            if name and name not in self.sources:
                hint = did_you_mean(name, self.sources)
                raise ValueError(
                    f"{who} names the source {name!r}, which is not under sources{hint}: "
                    "add it there or correct the name"
                )
        return self

    def settings(self) -> list[dict]:
        """Each source's settings as the collectors take them: a dict with absolute paths."""
        rows = []
        for name, source in self.sources.items():
            row = source.model_dump(exclude={"covers"}) | {
                "name": name,
                "folder": str(self.file.parent),
            }
            # Inside a repository the file is a path of the repository, not of this machine.
            for field in ("repository",) if source.repository else ("file",):
                row[field] = str(self.file.parent / row[field]) if row[field] else ""
            rows.append(row)
        return rows


def read(path: str | Path) -> Stages:
    """Read and check a stages.yaml. Raises StagesError: one sentence with place and cure."""
    file = Path(path).resolve()
    try:
        content = YAML(typ="safe", pure=True).load(file)
    except FileNotFoundError:
        raise StagesError(
            f"{path}: there is no such file; write one or name it with --stages."
        ) from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise StagesError(
            f"{path}, line {line}: {error.problem}; correct the YAML there."
        ) from None
    if not isinstance(content, dict):
        raise StagesError(f"{path}: it holds no settings; start from the bundled stages.yaml.")
    try:
        stages = Stages(**{**content, "file": file})
    except ValidationError as error:
        raise StagesError(f"{path}, {sentence(error, content, _KEYS)}.") from None
    return _with_paths(stages)


def _with_paths(stages: Stages) -> Stages:
    """The SQL files beneath the folder of stages.yaml, wherever the command runs."""
    folder = stages.file.parent
    whole = lambda file: str(folder / file) if file else ""  # noqa: E731
    streams = {
        name: s.model_copy(update={"events_sql": whole(s.events_sql)})
        for name, s in stages.streams.items()
    }
    processes = {
        name: p.model_copy(update={"subjects_sql": whole(p.subjects_sql)})
        for name, p in stages.processes.items()
    }
    return stages.model_copy(update={"streams": streams, "processes": processes})


_KEYS = sorted(
    {f.alias or n for m in (Stages, Stream, Stage, Target, Source, Covers, Dated, Status, Holidays, Process, Window)
     for n, f in m.model_fields.items()} - {"file_", "id"}
)  # fmt: skip
