"""A repository that answers as GitHub's API does: lists in pages with Link headers, what happened to all
issues newest first and only so far back, limits, renamed repositories, issues that are gone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from servers import Listing

START = datetime(2026, 1, 1, tzinfo=UTC)


def text(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


class Repository:
    """Issues and what happened to them. `true` is what each was from when on, worked out as it
    happened: status and reason for which it is blocked."""

    def __init__(self, statuses=("Ready", "Doing", "Review"), flags=("blocked",)):
        self.statuses, self.flags = statuses, flags
        self.issues: dict[int, dict] = {}
        self.events: list[dict] = []
        self.true: dict[int, list[tuple[datetime, str, str]]] = {}
        self.gone: dict[int, int] = {}  # the status with which one answers
        self.now, self.number, self.key = START, 0, 1000

    def after(self, **time: float) -> None:
        """Time goes by."""
        self.now += timedelta(**time)

    def open(
        self, title: str = "An issue", labels: tuple = (), silent: tuple = (), pull=False
    ) -> int:
        """A new issue, with labels as GitHub tells of them, and `silent` ones of which it does not."""
        self.number += 1
        issue = {
            "number": self.number, "title": title, "state": "open", "state_reason": None,
            "labels": [{"name": label} for label in silent], "created_at": text(self.now),
            "html_url": f"https://github.com/o/n/issues/{self.number}",
            "repository_url": "https://api.github.com/repos/o/n",
        } | ({"pull_request": {"url": "x"}} if pull else {})  # fmt: skip
        self.issues[self.number] = issue
        self.true[self.number] = []
        for label in labels:
            self.label(issue["number"], label)
        self._note(issue["number"])
        return issue["number"]

    def label(self, number: int, label: str) -> None:
        self.issues[number]["labels"].append({"name": label})
        self._happened(number, "labeled", label={"name": label, "color": "fff"})

    def unlabel(self, number: int, label: str) -> None:
        self.issues[number]["labels"].remove({"name": label})
        self._happened(number, "unlabeled", label={"name": label, "color": "fff"})

    def close(self, number: int, reason: str | None = None) -> None:
        self.issues[number] |= {"state": "closed", "state_reason": reason or "completed"}
        self._happened(number, "closed", state_reason=reason)

    def reopen(self, number: int) -> None:
        self.issues[number] |= {"state": "open", "state_reason": "reopened"}
        self._happened(number, "reopened")

    def rename(self, number: int, title: str) -> None:
        self.issues[number]["title"] = title
        self._happened(number, "renamed", rename={"from": "x", "to": title})

    def other(self, number: int) -> None:
        """Something that has nothing to do with its status."""
        self._happened(number, "subscribed")

    def lose(self, number: int, status: int) -> None:
        """It is deleted (404, 410) or moved to another repository (301): with all that happened."""
        del self.issues[number]
        self.gone[number] = status
        self.events = [event for event in self.events if event["number"] != number]

    def _happened(self, number: int, kind: str, **more) -> None:
        self.key += 1
        told = {"id": self.key, "event": kind, "created_at": text(self.now), "number": number}
        self.events.append(told | more)
        self._note(number)

    def _note(self, number: int) -> None:
        issue = self.issues[number]
        names = [label["name"] for label in issue["labels"]]
        status = next((n for n in reversed(names) if n in self.statuses), "open")
        if issue["state"] == "closed":
            status = issue["state_reason"].replace("_", " ")
        blocked = ", ".join(name for name in names if name in self.flags)
        true = self.true[number]
        if true and true[-1][0] == self.now:
            true.pop()
        if not true or true[-1][1:] != (status, blocked):
            true.append((self.now, status, blocked))


class Server(Listing):
    """Answers for one repository at /repos/o/n, and as /repositories/7 where it was renamed."""

    repository = Repository()
    back = 10**9  # pages of what happened to all issues
    labels = ("bug", "Ready", "Doing", "Review", "blocked")

    def listed(self, parts, query):
        match parts.path.strip("/").split("/"):
            case ["repos", "o", "old", *rest]:
                where = "/".join(["/repos/o/n", *rest]) + f"?{parts.query}"
                self._send(301, b'{"message": "Moved Permanently"}', Location=where)
            case ["repos", "o", "n", "issues"]:
                self._page(self._issues(query), query)
            case ["repos", "o", "n", "labels"]:
                self._page([{"name": name, "color": "fff"} for name in self.labels], query)
            case ["repos", "o", "n", "issues", "events"]:
                self._events(query)
            case ["repos", "o", "n", "issues", number]:
                self._one(int(number))
            case ["repos", "o", "n", "issues", number, "events"]:
                told = [e for e in self.repository.events if e["number"] == int(number)]
                self._page([self._shown(e) for e in told], query)
            case ["repos", "o", "other", "issues", number]:
                there = {
                    "number": int(number),
                    "repository_url": "https://api.github.com/repos/o/other",
                }
                self._told(200, there | {"state": "open"})
            case _:
                self._told(404, {"message": "Not Found"})

    def _issues(self, query: dict) -> list[dict]:
        told = [one for one in self.repository.issues.values()
                if query.get("state") == "all" or one["state"] == "open"]  # fmt: skip
        return sorted(told, key=lambda one: (one["created_at"], one["number"]), reverse=True)

    def _events(self, query: dict) -> None:
        if int(query.get("page", 1)) > self.back:
            return self._told(422, {"message": "In order to keep the API fast for everyone, pagination is limited"})  # fmt: skip
        issues = self.repository.issues
        told = [
            self._shown(e) | {"issue": issues[e["number"]]} for e in self.repository.events[::-1]
        ]
        self._page(told, query)

    def _shown(self, event: dict) -> dict:
        return {key: value for key, value in event.items() if key != "number"}

    def _one(self, number: int) -> None:
        status = self.repository.gone.get(number, 200)
        if status == 301:
            self._send(301, b"", Location=f"/repos/o/other/issues/{number + 40}")
        elif status != 200:
            self._told(status, {"message": "This issue was deleted"})
        else:
            self._told(200, self.repository.issues[number])

    def _page(self, told: list, query: dict) -> None:
        page = int(query.get("page", 1))
        links = {}
        if page * self.size < len(told):
            path = urlsplit(self.path).path
            more = "&".join(f"{k}={v}" for k, v in (query | {"page": page + 1}).items())
            last = -(-len(told) // self.size)
            links = {"Link": f'<http://{self.headers["Host"]}{path}?{more}>; rel="next", '
                             f'<http://{self.headers["Host"]}{path}?page={last}>; rel="last"'}  # fmt: skip
        self._told(200, told[(page - 1) * self.size : page * self.size], **links)

    def _told(self, status: int, told: object, **headers: str) -> None:
        self._send(status, json.dumps(told).encode(), **headers)
