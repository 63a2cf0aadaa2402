"""Addresses of our people and what they hand over rest sealed under the node's secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hueandcry.core import jcs
from hueandcry.engine.keys.own import own

_CONTEXT: Final = "duty"
_MOST: Final = 1 << 20  #: bytes of one sealed object


def seal(value: Mapping[str, Any]) -> str:
    """An object that only this node can read."""
    return own().seal(_CONTEXT, jcs.canonical(dict(value)))


def opened(sealed: str) -> dict[str, Any]:
    """What `seal` was given; an empty object of what was purged."""
    if not sealed:
        return {}
    value: dict[str, Any] = jcs.parse(own().open_sealed(_CONTEXT, sealed), max_bytes=_MOST)
    return value
