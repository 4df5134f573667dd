"""How the pipeline's health grows with its log: 450 and 4,500 endpoints looked at daily for eight years.

    python benchmarks/pipeline.py [days]

Prints seconds and the ratio to ten times less (near 10 is linear, near 1 does not grow); the log
goes from 1.3 to 13 million rows. `a day later` is what a nightly run costs: one more day arrives.
`days` makes it shorter, for a try.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import looked  # noqa: E402

import metrics  # noqa: E402
from metrics.publishing import publish  # noqa: E402
from settings import database  # noqa: E402
from sources import collecting  # noqa: E402

FIRST, DAYS, YEAR = datetime(2016, 1, 1, tzinfo=UTC), 2922, 366
STAGES = looked.LOOKED.replace('file: "log*.jsonl"', 'file: "*.parquet"')
PAGES = {
    "Overview's boxes": ["process_status"],
    "Now": ["process_status", "failing", "outage", "flapping"],
    "Over time": ["check_week"],
    "What fails": ["check_error"],
    "Time to recover": ["recovery"],
    "Runs": ["run", "outage"],
    "Slow and slowing": ["speed"],
}
# A fifth fails, for twenty days at a time, with a status, a time-out or a page without data.
LOG = """
copy (
    select 'collection-' || (e % 40) as process, sha256('endpoint ' || e) as endpoint,
           strftime($first::timestamp + to_days(d::integer) + interval 13 minute, '%Y-%m-%dT%H:%M:%S.%f') as entry_date,
           case when ok or hash(e, d // 20) % 3 = 0 then '200' when hash(e, d // 20) % 3 = 1 then '404' end as status,
           if(not ok and hash(e, d // 20) % 3 = 2, 'ConnectTimeout', null) as exception,
           round(hash(e, d, 's') % 3000 / 1000, 3)::text as elapsed,
           if(ok, sha256('resource ' || e || ' ' || d // 60), null) as resource
    from (select d, e, hash(e, d // 20) % 100 < 80 and hash(e, d) % 1000 > 0 as ok
          from range($day, $until) one(d), range($endpoints) two(e))
) to '{}' (format parquet)
"""


def write(file: Path, endpoints: int, day: int, until: int) -> None:
    """The log of some days, as the collector writes it."""
    with database.connect() as con:
        con.execute(
            LOG.format(file),
            {"first": FIRST.replace(tzinfo=None), "day": day, "until": until, "endpoints": endpoints},
        )  # fmt: skip


def timed(told: dict[str, float], name: str, work) -> object:
    """What work() gives; its seconds under a name."""
    start = time.perf_counter()
    result = work()
    told[name] = time.perf_counter() - start
    return result


def measured(folder: Path, endpoints: int, days: int) -> dict[str, float]:
    """Seconds of each step with so many endpoints."""
    told: dict[str, float] = {}
    settings = looked.prepared(folder, STAGES)
    for year in range(0, days, YEAR):
        write(folder / f"{year:05}.parquet", endpoints, year, min(year + YEAR, days))
    landing, now = folder / "landing.duckdb", FIRST + timedelta(days=days)
    collect = lambda at: collecting.collect(settings.sources.values(), landing, at)  # noqa: E731
    timed(told, "collect everything", lambda: collect(now))
    timed(told, "publish everything", lambda: publish.publish(settings, folder, now))
    write(folder / f"{days:05}.parquet", endpoints, days, days + 1)
    now += timedelta(days=1)
    timed(told, "a day later: collect", lambda: collect(now))
    done = timed(told, "a day later: publish", lambda: publish.publish(settings, folder, now))
    assert done.ok, done.reasons
    asked = metrics.open(done.file)
    assert asked.figure("check_week", now).checks.sum() > 0
    for page, figures in PAGES.items():
        timed(told, f"page: {page}", lambda: [asked.figure(f, now) for f in figures])  # noqa: B023
    asked.close()
    told["landing, MB"] = landing.stat().st_size / 1e6
    told["publication, MB"] = done.file.stat().st_size / 1e6
    return told


def main() -> None:
    """Measure at both sizes and print them side by side."""
    days = int(sys.argv[1]) if sys.argv[1:] else DAYS
    both = []
    for endpoints in (450, 4_500):
        with tempfile.TemporaryDirectory() as folder:
            both.append(measured(Path(folder), endpoints, days))
    rows = f"{450 * days:,} rows", f"{4_500 * days:,} rows"
    print(f"{'':24}{rows[0]:>18}{rows[1]:>18}")
    for name, less in both[0].items():
        more = both[1][name]
        print(f"{name:24}{less:18.2f}{more:18.2f}   x{more / less:.1f}")


if __name__ == "__main__":
    main()
