"""Our heads and their witnesses: who is asked, what is believed, what is served with a quorum."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from django.conf import settings

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import client, cosigning, queries
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.models import Peer, Witness
from hueandcry.config.loops import log_name, log_signer
from hueandcry.core import notes, tlog
from hueandcry.core.errors import HueError, Unreachable, Untrusted
from hueandcry.core.types import DAY, SECOND
from hueandcry.core.witnessing import SizeDiffers, check, read_submission, witness_key
from hueandcry.doors.peer.app import peer as door
from hueandcry.engine.egress.client import Response
from hueandcry.engine.keys import ed25519
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.ledger import publisher, reading
from hueandcry.engine.ledger.models import Cosignature
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node
from other_member import OtherMember
from wsgi_client import call

OTHERS = [OtherMember(name) for name in ("bank", "police", "telco")]


class Witnessing:
    """The other members as witnesses behind their addresses, in memory."""

    def __init__(self, node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
        self.node = node
        self.held: dict[str, tuple[int, bytes]] = {}
        self.away: set[str] = set()
        self.asked: list[str] = []
        self.answers: dict[str, Response] = {}
        monkeypatch.setattr(client, "egress", lambda: self)

    def request(self, method: str, url: str, headers: Any, body: bytes, **_: Any) -> Response:
        by = next(each for each in OTHERS if url.startswith(each.card.url))
        assert (method, url) == ("POST", f"{by.card.url}/witness/v1/add-checkpoint")
        self.asked.append(by.name)
        if by.name in self.away:
            raise Unreachable("unreachable", f"{by.name} is away")
        if by.name in self.answers:
            return self.answers[by.name]
        submitted = read_submission(body)
        head = submitted.checkpoint
        assert len(notes.parse_note(submitted.note).signatures) == 1, "the log's own signature"
        try:
            check(submitted, head, *self.held.get(by.name, (0, tlog.EMPTY_ROOT)))
        except SizeDiffers as differs:
            return Response(409, {}, f"{differs.size}\n".encode())
        self.held[by.name] = head.size, head.root
        return Response(200, {}, self.line(by, head.text).line.encode())

    def line(self, by: OtherMember, text: str, *, at: int = 0, purpose: str = "witness"):  # type: ignore[no-untyped-def]
        key = by.key(purpose)
        named = witness_key(by.fingerprint, key.public)
        return notes.cosign(text, named, (at or self.node.now) // SECOND, key.sign)

    def turn(self) -> None:
        for peer_id in cosigning.due():
            cosigning.ask(peer_id)


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    return Node(monkeypatch)


@pytest.fixture
def around(node: Node, monkeypatch: pytest.MonkeyPatch) -> Witnessing:
    for other in OTHERS:
        node.added(other)
    return Witnessing(node, monkeypatch)


def grown(node: Node, *values: str) -> int:
    """Something is logged and published; the position of its entry."""
    index = ledger.head()
    node.raised(*values)
    while publisher.publish(settings.DATA, log_signer(), "us"):
        pass
    return index


def opened(note: bytes, *witnesses: OtherMember) -> notes.OpenedCheckpoint:
    key = log_signer().key(0)
    keys = [witness_key(each.fingerprint, each.key("witness").public) for each in witnesses]
    return notes.open_checkpoint(note, key, keys, ed25519.verify)


def test_each_witness_is_asked_once_for_each_head(node: Node, around: Witnessing) -> None:
    grown(node, "one.example")
    around.turn()
    around.turn()
    assert sorted(around.asked) == ["bank", "police", "telco"]
    grown(node, "two.example")
    around.turn()
    assert len(around.asked) == 6
    head = ledger.newest()
    assert head is not None and len(opened(head.note, *OTHERS).cosignatures) == 3
    assert [each.size for each in peers.witnesses()] == [head.size] * 3


def test_a_head_counts_once_more_than_half_have_cosigned_it(node: Node, around: Witnessing) -> None:
    index = grown(node, "one.example")
    around.away = {"police", "telco"}
    around.turn()
    assert peers.quorum() == 2 and peers.cosigned_covering(index) is None
    first = ledger.newest()
    around.away = {"telco"}
    later = grown(node, "two.example")
    node.now += 60 * SECOND
    around.turn()
    covering = peers.cosigned_covering(index)
    assert covering == peers.cosigned_covering(later) == peers.newest_cosigned()
    assert covering is not None and first is not None and covering.size > first.size
    proof = notes.parse_proof(reading.proof_file(index, covering))
    entry = reading.commitment_at(index)
    key = log_signer().key(0)
    keys = [witness_key(each.fingerprint, each.key("witness").public) for each in OTHERS]
    seen = notes.open_proof(proof, tlog.leaf_hash(entry), key, keys, ed25519.verify)
    assert len(seen.cosignatures) == 2


def test_the_earliest_head_over_an_entry_is_found(node: Node, around: Witnessing) -> None:
    indexes = []
    sizes = []
    for n in range(4):
        indexes.append(grown(node, f"{n}.example"))
        around.turn()
        sizes.append(ledger.signed_size())
    found = [peers.cosigned_covering(index) for index in indexes]
    assert [head and head.size for head in found] == sizes
    assert peers.cosigned_covering(indexes[-1] + 1_000) is None


def test_a_witness_that_stands_elsewhere_is_asked_again_from_there(
    node: Node, around: Witnessing
) -> None:
    grown(node, "one.example")
    around.turn()
    Cosignature.objects.all().delete()  # as if we had not heard the answers
    grown(node, "two.example")
    around.turn()
    assert len(around.asked) == 9 and Cosignature.objects.count() == 3
    assert not Witness.objects.exists()


def test_an_answer_that_was_lost_is_asked_for_again(node: Node, around: Witnessing) -> None:
    grown(node, "one.example")
    around.turn()
    Cosignature.objects.all().delete()
    around.turn()
    assert Cosignature.objects.count() == 3 and not Witness.objects.exists()


def test_one_that_is_away_is_tried_later_and_delays_no_other(
    node: Node, around: Witnessing
) -> None:
    around.away = {"bank"}
    grown(node, "one.example")
    around.turn()
    around.turn()
    assert around.asked.count("bank") == 1 and Cosignature.objects.count() == 2
    (bank,) = [each for each in peers.witnesses() if each.failures]
    assert "away" in bank.said and bank.due_at > node.now
    assert queries.peer(bank.peer).failures == 0, "its deliveries are another matter"
    around.away = set()
    node.now = bank.due_at
    around.turn()
    assert Cosignature.objects.count() == 3 and not Witness.objects.exists()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"no line\n"),
        (200, b"\xff"),
        (404, b'{"code":"unknown_log","what":"unknown"}'),
        (409, b"many\n"),
        (409, b"0\n"),
        (500, b"<html>"),
    ],
)
def test_an_answer_that_cosigns_nothing_is_a_failure_and_kept_as_one(
    node: Node, around: Witnessing, status: int, body: bytes
) -> None:
    around.answers["bank"] = Response(status, {}, body)
    grown(node, "one.example")
    around.turn()
    assert {each.name for each in peers.witnesses() if each.said} == {"bank"}
    assert Cosignature.objects.count() == 2


def test_only_the_witness_itself_cosigns_under_a_key_that_stood(
    node: Node, around: Witnessing
) -> None:
    grown(node, "one.example")
    head = ledger.newest()
    assert head is not None
    text = notes.parse_note(head.note).text
    bank, police, _ = OTHERS
    row = queries.peer_of(bank.fingerprint)
    assert row is not None
    good = around.line(bank, text)
    bad = [
        around.line(police, text),
        around.line(bank, text, purpose="act"),
        around.line(bank, text.replace("\n", "0\n", 2)),
        around.line(bank, text, at=node.now + 900 * DAY),
        around.line(bank, text, at=node.now + 3_600 * SECOND),
    ]
    for line in bad:
        with pytest.raises(HueError), unit_of_work():
            cosigning.take(row, head, line.line.encode(), node.now)
    assert not Cosignature.objects.exists()
    with pytest.raises(Untrusted), unit_of_work():
        cosigning.take(row, head, (good.line + bad[2].line).encode(), node.now)
    with unit_of_work():
        assert cosigning.take(row, head, (bad[0].line + good.line).encode(), node.now) == 1
        assert cosigning.take(row, head, good.line.encode(), node.now) == 0


def test_policy_lists_who_the_witnesses_are(node: Node, around: Witnessing) -> None:
    with unit_of_work():
        policy.change("ledger.witnesses", OTHERS[2].fingerprint, None, node.now)
    policy.forget()
    assert [each.name for each in peers.witnesses()] == ["telco"] and peers.quorum() == 1
    grown(node, "one.example")
    around.turn()
    assert around.asked == ["telco"]
    ((name, vkey),) = peers.listed_witnesses()
    assert name == "telco" and notes.VerifierKey.read(vkey).name.startswith(OTHERS[2].fingerprint)


def test_at_most_seven_peers_are_witnesses(node: Node) -> None:
    for n in range(9):
        node.added(OtherMember(f"member-{n}"))
    assert len(peers.witnesses()) == 7 and peers.quorum() == 4


def test_a_node_without_peers_has_no_quorum(node: Node) -> None:
    grown(node, "one.example")
    assert peers.quorum() == 0 and peers.newest_cosigned() is None
    assert peers.cosigned_covering(0) is None and cosigning.due() == []
    head = peers.head_to_stamp()
    assert head is not None and head[0].startswith("centre.example/log/0 ")


def test_the_log_shows_its_newest_head_and_the_newest_with_a_quorum(
    node: Node, around: Witnessing
) -> None:
    grown(node, "one.example")
    assert call(door, "GET", "/log/0/cosigned", REMOTE_ADDR="192.0.2.9").status == 404
    around.turn()
    grown(node, "two.example")
    shown = [
        call(door, "GET", f"/log/0/{which}", REMOTE_ADDR="192.0.2.9").body
        for which in ("checkpoint", "cosigned")
    ]
    newest, cosigned = (opened(note, *OTHERS) for note in shown)
    assert len(newest.cosignatures) == 0 and len(cosigned.cosignatures) == 3
    assert newest.checkpoint.size > cosigned.checkpoint.size
    head = peers.head_to_stamp()
    assert head is not None and head[1] == shown[1]


# --- a witness that cannot be called --------------------------------------------------------------


def test_what_a_witness_without_a_port_hands_over_is_kept(node: Node, around: Witnessing) -> None:
    grown(node, "one.example")
    head = ledger.newest()
    assert head is not None
    line = around.line(OTHERS[0], notes.parse_note(head.note).text).line.encode()
    caller = peers.must_be(OTHERS[0].fingerprint)
    with unit_of_work():
        assert peers.hear_cosignatures(caller, head.note + line, node.now) == 1
    other = notes.Checkpoint(f"{log_name()}/log/0", head.size, hashlib.sha256(b"x").digest())
    key = log_signer().key(0)
    forged = notes.sign_checkpoint(other, key, log_signer().sign).encode()
    with pytest.raises(HueError), unit_of_work():
        peers.hear_cosignatures(caller, forged + line, node.now)
    assert Cosignature.objects.count() == 1


def test_who_cannot_be_called_is_not_asked(node: Node, around: Witnessing) -> None:
    Peer.objects.filter(member__name="bank").update(way=Peer.Way.POLL)
    grown(node, "one.example")
    around.turn()
    assert sorted(around.asked) == ["police", "telco"]


# --- what a witness has and we have not -----------------------------------------------------------


def test_a_witness_that_holds_more_of_our_log_than_there_is_alarms_us(
    node: Node, around: Witnessing, monkeypatch: pytest.MonkeyPatch
) -> None:
    grown(node, "one.example")
    signer = log_signer()
    key = signer.key(0)
    beyond = notes.Checkpoint(key.name, 900, bytes(range(32)))
    note = notes.sign_checkpoint(beyond, key, signer.sign).encode()
    around.held["bank"] = 900, beyond.root
    said = json.dumps({"checkpoint": note.decode(), "log_index": None}).encode()
    monkeypatch.setattr(client, "call", lambda *_, **__: client.Answer(200, said))
    around.turn()
    (fork,) = peers.open_forks()
    assert fork.ours and fork.kind == "rollback" and fork.larger == 900
    assert members.us().name == fork.whose
    (bank,) = [each for each in peers.witnesses() if each.failures]
    assert "does not hold what it once signed" in bank.said


def test_a_witness_that_only_says_so_alarms_nobody(
    node: Node, around: Witnessing, monkeypatch: pytest.MonkeyPatch
) -> None:
    grown(node, "one.example")
    around.held["bank"] = 900, bytes(range(32))
    said = json.dumps({"checkpoint": None, "log_index": None}).encode()
    monkeypatch.setattr(client, "call", lambda *_, **__: client.Answer(200, said))
    around.turn()
    assert peers.open_forks() == []
