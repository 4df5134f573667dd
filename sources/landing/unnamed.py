"""What the landing database holds of sources that stages.yaml no longer names."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from settings import database


def sources(landing: Path, named: Iterable[str]) -> list[str]:
    """Those that an answer was taken of and that are not named. Raises duckdb.Error."""
    with closing(database.connect(landing, read_only=True)) as con:
        told = con.execute(_SOURCES, {"named": list(named)}).fetchall()
    return [source for (source,) in told]


def boards(landing: Path, named: Iterable[str]) -> dict[str, int]:
    """Of each source that is not named the pictures that were taken of it, which can't be had again
    and are shown under its own name only. Raises duckdb.Error."""
    with closing(database.connect(landing, read_only=True)) as con:
        return dict(con.execute(_PICTURES, {"named": list(named)}).fetchall())


_SOURCES = """
select distinct source from load where outcome = 'accepted' and not list_contains($named, source)
order by source
"""
_PICTURES = """
select source, count(*) from load
where outcome = 'accepted' and kind in ('snapshots', 'github_project')
  and not list_contains($named, source)
group by source order by source
"""
