"""How often a client, a peer or an address may ask: token buckets in memory, bounded and cheap.

A bucket is one number, the instant at which it is full again (the generic cell rate algorithm), so
that a call costs one dictionary look-up and nothing runs in the background. Refusals are counted
here and shown in the metrics; of a flood at most a few lines reach the access log.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from math import ceil
from typing import Any, Final

from hueandcry.core.errors import TooMany
from hueandcry.engine import clock

Environ = Mapping[str, Any]
Network = IPv4Network | IPv6Network

#: Buckets that are remembered of each kind; the one that was asked for longest ago goes first.
ROOM: Final = 65_536
#: Seconds that a bucket holds: who was quiet for a minute may use a minute's worth at once.
SPAN: Final = 60.0
_GRAIN: Final = 1e-6  #: seconds: what rounding may take away
_IPV6_SITE: Final = 64  #: bits: one customer of a network has at least such a prefix


class Buckets:
    """Token buckets by key, in bounded memory. Any thread may take.

    A key that was pushed out begins with a full bucket: with that many keys at once no memory of
    bounded size could do otherwise, and each alone is still bounded.
    """

    def __init__(self, room: int = ROOM, now: Callable[[], float] | None = None) -> None:
        self._room = room
        self._now = now or clock.monotonic
        self._lock = threading.Lock()
        self._full_at: OrderedDict[Hashable, float] = OrderedDict()

    def take(self, key: Hashable, cost: float, rate: int) -> float:
        """Takes `cost` of a bucket that refills by `rate` a minute; 0, or the seconds to wait.

        What costs more than a whole bucket is given to a bucket that is full, which then owes the
        rest: what could never be had would be a ban. A refusal takes nothing. No rate, no limit.
        """
        if rate <= 0:
            return 0.0
        need = cost * SPAN / rate
        with self._lock:
            now = self._now()
            owed = max(0.0, self._full_at.get(key, 0.0) - now)
            wait = _wait(owed, need)
            self._full_at[key] = now + owed + (0.0 if wait else need)
            self._full_at.move_to_end(key)  # refused or not: a flood must not fall out of memory
            if len(self._full_at) > self._room:
                self._full_at.popitem(last=False)
        return wait

    def look(self, key: Hashable, cost: float, rate: int) -> float:
        """What `take` would answer; takes nothing."""
        if rate <= 0:
            return 0.0
        return _wait(self._full_at.get(key, 0.0) - self._now(), cost * SPAN / rate)

    def __len__(self) -> int:
        return len(self._full_at)

    def clear(self) -> None:
        """Fills every bucket."""
        with self._lock:
            self._full_at.clear()


def _wait(owed: float, need: float) -> float:
    """Seconds until a bucket that owes so much gives what is needed; a full one gives at once."""
    if owed <= 0.0 or owed + need <= SPAN + _GRAIN:
        return 0.0
    return min(owed + need - SPAN, owed)


@dataclass(frozen=True, slots=True)
class Policy:
    """What is granted, each a minute; 0: without a limit."""

    client: int = 60_000
    address: int = 600
    refused: int = 120
    member: int = 60_000
    bulk: int = 5
    proxies: tuple[Network, ...] = (ip_network("127.0.0.1"), ip_network("::1"))


def policy() -> Policy:
    """The policy in force."""
    return _POLICY


_POLICY: Final = Policy()
_clients = Buckets()
_addresses = Buckets()
_refused = Buckets()
_members = Buckets()
_counts: Counter[str] = Counter()


def forget() -> None:
    """Fills every bucket and starts counting again."""
    for buckets in (_clients, _addresses, _refused, _members):
        buckets.clear()
    _counts.clear()
    site_of.cache_clear()


def counts() -> dict[str, int]:
    """How many calls were refused since this process began, by limit."""
    return dict(_counts)


# --- what doors ask ------------------------------------------------------------------------------


def client(token: Hashable, cost: float = 1.0) -> None:
    """One request of an authenticated client, named by its token; raises TooMany."""
    wait = _clients.take(token, cost, policy().client)
    if wait:
        raise _too_many("client", "This token is used more often than this node allows", wait)


def member(member_id: int, cost: float = 1.0) -> None:
    """One verified call of another member's node; raises TooMany."""
    wait = _members.take(member_id, cost, policy().member)
    if wait:
        raise _too_many("member", "This member calls more often than this node allows", wait)


def address(environ: Environ, cost: float = 1.0) -> None:
    """One request of somebody who is not known, by its address; raises TooMany."""
    wait = _addresses.take(address_of(environ), cost, policy().address)
    if wait:
        raise _too_many("address", "Too many requests come from this address", wait)


def refused(environ: Environ, *about: Hashable) -> None:
    """An identification that was refused: raises TooMany from an address that fails too often.

    Called after the refusal, in its place: a client that shares the address with whoever guesses
    stays served, and the guesser learns nothing any more. `about` makes buckets of their own.
    """
    wait = _refused.take((address_of(environ), *about), 1.0, policy().refused)
    if wait:
        raise _guessing(wait)


def may_try(environ: Environ, *about: Hashable) -> None:
    """Before an identification that costs much: raises TooMany where too many were refused."""
    wait = _refused.look((address_of(environ), *about), 1.0, policy().refused)
    if wait:
        raise _guessing(wait)


def bulk_cost(values: int) -> float:
    """What a request about many values costs, in requests about one."""
    return 1.0 + values / policy().bulk


def _guessing(wait: float) -> TooMany:
    return _too_many("refused", "Too many refused attempts come from this address", wait)


def _too_many(limit: str, what: str, wait: float) -> TooMany:
    _counts[limit] += 1
    seconds = max(1, ceil(wait))
    error = TooMany(f"rate_{limit}", what, do=f"Try again in {seconds} seconds")
    error.after = seconds
    return error


# --- whose address it is -------------------------------------------------------------------------


def address_of(environ: Environ) -> str:
    """Who asks, as one text: an IPv4 address, or the /64 of an IPv6 one.

    X-Forwarded-For counts only when the direct peer is one of the policy's proxies; it is then
    read from the right, past further proxies, since what stands left of them anybody may write.
    """
    direct: str = environ.get("REMOTE_ADDR") or ""
    forwarded: str | None = environ.get("HTTP_X_FORWARDED_FOR")
    if not forwarded or not _is_proxy(direct):
        return site_of(direct)
    found = direct
    for text in reversed(forwarded.split(",")):
        named = text.strip()
        if not is_address(named):
            break  # a proxy of ours writes addresses: what is left of this is made up
        found = named
        if not _is_proxy(named):
            break
    return site_of(found)


@lru_cache(maxsize=4_096)
def site_of(text: str) -> str:
    """The address, IPv6 ones by /64, IPv4 ones that are mapped into IPv6 as themselves."""
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(IPv6Network((int(found), _IPV6_SITE), strict=False))
    return str(found)


def is_address(text: str) -> bool:
    """Whether a text is an IP address and nothing more."""
    try:
        return bool(ip_address(text))
    except ValueError:
        return False


def _is_proxy(text: str) -> bool:
    try:
        found = ip_address(text)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in network for network in policy().proxies)
