"""What a guest at our node may see: its own, and what another organisation's node would get."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from hueandcry.core.sharing import (
    Label,
    Terms,
    decide,
    guest_sees,
    personal_terms,
    purpose_for,
    seat_terms,
)
from hueandcry.core.types import (
    DAY,
    PERSONAL,
    Actor,
    Direction,
    Embargo,
    Kind,
    Lane,
    Marking,
    Pap,
    Purpose,
    Tlp,
)

#: A loaded machine is no failure.
unhurried = settings(deadline=None)

HOME, GUEST, THIRD = "aa" * 32, "bb" * 32, "cc" * 32
NOW = 1_780_000_000_000_000
SEEN = {tlp: seat_terms(HOME, GUEST, NOW - DAY, tlp) for tlp in (Tlp.CLEAR, Tlp.GREEN, Tlp.AMBER)}

markings = st.builds(
    Marking,
    tlp=st.sampled_from(Tlp),
    pap=st.sampled_from(Pap),
    purposes=st.frozensets(st.sampled_from(Purpose)),
    embargo=st.none() | st.builds(Embargo, st.just("case"), st.integers(NOW - DAY, NOW + DAY)),
)
labels = st.builds(
    Label,
    st.sampled_from(Kind),
    markings,
    st.sampled_from([HOME, THIRD]),
    st.sampled_from(["", "circle"]),
    st.booleans(),
    st.sampled_from(["", "public-interest"]),
    st.sampled_from(Lane),
)
terms = st.sampled_from([*SEEN.values(), personal_terms(HOME, GUEST, NOW - DAY)])


def sees(label: Label, terms: Terms, *, own: bool = False) -> bool:
    return guest_sees(Actor(GUEST), label, own, terms, NOW, us=HOME)


@unhurried
@given(labels, terms)
def test_a_guest_sees_exactly_what_its_own_node_would_get(label: Label, agreed: Terms) -> None:
    purpose = purpose_for(label, agreed)
    gate = decide(Actor(GUEST), label, agreed, purpose, Direction.SEND, NOW, us=HOME)
    assert sees(label, agreed) == gate.allowed


@unhurried
@given(labels, terms)
def test_a_guest_always_sees_its_own(label: Label, agreed: Terms) -> None:
    assert sees(label, agreed, own=True)


@unhurried
@given(labels, terms)
def test_what_may_not_leave_the_node_no_guest_sees(label: Label, agreed: Terms) -> None:
    """A second opinion, written apart from the gate's rules."""
    if not sees(label, agreed):
        return
    marking = label.marking
    assert marking.tlp <= agreed.ceiling < Tlp.RED
    assert not label.circle
    assert marking.embargo is None or marking.embargo.until <= NOW
    if label.origin == THIRD:
        assert marking.tlp in (Tlp.CLEAR, Tlp.GREEN) and label.onward
    if label.kind in PERSONAL:
        assert agreed.basis_of(label.kind)


@unhurried
@given(labels)
def test_a_higher_ceiling_only_ever_shows_more(label: Label) -> None:
    shown = [sees(label, SEEN[tlp]) for tlp in (Tlp.CLEAR, Tlp.GREEN, Tlp.AMBER)]
    assert shown == sorted(shown)


def test_by_default_a_guest_sees_clear_and_green_of_its_home_and_no_amber() -> None:
    ours = Label(Kind.DOMAIN, Marking(), HOME)
    seen = [tlp for tlp in Tlp if sees(replace(ours, marking=Marking(tlp)), SEEN[Tlp.GREEN])]
    assert seen == [Tlp.CLEAR, Tlp.GREEN]


def test_where_the_home_shares_more_a_guest_sees_amber_of_the_home_and_of_nobody_else() -> None:
    amber = Label(Kind.DOMAIN, Marking(Tlp.AMBER), HOME)
    assert sees(amber, SEEN[Tlp.AMBER])
    assert not sees(replace(amber, origin=THIRD), SEEN[Tlp.AMBER])
    assert not sees(replace(amber, kind=Kind.PHONE), SEEN[Tlp.AMBER])
