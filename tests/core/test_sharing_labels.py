"""Labels: interning, the strictest marking, when answers change, and what audiences see."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core.errors import Broken
from hueandcry.core.sharing import (
    Label,
    audience_sees,
    effective,
    next_change,
    standard_terms,
    strictest,
)
from hueandcry.core.types import Audience, Embargo, Kind, Lane, Marking, Pap, Purpose, Tlp

A, B = "aa" * 32, "bb" * 32
NOW = 1_780_000_000_000_000
END = 253_402_300_799_999_999  # the last microsecond of the year 9999

embargoes = st.builds(Embargo, case=st.text(max_size=20), until=st.integers(0, END))
markings = st.builds(
    Marking,
    tlp=st.sampled_from(Tlp),
    pap=st.sampled_from(Pap),
    purposes=st.frozensets(st.sampled_from(Purpose)),
    embargo=st.none() | embargoes,
)
labels = st.builds(
    Label,
    kind=st.sampled_from(Kind),
    marking=markings,
    origin=st.sampled_from([A, B]),
    circle=st.text(max_size=10),
    onward=st.booleans(),
    basis=st.sampled_from(["", "consent"]),
    lane=st.sampled_from(Lane),
)


@given(labels)
def test_a_label_comes_back_from_its_text(label: Label) -> None:
    assert Label.from_text(label.text()) == label


@given(labels, labels)
def test_two_labels_share_a_text_only_when_they_are_equal(one: Label, other: Label) -> None:
    assert (one.text() == other.text()) == (one == other)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"kind":"domain"}', "null"])
def test_a_stored_label_that_cannot_be_read_is_reported_as_broken(text: str) -> None:
    with pytest.raises(Broken) as caught:
        Label.from_text(text)
    assert caught.value.code == "label_text"


@given(labels)
def test_a_circle_is_at_least_amber_and_nothing_else_changes(label: Label) -> None:
    marking = effective(label)
    assert marking.tlp == (max(label.marking.tlp, Tlp.AMBER) if label.circle else label.marking.tlp)
    assert replace(marking, tlp=label.marking.tlp) == label.marking


@given(st.lists(markings, min_size=1, max_size=4))
def test_the_strictest_marking_is_at_least_as_strict_as_each(found: list[Marking]) -> None:
    result = strictest(found)
    for each in found:
        assert result.tlp >= each.tlp
        assert result.pap >= each.pap
        assert result.tlp is Tlp.RED or not each.purposes or result.purposes <= each.purposes
        assert not each.embargo or (result.embargo and result.embargo.until >= each.embargo.until)


def test_purposes_that_exclude_each_other_leave_none_which_reads_as_red() -> None:
    one = Marking(purposes=frozenset({Purpose.PREVENTION}))
    other = Marking(purposes=frozenset({Purpose.PROSECUTION}))
    assert strictest([one, other]).tlp is Tlp.RED


def test_no_marking_at_all_reads_as_amber_strict() -> None:
    assert strictest([]).tlp is Tlp.AMBER_STRICT


def test_an_answer_changes_when_the_embargo_passes() -> None:
    label = Label(Kind.DOMAIN, Marking(embargo=Embargo("c", NOW)), A)
    assert next_change(label, NOW - 1) == NOW
    assert next_change(label, NOW) is None
    assert next_change(Label(Kind.DOMAIN, Marking(), A), NOW) is None


def test_an_answer_changes_when_the_agreement_begins_or_ends() -> None:
    label, terms = Label(Kind.DOMAIN, Marking(), A), standard_terms(A, B, NOW)
    assert next_change(label, NOW - 1, terms) == NOW
    assert next_change(label, NOW, terms) == terms.valid_until
    assert next_change(label, terms.valid_until, terms) is None


@pytest.mark.parametrize(
    ("marking", "circle", "clear", "green"),
    [
        (Marking(Tlp.CLEAR), "", True, True),
        (Marking(Tlp.GREEN), "", False, True),
        (Marking(Tlp.AMBER), "", False, False),
        (Marking(Tlp.CLEAR, Pap.CLEAR), "", True, True),
        (Marking(Tlp.CLEAR, Pap.AMBER), "", False, False),
        (Marking(Tlp.CLEAR, embargo=Embargo("c", NOW + 1)), "", False, False),
        (Marking(Tlp.CLEAR, embargo=Embargo("c", NOW)), "", True, True),
        (Marking(Tlp.CLEAR), "raid", False, False),
        (Marking(Tlp.CLEAR, purposes=frozenset({Purpose.PROSECUTION})), "", False, False),
        (Marking(Tlp.CLEAR, purposes=frozenset({Purpose.PROTECTION})), "", True, True),
    ],
)
def test_audiences_see_what_their_marking_allows(
    marking: Marking, circle: str, clear: bool, green: bool
) -> None:
    assert audience_sees(marking, circle, Audience.CLEAR, NOW) is clear
    assert audience_sees(marking, circle, Audience.GREEN, NOW) is green
    assert audience_sees(marking, circle, Audience.OWN, NOW)
