"""What GitHub's API has in common, whatever is asked: who asks, its pages and its times."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from settings.github import WithToken
from sources import StopSource, TryLater
from sources.reading import http
from sources.reading.pages import Pages, Seen

HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


def headers(settings: WithToken) -> dict:
    """With the token of the environment, if stages.yaml names a variable; it is shown nowhere."""
    if not settings.token:
        return HEADERS
    token = os.environ.get(settings.token, "")
    if not token:
        raise StopSource(f"The environment has no {settings.token}: set it, or leave out 'token'.")
    return HEADERS | {"Authorization": f"Bearer {token}"}


def listed(pages: Pages, url: str, params: dict, sent: dict, wanted: str) -> Iterator[list]:
    """The pages of a list, each naming the next in its Link header; never another host's."""
    shown, seen = http.redacted(url), Seen()
    page, asked = url, params
    while page:
        seen.once(page, shown)
        told, following = pages.ask(page, asked, sent)
        if not isinstance(told, list):
            raise StopSource(f"{shown} is no list of {wanted}: correct 'url'.")
        yield told
        page, asked = following, {}
        if page and not http.same_place(url, page):
            raise StopSource(f"{shown} names a next page on another host: not asked.")


def time_of(told: Any, now: datetime) -> tuple[datetime | None, str]:
    """A time (UTC), or None and why it is none."""
    try:
        at = datetime.fromisoformat(told)
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None, "no time: it should be like 2026-04-03T14:30:00Z"
    # From such a time on nothing would be asked for again.
    if at.year < 2000 or at > now + timedelta(days=1):
        return None, "a time before 2000 or still to come"
    return at, ""


def shown(value: Any) -> str:
    """A value as it is shown among the rejects."""
    return value[:200] if isinstance(value, str) else json.dumps(value)[:200]


@contextmanager
def declining(settings: WithToken, cure: Callable[[int, str], str]) -> Iterator[None]:
    """What GitHub declines in words that say what to do: `cure` of the status and the token's name."""
    try:
        yield
    except http.Declined as error:
        if error.status == 403 and "rate limit" in str(error).lower():
            raise TryLater(str(error)) from None
        told = cure(error.status, settings.token)
        raise StopSource(f"{str(error).rstrip('.')}. {told}" if told else str(error)) from None
    except TryLater as error:
        if settings.token or "is used up" not in str(error):
            raise
        raise TryLater(f"{error} Without a token GitHub answers 60 questions an hour.") from None
