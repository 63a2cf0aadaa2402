"""Pushes what a peer may have to its door, one lane at a time, until nothing is left."""

from __future__ import annotations

import logging
from typing import Any

from hueandcry.apps.exchange import feed, publishing, queries, rules
from hueandcry.apps.exchange.feed import Item, Page
from hueandcry.apps.exchange.models import Batch, Handed, Retraction
from hueandcry.apps.exchange.rules import Position
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.face import PeerView
from hueandcry.apps.signals import face as signals
from hueandcry.core import jcs, jws
from hueandcry.core.envelopes import CONTENT_TYPE
from hueandcry.core.errors import Malformed
from hueandcry.core.polls import Reply
from hueandcry.core.types import Lane, Micros
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work
from hueandcry.engine.timeline import face as timeline

log = logging.getLogger("hueandcry.exchange")


def push_next(peer_id: int, lane: Lane) -> bool:
    """Pushes one page to one peer; True when there may be more to push at once."""
    peer = peers.peer(peer_id)
    if peer.way != "call" or not peers.may_send(peer_id) or peer.retry_at > clock.now():
        return False
    before = queries.position(peer_id, lane)
    page = feed.page(peer, lane, before, clock.now())
    if not page.items:
        return _skip(peer_id, lane, before, page)
    return peers.attempt(peer, lambda: _push(peer, lane, before, page))


def _skip(peer_id: int, lane: Lane, before: Position, page: Page) -> bool:
    """Nothing for this peer up to the page's end: only its position moves, if at all."""
    if page.position != before:
        with unit_of_work():
            queries.move(peer_id, lane, before, page.position)
    return page.more


def _push(peer: PeerView, lane: Lane, before: Position, page: Page) -> bool:
    sent_at = clock.now()
    body = b"".join(item.frames for item in page.items)
    try:
        answer = peers.call(
            peer, "POST", "/peer/v1/envelopes", body=body, content_type=CONTENT_TYPE
        )
    except peers.ClockCorrected:
        batches = [item.batch for item in page.items if item.batch]
        gone = [item.retraction for item in page.items if item.retraction]
        publishing.restamp(batches, gone, clock.now())
        raise
    except peers.PeerRefused as error:
        if not peers.for_good(error, page.items[0].about):
            raise
        return _refused(peer, lane, before, page, error)
    receipts = _receipts(answer.body, len(page.items))
    with unit_of_work():
        for item, raw in zip(page.items, receipts, strict=False):
            _keep(peer, item, raw, lane, sent_at)
        queries.move(peer.id, lane, before, feed.position_after(page, len(receipts)))
    return True


def _refused(
    peer: PeerView, lane: Lane, before: Position, page: Page, error: peers.PeerRefused
) -> bool:
    """The first part is refused whole and for good: it is noted and passed over.

    Nothing else could be done with it, and what stands behind it must not wait for ever.
    """
    item = page.items[0]
    log.warning("%s refused part %s: %s", peer.name, item.about.hex(), error)
    with unit_of_work():
        _hand(peer, item, accepted=0, refused=item.objects)
        queries.move(peer.id, lane, before, feed.position_after(page, 1))
    return True


def _receipts(body: bytes, count: int) -> list[bytes]:
    """The receipts of the first parts, at least one; a peer stops at the first bad part."""
    said = jcs.parse(body, max_bytes=64 * 1024 * 1024)
    found = said.get("receipts") if isinstance(said, dict) else None
    if not isinstance(found, list) or not 1 <= len(found) <= count:
        raise Malformed("no_receipt", f"The peer gave other than 1 to {count} receipts")
    return [str(raw).encode() for raw in found]


def _keep(peer: PeerView, item: Item, raw: bytes, lane: Lane, sent_at: int) -> None:
    at = clock.now()
    body = peers.keep_receipt(peer, item.about, raw, at)
    if body is None:
        return
    outcomes = [str(each[1]) for each in body.get("objects", ())]
    refused = outcomes.count("refused")
    row = _hand(peer, item, accepted=len(outcomes) - refused, refused=refused)
    if lane is Lane.LIVE:
        _note(peer, item, sent_at, at)
    if row.effective_at is not None:
        _effective(row, peer)


def _hand(peer: PeerView, item: Item, *, accepted: int, refused: int) -> Handed:
    """The row of what was handed over; it exists already where *effective* overtook the receipt."""
    row, _ = Handed.objects.update_or_create(
        peer_id=peer.id,
        about=item.about,
        defaults={
            "seq": item.seq,
            "accepted": accepted,
            "refused": refused,
            "received_at": clock.now(),
            "batch": item.batch,
            "retraction": item.retraction,
        },
    )
    return row


def _note(peer: PeerView, item: Item, sent_at: int, at: int) -> None:
    """Hops of our own claims; a relayed claim's story is told by its claimant."""
    roots = _roots(item.batch, item.retraction)
    timeline.note(roots, "pushed", peer.fingerprint, sent_at, timeline.Source.OWN)
    name = "retracted" if item.retraction else "received"
    timeline.note(roots, name, peer.fingerprint, at, timeline.Source.RECEIPTED)


def _roots(batch: Batch | None, retraction: Retraction | None) -> list[bytes]:
    us = members.us().id
    if batch is not None and batch.issuer_id == us:
        return signals.ids_of_batch(batch.pk)
    if retraction is not None and retraction.issuer_id == us:
        _, claims = rules.read_retraction_body(jws.open_document(retraction.document).stated.body)
        return [id for id, _ in claims]
    return []


def take_receipt(body: dict[str, Any], answered: tuple[str, ...], sender: PeerView) -> None:
    """Notes the first receipt of a part that the peer fetched itself, by question or by file.

    The caller has kept it; `answered` names the part, then its document.
    """
    item = _fetched(answered)
    if item is None:
        return
    outcomes = [str(each[1]) for each in body.get("objects", ())]
    refused = outcomes.count("refused")
    row = _hand(sender, item, accepted=len(outcomes) - refused, refused=refused)
    if item.live:
        roots, at = _roots(item.batch, item.retraction), clock.now()
        name = "retracted" if item.retraction else "received"
        timeline.note(roots, name, sender.fingerprint, at, timeline.Source.RECEIPTED)
    if row.effective_at is not None:
        _effective(row, sender)


def take_reply(sender: PeerView, reply: Reply, at: Micros) -> None:
    """Takes in what a peer that fetched something says to it: a receipt, or a refusal for good."""
    if peers.replied(sender.id, reply):
        return
    if reply.receipt:
        body = peers.keep_receipt(sender, reply.about, reply.receipt, at)
        if body is not None:
            take_receipt(body, jws.open_document(reply.receipt).stated.re, sender)
    elif reply.code and reply.code not in peers.PASSING:
        batch = queries.batch_of_part(reply.about)
        gone = None if batch else queries.retraction_of_part(reply.about)
        log.warning("%s refused %s: %s", sender.name, reply.about.hex(), reply.code)
        if batch is not None or gone is not None:
            seq = queries.seq_of(batch, gone)
            item = Item(reply.about, b"", 0, seq, batch=batch, retraction=gone)
            _hand(sender, item, accepted=0, refused=batch.count if batch else 1)


def sign_again(about: bytes) -> None:
    """Dates anew a part of ours that a peer with a slow clock refused as from the future."""
    batch = queries.batch_of_part(about)
    gone = None if batch else queries.retraction_of_part(about)
    publishing.restamp([batch] if batch else [], [gone] if gone else [], clock.now())


def _fetched(answered: tuple[str, ...]) -> Item | None:
    """What a receipt is about, by the digest of the document that stands second in it."""
    if len(answered) < 2:
        return None
    about, digest = (bytes.fromhex(text) for text in answered[:2])
    retraction = queries.retraction(digest)
    batch = None if retraction else queries.batch_of_document(digest)
    if batch is None and retraction is None:
        return None
    seq = queries.seq_of(batch, retraction)
    return Item(about, b"", 0, seq, batch=batch, retraction=retraction)


def take_effective(body: dict[str, Any], answered: tuple[str, ...], sender: PeerView) -> None:
    """Notes the second receipt: from when, at this peer, one or more parts are acted upon."""
    at = body.get("at")
    if type(at) is not int:
        raise Malformed("effective", "An effective receipt says since when, in microseconds")
    for digest in answered:
        row = queries.became_effective(sender.id, bytes.fromhex(digest), at)
        if row is not None:
            _effective(row, sender)


def _effective(row: Handed, peer: PeerView) -> None:
    at = row.effective_at or row.received_at
    roots = _roots(row.batch, row.retraction)
    name = "withdrawn" if row.retraction_id else "effective"
    timeline.note(roots, name, peer.fingerprint, at, timeline.Source.RECEIPTED)
