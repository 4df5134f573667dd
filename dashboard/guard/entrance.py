"""Where people sign in: before that, nothing of the pages is answered."""

from __future__ import annotations

import re
from html import escape

from starlette.datastructures import URL
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.auth_util import encode_provider_token

from dashboard.guard.signing_in import Person, SignIn

# The way in and out, and whether the server lives, which says no more once people sign in.
OPEN = {"/auth/login", "/auth/logout", "/oauth2callback", "/healthz"}
# What programs ask: they can't read a page that says how to come in.
PROGRAMS = re.compile(r"/(?:api(?:/.*)?|metrics/?)", re.DOTALL)
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>
body {{ font: 16px/1.5 Arial, 'Liberation Sans', sans-serif; max-width: 36em; margin: 4em auto; padding: 0 1em }}
:root {{ color-scheme: light dark }}
</style></head>
<body><main><h1>{title}</h1><p>{said}</p><p><a href="{href}">{link}</a></p></main></body></html>
"""


class Entrance:
    """Lets through whoever has signed in and may see the pages."""

    def __init__(self, app: ASGIApp, sign_in: SignIn) -> None:
        self.app = app
        self.sign_in = sign_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, or with a page that says how to come in."""
        if scope["type"] == "lifespan" or scope["path"] in OPEN:
            return await self.app(scope, receive, send)
        person = self.sign_in.person(HTTPConnection(scope).cookies)
        if person and person.reads:
            return await self.app(scope, receive, send)
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 1008, "reason": "Sign in first."})
        refused = _sentence if PROGRAMS.fullmatch(scope["path"]) else _way_in
        await refused(scope["path"], person)(scope, receive, send)


def _sentence(path: str, person: Person | None) -> JSONResponse:
    """What a program is told, whether there is anything at the path or not."""
    said = (
        "Nobody has signed in: this is answered under the same sign-in as the pages (docs/api.md)."
        if person is None
        else "Whoever has signed in may not see this dashboard."
    )
    status = 401 if person is None else 403
    return JSONResponse({"error": said}, status, {"Cache-Control": "no-store"})


def _way_in(path: str, person: Person | None) -> HTMLResponse | RedirectResponse:
    if path == "/sign-in":
        there = URL("/auth/login").include_query_params(provider=encode_provider_token("default"))
        return RedirectResponse(there, headers={"Cache-Control": "no-store"})
    if person is None:
        said = "This dashboard is for those whom its owners have named."
        return _page(401, "Sign in", said, "/sign-in", "Sign in")
    who = escape(person.email) or "You"
    said = f"{who} may not see this dashboard: its owners have named neither the address nor its domain."
    if not person.confirmed:
        said = f"Whom you signed in with does not confirm that {who} is yours, so nothing is shown."
    return _page(403, "Not for this address", said, "/auth/logout", "Sign out")


def _page(status: int, title: str, said: str, href: str, link: str) -> HTMLResponse:
    page = PAGE.format(title=title, said=said, href=href, link=link)
    return HTMLResponse(page, status, {"Cache-Control": "no-store"})
