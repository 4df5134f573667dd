"""How long the pages take while many people look at them, over real WebSockets: each viewer opens a
page, and every 20 seconds clicks on another or changes the day.

python benchmarks/load.py DATA --viewers 50 --minutes 5
python benchmarks/load.py DATA --viewers 50 --at-once [--first]
python benchmarks/load.py DATA --viewers 200 --minutes 10 --publish-every 60

DATA is a folder with a publication; what is published meanwhile goes into a copy of it.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from servers import free_port, running  # noqa: E402
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg  # noqa: E402
from visitor import connected, drawn, shown  # noqa: E402
from websockets.sync.client import ClientConnection  # noqa: E402

import metrics  # noqa: E402
from metrics import shelf  # noqa: E402

WARM = 5  # seconds that a server has to work out its first page
FIRST = ["/", "/flow", "/stage", "/sources"]  # what all visitors share is opened once, by the first
PATIENCE = 300  # seconds: who has to wait is told of by the times
TOLD = 10  # errors that are told one by one
EMPTY = 60  # seconds in which it lets go of what it held for those who left
SPREAD = (0.5, 1.5)  # of the time between two clicks; so all of a viewer's come within 30 seconds
EDITION = re.compile(rb"\(edition (\d+)\)")
# What a page says instead of an answer.
TROUBLE = re.compile(rb"This can't be read|Nothing to show yet|Publish once more|can't be opened")


class Visit(NamedTuple):
    """One page that was asked for: "open", "click" or "day"; what is wrong with the answer, or ""."""

    what: str
    address: str
    seconds: float
    size: int
    wrong: str


class Held(NamedTuple):
    """What a process has used and holds: seconds of processor time, megabytes, open files."""

    seconds: float
    memory: float
    files: int


def held(pid: int) -> Held:
    """As the system tells of a process."""
    place = Path(f"/proc/{pid}")
    told = (place / "stat").read_text().rpartition(")")[2].split()
    pages = int((place / "statm").read_text().split()[1])
    return Held(
        (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK"),
        pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
        len(list((place / "fd").iterdir())),
    )


class Example:
    """What there is to look at in a publication."""

    def __init__(self, data: Path):
        publication = metrics.open(data)
        self.streams = list(publication.table("stream").stream)
        self.stages = publication.table("stage").groupby("stream").stage.agg(list)
        self.opens = {one: self._opens(publication, one) for one in self.streams}
        first = publication.table("coverage").groupby("stream").from_at.min()
        self.first = {one: first[one].date() for one in self.streams}
        publication.close()

    @staticmethod
    def _opens(publication: metrics.Publication, stream: str) -> date:
        return (publication.opens_at(stream) or publication.published_at).date()

    def page(self, chance: random.Random) -> dict[str, str]:
        """Any page: its path and what its address asks for, but for the day."""
        stream = chance.choice(self.streams)
        stage = chance.choice(self.stages[stream])
        page = chance.choice(
            ["", "", "stage", "stage", "flow", "pipeline", "review", "map", "sources"]
        )
        more = {
            "": {"present": chance.choice(["", "1"])},
            "stage": {"stage": stage, "look": chance.choice(LOOKS)},
            "flow": {"chart": chance.choice(CHARTS), "of": chance.choice(["", stage])},
            "pipeline": {"show": chance.choice(SHOWN)},
        }.get(page, {})
        return {"page": page, "stream": stream} | {k: v for k, v in more.items() if v}

    def day(self, stream: str, chance: random.Random, days: int) -> str:
        """Any day of a stream's data, of the last so many."""
        last = self.opens[stream] - timedelta(days=1)
        most = min(days, (last - self.first[stream]).days)
        return (last - timedelta(days=chance.randrange(most))).isoformat()


LOOKS = ["pace", "survival", "ages", "limits"]
CHARTS = ["cumulative", "ageing", "lead", "throughput", "work", "moves", "behaviour", "survival",
          "forecast", "compare"]  # fmt: skip
SHOWN = ["now", "weeks", "errors", "failing", "recovery", "runs", "speed"]


def address(asked: dict[str, str]) -> str:
    """A page and what it is asked for, as an address."""
    return f"/{asked['page']}?{urlencode({k: v for k, v in asked.items() if k != 'page'})}"


def visit(connection: ClientConnection, what: str, place: str, begun: float) -> Visit:
    """Ask for a page, and look at what came."""
    try:
        told = shown(connection, place, PATIENCE)
    except Exception as error:
        return Visit(what, place, time.perf_counter() - begun, 0, repr(error))
    seconds = time.perf_counter() - begun
    sent = [message.SerializeToString() for message in told]
    return Visit(what, place, seconds, sum(map(len, sent)), wrong(told, b"".join(sent)))


def wrong(told: list[ForwardMsg], sent: bytes) -> str:
    """What is wrong with an answer, or ""."""
    kinds = {element.WhichOneof("type") for element in drawn(told)}
    if "exception" in kinds or "bidi_component" not in kinds:
        return f"no page: {sorted(filter(None, kinds))}"
    if told[-1].script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
        return "not drawn to its end"
    if trouble := TROUBLE.search(sent):
        return trouble[0].decode()
    editions = set(EDITION.findall(sent))
    return f"of two publications: {sorted(editions)}" if len(editions) > 1 else ""


def viewer(
    app: str, example: Example, number: int, until: float, chosen: argparse.Namespace,
    keep: Callable[[Visit], None],
) -> None:  # fmt: skip
    """One person: opens a page, and then goes on clicking and changing the day until it is time."""
    chance = random.Random(f"{chosen.seed} {number}")
    if not chosen.at_once:  # they come one after another within the first stretch
        time.sleep(chance.uniform(0, chosen.every))
    here = {"page": "", "stream": example.streams[0]} if chosen.first else example.page(chance)
    begun = time.perf_counter()
    try:
        with connected(app) as connection:
            keep(visit(connection, "open", address(here), begun))
            while not chosen.at_once:
                begun += chosen.every * chance.uniform(*SPREAD)
                if begun > until:
                    return
                time.sleep(max(0.0, begun - time.perf_counter()))
                begun = time.perf_counter()
                here, what = _next(example, here, chance, chosen)
                keep(visit(connection, what, address(here), begun))
    except Exception as error:
        keep(Visit("open", address(here), time.perf_counter() - begun, 0, repr(error)))


def _next(
    example: Example, here: dict[str, str], chance: random.Random, chosen: argparse.Namespace
) -> tuple[dict[str, str], str]:
    if chance.random() < chosen.change:
        return here | {"as_of": example.day(here["stream"], chance, chosen.days)}, "day"
    kept = {"as_of": here["as_of"]} if "as_of" in here else {}
    return example.page(chance) | kept, "click"


@contextmanager
def publishing(data: Path, every: float) -> Iterator[list[int]]:
    """Publish again and again, each time with names that tell which it is; yields what it ended with."""
    done, ended = threading.Event(), []

    def go_on() -> None:
        number = 0
        while not done.wait(every):
            number += 1
            ended.append(publish(data, number))

    thread = threading.Thread(target=go_on)
    if every:
        thread.start()
    try:
        yield ended
    finally:
        done.set()
        if every:
            thread.join()


def publish(data: Path, number: int) -> int:
    """Publish with the edition in every name of stages.yaml; the exit code."""
    stages = data / "stages.yaml"
    names = re.sub(
        r"(\bname: [^\",}\n]*[^\",}\s])(?=\s*[,}\n])", rf"\1 (edition {number})", _stages()
    )
    stages.write_text(names)
    words = ["publish", "--stages", str(stages), "--data", str(data)]
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *words], cwd=ROOT, capture_output=True
    ).returncode


def _stages() -> str:
    """The bundled stages.yaml, its files where they are."""
    return re.sub(r"\bexamples/", f"{ROOT}/examples/", (ROOT / "stages.yaml").read_text())


@contextmanager
def serving(data: Path) -> Iterator[tuple[str, int]]:
    """The dashboard as `valuestream dashboard` serves it: its address and its process."""
    port = free_port()
    with running(
        [sys.executable, "-m", "running.server", str(port)], f"http://localhost:{port}/healthz",
        cwd=ROOT, env=os.environ | {"VALUESTREAM_DATA": str(data)},
    ) as process:  # fmt: skip
        time.sleep(WARM)
        with connected(f"http://localhost:{port}") as first:
            for page in FIRST:
                shown(first, page)
        time.sleep(WARM)
        yield f"http://localhost:{port}", process.pid


def looked(app: str, data: Path, chosen: argparse.Namespace) -> list[Visit]:
    """All that the viewers saw."""
    example, visits = Example(data), list[Visit]()
    until = time.perf_counter() + 60 * chosen.minutes
    threads = [
        threading.Thread(target=viewer, args=(app, example, number, until, chosen, visits.append))
        for number in range(chosen.viewers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return visits


def empty(pid: int, files: int) -> Held:
    """What a server holds when those who looked have left, as soon as it is as little as before."""
    end = time.monotonic() + EMPTY
    while (now := held(pid)).files > files and time.monotonic() < end:
        time.sleep(0.5)
    return now


def told(visits: list[Visit]) -> None:
    """A line for each kind of visit, one for all, and each thing that was wrong."""
    print("| visits | number | p50 s | p95 s | max s | kB | errors |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for kind in ("open", "click", "day", "all"):
        rows = [one for one in visits if kind in (one.what, "all")]
        if not rows:
            continue
        times = sorted(one.seconds for one in rows)
        middle, high = (times[max(0, -(-len(times) * p // 100) - 1)] for p in (50, 95))
        size = sum(one.size for one in rows) / len(rows) / 1000
        errors = sum(bool(one.wrong) for one in rows)
        print(
            f"| {kind} | {len(rows)} | {middle:.2f} | {high:.2f} | {times[-1]:.2f} | {size:.0f} | {errors} |"
        )
    for one in [one for one in visits if one.wrong][:TOLD]:
        print(f"{one.what} {one.address}: {one.wrong}")


def main() -> int:
    """Serve, look, and tell: the times, the errors, and what the server used and holds."""
    chosen = _chosen()
    with tempfile.TemporaryDirectory() as folder:
        data = chosen.data
        if chosen.publish_every:
            data = Path(shutil.copytree(data, Path(folder) / "data"))
            publish(data, 0)  # so that what is shown first says which it is too
        with serving(data) as (app, pid):
            begun, mine = held(pid), time.process_time()
            with publishing(data, chosen.publish_every) as ended:
                visits = looked(app, data, chosen)
            mine, full = time.process_time() - mine, held(pid)
            left = empty(pid, begun.files)
        told(visits)
        used = full.seconds - begun.seconds
        print(f"\nThe server: {used:.0f} s of processor time, {used / len(visits):.2f} s a visit;",
              f"the viewers: {mine:.0f} s.")  # fmt: skip
        for when, now in (("before", begun), ("at the end", full), ("all have left", left)):
            print(f"{when}: {now.memory:.0f} MB, {now.files} open files")
        if chosen.publish_every:
            print(f"published {len(ended)} times, {sum(map(bool, ended))} refused")
            print(f"kept: {len(shelf.publications(data / shelf.FOLDER))}")
    return int(any(one.wrong for one in visits) or any(ended))


def _chosen() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="a folder with a publication")
    parser.add_argument("--viewers", type=int, default=50)
    parser.add_argument("--every", type=float, default=20, help="seconds from click to click")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument(
        "--at-once", action="store_true", help="all open a page at the same moment, and leave"
    )
    parser.add_argument("--first", action="store_true", help="everybody opens the first page")
    parser.add_argument(
        "--change", type=float, default=0.5, help="the share of clicks that change the day"
    )
    parser.add_argument(
        "--days", type=int, default=10_000, help="so many days to choose from, the last"
    )
    parser.add_argument(
        "--publish-every", type=float, default=0, help="seconds; 0: nothing is published"
    )
    parser.add_argument("--seed", default="1")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
