"""Which addresses of the net a node may call: the public ones, and private ones by permission.

Special-purpose ranges: RFC 6890 and the IANA registries it founded.
"""

from __future__ import annotations

from enum import Enum
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)

Address = IPv4Address | IPv6Address


class Reach(Enum):
    """How far an address reaches."""

    PUBLIC = "public"
    PRIVATE = "private"  #: loopback, private and carrier-grade NAT: by permission only
    NEVER = "never"  #: link-local, multicast, reserved, cloud metadata


_PRIVATE_4 = tuple(
    IPv4Network(text)
    for text in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)
# Services of cloud hosts that hand out credentials at addresses which look public or private.
_METADATA_4 = frozenset(map(IPv4Address, ("168.63.129.16", "100.100.100.200")))
_METADATA_6 = frozenset({IPv6Address("fd00:ec2::254")})
# Protocol assignments and the 6to4 relay; Python versions differ on parts of these.
_CLOSED_4 = tuple(map(IPv4Network, ("192.0.0.0/24", "192.88.99.0/24")))
_UNIQUE_LOCAL = IPv6Network("fc00::/7")
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# Tunnels to an IPv4 address that we would not see, and documentation.
_CLOSED_6 = tuple(
    IPv6Network(text) for text in ("2002::/16", "2001::/23", "2001:db8::/32", "3fff::/20")
)
_NAT64 = IPv6Network("64:ff9b::/96")


def reach(text: str) -> Reach:
    """The reach of a numeric address; one that carries an IPv4 address is judged as that one."""
    try:
        address = ip_address(text)
    except ValueError:
        return Reach.NEVER
    inner = embedded(address)
    return _reach_4(inner) if isinstance(inner, IPv4Address) else _reach_6(inner)


def embedded(address: Address) -> Address:
    """The IPv4 address inside an IPv4-mapped (RFC 4291) or NAT64 (RFC 6052) one, or itself."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _reach_4(address: IPv4Address) -> Reach:
    if address in _METADATA_4:
        return Reach.NEVER
    if any(address in network for network in _PRIVATE_4):
        return Reach.PRIVATE
    closed = not address.is_global or address.is_multicast or address.is_reserved
    closed = closed or any(address in network for network in _CLOSED_4)
    return Reach.NEVER if closed else Reach.PUBLIC


def _reach_6(address: IPv6Address) -> Reach:
    if address in _METADATA_6:
        return Reach.NEVER
    if address.is_loopback or address in _UNIQUE_LOCAL:
        return Reach.PRIVATE
    closed = address not in _GLOBAL_UNICAST or any(address in network for network in _CLOSED_6)
    return Reach.NEVER if closed else Reach.PUBLIC
