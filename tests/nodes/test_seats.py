"""A small member's people work on another's node: partners see who speaks, and it can move out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nodes.partnership import Node, partnership, wait_until

Nodes = dict[str, Node]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    with partnership(tmp_path_factory.mktemp("seats"), "AB", ("AB",)) as nodes:
        words = ("seat", "add", "coop", "--name", "Coop Bank", "--country", "LA", "--role", "bank")
        nodes["A"].command(*words)
        yield nodes


def said(node: Node, value: str) -> list[dict[str, Any]]:
    """The claims about a value as this node shows them to its own people."""
    answer = node.command("check", value)
    return [each["params"] for each in answer["reasons"] if each["code"] == "claim"]


def test_a_partner_sees_that_a_guest_speaks_and_that_its_home_signs(pair: Nodes) -> None:
    a, b = pair.values()
    a.raised("by-the-guest.example", seat="coop")
    wait_until(lambda: b.verdict("by-the-guest.example") == "suspicious", "the claim arrives")
    wait_until(lambda: "seat" in said(b, "by-the-guest.example")[0], "B knows whose seat it is")
    (claim,) = said(b, "by-the-guest.example")
    assert (claim["member"], claim["seat"]) == ("A", "Coop Bank")
    assert claim["fingerprint"] == a.fingerprint
    a.raised("by-the-guest.example")
    wait_until(lambda: b.verdict("by-the-guest.example") == "scam", "A's own people say so too")


def test_a_guests_retraction_reaches_every_copy_and_leaves_the_homes_claim(pair: Nodes) -> None:
    a, b = pair.values()
    a.raised("said-twice.example")
    a.raised("said-twice.example", seat="coop")
    wait_until(lambda: len(said(b, "said-twice.example")) == 2, "both arrive")
    a.retracted("said-twice.example", seat="coop")
    wait_until(lambda: len(said(b, "said-twice.example")) == 1, "the guest's is withdrawn")
    assert "seat" not in said(b, "said-twice.example")[0]
    assert b.verdict("said-twice.example") == "scam"


def test_a_guest_moves_out_with_a_list_and_its_home_withdraws(pair: Nodes, tmp_path: Path) -> None:
    a, b = pair.values()
    values = [f"moving-{n}.example" for n in range(12)]
    a.raised(*values, seat="coop")
    wait_until(lambda: b.verdict(values[-1]) == "suspicious", "the claims arrive")
    list_ = tmp_path / "claims.ndjson"
    a.run("seat", "export", "coop", "--output", str(list_))
    lines = [json.loads(line) for line in list_.read_text().splitlines()]
    assert set(values) <= {line["value"] for line in lines}
    a.command("seat", "end", "coop", "--retract")
    for value in values:
        wait_until(lambda v=value: b.verdict(v) == "unknown", "withdrawn at B")  # type: ignore[misc]
    refused = a.hand.do("refused", seat="coop")
    assert refused == "no_seat"
    wait_until(lambda: bool(b.command("seat", "list")[0]["ended"]), "B knows that it has ended")
    # What the guest took with it, its own node takes in.
    taken = b.command("ingest", str(list_), "--column", "value", "--source", "moved")
    assert taken["rejected"] == 0 and taken["accepted"] == len(lines)


def test_the_ledgers_verify(pair: Nodes) -> None:
    for node in pair.values():
        wait_until(node.idle, "everything is delivered")
        node.verified()
        assert "Traceback" not in node.said(), node.said()[-3000:]
