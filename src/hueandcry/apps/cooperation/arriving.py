"""What comes from the other side: a request, a later act upon one, the receipt for ours."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from hueandcry.apps.cooperation import (
    checking,
    facts,
    granting,
    holding,
    money,
    moving,
    queries,
    rules,
    sealed,
    timing,
)
from hueandcry.apps.cooperation.models import Request
from hueandcry.apps.cooperation.moving import Act
from hueandcry.apps.cooperation.wire import Asked, Stepped
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.face import Accepted, PeerView
from hueandcry.core import jws
from hueandcry.core.clocks import late
from hueandcry.core.errors import Conflict, NotPermitted, TooMany, Untrusted
from hueandcry.core.machine import HOLD, MONEY, REQUEST, Facts, Machine, Side, step
from hueandcry.core.types import Micros
from hueandcry.engine import clock
from hueandcry.engine.jobs.rows import each_alone

_DELIVER: Final = "deliver"
#: Acts of which no document of their own tells.
_UNTOLD: Final = frozenset(
    {"sign", "revise", "approve", "send_on_duty", _DELIVER, "entered_wrongly"}
)


def take_request(accepted: Accepted, sender: PeerView, at: Micros) -> dict[str, Any]:
    """Takes in another member's request; gives the receipt's facts, with the zone of its clocks."""
    asked = Asked.read(accepted.document.body)
    checking.may_come(asked, sender.fingerprint)
    if queries.known(asked.request):
        raise Conflict("request_known", f"The request {asked.request} is here already")
    digest = bytes.fromhex(accepted.document.digest)
    row = Request(
        uuid=asked.request.bytes,
        type=asked.type,
        side=Side.REQUESTED,
        peer=bytes.fromhex(sender.fingerprint),
        state=rules.BEGINS[Side.REQUESTED],
        instrument=asked.instrument,
        given=sealed.seal(asked.given),
        signers=list(asked.signers),
        document=digest,
        hold=HOLD.start if rules.asks_for_a_hold(checking.type_of(asked.type)) else "",
        money=MONEY.start if rules.is_about_money(checking.type_of(asked.type)) else "",
        zone=timing.our_zone(),
        made_at=at,
        moved_at=at,
    )
    moving.begin(row, Act(_DELIVER, Side.REQUESTED, at, document=digest), "SENT")
    holding.assistance_came(asked, sender.fingerprint, at)
    return {"request": str(asked.request), "zone": row.zone}


def take_step(accepted: Accepted, sender: PeerView, at: Micros) -> dict[str, Any]:
    """Takes in what the other side did with a request; gives the receipt's facts.

    Raises NotFound for a request that is not between the two, Untrusted where it answers another
    document than our request, Conflict where the request has moved on here.
    """
    said, row, done = _read(accepted, sender, at, REQUEST)
    if said.event in _UNTOLD:
        raise NotPermitted("untold", f"{said.event} comes by no document of its own")
    facts.check_said(row, said.event, said.said, sender.fingerprint)
    moved = rules.applies_to(row.state, row.before, said.event, said.source)
    vouched = _vouched(row, said, done.side, accepted.document.iat)
    reached = step(REQUEST, moved, said.event, vouched, before=row.before)
    moving.move(row, done, moved, reached.state)
    granting.follow(row, done)
    return {"request": str(said.request)}


def take_hold_step(accepted: Accepted, sender: PeerView, at: Micros) -> dict[str, Any]:
    """Takes in what the other side did with a hold; as `take_step`."""
    said, row, done = _read(accepted, sender, at, HOLD)
    holding.take(row, said, done.side, accepted.document.iat, done)
    return {"request": str(said.request)}


def take_money_step(accepted: Accepted, sender: PeerView, at: Micros) -> dict[str, Any]:
    """Takes in what the other side did with traced money; as `take_step`."""
    said, row, done = _read(accepted, sender, at, MONEY)
    money.take(row, said, done.side, accepted.document.iat, done)
    return {"request": str(said.request)}


def _read(
    accepted: Accepted, sender: PeerView, at: Micros, machine: Machine
) -> tuple[Stepped, Request, Act]:
    """What a document says, the request that it is about, and the act that it tells of."""
    document = accepted.document
    said = Stepped.read(document.body)
    row = queries.with_peer(said.request, sender.fingerprint)
    ours = Side(row.side)
    if ours is Side.REQUESTING or row.outside:
        _check_answers(row, document)
    theirs = Side.REQUESTED if ours is Side.REQUESTING else Side.REQUESTING
    digest = bytes.fromhex(document.digest)
    return (
        said,
        row,
        Act(said.event, theirs, at, said.said, said.by, document=digest, machine=machine),
    )


def _check_answers(row: Request, document: jws.Document) -> None:
    """That it is about our request in the very bytes that went, and that these are known to be.

    About one that goes or came on paper no document says anything.
    """
    if row.outside or row.document is None or document.re != (row.document.hex(),):
        raise Untrusted("other_request", "That answers another document than our request")
    if row.state != "SENT":
        return
    receipt = _receipt_for(row)
    if receipt is None:
        raise TooMany("busy", "The receipt for our request is not here yet", do="Send it again")
    _delivered(row, receipt)


def _vouched(row: Request, said: Stepped, side: Side, dated: Micros) -> Facts:
    """What the other side's signature vouches for: its roles and second factors are its own.

    Time is that of the act, as its document is dated: it may have been long on its way.
    """
    passed = row.answer_by is not None and late(row.answer_by, dated + peers.AHEAD)
    return facts.of(
        row,
        said.event,
        said.said,
        side=side,
        now=dated,
        person=said.by,
        maker=row.signers[0] if row.signers else "",
        second_factor=True,
        may_send=True,
        answered=row.answered or passed,
    )


# --- receipts for our requests --------------------------------------------------------------------


def note_receipts() -> bool:
    """Moves our requests on for which the other node has signed; True where there may be more."""
    held = [(row, receipt) for row in queries.on_the_way() if (receipt := _receipt_for(row))]
    each_alone(held, lambda found: _delivered(*found))  # another thread may see one as well
    return False


def _receipt_for(row: Request) -> bytes | None:
    """The other node's receipt for a request of ours that it took in, if we hold it."""
    peer = peers.find(row.peer.hex())
    if peer is None or row.document is None:
        return None
    held = peers.receipts_about(peer.id, [row.document]).get((row.document, "receipt"))
    return held.document if held is not None and held.outcome == "accepted" else None


def _delivered(row: Request, receipt: bytes) -> None:
    """From its receipt on the clocks of the other side run, in the zone that it names."""
    stated = jws.open_document(receipt).stated
    digest = hashlib.sha256(receipt).digest()
    at = min(stated.iat, clock.now())
    signed = facts.of(
        row, _DELIVER, moving.NOTHING, side=Side.REQUESTED, now=at, receipt=digest.hex()
    )
    reached = step(REQUEST, row.state, _DELIVER, signed)
    done = Act(_DELIVER, Side.REQUESTED, at, document=digest)
    zone = timing.zone(stated.body.get("zone"))
    moving.move(row, done, row.state, reached.state, zone=zone)
