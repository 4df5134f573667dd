"""What is asked of GitHub, or of one like it: with a token of the environment where it wants one."""

from __future__ import annotations

import re
from typing import ClassVar, Literal
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field, field_validator

from settings.places import Asked
from settings.values import Address, Tells, Text

_PAGE = re.compile(r"/([^/]+)/([^/]+?)(?:\.git)?(?:/(?:issues|pulls|projects|labels)(?:/.*)?)?/?")
_API = re.compile(r"(?:/api/v3)?/repos/[^/]+/[^/]+/?")
# What an issue without a label is, and a closed one. A label that is called so is none of these.
OPEN, CLOSED = "open", ("completed", "not planned", "duplicate")
WORDS = ("item", "status", "since", "blocked", "name", "link", "gone")


class WithToken(Asked):
    """A source that GitHub's API answers."""

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


class Github(WithToken):
    """The issues of a repository on GitHub: labels are their statuses.

    An issue without such a label is `open`; a closed one `completed`, `not planned` or `duplicate`.
    """

    tells: ClassVar[Tells] = "events"
    precision: ClassVar = ""
    time_zone: ClassVar = "UTC"
    kind: Literal["github"] = "github"
    url: Address = Field(
        description="the repository, as in the browser; of another server its API's .../repos/OWNER/NAME",
        examples=["https://github.com/OWNER/NAME"],
    )  # fmt: skip
    statuses: tuple[Text, ...] = Field(
        (), description="the labels that are statuses; left out, those that its streams' stages name",
        examples=[["Ready", "Doing"]],
    )  # fmt: skip
    blocked: tuple[Text, ...] = Field(
        (), description="the labels that mark an issue as blocked: they are the reason",
        examples=[["blocked"]],
    )  # fmt: skip

    @field_validator("url")
    @classmethod
    def _a_repository(cls, value: str) -> str:
        parts = urlsplit(value)
        page = parts.hostname in ("github.com", "www.github.com")
        if not (_PAGE if page else _API).fullmatch(parts.path):
            raise ValueError(
                "it must name a repository, like https://github.com/OWNER/NAME; on a server of your "
                "own, like https://HOST/api/v3/repos/OWNER/NAME"
            )
        return value

    @property
    def api(self) -> str:
        """Where the repository is found by programs."""
        parts = urlsplit(self.url)
        if parts.hostname in ("github.com", "www.github.com"):
            return f"https://api.github.com/repos/{self.repository}"
        return urlunsplit((*parts[:2], parts.path.rstrip("/"), "", ""))

    @property
    def repository(self) -> str:
        """OWNER/NAME."""
        path = urlsplit(self.url).path
        if "/repos/" in path:
            return path.split("/repos/")[1].strip("/")
        found = _PAGE.fullmatch(path)
        return "/".join(found.groups()) if found else ""

    @property
    def place(self) -> str:
        """The address that is asked."""
        return self.api

    @property
    def names(self) -> dict[str, str]:
        """What the columns of its changes are called."""
        return {word: word for word in WORDS}
