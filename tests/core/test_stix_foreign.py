"""Indicators of other software: read with care, the strictest marking winning."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hueandcry.core.errors import Malformed
from hueandcry.core.normal import normalise
from hueandcry.core.stix import PROBLEMS, TLP_IDS, Received, identity_id, read_indicator
from hueandcry.core.types import Kind, Marking, Signal, Tlp, Verdict

THEM = "cd" * 32
NOW = 1_780_000_000_123_456
TLP1_GREEN = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"
TLP1_RED = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
UNKNOWN_MARKING = "marking-definition--00000000-0000-4000-8000-000000000000"
FOREIGN: dict[str, Any] = {
    "type": "indicator",
    "spec_version": "2.1",
    "id": "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
    "created_by_ref": identity_id(THEM),
    "created": "2026-01-02T03:04:05.678Z",
    "modified": "2026-01-02T03:04:05.678Z",
    "indicator_types": ["malicious-activity"],
    "name": "A bad site",
    "pattern": "[domain-name:value = 'Bad.Example']",
    "pattern_type": "stix",
    "valid_from": "2026-01-02T10:04:05+07:00",
    "object_marking_refs": [TLP_IDS[Tlp.GREEN]],
    "x_score": 0.5,
}


def foreign(**changes: Any) -> Received:
    return read_indicator(json.dumps({**FOREIGN, **changes}).encode())


def test_an_indicator_of_other_software_is_read_and_its_text_left_raw() -> None:
    received = foreign(valid_until="2026-03-01T00:00:00Z")
    assert (received.kind, received.text, received.ours) == (Kind.DOMAIN, "Bad.Example", False)
    assert received.verdict is Verdict.SCAM
    assert received.marking == Marking(Tlp.GREEN)
    assert received.problems == ()
    claim = received.claim(THEM, normalise(received.kind, received.text))
    assert claim.signal == Signal(Kind.DOMAIN, "bad.example")
    assert claim.created == 1_767_323_045_678_000
    assert claim.valid_from == 1_767_323_045_000_000


def test_an_end_that_is_not_stated_is_noted_and_taken_from_the_caller() -> None:
    received = foreign()
    assert received.problems == ("until_unstated",)
    assert received.claim(THEM, until=NOW).valid_until == NOW
    with pytest.raises(Malformed):
        received.claim(THEM)


@pytest.mark.parametrize(
    ("types", "verdict"),
    [
        (["malicious-activity"], Verdict.SCAM),
        (["anomalous-activity"], Verdict.SUSPICIOUS),
        (["compromised"], Verdict.SUSPICIOUS),
        (["benign"], Verdict.BENIGN),
        (["anonymization", "benign"], Verdict.BENIGN),
        (["unknown"], Verdict.SUSPICIOUS),
        ([], Verdict.SUSPICIOUS),
    ],
)
def test_others_indicator_types_read_as_verdicts(types: list[str], verdict: Verdict) -> None:
    assert foreign(indicator_types=types).verdict is verdict


@pytest.mark.parametrize(
    ("refs", "tlp", "problems"),
    [
        ([], Tlp.AMBER_STRICT, ("marking_missing",)),
        ([UNKNOWN_MARKING], Tlp.AMBER_STRICT, ("marking_unknown",)),
        ([TLP_IDS[Tlp.CLEAR], UNKNOWN_MARKING], Tlp.AMBER_STRICT, ("marking_unknown",)),
        ([TLP_IDS[Tlp.RED], UNKNOWN_MARKING], Tlp.RED, ("marking_unknown",)),
        ([TLP_IDS[Tlp.CLEAR], TLP_IDS[Tlp.AMBER]], Tlp.AMBER, ()),
        ([TLP1_GREEN], Tlp.GREEN, ()),
        ([TLP1_GREEN, TLP_IDS[Tlp.CLEAR]], Tlp.GREEN, ()),
        ([TLP1_RED, TLP_IDS[Tlp.CLEAR]], Tlp.RED, ()),
    ],
)
def test_the_strictest_marking_wins_and_doubt_reads_as_amber_strict(
    refs: list[str], tlp: Tlp, problems: tuple[str, ...]
) -> None:
    received = foreign(object_marking_refs=refs, valid_until="2027-01-01T00:00:00Z")
    assert (received.marking.tlp, received.problems) == (tlp, problems)


def test_granular_markings_read_as_amber_strict() -> None:
    granular = [{"marking_ref": TLP_IDS[Tlp.CLEAR], "selectors": ["name"]}]
    assert foreign(granular_markings=granular).marking.tlp is Tlp.AMBER_STRICT


def test_a_revoked_object_is_noted() -> None:
    received = foreign(revoked=True)
    assert received.revoked
    assert "revoked" in received.problems


def test_every_problem_has_a_meaning() -> None:
    assert {"marking_missing", "verdict_unstated", "until_unstated", "revoked"} <= PROBLEMS.keys()
