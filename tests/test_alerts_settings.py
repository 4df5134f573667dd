"""`alerts:` in stages.yaml: each complaint names the way, what is wrong and the cure, and repeats no
secret; and no secret of the environment leaves, whatever fails."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import channels
import line
import pytest
from channels import HOOK, receiving
from killed import Process
from killed import told as said
from servers import ROOT, free_port
from test_alerts import NOW, QUIET, state, told

from alerts import sending
from alerts.outbox import Outbox
from notes import store
from settings import alerts, stages

BASE = """
title: A
streams: {l: {name: L, sources: [s], stages: {a: {name: A, queue: [x]}}}}
sources: {s: {kind: events, file: a.csv}}
alerts:
"""
SECRET = "Hush00quokka00"
VARIABLE = "must be the name of a variable of the environment, like VALUESTREAM_SLACK_WEBHOOK"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("ways: {}", "alerts, ways: is empty: write at least one"),
        ("ways: [slack]", "alerts, ways: it must map each one's name to its settings"),
        ("ways: {c: {}}", "way 'c': missing its kind; add kind: …"),
        ("ways: {c: {kind: slak}}", "way 'c': unknown kind 'slak' (did you mean 'slack'?)"),
        ("ways: {c: {kind: slack, adress: X}}", "way 'c': unknown key 'adress' (did you mean 'addre"),
        ("ways: {c: {kind: slack, tells: [redd]}}", "way 'c', tells, number 1: 'redd' is none that"),
        ("ways: {c: {kind: slack, tells: [red, red]}}", "way 'c', tells: in tells red is there tw"),
        (f"ways: {{c: {{kind: slack, address: 'https://h.example/{SECRET}'}}}}", VARIABLE),
        (f"ways: {{c: {{kind: webhook, key: {SECRET}}}}}", f"way 'c', key: it {VARIABLE}"),
        ("ways: {c: {kind: email, sender: a@b, to: [a@c]}}", "way 'c', host: missing; add host"),
        ("ways: {c: {kind: email, host: h, sender: a@b, to: []}}", "way 'c', to: is empty: write"),
        ("ways: {c: {kind: email, host: h, sender: a@b, to: [a]}}", "to, number 1: 'a' is no address"),
        ('ways: {c: {kind: email, host: h, sender: "a@b\\nBcc: x@y", to: [a@b]}}', "is no address"),
        ("ways: {c: {kind: email, host: 'http://h/', sender: a@b, to: [a@b]}}", "name of a host al"),
        ("ways: {c: {kind: slack}}\n  digest: {day: mon}", "digest, day: 'mon' is none that is kno"),
        ("ways: {c: {kind: slack}}\n  digest: {hour: 24}", "alerts, digest, hour: must be 23 or le"),
        ("ways: {c: {kind: slack}}\n  time_zone: UK", "time_zone: 'UK' is no time zone"),
        (f"ways: {{c: {{kind: slack}}}}\n  dashboard: '//me:{SECRET}@h'", "it is no address"),
    ],
)  # fmt: skip
def test_a_complaint_names_the_way_and_the_cure_and_repeats_no_secret(text, complaint, tmp_path):
    (tmp_path / "stages.yaml").write_text(f"{BASE}  {text}\n")
    with pytest.raises(stages.StagesError) as caught:
        stages.read(tmp_path / "stages.yaml")
    assert complaint in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_way_tells_of_everything_unless_it_is_told_of_what():
    assert alerts.Slack(name="c").told == alerts.KINDS
    assert alerts.Slack(name="c", tells=["red"]).told == ("red",)


def test_the_example_of_the_docs_is_right(tmp_path):
    told = (ROOT / "docs/alerts.md").read_text().split("```yaml\n")[1].split("```")[0]
    (tmp_path / "stages.yaml").write_text(BASE.replace("alerts:\n", told))
    ways = stages.read(tmp_path / "stages.yaml").alerts.ways
    assert [way.kind for way in ways.values()] == ["slack", "teams", "email", "webhook"]


WAYS = """
alerts:
  dashboard: https://board.example.org
  ways:
    channel: {kind: slack}
    team: {kind: teams}
    program: {kind: webhook}
    letters: {kind: email, host: localhost, port: PORT, sender: a@example.org, to: [b@example.org],
              user: VALUESTREAM_MAIL_USER}
"""


class Echo(channels.Receiver):
    """Refuses everything, and repeats all that it was asked with."""

    def judge(self, body):
        told = {"path": self.path, "headers": dict(self.headers), "body": body.decode()}
        return 403, json.dumps(told).encode(), {}


@pytest.mark.more
@pytest.mark.parametrize("there", [True, False])
def test_no_secret_of_a_way_is_printed_or_kept_whatever_fails(there, tmp_path):
    now = datetime.now(UTC)
    text = line.LINE + WAYS.replace("PORT", str(free_port()))
    events = [line.event(item, "A waiting", now - timedelta(days=9)) for item in "pqr"]
    line.publication(tmp_path, events, text, now=now, asked=now).close()
    where = ["--stages", str(tmp_path / "stages.yaml"), "--data", str(tmp_path)]
    with receiving(Echo) as (address, _):
        base = address if there else f"http://127.0.0.1:{free_port()}"
        process = Process(
            tmp_path, ["alert", *where],
            VALUESTREAM_SLACK_WEBHOOK=base + HOOK,
            VALUESTREAM_TEAMS_WEBHOOK=f"{base}/workflows/x{SECRET}/invoke?sig={SECRET}",
            VALUESTREAM_WEBHOOK=f"{base.replace('//', f'//me:{SECRET}@')}/a/{SECRET}",
            VALUESTREAM_WEBHOOK_KEY=f"{SECRET}-key", VALUESTREAM_MAIL_USER=f"user{SECRET}",
            VALUESTREAM_MAIL_PASSWORD=SECRET,
        )  # fmt: skip
        assert process.code() == 1
    words = said(tmp_path)
    for way in ("channel (slack)", "team (teams)", "program (webhook)", "letters (email)"):
        assert way in words
    assert "answered 403: " in words if there else "could not be reached" in words
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"A line: A is red" in kept  # it waits in the outbox
    assert b"quokka" not in kept, words


def test_no_log_of_a_library_holds_an_address(tmp_path, monkeypatch, caplog):
    caplog.set_level("DEBUG")
    notes = store.opened(tmp_path)
    way = alerts.Slack(name="channel", tells=QUIET)
    told(notes, NOW, state("red"))
    monkeypatch.setenv("VALUESTREAM_SLACK_WEBHOOK", f"http://127.0.0.1:{free_port()}/{SECRET}")
    [done] = sending.send([way], notes)
    assert done.sent == 0 and Outbox(notes, "channel").waiting()
    assert SECRET not in caplog.text
