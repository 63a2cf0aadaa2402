"""What cooperation decides: who may do what, how acts that crossed go together, what ends a clock.

No database and no clock. The laws of a request itself are `core/law` and `core/machine`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any, Final

from hueandcry.core.errors import Conflict, Malformed, NotPermitted
from hueandcry.core.law import ClockRule, RequestType, absent
from hueandcry.core.machine import HOLD, MONEY, REQUEST, Machine, Side
from hueandcry.core.types import Actor, Purpose

#: States in which the other side knows nothing of a request.
AT_HOME: Final = frozenset({"DRAFT", "REVIEW"})
ALERT: Final = "SECRECY_ALERT"
_RAISED: Final = "cannot_keep_secret"

#: Where a request is born: the asking side writes it, the requested side signs for it.
BEGINS: Final[Mapping[Side, str]] = {Side.REQUESTING: "DRAFT", Side.REQUESTED: "DELIVERED"}


#: Acts by which a request leaves from node to node, and all by which it leaves.
BY_WIRE: Final = frozenset({"approve", "send_on_duty"})
LEAVING: Final = BY_WIRE | {"approve_outside"}
#: Acts by which a request arrives.
DELIVERING: Final = frozenset({"deliver", "deliver_outside"})


class Doing(StrEnum):
    """What roles are asked for."""

    WRITE = "write"  # on the asking side: draft, sign, answer, take the result
    DROP = "drop"  # hand back or give up what has not left
    SEND = "send"  # with effect for the member: send, countersign, agree to conditions
    DECIDE = "decide"  # on the requested side: all
    ENTER = "enter"  # what the other side did, from a letter of theirs
    CERTIFY = "certify"  # answer for a translation
    REGISTER = "register"  # say what is in force


#: What is done → the roles that may do it.
MAY: Final[Mapping[Doing, frozenset[str]]] = {
    Doing.WRITE: frozenset({"analyst", "duty", "legal", "police"}),
    Doing.DROP: frozenset({"analyst", "duty", "legal", "police", "checker"}),
    Doing.SEND: frozenset({"duty", "legal", "checker"}),
    Doing.DECIDE: frozenset({"duty", "legal", "checker", "police"}),
    Doing.ENTER: frozenset({"duty", "legal", "checker", "police"}),
    Doing.CERTIFY: frozenset({"duty", "legal", "checker"}),
    Doing.REGISTER: frozenset({"legal"}),
}

_SENDING: Final = frozenset(
    {
        *("approve", "approve_outside", "send_on_duty", "countersign"),
        *("accept_conditions", "resume", "withdraw", "release"),
    }
)

#: Acts that do not depend on whose turn it is.
_AT_ANY_TIME: Final = frozenset({"withdraw", "countersign", _RAISED})

#: Side → states in which a request waits for an act of that side.
TURNS: Final[Mapping[Side, frozenset[str]]] = {
    side: frozenset(
        state
        for state in REQUEST.states
        if not _AT_ANY_TIME.issuperset(REQUEST.open_to(state, side))
    )
    for side in Side
}

#: Acts of one side that hold although the other side has moved the request meanwhile.
_CROSSING: Final = _AT_ANY_TIME


def doing(side: Side, event: str, state: str) -> Doing:
    """What an act of a side upon a request in that state is, as roles are asked for it."""
    if side is Side.REQUESTED:
        return Doing.DECIDE
    if (event == "withdraw" and state in AT_HOME) or (event, state) == ("revise", "REVIEW"):
        return Doing.DROP
    return Doing.SEND if event in _SENDING else Doing.WRITE


def merged(given: Mapping[str, Any], more: Mapping[str, Any], event: str) -> dict[str, Any]:
    """The fields after an act that gives some anew; who revises can leave one out, by None."""
    found = {**given, **more}
    return stated(found) if event == "revise" else found


def stated(given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that say something; one that is empty is one that was left out."""
    return {name: value for name, value in given.items() if not absent(value)}


def check_may(actor: Actor, wanted: Doing) -> int:
    """The person who acts; NotPermitted for a machine, or where no role of theirs may do it."""
    if actor.person is None:
        raise NotPermitted(
            "person",
            "A named person acts upon a request, never a program",
            do="Name who acts: `--as LOGIN`",
        )
    if actor.roles.isdisjoint(MAY[wanted]):
        roles = ", ".join(sorted(MAY[wanted]))
        raise NotPermitted("role", f"To {wanted} takes one of the roles {roles}")
    return actor.person


#: Types that a narrower desk works on, beside what each act asks for.
_CLOSED_TO_OTHERS: Final[Mapping[str, frozenset[str]]] = {
    "TIP_REFERRAL": frozenset({"duty", "legal", "checker"})
}


def hidden_from(roles: Collection[str]) -> frozenset[str]:
    """Types of request that somebody with these roles does not see at all."""
    return frozenset(type for type, desk in _CLOSED_TO_OTHERS.items() if desk.isdisjoint(roles))


def check_desk(type: str, actor: Actor) -> None:
    """Raises NotPermitted for whom a type of request is closed."""
    if type in hidden_from(actor.roles):
        roles = ", ".join(sorted(_CLOSED_TO_OTHERS[type]))
        raise NotPermitted("role", f"{type} is for the roles {roles} alone")


# --- acts on paper --------------------------------------------------------------------------------

#: How a file begins → what it is; nothing else is taken as a letter or scan.
_SCANS: Final[Mapping[bytes, str]] = {
    b"%PDF-": "pdf",
    b"\xff\xd8\xff": "jpeg",
    b"\x89PNG\r\n\x1a\n": "png",
    b"II*\x00": "tiff",
    b"MM\x00*": "tiff",
}


def scan_of(head: bytes) -> str:
    """What a letter or scan is by its first bytes: pdf, jpeg, png or tiff; Malformed for others."""
    for begins, sort in _SCANS.items():
        if head.startswith(begins):
            return sort
    raise Malformed("letter", "That is no letter or scan", do="Give a PDF, JPEG, PNG or TIFF")


def side_of(ours: Side, machine: Machine, event: str, stands: str, *, theirs: bool) -> Side:
    """Whose act an event is on a request that goes on paper, where its machine `stands` so.

    Of what either side may do with a hold or with money, who enters it says whose it is: `theirs`.
    """
    edge = machine.edges.get((event, stands))
    other = Side.REQUESTED if ours is Side.REQUESTING else Side.REQUESTING
    if edge is None or edge.by == ours:
        return ours
    return other if edge.by == other or (theirs and machine is not REQUEST) else ours


#: Acts of the other side of which no letter tells: what is signed anew by a key, or entered there.
_UNLETTERED: Final = frozenset({"countersign", "entered_wrongly"})


def told_by_letter(event: str) -> bool:
    """Whether a letter can tell of an act of the other side."""
    return event not in _UNLETTERED


def require_letter(given: bool) -> None:
    """Raises Conflict where nothing shows what the other side did."""
    if not given:
        raise Conflict(
            "proof_outside",
            "What the other side did is entered with their letter or its scan",
            why="Nobody else could tell afterwards that they said so",
            do="Give the file with --letter",
        )


# --- acts that crossed ----------------------------------------------------------------------------


def applies_to(state: str, before: str, event: str, source: str) -> str:
    """The state that an act of the other side moves here; Conflict where this side moved it on.

    `source` is the state that its maker saw. Three acts hold wherever the machine allows them. What
    crossed a secrecy alert moves what the alert interrupted: neither of the two is lost.
    """
    if source == state or (event in _CROSSING and (event, state) in REQUEST.edges):
        return state
    if state == ALERT and source == before:
        return before
    raise Conflict(
        "moved_on",
        f"{event} was made from {source}, and the request is {state} here",
        why="The two crossed, or it was made before",
        do="Look at the request again: the other side's act is on its way",
    )


def settled(state: str, before: str, moved: str, target: str) -> tuple[str, str]:
    """(state, before) after an act that led from `moved`, as `applies_to` has it, to `target`."""
    if moved != state:  # the alert stands on, unless there is nothing left to keep secret
        return (ALERT, target) if (_RAISED, target) in REQUEST.edges else (target, "")
    if target != ALERT:
        return target, ""
    return ALERT, before if state == ALERT else state


# --- results --------------------------------------------------------------------------------------

#: Types whose result is a package of evidence, and nothing else.
PACKAGED: Final = frozenset({"MLA_STORED"})
#: Group of a type → what its result may be used for at all (Hanoi 40(19), Budapest 28(2)).
PURPOSES: Final[Mapping[str, tuple[Purpose, ...]]] = {
    "mla": (Purpose.INVESTIGATION, Purpose.PROSECUTION)
}


# --- holds ----------------------------------------------------------------------------------------


def shields(side: Side, state: str, left: object) -> bool:
    """Whether what a request says of persons who may be coerced holds here, in this state.

    Of ours once it has `left`; of another's once it was granted, which a person decides.
    """
    return bool(left) and state not in AT_HOME if side is Side.REQUESTING else state in GRANTED


#: States of a request for assistance in which it was granted.
GRANTED: Final = frozenset(
    {
        *("ACCEPTED", "EXECUTING", "PARTIAL", "EXECUTED"),
        *("RESULT_SENT", "RESULT_REJECTED", "RESULT_ACCEPTED", "CLOSED"),
    }
)


def asks_for_a_hold(type: RequestType) -> bool:
    """Whether a request of the type has a hold of its own; an extension is of another's."""
    return type.machine == HOLD.name and "hold_ref" not in type.needs


def extends_a_hold(type: RequestType) -> bool:
    """Whether a request of the type asks that the hold of another lasts longer."""
    return type.machine == HOLD.name and "hold_ref" in type.needs


def is_about_money(type: RequestType) -> bool:
    """Whether a request of the type traces money."""
    return type.machine == MONEY.name


def machine_of(event: str, money: str) -> Machine:
    """Whose event it is: a hold and traced money share the names of two acts.

    `money` is the state of a request's money, empty where it traces none.
    """
    if event in MONEY.events and (money or event not in HOLD.events):
        return MONEY
    return HOLD if event in HOLD.events else REQUEST


def holds_in(state: str, event: str, source: str) -> str:
    """The state in which an act of the other side upon a hold applies here.

    A release holds although the two crossed: nobody keeps data that nobody wants.
    """
    if source == state or (event == "release" and (event, state) in HOLD.edges):
        return state
    raise Conflict("moved_on", f"{event} was made from {source}, and the hold is {state} here")


def keeps(hold: str, state: str, at_once: bool) -> bool:
    """Whether what is asked for is under legal hold here while a hold and its request stand so."""
    if hold != HOLD.start:
        return bool(hold) and hold not in HOLD.final
    return at_once and state not in REQUEST.final


# --- clocks ---------------------------------------------------------------------------------------

#: Where a rule begins to run → the state that begins it, and the sides that keep that clock.
_BEGUN: Final[Mapping[str, tuple[frozenset[str], frozenset[Side]]]] = {
    "sent": (frozenset({"SENT", "SENT_OUTSIDE"}), frozenset({Side.REQUESTING})),
    "delivered": (frozenset({"DELIVERED"}), frozenset(Side)),
    "received": (frozenset({"RECEIVED"}), frozenset(Side)),
}
_DECIDED: Final = frozenset({"accept", "offer_conditions", "refuse", "postpone"})
_ANSWERED: Final = frozenset({"send_result", "deliver_part", "refuse"})
#: What a clock waits for → acts that are that. All clocks end with the request.
_DONE: Final[Mapping[str, frozenset[str]]] = {
    "acknowledge": frozenset({"open"}),
    "countersign": frozenset({"countersign"}),
    "decide": _DECIDED,
    "answer": _ANSWERED,
    "answer-emergency": _ANSWERED,
    "answer-traffic": _ANSWERED,
    "act": frozenset({"complete"}),
    "act-number": frozenset({"complete"}),
    "reference": frozenset({"send_result"}),
}
#: Targets that are stopped within the hour.
_NUMBERS: Final = frozenset({"number", "sms-sender"})


def begins(rule: ClockRule, side: Side, event: str, state: str, given: Mapping[str, Any]) -> bool:
    """Whether a clock of the rule begins on this side, as an act reaches that state."""
    if rule.what == "countersign" and event != "send_on_duty":
        return False
    if rule.what in ("act", "act-number"):
        fast = given.get("target_kind") in _NUMBERS
        if fast != (rule.what == "act-number"):
            return False
    if rule.starts == "value-time":
        return event in LEAVING | DELIVERING and "value_time" in given
    begun, sides = _BEGUN.get(rule.starts, (frozenset(), frozenset()))
    return state in begun and side in sides


def ends(rule: ClockRule, event: str, state: str) -> bool:
    """Whether an act is what a clock of the rule waits for, or ends the request.

    What is held is held on, and what was released is to be freed: only an act upon the hold or the
    money ends such a clock.
    """
    if rule.starts in ("held", "released"):
        return False
    return state in REQUEST.final or event in _DONE.get(rule.what, ())
