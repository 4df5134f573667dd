"""Where requests may go: the world, and what stages.yaml writes plainly; never further inside."""

from __future__ import annotations

import socket
import sys
from datetime import UTC, datetime

import pytest
from servers import talking
from test_http import hearing, redirecting

from settings.sources import Events, HttpChecks
from sources import StopSource, collecting, fingerprint, http_checks
from sources.reading import addresses, http

NOW = datetime(2026, 11, 20, tzinfo=UTC)
# What may be written in stages.yaml as it is: the operator's own word.
PLAIN = ["localhost", "127.0.0.1", "127.0.0.53", "10.0.0.5", "172.16.1.1", "192.168.1.1", "::1",
         "fd12:3456::1", "100.64.1.1"]  # fmt: skip
# Addresses of the world.
WORLD = ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "64:ff9b::5db8:d70e"]
# Never, by whatever name; each as an address that a name stands for.
SECRET = ["169.254.169.254", "169.254.170.2", "100.100.100.200", "fd00:ec2::254", "168.63.129.16",
          "192.0.0.192", "fe80::1", "fe80::a9fe:a9fe%1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"]  # fmt: skip
NOWHERE = ["0.0.0.0", "0.1.2.3", "255.255.255.255", "240.0.0.1", "224.0.0.1", "::", "ff02::1", "fec0::1",
           "::7f00:1"]  # fmt: skip
ODD = ["2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "127.1", "127.0.1", "0",
       "127.0.0.1.", "127.000.000.001", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "10.5",
       "::ffff:127.0.0.1", "::ffff:7f00:1", "0:0:0:0:0:0:0:1", "::ffff:10.0.0.5", "::ffff:1.1.1.1"]  # fmt: skip
NAMES = ["metadata.google.internal", "METADATA.google.internal.", "metadata.goog", "instance-data"]
INNER = [*PLAIN[1:], "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "198.18.0.1"]


@pytest.mark.parametrize("host", [*PLAIN, *WORLD])
def test_an_address_written_plainly_may_be_asked(host):
    address = "127.0.0.1" if host == "localhost" else host
    assert addresses.of_host(host) == addresses.of_address(host, address, written=host) == ""


@pytest.mark.parametrize("host", [*ODD, *NAMES])
def test_an_odd_spelling_and_a_name_of_a_cloud_s_secrets_are_not_even_looked_up(host):
    assert addresses.of_host(host)
    with pytest.raises(StopSource, match="not asked; name the host under allow_hosts"):
        addresses.resolved(host, 80, written=host, allowed=())


@pytest.mark.parametrize("address", [*SECRET, *NOWHERE])
def test_some_addresses_are_not_asked_even_when_they_are_written(address):
    assert addresses.of_address(address, address, written=address)
    assert addresses.of_address("a.example", address, written="a.example")


@pytest.mark.parametrize("address", INNER)
def test_a_name_that_stands_for_an_address_inside_is_not_asked(address):
    said = addresses.of_address("a.example", address, written="a.example")
    assert "an address inside a network" in said
    assert addresses.of_address("a.example", address, "a.example", {"a.example"}) == ""


@pytest.mark.parametrize("address", INNER)
def test_an_address_inside_that_somebody_else_names_is_not_asked(address):
    """By a redirect, say: what is written is another one."""
    assert addresses.of_address(address, address, written="a.example")
    assert addresses.of_address("localhost", address, written="a.example")
    assert addresses.of_address("localhost", address, written="10.9.9.9")


def test_localhost_is_this_machine_and_nothing_else():
    assert addresses.of_address("localhost", "10.0.0.5", written="localhost")
    assert addresses.of_address("localhost", "::1", written="localhost") == ""


@pytest.mark.parametrize("address", WORLD)
def test_a_name_that_stands_for_an_address_of_the_world_is_asked(address):
    assert addresses.of_address("a.example", address, written="") == ""


# Real servers: not asked means that they hear nothing.


@pytest.fixture
def heard():
    return []


@pytest.fixture
def port(heard):
    with talking(hearing(heard)) as port:
        yield port


def test_what_is_written_plainly_is_asked(port, heard):
    for host in ("127.0.0.1", "localhost"):
        assert http.get(f"http://{host}:{port}/").content == b"ok"
    assert len(heard) == 2


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]", "①②⑦.⓪.⓪.①",
             "127。0。0。1", "127.0.0.1.", "0", "%31%32%37.0.0.1"]
)  # fmt: skip
def test_an_odd_spelling_of_this_machine_hears_nothing(port, heard, host):
    with pytest.raises(StopSource, match=r"not asked|no usable address"):
        http.get(f"http://{host}:{port}/")
    assert http.probe(f"http://{host}:{port}/").status is None
    assert heard == []


def test_what_is_connected_to_is_what_was_checked(port, heard):
    """A name is looked up once; asked again it might stand for another address."""
    seen: list[tuple[str, tuple]] = []
    sys.addaudithook(
        lambda event, told: watched and seen.append((event, told))
    )  # it can't be taken away
    watched = True
    http.get(f"http://localhost:{port}/")
    watched = False
    looked_up = [told[0] for event, told in seen if event == "socket.getaddrinfo"]
    connected = {told[1][0] for event, told in seen if event == "socket.connect"}
    assert looked_up.count("localhost") == 1
    assert connected and connected <= {"127.0.0.1", "::1"} & set(looked_up)
    assert len(heard) == 1


def test_a_host_that_is_allowed_makes_no_answer_another():
    told = {"name": "s", "url": "https://a.example/list.csv"}
    assert fingerprint(Events(**told)) == fingerprint(Events(**told, allow_hosts=["a.example"]))


def own_name() -> str:
    """A name of this machine that is not localhost and stands for an address inside."""
    name = socket.gethostname()
    try:
        inside = all(addresses.of_address(name, str(found[4][0]), written=name)
                     for found in socket.getaddrinfo(name, 80))  # fmt: skip
    except OSError:
        inside = False
    if not inside:
        pytest.skip(f"the name of this machine, {name}, stands for no address inside")
    return name.lower()


def test_a_name_that_leads_inside_is_refused_unless_it_is_allowed_by_name(tmp_path, port, heard):
    name = own_name()
    told = {"name": "s", "url": f"http://{name}:{port}/list.csv"}
    (result,) = collecting.collect([Events(**told)], tmp_path / "l.duckdb", NOW)
    assert f"{name} leads to " in result.failed
    assert "not asked; name the host under allow_hosts if this is meant" in result.failed
    assert heard == []
    try:
        (result,) = collecting.collect([Events(**told, allow_hosts=[name.upper()])], tmp_path / "l.duckdb", NOW)  # fmt: skip
    finally:
        # It heard the question where the name stands for the address it listens on.
        assert "not asked" not in result.failed


def test_a_redirect_leads_no_further_inside(port, heard):
    """From localhost, which was written, to another name of the same machine."""
    with talking(redirecting(f"http://127.0.0.1:{port}/", [])) as other:
        with pytest.raises(StopSource, match="redirects to another host"):
            http.get(f"http://localhost:{other}/")
        told = http.probe(f"http://localhost:{other}/")
        assert (told.status, "127.0.0.1 leads to 127.0.0.1" in told.exception) == (None, True)
        assert heard == []
        assert http.probe(f"http://localhost:{other}/", allowed=["127.0.0.1"]).status == 200


@pytest.mark.parametrize(
    "to", ["http://169.254.169.254/latest/", "http://[::ffff:127.0.0.1]:PORT/", "http://2130706433:PORT/",
           "//0x7f.1:PORT/", "http://metadata.google.internal/"]
)  # fmt: skip
def test_a_page_that_redirects_to_where_nobody_may_ask_is_not_well(port, heard, to):
    with talking(redirecting(to.replace("PORT", str(port)), [])) as other:
        checks = HttpChecks(name="s", urls={"Home": f"http://127.0.0.1:{other}/"})
        (reading,) = http_checks.readings(checks, {}, NOW)
    assert reading.rows["ok"].to_pylist() == ["false"]
    assert "not asked" in reading.rows["exception"].to_pylist()[0]
    assert heard == []


@pytest.mark.parametrize(
    ("path", "good"),
    [("/login?next=/", False), ("/users/sign_in", False), ("/Account/SignIn", False), ("/auth/", False),
     ("/oauth2/authorize", False), ("/saml/sso", False), ("/authors/list", True), ("/en/", True),
     ("/author", True), ("/?to=/login", True)],
)  # fmt: skip
def test_a_page_that_leads_to_a_login_is_not_well(path, good):
    heard: list[bytes] = []

    def say(connection):
        heard.append(connection.recv(65536))
        to = f"302 Found\r\nLocation: {path}" if len(heard) % 2 else "200 OK"
        connection.sendall(f"HTTP/1.1 {to}\r\nContent-Length: 0\r\n\r\n".encode())

    with talking(say) as port:
        checks = HttpChecks(name="s", urls={"Home": f"http://127.0.0.1:{port}/home"})
        (reading,) = http_checks.readings(checks, {}, NOW)
        told = reading.rows.select(["ok", "exception", "status"]).to_pylist()[0]
        assert told["ok"] == str(good).lower()
        assert good or told["exception"].startswith(
            f"it leads to a login page, http://127.0.0.1:{port}/"
        )
        assert told["status"] == "200"


def test_a_login_page_that_is_asked_for_itself_is_well(port):
    checks = HttpChecks(name="s", urls={"Login": f"http://127.0.0.1:{port}/login"})
    (reading,) = http_checks.readings(checks, {}, NOW)
    assert reading.rows["ok"].to_pylist() == ["true"]
