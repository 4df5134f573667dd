"""The same CSV through the commits of a repository, bundle or clone; git itself does the reading."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sources import Reading, StopSource
from sources.snapshots import read

SECONDS = 300


def readings(settings: dict, cursor: dict, now: datetime) -> Iterator[Reading]:
    """A reading for each commit of the file since the cursor's, oldest first.

    The time of a commit is its committer's. Raises StopSource when git can't read it.
    """
    repository, file = settings["repository"], settings["file"]
    if not Path(repository).exists():
        raise StopSource(f"{repository} does not exist: correct 'repository'.")
    with tempfile.TemporaryDirectory() as folder:
        if Path(repository).is_file():  # a bundle
            _git("clone", "--quiet", "--bare", repository, folder)
            repository = folder
        commits = _commits(repository, file)
        names = [commit for commit, _ in commits]
        # A commit that is no longer there: the history was rewritten, so walk it all again.
        start = names.index(cursor["commit"]) + 1 if cursor.get("commit") in names else 0
        before = cursor.get("header")
        for commit, at in commits[start:]:
            body = _git("-C", repository, "cat-file", "blob", f"{commit}:{file}")
            place = f"{Path(settings['repository']).name}@{commit[:10]}:{file}"
            reading = read(settings, place, at, body, before, {"commit": commit})
            before = reading.cursor["header"]
            yield reading


def _commits(repository: str, file: str) -> list[tuple[str, datetime]]:
    # HEAD of a bundle can name a branch that it lacks, so all refs are walked.
    lines = _git(
        "-C", repository, "log", "--all", "--reverse", "--diff-filter=AM", "--format=%H %ct", "--", file
    ).decode()  # fmt: skip
    if not lines:
        raise StopSource(f"No commit holds {file}: correct 'file'.")
    pairs = [line.split() for line in lines.splitlines()]
    return [(commit, datetime.fromtimestamp(int(at), UTC)) for commit, at in pairs]


def _git(*arguments: str) -> bytes:
    try:
        done = subprocess.run(
            ["git", *arguments], capture_output=True, timeout=SECONDS, check=False
        )
    except FileNotFoundError:
        raise StopSource("git is not installed: install it to read a git history.") from None
    except subprocess.TimeoutExpired:
        raise StopSource(f"git took more than {SECONDS} seconds.") from None
    if done.returncode:
        raise StopSource(f"git: {done.stderr.decode(errors='replace').strip()[:300]}")
    return done.stdout
