"""Whose things somebody may see: our own people everything here, a guest its own member's."""

from __future__ import annotations

from django.http import HttpRequest

from hueandcry.apps.members import face as members
from hueandcry.core.errors import NotPermitted
from hueandcry.core.types import Audience, Fingerprint


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
    """For whom verdicts are shown: a guest gets those of the community."""
    return Audience.GREEN if guest_of(request) else Audience.OWN


def may_see(request: HttpRequest, claimant: Fingerprint) -> bool:
    """Whether the claims of this member may be shown."""
    guest = guest_of(request)
    return guest is None or guest.fingerprint == claimant


def speaks(request: HttpRequest) -> None:
    """Raises NotPermitted for a guest: until its home signs for it, only we claim here."""
    if guest_of(request) is not None:
        raise NotPermitted(
            "guest",
            "A guest member’s claims are not signed here",
            do="Ask the organisation that runs this node to raise it",
        )
