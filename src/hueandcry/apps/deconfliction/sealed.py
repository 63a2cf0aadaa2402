"""Sets, keys and hits rest sealed under the node's secret."""

from __future__ import annotations

from typing import Final

from hueandcry.engine.keys.sealed import Objects

#: Bounded by more than the largest set with its cases has.
_OBJECTS: Final = Objects("deconfliction", most=1 << 23)

seal = _OBJECTS.seal
opened = _OBJECTS.opened
