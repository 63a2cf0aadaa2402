"""Raising, revising, retracting and overriding: what our own people do to signals."""

from __future__ import annotations

from typing import Any

import pytest

from hueandcry.apps.signals import face
from hueandcry.apps.signals.models import Act
from hueandcry.core.errors import Conflict, Malformed, NotFound
from hueandcry.core.normal import normalise
from hueandcry.core.stix import claim_id
from hueandcry.core.types import DAY, SECOND, Audience, Kind, Lane, Tlp, Verdict
from hueandcry.engine.store import feed
from hueandcry.engine.store.work import unit_of_work
from signals_scene import ACTOR, NOW, US, Scene, domain


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


def test_a_raised_claim_makes_its_signal_a_scam_at_once_and_is_logged(scene: Scene) -> None:
    raised = scene.raised("evil.example")
    assert raised.outcome == "raised"
    assert raised.claim_id == claim_id(US, "", "domain", "evil.example", 0)
    assert scene.verdict("evil.example") == "scam"
    assert scene.codes("evil.example") == ["own_claim"]
    act = Act.objects.get()
    assert (act.kind, act.count) == ("raise", 1)
    assert act.log_index is not None


def test_an_audience_learns_only_of_claims_marked_for_it(scene: Scene) -> None:
    scene.raised("green.example", tlp=Tlp.GREEN)
    scene.raised("amber.example", tlp=Tlp.AMBER)
    assert [scene.verdict("green.example", a) for a in Audience] == ["unknown", "scam", "scam"]
    assert [scene.verdict("amber.example", a) for a in Audience] == ["unknown", "unknown", "scam"]


def test_absent_and_forbidden_are_the_same_answer(scene: Scene) -> None:
    before = scene.answer("amber.example", Audience.CLEAR)
    scene.raised("amber.example", tlp=Tlp.AMBER)
    assert scene.answer("amber.example", Audience.CLEAR) == before


def test_the_end_of_a_hidden_claim_is_not_told_beside_a_visible_one(scene: Scene) -> None:
    scene.raised("evil.example", tlp=Tlp.CLEAR, valid_until=NOW + 200 * DAY)
    before = scene.answer("evil.example", Audience.CLEAR)
    scene.ingested("evil.example", tlp=Tlp.AMBER, source="other")
    scene.now += DAY
    scene.ingested("evil.example", tlp=Tlp.AMBER, source="third", kind=None)
    assert scene.answer("evil.example", Audience.CLEAR) == before


def test_saying_the_same_again_changes_nothing(scene: Scene) -> None:
    first = scene.raised("evil.example")
    position = feed.position(feed.FEED)
    again = scene.raised("evil.example")
    assert (again.outcome, again.modified) == ("merged", first.modified)
    assert feed.position(feed.FEED) == position
    assert Act.objects.count() == 1


def test_saying_something_else_revises_the_same_claim_with_a_later_time(scene: Scene) -> None:
    first = scene.raised("evil.example")
    revised = scene.raised("evil.example", verdict=Verdict.SUSPICIOUS)
    assert (revised.outcome, revised.claim_id) == ("revised", first.claim_id)
    assert revised.modified == first.modified + 1000
    assert scene.verdict("evil.example") == "suspicious"


def test_a_person_may_raise_again_what_was_retracted_under_a_new_id(scene: Scene) -> None:
    first = scene.raised("evil.example")
    (gone,) = scene.retracted("evil.example")
    assert gone.claim_id == first.claim_id
    assert gone.modified > first.modified
    assert scene.verdict("evil.example") == "unknown"
    again = scene.raised("evil.example")
    assert (again.n, again.claim_id) == (1, claim_id(US, "", "domain", "evil.example", 1))
    assert scene.verdict("evil.example") == "scam"


def test_what_was_not_claimed_cannot_be_retracted(scene: Scene) -> None:
    for attempt in ("never.example", "once.example"):
        with pytest.raises(NotFound):
            scene.retracted(attempt)
    scene.raised("once.example")
    scene.retracted("once.example")
    with pytest.raises(NotFound):
        scene.retracted("once.example")


def test_one_source_can_be_retracted_without_the_others(scene: Scene) -> None:
    scene.raised("evil.example")
    scene.ingested("evil.example", source="feed")
    scene.retracted("evil.example", source="")
    assert scene.codes("evil.example") == ["single_source"]
    scene.retracted("evil.example")
    assert scene.verdict("evil.example") == "unknown"


@pytest.mark.parametrize(
    ("kind", "value", "days"),
    [
        (Kind.DOMAIN, "evil.example", 90),
        (Kind.PHONE, "+84901234567", 30),
        (Kind.WALLET, "0x52908400098527886E0F7030069857D2E4169EE7", 365),
    ],
)
def test_a_claim_ends_by_itself_after_the_time_of_its_kind(
    scene: Scene, kind: Kind, value: str, days: int
) -> None:
    scene.raised(value, kind)
    lookups = face.Lookups(Audience.OWN)
    scene.now = NOW + days * DAY - 1
    assert lookups.one(value, kind)["verdict"] == "scam"
    scene.now += 1
    answer = lookups.one(value, kind)
    assert answer["verdict"] == "unknown"
    assert answer["reasons"] == [{"code": "no_valid_claims", "params": {}}]


@pytest.mark.parametrize(
    "wrong",
    [{"verdict": Verdict.UNKNOWN}, {"confidence": 101}, {"valid_until": NOW}],
)
def test_what_cannot_be_meant_is_refused(scene: Scene, wrong: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        scene.raised("evil.example", **wrong)


def test_several_claims_in_one_act_answer_in_their_order(scene: Scene) -> None:
    values = ["c.example", "a.example", "b.example", "a.example"]
    with unit_of_work():
        raised = face.raise_claims(ACTOR, [face.NewClaim(domain(v)) for v in values], NOW)
    assert [each.signal.value for each in raised] == values
    assert Act.objects.get().count == 3


def test_an_override_decides_until_it_ends_or_is_cleared(scene: Scene) -> None:
    scene.raised("evil.example")
    with unit_of_work():
        face.set_override(ACTOR, domain("evil.example"), Verdict.BENIGN, "ours", NOW, NOW + SECOND)
    assert scene.answer("evil.example")["verdict"] == "benign"
    assert scene.codes("evil.example", Audience.CLEAR) == ["local_override"]
    scene.now += SECOND
    assert scene.verdict("evil.example") == "scam"
    with unit_of_work():
        face.clear_override(ACTOR, domain("evil.example"), scene.now)
    assert scene.verdict("evil.example") == "scam"
    with pytest.raises(Conflict), unit_of_work():
        face.clear_override(ACTOR, domain("evil.example"), scene.now)


def test_an_override_needs_no_claim(scene: Scene) -> None:
    with unit_of_work():
        face.set_override(ACTOR, domain("new.example"), Verdict.SCAM, "seen", NOW)
    assert scene.verdict("new.example", Audience.CLEAR) == "scam"


def test_the_change_feed_holds_claims_retractions_and_decisions_in_order(scene: Scene) -> None:
    scene.raised("a.example")
    scene.raised("b.example")
    scene.retracted("a.example")
    with unit_of_work():
        face.set_override(ACTOR, domain("c.example"), Verdict.SCAM, "seen", NOW)
    changes = face.changes(0, 10)
    assert [(c.signal.value, c.retracted, c.claim is None) for c in changes] == [
        ("b.example", False, False),
        ("a.example", True, False),
        ("c.example", False, True),
    ]
    assert [c.seq for c in changes] == sorted({c.seq for c in changes})
    assert face.changes(changes[-1].seq, 10) == []
    assert face.changes(0, 1) == changes[:1]


def test_pending_claims_wait_by_label_until_a_batch_carries_them(scene: Scene) -> None:
    for value in ("a.example", "b.example"):
        scene.raised(value)
    scene.raised("c.example", tlp=Tlp.AMBER)
    first, second = face.pending_labels()
    assert face.label(first).marking.tlp is Tlp.GREEN
    rows = face.pending(first, 10)
    assert [claim.signal.value for _, claim in rows] == ["a.example", "b.example"]
    assert rows[0][1].claimant == US
    with unit_of_work():
        face.mark_batched([row for row, _ in rows], 7)
    assert face.pending_labels() == [second]
    assert face.claims_of_batch(7) == [0, 1]
    revised = scene.raised("a.example", verdict=Verdict.SUSPICIOUS)
    assert revised.left == 7
    assert face.claims_of_batch(7) == [1]
    assert [claim.verdict for _, claim in face.pending(first, 10)] == [Verdict.SUSPICIOUS]


def test_a_retraction_waits_in_the_live_lane_even_when_the_claim_was_bulk(scene: Scene) -> None:
    scene.ingested("evil.example")
    (bulk,) = face.pending_labels()
    assert face.label(bulk).lane is Lane.BULK
    (gone,) = scene.retracted("evil.example")
    (live,) = face.pending_labels()
    assert face.label(live).lane is Lane.LIVE
    assert face.pending(live, 10) == []
    (waiting,) = face.pending_retractions(live, 10)
    assert (waiting.claim_id, waiting.reason) == (gone.claim_id, "mistaken")
    with unit_of_work():
        face.mark_batched([waiting.row], 9)
    assert face.pending_labels() == []
    assert face.claims_of_batch(9) == []


def test_restamped_claims_carry_the_earlier_time_and_wait_again(scene: Scene) -> None:
    raised = scene.raised("evil.example")
    (label,) = face.pending_labels()
    with unit_of_work():
        face.mark_batched([raised.row], 3)
        assert face.restamp([raised.row], NOW - 3600 * SECOND) == {3: 1}
    ((_, claim),) = face.pending(label, 10)
    assert claim.modified == claim.created == claim.valid_from == NOW - 3600 * SECOND


def test_released_claims_wait_again(scene: Scene) -> None:
    raised = scene.raised("evil.example")
    with unit_of_work():
        face.mark_batched([raised.row], 3)
        assert face.release_batch([raised.row]) == {3: 1}
    assert len(face.pending_labels()) == 1


def test_our_claims_about_a_value_are_named_oldest_first(scene: Scene) -> None:
    first = scene.raised("evil.example")
    scene.retracted("evil.example")
    again = scene.raised("evil.example")
    ids = face.claim_ids(domain("evil.example"))
    assert ids == [first.claim_id.bytes, again.claim_id.bytes]
    assert face.claim_ids(domain("good.example")) == []
    raised = face.label_of_claims(ids)
    assert raised is not None
    assert face.ids_of_batch(1) == []


def test_checking_shows_people_every_claim_behind_the_verdict(scene: Scene) -> None:
    scene.raised("evil.example", lure="parcel", confidence=80)
    (answer,) = face.check(["http://evil.example/pay"], NOW)
    assert answer["verdict"] == "scam"
    assert [reason["code"] for reason in answer["reasons"]] == [
        "own_claim",
        "parent_match",
        "claim",
    ]
    shown = answer["reasons"][-1]["params"]
    assert (shown["lure"], shown["confidence"], shown["tlp"]) == ("parcel", 80, "GREEN")
    (hidden,) = face.check(["evil.example"], NOW, audience=Audience.CLEAR)
    assert hidden["reasons"] == [{"code": "no_claims", "params": {}}]


def test_normalised_spellings_meet_in_one_signal(scene: Scene) -> None:
    scene.raised("EVIL[.]example.")
    assert scene.verdict("hxxp://evil.example/") == "scam"
    assert normalise(Kind.DOMAIN, "evil.example").key == domain("EVIL.example").key
