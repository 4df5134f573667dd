"""A sheet of Google's as a CSV, and what to change in it where it is not given out."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from settings.places import Sheet
from sources import StopSource
from sources.reading import http

_SIGN_IN = re.compile("(?i)login|signin|accountchooser")  # in accounts.google.com's paths
_OTHERWISE = (
    "Where your organisation does not allow that, download it as a .csv and name that under file."
)


def content(settings: Sheet) -> bytes:
    """The CSV of a sheet. Raises StopSource or TryLater."""
    shown = http.place(settings)
    try:
        told = http.get(
            settings.place, limits=settings.limits, allowed=settings.allow_hosts, elsewhere=True
        )
    except http.Declined as error:
        if error.status in (401, 403):
            raise StopSource(_private(shown)) from None
        if why := _WHY.get(error.status):
            raise StopSource(f"{shown} answered {error.status}: {why}") from None
        raise
    # A CSV comes from another host as well; whoever may not see it is sent on to sign in.
    if _SIGN_IN.search(urlsplit(told.url).path) and told.content.lstrip()[:1] == b"<":
        raise StopSource(_private(shown))
    return told.content


_WHY = {
    400: "the spreadsheet has no such sheet (gid). Open the sheet and copy its link anew.",
    404: "there is no such spreadsheet. It was deleted, or its link is not whole.",
    410: "there is no such spreadsheet any more. It was deleted.",
}


def _private(shown: str) -> str:
    """What to change, of a spreadsheet that is shared and of a sheet that was published."""
    if "/d/e/" in shown:
        return (
            f"{shown} asks to sign in: the sheet is not published to everyone. In Google Sheets, "
            f"File → Share → Publish to web, for everyone, and copy that link. {_OTHERWISE}"
        )
    return (
        f"{shown} asks to sign in: the spreadsheet is private. In Google Sheets, Share → General "
        f"access → Anyone with the link → Viewer. {_OTHERWISE}"
    )
