"""The parts of stages.yaml that stand by themselves: targets, processes and sources."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

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
WEEK = 168  # hours


class Value(BaseModel):
    """Frozen, and no key that nobody knows."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Target(Value):
    """A limit on one measure, with why, whose and since when."""

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


class Window(Value):
    """A process turns red when `bad` of its last `runs` are bad, and back at `back` or fewer."""

    runs: int = Field(default=5, ge=1)
    bad: int = Field(default=3, ge=1)
    back: int = Field(default=1, ge=0)

    @model_validator(mode="after")
    def _in_order(self):
        if not self.back < self.bad <= self.runs:
            raise ValueError("back must be less than bad, and bad no more than runs")
        return self


class Process(Value):
    """Processes that are looked at in one way; each one that the sources tell of gets a box.

    `every` is in hours (none: runs come when they come); the other times are in days. Days and
    weeks are those of UTC, as logs have them. Without `stale_after` what is known is too old to judge
    by after three times `every`, or 14 days. Without sources the box says what it would need.
    """

    id: str = ""
    name: Text
    sources: tuple[str, ...] = ()
    subject: Text = "subject"
    subjects: Text = "subjects"
    every: float | None = Field(default=None, gt=0)
    stale_after: float | None = Field(default=None, gt=0)
    forget_after: int = Field(default=7, gt=0)
    dead_after: int = Field(default=365, gt=0)
    window: Window = Window()
    subjects_sql: str = ""
    note: str = ""
    targets: dict[Literal["failing"], Target] = {}

    @field_validator("id")
    @classmethod
    def _no_slash(cls, value: str) -> str:
        if "/" in value:
            raise ValueError("its name must hold no '/': pages name a process as group/process")
        return value

    @property
    def too_old(self) -> float:
        """Days after which what is known says nothing of today."""
        return self.stale_after or (3 * self.every / 24 if self.every else 14)

    @field_validator("every")
    @classmethod
    def _fits_in_a_week(cls, value: float | None) -> float | None:
        if value is not None and WEEK % value:
            raise ValueError(
                "so many hours don't fill a week evenly: write 24, 12, 1, 0.25 or the like"
            )
        return value

    @model_validator(mode="after")
    def _a_share(self):
        if any(not 0 <= t.limit < 1 for t in self.targets.values()):
            raise ValueError("failing is a share: write 0.2 for 20 of 100")
        return self


class Covers(Value):
    """The days for which a source tells everything, where its rows alone can't show it."""

    from_: date | None = Field(default=None, alias="from")
    until: date | None = None


class Source(Value):
    """A place that tells, by kind; which of the fields apply depends on the kind.

    `sql` of pipeline_logs: the rows of a Datasette's log, with their rowid and, if there are
    several processes, `process`; without it the table `log` is read as one.
    """

    kind: Literal[
        "datasette",
        "snapshots",
        "git_history",
        "events",
        "pipeline_logs",
        "canaries",
        "http_checks",
        "github_runs",
    ]
    url: str = ""
    urls: dict[Text, Text] = {}
    file: str = ""
    repository: str = ""
    table: str = ""
    sql: str = ""
    key: tuple[str, ...] = ()
    since: str = ""
    sheet: str = ""
    process: str = ""
    contains: str = ""
    token: str = ""
    precision: Literal["", "between"] = ""
    time_zone: str = "UTC"
    largest_loss: float = Field(default=0.3, ge=0, le=1)
    columns: dict[Literal[tuple(COLUMNS)], Text] = {}
    covers: Covers | None = None

    @model_validator(mode="after")
    def _enough(self):
        if not (self.url or self.file or self.urls):
            raise ValueError("it names no place: give a url or a file")
        if self.kind == "http_checks" and not self.urls:
            raise ValueError("http_checks needs urls: a name and an address for each page to ask")
        if self.kind == "github_runs" and not self.url:
            raise ValueError(
                "github_runs needs the url of a repository's runs: "
                "https://api.github.com/repos/OWNER/NAME/actions/runs"
            )
        if self.kind == "git_history" and not (self.repository and self.file):
            raise ValueError("git_history needs a repository and the file inside it")
        if self.kind == "datasette" and bool(self.table) == bool(self.sql):
            raise ValueError("datasette needs either a table or an sql query")
        return self
