"""The folder of publications as publishing keeps it: whole files, nothing left over, not too many."""

from __future__ import annotations

import os
import re
from pathlib import Path

from metrics.shelf import POINTER, REFUSAL, made_at, publications
from settings import at_work

KEEP_RECENT = 7
BUILDING = ".building"
_HALF_MADE = re.compile(r"\d{4}-\d\d-\d\dT\d{6}\.\d{6}Z\.building[\w.-]*")  # shelf.NAME


def clear(folder: Path) -> None:
    """Remove what is half made, of this publication or one that was killed; nobody else is at work."""
    named = [_new(folder / name) for name in (POINTER, REFUSAL)]
    at_work.clear(
        file for file in folder.iterdir() if file in named or _HALF_MADE.fullmatch(file.name)
    )


def replace(file: Path, text: str) -> None:
    """Write a small file so that a reader sees the old one or the new one, never a part."""
    new = _new(file)
    try:
        with new.open("w") as writing:
            writing.write(text)
            writing.flush()
            os.fsync(writing.fileno())
        os.replace(new, file)
    finally:
        new.unlink(missing_ok=True)


def _new(file: Path) -> Path:
    return file.with_suffix(".new")


def prune(folder: Path, shown: Path) -> None:
    """Keep the most recent publications and the last of each week, for 'as seen then'; and always
    the one that is shown, which by a clock set back may have an older name than others."""
    files = publications(folder)
    last_of_week = {made_at(file).isocalendar()[:2]: file for file in files}.values()
    for file in set(files[:-KEEP_RECENT]) - {*last_of_week, shown}:
        file.unlink()
