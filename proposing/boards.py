"""A team's board as settings of a source: what of it means blocked, and which labels are statuses."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit, urlunsplit

from proposing.statuses import part_of
from settings.boards import Trello
from settings.github import Github, GithubProject, is_project
from sources import github_project, trello
from sources.reading import github
from sources.reading.pages import Pages

_BLOCKED = re.compile(r"(?i)\b(block(ed|er|ers)?|impediment|stuck)\b")
_WORK = re.compile(
    r"(?i)\b(in progress|doing|wip|review|testing|in test|design|build|development|started|active)\b"
)
_OF_STATUS = re.compile(r"(?i)^(status|state|stage|workflow|column)\s*[:/ -]")
# Of a Jira: what stands before its own pages, and the project of a page.
_ON_JIRA = re.compile(r"(.*?)/(?:browse|projects|issues|jira|secure|si)(?:/.*)?/?")
_PROJECT = re.compile(r"/(?:browse|projects)/([A-Z][A-Z0-9_]+)\b")
_ON_TRELLO = re.compile(r"/b/([A-Za-z0-9]+)(?:/.*)?")


class Understood(NamedTuple):
    """The kind and settings of a board, what it is called, and how it is understood."""

    kind: str
    settings: dict[str, Any]
    title: str
    why: str


def of_address(url: str) -> Understood | None:
    """The board or repository that an address is the page of, asked what it has; None where it is
    neither. Raises StopSource or TryLater."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    if host == "trello.com" and (found := _ON_TRELLO.fullmatch(parts.path)):
        return _trello({"board": found[1]})
    if jql := _query(parts.path, parse_qs(parts.query)):
        before = _ON_JIRA.fullmatch(parts.path)
        if before and (host.endswith(".atlassian.net") or "jql" in parse_qs(parts.query)):
            return _jira(urlunsplit((parts.scheme, parts.netloc, before[1], "", "")), jql)
    if is_project(url):
        return _github_project(url)
    if host == "github.com" or "/repos/" in parts.path:
        return _github(url)
    return None


def of_export(file: Path, place: dict) -> Understood:
    """The export of a Trello board. Raises StopSource."""
    settings = Trello(name="it", folder=file.parent, file=file.name)
    return _of_trello(place, trello.export(settings, file))


def _query(path: str, asked: dict[str, list[str]]) -> str:
    """What a page of Jira shows, as JQL: its query, its saved filter or its project; "" for none."""
    if "jql" in asked:
        return asked["jql"][0]
    if asked.get("filter", [""])[0].isdecimal():
        return f"filter = {asked['filter'][0]}"
    found = _PROJECT.search(path)
    return f"project = {found[1]}" if found else ""


def _jira(url: str, jql: str) -> Understood:
    title = jql.removeprefix("project = ") if jql.startswith("project = ") else "Jira"
    why = "the issues that its query finds, by their statuses; an issue that is flagged is blocked"
    return Understood("jira", {"url": url, "jql": jql}, title, why)


def _trello(place: dict) -> Understood:
    settings = Trello(name="it", **place)
    return _of_trello(place, trello.Api(settings).board())


def _of_trello(place: dict, told: dict) -> Understood:
    label = _first(_names(told.get("labels")), _BLOCKED)
    field = _first(_names(told.get("customFields")), _BLOCKED)
    blocked = {key: name for key, name in (("label", label), ("field", field)) if name}
    why = "the board's lists are its statuses; " + (
        "what is called so means blocked" if blocked else "no label or field of it means blocked"
    )
    title = str(told.get("name") or "Board")
    return Understood("trello", place | ({"blocked": blocked} if blocked else {}), title, why)


def _github(url: str) -> Understood:
    settings = Github(name="it", url=url)
    pages = Pages(settings, "is no repository of GitHub: correct the address.")
    address, sent = f"{settings.api}/labels", github.headers(settings)
    names = [
        name
        for page in github.listed(pages, address, {"per_page": "100"}, sent, "labels")
        for name in _names(page)
    ]
    blocked = [name for name in names if _BLOCKED.search(name)]
    told = [name for name in names if name not in blocked and _is_status(name)]
    more: dict[str, Any] = {"url": url} | ({"statuses": told} if told else {})
    why = (
        "labels that read like statuses are taken for these, of an issue without one open and closed"
        if told else "no label reads like a status: an issue is open, or closed in one of three ways"
    )  # fmt: skip
    more |= {"blocked": blocked} if blocked else {}
    return Understood("github", more, settings.repository.rpartition("/")[2], why)


def _github_project(url: str) -> Understood:
    settings = GithubProject(name="it", url=url)
    with github.declining(settings, github_project.cure):
        asked = github_project.Project(settings)
        title, fields = asked.title(), asked.fields()
    names = [one["name"] for one in fields if one.get("data_type") in github_project.OF_REASON]
    blocked = _first([name for name in names if name != settings.status], _BLOCKED)
    why = "its items as they are now, by their status; a move lies between two collects; " + (
        "the field that is called so says why one is blocked"
        if blocked else "no field of it says why one is blocked"
    )  # fmt: skip
    more = {"blocked": blocked} if blocked else {}
    return Understood("github_project", {"url": url} | more, title or "Project", why)


def _is_status(name: str) -> bool:
    return bool(_OF_STATUS.search(name) or _WORK.search(name)) or part_of(name) in (
        "queue",
        "paused",
    )


def _names(told: Any) -> list[str]:
    rows = told if isinstance(told, list) else []
    return [
        row["name"]
        for row in rows
        if isinstance(row, dict) and isinstance(row.get("name"), str) and row["name"].strip()
    ]


def _first(names: list[str], wanted: re.Pattern) -> str:
    return next((name for name in names if wanted.search(name)), "")
