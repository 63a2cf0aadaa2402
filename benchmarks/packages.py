"""Rows about packages of evidence: packing and verifying, beside other tools on the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.nodes import Node
from benchmarks.table import Figure


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
