"""Rows about one node by itself: its ledger, and what it takes while nothing happens."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.nodes import Node
from benchmarks.table import Figure


def ledger(folder: Path, entries: int) -> Iterator[Figure]:
    """Durable appends in transactions of 1 000, then published, then proofs from the tiles."""
    node = Node(folder, "logged")
    (said,) = node.said("appending", str(entries), "1000", "500", node.server_pids())
    yield Figure(
        "ledger appends, 1 000 a transaction", entries / said["append"], "entries/CPU-s", entries,
        10_000, note="with the row that each speaks of",
    )  # fmt: skip
    yield Figure("  ledger publishing", entries / said["publish"], "entries/CPU-s", entries)
    proofs = [taken * 1_000 for taken in said["proofs"]]
    yield Figure(
        "ledger proof, median", proofs[len(proofs) // 2], "ms", len(proofs), 1.0, least=False,
        note=f"p99 {proofs[int(len(proofs) * 0.99)]:.2f} ms",
    )  # fmt: skip
    yield Figure(
        "log verify", said["entries"] / said["verify"], "entries/CPU-s", said["entries"], 300_000,
        note="entries, tiles, checkpoints and openings",
    )  # fmt: skip


def idle(folder: Path) -> Iterator[Figure]:
    """A node that has just been founded: until it answers, and after ten quiet seconds."""
    node = Node(folder, "quiet")
    try:
        ready = node.start()
        time.sleep(2.0)
        cpu = node.cpu()
        time.sleep(8.0)
        used = (node.cpu() - cpu) / 8.0
        resident = node.resident() / 2**20
    finally:
        node.stop()
    yield Figure("idle node, ready in", ready, "s", 1, 3.0, least=False, note="first start")
    yield Figure(
        "idle node, resident", resident, "MB", 1, 300, least=False,
        note=f"all its processes, shared pages counted in each; {used:.1%} of a core",
    )  # fmt: skip
