"""Alerts of stages.yaml: who is told of a change, on which way, and when the weekly digest leaves.

Addresses of webhooks, passwords and keys are secrets: here stands only the name of the variable of
the environment that holds one.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, ClassVar, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from settings.values import Address, Text, Value, Whole, Zone, named, once

Kind = Literal["red", "recovered", "verdict", "silent", "refused", "overdue", "digest"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
DAYS: tuple[Day, ...] = get_args(Day)
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,99}")
_MAILBOX = re.compile(r"[^\s@<>,;:\"\\()\[\]\x00-\x1f\x7f]+@[^\s@<>,;:\"\\()\[\]\x00-\x1f\x7f]+")


def _variable(value: object) -> object:
    # Who writes the secret itself here must not read it again in an error, or in a log of it.
    if not isinstance(value, str) or not _VARIABLE.fullmatch(value):
        raise ValueError(
            "it must be the name of a variable of the environment, like VALUESTREAM_SLACK_WEBHOOK: "
            "the secret itself does not belong in this file"
        )
    return value


def _mailbox(value: str) -> str:
    if not _MAILBOX.fullmatch(value) or not value.isascii():
        raise ValueError(f"{value!r} is no address: write one like team@example.org")
    return value


def _server(value: str) -> str:
    if not re.fullmatch(r"[\w.:-]+", value):
        raise ValueError("it must be the name of a host alone, like smtp.example.org")
    return value


Variable = Annotated[Text, BeforeValidator(_variable)]
Mailbox = Annotated[Text, AfterValidator(_mailbox)]
Server = Annotated[Text, AfterValidator(_server)]


class Way(Value):
    """A way on which people are told. `name` is its key in stages.yaml."""

    GIVEN: ClassVar = ("name", "folder")
    name: str = ""
    folder: Path = Path()
    kind: str
    tells: tuple[Kind, ...] = Field(
        (), description="of which changes it tells; left out, of all: `red` and "
        "`recovered` of stages and processes, `verdict` (faster, slower or neither), `silent` sources, "
        "`refused` publications, `overdue` promises, and the weekly `digest`",
        examples=[["red", "recovered"]],
    )  # fmt: skip

    @property
    def told(self) -> tuple[Kind, ...]:
        """Of which changes it tells."""
        return self.tells or KINDS

    @property
    def variables(self) -> list[str]:
        """The variables of the environment that hold its secrets."""
        told = [getattr(self, field, "") for field in ("address", "key", "user", "password")]
        return [variable for variable in told if variable]

    @field_validator("tells")
    @classmethod
    def _each_once(cls, value: tuple[Kind, ...]) -> tuple[Kind, ...]:
        once(value, "in tells")
        return value


class Slack(Way):
    """A channel of Slack, by an incoming webhook."""

    kind: Literal["slack"] = "slack"
    address: Variable = Field(
        "VALUESTREAM_SLACK_WEBHOOK", description="the variable that holds the webhook's address"
    )


class Teams(Way):
    """A channel of Microsoft Teams, by a workflow that begins when a webhook request is received."""

    kind: Literal["teams"] = "teams"
    address: Variable = Field(
        "VALUESTREAM_TEAMS_WEBHOOK", description="the variable that holds the webhook's address"
    )


class Webhook(Way):
    """Any other program: JSON, signed as Standard Webhooks lay down."""

    kind: Literal["webhook"] = "webhook"
    address: Variable = Field(
        "VALUESTREAM_WEBHOOK", description="the variable that holds the webhook's address"
    )
    key: Variable = Field(
        "VALUESTREAM_WEBHOOK_KEY", description="the variable that holds the key of its signature"
    )


class Email(Way):
    """E-mail by an SMTP server, always encrypted (TLS)."""

    kind: Literal["email"] = "email"
    host: Server = Field(description="the SMTP server", examples=["smtp.example.org"])
    port: Whole = Field(587, ge=1, le=65535, description="its port")
    tls: Literal["starttls", "from the start"] = Field(
        "starttls",
        description="how the connection is encrypted: `from the start` is usual on port 465",
    )
    sender: Mailbox = Field(description="who it is from", examples=["board@example.org"])
    to: tuple[Mailbox, ...] = Field(
        min_length=1, description="who gets it", examples=[["team@example.org"]]
    )
    user: Variable | None = Field(
        None, description="the variable that holds the user's name, for a server that wants one",
        examples=["VALUESTREAM_MAIL_USER"],
    )  # fmt: skip
    password: Variable = Field(
        "VALUESTREAM_MAIL_PASSWORD", description="the variable that holds the password of that user"
    )

    @property
    def variables(self) -> list[str]:
        """Without a user there is no password."""
        return super().variables if self.user else []


AnyWay = Annotated[Slack | Teams | Email | Webhook, Field(discriminator="kind")]
WAYS: dict[str, type[Way]] = {
    cls.model_fields["kind"].default: cls for cls in get_args(get_args(AnyWay)[0])
}


class Digest(Value):
    """When the weekly digest leaves: at the first alert of that day from that hour on."""

    day: Day = Field("monday", description="the day of the review")
    hour: Whole = Field(8, ge=0, le=23, description="from this hour on")


class Alerts(Value):
    """Who is told when something turns red or recovers, a source falls silent, a publication is
    refused or a promise is overdue."""

    ways: dict[str, AnyWay] = Field(
        min_length=1, description="the ways on which people are told, each by its own name"
    )
    dashboard: Address = Field(
        "", description="the dashboard's address, for the link in each message",
        examples=["https://board.example.org"],
    )  # fmt: skip
    digest: Digest = Field(Digest(), description="when the weekly digest leaves")
    time_zone: Zone = Field("Europe/London", description="of that hour, and of days in messages")

    @field_validator("ways", mode="before")
    @classmethod
    def _by_name(cls, value: object, info: ValidationInfo) -> dict:
        return named(value, "name", Path())

    @field_validator("dashboard")
    @classmethod
    def _nobody_s_password(cls, value: str) -> str:
        if "@" in value:
            raise ValueError("each message shows it: leave out the user and the password")
        return value
