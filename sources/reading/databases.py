"""A database that is asked with SQL: one of a Datasette (0.65 or 1.0 alpha), or its SQLite file."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from settings.sources import Datasette, PipelineLogs
from sources import StopSource
from sources.reading import bounds, http, sqlite
from sources.reading.pages import Pages


class Server:
    """A database page of a Datasette, by address. Each question raises StopSource or TryLater."""

    def __init__(self, settings: Datasette | PipelineLogs):
        self.pages = Pages(settings, "is no Datasette: its answer is not JSON.")
        self.url = settings.url.rstrip("/")
        if not urlsplit(self.url).path:
            self.url = f"{self.url}/{self._only_database()}"
        self.host, _, self.database = self.url.rpartition("/")
        # 1.0 takes queries at /-/query, 0.65 at the database itself.
        self.query = f"{self.url}.json" if self._before_1() else f"{self.url}/-/query.json"

    @property
    def shown(self) -> str:
        """Its address as it can be shown."""
        return http.redacted(self.url)

    def _before_1(self) -> bool:
        told = self._json(f"{self.host}/-/versions.json")
        own = told.get("datasette") if isinstance(told, dict) else None
        if not isinstance(own, dict) or "version" not in own:
            raise self.odd("it tells no version")
        return str(own["version"]).startswith("0.")

    def _only_database(self) -> str:
        """The server's database where it has but one. Raises StopSource, naming them, else."""
        # Those of Datasette's own begin with a line.
        names = [d["name"] for d in self._databases(self.url) if not d["name"].startswith("_")]
        if len(names) == 1:
            return names[0]
        told = ", ".join(names) or "none"
        raise StopSource(
            f"{self.shown} names no database: put one behind the address (there are: {told})."
        )

    def _databases(self, host: str) -> list[dict]:
        told = self._json(f"{host}/-/databases.json")
        told = told.get("databases") if isinstance(told, dict) else told
        if not isinstance(told, list):
            raise self.odd("it lists no databases")
        return [d for d in told if isinstance(d, dict) and isinstance(d.get("name"), str)]

    def version(self) -> str:
        """The database's hash: it changes when the file is replaced. '' for a writable one."""
        told = self._databases(self.host)
        return str(next((d.get("hash") for d in told if d["name"] == self.database), None) or "")

    def rows(self, sql: str, params: dict) -> tuple[list[dict], bool]:
        """Rows and whether the answer was cut; only the 'objects' shape tells."""
        told = self._json(self.query, {"sql": sql, "_shape": "objects", **params})
        if not isinstance(told, dict):
            raise self.odd("an answer is no object")
        if not told.get("ok", True):
            raise StopSource(f"{self.shown}: {str(told.get('error') or told)[:200]}")
        rows = told.get("rows")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self.odd("an answer holds no list of rows")
        return rows, bool(told.get("truncated"))

    def odd(self, why: str) -> StopSource:
        """What to raise about an answer that no Datasette gives."""
        return StopSource(f"{self.shown} is no Datasette: {why}. Correct 'url'.")

    def _json(self, url: str, params: dict | None = None) -> Any:
        return self.pages.ask(url, params or {})[0]


_MAY = "'sql' is one select of that file, within the 'limits' of the source."


class File:
    """The SQLite file itself, read-only."""

    def __init__(self, settings: Datasette):
        self.pages = Pages(settings, "")
        self.shown = settings.file
        if not Path(settings.file).exists():
            raise StopSource(f"{settings.file} does not exist: correct 'file'.")
        self.file = Path(settings.file)
        try:
            bounds.is_file(self.file)
            self.connection = sqlite.opened(self.file, settings.limits.seconds)
        except OSError as error:
            raise StopSource(f"{settings.file} can't be read: {error.strerror}.") from None
        except sqlite3.Error as error:
            raise self.odd(str(error)) from None

    def version(self) -> str:
        """Size and time of the file, and of what is written but not yet in it."""
        # Reading alone may make an empty one.
        log = self.file.with_name(f"{self.file.name}-wal")
        told = [one.stat() for one in (self.file, log) if one.exists()]
        return " ".join(f"{one.st_size} {one.st_mtime_ns}" for one in told if one.st_size)

    def rows(self, sql: str, params: dict) -> tuple[list[dict], bool]:
        """Rows; an answer from the file itself is never cut."""
        try:
            return [dict(row) for row in self.connection.execute(sql, params)], False
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise StopSource(f"{self.file.name}: {error}. {_MAY}") from None

    def odd(self, why: str) -> StopSource:
        """What to raise about an answer that can't be used."""
        return StopSource(f"{self.file.name}: {why}.")
