"""docs/settings.md says what the classes of settings/ say."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"


@pytest.fixture(scope="module")
def made():
    """docs/settings.py, under a name that is not the room's."""
    spec = importlib.util.spec_from_file_location("settings_page", DOCS / "settings.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_settings_is_what_its_classes_say(made):
    assert (DOCS / "settings.md").read_text() == made.page(), "run: python docs/settings.py"


def test_every_key_is_described_and_is_on_the_page(made):
    page = made.page()
    for _, cls in [*made.PARTS, *made.KINDS.items()]:
        for name, field in cls.model_fields.items():
            if name not in (*cls.GIVEN, "kind"):
                assert field.description, f"{cls.__name__}.{name}"
                assert f"| `{field.alias or name}` | {field.description} |" in page


def test_the_command_writes_the_same(tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "settings.py").write_text((DOCS / "settings.py").read_text())
    (tmp_path / "settings").symlink_to(DOCS.parent / "settings")
    subprocess.run([sys.executable, str(folder / "settings.py")], check=True, cwd=tmp_path)
    assert (folder / "settings.md").read_text() == (DOCS / "settings.md").read_text()
