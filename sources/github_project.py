"""The items of a project on GitHub as they are now: each with its option of the status field.

How they came there GitHub does not tell in whole: what changed is found by comparing answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from settings.github import GithubProject
from sources import Reading, Reject, StopSource
from sources.reading import github, http
from sources.reading.github import shown
from sources.reading.pages import Digest, Pages
from sources.reading.tables import as_table

NO_STATUS = "No status"  # as the board itself calls the column of items without one
KEPT = 500  # bytes that an item takes
MOST = 50  # fields that are named; a project has no more
OF_STATUS = ("single_select",)
OF_REASON = ("single_select", "text")
LEFT_OUT = "PullRequest"
_ISSUE = re.compile(r".*/repos/([^/]+/[^/]+)/issues/([0-9]+)", re.DOTALL)


def readings(settings: GithubProject, cursor: dict, now: datetime) -> Iterator[Reading]:
    """One reading: all items as they are now. Raises StopSource or TryLater."""
    with github.declining(settings, cure):
        asked = Project(settings)
        fields = asked.fields()
        status = asked.field(fields, "status", OF_STATUS)
        blocked = asked.field(fields, "blocked", OF_REASON) if settings.blocked else None
        rows = asked.items(status["id"], blocked["id"] if blocked else 0)
    digest = Digest(sort_keys=True)
    digest.add([row for *_, row in rows])
    options = _options(status)
    yield Reading(
        http.place(settings), now, as_table(rows), newest=now, sha256=digest.text(),
        rejects=asked.rejects, note=_renamed(cursor.get("options"), options),
        cursor={"options": options},
    )  # fmt: skip


class Project:
    """Asks for the title, fields and items of one project."""

    def __init__(self, settings: GithubProject):
        self.settings = settings
        self.url, self.sent = settings.api, github.headers(settings)
        self.pages = Pages(settings, "is no project's list: correct 'url'.")
        self.rejects: list[Reject] = []

    def title(self) -> str:
        """What it is called; '' where it does not say."""
        told, _ = self.pages.ask(self.url, {}, self.sent)
        return _text(told.get("title")) if isinstance(told, dict) else ""

    def fields(self) -> list[dict]:
        """The fields that it has, those without a name or number left out."""
        pages = self._pages("fields", {}, "a project's fields")
        told = [one for page in pages for one in page if isinstance(one, dict)]
        return [one for one in told if isinstance(one.get("name"), str) and _number(one.get("id"))]

    def field(self, fields: list[dict], key: str, kinds: tuple[str, ...]) -> dict:
        """The field that `key` of stages.yaml names. Raises StopSource, naming those that there are."""
        name, place = getattr(self.settings, key), http.redacted(self.url)
        can_be = [one for one in fields if one.get("data_type") in kinds]
        for one in can_be:
            if one["name"] == name:
                return one
        what = "is no text and has no options" if "text" in kinds else "has no options"
        why = f"its field {name!r} {what}" if name in [f["name"] for f in fields] else (
            f"it has no field {name!r}"
        )  # fmt: skip
        names = ", ".join(repr(one["name"][:100]) for one in can_be[:MOST]) or "none"
        raise StopSource(f"{place}: {why}. Correct '{key}'; fields that can be it: {names}.")

    def items(self, status: int, blocked: int) -> list[tuple[int, str, dict]]:
        """Line, item and row of each item, whatever their page."""
        rows: list[tuple[int, str, dict]] = []
        seen: dict[str, int] = {}
        wanted = ",".join(str(field) for field in (status, blocked) if field)
        pages = self._pages("items", {"fields": wanted}, "a project's items")
        for line, told in enumerate((one for page in pages for one in page), 1):
            try:
                row = _row(told, status, blocked)
                if row and row["item"] in seen:
                    why = f"the item is in line {seen[row['item']]} already"
                    raise _Odd("id", row["item"], why)
            except _Odd as odd:
                self._reject(line, odd)
                continue
            if row:
                seen[row["item"]] = line
                rows.append((line, row["item"], row))
        return rows

    def _pages(self, path: str, more: dict, wanted: str) -> Iterator[list]:
        url, params = f"{self.url}/{path}", {"per_page": "100"} | more
        for page in github.listed(self.pages, url, params, self.sent, wanted):
            self.pages.keep(http.redacted(url), len(page), KEPT * len(page))
            yield page

    def _reject(self, line: int, odd: _Odd) -> None:
        self.rejects.append(Reject(line, *odd.told))
        if not self.settings.limits.allow("rejects", len(self.rejects)):
            place = http.redacted(self.url)
            raise StopSource(self.settings.limits.exceeded("rejects", place))


class _Odd(Exception):
    """An item that can't be used: told (field, value, reason)."""

    def __init__(self, field: str, value: Any, reason: str):
        self.told = (field, shown(value), reason)


def _row(told: Any, status: int, blocked: int) -> dict | None:
    """An item as a row; None for one that is archived or a pull request. Raises _Odd."""
    if not isinstance(told, dict):
        raise _Odd("", told, "no item: it is no object")
    if not _number(told.get("id")):
        raise _Odd("id", told.get("id"), "no whole number")
    kind, fields, content = (told.get(key) for key in ("content_type", "fields", "content"))
    if kind not in ("Issue", "DraftIssue", LEFT_OUT):
        raise _Odd("content_type", kind, "neither an issue, a draft nor a pull request")
    if told.get("archived_at") or kind == LEFT_OUT:
        return None
    if not isinstance(fields, list):
        raise _Odd("fields", fields, "its fields are not told")
    content = content if isinstance(content, dict) else {}
    name, link, url = (_text(content.get(key)) for key in ("title", "html_url", "url"))
    found = _ISSUE.fullmatch(url) if kind == "Issue" else None
    row = {
        # What the token may not see has no content, and is an item all the same.
        "item": f"{found[1]}#{found[2]}" if found else str(told["id"]),
        "status": _value(fields, status, "status").strip() or NO_STATUS, "name": name, "link": link,
    }  # fmt: skip
    return row | ({"blocked": _value(fields, blocked, "blocked")} if blocked else {})


def _value(fields: list, field: int, key: str) -> str:
    """What an item has in that field: '' for nothing. Raises _Odd where it is neither text nor option."""
    mine = (f for f in fields if isinstance(f, dict) and _number(f.get("id")) == field)
    value = next((one.get("value") for one in mine), None)
    text = {} if value is None else value
    # An option has a name, and what is shown as Markdown stands there as it was written, too.
    for inner in ("name", "raw"):
        text = text.get(inner, text) if isinstance(text, dict) else text
    if isinstance(text, str):
        return text
    if value is None:
        return ""
    raise _Odd(key, value, "neither a text nor an option")


def _options(field: dict) -> dict[str, str]:
    """What the options of a field are called, by their ids."""
    options = field.get("options")
    told = [one for one in options if isinstance(one, dict)] if isinstance(options, list) else []
    names = {str(one.get("id")): one.get("name") for one in told}
    raw = {key: name.get("raw") if isinstance(name, dict) else name for key, name in names.items()}
    return {key: name for key, name in raw.items() if isinstance(name, str)}


def _renamed(before: Any, now: dict[str, str]) -> str:
    """Which statuses are called otherwise than in the answer before, in words."""
    was = before if isinstance(before, dict) else {}
    told = [
        f"{was[key]!r} is now {name!r}"
        for key, name in now.items()
        if was.get(key, name) != name
    ]  # fmt: skip
    return f"statuses renamed: {', '.join(told)}" if told else ""


def _number(told: Any) -> int:
    return told if type(told) is int and 0 < told < 2**63 else 0


def _text(told: Any) -> str:
    return told if isinstance(told, str) else ""


def cure(status: int, token: str) -> str:
    """What to do where GitHub answers so."""
    scope = "with the scope read:project (a fine-grained one: Projects, read)"
    name = f"name under 'token' the environment variable that holds one {scope}"
    if not token:
        return {
            401: f"It wants a token: {name}.",
            403: f"It wants a token: {name}.",
            404: f"There is no such project, or only a token may see it: correct 'url', or {name}.",
        }.get(status, "")
    return {
        401: f"It does not accept the token in {token}: make a new one {scope}.",
        403: f"The token in {token} may not read this project: it needs one {scope}.",
        404: f"There is no such project, or the token in {token} may not see it: correct 'url', or "
        f"make one {scope}.",
    }.get(status, "")
