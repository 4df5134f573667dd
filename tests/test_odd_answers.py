"""Answers of GitHub and Datasette with anything at all in them: each row or run is taken or kept with
its reason, and whatever is no answer ends in a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from urllib.parse import parse_qs, urlsplit

import pytest
from seeds import SEED, chance
from servers import Handler, answering

from settings.sources import KINDS
from sources import Reading, StopSource, TryLater, collecting
from sources.landing import saving

NOW = datetime(2026, 11, 20, tzinfo=UTC)
RUNS = json.loads((Path(__file__).parent / "payloads/recorded-workflow-runs.json").read_text())
ISSUES = json.loads(
    (Path(__file__).parent / "payloads/recorded-issues-list-with-a-pull-request.json").read_text()
)
EVENTS = json.loads(
    (Path(__file__).parent / "payloads/recorded-repo-issue-events.json").read_text()
)
FIELDS = json.loads(
    (Path(__file__).parent / "payloads/openapi-example-projects-v2-field-items.json").read_text()
)
PAGE = 100
DEEP: list = []
for _ in range(60):
    DEEP = [DEEP]
ODD = [
    None, True, False, 0, -1, 2**70, 1.5, 1e308, float("inf"), float("nan"), "", " ", "x" * 5000,
    "\ud800", "\udfff\ud800x", "\x00", "💥", "2026-13-45", "9999-12-31T23:59:59-23:00",
    "0001-01-01T00:00:00+23:59", "2226-01-01T00:00:00Z", "20260103T101010Z", "2026-01-01", [], [1],
    {}, {"a": []}, DEEP, "success", "completed", "javascript:alert(1)", "=1+1", "1", "-", "Infinity",
]  # fmt: skip


def odd(random: Random, told: object) -> object:
    """The same with one thing in it another, gone, new or there twice, however deep it lies."""
    inside = list(told.items()) if isinstance(told, dict) else list(enumerate(told)) if isinstance(told, list) else []  # fmt: skip
    if not inside or random.random() < 0.1:
        return deepcopy(random.choice(ODD))
    key, value = random.choice(inside)
    match random.randrange(4):
        case 0:
            told[key] = deepcopy(random.choice(ODD))  # type: ignore[index]
        case 1:
            del told[key]  # type: ignore[attr-defined]
        case 2 if isinstance(told, dict):
            told[random.choice(["\ud800", "", "id", "rowid", "x" * 300])] = value
        case _:
            told[key] = odd(random, value)  # type: ignore[index]
    return told


class Server(Handler):
    """Runs as GitHub lists them; rows as Datasette gives them. By the chances of `spoilt` an answer
    is another; `instead` are the answers of paths that begin so."""

    runs: list = []
    rows: list = []
    items: list = []
    spoilt: Random | None = None
    instead: dict[str, object] = {}

    def do_GET(self):
        parts = urlsplit(self.path)
        for path in self.instead:
            if parts.path.startswith(path):
                return self._send(self.instead[path], "")
        if "/issues" in parts.path:
            return self._send(EVENTS if parts.path.endswith("/events") else ISSUES, "")
        query = {k: v[0] for k, v in parse_qs(parts.query).items()}
        if "/projectsV2" in parts.path:
            return self._send(FIELDS if parts.path.endswith("/fields") else self.items, "")
        self._send(*(self._runs(query) if parts.path.startswith("/repos") else (self._rows(parts.path, query), "")))  # fmt: skip

    def _runs(self, query: dict) -> tuple[dict, str]:
        page = int(query.get("page", 1))
        told = {"total_count": len(self.runs), "workflow_runs": self.runs[(page - 1) * PAGE : page * PAGE]}  # fmt: skip
        return told, f"/repos/o/n/actions/runs?page={page + 1}" * (page * PAGE < len(self.runs))

    def _rows(self, path: str, query: dict) -> object:
        if path == "/-/versions.json":
            return {"datasette": {"version": "0.65"}}
        if path == "/-/databases.json":
            return [{"name": "db", "hash": "x"}]
        if "pragma" in query["sql"]:
            return {"ok": True, "rows": [{"name": "rowid", "pk": 1}]}
        if "count(*)" in query["sql"]:
            return {"ok": True, "rows": [{"n": len(self.rows)}]}
        after = int(query.get("after_0", query.get("after", 0)))
        return {"ok": True, "rows": self.rows[after : after + PAGE], "truncated": False}

    def _send(self, told: object, following: str) -> None:
        if self.spoilt and self.spoilt.random() < 0.3:
            told = odd(self.spoilt, deepcopy(told))
        body = json.dumps(told).encode()
        if self.spoilt and self.spoilt.random() < 0.1:
            body = body[: self.spoilt.randrange(len(body))] + self.spoilt.randbytes(3)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        if following:
            self.send_header("Link", f'<http://{self.headers["Host"]}{following}>; rel="next"')
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def host():
    Server.runs, Server.rows, Server.items, Server.spoilt, Server.instead = [], [], [], None, {}
    with answering(Server) as address:
        yield address


COLUMNS = {"item": "slug", "status": "stage", "since": "day"}
ASKED: list[tuple[str, str, dict]] = [
    ("github_runs", "repos/o/n/actions/runs", {}),
    ("datasette", "db", {"table": "t", "since": "day"}),
    ("datasette", "db", {"sql": "select * from t", "key": ["rowid"], "columns": COLUMNS}),
    ("pipeline_logs", "db", {}),
    ("github_project", "orgs/o/projectsV2/5", {"blocked": "Team notes"}),
]
GITHUB = ("github", "repos/o/n", {"statuses": ["question"], "blocked": ["help wanted"]})


def readings(host: str, kind: str, path: str, more: dict) -> Iterator[Reading]:
    return collecting.readings(KINDS[kind](name="s", url=f"{host}/{path}", **more), {}, NOW)


def odd_run(random: Random, number: int) -> object:
    told = odd(random, {**deepcopy(RUNS[0]), "id": number})
    if isinstance(told, dict) and isinstance(told.get("status"), str):
        told["status"] = "completed"  # one that goes on is neither in nor out
    return told


def odd_row(random: Random, number: int) -> object:
    row = {"rowid": number, "slug": "a", "stage": "b", "day": "2026-01-01", "endpoint": "e",
           "entry_date": "2026-01-01", "elapsed": "1"}  # fmt: skip
    told = odd(random, row)
    # Without its place among the others a row can't be told from them; that is tried as a whole.
    return (told if isinstance(told, dict) else row) | {"rowid": number}


def odd_item(random: Random, number: int) -> object:
    option = {"id": "x", "name": {"raw": "Todo", "html": "Todo"}}
    fields = [{"id": 67891, "value": option}, {"id": 24680, "value": "The VPN"}]
    content = {
        "title": "A",
        "url": f"https://a.org/repos/o/n/issues/{number}",
        "html_url": "https://a.org",
    }
    item = {
        "id": number,
        "content_type": "Issue",
        "content": content,
        "fields": fields,
        "archived_at": None,
    }
    told = odd(random, item)
    if isinstance(told, dict):
        told["archived_at"] = None  # one that is archived is neither in nor out
    return told


def key(told: object) -> str:
    """What tells one run from another."""
    if isinstance(told, dict) and type(told.get("id")) is int and type(told.get("run_attempt", 1)) is int:  # fmt: skip
        return f"{told['id']} {told.get('run_attempt', 1)}"
    return json.dumps(told, sort_keys=True)


@pytest.mark.parametrize(
    "many", [200, pytest.param(10_000, marks=pytest.mark.soak)]
)  # of each of them
@pytest.mark.parametrize(("kind", "path", "more"), ASKED)
def test_every_row_and_run_is_taken_or_kept_with_its_reason(tmp_path, host, many, kind, path, more):
    random = chance("odd rows", kind, str(more))
    if kind == "github_runs":
        Server.runs = [odd_run(random, n) for n in range(1, many + 1)]
        told = len(set(map(key, Server.runs)))
    elif kind == "github_project":
        Server.items = [odd_item(random, n) for n in range(1, many + 1)]
        told = many
    else:
        Server.rows = [odd_row(random, n) for n in range(1, many + 1)]
        told = many
    source = KINDS[kind](name="s", url=f"{host}/{path}", **more)
    (result,) = collecting.collect([source], tmp_path / "l.duckdb", NOW)
    assert (result.failed, result.refused_readings) == ("", 0)
    assert result.accepted + result.refused == told
    assert result.accepted > told // 20
    assert result.refused or kind == "datasette"
    with saving.opened(tmp_path / "l.duckdb") as con:
        views = "stage_event", "item_detail", "check_result", "reject"
        read = [con.execute(f"select * from {view}").fetchall() for view in views]
        assert len(read[-1]) == result.refused
        assert con.execute("select count(*) from reject where reason = ''").fetchall() == [(0,)]


@pytest.mark.parametrize("many", [25, pytest.param(500, marks=pytest.mark.soak)])
@pytest.mark.parametrize(("kind", "path", "more"), [*ASKED, GITHUB])
def test_an_answer_of_any_shape_ends_in_rows_or_in_a_sentence(host, many, kind, path, more):
    Server.runs = [{**RUNS[0], "id": n} for n in range(1, 250)]
    Server.rows = [odd_row(Random(1), n) for n in range(1, 250)]
    Server.items = [odd_item(Random(1), n) for n in range(1, 250)]
    for number in range(many):
        Server.spoilt = chance("odd answers", kind, str(more), number)
        try:
            for reading in readings(host, kind, path, more):
                # A repository may have no issues, a project no items.
                told = reading.rows.num_rows or reading.rejects or reading.refused
                assert told or kind in ("github", "github_project")
        except (StopSource, TryLater):
            pass
        except Exception as error:
            error.add_note(f"VALUESTREAM_SEED={SEED}, number {number}")
            raise


def test_a_run_that_cannot_be_used_is_told_with_its_line_field_and_value(tmp_path, host):
    """And is not told again: the next collect asks for none of them."""
    good = RUNS[0]
    Server.runs = [
        good, good | {"id": "7"}, good | {"id": 8, "created_at": 5}, "run",
        good | {"id": 9, "updated_at": "soon"}, good | {"id": 10, "conclusion": ["success"]},
        good | {"id": 11, "path": {"a": 1}}, good | {"id": 12, "status": None},
        good | {"id": 13, "created_at": "2226-01-01T00:00:00Z"}, {},
        good | {"id": 14, "created_at": "0001-01-01T00:00:00+23:59"},
    ]  # fmt: skip
    source = KINDS["github_runs"](name="s", url=f"{host}/repos/o/n/actions/runs")
    (result,) = collecting.collect([source], tmp_path / "l.duckdb", NOW)
    assert (result.accepted, result.refused, result.failed) == (1, 10, "")
    (read,) = readings(host, *ASKED[0])
    time = "no time: it should be like 2026-04-03T14:30:00Z"
    assert [(r.line, r.field, r.value, r.reason) for r in read.rejects] == [
        (2, "id", "7", "no whole number"), (3, "created_at", "5", time),
        (4, "", "run", "no run: it is no object"), (5, "updated_at", "soon", time),
        (6, "conclusion", '["success"]', "no result: neither success nor failure"),
        (7, "path", '{"a": 1}', "no workflow: it is no text"),
        (8, "status", "null", "no status: it is no text"),
        (9, "created_at", "2226-01-01T00:00:00Z", "a time before 2000 or still to come"),
        (10, "id", "null", "no whole number"),
        (11, "created_at", "0001-01-01T00:00:00+23:59", time),
    ]  # fmt: skip
    (again,) = collecting.collect([source], tmp_path / "l.duckdb", NOW)
    assert (again.readings, again.failed) == (0, "")


def test_a_row_whose_key_tells_nothing_apart_is_refused_with_its_line(host):
    Server.rows = [{"rowid": n, "a": n} for n in range(1, 4)]
    Server.rows[1]["rowid"] = None
    (read,) = readings(host, "datasette", "db", {"table": "t"})
    assert [(r.line, r.field, r.reason) for r in read.rejects] == [
        (2, "rowid", "no key: it is empty, or neither a text nor a number")
    ]
    assert read.rows["line"].to_pylist() == [1, 3]


VERSIONS, DATABASES, SQL = "/-/versions.json", "/-/databases.json", "/db.json"
SHAPES = [
    (VERSIONS, None), (VERSIONS, {}), (VERSIONS, {"datasette": "0.65"}), (VERSIONS, []),
    (DATABASES, None), (DATABASES, {}), (DATABASES, "db"),
    (SQL, None), (SQL, []), (SQL, {}), (SQL, {"rows": None}), (SQL, {"rows": {"a": 1}}),
    (SQL, {"rows": [1]}), (SQL, {"rows": [[]]}), (SQL, {"rows": [{"rowid": 1}, None]}),
    ("/repos", None), ("/repos", []), ("/repos", {}), ("/repos", {"workflow_runs": []}),
    ("/repos", {"workflow_runs": {}, "total_count": 1}), ("/repos", {"workflow_runs": [], "total_count": "1"}),
    ("/repos", {"workflow_runs": [], "total_count": True}), ("/repos/o/n/issues", {}),
    ("/orgs", None), ("/orgs", {}), ("/orgs/o/projectsV2/5/items", {"message": "?"}),
    ("/repos/o/n/issues", None), ("/repos/o/n/issues/events", {"message": "?"}),
]  # fmt: skip


@pytest.mark.parametrize(("path", "told"), SHAPES)
def test_an_answer_of_another_shape_is_said_to_be_none(host, path, told):
    Server.rows, Server.runs = [{"rowid": 1}], [RUNS[0]]
    Server.instead = {path: told}
    kinds = {"/repos": ASKED[:1]}.get(path, [GITHUB] if "issues" in path else ASKED[1:4])
    kinds = ASKED[4:] if path.startswith("/orgs") else kinds
    for asked in kinds:
        with pytest.raises(StopSource, match=r"is no Datasette: .*\.|is no list of (workflow runs|issues|a project's (fields|items)): correct 'url'\."):  # fmt: skip
            list(readings(host, *asked))
