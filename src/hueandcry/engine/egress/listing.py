"""Hosts and networks that an operator lists: which private addresses may be called."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network


def is_listed(items: tuple[str, ...], host: str, address: str) -> bool:
    """Whether `items` (host names, addresses, networks) have a host, or its address."""
    names, networks = _read(items)
    if host in names:
        return True
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in networks)


@lru_cache(maxsize=8)
def _read(items: tuple[str, ...]) -> tuple[frozenset[str], tuple[Network, ...]]:
    names, networks = set[str](), list[Network]()
    for item in items:
        try:
            networks.append(ip_network(item, strict=False))
        except ValueError:
            names.add(item.lower())
    return frozenset(names), tuple(networks)
