"""Sets, keys and hits rest sealed under the node's secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hueandcry.core import jcs
from hueandcry.engine.keys.own import own

_CONTEXT: Final = "deconfliction"
#: Bytes of one sealed object at most: more than the largest set with its cases has.
_MOST: Final = 1 << 23


def seal(value: Mapping[str, Any]) -> str:
    """An object that only this node can read."""
    return own().seal(_CONTEXT, jcs.canonical(dict(value)))


def opened(sealed: str) -> dict[str, Any]:
    """What `seal` was given; an empty object once it was erased."""
    if not sealed:
        return {}
    value: dict[str, Any] = jcs.parse(own().open_sealed(_CONTEXT, sealed), max_bytes=_MOST)
    return value
