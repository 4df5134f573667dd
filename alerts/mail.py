"""A message as e-mail, by an SMTP server with TLS and never without.

Its headers are built by a library that takes no line's end in one, so that no name can add a header.
A repeat has the same Message-ID, by which most mail programs show it once.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from contextlib import suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from alerts import post
from alerts.messages import Message
from alerts.trouble import NotSent, Refused, Unsure
from settings.alerts import Email
from settings.redaction import redacted
from telling.leaving import visible

SECONDS, SUBJECT = 30, 200


def letter(way: Email, message: Message) -> EmailMessage:
    """The message as a letter in plain text."""
    told = EmailMessage(policy=SMTP)
    user, _, domain = way.sender.partition("@")
    told["Subject"] = message.title[:SUBJECT]
    told["From"] = Address("Value stream", user, domain)
    told["To"] = [Address(addr_spec=one) for one in way.to]
    told["Date"] = message.at
    told["Message-ID"] = f"<valuestream-{message.id}-{message.at:%Y%m%dT%H%M%S%f}@{domain}>"
    told["Auto-Submitted"] = "auto-generated"
    link = [message.link] if message.link else []
    told.set_content("\n\n".join([*message.texts, *link]) + "\n")
    return told


def send(way: Email, message: Message) -> str:
    """Send it; who was refused by the server, "" for nobody. Raises NotSent, Unsure, Refused."""
    secrets = [post.secret(variable) for variable in (way.variables if way.user else [])]
    server = None
    try:
        server = _connected(way)
        if way.user:
            server.login(post.secret(way.user), post.secret(way.password))
        return _sent(server, way, message)
    except smtplib.SMTPResponseException as error:
        raise NotSent(f"answered {error.smtp_code}: {_text(error.smtp_error, secrets)}") from None
    except smtplib.SMTPNotSupportedError as error:
        raise NotSent(
            f"has no TLS, or can't do what is needed ({_text(str(error), secrets)})"
        ) from None
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(f"could not be reached ({type(error).__name__})") from None
    finally:
        if server:
            server.close()


def _connected(way: Email) -> smtplib.SMTP:
    """A connection to the server that is encrypted, to whom its certificate names."""
    context, me = ssl.create_default_context(), socket.gethostname()
    if way.tls == "from the start":
        return smtplib.SMTP_SSL(way.host, way.port, me, timeout=SECONDS, context=context)
    server = smtplib.SMTP(way.host, way.port, me, timeout=SECONDS)
    try:
        server.starttls(context=context)
    except BaseException:
        server.close()
        raise
    return server


def _sent(server: smtplib.SMTP, way: Email, message: Message) -> str:
    try:
        refused = server.send_message(letter(way, message), way.sender, way.to)
    except (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionError) as error:
        raise Unsure(f"broke off before it said that it took it ({type(error).__name__})") from None
    except smtplib.SMTPDataError as error:
        if error.smtp_code >= 500:
            raise Refused(f"answered {error.smtp_code}: {_text(error.smtp_error, [])}") from None
        raise
    except smtplib.SMTPRecipientsRefused as error:
        codes = {code for code, _ in error.recipients.values()}
        raise NotSent(
            f"takes mail for none of them ({', '.join(map(str, sorted(codes)))})"
        ) from None
    with suppress(smtplib.SMTPException, OSError):
        server.quit()
    return f"it takes no mail for {', '.join(refused)}" if refused else ""


def _text(said: bytes | str, secrets: list[str]) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return visible(redacted(" ".join(text.split()), secrets))[:200]
