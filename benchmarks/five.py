"""Rows about five nodes under load: one raises, four answer, one of them without a port."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.network import crossing, times, together
from benchmarks.nodes import Node, join, running
from benchmarks.table import Figure

_ASKING = "unit"  #: the node that nobody can call


def figures(folder: Path, seconds: int, rate: float = 20.0) -> Iterator[Figure]:
    """Time to protection and to retraction over all four, and at the one that asks."""
    raiser = Node(folder, "raiser")
    others = [Node(folder, name) for name in ("partner", "bank", "telco")]
    others.append(Node(folder, _ASKING, inbound=False))
    count = int(seconds * rate)
    with running(raiser, *others):
        for other in others:
            join(raiser, other)
        tokens = {node: node.token() for node in others}
        crossing(raiser, tokens, "raise", 0, 40)  # warm: connections, caches
        for act, what in (("raise", "time to protection"), ("retract", "time to retraction")):
            taken, _ = crossing(raiser, tokens, act, 1_000, count)
            yield from times(f"five nodes: {what}", together(taken), "four partners")
            yield from times(
                f"  {what} at the node without a port", sorted(taken[_ASKING]), "by poll"
            )
