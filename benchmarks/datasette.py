"""A table of a Datasette: reading it whole, beside a bare download of the same pages.

    python benchmarks/datasette.py [rows]

Starts a real Datasette over a made-up table (100,000 rows of eight columns unless told otherwise) and
reads it in both ways in turn, five times each; both ask for the same pages with the same SQL. Told are
the median seconds and the median of the ratios of a round: a bare download only unpacks each page.
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import requests  # noqa: E402
from servers import datasette  # noqa: E402

from settings.sources import Datasette  # noqa: E402
from sources.datasette import PAGE, readings  # noqa: E402
from sources.reading.aside import Aside  # noqa: E402

ROUNDS = 5
FIRST = f'select * from (select rowid, * from "told") order by "id" limit {PAGE}'
LATER = FIRST.replace(" order", ' where ("id") > (+cast(:after_0 as integer)) order')


def written(file: Path, rows: int) -> None:
    """A table as the service's: references, addresses, dates, a sentence, a number."""
    with sqlite3.connect(file) as con:
        con.execute(
            "create table told (id integer primary key, organisation text, dataset text, "
            "endpoint text, status text, entry_date text, detail text, pages integer)"
        )
        con.executemany(
            "insert into told values (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    n, f"local-authority:{n % 400}", f"dataset-{n % 90}",
                    f"https://example.org/endpoint/{n * 7919 % 99_991}", "200",
                    f"2026-01-{n % 28 + 1:02}", "what was found there, in a few words", n % 77,
                )
                for n in range(1, rows + 1)
            ),
        )  # fmt: skip


def bare(url: str) -> int:
    """The pages alone, by one connection; how many rows they hold."""
    number, asked = 0, {"sql": FIRST, "_shape": "objects"}
    with requests.Session() as session:
        while rows := session.get(f"{url}.json", params=asked).json()["rows"]:
            number += len(rows)
            asked |= {"sql": LATER, "after_0": rows[-1]["id"]}
    return number


def ours(url: str) -> int:
    """What collecting reads: each row judged, packed, kept aside and counted, the table compared."""
    with tempfile.TemporaryDirectory() as folder:
        told = Datasette(name="told", url=url, table="told")
        (reading,) = readings(told, {}, datetime.now(UTC), Aside(Path(folder), "told"))
        return reading.rows.num_rows


def seconds(ask: Callable[[str], int], url: str, rows: int) -> float:
    """How long it took. Raises SystemExit where it did not read all there is."""
    begun = time.perf_counter()
    found = ask(url)
    if found != rows:
        raise SystemExit(f"{ask.__name__} read {found:,} of {rows:,} rows.")
    return time.perf_counter() - begun


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "made.db"
        written(file, rows)
        with datasette(file) as url:
            bare(url)  # what the server does only once
            rounds = [[seconds(ask, url, rows) for ask in (bare, ours)] for _ in range(ROUNDS)]
    for ask, told in zip((bare, ours), zip(*rounds, strict=True), strict=True):
        print(f"{ask.__name__}: {statistics.median(told):.2f} s for {rows:,} rows")
    ratio = statistics.median(one[1] / one[0] for one in rounds)
    print(f"ours takes {ratio:.2f} times as long as a bare download")


if __name__ == "__main__":
    main()
