"""Rows about exhibits and their packages, beside other tools on the same bytes in the same run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.nodes import Node
from benchmarks.table import Figure


def sealing(folder: Path, mebibytes: int, rounds: int = 3) -> Iterator[Figure]:
    """One file read, hashed, sealed under a key of its own and synced; the best of `rounds`."""
    (said,) = Node(folder, "sealing").said("sealing", str(mebibytes << 20), str(rounds))
    bare, sealed = said["bare"], said["sealed"]
    yield Figure(
        "exhibit sealed, to a bare read, SHA-256, write and fsync", bare[0] / sealed[0], "of it",
        rounds, 0.9, note=f"{mebibytes / sealed[0]:.0f} of {mebibytes / bare[0]:.0f} MiB/s; "
        f"{mebibytes / sealed[1]:.0f} of {mebibytes / bare[1]:.0f} MiB/CPU-s",
    )  # fmt: skip
    yield Figure(
        f"  sealing {mebibytes:,} MiB, peak of memory", said["peak"], "MB", 1, 200, least=False
    )


def figures(folder: Path, exhibits: int, mebibytes: int) -> Iterator[Figure]:
    """Exhibits of one size packed, sealed and verified on a node that does nothing else."""
    node = Node(folder, "packing")
    size = (mebibytes << 20) // exhibits
    (said,) = node.said("packing", str(exhibits), str(size))
    what = f"{exhibits} exhibits, {mebibytes:,} MiB"
    hashed = said["sha256sum"]
    yield Figure("package signed, " + what, said["sign"], "s", exhibits, note="SHA-512 of each")
    sealing = f"`tar | age` on the same: {said['age']:.1f} s" if "age" in said else ""
    yield Figure("  package sealed", said["seal"], "s", exhibits, note=sealing)
    yield Figure(
        "  package verified, opened", said["verify"], "s", exhibits, 1.0 + 3 * hashed, least=False,
        note=f"both digests of each file and that of the tar; `sha256sum -c`: {hashed:.1f} s",
    )  # fmt: skip
    yield Figure("  packing, peak of memory", said["peak"], "MB", exhibits, 200, least=False)
