"""Rows about lists and look-ups: one node that grows, asked over HTTP at each size."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import made
from benchmarks.bare import bare_requests
from benchmarks.hammer import get, hammer, post
from benchmarks.nodes import Node, running, server_cpu
from benchmarks.table import Figure

_VALUES = 10_000  #: values of one request in bulk, the door's own bound


def bulk(folder: Path) -> Iterator[Figure]:
    """The real list where it is at hand, by the command that people use; then the list again."""
    node, path = Node(folder, "lists"), made.real_list()
    column = ("--column", "host") if path else ("--kind", "domain")
    path = path or made.hosts_file(folder / "list.txt", 0, 300_000)
    said, used = _ingested(node, path, *column)
    disk = node.database_bytes() / said["accepted"]
    kind = "real" if made.real_list() else "made-up"
    yield Figure(
        "bulk ingest of a list", said["rows"] / used, "rows/CPU-s", said["rows"], 40_000,
        note=f"{kind} hosts; {said['accepted']:,} accepted, {said['rejected']:,} rejected",
    )  # fmt: skip
    yield Figure("disk per bulk claim", disk, "B", said["accepted"], 250, least=False)
    said, used = _ingested(node, path, *column)
    yield Figure("the same list again", said["rows"] / used, "rows/CPU-s", said["rows"])


def _ingested(node: Node, path: Path, *words: str) -> tuple[dict[str, Any], float]:
    """(the command's answer, its CPU-seconds with start-up)"""
    before = _children() + server_cpu()
    said = node.cli("ingest", str(path), "--source", "feeds", *words)
    return said, _children() + server_cpu() - before


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def sizes(folder: Path, steps: Sequence[int]) -> Iterator[Figure]:
    """Single and bulk look-ups at each size, half of them of hosts that are held."""
    bare = bare_requests(20_000)
    yield Figure("  bare granian: a constant answer", bare, "requests/CPU-s", 20_000)
    node, before = Node(folder, "asked"), 0
    token = node.token()
    for size in steps:
        path = made.hosts_file(folder / "more.txt", before, size)
        node.cli("ingest", str(path), "--source", "bench", "--kind", "domain")
        before = size
        with running(node):
            yield from _asked(node, token, size, bare)


def _asked(node: Node, token: str, size: int, bare: float) -> Iterator[Figure]:
    numbers = [n * 7_919 % (2 * size) for n in range(_VALUES)]  # beyond `size`: not held
    one = [get(f"/v1/lookup?value=www.{made.host(n)}", token) for n in numbers]
    hammer(node.port, one, 1_000, 16)
    cpu = node.cpu()
    taken = hammer(node.port, one, 10_000, 16)
    rate, median = len(taken) / (node.cpu() - cpu), taken[len(taken) // 2]
    yield Figure(
        f"look-up, one value, {size:,} signals", rate, "requests/CPU-s", len(taken), 7_000,
        note=f"{rate / bare:.2f} of bare granian; median {median * 1e3:.1f} ms of 16 at once",
    )  # fmt: skip
    for what, value, target in (
        ("domains", made.host, 60_000),
        ("deep URLs", made.deep_url, 15_000),
    ):
        request = post("/v1/lookup", token, {"values": [value(n) for n in numbers]})
        if len(request) > 1_048_576:
            half = [value(n) for n in numbers[: _VALUES // 2]]
            request = post("/v1/lookup", token, {"values": half})
        many = len(json.loads(request.partition(b"\r\n\r\n")[2])["values"])
        hammer(node.port, [request], 2, 1)
        cpu, times = node.cpu(), 6
        hammer(node.port, [request], times, 1)
        yield Figure(
            f"look-up in bulk, {what}, {size:,} signals", many * times / (node.cpu() - cpu),
            "values/CPU-s", many * times, target,
        )  # fmt: skip
