"""Whose address a request comes from, behind the proxies that the policy names and no others."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final

from django.db import DatabaseError

from hueandcry.engine.policy import face as policy

Environ = Mapping[str, Any]
Network = IPv4Network | IPv6Network

PROXIES: Final = policy.declare(
    policy.Setting(
        "limits.proxies",
        tuple,
        ("127.0.0.1", "::1"),
        "addresses or networks of reverse proxies, whose X-Forwarded-For is believed",
    )
)
_IPV6_SITE: Final = 64  #: bits: one customer of a network has at least such a prefix


def client_address(environ: Environ) -> str:
    """The address of who asks.

    X-Forwarded-For counts only when the direct peer is one of the policy's proxies; it is then
    read from the right, past further proxies, since what stands left of them anybody may write.
    """
    direct: str = environ.get("REMOTE_ADDR") or ""
    forwarded: str | None = environ.get("HTTP_X_FORWARDED_FOR")
    if not forwarded or not _is_proxy(direct):
        return direct
    found = direct
    for text in reversed(forwarded.split(",")):
        named = text.strip()
        if _read(named) is None:
            break  # a proxy of ours writes addresses: what is left of this is made up
        found = named
        if not _is_proxy(named):
            break
    return found


def site(environ: Environ) -> str:
    """What is counted as one: an IPv4 address, or the /64 of an IPv6 one."""
    return site_of(client_address(environ))


@lru_cache(maxsize=4_096)
def site_of(text: str) -> str:
    """The address, IPv6 ones by /64; what is no address is counted together."""
    found = _read(text.partition("%")[0])
    if isinstance(found, IPv6Address):
        return str(IPv6Network((int(found), _IPV6_SITE), strict=False))
    return str(found or "unknown")


def _is_proxy(text: str) -> bool:
    found = _read(text)
    return found is not None and any(found in network for network in proxies())


def _read(text: str) -> Any:
    """The address in a text, IPv4 ones that are mapped into IPv6 as themselves; None for none."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def proxies() -> tuple[Network, ...]:
    """The networks of the policy; before there is a database, none."""
    try:
        return _networks(policy.items(PROXIES.name))
    except DatabaseError:
        return ()


@lru_cache(maxsize=8)
def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    """An item that is no network is left out: it believes nobody."""
    found: list[Network] = []
    for text in texts:
        try:
            found.append(ip_network(text, strict=False))
        except ValueError:
            continue
    return tuple(found)
