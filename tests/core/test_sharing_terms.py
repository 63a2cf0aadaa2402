"""Agreement terms: exact bytes, strict reading, and what one side may sign alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core.errors import Malformed, TooLarge
from hueandcry.core.jcs import canonical
from hueandcry.core.sharing import (
    ACTIONS,
    BASES,
    Label,
    Terms,
    decide,
    differences,
    narrower_or_equal,
    personal_terms,
    read_terms,
    standard_terms,
    successor,
    suspension,
)
from hueandcry.core.types import (
    DAY,
    PERSONAL,
    SECOND,
    Actor,
    Direction,
    Kind,
    Marking,
    Pap,
    Purpose,
    Tlp,
)

A, B, C = "aa" * 32, "bb" * 32, "cc" * 32
NOW = 1_780_000_000_000_000

terms_strategy = st.builds(
    Terms,
    parties=st.just((A, B)),
    kinds=st.frozensets(st.sampled_from(Kind)),
    ceiling=st.sampled_from(list(Tlp)[:4]),
    purposes=st.frozensets(st.sampled_from(Purpose)),
    permitted_actions=st.frozensets(st.sampled_from(Pap)),
    basis=st.dictionaries(st.sampled_from(sorted(PERSONAL)), st.sampled_from(sorted(BASES))).map(
        lambda given: tuple(sorted(given.items()))
    ),
    onward=st.frozensets(st.sampled_from([Tlp.CLEAR, Tlp.GREEN])),
    retention_days=st.integers(1, 3650),
    breach_hours=st.integers(1, 240),
    rate=st.integers(1, 10**6),
    valid_from=st.integers(0, NOW),
    valid_until=st.integers(NOW + 1, 2 * NOW),
    serial=st.integers(1, 99),
    supersedes=st.none() | st.just(C),
    exercise=st.booleans(),
)


@given(terms_strategy)
def test_terms_come_back_from_their_bytes(terms: Terms) -> None:
    assert read_terms(terms.terms_bytes()) == terms
    assert terms.digest == hashlib.sha256(terms.terms_bytes()).hexdigest()


def test_both_sides_fill_in_the_same_template_whoever_is_named_first() -> None:
    assert standard_terms(A, B, NOW).terms_bytes() == standard_terms(B, A, NOW).terms_bytes()


def test_the_standard_template_is_what_the_protocol_says() -> None:
    terms = standard_terms(A, B, NOW)
    assert terms.kinds == frozenset(Kind) - PERSONAL
    assert terms.ceiling is Tlp.AMBER
    assert terms.purposes == frozenset(Purpose)
    assert terms.onward == {Tlp.CLEAR, Tlp.GREEN}
    assert terms.permitted_actions == ACTIONS
    assert (terms.retention_days, terms.valid_until - terms.valid_from) == (365, 365 * DAY)
    assert terms.basis == ()


def test_the_personal_template_adds_every_personal_kind_with_a_basis() -> None:
    terms = personal_terms(A, B, NOW)
    assert terms.kinds == frozenset(Kind)
    assert {kind for kind, _ in terms.basis} == PERSONAL
    assert terms.basis_of(Kind.PHONE) in BASES
    assert terms.basis_of(Kind.DOMAIN) == ""


def edited(change: Callable[[dict[str, Any]], object]) -> bytes:
    members = json.loads(personal_terms(A, B, NOW).terms_bytes())
    change(members)
    return canonical(members)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda m: m.update(extra=1), "terms_shape"),
        (lambda m: m.pop("rate"), "terms_shape"),
        (lambda m: m.update(rate="many"), "terms_shape"),
        (lambda m: m.update(rate=True), "terms_shape"),
        (lambda m: m.update(rate=0), "terms_shape"),
        (lambda m: m.update(kinds="domain"), "terms_shape"),
        (lambda m: m.update(exercise=0), "terms_shape"),
        (lambda m: m.update(parties=[A]), "terms_shape"),
        (lambda m: m.update(basis=[]), "terms_shape"),
        (lambda m: m.update(kinds=["horoscope"]), "terms_value"),
        (lambda m: m.update(ceiling="PURPLE"), "terms_value"),
        (lambda m: m.update(permitted_actions=["WHITE"]), "terms_value"),
        (lambda m: m.update(purposes=["profit"]), "terms_value"),
        (lambda m: m.update({"from": "yesterday"}), "time"),
        (lambda m: m.update({"from": "2026-01-01T00:00:00Z"}), "time"),
        (lambda m: m.update(until=m["from"]), "terms_times"),
        (lambda m: m.update(parties=[B, A]), "terms_parties"),
        (lambda m: m.update(parties=[A, A]), "terms_parties"),
        (lambda m: m.update(parties=[A.upper(), B]), "terms_fingerprint"),
        (lambda m: m.update(supersedes=""), "terms_fingerprint"),
        (lambda m: m.update(ceiling="RED"), "terms_ceiling"),
        (lambda m: m.update(onward=["AMBER"]), "terms_onward"),
        (lambda m: m["basis"].update(phone="because"), "terms_basis"),
        (lambda m: m["basis"].update(domain="consent"), "terms_basis"),
        (lambda m: m["kinds"].reverse(), "terms_not_canonical"),
        (lambda m: m["onward"].append("GREEN"), "terms_not_canonical"),
        (lambda m: m.update(ceiling="tlp:amber"), "terms_not_canonical"),
    ],
)
def test_terms_that_are_not_exactly_right_are_refused_with_a_clear_code(
    change: Callable[[dict[str, Any]], object], code: str
) -> None:
    with pytest.raises(Malformed) as caught:
        read_terms(edited(change))
    assert caught.value.code == code
    assert str(caught.value)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"null", b"{}", b'"x"', b"\xff", b'{"a":1,"a":1}', b"{" * 99]
)
def test_bytes_that_are_no_terms_at_all_are_refused(data: bytes) -> None:
    with pytest.raises((Malformed, TooLarge)):
        read_terms(data)


def test_the_same_terms_with_a_blank_are_other_bytes_and_refused() -> None:
    data = standard_terms(A, B, NOW).terms_bytes().replace(b":", b": ", 1)
    with pytest.raises(Malformed) as caught:
        read_terms(data)
    assert caught.value.code == "terms_not_canonical"


def test_a_proposal_is_signed_when_it_gives_nothing_beyond_our_own_terms() -> None:
    own = standard_terms(A, B, NOW)
    assert differences(standard_terms(A, B, NOW + 30 * SECOND), own) == ()
    assert differences(standard_terms(A, B, NOW - 30 * SECOND), own) == ()
    assert not narrower_or_equal(standard_terms(A, B, NOW + 30 * SECOND), own)


def test_the_difference_names_what_a_wider_proposal_gives() -> None:
    found = differences(personal_terms(A, B, NOW), standard_terms(A, B, NOW))
    assert {each.code for each in found} == {"beyond_kinds", "beyond_basis"}
    assert {dict(each.params)["kind"] for each in found} == {kind.value for kind in PERSONAL}
    assert all(each.text for each in found)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"parties": (A, C)}, "beyond_parties"),
        ({"exercise": True}, "beyond_exercise"),
        ({"ceiling": Tlp.AMBER_STRICT}, "beyond_ceiling"),
        ({"retention_days": 366}, "beyond_retention"),
        ({"breach_hours": 73}, "beyond_breach"),
        ({"rate": 10**7}, "beyond_rate"),
        ({"valid_from": NOW - 2 * DAY}, "beyond_from"),
        ({"valid_until": NOW + 367 * DAY}, "beyond_until"),
    ],
)
def test_each_way_of_widening_has_its_own_code(change: dict[str, Any], code: str) -> None:
    own = standard_terms(A, B, NOW)
    found = differences(replace(own, **change), own)
    assert [each.code for each in found] == [code]
    assert found[0].text


@pytest.mark.parametrize("name", ["purposes", "permitted_actions", "onward", "kinds"])
def test_every_member_that_a_list_gains_is_named(name: str) -> None:
    wide = standard_terms(A, B, NOW)
    narrow = replace(wide, **{name: frozenset(list(getattr(wide, name))[1:])})  # type: ignore[arg-type]
    assert len(differences(wide, narrow)) == 1
    assert differences(narrow, wide) == ()


def test_a_successor_names_what_it_supersedes_and_suspension_is_always_narrower() -> None:
    terms = personal_terms(A, B, NOW)
    after = successor(terms, rate=5)
    assert (after.serial, after.supersedes, after.rate) == (2, terms.digest, 5)
    assert narrower_or_equal(after, terms)
    assert narrower_or_equal(suspension(terms), terms)
    assert not narrower_or_equal(terms, suspension(terms))


@given(terms_strategy, terms_strategy, st.randoms(use_true_random=False))
def test_narrower_terms_let_nothing_pass_that_the_wider_would_not(
    one: Terms, other: Terms, random: Random
) -> None:
    narrow = _common(one, other)
    assert narrower_or_equal(narrow, one)
    for _ in range(20):
        label = Label(
            random.choice(list(Kind)),
            Marking(random.choice(list(Tlp)), random.choice(list(Pap))),
            random.choice([A, C]),
            basis=random.choice(["", *BASES]),
        )
        asked = (random.choice(list(Purpose)), Direction.SEND, random.randint(0, 2 * NOW))
        if decide(Actor(B), label, narrow, *asked, us=A).allowed:
            assert decide(Actor(B), label, one, *asked, us=A).allowed


def _common(one: Terms, other: Terms) -> Terms:
    return replace(
        one,
        kinds=one.kinds & other.kinds,
        ceiling=min(one.ceiling, other.ceiling),
        purposes=one.purposes & other.purposes,
        permitted_actions=one.permitted_actions & other.permitted_actions,
        basis=tuple(each for each in one.basis if each in other.basis),
        onward=one.onward & other.onward,
        valid_from=max(one.valid_from, other.valid_from),
        valid_until=min(one.valid_until, other.valid_until),
    )
