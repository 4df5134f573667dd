"""Files of checks: one, those of a pattern, a folder of them, or one at an address."""

from __future__ import annotations

import glob
import hashlib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import pyarrow

from settings.limits import Limits
from settings.sources import Canaries, PipelineLogs
from sources import Reading, Reject, StopSource, shown
from sources.reading import bounds, check_rows, http
from sources.reading.bounds import TooMuch, Unreadable

ENDINGS = (".parquet", ".csv", ".json", ".jsonl", ".ndjson")
UNREADABLE = (pyarrow.ArrowException, ValueError, OSError, EOFError, zlib.error, RecursionError)
# A file's name, its bytes to be read and its limits in, its rows in the columns of check_rows and
# its rejects out; or UNREADABLE.
Parse = Callable[[str, BinaryIO, Limits], tuple[pyarrow.Table, list[Reject]]]


def is_file(path: str) -> bool:
    """Whether a path or an address ends like a file of checks, zipped or not."""
    return path.removesuffix(".gz").endswith(ENDINGS)


def readings(
    settings: PipelineLogs | Canaries, cursor: dict, now: datetime, parse: Parse
) -> Iterator[Reading]:
    """A reading for each file that is new or has changed; of a folder, for each folder in it.

    Raises StopSource when there is no such file.
    """
    if settings.url:
        name = Path(urlsplit(settings.url).path).name
        body = http.get(settings.url, limits=settings.limits, allowed=settings.allow_hosts).content
        yield _of_file(settings, name, http.redacted(settings.url), body, now, parse)[0]
        return
    known = dict(cursor.get("files", {}))
    for place, files in _places(settings.file).items():
        told = [file.stat() for file in files]
        mark = f"{len(files)} {sum(t.st_size for t in told)} {max(t.st_mtime_ns for t in told)}"
        if known.pop(place, None) != mark:
            if place == str(files[0]):
                name, seen = files[0].name, shown(settings, place)
                reading, again = _of_file(settings, name, seen, files[0], now, parse)
            else:
                reading, again = _of_folder(settings, shown(settings, place), files, now, parse)
            # What a limit kept out may come in with a higher one, though nothing else changes.
            going_on = known if again else known | {place: mark}
            yield replace(reading, cursor={"files": dict(going_on)})
            if again:
                continue
        known[place] = mark


def _places(told: str) -> dict[str, list[Path]]:
    """The files to read together: each by itself or, of a folder, each folder's."""
    base = Path(told)
    places: dict[str, list[Path]] = {}
    if base.is_dir():
        for file in sorted(f for f in base.rglob("*") if f.is_file() and is_file(f.name)):
            places.setdefault(str(file.parent), []).append(file)
    else:
        found = sorted(file for file in map(Path, glob.glob(told)) if file.is_file())
        places = {str(file): [file] for file in found}
    if not places:
        raise StopSource(f"{told} matches no file: correct 'file'.")
    return places


def _of_file(
    settings, name: str, place: str, body: Path | bytes, now: datetime, parse: Parse
) -> tuple[Reading, bool]:
    """What a file says, and whether a limit kept it out."""
    digest = hashlib.sha256()
    try:
        table, rejects = _parsed(parse, name, body, settings.limits, digest)
        told = check_rows.sift(
            table, settings.process or name.split(".")[0], 1, now, settings.limits
        )
    except UNREADABLE as error:
        return _refused(place, now, digest, error)
    return _accepted(place, now, told, digest, rejects), False


def _of_folder(
    settings, place: str, files: list[Path], now: datetime, parse: Parse
) -> tuple[Reading, bool]:
    """Every file of a folder in one transaction; one that can't be read costs only itself."""
    tables, rejects, digest, again = [check_rows.as_table([])], [], hashlib.sha256(), False
    process, limits = settings.process or Path(settings.file).name, settings.limits
    rows = size = 0
    try:
        for file in files:
            try:
                table, refused = _parsed(parse, file.name, file, limits, digest)
            except UNREADABLE as error:
                digest.update(_reason(error).encode())
                rejects.append(Reject(0, "", file.name, _reason(error)))
                again |= isinstance(error, TooMuch)
                continue
            tables.append(table)
            rejects += refused
            rows, size = rows + table.num_rows, size + table.nbytes
            bounds.within(limits, "rows", rows, "The folder")
            bounds.within(limits, "unpacked", size, "The folder")
            bounds.within(limits, "rejects", len(rejects), "The folder")
        told = check_rows.sift(
            pyarrow.concat_tables(tables, promote_options="default"), process, 1, now, limits
        )
    except UNREADABLE as error:
        return _refused(place, now, digest, error)
    return _accepted(place, now, told, digest, rejects), again


def _accepted(place, now, told: check_rows.Sifted, digest, rejects: list[Reject]) -> Reading:
    return Reading(
        place, now, told.rows, newest=told.newest, oldest=told.oldest, sha256=digest.hexdigest(),
        rejects=rejects + told.rejects,
    )  # fmt: skip


def _refused(place, now, digest, error: Exception) -> tuple[Reading, bool]:
    digest.update(_reason(error).encode())
    nothing, again = check_rows.as_table([]), isinstance(error, TooMuch)
    return Reading(
        place, now, nothing, sha256=digest.hexdigest(), refused=_reason(error)
    ), again  # fmt: skip


def _parsed(parse: Parse, name: str, body: Path | bytes, limits: Limits, digest):
    """What parse makes of a file, whose bytes as they came are added to the digest."""
    with bounds.opened(body, False, limits) as stream:
        while part := stream.read(1 << 20):
            digest.update(part)
    with bounds.opened(body, name.endswith(".gz"), limits) as stream:
        return parse(name.removesuffix(".gz"), stream, limits)


def _reason(error: Exception) -> str:
    if isinstance(error, Unreadable):
        return str(error)
    told = (str(error) or type(error).__name__).splitlines()[0][:200]
    return f"The file can't be read: {told}"
