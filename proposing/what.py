"""What somebody names to begin with: a file, an address or a table, as settings of a source and,
of a list, its header and first rows."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from pydantic import ValidationError

from proposing import boards
from proposing.columns import Dates, Proposal, Sample
from settings.complaint import sentence
from settings.google_sheets import csv_of
from settings.places import Source
from settings.sources import KINDS, Datasette, Events
from sources import StopSource
from sources.reading.bounds import Unreadable
from sources.reading.databases import File, Server
from sources.reading.tables import records, xlsx_rows
from sources.snapshots import opened

MOST = 5_000  # rows of a list that are looked at
_LOG = "each case is an item, and each event that completes what it names a change to it"
DATABASES = (".sqlite3", ".sqlite", ".db")


class Found(NamedTuple):
    """A source: its kind and settings but for its columns, what a person would call it, a sample of
    its rows where it is a list whose columns have to be found, and otherwise how it is understood."""

    kind: str
    settings: dict[str, Any]
    title: str
    sample: Sample | None = None
    why: str = ""


def found(what: str, folder: Path, table: str = "", sheet: str = "") -> Found:
    """What `what` is; files are named as they lie from `folder`. Raises StopSource, TryLater or
    Unreadable with a sentence."""
    if what.startswith(("http://", "https://")):
        return _address(what, table, sheet)
    file = Path(what)
    if not file.is_file():
        raise StopSource(
            f"There is no file {what!r}, and it is no address: write https:// before one."
        )
    place = {"file": _from(file, folder)}
    if file.name.lower().endswith((".xes", ".xes.gz")):
        return Found("xes", place, file.name.partition(".")[0], why=_LOG)
    if file.suffix.lower() == ".json":
        kind, settings, title, why = boards.of_export(file, place)
        return Found(kind, settings, title, why=why)
    if file.suffix.lower() in DATABASES:
        return _of_file(place, table, file.stem, folder)
    return _list(place, file.stem, sheet, folder)


def _from(file: Path, folder: Path) -> str:
    """A file as stages.yaml names it: from that file's folder, if it lies beneath it."""
    told, base = file.resolve(), folder.resolve()
    return str(told.relative_to(base)) if told.is_relative_to(base) else str(told)


def _address(url: str, table: str, sheet: str) -> Found:
    path = unquote(urlsplit(url).path).rstrip("/")
    if board := boards.of_address(url):
        kind, settings, title, why = board
        return Found(kind, settings, title, why=why)
    if csv_of(url):
        return _list({"url": url}, "sheet", sheet, Path())
    name = Path(path).stem or urlsplit(url).hostname or url
    if not Path(path).suffix and (told := _of_datasette(url, path, table)):
        return told
    return _list({"url": url}, name, sheet, Path())


def _of_datasette(url: str, path: str, table: str) -> Found | None:
    """The table of a Datasette that an address is the page of; None where no Datasette answers."""
    base = url.partition("?")[0].partition("#")[0].rstrip("/")
    parts = path.strip("/").split("/")
    tries = [({"url": base}, table)] if table else []
    if len(parts) >= 2:
        tries.append(({"url": base.rpartition("/")[0]}, table or parts[-1]))
    for place, name in tries:
        settings = made({"kind": "datasette", **place, "table": name}, Path())
        assert isinstance(settings, Datasette)
        try:
            ask = Server(settings)
        except StopSource:
            continue  # it is another thing
        return _table(ask, place, name, name)
    return None


def _of_file(place: dict, table: str, title: str, folder: Path) -> Found:
    """A table of a SQLite file. Raises StopSource, naming the tables, without one."""
    settings = made({"kind": "datasette", **place, "table": table or "?"}, folder)
    assert isinstance(settings, Datasette)
    ask = File(settings)
    if not table:
        rows, _ = ask.rows("select name from sqlite_master where type = 'table' order by name", {})
        names = ", ".join(str(row["name"]) for row in rows) or "none"
        raise StopSource(
            f"{ask.file.name} holds tables: name one with --table (there are: {names})."
        )
    return _table(ask, place, table, title)


def _table(ask: Server | File, place: dict, table: str, title: str) -> Found:
    """A table of a database. Raises StopSource or TryLater."""
    name = '"' + table.replace('"', '""') + '"'
    rows, _ = ask.rows(f"select * from {name} limit 1000", {})
    if not rows:
        raise StopSource(f"The table {table!r} is empty: there is nothing to go by.")
    told = [["" if cell is None else str(cell) for cell in row.values()] for row in rows]
    return Found("datasette", {**place, "table": table}, title, Sample(list(rows[0]), told))


def _list(place: dict, title: str, sheet: str, folder: Path) -> Found:
    """A CSV or .xlsx. Raises StopSource, TryLater or Unreadable."""
    more = {"sheet": sheet} if sheet else {}
    settings = made({"kind": "events", **place, **more}, folder)
    assert isinstance(settings, Events)
    excel = settings.place.split("?")[0].lower().endswith(".xlsx")
    with opened(settings) as stream:
        if excel:
            header, numbered = xlsx_rows(stream.read(), sheet, settings.limits)
        else:
            told = ((line, row) for line, row in records(stream) if any(map(str.strip, row)))
            _, first = next(told, (0, []))
            header, numbered = [cell.strip() for cell in first], list(islice(told, MOST))
    if not numbered:
        raise Unreadable("It holds no rows: there is nothing to go by.")
    rows = [row for _, row in numbered[:MOST]]
    return Found("events", {**place, **more}, title, Sample(header, rows))


def with_columns(
    found: Found, proposal: Proposal, dates: Dates, folder: Path
) -> tuple[dict[str, Any], str]:
    """The kind and settings of a list with its columns, as they are written, and why it is of that
    kind. Raises StopSource where what it tells can't be used."""
    kind, place = found.kind, dict(found.settings)
    if not proposal.changes:
        kind, place = "snapshots", _as_snapshot(found, folder)
    own = {word: column for word, column in proposal.columns.items() if word != column}
    settings = {"kind": kind, **place} | ({"columns": own} if own else {})
    if kind == "datasette":
        settings["columns"] = proposal.columns  # without any its rows are no list
    why = proposal.why
    if kind in ("events", "datasette") and dates.order:
        settings["dates"] = dates.order
        shown = ", as its dates show" if dates.shown else " is a guess, for no date shows it"
        why += f"; {dates.order}{shown}"
    made(settings, folder)
    return settings, why


def _as_snapshot(found: Found, folder: Path) -> dict[str, Any]:
    """The place of a list each of whose rows is an item as it is now."""
    place = dict(found.settings)
    if found.kind == "datasette" and "url" in place:
        return {"url": f"{place['url']}/{quote(place['table'], safe='')}.csv?_stream=on"}
    if found.kind == "datasette" or made({"kind": "events", **place}, folder).place.endswith(
        ".xlsx"
    ):
        raise StopSource(
            "Its rows tell how items are now and not since when, and of such a list a CSV is needed: "
            "save it as one, or name the column that tells since when with --column since=…."
        )
    return place


def made(settings: dict, folder: Path) -> Source:
    """A source of these settings, beside a stages.yaml in that folder. Raises StopSource."""
    given = {**settings, "name": "it", "folder": folder}
    try:
        return KINDS[settings["kind"]].model_validate(given)
    except ValidationError as error:
        raise StopSource(f"{sentence(error, {})}.") from None
