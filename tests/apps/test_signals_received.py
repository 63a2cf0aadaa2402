"""Claims of other members: versions, retractions that come first, trust that changes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import connection

from hueandcry.apps.signals import face, jobs
from hueandcry.apps.signals.allow import allow_lists
from hueandcry.apps.signals.models import Claim, Signal, Tombstone
from hueandcry.core.errors import NotFound
from hueandcry.core.types import DAY, Audience, Tlp, Verdict
from hueandcry.engine.store import feed
from hueandcry.engine.store.work import unit_of_work
from signals_scene import NOW, PEER, STRANGER, US, Scene, theirs


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


def outcomes(received: face.Received) -> list[str]:
    return [outcome.text for outcome in received.outcomes]


def test_a_peers_own_claim_makes_a_scam_and_a_strangers_only_a_suspicion(scene: Scene) -> None:
    scene.received(theirs(PEER, "a.example"), theirs(STRANGER, "b.example"))
    assert scene.codes("a.example") == ["trusted_member_claim"]
    assert scene.codes("b.example") == ["single_source"]


def test_a_newer_version_replaces_and_an_older_one_changes_nothing(scene: Scene) -> None:
    first = theirs(PEER, "evil.example")
    newer = replace(first, modified=NOW + 5, verdict=Verdict.SUSPICIOUS)
    assert outcomes(scene.received(first)) == ["accepted"]
    position = feed.position(feed.FEED)
    assert outcomes(scene.received(first)) == ["merged"]
    assert feed.position(feed.FEED) == position
    assert outcomes(scene.received(newer, batch=2)) == ["accepted"]
    assert outcomes(scene.received(first, batch=3)) == ["stale"]
    assert scene.verdict("evil.example") == "suspicious"
    assert face.claims_of_batch(2) == [0]


def test_what_leaves_a_batch_is_counted(scene: Scene) -> None:
    first = theirs(PEER, "evil.example")
    scene.received(first, theirs(PEER, "bad.example"), batch=1)
    received = scene.received(replace(first, modified=NOW + 5), batch=2)
    assert dict(received.left) == {1: 1}
    gone = scene.taken_back(PEER, (first.id, NOW + 9))
    assert dict(gone.left) == {2: 1}
    assert (face.claims_of_batch(1), face.claims_of_batch(2)) == ([1], [])


def test_two_versions_in_one_call_end_as_the_newer_one(scene: Scene) -> None:
    first = theirs(PEER, "evil.example")
    newer = replace(first, modified=NOW + 5, verdict=Verdict.SUSPICIOUS)
    assert outcomes(scene.received(first, newer, first)) == ["accepted", "accepted", "stale"]
    assert Claim.objects.get().modified == NOW + 5
    assert scene.verdict("evil.example") == "suspicious"


def test_a_retraction_takes_effect_at_once_and_is_terminal(scene: Scene) -> None:
    claim = theirs(PEER, "evil.example")
    scene.received(claim)
    assert outcomes(scene.taken_back(PEER, (claim.id, NOW + 1))) == ["accepted"]
    assert scene.verdict("evil.example") == "unknown"
    assert outcomes(scene.taken_back(PEER, (claim.id, NOW + 2))) == ["merged"]
    assert outcomes(scene.received(replace(claim, modified=NOW + 9))) == ["retracted"]
    assert scene.verdict("evil.example") == "unknown"
    assert outcomes(scene.received(theirs(PEER, "evil.example", n=1))) == ["accepted"]
    assert scene.verdict("evil.example") == "scam"


def test_a_retraction_that_comes_first_leaves_a_tombstone(scene: Scene) -> None:
    claim = theirs(PEER, "evil.example")
    assert outcomes(scene.taken_back(PEER, (claim.id, NOW))) == ["accepted"]
    assert outcomes(scene.taken_back(PEER, (claim.id, NOW))) == ["merged"]
    assert Tombstone.objects.count() == 1
    assert outcomes(scene.received(claim)) == ["retracted"]
    assert scene.verdict("evil.example") == "unknown"


def test_nobody_retracts_or_replaces_what_another_claims(scene: Scene) -> None:
    claim = theirs(PEER, "evil.example")
    scene.received(claim)
    assert outcomes(scene.taken_back(STRANGER, (claim.id, NOW + 1))) == ["refused"]
    forged = replace(claim, claimant=STRANGER, modified=NOW + 1)
    assert outcomes(scene.received(forged)) == ["refused"]
    moved = replace(theirs(PEER, "other.example"), id=claim.id, modified=NOW + 1)
    assert outcomes(scene.received(moved)) == ["refused"]
    assert scene.verdict("evil.example") == "scam"


def test_nobody_tells_us_our_own_opinion(scene: Scene) -> None:
    assert outcomes(scene.received(theirs(US, "evil.example"))) == ["refused"]
    assert Claim.objects.count() == 0


def test_a_claimant_without_a_card_is_an_error_of_the_caller(scene: Scene) -> None:
    with pytest.raises(NotFound):
        scene.received(theirs("44" * 32, "evil.example"))


def test_the_same_signal_from_two_members_in_one_call_is_judged_over_both(scene: Scene) -> None:
    scene.trusted = set()
    scene.received(theirs(PEER, "evil.example"), theirs(STRANGER, "evil.example"))
    assert scene.codes("evil.example") == ["independent_sources"]


def test_an_allow_listed_host_stays_benign_whoever_claims_it(scene: Scene) -> None:
    scene.received(theirs(PEER, "google.com"), theirs(STRANGER, "google.com"))
    assert scene.verdict("google.com") == "benign"
    scene.raised("google.com")
    assert scene.verdict("google.com") == "benign"


def test_received_claims_are_never_pending(scene: Scene) -> None:
    scene.received(theirs(PEER, "evil.example"))
    assert face.pending_labels() == []
    ((_, ordinal, claim),) = face.claims_at(1)
    assert (ordinal, claim) == (0, theirs(PEER, "evil.example"))


def test_when_trust_ends_verdicts_follow(scene: Scene) -> None:
    scene.received(*(theirs(PEER, f"host{n}.example") for n in range(5)))
    assert jobs.rejudge_on_changed_trust(NOW)
    assert not jobs.rejudge_on_changed_trust(NOW)
    scene.trusted = set()
    assert jobs.rejudge_on_changed_trust(NOW)
    assert [scene.verdict(f"host{n}.example") for n in range(5)] == ["suspicious"] * 5


def test_trust_is_asked_anew_where_a_verdict_ran_out(scene: Scene) -> None:
    scene.received(theirs(PEER, "evil.example", until=NOW + DAY))
    scene.received(theirs(PEER, "evil.example", source="feed", until=NOW + 2 * DAY))
    scene.now = NOW + DAY
    assert scene.codes("evil.example") == ["single_source"]
    scene.now = NOW + 2 * DAY
    assert scene.codes("evil.example") == ["no_valid_claims"]


def test_a_claim_begins_to_count_when_it_says(scene: Scene) -> None:
    scene.received(replace(theirs(PEER, "evil.example"), valid_from=NOW + DAY))
    assert scene.verdict("evil.example") == "unknown"
    scene.now += DAY
    assert scene.verdict("evil.example") == "scam"


def _at_once(*works: Callable[[], object]) -> None:
    """Runs every work in a thread of its own, with a connection of its own."""

    def run(work: Callable[[], object]) -> None:
        try:
            for _ in range(5):
                work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(run, work) for work in works]:
            done.result(60)


def test_writers_at_once_lose_nothing_and_leave_the_verdicts_of_all_claims(scene: Scene) -> None:
    values = [f"host{n}.example" for n in range(40)]
    scene.raised(values[0])
    _at_once(
        lambda: scene.ingested(*values, source="one"),
        lambda: scene.ingested(*reversed(values), source="two"),
        lambda: scene.received(*(theirs(STRANGER, value) for value in values)),
        lambda: scene.received(*(theirs(PEER, value) for value in reversed(values))),
    )
    assert Claim.objects.count() == 4 * len(values) + 1
    assert sorted(Claim.objects.values_list("seq", flat=True)) == list(range(1, 162))
    columns = ("v_clear", "v_green", "v_own", "verdict_until")
    before = sorted(Signal.objects.values_list("key", *columns))
    with unit_of_work():
        face.rejudge(list(Signal.objects.values_list("id", flat=True)), NOW)
    assert sorted(Signal.objects.values_list("key", *columns)) == before
    assert len(before) == len(values)


def test_new_allow_lists_are_applied_to_everything_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.received(theirs(PEER, "evil.example", tlp=Tlp.CLEAR))
    assert not jobs.rejudge_on_new_lists(NOW)
    assert not jobs.rejudge_on_new_lists(NOW)
    changed = replace(
        allow_lists(), exact={**allow_lists().exact, "evil.example": "new"}, version="next"
    )
    monkeypatch.setattr("hueandcry.apps.signals.jobs.allow_lists", lambda: changed)
    monkeypatch.setattr("hueandcry.apps.signals.standing.allow_lists", lambda: changed)
    assert jobs.rejudge_on_new_lists(NOW)
    assert not jobs.rejudge_on_new_lists(NOW)
    assert scene.verdict("evil.example", Audience.CLEAR) == "benign"
