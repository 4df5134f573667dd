"""Colours, queues and ages as OpenMetrics text, for a Prometheus that is already there.

What is not known has no sample, and never a 0: a stage whose data is stale is grey, and of its queue
nothing is told. Ids are labels, names stand in the families that end in _info, so that a stage that is
called otherwise stays the same series.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

import pandas

import metrics

TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
COLOURS = ["red", "amber", "green", "grey"]
DAY = 86_400  # seconds
CLOCK = "by the stream's own clock: where it counts working days, 86400 for each"
Labels = dict[str, str]


class Family(NamedTuple):
    """A gauge and what it means; `unit` is the end of its name, where it has one."""

    name: str
    help: str
    unit: str = ""


AS_OF = Family(
    "valuestream_as_of_timestamp_seconds",
    "The instant all of a stream is told as of; without one, of the processes.",
    "seconds",
)
PUBLISHED = Family(
    "valuestream_publication_timestamp_seconds",
    "When the publication that answers was made.",
    "seconds",
)
PUBLICATION_AGE = Family(
    "valuestream_publication_age_seconds", "How old the publication that answers is.", "seconds"
)
WARNINGS = Family(
    "valuestream_publication_warnings",
    "How much keeps a newer publication from being shown: it does not add up, or can't be opened.",
)
STAGE = Family(
    "valuestream_stage_info",
    "What a stage and its stream are called, and which days its ages count.",
)
STATE = Family(
    "valuestream_stage_state",
    "1 for the colour of a stage's box, 0 for the others; grey is not judged, stale data among it.",
)
QUEUE = Family(
    "valuestream_stage_queue_items",
    "Items waiting in a stage, not blocked; none told where it has no queue or its data is stale or missing.",
)
WIP = Family("valuestream_stage_wip_items", "Items in a stage: waiting, working and blocked.")
OLDEST = Family(
    "valuestream_stage_oldest_age_seconds",
    f"How long the oldest item has been in a stage, at least, {CLOCK}.",
    "seconds",
)
SOURCE_AGE = Family(
    "valuestream_source_age_seconds",
    "How long ago a source had told all there was; it grows for a closed recording too.",
    "seconds",
)
SOURCE_STALE = Family(
    "valuestream_source_stale",
    "1 where a source has told nothing for longer than stages.yaml allows; a closed recording never is.",
)
PROCESS = Family("valuestream_process_info", "What a process and its group are called.")
PROCESS_STATE = Family(
    "valuestream_process_state",
    "1 for the colour of a process's box, 0 for the others; grey is not judged, stale data among it.",
)
FAILING = Family(
    "valuestream_processes_failing",
    "Red processes of a group; none told where not one of them can be judged.",
)
RATIO = Family("valuestream_process_failing_ratio", "The share of failing checks in the newest run of a process.", "ratio")  # fmt: skip
MEASURES = {"queue": (QUEUE, 1), "wip": (WIP, 1), "oldest": (OLDEST, DAY)}


class Sample(NamedTuple):
    """A number of a family, told apart by its labels."""

    family: Family
    labels: Labels
    value: float


def text(shown: metrics.Publication, warnings: int, now: datetime) -> str:
    """All that is told of a publication at `now`, or where its streams open, as OpenMetrics.

    Raises metrics.Unreadable.
    """
    age = (now - shown.published_at).total_seconds()
    told = [
        Sample(PUBLISHED, {}, shown.published_at.timestamp()),
        Sample(PUBLICATION_AGE, {}, max(age, 0)),
        Sample(WARNINGS, {}, warnings),
    ]
    for stream in shown.table("stream").to_dict("records"):
        told += _stream(shown, stream, shown.opens_at(stream["stream"]) or now)
    told += _processes(shown, shown.processes_open_at() or now)
    return written(told)


def _stream(shown: metrics.Publication, stream: dict, at: datetime) -> Iterator[Sample]:
    mine = {"stream": stream["stream"]}
    yield Sample(AS_OF, mine, at.timestamp())
    for row in _rows(shown, "status", at, mine):
        place = mine | {"stage": row["stage"]}
        called = {
            "stream_name": stream["name"],
            "stage_name": row["stage_name"],
            "days": stream["days"],
        }
        yield Sample(STAGE, place | called, 1)
        yield from _colours(STATE, place, row["colour"])
    for row in _rows(shown, "measure", at, mine):
        if row["kind"] == "stage" and row["measure"] in MEASURES:
            family, times = MEASURES[row["measure"]]
            yield from _known(family, mine | {"stage": row["stage"]}, row["value"], times)
    yield from _sources(shown, at, mine)


def _processes(shown: metrics.Publication, at: datetime) -> Iterator[Sample]:
    rows = _rows(shown, "process_status", at, {})
    if rows:
        yield Sample(AS_OF, {"stream": ""}, at.timestamp())
    judged: dict[str, int] = {}
    for row in rows:
        place = {"group": row["process_group"], "process": row["process"]}
        called = {"group_name": row["group_name"], "process_name": row["process_name"]}
        yield Sample(PROCESS, place | called, 1)
        yield from _colours(PROCESS_STATE, place, row["colour"])
        if row["colour"] != "grey":
            judged[row["process_group"]] = judged.get(row["process_group"], 0) + (
                row["colour"] == "red"
            )
    for group, failing in judged.items():
        yield Sample(FAILING, {"group": group}, failing)
    for row in _rows(shown, "measure", at, {"stream": ""}):
        if row["measure"] == "failing":
            place = {"group": row["process_group"], "process": row["process"]}
            yield from _known(RATIO, place, row["value"])
    yield from _sources(shown, at, {"stream": ""})


def _sources(shown: metrics.Publication, at: datetime, mine: Labels) -> Iterator[Sample]:
    for row in _rows(shown, "freshness", at, mine):
        if not pandas.isna(row["told_until"]):
            place = mine | {"source": row["source"]}
            yield from _known(SOURCE_AGE, place, row["age_days"], DAY)
            yield Sample(SOURCE_STALE, place, int(row["stale"]))


def _rows(shown: metrics.Publication, name: str, at: datetime, filters: Labels) -> list[dict]:
    return shown.figure(name, at, **filters).to_dict("records")


def _colours(family: Family, labels: Labels, colour: str) -> Iterator[Sample]:
    for one in COLOURS:
        yield Sample(family, labels | {"colour": one}, int(one == colour))


def _known(family: Family, labels: Labels, value: float, times: float = 1) -> Iterator[Sample]:
    if not pandas.isna(value):
        yield Sample(family, labels, value * times)


def written(told: Iterable[Sample]) -> str:
    """Samples as OpenMetrics text: each family once, with its samples together."""
    families: dict[Family, list[Sample]] = {}
    for sample in told:
        families.setdefault(sample.family, []).append(sample)
    lines = []
    for family, samples in families.items():
        lines.append(f"# TYPE {family.name} gauge")
        lines += [f"# UNIT {family.name} {family.unit}"] * bool(family.unit)
        lines.append(f"# HELP {family.name} {escaped(family.help)}")
        lines += [_line(sample) for sample in samples]
    return "\n".join([*lines, "# EOF", ""])


def _line(sample: Sample) -> str:
    labels = ",".join(f'{name}="{escaped(value)}"' for name, value in sample.labels.items())
    value = float(sample.value)  # as it is: of many checks one that fails is not none
    value = int(value) if value.is_integer() else value
    return (
        f"{sample.family.name}{{{labels}}} {value}" if labels else f"{sample.family.name} {value}"
    )


def escaped(text: str) -> str:
    """A text as it stands in a label or a HELP: letter for letter to whoever reads it."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
