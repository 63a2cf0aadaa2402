"""Coming to terms with another member, and what is refused on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers import rules as peers_rules
from hueandcry.apps.peers.models import Agreement, Delivery, Document, Receipt
from hueandcry.core import jws
from hueandcry.core.errors import HueError
from hueandcry.core.sharing import Terms, read_terms, successor, suspension
from hueandcry.core.types import DAY, SECOND, Kind, Tlp
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node
from other_member import NOW, OtherMember

OTHER, THIRD = OtherMember("bank"), OtherMember("third")


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    return Node(monkeypatch)


def refused(node: Node, raw: bytes, by: OtherMember = OTHER) -> str:
    """The code with which a document is refused; nothing may have changed."""
    models = (Agreement, Document, Receipt, Delivery)
    before = [model.objects.count() for model in models], ledger.head()
    with pytest.raises(HueError) as caught:
        node.receipt(by, raw)
    assert ([model.objects.count() for model in models], ledger.head()) == before
    return caught.value.code


def in_force(peer: peers.PeerView) -> Terms:
    found = peers.terms(peer.id)
    assert found is not None
    return found


def signatures(node: Node) -> list[Document]:
    """Our own agreement documents."""
    ours = bytes.fromhex(node.fingerprint)
    return list(Document.objects.filter(type="agreement", issuer=ours).order_by("id"))


def _members() -> Iterator[OtherMember]:
    """As many as it takes: ours may be among the lowest or the highest of all."""
    return (OtherMember(f"member {n}") for n in count())


def lower_and_higher(node: Node) -> tuple[OtherMember, OtherMember]:
    """Members whose fingerprints are below and above ours."""
    lower = next(each for each in _members() if each.fingerprint < node.fingerprint)
    higher = next(each for each in _members() if each.fingerprint > node.fingerprint)
    return lower, higher


# --- proposing and signing -----------------------------------------------------------------------


def test_the_lower_fingerprint_proposes_and_the_other_waits(node: Node) -> None:
    lower, higher = lower_and_higher(node)
    node.added(lower)
    assert signatures(node) == []
    peer = node.added(higher)
    (sent,) = signatures(node)
    said = jws.open_document(sent.document).stated
    assert (said.aud, peer.state) == (higher.fingerprint, "waiting")
    assert Delivery.objects.get().peer_id == peer.id


def test_terms_within_our_own_are_signed_and_in_force(node: Node) -> None:
    lower, _ = lower_and_higher(node)
    peer = node.added(lower)
    terms = node.terms(lower)
    assert node.posted(lower, node.signed(lower, terms))["outcome"] == "accepted"
    assert in_force(peer) == terms
    (ours,) = signatures(node)
    said = jws.open_document(ours.document).stated
    assert said.agreement == terms.digest
    assert said.body == jws.open_document(node.signed(lower, terms)).stated.body
    assert peers.peer(peer.id).state == "in_force"


def test_narrower_terms_than_ours_are_signed_as_well(node: Node) -> None:
    lower, _ = lower_and_higher(node)
    peer = node.added(lower, "personal")
    terms = replace(node.terms(lower), kinds=frozenset({Kind.DOMAIN}), rate=1)
    assert node.posted(lower, node.signed(lower, terms))["outcome"] == "accepted"
    assert in_force(peer).kinds == {Kind.DOMAIN}


def test_terms_beyond_ours_are_refused_with_the_difference(node: Node) -> None:
    lower, _ = lower_and_higher(node)
    peer = node.added(lower)
    said = node.posted(lower, node.signed(lower, node.terms(lower, "personal")))
    assert (said["outcome"], said["class"]) == ("refused", "terms")
    codes = [code for code, _ in said["difference"]]
    assert codes.count("beyond_kinds") == 4 and codes.count("beyond_basis") == 4
    view = peers.peer(peer.id)
    assert (view.state, peers.terms(peer.id), signatures(node)) == ("refused", None, [])
    assert [code for code, _ in view.difference] == codes


def test_a_refused_proposal_is_signed_once_our_own_terms_allow_it(node: Node) -> None:
    lower, _ = lower_and_higher(node)
    node.added(lower)
    terms = node.terms(lower, "personal")
    node.posted(lower, node.signed(lower, terms))
    peer = node.added(lower, "personal")
    assert (peer.state, in_force(peer)) == ("in_force", terms)


def test_the_answer_to_our_own_proposal_puts_it_in_force(node: Node) -> None:
    _, higher = lower_and_higher(node)
    peer = node.added(higher)
    (ours,) = signatures(node)
    raw, _ = peers_terms(ours.document)
    theirs = node.signed(higher, read_terms(raw))
    assert node.posted(higher, theirs)["outcome"] == "accepted"
    assert in_force(peer).terms_bytes() == raw
    assert len(signatures(node)) == 1


def peers_terms(document: bytes) -> tuple[bytes, Terms]:
    from_body = jws.open_document(document).stated.body
    return peers_rules.read_agreement_body(from_body)


def test_adding_a_peer_again_on_the_same_terms_changes_nothing(node: Node) -> None:
    peer = node.joined(OTHER)
    before = (Agreement.objects.count(), Document.objects.count())
    node.now += DAY
    assert node.added(OTHER).state == "in_force"
    assert (Agreement.objects.count(), Document.objects.count()) == before
    assert peers.peer(peer.id).agreement == in_force(peer).digest


# --- narrowing, suspending, widening -------------------------------------------------------------


def changed(node: Node, peer: peers.PeerView, **changes: Any) -> dict[str, Any]:
    return node.posted(OTHER, node.signed(OTHER, successor(in_force(peer), **changes)))


def test_the_other_side_narrows_by_its_signature_alone(node: Node) -> None:
    peer = node.joined(OTHER)
    assert changed(node, peer, kinds=frozenset({Kind.DOMAIN}))["outcome"] == "accepted"
    assert in_force(peer).kinds == {Kind.DOMAIN}
    assert in_force(peer).serial == 2


def test_the_other_side_suspends_at_once(node: Node) -> None:
    peer = node.joined(OTHER)
    node.posted(OTHER, node.signed(OTHER, suspension(in_force(peer))))
    assert peers.peer(peer.id).state == "suspended"
    assert peer.member_id not in peers.trusted_member_ids(NOW)


def test_we_suspend_at_once_and_say_so(node: Node) -> None:
    peer = node.joined(OTHER)
    assert peer.member_id in peers.trusted_member_ids(NOW)
    with unit_of_work():
        peers.suspend(peer.id, NOW)
    assert peers.peer(peer.id).state == "suspended"
    assert peer.member_id not in peers.trusted_member_ids(NOW)
    last = signatures(node)[-1]
    _, terms = peers_terms(last.document)
    assert (terms.kinds, terms.serial) == (frozenset(), 2)
    assert Delivery.objects.filter(document=last, state="waiting").count() == 1


def test_a_narrowed_agreement_is_not_widened_back_by_one_side(node: Node) -> None:
    peer = node.joined(OTHER)
    before = in_force(peer)
    with unit_of_work():
        peers.suspend(peer.id, NOW)
    again = node.posted(OTHER, node.signed(OTHER, before))
    assert (again["outcome"], peers.peer(peer.id).state) == ("accepted", "suspended")


def test_widening_beyond_our_own_terms_needs_us(node: Node) -> None:
    peer = node.joined(OTHER)
    before = in_force(peer)
    wider = successor(before, kinds=frozenset(Kind), retention_days=9_000)
    said = node.posted(OTHER, node.signed(OTHER, wider))
    assert said["outcome"] == "refused"
    assert {code for code, _ in said["difference"]} == {"beyond_kinds", "beyond_retention"}
    assert in_force(peer) == before
    assert peers.peer(peer.id).state == "in_force"


@pytest.mark.parametrize("serial", [1, 2])
def test_a_serial_that_is_not_higher_is_refused(node: Node, serial: int) -> None:
    peer = node.joined(OTHER)
    changed(node, peer, kinds=frozenset({Kind.DOMAIN}))
    said = changed(node, peer, serial=serial, ceiling=Tlp.CLEAR, onward=frozenset())
    assert (said["outcome"], said["difference"]) == ("refused", [["stale_serial", {}]])
    assert in_force(peer).ceiling is Tlp.AMBER


def test_an_agreement_counts_only_between_its_dates(node: Node) -> None:
    peer = node.joined(OTHER)
    terms = in_force(peer)
    assert peer.member_id not in peers.trusted_member_ids(terms.valid_from - 1)
    assert peer.member_id in peers.trusted_member_ids(terms.valid_until - 1)
    assert peer.member_id not in peers.trusted_member_ids(terms.valid_until)


# --- what is no agreement ------------------------------------------------------------------------


def test_the_document_must_name_the_terms_that_it_carries(node: Node) -> None:
    node.added(OTHER)
    raw = node.signed(OTHER, node.terms(OTHER), agreement="00" * 32)
    assert refused(node, raw) == "agreement_digest"
    assert refused(node, node.signed(OTHER, node.terms(OTHER), agreement=None)) == (
        "agreement_digest"
    )


def test_terms_between_others_are_never_signed(node: Node) -> None:
    node.added(OTHER)
    two = (OTHER.fingerprint, THIRD.fingerprint)
    foreign = replace(node.terms(OTHER), parties=(min(two), max(two)))
    said = node.posted(OTHER, node.signed(OTHER, foreign))
    assert said["outcome"] == "refused"
    assert ["beyond_parties", {}] in said["difference"]


def test_a_third_member_does_not_sign_for_a_party(node: Node) -> None:
    node.added(OTHER)
    node.added(THIRD)
    raw = node.signed(THIRD, node.terms(OTHER))
    assert node.posted(THIRD, raw)["outcome"] == "refused"
    assert refused(node, raw, by=OTHER) == "not_party"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"terms": 7},
        {"terms": "%%%"},
        {"terms": "e30", "more": 1},
        {"terms": "e30"},
        {"terms": "eyJhIjoxLCJhIjoyfQ"},
        {"terms": "W1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tb"},
    ],
)
def test_a_body_that_carries_no_terms_is_refused(node: Node, body: dict[str, Any]) -> None:
    node.added(OTHER)
    raw = OTHER.document("agreement", body, aud=node.fingerprint, agreement="00" * 32)
    assert refused(node, raw)


def test_the_same_id_with_other_bytes_is_refused_and_the_same_bytes_get_the_same_receipt(
    node: Node,
) -> None:
    node.added(OTHER)
    raw = node.signed(OTHER, node.terms(OTHER))
    first = node.receipt(OTHER, raw)
    size = ledger.head()
    node.now += 5 * SECOND
    assert node.receipt(OTHER, raw) == first
    assert ledger.head() == size
    same_id = jws.open_document(raw).stated.id
    narrower = replace(node.terms(OTHER), rate=1)
    assert refused(node, node.signed(OTHER, narrower, doc_id=same_id)) == "id_reused"


def test_a_receipt_says_what_it_is_about_and_where_it_is_logged(node: Node) -> None:
    node.added(OTHER)
    raw = node.signed(OTHER, node.terms(OTHER))
    receipt = jws.open_document(node.receipt(OTHER, raw)).stated
    row = Document.objects.get(digest=bytes.fromhex(jws.open_document(raw).stated.digest))
    assert (receipt.type, receipt.aud) == ("receipt", OTHER.fingerprint)
    assert receipt.re == (row.digest.hex(),)
    assert receipt.body["log_index"] == row.log_index
    assert set(receipt.body["checkpoints"]) == {"ours", "theirs"}


BELIEVED_NEVER: dict[str, tuple[dict[str, Any], str]] = {
    "an exercise": ({"exercise": True}, "exercise"),
    "an unknown version": ({"v": 2}, "unknown_version"),
    "for another member": ({"aud": "00" * 32}, "audience"),
    "for everybody": ({"aud": "*", "agreement": None}, "audience"),
    "from the future": ({"at": NOW + 301 * SECOND}, "future"),
    "under a key that no card names": ({"signer": OTHER.key("act", 9)}, "unknown_key"),
    "under a key for calls": ({"signer": OTHER.key("transport")}, "unknown_key"),
    "under the root": ({"signer": OTHER.roots[0]}, "unknown_key"),
}


@pytest.mark.parametrize("name", BELIEVED_NEVER)
def test_a_document_that_is_not_to_be_believed_changes_nothing(node: Node, name: str) -> None:
    node.added(OTHER)
    changes, code = BELIEVED_NEVER[name]
    assert refused(node, node.signed(OTHER, node.terms(OTHER), **changes)) == code


def test_five_minutes_ahead_is_not_the_future(node: Node) -> None:
    node.added(OTHER)
    raw = node.signed(OTHER, node.terms(OTHER), at=NOW + 300 * SECOND)
    assert node.posted(OTHER, raw)["outcome"] == "accepted"


def test_a_changed_document_is_refused(node: Node) -> None:
    node.added(OTHER)
    raw = node.signed(OTHER, node.terms(OTHER))
    header, payload, signature = raw.split(b".")
    other = node.signed(OTHER, replace(node.terms(OTHER), rate=1)).split(b".")
    assert refused(node, b".".join([header, other[1], signature])) == "signature"
    assert refused(node, b".".join([header, payload])) == "jws"
    assert refused(node, raw + b"=") == "base64url"


def test_a_revoked_key_signs_nothing_any_more(node: Node) -> None:
    node.added(OTHER)
    revocation = OTHER.revocation("act", OTHER.key("act").key_id)
    with unit_of_work():
        members.take_revocation(revocation, NOW)
    assert refused(node, node.signed(OTHER, node.terms(OTHER))) == "key_not_valid"


def test_a_key_that_has_ended_signs_nothing_any_more(node: Node) -> None:
    node.added(OTHER)
    node.now += 701 * DAY
    assert refused(node, node.signed(OTHER, node.terms(OTHER))) == "key_not_valid"


def test_only_peers_have_agreements(node: Node) -> None:
    assert refused(node, node.signed(OTHER, node.terms(OTHER))) == "not_a_peer"


def test_a_node_is_no_peer_of_itself_nor_of_an_impostor(node: Node) -> None:
    ours = members.card_of(node.fingerprint)
    for card, expected, code in (
        (ours, node.fingerprint, "own_node"),
        (OTHER.signed_card(), THIRD.fingerprint, "fingerprint"),
    ):
        with pytest.raises(HueError) as caught, unit_of_work():
            peers.add(card, "https://x.example", "standard", NOW, expected=expected)
        assert caught.value.code == code


def test_own_terms_from_a_file_must_be_between_us_two(node: Node) -> None:
    file = node.terms(OTHER).terms_bytes().decode()
    assert node.added(OTHER, file).fingerprint == OTHER.fingerprint
    with pytest.raises(HueError, match="between other members"):
        node.added(THIRD, file)
    with pytest.raises(HueError):
        node.added(THIRD, "{}")
