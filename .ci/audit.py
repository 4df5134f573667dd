"""Asks the package index which of the libraries that a user installs have known vulnerabilities.

Run: make audit. Exit 1 where one is known that another version mends. What could not be asked is
said and fails nothing: not every machine reaches the index's list.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SECONDS = 60
ASK = ["--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off"]


def told(libraries: list[dict]) -> tuple[list[str], bool]:
    """What is to be said of pip-audit's answer, and whether something is to be done."""
    found = [(one, weak) for one in libraries for weak in one.get("vulns", [])]
    lines = []
    for one, weak in found:
        mended = ", ".join(weak["fix_versions"])
        cure = f"take {mended} instead" if mended else "no version mends it yet"
        lines.append(f"{one['name']} {one['version']}: {weak['id']}: {cure}.")
    asked = [one for one in libraries if "vulns" in one]
    left = [one["name"] for one in libraries if "vulns" not in one]
    lines.append(
        f"{len(asked)} of {len(libraries)} libraries audited, {len(found)} known to be weak."
    )
    if left:
        lines.append(f"NOT AUDITED, the index's list can't be reached: {', '.join(left)}.")
    return lines, any(weak["fix_versions"] for _, weak in found)


def main() -> int:
    """Ask for requirements.txt, and say what came of it."""
    wanted = Path(__file__).parent.parent / "requirements.txt"
    command = [sys.executable, "-m", "pip_audit", *ASK, "--timeout", "15", "-r", str(wanted)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
        libraries = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        print(f"NOT AUDITED: no answer in {SECONDS} seconds.")
        return 0
    except (ValueError, KeyError):
        print(f"NOT AUDITED: {(done.stderr.strip().splitlines() or ['no answer'])[-1]}")
        return 0
    lines, to_do = told(libraries)
    print("\n".join(lines))
    return int(to_do)


if __name__ == "__main__":
    sys.exit(main())
