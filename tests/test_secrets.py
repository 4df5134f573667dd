"""No secret leaves: not in a message, a database, a file or a page, whichever way it came in."""

from __future__ import annotations

import base64
import csv
import io
import json
import logging
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import duckdb
import openpyxl
import pandas
import pytest
from browser import opened
from servers import ROOT, Handler, answering, dashboard, free_port

import metrics
from settings.redaction import redacted
from sources import StopSource
from sources.reading import http
from telling import exports, leaving, sources, terminal
from telling.asked import asked

# Each is told apart; none has a form that is known, so that only its place gives it away.
SECRET = [f"Hush{n:02}quokka{n:02}" for n in range(40)]
GUID = "0123abcd-4567-89ab-cdef"


class Echo(Handler):
    """Fails as the first part of the path says, and repeats all that it was asked with."""

    def do_GET(self):
        first, *rest = self.path.strip("/").split("?")[0].split("/")
        if self.path.startswith("/db/"):
            return self._datasette()
        if first == "long":
            return self._send(404, f"{'x' * 150} eyJhbGciOi.{SECRET[39]}{'y' * 50}.z".encode())
        if first == "moved":
            here = self.server.server_address[1]
            return self._send(302, b"", Location=f"http://localhost:{here}/page{self.path}")
        status = int(first) if first.isdigit() else 404 if first != "page" else 200
        told = {"asked": self.path, "headers": dict(self.headers)}
        page = f"<html><pre>{self.path}\n{self.headers}\n{json.dumps(told)}</pre></html>"
        who = self.headers.get("Authorization", "nobody").split()[-1]
        words = json.dumps({"message": f"Not for {who}: {self.path} {self.headers}"})
        self._send(status, (words if rest[-1:] == ["json"] else page).encode(), Retry_After="0")

    def _datasette(self):
        told = {"datasette": {"version": "1.0"}} if "versions" in self.path else []
        if "query" in self.path:
            told = {"ok": False, "error": f"no such table: asked with {self.headers}"}
        self._send(200, json.dumps(told).encode())


def addresses(host: str) -> dict[str, str]:
    """A source for each way in which an address holds a secret, and the server repeats it."""
    s, user = SECRET, host.replace("http://", "http://me:{}@").format
    hook = "services/T0AB12CD/B0AB12CD"
    return {
        "user": f"{user(s[0])}/401/list.csv",
        "signed": f"{host}/403/a?X-Amz-Signature={s[1]}&X-Amz-Credential={s[2]}&page=2",
        "azure": f"{host}/400/a?sv=2022&sig={s[3]}&X-Amz-Security-Token={s[4]}",
        "words": f"{host}/404/json?code={s[5]}&pwd={s[6]}&jwt={s[7]}",
        "encoded": f"{host}/404/a?%74oken={s[8]}&api%5Fkey={s[9]}&a=1;passwd={s[10]}",
        "inside": f"{host}/404/a?next=https%3A%2F%2Fme%3A{s[11]}%40example.org%2F%3Fkey%3D{s[12]}",
        "slack": f"{host}/{hook}/{s[13]}",
        "teams": f"{host}/webhookb2/{GUID}@{GUID}/IncomingWebhook/{s[14]}/1",
        "page": f"{user(s[15])}/page?client_secret={s[16]}",
        "moved": f"{user(s[17])}/moved?access_token={s[18]}",
        "only": host.replace("http://", f"http://{s[19]}@") + "/403/json",
        "busy": f"{user(s[20])}/503/a?apiKey={s[21]}",
        "nobody": f"http://me:{s[22]}@127.0.0.1:{free_port()}/a?token={s[23]}",
    }


STAGES = """
title: Secrets
streams:
  line:
    name: A line
    link: https://me:{link}@example.org/{{item}}
    sources: [list, {names}]
    stages: {{do: {{name: Do, queue: [Todo], work: [Doing]}}}}
processes:
  looks: {{name: Looks, sources: [looks, log]}}
sources:
  list: {{kind: events, file: list.csv}}
  log: {{kind: pipeline_logs, file: log.jsonl}}
  base: {{kind: datasette, url: "{base}", table: t}}
  runs: {{kind: github_runs, url: "{host}/401/json", token: A_TOKEN_OF_OURS}}
"""


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> tuple[Path, str]:
    """Everything collected and published by processes of their own; what they printed."""
    folder, s = tmp_path_factory.mktemp("secrets"), SECRET
    (folder / "list.csv").write_text(
        "item,status,since,link,note,effective\n"
        f"a,Todo,2026-01-01,https://me:{s[24]}@example.org/a?sig={s[25]}&code=A-1,,\n"
        f"b,Todo,https://me:{s[26]}@example.org/?token={s[27]},,,\n"
        f"c,Todo,2026-01-01,,see https://example.org/?jwt={s[28]},no\n"
    )
    (folder / "log.jsonl").write_text(
        json.dumps({"endpoint": "e", "entry-date": "2026-01-02T03:00:00Z", "ok": "false",
                    "exception": f"401 of https://me:{s[29]}@example.org/?apikey={s[30]}",
                    "link": f"https://example.org/?X-Goog-Signature={s[31]}"})
    )  # fmt: skip
    with answering(Echo) as host:
        told = addresses(host)
        text = STAGES.format(
            link=s[32], host=host, names=", ".join(told),
            base=host.replace("http://", f"http://me:{s[33]}@") + "/db/x",
        )  # fmt: skip
        for name, url in told.items():
            text += f"  {name}: {{kind: snapshots, url: '{url}'}}\n"
        looks = {"a": f"{host}/page?sig={s[34]}", "b": f"http://me:{s[35]}@{host[7:]}/404/a",
                 "c": f"{host}/404/a?%73ecret={s[36]}", "d": f"{host}/services/T01234/B01234/{s[37]}"}  # fmt: skip
        text += f"  looks: {{kind: http_checks, urls: {json.dumps(looks)}}}\n"
        (folder / "stages.yaml").write_text(text)
        return folder, printed(folder)


def printed(folder: Path) -> str:
    """What a process that runs one command after the other prints, to both its ends."""
    told = {"VALUESTREAM_DATA": str(folder / "data"), "A_TOKEN_OF_OURS": SECRET[38],
            "VALUESTREAM_STAGES": str(folder / "stages.yaml")}  # fmt: skip
    program = (
        "from cli import app\n"
        "for asked in ('check', 'collect', 'publish', 'rejects', 'status', 'figure freshness',\n"
        "              'figure refused_row --format csv', 'figure failing --format json'):\n"
        "    try:\n        app(asked.split())\n    except SystemExit as end:\n"
        "        print(asked, 'ended', end.code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=os.environ | told,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    return done.stdout + done.stderr


def found(text: str) -> list[str]:
    """The secrets in a text: as they are, or as a header holds them."""
    basic = {one: base64.b64encode(f"me:{one}".encode()).decode() for one in SECRET}
    # The end of what a longer text was cut at counts too.
    return [one for one in SECRET if one[:9] in text or basic[one][:14] in text]


def held(file: Path) -> str:
    """All that a database holds, as text."""
    with duckdb.connect(str(file), read_only=True) as con:
        names = con.execute(
            "select table_name from duckdb_tables() where database_name = current_database()"
        ).fetchall()
        return "\n".join(str(con.table(name).fetchall()) for (name,) in names)


def test_no_secret_is_printed_whatever_fails(planted):
    _, said = planted
    words = " ".join(said.split())
    for name in (*addresses("http://x"), "runs", "base"):
        assert re.search(rf"{name}( failed)?: ", words), name  # each was asked, and did fail
    for command in ("check", "publish", "rejects", "status", "figure freshness"):
        assert f"{command} ended 0" in words
    assert (
        "Not for …: /401/json" in words
        and "page=2" in words
        and "no such table" in words
        and "no date" in words
    )
    assert not found(said)


def test_a_secret_goes_before_a_long_answer_is_cut_in_the_middle_of_it():
    with answering(Echo) as host, pytest.raises(StopSource) as caught:
        http.get(f"{host}/long")
    assert str(caught.value).endswith(f"{'x' * 150} …")


def test_no_secret_is_kept_of_what_was_asked_and_told(planted):
    folder, _ = planted
    landing = held(folder / "data/landing.duckdb")
    assert "answered 401" in landing and "<html>" in landing
    assert not found(landing)
    publication = held(metrics.current(folder / "data"))
    assert "https://example.org/a?sig=…&code=A-1" in publication
    assert "https://example.org/{item}" in publication
    assert not found(publication)


def test_no_secret_is_in_a_figure_a_file_or_what_a_page_is_told(planted):
    folder, _ = planted
    publication = metrics.open(folder / "data")
    at = publication.processes_open_at() or publication.published_at
    texts = []
    for name in ("age", "check_error", "failing", "freshness", "refused_row"):
        rows = publication.figure(name, at)
        texts += [terminal.json_text(rows), exports.text(rows)]
        sheet = openpyxl.load_workbook(io.BytesIO(exports.xlsx(rows))).active
        texts.append(str(list(sheet.values)))
    told = asked(publication, "line", at)
    texts.append(str(sources.freshness(told, told.figure("freshness"), "").rows))
    assert "answered 401" in "".join(texts)
    assert not found("".join(texts))


@pytest.mark.more
def test_no_secret_is_on_a_page(planted, page):
    folder, _ = planted
    with dashboard(folder / "data", "healthz") as app:
        for name in ("sources", "stage", "pipeline?show=failing", ""):
            opened(page, f"{app}/{name}")
            assert not found(page.content()), name


def test_a_traceback_and_the_logs_hold_no_secret():
    address = f"https://me:{SECRET[0]}@example.org/?sig={SECRET[1]}"
    program = (
        "import sys, logging; from cli import app\n"
        "@app.command()\ndef broken():\n"
        f"    logging.getLogger('x').warning('asking %s', '{address}')\n"
        f"    raise RuntimeError('no answer from {address} \\x1b[2J')\n"
        "app(['broken'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "Traceback" in done.stderr and "asking https://example.org/?sig=…" in done.stderr
    assert r"no answer from https://example.org/?sig=… \x1b[2J" in done.stderr
    assert not found(done.stderr)


def test_the_server_s_log_holds_no_secret_and_no_command():
    """As app.py sets it, for every library: the message, what it is filled with, the traceback."""
    assert "leaving.logs()" in (ROOT / "app.py").read_text()
    before, written = logging.getLogRecordFactory(), io.StringIO()
    log, handler = logging.getLogger("of-a-library"), logging.StreamHandler(written)
    log.addHandler(handler)
    try:
        leaving.logs()
        try:
            raise ValueError(f"password={SECRET[2]} \x9b2J")
        except ValueError:
            log.exception("from %s", {"Authorization": f"Bearer {SECRET[3]}"})
    finally:
        logging.setLogRecordFactory(before)
        log.removeHandler(handler)
    said = written.getvalue()
    assert "from {'Authorization': '…'}" in said and r"ValueError: password=… \x9b2J" in said
    assert not found(said)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://me:SECRET@h:80/a?b=1", "http://h:80/a?b=1"),
        ("postgres://me:SECRET@h/db is down", "postgres://h/db is down"),
        ("https://me:a@SECRET@h/", "https://h/"),
        (r"https:\/\/me:SECRET@h\/a", r"https:\/\/h\/a"),
        ("cut off at https://me:SECRET", "cut off at https://…"),
        ("/a?token=SECRET&page=2", "/a?token=…&page=2"),
        ("<a href='?a=1&amp;token=SECRET'>", "<a href='?a=1&amp;token=…'>"),
        ("?%2574oken=SECRET", "?%2574oken=…"),
        ("?state=token=SECRET", "?state=token=…"),
        ("https://h/#access_token=SECRET", "https://h/#access_token=…"),
        ("https://hooks.slack.com/services/T0/B0/SECRET: no", "https://hooks.slack.com/… no"),
        ("https://a.webhook.office.com/webhookb2/SECRET", "https://a.webhook.office.com/…"),
        ("https://api.telegram.org/bot12:SECRET/send", "https://api.telegram.org/bot…/send"),
        ("Authorization: Bearer SECRET Accept: */*", "Authorization: … Accept: */*"),
        ("HTTP_AUTHORIZATION=Basic SECRET", "HTTP_AUTHORIZATION=…"),
        ("Cookie: a=SECRET; b=SECRET\nHost: h", "Cookie: …\nHost: h"),
        ('{"X-Api-Key": "SECRET", "a": "b"}', '{"X-Api-Key": "…", "a": "b"}'),
        ("{'password': 'SECRET', 'a': 1}", "{'password': '…', 'a': 1}"),
        (r'"{\"token\": \"SECRET\"}"', r'"{\"token\": \"…\"}"'),
        ("login with password=SECRET failed", "login with password=… failed"),
        ("<td>Basic bWU6U0VDUkVU</td>", "<td>Basic …</td>"),
        ("sent Bearer SECRET123", "sent Bearer …"),
        ("ghp_0123456789SECRET is wrong", "… is wrong"),
        ("eyJhbGciOi.eyJzdWIiOi.SECRET is wrong", "… is wrong"),
    ],
)  # fmt: skip
def test_a_secret_is_found_in_any_text(text, shown):
    assert redacted(text) == shown
    assert redacted(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Basic information", "bearer of bad news", "token: write one", "add key: …", "key=1, code=2",
        "https://h:8080/a?keyVal=QX1&activeTab=summary#top", "jane@example.org, http://h,jane@h",
        '"https://a.org","jane@b.org"', "https://github.com/a/webhooks/issues/12", "?design=1&monkey=2",
        "see https://react.dev/hooks/use-state", "the password is wrong", "50% = half; a=b", "",
    ],
)  # fmt: skip
def test_a_text_without_secrets_stays_letter_for_letter(text):
    assert redacted(text) == text


def test_the_example_s_texts_stay_letter_for_letter():
    """But for four addresses of councils that hold a token, which is what is looked for."""
    texts = {line for p in ("stages.yaml", "README.md", "docs/figures.md", "CHANGELOG.md")
             for line in (ROOT / p).read_text().splitlines()}  # fmt: skip
    for file in (ROOT / "examples").rglob("*.csv"):
        texts |= {cell for row in csv.reader(file.open()) for cell in row}
    with sqlite3.connect(ROOT / "examples/planning-data/digital-land.sqlite3") as con:
        for (table,) in con.execute(
            "select name from sqlite_master where type = 'table'"
        ).fetchall():
            rows = con.execute(f'select * from "{table}"').fetchall()
            texts |= {cell for row in rows for cell in row if isinstance(cell, str)}
    log = pandas.read_parquet(ROOT / "examples/planning-data/log/organisation.parquet")
    texts |= {str(cell) for column in log for cell in log[column].unique()}
    assert len(texts) > 5000
    changed = {text for text in texts if redacted(text, rows=True) != text}
    assert changed and all(re.search(r"[?&]token=", text) for text in changed)


def test_what_a_row_calls_code_or_key_is_its_own_and_stays():
    link = "https://example.org/item?code=A-1&key=PROJ-2"
    assert redacted(link, rows=True) == link
    assert redacted(link) == "https://example.org/item?code=…&key=…"
