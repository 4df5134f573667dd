"""Sign-in, against a real OpenID provider on this machine: who is named comes in, nobody else does."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import requests
from browser import settled
from oidc_provider_mock import User, run_server_in_thread
from playwright.sync_api import expect
from servers import ROOT, free_port, running
from starlette.responses import PlainTextResponse
from streamlit import config
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from test_server import answered
from visitor import connected, drawn, shown
from websockets.exceptions import InvalidStatus

from dashboard.guard import doors, signing_in

SECRET = "a secret of the tests, long enough for it"
COOKIE = "_streamlit_user"
# Who signs in, as the provider tells it; and what they are here.
PEOPLE = {
    "ann": ({"email": "Ann@Example.org", "email_verified": True}, "viewer"),
    "bob": ({"email": "bob@TEAM.example", "email_verified": True}, "viewer"),
    "wim": ({"email": "wim@other.example", "email_verified": True}, "writer"),
    "far": ({"email": "eve@evil.example", "email_verified": True}, ""),
    "below": ({"email": "bob@sub.team.example", "email_verified": True}, ""),
    "behind": ({"email": "bob@team.example.evil.example", "email_verified": True}, ""),
    "before": ({"email": "bob@evil-team.example", "email_verified": True}, ""),
    "beside": ({"email": "eve@example.org", "email_verified": True}, ""),
    "two": ({"email": "ann@example.org@evil.example", "email_verified": True}, ""),
    "alike": ({"email": "\u212aim@team.example", "email_verified": True}, ""),
    "not yet": ({"email": "ann@example.org", "email_verified": False}, ""),
    "in words": ({"email": "ann@example.org", "email_verified": "true"}, ""),
    "unsaid": ({"email": "ann@example.org"}, ""),
    "nameless": ({"email_verified": True}, ""),
    "<b>": ({"email": "<b>@evil.example", "email_verified": True}, ""),
}


def environment(
    address: str, provider: str = "http://localhost:1/x", **more: str
) -> dict[str, str]:
    """What switches sign-in on."""
    told = {
        "ADDRESS": address, "PROVIDER": provider, "CLIENT": "dashboard", "CLIENT_SECRET": "known to both",
        "COOKIE_SECRET": SECRET, "VIEWERS": "ann@Example.org, @team.example", "WRITERS": "wim@other.example",
    }  # fmt: skip
    return {signing_in.PREFIX + name: value for name, value in (told | more).items()}


@pytest.fixture(scope="module")
def team(example):
    """The address of an app in which people sign in."""
    port, users = free_port(), [User(sub=sub, claims=told) for sub, (told, _) in PEOPLE.items()]
    address = f"http://localhost:{port}"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    with run_server_in_thread(user_claims=users) as server:
        provider = f"http://localhost:{server.server_port}/.well-known/openid-configuration"
        told = os.environ | environment(address, provider) | {"VALUESTREAM_DATA": str(example)}
        with running(
            [*command, "--server.port", str(port)], f"{address}/healthz", cwd=ROOT, env=told
        ):
            yield address


def signed_in(team: str, sub: str) -> requests.Session:
    """Somebody who has been to the provider and back."""
    visitor = requests.Session()
    asks = visitor.get(f"{team}/sign-in", timeout=30)
    visitor.post(asks.url, {"sub": sub}, timeout=30)
    assert visitor.cookies.get(COOKIE)
    return visitor


def cookies(visitor: requests.Session) -> str:
    return "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())


def test_before_sign_in_nothing_is_told(team):
    for path in ("/", "/flow?chart=lead", "/boxes.js", "/_stcore/host-config", "/_stcore/health", "/media/x",
                 "/static/index.html", "/favicon.png", "/overview", "/newest"):  # fmt: skip
        answer = requests.get(team + path, timeout=30)
        assert answer.status_code == 401, path
        assert "<h1>Sign in</h1>" in answer.text and "Streamlit" not in answer.text, path
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert requests.get(f"{team}/healthz", timeout=30).json() == {"ok": True}
    with pytest.raises(InvalidStatus, match="403"):
        connected(team)


def test_a_program_that_has_not_signed_in_gets_a_sentence_and_no_data(team):
    places = (
        "/api/figures",
        "/api/figure/age.csv",
        "/api/nothing",
        "/api",
        "/metrics",
        "/metrics/",
    )
    for path in places:
        answer = requests.get(team + path, timeout=30, allow_redirects=False)
        assert (answer.status_code, list(answer.json())) == (401, ["error"]), path
        assert "Nobody has signed in" in answer.text and "etag" not in answer.headers
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        assert requests.get(team + path, cookies={COOKIE: "x"}, timeout=30).status_code == 401
    assert signed_in(team, "ann").get(f"{team}/api/figures", timeout=30).json()["figures"]
    refused = signed_in(team, "far").get(f"{team}/api/figures", timeout=30)
    assert (refused.status_code, list(refused.json())) == (403, ["error"])


@pytest.mark.parametrize("sub", PEOPLE)
def test_who_is_named_comes_in_and_nobody_else(team, sub):
    told, role = PEOPLE[sub]
    visitor = signed_in(team, sub)
    answer = visitor.get(f"{team}/stage", timeout=30)
    if not role:
        assert answer.status_code == 403
        assert "Not for this address" in answer.text and "<b>@" not in answer.text
        assert ("does not confirm" in answer.text) == (
            told.get("email_verified") is not True or sub in UNREAD
        )
        with pytest.raises(InvalidStatus, match="403"):
            connected(team, Cookie=cookies(visitor))
        return
    assert answer.status_code == 200 and 'id="root"' in answer.text
    with connected(team, Cookie=cookies(visitor)) as connection:
        said = str(drawn(shown(connection, "/sources")))
    assert f"Signed in as {told['email']} ({role})." in said


UNREAD = ("two", "alike", "nameless")  # no address that could be named


def cookie(secret: str = SECRET, **more: object) -> str:
    """A visitor's cookie, made as the server makes it."""
    told = {"email": "ann@example.org", "email_verified": True, "iat": time.time()}
    told |= {"is_logged_in": True, "provider": "default"} | more
    return create_signed_value(secret, COOKIE, json.dumps(told)).decode()


def test_a_cookie_that_is_forged_old_or_of_elsewhere_is_none(team):
    def status(value: str) -> int:
        return requests.get(team, cookies={COOKIE: value}, timeout=30).status_code

    assert status(cookie(origin=team)) == 200
    assert status(cookie(origin=team, iat=time.time() - 12 * 3600 - 60)) == 401
    assert status(cookie(origin="http://localhost:1")) == 401
    assert status(cookie(origin=team, secret="another secret, which is long enough")) == 401
    assert status(cookie(origin=team, is_logged_in=False)) == 401
    for value in ("", "x", "chunks-1", cookie(origin=team)[:-1], "e30.x.y"):
        assert status(value) == 401, value


@pytest.fixture
def visitor(page):
    """A browser without cookies; nothing it does leaves this machine."""
    page.goto("about:blank")
    page.context.clear_cookies()
    page.route(lambda url: not url.startswith("http://localhost:"), lambda route: route.abort())
    yield page
    page.unroute_all()
    page.context.clear_cookies()
    page.goto("about:blank")


def test_a_person_signs_in_looks_and_signs_out(visitor, team):
    heard: list[str] = []
    visitor.on("websocket", lambda socket: heard.append(socket.url))
    visitor.goto(f"{team}/flow")
    expect(visitor.get_by_role("heading", name="Sign in")).to_be_visible()
    assert not heard
    visitor.get_by_role("link", name="Sign in").click()
    visitor.get_by_role("button", name="bob", exact=True).click()
    settled(visitor)
    expect(visitor.locator(".strip article")).to_have_count(4)
    expect(visitor.get_by_text("Signed in as bob@TEAM.example (viewer).")).to_be_visible()
    visitor.get_by_role("link", name="Sign out").click()
    visitor.goto(f"{team}/flow")
    expect(visitor.get_by_role("heading", name="Sign in")).to_be_visible()
    visitor.get_by_role("link", name="Sign in").click()
    visitor.get_by_role("button", name="far", exact=True).click()
    expect(visitor.get_by_text("eve@evil.example may not see this dashboard")).to_be_visible()
    assert len(heard) == 1


@contextmanager
def told(monkeypatch, environment: dict[str, str]):
    """The settings as these variables say them."""
    with monkeypatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        signing_in.settings.cache_clear()
        yield
    signing_in.settings.cache_clear()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CLIENT_SECRET", "", "Sign-in needs VALUESTREAM_SIGN_IN_CLIENT_SECRET: the secret"),
        ("VIEWERS", "", "Sign-in needs VALUESTREAM_SIGN_IN_VIEWERS: the addresses and domains"),
        ("VIEWERS", "*", "VALUESTREAM_SIGN_IN_VIEWERS holds '*': write addresses"),
        ("WRITERS", "example", "VALUESTREAM_SIGN_IN_WRITERS holds 'example': write addresses"),
        ("COOKIE_SECRET", "short", "VALUESTREAM_SIGN_IN_COOKIE_SECRET is too short: 32"),
        ("ADDRESS", "dashboard.example.org", "VALUESTREAM_SIGN_IN_ADDRESS is the dashboard's own"),
        (
            "ADDRESS",
            "https://example.org/here",
            "VALUESTREAM_SIGN_IN_ADDRESS is the dashboard's own",
        ),
        ("VIEWER", "x", "There is no setting VALUESTREAM_SIGN_IN_VIEWER."),
    ],
)
def test_half_of_the_settings_start_nothing(monkeypatch, name, value, said):
    with told(monkeypatch, environment("https://d.example.org", **{name: value})):
        assert doors.refused().startswith(said)


def test_with_sign_in_the_server_may_be_reached_from_elsewhere(monkeypatch):
    was = config.get_option("server.address")
    config.set_option("server.address", "192.0.2.2")
    try:
        assert "answers on this machine only" in doors.refused()
        with told(monkeypatch, environment("https://d.example.org")):
            assert doors.refused() == ""
            here = {"type": "http", "method": "GET", "path": "/", "server": ("192.0.2.2", 8501)}
            for name, status in ((b"d.example.org", 200), (b"evil.example", 403)):
                scope = here | {"headers": [(b"host", name)]}
                guarded = doors.Doors(PlainTextResponse("within"), signing_in.settings())
                with ThreadPoolExecutor() as thread:
                    assert thread.submit(asyncio.run, answered(scope, guarded)).result() == status
    finally:
        config.set_option("server.address", was)
