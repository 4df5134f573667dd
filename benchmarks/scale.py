"""How this program grows with its items, beside what others take for the same log.

    pip install -r requirements.txt -r benchmarks/requirements.txt
    python benchmarks/scale.py [--items 10000 100000 1000000] [--runs 5] [--without pages PM4Py ...]

For each size a log is made up (generated.py) and every way asked for the standard figures; where they
do not all say the same, it says so and stops. Then come the rounds: each runs every step once, in turn
and in a fresh process, so that what else the machine does falls on all of them; told are the medians,
and ratios to the floor of the same round. From a million items on there are three rounds at most. A step
that fails or takes longer than --longest is told as such, and the steps after it go on.

What it prints it also writes into docs/performance.md, between two marks (--docs for another file).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import NamedTuple

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import step  # noqa: E402
import tables  # noqa: E402
from tables import Size, Took  # noqa: E402

LARGE, FEW = 1_000_000, 3  # from so many items on, so many rounds at most
STEPS = [step.FLOOR, *step.WAYS, *step.OURS, *step.PAGES, *step.NIGHT]
DOCS = HERE.parent / "docs/performance.md"


class Different(Exception):
    """The ways do not tell the same figures; sentences."""


class Runs(NamedTuple):
    """How steps are run: on the files of a folder, each for so many seconds at most."""

    folder: Path
    longest: float

    def run(self, name: str, *more: object) -> Took:
        """A step in a process of its own, with the most memory that it held at once.

        Linux counts what the starting process held too, hence nothing large is imported here.
        """
        result, said = self.folder / "result.json", self.folder / "said.txt"
        result.unlink(missing_ok=True)
        command = [sys.executable, HERE / "step.py", name, self.folder, result, *map(str, more)]
        with said.open("w") as said_to:
            child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said_to)
            late = Timer(self.longest, child.kill)
            late.start()
            _, status, used = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            ended = late.finished.is_set()
            late.cancel()
        peak = used.ru_maxrss / 1000  # of kilobytes
        if child.returncode:
            why = f"longer than {self.longest:,g} s" if ended else last_line(said)
            part = json.loads(result.read_text())["told"] if result.exists() else None
            return Took(peak=peak, failed=why, told=part)
        return Took(peak=peak, **json.loads(result.read_text()))

    def rounds(self, names: list[str], runs: int) -> Iterator[dict[str, Took]]:
        """Round after round: each step once, in the same order. What failed is not tried again, nor
        anything that stands on it."""
        failed: dict[str, Took] = {}
        for number in range(1, runs + 1):
            took = dict(failed)
            for name in names:
                if name in took:
                    continue
                before = [one for one in needs(name) if one in took and took[one].failed]
                took[name] = Took(failed=f"{before[0]} failed") if before else self.run(name)
                if took[name].failed:
                    failed[name] = took[name]
                print(f"  round {number} of {runs}: {tables.line(name, took[name])}", flush=True)
            yield took


def needs(name: str) -> list[str]:
    """The steps without which one can't be done."""
    if name in (*step.PAGES, step.OURS_TOLD, step.NIGHT[0]):
        return list(step.OURS)
    return {step.OURS[1]: [step.OURS[0]], step.NIGHT[1]: [step.NIGHT[0]]}.get(name, [])


def last_line(said: Path) -> str:
    """What a process said last."""
    lines = said.read_text(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "ended without a word")


def compared(runs: Runs, names: list[str]) -> tuple[str, ...]:
    """The ways that gave no answer. Raises Different where answers are not the same."""
    told: dict[str, dict] = {}
    ours = [*step.OURS, step.OURS_TOLD] if step.OURS[1] in names else []
    asked = [*(name for name in names if name in step.WAYS), *ours]
    for name in asked:
        took = runs.run(name)
        print(f"  compared: {tables.line(name, took)}", flush=True)
        if took.failed and name in ours:
            break
        if not took.failed and name not in step.OURS:
            told[name] = took.told
    if wrong := tables.differences(told):
        raise Different("\n".join(wrong[:20]))
    return tuple(name for name in asked if name not in (*told, *step.OURS))


def measured(items: int, names: list[str], told: argparse.Namespace) -> Size:
    """All that was found at one size. Raises Different."""
    few = min(told.runs, FEW) if items >= LARGE else told.runs
    with tempfile.TemporaryDirectory(dir=told.folder) as folder:
        runs = Runs(Path(folder), told.longest)
        made = runs.run("generate", items, told.seed)
        if made.failed:
            sys.exit(f"No log of {items:,} items could be made: {made.failed}")
        size = (Path(folder) / "base.csv").stat().st_size / 1e6
        print(f"{items:,} items, {made.told:,} events, {size:,.0f} MB", flush=True)
        silent = compared(runs, names)
        return Size(items, made.told, size, list(runs.rounds(names, few)), told.by, silent)


def main() -> None:
    """Measure, print, and write it down."""
    asking = argparse.ArgumentParser()
    asking.add_argument("--items", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    asking.add_argument("--runs", type=int, default=5)
    asking.add_argument("--seed", type=int, default=1)
    asking.add_argument("--without", nargs="*", default=[], choices=["pages", *STEPS])
    asking.add_argument("--longest", type=float, default=900)
    asking.add_argument(
        "--by",
        choices=tables.BY,
        default="seconds",
        help="processor: where other work goes on beside",
    )
    asking.add_argument("--folder", type=Path, help="where there is room for logs and databases")
    asking.add_argument("--docs", type=Path, default=DOCS)
    told = asking.parse_args()
    left = {*told.without} | ({*step.PAGES} if "pages" in told.without else set())
    names = [name for name in STEPS if name == step.FLOOR or name not in left]
    try:
        sizes = [measured(items, names, told) for items in sorted(told.items)]
    except Different as error:
        sys.exit(f"The ways do not agree, so nothing is timed:\n{error}")
    said = tables.told(sizes)
    print(said)
    tables.write(told.docs, said)


if __name__ == "__main__":
    main()
