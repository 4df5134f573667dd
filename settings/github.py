"""What is asked of GitHub, or of one like it: with a token of the environment where it wants one."""

from __future__ import annotations

import re
from typing import ClassVar, Literal
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field, field_validator

from settings.places import Asked, Whole
from settings.values import Address, Tells, Text

_PAGE = re.compile(r"/([^/]+)/([^/]+?)(?:\.git)?(?:/(?:issues|pulls|projects|labels)(?:/.*)?)?/?")
_API = re.compile(r"(?:/api/v3)?/repos/[^/]+/[^/]+/?")
_PROJECT = re.compile(r"/(orgs|users)/([^/]+)/projects/([0-9]+)(?:/.*)?")
_API_PROJECT = re.compile(r"(?:/api/v3)?/(?:orgs|users)/[^/]+/projectsV2/[0-9]+/?")
_PAGES_AT = ("github.com", "www.github.com")
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
        if is_project(value):
            raise ValueError("it names a project, which is of kind github_project")
        parts = urlsplit(value)
        page = parts.hostname in _PAGES_AT
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
        if parts.hostname in _PAGES_AT:
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


class GithubProject(Whole, WithToken):
    """The items of a project on GitHub as they are now: the options of a field are their statuses.

    What changed comes from comparing with the answer before. An item without one is `No status`.
    """

    tells: ClassVar[Tells] = "states"
    kind: Literal["github_project"] = "github_project"
    url: Address = Field(
        description="the project, as in the browser; of another server its API's .../projectsV2/NUMBER",
        examples=["https://github.com/orgs/OWNER/projects/5"],
    )  # fmt: skip
    status: Text = Field(
        "Status", min_length=1, description="the field whose options are the statuses",
        examples=["Status"],
    )  # fmt: skip
    blocked: Text = Field(
        "", description="the field that says why an item is blocked: a text, or one of its options",
        examples=["Blocked by"],
    )  # fmt: skip

    @field_validator("url")
    @classmethod
    def _a_project(cls, value: str) -> str:
        if not is_project(value):
            raise ValueError(
                "it must name a project, like https://github.com/orgs/OWNER/projects/5; on a server "
                "of your own, like https://HOST/api/v3/orgs/OWNER/projectsV2/5"
            )
        return value

    @property
    def api(self) -> str:
        """Where the project is found by programs."""
        parts = urlsplit(self.url)
        if parts.hostname in _PAGES_AT and (found := _PROJECT.fullmatch(parts.path)):
            return "https://api.github.com/{}/{}/projectsV2/{}".format(*found.groups())
        return urlunsplit((*parts[:2], parts.path.rstrip("/"), "", ""))

    @property
    def place(self) -> str:
        """The address that is asked."""
        return self.api

    @property
    def names(self) -> dict[str, str]:
        """What the columns of its rows are called."""
        return {word: word for word in WORDS if word not in ("since", "gone")}


def is_project(url: str) -> bool:
    """Whether an address is that of a project, in the browser or for programs."""
    parts = urlsplit(url)
    return bool((_PROJECT if parts.hostname in _PAGES_AT else _API_PROJECT).fullmatch(parts.path))
