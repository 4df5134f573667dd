"""What is wrong with the landing database, and what to do about it."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from settings import disk

GONE = "is gone: it was removed while it was written. Collect again."


def said(error: duckdb.Error, path: Path) -> str:
    """The end of a sentence that begins with the file's path."""
    text = str(error)
    if (what := disk.full(text)) or "Could not write all bytes" in text:
        return (
            f"can't be written: {what or 'the disk took only a part'}. Make room on the disk and "
            "collect again; what was saved before stays."
        )
    if not path.exists():
        return GONE
    if what := disk.closed(text):
        return (
            f"can't be written: {what}. Let this user write there, or name another folder: --data."
        )
    if "lock on file" in text.lower():  # "block" is a word of damaged files
        holder = re.search(r"\(PID (\d+)\)", text)
        return (
            f"can't be opened; another process{f' ({holder[1]})' if holder else ''} has it open: "
            "wait for that collector to end, or close what reads it."
        )
    return (
        f"can't be used ({text.splitlines()[0][:200]}); nothing half-saved was kept. Collect again; "
        "if it says so again it is no readable DuckDB file: move it away and collect again "
        "(with the .wal file beside it, if there is one)."
    )


def of_folder(error: OSError, folder: Path) -> str:
    """What is wrong with the folder, or with the file in it that the error names."""
    what = error.filename or folder
    if why := disk.closed(str(error.strerror)):
        return f"{what} can't be written: {why}. Let this user write there, or name another folder: --data."
    if why := disk.full(str(error.strerror)):
        return f"{what} can't be written: {why}. Make room on the disk and collect again."
    return f"{folder} can't be used as a folder: {error.strerror}. Name another: --data."
