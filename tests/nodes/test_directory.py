"""A partnership of real nodes: k members suspend, expel and take back, and what flows follows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from nodes.partnership import Node, partnership, wait_until

Nodes = dict[str, Node]


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """A, B and C are peers of each other; D is a peer of A alone. A, B and C found with k = 2."""
    pairs = ("AB", "AC", "BC", "AD")
    with partnership(tmp_path_factory.mktemp("founded"), "ABCD", pairs) as nodes:
        a, b, c, _ = nodes.values()
        others = [word for node in (b, c) for word in ("--founder", node.fingerprint)]
        words = ("directory", "charter", "--name", "Partnership", "-k", "2", *others)
        digest = a.command(*words, "--scope", "scams")["digest"]
        for node in (b, c):
            wait_until(lambda n=node: _charters(n) == [digest], "the charter arrives")  # type: ignore[misc]
            node.command("directory", "sign", digest)
        for node in (a, b, c):
            wait_until(lambda n=node: _founded(n), "the charter is in force")  # type: ignore[misc]
        yield nodes


def _listed(node: Node) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = node.command("directory", "list")
    return found


def _charters(node: Node) -> list[str]:
    return [each["digest"] for each in _listed(node)]


def _founded(node: Node) -> bool:
    return any(each["founded"] and each["adopted"] for each in _listed(node))


def standing(node: Node, of: Node) -> str:
    """How a member stands, as this node holds it."""
    sql = "SELECT status FROM directory_standing WHERE hex(fingerprint) = ?"
    rows = node.rows(sql, of.fingerprint.upper())
    return str(rows[0][0]) if rows else ""


def decided(kind: str, about: Node, by: Node, with_: Node) -> str:
    """One proposes, another signs when it has arrived; the digest of the act."""
    digest: str = by.command("directory", "propose", kind, about.fingerprint)["digest"]
    wait_until(lambda: _holds(with_, digest), "the proposal arrives")
    with_.command("directory", "sign", digest)
    return digest


def _holds(node: Node, digest: str) -> bool:
    return bool(node.rows("SELECT 1 FROM directory_act WHERE hex(digest) = ?", digest.upper()))


def agree(nodes: list[Node], about: Node, status: str) -> None:
    for node in nodes:
        wait_until(
            lambda n=node: standing(n, about) == status,  # type: ignore[misc]
            f"{node.name} knows that {about.name} is {status}",
        )


def says_scam(node: Node, value: str) -> bool:
    return node.verdict(value) == "scam"


def test_the_founders_are_members_and_nobody_else_learns_of_it(founded: Nodes) -> None:
    a, b, c, d = founded.values()
    for node in (a, b, c):
        for other in (a, b, c):
            assert standing(node, other) == "active"
    assert _listed(d) == []
    assert d.count("directory_partnership") == 0


def test_one_signature_admits_nobody_and_two_do(founded: Nodes) -> None:
    a, b, c, d = founded.values()
    digest = a.command("directory", "propose", "admit", d.fingerprint)["digest"]
    wait_until(lambda: _holds(b, digest), "the proposal arrives")
    assert standing(b, d) == ""
    assert d.count("directory_partnership") == 0
    b.command("directory", "sign", digest)
    agree([a, b, c], d, "active")
    # D, a peer of A alone, is handed every document by A, with the cards that prove them.
    wait_until(lambda: len(_charters(d)) == 1, "D is told")
    d.command("directory", "sign", _charters(d)[0])
    for other in (a, b, c, d):
        wait_until(lambda o=other: standing(d, o) == "active", "D stands where the others do")  # type: ignore[misc]


def test_a_suspension_stops_what_flows_and_a_reinstatement_lets_it_go_on(
    founded: Nodes,
) -> None:
    a, b, c, _ = founded.values()
    c.raised("before-suspension.example")
    wait_until(lambda: says_scam(a, "before-suspension.example"), "C's claim arrives")
    decided("suspend", c, by=a, with_=b)
    agree([a, b, c], c, "suspended")
    c.raised("while-suspended.example")
    a.raised("marker-of-a.example")
    wait_until(lambda: says_scam(b, "marker-of-a.example"), "the others go on")
    # C's own claim lost its trusted claimant, so that it is one source among others.
    wait_until(lambda: a.verdict("before-suspension.example") == "suspicious", "trust follows")
    assert a.verdict("while-suspended.example") == "unknown"
    assert c.verdict("marker-of-a.example") == "unknown"
    refused = c.try_command("directory", "propose", "suspend", a.fingerprint)
    assert refused.returncode == 1 and "good standing" in refused.stderr
    decided("reinstate", c, by=b, with_=a)
    agree([a, b, c], c, "active")
    wait_until(lambda: says_scam(a, "while-suspended.example"), "what waited arrives")
    wait_until(lambda: says_scam(c, "marker-of-a.example"), "and the other way")
    wait_until(lambda: says_scam(a, "before-suspension.example"), "trust is back")


def test_an_expulsion_ends_what_flows_and_the_expelled_decide_nothing(founded: Nodes) -> None:
    a, b, c, d = founded.values()
    decided("expel", c, by=b, with_=a)
    agree([a, b, d], c, "expelled")
    c.raised("after-expulsion.example")
    a.raised("second-marker.example")
    wait_until(lambda: says_scam(b, "second-marker.example"), "the others go on")
    wait_until(lambda: says_scam(d, "second-marker.example"), "the others go on")
    assert a.verdict("after-expulsion.example") == "unknown"
    assert c.verdict("second-marker.example") == "unknown"
    state = {peer["name"]: peer["state"] for peer in a.command("peer", "list")}
    assert state["C"] == "barred"


def test_every_change_is_in_the_ledger_of_each(founded: Nodes) -> None:
    a, b, c, d = founded.values()
    for node in (a, b):
        rows = node.rows("SELECT status FROM directory_change WHERE log_index IS NOT NULL")
        assert [r[0] for r in rows].count("active") == 5
        assert [r[0] for r in rows].count("suspended") == 1
        assert [r[0] for r in rows].count("expelled") == 1
    for node in (a, b, c, d):
        wait_until(lambda n=node: n.count("ledger_checkpoint") > 0, "something is published")  # type: ignore[misc]
        node.verified()
        assert "Traceback" not in node.said(), node.said()[-3000:]
