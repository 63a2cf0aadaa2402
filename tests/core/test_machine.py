"""The machines: what a walk may visit, whatever is tried, and what holds the guards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core.clocks import Place
from hueandcry.core.errors import Conflict, HueError, Malformed, NotPermitted
from hueandcry.core.law import LAW, run
from hueandcry.core.machine import (
    GUARDS,
    HOLD,
    MACHINES,
    MONEY,
    REQUEST,
    RULES,
    Facts,
    Machine,
    Side,
    pauses,
    read_machine,
    step,
)
from hueandcry.core.types import DAY, SECOND

NOW = 1_900_000_000 * SECOND

#: The edges as the state machine was agreed (and ADR 0035 adds), written out a second time.
OPEN = {
    *("DELIVERED", "RECEIVED", "RETURNED_INCOMPLETE", "FORWARDED", "UNDER_DECISION"),
    *("CONSULTATION", "CONDITIONS_OFFERED", "POSTPONED", "ACCEPTED", "EXECUTING", "PARTIAL"),
    *("EXECUTED", "RESULT_SENT", "RESULT_REJECTED"),
}
UNSENT = {"DRAFT", "REVIEW", "SENT", "SENT_OUTSIDE"}
AGREED: dict[str, set[tuple[str, str]]] = {
    "request": {
        ("DRAFT", "DRAFT"),  # ADR 0045: a draft is kept before it is complete, and corrected
        *(("DRAFT", "REVIEW"), ("REVIEW", "DRAFT"), ("REVIEW", "SENT"), ("DRAFT", "SENT")),
        *(("REVIEW", "SENT_OUTSIDE"), ("SENT", "DELIVERED"), ("SENT_OUTSIDE", "DELIVERED")),
        *(("DELIVERED", "RECEIVED"), ("RECEIVED", "RETURNED_INCOMPLETE")),
        *(("RETURNED_INCOMPLETE", "RECEIVED"), ("RECEIVED", "FORWARDED")),
        *(("FORWARDED", "RECEIVED"), ("RECEIVED", "UNDER_DECISION")),
        *(("UNDER_DECISION", "ACCEPTED"), ("UNDER_DECISION", "CONDITIONS_OFFERED")),
        *(("UNDER_DECISION", "CONSULTATION"), ("UNDER_DECISION", "POSTPONED")),
        *(("UNDER_DECISION", "REFUSED"), ("CONSULTATION", "ACCEPTED")),
        *(("CONSULTATION", "CONDITIONS_OFFERED"), ("CONSULTATION", "POSTPONED")),
        *(("CONSULTATION", "REFUSED"), ("POSTPONED", "UNDER_DECISION")),
        *(("CONDITIONS_OFFERED", "ACCEPTED"), ("CONDITIONS_OFFERED", "WITHDRAWN")),
        *(("ACCEPTED", "EXECUTING"), ("EXECUTING", "PARTIAL"), ("PARTIAL", "EXECUTING")),
        *(("PARTIAL", "EXECUTED"), ("EXECUTING", "EXECUTED"), ("EXECUTED", "RESULT_SENT")),
        *(("RESULT_SENT", "RESULT_ACCEPTED"), ("RESULT_SENT", "RESULT_REJECTED")),
        *(("RESULT_REJECTED", "RESULT_SENT"), ("RESULT_ACCEPTED", "CLOSED")),
        *((state, "SECRECY_ALERT") for state in OPEN),
        *((state, state) for state in OPEN | {"SENT", "RESULT_ACCEPTED", "SECRECY_ALERT"}),
        *(("SECRECY_ALERT", state) for state in OPEN),
        *((state, "WITHDRAWN") for state in OPEN | UNSENT),
        *(("RESULT_ACCEPTED", "WITHDRAWN"), ("SECRECY_ALERT", "WITHDRAWN")),
    },
    "hold": {
        *(("REQUESTED", "HELD"), ("HELD", "EXTENDED"), ("EXTENDED", "EXTENDED")),
        *(("HELD", "MLA_PENDING"), ("EXTENDED", "MLA_PENDING"), ("MLA_PENDING", "PRODUCED")),
        *(("MLA_PENDING", "RELEASED"), ("REQUESTED", "RELEASED"), ("HELD", "RELEASED")),
        *(("EXTENDED", "RELEASED"), ("HELD", "LAPSED"), ("EXTENDED", "LAPSED")),
        *(("HELD", "HELD"), ("MLA_PENDING", "MLA_PENDING")),
    },
    "money": {
        *(("ALERT", "TRACED"), ("TRACED", "PROVISIONALLY_HELD"), ("TRACED", "MOVED")),
        *(("MOVED", "MOVED"), ("MOVED", "PROVISIONALLY_HELD")),
        *(("PROVISIONALLY_HELD", "PROVISIONALLY_HELD"), ("PROVISIONALLY_HELD", "FROZEN")),
        *(("TRACED", "FROZEN"), ("FROZEN", "CONFISCATED"), ("PROVISIONALLY_HELD", "RELEASED")),
        *(("FROZEN", "RELEASED"), ("CONFISCATED", "RETURN_AGREED")),
        *(("RELEASED", "RETURN_AGREED"), ("MOVED", "RETURN_AGREED")),
        *(("RETURN_AGREED", "RETURNED"), ("ALERT", "TOO_LATE"), ("TRACED", "TOO_LATE")),
        ("MOVED", "TOO_LATE"),
        *((state, "RELEASED") for state in ("ALERT", "TRACED", "MOVED")),
        *(("RELEASED", "RELEASED"), ("FROZEN", "FROZEN")),
    },
}


def full(code: str, side: Side, **changed: Any) -> Facts:
    """Facts with which every guard that can hold at once does."""
    facts = Facts(
        type=LAW.types[code],
        side=side,
        now=NOW,
        person="Malee",
        maker="Somchai",
        second_factor=True,
        may_send=True,
        receipt="r",
        proof_outside="p",
        holder="h",
        reasons="because",
        code="H40.21b",
        codes=("H40.21b",),
        answered=True,
        review_at=NOW + DAY,
        package="d",
        verified=True,
        expires=NOW + DAY,
        new_expires=NOW + 70 * DAY,
        least_until=NOW + 60 * DAY,
        warned_at=NOW - 3 * DAY,
        granted=True,
        decided=True,
        traced=Decimal("500.00"),
        held=Decimal("500.00"),
        order="o",
        order_final=True,
        hop="next",
        agreement="a",
    )
    return replace(facts, **changed)


#: What may be otherwise in one act, each falsifying some guard, or making another one hold.
CHANGES: dict[str, list[Any]] = {
    "person": ["", "Somchai"],
    "second_factor": [False],
    "may_send": [False],
    "receipt": [""],
    "missing": [("purpose",)],
    "reasons": [" "],
    "code": ["NO-SUCH-CODE"],
    "must_refuse": [("ASEAN-mandatory-political",)],
    "answered": [False],
    "answer_by": [NOW - 1, NOW - 2 * SECOND, NOW + DAY],
    "review_at": [None, NOW - DAY],
    "verified": [False],
    "expires": [None, NOW - DAY],
    "new_expires": [NOW + 59 * DAY],
    "warned_at": [None, NOW - DAY],
    "granted": [False],
    "decided": [False],
    "held": [Decimal("500.01"), Decimal(0)],
    "order": [""],
    "agreement": [""],
}


def act(machine: Machine, state: str, dice: Random) -> tuple[str, Facts]:
    """An event and the facts of one act: mostly one that is open, with now and then a flaw."""
    code = dice.choice(["PRESERVE", "MLA_STORED", "STOP_PAYMENT", "DISRUPT"])
    side = dice.choice(list(Side))
    open_here = machine.open_to(state, side)
    anything = not open_here or dice.random() < 0.2
    event = dice.choice(sorted(machine.events) if anything else open_here)
    flaws = dice.sample(sorted(CHANGES), dice.choice([0, 0, 1, 3]))
    changed = {name: dice.choice(CHANGES[name]) for name in flaws}
    return event, replace(full(code, side), **changed)


@pytest.mark.parametrize("machine", MACHINES.values(), ids=lambda machine: machine.name)
@given(seed=st.integers(0, 2**64))
def test_a_random_walk_visits_only_agreed_edges(machine: Machine, seed: int) -> None:
    dice = Random(seed)
    state, before = machine.start, ""
    for _ in range(60):
        event, facts = act(machine, state, dice)
        try:
            reached = step(machine, state, event, facts, before=before).state
        except (Conflict, NotPermitted) as refused:
            assert refused.what
            continue
        assert (state, reached) in AGREED[machine.name]
        assert state not in machine.final
        _laws(state, reached, event, facts)
        before, state = (state if reached == "SECRECY_ALERT" else before), reached


def _laws(state: str, reached: str, event: str, facts: Facts) -> None:
    """What no act may do, said of the act itself and not of the guard that stops it."""
    if reached in ("REFUSED", "POSTPONED") and facts.type.article_40:
        assert state == "CONSULTATION"
    if event in ("approve", "approve_outside", "countersign"):
        assert facts.person != facts.maker
    if event == "send_on_duty":
        assert facts.type.code in ("PRESERVE", "STOP_PAYMENT", "EMERGENCY")
    if reached in ("SENT", "SENT_OUTSIDE") and facts.type.second_factor:
        assert facts.second_factor
    if reached in ("REFUSED", "ACCEPTED", "LAPSED", "FROZEN", "PROVISIONALLY_HELD"):
        assert facts.person
    if event in ("hold", "freeze") and reached in ("FROZEN", "PROVISIONALLY_HELD"):
        assert facts.held <= facts.traced


@pytest.mark.parametrize("machine", MACHINES.values(), ids=lambda machine: machine.name)
def test_the_edges_are_those_that_were_agreed(machine: Machine) -> None:
    assert set(_pairs(machine)) == AGREED[machine.name]


@pytest.mark.parametrize("machine", MACHINES.values(), ids=lambda machine: machine.name)
def test_every_edge_can_be_taken_and_every_guard_of_it_can_hold_it_back(machine: Machine) -> None:
    for edge in machine.edges.values():
        side = Side.REQUESTED if edge.by == "either" else Side(edge.by)
        facts = _fitting(edge.guards, side)
        assert step(machine, edge.source, edge.event, facts, before="EXECUTING").state
        for guard in edge.guards:
            with pytest.raises(HueError) as held:
                step(machine, edge.source, edge.event, _failing(guard.name, facts))
            assert held.value.code in {each.name for each in edge.guards}
            assert held.value.why


def _fitting(guards: Iterable[Any], side: Side) -> Facts:
    names = {guard.name for guard in guards}
    code = "DISRUPT" if "consultation_not_needed" in names else "PRESERVE"
    changed: dict[str, Any] = {}
    if "fields_missing" in names:
        changed["missing"] = ("purpose",)
    if names & {"after_expiry", "limit_passed"}:
        changed["expires"] = NOW - DAY
    if "hash_differs" in names:
        changed["verified"] = False
    return full(code, side, **changed)


def _failing(guard: str, facts: Facts) -> Facts:
    return {
        "second_factor": replace(facts, second_factor=False),
        "checker_is_not_maker": replace(facts, person=facts.maker),
        "may_send": replace(facts, may_send=False),
        "one_may_send": replace(facts, type=LAW.types["MLA_STORED"]),
        "person_decides": replace(facts, person=""),
        "receipt": replace(facts, receipt=""),
        "proof_outside": replace(facts, proof_outside=""),
        "fields_missing": replace(facts, missing=()),
        "nothing_missing": replace(facts, missing=("purpose",)),
        "holder_named": replace(facts, holder=""),
        "reasons": replace(facts, reasons="  "),
        "code_allowed": replace(facts, code="BANK-SECRECY"),
        "no_duty_to_refuse": replace(facts, must_refuse=("ASEAN-mandatory-military",)),
        "consultation_not_needed": replace(facts, type=LAW.types["MLA_STORED"]),
        "heard": replace(facts, answered=False, answer_by=facts.now + DAY),
        "review_day": replace(facts, review_at=None),
        "package": replace(facts, package=""),
        "hash_verified": replace(facts, verified=False),
        "hash_differs": replace(facts, verified=True),
        "least_term": replace(facts, new_expires=NOW + 59 * DAY),
        "before_expiry": replace(facts, expires=NOW - DAY),
        "later_end": replace(facts, new_expires=facts.expires),
        "after_expiry": replace(facts, expires=NOW + DAY),
        "warned_48h": replace(facts, warned_at=NOW - 2 * DAY + SECOND),
        "assistance_granted": replace(facts, granted=False),
        "assistance_decided": replace(facts, decided=False),
        "traced_amount_only": replace(facts, held=facts.traced + Decimal("0.01")),
        "limit_of_place": replace(facts, new_expires=None),
        "limit_passed": replace(facts, expires=NOW + DAY),
        "order": replace(facts, order=""),
        "order_final": replace(facts, order_final=False),
        "hop_named": replace(facts, hop=""),
        "agreement": replace(facts, agreement=""),
    }[guard]


def test_every_guard_in_words_looks_at_something_and_is_used() -> None:
    used = {
        guard.name
        for machine in MACHINES.values()
        for edge in machine.edges.values()
        for guard in edge.guards
    }
    assert set(RULES) == set(GUARDS) == used


def _pairs(machine: Machine) -> Iterable[tuple[str, str]]:
    """From where to where; an edge that resumes leads to each state that was interrupted."""
    for edge in machine.edges.values():
        if edge.target == "resume":
            into = {e.source for e in machine.edges.values() if e.target == edge.source}
            yield from ((edge.source, state) for state in into)
        else:
            yield edge.source, edge.source if edge.target == "same" else edge.target


@pytest.mark.parametrize("machine", MACHINES.values(), ids=lambda machine: machine.name)
def test_every_state_is_reached_and_from_every_one_an_end_is(machine: Machine) -> None:
    pairs = set(_pairs(machine))
    assert _closure(pairs, {machine.start}) == set(machine.states)
    assert _closure({(b, a) for a, b in pairs}, set(machine.final)) == set(machine.states)


def _closure(pairs: set[tuple[str, str]], reached: set[str]) -> set[str]:
    while more := {b for a, b in pairs if a in reached} - reached:
        reached |= more
    return reached


# --- one by one -------------------------------------------------------------------------------


def test_assistance_is_not_refused_before_the_other_side_was_heard() -> None:
    facts = full("MLA_STORED", Side.REQUESTED, answered=False, answer_by=NOW + DAY)
    with pytest.raises(Conflict, match="consulted first") as held:
        step(REQUEST, "UNDER_DECISION", "refuse", facts)
    assert "40(28)" in held.value.why
    assert step(REQUEST, "UNDER_DECISION", "consult", facts).state == "CONSULTATION"
    with pytest.raises(Conflict, match="has answered"):
        step(REQUEST, "CONSULTATION", "refuse", facts)
    silent = replace(facts, now=NOW + DAY + SECOND)
    assert step(REQUEST, "CONSULTATION", "refuse", silent).state == "REFUSED"


def test_a_provider_refuses_without_consultation() -> None:
    facts = full("DISRUPT", Side.REQUESTED, answered=False)
    assert step(REQUEST, "UNDER_DECISION", "refuse", facts).state == "REFUSED"


def test_the_maker_cannot_be_the_checker_but_a_duty_officer_may_send_what_cannot_wait() -> None:
    alone = full("STOP_PAYMENT", Side.REQUESTING, person="Somchai")
    with pytest.raises(NotPermitted, match="another person"):
        step(REQUEST, "REVIEW", "approve", alone)
    assert step(REQUEST, "REVIEW", "send_on_duty", alone).state == "SENT"
    freeze = replace(alone, type=LAW.types["FREEZE"])
    with pytest.raises(NotPermitted, match="may send alone"):
        step(REQUEST, "REVIEW", "send_on_duty", freeze)


def test_what_one_officer_sent_another_countersigns_wherever_it_stands() -> None:
    sent = full("STOP_PAYMENT", Side.REQUESTING)
    assert step(REQUEST, "EXECUTING", "countersign", sent).state == "EXECUTING"
    with pytest.raises(NotPermitted, match="another person"):
        step(REQUEST, "EXECUTING", "countersign", replace(sent, person=sent.maker))


def test_a_secrecy_alert_is_resumed_where_it_interrupted_or_withdrawn() -> None:
    requested, requesting = full("PRESERVE", Side.REQUESTED), full("PRESERVE", Side.REQUESTING)
    assert step(REQUEST, "EXECUTING", "cannot_keep_secret", requested).state == "SECRECY_ALERT"
    with pytest.raises(NotPermitted, match="requesting side"):
        step(REQUEST, "SECRECY_ALERT", "resume", requested, before="EXECUTING")
    resumed = step(REQUEST, "SECRECY_ALERT", "resume", requesting, before="EXECUTING")
    assert resumed.state == "EXECUTING"
    assert step(REQUEST, "SECRECY_ALERT", "withdraw", requesting).state == "WITHDRAWN"
    for never in ("", "DRAFT", "CLOSED", "SECRECY_ALERT"):
        with pytest.raises(Conflict, match="not interrupted"):
            step(REQUEST, "SECRECY_ALERT", "resume", requesting, before=never)


def test_a_state_that_has_moved_on_says_where_it_is() -> None:
    with pytest.raises(Conflict) as moved:
        step(REQUEST, "REFUSED", "accept", full("PRESERVE", Side.REQUESTED))
    assert moved.value.code == "moved_on" and "REFUSED" in moved.value.what
    with pytest.raises(Conflict, match="no event"):
        step(REQUEST, "DRAFT", "overdue", full("PRESERVE", Side.REQUESTED))


def test_overdue_is_no_state() -> None:
    assert not any("OVERDUE" in state for m in MACHINES.values() for state in m.states)


def test_assistance_after_expiry_finds_the_hold_only_if_a_person_kept_it_longer() -> None:
    late = full("PRESERVE", Side.REQUESTED, expires=NOW - DAY)
    with pytest.raises(Conflict, match="before the hold ended"):
        step(HOLD, "HELD", "assistance_asked", late)
    assert step(HOLD, "HELD", "keep_longer", late).state == "EXTENDED"
    kept = replace(late, expires=late.new_expires)
    assert step(HOLD, "EXTENDED", "assistance_asked", kept).state == "MLA_PENDING"


@pytest.mark.parametrize(("day", "reached"), [(59, "MLA_PENDING"), (60, "MLA_PENDING"), (61, "")])
def test_assistance_that_arrives_on_day_60_keeps_the_data_and_on_day_61_does_not(
    day: int, reached: str
) -> None:
    (rule,) = (c for c in LAW.clocks("PRESERVE", "hanoi") if c.what == "hold")
    ends = run(rule, NOW, Place(ZoneInfo("Asia/Bangkok"))).due
    arrives = full("PRESERVE", Side.REQUESTED, now=NOW + day * DAY, expires=ends)
    if reached:
        assert step(HOLD, "HELD", "assistance_asked", arrives).state == reached
    else:
        with pytest.raises(Conflict):
            step(HOLD, "HELD", "assistance_asked", arrives)


def test_a_pending_request_for_assistance_keeps_the_data_whatever_the_clock_says() -> None:
    facts = full("PRESERVE", Side.REQUESTED, expires=NOW - DAY, decided=False, granted=False)
    for event in ("lapse", "release", "produce"):
        with pytest.raises(HueError):
            step(HOLD, "MLA_PENDING", event, facts)


def test_money_that_moves_on_makes_a_request_for_the_next_hop_and_stays_open() -> None:
    facts = full("STOP_PAYMENT", Side.REQUESTED)
    assert step(MONEY, "TRACED", "moved", facts) == step(MONEY, "MOVED", "moved", facts)
    part = step(MONEY, "PROVISIONALLY_HELD", "moved", facts)
    assert part.spawns and part.state == "PROVISIONALLY_HELD"
    assert "MOVED" not in MONEY.final


def test_an_order_is_lifted_only_after_the_requester_could_give_reasons() -> None:
    facts = full("FREEZE", Side.REQUESTED, answered=False)
    with pytest.raises(Conflict, match="has answered"):
        step(MONEY, "FROZEN", "release", facts)
    provisional = replace(facts, side=Side.REQUESTING)
    assert step(MONEY, "PROVISIONALLY_HELD", "release", provisional).state == "RELEASED"


def test_each_side_sees_the_events_that_are_its_own() -> None:
    assert set(REQUEST.open_to("CONDITIONS_OFFERED", Side.REQUESTING)) == {
        *("accept_conditions", "decline_conditions", "countersign", "withdraw"),
    }
    assert REQUEST.open_to("CONDITIONS_OFFERED", Side.REQUESTED) == ("cannot_keep_secret",)
    assert REQUEST.open_to("CLOSED", Side.REQUESTING) == ()


def test_clocks_stand_still_only_while_returned_as_incomplete() -> None:
    history = [("DELIVERED", 1), ("RECEIVED", 2), ("RETURNED_INCOMPLETE", 3), ("RECEIVED", 8)]
    assert pauses(history) == [(3, 8)]
    assert pauses([*history, ("RETURNED_INCOMPLETE", 9)]) == [(3, 8), (9, None)]
    assert pauses([("RECEIVED", 2), ("SECRECY_ALERT", 4)]) == [] == pauses([])


GOOD = b"""
start = "A"
final = ["B"]
[state]
A = "begins"
B = "ends"
[[edge]]
event = "go"
from = ["A"]
to = "B"
by = "requested"
guards = ["reasons"]
"""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b'start = "A"', b'start = "C"', "no state"),
        (b'to = "B"', b'to = "C"', "no state"),
        (b'by = "requested"', b'by = "nobody"', "requesting, requested or either"),
        (b'"reasons"', b'"courage"', "nothing defines"),
        (b'from = ["A"]', b'from = ["B"]', "final"),
        (b'event = "go"', b'event = "go"\nwhen = "now"', "not known here"),
        (b'event = "go"', b"event = 5", "must be a text"),
        (b"[state]", b"[state", "not TOML"),
    ],
)
def test_a_machine_that_does_not_fit_is_refused_with_its_place(
    old: bytes, new: bytes, says: str
) -> None:
    assert read_machine("made", GOOD, RULES).start == "A"
    with pytest.raises(Malformed, match=says) as refused:
        read_machine("made", GOOD.replace(old, new, 1), RULES)
    assert "made.toml" in refused.value.what
