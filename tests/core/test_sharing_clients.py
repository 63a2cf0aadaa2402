"""The gate for clients: by label, default deny, and never more than the look-up door answers."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core.sharing import (
    Label,
    audience_sees,
    decide_client,
    effective,
    label_of,
    next_change,
    tier_of,
)
from hueandcry.core.types import (
    DAY,
    PERSONAL,
    Audience,
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

US, OTHER = "11" * 32, "22" * 32
NOW = 1_790_000_000_000_000
OUTSIDERS = (Audience.CLEAR, Audience.GREEN)

markings = st.builds(
    Marking,
    tlp=st.sampled_from(Tlp),
    pap=st.sampled_from(Pap),
    purposes=st.frozensets(st.sampled_from(Purpose)),
    embargo=st.none() | st.builds(Embargo, st.just("case"), st.integers(NOW - DAY, NOW + DAY)),
)
labels = st.builds(
    Label,
    kind=st.sampled_from(Kind),
    marking=markings,
    origin=st.sampled_from([US, OTHER]),
    circle=st.sampled_from(["", "circle"]),
    onward=st.booleans(),
)
instants = st.integers(NOW - 2 * DAY, NOW + 2 * DAY)


def allowed(audience: Audience, label: Label, at: int = NOW) -> bool:
    return decide_client(audience, label, at, us=US).allowed


def codes(audience: Audience, label: Label, at: int = NOW) -> list[str]:
    return [reason.code for reason in decide_client(audience, label, at, us=US).reasons]


def plain(**changes: object) -> Label:
    return replace(Label(Kind.DOMAIN, Marking(Tlp.CLEAR), US), **changes)  # type: ignore[arg-type]


@given(labels, instants, st.sampled_from(Audience))
def test_nothing_escapes(label: Label, at: int, audience: Audience) -> None:
    """Said again in other words, one rule at a time, by somebody who trusts nobody."""
    if not allowed(audience, label, at):
        return
    marking = effective(label)
    assert marking.tlp is not Tlp.RED
    if audience is Audience.OWN:
        return
    assert marking.tlp <= (Tlp.CLEAR if audience is Audience.CLEAR else Tlp.GREEN)
    assert marking.embargo is None or marking.embargo.until <= at
    assert marking.pap <= Pap.GREEN
    assert not marking.purposes or marking.purposes & {Purpose.PREVENTION, Purpose.PROTECTION}
    assert not label.circle
    assert label.kind not in PERSONAL
    assert label.origin == US or label.onward


@given(labels, instants, st.sampled_from(OUTSIDERS))
def test_a_client_is_never_handed_what_a_look_up_would_not_answer_from(
    label: Label, at: int, audience: Audience
) -> None:
    if allowed(audience, label, at):
        assert audience_sees(label.marking, label.circle, audience, at)


@given(labels, instants)
def test_a_wider_audience_never_sees_more(label: Label, at: int) -> None:
    seen = [allowed(audience, label, at) for audience in Audience]  # clear, green, own
    assert seen == sorted(seen)


@given(markings, st.sampled_from(Kind), instants, st.sampled_from(Audience))
def test_an_object_is_let_through_exactly_as_its_label(
    marking: Marking, kind: Kind, at: int, audience: Audience
) -> None:
    claim = Claim(UUID(int=1), US, Signal(kind, "x"), Verdict.SCAM, at, at + DAY, at, at, marking)
    again = Label.from_text(label_of(claim).text())
    assert allowed(audience, label_of(claim), at) == allowed(audience, again, at)


@given(labels, instants, st.sampled_from(Audience))
def test_an_answer_stands_until_the_next_change(label: Label, at: int, audience: Audience) -> None:
    until = next_change(label, at)
    later = until - 1 if until is not None else at + 30 * DAY
    assert allowed(audience, label, at) == allowed(audience, label, later)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"marking": Marking(Tlp.RED)}, "red_never"),
        ({"marking": Marking(Tlp.AMBER)}, "over_ceiling"),
        ({"circle": "circle"}, "circle_closed"),
        ({"marking": Marking(Tlp.CLEAR, embargo=Embargo("c", NOW + 1))}, "embargo_running"),
        ({"marking": Marking(Tlp.CLEAR, Pap.AMBER)}, "action_not_promised"),
        (
            {"marking": Marking(Tlp.CLEAR, purposes=frozenset({Purpose.PROSECUTION}))},
            "purpose_not_marked",
        ),
        ({"kind": Kind.PHONE}, "personal_without_basis"),
        ({"origin": OTHER, "onward": False}, "onward_not_granted"),
    ],
)
def test_each_rule_says_why(changed: dict[str, object], code: str) -> None:
    assert allowed(Audience.CLEAR, plain())
    label = plain(**changed)
    assert not allowed(Audience.CLEAR, label)
    assert code in codes(Audience.CLEAR, label)
    reasons = decide_client(Audience.CLEAR, label, NOW, us=US).reasons
    assert all(reason.text for reason in reasons)


@given(markings)
def test_the_tier_of_an_object_is_the_widest_audience_that_may_ever_see_it(
    marking: Marking,
) -> None:
    reserved = marking.embargo is not None or bool(
        marking.purposes and not marking.purposes & {Purpose.PREVENTION, Purpose.PROTECTION}
    )
    tier = tier_of(marking.tlp, marking.pap, reserved=reserved)
    if tier is None:
        assert marking.tlp is Tlp.RED
    else:
        assert allowed(tier, Label(Kind.DOMAIN, marking, US))
