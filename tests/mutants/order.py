"""A plugin of pytest that makes a trial short: of the tests that could see a fault those named
after its file come first, those that collect the whole example last."""

from __future__ import annotations

import inspect
import os
import re
from pathlib import Path

FIGURES = Path("metrics/figures")
MADE = re.compile(r"^create (?:or replace )?(?:macro|table|view) (\w+)", re.MULTILINE)


def pytest_collection_modifyitems(items: list) -> None:
    """Leave out the tests that ask for other figures only, and order the rest."""
    file = Path(os.environ["MUTANT_FILE"])
    seen = affected(file)
    figures = {path.stem for path in FIGURES.rglob("*.*")}
    if seen:
        items[:] = [t for t in items if not (asked := _quoted(t) & figures) or asked & seen]
    after_it = re.compile(rf"test_{re.sub('^[0-9]+_', '', file.stem)}(\W|$)")
    ours = file.parts[0] == "metrics"  # test_sources is not that of settings/sources.py
    named = {t for t in items if ours and after_it.search(t.nodeid)}
    items.sort(key=lambda t: (t not in named, "example" in t.fixturenames))


def affected(file: Path) -> set[str]:
    """The names of the figures, and of what they are made of, that a fault in a file may change;
    none where that can't be told from SQL."""
    if file.suffix != ".sql" or "metrics" not in file.parts:
        return set()
    parts = Path("metrics/parts.py").read_text()  # what some of those in Python ask by
    bodies = {
        path.stem: text + parts * ("import parts" in text)
        for path in FIGURES.rglob("*.py")
        if (text := path.read_text())
    }
    for path in Path("metrics").rglob("*.sql"):
        _, *made = MADE.split(path.read_text())
        bodies |= dict(zip(made[::2], made[1::2], strict=True))
    figures = {path.stem for path in FIGURES.rglob("*.*")}
    found, new = set(), set(MADE.findall(file.read_text()))
    while new:
        found |= new
        names = "|".join(found - figures)  # no figure reads another
        any_of = re.compile(rf"\b(from|join)\s+({names})\b|\b({names})\(")
        if not names:
            break
        new = {name for name, body in bodies.items() if any_of.search(body)} - found
    return found if found & figures else set()


def _quoted(test) -> set[str]:
    return set(re.findall(r'"(\w+)"', inspect.getsource(test.function)))
