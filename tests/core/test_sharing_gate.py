"""The gate: every rule has a sentence here, and no random object slips past a second opinion."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from random import Random
from typing import TypeVar
from uuid import UUID

import pytest

from hueandcry.core.sharing import (
    Decision,
    Label,
    Terms,
    decide,
    gate_by_label,
    label_of,
    personal_terms,
    purpose_for,
    standard_terms,
    successor,
    suspension,
)
from hueandcry.core.sharing.bases import BASES
from hueandcry.core.sharing.reasons import WORDS
from hueandcry.core.types import (
    DAY,
    PERSONAL,
    Actor,
    Claim,
    Direction,
    Embargo,
    Kind,
    Lane,
    Marking,
    Pap,
    Purpose,
    Signal,
    Tlp,
    Verdict,
)

T = TypeVar("T")
US, THEM, THIRD = "aa" * 32, "bb" * 32, "cc" * 32
NOW = 1_780_000_000_000_000
STANDARD = standard_terms(US, THEM, NOW - DAY)
PERSONAL_TERMS = personal_terms(US, THEM, NOW - DAY)
OURS = Label(Kind.DOMAIN, Marking(), US)
RELAYED = replace(OURS, origin=THIRD)


def ask(
    thing: Label,
    terms: Terms | None = STANDARD,
    *,
    actor: Actor | None = None,
    purpose: Purpose = Purpose.PREVENTION,
    direction: Direction = Direction.SEND,
    at: int = NOW,
) -> Decision:
    return decide(actor or Actor(THEM), thing, terms, purpose, direction, at, us=US)


def codes(decision: Decision) -> list[str]:
    return [each.code for each in decision.reasons]


def marked(label: Label = OURS, **changes: object) -> Label:
    return replace(label, marking=replace(label.marking, **changes))  # type: ignore[arg-type]


def test_an_own_green_domain_goes_to_a_partner_under_standard_terms() -> None:
    assert ask(OURS) == Decision(True, ())


@pytest.mark.parametrize(
    ("thing", "terms", "code"),
    [
        (OURS, None, "agreement_missing"),
        (OURS, standard_terms(THEM, THIRD, NOW), "agreement_other_parties"),
        (OURS, standard_terms(US, THEM, NOW + 1), "agreement_not_yet"),
        (OURS, standard_terms(US, THEM, NOW - 365 * DAY), "agreement_ended"),
        (OURS, suspension(STANDARD), "agreement_suspended"),
        (replace(OURS, origin=THEM), STANDARD, "own_origin"),
        (replace(OURS, kind=Kind.PHONE), STANDARD, "kind_not_agreed"),
        (replace(OURS, kind=Kind.PHONE), replace(PERSONAL_TERMS, basis=()), "personal_without"),
        (replace(RELAYED, kind=Kind.PHONE), PERSONAL_TERMS, "basis_not_carried"),
        (replace(RELAYED, kind=Kind.PHONE, basis="consent"), PERSONAL_TERMS, "basis_not_carried"),
        (marked(tlp=Tlp.RED), STANDARD, "red_never"),
        (marked(tlp=Tlp.AMBER_STRICT), STANDARD, "over_ceiling"),
        (marked(RELAYED, tlp=Tlp.AMBER), STANDARD, "onward_marking"),
        (RELAYED, replace(STANDARD, onward=frozenset({Tlp.CLEAR})), "onward_not_agreed"),
        (replace(RELAYED, onward=False), STANDARD, "onward_not_granted"),
        (OURS, replace(STANDARD, purposes=frozenset({Purpose.PROSECUTION})), "purpose_not_agreed"),
        (marked(purposes=frozenset({Purpose.INVESTIGATION})), STANDARD, "purpose_not_marked"),
        (
            marked(pap=Pap.RED),
            replace(STANDARD, permitted_actions=frozenset({Pap.AMBER})),
            "action",
        ),
        (marked(embargo=Embargo("case 7", NOW + 1)), STANDARD, "embargo_running"),
        (replace(OURS, circle="raid"), STANDARD, "circle_closed"),
    ],
)
def test_each_rule_says_no_with_its_own_code(thing: Label, terms: Terms | None, code: str) -> None:
    decision = ask(thing, terms)
    assert not decision.allowed
    assert any(each.startswith(code) for each in codes(decision)), codes(decision)
    assert all(each.text for each in decision.reasons)


def test_our_own_claims_coming_back_are_refused() -> None:
    assert codes(ask(OURS, direction=Direction.RECEIVE)) == ["own_origin"]


def test_a_partners_own_claim_is_received_by_the_same_rules() -> None:
    theirs = replace(OURS, origin=THEM)
    assert ask(theirs, direction=Direction.RECEIVE).allowed
    assert not ask(marked(theirs, tlp=Tlp.RED), direction=Direction.RECEIVE).allowed


def test_personal_data_of_a_third_member_goes_on_only_under_the_basis_it_came_under() -> None:
    phone = replace(RELAYED, kind=Kind.PHONE, basis="public-interest")
    assert ask(phone, PERSONAL_TERMS).allowed


def test_what_a_circle_shares_goes_to_its_members_and_counts_as_amber() -> None:
    secret = replace(OURS, circle="raid")
    member = Actor(THEM, circles=frozenset({"raid"}))
    assert ask(secret, actor=member).allowed
    assert "onward_marking" in codes(ask(replace(secret, origin=THIRD), actor=member))
    assert codes(ask(secret, replace(STANDARD, ceiling=Tlp.GREEN), actor=member)) == [
        "over_ceiling"
    ]


def test_the_circles_name_is_in_no_reason() -> None:
    assert "raid" not in repr(ask(replace(OURS, circle="raid")).reasons)


def test_an_embargo_holds_for_investigators_too_and_ends_at_its_instant() -> None:
    quiet = marked(embargo=Embargo("case 7", NOW + 5))
    assert not ask(quiet, purpose=Purpose.INVESTIGATION, at=NOW + 4).allowed
    assert ask(quiet, at=NOW + 5).allowed


def test_an_agreement_with_oneself_lets_nothing_pass() -> None:
    alone = replace(STANDARD, parties=(US, US))
    assert "agreement_other_parties" in codes(ask(OURS, alone, actor=Actor(US)))


def test_every_reason_is_collected_not_only_the_first() -> None:
    bad = replace(marked(RELAYED, tlp=Tlp.RED), kind=Kind.EMAIL, onward=False)
    assert {"kind_not_agreed", "red_never", "over_ceiling", "onward_not_granted"} <= set(
        codes(ask(bad))
    )


def test_every_rule_has_words_for_its_code() -> None:
    assert all(sentence.endswith(".") for sentence in WORDS.values())


def test_a_purpose_that_both_sides_cover_is_found_for_sending() -> None:
    limited = marked(purposes=frozenset({Purpose.PROSECUTION}))
    assert purpose_for(limited, STANDARD) is Purpose.PROSECUTION
    assert ask(limited, purpose=purpose_for(limited, STANDARD)).allowed
    narrow = replace(STANDARD, purposes=frozenset({Purpose.PREVENTION}))
    assert not ask(limited, narrow, purpose=purpose_for(limited, narrow)).allowed


def test_suspended_terms_let_nothing_pass_and_resuming_does() -> None:
    paused = suspension(STANDARD)
    assert not ask(OURS, paused).allowed
    assert ask(OURS, successor(paused, kinds=STANDARD.kinds, purposes=STANDARD.purposes)).allowed


# --- 100 000 random pairs against a second opinion -------------------------------------------

MEMBERS = (US, THEM, THIRD, "dd" * 32)
CIRCLES = ("", "", "", "", "raid", "banks")
READERS, OBJECTS = 2_000, 50


def some(random: Random, members: Iterable[T], least: int = 0) -> frozenset[T]:
    listed = list(members)
    return frozenset(random.sample(listed, random.randint(least, len(listed))))


def random_terms(random: Random) -> Terms | None:
    if random.random() < 0.02:
        return None
    base = random.choice((STANDARD, PERSONAL_TERMS, PERSONAL_TERMS, PERSONAL_TERMS))
    changes: dict[str, object] = {"ceiling": random.choice(list(Tlp))}
    lists = {"kinds": Kind, "purposes": Purpose, "onward": Tlp, "permitted_actions": Pap}
    for name, members in lists.items():
        if random.random() < 0.3:
            changes[name] = some(random, list[object](members))
    if random.random() < 0.3:
        given = some(random, sorted(PERSONAL))
        changes["basis"] = tuple((kind, random.choice(sorted(BASES))) for kind in sorted(given))
    if random.random() < 0.1:
        changes["parties"] = tuple(random.sample(MEMBERS, 2))
    if random.random() < 0.1:
        changes["valid_from"] = NOW + random.randint(-3, 3)
    if random.random() < 0.1:
        changes["valid_until"] = NOW + random.randint(-3, 3)
    return replace(base, **changes)  # type: ignore[arg-type]


def random_marking(random: Random) -> Marking:
    return Marking(
        tlp=random.choice((Tlp.CLEAR, Tlp.GREEN, *Tlp)),
        pap=random.choice((Pap.CLEAR, Pap.GREEN, *Pap)),
        purposes=some(random, Purpose, 1) if random.random() < 0.3 else frozenset(),
        embargo=Embargo("c", NOW + random.randint(-2, 2)) if random.random() < 0.15 else None,
    )


def random_claim(random: Random) -> Claim:
    return Claim(
        id=UUID(int=random.getrandbits(128)),
        claimant=random.choice(MEMBERS),
        signal=Signal(random.choice(list(Kind)), f"v{random.randint(0, 9)}"),
        verdict=random.choice(list(Verdict)),
        valid_from=NOW - random.randint(0, DAY),
        valid_until=NOW + random.randint(1, DAY),
        created=NOW - DAY,
        modified=NOW,
        marking=random_marking(random),
    )


def random_local(random: Random) -> dict[str, object]:
    return {
        "circle": random.choice(CIRCLES),
        "onward": random.random() < 0.8,
        "basis": random.choice(("", "public-interest", "public-interest", "consent")),
        "lane": random.choice(list(Lane)),
    }


def second_opinion(
    us: str,
    actor: Actor,
    claim: Claim,
    local: dict[str, object],
    terms: Terms | None,
    purpose: Purpose,
    sending: bool,
    at: int,
) -> bool:
    """PROTOCOL 3 and 4 said once more, naively, on the whole object."""
    if terms is None or us == actor.member:
        return False
    if sorted(terms.parties) != sorted([us, actor.member]):
        return False
    if not (terms.valid_from <= at and at < terms.valid_until):
        return False
    kind, marking = claim.signal.kind, claim.marking
    tlp = int(marking.tlp)
    if local["circle"] != "":
        if local["circle"] not in actor.circles:
            return False
        tlp = max(tlp, 2)
    if kind not in terms.kinds or tlp == 4 or tlp > int(terms.ceiling):
        return False
    bases = dict(terms.basis)
    personal = kind.value in ("phone", "email", "bank-account", "handle")
    if personal and not bases.get(kind):
        return False
    holder, receiver = (us, actor.member) if sending else (actor.member, us)
    if claim.claimant == receiver:
        return False
    if claim.claimant != holder:
        if tlp not in (0, 1) or tlp not in [int(each) for each in terms.onward]:
            return False
        if not local["onward"]:
            return False
        if sending and personal and local["basis"] != bases[kind]:
            return False
    if purpose not in terms.purposes:
        return False
    if len(marking.purposes) > 0 and purpose not in marking.purposes:
        return False
    if int(marking.pap) > max([0, *[int(each) for each in terms.permitted_actions]]):
        return False
    return not (marking.embargo is not None and marking.embargo.until > at)


def test_no_escape_in_either_direction_for_100_000_random_object_reader_pairs() -> None:
    random = Random(20261123)
    pairs, passed = 0, {Direction.SEND: 0, Direction.RECEIVE: 0}
    for _ in range(READERS):
        terms, purpose = random_terms(random), random.choice(list(Purpose))
        circles = frozenset(random.sample(["raid", "banks"], random.randint(0, 2)))
        actor = Actor(random.choice((THEM, THEM, THEM, THIRD, US)), circles=circles)
        objects = [(random_claim(random), random_local(random)) for _ in range(OBJECTS)]
        labels: dict[str, int] = {}
        held = [
            labels.setdefault(label_of(claim, **local).text(), len(labels))  # type: ignore[arg-type]
            for claim, local in objects
        ]
        interned = {number: Label.from_text(text) for text, number in labels.items()}
        for direction in Direction:
            by_label = gate_by_label(actor, terms, purpose, direction, NOW, interned, us=US)
            for (claim, local), number in zip(objects, held, strict=True):
                label = label_of(claim, **local)  # type: ignore[arg-type]
                decision = decide(actor, label, terms, purpose, direction, NOW, us=US)
                sending = direction is Direction.SEND
                expected = second_opinion(US, actor, claim, local, terms, purpose, sending, NOW)
                assert decision.allowed == expected, (direction, actor, claim, local, terms)
                assert decision.allowed == (number in by_label)
                assert decision.allowed == (not decision.reasons)
                passed[direction] += decision.allowed
        pairs += len(objects)
    assert pairs >= 100_000
    assert min(passed.values()) > 2_000, "a generator whose things never pass proves nothing"


def test_what_may_be_sent_directly_may_be_received_and_the_other_way_round() -> None:
    random = Random(7)
    allowed = 0
    for _ in range(20_000):
        terms, purpose = random_terms(random), random.choice(list(Purpose))
        claim = replace(random_claim(random), claimant=US)
        label = label_of(claim)
        sent = decide(Actor(THEM), label, terms, purpose, Direction.SEND, NOW, us=US)
        taken = decide(Actor(US), label, terms, purpose, Direction.RECEIVE, NOW, us=THEM)
        assert sent.allowed == taken.allowed
        allowed += sent.allowed
    assert allowed > 1_000
