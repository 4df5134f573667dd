"""What a browser is told to allow our pages: our own scripts, and connections to ourselves."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import streamlit
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class _Inline(HTMLParser):
    """The scripts that stand in a page itself, letter for letter."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script" and "src" not in dict(attrs)

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found.append(data)


def _policy() -> str:
    """The Content-Security-Policy of every answer.

    Streamlit's own page holds a line of script, which is allowed by its hash, and takes components in
    from blobs, which only a script that runs already can make. Its parts are styled as they are
    drawn, so styles may stand anywhere: they run nothing, and what they name is fetched from here
    only. 'self' is this host and port, over HTTP and WebSocket.
    """
    page = (Path(streamlit.__file__).parent / "static/index.html").read_text(encoding="utf-8")
    told = (b64encode(sha256(one.encode()).digest()).decode() for one in _Inline(page).found)
    hashes = " ".join(f"'sha256-{one}'" for one in told)
    return (
        f"default-src 'self'; script-src 'self' {hashes} blob:; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self'; worker-src 'none'; object-src 'none'; "
        "base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
    )


class Headers:
    """Adds the policy and its like to every HTTP answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        told = {
            "content-security-policy": _policy(),
            "x-content-type-options": "nosniff",
            "x-frame-options": "SAMEORIGIN",
            "referrer-policy": "no-referrer",
        }
        self.headers = [(name.encode(), value.encode()) for name, value in told.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, with the headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self.headers]
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)
