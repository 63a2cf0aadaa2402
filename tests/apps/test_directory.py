"""The directory on one node: what arrives, whom it bars, whom it tells, what it keeps."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from hueandcry.apps.directory import face as directory
from hueandcry.apps.directory import forms, queries, service
from hueandcry.apps.directory.forms import ADMISSION, EXPULSION, SUSPENSION, Act, Charter
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.models import Delivery
from hueandcry.core import jws
from hueandcry.core.errors import Conflict, HueError, NotFound, NotPermitted
from hueandcry.engine.ledger.models import Entry
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node
from other_member import NOW, OtherMember

BANK, POLICE, TELCO = (OtherMember(name) for name in ("bank", "police", "telco"))
OTHERS = (BANK, POLICE, TELCO)


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    return Node(monkeypatch)


class Partnership:
    """Our node with two founders beside it, k = 2; the telco is a peer and no member."""

    def __init__(self, node: Node) -> None:
        self.node = node
        for other in OTHERS:
            node.joined(other)
        founders = [BANK.fingerprint, POLICE.fingerprint]
        with unit_of_work():
            self.charter = directory.propose_charter("Partnership", founders, 2, "scams", NOW)
        for other in (BANK, POLICE):
            assert self.told(other, self.signed_charter(other))["outcome"] == "accepted"

    def signed_charter(self, by: OtherMember) -> bytes:
        return by.document("charter", forms.act_body(self.charter))

    def act(self, kind: str, about: str, serial: int = 1, *stand: str) -> Act:
        return Act(kind, self.charter.digest, about, serial, tuple(sorted(stand)))

    def signed(self, by: OtherMember, act: Act, standing: str = "", **more: Any) -> bytes:
        body = forms.act_body(act, standing or self.charter.digest)
        return by.document(act.kind, body, **more)

    def told(self, by: OtherMember, raw: bytes) -> dict[str, Any]:
        """What our receipt says when `by` hands over a document."""
        sender = peers.must_be(by.fingerprint)
        with unit_of_work():
            accepted = peers.accept(raw, self.node.now)
            facts = directory.take(accepted, sender, self.node.now)
            return dict(
                jws.open_document(
                    peers.document_receipt(accepted, sender, facts, self.node.now)
                ).stated.body
            )

    def status(self, fingerprint: str) -> str:
        view = directory.partnership()
        assert view is not None
        return next((p.status for p in view.places if p.fingerprint == fingerprint), "")

    def proposed(self, kind: str, about: OtherMember) -> Act:
        with unit_of_work():
            return directory.propose(kind, about.fingerprint, "", self.node.now)

    def on_its_way(self, to: OtherMember) -> list[str]:
        """The types of what was ever put on its way to a peer."""
        rows = Delivery.objects.filter(peer_id=peers.must_be(to.fingerprint).id).order_by("id")
        return [row.document.type for row in rows if row.document.type != "agreement"]


@pytest.fixture
def partnership(node: Node) -> Partnership:
    return Partnership(node)


# --- effects --------------------------------------------------------------------------------------


def test_who_is_suspended_carries_nothing_and_is_not_trusted(partnership: Partnership) -> None:
    bank = peers.must_be(BANK.fingerprint)
    assert peers.terms(bank.id) is not None and peers.may_send(bank.id)
    partnership.proposed(SUSPENSION, BANK)
    assert peers.terms(bank.id) is not None  # one signature of two
    act = next(a for a in directory.partnership().acts)  # type: ignore[union-attr]
    partnership.told(POLICE, partnership.signed(POLICE, partnership.act(SUSPENSION, act.member)))  # type: ignore[arg-type]
    assert peers.terms(bank.id) is None and not peers.may_send(bank.id)
    assert members.find(BANK.fingerprint).id not in peers.trusted_member_ids(NOW)  # type: ignore[union-attr]
    assert members.find(POLICE.fingerprint).id in peers.trusted_member_ids(NOW)  # type: ignore[union-attr]
    assert peers.peer(bank.id).state == peers.summary(bank.id, NOW).state == "barred"


def test_who_is_reinstated_carries_again(partnership: Partnership) -> None:
    bank = peers.must_be(BANK.fingerprint)
    suspension = partnership.proposed(SUSPENSION, BANK)
    partnership.told(POLICE, partnership.signed(POLICE, suspension))
    assert peers.terms(bank.id) is None
    back = partnership.proposed(directory.REINSTATEMENT, BANK)
    assert peers.terms(bank.id) is None
    partnership.told(POLICE, partnership.signed(POLICE, back))
    assert peers.terms(bank.id) is not None
    assert partnership.status(BANK.fingerprint) == "active"


def test_a_node_without_a_charter_has_bilateral_peers_as_before(node: Node) -> None:
    peer = node.joined(BANK)
    assert directory.partnership() is None
    assert not directory.catch_up()
    assert peers.terms(peer.id) is not None
    with pytest.raises(NotFound), unit_of_work():
        directory.propose(EXPULSION, BANK.fingerprint, "", NOW)


def test_a_charter_that_our_people_have_not_signed_does_nothing(node: Node) -> None:
    """Two founders could otherwise make up a partnership, and expel our peers from it."""
    for other in OTHERS:
        node.joined(other)
    charter = Charter("Made up", tuple(sorted((BANK.fingerprint, POLICE.fingerprint))), 2, "")
    out = Act(EXPULSION, charter.digest, TELCO.fingerprint, 1)
    papers = [o.document("charter", forms.act_body(charter)) for o in (BANK, POLICE)]
    papers += [o.document(EXPULSION, forms.act_body(out, charter.digest)) for o in (BANK, POLICE)]
    sender = peers.must_be(BANK.fingerprint)
    for raw in papers:
        with unit_of_work():
            directory.take(peers.accept(raw, NOW), sender, NOW)
    assert directory.partnership() is None
    assert not members.barred()
    assert [each.name for each in directory.partnerships()] == ["Made up"]


def test_a_member_whose_card_comes_after_its_expulsion_is_barred_then(
    partnership: Partnership,
) -> None:
    late = OtherMember("late")
    admission = partnership.act(ADMISSION, late.fingerprint)
    expulsion = partnership.act(EXPULSION, late.fingerprint, 2)
    for act, by in itertools.product((admission, expulsion), (BANK, POLICE)):
        partnership.told(by, partnership.signed(by, act))
    assert partnership.status(late.fingerprint) == "expelled"
    peer = partnership.node.joined(late)
    directory.catch_up()
    assert peers.terms(peer.id) is None


# --- convergence ----------------------------------------------------------------------------------


def test_documents_in_any_order_give_the_same_standing(partnership: Partnership) -> None:
    admission = partnership.act(ADMISSION, TELCO.fingerprint)
    expulsion = partnership.act(EXPULSION, TELCO.fingerprint, 2)
    papers = [
        partnership.signed(by, act)
        for act, by in itertools.product((admission, expulsion), (BANK, POLICE))
    ]
    for raw in [*reversed(papers), *papers]:
        assert partnership.told(BANK, raw)["outcome"] == "accepted"
    assert partnership.status(TELCO.fingerprint) == "expelled"


def test_what_our_own_people_sign_follows_from_what_we_hold(partnership: Partnership) -> None:
    act = partnership.proposed(ADMISSION, TELCO)
    with pytest.raises(Conflict) as caught, unit_of_work():
        directory.sign(act.digest, NOW)
    assert caught.value.code == "already_signed"
    partnership.told(POLICE, partnership.signed(POLICE, act))
    with pytest.raises(Conflict), unit_of_work():
        directory.propose(ADMISSION, TELCO.fingerprint, "", NOW)
    with pytest.raises(NotPermitted), unit_of_work():
        directory.propose(SUSPENSION, partnership.node.fingerprint, "", NOW)


def test_a_second_charter_is_not_signed_here(partnership: Partnership) -> None:
    with pytest.raises(Conflict) as caught, unit_of_work():
        directory.propose_charter("Another", [TELCO.fingerprint], 2, "", NOW)
    assert caught.value.code == "other_partnership"


def test_each_change_is_one_entry_of_the_ledger(partnership: Partnership) -> None:
    act = partnership.proposed(ADMISSION, TELCO)
    before = Entry.objects.count()
    raw = partnership.signed(POLICE, act)
    partnership.told(POLICE, raw)
    assert Entry.objects.count() == before + 3  # the document, the standing, our receipt
    view = directory.partnership()
    assert view is not None and len(view.places) == 4
    row = queries.adopted()
    assert row is not None and len(queries.changes(row)) == 4
    partnership.told(POLICE, raw)
    assert len(queries.changes(row)) == 4


# --- keys -----------------------------------------------------------------------------------------


def test_a_failed_key_takes_back_what_nobody_witnessed(partnership: Partnership) -> None:
    """The key failed before we logged the signature: it stands for nothing."""
    key_id = BANK.key("act").key_id
    act = partnership.proposed(ADMISSION, TELCO)
    with unit_of_work():
        members.take_revocation(BANK.revocation("act", key_id, at=NOW, since=NOW - 1), NOW)
    told = partnership.told(POLICE, partnership.signed(BANK, act, at=NOW - 2))
    assert told["outcome"] == "accepted"
    # The charter's own signature came before nobody knew: it fell with the key, and all with it.
    view = directory.partnership()
    assert view is not None and not view.founded


def test_a_failed_key_leaves_what_was_logged_before(partnership: Partnership) -> None:
    act = partnership.proposed(ADMISSION, TELCO)
    partnership.told(BANK, partnership.signed(BANK, act))
    key_id = BANK.key("act").key_id
    with unit_of_work():
        since = partnership.node.now + 1
        members.take_revocation(BANK.revocation("act", key_id, at=since, since=since), NOW)
    directory.catch_up()
    assert partnership.status(TELCO.fingerprint) == "active"


def test_a_document_under_another_members_key_is_refused(partnership: Partnership) -> None:
    act = partnership.act(ADMISSION, TELCO.fingerprint)
    forged = BANK.document(
        ADMISSION, forms.act_body(act, partnership.charter.digest), signer=TELCO.key("act")
    )
    with pytest.raises(HueError) as caught:
        partnership.told(BANK, forged)
    assert caught.value.code == "unknown_key"


# --- whom it tells --------------------------------------------------------------------------------


def test_only_members_are_told(partnership: Partnership) -> None:
    act = partnership.proposed(ADMISSION, TELCO)
    assert partnership.on_its_way(TELCO) == []
    assert "admission" in partnership.on_its_way(POLICE)
    partnership.told(POLICE, partnership.signed(POLICE, act))
    sent = partnership.on_its_way(TELCO)
    assert sorted(sent) == ["admission"] * 2 + ["card"] * 3 + ["charter"] * 3
    assert sent[:3] == ["card"] * 3  # what proves them goes first


def test_a_member_is_not_told_what_is_only_proposed_about_it(partnership: Partnership) -> None:
    act = partnership.proposed(EXPULSION, BANK)
    assert "expulsion" not in partnership.on_its_way(BANK)
    assert "expulsion" in partnership.on_its_way(POLICE)
    partnership.told(POLICE, partnership.signed(POLICE, act))
    assert partnership.on_its_way(BANK).count("expulsion") == 2


def test_who_was_expelled_is_told_nothing_further(partnership: Partnership) -> None:
    out = partnership.proposed(EXPULSION, BANK)
    partnership.told(POLICE, partnership.signed(POLICE, out))
    before = partnership.on_its_way(BANK)
    act = partnership.proposed(ADMISSION, TELCO)
    partnership.told(POLICE, partnership.signed(POLICE, act))
    assert partnership.on_its_way(BANK) == before
    assert partnership.on_its_way(POLICE).count("admission") == 1


def test_nothing_is_sent_twice(partnership: Partnership) -> None:
    before = Delivery.objects.count()
    assert not directory.catch_up()
    row = queries.adopted()
    assert row is not None and service.settled(row)
    assert Delivery.objects.count() == before


# --- bounds ---------------------------------------------------------------------------------------


def test_a_peer_cannot_fill_us_with_charters(node: Node) -> None:
    node.joined(BANK)
    sender = peers.must_be(BANK.fingerprint)
    told = []
    for number in range(service.MAX_CHARTERS + 1):
        charter = Charter(f"No {number}", tuple(sorted((BANK.fingerprint, "00" * 32))), 2, "")
        with unit_of_work():
            accepted = peers.accept(BANK.document("charter", forms.act_body(charter)), NOW)
            told.append(directory.take(accepted, sender, NOW))
    assert [each.get("class") for each in told[:-1]] == [None] * service.MAX_CHARTERS
    assert told[-1] == {"outcome": "refused", "class": "too_many_charters"}
    assert len(queries.partnerships()) == service.MAX_CHARTERS


def test_a_member_cannot_fill_us_with_signatures(
    partnership: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MAX_SIGNATURES", 2)
    told = [
        partnership.told(BANK, partnership.signed(BANK, partnership.act(ADMISSION, f"{n:064x}")))
        for n in range(3)
    ]
    assert [each["outcome"] for each in told] == ["accepted", "refused", "refused"]


def test_an_act_of_a_charter_that_is_not_held_is_refused(partnership: Partnership) -> None:
    act = Act(ADMISSION, "ab" * 32, TELCO.fingerprint, 1)
    told = partnership.told(BANK, partnership.signed(BANK, act))
    assert (told["outcome"], told["class"]) == ("refused", "unknown_charter")


def test_a_founder_whose_signature_fell_may_give_it_anew(partnership: Partnership) -> None:
    key_id = BANK.key("act").key_id
    with unit_of_work():
        members.take_revocation(BANK.revocation("act", key_id, at=NOW, since=NOW - 1), NOW)
        members.take_card(BANK.signed_card(BANK.with_key("act", 1)), NOW)
    directory.catch_up()
    view = directory.partnership()
    assert view is not None and not view.founded and view.places == ()
    anew = BANK.document("charter", forms.act_body(partnership.charter), signer=BANK.key("act", 1))
    partnership.told(BANK, anew)
    assert partnership.status(BANK.fingerprint) == "active"
