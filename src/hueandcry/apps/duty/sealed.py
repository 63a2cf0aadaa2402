"""Addresses of our people and what they hand over rest sealed under the node's secret."""

from __future__ import annotations

from typing import Final

from hueandcry.engine.keys.sealed import Objects

#: Bounded by more than a note with its requests has.
_OBJECTS: Final = Objects("duty", most=1 << 20)

seal = _OBJECTS.seal
opened = _OBJECTS.opened
