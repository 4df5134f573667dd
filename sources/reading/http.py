"""The only way to the network: limits on size and time, retries, and no secret in any message."""

from __future__ import annotations

import json
import time
from typing import NamedTuple
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from settings.redaction import redacted as redacted
from settings.sources import Source
from sources import StopSource, TryLater, shown

LARGEST = 200 * 1024 * 1024  # bytes of one answer
LONGEST = 120.0  # seconds for one answer, from the first byte to the last
PROBED = 5 * 1024 * 1024  # bytes of an address that is only looked at
WAIT = (5, 30)  # seconds to connect, and between two bytes
# The library honours Retry-After and doubles the pause; three tries in all.
RETRY = Retry(
    total=2, backoff_factor=0.5, backoff_max=20, status_forcelist=(429, 502, 503, 504),
    allowed_methods=("GET",), raise_on_status=False, respect_retry_after_header=True,
)  # fmt: skip


class Answer(NamedTuple):
    """An answer: its bytes, its content type and the address it really came from."""

    content: bytes
    content_type: str
    url: str
    next: str = ""  # the next page, where the answer's Link header names one


class Probe(NamedTuple):
    """What asking an address came to: no status and the error's name where there was no answer."""

    status: int | None
    seconds: float
    exception: str
    found: bool  # the words looked for


def place(settings: Source) -> str:
    """Where a source is read from, as it can be shown: its address, or its file as it was named."""
    told = settings.place
    return (
        redacted(told.partition("#")[0]) if settings.live else shown(settings, told) if told else ""
    )


def get(url: str, params: dict | None = None, headers: dict | None = None) -> Answer:
    """GET an address.

    Raises TryLater when it may work next time (no connection, time-out, 429, 5xx) and StopSource
    when someone must act (4xx, an answer too large or cut off, a redirect to another host).
    """
    shown = redacted(url)
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=RETRY))
        session.mount("https://", HTTPAdapter(max_retries=RETRY))
        try:
            with session.get(
                url, params=params, headers=headers, timeout=WAIT, stream=True
            ) as response:
                _check(response, url, shown)
                content = _read(response, shown)
                following = response.links.get("next", {}).get("url", "")
                kind = response.headers.get("Content-Type", "")
                return Answer(content, kind, response.url, following)
        except requests.exceptions.ChunkedEncodingError:
            raise TryLater(f"{shown} broke off in the middle of its answer.") from None
        except requests.exceptions.Timeout:
            raise TryLater(f"{shown} did not answer in time.") from None
        except requests.exceptions.ConnectionError as error:
            cause = type(getattr(error.args[0], "reason", error) if error.args else error).__name__
            raise TryLater(f"{shown} could not be reached ({cause}).") from None
        except requests.exceptions.RequestException as error:
            raise StopSource(f"{shown} is no usable address ({type(error).__name__}).") from None


def probe(url: str, contains: str = "") -> Probe:
    """Ask an address once, without another try: how it went is the answer. Raises nothing."""
    start = time.monotonic()
    try:
        with requests.get(url, timeout=WAIT, stream=True) as response:
            body, end = b"", start + WAIT[1]
            for part in response.iter_content(1 << 16):
                body += part
                if len(body) > PROBED or time.monotonic() > end:
                    break
            seconds = time.monotonic() - start
            return Probe(response.status_code, seconds, "", contains.encode() in body)
    except (requests.exceptions.RequestException, ValueError) as error:
        return Probe(None, time.monotonic() - start, type(error).__name__, False)


def _check(response: requests.Response, url: str, shown: str) -> None:
    status = response.status_code
    if urlsplit(response.url).hostname != urlsplit(url).hostname:
        raise StopSource(f"{shown} redirects to another host: put the new address in stages.yaml.")
    if status in (403, 429) and response.headers.get("X-RateLimit-Remaining") == "0":
        raise TryLater(f"{shown} takes no more questions for now: its limit is used up.")
    if status == 429 or status >= 500:
        raise TryLater(f"{shown} answered {status}, three times.")
    if status >= 400:
        raise StopSource(f"{shown} answered {status}: {_told(response)}")


def _told(response: requests.Response) -> str:
    """What an error page says: its JSON's own words if it has any, else its beginning."""
    body = response.raw.read(10_000, decode_content=True)
    try:
        told = json.loads(body)
        words = str(told.get("error") or told["message"])
    except (ValueError, KeyError, TypeError, AttributeError):
        words = body.decode("utf-8", "replace")
    return " ".join(redacted(words).split())[:200]  # before a secret is cut in two


def _read(response: requests.Response, shown: str) -> bytes:
    parts, size, end = [], 0, time.monotonic() + LONGEST
    for part in response.iter_content(1 << 16):
        parts.append(part)
        size += len(part)
        if size > LARGEST:
            raise StopSource(f"{shown} is larger than {LARGEST >> 20} MB: not read.")
        if time.monotonic() > end:
            raise TryLater(f"{shown} took longer than {LONGEST:.0f} seconds.")
    promised = response.headers.get("Content-Length")
    if promised and not response.headers.get("Content-Encoding") and int(promised) != size:
        raise TryLater(f"{shown} broke off after {size} of {promised} bytes.")
    return b"".join(parts)
