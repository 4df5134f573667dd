"""One fault tried: put into a copy of the checkout, and the tests that should catch it run there.

The working tree is only read, so a trial may be killed at any moment.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from mutants import python, sql
from mutants.mutant import Mutant

ROOT = Path(__file__).parent.parent.parent
FAULTY = ("metrics/**/*.sql", "sources/landing/*.sql", "metrics/**/*.py", "sources/reading/*.py",
          "settings/*.py")  # fmt: skip
OWN = ["test_survivors", "test_survivors_checks", "test_survivors_statistics"]
FLOW = [*OWN, "test_metrics_random", "test_metrics_weeks_random", "test_metrics_hand_off", "test_metrics_lately",
        "test_thresholds", "test_metrics_apart", "test_metrics", "test_metrics_weeks",
        "test_reconcile", "test_metrics_verdict", "test_survival"]  # fmt: skip
CHECKS = [*OWN, "test_metrics_checks_random", "test_thresholds_checks", "test_metrics_checks",
          "test_behaviour"]  # fmt: skip
BOTH = [*FLOW, "test_metrics_checks_random", "test_thresholds_checks", "test_metrics_checks"]
SOURCES = [*OWN, "test_landing", "test_landing_random", "test_sources", "test_http",
           "test_checks_sources", "test_thresholds_checks", "test_datasette", "test_going_on",
           "test_growing"]  # fmt: skip
STATISTICS = [*OWN, "test_thresholds_statistics", "test_expected", "test_faster", "test_metrics_spread", "test_width",
              "test_compare", "test_survival", "test_behaviour", "test_control_limits",
              "test_forecast", "test_metrics_verdict"]  # fmt: skip
DOOR = [
    *OWN,
    "test_map",
    "test_store",
    "test_metrics_checks",
    "test_metrics_random",
    "test_metrics",
]
SETTINGS = [
    *OWN,
    "test_stages",
    "test_map_settings",
    "test_settings_page",
    "test_checks_sources",
    "test_sources",
]
GOALS = ["test_metrics_goals", "test_metrics_goals_random", "test_goals_told"]
# What should catch a fault in a file: the first line that its path begins with.
TESTS = {
    "metrics/figures/processes/": CHECKS,
    "metrics/model/build/00_words.sql": BOTH,
    "metrics/model/build/01_map.sql": ["test_map"],
    "metrics/model/build/01_goals.sql": GOALS,
    "metrics/model/build/16_goals.sql": GOALS,
    "metrics/model/at_instant/34_goal_measures.sql": GOALS,
    "metrics/model/at_instant/35_goals.sql": GOALS,
    "metrics/figures/flow/goal.sql": GOALS,
    "metrics/publishing/goals.py": GOALS,
    "settings/goals.py": ["test_goals_settings"],
    "metrics/model/build/01_settings.sql": BOTH,
    "metrics/model/build/03_collected.sql": BOTH,
    "metrics/model/at_instant/22_checks.sql": CHECKS,
    "metrics/model/at_instant/23_survival.sql": BOTH,
    "metrics/model/at_instant/24_typical.sql": BOTH,
    "metrics/model/at_instant/27_process_targets.sql": CHECKS,
    "metrics/figures/flow/target_now.sql": BOTH,
    "metrics/model/build/02_checked.sql": CHECKS,
    "metrics/model/build/11_runs.sql": CHECKS,
    "metrics/model/build/12_check_spells.sql": CHECKS,
    "metrics/model/build/13_check_weeks.sql": CHECKS,
    "metrics/figures/flow/verdict.py": STATISTICS,
    "metrics/figures/flow/spread.py": STATISTICS,
    "metrics/parts.py": STATISTICS,
    "metrics/figures/": FLOW,
    "metrics/model/": FLOW,
    "metrics/statistics/": STATISTICS,
    "metrics/": DOOR,
    "sources/": SOURCES,
    "settings/": SETTINGS,
}
MEMORY = 8 << 30  # bytes; a fault that fills more is stopped


class Outcome(NamedTuple):
    """How a trial ended: caught, timed out or survived; `by` which test, after how many seconds."""

    how: str
    by: str
    seconds: float


class Broken(Exception):
    """The tests fail without any fault, so nothing can be learned from them."""


def all_mutants() -> Iterator[Mutant]:
    """Every mutant that there could be."""
    for path in sorted({path for glob in FAULTY for path in ROOT.glob(glob)}):
        made = sql.mutants if path.suffix == ".sql" else python.mutants
        yield from made(str(path.relative_to(ROOT)), path.read_text())


def tests_of(file: str) -> list[str]:
    """The files of tests that should catch a fault in a file, those that there are."""
    names = next(tests for start, tests in TESTS.items() if file.startswith(start))
    return [f"tests/{name}.py" for name in names if (ROOT / f"tests/{name}.py").exists()]


def all_tests() -> list[str]:
    """Every file of tests that any fault needs."""
    return sorted({test for start in TESTS for test in tests_of(start)})


class Copy:
    """A copy of the checkout in a folder of its own, with what is not committed yet."""

    def __init__(self, folder: Path):
        self.folder, self.tree = folder, folder / "tree"
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        told = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)
        for name in filter(None, told.stdout.split("\0")):
            if (ROOT / name).exists():
                (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.tree / name)

    def baseline(self, files: list[str]) -> dict[str, float]:
        """How many seconds each file of tests takes without a fault. Raises Broken."""
        report = self.folder / "report.xml"
        outcome = self._tests(files, "nothing", 3600, f"--junitxml={report}")
        if outcome.how != "survived":
            raise Broken(f"Without any fault {outcome.by or 'the run'} fails: mend that first.")
        seconds = dict.fromkeys(files, 0.0)
        for case in ElementTree.parse(report).iter("testcase"):
            file = case.attrib["classname"].replace(".", "/") + ".py"
            seconds[file] = seconds.get(file, 0.0) + float(case.attrib["time"])
        return seconds

    def trial(self, mutant: Mutant, seconds: dict[str, float]) -> Outcome:
        """Try one mutant, for at most twice as long as its tests take without a fault."""
        path, tests = self.tree / mutant.file, tests_of(mutant.file)
        whole = path.read_text()
        path.write_text(mutant.text)
        try:
            return self._tests(tests, mutant.file, 60 + 2 * sum(seconds[test] for test in tests))
        finally:
            path.write_text(whole)

    def _tests(self, tests: list[str], file: str, limit: float, *more: str) -> Outcome:
        begun = time.monotonic()
        paths = [str(self.tree), str(self.tree / "tests"), os.environ.get("PYTHONPATH", "")]
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "--tb=no"]
        command += ["-p", "mutants.order", "-p", "no:cacheprovider"]
        command += [f"--basetemp={self.folder / 'pytest'}", *more, *tests]
        child = subprocess.Popen(
            command, cwd=self.tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={"VALUESTREAM_DATASETTE1": str(ROOT / ".venv-datasette1/bin/python")}
            | os.environ | {"PYTHONPATH": os.pathsep.join(paths), "MUTANT_FILE": file},
            start_new_session=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
        )  # fmt: skip
        try:
            said, _ = child.communicate(timeout=limit)
            how = "caught" if child.returncode else "survived"
        except subprocess.TimeoutExpired:
            said, how = "", "timed out"
        finally:  # whatever servers the tests began go with them
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        by = re.search(r"^(?:FAILED|ERROR) (?:tests/)?(\S+)", said, re.MULTILINE)
        return Outcome(how, by.group(1) if by else "", round(time.monotonic() - begun, 1))
