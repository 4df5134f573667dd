"""Canaries, polled addresses, CI runs and folders of logs, from real payloads and real servers."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from servers import Handler, answering

from settings.sources import KINDS, Source
from sources import collecting
from sources.landing import saving

PAYLOADS = Path(__file__).parent / "payloads"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
RUNS = json.loads((PAYLOADS / "recorded-workflow-runs.json").read_text())


def settings(kind: str, **more) -> Source:
    return KINDS[kind](name=kind, **more)


def collect(folder: Path, told: Source, now: datetime = NOW) -> collecting.Result:
    (result,) = collecting.collect([told], folder / "landing.duckdb", now)
    return result


def asked(folder: Path, query: str) -> list[tuple]:
    with saving.opened(folder / "landing.duckdb") as con:
        return con.execute(query).fetchall()


CHECKS = 'select process, subject, strftime("at", \'%Y-%m-%d %H:%M:%S\'), ok, detail, seconds from check_result order by "at", subject'


# Canaries and alarms


def test_the_recorded_canary_and_alarm_messages_become_checks(tmp_path):
    for file in PAYLOADS.glob("*canary*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    for name in ("eventbridge-synthetics-testrun-successful", "sns-cloudwatch-alarm",
                 "lambda-cloudwatch-alarm-single-metric"):  # fmt: skip
        (tmp_path / f"{name}.json").write_bytes((PAYLOADS / f"{name}.json").read_bytes())
    result = collect(tmp_path, settings("canaries", file=str(tmp_path / "*.json"), process="site"))
    assert (result.accepted, result.refused, result.failed) == (4, 0, "")
    told = [row[:4] + row[5:] for row in asked(tmp_path, CHECKS)]
    assert told == [
        ("site", "DBMigrationRequired", "2019-02-12 15:45:24", True, None),
        ("site", "Test alert", "2024-02-17 11:53:08", False, None),
        ("site", "uhd-fake-env-display", "2024-08-19 08:32:09", True, 210.131),
        ("site", "uhd-fake-env-display", "2024-08-19 14:05:39", True, 288.787),
    ]
    (why,) = asked(tmp_path, "select detail from check_result where not ok")
    assert why[0].startswith("Threshold Crossed: 1 out of the last 1 datapoints")


def run(started: float, state: str = "PASSED", reason: str = "null", name: str = "home") -> dict:
    return {"detail-type": "Synthetics Canary TestRun", "detail": {
        "canary-name": name, "test-run-status": state, "state-reason": reason,
        "canary-run-timeline": {"started": started, "completed": started + 9.5}}}  # fmt: skip


def test_canaries_repeated_and_out_of_order_count_once_each(tmp_path):
    file = tmp_path / "messages.jsonl"
    one, two = run(1724056329.74), run(1724056629.7, "FAILED", "element not found")
    wrapped = {"Type": "Notification", "Message": json.dumps(one)}
    queued = {"Records": [{"body": json.dumps(wrapped)}]}
    lines = [two, one, wrapped, queued, two, run(1724056929.7, "RUNNING"), {"hello": "world"}]
    file.write_text("\n".join(map(json.dumps, lines)))
    result = collect(tmp_path, settings("canaries", file=str(file)))
    assert (result.accepted, result.refused) == (2, 2)
    assert [row[3:] for row in asked(tmp_path, CHECKS)] == [
        (True, "", 9.5), (False, "element not found", 9.5),
    ]  # fmt: skip
    assert asked(tmp_path, "select line, reason from reject order by line") == [
        (6, "no result: its state is RUNNING"),
        (7, "no canary run or alarm that is known here: a name, a state and a time are needed"),
    ]
    # The same runs in another file, told by the other API, take the place of the first.
    listed = {"CanaryRuns": [{"Name": "home", "Status": {"State": "FAILED", "StateReason": "timed out"},
              "Timeline": {"Started": "2024-08-19T08:37:09.701Z", "Completed": "2024-08-19T08:37:39Z"}}]}  # fmt: skip
    (tmp_path / "runs.jsonl").write_text(json.dumps(listed))
    collect(tmp_path, settings("canaries", file=str(tmp_path / "*.jsonl")))
    assert [row[3:5] for row in asked(tmp_path, CHECKS)] == [(True, ""), (False, "timed out")]


# A server for the rest


class Server(Handler):
    """The API of workflow runs over `runs`, newest first, and some pages to poll."""

    runs: list[dict] = []
    seen: list[tuple[str, dict]] = []
    most = 1000  # of a search, as GitHub has it

    def do_GET(self):
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        self.seen.append((self.path, dict(self.headers)))
        if path == "/repos/o/n/actions/runs":
            self._list(query)
        elif path == "/limited":
            self._send(403, b'{"message": "API rate limit exceeded"}', X_RateLimit_Remaining="0")
        elif path == "/invalid":
            told = json.loads((PAYLOADS / "recorded-error-422.json").read_text())[0]
            self._send(told["status"], json.dumps(told["response"]).encode())
        elif path == "/elsewhere":
            self._send(200, b'{"total_count": 2, "workflow_runs": []}',
                       Link='<http://localhost:1/next>; rel="next"')  # fmt: skip
        elif path == "/log.csv":
            self._send(200, b"endpoint,entry-date,status,resource\ne,2026-01-01T00:00:00Z,200,r\n")
        else:
            self._send(int(path.strip("/")), b"all is well")

    def _list(self, query: dict) -> None:
        page, size = int(query.get("page", ["1"])[0]), 2
        since, _, until = query.get("created", ["*..*"])[0].partition("..")
        told = [r for r in self.runs if (since == "*" or r["created_at"] >= since)
                and (until in ("", "*") or r["created_at"] <= until)]  # fmt: skip
        given = told[: self.most]
        body = {"total_count": len(told), "workflow_runs": given[(page - 1) * size : page * size]}
        links = {}
        if page * size < len(given):
            recorded = json.loads((PAYLOADS / "recorded-pagination-headers.json").read_text())[0]
            after = f"http://{self.headers['Host']}{urlsplit(self.path).path}?page={page + 1}"
            after += "".join(f"&{k}={v[0]}" for k, v in query.items() if k != "page")
            links = {"Link": re.sub(r"<[^>]*>", f"<{after}>", recorded["headers"]["link"], count=1)}
        self._send(200, json.dumps(body).encode(), **links)


@pytest.fixture
def host():
    Server.runs, Server.seen, Server.most = list(RUNS), [], 1000
    with answering(Server) as address:
        yield address


# CI runs


def ci(host: str, **more) -> Source:
    return settings("github_runs", url=f"{host}/repos/o/n/actions/runs", **more)


def test_the_recorded_workflow_runs_become_checks_page_by_page(tmp_path, host):
    result = collect(tmp_path, ci(host))
    assert (result.accepted, result.refused, result.failed) == (2, 0, "")
    assert asked(tmp_path, CHECKS) == [
        ("o/n", ".github/workflows/codeql.yml", "2022-07-01 13:34:14", False, "failure", 65.0),
        ("o/n", ".github/workflows/codeql.yml", "2022-09-03 05:15:09", True, "", 67.0),
    ]
    assert len(Server.seen) == 2  # three runs, two on a page: the Link header was followed


def test_a_run_that_was_going_on_is_asked_for_again_and_nothing_else(tmp_path, host):
    collect(tmp_path, ci(host))
    assert collect(tmp_path, ci(host)).readings == 0
    over = {"status": "completed", "conclusion": "success"}
    cancelled = RUNS[0] | {"id": 9, "created_at": "2022-09-04T00:00:00Z", "conclusion": "cancelled"}
    Server.runs = [cancelled, *RUNS[:2], RUNS[2] | over]
    Server.seen.clear()
    result = collect(tmp_path, ci(host))
    assert (result.accepted, result.refused) == (1, 1)
    assert "created=2022-06-27T01%3A29%3A54Z..%2A" in Server.seen[0][0]
    assert len(asked(tmp_path, CHECKS)) == 3
    assert asked(tmp_path, "select value, reason from reject") == [
        ("cancelled", "no result: neither success nor failure")
    ]
    Server.seen.clear()
    assert collect(tmp_path, ci(host)).readings == 0
    assert "created=2022-09-04T00%3A00%3A00Z..%2A" in Server.seen[0][0]


def test_a_list_cut_at_the_first_thousand_is_asked_for_from_there_on(tmp_path, host):
    began = datetime(2026, 1, 1, tzinfo=UTC)
    Server.most = 4
    Server.runs = [
        RUNS[0] | {"id": n, "created_at": f"{began + timedelta(hours=n):%Y-%m-%dT%H:%M:%SZ}",
                   "run_started_at": f"{began + timedelta(hours=n):%Y-%m-%dT%H:%M:%SZ}"}
        for n in range(11, 0, -1)
    ]  # fmt: skip
    assert collect(tmp_path, ci(host)).accepted == 11


def test_a_token_comes_from_the_environment_and_shows_nowhere(tmp_path, host, monkeypatch):
    missing = collect(tmp_path, ci(host, token="CI_TOKEN"))
    assert missing.failed == "The environment has no CI_TOKEN: set it, or leave out 'token'."
    monkeypatch.setenv("CI_TOKEN", "s3cr3t-value")
    collect(tmp_path, ci(host, token="CI_TOKEN"))
    assert Server.seen[0][1]["Authorization"] == "Bearer s3cr3t-value"
    assert b"s3cr3t-value" not in (tmp_path / "landing.duckdb").read_bytes()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("limited", "takes no more questions for now"),
        ("invalid", "answered 422: Validation Failed"),
        ("elsewhere", "names a next page on another host"),
        ("200", "is no list of workflow runs: correct 'url'"),
    ],
)
def test_an_answer_that_is_no_list_of_runs_says_so(tmp_path, host, path, said):
    assert said in collect(tmp_path, settings("github_runs", url=f"{host}/{path}")).failed


# Polled addresses


def test_each_address_is_asked_once_and_no_answer_is_a_result(tmp_path, host):
    urls = {
        "Home": f"{host}/200",
        "Lost": f"{host}/404",
        "Broken": f"{host}/503",
        "Gone": "http://127.0.0.1:1/",
    }
    result = collect(tmp_path, settings("http_checks", urls=urls, process="site"))
    assert (result.accepted, result.failed) == (4, "")
    told = asked(tmp_path, CHECKS)
    assert [(r[1], r[3], r[4]) for r in told] == [
        ("Broken", False, "503"), ("Gone", False, "ConnectionError"), ("Home", True, ""), ("Lost", False, "404"),
    ]  # fmt: skip
    assert all(0 <= r[5] < 30 for r in told)
    assert len(Server.seen) == 3  # a poll does not try again: a failed one is news
    collect(tmp_path, settings("http_checks", urls=urls, process="site"), NOW + timedelta(hours=1))
    assert len(asked(tmp_path, CHECKS)) == 8


def test_a_page_without_its_words_is_not_well(tmp_path, host):
    for words in ("all is well", "Find planning data"):
        folder = tmp_path / words
        collect(folder, settings("http_checks", urls={"Home": f"{host}/200"}, contains=words))
        ((*_, ok, why, _),) = asked(folder, CHECKS)
        assert (ok, why) == (
            (True, "")
            if words == "all is well"
            else (False, "the words it should contain are missing")
        )


# Logs in folders and at addresses


def test_a_folder_of_a_file_for_each_endpoint_and_day_is_read_day_by_day(tmp_path):
    folder = tmp_path / "collection" / "log"
    for day in (1, 2):
        (folder / f"2026-01-0{day}").mkdir(parents=True)
        for endpoint in ("aaa", "bbb"):
            told = {"endpoint-url": "https://example.org", "entry-date": f"2026-01-0{day}T00:01:00.5",
                    "elapsed": "1.5", "status": "200", "resource": "r" if endpoint == "aaa" else None}  # fmt: skip
            (folder / f"2026-01-0{day}" / f"{endpoint}.json").write_text(json.dumps(told, indent=2))
    (folder / "2026-01-02" / "ccc.json.gz").write_bytes(gzip.compress(b"{cut"))
    told = settings("pipeline_logs", file=str(folder), process="brownfield-land")
    result = collect(tmp_path, told)
    assert (result.readings, result.accepted, result.refused) == (2, 4, 1)
    assert [r[1:] for r in asked(tmp_path, CHECKS)] == [
        ("aaa", "2026-01-01 00:01:00", True, "", 1.5), ("bbb", "2026-01-01 00:01:00", False, "no data in the answer", 1.5),
        ("aaa", "2026-01-02 00:01:00", True, "", 1.5), ("bbb", "2026-01-02 00:01:00", False, "no data in the answer", 1.5),
    ]  # fmt: skip
    assert asked(tmp_path, "select value from reject") == [("ccc.json.gz",)]
    # Only the day that changed is read again.
    (folder / "2026-01-02" / "ccc.json.gz").write_bytes(
        gzip.compress(b'{"entry-date": "2026-01-02T00:01:00.5", "exception": "SSLError"}')
    )
    result = collect(tmp_path, told)
    assert (result.readings, result.accepted, result.refused) == (1, 3, 0)
    assert len(asked(tmp_path, CHECKS)) == 5


def test_a_log_at_an_address_is_read(tmp_path, host):
    collect(tmp_path, settings("pipeline_logs", url=f"{host}/log.csv", process="p"))
    assert asked(tmp_path, CHECKS) == [("p", "e", "2026-01-01 00:00:00", True, "", None)]


def test_an_offset_in_a_time_is_not_lost(tmp_path):
    (tmp_path / "log.csv").write_text(
        "endpoint,entry_date,resource\ne,2026-07-01T01:00:00+01:00,r\n"
    )
    collect(tmp_path, settings("pipeline_logs", file=str(tmp_path / "log.csv")))
    assert asked(tmp_path, CHECKS)[0][2] == "2026-07-01 00:00:00"


def test_each_source_of_checks_reads_alike_twice(tmp_path, host):
    file = tmp_path / "messages.jsonl"
    file.write_text(json.dumps(run(1724056329.74)))
    both = [settings("canaries", file=str(file)), ci(host)]
    for _ in range(2):
        collecting.collect(both, tmp_path / "landing.duckdb", NOW)
    assert len(asked(tmp_path, CHECKS)) == 3
    assert asked(tmp_path, "select count(*) from load") == [(2,)]


def test_a_time_that_cannot_be_right_is_refused(tmp_path):
    """It would make years of days on which nothing ran, or open the page in the year 2226."""
    times = ["1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "2226-11-20T00:00:00Z", "294000-01-01T00:00:00Z",
             "2026-11-20T12:00:00Z"]  # fmt: skip
    rows = [{"endpoint": "e", "entry_date": time, "resource": "r"} for time in times]
    (tmp_path / "log.json").write_text(json.dumps(rows))
    result = collect(tmp_path, settings("pipeline_logs", file=str(tmp_path / "log.json")))
    assert (result.accepted, result.refused, result.failed) == (1, 4, "")
    assert {r for (r,) in asked(tmp_path, "select reason from reject")} == {
        "a time before 2000 or still to come"
    }
