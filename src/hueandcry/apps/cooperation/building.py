"""What may be asked before it is asked, either way: types, bases, and what a form lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hueandcry.apps.cooperation import authorities, checking
from hueandcry.apps.members import face as members
from hueandcry.core import law
from hueandcry.core.errors import HueError
from hueandcry.core.law import LAW, Draft, Fault, Offer, Party, Warned
from hueandcry.core.types import Fingerprint, Micros


@dataclass(frozen=True, slots=True)
class Looked:
    """What the law says of a form as it is filled in."""

    faults: Sequence[Fault]  #: of fields; with one of them it cannot be kept
    judged: Sequence[Warned]  #: Barred cannot be sent, Warned should be seen
    way: HueError | None  #: why it cannot go this way, such as one for urgent requests alone


def types_to(to: Fingerprint) -> tuple[str, ...]:
    """The types that we may ask of a member, by the roles and countries of both."""
    return law.may_send(LAW, _us(), authorities.party(to))


def offered(type: str, to: Fingerprint, at: Micros) -> Offer:
    """On which bases a type can be asked of a member today, and on which not and why."""
    return checking.offer(checking.type_of(type).code, _us(), authorities.party(to), at)


def looked(
    type: str, to: Fingerprint, instrument: str, given: Mapping[str, Any], at: Micros
) -> Looked:
    """What stands against a form under a basis; nothing is kept and nothing is raised."""
    return _looked(type, _us(), authorities.party(to), instrument, given, at)


def types_from(sender: Fingerprint) -> tuple[str, ...]:
    """The types that somebody may ask of us, by the roles and countries of both."""
    return law.may_send(LAW, authorities.party(sender), _us())


def offered_by(type: str, sender: Fingerprint, at: Micros) -> Offer:
    """As `offered`, of what somebody asks of us. They may name a basis that is none today."""
    return checking.offer(checking.type_of(type).code, authorities.party(sender), _us(), at)


def looked_from(
    type: str, sender: Fingerprint, instrument: str, given: Mapping[str, Any], at: Micros
) -> Looked:
    """As `looked`, of what somebody asks of us. Only a way or form that is wrong keeps it out."""
    return _looked(type, authorities.party(sender), _us(), instrument, given, at)


def _looked(
    type: str,
    asking: Party,
    asked: Party,
    instrument: str,
    given: Mapping[str, Any],
    at: Micros,
) -> Looked:
    return Looked(
        law.faults(LAW, type, given, instrument),
        law.judge(Draft(checking.type_of(type), instrument, given, at)),
        _way(type, asking, asked, checking.urgent(given)),
    )


def _way(type: str, asking: Party, asked: Party, urgent: bool) -> HueError | None:
    try:
        law.require_route(LAW, type, asking, asked, urgent=urgent)
    except HueError as refused:
        return refused
    return None


def _us() -> Party:
    return authorities.party(members.us().fingerprint)
