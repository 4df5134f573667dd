"""One step of benchmarks/scale.py, in a process of its own: nothing of another step is in its memory.

    python benchmarks/step.py NAME FOLDER RESULT [ITEMS SEED]

Writes RESULT: seconds, processor seconds of all its threads, and what the step tells. What a step needs
is imported before its time begins.
"""

from __future__ import annotations

import importlib
import json
import logging
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

WAYS = {"duckdb": "duckdb", "pandas": "pandas", "polars": "polars", "PM4Py": "pm4py"}
FLOOR, OURS, OURS_TOLD = "floor", ("collect", "publish"), "ours"
NIGHT = ("a night later: collect", "a night later: publish")
PAGES = ("pages, opening", "pages, past day")


def work(name: str, folder: Path, result: Path, more: list[str]) -> Callable[[], object]:
    """What a step does, with all that it needs imported. Of pages what was found so far is in the
    result already, for when it takes too long."""
    if name == "generate":
        import generated

        return lambda: generated.pair(folder, *map(int, more))
    if name == FLOOR or name in WAYS:
        import standard

        importlib.import_module(WAYS.get(name, "duckdb"))
        return partial(getattr(standard, WAYS.get(name, "floor")), folder / "base.csv")
    import ours

    if name in PAGES:
        importlib.import_module("streamlit.testing.v1")
        logging.disable(logging.WARNING)  # of what runs without a server
        day = ours.PAST if name == PAGES[1] else ""
        return partial(ours.pages, folder, day, partial(write, result, {}))
    if name == OURS_TOLD:
        return partial(ours.answer, folder)
    ours.prepared(folder, name)
    return partial(getattr(ours, name.split(": ")[-1]), folder)


def processor() -> float:
    """Seconds of processor that this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def write(result: Path, took: dict[str, float], told: object) -> None:
    """What a step took and told, whole or not at all."""
    part = result.with_suffix(".part")
    part.write_text(json.dumps(took | {"told": told}, default=int))
    part.replace(result)


def main() -> None:
    """Do the step and write what it took."""
    name, folder, result, *more = sys.argv[1:]
    step = work(name, Path(folder), Path(result), more)
    start, used = time.perf_counter(), processor()
    told = step()
    took = {"seconds": time.perf_counter() - start, "processor": processor() - used}
    write(Path(result), took, told)


if __name__ == "__main__":
    main()
