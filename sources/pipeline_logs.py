"""Pipeline logs: each row one look at one endpoint, from files or from a Datasette's log table."""

from __future__ import annotations

import glob
import gzip
import hashlib
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow
import pyarrow.compute as compute
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet

import store
from sources import Reading, Reject, StopSource, datasette, http, shown
from sources.datasette import PAGE

COLUMNS = [
    "endpoint",
    "entry_date",
    "status",
    "exception",
    "elapsed",
    "bytes",
    "content_type",
    "resource",
]
BATCH = 50_000
OVERLAP = timedelta(days=2)


def readings(settings: dict, cursor: dict, now: datetime) -> Iterator[Reading]:
    """A reading for each file that is new or has changed, or for each 50,000 rows of a Datasette.

    Raises StopSource when there is no such file or table.
    """
    if settings["url"]:
        yield from _from_datasette(settings, cursor, now)
        return
    files = sorted(glob.glob(settings["file"]))
    if not files:
        raise StopSource(f"{settings['file']} matches no file: correct 'file'.")
    known = dict(cursor.get("files", {}))
    for file in files:
        told = Path(file).stat()
        mark = f"{told.st_size} {told.st_mtime_ns}"
        if known.get(file) != mark:
            known[file] = mark
            yield _from_file(settings, file, now, dict(known))


def _from_file(settings: dict, file: str, now: datetime, known: dict) -> Reading:
    body = Path(file).read_bytes()
    digest = hashlib.sha256(body).hexdigest()
    cursor = {"files": known}
    process = settings["process"] or Path(file).name.split(".")[0]
    place = shown(settings, file)
    try:
        table = _table(file, gzip.decompress(body) if file.endswith(".gz") else body)
    except (pyarrow.ArrowException, ValueError, OSError, EOFError) as error:
        reason = f"The file can't be read: {str(error).splitlines()[0][:200]}"
        return Reading(place, now, _empty(), sha256=digest, refused=reason, cursor=cursor)
    good, rejects, newest = _sift(table, process, 2)
    return Reading(place, now, good, newest=newest, sha256=digest, rejects=rejects, cursor=cursor)


def _table(file: str, body: bytes) -> pyarrow.Table:
    name, source = file.removesuffix(".gz"), io.BytesIO(body)
    if name.endswith(".parquet"):
        return pyarrow.parquet.read_table(source)
    if name.endswith(".csv"):
        head = body.split(b"\n", 1)[0].decode().strip().split(",")
        options = pyarrow.csv.ConvertOptions(column_types={c: pyarrow.string() for c in head})
        return pyarrow.csv.read_csv(source, convert_options=options)
    text = body.decode()
    rows = (
        json.loads(text)
        if text.lstrip()[:1] == "["
        else [json.loads(x) for x in text.splitlines() if x.strip()]
    )
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("a log is a list of objects, or one object in each line")
    return pyarrow.Table.from_pylist(
        [{c: None if r.get(c) is None else str(r[c]) for c in COLUMNS} for r in rows],
        pyarrow.schema([(c, pyarrow.string()) for c in COLUMNS]),
    )


def _sift(
    table: pyarrow.Table, process: str, first: int
) -> tuple[pyarrow.Table, list, datetime | None]:
    """Rows that name an endpoint and a time, the rest as rejects, and the newest time (UTC)."""
    absent = [c for c in ("endpoint", "entry_date") if c not in table.column_names]
    if absent:
        raise ValueError(f"there is no column {absent[0]!r}")
    size = table.num_rows
    columns = {
        c: table[c].cast(pyarrow.string())
        if c in table.column_names
        else pyarrow.nulls(size, pyarrow.string())
        for c in COLUMNS
    }
    columns = {"line": pyarrow.array(range(first, first + size), pyarrow.int64()), **columns}
    told = pyarrow.table(columns).append_column("process", pyarrow.repeat(process, size))
    with store.connect() as con:
        con.register("told", told)
        dated = con.sql(
            "select *, try_cast(entry_date as timestamp) as at_time from told"
        ).to_arrow_table()
    good = compute.and_(
        compute.is_valid(dated["at_time"]),
        compute.greater(compute.utf8_length(compute.fill_null(dated["endpoint"], "")), 0),
    )
    kept, bad = dated.filter(good), dated.filter(compute.invert(good)).to_pylist()
    newest = compute.max(kept["at_time"]).as_py()
    rejects = [
        Reject(
            r["line"],
            "entry_date",
            r["entry_date"] or "",
            "no date: write it as 2026-04-03T14:30:00Z",
        )
        if r["endpoint"]
        else Reject(r["line"], "endpoint", r["entry_date"] or "", "no endpoint")
        for r in bad
    ]
    return kept.drop_columns(["at_time"]), rejects, newest.replace(tzinfo=UTC) if newest else None


def _from_datasette(settings: dict, cursor: dict, now: datetime) -> Iterator[Reading]:
    """Rows of the log table after the last rowid read, so a daily run touches only what is new."""
    ask = datasette.server(settings["url"])
    process, after = settings["process"] or settings["name"], cursor.get("rowid", 0)
    version = ask.version()
    if cursor.get("version") not in (None, version):
        # The database was rebuilt and its rowids may differ: read again from a little before.
        after = 0
    sql = (
        "select rowid, endpoint, entry_date, status, exception, elapsed, bytes, content_type, resource "
        "from log where rowid > :after and entry_date >= :since order by rowid limit :page"
    )
    newest = cursor.get("newest", "")
    since = str(datetime.fromisoformat(newest) - OVERLAP)[:10] if newest and not after else ""
    pending: list[dict] = []
    while True:
        rows, _ = ask.rows(sql, {"after": after, "since": since, "page": PAGE})
        pending += rows
        after = rows[-1]["rowid"] if rows else after
        if pending and (len(pending) >= BATCH or not rows):
            yield _batch(
                settings, pending, process, now, {"rowid": after, "version": version}, newest
            )
            newest, pending = max(newest, max(r["entry_date"] for r in pending)), []
        if not rows:
            return


def _batch(
    settings, rows: list[dict], process: str, now: datetime, cursor: dict, newest: str
) -> Reading:
    first, last = rows[0]["rowid"], rows[-1]["rowid"]
    texts = [{c: None if r[c] is None else str(r[c]) for c in COLUMNS} for r in rows]
    table = pyarrow.Table.from_pylist(
        texts, pyarrow.schema([(c, pyarrow.string()) for c in COLUMNS])
    )
    good, rejects, at = _sift(table, process, 1)
    told = max(newest, *(r["entry_date"] or "" for r in rows))
    place = (
        f"{http.redacted(settings['url'])}/log {cursor['version'] or 'live'} rows {first}-{last}"
    )
    return Reading(place, now, good, newest=at, sha256=hashlib.sha256(json.dumps(texts).encode()).hexdigest(),
                   rejects=rejects, cursor=cursor | {"newest": told})  # fmt: skip


def _empty() -> pyarrow.Table:
    return pyarrow.table({name: pyarrow.array([], pyarrow.string()) for name in COLUMNS})
