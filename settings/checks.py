"""The kinds of sources that tell of checks: results of looking at something."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from settings.github import WithToken
from settings.places import Asked, Place, Source
from settings.values import Address, Sql, Text

RUNS = "https://api.github.com/repos/OWNER/NAME/actions/runs"


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


class HttpChecks(_Checks, Asked):
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


class GithubRuns(_Checks, WithToken):
    """The runs of a repository's workflows, from GitHub's API or one like it."""

    keyed: ClassVar = True
    kind: Literal["github_runs"] = "github_runs"
    url: Address = Field(description="the list of a repository's runs", examples=[RUNS])
