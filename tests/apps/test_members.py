"""Cards, root chains, keys and their end; tokens and people."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hueandcry.apps.members import face, rules
from hueandcry.apps.members.models import Card, Key, Member, Person, Revocation, Token
from hueandcry.core import jws
from hueandcry.core.errors import (
    Conflict,
    HueError,
    Malformed,
    NotFound,
    NotPermitted,
    Untrusted,
)
from hueandcry.core.types import DAY, SECOND, Audience
from hueandcry.engine.keys import ed25519
from hueandcry.engine.keys.keyring import PURPOSES, Keyring
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.store.work import unit_of_work
from other_member import NOW, VALID, OtherMember, key

GOLDEN = Path(__file__).parent / "golden" / "card_v1.jws"
OTHER = OtherMember("bank")
ROTATED = replace(OTHER.card, roots=(OTHER.statement(0), OTHER.statement(1)), serial=2)


def opened(raw: bytes, expected: str | None = None) -> rules.Card:
    return rules.open_card(raw, verify=ed25519.verify, expected=expected)


def refused(raw: bytes, expected: str | None = None) -> str:
    with pytest.raises(HueError) as caught:
        opened(raw, expected)
    return caught.value.code


def taken(raw: bytes, **more: Any) -> Member:
    with unit_of_work():
        return face.take_card(raw, NOW, **more)


def not_taken(raw: bytes) -> str:
    before = (Card.objects.count(), Key.objects.count(), ledger.head())
    with pytest.raises(HueError) as caught:
        taken(raw)
    assert (Card.objects.count(), Key.objects.count(), ledger.head()) == before
    return caught.value.code


def revoked(raw: bytes) -> None:
    with unit_of_work():
        face.take_revocation(raw, NOW)


def not_revoked(raw: bytes) -> str:
    with pytest.raises(HueError) as caught:
        revoked(raw)
    assert not Revocation.objects.exists()
    return caught.value.code


# --- the card by itself --------------------------------------------------------------------------


def test_a_card_of_version_1_has_these_bytes_for_ever() -> None:
    assert OTHER.signed_card() == GOLDEN.read_bytes().strip()
    assert opened(GOLDEN.read_bytes().strip(), OTHER.fingerprint) == OTHER.card


def test_the_fingerprint_is_of_the_first_root_statement_whatever_follows() -> None:
    assert opened(OTHER.signed_card(ROTATED, root=1)).fingerprint == OTHER.fingerprint
    text = '{"key":"' + "A" * 43 + '","next":"' + "0" * 64 + '","type":"root","v":1}'
    statement = rules.RootStatement(bytes(32), "0" * 64)
    assert rules.fingerprint_of(statement) == hashlib.sha256(text.encode()).hexdigest()


def test_a_card_of_another_member_than_expected_is_refused() -> None:
    assert refused(OTHER.signed_card(), "00" * 32) == "fingerprint"


def test_every_changed_byte_of_a_card_is_noticed() -> None:
    raw = OTHER.signed_card()
    for place in range(0, len(raw), 7):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        assert refused(changed, OTHER.fingerprint)


def test_a_card_under_another_root_is_refused() -> None:
    assert refused(OTHER.signed_card(root=1)) == "wrong_key"
    assert refused(OTHER.signed_card(ROTATED, root=0)) == "wrong_key"


def test_a_chain_that_begins_with_another_root_is_refused() -> None:
    other = replace(OTHER.card, roots=(OTHER.statement(1),))
    assert refused(OTHER.signed_card(other, root=1)) == "root_chain"


def test_a_root_that_was_not_committed_to_is_refused() -> None:
    skipping = replace(OTHER.card, roots=(OTHER.statement(0), OTHER.statement(2)))
    assert refused(OTHER.signed_card(skipping, root=2)) == "root_chain"


def test_one_key_for_two_purposes_is_refused_the_root_included() -> None:
    act = OTHER.card.keys[0]
    for public in (act.public, OTHER.roots[0].public):
        twice = replace(OTHER.card, keys=(act, rules.CardKey("log", public, *VALID)))
        assert refused(OTHER.signed_card(twice)) == "key_reused"


@pytest.mark.parametrize(
    "point", [bytes(32), b"\x01" + bytes(31), b"\xec" + b"\xff" * 30 + b"\x7f"]
)
def test_a_key_of_small_order_is_refused(point: bytes) -> None:
    weak = replace(OTHER.card, keys=(rules.CardKey("act", point, *VALID),))
    assert refused(OTHER.signed_card(weak)) == "small_order_key"


def test_a_key_of_unknown_purpose_or_without_time_is_refused() -> None:
    odd = replace(OTHER.card, keys=(rules.CardKey("vote", key("x").public, *VALID),))
    assert refused(OTHER.signed_card(odd)) == "key_purpose"
    ended = replace(OTHER.card, keys=(rules.CardKey("act", key("x").public, NOW, NOW),))
    assert refused(OTHER.signed_card(ended)) == "key_validity"


@pytest.mark.parametrize(
    "changed",
    [
        {"serial": 0},
        {"serial": "1"},
        {"serial": True},
        {"name": "n" * 201},
        {"name": None},
        {"country": "VNM"},
        {"roles": ["astrologer"]},
        {"roles": "io"},
        {"url": 7},
        {"roots": []},
        {"roots": {}},
        {"roots": ["root"]},
        {"roots": [{"v": 2, "type": "root", "key": "", "next": ""}]},
        {"keys": None},
        {"keys": [{}]},
        {"keys": [7]},
        {"keys": [{"purpose": "act", "key": 5, "valid_from": "", "valid_to": ""}]},
    ],
)
def test_a_card_with_a_member_of_the_wrong_type_is_refused(changed: dict[str, Any]) -> None:
    assert refused(OTHER.signed_card(**changed)) == "card"


def test_only_a_card_for_everybody_of_version_1_in_earnest_is_a_card() -> None:
    body, root = rules.card_body(OTHER.card), OTHER.roots[0]
    assert refused(OTHER.document("report", body, signer=root)) == "card"
    assert refused(OTHER.document("card", body, signer=root, aud="00" * 32)) == "card"
    assert refused(OTHER.document("card", body, signer=root, v=2)) == "unknown_version"
    assert refused(OTHER.document("card", body, signer=root, exercise=True)) == "exercise"


# --- cards as they come in -----------------------------------------------------------------------


def test_a_card_makes_a_member_with_its_keys_and_is_logged_once(database: None) -> None:
    member = taken(OTHER.signed_card(), expected=OTHER.fingerprint)
    assert (member.name, member.country, member.roles, member.serial) == ("bank", "VN", ["bank"], 1)
    assert sorted(member.keys.values_list("purpose", flat=True)) == sorted(rules.PURPOSES)
    assert face.card_of(OTHER.fingerprint) == OTHER.signed_card()
    assert ledger.head() == 1
    assert taken(OTHER.signed_card()) == member
    assert ledger.head() == 1


def test_a_newer_card_replaces_and_an_older_one_is_refused(database: None) -> None:
    first, newer = OTHER.signed_card(), OTHER.signed_card(replace(OTHER.card, serial=2, name="new"))
    taken(first)
    assert taken(newer).name == "new"
    assert not_taken(first) == "card_serial"
    assert face.card_of(OTHER.fingerprint) == newer


def test_a_second_card_under_one_serial_is_refused(database: None) -> None:
    taken(OTHER.signed_card())
    assert not_taken(OTHER.signed_card(replace(OTHER.card, name="other"))) == "card_serial"


def test_the_committed_next_root_may_follow(database: None) -> None:
    taken(OTHER.signed_card())
    assert taken(OTHER.signed_card(ROTATED, root=1)).serial == 2
    back = replace(OTHER.card, serial=3)
    assert not_taken(OTHER.signed_card(back)) == "root_chain"
    third = replace(ROTATED, roots=(*ROTATED.roots, OTHER.statement(2)), serial=3)
    assert taken(OTHER.signed_card(third, root=2)).serial == 3


def test_another_chain_from_the_same_first_root_is_refused(database: None) -> None:
    taken(OTHER.signed_card(ROTATED, root=1))
    forked = rules.RootStatement(OTHER.roots[1].public, "00" * 32)
    other = replace(ROTATED, roots=(OTHER.statement(0), forked), serial=3)
    assert not_taken(OTHER.signed_card(other, root=1)) == "root_chain"


def test_a_new_card_adds_keys_and_keeps_the_old_ones(database: None) -> None:
    taken(OTHER.signed_card())
    taken(OTHER.signed_card(OTHER.with_key("act", 1)))
    for generation in (0, 1):
        kid = f"{OTHER.fingerprint}/{OTHER.key('act', generation).key_id}"
        assert face.acting_key(kid).public == OTHER.key("act", generation).public


def test_a_new_card_says_how_long_a_key_is_good_for(database: None) -> None:
    taken(OTHER.signed_card())
    shorter = tuple(replace(each, valid_to=NOW + DAY) for each in OTHER.card.keys)
    taken(OTHER.signed_card(replace(OTHER.card, serial=2, keys=shorter)))
    assert set(Key.objects.values_list("valid_to", flat=True)) == {NOW + DAY}


def test_a_key_is_known_for_its_purpose_only(database: None) -> None:
    taken(OTHER.signed_card())
    kid = f"{OTHER.fingerprint}/{OTHER.key('act').key_id}"
    assert face.acting_key(kid).public == OTHER.key("act").public
    for asked in (face.transport_key, lambda _: face.acting_key(kid[:-1] + "_")):
        with pytest.raises(Untrusted, match="is known"):
            asked(kid)


def test_who_has_no_card_here_is_nobody(database: None) -> None:
    assert face.find(OTHER.fingerprint) is None
    for ask in (face.card_of, face.member_id):
        with pytest.raises(NotFound):
            ask(OTHER.fingerprint)
    with pytest.raises(NotFound):
        face.member(7)
    with pytest.raises(NotFound, match="hueandcry init"):
        face.us()


# --- revocation ----------------------------------------------------------------------------------


def acting() -> face.KeyView:
    return face.acting_key(f"{OTHER.fingerprint}/{OTHER.key('act').key_id}")


def stands(at: int) -> bool:
    view = acting()
    return face.stands(
        valid_from=view.valid_from,
        valid_to=view.valid_to,
        compromised_since=view.compromised_since,
        at=at,
    )


def test_signatures_before_the_compromise_stand_and_those_after_do_not(database: None) -> None:
    taken(OTHER.signed_card())
    assert stands(NOW)
    revoked(OTHER.revocation("act", OTHER.key("act").key_id, since=NOW - 50))
    assert [stands(at) for at in (NOW - 51, NOW - 50, NOW)] == [True, False, False]


def test_a_key_stands_from_its_beginning_until_its_end() -> None:
    times = {"valid_from": 10, "valid_to": 20, "compromised_since": None}
    assert [rules.stands(**times, at=at) for at in (9, 10, 19, 20)] == [False, True, True, False]  # type: ignore[arg-type]


def test_a_revocation_is_logged_once_and_the_earliest_instant_stands(database: None) -> None:
    taken(OTHER.signed_card())
    key_id = OTHER.key("act").key_id
    first = OTHER.revocation("act", key_id, since=NOW - 50)
    revoked(first)
    size = ledger.head()
    revoked(first)
    assert ledger.head() == size
    revoked(OTHER.revocation("act", key_id, since=NOW - 10))
    assert acting().compromised_since == NOW - 50
    revoked(OTHER.revocation("act", key_id, since=NOW - 90))
    assert acting().compromised_since == NOW - 90


def test_a_revocation_that_comes_before_its_card_counts(database: None) -> None:
    taken(OTHER.signed_card())
    revoked(OTHER.revocation("act", OTHER.key("act", 1).key_id, since=NOW - 50))
    assert acting().compromised_since is None
    taken(OTHER.signed_card(OTHER.with_key("act", 1)))
    new = face.acting_key(f"{OTHER.fingerprint}/{OTHER.key('act', 1).key_id}")
    assert new.compromised_since == NOW - 50


def test_a_new_card_does_not_bring_a_revoked_key_back(database: None) -> None:
    taken(OTHER.signed_card())
    revoked(OTHER.revocation("act", OTHER.key("act").key_id, since=NOW - 50))
    taken(OTHER.signed_card(replace(OTHER.card, serial=2)))
    assert acting().compromised_since == NOW - 50


def test_only_the_newest_root_revokes(database: None) -> None:
    taken(OTHER.signed_card(ROTATED, root=1))
    key_id = OTHER.key("act").key_id
    assert not_revoked(OTHER.revocation("act", key_id)) == "wrong_key"
    by_itself = rules.revocation_body(rules.RevokedKey(OTHER.fingerprint, "act", key_id, NOW, NOW))
    assert not_revoked(OTHER.document("revocation", by_itself)) == "wrong_key"
    revoked(OTHER.revocation("act", key_id, root=1))


def test_a_revocation_of_another_form_is_refused(database: None) -> None:
    taken(OTHER.signed_card())
    key_id, root = OTHER.key("act").key_id, OTHER.roots[0]
    assert not_revoked(OTHER.revocation("act", key_id, since=NOW + 1)) == "revocation"
    assert not_revoked(OTHER.document("revocation", {}, signer=root)) == "revocation"
    for_one = OTHER.document("revocation", {}, signer=root, aud="00" * 32)
    assert not_revoked(for_one) == "revocation"
    assert not_revoked(OtherMember("stranger").revocation("act", key_id)) == "member"


# --- our own node --------------------------------------------------------------------------------

FOUNDING = face.Founding("Centre", "th", ("asc",), "https://centre.example/")


@pytest.fixture
def keyring(database: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keyring:
    made = Keyring.create(tmp_path / "node", [p.value for p in PURPOSES], NOW)
    monkeypatch.setattr(face, "own", lambda: made)
    with unit_of_work():
        face.found(FOUNDING, made, NOW)
    return made


def own_card() -> rules.Card:
    return opened(face.card_of(face.us().fingerprint))


def test_founding_signs_a_card_under_the_root_and_commits_to_the_next(keyring: Keyring) -> None:
    card = own_card()
    assert (card.name, card.country, card.url, card.serial) == (
        *("Centre", "TH", "https://centre.example"),
        1,
    )
    assert card.roots[0].key == keyring.root().root.public
    assert [each.public for each in card.keys] == [keyring.public(p) for p in rules.PURPOSES]
    assert face.us().fingerprint == card.fingerprint
    with unit_of_work(), pytest.raises(Conflict):
        face.found(FOUNDING, keyring, NOW)


@pytest.mark.parametrize(
    "wrong",
    [{"roles": ("wizard",)}, {"roles": ()}, {"name": " "}, {"name": "n" * 201}, {"url": "u" * 301}],
)
def test_what_no_card_could_say_is_refused_before_a_key_is_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(HueError) as caught:
        face.check_founding(replace(FOUNDING, **wrong))
    assert caught.value.code in ("role", "name") and caught.value.do


def test_renewed_keys_are_the_ones_that_sign_and_the_old_ones_still_stand(keyring: Keyring) -> None:
    old = face.signing_key("act")
    with unit_of_work():
        raw = face.renew_keys(keyring, ["act", "transport"], NOW + DAY)
    face.forget()
    new = face.signing_key("act")
    assert new != old and keyring.public("act", new) == keyring.public("act")
    card = opened(raw, face.us().fingerprint)
    assert card.serial == 2 and len(card.keys) == 7
    assert {each.key_id for each in face.own_keys() if each.purpose == "act"} == {old, new}
    assert face.acting_key(f"{card.fingerprint}/{old}").compromised_since is None


def test_a_renewal_leaves_out_keys_that_have_ended(keyring: Keyring) -> None:
    late = NOW + rules.KEY_LIFETIME
    with unit_of_work():
        face.renew_keys(keyring, rules.PURPOSES, late)
    assert all(each.valid_to > late for each in own_card().keys)
    assert len(own_card().keys) == len(rules.PURPOSES)


def test_a_revoked_key_of_ours_signs_no_longer(keyring: Keyring) -> None:
    old = face.signing_key("act")
    with unit_of_work():
        raw = face.revoke_key(keyring, "act", old, NOW, NOW - 5)
    face.forget()
    revocation = rules.open_revocation(raw, root=keyring.root().root.public, verify=ed25519.verify)
    assert (revocation.key_id, revocation.compromised_since) == (old, NOW - 5)
    with pytest.raises(NotFound, match="keys renew"):
        face.signing_key("act")
    with unit_of_work():
        face.renew_keys(keyring, ["act"], NOW)
    assert face.signing_key("act") != old


def test_a_key_that_is_not_there_or_not_yet_lost_cannot_be_revoked(keyring: Keyring) -> None:
    with unit_of_work(), pytest.raises(NotFound):
        face.revoke_key(keyring, "act", "0" * 16, NOW, NOW)
    with unit_of_work(), pytest.raises(HueError, match="not come yet"):
        face.revoke_key(keyring, "act", face.signing_key("act"), NOW, NOW + 1)
    assert not Revocation.objects.exists()


def rotated(keyring: Keyring) -> bytes:
    with unit_of_work():
        return face.rotate_root(keyring, NOW)


def test_rotating_the_root_hands_over_to_the_committed_one(keyring: Keyring) -> None:
    before, first = keyring.root(), own_card()
    raw = rotated(keyring)
    keyring.advance_root()
    after, card = keyring.root(), opened(raw, first.fingerprint)
    assert after.root.public == before.next.public != after.next.public
    assert [s.key for s in card.roots] == [before.root.public, after.root.public]
    assert jws.open_document(raw).kid.endswith(after.root.key_id)
    assert (card.serial, card.keys) == (2, first.keys)
    assert not face.finish_rotation(keyring)
    rotated(keyring)
    keyring.advance_root()
    with unit_of_work():
        face.renew_keys(keyring, ["log"], NOW)
    assert (own_card().serial, len(own_card().roots)) == (4, 3)


def test_a_rotation_that_was_not_committed_changes_nothing(keyring: Keyring) -> None:
    before = keyring.root()
    with pytest.raises(ZeroDivisionError), unit_of_work():
        face.rotate_root(keyring, NOW)
        raise ZeroDivisionError
    assert keyring.root().root.public == before.root.public and own_card().serial == 1
    assert not face.finish_rotation(keyring)
    again = opened(rotated(keyring))
    assert again.roots[1].key == before.next.public


def test_a_rotation_that_was_committed_is_finished_later(keyring: Keyring) -> None:
    next_root = keyring.root().next.public
    rotated(keyring)
    keys = keyring.key_ids("act")
    with pytest.raises(Conflict, match="--finish"):
        rotated(keyring)
    with pytest.raises(Conflict, match="--finish"), unit_of_work():
        face.renew_keys(keyring, ["act"], NOW)
    keyring.reload()
    assert keyring.key_ids("act") == keys
    assert face.finish_rotation(keyring)
    assert keyring.root().root.public == next_root
    rotated(keyring)


def test_root_files_that_were_moved_half_way_are_moved_on(keyring: Keyring, tmp_path: Path) -> None:
    rotated(keyring)
    folder = tmp_path / "node" / "root"
    committed = keyring.root().next.public
    (folder / "next.key").replace(folder / "root.key")
    found = keyring.root()
    assert found.root.public == committed != found.next.public
    assert sorted(path.name for path in folder.iterdir()) == ["next.key", "root.key"]


def test_another_copy_of_the_root_folder_is_refused(keyring: Keyring, tmp_path: Path) -> None:
    other = Keyring.create(tmp_path / "other", [], NOW)
    with pytest.raises(Conflict, match="newest copy"):
        face.finish_rotation(other)


def test_without_the_root_folder_nothing_is_made(keyring: Keyring, tmp_path: Path) -> None:
    (tmp_path / "node" / "root").rename(tmp_path / "away")
    keys = keyring.key_ids("act")
    acts: list[Callable[[], bytes]] = [
        lambda: face.renew_keys(keyring, ["act"], NOW),
        lambda: face.rotate_root(keyring, NOW),
        lambda: face.revoke_key(keyring, "act", keys[0], NOW, NOW),
    ]
    for act in acts:
        with pytest.raises(NotFound, match="moved away"), unit_of_work():
            act()
    keyring.reload()
    assert keyring.key_ids("act") == keys


# --- tokens and people ---------------------------------------------------------------------------


def test_a_token_reads_one_audience_until_it_is_revoked(keyring: Keyring) -> None:
    with unit_of_work():
        made = face.new_token(Audience.GREEN, "the telco", NOW)
    assert made.text.encode() not in b"".join(bytes(row.digest) for row in Token.objects.all())
    caller = face.caller(made.text, NOW)
    assert (caller.audience, caller.scopes) == (Audience.GREEN, frozenset({"lookup"}))
    assert (caller.member, caller.actor().token) == (face.us().id, made.number)
    (listed,) = face.tokens()
    assert (listed.audience, listed.note, listed.revoked_at) == ("green", "the telco", None)
    with unit_of_work():
        face.revoke_token(listed.number, NOW)
    with pytest.raises(Untrusted):
        face.caller(made.text, NOW)
    for number in (listed.number, 7_777):
        with unit_of_work(), pytest.raises(NotFound, match="token list"):
            face.revoke_token(number, NOW)


def test_a_token_dies_at_its_instant_and_is_not_for_another_name(keyring: Keyring) -> None:
    with unit_of_work():
        made = face.new_token(Audience.OWN, "", NOW, name="splunk", expires_at=NOW + DAY)
    assert face.caller(made.text, NOW + DAY - 1, name="splunk").token == made.number
    refusals = set()
    wrong = ((made.text, NOW + DAY, "splunk"), (made.text, NOW, "opencti"), ("guess", NOW, None))
    for text, at, name in wrong:
        with pytest.raises(Untrusted) as refused:
            face.caller(text, at, name=name)
        refusals.add(str(refused.value))
    assert len(refusals) == 1


def test_live_tokens_have_names_of_their_own(keyring: Keyring) -> None:
    with unit_of_work():
        first = face.new_token(Audience.OWN, "", NOW, name="splunk")
    with unit_of_work(), pytest.raises(Conflict):
        face.new_token(Audience.OWN, "", NOW, name="splunk")
    with unit_of_work():
        face.revoke_token(first.number, NOW)
        face.new_token(Audience.OWN, "", NOW, name="splunk")
    for wrong in ({"name": "a:b"}, {"scopes": ()}, {"scopes": ("all",)}, {"expires_at": NOW}):
        with unit_of_work(), pytest.raises(Malformed):
            face.new_token(Audience.OWN, "", NOW, **wrong)


def test_the_use_of_a_token_is_noted_to_the_minute(keyring: Keyring) -> None:
    with unit_of_work():
        made = face.new_token(Audience.OWN, "", NOW)
    for at, noted in ((NOW, NOW), (NOW + 59 * SECOND, NOW), (NOW + 60 * SECOND, NOW + 60 * SECOND)):
        with unit_of_work():
            face.token_used(made.number, at)
        assert face.tokens()[0].used_at == noted


def test_who_makes_accounts_is_never_the_second_pair_of_eyes(keyring: Keyring) -> None:
    with unit_of_work(), pytest.raises(NotPermitted, match="checker"):
        face.add_person("mali", ["administrator", "checker"])
    with unit_of_work():
        person, _ = face.add_person("mali", ["administrator"])
    with unit_of_work(), pytest.raises(NotPermitted):
        face.set_roles(person.pk, ["checker", "administrator"], None, NOW)
    with unit_of_work():
        face.set_roles(person.pk, ["checker"], None, NOW)
    assert face.person(person.pk).roles == ("checker",)
    assert [duty.kind for duty in face.duties(None, 5)] == ["person.roles", "person.add"]


def test_the_access_log_is_read_from_the_newest_and_by_filter(keyring: Keyring) -> None:
    with unit_of_work():
        person, _ = face.add_person("mali", ["analyst"])
        for number, action in enumerate(("sign-in", "search", "search")):
            note = face.AccessNote(action, f"thing {number}", person=person.pk)
            face.log_access(note, NOW + number)
    assert [line.subject for line in face.accesses()] == ["thing 2", "thing 1", "thing 0"]
    assert [line.subject for line in face.accesses(action="search", limit=1)] == ["thing 2"]
    assert [line.login for line in face.accesses(since=NOW + 1, until=NOW + 2)] == ["mali"]


def test_a_person_acts_with_roles_while_active(keyring: Keyring) -> None:
    with unit_of_work():
        person, password = face.add_person("mali", ["analyst"], "Mali")
    assert person.check_password(password) and len(password) >= 20
    assert password not in person.password
    actor = face.actor("mali")
    assert (actor.member, actor.person) == (face.us().fingerprint, person.pk)
    assert actor.roles == {"analyst"}
    Person.objects.update(is_active=False)
    with pytest.raises(NotFound):
        face.actor("mali")
