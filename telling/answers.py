"""Figures as other programs get them: JSON that says what it is, CSV, and the list of all."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

import metrics
from metrics.catalogue import all_figures
from telling import asking, exports

PLACE = "/api/figure/"
CSV = ".csv"


def address(name: str, told: dict[str, str], ending: str = "", offset: int = 0) -> str:
    """Where a figure is asked for, without the name of the server."""
    words = told | ({"offset": str(offset)} if offset else {})
    return f"{PLACE}{name}{ending}" + (f"?{urlencode(words)}" if words else "")


def following(asked: asking.Question, told: metrics.Listed, ending: str = "") -> str | None:
    """Where the rows after these are asked for, of the same publication at the same instant; None
    where there are none."""
    offset = asked.offset + len(told.rows)
    if not len(told.rows) or offset >= told.of:
        return None
    same = asked.told | {"as_of": instant(asked.as_of), "publication": asked.publication}
    return address(asked.figure.name, same, ending, offset)


def as_json(shown: metrics.Publication, asked: asking.Question, about: dict) -> dict:
    """A figure's rows with all that is needed to read them; `about` tells of the publication.

    Raises metrics.Unreadable.
    """
    told = asking.rows(shown, asked)
    return {
        "figure": asked.figure.name,
        "title": asked.figure.title,
        "sentence": asked.figure.sentence,
        "as_of": instant(asked.as_of),
        "filters": asked.filters,
        **about,
        "rows_in_all": told.of,
        "offset": asked.offset,
        "limit": asked.limit,
        "next": following(asked, told),
        "columns": [
            {"name": c.name, "type": c.type, "unit": c.unit, "meaning": c.meaning}
            for c in asked.columns
        ],
        "rows": exports.records(told.rows),
    }


def about(shown: metrics.Publication, refusal: dict | None, now: datetime) -> dict:
    """What publication answers, how old it is at `now`, and its warnings."""
    age = (now - shown.published_at).total_seconds() / 86_400
    return {
        "publication": {
            "name": shown.file.name,
            "published_at": instant(shown.published_at),
            "age_days": round(max(age, 0), exports.DECIMALS),
        },
        "warnings": warnings(shown, refusal),
    }


def warnings(shown: metrics.Publication, refusal: dict | None) -> list[str]:
    """Why a publication is not the newest, and what was refused since, a sentence each."""
    told = [shown.instead] if shown.instead else []
    if refusal:
        reasons = " ".join(refusal["reasons"])
        told.append(f"Newer data of {refusal['at']} is not shown, as it does not add up: {reasons}")
    return told


def listed(shown: metrics.Publication, about: dict) -> dict:
    """Every figure with its sentence and where to ask for it, and the streams there are."""
    streams = shown.table("stream")
    return {
        **about,
        "streams": [
            {key: s[key] for key in ("stream", "name", "time_zone", "days")}
            for s in streams.to_dict("records")
        ],
        "figures": [
            {
                "figure": figure.name, "title": figure.title, "sentence": figure.sentence,
                "group": figure.group, "json": address(figure.name, {}),
                "csv": address(figure.name, {}, CSV), "described_in": "/api/openapi.json",
            }
            for figure in all_figures().values()
        ],
    }  # fmt: skip


def instant(at: datetime) -> str:
    """An instant as text, to the microsecond: what it says asks for the same again."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
