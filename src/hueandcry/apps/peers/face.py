"""The post office: who our peers are, on what terms, and what passes between us."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hueandcry.apps.peers import agreements, client, delivery, queries, service
from hueandcry.apps.peers.carriages import Owed
from hueandcry.apps.peers.client import Answer, ClockCorrected, PeerRefused
from hueandcry.apps.peers.delivery import PASSING, for_good
from hueandcry.apps.peers.models import Agreement, Peer
from hueandcry.apps.peers.rules import AHEAD
from hueandcry.apps.peers.service import Accepted, accept, believe, issue, send, stamp, take_nonce
from hueandcry.apps.peers.ways import (
    awaiting,
    called,
    documents_for,
    expect,
    expected,
    expects,
    file_known,
    file_taken,
    file_written,
    last_files,
    note_clock,
    owed,
    replied,
    welcome,
)
from hueandcry.core.errors import HueError, Malformed
from hueandcry.core.sharing import Terms, read_terms
from hueandcry.core.types import Fingerprint, Micros

__all__ = [
    "AHEAD",
    "PASSING",
    "Accepted",
    "Answer",
    "ClockCorrected",
    "Owed",
    "PeerRefused",
    "PeerView",
    "accept",
    "add",
    "attempt",
    "awaiting",
    "believe",
    "call",
    "called",
    "deliver_to",
    "document_receipt",
    "documents_for",
    "effective_receipt",
    "envelope_receipt",
    "expect",
    "expected",
    "expects",
    "fetch_card",
    "file_known",
    "file_taken",
    "file_written",
    "find",
    "for_good",
    "greet",
    "issue",
    "keep_receipt",
    "last_files",
    "may_send",
    "must_be",
    "named",
    "note_clock",
    "owed",
    "peer",
    "peer_ids",
    "peers",
    "post_to_all",
    "replied",
    "seen",
    "send",
    "stamp",
    "stored_receipt",
    "suspend",
    "take_agreement",
    "take_nonce",
    "terms",
    "terms_by_digest",
    "trusted_member_ids",
    "waiting_documents",
    "welcome",
]


@dataclass(frozen=True, slots=True)
class PeerView:
    """What other rooms see of a peer."""

    id: int
    member_id: int
    fingerprint: Fingerprint
    name: str
    url: str
    way: str  # call, poll (it has no inbound port and asks us) or file
    state: str  # waiting, in_force, refused, suspended, ended
    difference: tuple[tuple[str, dict[str, str]], ...]
    agreement: str | None
    clock_offset: Micros
    failures: int
    retry_at: Micros
    last_seen: Micros | None
    last_error: str
    checkpoint: bytes | None


def _view(row: Peer) -> PeerView:
    current, newest = queries.standing(row.pk)
    refused = newest is not None and newest.state == Agreement.State.REFUSED
    return PeerView(
        id=row.pk,
        member_id=row.member_id,
        fingerprint=row.member.fingerprint.hex(),
        name=row.member.name,
        url=row.url,
        way=row.way,
        state=_state(current, refused),
        difference=tuple((c, p) for c, p in newest.difference) if newest and refused else (),
        agreement=current.digest.hex() if current else None,
        clock_offset=row.clock_offset,
        failures=row.failures,
        retry_at=row.retry_at,
        last_seen=row.last_seen,
        last_error=row.last_error,
        checkpoint=row.checkpoint,
    )


def _state(current: Agreement | None, refused: bool) -> str:
    if current is not None:
        terms = read_terms(current.terms)
        return "in_force" if terms.kinds and terms.purposes else "suspended"
    return "refused" if refused else "waiting"


def peers() -> list[PeerView]:
    """Every peer, in the order added."""
    return [_view(row) for row in queries.peers()]


def peer_ids() -> list[int]:
    """The number of every peer, in the order added."""
    return queries.peer_ids()


def peer(peer_id: int) -> PeerView:
    """One peer by number."""
    return _view(queries.peer(peer_id))


def find(fingerprint: Fingerprint) -> PeerView | None:
    """The peer of this fingerprint, or None."""
    row = queries.peer_of(fingerprint)
    return None if row is None else _view(row)


def named(name: str) -> PeerView:
    """The one peer of this name or fingerprint; raises Malformed for none and for several."""
    found = [each for each in peers() if name in (each.name, each.fingerprint)]
    if len(found) != 1:
        raise Malformed("peer", f"{name!r} names {len(found)} peers", do="Use the fingerprint")
    return found[0]


def must_be(fingerprint: Fingerprint) -> PeerView:
    """The peer of this fingerprint; raises NotPermitted for anybody else."""
    return _view(service.must_be_peer(fingerprint))


def terms(peer_id: int) -> Terms | None:
    """The terms in force with a peer, or None."""
    row = queries.in_force(peer_id)
    return read_terms(row.terms) if row else None


def terms_by_digest(peer_id: int, digest: str) -> Terms | None:
    """Terms that were once signed with a peer, by digest; None when unknown."""
    row = queries.agreement(peer_id, bytes.fromhex(digest))
    return read_terms(row.terms) if row else None


def may_send(peer_id: int) -> bool:
    """Whether the other side holds our signature: before that it would refuse everything."""
    return queries.in_force(peer_id) is not None and not queries.waiting(peer_id, "agreement")


def trusted_member_ids(at: Micros) -> frozenset[int]:
    """Members whose own claims count as trusted: peers under an agreement in force at `at`."""
    found = set()
    for row in queries.all_in_force():
        held = read_terms(row.terms)
        if held.valid_from <= at < held.valid_until and held.kinds and held.purposes:
            found.add(row.peer.member_id)
    return frozenset(found)


def add(
    card: bytes,
    url: str | None,
    spec: str,
    at: Micros,
    *,
    expected: Fingerprint,
    by_file: bool = False,
) -> PeerView:
    """Confirms a member as our peer on our own terms (`standard`, `personal`, or a terms file).

    Without `url` its card says where it is; one with no address asks us. Raises Conflict with
    code `no_line` when neither side can call the other and no files are to be carried.
    """
    return _view(agreements.add(card, url, spec, at, expected=expected, by_file=by_file))


def suspend(peer_id: int, at: Micros) -> None:
    """Suspends the agreement with a peer at once, by our signature alone."""
    agreements.narrow(queries.peer(peer_id), at)


def take_agreement(accepted: Accepted, sender: PeerView, at: Micros) -> dict[str, object]:
    """Takes in a peer's signature under terms; gives the outcome for the receipt."""
    return agreements.take(accepted.document, queries.peer(sender.id), at)


def document_receipt(
    accepted: Accepted, sender: PeerView, body: dict[str, Any], at: Micros
) -> bytes:
    """Our receipt for a document; the stored one when the same bytes came before."""
    digest = bytes.fromhex(accepted.document.digest)
    index = accepted.row.log_index if accepted.row else None
    facts = {"outcome": "accepted", "log_index": index, **body}
    return service.receipt(queries.peer(sender.id), digest, [accepted.document.digest], facts, at)


def stored_receipt(sender: PeerView, about: bytes) -> bytes | None:
    """The receipt that we gave this peer about this delivery, if any."""
    row = queries.receipt(sender.id, about, ours=True, kind="receipt")
    return row.document if row else None


def envelope_receipt(
    sender: PeerView, about: bytes, re: Sequence[str], body: dict[str, Any], at: Micros
) -> bytes:
    """Our receipt for a part of an envelope that `about` names by digest."""
    return service.receipt(queries.peer(sender.id), about, [about.hex(), *re], body, at)


def effective_receipt(
    to: PeerView, abouts: Sequence[bytes], body: dict[str, Any], at: Micros
) -> None:
    """Puts the second receipt, *effective*, about one or more deliveries on its way."""
    row = queries.peer(to.id)
    answered = [about.hex() for about in abouts]
    raw = service.receipt(row, abouts[0], answered, body, at, kind="effective")
    service.send(raw, [to.id], at)


def keep_receipt(
    sender: PeerView, about: bytes, raw: bytes, at: Micros, *, kind: str = "receipt"
) -> dict[str, Any] | None:
    """Verifies and keeps a peer's receipt about `about`; its body, or None when already held."""
    row = queries.peer(sender.id)
    document = delivery.check_receipt(row, raw, about, at)
    service.note_checkpoint(row, document.body)
    if not service.keep_receipt(row, about, raw, at, ours=False, kind=kind):
        return None
    return dict(document.body)


def call(
    to: PeerView,
    method: str,
    path: str,
    *,
    body: bytes | None = None,
    content_type: str | None = None,
    timeout: float | None = None,
) -> Answer:
    """One signed call; raises Unreachable, Untrusted, ClockCorrected or PeerRefused.

    It takes at most `timeout` seconds, or as many as calls take here.
    """
    row = queries.peer(to.id)
    return client.call(row, method, path, body=body, content_type=content_type, timeout=timeout)


def greet(to: PeerView) -> None:
    """Lets a peer know that we are here, so that it delivers what waits; quiet when it is away."""
    try:
        call(to, "GET", "/peer/v1/hello")
    except HueError:
        return


def attempt(to: PeerView, step: Callable[[], bool]) -> bool:
    """Runs one step against a peer; failures put the next try off, success clears them."""
    return delivery.attempt(queries.peer(to.id), step)


def deliver_to(peer_id: int) -> bool:
    """Delivers one waiting document to one peer here and now; True when there may be more."""
    return delivery.deliver_next(peer_id)


def fetch_card(url: str) -> bytes:
    """The card that a node shows; nothing about it is believed yet."""
    return client.fetch_card(url)


def seen(peer_id: int, at: Micros) -> None:
    """A verified call of this peer arrived: it is there, so what waits for it is due now."""
    queries.reached(peer_id, at)


def waiting_documents() -> dict[int, int]:
    """Peer number → how many documents wait for its receipt; peers without any are left out."""
    return queries.waiting_counts()


def post_to_all(raw: bytes, at: Micros) -> None:
    """Sends a card or a revocation of ours to every peer."""
    service.send(raw, [row.pk for row in queries.peers()], at)
