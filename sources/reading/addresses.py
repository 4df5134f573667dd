"""Which addresses may be asked: those of the world, and those that stages.yaml writes plainly.

What else leads into one's own network (a name that stands for an inner address, a redirect, an
odd spelling) may be somebody's way to make this machine ask what only it can reach.
"""

from __future__ import annotations

import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from sources import StopSource

Address = IPv4Address | IPv6Address

# Where clouds tell a machine its own secrets, besides the link-local addresses.
_METADATA = {ip_address(a) for a in ("100.100.100.200", "fd00:ec2::254", "168.63.129.16", "192.0.0.192")}  # fmt: skip
_METADATA_NAMES = ("metadata.google.internal", "metadata.goog", "instance-data",
                   "instance-data.ec2.internal")  # fmt: skip
_SHARED = ip_network("100.64.0.0/10")
_THIS = ip_network("0.0.0.0/8")
_NAT64 = IPv6Network("64:ff9b::/96")
_CURE = "name the host under allow_hosts if this is meant"


def resolved(host: str, port: int, written: str, allowed: Collection[str]) -> list[str]:
    """The addresses that a host stands for, every one of which may be asked.

    `written` is the host that stages.yaml gives, `allowed` those that it allows by name. Raises
    StopSource when it may not be asked, and OSError when nobody knows the name.
    """
    if told := of_host(host, allowed):
        raise StopSource(f"{host} {told}: not asked; {_CURE}.")
    found = [f[4][0] for f in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for address in map(str, found):
        if told := of_address(host, address, written, allowed):
            raise StopSource(f"{host} {told}: not asked; {_CURE}.")
    return list(dict.fromkeys(map(str, found)))


def of_host(host: str, allowed: Collection[str] = ()) -> str:
    """Why a host is not even looked up, by the way it is written; '' if it may be."""
    name = host.lower().rstrip(".")
    if name in allowed:
        return ""
    if name in _METADATA_NAMES:
        return "is where a cloud keeps a machine's secrets"
    literal = _literal(name)
    if literal is None:
        return "is an odd spelling of an address" if _numeric(name) else ""
    if str(literal) != host or (isinstance(literal, IPv6Address) and literal.ipv4_mapped):
        return f"is an odd spelling of the address {_real(literal)}"
    return ""


def of_address(host: str, address: str, written: str, allowed: Collection[str] = ()) -> str:
    """Why an address that a host stands for is not asked; '' if it may be."""
    if host.lower().rstrip(".") in allowed:
        return ""
    told = ip_address(address.partition("%")[0])
    at = _real(told)
    if at.is_link_local or {at, told} & _METADATA:
        return f"leads to {at}, where a cloud keeps a machine's secrets"
    if _of_the_world(at):
        return ""
    plain = host == written and (at.is_loopback if host == "localhost" else _literal(host) == told)
    if plain and _of_a_network(at):
        return ""
    return f"leads to {at}, an address inside a network"


def _of_the_world(at: Address) -> bool:
    odd = at.is_multicast or at.is_reserved or at.is_unspecified
    site = isinstance(at, IPv6Address) and at.is_site_local
    return at.is_global and not odd and not site


def _of_a_network(at: Address) -> bool:
    """An address that a machine of one's own may have."""
    if at.is_loopback or at in _SHARED:
        return True
    return at.is_private and not (
        at in _THIS or at.is_multicast or at.is_reserved or at.is_unspecified
    )


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _numeric(host: str) -> bool:
    """Whether a network library would take the name for a number: 127.1, 0x7f000001, 2130706433."""
    last = host.rpartition(".")[2]
    return last.isdigit() or last.startswith("0x")


def _real(at: Address) -> Address:
    """The address that another one carries in it, where it does."""
    if isinstance(at, IPv4Address):
        return at
    if at in _NAT64:
        return IPv4Address(int(at) & 0xFFFFFFFF)
    return at.ipv4_mapped or at.sixtofour or at
