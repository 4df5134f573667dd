"""Addresses that are asked at each collect: does it answer, with what status, how fast."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from urllib.parse import urlsplit

from settings.sources import HttpChecks
from sources import Reading
from sources.reading import check_rows, http

AT_ONCE = 4
# A word of a host or a path: that of /authors is another.
_LOGIN = re.compile(r"(?i)(?<![a-z])(log[-_]?[io]n|sign[-_]?[io]n|sso|oauth2?|auth|saml2?|adfs)(?![a-z])")  # fmt: skip


def readings(settings: HttpChecks, cursor: dict, now: datetime) -> Iterator[Reading]:
    """One reading: each address of `urls` asked once, by its name. No answer is a result too."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        rows = list(pool.map(lambda name: _row(settings, name, now), settings.urls))
    told = check_rows.sift(check_rows.as_table(rows), settings.process or settings.name, 1, now)
    place = f"{len(rows)} addresses asked at {now:%Y-%m-%dT%H:%M:%SZ}"
    yield check_rows.reading(place, now, told, {}, [*rows, {"asked": now.isoformat()}])


def _row(settings: HttpChecks, name: str, now: datetime) -> dict:
    url = settings.urls[name]
    answer = http.probe(url, settings.contains, settings.limits, settings.allow_hosts)
    why = answer.exception
    if answer.status is not None and answer.status < 400:
        if _login(answer.url) and not _login(url):
            why = f"it leads to a login page, {http.redacted(answer.url)}"
        elif not answer.found:
            why = "the words it should contain are missing"
    good = answer.status is not None and answer.status < 400 and not why
    return {
        "endpoint": name, "entry_date": now.isoformat(), "status": answer.status,
        "exception": why or None, "elapsed": round(answer.seconds, 3), "link": http.redacted(url),
        "ok": "true" if good else "false",
    }  # fmt: skip


def _login(url: str) -> bool:
    """Whether a page is one to log in at, by its host and path."""
    parts = urlsplit(url)
    return bool(_LOGIN.search(f"{parts.hostname} {parts.path}"))
