"""Guests at our node: they say their own, withdraw their own, and see what the gate lets them see.

A seat's claims are ours by signature and the guest's by their source. They count as a feed of
ours does: one source of its own, which makes nothing a scam by itself (ADR 0022).
"""

from __future__ import annotations

from hueandcry.apps.members import face as members
from hueandcry.apps.members.face import SEAT_SOURCE, SeatView
from hueandcry.apps.signals import queries
from hueandcry.apps.signals.queries import ClaimRow
from hueandcry.apps.signals.rules import Standing
from hueandcry.core import sharing
from hueandcry.core.errors import Malformed, NotPermitted
from hueandcry.core.sharing import Label
from hueandcry.core.types import Actor, Fingerprint, Micros


def seat_of(actor: Actor) -> SeatView | None:
    """The open seat of a guest; None for our own people. Raises NotPermitted for anybody else."""
    if actor.member == members.us().fingerprint:
        return None
    seat = members.seat_of(actor.member)
    if seat is None or seat.ended:
        raise NotPermitted("no_seat", "Only our own people, and guests with a seat, act here")
    return seat


def source_for(actor: Actor, wanted: str = "") -> str:
    """The source of what an actor raises: a guest's own, whatever feed it names.

    Raises Malformed when our own people would speak for a guest, NotPermitted without a seat.
    """
    seat = seat_of(actor)
    if seat is not None:
        return seat.source
    if wanted.startswith(SEAT_SOURCE):
        raise Malformed("source", "A source that begins so is a guest's own", do="Name another")
    return wanted


def may_withdraw(actor: Actor, claim: ClaimRow, source: str | None) -> bool:
    """Whether a live claim of this node is this actor's to withdraw, as it was asked.

    A guest withdraws its own alone. Our own people sign for our guests too, but never withdraw
    what a guest said unless they name its source.
    """
    said = queries.source_text(claim.source)
    seat = seat_of(actor)
    if seat is not None:
        return said == seat.source and source in (None, said)
    return not said.startswith(SEAT_SOURCE) if source is None else said == source


class Sight:
    """What one guest may see of what this node holds."""

    def __init__(self, seat: SeatView) -> None:
        if seat.guest is None:
            raise NotPermitted("no_seat", "That seat is another home's")
        self.guest = seat.guest
        self._home = members.us()
        self._actor = Actor(seat.fingerprint)
        self._terms = members.seat_terms(seat)
        self._said = seat.source
        self._source = queries.source_number(seat.source)

    def sees(self, claimant: int, source: int, label: Label, at: Micros) -> bool:
        """Whether a claim so labelled may be shown to the guest; the gate decides."""
        own = self._is_own(claimant, source)
        us = self._home.fingerprint
        return sharing.guest_sees(self._actor, label, own, self._terms, at, us=us)

    def shows(self, claimant: Fingerprint, source: str, label: int, at: Micros) -> bool:
        """As `sees`, for a claim in words: its claimant, its source, its label's number."""
        number = self._source if source == self._said else 0
        known = self._home.id if claimant == self._home.fingerprint else 0
        return self.sees(known, number, queries.label(label), at)

    def own(self, claim: Standing) -> Standing:
        """A claim as the guest's verdict counts it: its own as its own people's."""
        if not self._is_own(claim.claimant, claim.source):
            return claim
        return claim._replace(claimant=self.guest, source=0)

    def _is_own(self, claimant: int, source: int) -> bool:
        return claimant == self._home.id and source == self._source
