"""How publishing and asking grow with the size of the line: the same run at 1, 10 and 100.

    python benchmarks/flow.py

Prints seconds, and the ratio to the size before; a ratio near 10 is linear.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import numpy  # noqa: E402
import pandas  # noqa: E402
from line import STATUSES, publication  # noqa: E402

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
ASKED = [
    "queue_size",
    "typical_time",
    "status",
    "throughput",
    "age",
    "weekly",
    "cumulative_flow",
    "spell",
]


def history(items: int) -> pandas.DataFrame:
    """Items that each move five times, at random, over two years before AS_OF."""
    random = numpy.random.default_rng(1)
    size = items * 5
    moved = random.integers(0, 2 * 365 * 86400, size)
    frame = pandas.DataFrame({"item": numpy.repeat(numpy.arange(items), 5).astype(str)})
    frame["since"] = pandas.to_datetime(AS_OF - timedelta(days=730)) + pandas.to_timedelta(
        moved, "s"
    )
    frame["value"] = random.choice(list(STATUSES), size)
    return frame.assign(
        source="log", kind="status", precision="exact", opening=False,
        sequence=0, place="log.csv", line=numpy.arange(size),
        not_before=pandas.Series(pandas.NaT, index=frame.index, dtype="datetime64[us, UTC]"),
    )  # fmt: skip


def main() -> None:
    """Time each step at each size."""
    before: dict[str, float] = {}
    for items in (1_000, 10_000, 100_000):
        now: dict[str, float] = {}
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            asked = publication(Path(folder), history(items))
            now["publish"] = time.perf_counter() - start
            for name in ASKED:
                start = time.perf_counter()
                asked.figure(name, AS_OF)
                now[name] = time.perf_counter() - start
            asked.close()
        for name, seconds in now.items():
            ratio = f"x{seconds / before[name]:.1f}" if name in before else ""
            print(f"{items:>7,} items  {name:<14} {seconds:7.3f} s  {ratio}")
        before = now


if __name__ == "__main__":
    main()
