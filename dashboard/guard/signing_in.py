"""Who may come in: sign-in by OpenID Connect, where the environment names a provider."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

PREFIX = "VALUESTREAM_SIGN_IN_"
NEEDED = {
    "ADDRESS": "the dashboard's own address, such as https://dashboard.example.org",
    "PROVIDER": "the address of the provider's openid-configuration",
    "CLIENT": "the id that the provider gave the dashboard",
    "CLIENT_SECRET": "the secret that it gave with it",
    "COOKIE_SECRET": "32 random characters or more, for the visitors' cookies",
    "VIEWERS": "the addresses and domains that may see it",
}
WRITERS = "WRITERS"  # those who may write too; without it nobody may
LISTED = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]*@?(?:[a-z0-9-]+\.)+[a-z0-9-]+")
HOURS = 12  # after which one signs in anew, and the provider can say no


class Person(NamedTuple):
    """Who has signed in, and what they may do."""

    email: str
    confirmed: bool
    reads: bool
    writes: bool


class SignIn(NamedTuple):
    """How people sign in, and who may come in."""

    address: str
    provider: str
    client: str
    client_secret: str
    cookie_secret: str
    viewers: frozenset[str]
    writers: frozenset[str]

    @property
    def secrets(self) -> dict:
        """What Streamlit's own sign-in has to know."""
        return {
            "auth": {
                "redirect_uri": f"{self.address}/oauth2callback",
                "cookie_secret": self.cookie_secret,
                "client_id": self.client,
                "client_secret": self.client_secret,
                "server_metadata_url": self.provider,
                "client_kwargs": {"scope": "openid email", "code_challenge_method": "S256"},
            }
        }

    def person(self, cookies: Mapping[str, str]) -> Person | None:
        """Who holds these cookies; None for nobody, and for whoever signed in too long ago."""

        def signed(name: str) -> bytes | None:
            value = cookies.get(name, "").encode("latin-1", "replace")
            return decode_signed_value(self.cookie_secret, name, value) if value else None

        told = json.loads(get_cookie_with_chunks(signed, USER_COOKIE_NAME) or b"{}")
        since = time.time() - told.get("iat", 0)
        if (
            told.get("origin") != self.address
            or not told.get("is_logged_in")
            or since > HOURS * 3600
        ):
            return None
        email = str(told.get("email") or "")
        # Letters that only look like, or are lowered to, those of an address are not of that address.
        plain = email.isascii() and email.count("@") == 1
        confirmed = told.get("email_verified") is True and plain
        writes = confirmed and _among(email, self.writers)
        return Person(
            email, confirmed, writes or (confirmed and _among(email, self.viewers)), writes
        )


def _among(email: str, listed: frozenset[str]) -> bool:
    """Whether an address, or exactly its domain, is listed."""
    lowered = email.lower()
    return lowered in listed or lowered.rpartition("@")[2] in listed


@cache
def settings() -> SignIn | None:
    """How people sign in here; None where they don't. Raises ValueError, saying what to set."""
    told = {k.removeprefix(PREFIX): v for k, v in os.environ.items() if k.startswith(PREFIX) and v}
    if not told:
        return None
    for name, what in NEEDED.items():
        if name not in told:
            raise ValueError(f"Sign-in needs {PREFIX}{name}: {what}.")
    if unknown := set(told) - {*NEEDED, WRITERS}:
        raise ValueError(f"There is no setting {PREFIX}{min(unknown)}.")
    address = urlsplit(told["ADDRESS"].rstrip("/"))
    if address.scheme not in ("http", "https") or not address.netloc or address.path:
        raise ValueError(f"{PREFIX}ADDRESS is {NEEDED['ADDRESS']}, without a path.")
    if len(told["COOKIE_SECRET"]) < 32:
        raise ValueError(f"{PREFIX}COOKIE_SECRET is too short: {NEEDED['COOKIE_SECRET']}.")
    return SignIn(
        address=address.geturl().lower(),
        provider=told["PROVIDER"],
        client=told["CLIENT"],
        client_secret=told["CLIENT_SECRET"],
        cookie_secret=told["COOKIE_SECRET"],
        viewers=_listed("VIEWERS", told["VIEWERS"]),
        writers=_listed(WRITERS, told.get(WRITERS, "")),
    )


def _listed(name: str, told: str) -> frozenset[str]:
    found = told.lower().replace(",", " ").split()
    for one in found:
        if not LISTED.fullmatch(one):
            raise ValueError(
                f"{PREFIX}{name} holds {one!r}: write addresses (ann@example.org) and whole domains "
                "(example.org) with spaces between."
            )
    return frozenset(one.removeprefix("@") for one in found)
