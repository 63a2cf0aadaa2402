"""Rows about stop-payments: from *send* at one node until it is in the desk of another."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.nodes import Node, join, running
from benchmarks.table import Figure

_POLL = 0.01  #: seconds between two looks; on average half of it is in every time
_DESK = "SELECT uuid FROM cooperation_request WHERE side = 'requested'"


def figures(folder: Path, count: int, rate: float = 5.0) -> Iterator[Figure]:
    """Sent by a duty officer at one node at a steady pace, looked for in the rows of the other."""
    asking, asked = Node(folder, "asking"), Node(folder, "asked")
    with running(asking, asked):
        join(asking, asked)
        _crossing(asking, asked, 5, rate)  # warm: connections, caches
        taken = _crossing(asking, asked, count, rate)
    note = f"{rate:.0f} a second; largest {taken[-1]:.3f} s"
    yield Figure(
        "stop-payment in the other desk, p99", taken[int(count * 0.99)], "s", count, 1.0,
        least=False, note=note,
    )  # fmt: skip
    yield Figure("stop-payment in the other desk, median", taken[count // 2], "s", count)


def _crossing(asking: Node, asked: Node, count: int, rate: float) -> list[float]:
    """Seconds from the start of the act `send_on_duty` to the row at the other node, sorted."""
    sent: dict[str, float] = {}
    seen: dict[str, float] = {}
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(asked, sent, seen, done))
    watcher.start()
    try:
        for said in asking.said("sending", asked.fingerprint, str(count), str(rate)):
            sent[said["id"]] = said["at"]
    finally:
        done.set()
    watcher.join()
    late = len(sent.keys() - seen.keys())
    if late:
        raise RuntimeError(f"{late} stop-payments did not arrive in 30 s")
    return sorted(seen[each] - at for each, at in sent.items())


def _watch(
    node: Node, sent: dict[str, float], seen: dict[str, float], done: threading.Event
) -> None:
    """Notes when each request is first there; ends when all that were sent are."""
    late = 0.0
    while not done.is_set() or sent.keys() - seen.keys():
        time.sleep(_POLL)
        for (uuid,) in node.query(_DESK):
            seen.setdefault(bytes(uuid).hex(), time.time())
        if done.is_set():
            late = late or time.monotonic()
            if time.monotonic() - late > 30:
                return
