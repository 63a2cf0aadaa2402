"""The gate: default deny, the same rules on send and on receive with the roles mirrored.

*Giver* is who hands the thing over, *reader* who would hold it: on send we give and the actor
reads, on receive the actor gives and we read. All reasons are collected, because they stay local
and an operator wants them at once; to the other party absent and forbidden are the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from hueandcry.core.sharing.labels import Label, effective
from hueandcry.core.sharing.reasons import Reason, reason
from hueandcry.core.sharing.terms import ONWARD, Terms
from hueandcry.core.times import time_text
from hueandcry.core.types import (
    PERSONAL,
    Actor,
    Direction,
    Fingerprint,
    Marking,
    Micros,
    Pap,
    Purpose,
    Tlp,
)


@dataclass(frozen=True, slots=True)
class Decision:
    """The gate's answer. The reasons say why not; they never leave this node."""

    allowed: bool
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    """One question to the gate, with what every rule needs worked out once."""

    thing: Label
    marking: Marking
    terms: Terms
    purpose: Purpose
    at: Micros
    other: Actor
    us: Fingerprint
    sending: bool

    @property
    def giver(self) -> Fingerprint:
        return self.us if self.sending else self.other.member

    @property
    def reader(self) -> Fingerprint:
        return self.other.member if self.sending else self.us

    @property
    def relayed(self) -> bool:
        """It comes from a third member: neither giver nor reader claimed it."""
        return self.thing.origin != self.giver


def decide(
    actor: Actor,
    thing: Label,
    agreement: Terms | None,
    purpose: Purpose,
    direction: Direction,
    at: Micros,
    *,
    us: Fingerprint,
) -> Decision:
    """Whether `thing` may pass between us and `actor`, the reader on send, deliverer on receive.

    `at` is an instant of this node's clock. Allowed only when no rule of `RULES` objects.
    """
    if agreement is None:
        return Decision(False, (reason("agreement_missing", member=actor.member),))
    sending = direction is Direction.SEND
    case = _Case(thing, effective(thing), agreement, purpose, at, actor, us, sending)
    reasons = tuple(found for rule in RULES if (found := rule(case)))
    return Decision(not reasons, reasons)


def gate_by_label(
    actor: Actor,
    agreement: Terms | None,
    purpose: Purpose,
    direction: Direction,
    at: Micros,
    labels: Mapping[int, Label],
    *,
    us: Fingerprint,
) -> frozenset[int]:
    """The ids of those `labels` whose things may pass; good until their `next_change`."""
    return frozenset(
        number
        for number, label in labels.items()
        if decide(actor, label, agreement, purpose, direction, at, us=us).allowed
    )


def purpose_for(thing: Label, agreement: Terms) -> Purpose:
    """A purpose that both the thing and the agreement cover, else one that `decide` refuses."""
    marked = thing.marking.purposes or frozenset(Purpose)
    shared = [each for each in Purpose if each in marked and each in agreement.purposes]
    return next(iter(shared or [each for each in Purpose if each in marked]))


def guest_sees(
    guest: Actor, thing: Label, own: bool, terms: Terms, at: Micros, *, us: Fingerprint
) -> bool:
    """Whether a guest, who has a seat at our node, may be shown a thing that we hold.

    Its own always. A guest is another organisation, so all else passes only as it would to a
    peer's node under these terms: `us` gives, the guest reads.
    """
    if own:
        return True
    purpose = purpose_for(thing, terms)
    return decide(guest, thing, terms, purpose, Direction.SEND, at, us=us).allowed


def _parties(case: _Case) -> Reason | None:
    """An agreement speaks for its two parties only."""
    if case.us != case.other.member and {case.us, case.other.member} == set(case.terms.parties):
        return None
    return reason("agreement_other_parties", member=case.other.member)


def _in_force(case: _Case) -> Reason | None:
    """Terms hold from `valid_from` up to, and not at, `valid_until`."""
    if case.at < case.terms.valid_from:
        return reason("agreement_not_yet", at=time_text(case.terms.valid_from))
    if case.at >= case.terms.valid_until:
        return reason("agreement_ended", at=time_text(case.terms.valid_until))
    return None


def _suspended(case: _Case) -> Reason | None:
    """Terms without kinds or purposes are how a side suspends an agreement (PROTOCOL 3)."""
    return None if case.terms.kinds and case.terms.purposes else reason("agreement_suspended")


def _own_origin(case: _Case) -> Reason | None:
    """Nothing is sent to its claimant, and nobody tells us our own opinion."""
    return reason("own_origin") if case.thing.origin == case.reader else None


def _kind(case: _Case) -> Reason | None:
    """Only kinds that the agreement names."""
    if case.thing.kind in case.terms.kinds:
        return None
    return reason("kind_not_agreed", kind=case.thing.kind.value)


def _personal(case: _Case) -> Reason | None:
    """A kind of personal data without a transfer basis stays home (PROTOCOL 3)."""
    if case.thing.kind not in PERSONAL or case.terms.basis_of(case.thing.kind):
        return None
    return reason("personal_without_basis", kind=case.thing.kind.value)


def _carried(case: _Case) -> Reason | None:
    """Personal data of a third member goes on only under the basis it was received under.

    On receive this says nothing: what the deliverer received it under is known to itself alone.
    """
    if not (case.sending and case.relayed and case.thing.kind in PERSONAL):
        return None
    received, agreed = case.thing.basis, case.terms.basis_of(case.thing.kind)
    if received and received == agreed:
        return None
    return reason("basis_not_carried", kind=case.thing.kind, received=received, agreed=agreed)


def _red(case: _Case) -> Reason | None:
    """RED is for named persons, whatever an agreement says."""
    return reason("red_never") if case.marking.tlp is Tlp.RED else None


def _ceiling(case: _Case) -> Reason | None:
    """The strictest marking stays at or below the agreement's ceiling."""
    if case.marking.tlp <= case.terms.ceiling:
        return None
    return reason("over_ceiling", tlp=case.marking.tlp.wire, ceiling=case.terms.ceiling.wire)


def _onward_marking(case: _Case) -> Reason | None:
    """AMBER and stricter never go onward (PROTOCOL 3)."""
    if not case.relayed or case.marking.tlp in ONWARD:
        return None
    return reason("onward_marking", tlp=case.marking.tlp.wire)


def _onward_agreed(case: _Case) -> Reason | None:
    """A third member's things pass only where the agreement lists their marking."""
    if not case.relayed or case.marking.tlp in case.terms.onward:
        return None
    return reason("onward_not_agreed", tlp=case.marking.tlp.wire)


def _onward_granted(case: _Case) -> Reason | None:
    """A third member's things pass only where the agreement they came under lets them."""
    return reason("onward_not_granted") if case.relayed and not case.thing.onward else None


def _purpose_agreed(case: _Case) -> Reason | None:
    """Only for purposes that the agreement names."""
    if case.purpose in case.terms.purposes:
        return None
    return reason("purpose_not_agreed", purpose=case.purpose.value)


def _purpose_marked(case: _Case) -> Reason | None:
    """Only for purposes that the claimant named, where it named any."""
    if not case.marking.purposes or case.purpose in case.marking.purposes:
        return None
    return reason("purpose_not_marked", purpose=case.purpose.value)


def _action(case: _Case) -> Reason | None:
    """What must be handled quietly goes only to who promised to handle it so."""
    if case.marking.pap <= max(case.terms.permitted_actions, default=Pap.CLEAR):
        return None
    return reason("action_not_promised", pap=case.marking.pap.name)


def _embargo(case: _Case) -> Reason | None:
    """An embargo holds for every purpose until it has passed."""
    embargo = case.marking.embargo
    if embargo is None or case.at >= embargo.until:
        return None
    return reason("embargo_running", at=time_text(embargo.until))


def _circle(case: _Case) -> Reason | None:
    """What was said in a circle stays in it; the circle's name is not even a parameter."""
    if not case.thing.circle or case.thing.circle in case.other.circles:
        return None
    return reason("circle_closed", member=case.other.member)


RULES: Final[tuple[Callable[[_Case], Reason | None], ...]] = (
    _parties,
    _in_force,
    _suspended,
    _own_origin,
    _kind,
    _personal,
    _carried,
    _red,
    _ceiling,
    _onward_marking,
    _onward_agreed,
    _onward_granted,
    _purpose_agreed,
    _purpose_marked,
    _action,
    _embargo,
    _circle,
)
