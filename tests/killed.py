"""The commands as processes that are killed, without a second's imports for each: a parent that has
imported everything forks them (it opens no database, so it has no thread but its own)."""

from __future__ import annotations

import multiprocessing
import os
import select
import signal
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import metrics
from sources.landing import saving

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["killed", "cli", "pytest", "alerts.look", "alerts.sending"])
SECONDS = 120
ENDED_WITHIN = 10  # seconds, when it is told to
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
LINE = """
title: A line
streams:
  line:
    name: A line
    sources: [list, board]
    counted_by: list
    stages:
      find: {name: Find, queue: [Backlog], work: [Doing], done: [Done]}
sources:
  list: {kind: events, file: list.csv}
  board: {kind: git_history, repository: board.bundle, file: board.csv}
  log: {kind: pipeline_logs, file: log.csv}
"""


def line(folder: Path, commits: int = 4) -> Path:
    """A data folder beside a stages.yaml over a list, a board through so many commits (in a bundle,
    which is cloned) and a log; the temporary files of its commands lie in it too."""
    (folder / "temporary").mkdir(parents=True)
    (folder / "stages.yaml").write_text(LINE)
    items = [f"i{n},Backlog,2026-01-0{n}\ni{n},Doing,2026-02-0{n}" for n in range(1, 8)]
    (folder / "list.csv").write_text("\n".join(["item,status,since", *items, ""]))
    log = [f"2026-03-{n:02},https://e{n}.example/,200,abc,line" for n in range(1, 30)]
    header = "entry-date,endpoint,status,resource,pipeline"
    (folder / "log.csv").write_text("\n".join([header, *log, ""]))
    board = folder / "board"
    git("init", "--quiet", "-b", "main", board)
    for commit in range(commits):
        rows = [f"i{n},{'Doing' if n <= commit else 'Backlog'}" for n in range(1, 8)]
        (board / "board.csv").write_text("\n".join(["item,status", *rows, ""]))
        git("-C", board, "add", ".")
        when = f"2026-04-0{commit + 1}T12:00:00Z"
        dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        git(
            "-C",
            board,
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b.c",
            "commit",
            "-qm",
            "x",
            **dates,
        )
    git("-C", board, "bundle", "create", "--quiet", folder / "board.bundle", "main")
    return folder


def git(*arguments: object, **more: str) -> None:
    subprocess.run(["git", *map(str, arguments)], check=True, env=os.environ | more)


def command(folder: Path, name: str, data: str = "data", *more: str) -> list[str]:
    """A command of ours on that line."""
    where = ["--stages", str(folder / "stages.yaml"), "--data", str(folder / data)]
    return [name, *where, *more]


def _run(
    folder: Path, words: list[str], ignored: list[signal.Signals], environment: dict[str, str]
) -> None:
    """What a forked process does: the command, as from a terminal that says nothing."""
    os.environ.update({"TMPDIR": str(folder / "temporary")} | environment)
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)
    quiet = os.open(folder / "said.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for told in (1, 2):
        os.dup2(quiet, told)
    from cli import app

    app(words)


class Process:
    """A command of ours that runs, and can be killed."""

    def __init__(
        self,
        folder: Path,
        words: list[str],
        ignored: list[signal.Signals] | None = None,
        **environment: str,
    ):
        self.folder = folder
        told = (folder, words, ignored or [], environment)
        self.forked = CONTEXT.Process(target=_run, args=told)
        self.began = time.monotonic()
        self.forked.start()
        self.pid = self.forked.pid
        self.alive = os.pidfd_open(self.pid)  # its number may be another's before we look

    def signal(self, number: signal.Signals) -> bool:
        """Send it a signal; False if it has ended."""
        try:
            signal.pidfd_send_signal(self.alive, number)
        except ProcessLookupError:
            return False
        return True

    def ended(self, seconds: float = SECONDS) -> float:
        """Wait until it is no more; how long it took since its start."""
        assert select.select([self.alive], [], [], seconds)[0], f"process {self.pid} goes on"
        return time.monotonic() - self.began

    def code(self) -> int:
        """Wait until it has ended; its exit code, -n if by signal n. One that goes on is killed."""
        try:
            self.ended()
        finally:
            self.kill(0)
        self.forked.join(SECONDS)
        return self.forked.exitcode

    def kill(self, after: float) -> bool:
        """End it with -9 so many seconds after its start; False if it had ended before."""
        time.sleep(max(0.0, self.began + after - time.monotonic()))
        there = self.signal(signal.SIGKILL)
        self.ended()
        return there

    def __del__(self) -> None:
        os.close(self.alive)


def until(process: Process, pattern: str) -> Path:
    """Wait until the command has a file like that."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if found := [*process.folder.glob(pattern)]:
            return found[0]
        time.sleep(0.005)
    raise AssertionError(f"no {pattern}: {(process.folder / 'said.txt').read_text()[-900:]}")


def whole(folder: Path, *words: str) -> float:
    """Run a command to its end, which has to be a good one; the seconds that it took."""
    process = Process(folder, list(words))
    assert process.code() == 0, told(folder)[-2000:]
    return time.monotonic() - process.began


def ready(folder: Path) -> Path:
    """A line in a new folder, collected and published by commands that ran to their end."""
    line(folder)
    for name in ("collect", "publish"):
        whole(folder, *command(folder, name))
    return folder


def moments(random: Random, how_many: int, seconds: float) -> list[float]:
    """Moments of a run that takes so long, one in each equal part of it, in any order: from before
    it has begun to after its end."""
    step = seconds * 1.1 / how_many
    found = [step * (n + random.random()) for n in range(how_many)]
    random.shuffle(found)
    return found


def told(folder: Path) -> str:
    """What the last command said, in one line."""
    return " ".join((folder / "said.txt").read_text().split())


def gone(folder: Path) -> None:
    """What a killed command had started, git cloning say, ends by itself a moment later."""
    end = time.monotonic() + SECONDS
    while found := others(folder):
        assert time.monotonic() < end, found
        time.sleep(0.01)


def others(folder: Path) -> list[str]:
    """What runs on this folder: our commands' children and grandchildren, by their words."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = process.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in words and int(process.parent.name) != os.getpid():
            found.append(words)
    return found


def collected(folder: Path) -> dict[str, list[tuple]]:
    """All that the landing database holds, but for when it was asked."""
    with saving.opened(folder / "landing.duckdb") as con:
        assert con.execute(_DOUBLED).fetchall() == []
        return {name: con.execute(query).fetchall() for name, query in _KEPT.items()}


_DOUBLED = """
with kept as (select load_id from raw union all select load_id from raw_log)
select source, place, accepted, count(kept.load_id) as rows_kept
from load left join kept using (load_id)
where load_id in (select max(load_id) from load where outcome = 'accepted' group by source, place)
group by source, place, load.load_id, accepted
having rows_kept <> accepted
union all
select source, place, count(*), 0 from load where outcome = 'accepted'
group by source, place, sha256
having count(*) > 1
"""
_KEPT = {
    "load": "select source, place, outcome, reason, rows_in, accepted, refused, newest, sha256 "
            "from load order by all",
    "raw": "select source, line, key, row from raw order by all",
    "raw_log": "select * exclude (load_id) from raw_log order by all",
    "reject": "select * exclude (load_id) from reject order by all",
    "source": "select * exclude (asked_at) from source order by all",
}  # fmt: skip


def published(folder: Path) -> tuple:
    """What the publication shown holds; it opens, is the one named, and reconciles."""
    asked = metrics.open(folder)
    assert (asked.instead, asked.outdated) == ("", "")
    told = asked.table("reconciliation")
    assert (told.expected == told.found).all(), told
    items = sorted(asked.figure("age", AS_OF)["item"])
    counts = [len(asked.table(name)) for name in ("stage_event", "stage_visit", "source_use")]
    asked.close()
    return items, counts, sorted(told.rule)


def halves(folder: Path) -> list[str]:
    """What a killed run left: all that is neither a database, nor the pointer, nor who was there."""
    kept = {"landing.duckdb", "landing.duckdb.wal", "published", "current"}
    kept |= {"at-work.lock", "schedule.lock"}
    data = [path for path in (folder / "data").rglob("*") if path.name not in kept]
    left = [path for path in data if path.suffix != ".duckdb"]
    return sorted(str(path) for path in [*left, *(folder / "temporary").iterdir()])
