"""Addresses that are asked at each collect: does it answer, with what status, how fast."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from settings.sources import HttpChecks
from sources import Reading
from sources.reading import check_rows, http


def readings(settings: HttpChecks, cursor: dict, now: datetime) -> Iterator[Reading]:
    """One reading: each address of `urls` asked once, by its name. No answer is a result too."""
    rows = [_row(settings, name, url, now) for name, url in settings.urls.items()]
    told = check_rows.sift(check_rows.as_table(rows), settings.process or settings.name, 1, now)
    place = f"{len(rows)} addresses asked at {now:%Y-%m-%dT%H:%M:%SZ}"
    yield check_rows.reading(place, now, told, {}, [*rows, {"asked": now.isoformat()}])


def _row(settings: HttpChecks, name: str, url: str, now: datetime) -> dict:
    answer = http.probe(url, settings.contains)
    good = answer.status is not None and answer.status < 400 and answer.found
    why = answer.exception
    if not good and not why and answer.status is not None and answer.status < 400:
        why = "the words it should contain are missing"
    return {
        "endpoint": name, "entry_date": now.isoformat(), "status": answer.status,
        "exception": why or None, "elapsed": round(answer.seconds, 3), "link": http.redacted(url),
        "ok": "true" if good else "false",
    }  # fmt: skip
