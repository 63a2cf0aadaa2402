"""One clock is off by an hour: the `clock` answer, a correction, and then success (PROTOCOL 2)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from hueandcry.core.types import SECOND
from nodes.partnership import Node, partnership, wait_until

HOUR = 3_600


@pytest.fixture(
    scope="module",
    params=[(HOUR, ""), (-HOUR, ""), (HOUR, "A"), (-HOUR, "A")],
    ids=["ahead", "behind", "ahead without a port", "behind without a port"],
)
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Node, Node, int]]:
    """A, whose clock is off by so many seconds, and B, whose clock is right."""
    folder, (off, no_inbound) = tmp_path_factory.mktemp("clock"), request.param
    more: dict[str, Any] = {"skewed": {"A": off}, "no_inbound": no_inbound}
    with partnership(folder, "AB", ("AB",), **more) as nodes:
        yield nodes["A"], nodes["B"], off


Pair = tuple[Node, Node, int]


def test_claims_pass_both_ways_and_none_is_from_the_future(pair: Pair) -> None:
    a, b, _ = pair
    a.raised("from-a.example")
    b.raised("from-b.example")
    wait_until(lambda: b.verdict("from-a.example") == "scam", "A's claim reaches B")
    wait_until(lambda: a.verdict("from-b.example") == "scam", "B's claim reaches A")
    now = time.time_ns() // 1000
    for node in (a, b):
        modified = [each[1] for each in node.claims()]
        limit = now + (HOUR if node is a and pair[2] > 0 else 0) * SECOND
        assert max(modified) <= limit
    assert a.claims() == b.claims()


def test_a_revision_and_a_retraction_pass_both_ways(pair: Pair) -> None:
    a, b, _ = pair
    for here, there in ((a, b), (b, a)):
        value = f"revised-{here.name.lower()}.example"
        here.raised(value)
        wait_until(lambda v=value, t=there: t.verdict(v) == "scam", f"{value} arrives")  # type: ignore[misc]
        here.raised(value, verdict="suspicious")
        wait_until(lambda v=value, t=there: t.verdict(v) == "suspicious", f"{value} is revised")  # type: ignore[misc]
        here.retracted(value)
        wait_until(lambda v=value, t=there: t.verdict(v) == "unknown", f"{value} is gone")  # type: ignore[misc]
    wait_until(lambda: a.claims() == b.claims(), "both end equal")


def test_receipts_and_effective_receipts_arrive(pair: Pair) -> None:
    a, b, _ = pair
    for node in (a, b):
        wait_until(node.idle, f"{node.name} has said everything")
        wait_until(
            lambda n=node: n.count("peers_receipt", "kind = 'effective' AND NOT ours") > 0,  # type: ignore[misc]
            f"{node.name} holds effective receipts",
        )
        assert node.count("peers_delivery", "state = 'refused'") == 0


def test_doctor_shows_the_difference(pair: Pair) -> None:
    a, _, off = pair
    shown = [each["what"] for each in a.findings() if each["result"] == "warning"]
    assert any(f"{-off:+d} s" in what or f"{-off + 1:+d} s" in what for what in shown), shown


def test_the_ledgers_verify(pair: Pair) -> None:
    for node in pair[:2]:
        node.verified()
        assert "Traceback" not in node.said(), node.said()[-3000:]
