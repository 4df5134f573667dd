"""Random logs of checks, many of them side by side as the process groups of one publication."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pandas
from looked import LOOKED, at, check, prepared, published, written
from ruamel.yaml import YAML
from seeds import Part, Whole, chance, told

import metrics
from settings import stages

RESULTS = ["ok", "ok", "ok", "404", "ConnectTimeout", "no data"]
HOURS = 24 * 110
END = at(200)


def log(random: Random, most: int = 60) -> list[dict]:
    """Subjects that are looked at on some days for a while, on a line that starts on any weekday;
    some checks come twice, and a short log in any order."""
    made = []
    for process, group in (("p", "pages"), ("q", "pages"), ("build", "builds")):
        for subject in random.sample("abcd", random.randint(0, 3)):
            made += subject_s(random, process, group, subject, random.randint(1, most))
    copies = random.choices(made, k=random.randint(0, 3)) if made else []
    both = made + copies
    return random.sample(both, len(both)) if len(made) < 40 else both


def subject_s(random: Random, process: str, group: str, subject: str, days: int) -> list[dict]:
    """Checks of one subject: never failing, always failing, or as it comes; seldom not at all."""
    first, hour = random.randint(1, 40), random.choice([0, 1, 23.5])
    seconds = random.choice([None, 0.5, 2, 120])
    results = random.choice([RESULTS, RESULTS, RESULTS, ["ok"], ["404"], ["ok", "no data"]])
    marks = [random.choice([None, *results]) for _ in range(days)]
    return [
        check(process, subject, at(first + n, hour), mark == "ok", mark,
              None if seconds is None else seconds * (1 + n // 30), group)
        for n, mark in enumerate(marks) if mark
    ]  # fmt: skip


def settings(names: list[str]) -> str:
    """A stages.yaml with the two groups of looked.py once for each name, each with its own files."""
    told_of = YAML(typ="safe").load(LOOKED)
    groups, sources = told_of["processes"], told_of["sources"]
    told_of["processes"], told_of["sources"] = {}, {"list": sources["list"]}
    for name in names:
        for group, body in groups.items():
            (source,) = body["sources"]
            its = f"{source}-{name}"
            told_of["processes"][f"{group}-{name}"] = body | {"sources": [its], "name": its}
            file = f"{name}/{sources[source]['file']}"
            told_of["sources"][its] = sources[source] | {"file": file}
    return json.dumps(told_of, default=str)  # which is YAML too


def laid(folder: Path, logs: dict[str, list[dict]]) -> stages.Stages:
    """A stages.yaml for these logs, and a folder for each."""
    for name in logs:
        (folder / name).mkdir(parents=True, exist_ok=True)
    return prepared(folder, settings(list(logs)))


def publication(
    folder: Path, logs: dict[str, list[dict]], now: datetime = END
) -> metrics.Publication:
    """A real publication of these logs."""
    settled = laid(folder, logs)
    for name, checks in logs.items():
        written(folder / name, checks)
    return published(folder, settled, now)


def parts(rows: pandas.DataFrame) -> Iterator[tuple]:
    """The rows of each log, with its groups called as if it were the only one."""
    split = rows.process_group.str.extract("(.*)-(.*)")
    return iter(rows.assign(process_group=split[0]).groupby(split[1]))


def compare(folder: Path, which: str, count: int, same: Callable) -> None:
    """Call `same` (the log to ask, its checks, an instant) for each of `count` logs at each
    instant; what fails tells its seed and its log."""
    logs = {f"{n}": log(chance(which, n)) for n in range(count)}
    asked, random = publication(folder, logs), chance(which, "instants")
    whole = Whole(asked, parts)
    when = [at(1, 0) + timedelta(hours=random.randint(0, HOURS)) for _ in range(3)]
    when += [random.choice([c["at"] for checks in logs.values() for c in checks])]
    for name, checks in logs.items():
        for as_of in when:
            with told(f"log {name} as of {as_of}", checks):
                same(Part(whole, name), checks, as_of)
    asked.close()
