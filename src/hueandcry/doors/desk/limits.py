"""How often a client, a peer or an address may ask: token buckets in memory, bounded and cheap.

A bucket is one number, the instant at which it is full again (the generic cell rate algorithm), so
that a call costs one dictionary look-up and nothing runs in the background. Refusals are counted
here and shown in the metrics; of a flood at most a few lines reach the access log.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from math import ceil
from typing import Final

from django.db import DatabaseError

from hueandcry.core.errors import TooMany
from hueandcry.doors.desk.addresses import Environ, site
from hueandcry.doors.desk.noting import note_refusal
from hueandcry.engine import clock
from hueandcry.engine.policy import face as policy

#: Buckets that are remembered of each kind; the one that was asked for longest ago goes first.
ROOM: Final = 65_536
#: Seconds that a bucket holds: who was quiet for a minute may use a minute's worth at once.
SPAN: Final = 60.0
_GRAIN: Final = 1e-6  #: seconds: what rounding may take away


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


def _granted(name: str, default: int, meaning: str, low: int = 0) -> policy.Setting:
    setting = policy.Setting(f"limits.{name}", int, default, meaning, low=low, high=100_000_000)
    return policy.declare(setting)


CLIENT: Final = _granted("client", 60_000, "requests a minute by one token; 0: no limit")
ADDRESS: Final = _granted("address", 600, "requests a minute without a token by one address")
REFUSED: Final = _granted("refused", 120, "refused tokens or signatures a minute by one address")
PERSONAL: Final = _granted(
    "personal", 60, "phone numbers, accounts and the like a minute that one address may check", 1
)
MEMBER: Final = _granted("member", 60_000, "calls a minute by one other member's node")
BULK: Final = _granted("bulk", 5, "values of a bulk request that count as one request", low=1)


def rate(setting: policy.Setting) -> int:
    """What the policy grants; its default as long as there is no database."""
    try:
        return policy.number(setting.name)
    except DatabaseError:
        return int(str(setting.default))


_clients = Buckets()
_addresses = Buckets()
_refused = Buckets()
_personal = Buckets()
_members = Buckets()
_floods = Buckets()
_counts: Counter[str] = Counter()


def forget() -> None:
    """Fills every bucket and starts counting again."""
    for buckets in (_clients, _addresses, _refused, _personal, _members, _floods):
        buckets.clear()
    _counts.clear()


def counts() -> dict[str, int]:
    """How many calls were refused since this process began, by limit."""
    return dict(_counts)


# --- what doors ask ------------------------------------------------------------------------------


def client(environ: Environ, token: int, cost: float = 1.0) -> None:
    """One request of an authenticated client, named by its token; raises TooMany."""
    wait = _clients.take(token, cost, rate(CLIENT))
    if wait:
        what = "This token is used more often than this node allows"
        raise _too_many(environ, "rate_client", token, what, wait, token)


def member(environ: Environ, member_id: int, cost: float = 1.0) -> None:
    """One verified call of another member's node; raises TooMany."""
    wait = _members.take(member_id, cost, rate(MEMBER))
    if wait:
        what = "This member calls more often than this node allows"
        raise _too_many(environ, "rate_member", member_id, what, wait)


def address(environ: Environ, cost: float = 1.0) -> None:
    """One request of somebody who is not known, by its address; raises TooMany."""
    key = site(environ)
    wait = _addresses.take(key, cost, rate(ADDRESS))
    if wait:
        what = "Too many requests come from this address"
        raise _too_many(environ, "rate_address", key, what, wait)


def personal(environ: Environ, values: int) -> None:
    """So many values of kinds that name people, asked for by nobody known; raises TooMany."""
    key = site(environ)
    wait = _personal.take(key, values, rate(PERSONAL))
    if wait:
        what = "Too many phone numbers or accounts were asked for from this address"
        raise _too_many(environ, "rate_personal", key, what, wait)


def refused(environ: Environ, *about: Hashable) -> None:
    """An identification that was refused: raises TooMany from an address that fails too often.

    Called after the refusal, in its place: a client that shares the address with whoever guesses
    stays served, and the guesser learns nothing any more. `about` makes buckets of their own.
    """
    key = (site(environ), *about)
    wait = _refused.take(key, 1.0, rate(REFUSED))
    if wait:
        raise _guessing(environ, key, wait)


def may_try(environ: Environ, *about: Hashable) -> None:
    """Before an identification that costs much: raises TooMany where too many were refused."""
    key = (site(environ), *about)
    wait = _refused.look(key, 1.0, rate(REFUSED))
    if wait:
        raise _guessing(environ, key, wait)


def bulk_cost(values: int) -> float:
    """What a request about many values costs, in requests about one."""
    return 1.0 + values / rate(BULK)


def _guessing(environ: Environ, key: Hashable, wait: float) -> TooMany:
    what = "Too many refused attempts come from this address"
    return _too_many(environ, "rate_refused", key, what, wait)


def _too_many(
    environ: Environ, code: str, key: Hashable, what: str, wait: float, token: int | None = None
) -> TooMany:
    """The refusal, counted; of one flood one a minute is noted in the access log."""
    _counts[code.removeprefix("rate_")] += 1
    if not _floods.take((code, key), SPAN, 60):
        note_refusal(environ, code, token)
    seconds = max(1, ceil(wait))
    error = TooMany(code, what, do=f"Try again in {seconds} seconds")
    error.after = seconds
    return error
