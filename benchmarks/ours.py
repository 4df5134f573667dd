"""What is measured of this program on a made-up log: collecting, publishing, and what each page asks.

The pages are the real ones, run by Streamlit without a browser, each with empty caches as its first
visitor finds it: what they ask is heard where they ask it, so that no list of it can grow old.
"""

from __future__ import annotations

import functools
import importlib
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import generated
import standard

import metrics
from metrics.publishing import publish as publishing
from settings import stages
from sources import collecting

PAST = (generated.LAST - timedelta(days=730)).date().isoformat()
PAGES = (
    "overview", "stage", "flow", "review", "pipeline", "map", "sources", "catalogue", "meeting",
)  # fmt: skip
AWAY = 3600  # seconds after which a page is given up


class Refused(Exception):
    """A step did not do what it is measured for; a sentence."""


def prepared(folder: Path, step: str) -> None:
    """What a step begins with: the list as it is then, and nothing of what the step makes."""
    gone = {"collect": "data", "publish": "data/published"}
    if step in gone:
        shutil.rmtree(folder / gone[step], ignore_errors=True)
    if step.endswith("collect"):
        shutil.copyfile(
            folder / ("base.csv" if step == "collect" else "night.csv"), folder / "events.csv"
        )
    (folder / "data").mkdir(exist_ok=True)


def collect(folder: Path) -> dict:
    """Collect the list as it is."""
    told, now = stages.read(folder / "stages.yaml"), datetime.now(UTC)
    landing = folder / "data/landing.duckdb"
    [done] = collecting.collect(told.sources.values(), landing, now)
    if done.failed or done.refused:
        raise Refused(done.failed or f"{done.refused:,} rows were refused.")
    return {"landing, MB": landing.stat().st_size / 1e6}


def publish(folder: Path) -> dict:
    """Publish what was collected."""
    told = stages.read(folder / "stages.yaml")
    done = publishing.publish(told, folder / "data", datetime.now(UTC))
    if not done.ok:
        raise Refused(" ".join(done.reasons))
    return {"publication, MB": done.file.stat().st_size / 1e6}


def answer(folder: Path) -> standard.Answer:
    """Our standard figures at the opening instant, as the other ways tell them."""
    shown = metrics.open(folder / "data")
    at = shown.opens_at()
    assert at
    rows = shown.figure("typical_time", at)
    rows = rows[rows.stage != ""].set_index("stage")
    weeks = shown.figure("throughput", at)
    weeks = weeks[weeks.delivered > 0]
    shown.close()
    medians = (rows.finished_median_days * 86_400_000_000).round().astype("int64")
    return {
        "finished": rows.finished.to_dict(),
        "median_us": medians.to_dict(),
        "open": rows.open.to_dict(),
        "delivered": {str(week.date()): n for week, n in zip(weeks.week, weeks.delivered, strict=True)},
    }  # fmt: skip


def visits() -> dict[str, tuple[str, dict[str, str]]]:
    """What is visited, by what it is called: a page's module and the address that names its part."""
    from dashboard.pages import flow, stage

    parts = {
        "stage": {name: {"stage": "assess", "look": look} for look, (name, _) in stage.LOOKS.items()},
        "flow": {name: {"chart": chart} for chart, (name, _) in flow.CHARTS.items()},
        "meeting": {"": {"present": "1"}},
    }  # fmt: skip
    return {
        f"{page}: {part}".rstrip(": "): (page, query)
        for page in PAGES
        for part, query in parts.get(page, {"": {}}).items()
    }


class Heard:
    """How long the answers to what is asked of publications take, each by its name."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.processor = 0.0  # seconds of it, of all threads
        self._asking = threading.local()
        self._methods = {
            name: method
            for name, method in vars(metrics.Publication).items()
            if callable(method) and not name.startswith("_") and name != "close"
        }

    def __enter__(self) -> Heard:
        for name, method in self._methods.items():
            setattr(metrics.Publication, name, self._timed(name, method))
        return self

    def __exit__(self, *error: object) -> None:
        for name, method in self._methods.items():
            setattr(metrics.Publication, name, method)

    def _timed(self, name: str, method):
        @functools.wraps(method)
        def timed(*args, **kwargs):
            if getattr(self._asking, "is", False):  # by an answer that is timed itself
                return method(*args, **kwargs)
            self._asking.__dict__["is"] = True
            start, used = time.perf_counter(), time.process_time()
            try:
                return method(*args, **kwargs)
            finally:
                self.processor += time.process_time() - used
                called = f"{name} {args[1]}" if name in ("figure", "table") else name
                self.seconds[called] += time.perf_counter() - start
                self._asking.__dict__["is"] = False

        return timed


def page(module: str, data: str, day: str) -> None:
    """The script of a page: as app.py shows it, of the first stream, without what is around it.
    `day` as 2026-04-03, or "" for where it opens. It runs by itself: it imports what it names."""
    import importlib
    from dataclasses import replace
    from datetime import date

    from dashboard.parts import view

    _, shown = view.publication(data)
    stream = shown.table("stream").iloc[0]
    seen = view.opening(shown, stream, module.title())
    if day:
        at = shown.day_ends(date.fromisoformat(day), stream.stream)
        seen = replace(seen, as_of=at, opened=False, day_shown=date.fromisoformat(day))
    show = importlib.import_module(f"dashboard.pages.{module}").show
    show(seen, []) if module == "meeting" else show(seen)


def pages(
    folder: Path, day: str = "", tell: Callable[[dict], object] = bool, only: tuple[str, ...] = ()
) -> dict[str, dict]:
    """Each visit, or those of `only`: seconds in the data layer and of the whole script, by the clock
    and of processor; what was asked, and which answer took longest. After each, `tell` gets what was
    found so far. Raises Refused where one fails."""
    found: dict[str, dict] = {}
    with Heard() as heard:
        for name in only or visits():
            found[name] = _visited(heard, name, str(folder / "data"), day)
            tell(found)
    return found


def _visited(heard: Heard, name: str, data: str, day: str) -> dict:
    import streamlit
    from streamlit.testing.v1 import AppTest

    from dashboard.parts import view

    module, query = visits()[name]
    importlib.import_module(f"dashboard.pages.{module}")
    streamlit.cache_resource.clear()
    view.publication(data)  # a server has it open
    heard.seconds.clear()
    heard.processor = 0.0
    asked = {"module": module, "data": data, "day": day}
    run = AppTest.from_function(page, default_timeout=AWAY, kwargs=asked)
    for key, value in query.items():
        run.query_params[key] = value
    start, used = time.perf_counter(), time.process_time()
    run.run()
    whole, processor = time.perf_counter() - start, time.process_time() - used
    if run.exception:
        wrong = run.exception[0]
        raise Refused(f"{name}: {wrong.value} {' '.join(wrong.stack_trace)}")
    return {
        "data": {"seconds": heard.seconds.total(), "processor": heard.processor},
        "whole": {"seconds": whole, "processor": processor},
        "longest": max(heard.seconds, key=lambda one: heard.seconds[one], default=""),
        "asked": sorted(heard.seconds),
    }
