"""A node that is killed at each persist step of its life loses nothing that it acknowledged."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from nodes.partnership import HERE, Node, partnership, wait_until


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Node]]:
    with partnership(tmp_path_factory.mktemp("faults"), "AB", ("AB",)) as nodes:
        yield nodes["A"], nodes["B"]


@pytest.fixture(scope="module")
def lives(pair: tuple[Node, Node]) -> list[dict[str, Any]]:
    """What each life of A acknowledged before it was killed, while B goes on."""
    a, b = pair
    b.raised("from-b.example")
    a.stop()
    found = []
    line = [sys.executable, str(HERE / "faults.py")]
    with subprocess.Popen(line, env=a._environment(), stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        for said in run.stdout:
            life = json.loads(said)
            found.append(life)
            # Not for each life: each would then have more to take in before it gets further.
            if life["life"] % 4 == 0:
                b.raised(f"to-life-{life['life']}.example")
    assert run.returncode == 0
    a.start()
    return found


def test_every_persist_step_was_met(lives: list[dict[str, Any]]) -> None:
    print(f"{len(lives)} points at which the node was killed")
    assert all(life["short"] for life in lives[:20])
    assert lives[-1]["said"] == ["raised", "retracted"]
    assert any(life["said"] == ["raised", "retracted"] and life["short"] for life in lives)


def test_nothing_acknowledged_was_lost(
    pair: tuple[Node, Node], lives: list[dict[str, Any]]
) -> None:
    a, b = pair
    wait_until(lambda: _equal(a, b), "both end equal")
    for life in lives:
        number, said = life["life"], life["said"]
        for node in (a, b):
            if "raised" in said:
                assert node.verdict(f"kept-{number}.example") == "scam", (number, node.name)
            if "retracted" in said:
                assert node.verdict(f"gone-{number}.example") == "unknown", (number, node.name)
            if number % 4 == 0:
                assert node.verdict(f"to-life-{number}.example") == "scam", (number, node.name)


def _equal(a: Node, b: Node) -> bool:
    """The same live claims; what was taken back before it was pushed is no claim anywhere."""
    ours = {each for each in a.claims() if each[2] == 0}
    theirs = {each for each in b.claims() if each[2] == 0}
    return ours == theirs and a.idle() and b.idle()


def test_receipts_that_b_holds_are_ones_that_a_gave(
    pair: tuple[Node, Node], lives: list[dict[str, Any]]
) -> None:
    """A receipt leaves only when it is durable: no kill can make A forget one that B holds."""
    sql = "SELECT hex(about), kind, document FROM peers_receipt WHERE {}ours"
    for giver, taker in (pair, pair[::-1]):
        given = set(giver.rows(sql.format("")))
        taken = set(taker.rows(sql.format("NOT ")))
        assert taken and taken <= given


def test_both_ledgers_verify(pair: tuple[Node, Node], lives: list[dict[str, Any]]) -> None:
    for node in pair:
        node.verified()
        assert "Traceback" not in node.said(), node.said()[-3000:]
