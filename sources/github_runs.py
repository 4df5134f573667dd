"""CI runs of a repository, from GitHub Actions' API: each workflow a subject, each attempt a check."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from settings.sources import GithubRuns
from sources import Reading, Reject, StopSource
from sources.reading import check_rows, http

BAD = ("failure", "timed_out", "startup_failure")
HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


def readings(settings: GithubRuns, cursor: dict, now: datetime) -> Iterator[Reading]:
    """One reading: the runs since the oldest that was not over last time, all pages together.

    Kept whole or not at all, for the newest come first. Raises StopSource or TryLater.
    """
    since, seen = cursor.get("since", ""), set(cursor.get("seen", []))
    runs = list(_runs(settings.url, _headers(settings), since))
    going = [run for run in runs if run["status"] != "completed"]
    over = [run for run in runs if run["status"] == "completed" and _key(run) not in seen]
    if not over:
        return
    good, rejects = [], []
    for line, run in enumerate(over, 1):
        if run["conclusion"] == "success" or run["conclusion"] in BAD:
            good.append(_row(run, settings.url))
        else:
            rejects.append(
                Reject(line, "conclusion", str(run["conclusion"]), "no result: neither success nor failure")
            )  # fmt: skip
    told = check_rows.sift(
        check_rows.as_table(good), settings.process or _repository(settings.url), 1, now
    )
    since = min((r["created_at"] for r in going), default=max(r["created_at"] for r in runs))
    again = [_key(r) for r in runs if r["created_at"] >= since and r["status"] == "completed"]
    place = f"{http.redacted(settings.url)} runs {_key(over[-1])}-{_key(over[0])}"
    reading = check_rows.reading(place, now, told, {"since": since, "seen": again}, good)
    reading.rejects.extend(rejects)
    yield reading


def _runs(url: str, headers: dict, since: str) -> Iterator[dict]:
    """Every run created since, newest first; asked again from the oldest on where a list is cut."""
    known: set[int] = set()
    until = ""
    while True:
        asked = {"per_page": "100"}
        if since or until:
            asked["created"] = f"{since or '*'}..{until or '*'}"
        found, total, before = 0, 0, len(known)
        for page in _pages(url, asked, headers):
            total = page["total_count"]
            for run in page["workflow_runs"]:
                found, until = found + 1, run["created_at"]
                if run["id"] not in known:
                    known.add(run["id"])
                    yield run
        # GitHub gives the first thousand of a search and says how many there are.
        if found >= total or len(known) == before:
            return


def _pages(url: str, asked: dict, headers: dict) -> Iterator[dict]:
    """The pages of a list, each naming the next in its Link header; never another host's."""
    page, params = url, dict(asked)
    while page:
        answer = http.get(page, params, headers)
        try:
            told = json.loads(answer.content)
            told["workflow_runs"], told["total_count"]
        except (ValueError, KeyError, TypeError):
            raise StopSource(
                f"{http.redacted(url)} is no list of workflow runs: correct 'url'."
            ) from None
        yield told
        page, params = answer.next, {}
        if page and urlsplit(page).netloc != urlsplit(url).netloc:
            raise StopSource(f"{http.redacted(url)} names a next page on another host: not asked.")


def _headers(settings: GithubRuns) -> dict:
    """With the token of the environment, if stages.yaml names a variable; it is shown nowhere."""
    if not settings.token:
        return HEADERS
    token = os.environ.get(settings.token, "")
    if not token:
        raise StopSource(f"The environment has no {settings.token}: set it, or leave out 'token'.")
    return HEADERS | {"Authorization": f"Bearer {token}"}


def _row(run: dict, url: str) -> dict:
    began = run.get("run_started_at") or run["created_at"]
    seconds = datetime.fromisoformat(run["updated_at"]) - datetime.fromisoformat(began)
    good = run["conclusion"] == "success"
    return {
        # The file of the workflow, for its name changes.
        "endpoint": run.get("path") or run["name"], "entry_date": began, "status": run["conclusion"],
        "exception": None if good else run["conclusion"], "elapsed": seconds.total_seconds(),
        "link": run.get("html_url"), "ok": "true" if good else "false",
    }  # fmt: skip


def _key(run: dict) -> str:
    return f"{run['id']}.{run.get('run_attempt', 1)}"


def _repository(url: str) -> str:
    """OWNER/NAME of .../repos/OWNER/NAME/actions/runs."""
    return "/".join(urlsplit(url).path.split("/repos/")[-1].split("/")[:2])
