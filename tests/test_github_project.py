"""The items of a project: what it shows now, compared with what it showed before; what can't be had ends
in a sentence that says what to do."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from project_server import NOTES, PRIORITY, STATUS, Board, Server, move, option
from servers import answering

from settings import database, stages
from settings.sources import Github, GithubProject
from sources import Reading, StopSource, TryLater, collecting

PAYLOADS = Path(__file__).parent / "payloads"
DAY = [datetime(2026, 11, day, 6, tzinfo=UTC) for day in range(1, 9)]


@pytest.fixture
def host():
    Server.board, Server.size = Board(), 3
    Server.instead, Server.asked, Server.heard = [], [], []
    with answering(Server) as address:
        yield address


def source(host: str, **more) -> GithubProject:
    return GithubProject(**{"name": "board", "url": f"{host}/orgs/o/projectsV2/5"} | more)


def collect(folder: Path, one: GithubProject, now: datetime = DAY[0]) -> collecting.Result:
    return collecting.collect([one], folder / "landing.duckdb", now)[0]


def read(one: GithubProject, cursor: dict | None = None) -> Reading:
    """What it tells, without a database."""
    (reading,) = collecting.readings(one, cursor or {}, DAY[0])
    return reading


def refused(one: GithubProject) -> str:
    """Why it can't be read."""
    with pytest.raises((StopSource, TryLater)) as said:
        read(one)
    return str(said.value)


def asked(folder: Path, query: str) -> list[tuple]:
    with database.connect(folder / "landing.duckdb", read_only=True) as con:
        return con.execute(query).fetchall()


def told(folder: Path, kind: str = "status") -> list[tuple]:
    """Item, value, between when and when, and how sure that is."""
    return asked(
        folder, f"select item, value, not_before, since, precision from stage_event "
        f"where kind = '{kind}' order by since, item",
    )  # fmt: skip


def test_a_move_seen_between_two_collects_lies_between_them(tmp_path, host):
    board, one = Server.board, source(host)
    first, second = board.add("A", "Todo"), board.add("B", "Done", repo="o/other")
    collect(tmp_path, one, DAY[0])
    assert told(tmp_path) == [
        ("o/n#100", "Todo", None, DAY[0], "at least"),
        ("o/other#101", "Done", None, DAY[0], "at least"),
    ]
    assert collect(tmp_path, one, DAY[1]).accepted == 2
    assert len(told(tmp_path)) == 2  # the same again changes nothing
    move(first, "In Progress")
    third = board.add("C", "Todo")
    collect(tmp_path, one, DAY[2])
    assert told(tmp_path)[2:] == [
        ("o/n#100", "In Progress", DAY[1], DAY[2], "between"),
        ("o/n#102", "Todo", DAY[1], DAY[2], "between"),
    ]
    board.items.remove(second)
    third["archived_at"] = "2026-11-03T12:00:00Z"
    collect(tmp_path, source(host, largest_loss=0.7), DAY[3])
    assert told(tmp_path)[4:] == [
        ("o/n#102", "(gone)", DAY[2], DAY[3], "between"),
        ("o/other#101", "(gone)", DAY[2], DAY[3], "between"),
    ]


def test_drafts_are_items_pull_requests_are_not_and_words_stay_as_they_are(tmp_path, host):
    board = Server.board
    board.add("=1+1 <b>", "💥 To-do, now", kind="DraftIssue")
    board.add("Of a pull request", "Todo", kind="PullRequest")
    board.add("Nowhere")
    hidden = board.add("Not for this token", "Done")
    hidden["content"] = None
    del board.add("Its field is left out", "x")["values"][STATUS]
    assert collect(tmp_path, source(host)).accepted == 4
    assert [row[:2] for row in told(tmp_path)] == [
        ("100", "💥 To-do, now"), ("103", "Done"), ("o/n#102", "No status"), ("o/n#104", "No status")
    ]  # fmt: skip
    assert asked(tmp_path, "select item, name, link from item_detail order by item") == [
        ("100", "=1+1 <b>", None), ("103", None, None),
        ("o/n#102", "Nowhere", "https://github.com/o/n/issues/102"),
        ("o/n#104", "Its field is left out", "https://github.com/o/n/issues/104"),
    ]  # fmt: skip


def test_a_field_tells_why_an_item_is_blocked(tmp_path, host):
    item, one = Server.board.add("A", "Todo"), source(host, blocked="Priority")
    collect(tmp_path, one, DAY[0])
    item["values"][PRIORITY] = option("The VPN & <more>")
    collect(tmp_path, one, DAY[1])
    item["values"][PRIORITY] = None
    collect(tmp_path, one, DAY[2])
    assert told(tmp_path, "blocked") == [
        ("o/n#100", "The VPN & <more>", DAY[0], DAY[1], "between"),
        ("o/n#100", "", DAY[1], DAY[2], "between"),
    ]
    for text in (
        "No *test* server",
        {"raw": "No *test* server", "html": "No <em>test</em> server"},
    ):
        item["values"][NOTES] = text
        rows = read(source(host, blocked="Team notes")).rows["row"].to_pylist()
        assert [json.loads(row)["blocked"] for row in rows] == ["No *test* server"]


@pytest.mark.parametrize("whose", ["orgs", "users"])
def test_all_pages_are_asked_for_with_the_fields_that_are_needed(host, whose):
    for n in range(7):
        Server.board.add(f"Item {n}", "Todo")
    one = source(host, url=f"{host}/{whose}/o/projectsV2/5/", blocked="Team notes")
    assert read(one).rows.num_rows == 7
    paths = [path.partition("?")[0].rpartition("/")[2] for path in Server.asked]
    assert paths == ["fields"] * 2 + ["items"] * 3
    assert all("67891%2C24680" in path or "67891,24680" in path for path in Server.asked[2:])
    assert all("per_page=100" in path for path in Server.asked)


def test_the_published_example_is_read(tmp_path, host):
    """It is a pull request; the same as an issue is an item."""
    example = json.loads(
        (PAYLOADS / "openapi-example-projects-v2-item-with-content.json").read_text()
    )
    field = {"id": 3, "name": "Status", "data_type": "single_select", "options": []}
    content = example["content"] | {"url": example["content"]["issue_url"]}
    issue = example | {"id": 14, "content_type": "Issue", "content": content}
    Server.instead = [
        (200, {}, json.dumps([field]).encode()), (200, {}, json.dumps([example, issue]).encode())
    ]  # fmt: skip
    result = collect(tmp_path, source(host))
    assert (result.failed, result.accepted, result.refused) == ("", 1, 0)
    assert [row[:2] for row in told(tmp_path)] == [("github/Hello-World#6", "Done")]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"status": "Stage"}, "it has no field 'Stage'. Correct 'status'; fields that can be it: 'Priority', 'Status'."),
        ({"status": "Sprint"}, "its field 'Sprint' has no options. Correct 'status'; fields that can be it: 'Priority', 'Status'."),
        ({"blocked": "Due date"}, "its field 'Due date' is no text and has no options. Correct 'blocked'; fields that can be it: "
                                  "'Priority', 'Status', 'Team notes'."),
    ],
)  # fmt: skip
def test_a_project_without_such_a_field_names_those_that_there_are(host, more, sentence):
    assert refused(source(host, **more)) == f"{host}/orgs/o/projectsV2/5: {sentence}"


def test_an_answer_that_lost_most_of_its_items_is_not_believed(tmp_path, host):
    for n in range(10):
        Server.board.add(f"Item {n}", "Todo")
    collect(tmp_path, source(host), DAY[0])
    del Server.board.items[5:]
    assert "5 of the 10 items of the answer before are missing" in collect(tmp_path, source(host), DAY[1]).not_believed  # fmt: skip
    assert len(told(tmp_path)) == 10


def test_a_renamed_status_is_said_to_be_one(host):
    board = Server.board
    board.names(["Todo", "Done"])
    first = read(source(host))
    assert first.note == ""
    board.names(["To do", "Done", "New"])
    second = read(source(host), first.cursor)
    assert second.note == "statuses renamed: 'Todo' is now 'To do'"
    assert read(source(host), second.cursor).note == ""


def test_what_can_not_be_used_is_kept_with_its_reason(tmp_path, host):
    board = Server.board
    board.add("Good", "Todo")
    board.add("Without a number", "Todo")["id"] = "7"
    board.add("Redacted", "Todo", kind="REDACTED")
    board.add("Odd", "Todo")["values"][STATUS] = {"name": 7}
    board.items.append(board.items[0] | {"id": 200})
    result = collect(tmp_path, source(host))
    assert (result.accepted, result.refused) == (1, 4)
    assert asked(tmp_path, "select line, field, value, reason from reject order by line") == [
        (2, "id", "7", "no whole number"),
        (3, "content_type", "REDACTED", "neither an issue, a draft nor a pull request"),
        (4, "status", '{"name": 7}', "neither a text nor an option"),
        (5, "id", "o/n#100", "the item is in line 1 already"),
    ]


LATER = str(int(datetime(2027, 1, 2, 3, 4, tzinfo=UTC).timestamp()))
NO = [
    (401, {}, {"message": "Bad credentials"}, "It wants a token: name under 'token' the environment variable that holds one with the scope read:project"),
    (403, {}, {"message": "Resource not accessible"}, "answered 403: Resource not accessible. It wants a token"),
    (403, {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": LATER}, {"message": "API rate limit"},
     "its limit is used up until 2 January 2027, 03:04 UTC. Without a token"),
    (403, {}, {"message": "You have exceeded a secondary rate limit."}, "exceeded a secondary rate limit."),
    (429, {"Retry_After": "600"}, {}, "asks not to be asked again until"),
    (404, {}, {"message": "Not Found"}, "There is no such project, or only a token may see it: correct 'url', or name under 'token'"),
    (422, {}, {"message": "Validation Failed"}, "answered 422: Validation Failed"),
    (500, {}, {}, "answered 500."),
    (200, {}, {"message": "?"}, "is no list of a project's "),
    (200, {"Content_Length": "5000"}, [], "broke off in the middle"),
    (200, {"Link": '<http://localhost:1/next>; rel="next"'}, [], "names a next page on another host"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "headers", "answer", "sentence"), NO)
def test_what_github_declines_says_what_to_do(host, status, headers, answer, sentence):
    """Of the fields and of the items."""
    fields = (200, {}, json.dumps(Server.board.fields).encode())
    for before in ([], [fields]):
        Server.instead = [*before, (status, headers, json.dumps(answer).encode())]
        assert sentence in refused(source(host, limits={"seconds": 30}))


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(401, "It does not accept the token in OUR_TOKEN"), (403, "The token in OUR_TOKEN may not read this project"),
     (404, "or the token in OUR_TOKEN may not see it: correct 'url', or make one with the scope read:project")],
)  # fmt: skip
def test_a_token_that_may_not_is_named_and_not_shown(host, status, sentence, monkeypatch):
    monkeypatch.setenv("OUR_TOKEN", "s3cr3t-value")
    Server.instead = [(status, {}, b"{}")]
    said = refused(source(host, token="OUR_TOKEN"))
    assert sentence in said and "s3cr3t" not in said
    assert Server.heard[0]["Authorization"] == "Bearer s3cr3t-value"


def test_it_is_a_line_of_a_stages_yaml(tmp_path):
    (tmp_path / "stages.yaml").write_text("""
title: Board
streams:
  line:
    name: A line
    sources: [board]
    stages:
      a: {name: A, queue: [No status, Todo], work: [In Progress], done: [Done]}
sources:
  board: {kind: github_project, url: "https://github.com/orgs/o/projects/5/views/1?x=1#y"}
""")
    one = stages.read(tmp_path / "stages.yaml").sources["board"]
    assert (one.place, one.status) == ("https://api.github.com/orgs/o/projectsV2/5", "Status")


@pytest.mark.parametrize(
    ("url", "api"),
    [
        ("https://github.com/users/someone/projects/12/", "https://api.github.com/users/someone/projectsV2/12"),
        ("https://git.example/api/v3/orgs/o/projectsV2/5", "https://git.example/api/v3/orgs/o/projectsV2/5"),
        ("https://github.com/o/n/projects", ""), ("https://github.com/orgs/o/projects/x", ""),
        ("https://git.example/orgs/o/projects/5", ""), ("https://api.github.com/orgs/o/projectsV2/5/items", ""),
    ],
)  # fmt: skip
def test_a_project_is_named_as_in_the_browser(url, api):
    if not api:
        with pytest.raises(ValueError, match="it must name a project, like "):
            source("", url=url)
        return
    assert source("", url=url).api == api
    with pytest.raises(ValueError, match="it names a project, which is of kind github_project"):
        Github(name="issues", url=url)


@pytest.mark.more
def test_a_collector_that_is_killed_half_way_loses_and_doubles_nothing(tmp_path, host):
    items = [Server.board.add(f"Item {n}", "Todo") for n in range(40)]
    collect(tmp_path, source(host), DAY[0])
    for item in items[::2]:
        move(item, "Done")
    (tmp_path / "settings.json").write_text(source(host).model_dump_json(exclude_defaults=True))
    program = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC; from sources import collecting\n"
        "from settings.sources import GithubProject\n"
        "folder = Path(sys.argv[1]); told = (folder / 'settings.json').read_text()\n"
        "collecting.collect([GithubProject.model_validate_json(told)], folder / 'landing.duckdb', datetime(2026, 11, 2, tzinfo=UTC))\n"
    )  # fmt: skip
    Server.size, Server.asked[:] = 1, []
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], cwd=Path(__file__).parent.parent)  # fmt: skip
    while len(Server.asked) < 20 and process.poll() is None:
        pass
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait(10) == -signal.SIGKILL
    assert len(told(tmp_path)) == 40
    collect(tmp_path, source(host), DAY[0] + timedelta(days=2))
    moved = [row for row in told(tmp_path) if row[1] == "Done"]
    assert len(moved) == 20 and {row[2:4] for row in moved} == {(DAY[0], DAY[2])}
