"""Our own pending claims and retractions become signed documents in the feed, one label each."""

from __future__ import annotations

from hueandcry.apps.exchange import labels, payloads, queries, rules, showing
from hueandcry.apps.exchange.models import Batch, Retraction
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals import face as signals
from hueandcry.core import jws, stix, tlog
from hueandcry.core.envelopes import MAX_OBJECTS, Part, compress
from hueandcry.core.types import Lane, Micros
from hueandcry.engine import clock
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.store import feed
from hueandcry.engine.store.work import unit_of_work

#: The encoder that new batches use; its number is stored with each batch.
ENCODER = max(stix.ENCODERS)


def publish_some(lane: Lane) -> bool:
    """Publishes one batch or retraction of each label that somebody may have; False when idle.

    All in one transaction: what was raised together is pushed together.
    """
    waiting = [n for n in signals.pending_labels() if signals.label(n).lane is lane]
    if waiting:
        waiting = labels.wanted(waiting, clock.now())
    if not waiting:
        return False
    with unit_of_work():
        # A claim that is retracted between being read as pending and being marked as signed
        # would be neither: claims are only written under the feed head.
        feed.hold(feed.FEED)
        return any([_publish(number, lane) for number in waiting])


def _publish(number: int, lane: Lane) -> bool:
    at = clock.now()
    gone = signals.pending_retractions(number, MAX_OBJECTS)
    if gone:
        return _retract(number, gone, at)
    pending = signals.pending(number, MAX_OBJECTS)
    if not pending:
        return False
    encode = stix.ENCODERS[ENCODER]
    lines = tuple(encode(claim) for _, claim in pending)
    root = tlog.root([tlog.leaf_hash(line) for line in lines])
    body = rules.BatchBody(root, len(lines), ENCODER, lane)
    document = peers.issue("batch", body.value(), at)
    batch = keep_batch(
        Part(document, lines),
        document_label=number,
        issuer=members.us().id,
        count=len(lines),
        at=at,
    )
    signals.mark_batched([row for row, _ in pending], batch.pk)
    queries.add_entry(number, batch=batch)
    showing.show_batch(batch)
    log_batch(batch)
    return True


def keep_batch(
    part: Part,
    *,
    document_label: int,
    issuer: int,
    count: int,
    at: Micros,
    about: bytes | None = None,
    from_peer: int | None = None,
) -> Batch:
    """Stores a batch; the caller logs it once the feed has moved, which fixes the lock order."""
    return Batch.objects.create(
        part=part.digest,
        about=about or part.digest,
        digest=payloads.sha256(part.document),
        issuer_id=issuer,
        document=part.document,
        label=document_label,
        count=count,
        held=len(part.lines),
        payload=compress(part.lines),
        paths=None if part.ordinals is None else payloads.pack_places(part),
        at=at,
        from_peer_id=from_peer,
    )


def log_batch(batch: Batch) -> int:
    """One ledger entry for the batch, in the caller's transaction."""
    return ledger.append("batch", batch, digest=batch.digest.hex(), part=batch.part.hex())


def _retract(number: int, gone: list[signals.PendingRetraction], at: Micros) -> bool:
    reason = gone[0].reason
    together = [each for each in gone if each.reason == reason]
    body = {
        "claims": [[each.claim_id.hex, each.modified] for each in together],
        "reason": reason,
    }
    document = peers.issue("retraction", body, at)
    row = Retraction.objects.create(
        digest=payloads.sha256(document),
        part=Part(document, retraction=True).digest,
        issuer_id=members.us().id,
        document=document,
        label=number,
        at=at,
    )
    signals.mark_batched([each.row for each in together], row.pk)
    queries.add_entry(number, retraction=row)
    showing.show_withdrawn([each.claim_id.bytes for each in together if each.carried])
    ledger.append("retraction", row, digest=row.digest.hex())
    return True


def restamp(batches: list[Batch], retractions: list[Retraction], at: Micros) -> None:
    """Signs again what a peer's clock refused, dated by the peers' time (PROTOCOL 2)."""
    us = members.us().id
    with unit_of_work():
        feed.hold(feed.FEED)
        now = peers.stamp(at)
        for batch in batches:
            if batch.issuer_id == us:
                rows = [row for row, _, _ in signals.claims_at(batch.pk)]
                signals.restamp(rows, now)
                signals.release_batch(rows)
        for row in retractions:
            if row.issuer_id == us:
                _reissue(row, at)


def _reissue(row: Retraction, at: Micros) -> None:
    reason, claims = rules.read_retraction_body(jws.open_document(row.document).stated.body)
    now = peers.stamp(at)
    body = {"claims": [[id.hex(), min(version, now)] for id, version in claims], "reason": reason}
    document = peers.issue("retraction", body, at)
    fresh = Retraction.objects.create(
        digest=payloads.sha256(document),
        part=Part(document, retraction=True).digest,
        issuer_id=row.issuer_id,
        document=document,
        label=row.label,
        at=at,
    )
    queries.drop_entries(retraction=row)
    queries.add_entry(row.label or 0, retraction=fresh)
    ledger.append("retraction", fresh, digest=fresh.digest.hex())
