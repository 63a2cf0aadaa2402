"""Lists for an audience: what its verdicts say, without what nobody may act upon openly."""

from __future__ import annotations

from typing import Any

import pytest

from hueandcry.apps.signals import face
from hueandcry.core.formats import Entry, Row, Said
from hueandcry.core.normal import normalise
from hueandcry.core.types import (
    DAY,
    Audience,
    Embargo,
    Kind,
    Marking,
    Micros,
    Pap,
    Purpose,
    Tlp,
    Verdict,
)
from hueandcry.engine.store.work import unit_of_work
from signals_scene import ACTOR, NOW, PEER, STRANGER, Scene, domain, theirs


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


def raised(scene: Scene, value: str, marking: Marking, **more: object) -> None:
    new = face.NewClaim(normalise(Kind.DOMAIN, value), marking=marking, **more)  # type: ignore[arg-type]
    with unit_of_work():
        face.raise_claims(ACTOR, [new], scene.now)


def entries(audience: Audience, at: Micros = NOW, **more: object) -> list[Entry]:
    wanted = face.Wanted(audience, **more)  # type: ignore[arg-type]
    return [entry for _, entry in face.listed(wanted, at)]


def values(audience: Audience, at: Micros = NOW, **more: object) -> list[str]:
    return [entry.signal.value for entry in entries(audience, at, **more)]


def test_each_audience_gets_what_it_may_know(scene: Scene) -> None:
    for tlp in Tlp:
        raised(scene, f"{tlp.name.lower().replace('_', '-')}.example", Marking(tlp))
    assert values(Audience.CLEAR) == ["clear.example"]
    assert values(Audience.GREEN) == ["clear.example", "green.example"]
    assert len(values(Audience.OWN)) == len(Tlp)


def test_what_may_not_be_acted_upon_openly_is_in_no_list_not_even_our_own(scene: Scene) -> None:
    quiet = {
        "amber": Marking(Tlp.CLEAR, Pap.AMBER),
        "red": Marking(Tlp.CLEAR, Pap.RED),
        "held": Marking(Tlp.CLEAR, embargo=Embargo("case 7", NOW + DAY)),
        "court": Marking(Tlp.CLEAR, purposes=frozenset({Purpose.PROSECUTION})),
    }
    for name, marking in quiet.items():
        raised(scene, f"{name}.example", marking)
        assert scene.verdict(f"{name}.example") == "scam"
    for audience in Audience:
        assert values(audience) == []
    assert values(Audience.CLEAR, NOW + DAY) == ["held.example"]


def test_a_quiet_claim_does_not_count_beside_an_open_one(scene: Scene) -> None:
    scene.ingested("evil.example", source="one")
    raised(scene, "evil.example", Marking(Tlp.GREEN, Pap.RED))
    assert scene.verdict("evil.example") == "scam"
    assert values(Audience.OWN) == []
    assert values(Audience.OWN, verdicts=frozenset({Verdict.SUSPICIOUS})) == ["evil.example"]


def test_a_list_says_what_the_look_ups_say(scene: Scene) -> None:
    scene.ingested("one.example", "two.example", source="a")
    scene.ingested("two.example", source="b")
    scene.received(theirs(PEER, "peer.example"), theirs(STRANGER, "stranger.example"))
    scene.raised("google.com")
    assert values(Audience.GREEN) == ["two.example", "peer.example"]
    every = frozenset({Verdict.SCAM, Verdict.SUSPICIOUS})
    for value in values(Audience.GREEN, verdicts=every):
        assert scene.verdict(value, Audience.GREEN) in ("scam", "suspicious")
    scene.trusted.clear()
    assert values(Audience.GREEN) == ["two.example"]


def test_a_claim_leaves_the_lists_when_it_ends_and_when_it_is_withdrawn(scene: Scene) -> None:
    scene.raised("short.example", valid_until=NOW + DAY)
    scene.raised("wrong.example")
    assert values(Audience.GREEN) == ["short.example", "wrong.example"]
    scene.retracted("wrong.example")
    assert values(Audience.GREEN) == ["short.example"]
    assert values(Audience.GREEN, NOW + DAY) == []


def test_an_entry_tells_what_its_claims_say_and_when_it_ends(scene: Scene) -> None:
    raised(scene, "evil.example", Marking(Tlp.CLEAR), lure="job", confidence=40)
    scene.now += 1_000
    scene.received(theirs(PEER, "evil.example", until=NOW + 5 * DAY))
    (entry,) = entries(Audience.GREEN, scene.now)
    assert (entry.tlp, entry.lure, entry.confidence) == (Tlp.GREEN, "job", 40)
    assert (entry.since, entry.until) == (NOW, NOW + 5 * DAY)
    (entry,) = entries(Audience.CLEAR, scene.now)
    assert (entry.tlp, entry.until) == (Tlp.CLEAR, NOW + 90 * DAY)


def test_a_local_decision_is_in_the_lists_and_one_that_clears_lets_pass(scene: Scene) -> None:
    with unit_of_work():
        face.set_override(ACTOR, domain("bad.example"), Verdict.SCAM, "seen", NOW)
        face.set_override(ACTOR, domain("good.example"), Verdict.BENIGN, "ours", NOW)
    scene.received(theirs(PEER, "good.example"))
    assert values(Audience.CLEAR) == ["bad.example"]
    assert ("good.example", True) in face.passes(NOW)
    assert ("google.com", False) in face.passes(NOW)
    with unit_of_work():
        face.clear_override(ACTOR, domain("good.example"), NOW + 1)
    assert values(Audience.GREEN) == ["bad.example", "good.example"]


def test_kinds_are_chosen_and_pages_end_where_they_should(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hueandcry.apps.signals.listing._PAGE", 3)
    hosts = [f"host{n}.example" for n in range(7)]
    scene.ingested(*hosts, source="a")
    scene.ingested(*hosts, source="b")
    scene.raised("https://evil.example/pay", Kind.URL)
    assert sorted(values(Audience.GREEN, kinds=frozenset({Kind.DOMAIN}))) == hosts
    assert values(Audience.GREEN, kinds=frozenset({Kind.URL})) == ["evil.example/pay"]
    assert values(Audience.GREEN, kinds=frozenset()) == []
    rows = [id for id, _ in face.listed(face.Wanted(Audience.GREEN), NOW)]
    again = list(face.listed_of(face.Wanted(Audience.GREEN), rows, NOW))
    assert again == entries(Audience.GREEN)


def test_the_state_of_the_lists_changes_with_what_is_in_them(scene: Scene) -> None:
    before = face.listing_state(NOW)
    assert face.listing_state(NOW + DAY) == before
    scene.raised("evil.example")
    after = face.listing_state(NOW)
    assert after != before
    scene.trusted.clear()
    assert face.listing_state(NOW) != after


# --- rows that say more than a value --------------------------------------------------------------


def taken(scene: Scene, *rows: Row, **listing: object) -> face.IngestReport:
    report = face.IngestReport()
    rejects = []
    words = {"source": "feed", **listing}
    for part in face.ingest(ACTOR, rows, face.Listing(**words), chunk=3):  # type: ignore[arg-type]
        report.add(part)
        rejects += part.rejects
    report.rejects = rejects
    assert report.rows == len(rows) == report.accepted + report.merged + report.rejected
    return report


def row(value: str, n: int = 1, kind: Kind | None = Kind.DOMAIN, **said: object) -> Row:
    return Row(n, value, kind, Said(**said))  # type: ignore[arg-type]


def claim_of(value: str) -> face.Raised | dict[str, object]:
    (answer,) = face.check([value], NOW)
    return next(r["params"] for r in answer["reasons"] if r["code"] == "claim")  # type: ignore[no-any-return]


def test_a_row_says_for_itself_what_it_is_and_for_how_long(scene: Scene) -> None:
    said: dict[str, Any] = {
        "verdict": Verdict.SUSPICIOUS,
        "marking": Marking(Tlp.AMBER),
        "confidence": 80,
        "valid_until": NOW + 3 * DAY,
        "lure": "job",
        "method": "sms",
    }
    report = taken(scene, row("evil.example", **said), row("plain.example", 2))
    assert report.accepted == 2
    found = claim_of("evil.example")
    assert isinstance(found, dict)
    assert (found["verdict"], found["tlp"], found["confidence"]) == ("suspicious", "AMBER", 80)
    assert (found["lure"], found["method"]) == ("job", "sms")
    assert str(found["until"]).startswith("2026-09-24")
    again = taken(scene, row("evil.example", **said))
    assert again.merged == 1


@pytest.mark.parametrize(
    ("listed", "stated", "counts"),
    [
        (Tlp.GREEN, Tlp.CLEAR, "GREEN"),
        (Tlp.GREEN, Tlp.RED, "RED"),
        (Tlp.CLEAR, Tlp.CLEAR, "CLEAR"),
    ],
)
def test_of_two_markings_the_strictest_counts(
    scene: Scene, listed: Tlp, stated: Tlp, counts: str
) -> None:
    taken(scene, row("evil.example", marking=Marking(stated)), tlp=listed)
    found = claim_of("evil.example")
    assert isinstance(found, dict) and found["tlp"] == counts


def test_the_stricter_of_two_rows_about_one_value_counts(scene: Scene) -> None:
    rows = (
        row("evil.example", marking=Marking(Tlp.GREEN)),
        row("evil.example", 2, marking=Marking(Tlp.AMBER)),
        row("evil.example", 3, marking=Marking(Tlp.GREEN)),
    )
    report = taken(scene, *rows)
    assert (report.accepted, report.merged) == (1, 2)
    found = claim_of("evil.example")
    assert isinstance(found, dict) and found["tlp"] == "AMBER"


def test_rows_that_are_no_claims_are_refused_by_their_code(scene: Scene) -> None:
    rows = (
        Row(1, "gone.example", Kind.DOMAIN, None, "revoked"),
        row("old.example", 2, valid_until=NOW),
        row("late.example", 3, valid_from=NOW + 9_000 * DAY),
        row("http://a.example/", 4, kind=Kind.URL),
        row("evil.example", 5),
        row("not a host", 6),
    )
    report = taken(scene, *rows, kind=Kind.DOMAIN)
    assert [(each.n, each.code) for each in report.rejects] == [
        (1, "revoked"),
        (2, "expired"),
        (3, "not_yet"),
        (4, "other_kind"),
        (6, "not-a-domain"),
    ]


def test_a_claim_that_begins_later_counts_later(scene: Scene) -> None:
    start = NOW + 2 * DAY
    taken(scene, row("evil.example", valid_from=start, valid_until=start + DAY))
    assert scene.verdict("evil.example") == "unknown"
    assert taken(scene, row("evil.example", valid_from=start, valid_until=start + DAY)).merged == 1
    scene.now = start
    assert scene.verdict("evil.example") == "suspicious"
    assert taken(scene, row("evil.example", valid_from=start, valid_until=start + DAY)).merged == 1


def test_an_end_beyond_two_years_means_the_usual_life(scene: Scene) -> None:
    taken(scene, row("evil.example", valid_until=NOW + 5_000 * DAY))
    scene.now += 91 * DAY
    assert scene.verdict("evil.example") == "unknown"


def test_nobody_is_believed_beyond_the_cap(scene: Scene) -> None:
    rows = (
        row("a.example", confidence=100),
        row("b.example", 2),
        row("c.example", 3, confidence=9),
    )
    taken(scene, *rows, confidence=60, confidence_cap=50)
    found = [claim_of(f"{name}.example") for name in "abc"]
    assert [each["confidence"] for each in found if isinstance(each, dict)] == [50, 50, 9]
