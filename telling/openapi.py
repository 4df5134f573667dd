"""The addresses for programs, described in OpenAPI 3.1: made from the figures themselves."""

from __future__ import annotations

from typing import Any

from metrics.catalogue import Column, Figure, all_figures
from telling import asking
from telling.answers import CSV, PLACE

TYPES: dict[str, dict[str, Any]] = {
    "BOOLEAN": {"type": ["boolean", "null"]},
    "BIGINT": {"type": ["integer", "null"]},
    "DOUBLE": {"type": ["number", "null"]},
    "VARCHAR": {"type": ["string", "null"]},
    "DATE": {"type": ["string", "null"], "format": "date"},
    "TIMESTAMP": {"type": ["string", "null"], "format": "date"},
    "TIMESTAMP WITH TIME ZONE": {"type": ["string", "null"], "format": "date-time"},
}
ABOUT = (
    "The numbers of the dashboard as other programs read them: the same rows, asked of the same "
    "publication, under the same sign-in as the pages. An empty value is not known; it is never 0. "
    "Instants are in UTC, days are fractions of the stream's own clock."
)
ERRORS = {
    "400": "The question can't be answered: the sentence says what to ask instead.",
    "401": "Nobody has signed in, where people sign in.",
    "403": "Whoever has signed in may not see this dashboard.",
    "404": "There is no such figure or stream: the sentence names the nearest.",
    "409": "A newer publication answers than the one asked for: begin again.",
    "503": "Nothing is published yet, it can't be read, or too many ask at once.",
}
AGES = {
    "publication": {
        "type": "object",
        "required": ["name", "published_at", "age_days"],
        "properties": {
            "name": {"type": "string", "description": "the file that answers; it never changes"},
            "published_at": {"type": "string", "format": "date-time"},
            "age_days": {"type": "number", "description": "how old it is when asked"},
        },
    },
    "warnings": {
        "type": "array",
        "items": {"type": "string"},
        "description": "why it is not the newest that answers, or what newer data was refused for",
    },
}  # fmt: skip
ANSWER = {
    "figure": {"type": "string"},
    "title": {"type": "string"},
    "sentence": {"type": "string", "description": "what the figure means"},
    "as_of": {"type": "string", "format": "date-time", "description": "as known at this instant"},
    "filters": {"type": "object", "additionalProperties": {"type": "string"}},
    **AGES,
    "rows_in_all": {"type": "integer", "minimum": 0},
    "offset": {"type": "integer", "minimum": 0},
    "limit": {"type": "integer", "minimum": 1},
    "next": {"type": ["string", "null"], "description": "where the rows after these are"},
    "columns": {"type": "array", "items": {"$ref": "#/components/schemas/Column"}},
}  # fmt: skip
TEXT = {"type": "string"}
WHOLE = {"type": "integer", "minimum": 0, "maximum": asking.FARTHEST, "default": 0}
SOME = {"type": "integer", "minimum": 1, "maximum": asking.MOST, "default": asking.USUAL}
SHARED: dict[str, tuple[str, dict]] = {
    "as_of": ("a day (its end, in the stream's zone) or an instant; else as the page opens", TEXT),
    "limit": ("rows of one answer", SOME),
    "offset": ("rows left out before them", WHOLE),
    "publication": ("answer only if it is this one, as `next` asks", TEXT),
}


def document(columns: dict[str, list[Column]], version: str) -> dict:
    """The whole description; `columns` are those of every figure, by its name."""
    paths = {}
    for name, figure in all_figures().items():
        keys = _parameters(columns[name])
        paths[f"{PLACE}{name}"] = _path(figure, keys, name, _json(columns[name]))
        told = {"text/csv": {"schema": {"type": "string"}}}
        paths[f"{PLACE}{name}{CSV}"] = _path(figure, keys, f"{name}_csv", told)
    lists = {
        "/api/figures": ("figures", "Every figure, and every stream", _object(AGES)),
        "/api/openapi.json": ("openapi", "This description", {"type": "object"}),
    }
    for place, (name, what, schema) in lists.items():
        told = {"application/json": {"schema": schema}}
        paths[place] = {"get": {"operationId": name, "summary": what, "responses": _answers(told)}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Value stream figures", "version": version, "description": ABOUT},
        "paths": paths,
        "components": _components(),
    }


def _components() -> dict:
    """What all addresses share."""
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    failures = {s: {"description": said, "content": error} for s, said in ERRORS.items()}
    same = {"304": {"description": "It is still what the ETag was given for."}}
    column = _object({"name": TEXT, "type": TEXT, "unit": TEXT, "meaning": TEXT})
    return {
        "schemas": {"Error": _object({"error": TEXT}), "Column": column, "Answer": _object(ANSWER)},
        "responses": same | failures,
        "parameters": {name: _key(name, *told) for name, told in SHARED.items()},
    }


def _path(figure: Figure, keys: list[dict], name: str, told: dict) -> dict:
    asked = {
        "operationId": name, "tags": [figure.group], "summary": figure.title,
        "description": figure.sentence, "parameters": keys, "responses": _answers(told),
    }  # fmt: skip
    return {"get": asked}


def _answers(told: dict) -> dict:
    shared = {s: {"$ref": f"#/components/responses/{s}"} for s in ("304", *ERRORS)}
    return {"200": {"description": "The answer.", "content": told}} | shared


def _parameters(columns: list[Column]) -> list[dict]:
    """What can be asked of a figure: its instant, its rows, and each column of text by its value."""
    texts = [column for column in columns if column.type == "VARCHAR"]
    return [{"$ref": f"#/components/parameters/{name}"} for name in SHARED] + [
        _key(column.name, f"only rows with this value: {column.meaning}", TEXT) for column in texts
    ]


def _key(name: str, meaning: str, schema: dict) -> dict:
    return {"name": name, "in": "query", "description": meaning, "schema": schema}


def _json(columns: list[Column]) -> dict:
    """The schema of a figure's answer."""
    row = {c.name: TYPES[c.type] | {"description": f"{c.meaning} ({c.unit})"} for c in columns}
    rows = _object({"rows": {"type": "array", "items": _object(row)}})
    schema = {"allOf": [{"$ref": "#/components/schemas/Answer"}, rows]}
    return {"application/json": {"schema": schema}}


def _object(properties: dict) -> dict:
    return {"type": "object", "required": list(properties), "properties": properties}
