"""CI runs of a repository, from GitHub Actions' API: each workflow a subject, each attempt a check."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from settings.sources import GithubRuns
from sources import Reading, Reject, StopSource
from sources.reading import check_rows, github, http
from sources.reading.github import shown, time_of
from sources.reading.pages import Pages, Seen

BAD = ("failure", "timed_out", "startup_failure")
KEPT = 2_000  # bytes that a run takes


class Run(NamedTuple):
    """What is kept of a run: its key (with the attempt), when it was created ("" where it does not
    say), whether it still goes on, and its row, or why it can't be used (field, value, reason)."""

    key: str
    created: str
    going: bool = False
    row: dict | None = None
    odd: tuple[str, str, str] = ("", "", "")


def readings(settings: GithubRuns, cursor: dict, now: datetime) -> Iterator[Reading]:
    """One reading: the runs since the oldest that was not over last time, all pages together.

    Kept whole or not at all, for the newest come first. Raises StopSource or TryLater.
    """
    since, seen = cursor.get("since", ""), set(cursor.get("seen", []))
    runs = list(_runs(settings, since, now))
    over = [run for run in runs if not run.going and run.key not in seen]
    if not over:
        return
    good = [run.row for run in over if run.row]
    rejects = [Reject(line, *run.odd) for line, run in enumerate(over, 1) if not run.row]
    process = settings.process or _repository(settings.url)
    told = check_rows.sift(check_rows.as_table(good), process, 1, now)
    going = [run.created for run in runs if run.going]
    since = min(going, default=max((run.created for run in runs if run.created), default=since))
    again = [r.key for r in runs if not r.going and (r.created >= since or not r.created)]
    place = f"{http.redacted(settings.url)} runs {over[-1].key}-{over[0].key}"
    reading = check_rows.reading(place, now, told, {"since": since, "seen": again}, good)
    reading.rejects.extend(rejects)
    yield reading


def _runs(settings: GithubRuns, since: str, now: datetime) -> Iterator[Run]:
    """Every run created since, newest first; asked again from the oldest on where a list is cut."""
    pages = Pages(settings, "is no list of workflow runs: correct 'url'.")
    headers = github.headers(settings)
    known: set[str] = set()
    until = ""
    while True:
        asked = {"per_page": "100"}
        if since or until:
            asked["created"] = f"{since or '*'}..{until or '*'}"
        found, most, before = 0, 0, len(known)
        for total, page in _pages(pages, settings.url, asked, headers, known):
            found, most = found + len(page), total
            runs = {(run := _run(told, now)).key: run for told in page}
            until = next((r.created for r in reversed(runs.values()) if r.created), until)
            new = [run for key, run in runs.items() if key not in known]
            pages.keep(http.redacted(settings.url), len(new), KEPT * len(new))
            known.update(runs)
            yield from new
        # GitHub gives the first thousand of a search and says how many there are.
        if found >= most or len(known) == before:
            return


def _pages(
    pages: Pages, url: str, asked: dict, headers: dict, known: set[str]
) -> Iterator[tuple[int, list]]:
    """The pages of a list, each naming the next in its Link header; never another host's.

    How many runs there are, and those of the page. `known` are the runs that were told so far.
    """
    shown, seen = http.redacted(url), Seen()
    page, params = url, dict(asked)
    while page:
        before = len(known)
        told, following = pages.ask(page, params, headers)
        runs = told.get("workflow_runs") if isinstance(told, dict) else None
        total = told.get("total_count") if isinstance(told, dict) else None
        if not isinstance(runs, list) or type(total) is not int:
            raise StopSource(f"{shown} is no list of workflow runs: correct 'url'.")
        yield total, runs
        if following and page != url and len(known) == before:
            raise StopSource(f"{shown} names a next page again and again: not read on.")
        seen.once(page, shown)
        page, params = following, {}
        if page and not http.same_place(url, page):
            raise StopSource(f"{shown} names a next page on another host: not asked.")


def _run(told: Any, now: datetime) -> Run:
    """What is kept of a run; one that can't be used with the reason. Any JSON is a run here."""
    if not isinstance(told, dict):
        return Run(_unnamed(told), "", odd=("", shown(told), "no run: it is no object"))
    number, attempt = told.get("id"), told.get("run_attempt", 1)
    if type(number) is not int or type(attempt) is not int:
        field = "id" if type(number) is not int else "run_attempt"
        return Run(_unnamed(told), "", odd=(field, shown(told.get(field)), "no whole number"))
    key = f"{number}.{attempt}"
    created, why = time_of(told.get("created_at"), now)
    if not created:
        return Run(key, "", odd=("created_at", shown(told.get("created_at")), why))
    at = f"{created:%Y-%m-%dT%H:%M:%SZ}"
    status = told.get("status")
    if not isinstance(status, str):
        return Run(key, at, odd=("status", shown(status), "no status: it is no text"))
    if status != "completed":
        return Run(key, at, going=True)
    try:
        return Run(key, at, row=_row(told, now))
    except _Odd as odd:
        field, reason = odd.args
        return Run(key, at, odd=(field, shown(told.get(field)), reason))


class _Odd(Exception):
    """A field of a run, and why the run can't be used for it."""


def _row(told: dict, now: datetime) -> dict:
    """A run that is over as a row. Raises _Odd."""
    conclusion = told.get("conclusion")
    if conclusion != "success" and conclusion not in BAD:
        raise _Odd("conclusion", "no result: neither success nor failure")
    # The file of the workflow, for its name changes.
    name = told.get("path") or told.get("name")
    if not isinstance(name, str) or not name:
        raise _Odd("path" if told.get("path") else "name", "no workflow: it is no text")
    began = _known("run_started_at" if told.get("run_started_at") else "created_at", told, now)
    ended = _known("updated_at", told, now)
    link, good = told.get("html_url"), conclusion == "success"
    return {
        "endpoint": name, "entry_date": began.isoformat().replace("+00:00", "Z"),
        "status": conclusion, "exception": None if good else conclusion,
        "elapsed": (ended - began).total_seconds(), "link": link if isinstance(link, str) else None,
        "ok": "true" if good else "false",
    }  # fmt: skip


def _known(field: str, told: dict, now: datetime) -> datetime:
    """The time of a field (UTC). Raises _Odd."""
    at, why = time_of(told.get(field), now)
    if at is None:
        raise _Odd(field, why)
    return at


def _unnamed(told: Any) -> str:
    """By what a run that has no number is known again."""
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def _repository(url: str) -> str:
    """OWNER/NAME of .../repos/OWNER/NAME/actions/runs."""
    return "/".join(urlsplit(url).path.split("/repos/")[-1].split("/")[:2])
