"""The tiles of a log of many entries, and what a proof out of them takes."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.table import Figure
from hueandcry.core import tiles, tlog
from hueandcry.core.tiles import TileReader
from hueandcry.engine.ledger.folder import LogFolder

_TOGETHER = 1 << 16


def figures(folder: Path, entries: int, proofs: int = 500) -> Iterator[Figure]:
    """Wall time of proofs of random entries; each is verified, outside of its time."""
    log, size, edge = LogFolder(folder, 0), 0, dict[int, bytes]()
    while size < entries:
        count = min(_TOGETHER, entries - size)
        grown = tiles.grow(size, edge, [_leaf(size + n) for n in range(count)])
        log.write(grown.tiles)
        size, edge = grown.size, dict(grown.edge)
    root = tlog.tree_root(size, TileReader(size, log.read))
    taken = sorted(1_000 * _proved(log, size, root) for _ in range(proofs))
    yield Figure(
        f"ledger proof out of the tiles of {entries:,} entries, median", taken[proofs // 2], "ms",
        proofs, 1.0, least=False, note=f"p99 {taken[int(proofs * 0.99)]:.2f} ms",
    )  # fmt: skip


def _leaf(index: int) -> bytes:
    return hashlib.sha256(index.to_bytes(8, "big")).digest()


def _proved(log: LogFolder, size: int, root: bytes) -> float:
    index = random.randrange(size)
    began = time.perf_counter()
    proof = tlog.inclusion_proof(index, size, TileReader(size, log.read))
    took = time.perf_counter() - began
    tlog.verify_inclusion(index, size, _leaf(index), proof, root)
    return took
