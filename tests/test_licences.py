"""What a user installs: its licences, and what is known against it."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LICENCES = runpy.run_path(str(ROOT / "docs/licences.py"))
AUDIT = runpy.run_path(str(ROOT / ".ci/audit.py"))


def test_nothing_that_a_user_installs_is_under_the_gpl_or_agpl():
    wanted = re.findall(r"^([a-z0-9.-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    installed = LICENCES["installed"]()
    assert len(wanted) > 40 and not set(wanted) - set(installed)
    assert not [name for name in wanted if not installed[name]]
    assert not [name for name in wanted if LICENCES["is_copyleft"](installed[name])]


@pytest.mark.parametrize(
    ("licence", "copyleft"),
    [
        ("GPL-3.0-or-later", True),
        ("AGPL-3.0-only", True),
        ("GNU General Public License v2 (GPLv2)", True),
        ("GNU Affero General Public License v3", True),
        ("MIT AND GPL-2.0-only", True),
        ("GPL-2.0-only OR MIT", False),
        ("LGPL-3.0-or-later", False),
        ("GNU Lesser General Public License v3 (LGPLv3)", False),
        ("GNU Library or Lesser General Public License (LGPL)", False),
        ("Mozilla Public License 2.0 (MPL 2.0)", False),
        ("", False),
    ],
)
def test_the_gpl_is_told_from_others(licence, copyleft):
    assert LICENCES["is_copyleft"](licence) == copyleft


WEAK = {"id": "PYSEC-1", "fix_versions": ["2.1"]}
OPEN = {"id": "PYSEC-2", "fix_versions": []}


@pytest.mark.parametrize(
    ("weak", "lines", "to_do"),
    [
        ([], ["1 of 2 libraries audited, 0 known to be weak."], False),
        ([WEAK], ["a 2.0: PYSEC-1: take 2.1 instead.", "1 of 2 libraries audited, 1 known to be weak."], True),
        ([OPEN], ["a 2.0: PYSEC-2: no version mends it yet.", "1 of 2 libraries audited, 1 known to be weak."], False),
    ],
)  # fmt: skip
def test_the_audit_fails_for_what_can_be_mended_and_says_what_it_could_not_ask(weak, lines, to_do):
    answer = [
        {"name": "a", "version": "2.0", "vulns": weak},
        {"name": "b", "skip_reason": "Dependency not found"},
    ]
    said = "NOT AUDITED, the index's list can't be reached: b."
    assert AUDIT["told"](answer) == ([*lines, said], to_do)
