"""Rows about reports: accepted over HTTP, then read; one node."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import made
from benchmarks.hammer import hammer, post
from benchmarks.nodes import Node, running
from benchmarks.table import Figure

_STORY = (
    "On {day} May a man called from {phone} and said that he was from the bank. My account was at "
    "risk, I had to move my savings at once and log in at {link} with number {n}. I sent the money "
    "and then he asked for more. {words}"
)


def figures(folder: Path, reports: int = 2_000) -> Iterator[Figure]:
    """Reports one by one over kept connections, with the loops apart; then the loops read them."""
    node = Node(folder, "reported")
    token = str(node.cli("token", "new", "--audience", "own", "--scope", "reports:write")["token"])
    requests = [post("/api/v1/reports", token, _report(n)) for n in range(reports + 200)]
    with running(node, options=("--apart",)):
        hammer(node.port, requests[:200], 200, 8)
        cpu = node.cpu()
        taken = hammer(node.port, requests[200:], reports, 8)
        rate = reports / (node.cpu() - cpu)
    yield Figure(
        "reports accepted over HTTP", rate, "reports/CPU-s", reports, 300,
        note=f"one to a transaction; median {taken[len(taken) // 2] * 1e3:.1f} ms of 8 at once",
    )  # fmt: skip
    with running(node):
        cpu = node.cpu()
        before = _unread(node)
        while _unread(node):
            time.sleep(0.2)
        used = node.cpu() - cpu
    yield Figure(
        "  reports read by the loop", before / used, "reports/CPU-s", before,
        note="language, model, signals, likeness; with all else that the loops do",
    )  # fmt: skip


def _unread(node: Node) -> int:
    ((count,),) = node.query("SELECT COUNT(*) FROM reports_report WHERE state = 'received'")
    return int(count)


def _report(n: int) -> dict[str, Any]:
    words = " ".join(made.host(n * 7 + k).partition(".")[0] for k in range(12))
    text = _STORY.format(day=n % 28, phone=made.phone(n), link=made.url(n), n=n, words=words)
    losses = [{"amount": str(100 + n), "currency": "THB", "rail": "bank-transfer"}]
    return {
        "text": text,
        "consents": ["signals"],
        "wording": "bench-1",
        "losses": losses,
        "reference": f"case-{n}",
    }
