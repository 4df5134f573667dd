"""What is wrong with a stages.yaml, as one sentence: the place, the fault and the cure."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from pydantic import ValidationError


def sentence(error: ValidationError, content: dict, keys: list[str]) -> str:
    """The first thing wrong, as: where (stream, stage, key), what, and the cure."""
    first = error.errors()[0]
    place = list(first["loc"])
    if len(place) > 3 and place[0] == "streams" and place[2] == "stages" and place[3] != "__root__":
        if isinstance(place[3], int):
            place[3] = list(content["streams"][place[1]]["stages"])[place[3]]
    words = _place(place)
    if first["type"] == "extra_forbidden":
        return f"{words}: unknown key{did_you_mean(str(place[-1]), keys)}; correct or remove it"
    if first["type"] == "missing":
        return f"{words}: missing; add {place[-1]}: …"
    return f"{words}: {first['msg'].removeprefix('Value error, ')}"


def _place(place: list) -> str:
    names = {
        "streams": "stream", "stages": "stage", "sources": "source", "targets": "target",
        "processes": "process",
    }  # fmt: skip
    words, rest = [], list(map(str, place))
    while len(rest) > 1 and rest[0] in names:
        words.append(f"{names[rest[0]]} {rest[1]!r}")
        rest = rest[2:]
    return ", ".join(words + ([".".join(rest)] if rest else [])) or "the file"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint at the nearest known word, or nothing."""
    near = get_close_matches(word, list(known), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""
