"""docs/mutants.md: the score, and each survivor with the reason that people gave for it."""

from __future__ import annotations

import re
from collections import Counter

from mutants.mutant import Mutant
from mutants.trial import ROOT, Outcome

FILE = ROOT / "docs" / "mutants.md"
UNEXPLAINED = "Not yet explained."
SURVIVOR = re.compile(
    r"^### (\S+), line \d+\n\n```diff\n(.*?)\n```\n\n(.*?)\n(?=\n|\Z)", re.M | re.S
)
HEAD = """# Can the tests fail?

`make mutants` puts one small fault at a time into a copy of the code and runs the tests that should
catch it: in SQL our own (operators, constants, filters and conditions left out, joins), in Python
those of [cosmic-ray](https://cosmic-ray.readthedocs.io). Two in three are in SQL. Which are tried is
drawn by a seed from all there could be. This page is written by the run; the reasons under the
survivors are written by hand and stay.

With seed {seed}, {tried} of the {count} that were drawn have been tried: **{caught} were caught, {share}**.

| faults in | tried | caught | of them by time | survived |
| --- | ---: | ---: | ---: | ---: |
{rows}

## Survivors

{survivors}"""


def write(tried: list[tuple[Mutant, Outcome]], seed: int, count: int) -> None:
    """Write the page anew with the reasons it has."""
    FILE.write_text(text(tried, seed, count, FILE.read_text() if FILE.exists() else ""))


def explained(mutant: Mutant) -> bool:
    """Whether the page has a reason why no test could, or need, catch it."""
    why = _reasons(FILE.read_text() if FILE.exists() else "")
    return why.get((mutant.file, _diff(mutant)), UNEXPLAINED) != UNEXPLAINED


def text(tried: list[tuple[Mutant, Outcome]], seed: int, count: int, old: str) -> str:
    """The page. `old` is the page as it was, for its reasons."""
    why = _reasons(old)
    survivors = sorted(mutant for mutant, outcome in tried if outcome.how == "survived")
    told = [
        f"### {m.file}, line {m.line}\n\n```diff\n{_diff(m)}\n```\n\n"
        f"{why.get((m.file, _diff(m)), UNEXPLAINED)}\n"
        for m in survivors
    ]
    caught = len(tried) - len(survivors)
    return HEAD.format(
        seed=seed, tried=len(tried), count=count, caught=caught,
        share=f"{caught / len(tried):.0%}" if tried else "none",
        rows="\n".join(_rows(tried)), survivors="\n".join(told) or "None.\n",
    )  # fmt: skip


def _reasons(page: str) -> dict[tuple[str, str], str]:
    return {(file, change): reason for file, change, reason in SURVIVOR.findall(page)}


def _rows(tried: list[tuple[Mutant, Outcome]]) -> list[str]:
    """A line of the table for each folder, and one for all."""
    counts: dict[str, Counter] = {}
    for mutant, outcome in tried:
        for group in (mutant.file.rpartition("/")[0], "~all"):
            counts.setdefault(group, Counter())[outcome.how] += 1
    return [
        f"| {group.strip('~')} | {n.total()} | {n['caught'] + n['timed out']} "
        f"| {n['timed out']} | {n['survived']} |"
        for group, n in sorted(counts.items())
    ]


def _diff(mutant: Mutant) -> str:
    was = [f"- {line.strip()}" for line in mutant.was.splitlines()]
    return "\n".join(was + [f"+ {line.strip()}" for line in mutant.becomes.splitlines()])
