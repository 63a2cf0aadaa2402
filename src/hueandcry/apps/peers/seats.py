"""Announcing our guests' seats to every peer, and taking in what other homes announce."""

from __future__ import annotations

from typing import Any

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import queries, service
from hueandcry.apps.peers.models import Peer
from hueandcry.apps.peers.service import Accepted
from hueandcry.core import jws
from hueandcry.core.errors import NotPermitted
from hueandcry.core.types import Micros


def announce(seat: members.SeatView, at: Micros) -> bytes:
    """Signs what a seat of ours is now, and puts it on its way to every peer."""
    raw = service.issue("seat", members.seat_body(seat), at)
    service.send(raw, queries.peer_ids(), at)
    members.announced(seat, raw)
    return raw


def announce_to(peer: Peer, at: Micros) -> None:
    """Tells a new peer who has a seat here."""
    for raw in members.announcements():
        service.send(raw, [peer.pk], at)


def take(accepted: Accepted, at: Micros) -> dict[str, Any]:
    """Takes in a home's word about its own seat; gives the receipt's facts."""
    document: jws.Document = accepted.document
    if document.iss == members.us().fingerprint:
        raise NotPermitted("own_origin", "This is our own announcement")
    members.take_seat(document.iss, document.body, document.raw, at)
    return {"outcome": "accepted"}
