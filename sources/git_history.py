"""The same CSV through the commits of a repository, bundle or clone; git itself does the reading."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from settings import at_work
from settings.sources import GitHistory
from sources import Reading, StopSource
from sources.snapshots import read

SECONDS = 300
CLONE = "valuestream-clone-"


def readings(settings: GitHistory, cursor: dict, now: datetime) -> Iterator[Reading]:
    """A reading for each commit of the file since the cursor's, oldest first.

    The time of a commit is its committer's (UTC). Raises StopSource when git can't read it.
    """
    repository, file = settings.repository, settings.file
    if not Path(repository).exists():
        raise StopSource(f"{repository} does not exist: correct 'repository'.")
    with _cloned(repository) as repository:
        commits = _commits(repository, file)
        names = [commit for commit, _ in commits]
        # A commit that is no longer there: the history was rewritten, so walk it all again.
        start = names.index(cursor["commit"]) + 1 if cursor.get("commit") in names else 0
        before = cursor.get("header") if start else None
        with _contents(repository) as content:
            for commit, at in commits[start:]:
                body = content(f"{commit}:{file}")
                place = f"{Path(settings.repository).name}@{commit[:10]}:{file}"
                reading = read(settings, place, at, body, before, {"commit": commit})
                before = reading.cursor["header"]
                yield reading


@contextmanager
def _cloned(repository: str) -> Iterator[str]:
    """The repository itself, or a bundle's clone, which lies in the folder for temporary files."""
    if not Path(repository).is_file():
        yield repository
        return
    with at_work.own_folder(Path(tempfile.gettempdir()), CLONE) as (folder, lock):
        # git holds the lock too: a clone that outlives this process is still written to.
        _git("clone", "--quiet", "--bare", repository, str(folder / "clone"), lock=lock)
        yield str(folder / "clone")


def _commits(repository: str, file: str) -> list[tuple[str, datetime]]:
    """Commits along the main line that added or changed the file, oldest first."""
    # Of a merge only the main line counts: what a side branch held was never shown.
    lines = _git(
        "--literal-pathspecs", "-C", repository, "log", "--first-parent", "--reverse",
        "--diff-filter=AMT", "--format=%H %ct", _main_line(repository), "--", file,
    ).decode()  # fmt: skip
    if not lines:
        raise StopSource(f"No commit holds {file}: correct 'file'.")
    commits, last = [], None
    for line in lines.splitlines():
        commit, seconds = line.split()
        at = datetime.fromtimestamp(int(seconds), UTC)
        # Commits of one second (a rebase) keep their order by a microsecond each.
        if last and last.replace(microsecond=0) == at:
            at = last + timedelta(microseconds=1)
        commits.append((commit, at))
        last = at
    return commits


def _main_line(repository: str) -> str:
    """HEAD, or the only branch: HEAD of a bundle can name a branch that it lacks."""
    branches = _git("-C", repository, "for-each-ref", "--format=%(refname)", "refs/heads").decode()
    head = _git("-C", repository, "rev-parse", "--quiet", "--verify", "HEAD", fails=b"")
    if head.strip() or not branches:
        return "HEAD"
    if len(branches.split()) > 1:
        raise StopSource(f"{repository} has several branches and none of them is its HEAD: set it.")
    return branches.strip()


@contextmanager
def _contents(repository: str) -> Iterator[Callable[[str], bytes]]:
    """Asks one git process for one object after the other, so only one is held at a time."""
    with _running("-C", repository, "cat-file", "--batch", stdin=subprocess.PIPE) as process:
        ask, answer = process.stdin, process.stdout
        assert ask and answer  # both are pipes

        def content(name: str) -> bytes:
            ask.write(name.encode() + b"\n")
            ask.flush()
            told = answer.readline().split()
            if len(told) != 3 or told[1] != b"blob":
                raise StopSource(f"git can't read {name}: it is no file.")
            return answer.read(int(told[2]) + 1)[:-1]

        yield content


def _git(*arguments: str, fails: bytes | None = None, lock: int | None = None) -> bytes:
    """What git answers; `fails` in place of an error, if given. Raises StopSource."""
    held = () if lock is None else (lock,)
    try:
        with _running(*arguments, stderr=subprocess.PIPE, pass_fds=held) as process:
            told, wrong = process.communicate(timeout=SECONDS)
    except FileNotFoundError:
        raise StopSource("git is not installed: install it to read a git history.") from None
    except subprocess.TimeoutExpired:
        raise StopSource(f"git took more than {SECONDS} seconds.") from None
    if not process.returncode:
        return told
    if fails is None:
        raise StopSource(f"git: {wrong.decode(errors='replace').strip()[:300]}")
    return fails


@contextmanager
def _running(*arguments: str, **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    """git, and what git starts itself, which ends with this block however the block ends."""
    command = ["git", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, process_group=0, **more) as process:
        try:
            yield process
        except BaseException:
            if process.returncode is None:  # else its number may be another's by now
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            raise
