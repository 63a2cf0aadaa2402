"""What one node raises, the others answer by; what it takes back, they no longer do."""

from __future__ import annotations

import threading

import pytest

from nodes.partnership import Node, wait_until

Nodes = dict[str, Node]


def scam_at(nodes: list[Node], value: str) -> bool:
    return all(node.verdict(value) == "scam" for node in nodes)


def equal(one: Node, other: Node) -> bool:
    """Both hold the same versions, states and verdicts of each other's claims."""
    return one.claims() == other.claims()


def test_a_claim_of_one_node_is_answered_scam_at_both_others(mesh: Nodes) -> None:
    a, b, c = mesh.values()
    a.raised("first-claim.example")
    wait_until(lambda: scam_at([b, c], "first-claim.example"), "B and C answer scam")


def test_receipts_and_effective_receipts_are_held_by_the_claimant(mesh: Nodes) -> None:
    a, b, c = mesh.values()
    a.raised("receipted.example")

    def hops() -> set[tuple[str, str]]:
        return {(hop["name"], hop["node"]) for hop in a.hand.do("hops", value="receipted.example")}

    wanted = {("raised", a.fingerprint)}
    names = ("pushed", "received", "effective")
    wanted |= {(name, peer.fingerprint) for name in names for peer in (b, c)}
    wait_until(lambda: wanted <= hops(), "both receipts of both peers")
    assert a.count("peers_receipt", "kind = 'effective' AND NOT ours") >= 2


def test_personal_kinds_stay_home_where_the_agreement_does_not_name_them(mesh: Nodes) -> None:
    a, b, c = mesh.values()
    a.raised("+66812345678", kind="phone")
    a.raised("mule@scam.example", kind="email")
    a.raised("after-the-personal.example")
    wait_until(lambda: scam_at([b, c], "after-the-personal.example"), "the later claim has arrived")
    assert a.verdict("+66812345678", "phone") == "scam"
    for peer in (b, c):
        assert peer.verdict("+66812345678", "phone") == "unknown"
        assert peer.verdict("mule@scam.example", "email") == "unknown"
        assert not peer.count("signals_signal", "value LIKE '%66812345678%'")


@pytest.mark.parametrize("tlp", ["RED", "AMBER+STRICT"])
def test_what_is_marked_above_the_ceiling_stays_home(mesh: Nodes, tlp: str) -> None:
    a, b, _ = mesh.values()
    name = tlp.lower().replace("+", "-")
    a.raised(f"{name}.example", tlp=tlp)
    a.raised(f"after-{name}.example")
    wait_until(lambda: scam_at([b], f"after-{name}.example"), "the later claim has arrived")
    assert b.verdict(f"{name}.example") == "unknown"


def test_a_revision_arrives_and_a_retraction_is_terminal_everywhere(mesh: Nodes) -> None:
    a, b, c = mesh.values()
    a.raised("revised.example")
    wait_until(lambda: scam_at([b, c], "revised.example"), "the claim arrives")
    a.raised("revised.example", verdict="suspicious")
    wait_until(lambda: b.verdict("revised.example") == "suspicious", "the revision arrives at B")
    wait_until(lambda: c.verdict("revised.example") == "suspicious", "the revision arrives at C")
    a.retracted("revised.example")
    wait_until(lambda: b.verdict("revised.example") == "unknown", "it is gone at B")
    wait_until(lambda: c.verdict("revised.example") == "unknown", "it is gone at C")
    a.raised("revised.example")
    wait_until(lambda: scam_at([b, c], "revised.example"), "claimed again under a new id")


def test_a_retraction_overtakes_bulk_and_all_end_equal(mesh: Nodes) -> None:
    a, b, c = mesh.values()
    a.raised("overtaking.example")
    wait_until(lambda: scam_at([b, c], "overtaking.example"), "the claim arrives")
    flow = threading.Thread(
        target=a.ingested, args=([f"bulk-{n}.example" for n in range(20_000)],), daemon=True
    )
    flow.start()
    wait_until(lambda: b.count("signals_claim") > 1_500, "bulk has begun to arrive")
    flow.join()
    held = [len(node.claims(a)) for node in (b, c)]
    a.retracted("overtaking.example")
    wait_until(lambda: not scam_at([b], "overtaking.example"), "gone at B")
    wait_until(lambda: not scam_at([c], "overtaking.example"), "gone at C")
    missing = [20_000 - len(node.claims(a)) for node in (b, c)]
    print(f"of the bulk were missing {missing} when it had come, before that {held} were there")
    wait_until(lambda: a.claims(a) <= b.claims(a) | _home(a), "all of the bulk is at B")
    wait_until(lambda: a.claims(a) <= c.claims(a) | _home(a), "all of the bulk is at C")
    assert b.verdict("bulk-19999.example") == c.verdict("bulk-19999.example") != "unknown"


def _home(node: Node) -> set[tuple[str, int, int, int]]:
    """Claims that no peer may have: personal kinds and what is marked above the ceiling."""
    sql = (
        "SELECT hex(c.claim_id), c.modified, c.state, c.verdict FROM signals_claim c"
        " WHERE c.batch IS NULL"
    )
    return set(node.rows(sql))


def test_ledgers_of_all_verify_in_the_end(mesh: Nodes) -> None:
    for node in mesh.values():
        wait_until(node.idle, "everything is delivered")
    for node in mesh.values():
        node.verified()
        assert "Traceback" not in node.said(), node.said()[-3000:]
