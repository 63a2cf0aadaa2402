"""What people leaf through: claims by cursor, one signal whole, search, notes."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hueandcry.apps.members import face as members
from hueandcry.apps.signals import browsing, face
from hueandcry.apps.signals.models import Claim
from hueandcry.core.errors import Malformed
from hueandcry.core.normal import normalise
from hueandcry.core.types import DAY, Audience, Kind, Tlp, Verdict
from hueandcry.engine.store.work import unit_of_work
from signals_scene import ACTOR, NOW, PEER, STRANGER, Scene, domain, theirs

pytestmark = pytest.mark.database


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


def values(page: face.ClaimPage) -> list[str]:
    return [claim.signal.value for claim in page.claims]


def leafed(limit: int, **more: object) -> list[str]:
    """Every page to the end."""
    found: list[str] = []
    before = None
    while True:
        page = face.newest_claims(NOW, before=before, limit=limit, **more)  # type: ignore[arg-type]
        found += values(page)
        before = page.before
        if before is None:
            return found


# --- lists ---------------------------------------------------------------------------------------


def test_claims_come_newest_first_and_every_one_on_exactly_one_page(scene: Scene) -> None:
    names = [f"n{n}.example" for n in range(7)]
    for name in names:
        scene.raised(name)
    assert leafed(3) == names[::-1]
    assert leafed(7) == names[::-1]


def test_what_is_revised_meanwhile_is_not_lost_from_the_pages(scene: Scene) -> None:
    for n in range(4):
        scene.raised(f"n{n}.example")
    first = face.newest_claims(NOW, limit=2)
    scene.now += 1
    scene.raised("n0.example", verdict=Verdict.SUSPICIOUS)
    rest = face.newest_claims(NOW, before=first.before, limit=9)
    assert values(first) == ["n3.example", "n2.example"]
    assert values(rest) == ["n1.example"]
    assert values(face.newest_claims(NOW, limit=1)) == ["n0.example"]


def test_lists_are_left_out_and_each_member_has_its_own(scene: Scene) -> None:
    scene.ingested("listed.example")
    scene.raised("ours.example")
    scene.received(theirs(PEER, "peers.example"), theirs(STRANGER, "strangers.example"))
    us, peer = members.us().id, scene.id_of(PEER)
    assert values(face.claims_by(us, NOW)) == ["ours.example"]
    assert values(face.claims_by(peer, NOW)) == ["peers.example"]
    assert values(face.newest_claims(NOW, others=True)) == ["strangers.example", "peers.example"]


def test_filters_by_kind_verdict_and_state(scene: Scene) -> None:
    scene.raised("evil.example")
    scene.raised("+66812345678", Kind.PHONE, verdict=Verdict.SUSPICIOUS)
    scene.raised("gone.example")
    scene.retracted("gone.example")
    scene.raised("old.example", valid_until=NOW + 1)
    later = NOW + DAY

    def found(**where: object) -> list[str]:
        chosen = face.Where(**where)  # type: ignore[arg-type]
        return values(face.newest_claims(later, where=chosen))

    assert found(kinds=frozenset({Kind.PHONE})) == ["+66812345678"]
    assert found(verdict=Verdict.SUSPICIOUS) == ["+66812345678"]
    assert found(state="retracted") == ["gone.example"]
    assert found(state="ended") == ["old.example"]
    assert found(state="live") == ["+66812345678", "evil.example"]


def test_a_page_that_finds_nothing_says_where_it_stopped(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browsing, "STEP", 2)
    monkeypatch.setattr(browsing, "REACH", 4)
    scene.raised("+66812345678", Kind.PHONE)
    for n in range(6):
        scene.raised(f"n{n}.example")
    wanted = face.Where(kinds=frozenset({Kind.PHONE}))
    first = face.newest_claims(NOW, where=wanted)
    assert first.claims == () and first.before is not None
    second = face.newest_claims(NOW, where=wanted, before=first.before)
    assert values(second) == ["+66812345678"] and second.before is None


def test_a_page_costs_the_same_however_many_claims_are_on_it(scene: Scene) -> None:
    def cost(limit: int) -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert len(face.newest_claims(NOW, limit=limit).claims) == limit
        return len(asked)

    for n in range(20):
        scene.raised(f"n{n}.example", lure="loan", method="sms")
    cost(20)  # fills the caches of interned texts
    assert cost(2) == cost(20) <= 3


def test_pages_of_people_are_read_from_their_own_index(scene: Scene) -> None:
    scene.ingested(*(f"l{n}.example" for n in range(600)))
    scene.raised("ours.example")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET enable_seqscan = off")
            cursor.execute("ANALYZE signals_claim")
        explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        cursor.execute(
            f"{explain} SELECT id FROM signals_claim WHERE source = 0 AND seq < %s "
            "AND claimant_id = %s ORDER BY seq DESC LIMIT 50",
            [2**62, members.us().id],
        )
        plan = " ".join(str(column) for row in cursor.fetchall() for column in row)
        if connection.vendor == "postgresql":
            cursor.execute("SET enable_seqscan = on")
    assert "signals_claim_people" in plan


# --- search --------------------------------------------------------------------------------------


def test_search_answers_for_the_value_itself_even_where_nobody_spoke_of_it(scene: Scene) -> None:
    found = face.search("hxxps://Nobody[.]example/x")
    assert found.signal == normalise(Kind.URL, "https://nobody.example/x")
    assert found.answer is not None and found.answer["verdict"] == "unknown"
    assert found.hits == ()


def test_search_by_part_finds_what_people_said_and_what_begins_so_comes_first(
    scene: Scene,
) -> None:
    scene.raised("secure-bank.example")
    scene.raised("bank-login.example")
    scene.ingested("bank-listed.example")
    found = face.search("BANK-")
    assert [hit.signal.value for hit in found.hits] == ["bank-login.example"]
    found = face.search("bank")
    assert [hit.signal.value for hit in found.hits] == ["bank-login.example", "secure-bank.example"]
    assert {hit.answer["verdict"] for hit in found.hits} == {"scam"}


@pytest.mark.parametrize("text", ["%%%", "___", "!!!", "';--", "\\\\\\", "\x00\x00\x00"])
def test_signs_that_mean_something_to_a_database_are_only_letters(scene: Scene, text: str) -> None:
    scene.raised("evil.example")
    assert face.search(text).hits == ()


def test_search_shows_no_kind_that_it_was_not_asked_for(scene: Scene) -> None:
    scene.raised("+66812345678", Kind.PHONE)
    assert [h.signal.kind for h in face.search("6681234").hits] == [Kind.PHONE]
    open_kinds = frozenset(Kind) - {Kind.PHONE}
    assert face.search("6681234", within=open_kinds).hits == ()


def test_short_texts_are_not_looked_for(scene: Scene) -> None:
    scene.raised("ab.example")
    found = face.search("ab")
    assert not found.looked and found.hits == () and found.refusal is not None


# --- one signal ----------------------------------------------------------------------------------


def test_a_dossier_holds_every_claim_with_whose_it_is_and_for_whom_it_counts(scene: Scene) -> None:
    scene.raised("evil.example", tlp=Tlp.AMBER, lure="loan", confidence=70)
    scene.ingested("evil.example", tlp=Tlp.CLEAR)
    scene.received(theirs(PEER, "evil.example", tlp=Tlp.GREEN))
    told = face.dossier(domain("evil.example"), NOW).claims
    by = {(t.claim.name, t.claim.source): t for t in told}
    assert set(by) == {("11", ""), ("11", "feed"), ("22", "")}
    assert by["11", ""].counts_for == {Audience.OWN}
    assert by["11", "feed"].counts_for == set(Audience)
    assert by["22", ""].counts_for == {Audience.GREEN, Audience.OWN}
    ours = by["11", ""].claim
    assert (ours.ours, ours.lure, ours.confidence) == (True, "loan", 70)
    assert (ours.marking.tlp, ours.state) == (Tlp.AMBER, "live")


def test_a_dossier_says_why_each_audience_gets_its_verdict(scene: Scene) -> None:
    scene.received(theirs(PEER, "evil.example", tlp=Tlp.AMBER))
    scene.ingested("evil.example", tlp=Tlp.CLEAR)
    answers = face.dossier(domain("evil.example"), NOW).answers
    reasons = {a: answer["reasons"][0] for a, answer in answers.items()}
    assert {a: answer["verdict"] for a, answer in answers.items()} == {
        Audience.OWN: "scam",
        Audience.GREEN: "suspicious",
        Audience.CLEAR: "suspicious",
    }
    assert reasons[Audience.OWN] == {"code": "trusted_member_claim", "params": {"members": ["22"]}}
    assert reasons[Audience.CLEAR]["code"] == "single_source"


def test_a_dossier_of_a_part_says_of_what_it_is_a_part(scene: Scene) -> None:
    scene.raised("evil.example")
    deep = normalise(Kind.URL, "https://login.evil.example/x")
    held = face.dossier(deep, NOW)
    codes = [reason["code"] for reason in held.answers[Audience.OWN]["reasons"]]
    assert not held.known and held.claims == () and "parent_match" in codes


def test_a_dossier_keeps_retractions_decisions_and_notes(scene: Scene) -> None:
    signal = domain("evil.example")
    scene.raised("evil.example")
    scene.retracted("evil.example")
    with unit_of_work():
        face.set_override(ACTOR, signal, Verdict.BENIGN, "our own shop", NOW, NOW + DAY)
        face.add_note(ACTOR, signal, " called the owner ", NOW)
    held = face.dossier(signal, NOW)
    assert [(t.claim.state, t.withdrawn) for t in held.claims] == [("retracted", "mistaken")]
    assert [(d.verdict, d.in_force) for d in held.decisions] == [(Verdict.BENIGN, True)]
    assert held.answers[Audience.OWN]["reasons"][0]["params"] == {"reason": "our own shop"}
    assert held.answers[Audience.CLEAR]["reasons"][0]["params"] == {}
    assert [note.text for note in held.notes] == ["called the owner"]
    with unit_of_work():
        face.clear_override(ACTOR, signal, NOW)
    assert [d.in_force for d in face.dossier(signal, NOW).decisions] == [False]


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
def test_a_note_says_something_and_not_too_much(scene: Scene, text: str) -> None:
    with pytest.raises(Malformed), unit_of_work():
        face.add_note(ACTOR, domain("evil.example"), text, NOW)


def test_a_dossier_costs_the_same_however_many_claims_there_are(scene: Scene) -> None:
    def cost(value: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            face.dossier(domain(value), NOW)
        return len(asked)

    scene.raised("one.example")
    scene.raised("many.example")
    for n in range(12):
        scene.ingested("many.example", source=f"feed-{n}")
    scene.received(theirs(PEER, "many.example"), theirs(STRANGER, "many.example"))
    cost("many.example")
    assert cost("one.example") == cost("many.example") <= 11


# --- acts ----------------------------------------------------------------------------------------


def test_acts_come_newest_first_with_their_entries(scene: Scene) -> None:
    scene.raised("a.example")
    scene.ingested("b.example", "c.example")
    scene.retracted("a.example")
    found = face.acts()
    assert [(act.kind, act.count) for act in found] == [("retract", 1), ("ingest", 2), ("raise", 1)]
    assert [act.log_index for act in found] == [2, 1, 0]
    assert face.acts(before=found[0].number, limit=1) == found[1:2]
    assert Claim.objects.count() == 3
