"""The house rules of the design, kept true: one test a rule, each naming every place that breaks it."""

from __future__ import annotations

import ast
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import metrics

ROOT = Path(__file__).parent.parent
# From the ground up; a room may import those that it names and its own.
ROOMS = {
    "settings": set(),
    "sources": {"settings"},
    "metrics": {"settings"},
    "telling": {"metrics", "settings"},
    "notes": {"telling", "metrics", "settings"},
    "alerts": {"notes", "telling", "metrics", "settings"},
    "dashboard": {"notes", "telling", "metrics"},
    "proposing": {"sources", "settings"},
    "running": set(),
    "app": {"dashboard", "notes", "telling", "metrics"},
    "commands": {
        "alerts",
        "notes",
        "proposing",
        "running",
        "telling",
        "metrics",
        "sources",
        "settings",
    },
    "cli": {"commands", "running", "telling", "metrics", "sources", "settings"},
}
# What draws a chart needs no page, and a file is to be drawn from the very charts of the pages: a
# command may have those, and nothing else of the dashboard.
CHARTS = "dashboard.charts."
# The floors of a room, from the ground up: each may import itself and those below it. "" is the
# room's own door; a file or folder that is not named is on the floor called "*".
FLOORS = {
    "sources": ["", "reading", "*", "landing", "collecting"],
    "metrics": [
        "catalogue",
        "days",
        "shelf",
        "statistics",
        "quicker",
        "instant",
        "listed",
        "events",
        "changes",
        "parts",
        "hand_offs",
        "figures",
        "",
        "publishing",
    ],
    "telling": ["leaving", "words", "told", "asked", "*"],
    "alerts": [
        "trouble",
        "states",
        "turns",
        "messages",
        "digest",
        "post",
        "*",
        "outbox",
        "sending",
        "look",
    ],
    "dashboard": ["", "guard", "charts", "parts", "programs", "pages"],
}
OWN = [p for room in ROOMS for p in sorted((ROOT / room).rglob("*.py"))]
OWN += [ROOT / "app.py", ROOT / "cli.py"]
SQL = sorted(
    p for folder in ("metrics", "proposing", "sources") for p in (ROOT / folder).rglob("*.sql")
)
TREES = {path: ast.parse(path.read_text()) for path in OWN}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, in full: from a import b may mean a.b."""
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def test_imports_run_one_way_from_the_doors_down_to_the_settings():
    wrong = [
        f"{name(path)} imports {module}"
        for path in OWN
        for module in imported(path)
        if module.split(".")[0] in ROOMS
        and module.split(".")[0] not in ROOMS[room(path)] | {room(path)}
        and not (room(path) == "commands" and module.startswith(CHARTS))
    ]
    assert not wrong


def floor(module: str) -> int:
    """How high a module lies in its room; "metrics.statistics.faster" is on the third floor."""
    floors = FLOORS[module.split(".")[0]]
    part = next(iter(module.split(".")[1:]), "")
    if part not in floors:
        part = "*" if is_module(module) else ""
    return floors.index(part)


def is_module(module: str) -> bool:
    """Whether the first part below the room is a file or folder, and not a name of the door's."""
    room, part, *_ = [*module.split("."), ""]
    return (ROOT / room / f"{part}.py").exists() or (ROOT / room / part / "__init__.py").exists()


def test_within_a_room_too_imports_run_one_way():
    wrong = []
    for path in OWN:
        mine = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for module in imported(path):
            if room(path) in FLOORS and module.split(".")[0] == room(path):
                if floor(module) > floor(mine):
                    wrong.append(f"{name(path)} imports {module}")
    assert not wrong


def test_only_the_door_to_the_network_and_the_pages_import_their_libraries():
    """One file asks, and one posts: sources may be asked by anybody's stages.yaml and are bounded in
    each way, alerts go to an address that is itself a secret and say nothing of it."""
    for path in OWN:
        libraries = {module.split(".")[0] for module in imported(path)}
        doors = ("sources/reading/http.py", "alerts/post.py")
        assert "requests" not in libraries or name(path) in doors, name(path)
        assert "smtplib" not in libraries or name(path) == "alerts/mail.py", name(path)
        page = room(path) in ("dashboard", "app")
        assert page or not libraries & {"streamlit", "altair"}, name(path)
        assert room(path) != "dashboard" or "duckdb" not in libraries, name(path)


def test_a_chart_needs_no_server_but_to_ask_for_a_visitor_s_theme():
    asking = [
        f"{name(path)} imports {module}"
        for path in OWN
        if name(path).startswith(CHARTS.replace(".", "/"))
        for node in TREES[path].body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in [ast.unparse(node)]
        if "streamlit" in module or "dashboard.p" in module
    ]
    assert not asking


def test_a_command_starts_without_what_only_some_need():
    """These take a second and more to import, and whoever asks for --help would wait for them."""
    slow = ("scipy.stats", "statsmodels", "streamlit", "altair", "vl_convert", "typst", "openpyxl")
    told = f"import sys, cli; print(*[name for name in {slow} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_files_and_functions_stay_small():
    for path, tree in TREES.items():
        assert len(path.read_text().splitlines()) <= 300, name(path)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 45, f"{name(path)}: {node.name} is too long"


def test_sql_files_stay_small():
    for path in SQL:
        assert len(path.read_text().splitlines()) <= 75, name(path)


def test_no_sql_is_built_from_values():
    """What is executed is a text as it stands, a file, or a name; only identifiers are composed,
    in sources/datasette.py and metrics/listed.py, for which there are no parameters."""
    for path, tree in TREES.items():
        if name(path) in ("sources/datasette.py", "metrics/listed.py"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                if node.func.attr in ("execute", "sql", "query") and node.args:
                    built = isinstance(node.args[0], ast.JoinedStr | ast.BinOp)
                    assert not built, f"{name(path)}: {ast.unparse(node)}"


@pytest.mark.parametrize("figure", metrics.figures())
def test_every_figure_has_a_sentence_a_test_and_its_place_in_the_docs(figure):
    sentence = metrics.figures()[figure]
    assert sentence.endswith(".")
    tests = "".join(p.read_text() for p in (ROOT / "tests").glob("test_metrics*.py"))
    assert f"def test_{figure}(" in tests
    assert f"### {figure}\n" in (ROOT / "docs/figures.md").read_text()


def test_the_page_of_figures_is_what_its_program_writes():
    """Every column has its meaning, and docs/columns.txt explains none that there is not."""
    program = runpy.run_path(str(ROOT / "docs/figures.py"))
    columns = program["columns"]()
    told = program["page"](columns)
    assert (ROOT / "docs/figures.md").read_text() == told, "run python docs/figures.py"
    listed = (ROOT / "metrics/figures/columns.csv").read_text()
    assert listed == program["listed"](columns), "run python docs/figures.py"
    explained = re.findall(r"^(\w+): ", (ROOT / "docs/columns.txt").read_text(), re.MULTILINE)
    assert explained == sorted(set(explained))
    assert not [column for column in explained if f"| `{column}` |" not in told]


def test_sql_can_be_read():
    """Short lines, but for the sentence of a figure, and tables that are called by words."""
    idiom = {"as", "on", "by", "in", "or", "is", "not"}
    for path in SQL:
        lines = path.read_text().splitlines()
        first = 1 if "figures" in name(path) else 0
        assert not [line for line in lines[first:] if len(line) > 100], name(path)
        code = "\n".join(line for line in lines if not line.strip().startswith("--"))
        short = set(re.findall(r"\b([a-z]{1,2})\.[a-z_]", code)) - idiom
        assert not short, f"{name(path)}: {short}"


def test_public_functions_say_what_they_give():
    for path, tree in TREES.items():
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{name(path)}: {node.name} has no docstring"


BINARY = (".parquet", ".sqlite3", ".bundle", ".png", ".csv", ".xz")


def test_nothing_committed_names_this_machine_or_a_registry():
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")  # fmt: skip
    words = ["/" + "work/", "/" + "tmp/", "pypi" + ".org", "registry.npmjs" + ".org", "/ro" + "ot/"]
    pattern = re.compile("|".join(map(re.escape, words)))
    for file in filter(None, files):
        path = ROOT / file
        if path.exists() and path.suffix not in BINARY:
            found = pattern.search(path.read_text())
            assert not found, f"{file} names {found and found.group()}"
