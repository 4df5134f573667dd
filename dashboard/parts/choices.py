"""What a person chooses by: fields, and links of which one is open.

The address is the only place where a choice is kept. boxes.js writes it there, as one step in the
browser's history, and leaves out what the page opens with; the server only ever reads it. What the
address asks for and there is not, is said.
"""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

import pandas
import streamlit as st

from dashboard.parts.boxes import node
from telling import words


class Row:
    """Choices side by side, for a page to draw. `where`: what they are of, for the sentence that
    says that there is no such thing."""

    def __init__(self, where: str = "") -> None:
        self.where = where
        self._nodes: list[dict] = []
        self._said: list[dict] = []

    def nodes(self, *before: dict) -> list[dict]:
        """The row, after what comes before in it, and what is to be said of the address."""
        return [node("div", "", *before, *self._nodes, cls="choices"), *self._said]

    def one_of(self, label: str, names: pandas.Series, key: str, drops: str = "") -> str:
        """One of `names`, whose index holds the ids, which the address names because names change.

        Without one in the address the first is chosen. A choice here ends those of the keys in
        `drops`, which are of what was chosen before.
        """
        chosen = self._known(label, names, key)
        options = [node("option", name, value=one) for one, name in names.items()]
        self._add(
            label,
            node("select", "", *options, name=key, value=chosen, opens=names.index[0], drops=drops),
        )
        return chosen

    def links(self, label: str, names: pandas.Series, key: str) -> str:
        """The same as links, which a new tab opens too."""
        chosen = self._known(label, names, key)
        others = {k: v for k, v in st.query_params.to_dict().items() if k != key}
        asked = {one: {key: one} if one != names.index[0] else {} for one in names.index}
        addresses = {one: f"?{urlencode(others | more)}" for one, more in asked.items()}
        by_address = {addresses[one]: name for one, name in names.items()}
        self._nodes.append(links(label, by_address, addresses[chosen]))
        return chosen

    def day(self, label: str, key: str, opens: date, least: date, most: date) -> date:
        """A day between two others; `opens` without one in the address."""
        told = st.query_params.get(key, opens.isoformat())
        chosen = a_day(told)
        if chosen is None or (chosen != opens and not least <= chosen <= most):
            self._say(words.no_day(told, least, most, opens))
            chosen = opens
        more = {"min": least.isoformat(), "max": most.isoformat()}
        self._field(label, "date", key, chosen.isoformat(), opens.isoformat(), **more)
        return chosen

    def number(self, label: str, key: str, opens: int, least: int, most: int) -> int:
        """A whole number between two others; `opens` without one in the address."""
        told = st.query_params.get(key, str(opens))
        if told not in map(str, range(least, most + 1)):
            self._say(words.no_number(label, told, least, most, opens))
            told = str(opens)
        self._field(label, "number", key, told, str(opens), min=str(least), max=str(most))
        return int(told)

    def text(self, label: str, key: str, drops: str = "") -> str:
        """A text to look for, of at most 100 characters; `drops` as `one_of` has it."""
        told = st.query_params.get(key, "")[:100]
        self._field(label, "search", key, told, "", maxlength="100", drops=drops)
        return told

    def link(self, label: str, address: str) -> None:
        """A link to a page of ours."""
        self._nodes.append(node("a", label, href=address))

    def _known(self, label: str, names: pandas.Series, key: str) -> str:
        told, first = st.query_params.get(key, names.index[0]), names.index[0]
        if told in names.index:
            return told
        self._say(words.unknown(label.lower(), told, self.where, names[first]))
        return first

    def _say(self, sentence: str) -> None:
        self._said.append(node("p", sentence, cls="told", role="status"))

    def _field(self, label: str, kind: str, key: str, value: str, opens: str, **more: str) -> None:
        self._add(label, node("input", type=kind, name=key, value=value, opens=opens, **more))

    def _add(self, label: str, made: dict) -> None:
        self._nodes.append(node("label", "", node("span", label), made, cls="field"))


def links(label: str, names: dict[str, str], current: str) -> dict:
    """A row of links, names by address, one of which is open."""
    made = (
        node("a", name, href=address, **({"aria_current": "page"} if address == current else {}))
        for address, name in names.items()
    )
    return node("nav", "", *made, cls="links", aria_label=label)


def a_day(told: str) -> date | None:
    """A day as the address writes one, 2026-05-02; None for anything else."""
    try:
        day = date.fromisoformat(told)
    except ValueError:
        return None
    return day if day.isoformat() == told else None
