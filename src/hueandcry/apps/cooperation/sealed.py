"""What requests say rests sealed under the node's secret."""

from __future__ import annotations

from typing import Final

from hueandcry.engine.keys.sealed import Objects

#: Bounded by more than any document has.
_OBJECTS: Final = Objects("cooperation", most=1 << 21)

seal = _OBJECTS.seal
opened = _OBJECTS.opened
