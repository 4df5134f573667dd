"""The nginx of docs/nginx.md, as Debian ships it, in front of the app."""

from __future__ import annotations

import os
import re
import socket
import sys
import time
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path

import pytest
from browser import DESIGN, downloaded, needed, opened, ours, unfolded
from playwright.sync_api import expect
from servers import ROOT, free_port, running
from visitor import connected, shown

NGINX = Path("/usr/sbin/nginx")
NAME = "dashboard.localhost"  # which a browser knows to be this machine
# What /etc/nginx/nginx.conf has around the file of the docs, in a folder of the test's own.
AROUND = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {told}
}}
"""


@pytest.fixture(scope="module")
def behind(example, tmp_path_factory):
    """The port of nginx, in front of an app that knows its name."""
    needed(NGINX, "nginx")
    folder, port, inner = tmp_path_factory.mktemp("nginx"), free_port(), free_port()
    told = re.search(r"```nginx\n(.*?)```", (ROOT / "docs/nginx.md").read_text(), re.DOTALL)[1]
    told = told.replace("127.0.0.1:8501", f"127.0.0.1:{inner}")
    told = told.replace("listen 80", f"listen 127.0.0.1:{port}")
    told = told.replace("server_name dashboard.example.org", f"server_name {NAME} localhost")
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, told=told))
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    knows = {
        "VALUESTREAM_DATA": str(example),
        "STREAMLIT_SERVER_ALLOWED_HOSTS": f"{NAME} localhost",
    }
    with (
        running([*command, "--server.port", str(inner)], f"http://localhost:{inner}/healthz",
                cwd=ROOT, env=os.environ | knows),
        running([str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf")],
                f"http://localhost:{port}/healthz"),
    ):  # fmt: skip
        yield port


def asked(port: int, path: str, method: str = "GET", body: str | None = None, host: str = NAME):
    """Status and headers of an answer of nginx's."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body, {"Host": f"{host}:{port}"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.headers


def test_the_pages_work_behind_nginx(page, behind):
    app = f"http://{NAME}:{behind}"
    opened(page, f"{app}/flow?stream={DESIGN}&chart=cumulative")
    expect(page.locator("[data-testid=stVegaLiteChart] svg").first).to_be_visible()
    unfolded(page)
    assert downloaded(page, "csv")
    opened(page, f"{app}/?stream={DESIGN}")
    page.locator(".strip article .why").first.click()
    expect(page.locator("h1")).to_have_text("Discover")
    assert not ours(page.errors)


def test_the_security_headers_come_through_nginx_once(behind):
    for path in ("/", "/healthz", "/static/x", "/_stcore/host-config", "/api/figures", "/metrics"):
        _, headers = asked(behind, path)
        for name in (
            "Content-Security-Policy",
            "X-Content-Type-Options",
            "X-Frame-Options",
            "Referrer-Policy",
        ):
            assert len(headers.get_all(name)) == 1, f"{path}: {name}"
        assert headers["Server"] == "nginx"


def test_what_does_not_read_pages_ends_at_nginx(behind):
    status, headers = asked(behind, "/_stcore/metrics")
    assert status == 404 and "Content-Security-Policy" not in headers  # it did not reach the app
    assert asked(behind, "/", "POST", "x")[0] == 403
    assert asked(behind, "/_stcore/upload_file/a/b", "PUT", "x" * 2_000)[0] == 413
    assert asked(behind, "/healthz")[0] == 200
    with pytest.raises(RemoteDisconnected):
        asked(behind, "/healthz", host="evil.example")


@pytest.mark.soak
def test_who_is_slow_is_cut_off_and_who_only_looks_is_not(behind):
    app = f"http://localhost:{behind}"
    with (
        socket.create_connection(("127.0.0.1", behind), timeout=30) as slow,
        connected(app) as visitor,
    ):
        begun = time.monotonic()
        slow.sendall(b"GET / HTTP/1.1\r\nHost: ")
        slow.recv(100)
        assert time.monotonic() - begun < 15
        time.sleep(100)  # longer than nginx waits for a word
        assert shown(visitor, "/sources")
