"""What is wrong with a stages.yaml, as one sentence: the place, the fault and the cure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

NUMBER = "must be a number, like 10"
WHOLE = "must be a whole number, like 14"
EMPTY = "is empty: write something, or leave the key out"
LIST = "must be a list, like [Backlog]"
SETTINGS = (
    "must be keys with their values, like {{limit: 10, reason: …}}"  # as str.format writes a brace
)
# The checking library's own words reach nobody: what each of its errors means here.
PLAIN = {
    "float_type": NUMBER, "finite_number": f"{NUMBER}, and end somewhere",
    "int_type": WHOLE, "int_from_float": WHOLE,
    "bool_type": "must be true or false", "bool_parsing": "must be true or false",
    "tuple_type": LIST, "too_short": "is empty: write at least one",
    "dict_type": SETTINGS, "model_type": SETTINGS, "model_attributes_type": SETTINGS,
    "string_too_short": EMPTY, "string_pattern_mismatch": EMPTY,
    "greater_than": "must be more than {gt:g}", "greater_than_equal": "must be {ge:g} or more",
    "less_than": "must be less than {lt:g}", "less_than_equal": "must be {le:g} or less",
    "union_tag_not_found": "missing its kind; add kind: …",
}  # fmt: skip
UNFORESEEN = "is not what belongs here: docs/settings.md has an example"
GROUPS = {
    "streams": "stream", "stages": "stage", "sources": "source", "targets": "target",
    "processes": "process", "goals": "goal", "results": "result",
}  # fmt: skip


def sentence(error: ValidationError, content: dict) -> str:
    """The first thing wrong, as: where (stream, stage, key), what, and the cure."""
    first = error.errors(include_url=False)[0]
    place = list(first["loc"])
    if first["type"] == "missing":
        return f"{_place(place, content)}: missing; add {place[-1]}: …"
    if place and place[-1] == "[key]":
        told = f"unknown key {place[-2]!r}{_choice(place[-2], first)}"
        return f"{_place(place[:-2], content)}: {told}"
    return f"{_place(place, content)}: {_plain(first)}"


def _plain(error: Mapping) -> str:
    """What one of the library's errors means, and what to do about it."""
    kind, told, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "value_error":
        return error["msg"].removeprefix("Value error, ")
    if told is None:
        return "has no value: write one, or leave the key out"
    if kind == "string_type":
        return "must be one text, not a list or keys" if _many(told) else (
            f"must be a text: put it in quotes, like '{told}'"
        )  # fmt: skip
    if kind == "literal_error":
        return f"{str(told)[:60]!r} is none that is known{_choice(told, error)}"
    if kind == "union_tag_invalid":
        kinds = context["expected_tags"].replace("'", "")
        hint = did_you_mean(str(context["tag"]), kinds.split(", "))
        return f"unknown kind {context['tag']!r}{hint}; write one of {kinds}"
    return PLAIN.get(kind, UNFORESEEN).format_map(context)


def _many(value: object) -> bool:
    return isinstance(value, list | dict | tuple | set)


def _choice(word: object, error: Mapping) -> str:
    """The words that are known where one of a few was to be written."""
    known = re.findall(r"'([^']*)'", error.get("ctx", {}).get("expected", ""))
    known = [k for k in known if k]
    return f"{did_you_mean(str(word), known)}; write one of {', '.join(known)}" if known else (
        ": write a name in its place"
    )  # fmt: skip


def _place(place: list, content: dict) -> str:
    words: list[str] = []
    rest = list(place)
    stages = rest[:1] == ["streams"] and rest[2:3] == ["stages"]
    if stages and len(rest) > 3 and isinstance(rest[3], int):
        rest[3] = list(content["streams"][rest[1]]["stages"])[rest[3]]
    # Within a stream or process `sources` is a list of names.
    while len(rest) > 1 and rest[0] in GROUPS and not (words and rest[0] == "sources"):
        words.append(f"{GROUPS[rest[0]]} {rest[1]!r}")
        # Of a source the library also tells the kind it was checked as.
        rest = rest[3:] if rest[0] == "sources" else rest[2:]
    if rest[:2] == ["alerts", "ways"] and len(rest) > 2:
        words, rest = [f"way {rest[2]!r}"], rest[4:]  # its kind is told too
    words += _listed(rest, content)
    return ", ".join(words) or "the file"


def _listed(rest: list, inside: Any) -> list[str]:
    """The end of a place; what is in a list is called by its name where it has one."""
    words = []
    for part in rest:
        try:
            inside = inside[part]
        except (KeyError, IndexError, TypeError):
            inside = None
        name = inside.get("name") if isinstance(part, int) and isinstance(inside, dict) else None
        if isinstance(name, str):
            words.append(repr(name[:60]))
        else:
            words.append(f"number {part + 1}" if isinstance(part, int) else str(part))
    return words


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint at the nearest known word, or nothing."""
    near = get_close_matches(word, list(known), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def must_be_one(who: str, what: str, told: str, known: Iterable[str], cure: str) -> None:
    """Raises ValueError where `told` is none of the known names: who names it, and the cure."""
    if told not in known:
        ends = {name.rpartition("/")[2]: name for name in known}
        meant = f" (did you mean {ends[told]!r}?)" if told in ends else did_you_mean(told, known)
        raise ValueError(f"{who} the {what} {told!r}, which there is not{meant}: {cure}")
