"""Writes docs/settings.md, every key of stages.yaml, from the classes that read it.

Run: python docs/settings.py. A test compares the file with what this would write.
"""

from __future__ import annotations

import datetime
import json
import sys
import types
import typing
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
# This file's own name must not hide the room it reads.
sys.path[:] = [path for path in sys.path if Path(path or ".").resolve() != HERE.resolve()]

from pydantic import BaseModel  # noqa: E402
from pydantic_core import PydanticUndefined  # noqa: E402

from settings import alerts, boards, goals, limits, processes, stages, streams, values  # noqa: E402
from settings import map as service_map  # noqa: E402
from settings.sources import KINDS  # noqa: E402

PARTS = [
    ("The whole file", stages.Stages),
    ("A stream", streams.Stream),
    ("A stage", streams.Stage),
    ("A status", values.Status),
    ("A target", values.Target),
    ("Holidays", streams.Holidays),
    ("A dated event", values.Dated),
    ("A group of processes", processes.Process),
    ("A window", processes.Window),
    ("What a source covers", values.Covers),
    ("What a source may bring", limits.Limits),
    ("What blocked looks like", boards.Blocked),
    ("The service map", service_map.Map),
    ("An activity", service_map.Activity),
    ("A step", service_map.Step),
    ("A figure of a stream", service_map.Whole),
    ("A goal", goals.Goal),
    ("A result", goals.Result),
    ("Where a result began", goals.Start),
    ("What a result aims at", goals.Aim),
    ("Alerts", alerts.Alerts),
    ("The weekly digest", alerts.Digest),
]
BY_KIND = {"A way, by its kind": alerts.WAYS, "A source, by its kind": KINDS}
HEAD = """# Every key of stages.yaml

Made from the classes in [settings/](../settings) by `python docs/settings.py`: not to be edited here.
`valuestream check` reads a file by the same classes and names the place and the cure of what is wrong.
Files lie beneath the folder of stages.yaml. [stages.yaml](../stages.yaml) is a full example.
"""
PLAIN = {
    bool: "true or false",
    str: "text",
    float: "number",
    int: "whole number",
    datetime.date: "day",
}
LAST = ("covers", "limits", "allow_hosts")  # they are seldom needed
# Texts of a sort, known by what checks them.
SORTS = {"address": values.Address, "name of a variable": alerts.Variable, "file": values.File, "SQL file": values.SqlFile,
         "time zone": values.Zone, "time zone ": values.ZoneOrNone}  # fmt: skip
NAMED = {word: typing.get_args(sort)[-1] for word, sort in SORTS.items()}


def page() -> str:
    """The whole page, as Markdown."""
    told = [HEAD, *(_part(title, cls, "##") for title, cls in PARTS)]
    for heading, kinds in BY_KIND.items():
        told.append(f"## {heading}\n")
        told += [_part(f"`{kind}`", cls, "###") for kind, cls in kinds.items()]
    return "\n".join(told)


def _part(title: str, cls: type[BaseModel], mark: str) -> str:
    """A class as its sentence and a table of its keys."""
    sentence = " ".join((cls.__doc__ or "").split())
    rows = [f"{mark} {title}\n", f"{sentence}\n", "| key | what | type | default | example |"]
    rows.append("| --- | --- | --- | --- | --- |")
    fields = {field.alias or name: field for name, field in cls.model_fields.items()}
    for key in sorted(cls.writable(), key=lambda key: (key != "kind", key in LAST)):
        field, is_kind = fields[key], key == "kind"
        default = "**needed**" if field.is_required() or is_kind else _written(field.default)
        what = "its kind" if is_kind else field.description
        example = _written(field.default) if is_kind else _written(*(field.examples or []))
        kind = _type(field.annotation, field.metadata)
        rows.append(f"| `{key}` | {what} | {kind} | {default} | {example} |")
    return "\n".join([*rows, ""])


def _type(told: object, more: Iterable[object] = ()) -> str:
    """A type, with what else is said of it, in plain words."""
    kind, inner = typing.get_origin(told), typing.get_args(told)
    if kind is typing.Annotated:
        return _type(inner[0], inner[1:])
    if kind in (typing.Union, types.UnionType):
        return _type(inner[0])
    if kind is typing.Literal:
        return " or ".join(f"`{word}`" for word in inner if word)
    if kind is tuple:
        named = "id" in getattr(inner[0], "GIVEN", ())
        return f"names, each with {_type(inner[0])}" if named else f"list of {_type(inner[0])}"
    if kind is dict:
        words = typing.get_args(inner[0]) if typing.get_origin(inner[0]) is typing.Literal else ()
        names = ", ".join(f"`{word}`" for word in words) or "names"
        return f"{names}: each with {_type(inner[1])}"
    if isinstance(told, type) and issubclass(told, BaseModel):
        of_kinds = {cls: title for title, kinds in BY_KIND.items() for cls in kinds.values()}
        title = {**of_kinds, **{cls: title for title, cls in PARTS}}[told]
        return (
            f"[{title[0].lower()}{title[1:]}](#{title.lower().replace(' ', '-').replace(',', '')})"
        )
    return next((word for word, hint in NAMED.items() if hint in more), PLAIN[told])


def _written(*value: object) -> str:
    """A value as it is written in the file; nothing for none."""
    if not value or value[0] in (PydanticUndefined, None, "", (), {}):
        return ""
    told = value[0]
    if isinstance(told, BaseModel):
        told = told.model_dump()
    text = told if isinstance(told, str) else _flow(told)
    return f"`{text}`"


def _flow(told: object) -> str:
    """YAML on one line: JSON without the quotes that YAML needs not."""
    if isinstance(told, dict):
        return "{" + ", ".join(f"{k}: {_flow(v)}" for k, v in told.items()) + "}"
    if isinstance(told, list):
        return "[" + ", ".join(map(_flow, told)) + "]"
    return told if isinstance(told, str) else json.dumps(told)


if __name__ == "__main__":
    (HERE / "settings.md").write_text(page())
