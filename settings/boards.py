"""The kinds of sources that are a team's board: cards or issues that people move."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from settings.alerts import Variable
from settings.places import Asked, Whole
from settings.values import Address, File, Text, Value

TRELLO = "https://api.trello.com"
_WORDS = ("item", "status", "since", "blocked", "gone", "name", "link")


def _board(value: str) -> str:
    if not value.isascii() or not value.isalnum():
        raise ValueError(
            "it must be the board's id alone: of trello.com/b/U3oLGhYx/our-work U3oLGhYx"
        )
    return value


Board = Annotated[Text, AfterValidator(_board)]


class Blocked(Value):
    """How a card shows that it is blocked: by a label, or by a field that is not empty.

    With both the label says whether it is, and the field why.
    """

    label: Text = Field("", description="the name of a label", examples=["Blocked"])
    field: Text = Field("", description="the name of a custom field", examples=["Blocked by"])

    @model_validator(mode="after")
    def _one(self):
        if not (self.label or self.field):
            raise ValueError("it names neither a label nor a field: name one")
        return self


class OfBoard(Whole, Asked):
    """A board, whose every move is told with the time it was made, or with two between which it was
    (`precision`: landing reads the two)."""

    tells: ClassVar = "events"
    precision: ClassVar = "interval"

    @property
    def names(self) -> dict[str, str]:
        """What the columns of its rows are called."""
        return {word: word for word in _WORDS}


class Trello(OfBoard):
    """A Trello board, by its id or as its JSON export.

    Its lists are statuses, by the names they have now; an archived card is in `(archived)`, one that
    was deleted or moved to another board is gone.
    """

    kind: Literal["trello"] = "trello"
    board: Board | None = Field(
        None, description="the board's id, as in its address after /b/", examples=["U3oLGhYx"]
    )
    file: File = Field(
        "", description="or its exports: a file, or a pattern that several match, which are read "
        "together", examples=["exports/*.json"],
    )  # fmt: skip
    url: Address = Field(TRELLO, description="where the API is")
    key: Variable = Field("TRELLO_KEY", description="the variable that holds the API key")
    token: Variable = Field("TRELLO_TOKEN", description="the variable that holds the token")
    blocked: Blocked | None = Field(
        None, description="how a card shows that it is blocked", examples=[{"label": "Blocked"}]
    )

    @property
    def place(self) -> str:
        """The board's address in the API, or its file."""
        return self.file or f"{self.url.rstrip('/')}/1/boards/{self.board}"

    @property
    def live(self) -> bool:
        """A board is asked, a file is as it was."""
        return not self.file

    @property
    def recorded(self) -> bool:  # type: ignore[override]  # of other kinds it is always the same
        """An export says nothing of the days after it."""
        return bool(self.file)

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of the environment that hold its secrets."""
        return (self.key, self.token)

    @model_validator(mode="after")
    def _one_place(self):
        if bool(self.file) == bool(self.board):
            raise ValueError("trello needs either a board or a file, its export")
        if self.file and Path(self.file).suffix.lower() != ".json":
            raise ValueError(
                "file must be the board's JSON export: in Trello, Share, Export as JSON"
            )
        return self


class Jira(OfBoard):
    """The issues that a query of Jira finds, in Cloud or a Data Center, of one project or several.

    Its statuses are known by their ids, and called as they are now; an issue that the query does not
    find any more is gone.
    """

    kind: Literal["jira"] = "jira"
    url: Address = Field(description="where Jira is", examples=["https://our-team.atlassian.net"])
    jql: Text = Field(description="the query", examples=["project in (PLAN, DATA)"])
    subtasks: bool = Field(False, description="`true`: subtasks are work items of their own")
    email: Variable = Field(
        "JIRA_EMAIL", description="the variable that holds the address with which the token goes, in Cloud; "
        "empty or not there, it is a Data Center"
    )  # fmt: skip
    token: Variable = Field("JIRA_TOKEN", description="the variable that holds the token")
    flag: Text = Field(
        "Flagged", description="the field that says that an issue is blocked, and why"
    )

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of the environment that hold its secrets."""
        return (self.email, self.token)

    @field_validator("url")
    @classmethod
    def _alone(cls, value: str) -> str:
        if "?" in value or "/rest/" in value:
            raise ValueError(
                "it must be the address of Jira alone, like https://our-team.atlassian.net"
            )
        return value.rstrip("/")
