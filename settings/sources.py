"""The kinds of sources in stages.yaml: one class each, with the keys that apply to it and its traits.

A new kind is one class here, listed in AnySource, and one file of its kind's name in sources/.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Literal, get_args

from pydantic import Field, field_validator, model_validator

from settings.limits import Limits
from settings.values import Address, Covers, File, Number, Sql, Tells, Text, Value, ZoneOrNone

Board = Literal["item", "status", "blocked", "name", "link", "gone"]
Listed = Literal[Board, "since", "from", "sequence", "effective", "note"]
RUNS = "https://api.github.com/repos/OWNER/NAME/actions/runs"


class Source(Value):
    """A place that tells. `name` is its key in stages.yaml, `folder` where that file lies.

    Traits: what it `tells` (events: a list of changes; states: what is so at an instant, compared
    with the one before; checks: results of looking; rows: a table for SQL), whether a later word on
    the same run is `keyed` to take the place of the earlier, and whether it is `recorded`: to read
    it again today says nothing of today.
    """

    GIVEN: ClassVar = ("name", "folder")
    tells: ClassVar[Tells]
    keyed: ClassVar[bool] = False
    recorded: ClassVar[bool] = False
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
    def names(self) -> dict[str, str]:
        """What its columns are called, for a kind that has columns."""
        return {}

    @classmethod
    def cure(cls, key: str) -> str:
        """Names the keys of this kind, and the kinds that have a key which this one lacks."""
        others = [kind for kind, other in KINDS.items() if key in other.writable()]
        own = f"{_kind(cls)} takes {', '.join(k for k in cls.writable() if k != 'kind')}"
        if others:
            return f", which is for {', '.join(others)}; remove it ({own})"
        return f"{super().cure(key)} ({own})"


class Whole(Source):
    """A source whose every answer is all that there is: what is missing from it has gone."""

    largest_loss: Number = Field(
        0.3, ge=0, le=1, description="the share of its items that may vanish before it is refused"
    )


class Place(Source):
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


class Events(Whole, Place):
    """A list of changes that anyone can keep by hand: a CSV or .xlsx, one row a change."""

    tells: ClassVar = "events"
    kind: Literal["events"] = "events"
    sheet: Text = Field("", description="the sheet of an .xlsx; left out, the first")
    columns: dict[Listed, Text] = Field(
        {}, description="what its columns are called, where not by these words",
        examples=[{"item": "slug", "status": "to_stage", "since": "changed_at"}],
    )  # fmt: skip
    precision: Literal["", "between"] = Field(
        "", description="`between`: a change is known only to lie between two dates of the list"
    )
    time_zone: ZoneOrNone = Field(
        "", description="of times that name none; left out, that of its stream", examples=["UTC"]
    )

    @property
    def names(self) -> dict[str, str]:
        """What the columns are called: as they were renamed, else by their own words."""
        return _names(Listed, self.columns)

    @model_validator(mode="after")
    def _a_workbook(self):
        if self.sheet and not self.place.split("?")[0].lower().endswith(".xlsx"):
            raise ValueError("only an .xlsx has sheets: remove sheet")
        return self


class Compared(Whole):
    """A CSV of the present state; what changed comes from comparing it with the one before."""

    tells: ClassVar = "states"
    columns: dict[Board, Text] = Field(
        {}, description="what its columns are called, where not by these words",
        examples=[{"item": "slug", "status": "stage"}],
    )  # fmt: skip

    @property
    def names(self) -> dict[str, str]:
        """What the columns are called: as they were renamed, else by their own words."""
        return _names(Board, self.columns)


class Snapshots(Compared, Place):
    """A CSV that shows the present state, fetched at each collect; changes come from comparing."""

    kind: Literal["snapshots"] = "snapshots"


class GitHistory(Compared):
    """A CSV of the present state through every commit of a repository: years at once."""

    recorded: ClassVar = True
    kind: Literal["git_history"] = "git_history"
    repository: File = Field(
        description="a clone or bundle, beneath this file's folder", examples=["history.bundle"]
    )
    file: Text = Field(description="the CSV's path in the repository", examples=["data/board.csv"])

    @field_validator("file")
    @classmethod
    def _inside(cls, value: str) -> str:
        if value.startswith("/"):
            raise ValueError("it must be a path inside the repository, like data/board.csv")
        return value


class Datasette(Whole, Place):
    """A table or query of a Datasette, or of its SQLite file.

    With `columns` its rows are a list of changes as of kind events; without, rows for `events_sql`.
    """

    kind: Literal["datasette"] = "datasette"
    table: Text = Field("", description="a table to read whole", examples=["endpoint"])
    sql: Sql = Field("", description="or a query", examples=["select * from provision"])
    key: tuple[Text, ...] = Field(
        (), description="the columns that tell rows apart; left out, a table's own key",
        examples=[["organisation", "dataset"]],
    )  # fmt: skip
    since: Text = Field("", description="the column of a row's date", examples=["entry_date"])
    columns: dict[Listed, Text] = Field(
        {}, description="makes the rows a list of changes: where its item, status and since are",
        examples=[{"item": "slug", "status": "stage", "since": "changed_at"}],
    )  # fmt: skip
    precision: Literal["", "between"] = Field(
        "", description="with columns, `between`: a change lies between two dates of the list"
    )
    time_zone: ZoneOrNone = Field(
        "", description="with columns, of times that name none; left out, that of its stream",
        examples=["UTC"],
    )  # fmt: skip

    @property
    def tells(self) -> Tells:  # type: ignore[override]  # of all kinds only this one is told it
        """Events, where it is said which columns hold them."""
        return "events" if self.columns else "rows"

    @property
    def names(self) -> dict[str, str]:
        """What the columns are called: as they were renamed, else by their own words."""
        return _names(Listed, self.columns)

    @model_validator(mode="after")
    def _one_question(self):
        if bool(self.table) == bool(self.sql):
            raise ValueError("datasette needs either a table or an sql query")
        if self.columns and self.since:
            raise ValueError("with columns the date is columns: {since: …}: remove the other since")
        if not self.columns and self.model_fields_set & {"precision", "time_zone"}:
            raise ValueError("precision and time_zone are for a list: add columns or remove them")
        return self


class _Checks(Source):
    """A source of checks: results of looking at something."""

    tells: ClassVar = "checks"
    process: Text = Field(
        "", description="the process of rows that name none", examples=["collection"]
    )


class PipelineLogs(_Checks, Place):
    """Log rows (endpoint, entry_date, status, exception, elapsed, resource), one for each look.

    Parquet, CSV or JSON (also .gz): a file, a pattern, a folder or an address; or the table `log`
    of a Datasette.
    """

    kind: Literal["pipeline_logs"] = "pipeline_logs"
    sql: Sql = Field(
        "", description="the rows of a Datasette's log, with rowid and, if need be, process",
        examples=["select rowid, * from log"],
    )  # fmt: skip

    @model_validator(mode="after")
    def _of_a_datasette(self):
        if self.sql and self.file:
            raise ValueError("sql asks a Datasette by its url, not a file: remove one")
        return self


class Canaries(_Checks, Place):
    """AWS Synthetics runs and CloudWatch alarms, saved as JSON or JSON lines.

    The API's answer, or EventBridge, SNS and SQS messages.
    """

    keyed: ClassVar = True
    kind: Literal["canaries"] = "canaries"


class HttpChecks(_Checks):
    """Addresses that are asked once at every collect."""

    kind: Literal["http_checks"] = "http_checks"
    urls: dict[Text, Address] = Field(
        min_length=1, description="a name and an address for each page to ask",
        examples=[{"Home": "https://example.org/"}],
    )  # fmt: skip
    contains: Text = Field("", description="words each page must hold", examples=["Find data"])

    @property
    def live(self) -> bool:
        """They are asked at every collect."""
        return True


class GithubRuns(_Checks):
    """The runs of a repository's workflows, from GitHub's API or one like it."""

    keyed: ClassVar = True
    kind: Literal["github_runs"] = "github_runs"
    url: Address = Field(description="the list of a repository's runs", examples=[RUNS])
    token: Text = Field(
        "", description="the environment variable that holds a token", examples=["GITHUB_TOKEN"]
    )

    @field_validator("token")
    @classmethod
    def _a_name(cls, value: str) -> str:
        # What is written here is not repeated: it may be the secret itself.
        if not value.isidentifier() or value.startswith(("ghp_", "gho_", "ghs_", "github_pat_")):
            raise ValueError("it must be the name of an environment variable that holds the token")
        return value


AnySource = Annotated[
    Events | Snapshots | GitHistory | Datasette | PipelineLogs | Canaries | HttpChecks | GithubRuns,
    Field(discriminator="kind"),
]


def _kind(cls: type[Source]) -> str:
    return cls.model_fields["kind"].default


KINDS: dict[str, type[Source]] = {_kind(cls): cls for cls in get_args(get_args(AnySource)[0])}


def _names(known: object, columns: Mapping) -> dict[str, str]:
    # A column that happens to be called 'gone' says so of no row: it has to be named.
    return {word: word for word in get_args(known) if word != "gone"} | dict(columns)
