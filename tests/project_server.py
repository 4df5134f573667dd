"""A project that answers as GitHub's API for Projects does: fields, and items in pages with Link headers
that hold a cursor, each with the fields that were asked for."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

from servers import Listing

FIELDS = json.loads(
    (Path(__file__).parent / "payloads/openapi-example-projects-v2-field-items.json").read_text()
)
STATUS, NOTES, PRIORITY = 67891, 24680, 12345  # as they are numbered there
API = "https://api.github.com"


def option(name: str) -> dict:
    return {"id": f"id of {name}", "name": {"raw": name, "html": f"<p>{name}</p>"}, "color": "GRAY"}


class Board:
    """Items, each with its fields by number."""

    def __init__(self) -> None:
        self.items: list[dict] = []
        self.fields = [dict(field) for field in FIELDS]

    def add(self, title: str, status: str = "", kind: str = "Issue", repo: str = "o/n") -> dict:
        key = 100 + len(self.items)
        what = "pull" if kind == "PullRequest" else "issues"
        place = f"{API}/repos/{repo}/{'pulls' if what == 'pull' else what}/{key}"
        content = {"id": 900 + key, "title": title} | ({} if kind == "DraftIssue" else {
            "number": key, "url": place,
            "html_url": f"https://github.com/{repo}/{what}/{key}",
        })  # fmt: skip
        item = {"id": key, "content_type": kind, "content": content, "archived_at": None}
        self.items.append(item | {"values": {STATUS: option(status) if status else None}})
        return self.items[-1]

    def names(self, status: list[str]) -> None:
        """The options of its status field, the first with the id that it had."""
        (field,) = (one for one in self.fields if one["id"] == STATUS)
        told = [option(name) | {"id": str(n)} for n, name in enumerate(status)]
        field["options"] = told


def move(item: dict, status: str) -> None:
    item["values"][STATUS] = option(status)


class Server(Listing):
    """Answers for one project, of an organisation and of a user."""

    board = Board()

    def listed(self, parts, query):
        match parts.path.strip("/").split("/"):
            case ["orgs" | "users", "o", "projectsV2", "5"]:
                self._send(200, json.dumps({"number": 5, "title": "Our roadmap"}).encode())
            case ["orgs" | "users", "o", "projectsV2", "5", "fields"]:
                self._page(self.board.fields, query)
            case ["orgs" | "users", "o", "projectsV2", "5", "items"]:
                self._page([self._told(item, query) for item in self.board.items], query)
            case _:
                self._send(404, b'{"message": "Not Found"}')

    def _told(self, item: dict, query: dict) -> dict:
        """Without the fields that nobody asked for."""
        wanted = [int(field) for field in query.get("fields", "").split(",") if field]
        known = {field["id"]: field for field in self.board.fields}
        told = [
            {"id": n, "name": known[n]["name"], "data_type": known[n]["data_type"], "value": item["values"].get(n)}
            for n in wanted
        ]  # fmt: skip
        return {key: value for key, value in item.items() if key != "values"} | {"fields": told}

    def _page(self, told: list, query: dict) -> None:
        begin = int(query.get("after", "c0")[1:])
        end = begin + self.size
        links = {}
        if end < len(told):
            more = "&".join(f"{k}={v}" for k, v in (query | {"after": f"c{end}"}).items())
            address = f"http://{self.headers['Host']}{urlsplit(self.path).path}?{more}"
            links = {"Link": f'<{address}>; rel="next"'}
        self._send(200, json.dumps(told[begin:end]).encode(), **links)
