"""The folder of publications: which there are, which is current, and why a newer one is not shown."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

FOLDER, POINTER, REFUSAL = "published", "current", "refused.json"
NAME = "%Y-%m-%dT%H%M%S.%fZ"
# Publications in which this process found damage, as they were then, and what it was.
_damaged: dict[tuple[Path, int, int], str] = {}


def current(data: str | Path) -> Path:
    """The file that the pointer of a data folder names, there or not.

    Raises FileNotFoundError with the cure where there is no pointer, or it names no publication.
    """
    folder = Path(data) / FOLDER
    try:
        file = folder / (folder / POINTER).read_bytes().decode("ascii", "replace").strip()
        made_at(file)
        return file
    except (FileNotFoundError, ValueError):
        raise FileNotFoundError(
            f"Nothing is published in {Path(data)} yet: run 'valuestream collect' and then "
            "'valuestream publish'."
        ) from None


def made_at(file: Path) -> datetime:
    """When a publication was made (UTC), from its name. Raises ValueError for any other name."""
    if file.suffix != ".duckdb":
        raise ValueError(f"{file.name} is no publication.")
    return datetime.strptime(file.stem, NAME).replace(tzinfo=UTC)


def found_damaged(file: Path, why: str) -> None:
    """Remember that a publication, as it is now, can't be read: it is not shown again."""
    with suppress(OSError):
        _damaged.setdefault(_as_it_is(file), why)


def damage(file: Path) -> str:
    """What damage was found in this very file, "" for none. A copy put back in its place is another."""
    try:
        return _damaged.get(_as_it_is(file), "")
    except OSError:
        return ""


def _as_it_is(file: Path) -> tuple[Path, int, int]:
    told = file.stat()
    return file.absolute(), told.st_mtime_ns, told.st_ino


def publications(folder: Path) -> list[Path]:
    """The publications in a folder, the oldest first; whatever else lies there is nobody's."""
    found = []
    for file in sorted(folder.glob("*.duckdb")):
        try:
            found.append((made_at(file), file))
        except ValueError:
            continue
    return [file for _, file in found]


def made_by(data: str | Path, instant: datetime) -> Path | None:
    """The newest publication of a data folder that was made at or before an instant, if one is kept."""
    made = [file for file in publications(Path(data) / FOLDER) if made_at(file) <= instant]
    return made[-1] if made else None


def oldest(data: str | Path) -> datetime | None:
    """When the oldest publication that is kept was made (UTC); None where none is."""
    made = publications(Path(data) / FOLDER)
    return made_at(made[0]) if made else None


def refusal(data: str | Path) -> dict | None:
    """Why the last publication was not made current: {"at": ISO time, "reasons": [sentence]}."""
    file = Path(data) / FOLDER / REFUSAL
    try:
        told = json.loads(file.read_text())
        return {"at": datetime.fromisoformat(told["at"]).isoformat(), "reasons": [*told["reasons"]]}
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        at = datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat()
        return {"at": at, "reasons": [f"{REFUSAL}, which says why, is damaged: publish again."]}
