"""The house rules of the design, kept true."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

import metrics

ROOT = Path(__file__).parent.parent
OWN = [
    p
    for folder in ("metrics", "sources", "dashboard")
    for p in sorted((ROOT / folder).glob("*.py"))
]
OWN += [ROOT / "app.py", ROOT / "cli.py", ROOT / "store.py"]
SQL = sorted(p for folder in ("metrics", "sources") for p in (ROOT / folder).rglob("*.sql"))
name = lambda path: str(path.relative_to(ROOT))  # noqa: E731


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("path", OWN, ids=name)
def test_imports_run_one_way(path):
    above = {
        "sources": {"metrics", "dashboard", "app", "cli"},
        "metrics": {"sources", "dashboard", "app", "cli"},
        "dashboard": {"sources", "app", "cli", "duckdb"},
        "": {"app", "store"},
    }
    layer = path.parent.name if path.parent != ROOT else ""
    assert not imported(path) & above[layer]


@pytest.mark.parametrize("path", OWN, ids=name)
def test_only_the_door_to_the_network_and_the_pages_import_their_libraries(path):
    told = imported(path)
    assert "requests" not in told or name(path) == "sources/http.py"
    page = path.parent.name == "dashboard" or path.name == "app.py"
    assert page or not told & {"streamlit", "altair"}


@pytest.mark.parametrize("path", OWN, ids=name)
def test_files_and_functions_stay_small(path):
    assert len(path.read_text().splitlines()) <= 300
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno < 45, f"{node.name} is too long"


@pytest.mark.parametrize("path", SQL, ids=name)
def test_sql_files_stay_small(path):
    # stage_event.sql holds four small views that are read together.
    limit = 100 if path.name == "stage_event.sql" else 75
    assert len(path.read_text().splitlines()) <= limit


@pytest.mark.parametrize("path", OWN, ids=name)
def test_no_sql_is_built_from_values(path):
    """What is executed is a text as it stands, a file, or a name; only identifiers are composed,
    in sources/datasette.py, where Datasette takes no parameter for them."""
    if name(path) == "sources/datasette.py":
        pytest.skip("composes quoted identifiers and the user's own query; values are parameters")
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in ("execute", "sql", "query") and node.args:
                assert not isinstance(node.args[0], ast.JoinedStr | ast.BinOp), ast.unparse(node)


@pytest.mark.parametrize("figure", metrics.figures())
def test_every_figure_has_a_sentence_a_test_and_a_row_in_the_readme(figure):
    sentence = metrics.figures()[figure]
    assert sentence.endswith(".")
    tests = "".join(p.read_text() for p in (ROOT / "tests").glob("test_metrics*.py"))
    assert f"def test_{figure}(" in tests
    readme = (ROOT / "README.md").read_text()
    assert f"| `{figure}` | {sentence} |" in readme


def test_public_functions_say_what_they_give():
    for path in OWN:
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{name(path)}: {node.name} has no docstring"


def test_nothing_committed_names_this_machine_or_a_registry():
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")  # fmt: skip
    words = ["/" + "work/", "/" + "tmp/", "pypi" + ".org", "registry.npmjs" + ".org", "/ro" + "ot/"]
    pattern = re.compile("|".join(map(re.escape, words)))
    for file in filter(None, files):
        path = ROOT / file
        if path.exists() and path.suffix not in (".parquet", ".sqlite3", ".bundle", ".png", ".csv"):
            found = pattern.search(path.read_text())
            assert not found, f"{file} names {found and found.group()}"
