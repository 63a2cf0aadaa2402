"""Objects that rest sealed under the node's secret, as text of a column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hueandcry.core import jcs
from hueandcry.engine.keys.own import own


@dataclass(frozen=True, slots=True)
class Objects:
    """The sealed objects of one room: what is sealed in one is not opened in another."""

    context: str
    most: int  #: bytes of one object at most

    def seal(self, value: Mapping[str, Any]) -> str:
        """An object that only this node can read; nothing stays nothing."""
        return own().seal(self.context, jcs.canonical(dict(value))) if value else ""

    def opened(self, sealed: str) -> dict[str, Any]:
        """What `seal` was given; an empty object of nothing, or of what was erased."""
        if not sealed:
            return {}
        plain = own().open_sealed(self.context, sealed)
        value: dict[str, Any] = jcs.parse(plain, max_bytes=self.most)
        return value
