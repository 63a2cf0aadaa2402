"""Seats: a guest says its own under its home's signature, and is a stranger in all else."""

from __future__ import annotations

from typing import Any

import pytest

from hueandcry.apps.exchange import payloads
from hueandcry.apps.exchange.intake import read_claim
from hueandcry.apps.exchange.models import Batch
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.models import Delivery
from hueandcry.apps.signals import face as signals
from hueandcry.core import jws
from hueandcry.core.errors import Conflict, HueError, Malformed, NotFound, NotPermitted, Untrusted
from hueandcry.core.normal import normalise
from hueandcry.core.sharing import seat_terms
from hueandcry.core.stix import claim_id
from hueandcry.core.types import Actor, Audience, Kind, Marking, Tlp
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node, claim
from other_member import NOW, OtherMember

BANK, STRANGER = OtherMember("bank"), OtherMember("stranger")


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    return Node(monkeypatch)


def opened(short: str = "coop", ceiling: Tlp = Tlp.GREEN) -> members.SeatView:
    home = members.us().fingerprint
    code = members.code_of(home, short)
    terms = seat_terms(home, members.guest_fingerprint(home, code), NOW, ceiling)
    with unit_of_work():
        seat = members.open_seat(code, f"The {short}", "LA", ["bank"], terms, NOW)
        peers.announce_seat(seat, NOW)
    return seat


def guest(seat: members.SeatView) -> Actor:
    return Actor(seat.fingerprint, None, frozenset({"guest"}))


def raised(node: Node, actor: Actor, value: str, **marking: Any) -> signals.Raised:
    marks = Marking(**{"tlp": Tlp.GREEN, **marking})
    new = signals.NewClaim(normalise(Kind.DOMAIN, value), marking=marks)
    with unit_of_work():
        return signals.raise_claims(actor, [new], node.now)[0]


def retracted(node: Node, actor: Actor, value: str, source: str | None = None) -> int:
    with unit_of_work():
        signal = normalise(Kind.DOMAIN, value)
        return len(signals.retract(actor, signal, "mistake", node.now, source))


def answer(node: Node, value: str, actor: Actor | None = None) -> dict[str, Any]:
    return signals.check([value], node.now, actor=actor)[0]


def claims(node: Node, value: str, actor: Actor | None = None) -> list[dict[str, Any]]:
    reasons = answer(node, value, actor)["reasons"]
    return [each["params"] for each in reasons if each["code"] == "claim"]


# --- what it says ---------------------------------------------------------------------------------


def test_a_guests_claim_is_the_homes_by_signature_and_the_guests_by_source(node: Node) -> None:
    seat = opened()
    made = raised(node, guest(seat), "evil.example")
    source = f"seat:coop.{node.fingerprint[:8]}"
    assert seat.source == source
    assert made.claim_id == claim_id(node.fingerprint, source, "domain", "evil.example", 0)
    (shown,) = claims(node, "evil.example")
    assert (shown["member"], shown["seat"], shown["source"]) == ("Centre", "The coop", source)


def test_a_seat_is_one_source_and_not_the_homes_own_people(node: Node) -> None:
    seat = opened()
    raised(node, guest(seat), "evil.example")
    said = answer(node, "evil.example")
    assert (said["verdict"], said["reasons"][0]["code"]) == ("suspicious", "single_source")
    node.raised("evil.example")
    assert answer(node, "evil.example")["reasons"][0]["code"] == "own_claim"


def test_two_seats_are_two_sources_whatever_lists_each_names(node: Node) -> None:
    one, other = opened("coop"), opened("rural")
    raised(node, guest(one), "evil.example")
    for feed in ("first", "second"):
        listing = signals.Listing(kind=Kind.DOMAIN, source=feed)
        list(signals.ingest(guest(one), [signals.Row(1, "evil.example")], listing))
    assert node.verdict("evil.example") == "suspicious"
    raised(node, guest(other), "evil.example")
    assert node.verdict("evil.example") == "scam"
    assert answer(node, "evil.example")["reasons"][0]["code"] == "independent_sources"


def test_a_peers_seat_counts_as_that_seat_and_not_as_the_peer(node: Node) -> None:
    node.joined(BANK)
    source = f"seat:coop.{BANK.fingerprint[:8]}"
    node.took(BANK, BANK.batch(claim(BANK, "evil.example", source=source)))
    assert node.verdict("evil.example") == "suspicious"
    node.took(BANK, BANK.batch(claim(BANK, "evil.example")))
    assert answer(node, "evil.example")["reasons"][0]["code"] == "trusted_member_claim"


def test_nobody_else_speaks_for_a_guest(node: Node) -> None:
    seat = opened()
    ours = Actor(node.fingerprint)
    listing = signals.Listing(kind=Kind.DOMAIN, source=seat.source)
    with pytest.raises(Malformed):
        list(signals.ingest(ours, [signals.Row(1, "evil.example")], listing))
    node.joined(BANK)
    with pytest.raises(NotPermitted) as caught:
        raised(node, Actor(BANK.fingerprint), "evil.example")
    assert caught.value.code == "no_seat"


def test_a_guest_that_says_it_again_merges_and_does_not_touch_the_homes(node: Node) -> None:
    seat = opened()
    raised(node, guest(seat), "evil.example")
    assert raised(node, guest(seat), "evil.example").outcome == "merged"
    node.raised("evil.example")
    assert len(claims(node, "evil.example")) == 2


# --- what it withdraws ----------------------------------------------------------------------------


def test_a_guest_withdraws_its_own_and_nothing_else(node: Node) -> None:
    one, other = opened("coop"), opened("rural")
    node.raised("evil.example")
    raised(node, guest(one), "evil.example")
    raised(node, guest(other), "evil.example")
    with pytest.raises(NotFound):
        retracted(node, guest(one), "evil.example", other.source)
    assert retracted(node, guest(one), "evil.example") == 1
    left = {each["source"] for each in claims(node, "evil.example")}
    assert left == {"", other.source}
    with pytest.raises(NotFound):
        retracted(node, guest(one), "evil.example")


def test_the_home_leaves_a_guests_claims_alone_unless_it_names_them(node: Node) -> None:
    seat = opened()
    node.raised("evil.example")
    raised(node, guest(seat), "evil.example")
    home = Actor(node.fingerprint)
    assert retracted(node, home, "evil.example") == 1
    assert [each["source"] for each in claims(node, "evil.example")] == [seat.source]
    assert retracted(node, home, "evil.example", seat.source) == 1
    assert claims(node, "evil.example") == []


# --- what it sees ---------------------------------------------------------------------------------


def test_a_guest_sees_green_of_its_home_and_amber_of_its_own_only(node: Node) -> None:
    seat = opened()
    node.raised("green.example")
    node.raised("amber.example", tlp=Tlp.AMBER)
    raised(node, guest(seat), "mine.example", tlp=Tlp.AMBER)
    seen = {v: answer(node, v, guest(seat))["verdict"] for v in ("green.example", "mine.example")}
    assert seen == {"green.example": "scam", "mine.example": "scam"}
    hidden = answer(node, "amber.example", guest(seat))
    assert hidden["reasons"] == answer(node, "nobody.example", guest(seat))["reasons"]
    assert (hidden["verdict"], hidden["until"]) == ("unknown", None)


def test_for_a_guest_its_own_claim_is_its_own_and_its_homes_a_members(node: Node) -> None:
    seat = opened()
    raised(node, guest(seat), "mine.example")
    node.raised("theirs.example")
    codes = [
        answer(node, value, guest(seat))["reasons"][0]["code"]
        for value in ("mine.example", "theirs.example")
    ]
    assert codes == ["own_claim", "trusted_member_claim"]


def test_where_the_home_shares_more_the_guest_sees_amber_of_the_home_alone(node: Node) -> None:
    seat = opened(ceiling=Tlp.AMBER)
    node.raised("amber.example", tlp=Tlp.AMBER)
    node.joined(BANK)
    node.took(BANK, BANK.batch(claim(BANK, "third.example", tlp=Tlp.AMBER)))
    node.took(BANK, BANK.batch(claim(BANK, "open.example")))
    seen = [
        answer(node, value, guest(seat))["verdict"]
        for value in ("amber.example", "third.example", "open.example")
    ]
    assert seen == ["scam", "unknown", "scam"]
    assert claims(node, "third.example", guest(seat)) == []


def test_the_words_of_a_local_decision_are_not_a_guests_to_read(node: Node) -> None:
    seat = opened()
    signal = normalise(Kind.DOMAIN, "evil.example")
    with unit_of_work():
        verdict = signals.NewClaim(signal).verdict
        signals.set_override(Actor(node.fingerprint), signal, verdict, "case 17", node.now)
    said = answer(node, "evil.example", guest(seat))
    assert said["verdict"] == "scam" and "case 17" not in str(said)


def test_a_link_below_a_known_domain_is_found_for_a_guest_too(node: Node) -> None:
    seat = opened()
    node.raised("evil.example")
    said = answer(node, "https://www.evil.example/login", guest(seat))
    assert said["verdict"] == "scam"
    assert said["reasons"][1]["code"] == "parent_match"


# --- who belongs to it ----------------------------------------------------------------------------


def test_a_guests_people_have_no_role_over_the_home(node: Node) -> None:
    seat = opened()
    for role in ("administrator", "analyst", "auditor"):
        with pytest.raises(NotPermitted):
            members.add_person("lao", [role], member=seat.guest, at=NOW)
    person, _ = members.add_person("lao", ["guest"], member=seat.guest, at=NOW)
    with pytest.raises(NotPermitted):
        members.set_roles(person.pk, ["guest", "analyst"], None, NOW)
    assert members.actor("lao").member == seat.fingerprint


def test_a_guests_token_never_reads_all_that_we_hold(node: Node) -> None:
    seat = opened()
    with pytest.raises(NotPermitted):
        members.new_token(Audience.OWN, "lao", NOW, member=seat.guest)
    made = members.new_token(Audience.GREEN, "lao", NOW, member=seat.guest)
    assert members.caller(made.text, NOW).actor().member == seat.fingerprint


def test_when_a_seat_ends_its_people_and_tokens_are_out_and_its_claims_stay(node: Node) -> None:
    seat = opened()
    raised(node, guest(seat), "evil.example")
    members.add_person("lao", ["guest"], member=seat.guest, at=NOW)
    token = members.new_token(Audience.GREEN, "lao", NOW, member=seat.guest)
    with unit_of_work():
        members.end_seat("coop", NOW)
    with pytest.raises(NotPermitted):
        raised(node, guest(seat), "more.example")
    with pytest.raises(NotFound):
        members.actor("lao")
    with pytest.raises(Untrusted):
        members.caller(token.text, NOW)
    assert node.verdict("evil.example") == "suspicious"
    with pytest.raises(Conflict):
        members.end_seat("coop", NOW)


def test_a_seat_that_is_opened_again_keeps_its_claims(node: Node) -> None:
    seat = opened()
    raised(node, guest(seat), "evil.example")
    with unit_of_work():
        members.end_seat("coop", NOW)
    again = opened()
    assert (again.code, again.guest, again.serial) == (seat.code, seat.guest, 3)
    assert retracted(node, guest(again), "evil.example") == 1


def test_what_a_guest_claims_can_be_listed_to_move_out_with(node: Node) -> None:
    seat = opened()
    node.raised("ours.example")
    for n in range(5):
        raised(node, guest(seat), f"claim-{n}.example")
    first = signals.claims_of_source(seat.source, 0, 3)
    rest = signals.claims_of_source(seat.source, first[-1][0], 3)
    values = [claim.signal.value for _, claim in [*first, *rest]]
    assert values == [f"claim-{n}.example" for n in range(5)]


@pytest.mark.parametrize("short", ["", "Coop", "a b", "x" * 41, "-a", "a-", "a.b", "a/b"])
def test_a_short_name_has_one_plain_form(short: str) -> None:
    with pytest.raises(Malformed):
        members.code_of("ab" * 32, short)


# --- what others are told -------------------------------------------------------------------------


def sent(to: peers.PeerView) -> list[str]:
    rows = Delivery.objects.filter(peer_id=to.id).order_by("id")
    return [row.document.type for row in rows]


def test_peers_are_told_of_a_seat_and_new_peers_too(node: Node) -> None:
    before = node.joined(BANK)
    opened()
    assert sent(before).count("seat") == 1
    after = node.joined(STRANGER)
    assert sent(after).count("seat") == 1


def told(node: Node, by: OtherMember, body: dict[str, Any]) -> dict[str, Any]:
    sender = peers.must_be(by.fingerprint)
    with unit_of_work():
        accepted = peers.accept(by.document("seat", body), node.now)
        return peers.take_seat(accepted, sender, node.now)


def body(home: OtherMember, **changed: Any) -> dict[str, Any]:
    said = {"code": f"coop.{home.fingerprint[:8]}", "country": "LA", "name": "Coop"}
    return {**said, "roles": ["bank"], "serial": 1, "state": "open", **changed}


def test_a_seat_of_another_home_is_named_where_it_speaks(node: Node) -> None:
    node.joined(BANK)
    assert told(node, BANK, body(BANK)) == {"outcome": "accepted"}
    source = f"seat:coop.{BANK.fingerprint[:8]}"
    node.took(BANK, BANK.batch(claim(BANK, "evil.example", source=source)))
    (shown,) = claims(node, "evil.example")
    assert (shown["member"], shown["seat"]) == ("bank", "Coop")


def test_an_older_word_about_a_seat_changes_nothing(node: Node) -> None:
    node.joined(BANK)
    told(node, BANK, body(BANK, serial=2, state="ended", name="New name"))
    told(node, BANK, body(BANK))
    (seat,) = members.seats(ours=False)
    assert (seat.serial, seat.ended, seat.name) == (2, True, "New name")


def test_no_home_speaks_of_another_homes_seat(node: Node) -> None:
    node.joined(BANK)
    with pytest.raises(Malformed):
        told(node, BANK, body(STRANGER))


@pytest.mark.parametrize(
    "changed",
    [
        {"code": "coop"},
        {"state": "shut"},
        {"serial": 0},
        {"serial": True},
        {"name": 7},
        {"country": "LAO"},
        {"roles": ["emperor"]},
        {"roles": "bank"},
        {"more": 1},
    ],
    ids=str,
)
def test_a_seat_document_has_one_form(node: Node, changed: dict[str, Any]) -> None:
    node.joined(BANK)
    with pytest.raises(HueError):
        told(node, BANK, body(BANK, **changed))


def test_our_own_announcement_is_one_that_others_take(node: Node) -> None:
    seat = opened()
    assert members.seat(seat.code).announced is not None
    document = jws.open_document(members.seat(seat.code).announced or b"").stated
    assert document.body == members.seat_body(seat)
    assert (document.type, document.aud) == ("seat", "*")


def test_a_guests_claims_go_out_under_our_signature_and_say_whose_they_are(node: Node) -> None:
    node.joined(BANK)
    seat = opened()
    raised(node, guest(seat), "evil.example")
    node.published()
    batch = Batch.objects.get()
    (line,) = payloads.lines_of(batch)
    said = read_claim(line, node.fingerprint)
    assert (said.claimant, said.source) == (node.fingerprint, seat.source)
    assert jws.open_document(batch.document).stated.iss == node.fingerprint
