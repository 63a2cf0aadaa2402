"""What a restored node issued and lost comes back from its peers, under its own signature.

A peer keeps the very bytes that we signed. Whatever of them came after the backup is asked for
and taken in as our own again, so that no claim and no retraction of ours is unknown to us alone,
and no id of ours ever means two things.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

import msgspec

from hueandcry.apps.exchange import payloads, publishing, queries, rules
from hueandcry.apps.exchange.intake import read_claim
from hueandcry.apps.exchange.models import Retraction
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.face import PeerView
from hueandcry.apps.signals import face as signals
from hueandcry.core import envelopes, jcs, jws, tlog
from hueandcry.core.envelopes import Part, compress, header
from hueandcry.core.errors import HueError, Malformed, Untrusted
from hueandcry.core.types import DAY, Claim, Lane, Micros
from hueandcry.engine import clock
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.ledger import restored
from hueandcry.engine.ledger.models import Restoration
from hueandcry.engine.purge import face as purge
from hueandcry.engine.store.work import unit_of_work

log = logging.getLogger("hueandcry.exchange")

#: Bounds of one page.
ITEMS, BYTES = 200, 4_000_000

#: A peer's clock dates when it got something; ours dated the backup.
_MARGIN: Micros = 1 * DAY


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a member has read our copies of what it issued: rows of ours, and since when."""

    since: Micros
    batch: int = 0
    retraction: int = 0


def _place(text: str) -> Place:
    try:
        return msgspec.json.decode(text, type=Place)
    except msgspec.MsgspecError as error:
        raise Malformed("cursor", "The cursor is not usable", do="Begin without one") from error


# --- the side that kept it ------------------------------------------------------------------------


def hand_back(caller: PeerView, text: str, since: Micros) -> bytes:
    """The next page of what `caller` issued and we hold: a line about the page, then parts."""
    place = _place(text) if text else Place(since)
    batches = queries.issued_batches(caller.member_id, place.since, place.batch, ITEMS)
    frames, size = [], 0
    for batch in batches:
        if size >= BYTES:
            break
        frame = payloads.whole(batch)
        frames.append(frame)
        size += len(frame)
        place = Place(place.since, batch.pk, place.retraction)
    more = len(batches) == ITEMS or len(frames) < len(batches)
    if not more:  # retractions last: they speak of what came before
        gone = queries.issued_retractions(caller.member_id, place.since, place.retraction, ITEMS)
        frames += [compress([header(Part(row.document, retraction=True))]) for row in gone]
        more = len(gone) == ITEMS
        place = Place(place.since, place.batch, gone[-1].pk if gone else place.retraction)
    head = {
        "cursor": msgspec.json.encode(place).decode(),
        "more": more,
        "card": members.card_of(caller.fingerprint).decode(),
        "agreement": peers.agreement_documents(caller),
    }
    return compress([jcs.canonical(head)]) + b"".join(frames)


# --- the side that lost it ------------------------------------------------------------------------


def recover() -> bool:
    """Asks each peer for one page of what we issued after the backup; True when there is more."""
    row = restored.newest()
    if row is None or row.state not in (
        Restoration.State.CONTINUED,
        Restoration.State.SUCCEEDED,
    ):
        return False
    return any([_recover(row, peer) for peer in peers.peers()])


def _recover(row: Restoration, peer: PeerView) -> bool:
    cursor, done = restored.recovery(row, peer.fingerprint)
    if done or peer.retry_at > clock.now():
        return False
    return peers.attempt(peer, lambda: _page(row, peer, cursor))


def _page(row: Restoration, peer: PeerView, cursor: str) -> bool:
    since = row.made_at - _MARGIN
    query = f"cursor={quote(cursor)}" if cursor else f"since={since}"
    answer = peers.call(peer, "GET", f"/peer/v1/copies?{query}")
    lines = envelopes.decompress(answer.body).split(b"\n")
    head = jcs.parse(lines[0], max_bytes=8 << 20)
    if not isinstance(head, dict) or not isinstance(head.get("cursor"), str):
        raise Malformed("copies", "The peer's answer does not begin with a cursor")
    if not cursor:
        _own_card(str(head.get("card", "")))
        _agreement(peer, head.get("agreement"))
    for part in envelopes.read_lines(lines[1:]):
        _take(part)
    more = bool(head.get("more"))
    with unit_of_work():
        restored.recovered(row, peer.fingerprint, head["cursor"], not more, clock.now())
    return more


def _own_card(card: str) -> None:
    """A card of ours that is newer than the backup: the next one must have a higher serial."""
    us = members.us().fingerprint
    try:
        with unit_of_work():
            members.take_card(card.encode(), clock.now(), expected=us)
    except HueError as error:
        log.info("the card that a peer holds of us tells nothing new: %s", error)
    members.forget()


def _agreement(peer: PeerView, documents: object) -> None:
    if not isinstance(documents, list):
        return
    try:
        with unit_of_work():
            peers.recover_agreement(peer, [str(text) for text in documents], clock.now())
    except HueError as error:
        log.warning("the agreement with %s was not taken up again: %s", peer.name, error)


def _take(part: Part) -> None:
    """One part of ours, back again; one that does not hold is left where it is."""
    try:
        with unit_of_work():
            _take_part(part, clock.now())
    except HueError as error:
        log.warning("part %s does not come back: %s", part.digest.hex(), error)


def _take_part(part: Part, at: Micros) -> None:
    document = peers.believe_signed(part.document)
    if document.iss != members.us().fingerprint:
        raise Untrusted("not_issuer", "This was never ours")
    digest = bytes.fromhex(document.digest)
    if part.retraction and document.type == "retraction":
        if queries.retraction(digest) is None:
            _take_retraction(part, document, digest, at)
    elif document.type == "batch" and queries.batch(digest) is None:
        _take_batch(part, document, at)


def _take_batch(part: Part, document: jws.Document, at: Micros) -> None:
    body = rules.read_batch_body(document.body)
    rules.check_inclusion(part, body, [tlog.leaf_hash(line) for line in part.lines])
    part, claims = _not_erased(part, [read_claim(line, document.iss) for line in part.lines])
    if not claims:
        return
    number = _label(claims, body.lane)
    batch = publishing.keep_batch(
        part, document_label=number, issuer=members.us().id, count=body.count, at=at
    )
    ordinals = part.ordinals if part.ordinals is not None else range(len(claims))
    rows = [
        signals.ReceivedClaim(claim, number, batch.pk, ordinal)
        for claim, ordinal in zip(claims, ordinals, strict=True)
    ]
    signals.receive(rows, at, own=True)
    queries.add_entry(number, batch=batch)
    publishing.log_batch(batch)


def _not_erased(part: Part, claims: Sequence[Claim]) -> tuple[Part, list[Claim]]:
    """The part without what we purged, however long a peer keeps it."""
    marks = purge.erased("claim", [claim.id.bytes for claim in claims])
    kept = [
        n
        for n, claim in enumerate(claims)
        if (mark := marks.get(claim.id.bytes)) is None
        or not (mark.terminal or claim.modified <= mark.modified)
    ]
    if len(kept) == len(claims):
        return part, list(claims)
    return payloads.narrowed(part, kept), [claims[n] for n in kept]


def _label(claims: Sequence[Claim], lane: Lane) -> int:
    first = claims[0]
    label = signals.label_for(first.signal.kind, first.marking, lane)
    return signals.label_number(label)


def _take_retraction(part: Part, document: jws.Document, digest: bytes, at: Micros) -> None:
    _, claims = rules.read_retraction_body(document.body)
    held = signals.label_of_claims([id for id, _ in claims])
    label = None
    if held is not None:
        label = signals.label_number(replace(signals.label(held), lane=Lane.LIVE))
    signals.receive_retraction(document.iss, claims, at)
    row = Retraction.objects.create(
        digest=digest,
        part=part.digest,
        issuer_id=members.us().id,
        document=part.document,
        label=label,
        at=at,
    )
    if label is not None:
        queries.add_entry(label, retraction=row)
    ledger.append("retraction", row, digest=digest.hex())
