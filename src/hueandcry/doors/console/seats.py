"""Whose things somebody may see: our own people everything here, a guest what the gate allows."""

from __future__ import annotations

from django.http import HttpRequest

from hueandcry.apps.members import face as members
from hueandcry.apps.signals import face as signals
from hueandcry.core.errors import NotPermitted
from hueandcry.core.types import Audience, Micros


def guest_of(request: HttpRequest) -> members.MemberView | None:
    """The member whose guest is signed in; None for our own people."""
    number: int | None = getattr(request.user, "member_id", None)
    if number is None or number == members.us().id:
        return None
    return members.member(number)


def whose(request: HttpRequest) -> members.MemberView:
    """The member in whose name who is signed in speaks."""
    return guest_of(request) or members.us()


def audience(request: HttpRequest) -> Audience:
    """For whom verdicts are shown where nobody has a seat: a guest gets those of the community."""
    return Audience.GREEN if guest_of(request) else Audience.OWN


def _seat(request: HttpRequest) -> members.SeatView | None:
    """The open seat of the guest who is signed in."""
    guest = guest_of(request)
    seat = None if guest is None else members.seat_of(guest.fingerprint)
    return None if seat is None or seat.ended else seat


def sight(request: HttpRequest) -> signals.Sight | None:
    """What the guest who is signed in may see; None for our own people, or without a seat."""
    seat = _seat(request)
    return None if seat is None else signals.Sight(seat)


def may_see(request: HttpRequest, claim: signals.Claimed, at: Micros) -> bool:
    """Whether a claim may be shown to who is signed in."""
    guest = guest_of(request)
    if guest is None:
        return True
    seen = sight(request)
    if seen is None:
        return guest.fingerprint == claim.claimant
    return seen.shows(claim.claimant, claim.source, claim.label, at)


def is_own(request: HttpRequest, claim: signals.Claimed) -> bool:
    """Whether a claim is of who is signed in: a guest's under its seat, ours under our name."""
    if guest_of(request) is None:
        return claim.ours
    seat = _seat(request)
    return seat is not None and claim.ours and claim.source == seat.source


def speaks(request: HttpRequest) -> None:
    """Raises NotPermitted for a guest without a seat: we sign for nobody else."""
    if guest_of(request) is not None and _seat(request) is None:
        raise NotPermitted(
            "guest",
            "A guest member’s claims are not signed here",
            do="Ask the organisation that runs this node to raise it",
        )
