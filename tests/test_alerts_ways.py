"""Messages on their ways out: what Slack, Teams, a mail server and any other program are sent, what is
done about each of their answers, and that no name or answer can do harm."""

from __future__ import annotations

import base64
import email
import email.policy
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime, timedelta

import channels
import pytest
from channels import HOOK, PAYLOADS, SLACK, receiving
from servers import free_port

from alerts import mail, messages, post, slack, teams, webhook
from alerts.messages import Message
from alerts.states import State
from alerts.trouble import NotSent, Refused, Unsure
from settings import alerts as settings

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
WAY = settings.Slack(name="channel")
KEY = "a-key-of-some-length"
HOSTILE = (
    "<!channel> @here <@U012AB3CD> *bold* _it_ `x` ~s~ :bug: &amp; [a](http://x) <at>all</at>\r\nBcc: "
    "x@example.com\r\n\r\n{{DATE(2026-01-01T00:00:00Z)}} \x1b[2J\u202e\u2028 \ud800 |"
)


def message(name: str = "Co-design", sentence: str = "31 waiting, target 10.", **more) -> Message:
    state = State(
        "stage/line/a", name, "A line", "red", sentence, "red", "stage?stream=line&stage=a"
    )
    link = more.pop("dashboard", "https://board.example.org/")
    [told] = messages.changes([(state, "red")], NOW, "Planning data service", link)
    return Message(**{**vars(told), "id": 7, **more})


@pytest.fixture
def hook(monkeypatch):
    """A server as Slack's, and the environment that names it."""
    with receiving(channels.Slack) as (address, server):
        monkeypatch.setenv("VALUESTREAM_SLACK_WEBHOOK", address + HOOK)
        yield server


def texts(told: object) -> list[str]:
    """Every text in a payload, wherever it stands."""
    if isinstance(told, dict):
        return [text for value in told.values() for text in texts(value)]
    if isinstance(told, list):
        return [text for value in told for text in texts(value)]
    return [told] if isinstance(told, str) else []


# -- Slack ---------------------------------------------------------------------------------------


def test_slack_takes_a_message_as_its_own_example_and_shows_it(hook):
    assert channels.whole(json.loads((PAYLOADS / "slack-stage-alert.json").read_text())["blocks"])
    slack.send(WAY, message())
    [got] = hook.got
    head, body, foot = got["json"]["blocks"]
    assert got["json"]["text"] == head["text"]["text"] == "A line: Co-design is red"
    assert body["text"] == {
        "type": "plain_text", "text": "✕ 31 waiting, target 10.", "emoji": False
    }  # fmt: skip
    about, link = foot["elements"]
    assert about["text"] == "Planning data service, 23 November 2026, 08:30 UTC"
    assert link["text"] == (
        "<https://board.example.org/stage?stream=line&amp;stage=a|Open the dashboard>"
    )


@pytest.mark.parametrize("name", ["x" * 5000, "&" * 5000, "<" * 149, "é" * 151])
def test_no_name_is_too_long_for_slack_and_no_escape_is_cut_in_two(hook, name):
    slack.send(WAY, message(name, f"{name} waits.", lines=(name,) * 60))
    [got] = hook.got
    for text in texts(got["json"]["blocks"]):
        assert text.count("&") == sum(text.count(one) for one in ("&amp;", "&lt;", "&gt;"))


def test_in_slack_no_name_can_mention_anybody_or_be_markup(hook):
    slack.send(WAY, message(HOSTILE, HOSTILE))
    [got] = hook.got
    assert (got["json"]["mrkdwn"], got["json"]["link_names"]) == (False, False)
    *blocks, foot = got["json"]["blocks"]
    for text in [got["json"]["text"], *texts(blocks), foot["elements"][0]["text"]]:
        assert "<" not in text and ">" not in text
        assert not set(text) & set("\r\x1b\u202e\u2028\ud800")
    for block in blocks:
        assert block["text"]["type"] == "plain_text" and not block["text"]["emoji"]
    assert "&lt;!channel&gt; @here" in blocks[1]["text"]["text"]
    assert foot["elements"][1]["text"].count("<") == 1


@pytest.mark.parametrize(
    "body", [b for b, status in SLACK.items() if status in (400, 403, 404, 410)]
)
def test_an_error_of_slack_is_said_and_only_what_is_wrong_with_the_message_is_given_up(hook, body):
    hook.answers += [(SLACK[body], body.encode(), {})]
    with pytest.raises((NotSent, Refused), match=body) as caught:
        slack.send(WAY, message())
    assert isinstance(caught.value, Refused) == (SLACK[body] == 400)
    if SLACK[body] != 400:
        assert "set VALUESTREAM_SLACK_WEBHOOK" in str(caught.value)


def test_slack_s_patience_is_kept_and_what_fails_for_a_moment_is_tried_again(hook):
    slack.send(WAY, message())
    began = time.monotonic()
    slack.send(WAY, message())  # at once: it answers 429 and Retry-After
    assert time.monotonic() - began >= 1 and len(hook.got) == 2
    for nth, status in enumerate((500, 429, 502, 503, 504), 3):  # without a word for how long
        hook.last = 0
        hook.answers += [(status, b"rollup_error", {})]
        slack.send(WAY, message())
        assert len(hook.got) == nth


@pytest.mark.parametrize("told", ["9" * 5000, "Wed, 21 Oct 99999 07:28:00 GMT"])
def test_a_pause_beyond_all_numbers_and_calendars_is_none(hook, told):
    hook.answers += [(200, b"ok", {"Retry_After": told})]
    slack.send(WAY, message())


def test_a_long_pause_is_not_waited_for_but_kept(hook):
    hook.answers += [(429, b"rate_limited", {"Retry_After": "40"})]
    began = time.monotonic()
    with pytest.raises(NotSent, match="429: rate_limited") as caught:
        slack.send(WAY, message())
    assert time.monotonic() - began < 5
    assert caught.value.until - datetime.now(UTC) > timedelta(seconds=34)


def test_a_page_with_status_200_is_no_slack(hook):
    hook.answers += [(200, b"<html>Please log in</html>", {})]
    with pytest.raises(NotSent, match="Please log in"):
        slack.send(WAY, message())


# -- Teams ---------------------------------------------------------------------------------------


def test_teams_gets_a_card_in_which_no_name_is_markup(monkeypatch):
    way = settings.Teams(name="t")
    with receiving(channels.Teams) as (address, server):
        monkeypatch.setenv("VALUESTREAM_TEAMS_WEBHOOK", f"{address}/workflows/x?sig=Hush00quokka00")
        teams.send(way, message(HOSTILE, HOSTILE))
        [got] = server.got
        server.answers += [(404, b'{"error":{"code":"WorkflowNotFound"}}', {})]
        with pytest.raises(NotSent, match=r"WorkflowNotFound.*VALUESTREAM_TEAMS_WEBHOOK"):
            teams.send(way, message())
        # One that somebody turned off says 400: the message is right and waits.
        off = b'{"error":{"code":"WorkflowTriggerIsNotEnabled"}}'
        server.answers += [(400, off, {}), (400, b'{"error":{"code":"InvalidBotMessage"}}', {})]
        with pytest.raises(NotSent, match="turn it on"):
            teams.send(way, message())
        with pytest.raises(Refused, match="InvalidBotMessage"):
            teams.send(way, message())
    [attachment] = got["json"]["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    for block in card["body"]:
        assert block["type"] == "RichTextBlock"  # a TextBlock would read Markdown
        assert [run["type"] for run in block["inlines"]] == ["TextRun"]
    assert "{{DATE" not in json.dumps(card) and "entities" not in json.dumps(card)
    assert "*bold* _it_ `x`" in card["body"][1]["inlines"][0]["text"]
    assert card["actions"][0]["url"] == "https://board.example.org/stage?stream=line&stage=a"


def test_a_card_of_many_lines_fits_into_what_teams_takes(monkeypatch):
    with receiving(channels.Teams) as (address, server):
        monkeypatch.setenv("VALUESTREAM_TEAMS_WEBHOOK", f"{address}/workflows/x")
        teams.send(settings.Teams(name="t"), message(lines=("é" * 1900,) * 40))
        [got] = server.got
    shown = [
        block["inlines"][0]["text"] for block in got["json"]["attachments"][0]["content"]["body"]
    ]
    assert shown[0] == "A line: Co-design is red" and shown[-2] == "More did not fit."
    assert shown[-1].startswith("Planning data service")


# -- any other program ---------------------------------------------------------------------------


def test_a_webhook_is_signed_so_that_nobody_else_can_have_sent_it(monkeypatch):
    monkeypatch.setenv("VALUESTREAM_WEBHOOK_KEY", KEY)
    with receiving(channels.Receiver) as (address, server):
        monkeypatch.setenv("VALUESTREAM_WEBHOOK", f"{address}/hook")
        webhook.send(settings.Webhook(name="w"), message(again=True))
    [got] = server.got
    head = {name.lower(): value for name, value in got["headers"].items()}
    # As Standard Webhooks has a receiver check it.
    signed = f"{head['webhook-id']}.{head['webhook-timestamp']}.".encode() + got["body"]
    right = base64.b64encode(hmac.digest(KEY.encode(), signed, hashlib.sha256)).decode()
    assert head["webhook-signature"] == f"v1,{right}"
    assert head["webhook-id"] == "valuestream_7"  # the same in a repeat
    assert abs(time.time() - int(head["webhook-timestamp"])) < 60
    told = got["json"]
    assert (told["type"], told["timestamp"]) == ("red", "2026-11-23T08:30:00+00:00")
    assert told["data"]["title"] == "A line: Co-design is red" and told["data"]["may_be_a_repeat"]


def test_a_key_may_be_written_as_standard_webhooks_write_it():
    plain = base64.b64encode(KEY.encode()).decode()
    one = webhook.signed(message(), b"{}", KEY, "V")
    two = webhook.signed(message(), b"{}", f"whsec_{plain}", "V")
    assert one["webhook-signature"] == two["webhook-signature"]
    for wrong in ("short", "whsec_no-base-64-at-all"):
        with pytest.raises(NotSent, match=r"^V ") as caught:
            webhook.signed(message(), b"{}", wrong, "V")
        assert wrong not in str(caught.value)


# -- e-mail --------------------------------------------------------------------------------------


def way_of(port: int, **more) -> settings.Email:
    told = {
        "name": "m",
        "host": "localhost",
        "sender": "board@example.org",
        "to": ["a@example.org"],
    }
    return settings.Email(**{**told, "port": port, **more})


@pytest.mark.parametrize("tls", ["starttls", "from the start"])
def test_mail_is_sent_encrypted_by_a_user_with_a_password(tls, tmp_path, monkeypatch):
    at_once = tls != "starttls"
    password = "" if at_once else "Hush00quokka00"
    with channels.mail(tmp_path, at_once, password) as (port, letters, trusted):
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        monkeypatch.setenv("THE_USER", "board")
        monkeypatch.setenv("VALUESTREAM_MAIL_PASSWORD", password)
        user = {"user": "THE_USER"} if password else {}
        mail.send(way_of(port, tls=tls, **user), message(HOSTILE, HOSTILE))
        [got] = letters.got
        if password:
            monkeypatch.setenv("VALUESTREAM_MAIL_PASSWORD", "Wrong0quokka00")
            with pytest.raises(NotSent, match="535") as caught:
                mail.send(way_of(port, **user), message())
            assert "quokka" not in str(caught.value)
    told = email.message_from_bytes(got.content, policy=email.policy.default)
    assert sorted(told) == ["Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date",
                            "From", "MIME-Version", "Message-ID", "Subject", "To"]  # fmt: skip
    assert told["Subject"].startswith(r"A line: <!channel> @here") and "Bcc" in told["Subject"]
    assert (got.rcpt_tos, told["To"]) == (["a@example.org"], "a@example.org")
    assert r"<at>all</at>\r\nBcc: x@example.com" in told.get_content().replace("\r\n", "\n")
    assert told.get_content_type() == "text/plain"


def test_mail_goes_to_nobody_whose_certificate_is_another_s(tmp_path, monkeypatch):
    with channels.mail(tmp_path, name="other.example.org") as (port, letters, trusted):
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        with pytest.raises(NotSent, match="SSLCertVerificationError"):
            mail.send(way_of(port), message())
    assert letters.got == []


def test_mail_is_not_sent_unencrypted_where_the_server_has_no_tls():
    import socket

    from servers import talking

    heard: list[bytes] = []

    def say(connection: socket.socket) -> None:
        connection.sendall(b"220 hello\r\n")
        while words := connection.recv(1000):
            heard.append(words)
            connection.sendall(b"250 fine\r\n")

    with talking(say) as port, pytest.raises(NotSent, match="has no TLS"):
        mail.send(way_of(port, host="127.0.0.1"), message())
    assert not [words for words in heard if words.upper().startswith(b"MAIL")]


def test_a_letter_that_is_refused_for_good_and_one_for_now_are_told_apart(tmp_path, monkeypatch):
    with channels.mail(tmp_path) as (port, letters, trusted):
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        for said, wrong in (("554 5.6.0 no such words", Refused), ("451 4.3.0 later", NotSent)):
            letters.says = said
            with pytest.raises(wrong, match=said[4:]):
                mail.send(way_of(port), message())
        with pytest.raises(NotSent, match=r"none of them \(550\)"):
            mail.send(way_of(port, to=["x@elsewhere.org"]), message())
        noted = mail.send(way_of(port, to=["x@elsewhere.org", "a@example.org"]), message())
    assert noted == "it takes no mail for x@elsewhere.org"
    assert len(letters.got) == 1


# -- what no way may do --------------------------------------------------------------------------


def test_an_answer_that_repeats_the_address_gives_nothing_away(hook, monkeypatch):
    secret = f"http://127.0.0.1{HOOK}"
    for said in (HOOK, secret, json.dumps({"url": secret}), HOOK.rpartition("/")[2]):
        hook.answers += [(404, f"nothing at {said} here".encode(), {})]
        with pytest.raises(NotSent) as caught:
            slack.send(WAY, message())
        assert "nothing at" in str(caught.value) and "quokka" not in str(caught.value)


def test_whether_it_may_have_arrived_is_known_from_how_it_failed(hook, monkeypatch):
    monkeypatch.setenv("VALUESTREAM_SLACK_WEBHOOK", f"http://127.0.0.1:{free_port()}{HOOK}")
    monkeypatch.setattr(post._RETRY, "backoff_factor", 0)
    with pytest.raises(NotSent, match="could not be reached") as caught:
        slack.send(WAY, message())
    assert not isinstance(caught.value, Unsure) and "quokka" not in str(caught.value)
    from servers import talking

    with talking(lambda connection: (connection.recv(100_000), None)[1]) as port:
        monkeypatch.setenv("VALUESTREAM_SLACK_WEBHOOK", f"http://127.0.0.1:{port}{HOOK}")
        with pytest.raises(Unsure, match="broke off") as caught:
            slack.send(WAY, message())
    assert "quokka" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("", "has no VALUESTREAM_SLACK_WEBHOOK: set it"),
        ("http://hooks.example.org/Hush00quokka", "no address that begins with https://"),
        ("hooks.slack.com/services/Hush00quokka", "no address that begins with https://"),
        ("https://[Hush00quokka", "no address that begins with https://"),
        ("https://example.org/a\nHost: Hush00quokka", "no address that begins with https://"),
    ],
)
def test_an_address_that_can_t_be_used_is_named_by_its_variable_alone(value, said, monkeypatch):
    monkeypatch.setenv("VALUESTREAM_SLACK_WEBHOOK", value)
    with pytest.raises(NotSent, match=said) as caught:
        slack.send(WAY, message())
    assert "quokka" not in str(caught.value)


def test_no_redirect_takes_a_message_elsewhere(hook):
    with receiving(channels.Receiver) as (other, elsewhere):
        hook.answers += [(307, b"", {"Location": f"{other}/x"})]
        with pytest.raises(NotSent, match="answered 307"):
            slack.send(WAY, message())
    assert elsewhere.got == []
