"""The only way to the network: limits on size and time, retries, and no secret in any message.

Nothing is taken from the environment but the certificates: a proxy would connect in our place to
what can't be checked here, and a .netrc holds passwords for hosts that nobody named.
"""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util import Retry, parse_url

from settings.limits import MB, Limits
from settings.redaction import redacted as redacted
from settings.sources import Source
from sources import StopSource, TryLater, shown
from sources.reading import wire
from sources.reading.wire import Bounds

PROBED = 5 * 1024 * 1024  # bytes of an address that is only looked at
AGAIN = (429, 502, 503, 504)  # asked again after a pause, three times in all
PAUSES = (0.0, 1.0)  # seconds, where the answer does not say how long
REDIRECTS = 5
_USUAL = Limits()
_PATIENT = Retry(retry_after_max=10**11)  # seconds: what a server says is told as it says it


class Answer(NamedTuple):
    """An answer: its bytes, the address of the next page where its Link header names one, and where
    it came from in the end."""

    content: bytes
    next: str = ""
    url: str = ""


class Declined(StopSource):
    """An answer that says no: its status (400 to 499)."""

    def __init__(self, message: str, status: int):
        super().__init__(message)
        self.status = status


class Probe(NamedTuple):
    """What asking an address came to: no status and the reason where there was no answer."""

    status: int | None
    seconds: float
    exception: str
    found: bool  # the words looked for
    url: str = ""  # where the answer came from in the end


def place(settings: Source) -> str:
    """Where a source is read from, as it can be shown: its address, or its file as it was named."""
    told = settings.place
    return (
        redacted(told.partition("#")[0]) if settings.live else shown(settings, told) if told else ""
    )


def get(
    url: str,
    params: dict | None = None,
    headers: dict | None = None,
    *,
    limits: Limits = _USUAL,
    allowed: Collection[str] = (),
    until: float | None = None,
    elsewhere: bool = False,
) -> Answer:
    """GET an address that stages.yaml gives, within its limits, and before `until` (monotonic).

    Raises TryLater when it may work next time (no connection, out of time, 429, 5xx) and StopSource
    when someone must act (4xx: Declined, an answer too large, a redirect to another host unless
    `elsewhere`, an address that may not be asked).
    """
    bounds = _bounds(url, limits, allowed, until)
    for pause in (*PAUSES, None):
        try:
            with _answer(url, params, headers, bounds, elsewhere) as response:
                if not _again(response) or pause is None:
                    return _taken(response, bounds)
                pause = _pause(response, bounds, pause)
        except requests.exceptions.ChunkedEncodingError:
            raise TryLater(f"{bounds.shown} broke off in the middle of its answer.") from None
        except requests.exceptions.ContentDecodingError:
            raise StopSource(f"{bounds.shown} sends an answer that can't be unpacked.") from None
        except (requests.exceptions.ConnectionError, requests.exceptions.Timeout) as error:
            if pause is None:
                raise TryLater(_unreached(bounds.shown, error)) from None
        except (requests.exceptions.RequestException, HTTPError, ValueError) as error:
            told = type(error).__name__
            raise StopSource(f"{bounds.shown} is no usable address ({told}).") from None
        time.sleep(min(pause, bounds.left()))
    raise AssertionError("the last try gives an answer or says why there is none")


def probe(
    url: str, contains: str = "", limits: Limits = _USUAL, allowed: Collection[str] = ()
) -> Probe:
    """Ask an address once, without another try: how it went is the answer. Raises nothing."""
    start = time.monotonic()
    one = {"seconds": min(limits.seconds, wire.SILENCE), "megabytes": 2 * PROBED / MB}
    bounds = _bounds(url, limits.model_copy(update=one), allowed)
    try:
        with _answer(url, None, None, bounds, elsewhere=True) as response:
            body = bytearray()
            for part in response.iter_content(1 << 16):
                body += part
                if len(body) > PROBED:
                    break
            seconds, found = time.monotonic() - start, contains.encode() in body
            return Probe(response.status_code, seconds, "", found, response.url)
    except (StopSource, TryLater) as error:
        why = str(error)
    except (requests.exceptions.RequestException, HTTPError, ValueError) as error:
        why = type(error).__name__
    return Probe(None, time.monotonic() - start, why, False)


def same_place(url: str, other: str) -> bool:
    """Whether two addresses are of one scheme, host and port, or the second is the secured first."""
    try:
        one, two = _origin(url), _origin(other)
    except (HTTPError, ValueError):
        return False
    return one == two or (one == ("http", one[1], 80) and two == ("https", one[1], 443))


def _origin(url: str) -> tuple[str | None, str | None, int | None]:
    parts = parse_url(url)
    return parts.scheme, parts.host, parts.port or {"http": 80, "https": 443}.get(str(parts.scheme))


class _Adapter(HTTPAdapter):
    """Connects within bounds, and by no proxy."""

    def __init__(self, bounds: Bounds):
        self.bounds = bounds
        super().__init__()

    def get_connection_with_tls_context(self, request, verify, proxies=None, cert=None):
        pool = super().get_connection_with_tls_context(request, verify, None, cert)
        kind = wire.Secure if pool.scheme == "https" else wire.Plain
        pool.ConnectionCls = partial(kind, bounds=self.bounds)  # type: ignore[attr-defined]
        return pool


def _bounds(
    url: str, limits: Limits, allowed: Collection[str], until: float | None = None
) -> Bounds:
    end = time.monotonic() + limits.seconds
    written = urlsplit(url).hostname or ""  # as it is written: other readers tidy it up
    return Bounds(
        redacted(url), end if until is None else min(end, until), limits, written, allowed
    )


@contextmanager
def _answer(
    url: str, params: dict | None, headers: dict | None, bounds: Bounds, elsewhere: bool
) -> Iterator[requests.Response]:
    """The answer, its body still to be read, after redirects: to any place only if `elsewhere`."""
    told = {**requests.utils.default_headers(), **(headers or {})}
    request = requests.Request("GET", url, told, params=params).prepare()
    certificates = os.environ.get("REQUESTS_CA_BUNDLE") or True
    with closing(_Adapter(bounds)) as adapter:
        for _ in range(REDIRECTS + 1):
            seconds = (min(wire.CONNECT, bounds.left()), min(wire.SILENCE, bounds.left()))
            with adapter.send(request, True, seconds, certificates) as response:
                if not response.is_redirect:
                    yield response
                    return
                request = _redirected(request, response, bounds, elsewhere)
    raise StopSource(f"{bounds.shown} redirects more than {REDIRECTS} times: correct the address.")


def _redirected(
    request: requests.PreparedRequest, response: requests.Response, bounds: Bounds, elsewhere: bool
) -> requests.PreparedRequest:
    """The request for the place that a redirect names; what was secret for the one is not sent to
    another. The body of a redirect is not read."""
    old = str(request.url)
    location = response.headers["Location"].encode("latin-1", "replace").decode("utf-8", "replace")
    following = request.copy()
    following.prepare_url(urljoin(old, location), None)
    new = str(following.url)
    if not same_place(old, new):
        if not elsewhere:
            other = "port" if parse_url(old).host == parse_url(new).host else "host"
            raise StopSource(
                f"{bounds.shown} redirects to another {other}: put the new address in stages.yaml."
            )
        following.headers.pop("Authorization", None)
    return following


def _unreached(shown: str, error: Exception) -> str:
    if isinstance(error, requests.exceptions.Timeout):
        return f"{shown} did not answer in time."
    cause = type(getattr(error.args[0], "reason", error) if error.args else error).__name__
    return f"{shown} could not be reached ({cause})."


def _again(response: requests.Response) -> bool:
    """Whether it may be otherwise in a moment: it is busy, or says itself when to ask again."""
    busy = response.status_code in AGAIN
    told = response.status_code == 403 and "Retry-After" in response.headers
    return (busy or told) and not _used_up(response)


def _used_up(response: requests.Response) -> bool:
    limit = response.headers.get("X-RateLimit-Remaining")
    return response.status_code in (403, 429) and limit == "0"


def _reset(response: requests.Response) -> str:
    """Until when a limit is used up, in words; '' where that is not told, or is no time."""
    try:
        at = datetime.fromtimestamp(int(response.headers.get("X-RateLimit-Reset", "")), UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    return f" until {at.day} {at:%B %Y, %H:%M} UTC"


def _pause(response: requests.Response, bounds: Bounds, usual: float) -> float:
    """Seconds to wait before asking again. Raises TryLater where they are more than are left."""
    told = response.headers.get("Retry-After", "")
    try:
        seconds = _PATIENT.parse_retry_after(told) if told else usual
        at = datetime.now(UTC) + timedelta(seconds=seconds)
    except (HTTPError, ValueError, TypeError):
        return usual
    if seconds >= bounds.left():
        until = f"{at.day} {at:%B %Y, %H:%M} UTC"
        raise TryLater(f"{bounds.shown} asks not to be asked again until {until}.")
    return seconds


def _taken(response: requests.Response, bounds: Bounds) -> Answer:
    """The answer whole. Raises TryLater or StopSource when it is none."""
    status, where = response.status_code, bounds.shown
    if _used_up(response):
        until = _reset(response)
        raise TryLater(f"{where} takes no more questions for now: its limit is used up{until}.")
    if status == 403 and _again(response):
        raise TryLater(f"{where} answered 403, three times: it asks not to be asked so often.")
    if status == 429 or status >= 500:
        raise TryLater(f"{where} answered {status}, three times." if status in AGAIN else f"{where} answered {status}.")  # fmt: skip
    if status >= 400:
        raise Declined(f"{where} answered {status}: {_told(response)}", status)
    content = io.BytesIO()  # which gives its bytes away without a copy
    for part in response.iter_content(1 << 16):
        bounds.fits(content.tell() + len(part))
        content.write(part)
    following = response.links.get("next", {}).get("url", "")
    following = urljoin(response.url, following) if following else ""
    return Answer(content.getvalue(), following, response.url)


def _told(response: requests.Response) -> str:
    """What an error page says: its JSON's own words if it has any, else its beginning."""
    body = response.raw.read(10_000, decode_content=True)
    try:
        told = json.loads(body)
        # Jira tells several, and which of what was asked each is about.
        each = told.get("errors")
        several = [
            *told.get("errorMessages", ()),
            *(each.values() if isinstance(each, dict) else ()),
        ]
        words = "; ".join(map(str, several)) or str(told.get("error") or told["message"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        words = body.decode("utf-8", "replace")
    return " ".join(redacted(words).split())[:200]  # before a secret is cut in two
