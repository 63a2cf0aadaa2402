"""Cooperation, pure: what passes between the sides, and that acts which crossed end alike."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.apps.cooperation import rules
from hueandcry.apps.cooperation.wire import Asked, Said, Stepped
from hueandcry.core.errors import Conflict, Malformed, NotPermitted
from hueandcry.core.ids import uuid7
from hueandcry.core.law import LAW
from hueandcry.core.machine import REQUEST, Side
from hueandcry.core.types import Actor
from other_member import NOW
from requests_walked import LEGAL, Copy

ID = uuid7(NOW, bytes(10))


# --- forms ----------------------------------------------------------------------------------------

texts = st.text(max_size=40)
instants = st.none() | st.integers(1, 2**48)
saids = st.builds(
    Said,
    reasons=texts,
    code=st.sampled_from(["", "H40.21b", "NATIONAL-GROUND"]),
    route=texts,
    holder=texts,
    package=st.sampled_from(["", "ab" * 32]),
    missing=st.lists(st.sampled_from(["items", "purpose"]), max_size=2).map(tuple),
    given=st.dictionaries(st.sampled_from(["purpose", "facts_summary"]), texts),
    answer_by=instants,
    review_at=instants,
)


@given(said=saids, by=st.sampled_from(["", "p-0123456789abcdef"]))
def test_an_act_is_read_as_it_was_written(said: Said, by: str) -> None:
    made = Stepped(ID, "consult", "UNDER_DECISION", by, said)
    assert Stepped.read(made.body()) == made


@given(given=st.dictionaries(texts, texts), pair=st.booleans())
def test_a_request_is_read_as_it_was_written(given: dict[str, str], pair: bool) -> None:
    made = Asked(ID, "STATUS", "house", given, ("p-1", "p-2") if pair else ("p-1",))
    assert Asked.read(made.body()) == made


def test_anything_else_is_malformed() -> None:
    asked = Asked(ID, "STATUS", "house", {}, ("p-1",)).body()
    acted = Stepped(ID, "open", "DELIVERED", "p-1", Said()).body()
    wrong_requests: list[dict[str, Any]] = [
        {"signers": []},
        {"signers": ["p-1", "p-1"]},
        {"signers": ["a", "b", "c"]},
        {"signers": "p-1"},
        {"signers": [1]},
        {"given": []},
        {"type": "../x"},
        {"request": "1"},
        {"more": 1},
    ]
    for change in wrong_requests:
        with pytest.raises(Malformed):
            Asked.read({**asked, **change})
    wrong_acts: list[dict[str, Any]] = [
        {"from": "nowhere"},
        {"event": "OPEN"},
        {"by": "\n"},
        {"said": []},
        {"said": {"reasons": ""}},
        {"said": {"reasons": "x" * 20_001}},
        {"said": {"package": "ab"}},
        {"said": {"missing": "items"}},
        {"said": {"missing": []}},
        {"said": {"given": {}}},
        {"said": {"answer_by": 1}},
        {"said": {"unknown": "x"}},
    ]
    for change in wrong_acts:
        with pytest.raises(Malformed):
            Stepped.read({**acted, **change})


# --- roles ----------------------------------------------------------------------------------------


def test_a_machine_never_acts_and_each_doing_has_its_roles() -> None:
    with pytest.raises(NotPermitted) as caught:
        rules.check_may(Actor("f", None, frozenset({"legal"})), rules.Doing.SEND)
    assert caught.value.code == "person"
    for doing, roles in rules.MAY.items():
        for role in ("administrator", "analyst", "duty", "legal", "checker", "auditor", "guest"):
            actor = Actor("f", 7, frozenset({role}))
            if role in roles:
                assert rules.check_may(actor, doing) == 7
                continue
            with pytest.raises(NotPermitted) as caught:
                rules.check_may(actor, doing)
            assert caught.value.code == "role"


# --- acts that crossed ----------------------------------------------------------------------------


@given(seed=st.integers(0, 2**64))
def test_two_sides_that_act_at_once_end_alike_and_by_legal_edges_alone(seed: int) -> None:
    dice = Random(seed)
    asking = Copy(Side.REQUESTING, "DELIVERED")
    asked = Copy(Side.REQUESTED, "DELIVERED")
    for _ in range(40):
        one, other = dice.sample([asking, asked], 2)
        if one.way and dice.random() < 0.4:
            _deliver(one, other)
            continue
        events = [e for e in REQUEST.open_to(one.state, one.side) if not _last(e, dice)]
        if events:
            try:
                one.act(dice.choice(events))
            except (Conflict, NotPermitted):
                continue  # the guard that MLA is refused after consultation, for one
    while asking.way or asked.way:
        for one, other in ((asking, asked), (asked, asking)):
            if one.way:
                _deliver(one, other)
    assert {*asking.edges, *asked.edges} <= LEGAL
    if {asking.state, asked.state} == {"WITHDRAWN", "REFUSED"}:
        return  # both ended it at once, and each has the other's document
    assert (asking.state, asking.before) == (asked.state, asked.before)


def _last(event: str, dice: Random) -> bool:
    """Most walks should not end early."""
    return event in ("withdraw", "refuse") and dice.random() < 0.8


def _deliver(one: Copy, other: Copy) -> None:
    try:
        other.take(*one.way.popleft(), one.side)
    except Conflict as refused:
        assert refused.code == "moved_on"


def test_a_step_made_from_another_state_is_refused_and_moves_nothing() -> None:
    here = Copy(Side.REQUESTING, "UNDER_DECISION")
    for event, source in (("execute", "ACCEPTED"), ("open", "DELIVERED"), ("take_up", "RECEIVED")):
        with pytest.raises(Conflict):
            here.take(event, source, Side.REQUESTED)
    assert replace(here) == Copy(Side.REQUESTING, "UNDER_DECISION")


# --- clocks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "code"), [("number", "disrupt-1h"), ("page", "disrupt-24h"), ("app", "disrupt-24h")]
)
def test_a_number_is_stopped_within_the_hour_and_a_page_within_a_day(
    target: str, code: str
) -> None:
    begun = [
        rule.code
        for rule in LAW.clocks("DISRUPT", "house")
        if rules.begins(rule, Side.REQUESTED, "deliver", "DELIVERED", {"target_kind": target})
    ]
    assert begun == [code]


def test_every_clock_that_begins_with_an_act_is_of_a_side_that_keeps_it() -> None:
    begun = {
        (rule.starts, side)
        for type in LAW.types
        for rule in LAW.clocks(type)
        for side in Side
        for event, state in (
            ("send_on_duty", "SENT"),
            ("deliver", "DELIVERED"),
            ("open", "RECEIVED"),
        )
        for given in ({"value_time": "x"}, {"target_kind": "number"})
        if rules.begins(rule, side, event, state, given)
    }
    assert begun == {
        ("sent", Side.REQUESTING),
        *((start, side) for start in ("delivered", "received", "value-time") for side in Side),
    }
