"""A Jira that people work in, and a server that tells of it as Cloud or a Data Center does."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from servers import Faults, Handler, answering

EMAIL, TOKEN = "person-1@example.org", "ATATT3xFfGF0abcdef"
BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)
BASIC = "Basic " + base64.b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()
FLAG = "customfield_10021"


class Site(Faults):
    """Issues with their change logs."""

    def __init__(self, cloud: bool = True, page: int = 100):
        super().__init__()
        self.cloud, self.page, self.at = cloud, page, BEGAN
        self.statuses = {"1": "To Do", "3": "In Progress", "6": "Done"}
        self.fields = {"summary": "Summary", FLAG: "Flagged"}
        self.issues: dict[str, dict] = {}
        self.meanwhile = None

    def wait(self, days: float) -> None:
        """Time passes."""
        self.at += timedelta(days=days)

    def create(self, name: str, subtask: bool = False) -> str:
        """A new issue; its id."""
        key = str(10001 + len(self.issues))
        self.issues[key] = {"id": key, "key": f"PLAN-{key[-2:]}", "name": name, "status": "1", "flag": "",
                            "created": self.at, "updated": self.at, "subtask": subtask, "log": []}  # fmt: skip
        return key

    def _did(self, key: str, field: str, field_id: str, old: tuple, new: tuple) -> None:
        issue = self.issues[key]
        item = {"field": field, "fieldId": field_id, "from": old[0], "fromString": old[1],
                "to": new[0], "toString": new[1]}  # fmt: skip
        if not self.cloud:
            del item["fieldId"]
        issue["log"].append(
            {"id": str(len(issue["log"])), "created": iso(self.at), "items": [item]}
        )
        issue["updated"] = self.at

    def move(self, key: str, status: str) -> None:
        """An issue is in another status."""
        new = next(number for number, name in self.statuses.items() if name == status)
        old, self.issues[key]["status"] = self.issues[key]["status"], new
        self._did(key, "status", "status", (old, self.statuses[old]), (new, status))

    def flag(self, key: str, on: bool = True) -> None:
        """An issue is flagged, or not any more."""
        before, after = ("", ""), ("[10019]", "Impediment")
        self.issues[key]["flag"] = "Impediment" if on else ""
        self._did(key, "Flagged", FLAG, *((before, after) if on else (after, before)))

    def answer(self, path: str, headers: dict) -> tuple[int, bytes, dict]:
        """What a question is answered."""
        if fault := self.failed(path, headers):
            return fault
        if headers.get("Authorization") != (BASIC if self.cloud else f"Bearer {TOKEN}"):
            return 401, b"Client must be authenticated to access this resource.", {}
        parts = urlsplit(path)
        told = {name: value[0] for name, value in parse_qs(parts.query).items()}
        what = parts.path.removeprefix(f"/rest/api/{'3' if self.cloud else '2'}/")
        if what in ("status", "field"):
            among = self.statuses if what == "status" else self.fields
            found: object = [{"id": key, "name": name} for key, name in among.items()]
        elif what.endswith("/changelog"):
            log, at = self.issues[what.split("/")[1]]["log"], int(told["startAt"])
            values = log[at : at + 100]
            found = {"values": values, "isLast": at + len(values) >= len(log), "total": len(log)}
        elif what == ("search/jql" if self.cloud else "search"):
            if "nonsense" in told["jql"]:
                why = "Error in the JQL Query: The character 'n' is no field."
                return 400, json.dumps({"errorMessages": [why], "errors": {}}).encode(), {}
            found = self._search(told)
        else:
            return 404, b"", {}
        return 200, json.dumps(found).encode(), {}

    def _search(self, told: dict) -> dict:
        jql = told["jql"]
        assert jql.endswith("order by id asc")
        assert jql.lower().count("order by") == 1
        found = [
            one for one in self.issues.values()
            if not (one["subtask"] and "issuetype in standardIssueTypes()" in jql) and not one.get("hidden")
        ]  # fmt: skip
        if since := re.search(r"updated >= '([^']+)'", jql):
            least = datetime.fromisoformat(since[1]).replace(tzinfo=UTC)
            found = [one for one in found if one["updated"] >= least]
        if some := re.search(r"id in \(([\d, ]+)\)", jql):
            found = [one for one in found if one["id"] in some[1].split(", ")]
        at = int(told.get("nextPageToken" if self.cloud else "startAt", 0))
        most = min(int(told["maxResults"]), self.page)
        page = [self._issue(one, told) for one in found[at : at + most]]
        answer = {"issues": page} | ({} if self.cloud else {"total": len(found), "startAt": at})
        if self.cloud and at + most < len(found):
            answer["nextPageToken"] = str(at + most)
        if self.meanwhile:
            self.meanwhile()
        return answer

    def _issue(self, one: dict, told: dict) -> dict:
        if told["fields"] == "id":
            return {"id": one["id"]}
        status = {"id": one["status"], "name": self.statuses[one["status"]]}
        fields = {"summary": one["name"], "status": status, "created": iso(one["created"])}
        fields[FLAG] = [{"value": one["flag"], "id": "10019"}] if one["flag"] else None
        newest = one["log"][::-1]
        log = newest[:40] if self.cloud else newest
        return {"id": one["id"], "key": one["key"], "fields": fields,
                "changelog": {"startAt": 0, "total": len(log), "histories": log}}  # fmt: skip


def iso(at: datetime) -> str:
    """A time as Jira tells it."""
    return f"{at:%Y-%m-%dT%H:%M:%S.000%z}"


@contextmanager
def serving(site: Site) -> Iterator[str]:
    """The address of a server of it."""

    class Asked(Handler):
        def do_GET(self) -> None:
            status, body, headers = site.answer(self.path, dict(self.headers))
            self._send(status, body, **headers)

    with answering(Asked) as address:
        yield address
