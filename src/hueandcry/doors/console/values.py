"""Values as people write, see and address them: read by the node's country, defanged, masked.

No page has a person's value in its address, because addresses stand in logs and histories: such a
page is named by the signal's key where it is known here, and else by the value under our seal.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.urls import reverse

from hueandcry.apps.members import face as members
from hueandcry.apps.signals import face as signals
from hueandcry.core import normal
from hueandcry.core.errors import HueError, NotFound
from hueandcry.core.types import PERSONAL, Kind, Signal
from hueandcry.doors.desk.defanging import defanged
from hueandcry.engine.keys.own import own

_CONTEXT: Final = "console-signal"
#: The country of a member that belongs to none (an international organisation).
_NO_COUNTRY: Final = "IO"
#: Letters of a person's value that lists show, at its beginning and at its end.
_HEAD, _TAIL = 4, 2


def market() -> str | None:
    """Where a phone number without a country code is dialled."""
    country = members.us().country
    return None if country == _NO_COUNTRY else country


def read(text: str, kind: Kind | None = None) -> Signal:
    """The signal that a text writes; raises Unreadable."""
    if kind is None:
        return normal.guess(text, market=market())
    return normal.normalise(kind, text, market=market())


def shown(signal: Signal) -> str:
    """The value so that no program opens it, and a person's only in part: for lists."""
    return masked(signal) if signal.kind in PERSONAL else defanged(signal.kind, signal.value)


def masked(signal: Signal) -> str:
    """Enough of a person's value to tell it from others, and too little to use it."""
    if signal.kind is Kind.EMAIL:
        name, _, host = signal.value.rpartition("@")
        return f"{name[:2]}…[at]{defanged(Kind.DOMAIN, host)}"
    place, colon, value = signal.value.rpartition(":")  # a platform or a bank, where it names one
    if len(value) <= _HEAD + _TAIL + 2:
        return f"{place}{colon}{value[:2]}…"
    return f"{place}{colon}{value[: 0 if colon else _HEAD]}…{value[-_TAIL:]}"


def url(signal: Signal, page: str = "console:signal") -> str:
    """The address of a page about a signal, whether or not anybody ever spoke of it."""
    if signal.kind not in PERSONAL:
        query = urlencode({"kind": signal.kind.value, "value": signal.value})
        return f"{reverse(page)}?{query}"
    if signals.find(signal.key) is not None:
        return reverse(page, args=[signal.key.hex()])
    sealed = own().seal(_CONTEXT, f"{signal.kind.value}\n{signal.value}".encode())
    return f"{reverse(page)}?{urlencode({'sealed': sealed})}"


def link(signal: Signal) -> str:
    """As `url`, for a signal that is known here: no look-up."""
    if signal.kind in PERSONAL:
        return reverse("console:signal", args=[signal.key.hex()])
    return url(signal)


def named(key: str | None, kind: str, value: str, sealed: str) -> Signal:
    """The signal that an address names; raises NotFound."""
    try:
        found = _named(key, kind, value, sealed)
    except (HueError, ValueError) as error:
        raise NotFound("signal", "There is no such value") from error
    if found is None:
        raise NotFound("signal", "There is no such value")
    return found


def _named(key: str | None, kind: str, value: str, sealed: str) -> Signal | None:
    if key:
        return signals.find(bytes.fromhex(key))
    if sealed:
        kind, _, value = own().open_sealed(_CONTEXT, sealed).decode().partition("\n")
    elif Kind(kind) in PERSONAL:
        return None  # never from an address in the clear
    return normal.normalise(Kind(kind), value)
