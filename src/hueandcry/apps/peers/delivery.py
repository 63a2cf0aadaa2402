"""Delivers waiting documents to each peer, in order, until the peer's signed receipt is held."""

from __future__ import annotations

from collections.abc import Callable

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import client, queries, rules, service
from hueandcry.apps.peers.models import Agreement, Delivery, Document, Peer
from hueandcry.core import jcs, jws
from hueandcry.core.errors import HueError, Malformed
from hueandcry.core.polls import Reply
from hueandcry.core.types import Micros
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

CONTENT_TYPE = "application/jose"

#: Documents that a member's root signs (PROTOCOL 1, 5).
BY_ROOT = frozenset({"card", "revocation", "succession"})


def deliver_next(peer_id: int) -> bool:
    """Delivers the oldest waiting document to one peer; True when there may be more."""
    delivery = queries.due(peer_id)
    if delivery is None:
        return False
    peer = queries.peer(peer_id)
    if peer.retry_at > clock.now():
        return False
    return attempt(peer, lambda: _deliver(peer, delivery))


def attempt(peer: Peer, step: Callable[[], bool]) -> bool:
    """Runs one step against a peer and notes how it went; False ends the turn."""
    try:
        more = step()
    except client.ClockCorrected:
        return True
    except HueError as error:
        note_failure(peer, error)
        return False
    if peer.failures or peer.last_seen is None:
        with unit_of_work():
            queries.reached(peer.pk, clock.now())
        peer.failures = 0
    return more


def note_failure(peer: Peer, error: HueError) -> None:
    """Puts the next try off, longer after each failure in a row."""
    at = clock.now()
    with unit_of_work():
        failures = queries.failed(peer.pk, str(error))
        queries.retry(peer.pk, rules.retry_at(at, failures))


def _deliver(peer: Peer, delivery: Delivery) -> bool:
    document = delivery.document
    try:
        answer = client.call(
            peer,
            "POST",
            "/peer/v1/documents",
            body=document.document,
            content_type=CONTENT_TYPE,
        )
    except client.ClockCorrected:
        with unit_of_work():
            _restamp(peer, document)
        raise
    except client.PeerRefused as error:
        return _refused(delivery, error)
    with unit_of_work():
        _settle(delivery, take_receipt(peer, document.digest, answer.body, clock.now()))
    return True


def _settle(delivery: Delivery, outcome: str) -> None:
    state = Delivery.State.REFUSED if outcome == "refused" else Delivery.State.DELIVERED
    queries.settle(delivery, state, clock.now(), outcome)


#: Refusals that time or the other side's people can change; anything else ends the delivery.
PASSING = frozenset({"not_a_peer", "no_agreement", "unknown_key", "rate", "busy", "future"})


#: Type of document → who is told, by both digests, that one was signed again before it went.
AGAIN: dict[str, Callable[[bytes, bytes], None]] = {}


#: Documents that are never receipted: that it has them a peer says without a receipt.
UNRECEIPTED = frozenset({"receipt", "card", "revocation"})


def replied(peer: Peer, reply: Reply) -> bool:
    """Takes in what a peer that we cannot call says to one document; False: it is about no such.

    As after a call: a receipt settles the delivery, a refusal for good ends it, a passing one
    leaves it waiting.
    """
    delivery = queries.delivery_of(peer.pk, reply.about)
    if delivery is None:
        return queries.document(reply.about) is not None
    if reply.code == "future":
        _restamp(peer, delivery.document)
    elif reply.code and reply.code not in PASSING:
        outcome = f"{reply.code}: {reply.what}"[:200]
        queries.settle(delivery, Delivery.State.REFUSED, clock.now(), outcome)
    elif reply.receipt:
        _settle(delivery, _keep(peer, reply.about, reply.receipt, clock.now()))
    elif not reply.code and delivery.document.type in UNRECEIPTED:
        _settle(delivery, "accepted")
    return True


def for_good(error: client.PeerRefused, digest: bytes) -> bool:
    """Whether the peer refuses this very thing for ever; a refused call says nothing about it."""
    return error.about == digest.hex() and error.code not in PASSING


def _refused(delivery: Delivery, error: client.PeerRefused) -> bool:
    if error.code == "future":
        # It was signed before this peer's clock was known, and waited behind another document.
        with unit_of_work():
            _restamp(delivery.peer, delivery.document)
    if not for_good(error, delivery.document.digest):
        raise error
    with unit_of_work():
        queries.settle(delivery, Delivery.State.REFUSED, clock.now(), f"{error.code}: {error.what}")
    return True


def take_receipt(peer: Peer, about: bytes, body: bytes, at: Micros) -> str:
    """Verifies, keeps and logs a peer's receipt about one document; gives its outcome."""
    if not body:
        return "accepted"  # receipts are logged, never receipted (PROTOCOL 3)
    said = jcs.parse(body, max_bytes=client.MAX_ANSWER)
    raw = said.get("receipt") if isinstance(said, dict) else None
    if not isinstance(raw, str):
        raise Malformed("no_receipt", "The peer answered without a receipt")
    return _keep(peer, about, raw.encode(), at)


def _keep(peer: Peer, about: bytes, raw: bytes, at: Micros) -> str:
    document = check_receipt(peer, raw, about, at)
    service.keep_receipt(peer, about, raw, at, ours=False, kind="receipt")
    service.note_checkpoint(peer, document.body, document.iat)
    return str(document.body.get("outcome", "accepted"))


def check_receipt(peer: Peer, raw: bytes, about: bytes, at: Micros) -> jws.Document:
    """The receipt, when it is this peer's, for us, and about this delivery; or raises."""
    # By the clock that dated it: it is given once, perhaps before its giver knew itself ahead.
    document = service.believe(raw, at + max(0, peer.clock_offset))
    if document.type != "receipt" or document.iss != peer.member.fingerprint.hex():
        raise Malformed("no_receipt", "The answer is not a receipt of this peer")
    if about.hex() not in document.re:
        raise Malformed("other_receipt", "The receipt is about something else")
    return document


def _restamp(peer: Peer, document: Document) -> None:
    """Signs a waiting document again with a corrected time, under the same id (PROTOCOL 2).

    Only one that nobody has taken yet: a clock refusal says that this peer has not. What the root
    signed stays as it is: its time decides nothing, and the root is not here. One whose date could
    only become later stays too: it waits until the peer's clock has come so far.
    """
    stated = jws.open_document(document.document).stated
    delivered = Delivery.objects.filter(document=document).exclude(state=Delivery.State.WAITING)
    ours = stated.iss == members.us().fingerprint and stated.type not in BY_ROOT
    at = clock.now()
    if not ours or delivered.exists() or service.stamp(at) >= stated.iat:
        return
    raw = service.issue(
        stated.type, stated.body, at, aud=stated.aud, agreement=stated.agreement, re=stated.re
    )
    fresh = service.send(raw, [], at)
    Delivery.objects.filter(document=document, state=Delivery.State.WAITING).update(document=fresh)
    if stated.type == "agreement":
        Agreement.objects.filter(peer=peer, ours=document.digest).update(ours=fresh.digest)
    if stated.type in AGAIN:
        AGAIN[stated.type](document.digest, fresh.digest)
