"""Shields: what names a person who may be coerced is to others as if nobody had spoken of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from hueandcry.apps.reports import face as reports
from hueandcry.apps.signals import face, queries, shielding, shields
from hueandcry.apps.signals.models import Act, Shield
from hueandcry.core.errors import Conflict, Malformed
from hueandcry.core.normal import normalise
from hueandcry.core.types import DAY, Actor, Audience, Kind, Marking, Pap, Signal, Tlp, Verdict
from hueandcry.doors.desk import lists
from hueandcry.engine.ledger.models import Entry
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node

pytestmark = pytest.mark.database

PHONE = normalise(Kind.PHONE, "+66812345678")
FIRST, SECOND = UUID(int=1), UUID(int=2)
OTHERS = (Audience.CLEAR, Audience.GREEN)


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    return Node(monkeypatch)


def shielded(node: Node, because: UUID = FIRST, signal: Signal = PHONE) -> int:
    with unit_of_work():
        return face.shield([signal.key], because, node.now)


def lifted(node: Node, reason: str = "she says that nobody makes her") -> None:
    with unit_of_work():
        face.lift_shield(Actor(node.fingerprint), PHONE, reason, node.now)


def claimed(node: Node) -> face.Raised:
    new = face.NewClaim(PHONE, marking=Marking(tlp=Tlp.CLEAR, pap=Pap.CLEAR))
    with unit_of_work():
        return face.raise_claims(Actor(node.fingerprint), [new], node.now)[0]


def told(node: Node, audience: Audience) -> dict[str, Any]:
    """All that one audience can ask about the value, or find it by."""
    at = node.now
    lookups = face.Lookups(audience)
    where = face.SeenWhere(audience=audience, at=at)
    return {
        "look-up": lookups.one(PHONE.value, PHONE.kind),
        "judged": lookups.judged({PHONE.key: PHONE}, at),
        "check": face.check([PHONE.value], at, audience=audience),
        "list": b"".join(lists.pieces(lists.list_of("phone", "text", audience), at)),
        "csv": b"".join(lists.pieces(lists.list_of("phone", "csv", audience), at)),
        "seen": face.seen(PHONE, audience, at),
        "known": face.known_to([lookups.one(PHONE.value, PHONE.kind)], audience, at),
        "changes": face.changes_seen(audience, 0, 10, at).changes,
        "scams": face.scams(PHONE.kind, audience, 0, 10, at)[0],
        "claims": face.newest_claims(at, where=where).claims,
        "public": reports.public_check([PHONE.value], at),
    }


@pytest.mark.parametrize("audience", OTHERS)
@pytest.mark.parametrize("first", ["claim", "shield"])
def test_absent_and_shielded_are_the_same_bytes(node: Node, audience: Audience, first: str) -> None:
    absent = told(node, audience)
    acts: list[Callable[[Node], object]] = [claimed, shielded]
    for act in acts if first == "claim" else reversed(acts):
        act(node)
    assert told(node, audience) == absent
    node.now += 29 * DAY
    assert face.Lookups(audience).one(PHONE.value, PHONE.kind) == absent["look-up"]


def test_without_a_shield_the_same_value_is_on_every_list(node: Node) -> None:
    claimed(node)
    for audience in OTHERS:
        found = told(node, audience)
        assert found["look-up"]["verdict"] == "scam"
        assert PHONE.value.encode() in found["list"] and found["changes"] and found["scams"]


def test_our_own_people_see_the_verdict_and_that_it_is_shielded(node: Node) -> None:
    claimed(node)
    shielded(node)
    (answer,) = face.check([PHONE.value], node.now)
    assert answer["verdict"] == "scam"
    reason = {"code": "shielded", "params": {"requests": [str(FIRST)]}}
    assert reason in answer["reasons"]
    held = face.dossier(PHONE, node.now)
    assert reason in held.answers[Audience.OWN]["reasons"] and held.shielded_by == (FIRST,)
    assert all(reason not in held.answers[each]["reasons"] for each in OTHERS)


def test_a_value_of_which_nobody_spoke_is_shielded_without_being_stored(node: Node) -> None:
    shielded(node)
    assert queries.signal_of(PHONE.key) is None
    assert face.dossier(PHONE, node.now).shielded_by == (FIRST,)


def test_claims_on_a_shielded_value_wait_and_leave_once_it_is_lifted(node: Node) -> None:
    shielded(node)
    raised = claimed(node)
    (label,) = face.pending_labels()
    assert face.pending(label, 10) == []
    lifted(node)
    assert [row for row, _ in face.pending(label, 10)] == [raised.row]


def test_what_went_in_a_batch_is_shown_no_more_until_it_is_lifted(node: Node) -> None:
    raised = claimed(node)
    with unit_of_work():
        face.mark_batched([raised.row], 7)
    id = raised.claim_id.bytes

    def shown() -> tuple[object, ...]:
        return (
            face.claims_of_batch(7),
            face.in_force([7], node.now),
            list(face.standing_of([id], node.now)),
            face.claim_seen(raised.claim_id, Audience.CLEAR, node.now) is not None,
        )

    assert shown() == ([0], {7: [0]}, [id], True)
    shielded(node)
    assert shown() == ([], {}, [], False)
    lifted(node)
    assert shown() == ([0], {7: [0]}, [id], True)


def test_a_decision_against_a_shielded_value_is_not_told_and_one_for_it_is(node: Node) -> None:
    shielded(node)
    for decided, others in ((Verdict.SCAM, "unknown"), (Verdict.BENIGN, "benign")):
        with unit_of_work():
            face.set_override(Actor(node.fingerprint), PHONE, decided, "looked at", node.now)
        assert [face.Lookups(a).one(PHONE.value)["verdict"] for a in OTHERS] == [others, others]
        assert face.Lookups(Audience.OWN).one(PHONE.value)["verdict"] == decided.value


def test_two_requests_shield_one_value_until_both_are_gone(node: Node) -> None:
    claimed(node)
    assert (shielded(node), shielded(node), shielded(node, SECOND)) == (1, 0, 1)
    for gone, verdict in ((FIRST, "unknown"), (SECOND, "scam")):
        with unit_of_work():
            face.end_shields([gone], node.now)
        assert face.Lookups(Audience.CLEAR).one(PHONE.value)["verdict"] == verdict
    assert not Shield.objects.exists()


def test_a_person_lifts_it_with_a_reason_and_the_ledger_has_it_without_the_value(
    node: Node,
) -> None:
    claimed(node)
    shielded(node)
    shielded(node, SECOND)
    with pytest.raises(Malformed):
        lifted(node, " ")
    before = Entry.objects.count()
    lifted(node)
    assert Entry.objects.count() == before + 1
    assert Act.objects.get(kind="shield-end").log_index is not None
    kept = [bytes(row.log_record) for row in Shield.objects.all()]
    kept.append(bytes(Act.objects.get(kind="shield-end").log_record))
    assert all(kept) and not any(PHONE.value[1:].encode() in each for each in kept)
    assert not any(PHONE.key.hex().encode() in each for each in kept)
    assert face.Lookups(Audience.CLEAR).one(PHONE.value)["verdict"] == "scam"
    with pytest.raises(Conflict):
        lifted(node)
    assert shielded(node) == 0  # the same request does not shield again what was lifted
    assert face.Lookups(Audience.CLEAR).one(PHONE.value)["verdict"] == "scam"


def test_what_was_claimed_while_its_shield_was_made_is_judged_again(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    shielded(node)
    with monkeypatch.context() as unseen:  # a writer that read who is shielded just before
        unseen.setattr(shields, "all_keys", frozenset[bytes])
        claimed(node)
    assert face.Lookups(Audience.CLEAR).one(PHONE.value)["verdict"] == "scam"
    shielding.catch_up(node.now)
    assert face.Lookups(Audience.CLEAR).one(PHONE.value)["verdict"] == "unknown"
    assert shields.late() == []
