"""What benchmarks/scale.py found, as tables of Markdown."""

from __future__ import annotations

import math
import os
import platform
import statistics
from collections.abc import Callable
from importlib import metadata
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

BEGINS = "<!-- Sizes: made by `python benchmarks/scale.py`, not to be edited here. -->"
ENDS = "<!-- End of sizes. -->"
NAMES = {
    "floor": "the floor: one scan and one sort",
    "duckdb": "standard figures, hand-made SQL",
    "pandas": "standard figures, pandas",
    "polars": "standard figures, polars",
    "PM4Py": "PM4Py's statistics",
    "collect": "**collect**",
    "publish": "**publish**",
    "a night later: collect": "collect a night later, 0.1% more",
    "a night later: publish": "publish a night later",
}
BESIDE = [
    ("publish", "PM4Py", "Publish, as a multiple of PM4Py's statistics"),
    ("a night later: publish", "publish", "Publish a night later, as a share of a full build"),
]
PAGES = ("pages, opening", "pages, past day")
BY = {
    "seconds": "seconds",
    "processor": "seconds of processor (taken beside other work, so not by the clock)",
}
ABOUT = """\
Taken on {cores} cores ({machine}), Python {python}, {libraries}. Each cell: {by},
as a multiple of the floor, the most memory held at once. Each step ran in a fresh process; medians of
{runs}. {agreed} "Grows" is how
many times as long as at the size before; n log n would be {grows}.
"""
ABOUT_PAGES = """\
Pages, each as its first visitor finds it (empty caches, no browser): seconds in the data layer, of the
page's whole script in brackets, when the stream opens and on a day two years before; and which of its
questions took longest at the largest size.
"""


class Took(NamedTuple):
    """What one run of a step took: seconds, of processor, megabytes; what it told; or why it failed."""

    seconds: float = math.nan
    processor: float = math.nan
    peak: float = math.nan
    told: object = None
    failed: str = ""


class Size(NamedTuple):
    """All rounds at one size: of each, what each step took."""

    items: int
    events: int
    megabytes: float
    rounds: list[dict[str, Took]]
    by: str = "seconds"  # or "processor"
    silent: tuple[str, ...] = ()  # the ways that gave no answer to compare

    def took(self, name: str) -> Took:
        """The median of each number of a step, or why it failed."""
        found = [one[name] for one in self.rounds if name in one]
        if why := next((one.failed for one in found if one.failed), ""):
            return Took(failed=why, told=[one.told for one in found if one.told])
        middle = (
            statistics.median(column) for column in zip(*(one[:3] for one in found), strict=True)
        )
        return Took(*middle, told=[one.told for one in found])

    def ratio(self, name: str, to: str = "floor") -> float:
        """How many times as long as another step of the same round, the median."""
        pairs = [(getattr(one[name], self.by), getattr(one[to], self.by)) for one in self.rounds]
        return statistics.median(one / other for one, other in pairs)


def line(name: str, took: Took) -> str:
    """A run in a line."""
    if took.failed:
        return f"{name}: {took.failed}"
    return f"{name}: {took.seconds:.2f} s ({took.processor:.2f} of processor), {took.peak:,.0f} MB"


def differences(told: dict[str, dict]) -> list[str]:
    """What of the answers is not the same as the first's, in sentences. The usual median of an even
    number may be rounded to a whole microsecond."""
    found, ways = [], list(told)
    for way in ways[1:]:
        first = told[ways[0]]
        for figure in sorted({*told[way]} & {*first}):
            for name in sorted({*told[way][figure], *first[figure]}):
                one, other = told[way][figure].get(name, 0), first[figure].get(name, 0)
                if abs(one - other) > (1 if figure == "usual_median_us" else 0):
                    found.append(f"{figure} of {name}: {one:,} by {way}, {other:,} by {ways[0]}")
    return found


def told(sizes: list[Size]) -> str:
    """Everything, as it stands in docs/performance.md."""
    names = [name for name in sizes[0].rounds[0] if name not in PAGES]
    head = [f"{s.items:,} items ({s.events:,} events, {s.megabytes:,.0f} MB)" for s in sizes]
    rows = [[NAMES[name], *_across(sizes, _cell(name)), _grows(sizes, name)] for name in names]
    rows += [[what, *cells, ""] for what, cells in _files(sizes).items()]
    said = [_about(sizes), _table(["", *head, "grows"], rows), *_beside(sizes)]
    if PAGES[0] in sizes[0].rounds[0]:
        said += [ABOUT_PAGES, _pages(sizes)]
    return "\n".join(said)


def _beside(sizes: list[Size]) -> list[str]:
    """What we take beside PM4Py and beside a full build, of the same rounds."""
    said = []
    for name, to, words in BESIDE:
        if name in sizes[0].rounds[0] and to in sizes[0].rounds[0]:
            times = [
                s.took(name).failed or s.took(to).failed or f"{s.ratio(name, to):.2f}"
                for s in sizes
            ]
            said.append(f"{words}: {', '.join(times)}.\n")
    return said


def _runs(runs: int) -> str:
    return "one run" if runs == 1 else f"{runs} runs"


def _about(sizes: list[Size]) -> str:
    used = [one for one in ("duckdb", "pandas", "polars", "PM4Py") if one in sizes[0].rounds[0]]
    libraries = [f"{one} {metadata.version(one)}" for one in used]
    return ABOUT.format(
        cores=os.cpu_count(), machine=platform.machine(), python=platform.python_version(),
        libraries=", ".join(libraries), grows=_across_pairs(sizes, _n_log_n) or "×11",
        by=BY[sizes[0].by], agreed=_agreed(sizes),
        runs=", ".join(f"{_runs(len(s.rounds))} ({s.items:,} items)" for s in sizes),
    )  # fmt: skip


def _agreed(sizes: list[Size]) -> str:
    said = "Before they were timed all ways told the same counts and medians"
    for size in sizes:
        if size.silent:
            said += f", but {' and '.join(size.silent)} at {size.items:,} items, which gave none"
    return said + "."


def _across(sizes: list[Size], cell: Callable[[Size], str]) -> list[str]:
    return [cell(size) for size in sizes]


def _across_pairs(sizes: list[Size], cell: Callable[[Size, Size], str]) -> str:
    return ", ".join(cell(*pair) for pair in pairwise(sizes))


def _n_log_n(less: Size, more: Size) -> str:
    times = more.events * math.log(more.events) / (less.events * math.log(less.events))
    return f"×{times:.1f}"


def _cell(name: str) -> Callable[[Size], str]:
    def cell(size: Size) -> str:
        took = size.took(name)
        if took.failed:
            return f"– ({took.failed})"
        ratio = "" if name == "floor" else f", ×{size.ratio(name):.1f}"
        return f"{getattr(took, size.by):.2f} s{ratio}, {took.peak:,.0f} MB"

    return cell


def _grows(sizes: list[Size], name: str) -> str:
    def grows(less: Size, more: Size) -> str:
        one, other = less.took(name), more.took(name)
        if one.failed or other.failed:
            return "–"
        return f"×{getattr(other, more.by) / getattr(one, less.by):.1f}"

    return _across_pairs(sizes, grows)


def _files(sizes: list[Size]) -> dict[str, list[str]]:
    """The size of what collect and publish write."""
    rows: dict[str, list[str]] = {}
    for number, size in enumerate(sizes):
        for name in ("collect", "publish"):
            took = size.took(name) if name in size.rounds[0] else Took(failed="left out")
            for what, megabytes in {} if took.failed else took.told[-1].items():
                cells = rows.setdefault(what, ["–"] * len(sizes))
                cells[number] = f"{megabytes:,.0f}"
    return rows


def _pages(sizes: list[Size]) -> str:
    """A row a visit; at the end the most memory that visiting them all took."""
    head = [f"{s.items:,}: {when}" for s in sizes for when in ("opening", "past day")]
    visits = {
        visit: None for size in sizes for found in size.took(PAGES[0]).told for visit in found
    }
    rows = []
    for visit in visits:
        cells = [_visit(size, page, visit) for size in sizes for page in PAGES]
        rows.append([visit, *cells, _longest(sizes, visit)])
    peaks = [_peak(size.took(page)) for size in sizes for page in PAGES]
    return _table(["page", *head, "longest"], [*rows, ["the most memory", *peaks, ""]])


def _visit(size: Size, page: str, visit: str) -> str:
    found = [one[visit] for one in size.took(page).told if visit in one]
    if not found:
        return "–"
    data, whole = (
        statistics.median(one[what][size.by] for one in found) for what in ("data", "whole")
    )
    return f"{data:.2f} ({whole:.2f})"


def _longest(sizes: list[Size], visit: str) -> str:
    """At the largest size at which it was visited."""
    found = [one[visit] for s in sizes for one in s.took(PAGES[0]).told if visit in one]
    return f"`{found[-1]['longest']}`"


def _peak(took: Took) -> str:
    return f"– ({took.failed})" if took.failed else f"{took.peak:,.0f} MB"


def _table(head: list[str], rows: list[list[str]]) -> str:
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, rule, *rows))


def write(file: Path, said: str) -> None:
    """Put it between its marks in a file, in the place of what stood there; at the end of a file
    without marks."""
    text = file.read_text() if file.exists() else ""
    before, _, rest = text.partition(BEGINS)
    after = rest.partition(ENDS)[2] or "\n"
    file.write_text(f"{before.rstrip()}\n\n{BEGINS}\n\n{said}\n{ENDS}{after}".lstrip())
