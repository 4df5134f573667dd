"""The one redaction: passwords, tokens and signatures are taken out of any text before it leaves.

They are known by where they stand (before the @ of an address, in a parameter, a header or a field
of such a name, in the path of a webhook), by their form (a JWT, say) or, for one source, by what its
settings and the environment hold. What is no secret stays letter for letter.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Callable, Iterable
from functools import partial
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from settings.sources import Source

SHOWN = "…"
SHORTEST = 5  # letters of a secret that is looked for by itself: fewer are a part of any text
# What holds a secret has one of these words in its name, or ends like this.
WORDS = {
    "token", "tokens", "secret", "secrets", "password", "passwd", "passphrase", "pwd", "jwt", "sig",
    "signature", "credential", "credentials", "hmac", "authorization", "cookie",
}  # fmt: skip
ENDS = (
    "token", "secret", "password", "passwd", "pwd", "signature", "apikey", "accesskey", "authkey",
    "accesskeyid", "secretkey", "privatekey", "sharedkey", "accountkey", "subscriptionkey",
    "sessionid", "sessid",
)  # fmt: skip
# In an address that we ask these hold a secret. In one that a row holds they are as often an item's
# own, and without it the link leads nowhere: there they stay.
OFTEN = {"key", "code", "auth", "pass", "session", "sid", "ticket", "otp"}

_USER = re.compile(  # in JSON a slash may stand as \/
    r"((?:\\?/){2})(?:[^\s/?#\\\"'<>,@:]+|[^\s/?#\\\"'<>,@:]*:[^\s/?#\\\"'<>]*)@"
)
_CUT_USER = re.compile(r"((?:\\?/){2})[^\s/?#\\\"'<>,@:]+:(?!\d{1,5}$)[^\s/?#\\\"'<>@]+$")
_HOOKS = [
    re.compile(r"(?i)((?:\\?/){2}(?:[\w-]+\.)*(?:web)?hooks?\.[\w.-]+(?::\d+)?\\?/)[^\s?#\"'<>]+"),
    re.compile(r"(/services\\?/)T\w{4,}\\?/B\w{4,}\\?/[^\s?#\"'<>]+"),
    re.compile(r"(?i)(/webhooks?(?:b2)?\\?/)(?=[^\s?#\"'<>]*\d)[^\s?#\"'<>]{20,}"),
    re.compile(r"(/bot)\d+:[\w-]+"),
]
_HEADER = re.compile(
    r"(?i)((?:authorization|cookie|x-[\w-]{0,40}(?:token|key|secret|signature|auth))"
    r"\\?[\"']?\s*[:=]\s*\[?\\?[\"']?)(?:(?:bearer|basic|token|digest|negotiate|apikey)\s+)?"
    r"[^\s\"'<>,;&\\\]]+(?:;\s*[^\s\"'<>,;]+)*"
)
_FIELD = re.compile(
    r"(\\?[\"'])([\w.-]{1,100})\1(\s*:\s*)(?:(\\?[\"'])(?!\4).{0,4000}?(?:\4|$)|[\w.+-]+)"
)
_NAME = re.compile(r"(?<![\w%.\[\]-])[\w%.\[\]-]{1,100}(?==)")
_VALUE = re.compile(r"\"[^\"]*\"|'[^']*'|[^\s&\"'<>]*")
_SCHEME = re.compile(r"(?i)\b(basic|bearer)(\s+)([\w.~+/-]{8,}=*)")
_FORMS = re.compile(
    r"\b(?:eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*|gh[pousr]_\w{10,}|github_pat_\w{10,}|glpat-[\w-]{10,}"
    r"|xox[a-z]-[\w-]{10,}|A[KS]IA[0-9A-Z]{16}|AIza[\w-]{30,})"
)


def redacted(text: str, secrets: Iterable[str] = (), rows: bool = False) -> str:
    """A text without what is secret in it: a user and password are left out, the rest is SHOWN.

    `secrets`: texts that are secret wherever they stand. `rows`: the text is a row's
    own, not ours: parameters named in OFTEN stay.
    """
    for secret in secrets:
        text = _without(text, secret)
    return _redacted(text, rows, encoded=True)


def _redacted(text: str, rows: bool, encoded: bool) -> str:
    text = _CUT_USER.sub(rf"\1{SHOWN}", _USER.sub(r"\1", text))
    for hook in _HOOKS:
        text = hook.sub(rf"\1{SHOWN}", text)
    text = _HEADER.sub(rf"\1{SHOWN}", text)
    text = _FIELD.sub(_field, text)
    text = _pairs(text, rows, encoded)
    text = _SCHEME.sub(_scheme, text)
    return _FORMS.sub(SHOWN, text)


def of(source: Source) -> Callable[[str], str]:
    """The redaction for what one source says, who may repeat what it was asked with."""
    return partial(redacted, secrets=_secrets(source))


def _secrets(source: Source) -> list[str]:
    """What is secret in a source's settings, the longest first: the users, passwords and parameters
    of its addresses as they may come back, and the values of the variables that hold one."""
    told = [os.environ.get(variable, "") for variable in source.variables]
    # A name and a password that are sent together stand in a header like this.
    found = {*told, base64.b64encode(":".join(told).encode()).decode() if all(told[:2]) else ""}
    for url in (getattr(source, "url", ""), *getattr(source, "urls", {}).values()):
        parts = urlsplit(url or "")
        user, colon, password = parts.netloc.rpartition("@")[0].partition(":")
        found.add(password or user)
        pair = unquote(f"{user}:{password}")
        found.add(base64.b64encode(pair.encode()).decode() if colon else "")
        found |= {value for name, value in parse_qsl(parts.query) if _is_secret(name, rows=False)}
    found |= {form(one) for one in found for form in (unquote, quote, partial(quote, safe=""))}
    return sorted((one for one in found if len(one) >= SHORTEST), key=len, reverse=True)


def _without(text: str, secret: str) -> str:
    """Without a secret by itself, and without the beginning of it at which the text is cut off."""
    text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", SHOWN, text)
    for length in range(len(secret) - 1, SHORTEST, -1):
        if text.endswith(secret[:length]):
            return text[:-length] + SHOWN
    return text


def _is_secret(name: str, rows: bool) -> bool:
    """Whether what has this name is secret: 'X-Amz-Signature', 'apiKey' and '%74oken' are."""
    plain = _unquoted(name)
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", plain).lower())
    joined = "".join(words)
    often = not rows and bool(words) and words[-1] in OFTEN
    return often or joined.endswith(ENDS) or not WORDS.isdisjoint(words)


def _unquoted(text: str) -> str:
    for _ in range(3):  # encoded once more where an address is inside another
        text = unquote(text)
    return text


def _pairs(text: str, rows: bool, encoded: bool) -> str:
    """name=value: the value goes where its name says so, or where a secret is encoded in it."""
    parts, done, looked = [], 0, 0
    for found in _NAME.finditer(text):
        if found.start() < done:
            continue
        # Outside an address only the names that leave no doubt.
        asked = text[max(found.start() - 1, 0) : found.start()] in ("?", "&", "#", ";")
        secret = _is_secret(found[0], rows or not asked)
        if not secret and found.start() < looked:
            continue  # what holds it was looked into
        start = found.end() + 1
        end = _VALUE.match(text, start).end()  # type: ignore[union-attr]  # if of nothing
        value = text[start:end]
        if not secret and encoded and "%" in value:
            plain = _unquoted(value)
            secret = _redacted(plain, rows, encoded=False) != plain
        looked = end
        if secret and value:
            parts += [text[done:start], SHOWN]
            done = end
    return "".join([*parts, text[done:]])


def _field(found: re.Match) -> str:
    quoted, name, colon, mark = found.groups()
    if not _is_secret(name, rows=True):
        return found[0]
    return f"{quoted}{name}{quoted}{colon}{mark or ''}{SHOWN}{mark or ''}"


def _scheme(found: re.Match) -> str:
    """What an Authorization header holds, where it stands by itself; else these are plain words."""
    scheme, space, value = found.groups()
    if scheme.lower() == "basic":
        try:
            secret = b":" in base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            secret = False
    else:
        secret = any(letter.isdigit() for letter in value)
    return f"{scheme}{space}{SHOWN}" if secret else found[0]
