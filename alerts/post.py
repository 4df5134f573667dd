"""The only way by which alerts get to the network by HTTP: one POST to an address that is a secret.

Nothing is taken from the environment but what stages.yaml names and the certificates, no redirect is
followed, and no error repeats the address, or what was in it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, InvalidHeader, MaxRetryError
from urllib3.util import Retry

from alerts.trouble import NotSent, Refused, Unsure
from settings.redaction import SHORTEST, redacted
from telling.leaving import visible

CONNECT, SILENCE = 10, 30  # seconds
LONGEST = 30  # seconds for which an answer may ask us to wait: for longer, the next run tries
AGAIN = (429, 500, 502, 503, 504)
HERE = ("localhost", "127.0.0.1", "::1")
REFUSED = (400, 406, 413, 415, 422)  # of this very message: it would be so the next time too
# They write each address that is asked, and where it is tried again do so as a warning.
for _name in ("urllib3.connectionpool", "urllib3.util.retry"):
    logging.getLogger(_name).disabled = True


class Answer(NamedTuple):
    """An answer: its status, its text without secrets, and for how many seconds it asks to wait."""

    status: int
    text: str
    wait: float


class _Patient(Retry):
    """Tries again after the pause that the answer asks for, unless that is too long."""

    def increment(self, method=None, url=None, response=None, *more, **named):
        """As the library has it. Raises MaxRetryError, which makes it give the answer as it is."""
        if response is not None and (self.get_retry_after(response) or 0) > LONGEST:
            raise MaxRetryError(None, url, None)  # type: ignore[arg-type]
        return super().increment(method, url, response, *more, **named)

    def get_retry_after(self, response):
        """As the library has it; None where what is written is no time."""
        try:
            return super().get_retry_after(response)
        except (InvalidHeader, ValueError):  # a year or a number beyond all calendars too
            return None


# What was sent and not answered may have arrived: it is not sent again at once.
_RETRY = _Patient(
    total=3, connect=2, read=0, redirect=0, other=0, status=3, status_forcelist=AGAIN,
    allowed_methods=None, backoff_factor=1, backoff_jitter=0.5, raise_on_status=False,
)  # fmt: skip


def secret(variable: str) -> str:
    """What a variable of the environment holds. Raises NotSent, which names only the variable."""
    if value := os.environ.get(variable, "").strip():
        return value
    raise NotSent(f"the environment has no {variable}: set it")


def address(variable: str) -> str:
    """The address that a variable holds: https, or http on this machine. Raises NotSent."""
    value = secret(variable)
    try:
        parts = urlsplit(value)
        secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE)
        parts.port  # noqa: B018  it is read when asked for
    except ValueError:
        secure = False
    if not secure or not parts.hostname or any(ord(letter) < 33 for letter in value):
        raise NotSent(f"{variable} holds no address that begins with https://: correct it")
    return value


def post(url: str, body: bytes, headers: dict[str, str], secrets: Sequence[str] = ()) -> Answer:
    """POST to an address; what is answered in the end. `secrets`: what else no text may hold.

    Tries again where there is no connection, at 429 after its Retry-After, and at 5xx. Raises NotSent
    when it has not arrived and may the next time, Unsure when it may have arrived.
    """
    hidden = [*secrets, *_parts(url)]
    with requests.Session() as session:
        session.trust_env = False
        for scheme in ("https://", "http://"):
            session.mount(scheme, HTTPAdapter(max_retries=_RETRY))
        try:
            response = session.post(
                url, data=body, headers=headers, timeout=(CONNECT, SILENCE), allow_redirects=False,
                verify=os.environ.get("REQUESTS_CA_BUNDLE") or True, stream=True,
            )  # fmt: skip
        except (requests.exceptions.RequestException, HTTPError, ValueError) as error:
            raise _unanswered(error) from None
        with response:
            wait = _RETRY.get_retry_after(response.raw) or 0
            return Answer(response.status_code, _text(response, hidden), wait)


def judged(answer: Answer, taken: bool, cure: str) -> None:
    """Nothing where it was taken; else raises Refused or NotSent with what the answer said."""
    said = f"answered {answer.status}{f': {answer.text}' if answer.text else ''}"
    if taken:
        return
    if answer.status in REFUSED:
        raise Refused(said)
    if answer.status == 429 or answer.status >= 500:
        until = datetime.now(UTC) + timedelta(seconds=answer.wait) if answer.wait else None
        raise NotSent(said, until)
    raise NotSent(f"{said}. {cure}")


def _unanswered(error: Exception) -> NotSent:
    """Whether it can have arrived, by the kind of error: its words may hold the address."""
    cause: object = error
    while isinstance(cause, Exception):
        if type(cause).__name__ in _NOT_CONNECTED:
            return NotSent(f"could not be reached ({type(cause).__name__})")
        inner = [getattr(cause, "reason", None), *getattr(cause, "args", ())]
        cause = next((one for one in inner if isinstance(one, Exception)), None)
    return Unsure(f"broke off before its answer came ({type(error).__name__})")


_NOT_CONNECTED = {"NewConnectionError", "ConnectTimeoutError", "NameResolutionError", "SSLError",
                  "SSLCertVerificationError", "ConnectionRefusedError", "InvalidURL",
                  "LocationParseError"}  # fmt: skip


def _parts(url: str) -> list[str]:
    """What of an address is a secret: where it leads to, and who asks, as they may come back."""
    parts = urlsplit(url)
    last = parts.path.rpartition("/")[2]
    found = {url, parts.path, parts.query, last, parts.username or "", parts.password or ""}
    # A word like "services" is none.
    found |= {part for part in parts.path.split("/") if any(map(str.isdigit, part))}
    found |= {form(one) for one in found for form in (unquote, quote)}
    return sorted((one for one in found if len(one) >= SHORTEST), key=len, reverse=True)


def _text(response: requests.Response, hidden: list[str]) -> str:
    """The beginning of what an answer says, in one line."""
    try:
        body = response.raw.read(10_000, decode_content=True)
    except (HTTPError, OSError):
        return ""
    text = " ".join(redacted(body.decode("utf-8", "replace"), hidden).split())
    return visible(text[:200])
