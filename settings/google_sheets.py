"""Links to Google Sheets as people paste them, and the address at which such a sheet is a CSV."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

# Of a person or an organisation, of a sheet by its number or of one that was published. By its path
# alone: a link that leads through somebody's own server is one as well.
_LINK = re.compile(r"(?:/a/[^/]+)?/spreadsheets(?:/u/\d+)?/d/(e/)?([\w-]+)(?:/\w*)?/?")


def csv_of(url: str) -> str:
    """The address of the CSV of the sheet that a link shows; '' where it is no such link."""
    parts = urlsplit(url)
    found = _LINK.fullmatch(parts.path)
    if not found:
        return ""
    # A browser shows the sheet that stands behind the #, whatever stands before it.
    told = parse_qs(parts.query) | parse_qs(parts.fragment)
    published, number = found.groups()
    asked = {"output": "csv", "single": "true"} if published else {"format": "csv"}
    asked |= {key: told[key][0] for key in ("gid", "resourcekey") if key in told}
    path = f"/spreadsheets/d/{published or ''}{number}/{'pub' if published else 'export'}"
    return urlunsplit((parts.scheme, parts.netloc, path, urlencode(asked), ""))
