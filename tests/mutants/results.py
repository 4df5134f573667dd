"""What the trials gave, a line each as they end, so that a run that was broken off goes on."""

from __future__ import annotations

import json
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from mutants.mutant import Mutant
from mutants.trial import FAULTY, ROOT, Outcome

FILE = ROOT / ".mutants" / "results.jsonl"


class Results:
    """The outcomes known of this very code; those of any other count for nothing."""

    def __init__(self, file: Path = FILE):
        self.file, self._code = file, _digest(*FAULTY)
        self._known: dict[str, object] = {}
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        for line in file.read_text().splitlines():
            with suppress(ValueError):  # the last line of a run that was killed while writing it
                code, name, value = json.loads(line)
                self._known[f"{code} {name}"] = value

    def of(self, mutant: Mutant) -> Outcome | None:
        """The outcome of a mutant, if it was tried."""
        told = self._known.get(f"{self._code} {mutant.name}")
        return Outcome(*told) if isinstance(told, list) else None

    def keep(self, mutant: Mutant, outcome: Outcome) -> None:
        """Write an outcome down."""
        self._write(self._code, mutant.name, list(outcome))

    def seconds(self, test: str) -> float | None:
        """How long a file of tests took without a fault, if it passed as it is now."""
        told = self._known.get(f"{self._helped(test)} {test}")
        return told if isinstance(told, float) else None

    def keep_seconds(self, test: str, seconds: float) -> None:
        """Write down that a file of tests passes without a fault, and how long that took."""
        self._write(self._helped(test), test, seconds)

    def _helped(self, test: str) -> str:
        """A short name of the code, what helps the tests, and this file of tests."""
        return _digest(*FAULTY, "tests/[!t]*.py", test)

    def _write(self, code: str, name: str, value: object) -> None:
        self._known[f"{code} {name}"] = value
        with self.file.open("a") as file:
            file.write("\n" + json.dumps([code, name, value]))


def _digest(*globs: str) -> str:
    """A short name of what the files hold."""
    files = sorted({path for glob in globs for path in ROOT.glob(glob)})
    return sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:16]
