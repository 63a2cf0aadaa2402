"""Rows about three nodes: the time to protection and to retraction, seen from outside."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.hammer import Connection, post
from benchmarks.nodes import Node, join, running
from benchmarks.table import Figure

RATE = 20.0  #: reports a second
_POLL = 0.025  #: seconds between two looks; on average half of it is in every time

Taken = dict[str, list[float]]  #: node → seconds, in the order seen


def figures(folder: Path, seconds: int) -> Iterator[Figure]:
    """Raised at one node, asked for at the other two; then retracted at the same pace."""
    nodes = [Node(folder, name) for name in ("raiser", "partner", "bank")]
    count = int(seconds * RATE)
    with running(*nodes):
        for partner in nodes[1:]:
            join(nodes[0], partner)
        tokens = {node: node.token() for node in nodes[1:]}
        crossing(nodes[0], tokens, "raise", 0, 40)  # warm: connections, caches
        for act, first, what in (
            ("raise", 1_000, "time to protection"),
            ("retract", 1_000, "time to retraction"),
        ):
            taken, ids = crossing(nodes[0], tokens, act, first, count)
            yield from times(what, together(taken), "two partners")
            if act == "raise":
                yield from _hops(nodes[0], ids)


def together(taken: Taken) -> list[float]:
    """The times of all nodes, sorted."""
    return sorted(seconds for each in taken.values() for seconds in each)


def times(what: str, taken: list[float], who: str) -> Iterator[Figure]:
    """The spread of sorted times."""
    n = len(taken)
    note = f"{who}, {RATE:.0f} reports/s; largest {taken[-1]:.3f} s"
    yield Figure(f"{what}, p99", taken[int(n * 0.99)], "s", n, 1.0, least=False, note=note)
    yield Figure(f"{what}, median", taken[n // 2], "s", n)


def crossing(
    origin: Node, tokens: dict[Node, str], act: str, first: int, count: int
) -> tuple[Taken, list[str]]:
    """(seconds from accepted to answered at every partner, claim ids)"""
    accepted: dict[str, float] = {}
    done = threading.Event()
    taken: Taken = {node.name: [] for node in tokens}
    wanted = act == "raise"
    watchers = [
        threading.Thread(
            target=_watch, args=(node, token, accepted, done, wanted, taken[node.name])
        )
        for node, token in tokens.items()
    ]
    for watcher in watchers:
        watcher.start()
    ids = []
    try:
        for said in origin.said("raising", act, str(first), str(count), str(RATE)):
            accepted[said["value"]] = said["at"]
            ids.append(said["id"])
    finally:
        done.set()
    for watcher in watchers:
        watcher.join()
    late = count * len(tokens) - len(together(taken))
    if late:
        raise RuntimeError(f"{late} of {act} did not arrive in 30 s")
    return taken, ids


def _watch(
    node: Node,
    token: str,
    accepted: dict[str, float],
    done: threading.Event,
    wanted: bool,
    taken: list[float],
) -> None:
    """Asks one partner, in one request a turn, for all that is accepted and not yet seen there."""
    connection, seen, late = Connection(node.port), set[str](), 0.0
    while not done.is_set() or len(seen) < len(accepted):
        time.sleep(_POLL)
        if done.is_set():
            late = late or time.monotonic()
            if time.monotonic() - late > 30:
                return
        waiting = [value for value in list(accepted) if value not in seen]
        if not waiting:
            continue
        body = json.loads(connection.ask(post("/v1/lookup", token, {"values": waiting})))
        now = time.time()
        for value, answer in zip(waiting, body["results"], strict=True):
            if (answer["verdict"] == "scam") is wanted:
                seen.add(value)
                taken.append(now - accepted[value])
    connection.close()


#: The timeline's names, in their order, and what the raiser knows by each.
_HOPS = {
    "signed": "signed into a batch",
    "pushed": "pushed to the partner",
    "received": "the partner's receipt held",
    "effective": "effective, by the partner's word",
}
_TIMES = "SELECT root, name, at FROM timeline_hop WHERE name <> 'raised'"
_SIGNED = (
    "SELECT c.claim_id, 'signed', b.at FROM signals_claim c JOIN exchange_batch b ON b.id = c.batch"
)
_RAISED = "SELECT root, at FROM timeline_hop WHERE name = 'raised'"


def _hops(origin: Node, ids: list[str]) -> Iterator[Figure]:
    """Median times since the claim was raised, as the raiser's own rows tell them."""
    time.sleep(2.0)  # the last second receipts are on their way
    wanted = {bytes.fromhex(id) for id in ids}
    raised = {bytes(root): at for root, at in origin.query(_RAISED)}
    spans: dict[str, list[float]] = {name: [] for name in _HOPS}
    for held, name, at in [*origin.query(_SIGNED), *origin.query(_TIMES)]:
        root = bytes(held)
        if root in wanted and root in raised and name in spans:
            spans[name].append((at - raised[root]) / 1e6)
    for name, what in _HOPS.items():
        if spans[name]:
            yield Figure(f"  hop: {what}", median(spans[name]), "s", len(spans[name]))
