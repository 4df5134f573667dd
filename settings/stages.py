"""stages.yaml, read and checked into frozen values: the value streams, their targets and sources."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from settings import goals as goals_of
from settings.alerts import Alerts
from settings.complaint import did_you_mean, sentence
from settings.github import CLOSED, OPEN, Github
from settings.map import Map
from settings.processes import Process
from settings.sources import AnySource
from settings.streams import Stream
from settings.values import Text, Value, named


class StagesError(ValueError):
    """stages.yaml can't be used: one sentence with the file, the place in it and the cure."""


class Stages(Value):
    """A whole stages.yaml: streams, processes and sources, each by its own name."""

    GIVEN: ClassVar = ("file",)
    file: Path
    title: Text = Field(description="the page's title", examples=["Planning data service"])
    banner: Text = Field(
        "", description="words above every page, as that what they show is made up",
        examples=["Made up: no such team or dates."],
    )  # fmt: skip
    opens_at: Literal["now", "data"] = Field(
        "now", description="`data`: pages open at the last day of the data (for an example)"
    )
    streams: dict[str, Stream] = Field(
        min_length=1, description="the value streams, each by its own name"
    )
    processes: dict[str, Process] = Field(
        {}, description="what is looked at day by day, each by its own name"
    )
    sources: dict[str, AnySource] = Field(
        min_length=1, description="where the data comes from, each by its own name"
    )
    map: Map | None = Field(
        None, description="the service map, or a file that holds it", examples=["map.yaml"]
    )
    goals: dict[Text, goals_of.Goal] = Field(
        {}, description="goals of the service and of teams, each by its own name, in their order"
    )
    alerts: Alerts | None = Field(
        None,
        description="who is told of a change",
        examples=[{"ways": {"channel": {"kind": "slack"}}}],
    )

    @field_validator("streams", "processes", mode="before")
    @classmethod
    def _by_id(cls, value: object, info: ValidationInfo) -> dict:
        return named(value, "id", info.data["file"].parent)

    @field_validator("sources", mode="before")
    @classmethod
    def _by_name(cls, value: object, info: ValidationInfo) -> dict:
        return named(value, "name", info.data["file"].parent)

    @model_validator(mode="after")
    def _sources_exist(self):
        told = [(f"stream {s.id!r}", name) for s in self.streams.values() for name in s.sources]
        told += [(f"process {p.id!r}", n) for p in self.processes.values() for n in p.sources]
        for who, name in told:
            if name not in self.sources:
                raise ValueError(
                    f"{who} names the source {name!r}, which is not under sources"
                    f"{did_you_mean(name, self.sources)}: add it there or correct the name"
                )
        return self

    @model_validator(mode="after")
    def _sources_are_the_stream_s_own(self):
        for s in self.streams.values():
            told = [("counted_by", s.counted_by)]
            told += [(f"stage {g.id!r}, measured_by", g.measured_by) for g in s.stages]
            for place, name in told:
                if name and name not in s.sources:
                    raise ValueError(
                        f"stream {s.id!r}, {place} names {name!r}, which is not among the stream's "
                        f"sources{did_you_mean(name, s.sources)}: add it there or correct the name"
                    )
        return self

    @model_validator(mode="after")
    def _processes_are_told_of_checks(self):
        for p in self.processes.values():
            for name in p.sources:
                if self.sources[name].tells != "checks":
                    raise ValueError(
                        f"process {p.id!r} names the source {name!r}, which is of kind "
                        f"{self.sources[name].kind} and tells of no checks: name one that does"
                    )
        return self

    @model_validator(mode="after")
    def _streams_are_told_of_statuses(self):
        # SQL of a stream's own can make events of anything.
        for s in (s for s in self.streams.values() if not s.events_sql):
            for name in s.sources:
                source = self.sources[name]
                if source.tells == "checks" or (source.tells == "rows" and name != s.counted_by):
                    cure = "add its columns, or " if source.tells == "rows" else ""
                    raise ValueError(
                        f"stream {s.id!r} names the source {name!r}, which is of kind "
                        f"{source.kind} and tells of no statuses: {cure}make events of it "
                        "with events_sql, or remove it"
                    )
        return self

    @model_validator(mode="after")
    def _the_map_names_what_there_is(self):
        if self.map:
            self.map.must_name(self.streams, self.processes)
        return self

    @model_validator(mode="after")
    def _goals_name_what_there_is(self):
        goals_of.must_name(self.goals, self.streams, self.processes)
        return self

    @model_validator(mode="after")
    def _labels_are_those_of_the_stages(self):
        for name, source in self.sources.items():
            if isinstance(source, Github) and not source.statuses:
                words = {w for s in self.streams.values() if name in s.sources for w in s.statuses}
                told = {"statuses": tuple(sorted(words - {OPEN, *CLOSED}))}
                self.sources[name] = source.model_copy(update=told)
        return self

    @model_validator(mode="after")
    def _times_are_those_of_the_stream(self):
        """A source's times are of its own zone, or of the zone of the streams it tells of."""
        for name, source in self.sources.items():
            if getattr(source, "time_zone", None) != "":
                continue
            zones = {s.id: s.time_zone for s in self.streams.values() if name in s.sources}
            if len(set(zones.values())) > 1:
                told = ", ".join(f"{stream} ({zone})" for stream, zone in zones.items())
                raise ValueError(
                    f"source {name!r} tells of streams in several time zones, {told}: "
                    "give it a time_zone"
                )
            zone = next(iter(zones.values()), "UTC")
            self.sources[name] = source.model_copy(update={"time_zone": zone})
        return self


class _Constructor(SafeConstructor):
    """A day that no calendar has stays a text, so that the complaint names its place."""

    def construct_yaml_timestamp(self, node, values=None):
        try:
            return super().construct_yaml_timestamp(node, values)
        except ValueError:
            return node.value


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", _Constructor.construct_yaml_timestamp)


def read(path: str | Path) -> Stages:
    """Read and check a stages.yaml. Raises StagesError: one sentence with place and cure."""
    return checked(path, _content(path, _text(path)))


def checked(path: str | Path, content: dict) -> Stages:
    """The content of a stages.yaml that lies at `path`. Raises StagesError, as read does."""
    if "file" in content:
        raise _wrong(f"{path}: unknown key 'file'; remove it.")
    content = {**content, **_map(path, content.get("map"))}
    try:
        return Stages.model_validate({**content, "file": Path(path).resolve()})
    except ValidationError as error:
        raise _wrong(f"{path}, {sentence(error, content)}.") from None


def _map(path: str | Path, told: object) -> dict:
    """The map out of the file that stages.yaml names in its place. Raises StagesError."""
    if not isinstance(told, str):
        return {}
    file = Path(path).parent / told
    if not file.is_file():
        raise _wrong(f"{path}, map: there is no file {told!r} here: write it or correct the name.")
    return {"map": _content(file, _text(file))}


def _text(path: str | Path) -> str:
    try:
        return Path(path).read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise _wrong(
            f"{path}: there is no such file; write one or name it with --stages."
        ) from None
    except OSError as error:
        raise _wrong(f"{path} can't be read: {error.strerror}; name a file.") from None
    except UnicodeDecodeError as error:
        raise _wrong(f"{path} is no text in UTF-8 (byte {error.start + 1}): save it as UTF-8.") from None  # fmt: skip


def _content(path: str | Path, text: str) -> dict:
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _Constructor
    try:
        content = yaml.load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        told = (
            "a mark beginning with ! is not used here"
            if " tag " in error.problem
            else error.problem
        )
        raise _wrong(f"{path}, line {line}: {told}; correct the YAML there.") from None
    except (YAMLError, ValueError, TypeError, RecursionError):
        raise _wrong(f"{path} can't be read as YAML: start from the bundled stages.yaml.") from None
    if not isinstance(content, dict):
        raise _wrong(f"{path}: it holds no settings; start from the bundled stages.yaml.")
    return content


def _wrong(told: str) -> StagesError:
    return StagesError(" ".join(told.split()))
