"""Servers on loopback that take messages as the real ones do, and refuse what those refuse."""

from __future__ import annotations

import csv
import json
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from servers import Handler, answering, free_port

PAYLOADS = Path(__file__).parent / "payloads"
# What Slack says of each error, as it publishes them: body to status.
SLACK = {
    row["body"]: int(row["status"])
    for row in csv.DictReader((PAYLOADS / "slack-incoming-webhook-responses.csv").open())
}
HOOK = "/services/T0AB12CD34/B0AB12CD34/Hush00quokka00Hush00quokka"
LENGTHS = {"header": 150, "section": 3000, "field": 2000}


class Receiver(Handler):
    """Keeps what it is sent, in the order in which it came. Each test has a class of its own."""

    got: list[dict]
    answers: list[tuple[int, bytes, dict]]  # what it says first, whatever it is sent
    seconds = (0.0, 0.0)  # that it takes before it has taken a message, and then to say so

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.answers:
            status, said, headers = self.answers.pop(0)
            return self._send(status, said, **headers)
        status, said, headers = self.judge(body)
        if status < 300:
            time.sleep(self.seconds[0])
            told = {"path": self.path, "headers": dict(self.headers), "body": body}
            self.got.append({**told, "json": json.loads(body), "at": time.monotonic()})
            time.sleep(self.seconds[1])
        with suppress(OSError):  # whoever asked may have been killed
            self._send(status, said, **headers)

    def judge(self, body: bytes) -> tuple[int, bytes, dict]:
        return 204, b"", {}


class Slack(Receiver):
    """An incoming webhook of Slack."""

    last = 0.0

    def judge(self, body):
        error = self.slow() or self.wrong(body)
        more = {"Retry_After": "1"} if error == "rate_limited" else {}
        return SLACK[error or "ok"], (error or "ok").encode(), more

    def slow(self) -> str:
        """About one message a second: sooner it wants patience."""
        now, kind = time.monotonic(), type(self)
        if now - kind.last < 1:
            return "rate_limited"
        kind.last = now
        return ""

    def wrong(self, body: bytes) -> str:
        if self.path != HOOK:
            return "invalid_token" if self.path.startswith("/services/T0AB12CD34/") else "no_team"
        try:
            told = json.loads(body)
        except ValueError:
            return "invalid_payload"
        if not isinstance(told, dict):
            return "invalid_payload"
        if not told.get("text") and not told.get("blocks"):
            return "no_text"
        return "" if whole(told.get("blocks", [])) else "invalid_blocks"


def whole(blocks: list[dict]) -> bool:
    """Whether blocks are as Block Kit lays down: kinds, counts and lengths."""
    return len(blocks) <= 50 and all(map(_block, blocks))


def _block(block: dict) -> bool:
    match block.get("type"):
        case "header":
            return block["text"]["type"] == "plain_text" and _text(block["text"], LENGTHS["header"])
        case "section":
            fields = block.get("fields", [])
            some = "text" in block or 1 <= len(fields) <= 10
            texts = [block["text"]] if "text" in block else []
            return some and all(_text(one, LENGTHS["section"]) for one in texts) and all(
                _text(one, LENGTHS["field"]) for one in fields
            )  # fmt: skip
        case "context":
            return 1 <= len(block["elements"]) <= 10 and all(
                _text(one, LENGTHS["section"]) for one in block["elements"]
            )
        case "divider":
            return True
    return False


def _text(text: dict, most: int) -> bool:
    if text["type"] == "mrkdwn" and "emoji" in text:
        return False
    return text["type"] in ("plain_text", "mrkdwn") and 1 <= len(text["text"]) <= most


class Teams(Receiver):
    """A workflow that begins when a Teams webhook request is received."""

    def judge(self, body):
        if len(body) > 28 * 1024:
            return 413, b'{"error":{"code":"RequestEntityTooLarge"}}', {}
        told = json.loads(body)
        card = told["attachments"][0]["content"] if told.get("attachments") else {}
        right = told["type"] == "message" and card.get("type") == "AdaptiveCard"
        wrong = b'{"error":{"code":"InvalidBotMessage","message":"The card is invalid."}}'
        return (202, b"", {}) if right and card["body"] else (400, wrong, {})


@contextmanager
def receiving(kind: type[Receiver], **more: object) -> Iterator[tuple[str, type[Receiver]]]:
    """A server of that kind: its address, and its class, with what it got."""
    own = type(kind.__name__, (kind,), {"got": [], "answers": [], **more})
    with answering(own) as address:
        yield address, own


class Letters:
    """Takes mail for example.org alone."""

    def __init__(self) -> None:
        self.got: list = []
        self.says = ""  # what it says to the next letter instead

    async def handle_RCPT(self, server, session, envelope, address, options):
        if not address.endswith("@example.org"):
            return "550 5.1.1 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.says:
            said, self.says = self.says, ""
            return said
        self.got.append(envelope)
        return "250 OK"


class Mail(Controller):
    """A mail server that speaks TLS from the start, or when asked to."""

    def __init__(self, letters: Letters, context: ssl.SSLContext, at_once: bool, password: str):
        self.context, self.password = context, password
        super().__init__(
            letters,
            "127.0.0.1",
            free_port(),
            ssl_context=context if at_once else None,
            ready_timeout=20,
        )

    def factory(self) -> SMTP:
        def allowed(server, session, envelope, mechanism, told):
            right = told.login == b"board" and told.password == self.password.encode()
            return AuthResult(success=right, handled=False)

        more = {} if self.ssl_context else {"tls_context": self.context, "require_starttls": True}
        return SMTP(
            self.handler, authenticator=allowed, auth_require_tls=not self.ssl_context,
            hostname="mail.example.org", auth_required=bool(self.password), **more,
        )  # fmt: skip


@contextmanager
def mail(
    folder: Path, at_once: bool = False, password: str = "", name: str = "localhost"
) -> Iterator[tuple[int, Letters, Path]]:
    """A mail server of that name: its port, what it got, and the certificate to trust."""
    authority, letters = trustme.CA(), Letters()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    trusted = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(trusted))
    server = Mail(letters, context, at_once, password)
    server.start()
    try:
        yield server.port, letters, trusted
    finally:
        server.stop()
