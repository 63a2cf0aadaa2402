"""A peer that is away, and nodes that are killed while bulk flows: no gap, no duplicate."""

from __future__ import annotations

import threading

from hueandcry.core import polls
from nodes.partnership import Node, wait_until

Nodes = dict[str, Node]
RETRACTED = 1  #: signals.rules.RETRACTED


def whole(a: Node, peer: Node) -> bool:
    """The peer holds every claim of A in the version and state that A holds.

    What was taken back before it was ever signed is at the peer as the bare retraction.
    """
    ours, theirs = a.claims(a), peer.claims(a)
    unseen = {id for (id,) in peer.rows("SELECT hex(claim_id) FROM signals_tombstone")}
    return theirs <= ours and all(
        state == RETRACTED and id in unseen for id, _, state, _ in ours - theirs
    )


def each_once(node: Node) -> None:
    """No claim and no batch stands twice."""
    (rows,) = node.rows("SELECT COUNT(*), COUNT(DISTINCT claim_id) FROM signals_claim")
    assert rows[0] == rows[1]
    repeated = "SELECT part FROM exchange_batch GROUP BY part HAVING COUNT(*) > 1"
    assert not node.rows(repeated)


def test_a_peer_that_was_down_catches_up(mesh: Nodes) -> None:
    a, b, c = mesh.values()
    a.raised("before-the-night.example")
    wait_until(lambda: whole(a, c), "C has the first claim")
    c.stop()
    for n in range(6):
        a.raised(*(f"night-{n}-{m}.example" for m in range(50)))
    a.retracted("before-the-night.example")
    wait_until(lambda: whole(a, b), "B was never away")
    c.start()
    took = wait_until(lambda: whole(a, c), "C has caught up")
    print(f"caught up with 300 claims and a retraction in {took:.2f} s")
    assert c.verdict("before-the-night.example") == "unknown"
    assert c.verdict("night-5-49.example") == "scam"
    each_once(c)


def test_both_ends_killed_in_mid_page_end_equal(mesh: Nodes) -> None:
    a, b, c = mesh.values()
    flow = threading.Thread(
        target=a.ingested, args=([f"mid-page-{n}.example" for n in range(20_000)],), daemon=True
    )
    already = c.count("signals_claim")
    flow.start()
    wait_until(lambda: c.count("signals_claim") > already + 1_000, "bulk has begun to arrive")
    c.kill()
    c.start()
    flow.join()
    a.kill()
    a.start()
    wait_until(lambda: b.count("signals_claim") > already + 9_000, "bulk goes on")
    a.kill()
    c.kill()
    a.start()
    c.start()
    a.raised("after-the-kills.example")
    a.retracted("after-the-kills.example")
    for peer in (b, c):
        wait_until(lambda p=peer: whole(a, p), f"{peer.name} has everything")  # type: ignore[misc]
        each_once(peer)
    assert b.claims() == c.claims()


def test_everything_handed_over_is_receipted_and_the_ledgers_verify(mesh: Nodes) -> None:
    a, _, _ = mesh.values()
    for node in mesh.values():
        wait_until(node.idle, f"{node.name} has said everything")
        node.verified()
    unreceipted = (
        "SELECT COUNT(*) FROM exchange_handed h WHERE NOT EXISTS (SELECT 1 FROM peers_receipt r"
        " WHERE r.peer_id = h.peer_id AND r.about = h.about AND NOT r.ours)"
    )
    assert a.rows(unreceipted) == [(0,)]
    assert a.count("exchange_handed", "refused > 0") == 0


def test_a_node_stops_in_order_and_at_once(mesh: Nodes) -> None:
    for node in mesh.values():
        assert node.stop() < polls.LONGEST  # it does not wait for whoever waits at it
        node.start()
