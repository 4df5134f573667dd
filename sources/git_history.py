"""The same CSV through the commits of a repository, bundle or clone; git itself does the reading."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from settings import at_work
from settings.limits import Limits
from settings.sources import GitHistory
from sources import Reading, StopSource
from sources.reading.bounds import TooMuch, Unreadable, within
from sources.snapshots import read, refused

CLONE = "valuestream-clone-"
Git = Callable[..., bytes]


def readings(settings: GitHistory, cursor: dict, now: datetime) -> Iterator[Reading]:
    """A reading for each commit of the file since the cursor's, oldest first.

    The time of a commit is its committer's (UTC). Raises StopSource when git can't read it.
    """
    repository = settings.repository
    if not Path(repository).exists():
        raise StopSource(f"{repository} does not exist: correct 'repository'.")
    git = partial(_git, limits=settings.limits)
    with _cloned(git, repository) as repository:
        commits = _commits(partial(git, "-C", repository), settings)
        names = [commit for commit, _ in commits]
        # A commit that is no longer there: the history was rewritten, so walk it all again.
        start = names.index(cursor["commit"]) + 1 if cursor.get("commit") in names else 0
        going_on, stays = cursor if start else {}, False
        before = going_on.get("header")
        with _contents(repository) as content:
            for commit, at in commits[start:]:
                place = f"{Path(settings.repository).name}@{commit[:10]}:{settings.file}"
                body = b""
                try:
                    if at is None or at > now + timedelta(days=1):
                        raise Unreadable("The time of the commit can't be right.")
                    body = content(f"{commit}:{settings.file}", settings.limits)
                    reading = read(settings, place, at, body, before)
                except Unreadable as error:
                    reading = refused(place, at or now, body, before, error)
                    # What a limit kept out may come in with a higher one: begin there next time.
                    stays |= isinstance(error, TooMuch)
                before = reading.cursor["header"]
                going_on = going_on if stays else {"header": before, "commit": commit}
                yield replace(reading, cursor=going_on)


@contextmanager
def _cloned(git: Git, repository: str) -> Iterator[str]:
    """The repository itself, or a bundle's clone, which lies in the folder for temporary files."""
    if not Path(repository).is_file():
        yield repository
        return
    with at_work.own_folder(Path(tempfile.gettempdir()), CLONE) as (folder, lock):
        # git holds the lock too: a clone that outlives this process is still written to.
        git("clone", "--quiet", "--bare", repository, str(folder / "clone"), lock=lock)
        yield str(folder / "clone")


def _commits(git: Git, settings: GitHistory) -> list[tuple[str, datetime | None]]:
    """Commits along the main line that added or changed the file, oldest first, with their times;
    None for one that no calendar holds."""
    # Of a merge only the main line counts: what a side branch held was never shown.
    lines = git(
        "--literal-pathspecs", "log", "--first-parent", "--reverse", "--diff-filter=AMT",
        f"--max-count={settings.limits.pages + 1}", "--format=%H %ct", _main_line(git, settings),
        "--", settings.file,
    ).decode().splitlines()  # fmt: skip
    if not lines:
        raise StopSource(f"No commit holds {settings.file}: correct 'file'.")
    try:
        within(settings.limits, "pages", len(lines), settings.file)
    except TooMuch as error:
        raise StopSource(str(error)) from None
    commits: list[tuple[str, datetime | None]] = []
    last = None
    for line in lines:
        commit, seconds = line.split()
        try:
            at = datetime.fromtimestamp(int(seconds), UTC)
        except (ValueError, OverflowError, OSError):
            commits.append((commit, None))
            continue
        # Commits of one second (a rebase) keep their order by a microsecond each.
        if last and last.replace(microsecond=0) == at:
            at = last + timedelta(microseconds=1)
        commits.append((commit, at))
        last = at
    return commits


def _main_line(git: Git, settings: GitHistory) -> str:
    """HEAD, or the only branch: HEAD of a bundle can name a branch that it lacks."""
    branches = git("for-each-ref", "--format=%(refname)", "refs/heads").decode("utf-8", "replace")
    head = git("rev-parse", "--quiet", "--verify", "HEAD", fails=b"")
    if head.strip() or not branches:
        return "HEAD"
    if len(branches.split()) > 1:
        raise StopSource(
            f"{settings.repository} has several branches and none of them is its HEAD: set it."
        )
    return branches.strip()


@contextmanager
def _contents(repository: str) -> Iterator[Callable[[str, Limits], bytes]]:
    """Asks git for one object after the other, so only one is held at a time: first how large it
    is, then for what it holds."""
    with _asked(repository, "--batch-check") as size, _asked(repository, "--batch") as whole:

        def content(name: str, limits: Limits) -> bytes:
            told = size(name)
            if told.split()[1:2] != [b"blob"]:
                raise Unreadable("It is no file in this commit: a folder or another repository.")
            within(limits, "megabytes", int(told.split()[2]), "The file")
            return whole(name, int(told.split()[2]))

        yield content


@contextmanager
def _asked(repository: str, how: str) -> Iterator[Callable[..., bytes]]:
    """One git process that tells a line of each object, and of those bytes so many as are asked."""
    with _running("-C", repository, "cat-file", how, stdin=subprocess.PIPE) as process:
        ask, answer = process.stdin, process.stdout
        assert ask and answer  # both are pipes

        def told(name: str, length: int | None = None) -> bytes:
            try:
                ask.write(name.encode() + b"\n")
                ask.flush()
            except OSError:
                raise StopSource(f"git ended before it told of {name}: try git fsck.") from None
            line = answer.readline()
            body = answer.read(length + 1) if length is not None else line
            if not line or (length is not None and len(body) != length + 1):
                raise StopSource(f"git ended before it told of {name}: try git fsck.")
            return body if length is None else body[:-1]

        yield told


def _git(
    *arguments: str, limits: Limits, fails: bytes | None = None, lock: int | None = None
) -> bytes:
    """What git answers; `fails` in place of an error, if given. Raises StopSource."""
    held = () if lock is None else (lock,)
    try:
        with _running(*arguments, stderr=subprocess.PIPE, pass_fds=held) as process:
            told, wrong = process.communicate(timeout=limits.seconds)
    except FileNotFoundError:
        raise StopSource("git is not installed: install it to read a git history.") from None
    except subprocess.TimeoutExpired:
        raise StopSource(limits.exceeded("seconds", "git")) from None
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
