"""What the settings are made of: frozen values without unknown keys, texts, numbers, days, places."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    model_validator,
)

from settings.complaint import did_you_mean


class Value(BaseModel):
    """Frozen, and no key that nobody knows. GIVEN: fields that the reader fills, not the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    GIVEN: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def writable(cls) -> list[str]:
        """The keys that can be written in the file."""
        told = {name: field.alias or name for name, field in cls.model_fields.items()}
        return [key for name, key in told.items() if name not in cls.GIVEN]

    @classmethod
    def cure(cls, key: str) -> str:
        """What to do about an unknown key."""
        return f"{did_you_mean(key, cls.writable())}; correct or remove it"

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, value: object) -> object:
        # Before the rest, so that a misspelt key is not told as a missing one.
        known = (*cls.writable(), *cls.GIVEN)
        for key in value if isinstance(value, dict) else ():
            if key not in known:
                raise ValueError(f"unknown key {key!r}{cls.cure(str(key))}")
        return value


def named(value: object, id: str, folder: Path) -> dict:
    """A map of settings, each given its own name (as the field `id`) and the folder of the file.

    Raises ValueError when it is no map, a name is no text, or the file itself gives one of these.
    """
    if not isinstance(value, dict):
        raise ValueError("it must map each one's name to its settings, like a-name: {…}")
    given = {}
    for name, told in value.items():
        if not isinstance(name, str):
            raise ValueError(f"the name {name} must be a text: put it in quotes, like '{name}'")
        if not name.strip():
            raise ValueError("one has an empty name: give it one")
        own = {id: name, "folder": folder}
        if isinstance(told, dict) and (written := own.keys() & told.keys()):
            raise ValueError(f"{name!r} has the unknown key {min(written)!r}; remove it")
        given[name] = {**told, **own} if isinstance(told, dict) else told
    return given


def once(values: Sequence, what: str) -> None:
    """Raises ValueError when a value is there twice, named with `what` it is."""
    for n, value in enumerate(values):
        if value in values[:n]:
            raise ValueError(f"{what} {value} is there twice: keep one")


def _day(value: object) -> object:
    try:
        if isinstance(value, str):
            return datetime.date.fromisoformat(value)
    except ValueError:
        pass
    if type(value) is not datetime.date:
        raise ValueError("must be a day like 2026-04-03")
    return value


def _address(value: str) -> str:
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018  it is read when asked for
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or " " in value:
        told = "it" if "@" in value else repr(value)  # a password may stand before an @
        raise ValueError(f"{told} is no address: write one like https://example.org/list.csv")
    return value


def _host(value: str) -> str:
    if "/" in value or "@" in value or " " in value:
        raise ValueError("it must be the name of a host alone, like intranet.example")
    return value.lower().rstrip(".")


_zones = cache(available_timezones)  # it walks through folders


def _zone(value: str) -> str:
    if value not in _zones():
        raise ValueError(f"{value!r} is no time zone: write one like Europe/London")
    return value


def _beneath(value: str, info: ValidationInfo) -> str:
    if "://" in value:
        raise ValueError("it is an address, and a file is needed: write an address under url")
    return str(info.data["folder"] / value)


def _existing(value: str, info: ValidationInfo) -> str:
    file = _beneath(value, info)
    if not Path(file).is_file():
        raise ValueError(f"there is no file {value!r} here: write it or correct the name")
    return file


def _status(value: object) -> object:
    return value if isinstance(value, dict) else {"status": value}


Text = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1)]
# A query keeps its line ends: it is known again by its every letter.
Sql = Annotated[str, StringConstraints(strict=True, pattern=r"\S")]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Whole = Annotated[int, Field(strict=True)]
Day = Annotated[datetime.date, BeforeValidator(_day)]
Address = Annotated[Text, AfterValidator(_address)]
Host = Annotated[Text, AfterValidator(_host)]
Zone = Annotated[Text, AfterValidator(_zone)]
ZoneOrNone = Annotated[Text, AfterValidator(lambda value: value and _zone(value))]
# Beneath the folder of stages.yaml, wherever the command runs.
File = Annotated[Text, AfterValidator(_beneath)]
SqlFile = Annotated[Text, AfterValidator(_existing)]


class Target(Value):
    """A limit on one measure, with why, whose and since when."""

    limit: Number = Field(ge=0, description="red beyond it", examples=[40])
    amber: Number | None = Field(None, ge=0, description="amber beyond it", examples=[30])
    reason: Text = Field(description="why this limit", examples=["a quarter's intake"])
    owner: Text = Field(description="who answers for it", examples=["the team"])
    date: Day = Field(description="the day it was set", examples=["2026-11-20"])

    @model_validator(mode="after")
    def _amber_first(self):
        if self.amber is not None and self.amber > self.limit:
            raise ValueError("amber must not lie above limit: lower amber or raise limit")
        return self


class Covers(Value):
    """The days for which a source tells everything, where its rows alone can't show it."""

    from_: Day | None = Field(
        None, alias="from", description="from the start of this day", examples=["2024-03-27"]
    )
    until: Day | None = Field(
        None, description="up to the start of this day", examples=["2025-03-31"]
    )

    @model_validator(mode="after")
    def _in_order(self):
        if self.from_ and self.until and self.from_ >= self.until:
            raise ValueError("from must lie before until: correct one of them")
        return self


class Dated(Value):
    """Something that happened to the process on a day: a change, or an edit in bulk."""

    date: Day = Field(description="the day, in the stream's zone", examples=["2025-06-17"])
    what: Text = Field(description="what happened", examples=["11 items archived in one edit"])


class Status(Value):
    """A source's own word for where an item is; the word alone is enough."""

    status: Text = Field(description="the word, letter for letter", examples=["Backlog"])
    until: Day | None = Field(
        None, description="the day it was removed from the process", examples=["2025-06-17"]
    )


Statuses = tuple[Annotated[Status, BeforeValidator(_status)], ...]
Tells = Literal["events", "states", "checks", "rows"]
