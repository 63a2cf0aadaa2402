"""Claims as indicators: golden bytes, round trips, and what is refused on the way in."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core.errors import HueError, Malformed, TooLarge, Unreadable, Untrusted
from hueandcry.core.normal import examples, normalise
from hueandcry.core.stix import (
    CLAIM_EXTENSION,
    ENCODERS,
    LATEST_ENCODER,
    TLP_IDS,
    claim_id,
    indicator,
    read_indicator,
)
from hueandcry.core.types import (
    DAY,
    Claim,
    Embargo,
    Kind,
    Marking,
    Pap,
    Purpose,
    Signal,
    Tlp,
    Verdict,
)

GOLDEN = Path(__file__).parent / "golden" / "indicators_v1.ndjson"
US, THEM = "ab" * 32, "cd" * 32
NOW = 1_780_000_000_123_456


def claimed(kind: Kind, value: str, **changes: Any) -> Claim:
    n, source = changes.get("n", 0), changes.get("source", "")
    plain = Claim(
        id=claim_id(US, source, kind, value, n),
        claimant=US,
        signal=Signal(kind, value),
        verdict=Verdict.SCAM,
        valid_from=NOW,
        valid_until=NOW + 90 * DAY,
        created=NOW,
        modified=NOW,
    )
    return replace(plain, **changes)


PLAIN = claimed(Kind.DOMAIN, "bad.example")
FULL = claimed(
    Kind.EMAIL,
    "o'neil@xn--mnchen-3ya.example",
    verdict=Verdict.SUSPICIOUS,
    modified=NOW + 5,
    marking=Marking(
        Tlp.AMBER_STRICT,
        Pap.RED,
        frozenset({Purpose.PROSECUTION, Purpose.INVESTIGATION}),
        Embargo('case "7"\n', NOW + DAY),
    ),
    source="feed ผู้แจ้ง",
    n=3,
    lure="romance",
    method="email",
    confidence=0,
)
BY_KIND = {each.kind: each.value for each in examples()}
CLAIMS = (
    PLAIN,
    FULL,
    *(claimed(kind, BY_KIND[kind]) for kind in Kind),
    *(replace(PLAIN, marking=Marking(tlp)) for tlp in Tlp),
    *(replace(PLAIN, marking=Marking(pap=pap)) for pap in Pap),
    *(replace(PLAIN, verdict=verdict, confidence=85) for verdict in Verdict),
)

texts = st.text(max_size=30)
times = st.integers(-(10**15), 2 * 10**17)
claims = st.builds(
    lambda example, verdict, marking, when, words: claimed(
        *example,
        verdict=verdict,
        marking=marking,
        valid_from=when[0],
        valid_until=when[0] + when[1],
        created=when[2],
        modified=when[2] + when[3],
        **words,
    ),
    example=st.sampled_from(sorted({(each.kind, each.value) for each in examples()})),
    verdict=st.sampled_from(Verdict),
    marking=st.builds(
        Marking,
        tlp=st.sampled_from(Tlp),
        pap=st.sampled_from(Pap),
        purposes=st.frozensets(st.sampled_from(Purpose)),
        embargo=st.none() | st.builds(Embargo, case=texts, until=times),
    ),
    when=st.tuples(times, st.integers(1, 10**15), times, st.integers(0, 10**15)),
    words=st.fixed_dictionaries(
        {
            "source": texts,
            "n": st.integers(0, 2**53 - 1),
            "lure": texts,
            "method": texts,
            "confidence": st.none() | st.integers(0, 100),
        }
    ),
)


def edited(change: Callable[[dict[str, Any]], object], claim: Claim = FULL) -> bytes:
    members = json.loads(indicator(claim))
    change(members)
    return json.dumps(members, ensure_ascii=False).encode()


def words(members: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = members["extensions"][CLAIM_EXTENSION]
    return found


# --- out ------------------------------------------------------------------------------------


def test_encoder_1_writes_the_golden_bytes_for_ever() -> None:
    assert GOLDEN.read_bytes() == b"".join(ENCODERS[1](claim) + b"\n" for claim in CLAIMS)


def test_the_golden_lines_read_as_the_claims_they_were_written_from() -> None:
    lines = GOLDEN.read_bytes().splitlines()
    assert [read_indicator(line).claim(US) for line in lines] == list(CLAIMS)


def test_encoders_are_numbered_without_a_gap_and_the_latest_is_the_last() -> None:
    assert sorted(ENCODERS) == list(range(1, LATEST_ENCODER + 1))


@given(claims)
def test_an_indicator_is_canonical_json_on_one_line(claim: Claim) -> None:
    raw = indicator(claim)
    assert raw == rfc8785.dumps(msgspec.json.decode(raw))
    assert b"\n" not in raw


@given(claims)
def test_a_claim_comes_back_from_its_indicator(claim: Claim) -> None:
    received = read_indicator(indicator(claim))
    assert received.ours
    assert received.problems == ()
    assert received.claim(US) == claim
    assert received.claim(US, normalise(received.kind, received.text)) == claim


def test_a_claim_that_ends_before_it_begins_is_not_written() -> None:
    with pytest.raises(Malformed) as caught:
        indicator(replace(PLAIN, valid_until=NOW))
    assert caught.value.code == "claim_times"


@pytest.mark.parametrize(
    ("verdict", "types"),
    [
        (Verdict.SCAM, ["malicious-activity"]),
        (Verdict.SUSPICIOUS, ["anomalous-activity"]),
        (Verdict.BENIGN, ["benign"]),
        (Verdict.UNKNOWN, ["unknown"]),
    ],
)
def test_a_verdict_has_its_indicator_type(verdict: Verdict, types: list[str]) -> None:
    assert json.loads(indicator(replace(PLAIN, verdict=verdict)))["indicator_types"] == types


# --- in: ours -------------------------------------------------------------------------------


def test_unknown_properties_are_passed_over_and_their_bytes_kept() -> None:
    def add(members: dict[str, Any]) -> None:
        members["x_theirs"] = {"deep": [1, 2.5, None, {"é": True}]}
        members["extensions"][
            "extension-definition--" + "0" * 8 + "-0000-4000-8000-" + "0" * 12
        ] = {
            "extension_type": "property-extension",
            "more": "…",
        }
        words(members)["added_later"] = "kept"

    raw = edited(add)
    received = read_indicator(raw)
    assert received.raw is raw
    assert received.claim(US) == FULL


def test_a_claim_under_another_signer_is_untrusted() -> None:
    with pytest.raises(Untrusted) as caught:
        read_indicator(indicator(PLAIN)).claim(THEM)
    assert caught.value.code == "created_by"


@pytest.mark.parametrize(
    "change",
    [
        lambda m: words(m).update(source="another"),
        lambda m: words(m).update(reissue=4),
        lambda m: m.update(pattern="[email-addr:value = 'other@a.example']"),
        lambda m: m.update(id="indicator--00000000-0000-5000-8000-000000000000"),
    ],
)
def test_an_id_that_its_own_words_do_not_give_is_refused(
    change: Callable[[dict[str, Any]], object],
) -> None:
    with pytest.raises(Malformed) as caught:
        read_indicator(edited(change)).claim(US)
    assert caught.value.code == "claim_id"


def test_a_value_that_is_not_canonical_is_refused_when_the_caller_has_normalised_it() -> None:
    shouted = claimed(Kind.DOMAIN, "BAD.example")
    received = read_indicator(indicator(shouted))
    with pytest.raises(Malformed) as caught:
        received.claim(US, normalise(received.kind, received.text))
    assert caught.value.code == "not_canonical"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda m: m.update(type="malware"), "indicator_shape"),
        (lambda m: m.update(spec_version="2.0"), "indicator_shape"),
        (lambda m: m.pop("spec_version"), "indicator_shape"),
        (lambda m: m.pop("created"), "indicator_shape"),
        (lambda m: m.pop("created_by_ref"), "indicator_shape"),
        (lambda m: m.pop("valid_until"), "indicator_shape"),
        (lambda m: m.update(id=m["id"] + "\n"), "indicator_shape"),
        (lambda m: m.update(id="indicator--1"), "indicator_shape"),
        (lambda m: m.update(created_by_ref="identity--x"), "indicator_shape"),
        (lambda m: m.update(confidence=101), "indicator_shape"),
        (lambda m: m.update(confidence="high"), "indicator_shape"),
        (lambda m: m.update(revoked="yes"), "indicator_shape"),
        (lambda m: m.update(pattern=["x"]), "indicator_shape"),
        (lambda m: m.update(object_marking_refs="x"), "indicator_shape"),
        (lambda m: m.update(object_marking_refs=None), "indicator_shape"),
        (lambda m: m.update(granular_markings=None), "indicator_shape"),
        (lambda m: m.update(extensions=[]), "indicator_shape"),
        (lambda m: m["extensions"].update({CLAIM_EXTENSION: None}), "indicator_shape"),
        (lambda m: words(m).update(extension_type="new-sdo"), "indicator_shape"),
        (lambda m: words(m).update(kind="horoscope"), "indicator_shape"),
        (lambda m: words(m).update(verdict="guilty"), "indicator_shape"),
        (lambda m: words(m).update(permitted_action="WHITE"), "indicator_shape"),
        (lambda m: words(m).update(purposes=["profit"]), "indicator_shape"),
        (lambda m: words(m).update(purposes=[]), "indicator_shape"),
        (lambda m: words(m).update(purposes=None), "indicator_shape"),
        (lambda m: words(m).update(embargo=None), "indicator_shape"),
        (lambda m: words(m)["embargo"].pop("until"), "indicator_shape"),
        (lambda m: words(m).update(reissue=-1), "indicator_shape"),
        (lambda m: words(m).update(reissue=True), "indicator_shape"),
        (lambda m: words(m).pop("reissue"), "indicator_shape"),
        (lambda m: words(m).update(source="x" * 257), "indicator_shape"),
        (lambda m: words(m).update(lure="x" * 65), "indicator_shape"),
        (lambda m: words(m).update(kind="domain"), "indicator_pattern"),
        (lambda m: m.update(pattern="[email-addr:value  = 'a@b.example']"), "indicator_pattern"),
        (lambda m: m.update(created="yesterday"), "time"),
        (lambda m: words(m)["embargo"].update(until="2026-13-01T00:00:00Z"), "time"),
        (lambda m: m.update(modified="2020-01-01T00:00:00.000000Z"), "indicator_times"),
        (lambda m: m.update(valid_until=m["valid_from"]), "indicator_times"),
        (lambda m: m.update(pattern_type="snort"), "pattern_type"),
        (lambda m: m.update(pattern="[x"), "pattern"),
        (lambda m: m.update(filler="x" * 70_000), "too_large"),
    ],
)
def test_a_wrong_indicator_is_refused_with_a_clear_code(
    change: Callable[[dict[str, Any]], object], code: str
) -> None:
    with pytest.raises((Malformed, Unreadable, TooLarge)) as caught:
        read_indicator(edited(change))
    assert caught.value.code == code
    assert str(caught.value)


@pytest.mark.parametrize("raw", [b"", b"[]", b"null", b"3", b'"x"', b"{}", b"\xff", b"{" * 99])
def test_bytes_that_are_no_indicator_are_refused(raw: bytes) -> None:
    with pytest.raises((Malformed, TooLarge)):
        read_indicator(raw)


@pytest.mark.parametrize("member", [b'"confidence":1,', b'"spec_version":"2.1",', b'"x":1,"x":2,'])
def test_a_member_that_stands_twice_is_refused(member: bytes) -> None:
    raw = b"{" + member + indicator(replace(PLAIN, confidence=50))[1:]
    with pytest.raises(Malformed) as caught:
        read_indicator(raw)
    assert caught.value.code == "duplicate_member"


@given(st.data())
def test_a_changed_byte_is_refused_or_read_and_never_anything_else(data: st.DataObject) -> None:
    raw = bytearray(indicator(FULL))
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with suppress(HueError):
        read_indicator(bytes(raw)).claim(US)


def test_granular_markings_read_as_amber_strict() -> None:
    granular = [{"marking_ref": TLP_IDS[Tlp.CLEAR], "selectors": ["pattern"]}]
    received = read_indicator(edited(lambda m: m.update(granular_markings=granular), PLAIN))
    assert received.marking.tlp is Tlp.AMBER_STRICT
    assert received.problems == ("marking_granular",)


def test_a_missing_permitted_action_reads_as_green() -> None:
    received = read_indicator(edited(lambda m: words(m).pop("permitted_action")))
    assert received.marking.pap is Pap.GREEN
