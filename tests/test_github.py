"""The issues of a repository: from its labels, read at once or bit by bit, comes what really happened;
what GitHub declines ends in a sentence that says what to do."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from github_server import START, Repository, Server
from seeds import chance
from servers import answering

from settings import database, stages
from settings.sources import Github
from sources import StopSource, TryLater, collecting, github

PAYLOADS = Path(__file__).parent / "payloads"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
LABELS = ("Ready", "Doing", "Review")


@pytest.fixture
def host():
    Server.repository, Server.size, Server.back = Repository(), 3, 10**9
    Server.instead, Server.asked, Server.heard = [], [], []
    with answering(Server) as address:
        yield address


def source(host: str, name: str = "n", **more) -> Github:
    told = {"name": "issues", "url": f"{host}/repos/o/{name}", "statuses": LABELS, "blocked": ["blocked"]}  # fmt: skip
    return Github(**told | more)


def collect(folder: Path, one: Github, now: datetime | None = None) -> collecting.Result:
    now = now or Server.repository.now + timedelta(minutes=5)
    return collecting.collect([one], folder / "landing.duckdb", now)[0]


def asked(folder: Path, query: str) -> list[tuple]:
    with database.connect(folder / "landing.duckdb", read_only=True) as con:
        return con.execute(query).fetchall()


def statuses(folder: Path) -> dict[int, list[tuple]]:
    """Of each issue its statuses, each with since when, as the model takes them."""
    told = asked(folder, "select item, value, since from stage_event where kind = 'status' "
                         "order by since, sequence")  # fmt: skip
    found: dict[int, list[tuple]] = {}
    for item, value, since in told:
        mine = found.setdefault(int(item.removeprefix("o/n#")), [])
        if not mine or mine[-1][1] != value:
            mine.append((since, value))
    return found


def blocked(folder: Path) -> dict[int, list[str]]:
    told = asked(folder, "select item, value from stage_event where kind = 'blocked' order by since, sequence")  # fmt: skip
    found: dict[int, list[str]] = {}
    for item, value in told:
        mine = found.setdefault(int(item.removeprefix("o/n#")), [""])
        if mine[-1] != value:
            mine.append(value)
    return found


def truth(repository: Repository) -> dict[int, list[tuple]]:
    found: dict[int, list[tuple]] = {}
    for number, told in repository.true.items():
        if not repository.issues.get(number, {}).get("pull_request"):
            mine = found.setdefault(number, [])
            for at, status, _ in told:
                if not mine or mine[-1][1] != status:
                    mine.append((at, status))
    return found


def something(repository: Repository, random) -> None:
    """Anything that can happen to issues, some minutes later."""
    repository.after(minutes=random.randrange(2, 200))
    numbers = list(repository.issues)
    what = random.randrange(9)
    if what == 0 or not numbers:
        labels = random.sample((*LABELS, "bug", "blocked"), random.randrange(3))
        repository.open(f"Issue {len(numbers)}", tuple(labels), pull=random.random() < 0.2)
        return
    number = random.choice(numbers)
    issue = repository.issues[number]
    has = [label["name"] for label in issue["labels"]]
    if what in (1, 2, 3) and (new := [w for w in (*LABELS, "bug", "blocked") if w not in has]):
        repository.label(number, random.choice(new))
    elif what in (4, 5) and has:
        repository.unlabel(number, random.choice(has))
    elif what == 6:
        if issue["state"] == "open":
            repository.close(number, random.choice([None, "not_planned", "duplicate"]))
        else:
            repository.reopen(number)
    elif what == 7:
        repository.rename(number, f"{issue['title']}!")
    else:
        repository.other(number)


@pytest.mark.parametrize("many", [1, pytest.param(12, marks=pytest.mark.soak)])
def test_whatever_happened_and_whenever_it_was_asked_for_is_what_comes_out(tmp_path, host, many, monkeypatch):  # fmt: skip
    for number in range(many):
        random, folder = chance("issues", number), tmp_path / str(number)
        Server.repository = repository = Repository()
        Server.size = random.choice([1, 3, 50])
        monkeypatch.setattr(
            github, "MANY", random.choice([0, 1, 100])
        )  # one by one, or all at once
        for _ in range(24):
            something(repository, random)
            if random.random() < 0.2:
                assert not collect(folder, source(host)).failed
        Server.back = random.choice([3, 10**9])
        assert not collect(folder, source(host)).failed
        Server.back = 10**9
        assert statuses(folder) == truth(repository)
        reasons = {n: [why for *_, why in told] for n, told in repository.true.items()}
        for n, told in blocked(folder).items():
            assert told[-1] == reasons[n][-1] and set(told) == {"", *reasons[n]}
        collect(folder / "whole", source(host))
        assert statuses(folder / "whole") == truth(repository)
        assert asked(folder, "select count(*) from reject") == [(0,)]


def test_it_is_a_line_of_a_stages_yaml_and_its_labels_are_those_of_the_stages(tmp_path):
    (tmp_path / "stages.yaml").write_text("""
title: Issues
streams:
  line:
    name: A line
    sources: [issues, list]
    stages:
      a: {name: A, queue: [open, Ready], work: [Doing], done: [completed]}
    left: [not planned, duplicate]
  other: {name: Other, sources: [list], stages: {z: {name: Z, queue: [Elsewhere]}}}
sources:
  issues: {kind: github, url: "https://github.com/digital-land/planning-data-design/issues"}
  list: {kind: events, file: list.csv, time_zone: UTC}
""")
    one = stages.read(tmp_path / "stages.yaml").sources["issues"]
    # GitHub's own label "duplicate" on an open issue does not end it.
    assert one.statuses == ("Doing", "Ready")
    assert one.place == "https://api.github.com/repos/digital-land/planning-data-design"


@pytest.mark.parametrize(
    ("url", "api", "repository"),
    [
        ("https://github.com/o/n", "https://api.github.com/repos/o/n", "o/n"),
        ("https://github.com/o/n.git", "https://api.github.com/repos/o/n", "o/n"),
        ("https://github.com/o/n/issues?q=is%3Aopen#x", "https://api.github.com/repos/o/n", "o/n"),
        ("https://github.com/o/n/issues/12", "https://api.github.com/repos/o/n", "o/n"),
        ("https://git.example/api/v3/repos/o/n/", "https://git.example/api/v3/repos/o/n", "o/n"),
        ("https://github.com/o", "", ""),
        ("https://github.com/o/n/wiki", "", ""),
        ("https://git.example/o/n", "", ""),
    ],
)
def test_a_repository_is_named_as_in_the_browser(url, api, repository):
    if not api:
        with pytest.raises(ValueError, match="it must name a repository, like "):
            Github(name="issues", url=url)
        return
    one = Github(name="issues", url=url)
    assert (one.api, one.repository) == (api, repository)


def test_the_recorded_issues_and_events_are_read(tmp_path, host):
    """Fields that the recording lacks are none; what happened to pull requests is left out."""
    events = json.loads((PAYLOADS / "recorded-repo-issue-events.json").read_text())
    listed = json.loads((PAYLOADS / "recorded-issues-list-with-a-pull-request.json").read_text())
    Server.instead = [
        (200, {}, json.dumps(listed).encode()),
        (200, {}, json.dumps(events).encode()),
    ]
    result = collect(
        tmp_path, source(host, statuses=["question"]), datetime(2026, 11, 20, tzinfo=UTC)
    )
    assert (result.failed, result.refused) == ("", 0)
    numbers = {one["number"] for one in listed if not one.get("pull_request")}
    assert set(statuses(tmp_path)) == numbers
    assert {told[0][1] for told in statuses(tmp_path).values()} == {"question", "open"}


def test_an_issue_has_its_title_and_its_link_also_when_it_is_renamed(tmp_path, host):
    number = Server.repository.open("A title")
    collect(tmp_path, source(host))
    Server.repository.after(hours=1)
    Server.repository.rename(number, "=Another")
    collect(tmp_path, source(host))
    told = asked(tmp_path, "select item, name, link from item_detail")
    assert told == [("o/n#1", "=Another", "https://github.com/o/n/issues/1")]
    assert len(statuses(tmp_path)[number]) == 1


def test_one_label_off_and_another_on_is_one_move(tmp_path, host):
    """In either order, also some seconds apart, and where the collector comes in between."""
    repository, began = Server.repository, START
    number = repository.open(labels=("Ready",))
    repository.after(days=1)
    repository.unlabel(number, "Ready")
    collect(tmp_path, source(host), repository.now + timedelta(seconds=1))
    repository.after(seconds=20)
    repository.label(number, "Doing")
    collect(tmp_path, source(host), repository.now + timedelta(seconds=1))
    collect(tmp_path, source(host))
    repository.after(days=1)
    repository.label(number, "Review")
    repository.after(seconds=20)
    repository.unlabel(number, "Doing")
    collect(tmp_path, source(host))
    assert statuses(tmp_path)[number] == [
        (began, "Ready"), (began + timedelta(days=1, seconds=20), "Doing"),
        (began + timedelta(days=2, seconds=20), "Review"),
    ]  # fmt: skip


def test_what_is_asked_for_twice_is_told_once(tmp_path, host, monkeypatch):
    """So much happened that everything is asked for anew: what can't be used stands there once."""
    repository = Server.repository
    number = repository.open(labels=("Ready",))
    repository.after(hours=1)
    collect(tmp_path, source(host))
    repository.label(number, "Doing")
    repository.events.append(repository.events[-1] | {"id": 9000, "created_at": "soon"})
    monkeypatch.setattr(github, "MANY", 0)
    result = collect(tmp_path, source(host))
    assert (result.accepted, result.refused) == (2, 1)


def test_a_label_that_no_event_tells_of_was_there_from_the_beginning(tmp_path, host):
    repository = Server.repository
    first, second = (repository.open(silent=("doing", "Blocked")) for _ in range(2))
    repository.after(days=1)
    repository.unlabel(second, "doing")
    collect(tmp_path, source(host))
    assert [status for _, status in statuses(tmp_path)[first]] == ["Doing"]
    assert [status for _, status in statuses(tmp_path)[second]] == ["Doing", "open"]
    assert blocked(tmp_path)[first] == ["", "blocked"]


@pytest.mark.parametrize(
    "status", [301, *(pytest.param(n, marks=pytest.mark.more) for n in (404, 410))]
)
def test_an_issue_that_was_deleted_or_moved_to_another_repository_is_gone(tmp_path, host, status):
    repository = Server.repository
    numbers = [repository.open(labels=("Doing",)) for _ in range(5)]
    repository.after(hours=1)
    collect(tmp_path, source(host))
    repository.lose(numbers[1], status)
    collect(tmp_path, source(host))
    collect(tmp_path, source(host))
    told = {number: [status for _, status in some] for number, some in statuses(tmp_path).items()}
    assert told == {number: ["Doing"] + ["(gone)"] * (number == numbers[1]) for number in numbers}


def test_only_what_is_new_is_asked_for(tmp_path, host):
    repository, one = Server.repository, source(host)
    Server.size = 100
    numbers = [repository.open(labels=("Ready",)) for _ in range(60)]
    repository.after(hours=1)
    collect(tmp_path, one)
    before = asked(tmp_path, "select count(*) from raw_list")
    assert len(Server.asked) == 2
    Server.asked.clear()
    assert collect(tmp_path, one).readings == 0
    assert len(Server.asked) == 3
    repository.label(numbers[7], "Doing")
    repository.after(hours=1)
    Server.asked.clear()
    assert collect(tmp_path, one).accepted == 1
    assert len(Server.asked) == 4
    assert asked(tmp_path, "select count(*) from raw_list") == [(before[0][0] + 1,)]


@pytest.mark.more
def test_a_renamed_repository_is_found_again(tmp_path, host):
    Server.repository.open(labels=("Doing",))
    result = collect(tmp_path, source(host, name="old"))
    assert (result.failed, result.accepted) == ("", 1)
    assert asked(tmp_path, "select item, value from stage_event where kind = 'status'") == [("o/old#1", "Doing")]  # fmt: skip


LATER = str(int(datetime(2027, 1, 2, 3, 4, tzinfo=UTC).timestamp()))
NO = [
    (401, {}, {"message": "Bad credentials"}, "answered 401: Bad credentials. It wants a token: name under 'token' the environment variable"),
    (403, {}, {"message": "Resource not accessible"}, "answered 403: Resource not accessible. It wants a token"),
    (403, {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": LATER}, {"message": "API rate limit"},
     "its limit is used up until 2 January 2027, 03:04 UTC. Without a token GitHub answers 60 questions an hour."),
    (429, {"X_RateLimit_Remaining": "0"}, {}, "its limit is used up. Without a token"),
    (403, {"Retry_After": "600"}, {"message": "secondary rate limit"}, "asks not to be asked again until"),
    (403, {}, {"message": "You have exceeded a secondary rate limit."}, "exceeded a secondary rate limit."),
    (429, {"Retry_After": "600"}, {}, "asks not to be asked again until"),
    (404, {}, {"message": "Not Found"}, "There is no such repository, or only a token may see it: correct 'url', or name"),
    (410, {}, {"message": "Issues are disabled for this repo"}, "Its issues are turned off."),
    (422, {}, {"message": "Validation Failed"}, "answered 422: Validation Failed"),
    (500, {}, {}, "answered 500."),
    (200, {}, {"message": "?"}, "is no list of issues: correct 'url'."),
    (200, {"Link": '<http://localhost:1/next>; rel="next"'}, [], "names a next page on another host"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "headers", "told", "sentence"), NO)
def test_what_github_declines_says_what_to_do(host, status, headers, told, sentence):
    one = source(host, limits={"seconds": 30})
    for cursor in ({}, {"event": 1, "number": 1, "open": [], "line": 1}):
        Server.instead = [(status, headers, json.dumps(told).encode())]
        with pytest.raises((StopSource, TryLater)) as said:
            list(collecting.readings(one, cursor, NOW))
        assert sentence in str(said.value)


def test_a_busy_github_is_asked_again_and_a_cut_answer_is_not_taken(tmp_path, host):
    Server.repository.open(labels=("Doing",))
    Server.instead = [(403, {"Retry_After": "0"}, b"{}"), (429, {"Retry_After": "0"}, b"{}")]
    assert collect(tmp_path, source(host)).accepted == 1
    Server.instead = [(200, {"Content_Length": "5000"}, b"[")]
    assert "broke off in the middle" in collect(tmp_path, source(host)).failed
    Server.instead = [(200, {}, b'[{"number": 2, ')]
    assert "is no list of issues" in collect(tmp_path, source(host)).failed
    assert list(statuses(tmp_path)) == [1]


def test_the_token_comes_from_the_environment_and_shows_nowhere(tmp_path, host, monkeypatch):
    one = source(host, token="ISSUES_TOKEN")
    assert collect(tmp_path, one).failed == "The environment has no ISSUES_TOKEN: set it, or leave out 'token'."  # fmt: skip
    monkeypatch.setenv("ISSUES_TOKEN", "s3cr3t-value")
    Server.repository.open()
    Server.instead = [(401, {}, b'{"message": "Bad credentials"}')]
    assert "It does not accept the token in ISSUES_TOKEN" in collect(tmp_path, one).failed
    collect(tmp_path, one)
    assert {told["Authorization"] for told in Server.heard} == {"Bearer s3cr3t-value"}
    assert b"s3cr3t-value" not in (tmp_path / "landing.duckdb").read_bytes()
    with pytest.raises(ValueError, match="the name of an environment variable"):
        source(host, token="ghp_aSecret")


def test_what_can_not_be_used_is_kept_with_its_reason(tmp_path, host):
    repository = Server.repository
    number = repository.open(labels=("Ready",))
    repository.after(hours=1)
    repository.events += [
        {"id": 5000, "event": "labeled", "created_at": "2026-01-01T01:00:00Z", "number": number, "label": None},
        {"id": 5001, "event": "closed", "created_at": "soon", "number": number},
        {"id": "x", "event": "closed", "created_at": "2026-01-01T01:00:00Z", "number": number},
    ]  # fmt: skip
    repository.issues[number + 1] = {
        "number": number + 1,
        "created_at": "2026-13-01",
        "state": "open",
    }
    result = collect(tmp_path, source(host))
    assert (result.accepted, result.refused) == (1, 4)
    time = "no time: it should be like 2026-04-03T14:30:00Z"
    assert sorted(asked(tmp_path, "select field, value, reason from reject")) == [
        ("created_at", "2026-13-01", time), ("created_at", "soon", time),
        ("id", "x", "no whole number"), ("label", "null", "no label: it has no name"),
    ]  # fmt: skip


@pytest.mark.more
def test_a_collector_that_is_killed_half_way_loses_and_doubles_nothing(tmp_path, host):
    repository, random = Server.repository, chance("killed")
    for _ in range(30):
        something(repository, random)
    collect(tmp_path, source(host))
    for _ in range(30):
        something(repository, random)
    (tmp_path / "settings.json").write_text(source(host).model_dump_json(exclude_defaults=True))
    program = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC; from sources import collecting\n"
        "from settings.sources import Github\n"
        "folder = Path(sys.argv[1]); told = (folder / 'settings.json').read_text()\n"
        "collecting.collect([Github.model_validate_json(told)], folder / 'landing.duckdb', datetime(2027, 1, 1, tzinfo=UTC))\n"
    )  # fmt: skip
    Server.size, Server.asked[:] = 1, []
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], cwd=Path(__file__).parent.parent)  # fmt: skip
    while len(Server.asked) < 10 and process.poll() is None:
        pass
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait(10) == -signal.SIGKILL
    collect(tmp_path, source(host))
    assert statuses(tmp_path) == truth(repository)
