"""Which requests are answered at all: those of our own pages, from a browser that looks at them."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.guard import signing_in
from dashboard.guard.signing_in import SignIn

# Of Streamlit's own addresses the pages need these; uploads, metrics, components of others and the
# door for programs are closed. What is under /static, /media (downloads) and the pages stays open.
NEEDED = {"health", "host-config", "stream"}
STREAMLIT_S = re.compile(r"/(?:_stcore/(?P<name>.*)|(?:component|app/static)/)")
SIGNING_IN = re.compile(r"/(?:auth/|oauth2callback)")
LOOPBACK = (
    "Without sign-in this dashboard answers on this machine only, and at {address} others could "
    "reach it. Leave server.address at localhost, or switch sign-in on (docs/server.md)."
)


def refused() -> str:
    """Why a server with these settings must not start; "" when it may."""
    address = st.get_option("server.address")
    try:
        if signing_in.settings() or _is_loopback(address):
            return ""
    except ValueError as wrong:
        return str(wrong)
    return LOOPBACK.format(address=address or "every address")


def _is_loopback(address: str | None) -> bool:
    """Whether only this machine can reach a server at this address; None is every address."""
    if address == "localhost":
        return True
    try:
        told = ip_address(address or "0.0.0.0")
    except ValueError:
        return False
    mapped = told.ipv4_mapped if isinstance(told, IPv6Address) else None
    return (mapped or told).is_loopback


def _refused(scope: Scope, allowed: list[str], signed_in: bool) -> tuple[int, str] | None:
    """Why a request is not answered: the status and the sentence."""
    headers, [address, _] = Headers(scope=scope), scope.get("server") or (None, None)
    host, origin = headers.get("host", ""), headers.get("origin")
    if not signed_in and not _is_loopback(address):
        return 403, LOOPBACK.format(address=address)
    # A page of elsewhere can name any address for this machine and have a visitor's browser ask it.
    if _name(host) not in allowed:
        return 403, "This dashboard is not known by that name: docs/server.md says how to add one."
    if origin is not None and urlsplit(origin).netloc != host:
        return 403, "This dashboard answers its own pages only."
    streamlit_s = STREAMLIT_S.search(scope["path"])
    closed = streamlit_s and streamlit_s["name"] not in NEEDED
    if closed or (not signed_in and SIGNING_IN.match(scope["path"])):
        return 404, "There is nothing here."
    return None


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


class Doors:
    """Answers what is asked of our pages by a browser on them, and nothing else."""

    def __init__(self, app: ASGIApp, sign_in: SignIn | None = None) -> None:
        self.app = app
        self.signed_in = sign_in is not None
        self.allowed = [name.lower() for name in st.get_option("server.allowedHosts")]
        if sign_in:
            self.allowed.append(_name(urlsplit(sign_in.address).netloc))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, or with the sentence that says why not."""
        found = (
            _refused(scope, self.allowed, self.signed_in) if scope["type"] != "lifespan" else None
        )
        if found is None:
            return await self.app(scope, receive, send)
        status, sentence = found
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 1008, "reason": sentence})
        await PlainTextResponse(sentence, status)(scope, receive, send)
