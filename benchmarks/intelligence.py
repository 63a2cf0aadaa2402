"""Rows about the peer door: intelligence in, the feed out, a sync with nothing new, and disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.bare import bare_inserts
from benchmarks.made import hosts_file
from benchmarks.nodes import Node, join, running
from benchmarks.table import Figure, number

_CALL = 5_000  #: objects of one call of `benchmarks.pushing`


def intake(folder: Path, held: int, more: int) -> Iterator[Figure]:
    """Whole batches from one peer: `held` objects first, then `more` that count."""
    node, peer = Node(folder, "receiver"), Node(folder, "sender")
    with running(node):
        with running(peer):
            join(node, peer, "personal")
        rates = []
        for first, end in ((0, held), (held, held + more)):
            words = (
                node.fingerprint,
                node.pids,
                str(first // 1_000),
                str((end - first) // _CALL),
            )
            calls = list(peer.said("pushing", *words))
            objects, accepted = (sum(c[key] for c in calls) for key in ("objects", "accepted"))
            if accepted != objects:
                raise RuntimeError(f"{objects - accepted} of {objects} objects were refused")
            rates.append(objects / sum(c["cpu"] for c in calls))
            wall = objects / sum(c["wall"] for c in calls)
            size = sum(c["bytes"] for c in calls) / objects
        resident = node.resident() / 2**20
    yield Figure(
        f"intelligence ingest at {held:,} held", rates[1], "objects/CPU-s", more, 10_000,
        note=f"{size:,.0f} B each; {number(wall)}/s by the wall; {resident:.0f} MB resident",
    )  # fmt: skip
    yield Figure("intelligence ingest from empty", rates[0], "objects/CPU-s", held)
    bare = bare_inserts(folder, 100_000)
    yield Figure(
        "  bare SQLite: the same two rows", bare, "rows/CPU-s", 100_000,
        note=f"ingest reaches {rates[1] / bare:.2f} of it",
    )  # fmt: skip
    disk = _bytes(node) / (held + more)
    yield Figure(
        "disk per shared object", disk, "B", held + more, 600, least=False,
        note="claim, signal, kept bytes, ledger and receipts",
    )  # fmt: skip


def outgoing(folder: Path, objects: int) -> Iterator[Figure]:
    """One reader's whole feed, page by page, and then pages with nothing new."""
    node, reader = Node(folder, "giver"), Node(folder, "reader")
    with running(node, reader):
        join(node, reader)
    empty = _read(node, reader, rounds=1, asks=200)[1]
    path = hosts_file(folder / "feed.txt", 0, objects)
    node.cli("ingest", str(path), "--source", "bench", "--kind", "domain")
    for _ in node.said("publishing"):
        continue
    rounds = max(1, 200_000 // objects)
    whole, nothing = _read(node, reader, rounds=rounds, asks=200)
    yield Figure(
        "feed, gated for the reader", whole["objects"] / whole["cpu"], "objects/CPU-s",
        int(whole["objects"]), 100_000, note=f"{whole['pages']} signed pages",
    )  # fmt: skip
    for what, said in ((f"of {objects:,}", nothing), ("of 0", empty)):
        yield Figure(
            f"no-change sync, corpus {what}", said["cpu"] / said["pages"] * 1_000, "ms CPU",
            int(said["pages"]), 5.0, least=False, note="one request",
        )  # fmt: skip


def _read(node: Node, reader: Node, rounds: int, asks: int) -> list[dict[str, float]]:
    """Without loops in the server: pushes would read the same feed beside the reader."""
    with running(node, options=("--apart",)):
        words = (node.fingerprint, node.pids, str(rounds), str(asks))
        return list(reader.said("reading", *words))


def _bytes(node: Node) -> int:
    """The database with its log, after the server has gone, and the tiles of the ledger."""
    files = (path for path in node.data.rglob("*") if path.is_file())
    rest = sum(path.stat().st_size for path in files if not path.name.startswith("node.sqlite3"))
    return rest + node.database_bytes()
