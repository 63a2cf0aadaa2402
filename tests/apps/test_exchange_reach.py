"""Who may have a claim, who has it and since when, and what peers say they hold of us."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hueandcry.apps.exchange import face as exchange
from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals import face as signals
from hueandcry.core import notes, tlog
from hueandcry.core.errors import NotFound
from hueandcry.core.normal import normalise
from hueandcry.core.types import DAY, SECOND, Embargo, Kind, Lane, Marking, Pap, Tlp
from hueandcry.engine.keys import ed25519
from hueandcry.engine.keys.own import own
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.ledger import reading
from hueandcry.engine.ledger.models import Epoch
from hueandcry.engine.ledger.publisher import LogSigner, publish
from hueandcry.engine.store.models import Head
from hueandcry.engine.store.work import unit_of_work
from hueandcry.engine.timeline import spans
from node_scene import Node
from other_member import NOW, OtherMember
from receiving_peer import ReceivingPeer

pytestmark = pytest.mark.database

BANK, POLICE, STRANGER = OtherMember("bank"), OtherMember("police"), OtherMember("stranger")


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    node = Node(monkeypatch)
    node.joined(BANK)
    node.joined(POLICE, "personal")
    return node


@pytest.fixture
def bank(node: Node, monkeypatch: pytest.MonkeyPatch) -> ReceivingPeer:
    return ReceivingPeer(node, BANK, monkeypatch)


def who(node: Node, kind: Kind = Kind.DOMAIN, **marking: object) -> dict[str, list[str]]:
    """Peer → why it would not receive a thing of ours so marked; empty: it would."""
    marks = Marking(**{"tlp": Tlp.GREEN, **marking})  # type: ignore[arg-type]
    label = signals.label_for(kind, marks, Lane.LIVE)
    found = exchange.recipients(label, node.now)
    assert all(each.allowed != bool(each.reasons) for each in found)
    return {each.name: [reason.code for reason in each.reasons] for each in found}


def claim(value: str) -> signals.Claimed:
    return signals.dossier(normalise(Kind.DOMAIN, value), NOW).claims[0].claim


def states(node: Node, value: str) -> dict[str, str]:
    return {each.recipient.name: each.state for each in exchange.reached(claim(value), node.now)}


# --- the gate, dry -------------------------------------------------------------------------------


def test_what_is_open_goes_to_everybody(node: Node) -> None:
    assert who(node) == {"bank": [], "police": []}


def test_what_is_personal_goes_only_where_a_basis_is_agreed(node: Node) -> None:
    found = who(node, Kind.PHONE)
    assert found == {"bank": ["kind_not_agreed", "personal_without_basis"], "police": []}


def test_red_and_embargoed_go_nowhere_and_the_reason_says_so(node: Node) -> None:
    assert who(node, tlp=Tlp.RED)["police"] == ["red_never", "over_ceiling"]
    embargo = Embargo("case 7", NOW + DAY)
    assert who(node, embargo=embargo) == {
        "bank": ["embargo_running"],
        "police": ["embargo_running"],
    }
    node.now = NOW + DAY
    assert who(node, embargo=embargo) == {"bank": [], "police": []}


def test_a_peer_without_an_agreement_is_named_with_that_reason(node: Node) -> None:
    node.added(STRANGER)
    assert who(node)["stranger"] == ["agreement_missing"]


def test_asking_who_would_receive_writes_nothing_and_asks_no_peer_twice(node: Node) -> None:
    label = signals.label_for(Kind.URL, Marking(Tlp.AMBER, Pap.AMBER), Lane.LIVE)
    exchange.recipients(label, node.now)
    with CaptureQueriesContext(connection) as two:
        exchange.recipients(label, node.now)
    node.added(STRANGER)
    with CaptureQueriesContext(connection) as three:
        exchange.recipients(label, node.now)
    assert len(two) == len(three) <= 6
    assert all(query["sql"].startswith("SELECT") for query in three.captured_queries)


# --- what became of a claim ----------------------------------------------------------------------


def test_a_claim_waits_is_received_and_becomes_effective(node: Node, bank: ReceivingPeer) -> None:
    node.raised("evil.example")
    assert states(node, "evil.example") == {"bank": "waiting", "police": "waiting"}
    bank.pushed()
    assert states(node, "evil.example") == {"bank": "received", "police": "waiting"}
    bank.says_effective(NOW + 3 * SECOND)
    found = exchange.reached(claim("evil.example"), node.now)[0]
    assert (found.state, found.received_at, found.effective_at) == (
        "effective",
        NOW,
        NOW + 3 * SECOND,
    )


def test_a_claim_that_is_kept_back_says_so_with_the_reason(node: Node) -> None:
    node.raised("secret.example", tlp=Tlp.RED)
    found = exchange.reached(claim("secret.example"), node.now)
    assert [each.state for each in found] == ["kept_back", "kept_back"]
    assert found[0].recipient.reasons[0].code == "red_never"


def test_a_refusal_is_told_for_the_claim_that_it_is_about(node: Node, bank: ReceivingPeer) -> None:
    bank.refuses["bad.example"] = "future"
    node.raised("bad.example", "good.example")
    bank.pushed()
    assert states(node, "good.example")["bank"] == "received"
    found = exchange.reached(claim("bad.example"), node.now)[0]
    assert (found.state, found.refusal) == ("refused", "future")
    assert found.receipt is not None
    receipt = peers.receipt_of(found.receipt)
    assert (receipt.accepted, receipt.refused, receipt.refusals) == (1, 1, {"future": 1})


def test_a_retraction_has_a_way_of_its_own(node: Node, bank: ReceivingPeer) -> None:
    node.raised("evil.example")
    bank.pushed()
    node.now += SECOND
    node.retracted("evil.example")
    assert states(node, "evil.example")["bank"] == "waiting"
    bank.pushed()
    assert states(node, "evil.example")["bank"] == "received"
    bank.says_effective(node.now)
    assert states(node, "evil.example")["bank"] == "effective"


def test_handovers_come_newest_first_by_cursor(node: Node, bank: ReceivingPeer) -> None:
    bank.refuses["two.example"] = "future"
    for value in ("one.example", "two.example", "three.example"):
        node.raised(value)
        bank.pushed()
    node.retracted("one.example")
    bank.pushed()
    found = exchange.handovers(bank.view.id)
    assert [each.what for each in found] == ["retraction", "claims", "claims", "claims"]
    assert [(each.accepted, each.refused) for each in found] == [(1, 0), (1, 0), (0, 1), (1, 0)]
    assert found[2].refusals == {"future": 1}
    assert (found[1].kind, found[1].tlp, found[1].lane) == (Kind.DOMAIN, Tlp.GREEN, Lane.LIVE)
    first = exchange.handovers(bank.view.id, limit=3)
    assert exchange.handovers(bank.view.id, before=first[-1].number) == found[3:]
    with CaptureQueriesContext(connection) as asked:
        exchange.handovers(bank.view.id)
    assert len(asked) <= 4  # two, and two labels that are then remembered


# --- peers ---------------------------------------------------------------------------------------


def test_the_overview_says_how_far_each_agreement_has_got(node: Node) -> None:
    node.added(STRANGER)
    found = {each.name: each for each in peers.overview(node.now)}
    assert {name: each.state for name, each in found.items()} == {
        "bank": "in_force",
        "police": "in_force",
        "stranger": "waiting",
    }
    assert found["bank"].terms is not None and Kind.PHONE not in found["bank"].terms.kinds
    assert found["stranger"].terms is None
    with CaptureQueriesContext(connection) as asked:
        peers.overview(node.now)
    assert len(asked) <= 5


def test_a_suspended_and_an_ended_agreement_are_told_apart(node: Node) -> None:
    number = peers.must_be(BANK.fingerprint).id
    assert peers.summary(number, NOW + 400 * DAY).state == "ended"
    with unit_of_work():
        peers.suspend(number, node.now)
    found = peers.summary(number, node.now)
    assert (found.state, found.waiting > 0) == ("suspended", True)
    assert [each.state for each in peers.agreements_with(number)] == ["in_force", "superseded"]
    waiting = peers.documents(number, state="waiting")
    assert [each.type for each in waiting] == ["agreement"]
    assert peers.documents(number, before=waiting[0].number)[0].state == "delivered"


def test_a_peer_that_is_not_there_is_not_found(node: Node) -> None:
    with pytest.raises(NotFound):
        peers.summary(999_999, node.now)
    with pytest.raises(NotFound):
        peers.receipt_of(999_999)


def test_what_peers_hold_of_our_log_is_read_from_their_newest_receipts(
    node: Node, bank: ReceivingPeer
) -> None:
    node.raised("one.example")
    bank.pushed()
    held = {each.name: each for each in peers.held_of_us()}
    assert held["bank"].at == NOW and held["bank"].note is None
    keyring = own()
    signer = LogSigner(
        "centre.example", keyring.public("log"), lambda text: keyring.sign("log", text)
    )
    publish(settings.DATA, signer, "us")
    bank.holds_our_head()
    node.raised("two.example")
    bank.pushed()
    (theirs,) = [each for each in peers.held_of_us() if each.name == "bank"]
    assert theirs.size is not None
    assert theirs.origin == "centre.example/log/0"
    ours = reading.head_of(theirs.size, 0)
    assert ours is not None and ours.root == theirs.root
    bank.head = "no note at all"
    node.raised("three.example")
    bank.pushed()
    (theirs,) = [each for each in peers.held_of_us() if each.name == "bank"]
    assert (theirs.size, theirs.root, theirs.note) == (None, None, b"no note at all")


def test_receipts_of_both_ways_come_newest_first(node: Node, bank: ReceivingPeer) -> None:
    node.raised("one.example")
    bank.pushed()
    bank.says_effective(NOW)
    found = peers.receipts(bank.view.id)
    kinds = [(each.ours, each.kind) for each in found]
    assert kinds == [(False, "effective"), (False, "receipt"), (True, "receipt")]
    assert peers.receipts(bank.view.id, before=found[0].number) == found[1:]


# --- the ledger and its times --------------------------------------------------------------------


def test_entries_are_read_back_with_what_they_speak_of_and_can_be_proved(node: Node) -> None:
    node.raised("one.example")
    found = reading.entries()
    assert found[0].type == "signals.raise" and not found[0].published
    assert [each.index for each in found] == list(range(len(found) - 1, -1, -1))
    assert reading.entries(before=found[1].index, limit=1) == found[2:3]
    keyring = own()
    public = keyring.public("log")
    signer = LogSigner("centre.example", public, lambda text: keyring.sign("log", text))
    publish(settings.DATA, signer, "us")
    assert reading.entries()[0].published
    proof = notes.parse_proof(reading.proof_file(found[0].index))
    assert (proof.index, proof.extra) == (found[0].index, found[0].commitment)
    record, salt = reading.opening_at(found[0].index)
    assert len(salt) == 32 and b"signals.raise" in record
    assert reading.heads()[0].size == len(found)
    with pytest.raises(NotFound):
        reading.proof_file(999_999)


def test_entries_of_two_epochs_are_each_proved_in_their_own_tree(node: Node) -> None:
    keyring = own()
    public = keyring.public("log")
    signer = LogSigner("centre.example", public, lambda text: keyring.sign("log", text))
    node.raised("one.example")
    publish(settings.DATA, signer, "us")
    kept = ledger.head()
    with unit_of_work():
        Epoch.objects.create(number=1, first=kept + 3, kept=kept, opened_at=NOW)
        Head.objects.filter(name="ledger").update(value=kept + 3)
    node.raised("two.example")
    newest, before = reading.entries(limit=2)
    assert (newest.index, newest.published) == (kept + 3, False)
    assert (before.index, before.published) == (kept - 1, True)
    publish(settings.DATA, signer, "us")
    assert reading.entries(limit=1)[0].published
    assert [(head.epoch, head.size) for head in reading.heads()] == [(1, 1), (0, kept)]
    for entry, place, epoch in ((newest, 0, 1), (before, kept - 1, 0)):
        proof = notes.parse_proof(reading.proof_file(entry.index))
        key = notes.VerifierKey(f"centre.example/log/{epoch}", notes.ED25519, public)
        leaf = tlog.leaf_hash(entry.commitment)
        opened = notes.open_proof(proof, leaf, key, (), ed25519.verify)
        assert (proof.index, opened.checkpoint.origin) == (place, key.name)
    with pytest.raises(NotFound):
        reading.proof_file(kept + 1)


def test_time_to_protection_is_from_raised_here_to_effective_there(
    node: Node, bank: ReceivingPeer
) -> None:
    node.raised("one.example")
    bank.pushed()
    bank.says_effective(NOW + 400_000)
    (found,) = spans.spans("raised", "effective", node.fingerprint)
    assert (found.node, found.end - found.begin) == (BANK.fingerprint, 400_000)
    assert spans.hops_of([found.root])[found.root][0].name == "raised"


@pytest.mark.parametrize(
    ("took", "told"),
    [
        ([5], (1, 5, 5, 5, 5)),
        (list(range(1, 101)), (100, 50, 90, 99, 100)),
        ([3, 1], (2, 1, 3, 3, 3)),
    ],
)
def test_figures_are_nearest_ranks(took: list[int], told: tuple[int, ...]) -> None:
    found = spans.pace(took)
    assert found is not None
    assert (found.count, found.median, found.p90, found.p99, found.longest) == told
    assert spans.pace([]) is None
