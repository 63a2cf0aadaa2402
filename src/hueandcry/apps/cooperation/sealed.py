"""What requests say rests sealed under the node's secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hueandcry.core import jcs
from hueandcry.engine.keys.own import own

_CONTEXT: Final = "cooperation"
#: Bytes of one sealed object at most: more than any document has.
_MOST: Final = 1 << 21


def seal(value: Mapping[str, Any]) -> str:
    """An object that only this node can read; nothing stays nothing."""
    return own().seal(_CONTEXT, jcs.canonical(dict(value))) if value else ""


def opened(sealed: str) -> dict[str, Any]:
    """What `seal` was given; an empty object of nothing."""
    if not sealed:
        return {}
    value: dict[str, Any] = jcs.parse(own().open_sealed(_CONTEXT, sealed), max_bytes=_MOST)
    return value
