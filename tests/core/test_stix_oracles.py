"""What we write, judged by others: the OASIS schemas, stix2 and stix2-validator."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import stix2  # type: ignore[import-untyped]
from stix2validator import (  # type: ignore[import-untyped]
    ValidationOptions,
    validate_string,
)

from formats_made import entry, written
from hueandcry.core import jcs
from hueandcry.core.normal import examples
from hueandcry.core.stix import (
    TLP_MARKINGS,
    claim_id,
    extension_definitions,
    identity,
    indicator,
    publisher,
    revoked,
    sco,
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
from stix_schemas import read, validators

US = "ab" * 32
NOW = 1_780_000_000_123_456  # all six digits in use: stix2 drops zeros when it writes
SIGNALS = [Signal(*pair) for pair in sorted({(each.kind, each.value) for each in examples()})]
#: Hosts keep their underscores (PROTOCOL, "Bytes"), as in DNS; the schemas' idn-hostname has none.
UNDERSCORED = [each for each in SIGNALS if each.kind is Kind.DOMAIN and "_" in each.value]
OBSERVED = [each for each in SIGNALS if each not in UNDERSCORED]
#: Checks of stix2-validator that warn about what PROTOCOL 4 or the STIX text itself wants:
#: 103 ids are UUIDv5, not v4; 303 an indicator has no name; 241 PDQ and 244 our account types are
#: outside the suggested vocabularies.
EXPECTED_WARNINGS = ("{103}", "{303}", "{241}", "{244}")
PERSONAL_MARKING = Marking(
    Tlp.AMBER, Pap.RED, frozenset({Purpose.INVESTIGATION}), Embargo("case 7", NOW + DAY)
)
WORDS: dict[str, Any] = {
    "source": "feed",
    "n": 1,
    "lure": "job",
    "method": "messenger",
    "confidence": 70,
}


def claims() -> Iterator[Claim]:
    for signal in SIGNALS:
        for marking, words in ((Marking(), {}), (PERSONAL_MARKING, WORDS)):
            n, source = words.get("n", 0), words.get("source", "")
            yield Claim(
                id=claim_id(US, source, signal.kind, signal.value, n),
                claimant=US,
                signal=signal,
                verdict=Verdict.SCAM,
                valid_from=NOW,
                valid_until=NOW + DAY,
                created=NOW,
                modified=NOW,
                marking=marking,
                **words,
            )


def objects() -> list[dict[str, Any]]:
    return [
        *(json.loads(indicator(claim)) for claim in claims()),
        *(json.loads(revoked(claim)) for claim in claims()),
        *(sco(signal) for signal in OBSERVED),
        *extension_definitions(),
        publisher(),
        identity(US, "Anti-Scam Centre", "TH", ("asc", "lea"), NOW),
        *TLP_MARKINGS.values(),
    ]


def test_stix2_validator_finds_no_error_and_warns_only_of_what_is_meant() -> None:
    for each in objects():
        result = validate_string(json.dumps(each), ValidationOptions(version="2.1"))
        assert result.is_valid, [str(error) for error in result.errors]
        unexpected = [
            str(w) for w in result.warnings if not any(code in str(w) for code in EXPECTED_WARNINGS)
        ]
        assert unexpected == []


def test_the_stix2_library_reads_every_indicator_and_writes_the_same_members() -> None:
    for claim in claims():
        raw = indicator(claim)
        again = json.loads(stix2.parse(raw.decode(), allow_custom=True).serialize())
        assert again.pop("pattern_version") == "2.1"  # the default, which stix2 writes out
        assert again == json.loads(raw)


def test_a_revoked_claim_is_the_same_object_in_canonical_form() -> None:
    for claim in claims():
        gone = json.loads(revoked(claim))
        assert jcs.canonical(gone) == revoked(claim)
        assert gone.pop("revoked") is True
        assert gone == json.loads(indicator(claim))


def test_tlp_2_markings_are_the_published_objects() -> None:
    assert {tlp: each["name"] for tlp, each in TLP_MARKINGS.items()} == {
        tlp: f"TLP:{tlp.wire}" for tlp in Tlp
    }
    values = {next(iter(each["extensions"].values()))["tlp_2_0"] for each in TLP_MARKINGS.values()}
    assert values == {"clear", "green", "amber", "amber+strict", "red"}


def test_what_our_objects_refer_to_is_shipped_with_them() -> None:
    shipped = {each["id"] for each in (*extension_definitions(), *TLP_MARKINGS.values())}
    ours = [each for each in objects() if not each["type"].endswith("-definition")]
    for each in ours:
        assert set(each.get("extensions", {})) <= shipped
        assert set(each.get("object_marking_refs", [])) <= shipped


# --- the OASIS schemas and those of stix2extensions, where they lie beside the repository -----


@pytest.fixture(scope="module")
def validator_of(shared: Callable[[str], Path]) -> Callable[[str], Any]:
    """A function from a STIX type to the validator of its schema."""
    return validators(shared)


def test_every_object_we_write_is_valid_under_the_schemas(
    validator_of: Callable[[str], Any],
) -> None:
    kinds: set[str] = set()
    for each in objects():
        errors = [error.message for error in validator_of(each["type"]).iter_errors(each)]
        assert errors == [], each
        kinds.add(each["type"])
    assert {"indicator", "identity", "phone-number", "bank-account", "url", "file"} <= kinds


def test_every_object_of_a_list_that_we_give_out_is_valid_under_the_schemas(
    validator_of: Callable[[str], Any],
) -> None:
    given = [entry(each.value, each.kind, lure="job", confidence=70) for each in SIGNALS]
    bundle = json.loads(written("stix", given))
    kinds = set()
    for each in bundle["objects"]:
        errors = [error.message for error in validator_of(each["type"]).iter_errors(each)]
        assert errors == [], each
        kinds.add(each["type"])
    assert kinds == {"marking-definition", "identity", "extension-definition", "indicator"}


def test_a_host_with_an_underscore_breaks_the_host_format_of_the_schemas_and_nothing_else(
    validator_of: Callable[[str], Any],
) -> None:
    assert UNDERSCORED
    for signal in UNDERSCORED:
        errors = [error.message for error in validator_of("domain-name").iter_errors(sco(signal))]
        assert errors == [f'"{signal.value}" is not a "idn-hostname"']


def test_the_extension_definitions_of_others_are_word_for_word_theirs(
    shared: Callable[[str], Path],
) -> None:
    folder = shared("vocabularies/stix2extensions") / "automodel_generated/extension-definitions"
    theirs = {each["id"]: each for each in map(read, (folder / "scos").glob("*.json"))}
    ours = [each for each in extension_definitions() if each["id"] in theirs]
    assert len(ours) == 3
    for each in ours:
        assert each == theirs[each["id"]]
