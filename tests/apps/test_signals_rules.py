"""The verdict over claims: properties that hold whatever anybody claims (DESIGN 4)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.apps.signals.rules import (
    BENIGN,
    SCAM,
    SUSPICIOUS,
    UNKNOWN,
    Code,
    Decided,
    Outcome,
    Standing,
    View,
    columns,
    independent,
    judge,
    supersedes,
    unpack,
)
from hueandcry.core.sharing import Label, audience_sees
from hueandcry.core.types import Audience, Embargo, Kind, Marking, Pap, Purpose, Tlp

US, PEER, STRANGER, OTHER = 1, 2, 3, 4
NOW = 1_000_000
ORDER = {UNKNOWN: 0, BENIGN: 0, SUSPICIOUS: 1, SCAM: 2}


def label(tlp: Tlp = Tlp.CLEAR, **marking: object) -> Label:
    return Label(Kind.DOMAIN, Marking(tlp=tlp, pap=Pap.CLEAR, **marking), "0" * 64)  # type: ignore[arg-type]


CLEAR = label()


def claim(
    claimant: int = STRANGER,
    source: int = 0,
    verdict: int = SCAM,
    marked: Label = CLEAR,
    start: int = NOW - 10,
    end: int = NOW + 10,
) -> Standing:
    return Standing(claimant, source, verdict, marked, start, end)


def view(*claims: Standing, **more: object) -> View:
    return View(claims, US, frozenset({PEER}), **more)  # type: ignore[arg-type]


labels = st.builds(
    Label,
    st.just(Kind.DOMAIN),
    st.builds(
        Marking,
        st.sampled_from(Tlp),
        st.sampled_from(Pap),
        st.sampled_from([frozenset(), frozenset({Purpose.PROSECUTION})]),
        st.none() | st.builds(Embargo, st.just("case"), st.integers(NOW - 20, NOW + 20)),
    ),
    st.just("0" * 64),
    st.sampled_from(["", "circle"]),
)
claims = st.builds(
    Standing,
    st.sampled_from([US, PEER, STRANGER, OTHER, 5, 6]),
    st.integers(0, 4),
    st.sampled_from([BENIGN, SUSPICIOUS, SCAM]),
    labels,
    st.integers(NOW - 20, NOW + 20),
    st.integers(NOW - 20, NOW + 20),
)
views = st.builds(
    View,
    st.lists(claims, max_size=6).map(tuple),
    st.just(US),
    st.just(frozenset({PEER})),
    st.sampled_from(["", "", "", "tranco10k"]),
    st.none()
    | st.builds(
        Decided,
        st.sampled_from([BENIGN, SUSPICIOUS, SCAM]),
        st.just("why"),
        st.none() | st.integers(NOW - 20, NOW + 20),
    ),
)
audiences = st.sampled_from(Audience)
instants = st.integers(NOW - 25, NOW + 25)


@given(views, st.data(), audiences, instants)
def test_the_order_of_claims_never_matters(
    found: View, data: st.DataObject, audience: Audience, at: int
) -> None:
    shuffled = replace(found, claims=tuple(data.draw(st.permutations(found.claims))))
    assert judge(shuffled, audience, at) == judge(found, audience, at)
    assert columns(shuffled, at) == columns(found, at)


@given(views, claims, audiences, instants)
def test_one_more_scam_claim_never_lowers_a_verdict(
    found: View, more: Standing, audience: Audience, at: int
) -> None:
    before = judge(found, audience, at).verdict
    after = judge(replace(found, claims=(*found.claims, more._replace(verdict=SCAM))), audience, at)
    assert ORDER[after.verdict] >= ORDER[before]
    assert after.verdict == before or before not in (BENIGN, SCAM)


@given(views, audiences, instants)
def test_what_is_shielded_is_to_others_as_if_nobody_had_accused_it(
    found: View, audience: Audience, at: int
) -> None:
    shielded = replace(found, shielded=True)
    clears = found.override if found.override and found.override.verdict == BENIGN else None
    nothing = replace(found, claims=(), override=clears)
    wanted = found if audience is Audience.OWN else nothing
    assert judge(shielded, audience, at) == judge(wanted, audience, at)
    assert unpack(columns(shielded, at).own)[:2] == unpack(columns(found, at).own)[:2]


@given(views, audiences, instants)
def test_nobody_but_our_own_people_sees_a_shielded_scam(
    found: View, audience: Audience, at: int
) -> None:
    verdict = judge(replace(found, shielded=True), audience, at).verdict
    assert audience is Audience.OWN or verdict in (UNKNOWN, BENIGN)


@given(views, instants)
def test_a_wider_audience_never_learns_more(found: View, at: int) -> None:
    free = replace(found, allowed="", override=None)
    clear, green, own = (ORDER[judge(free, a, at).verdict] for a in Audience)
    assert clear <= green <= own


@given(views, st.sampled_from([Audience.CLEAR, Audience.GREEN]), instants)
def test_what_an_audience_may_not_see_changes_nothing_that_it_is_answered(
    found: View, audience: Audience, at: int
) -> None:
    seen = [c for c in found.claims if audience_sees(c.label.marking, c.label.circle, audience, at)]
    assert judge(replace(found, claims=tuple(seen)), audience, at) == judge(found, audience, at)


@given(views, audiences, instants, instants)
def test_a_verdict_holds_until_the_stored_instant(
    found: View, audience: Audience, at: int, later: int
) -> None:
    stored = columns(found, at)
    if later >= at and (stored.until is None or later < stored.until):
        now, then = judge(found, audience, at), judge(found, audience, later)
        assert (now.verdict, now.code) == (then.verdict, then.code)


@given(views, instants)
def test_columns_hold_each_audiences_verdict_and_whose_end_it_is(found: View, at: int) -> None:
    stored = columns(found, at)
    for packed, audience in zip(stored[:3], Audience, strict=True):
        judged = judge(found, audience, at)
        assert unpack(packed) == (judged.verdict, judged.code, judged.until == stored.until)
        assert 0 <= packed < 128


@given(st.lists(claims, max_size=8), claims)
def test_one_more_claim_never_lowers_the_count_of_independent_sources(
    some: list[Standing], more: Standing
) -> None:
    known = frozenset({US, PEER})
    assert independent(some, known) <= independent([*some, more], known)
    assert independent([*some, *some], known) == independent(some, known)


def test_a_claim_is_valid_from_its_first_instant_up_to_but_not_at_its_last() -> None:
    own = view(claim(US, start=NOW, end=NOW + 5))
    verdicts = [judge(own, Audience.OWN, at).verdict for at in (NOW - 1, NOW, NOW + 4, NOW + 5)]
    assert verdicts == [UNKNOWN, SCAM, SCAM, UNKNOWN]
    assert judge(own, Audience.OWN, NOW + 5).code is Code.NO_VALID_CLAIMS


@pytest.mark.parametrize(
    ("claims_", "verdict", "code"),
    [
        ((), UNKNOWN, Code.NO_CLAIMS),
        ((claim(US),), SCAM, Code.OWN_CLAIM),
        ((claim(PEER),), SCAM, Code.TRUSTED_MEMBER_CLAIM),
        ((claim(US, source=1),), SUSPICIOUS, Code.SINGLE_SOURCE),
        ((claim(PEER, source=1),), SUSPICIOUS, Code.SINGLE_SOURCE),
        ((claim(STRANGER),), SUSPICIOUS, Code.SINGLE_SOURCE),
        ((claim(US, source=1), claim(PEER, source=1)), SUSPICIOUS, Code.SINGLE_SOURCE),
        ((claim(US, source=1), claim(STRANGER, source=1)), SUSPICIOUS, Code.SINGLE_SOURCE),
        ((claim(US, source=1), claim(US, source=2)), SCAM, Code.INDEPENDENT_SOURCES),
        ((claim(US, source=1), claim(STRANGER)), SCAM, Code.INDEPENDENT_SOURCES),
        ((claim(STRANGER, source=1), claim(STRANGER, source=2)), SUSPICIOUS, Code.SINGLE_SOURCE),
        ((claim(STRANGER), claim(STRANGER, source=2)), SUSPICIOUS, Code.SINGLE_SOURCE),
        ((claim(STRANGER), claim(OTHER)), SCAM, Code.INDEPENDENT_SOURCES),
        ((claim(US, verdict=SUSPICIOUS),), SUSPICIOUS, Code.SUSPICIOUS_CLAIM),
        ((claim(US, verdict=BENIGN),), UNKNOWN, Code.BENIGN_CLAIM),
        ((claim(US, verdict=BENIGN), claim(STRANGER)), SUSPICIOUS, Code.SINGLE_SOURCE),
    ],
)
def test_the_first_rule_that_matches_decides(
    claims_: tuple[Standing, ...], verdict: int, code: Code
) -> None:
    judged = judge(view(*claims_), Audience.OWN, NOW)
    assert (judged.verdict, judged.code) == (verdict, code)


def test_an_override_stands_above_an_allow_list_and_that_above_every_claim() -> None:
    listed = view(claim(US), claim(PEER), allowed="bank-website")
    assert judge(listed, Audience.OWN, NOW).verdict == BENIGN
    decided = replace(listed, override=Decided(SCAM, "seen it", NOW + 1))
    assert judge(decided, Audience.OWN, NOW).verdict == SCAM
    assert judge(decided, Audience.OWN, NOW + 1).verdict == BENIGN


def test_the_words_of_an_override_and_the_names_of_peers_stay_with_our_own_people() -> None:
    decided = view(override=Decided(SCAM, "tip from case 7", None))
    assert judge(decided, Audience.CLEAR, NOW).reasons == (("local_override", {}),)
    trusted = view(claim(PEER))
    assert judge(trusted, Audience.GREEN, NOW).reasons == (("trusted_member_claim", {}),)
    assert judge(trusted, Audience.OWN, NOW).reasons[0][1] == {"members": [PEER]}


def test_the_end_of_an_embargo_is_stored_but_told_to_nobody() -> None:
    secret = view(claim(US, marked=label(embargo=Embargo("c", NOW + 5))))
    assert judge(secret, Audience.CLEAR, NOW).until is None
    assert columns(secret, NOW).until == NOW + 5
    assert judge(secret, Audience.CLEAR, NOW + 5).verdict == SCAM


def test_a_newer_version_replaces_an_older_one_and_nothing_replaces_a_retraction() -> None:
    assert supersedes(0, 5, 6) is Outcome.ACCEPTED
    assert supersedes(0, 5, 5) is Outcome.MERGED
    assert supersedes(0, 5, 4) is Outcome.STALE
    assert supersedes(1, 5, 6) is Outcome.RETRACTED
