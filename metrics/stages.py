"""stages.yaml, read and checked into frozen values: the value streams, their targets and sources."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import available_timezones

import holidays as holiday_dates
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from metrics.complaint import did_you_mean, sentence

Text = Annotated[str, Field(min_length=1)]
COLUMNS = [
    "item",
    "status",
    "since",
    "from",
    "sequence",
    "precision",
    "effective",
    "note",
    "blocked",
    "name",
    "link",
]


class StagesError(ValueError):
    """stages.yaml can't be used: one sentence with the file, the place in it and the cure."""


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Status(_Value):
    """A source's own word; `until` is the day it was removed from the process."""

    status: Text
    until: date | None = None


def _status(value: object) -> object:
    return {"status": value} if isinstance(value, str) else value


Statuses = tuple[Annotated[Status, BeforeValidator(_status)], ...]


class Target(_Value):
    """A limit on one measure of a stage, with why, whose and since when."""

    limit: float
    amber: float | None = None
    reason: Text
    owner: Text
    date: date

    @model_validator(mode="after")
    def _amber_first(self):
        if self.amber is not None and self.amber > self.limit:
            raise ValueError("amber must not lie above limit: lower amber or raise limit")
        return self


class Dated(_Value):
    """Something that happened to the process on a day: a change, or an edit in bulk."""

    date: date
    what: Text


class Stage(_Value):
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


class Holidays(_Value):
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


class Stream(_Value):
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


class Covers(_Value):
    """The days for which a source tells everything, where its rows alone can't show it."""

    from_: date | None = Field(default=None, alias="from")
    until: date | None = None


class Source(_Value):
    """A place that tells, by kind; which of the fields apply depends on the kind."""

    kind: Literal["datasette", "snapshots", "git_history", "events", "pipeline_logs"]
    url: str = ""
    file: str = ""
    repository: str = ""
    table: str = ""
    sql: str = ""
    key: tuple[str, ...] = ()
    since: str = ""
    sheet: str = ""
    process: str = ""
    precision: Literal["", "between"] = ""
    time_zone: str = "UTC"
    largest_loss: float = Field(default=0.3, ge=0, le=1)
    columns: dict[Literal[tuple(COLUMNS)], Text] = {}
    covers: Covers | None = None

    @model_validator(mode="after")
    def _enough(self):
        if not (self.url or self.file):
            raise ValueError("it names no place: give a url or a file")
        if self.kind == "git_history" and not (self.repository and self.file):
            raise ValueError("git_history needs a repository and the file inside it")
        if self.kind == "datasette" and bool(self.table) == bool(self.sql):
            raise ValueError("datasette needs either a table or an sql query")
        return self


class Stages(_Value):
    """A whole stages.yaml. `file` is where it was read; streams and sources are by name."""

    file: Path
    title: Text
    opens_at: Literal["now", "data"] = "now"
    streams: dict[str, Stream] = Field(min_length=1)
    sources: dict[str, Source] = Field(min_length=1)

    @field_validator("streams", mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        if not isinstance(value, dict):
            raise ValueError("streams must map each stream's id to its stages")
        return {i: {**s, "id": i} if isinstance(s, dict) else s for i, s in value.items()}

    @model_validator(mode="after")
    def _sources_exist(self):
        for stream in self.streams.values():
            named = [*stream.sources, stream.counted_by, *(s.measured_by for s in stream.stages)]
            for name in filter(None, named):
                if name not in self.sources:
                    hint = did_you_mean(name, self.sources)
                    raise ValueError(
                        f"stream {stream.id!r} names the source {name!r}, which is not under "
                        f"sources{hint}: add it there or correct the name"
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
    streams = {
        name: s.model_copy(
            update={"events_sql": str(stages.file.parent / s.events_sql) if s.events_sql else ""}
        )
        for name, s in stages.streams.items()
    }
    return stages.model_copy(update={"streams": streams})


_KEYS = sorted(
    {f.alias or n for m in (Stages, Stream, Stage, Target, Source, Covers, Dated, Status, Holidays)
     for n, f in m.model_fields.items()} - {"file_", "id"}
)  # fmt: skip
