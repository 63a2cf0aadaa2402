"""A restored node: what it refuses, how it decides about its log, and what its peers believe."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers import queries, resuming, service, successions
from hueandcry.config.loops import log_signer, loops
from hueandcry.core import jws, notes, tlog
from hueandcry.core.errors import Conflict, HueError, Malformed, TooMany, Untrusted
from hueandcry.core.types import SECOND
from hueandcry.engine.keys import ed25519
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.ledger import pending, publisher, restored
from hueandcry.engine.ledger import queries as log_rows
from hueandcry.engine.ledger.models import Checkpoint, Restoration
from hueandcry.engine.ledger.verify import verify
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node, claim
from other_member import NOW, OtherMember

OTHER = OtherMember("bank")
GOLDEN = Path(__file__).parent / "golden" / "succession_v1.json"


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    node = Node(monkeypatch)
    node.joined(OTHER)
    node.raised("one.example", "two.example")
    publish()
    return node


def publish() -> None:
    while publisher.publish(settings.DATA, log_signer(), "us"):
        pass


def marked(node: Node) -> Restoration:
    """The node as a restore leaves it."""
    with unit_of_work():
        row = restored.mark(node.now, bytes(32), node.now - SECOND)
    pending.forget()
    restored.forget()
    return row


def head(size: int, root: bytes, epoch: int = 0) -> bytes:
    """A head of our log that our own key once signed."""
    signer = log_signer()
    key = signer.key(epoch)
    checkpoint = notes.Checkpoint(key.name, size, root)
    return notes.sign_checkpoint(checkpoint, key, signer.sign).encode()


def told(row: Restoration, note: bytes | None, index: int | None = None) -> bool:
    """What the peer answers, taken in; whether what is held covers it."""
    peer = queries.peer_of(OTHER.fingerprint)
    assert peer is not None
    said = {"checkpoint": note.decode() if note else None, "log_index": index}
    resuming.take(row, resuming._sight(peer, said))
    row.refresh_from_db()
    return row.state == "asking"


def newest() -> Checkpoint:
    found = log_rows.newest_signed()
    assert found is not None
    return found


def test_nothing_is_logged_or_signed_before_the_peers_were_asked(node: Node) -> None:
    marked(node)
    with pytest.raises(TooMany) as caught:
        node.raised("too-soon.example")
    assert caught.value.code == "busy"
    assert node.verdict("one.example") == "scam" and node.verdict("too-soon.example") == "unknown"
    with pytest.raises(TooMany):
        node.part_receipt(OTHER, OTHER.batch(claim(OTHER, "theirs.example")))
    before = Checkpoint.objects.count()
    publish()
    assert Checkpoint.objects.count() == before
    assert [loop.body() for loop in loops() if loop.name != "resume"] == [False] * (
        len(loops()) - 1
    )


def test_a_decided_head_is_not_signed_either(node: Node) -> None:
    node.raised("three.example")
    Checkpoint.objects.create(
        size=ledger.head(), epoch=0, root=bytes(32), decided_at=NOW, note=None
    )
    marked(node)
    publish()
    assert Checkpoint.objects.filter(note=None).count() == 1


def test_the_log_goes_on_when_nobody_saw_more(node: Node) -> None:
    row, seen = marked(node), newest()
    assert told(row, seen.note, ledger.head() - 1)
    resuming.resume()
    row.refresh_from_db()
    assert row.state == "continued" and row.log_index == ledger.head() - 1
    node.raised("after.example")
    publish()
    path = ledger.consistency(seen.size, newest().size)
    tlog.verify_consistency(seen.size, newest().size, seen.root, newest().root, path)


def test_it_waits_for_every_peer(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    row = marked(node)
    monkeypatch.setattr(resuming, "_ask", lambda peer, row: False)
    resuming.resume()
    row.refresh_from_db()
    assert row.state == "asking"
    held = peers.standing()
    assert held is not None and (held.answered, len(held.missing)) == ((), 1)


@pytest.mark.parametrize("what", ["head", "receipt"])
def test_what_a_peer_saw_and_we_do_not_hold_is_noticed(node: Node, what: str) -> None:
    row, size = marked(node), ledger.head()
    beyond = head(size + 3, bytes(32)) if what == "head" else None
    assert not told(row, beyond, size if what == "receipt" else None)


def test_a_head_of_another_history_stops_everything(node: Node) -> None:
    row = marked(node)
    assert not told(row, head(newest().size, bytes(range(32))))
    resuming.resume()
    assert ledger.restoring() and Restoration.objects.get().state == "behind"
    with pytest.raises(TooMany):
        node.raised("never.example")


def test_a_head_that_we_never_signed_counts_for_nothing(node: Node) -> None:
    row = marked(node)
    forged = head(99, bytes(32)).replace("— ".encode(), "— x".encode(), 1)
    with pytest.raises(HueError):
        told(row, forged)
    with pytest.raises(Malformed):
        told(row, None, -1)


def succeeded(node: Node) -> successions.SuccessionBody:
    with unit_of_work():
        return peers.succeed(members.own_log(), node.now)


def test_a_new_epoch_begins_behind_all_that_was_seen(node: Node) -> None:
    row, size, old = marked(node), ledger.head(), newest()
    beyond = head(size + 3, bytes(32))
    assert not told(row, beyond, size + 7)
    body = succeeded(node)
    assert (body.ends, body.opens) == (f"{members.own_log()}/log/0", f"{members.own_log()}/log/1")
    assert (body.size, body.first, body.seen) == (size, size + 8, (beyond.decode(),))
    assert not ledger.restoring()
    # Its first entry is the succession itself, and every entry kept is proved to stand below it.
    document = queries.documents_of(node.fingerprint, "succession")[0]
    assert document.log_index == body.first
    publish()
    assert newest().size - body.first == ledger.head() - body.first >= 1
    for position in (0, size - 1):
        path = ledger.proof(position, size, 0)
        leaf = tlog.leaf_hash(log_rows.entries(position, position + 1)[0])
        tlog.verify_inclusion(position, size, leaf, path, body.root)
    path = ledger.consistency(old.size, size, 0)
    tlog.verify_consistency(old.size, size, old.root, body.root, path)
    covering = ledger.checkpoint_covering(body.first)
    assert covering is not None and (covering.epoch, covering.first) == (1, body.first)
    path = ledger.proof(body.first, covering.size, 1)
    leaf = tlog.leaf_hash(log_rows.entries(body.first, body.first + 1)[0])
    tlog.verify_inclusion(0, covering.size, leaf, path, covering.root)
    keys = members.own_log_keys()
    report = verify(settings.DATA, keys)
    assert report.holds, report.defects


def test_a_second_disaster_from_before_the_first_epoch_ended_opens_a_third(node: Node) -> None:
    row, size = marked(node), ledger.head()
    told(row, head(4, bytes(32), epoch=1), 500)
    body = succeeded(node)
    assert body.opens.endswith("/log/2") and body.first > 500 + size


def test_an_epoch_is_opened_only_by_a_restored_node(node: Node) -> None:
    with pytest.raises(Conflict):
        succeeded(node)
    row = marked(node)
    told(row, newest().note)
    resuming.resume()
    with pytest.raises(Conflict):
        succeeded(node)


def test_a_call_from_before_the_restore_is_a_replay(node: Node) -> None:
    marked(node)
    at = node.now
    with pytest.raises(Untrusted) as caught:
        peers.take_nonce("k/1", bytes(16), at + 300 * SECOND, at - SECOND)
    assert caught.value.code == "replay"
    peers.take_nonce("k/1", bytes(16), at + 300 * SECOND, at + SECOND)


# --- the side of the peers ------------------------------------------------------------------------


def foreign(**more: Any) -> dict[str, Any]:
    host = OTHER.card.url.partition("://")[2]
    body = successions.SuccessionBody(
        f"{host}/log/0", 9, tlog.EMPTY_ROOT, f"{host}/log/1", 12, ()
    ).value()
    return {**body, **more}


def signed(body: dict[str, Any], key: str = "root") -> bytes:
    signer = OTHER.roots[0] if key == "root" else OTHER.key(key)
    return OTHER.document("succession", body, signer=signer)


def head_of(size: int, epoch: int, root: bytes = bytes(32)) -> str:
    key = OTHER.key("log")
    name = f"{OTHER.card.url.partition('://')[2]}/log/{epoch}"
    verifier = notes.VerifierKey(name, notes.ED25519, key.public)
    checkpoint = notes.Checkpoint(name, size, root)
    return notes.sign_checkpoint(checkpoint, verifier, key.sign).encode().decode()


def shown(*heads: str) -> str | None:
    peer = queries.peer_of(OTHER.fingerprint)
    assert peer is not None
    for each in heads:
        service.note_checkpoint(queries.peer(peer.pk), {"checkpoints": {"ours": each}}, NOW)
    held = queries.peer(peer.pk).checkpoint
    return held.decode() if held else None


def test_a_head_of_a_new_epoch_counts_once_its_succession_is_held(node: Node) -> None:
    old, new = head_of(11, 0), head_of(1, 1)
    assert shown(old, new) == old
    with unit_of_work():
        peers.take_succession(signed(foreign()), NOW)
    assert shown(new) == new
    assert shown(head_of(50, 0)) == new  # the old log is over
    host = OTHER.card.url.partition("://")[2]
    kept = ledger.foreign_heads(f"{host}/log")
    assert [(origin[-1], size) for origin, size, _ in kept] == [("0", 11), ("1", 1)]


def test_a_succession_is_signed_by_the_root_and_no_other_key(node: Node) -> None:
    for key in ("act", "log"):
        with pytest.raises(Untrusted):
            peers.take_succession(signed(foreign(), key), NOW)
    assert not queries.documents_of(OTHER.fingerprint, "succession")


def test_two_successions_for_one_epoch_are_a_fork(node: Node) -> None:
    with unit_of_work():
        peers.take_succession(signed(foreign()), NOW)
    with pytest.raises(Untrusted) as caught, unit_of_work():
        peers.take_succession(signed(foreign(first=13)), NOW)
    assert caught.value.code == "fork"


def test_what_was_kept_must_be_what_we_saw(node: Node) -> None:
    shown(head_of(9, 0, bytes(range(32))))
    with pytest.raises(Untrusted) as caught, unit_of_work():
        peers.take_succession(signed(foreign()), NOW)
    assert caught.value.code == "fork"


@pytest.mark.parametrize(
    "wrong",
    [
        {"opens": "elsewhere.example/log/1"},
        {"ends": "elsewhere.example/log/0", "opens": "elsewhere.example/log/1"},
        {"size": -1},
        {"first": 3},
        {"root": "AAAA"},
        {"root": "not base64"},
        {"seen": [1]},
        {"more": True},
    ],
)
def test_a_succession_that_is_not_in_its_form_is_refused(node: Node, wrong: dict[str, Any]) -> None:
    with pytest.raises(HueError), unit_of_work():
        peers.take_succession(signed(foreign(**wrong)), NOW)
    assert not queries.documents_of(OTHER.fingerprint, "succession")


def test_the_form_of_a_succession_is_for_ever() -> None:
    said = json.loads(GOLDEN.read_text())
    document = jws.open_document(said["document"].encode()).stated
    key = bytes.fromhex(said["root"])
    jws.verify_document(
        jws.open_document(said["document"].encode()), key=key, verify=ed25519.verify
    )
    body = successions.read_body(document.body)
    assert body.value() == said["body"] == dict(document.body)
