"""The issues of a repository, from GitHub's API: each an item, its labels its statuses.

What happened to all issues is one list, newest first, so that few questions bring years of it, and
only what is new is asked for again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from settings.github import WORDS, Github
from sources import Reading, Reject, StopSource
from sources.reading import event_rows, github, http
from sources.reading.github import shown, time_of
from sources.reading.labels import AT_ONCE, KINDS, Change, Event, Issue, changes
from sources.reading.pages import Pages

MANY = 100  # issues that are asked for one by one; more are quicker all at once
KEPT = 500  # bytes that an issue or an event takes
NEWEST = {"state": "all", "sort": "created", "direction": "desc", "per_page": "100"}
Events = dict[int, list[Event]]


def readings(settings: Github, cursor: dict, now: datetime) -> Iterator[Reading]:
    """One reading: all issues, or after that what has happened since, if anything has.

    Kept whole or not at all, for the newest come first. Raises StopSource or TryLater.
    """
    with github.declining(settings, _cure):
        asked = _Asked(settings, now)
        told = _more(asked, cursor) if cursor else None
        if adds := told is not None:
            rows, going_on = told
        else:
            asked = _Asked(settings, now)
            rows, going_on = _whole(asked)
    if adds and not rows:
        return
    first = cursor.get("line", 0) if adds else 0
    judged = event_rows.judge(settings, list(WORDS), enumerate(rows, first + 1), now)
    yield Reading(
        http.place(settings), now, judged.rows, newest=judged.newest, adds=adds,
        rejects=asked.rejects + judged.rejects, cursor=going_on | {"line": first + len(rows)},
    )  # fmt: skip


def _whole(asked: _Asked) -> tuple[list[dict], dict]:
    """The changes of all issues, and where to go on."""
    issues, _ = asked.issues(NEWEST)
    events, _, whole = asked.events(0)
    if not whole:  # GitHub goes back only so far for all issues at once
        oldest = min(event.at for some in events.values() for event in some)
        for number in (n for n, issue in issues.items() if issue.created < oldest):
            events[number] = asked.events_of(number)
    last, number = _settled(events, issues, 0, asked.now)
    known = {n: issue for n, issue in issues.items() if n <= number}
    rows = []
    for n, issue in sorted(known.items()):
        rows += asked.rows(issue, asked.changes(issue, events.get(n, []), last))
    going_on = {"event": last, "number": number}
    return rows, going_on | {"open": sorted(n for n, issue in known.items() if issue.is_open)}


def _more(asked: _Asked, cursor: dict) -> tuple[list[dict], dict] | None:
    """The changes since, and where to go on; None where it is quicker to ask for everything."""
    after, highest = cursor["event"], cursor["number"]
    events, told, whole = asked.events(after)
    issues, _ = asked.issues(NEWEST, highest)
    new = {n: issue for n, issue in (told | issues).items() if n > highest}
    last, number = _settled(events, new, highest, asked.now)
    now_open, own = asked.issues({"state": "open", "per_page": "100"})
    happened = {
        n: some for n, some in events.items() if n <= number and any(e.key <= last for e in some)
    }
    closed = {n for n, some in happened.items() if any(e.kind == "closed" for e in some)}
    missing = {*cursor["open"]} - now_open.keys() - closed
    if not whole or len(happened.keys() - new.keys()) + len(missing) > MANY:
        return None
    rows: list[dict] = []
    for n in sorted({n for n in new if n <= number} | happened.keys()):
        # What came from another repository has a past in it.
        old = n not in new or any(event.kind == "transferred" for event in events.get(n, []))
        past = asked.events_of(n) if old else events.get(n, [])
        issue = now_open.get(n) or (told | issues)[n]
        made = asked.changes(issue, past, last)
        rows += asked.rows(issue, [one for one in made if n in new or one.key > after])
    lost = {n for n in sorted(missing) if not asked.is_there(n, own)}
    rows += [asked.lost(n) for n in sorted(lost)]
    still = {n for n in now_open if n <= number} | (missing - lost)
    return rows, {"event": last, "number": number, "open": sorted(still)}


def _settled(
    events: Events, issues: dict[int, Issue], highest: int, now: datetime
) -> tuple[int, int]:
    """Up to which event and which issue no more may belong to the same move: what is younger than
    that is taken next time."""
    young = now - AT_ONCE
    held = {n for n, some in events.items() if any(event.at > young for event in some)}
    keys = [e.key for n, some in events.items() for e in some if n in held]
    held |= {n for n, issue in issues.items() if issue.created > young}
    last = min(keys, default=1 + max((e.key for s in events.values() for e in s), default=0)) - 1
    number = min((n for n in held if n > highest), default=1 + max([highest, *issues])) - 1
    return last, number


class _Asked:
    """Asks for the issues of one repository."""

    def __init__(self, settings: Github, now: datetime):
        self.settings, self.now = settings, now
        self.url, self.sent = settings.api, github.headers(settings)
        self.pages = Pages(settings, "is no list of issues: correct 'url'.")
        self.rejects: list[Reject] = []
        self.line = 0
        self.statuses = {word.casefold(): word for word in settings.statuses}
        self.flags = {word.casefold(): word for word in settings.blocked}

    def issues(self, params: dict, after: int = 0) -> tuple[dict[int, Issue], str]:
        """The issues of a list, newest first, down to that number; and what GitHub calls the
        repository in them, if there is any."""
        found: dict[int, Issue] = {}
        own = ""
        for page in self._pages("issues", params):
            for told in page:
                issue = self._issue(told)
                if issue:
                    found[issue.number] = issue
                own = own or _repository(told)
            if after and any(_number(told) <= after for told in page):
                break
        return found, own

    def events(self, after: int) -> tuple[Events, dict[int, Issue], bool]:
        """What happened after that event, by issue, and those issues; whether all of it was told."""
        found: Events = {}
        issues: dict[int, Issue] = {}
        try:
            for page in self._pages("issues/events", {"per_page": "100"}):
                for told in page:
                    inside = told.get("issue") if isinstance(told, dict) else None
                    event = self._event(told, _number(inside))
                    if event and event.key > after and (issue := self._issue(inside)):
                        found.setdefault(issue.number, []).append(event)
                        issues.setdefault(issue.number, issue)
                if after and any(_key(told) <= after for told in page):
                    break
        except http.Declined as error:
            if error.status != 422 or not found:
                raise
            return found, issues, False
        return found, issues, True

    def events_of(self, number: int) -> list[Event]:
        """All that happened to one issue."""
        pages = self._pages(f"issues/{number}/events", {"per_page": "100"})
        told = (self._event(told, number) for page in pages for told in page)
        return [event for event in told if event]

    def is_there(self, number: int, own: str) -> bool:
        """Whether an issue is still this repository's: not deleted, not moved to another."""
        try:
            told, _ = self.pages.ask(f"{self.url}/issues/{number}", {}, self.sent)
        except http.Declined as error:
            if error.status in (404, 410):
                return False
            raise
        mine = (own or self.settings.repository).casefold()
        return _number(told) == number and (_repository(told) or mine).casefold() == mine

    def changes(self, issue: Issue, events: list[Event], last: int) -> list[Change]:
        """Its changes up to that event."""
        once = {event.key: event for event in events if event.key <= last}
        return changes(issue, list(once.values()), self.statuses, self.flags)

    def rows(self, issue: Issue, told: list[Change]) -> list[dict]:
        """Changes as rows of a list."""
        item = {"item": self._item(issue.number), "name": issue.name, "link": issue.link}
        return [
            item | {"status": one.status, "since": _text(one.at), "blocked": one.blocked}
            for one in told
        ]

    def lost(self, number: int) -> dict:
        """That an issue is no longer there, as a row."""
        return {"item": self._item(number), "since": _text(self.now), "gone": "yes"}

    def _item(self, number: int) -> str:
        return f"{self.settings.repository}#{number}"

    def _pages(self, path: str, params: dict) -> Iterator[list]:
        url = f"{self.url}/{path}"
        for page in github.listed(self.pages, url, params, self.sent, "issues"):
            self.pages.keep(http.redacted(url), len(page), KEPT * len(page))
            yield page

    def _issue(self, told: Any) -> Issue | None:
        """An issue; of a pull request, or what can't be used, None."""
        if isinstance(told, dict) and told.get("pull_request"):
            return None
        number = _number(told)
        if not number:
            self._reject("number", told, "no issue: it has no number")
            return None
        created, why = time_of(told.get("created_at"), self.now)
        if created is None:
            self._reject("created_at", told.get("created_at"), why)
            return None
        name, link, labels = (told.get(key) for key in ("title", "html_url", "labels"))
        had = [one.get("name") for one in labels if isinstance(one, dict)] if isinstance(labels, list) else []  # fmt: skip
        return Issue(
            number, name if isinstance(name, str) else "", link if isinstance(link, str) else "",
            created, told.get("state") == "open", tuple(one for one in had if isinstance(one, str)),
        )  # fmt: skip

    def _event(self, told: Any, number: int) -> Event | None:
        """What happened to an issue; what changes no status, or can't be used, is None."""
        self.line += 1
        if not isinstance(told, dict):
            self._reject("", told, "no event: it is no object")
            return None
        kind = told.get("event")
        if not number or kind not in KINDS:
            return None
        if not _key(told):
            self._reject("id", told.get("id"), "no whole number")
            return None
        at, why = time_of(told.get("created_at"), self.now)
        if at is None:
            self._reject("created_at", told.get("created_at"), why)
            return None
        label, reason = told.get("label"), told.get("state_reason")
        word = label.get("name") if isinstance(label, dict) else reason
        if kind in KINDS[:2] and not isinstance(word, str):
            self._reject("label", label, "no label: it has no name")
            return None
        return Event(_key(told), number, at, kind, word if isinstance(word, str) else "")

    def _reject(self, field: str, value: Any, reason: str) -> None:
        self.rejects.append(Reject(self.line, field, shown(value), reason))
        if not self.settings.limits.allow("rejects", len(self.rejects)):
            place = http.redacted(self.url)
            raise StopSource(self.settings.limits.exceeded("rejects", place))


def _number(told: Any) -> int:
    number = told.get("number") if isinstance(told, dict) else None
    return number if type(number) is int and 0 < number < 2**53 else 0


def _key(told: Any) -> int:
    key = told.get("id") if isinstance(told, dict) else None
    return key if type(key) is int and 0 < key < 2**63 else 0


def _repository(told: Any) -> str:
    """OWNER/NAME as the issue tells it; '' where it does not."""
    url = told.get("repository_url") if isinstance(told, dict) else None
    return url.partition("/repos/")[2] if isinstance(url, str) else ""


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _cure(status: int, token: str) -> str:
    """What to do where GitHub answers so."""
    name = "name under 'token' the environment variable that holds one which may read issues"
    if not token:
        return {
            401: f"It wants a token: {name}.",
            403: f"It wants a token: {name}.",
            404: f"There is no such repository, or only a token may see it: correct 'url', or {name}.",
            410: "Its issues are turned off.",
        }.get(status, "")  # fmt: skip
    return {
        401: f"It does not accept the token in {token}: make a new one that may read issues.",
        403: f"The token in {token} may not read this repository's issues: let it.",
        404: f"There is no such repository, or the token in {token} may not see it: correct 'url', or let it.",
        410: "Its issues are turned off.",
    }.get(status, "")  # fmt: skip
