"""What rests sealed, and what is found again without being read: under the node's own secret."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from hueandcry.core.types import Signal
from hueandcry.engine.keys.own import own

_CONTEXT: Final = "reports"


def seal(plain: str) -> str:
    """A text that only this node can read."""
    return own().seal(_CONTEXT, plain.encode("utf-8", "surrogatepass"))


def opened(sealed: str) -> str:
    """What `seal` was given; empty of what was erased."""
    if not sealed:
        return ""
    return own().open_sealed(_CONTEXT, sealed).decode("utf-8", "surrogatepass")


def pack(value: Any) -> str:
    """A struct or a plain value, sealed."""
    return own().seal(_CONTEXT, msgspec.json.encode(value))


def unpack(sealed: str, kind: type[Any]) -> Any:
    """What `pack` was given, read as `kind`."""
    return msgspec.json.decode(own().open_sealed(_CONTEXT, sealed), type=kind)


def digest(what: str, data: bytes) -> bytes:
    """The 32 bytes under which this node, and nobody else, finds `data` again."""
    return own().mac(f"{_CONTEXT}/{what}", data)


def key_of(signal: Signal) -> bytes:
    """The 16 bytes by which reports about a signal are found; not the signal's own key."""
    return digest("value", signal.key)[:16]
