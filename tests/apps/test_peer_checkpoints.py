"""Which signed heads of a peer are kept from its receipts."""

from __future__ import annotations

import pytest

from hueandcry.apps.peers import queries, service
from hueandcry.core import notes
from node_scene import Node
from other_member import NOW, OtherMember

OTHER = OtherMember("bank")


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    return Node(monkeypatch)


def head(size: int, *, purpose: str = "log", host: str = "", epoch: int = 0) -> str:
    """A checkpoint of the other member, signed by one of its keys."""
    key = OTHER.key(purpose)
    name = host or OTHER.card.url.partition("://")[2]
    verifier = notes.VerifierKey(f"{name}/log/{epoch}", notes.ED25519, key.public)
    checkpoint = notes.Checkpoint(verifier.name, size, bytes([size]) * 32)
    return notes.sign_checkpoint(checkpoint, verifier, key.sign).encode().decode()


def shown(node: Node, *heads: object) -> str | None:
    """What is held after these heads were shown one after the other."""
    peer_id = node.joined(OTHER).id
    for each in heads:
        service.note_checkpoint(queries.peer(peer_id), {"checkpoints": {"ours": each}}, NOW)
    held = queries.peer(peer_id).checkpoint
    return None if held is None else held.decode()


def test_a_head_under_the_log_key_is_kept(node: Node) -> None:
    assert shown(node, head(3)) == head(3)


def test_the_largest_head_stays(node: Node) -> None:
    assert shown(node, head(3), head(7), head(5)) == head(7)


def test_a_head_under_another_key_is_not_kept(node: Node) -> None:
    assert shown(node, head(3), head(9, purpose="act")) == head(3)


def test_a_head_of_another_log_is_not_kept(node: Node) -> None:
    assert shown(node, head(3, host="elsewhere.example")) is None


@pytest.mark.parametrize("wrong", [None, 7, "", "not a note", head(3)[:-9]])
def test_what_is_no_head_is_not_kept_and_blocks_nothing(node: Node, wrong: object) -> None:
    assert shown(node, wrong) is None
