"""What a peer hands over: believed, gated, stored, logged and receipted, object by object."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hueandcry.apps.exchange.intake import read_claim
from hueandcry.apps.exchange.models import Batch, Entry, Retraction
from hueandcry.apps.exchange.payloads import lines_of
from hueandcry.apps.members import face as members
from hueandcry.apps.members.models import Member
from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals.models import Claim as ClaimRow
from hueandcry.core import jws, stix
from hueandcry.core.envelopes import Part
from hueandcry.core.errors import HueError
from hueandcry.core.sharing import suspension
from hueandcry.core.types import DAY, SECOND, Claim, Kind, Lane, Tlp
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node, claim
from other_member import NOW, OtherMember, some_of

OTHER, THIRD = OtherMember("bank"), OtherMember("third")
GOOD = claim(OTHER, "good.example")
ACCEPTED, MERGED = ["accepted"], ["merged"]


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    node = Node(monkeypatch)
    node.joined(OTHER)
    return node


def stored() -> bytes:
    """Every byte of objects that is kept, opened."""
    return b"\n".join(line for batch in Batch.objects.all() for line in lines_of(batch))


def edited(thing: Claim, **members_: Any) -> bytes:
    """A claim's line with members of its JSON replaced, or left out when None."""
    value = {**json.loads(stix.indicator(thing)), **members_}
    return json.dumps({k: v for k, v in value.items() if v is not None}).encode()


def extension(thing: Claim, **members_: Any) -> bytes:
    inner = json.loads(stix.indicator(thing))["extensions"][stix.CLAIM_EXTENSION]
    return edited(thing, extensions={stix.CLAIM_EXTENSION: {**inner, **members_}})


# --- accepted and merged -------------------------------------------------------------------------


def test_a_batch_is_taken_acted_upon_logged_and_receipted(node: Node) -> None:
    before = ledger.head()
    part = OTHER.batch(GOOD, claim(OTHER, "bad.example"))
    receipt = jws.open_document(node.part_receipt(OTHER, part)).stated
    assert [each[1:] for each in receipt.body["objects"]] == [ACCEPTED, ACCEPTED]
    assert node.verdict("good.example") == "scam"
    batch = Batch.objects.get()
    assert (batch.count, batch.held, batch.document) == (2, 2, part.document)
    assert tuple(lines_of(batch)) == part.lines
    assert receipt.body["log_index"] == batch.log_index
    assert part.digest.hex() in receipt.re and batch.digest.hex() in receipt.re
    assert ledger.head() == before + 2  # the batch, and our receipt for it


def test_the_same_part_again_gets_the_same_receipt(node: Node) -> None:
    part = OTHER.batch(GOOD)
    first, size = node.part_receipt(OTHER, part), ledger.head()
    node.now += SECOND
    assert node.part_receipt(OTHER, part) == first
    assert (ledger.head(), Batch.objects.count()) == (size, 1)


def test_a_known_version_is_merged_and_a_newer_one_replaces(node: Node) -> None:
    node.took(OTHER, OTHER.batch(GOOD))
    assert node.took(OTHER, OTHER.batch(GOOD)) == [MERGED]
    node.now += 10
    newer = replace(GOOD, modified=NOW + 10)
    assert node.took(OTHER, OTHER.batch(newer)) == [ACCEPTED]
    assert node.took(OTHER, OTHER.batch(GOOD, at=NOW + 10)) == [MERGED]
    assert ClaimRow.objects.get().modified == NOW + 10


def test_an_indicator_of_other_software_under_the_signers_name_is_taken(node: Node) -> None:
    foreign = edited(GOOD, extensions=None, x_note="kept byte for byte")
    assert node.took(OTHER, OTHER.batch(foreign)) == [ACCEPTED]
    assert lines_of(Batch.objects.get()) == [foreign]


def test_the_claimants_card_comes_with_a_claim_passed_on(node: Node) -> None:
    part = THIRD.batch(claim(THIRD, "third.example"))
    assert node.refusal(OTHER, part) == "unknown_key"
    assert not Member.objects.filter(name="third").exists()
    carded = replace(part, card=THIRD.signed_card())
    assert node.took(OTHER, carded) == [ACCEPTED]
    assert members.find(THIRD.fingerprint) is not None
    assert node.verdict("third.example") == "suspicious"


def test_a_card_of_another_member_proves_nothing(node: Node) -> None:
    part = THIRD.batch(claim(THIRD, "third.example"))
    forged = replace(part, card=OtherMember("stranger").signed_card())
    assert node.refusal(OTHER, forged) == "fingerprint"


# --- refused one by one --------------------------------------------------------------------------

BAD: dict[str, tuple[Callable[[], Claim | bytes], str]] = {
    "from the future": (lambda: claim(OTHER, "a.example", modified=NOW + 301 * SECOND), "future"),
    "not canonical": (
        lambda: edited(GOOD, pattern="[domain-name:value = 'GOOD.example']"),
        "not_canonical",
    ),
    "of another creator": (
        lambda: edited(GOOD, created_by_ref=stix.identity_id("00" * 32)),
        "created_by",
    ),
    "of a third member": (lambda: claim(THIRD, "third.example"), "created_by"),
    "under another id": (lambda: replace(GOOD, id=claim(OTHER, "x.example").id), "claim_id"),
    "under another number": (lambda: extension(GOOD, reissue=7), "claim_id"),
    "of another kind than its pattern": (lambda: extension(GOOD, kind="url"), "indicator_pattern"),
    "no json": (lambda: b"{", "not_json"),
    "an empty line": (lambda: b"", "not_json"),
    "no object": (lambda: b"[]", "indicator_shape"),
    "duplicate members": (
        lambda: (
            stix.indicator(GOOD).replace(b'"type":"indicator"', b'"type":"indicator",' * 2)[:-1]
            + b"}"
        ),
        "not_json",
    ),
    "a duplicate member": (
        lambda: stix.indicator(GOOD)[:-1] + b',"type":"indicator"}',
        "duplicate_member",
    ),
    "too deep": (lambda: edited(GOOD, x=json.loads("[" * 40 + "]" * 40)), "too_deep"),
    "too large": (lambda: edited(GOOD, x="x" * 65_536), "too_large"),
    "not utf-8": (lambda: stix.indicator(GOOD).replace(b"good", b"\xff\xfe"), "not_utf8"),
    "lone surrogate": (lambda: edited(GOOD, x="\ud800"), "lone_surrogate"),
    "wrong type": (lambda: edited(GOOD, type="report"), "indicator_shape"),
    "wrong version": (lambda: edited(GOOD, spec_version="2.0"), "indicator_shape"),
    "number for text": (lambda: edited(GOOD, pattern=7), "indicator_shape"),
    "no creator": (lambda: edited(GOOD, created_by_ref=None), "indicator_shape"),
    "no end": (lambda: edited(GOOD, valid_until=None), "indicator_shape"),
    "ended before it began": (
        lambda: edited(GOOD, valid_until="2001-01-01T00:00:00.000000Z"),
        "indicator_times",
    ),
    "no time": (lambda: edited(GOOD, modified="yesterday"), "time"),
    "unknown verdict": (lambda: extension(GOOD, verdict="ugly"), "indicator_shape"),
    "another language": (lambda: edited(GOOD, pattern_type="sigma"), "pattern_type"),
    "two signals": (
        lambda: edited(
            GOOD, pattern="[domain-name:value = 'a.example' AND domain-name:value = 'b.example']"
        ),
        "pattern",
    ),
    "no such name": (
        lambda: edited(GOOD, pattern="[domain-name:value = 'not a host']", extensions=None),
        "",
    ),
    "another label": (lambda: claim(OTHER, "clear.example", tlp=Tlp.CLEAR), "mixed_labels"),
    "another kind": (
        lambda: claim(OTHER, "https://x.example/y", kind=Kind.URL),
        "mixed_labels",
    ),
    "a downgraded marking": (lambda: edited(GOOD, object_marking_refs=[]), "mixed_labels"),
}


@pytest.mark.parametrize("name", BAD)
def test_one_bad_object_is_refused_for_its_reason_and_loses_no_good_one(
    node: Node, name: str
) -> None:
    make, code = BAD[name]
    first, last = claim(OTHER, "first.example"), claim(OTHER, "last.example")
    part = OTHER.batch(first, make(), last)
    before, bad, after = node.took(OTHER, part)
    assert (before, after) == (ACCEPTED, ACCEPTED)
    assert bad[0] == "refused"
    assert bad[1].startswith(code) if code else bad[1]
    assert part.lines[1] not in lines_of(Batch.objects.get())
    assert node.verdict("last.example") == "scam"
    assert ClaimRow.objects.count() == 2


def test_what_stays_is_kept_with_paths_that_prove_it(node: Node) -> None:
    part = OTHER.batch(GOOD, b"bad", claim(OTHER, "last.example"))
    node.took(OTHER, part)
    batch = Batch.objects.get()
    assert (batch.count, batch.held) == (3, 2)
    assert batch.part == some_of(part, 0, 2).digest


@pytest.mark.parametrize(
    "thing",
    [
        claim(OTHER, "+66812345678", kind=Kind.PHONE),
        claim(OTHER, "secret.example", tlp=Tlp.RED),
        claim(OTHER, "strict.example", tlp=Tlp.AMBER_STRICT),
    ],
)
def test_what_the_agreement_does_not_allow_is_refused_and_leaves_no_bytes(
    node: Node, thing: Claim
) -> None:
    part = OTHER.batch(thing)
    assert node.took(OTHER, part) == [["refused", "not_permitted"]]
    assert (Batch.objects.count(), ClaimRow.objects.count(), stored()) == (0, 0, b"")
    receipt = node.part_receipt(OTHER, part)
    assert jws.open_document(receipt).stated.body["log_index"] is None
    assert thing.signal.value.encode() not in receipt


def test_an_object_without_marking_is_read_as_amber_strict(node: Node) -> None:
    unmarked = edited(claim(OTHER, "bare.example"), object_marking_refs=[])
    assert node.took(OTHER, OTHER.batch(unmarked)) == [["refused", "not_permitted"]]


def test_amber_is_never_passed_on_by_a_third_member(node: Node) -> None:
    node.joined(THIRD)
    amber = THIRD.batch(claim(THIRD, "amber.example", tlp=Tlp.AMBER))
    assert node.took(OTHER, amber) == [["refused", "not_permitted"]]
    assert node.took(THIRD, amber) == [ACCEPTED]
    assert not Entry.objects.exists()


def test_personal_kinds_come_under_an_agreement_that_gives_them_a_basis(node: Node) -> None:
    node.joined(THIRD, "personal")
    phone = claim(THIRD, "+66812345678", kind=Kind.PHONE)
    assert node.took(THIRD, THIRD.batch(phone)) == [ACCEPTED]


# --- refused whole -------------------------------------------------------------------------------


def unchanged(node: Node, part: Part, by: OtherMember = OTHER) -> str:
    before = (ledger.head(), Batch.objects.count(), ClaimRow.objects.count())
    code = node.refusal(by, part)
    assert (ledger.head(), Batch.objects.count(), ClaimRow.objects.count()) == before
    return code


def test_lines_that_the_claimant_did_not_sign_are_refused(node: Node) -> None:
    part = OTHER.batch(GOOD, claim(OTHER, "bad.example"))
    lines = part.lines
    for other in (lines[:1], lines[::-1], (*lines, lines[0]), (lines[0], lines[1] + b" ")):
        assert unchanged(node, replace(part, lines=other)) == "batch_root"


def test_a_marking_that_was_lowered_on_the_way_is_noticed(node: Node) -> None:
    part = OTHER.batch(claim(OTHER, "amber.example", tlp=Tlp.AMBER))
    lowered = part.lines[0].replace(
        stix.TLP_IDS[Tlp.AMBER].encode(), stix.TLP_IDS[Tlp.CLEAR].encode()
    )
    assert unchanged(node, replace(part, lines=(lowered,))) == "batch_root"


def test_some_objects_of_a_batch_come_with_paths_that_hold(node: Node) -> None:
    whole = OTHER.batch(*(claim(OTHER, f"h{n}.example") for n in range(5)))
    assert node.took(OTHER, some_of(whole, 1, 4)) == [ACCEPTED, ACCEPTED]
    assert node.took(OTHER, some_of(whole, 0, 4)) == [ACCEPTED, MERGED]
    assert node.took(OTHER, whole) == [MERGED, MERGED, ACCEPTED, ACCEPTED, MERGED]


def test_paths_that_do_not_hold_are_refused(node: Node) -> None:
    whole = OTHER.batch(*(claim(OTHER, f"h{n}.example") for n in range(5)))
    good = some_of(whole, 1, 4)
    assert good.paths is not None
    moved = replace(good, ordinals=(1, 3))
    swapped = replace(good, paths=good.paths[::-1])
    other = replace(good, lines=(whole.lines[1], whole.lines[3]))
    short = replace(good, paths=(good.paths[0][:-1], good.paths[1]))
    beyond = replace(good, ordinals=(1, 7))
    for part in (moved, swapped, other, short, beyond):
        assert unchanged(node, part)


@pytest.mark.parametrize(
    "changed",
    [
        {"count": 0},
        {"count": 1_001},
        {"count": True},
        {"count": "1"},
        {"root": "00"},
        {"root": 7},
        {"encoder": None},
        {"root": "zz" * 32},
        {"more": 1},
    ],
)
def test_a_batch_document_of_another_form_is_refused(node: Node, changed: dict[str, Any]) -> None:
    assert unchanged(node, OTHER.batch(GOOD, **changed)) == "batch_body"


def test_a_count_that_is_not_the_number_of_lines_is_refused(node: Node) -> None:
    assert unchanged(node, OTHER.batch(GOOD, count=2)) == "batch_root"


def test_documents_of_other_types_are_not_handed_over_as_parts(node: Node) -> None:
    body = {"claims": [[GOOD.id.hex, NOW]], "reason": "mistake"}
    batch = Part(OTHER.document("retraction", body), (b"{}",))
    assert unchanged(node, batch) == "document_type"
    retraction = Part(OTHER.batch(GOOD).document, retraction=True)
    assert unchanged(node, retraction) == "document_type"
    private = Part(OTHER.document("agreement", {}, aud=node.fingerprint), (b"{}",))
    assert unchanged(node, private) == "document_type"


def test_a_batch_from_the_future_or_of_another_version_or_exercise_is_refused(node: Node) -> None:
    body = jws.open_document(OTHER.batch(GOOD).document).stated.body
    line = stix.indicator(GOOD)
    for changes, code in (
        ({"at": NOW + 301 * SECOND}, "future"),
        ({"v": 2}, "unknown_version"),
        ({"exercise": True}, "exercise"),
        ({"signer": OTHER.key("log")}, "unknown_key"),
    ):
        raw = OTHER.document("batch", dict(body), **changes)
        assert unchanged(node, Part(raw, (line,))) == code


def test_a_batch_under_a_revoked_key_is_refused(node: Node) -> None:
    with unit_of_work():
        members.take_revocation(OTHER.revocation("act", OTHER.key("act").key_id), NOW)
    assert unchanged(node, OTHER.batch(GOOD)) == "key_not_valid"


def test_without_an_agreement_in_force_nothing_is_taken(node: Node) -> None:
    node.added(THIRD)
    assert unchanged(node, THIRD.batch(claim(THIRD, "x.example")), by=THIRD) == "no_agreement"
    terms = peers.terms(peers.must_be(OTHER.fingerprint).id)
    assert terms is not None
    node.now = terms.valid_until
    assert unchanged(node, OTHER.batch(GOOD)) == "no_agreement"


def test_a_suspended_agreement_lets_nothing_in(node: Node) -> None:
    terms = peers.terms(peers.must_be(OTHER.fingerprint).id)
    assert terms is not None
    node.posted(OTHER, node.signed(OTHER, suspension(terms)))
    assert node.took(OTHER, OTHER.batch(GOOD)) == [["refused", "not_permitted"]]


def test_our_own_batch_that_comes_back_is_refused_object_by_object(node: Node) -> None:
    node.raised("ours.example")
    node.published()
    batch = Batch.objects.get()
    part = Part(batch.document, tuple(lines_of(batch)))
    assert node.took(OTHER, part) == [["refused", "own_origin"]]
    assert Batch.objects.count() == 1


# --- passing on ----------------------------------------------------------------------------------


def test_what_may_go_onward_enters_the_feed_and_bulk_stays_in_its_lane(node: Node) -> None:
    node.took(OTHER, OTHER.batch(GOOD))
    node.took(OTHER, OTHER.batch(claim(OTHER, "amber.example", tlp=Tlp.AMBER)))
    node.took(OTHER, OTHER.batch(claim(OTHER, "bulk.example"), lane=Lane.BULK))
    assert Batch.objects.count() == 3
    assert Entry.objects.count() == 2
    assert len(set(Entry.objects.values_list("label", flat=True))) == 2


# --- retraction ----------------------------------------------------------------------------------


def test_a_retraction_takes_effect_at_once_and_is_terminal(node: Node) -> None:
    node.took(OTHER, OTHER.batch(GOOD))
    assert node.took(OTHER, OTHER.retraction((GOOD.id, NOW))) == [ACCEPTED]
    assert node.verdict("good.example") == "unknown"
    again = replace(GOOD, modified=NOW + 1)
    assert node.took(OTHER, OTHER.batch(again)) == [["refused", "retracted"]]
    fresh = claim(OTHER, "good.example", n=1)
    assert node.took(OTHER, OTHER.batch(fresh)) == [ACCEPTED]
    assert node.verdict("good.example") == "scam"


def test_a_retraction_that_comes_before_its_claim_counts(node: Node) -> None:
    assert node.took(OTHER, OTHER.retraction((GOOD.id, NOW))) == [ACCEPTED]
    assert node.took(OTHER, OTHER.batch(GOOD)) == [["refused", "retracted"]]
    assert node.verdict("good.example") == "unknown"


def test_nobody_retracts_what_another_claims(node: Node) -> None:
    node.joined(THIRD)
    node.took(OTHER, OTHER.batch(GOOD))
    part = THIRD.retraction((GOOD.id, NOW))
    body = jws.open_document(node.part_receipt(THIRD, part)).stated.body
    assert [each[1] for each in body["objects"]] == ["refused"]
    assert node.verdict("good.example") == "scam"
    assert node.took(OTHER, OTHER.batch(replace(GOOD, modified=NOW + 1))) == [ACCEPTED]


def test_the_same_retraction_has_one_receipt_and_one_entry(node: Node) -> None:
    node.took(OTHER, OTHER.batch(GOOD))
    part, before = OTHER.retraction((GOOD.id, NOW)), ledger.head()
    first = node.part_receipt(OTHER, part)
    assert ledger.head() == before + 2
    assert node.part_receipt(OTHER, part) == first
    assert (ledger.head(), Retraction.objects.count()) == (before + 2, 1)
    body = jws.open_document(first).stated.body
    assert body["log_index"] == Retraction.objects.get().log_index


def test_a_retraction_overtakes_bulk_on_its_way_on(node: Node) -> None:
    node.took(OTHER, OTHER.batch(GOOD, lane=Lane.BULK))
    node.took(OTHER, OTHER.retraction((GOOD.id, NOW)))
    first, last = Entry.objects.order_by("seq")
    assert first.label != last.label and last.retraction_id is not None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"claims": [], "reason": "x"},
        {"claims": [["00" * 16, NOW]]},
        {"claims": [["00" * 16, NOW]], "reason": "r" * 65},
        {"claims": [["00" * 15, NOW]], "reason": "x"},
        {"claims": [["zz" * 16, NOW]], "reason": "x"},
        {"claims": [["00" * 16, "now"]], "reason": "x"},
        {"claims": [["00" * 16]], "reason": "x"},
        {"claims": ["00" * 16], "reason": "x"},
        {"claims": [["00" * 16, NOW]] * 1_001, "reason": "x"},
    ],
)
def test_a_retraction_of_another_form_is_refused(node: Node, body: dict[str, Any]) -> None:
    part = Part(OTHER.document("retraction", body), retraction=True)
    assert unchanged(node, part) == "retraction_body"


def test_a_retraction_from_the_future_is_refused(node: Node) -> None:
    assert unchanged(node, OTHER.retraction((GOOD.id, NOW), at=NOW + DAY)) == "future"


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=4))
def test_a_line_with_any_bytes_changed_is_read_or_refused_with_a_code(
    place: int, junk: bytes
) -> None:
    line = stix.indicator(GOOD)
    at = place % len(line)
    try:
        read_claim(line[:at] + junk + line[at + len(junk) :], OTHER.fingerprint)
    except HueError as error:
        assert error.code and str(error)
