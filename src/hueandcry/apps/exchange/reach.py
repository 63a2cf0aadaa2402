"""Who may have a thing, who has it, since when it counts there, and what was refused and why.

Reasons of the gate are for our own people only: nothing here is ever shown to a peer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hueandcry.apps.exchange import labels, payloads, queries
from hueandcry.apps.exchange.models import Batch, Handed
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.face import PeerSummary, ReceiptView
from hueandcry.apps.signals import face as signals
from hueandcry.core import jws, tlog
from hueandcry.core.sharing import Label, Reason
from hueandcry.core.types import Direction, Fingerprint, Kind, Lane, Micros, Tlp


@dataclass(frozen=True, slots=True)
class Recipient:
    """One peer and the gate's answer about it: `reasons` say why not."""

    peer: int
    name: str
    fingerprint: Fingerprint
    allowed: bool
    reasons: tuple[Reason, ...]
    reachable: bool  #: the last try to reach it did not fail


@dataclass(frozen=True, slots=True)
class Reached:
    """How far one claim, or its retraction, has come at one peer."""

    recipient: Recipient
    state: str  #: kept_back, waiting, received, refused or effective
    refusal: str  #: class of a refusal, as the peer's receipt says
    received_at: Micros | None
    effective_at: Micros | None
    receipt: int | None  #: number of its receipt


@dataclass(frozen=True, slots=True)
class Handover:
    """One part that was handed to one peer, with what its receipts say."""

    number: int
    what: str  #: claims or retraction
    kind: Kind | None
    tlp: Tlp | None
    lane: Lane | None
    accepted: int
    refused: int
    refusals: Mapping[str, int]
    received_at: Micros
    effective_at: Micros | None
    receipt: int | None


def recipients(thing: Label, at: Micros) -> list[Recipient]:
    """Who would receive a thing of this label now, and why others would not: the gate, dry.

    The peers are read once, together; nothing is written, nothing is sent.
    """
    return [_recipient(peer, thing, at) for peer in peers.overview(at)]


def _recipient(peer: PeerSummary, thing: Label, at: Micros) -> Recipient:
    decision = labels.decide(peer.fingerprint, thing, peer.terms, Direction.SEND, at)
    reasons = decision.reasons
    if peer.terms is None:
        reasons = (Reason("agreement_missing", (("member", peer.name),)),)
    reachable = not peer.failures
    return Recipient(peer.id, peer.name, peer.fingerprint, decision.allowed, reasons, reachable)


def reached(claim: signals.Claimed, at: Micros) -> list[Reached]:
    """How far the newest version of a claim (or its retraction) has come at each peer."""
    found = recipients(signals.label(claim.label), at)
    if claim.batch is None:
        return [_unsent(each) for each in found]
    gone = claim.state == "retracted"
    handed = queries.handed_of(claim.batch, retraction=gone)
    refusals = _refusals(claim, [row for row in handed.values() if row.refused])
    return [_reached(each, handed.get(each.peer), refusals) for each in found]


def _unsent(recipient: Recipient) -> Reached:
    state = "waiting" if recipient.allowed else "kept_back"
    return Reached(recipient, state, "", None, None, None)


def _reached(
    recipient: Recipient, row: Handed | None, refusals: Mapping[int, tuple[str, int]]
) -> Reached:
    if row is None:
        return _unsent(recipient)
    refusal, receipt = refusals.get(row.pk, ("", None))
    state = "refused" if refusal else "effective" if row.effective_at else "received"
    received = row.received_at if row.accepted or row.refused else None
    return Reached(recipient, state, refusal, received, row.effective_at, receipt)


def _refusals(claim: signals.Claimed, rows: Sequence[Handed]) -> dict[int, tuple[str, int]]:
    """Handed row → (class, receipt) where the peer refused this very claim."""
    found: dict[int, tuple[str, int]] = {}
    leaf = _leaf(claim) if rows else ""
    for row in rows:
        answered = peers.receipts_about(row.peer_id, [row.about]).get((row.about, "receipt"))
        if answered is None:
            found[row.pk] = ("whole_part", 0)
            continue
        objects = jws.open_document(answered.document).stated.body.get("objects", ())
        for each in objects:
            if each[0] == leaf and each[1] == "refused":
                found[row.pk] = (str(each[2]) if len(each) > 2 else "unsaid", answered.number)
    return found


def _leaf(claim: signals.Claimed) -> str:
    """What names this claim in a receipt: its line's leaf hash, or its id in a retraction."""
    if claim.state == "retracted":
        return claim.claim_id.hex()
    batch = queries.batches([claim.batch or 0]).get(claim.batch or 0)
    if batch is None or claim.ordinal is None or batch.paths is not None:
        return ""
    return tlog.leaf_hash(payloads.lines_of(batch)[claim.ordinal]).hex()


def handovers(peer_id: int, *, before: int | None = None, limit: int = 50) -> list[Handover]:
    """What was handed to a peer, newest first, beyond number `before`: three statements."""
    rows = queries.handed_to(peer_id, before, limit)
    receipts = peers.receipts_about(peer_id, [row.about for row in rows])
    return [_handover(row, receipts.get((row.about, "receipt"))) for row in rows]


def _handover(row: Handed, receipt: ReceiptView | None) -> Handover:
    thing: Batch | None = row.batch
    number = thing.label if thing else row.retraction.label if row.retraction else None
    label = signals.label(number) if number else None
    return Handover(
        row.pk,
        "retraction" if row.retraction_id else "claims",
        label.kind if label else None,
        label.marking.tlp if label else None,
        label.lane if label else None,
        row.accepted,
        row.refused,
        receipt.refusals if receipt else {},
        row.received_at,
        row.effective_at,
        receipt.number if receipt else None,
    )
