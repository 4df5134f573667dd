"""Files of checks: one, those of a pattern, a folder of them, or one at an address."""

from __future__ import annotations

import glob
import gzip
import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow

from settings.sources import Canaries, PipelineLogs
from sources import Reading, Reject, StopSource, shown
from sources.reading import check_rows, http

ENDINGS = (".parquet", ".csv", ".json", ".jsonl", ".ndjson")
UNREADABLE = (pyarrow.ArrowException, ValueError, OSError, EOFError)
# A file's name and bytes in, its rows in the columns of check_rows and its rejects out; or UNREADABLE.
Parse = Callable[[str, bytes], tuple[pyarrow.Table, list[Reject]]]


def is_file(path: str) -> bool:
    """Whether a path or an address ends like a file of checks, zipped or not."""
    return path.removesuffix(".gz").endswith(ENDINGS)


def readings(
    settings: PipelineLogs | Canaries, cursor: dict, now: datetime, parse: Parse, first: int = 1
) -> Iterator[Reading]:
    """A reading for each file that is new or has changed; of a folder, for each folder in it.

    `first` is the number of a file's first row. Raises StopSource when there is no such file.
    """
    if settings.url:
        name = Path(urlsplit(settings.url).path).name
        body = http.get(settings.url, limits=settings.limits, allowed=settings.allow_hosts).content
        yield _of_file(settings, name, http.redacted(settings.url), body, now, {}, parse, first)
        return
    known = dict(cursor.get("files", {}))
    for place, files in _places(settings.file).items():
        told = [file.stat() for file in files]
        mark = f"{len(files)} {sum(t.st_size for t in told)} {max(t.st_mtime_ns for t in told)}"
        if known.get(place) == mark:
            continue
        known[place] = mark
        going_on = {"files": dict(known)}
        if place == str(files[0]):
            name, body = files[0].name, files[0].read_bytes()
            yield _of_file(
                settings, name, shown(settings, place), body, now, going_on, parse, first
            )
        else:
            yield _of_folder(settings, place, files, now, going_on, parse)


def _places(told: str) -> dict[str, list[Path]]:
    """The files to read together: each by itself or, of a folder, each folder's."""
    base = Path(told)
    places: dict[str, list[Path]] = {}
    if base.is_dir():
        for file in sorted(f for f in base.rglob("*") if f.is_file() and is_file(f.name)):
            places.setdefault(str(file.parent), []).append(file)
    else:
        places = {str(file): [file] for file in sorted(map(Path, glob.glob(told)))}
    if not places:
        raise StopSource(f"{told} matches no file: correct 'file'.")
    return places


def _of_file(settings, name, place, body, now, cursor, parse: Parse, first: int) -> Reading:
    digest = hashlib.sha256(body).hexdigest()
    process = settings.process or name.split(".")[0]
    try:
        table, rejects = _parsed(parse, name, body)
        told = check_rows.sift(table, process, first, now)
    except UNREADABLE as error:
        return Reading(
            place, now, check_rows.as_table([]), sha256=digest, refused=_reason(error), cursor=cursor
        )  # fmt: skip
    return Reading(
        place, now, told.rows, newest=told.newest, oldest=told.oldest, sha256=digest,
        rejects=rejects + told.rejects, cursor=cursor,
    )  # fmt: skip


def _of_folder(settings, place, files: list[Path], now, cursor, parse: Parse) -> Reading:
    """Every file of a folder in one transaction; one that can't be read costs only itself."""
    tables, rejects, digest = [check_rows.as_table([])], [], hashlib.sha256()
    for file in files:
        body = file.read_bytes()
        digest.update(body)
        try:
            table, refused = _parsed(parse, file.name, body)
            tables.append(table)
            rejects += refused
        except UNREADABLE as error:
            rejects.append(Reject(0, "", file.name, _reason(error)))
    process = settings.process or Path(settings.file).name
    told = check_rows.sift(pyarrow.concat_tables(tables), process, 1, now)
    return Reading(
        shown(settings, place), now, told.rows, newest=told.newest, oldest=told.oldest,
        sha256=digest.hexdigest(), rejects=rejects + told.rejects, cursor=cursor,
    )  # fmt: skip


def _parsed(parse: Parse, name: str, body: bytes) -> tuple[pyarrow.Table, list[Reject]]:
    return parse(name.removesuffix(".gz"), gzip.decompress(body) if name.endswith(".gz") else body)


def _reason(error: Exception) -> str:
    told = (str(error) or type(error).__name__).splitlines()[0][:200]
    return f"The file can't be read: {told}"
