"""Lists the licence of every library that is installed, as the library itself tells it.

Run: python docs/licences.py. A test sees to it that what a user installs needs no GPL or AGPL.
"""

from __future__ import annotations

import re
from importlib.metadata import Distribution, distributions

_COPYLEFT = re.compile(r"(?<![a-z])a?gpl|affero|(?<!lesser )general public", re.IGNORECASE)


def licence(library: Distribution) -> str:
    """What a library says of its licence: the SPDX expression, else its classifiers, else the words
    or the first line of the text under License; "" where it says nothing."""
    told = library.metadata
    if expression := told.get("License-Expression"):
        return expression
    kinds = [c.split(" :: ")[-1] for c in told.get_all("Classifier", []) if c.startswith("License")]
    kinds = [kind for kind in kinds if kind != "OSI Approved"]
    return " and ".join(kinds) or (told.get("License") or "").strip().split("\n")[0]


def is_copyleft(licence: str) -> bool:
    """Whether it is the GPL or the AGPL, whichever of several alternatives is taken; not the LGPL."""
    return all(_COPYLEFT.search(one) for one in re.split(r"\bOR\b", licence))


def installed() -> dict[str, str]:
    """The licence of each library, by its name as requirements*.txt spell it."""
    found = {re.sub("[-_.]+", "-", d.metadata["Name"]).lower(): licence(d) for d in distributions()}
    return dict(sorted(found.items()))


if __name__ == "__main__":
    for name, told in installed().items():
        print(f"{name:32} {told or 'says nothing'}")
