"""From raising to being effective at a peer, at 20 reports a second: within a second at p99."""

from __future__ import annotations

import os
import time

from nodes.partnership import Node, wait_until

Nodes = dict[str, Node]

REPORTS, PER_SECOND = 200, 20


def test_a_claim_is_effective_at_both_peers_within_a_second(mesh: Nodes) -> None:
    a, b, c = mesh.values()
    a.raised("warm.example")
    wait_until(lambda: c.verdict("warm.example") == "scam", "the first claim has arrived")
    idle = os.getloadavg()[0] < (os.cpu_count() or 1)
    began = time.monotonic()
    for n in range(REPORTS):
        time.sleep(max(0.0, began + n / PER_SECOND - time.monotonic()))
        a.raised(f"pace-{n}.example")
    for peer in (b, c):
        wait_until(lambda p=peer: p.verdict(f"pace-{REPORTS - 1}.example") == "scam", "all there")  # type: ignore[misc]
        delays = sorted(arrivals(peer))
        assert len(delays) == REPORTS
        p50, p99 = delays[REPORTS // 2], delays[int(REPORTS * 0.99)]
        print(f"{peer.name}: p50 {p50:.3f} s, p99 {p99:.3f} s, worst {delays[-1]:.3f} s")
        # The bound is for a machine that does nothing else: `make bench` measures it.
        assert (p99 if idle else p50) < 1.0


def arrivals(peer: Node) -> list[float]:
    """Seconds from each claim's own time to the commit-bound time of its batch at the peer."""
    sql = (
        "SELECT b.at - c.modified FROM signals_claim c JOIN signals_signal s ON s.id = c.signal_id"
        " JOIN exchange_batch b ON b.id = c.batch WHERE s.value LIKE 'pace-%'"
    )
    return [micros / 1_000_000 for (micros,) in peer.rows(sql)]
