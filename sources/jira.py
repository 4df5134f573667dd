"""Issues of a Jira that a query finds: their statuses and their flag, from their change logs.

It tells events: each change has its time. What no change tells is seen by comparing, and lies between
two times. All that the query finds is counted at each collect, but only what was updated is read.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from settings.boards import Jira
from sources import Reading, Reject, StopSource, TryLater
from sources.reading import http
from sources.reading.board_rows import Taken
from sources.reading.cards import Card, Picture, Step
from sources.reading.json_objects import inner, text_of
from sources.reading.pages import Pages, Seen

PAGE, IDS = 100, 5000  # issues to a page with all that is read of them, and by their ids alone
SOME = 40  # changes of an issue at most that Cloud tells with it
KEPT = 2000  # bytes that an issue takes, and two of its changes
# A query tells days and minutes of the asking person's own zone, and may be behind.
AGAIN = timedelta(days=2)
NO_JIRA = "is no Jira: what it answers is no JSON of one."
_ORDER = re.compile(r"(?is)\s*\border\s+by\b[^'\"]*$")


def readings(settings: Jira, cursor: dict, now: datetime) -> Iterator[Reading]:
    """One reading: what is new since the cursor. Raises StopSource or TryLater."""
    ask = _Api(settings)
    taken = Taken(settings, now, cursor, field=True)
    board = taken.board
    statuses = {one["id"]: one["name"] for one in ask.every("status")}
    flags = [one["id"] for one in ask.every("field") if one["name"] == settings.flag]
    found = ask.ids()
    issues = {}
    updated = f"updated >= '{board.asked - AGAIN:%Y-%m-%d %H:%M}'" if board.asked else ""
    for one in ask.issues(updated, flags):
        issues[str(one.get("id"))] = one
    there = {key for key, card in board.cards.items() if not card.gone}
    missing = sorted(found - issues.keys() - there)
    for start in range(0, len(missing), PAGE):
        for one in ask.issues(f"id in ({', '.join(missing[start : start + PAGE])})", flags):
            issues[str(one.get("id"))] = one
    steps, cards = [], {key: replace(board.cards[key]) for key in found & there}
    for key in sorted(found & issues.keys()):
        try:
            cards[key], told = _issue(
                settings, issues[key], ask.changes(issues[key], flags), statuses, flags
            )
        except _Odd as odd:
            taken.rejects.append(odd.reject)
            continue
        if (known := board.cards.get(key)) and known.gone:
            continue  # it is found again: what happened meanwhile, the comparison says
        steps += [one for one in told if not known or one.at.isoformat() > known.at]
    board.take(sorted(steps, key=lambda one: one.at), Picture(now, cards, statuses, set()))
    yield taken.reading(f"{http.redacted(settings.url)} {settings.jql}", ask.note(flags))


class _Odd(ValueError):
    """An issue that can't be used: its field, value and the reason."""

    def __init__(self, field: str, value: Any, reason: str):
        super().__init__(reason)
        self.reject = Reject(0, field, str(value)[:200], reason)


def _issue(
    settings: Jira, told: dict, changes: Iterable[dict], statuses: dict, flags: list[str]
) -> tuple[Card, list[Step]]:
    """An issue as it stands, and what happened to it, in its order. Raises _Odd."""
    fields, key = inner(told, "fields"), str(told.get("id"))
    status, name = inner(fields, "status"), fields.get("summary")
    if not isinstance(status.get("id"), str):
        raise _Odd("status", told.get("key"), "no status: the issue tells none")
    statuses.setdefault(status["id"], str(status.get("name")))
    called = (name if isinstance(name, str) else "", f"{settings.url}/browse/{told.get('key')}")
    text = next(filter(None, (_said(fields.get(flag)) for flag in flags)), "")
    steps = []
    # Cloud tells the newest first, and several may be of one instant: their numbers tell which was first.
    for change in sorted(changes, key=_number):
        at = _time(change.get("created"), told)
        for item in change["items"]:
            if _is(item, "status", ["status"]) and text_of(item, "from") and text_of(item, "to"):
                for end in ("from", "to"):
                    statuses.setdefault(item[end], str(item.get(f"{end}String")))
                steps.append(Step(at, "moved", key, item["to"], item["from"], "", *called))
            elif _is(item, settings.flag, flags):
                old, new = str(item.get("fromString") or ""), str(item.get("toString") or "")
                steps.append(Step(at, "text", key, "", old, new, *called))
    steps.sort(key=lambda one: one.at)
    first = next((one.before for one in steps if one.what == "moved"), status["id"])
    made = _time(fields.get("created"), told)
    came = Step(min([made, *(one.at for one in steps)]), "came", key, first, "", "", *called)
    return Card(status["id"], text=text, name=called[0], link=called[1]), [came, *steps]


def _number(change: dict) -> int:
    told = str(change.get("id"))
    return int(told) if told.isascii() and told.isdigit() else 0


def _is(item: Any, name: str, ids: list[str]) -> bool:
    """Whether a change is one of a field, by its id where that is told."""
    if not isinstance(item, dict):
        return False
    return item["fieldId"] in ids if item.get("fieldId") else item.get("field") == name


def _said(value: Any) -> str:
    """What a field holds: a text, or options."""
    among = value if isinstance(value, list) else [value]
    words = [one.get("value") if isinstance(one, dict) else one for one in among]
    return ", ".join(word for word in words if isinstance(word, str))


def _time(told: Any, issue: dict) -> datetime:
    """A time (UTC). Raises _Odd."""
    try:
        at = (
            datetime.fromtimestamp(told / 1000, UTC)
            if type(told) is int
            else datetime.fromisoformat(told)
        )
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        why = "no time: it should be like 2026-04-03T14:30:00.000+0000"
        raise _Odd("created", f"{issue.get('key')}: {told}", why) from None


def _whole(told: Any) -> int:
    return told if type(told) is int else 0


class _Api:
    """Asks Jira, in Cloud or a Data Center, with a header that nobody else is shown."""

    def __init__(self, settings: Jira):
        self.settings = settings
        email, token = (os.environ.get(name, "") for name in settings.variables)
        if not token:
            raise StopSource(
                f"The environment has no {settings.token}: set it, as docs/boards.md says."
            )
        self.cloud = bool(email)
        said = f"Bearer {token}"
        if self.cloud:
            said = "Basic " + base64.b64encode(f"{email}:{token}".encode()).decode()
        self.headers = {"Authorization": said, "Accept": "application/json"}
        self.pages = Pages(settings, NO_JIRA)
        self.rest = f"{settings.url}/rest/api/{'3' if self.cloud else '2'}"
        jql = f"({_ORDER.sub('', settings.jql)})"
        self.jql = jql if settings.subtasks else f"{jql} and issuetype in standardIssueTypes()"

    def note(self, flags: list[str]) -> str:
        """What has to be known of the answer."""
        return (
            "" if flags else f"it has no field {self.settings.flag!r}: what is blocked is not told"
        )

    def every(self, what: str) -> list[dict]:
        """All statuses, or fields, with an id and a name."""
        told, _ = self._ask(what, {})
        if not isinstance(told, list):
            raise StopSource(f"{http.redacted(self.rest)}/{what} {NO_JIRA}")
        return [one for one in told if isinstance(one, dict) and isinstance(one.get("id"), str)
                and isinstance(one.get("name"), str)]  # fmt: skip

    def ids(self) -> set[str]:
        """Of all issues that the query finds."""
        told = self._found(self.jql, {"fields": "id", "maxResults": IDS})
        return {str(one.get("id")) for one in told}

    def issues(self, more: str, flags: list[str]) -> Iterator[dict]:
        """Those for which something more is true, with what is read of them."""
        fields = ",".join(["summary", "status", "created", *flags])
        asked = {"fields": fields, "expand": "changelog", "maxResults": PAGE}
        jql = " and ".join(filter(None, (self.jql, more)))
        for one in self._found(jql, asked):
            log = inner(one, "changelog")
            told = log["histories"] if isinstance(log.get("histories"), list) else []
            lean, many = self._of_use(told, flags), _whole(log.get("total"))
            whole = len(told) >= many and not (self.cloud and len(told) >= SOME)
            self._keep(1, lean)
            yield {key: one.get(key) for key in ("id", "key", "fields")} | {
                "changes": lean if whole else None
            }

    def changes(self, issue: dict, flags: list[str]) -> list[dict]:
        """All changes of an issue: those told with it, else as many pages as there are."""
        if issue["changes"] is not None:
            return issue["changes"]
        where, found, at = f"issue/{issue.get('id')}/changelog", [], 0
        page: Any = {"isLast": False}
        while not page.get("isLast"):
            page, _ = self._ask(where, {"startAt": at, "maxResults": PAGE})
            values = page.get("values") if isinstance(page, dict) else None
            if not isinstance(values, list) or not (values or page.get("isLast")):
                raise StopSource(f"{http.redacted(self.rest)}/{where} {NO_JIRA}")
            if at and page.get("startAt", at) != at:
                raise StopSource(f"{http.redacted(self.rest)}/{where} gives the same page again.")
            lean, at = self._of_use(values, flags), at + len(values)
            self._keep(0, lean)
            found += lean
        return found

    def _of_use(self, changes: list, flags: list[str]) -> list[dict]:
        """Of changes what is read of them: the others hold long texts, and who made them."""
        return [
            {"id": one.get("id"), "created": one.get("created"), "items": items}
            for one in changes
            if isinstance(one, dict) and (items := self._items(one, flags))
        ]

    def _items(self, change: dict, flags: list[str]) -> list[dict]:
        told = change.get("items")
        return [
            item for item in (told if isinstance(told, list) else [])
            if _is(item, "status", ["status"]) or _is(item, self.settings.flag, flags)
        ]  # fmt: skip

    def _keep(self, issues: int, changes: list[dict]) -> None:
        size = KEPT * issues + KEPT * len(changes) // 2
        self.pages.keep(http.redacted(self.rest), issues, size)

    def _found(self, jql: str, asked: dict) -> Iterator[dict]:
        """What a query finds, page by page: in Cloud each names the next, else they are counted.
        Raises TryLater where the count changes: one may have slipped from page to page."""
        jql, seen, at, count, total = f"{jql} order by id asc", Seen(), "", 0, None
        known: set[str] = set()
        where = http.redacted(f"{self.rest}/search")
        while True:
            more = {"nextPageToken": at} if at else {"startAt": count} if not self.cloud else {}
            path = "search/jql" if self.cloud else "search"
            page, _ = self._ask(path, {"jql": jql} | asked | more)
            issues = page.get("issues") if isinstance(page, dict) else None
            if not isinstance(issues, list):
                raise StopSource(f"{where} {NO_JIRA}")
            if count and page.get("total") != total:
                raise TryLater(f"{where}: issues came or went while they were read: not used.")
            told = {str(one.get("id")): one for one in issues if isinstance(one, dict)}
            if told and told.keys() <= known:  # each page may name another one that is the same
                raise StopSource(f"{where} gives the same issues again and again: not read on.")
            known |= told.keys()
            yield from told.values()
            count, total = count + len(issues), page.get("total")
            at = str(page.get("nextPageToken") or "")
            if not at if self.cloud else not issues or count >= _whole(total):
                return
            seen.once(at or count, where)

    def _ask(self, path: str, asked: dict) -> tuple[Any, str]:
        settings = self.settings
        try:
            return self.pages.ask(f"{self.rest}/{path}", asked, self.headers)
        except http.Declined as error:
            if error.status in (401, 403):
                with_it = f" with the address in {settings.email}" if self.cloud else ""
                why = f"The token in {settings.token}{with_it} does not open it: make one as somebody who sees these issues."
            elif error.status == 400:
                why = "Correct 'jql'."
            elif error.status == 404 and not self.cloud:
                why = f"Correct 'url'; in Cloud, set {settings.email} too."
            else:
                raise
            raise StopSource(f"{error} {why}") from None
