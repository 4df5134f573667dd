"""The kinds of sources in stages.yaml: one class each, with the keys that apply to it and its traits.

A new kind is one class here, or beside those of checks in settings/checks.py and of boards in
settings/boards.py, listed in AnySource, and one file of its kind's name in sources/.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, get_args

from pydantic import Field, field_validator, model_validator

from settings.boards import Jira, Trello
from settings.checks import Canaries, GithubRuns, HttpChecks, PipelineLogs
from settings.github import Github, GithubProject
from settings.places import Place, Sheet, Source, Whole
from settings.values import File, Sql, Tells, Text, ZoneOrNone

Board = Literal["item", "status", "blocked", "name", "link", "gone"]
Listed = Literal[Board, "since", "from", "sequence", "effective", "note"]


class Events(Whole, Sheet):
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
    dates: Literal["", "day first", "month first"] = Field(
        "", description="which comes first where dates have slashes or dots: 3/4/2026 may be 3 April",
        examples=["day first"],
    )  # fmt: skip

    @property
    def names(self) -> dict[str, str]:
        """What the columns are called: as they were renamed, else by their own words."""
        return _names(Listed, self.columns)

    @model_validator(mode="after")
    def _a_workbook(self):
        if self.sheet and self.google_sheet:
            raise ValueError("a link to Google Sheets tells which sheet (gid): remove sheet")
        if self.sheet and not self.place.split("?")[0].lower().endswith(".xlsx"):
            raise ValueError("only an .xlsx has sheets: remove sheet")
        return self


class Xes(Whole, Place):
    """An event log of process mining: each case an item, each event a change to what it names.

    XES (IEEE 1849), also as .xes.gz, or the CSV that such tools write.
    """

    tells: ClassVar = "events"
    precision: ClassVar = ""  # an event has its time
    kind: Literal["xes"] = "xes"
    file: File = Field("", description="its file, beneath this one's folder", examples=["log.xes"])
    lifecycle: Literal["complete", "start", "both"] = Field(
        "complete", description="which events (by lifecycle:transition) change the status: those that "
        "`complete` what they name, those that `start` it, or every one, as a status of its own like "
        "`Review+start`; an event without it always does",
        examples=["start"],
    )  # fmt: skip
    columns: dict[Listed, Text] = Field(
        {}, description="what its attributes are called where not case:concept:name (item), "
        "concept:name (status) and time:timestamp (since); those of a trace begin with `case:`",
        examples=[{"name": "case:title"}],
    )  # fmt: skip
    time_zone: ZoneOrNone = Field(
        "", description="of times that name none; left out, that of its stream", examples=["UTC"]
    )

    @property
    def names(self) -> dict[str, str]:
        """What the attributes are called: as they were named, else by the words of XES."""
        usual = {"item": "case:concept:name", "status": "concept:name", "since": "time:timestamp"}
        return usual | dict(self.columns)


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


class Snapshots(Compared, Sheet):
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
    A table of a database that nobody writes to is read on where a run was killed, for a week.
    """

    resumed: ClassVar = True
    kind: Literal["datasette"] = "datasette"
    table: Text = Field("", description="a table to read whole", examples=["endpoint"])
    sql: Sql = Field("", description="or a query", examples=["select * from provision"])
    key: tuple[Text, ...] = Field(
        (), description="the columns that tell rows apart; left out, a table's own key",
        examples=[["organisation", "dataset"]],
    )  # fmt: skip
    grows: bool = Field(
        False, description="`true`: rows are only ever added to the table, each with a key after all "
        "others; none is changed or removed. Only what is new is asked for, and counted with the rest",
        examples=[True],
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
    dates: Literal["", "day first", "month first"] = Field(
        "", description="with columns: which comes first where dates have slashes or dots",
        examples=["day first"],
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
        if self.grows and not self.table:
            raise ValueError("only a table grows: name it, or remove grows")
        if self.columns and self.since:
            raise ValueError("with columns the date is columns: {since: …}: remove the other since")
        if not self.columns and self.model_fields_set & {"precision", "time_zone", "dates"}:
            raise ValueError("precision and time_zone are for a list: add columns or remove them")
        return self


AnySource = Annotated[
    Events
    | Snapshots
    | GitHistory
    | Datasette
    | Trello
    | Jira
    | Xes
    | Github
    | GithubProject
    | PipelineLogs
    | Canaries
    | HttpChecks
    | GithubRuns,
    Field(discriminator="kind"),
]


KINDS: dict[str, type[Source]] = {
    cls.model_fields["kind"].default: cls for cls in get_args(get_args(AnySource)[0])
}


def _names(known: object, columns: Mapping) -> dict[str, str]:
    # A column that happens to be called 'gone' says so of no row: it has to be named.
    return {word: word for word in get_args(known) if word != "gone"} | dict(columns)
