"""One timeline per thing: append hops, read them back in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hueandcry.core.types import Fingerprint, Micros
from hueandcry.engine.store.dialect import dialect
from hueandcry.engine.timeline.models import Hop, Source

__all__ = ["HopView", "Source", "erase", "hops", "note"]


@dataclass(frozen=True, slots=True)
class HopView:
    """What a reader sees of one hop."""

    name: str
    node: Fingerprint
    at: Micros
    source: str


def note(roots: Iterable[bytes], name: str, node: Fingerprint, at: Micros, source: Source) -> None:
    """Adds one hop for each root (16 bytes) in the caller's transaction; the first one stands."""
    rows = [(root, name, node, at, source.value) for root in roots]
    columns = ("root", "name", "node", "at", "source")
    dialect().insert(Hop, columns, rows, "ON CONFLICT DO NOTHING")


def erase(roots: Sequence[bytes]) -> int:
    """Deletes the timelines of these things; how many hops they had."""
    deleted: int = Hop.objects.filter(root__in=list(roots)).delete()[0]
    return deleted


def hops(root: bytes) -> list[HopView]:
    """Every hop of one thing, earliest first."""
    rows = Hop.objects.filter(root=root).order_by("at", "id")
    return [HopView(row.name, row.node, row.at, row.source) for row in rows]
