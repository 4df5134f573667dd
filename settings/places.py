"""What every kind of source in stages.yaml has: a name, its limits, and a place where it lies."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field, model_validator

from settings import google_sheets
from settings.limits import Limits
from settings.values import Address, Covers, File, Host, Number, Tells, Value


class Source(Value):
    """A place that tells. `name` is its key in stages.yaml, `folder` where that file lies.

    Traits: what it `tells` (events: a list of changes; states: what is so at an instant, compared
    with the one before; checks: results of looking; rows: a table for SQL), whether a later word on
    the same run is `keyed` to take the place of the earlier, whether it is `recorded`: to read it
    again today says nothing of today, and whether a read that was killed is `resumed`.
    """

    GIVEN: ClassVar = ("name", "folder")
    tells: ClassVar[Tells]
    keyed: ClassVar[bool] = False
    recorded: ClassVar[bool] = False
    resumed: ClassVar[bool] = False
    name: str = ""
    folder: Path = Path()
    kind: str
    covers: Covers | None = Field(
        None, description="the days for which it tells everything, where its rows can't show it",
        examples=[{"from": "2024-03-27", "until": "2025-03-31"}],
    )  # fmt: skip
    limits: Limits = Field(
        Limits(), description="how much it may bring, where the usual is too little",
        examples=[{"megabytes": 500}],
    )  # fmt: skip

    @property
    def place(self) -> str:
        """The address, repository or file it is read from, '' where there are several."""
        told = [getattr(self, field, "") for field in ("url", "repository", "file")]
        return next(filter(None, told), "")

    @property
    def live(self) -> bool:
        """An address answers today: when it tells of nothing new, there was nothing."""
        return bool(getattr(self, "url", ""))

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of the environment that hold its secrets."""
        told = getattr(self, "token", "")
        return (told,) if told else ()

    @property
    def names(self) -> dict[str, str]:
        """What its columns are called, for a kind that has columns."""
        return {}

    @classmethod
    def cure(cls, key: str) -> str:
        """Names the keys of this kind, and the kinds that have a key which this one lacks."""
        others = [kind for kind, other in _kinds(Source).items() if key in other.writable()]
        kind = cls.model_fields["kind"].default
        own = f"{kind} takes {', '.join(k for k in cls.writable() if k != 'kind')}"
        if others:
            return f", which is for {', '.join(others)}; remove it ({own})"
        return f"{super().cure(key)} ({own})"


def _kinds(made_of: type[Source]) -> dict[str, type[Source]]:
    """Every kind of source that there is, by the name that `kind` gives it."""
    found: dict[str, type[Source]] = {}
    for one in made_of.__subclasses__():
        kind = one.model_fields["kind"].default
        found |= ({kind: one} if isinstance(kind, str) else {}) | _kinds(one)
    return found


class Whole(Source):
    """A source whose every answer is all that there is: what is missing from it has gone."""

    largest_loss: Number = Field(
        0.3, ge=0, le=1, description="the share of its items that may vanish before it is refused"
    )


class Asked(Source):
    """A source that may lie at an address, or at several."""

    allow_hosts: tuple[Host, ...] = Field(
        (), description="names of hosts inside your own network that it may ask",
        examples=[["intranet.example"]],
    )  # fmt: skip


class Place(Asked):
    """A source at an address or in a file."""

    url: Address = Field("", description="its address", examples=["https://example.org/list.csv"])
    file: File = Field("", description="its file, beneath this one's folder", examples=["list.csv"])

    @model_validator(mode="after")
    def _one_place(self):
        if not (self.url or self.file):
            raise ValueError("it names no place: give a url or a file")
        if self.url and self.file:
            raise ValueError("it names two places: give either a url or a file")
        return self


class Sheet(Place):
    """A list at an address or in a file; a link to Google Sheets stands for the sheet it shows."""

    url: Address = Field(
        "", description="its address; or a link to Google Sheets, as it is copied from there",
        examples=["https://example.org/list.csv"],
    )  # fmt: skip

    @property
    def google_sheet(self) -> str:
        """The address of its CSV where its url is a link to Google Sheets, else ''."""
        return google_sheets.csv_of(self.url)

    @property
    def place(self) -> str:
        """The address or file it is read from."""
        return self.google_sheet or super().place
