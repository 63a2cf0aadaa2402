"""The post office at work: issuing, accepting, receipting. Callers own the transaction."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import heads, queries, rules
from hueandcry.apps.peers.models import Agreement, Delivery, Document, Peer, Receipt
from hueandcry.core import jws
from hueandcry.core.errors import Conflict, HueError, NotFound, NotPermitted, Untrusted
from hueandcry.core.ids import uuid7
from hueandcry.core.times import time_text
from hueandcry.core.types import Fingerprint, Micros
from hueandcry.engine.keys import ed25519
from hueandcry.engine.keys.own import own
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.ledger import restored

log = logging.getLogger("hueandcry.peers")


@dataclass(frozen=True, slots=True)
class Accepted:
    """A document that was believed; `row` is None when the very same bytes came before."""

    document: jws.Document
    row: Document | None


def stamp(at: Micros) -> Micros:
    """`at` as peers with better clocks see it: what `iat` and `modified` are taken from.

    Only ever earlier: being behind harms nobody, while a time from the future is refused.
    """
    return at + min(0, *queries.offsets(), 0)


def issue(
    doc_type: str,
    body: Mapping[str, Any],
    at: Micros,
    *,
    aud: Fingerprint = jws.EVERYBODY,
    agreement: str | None = None,
    re: Sequence[str] = (),
    doc_id: str | None = None,
) -> bytes:
    """A new document under our `act` key; nothing is stored."""
    us = members.us().fingerprint
    keyring = own()
    key_id = members.signing_key("act")
    payload = {
        "id": doc_id or str(uuid7(at, secrets.token_bytes(10))),
        "iss": us,
        "aud": aud,
        "iat": time_text(stamp(at)),
        "v": 1,
        "agreement": agreement,
        "re": list(re),
        "body": dict(body),
    }
    return jws.sign_document(
        doc_type, payload, f"{us}/{key_id}", lambda message: keyring.sign("act", message, key_id)
    )


def send(raw: bytes, to: Sequence[int], at: Micros) -> Document:
    """Logs a document of ours and puts it on its way to the peers `to`, in the order sent."""
    row = keep_document(raw, at)
    for peer_id in to:
        Delivery.objects.get_or_create(peer_id=peer_id, document=row, defaults={"due_at": at})
    return row


def raw_documents(digests: Collection[bytes]) -> list[bytes]:
    """The bytes of those of these documents that are kept, in the order in which they were."""
    return queries.raw_documents(digests)


def unsent(peer_id: int, documents: Sequence[int]) -> list[int]:
    """Those of these documents, by row, that never were on their way to a peer."""
    gone = queries.sent(peer_id, documents)
    return [number for number in documents if number not in gone]


def hand_on(peer_id: int, cards: Sequence[bytes], documents: Sequence[int], at: Micros) -> None:
    """Puts others' documents, by row, on their way to a peer, behind the cards that prove them."""
    for card in cards:
        if not id_reused(card):
            send(card, [peer_id], at)
    queries.add_deliveries(peer_id, documents, at)


def post_to_all(raw: bytes, at: Micros) -> None:
    """Sends a card or a revocation of ours to every peer."""
    send(raw, queries.peer_ids(), at)


def id_reused(raw: bytes) -> bool:
    """Whether other bytes of the same issuer are held under this document's id."""
    stated = jws.open_document(raw).stated
    known = queries.document_by_id(stated.iss, stated.id.bytes)
    return known is not None and bytes(known.document) != raw


def keep_document(raw: bytes, at: Micros) -> Document:
    """Stores and logs a document once, whosesoever it is; its row."""
    digest = rules.digest_of(raw)
    known = ledger.known(lambda: queries.document(digest))
    if known is not None:
        return known
    stated = jws.open_document(raw).stated
    row = Document(
        issuer=bytes.fromhex(stated.iss),
        doc_id=stated.id.bytes,
        digest=digest,
        type=stated.type,
        document=raw,
        at=at,
    )
    ledger.append("document", row, digest=digest.hex(), document=stated.type)
    return row


def erase_documents(digests: Collection[bytes], *, take_back: Micros | None = None) -> int:
    """Erases the bytes of documents that must not be kept any longer, in the caller's transaction.

    That there was one of this digest stays known. What still waits for a peer stays whole, unless
    it is taken back, at the instant that is given: how many of these are left.
    """
    if take_back is not None:
        queries.take_back(digests, take_back)
    whole = Document.objects.filter(digest__in=digests).exclude(document=b"")
    rows = whole.exclude(delivery__state=Delivery.State.WAITING)
    keys = list(rows.values_list("pk", flat=True))
    ledger.erase_openings(Document, keys)
    Document.objects.filter(pk__in=keys).update(document=b"")
    return whole.count()


def document(digest: bytes) -> bytes:
    """A document that we hold, whosesoever it is; raises NotFound where it was erased."""
    row = queries.document(digest)
    if row is None or not row.document:
        raise NotFound("document", f"No document {digest.hex()} is held")
    return bytes(row.document)


def believe(raw: bytes, at: Micros, *, lasting: bool = False) -> jws.Document:
    """The document when it is signed by a known `act` key and is for us; or raises.

    The key must be valid now, unless the document is `lasting`: then whoever reads it weighs when
    it was signed, since it is handed on for as long as it has effect.
    """
    unverified = jws.open_document(raw)
    key = members.acting_key(unverified.kid)
    document = jws.verify_document(unverified, key=key.public, verify=ed25519.verify)
    if not lasting and not members.stands(
        valid_from=key.valid_from,
        valid_to=key.valid_to,
        compromised_since=key.compromised_since,
        at=at,
    ):
        raise Untrusted(
            "key_not_valid",
            f"The key {unverified.kid} is not valid now",
            why="It has ended or was revoked",
            do="Ask the member for its new card",
        )
    rules.check_document(document, members.us().fingerprint, at)
    return document


def believe_signed(raw: bytes) -> jws.Document:
    """A document under an `act` key that we know, whomever it is for and whenever it was issued.

    For what a peer hands back to a node that lost it, our own documents among that.
    """
    unverified = jws.open_document(raw)
    key = members.acting_key(unverified.kid)
    document = jws.verify_document(unverified, key=key.public, verify=ed25519.verify)
    if key.compromised_since is not None and document.iat >= key.compromised_since:
        raise Untrusted("key_not_valid", f"The key {unverified.kid} was revoked")
    return document


def accept(raw: bytes, at: Micros) -> Accepted:
    """Believes and logs a document; (issuer, id) is unique: other bytes are refused."""
    document = believe(raw, at, lasting=jws.open_document(raw).type in rules.DIRECTORY)
    known = queries.document_by_id(document.iss, document.id.bytes)
    if known is None:
        return Accepted(document, keep_document(raw, at))
    if known.document != raw:
        raise Conflict("id_reused", "Another document of this member has the same id")
    return Accepted(document, None)


def receipt(
    peer: Peer,
    about: bytes,
    re: Sequence[str],
    body: Mapping[str, Any],
    at: Micros,
    *,
    kind: str = "receipt",
) -> bytes:
    """Our signed, logged answer about what `peer` delivered; asked again, the same bytes."""
    known = queries.receipt(peer.pk, about, ours=True, kind=kind)
    if known is not None:
        return bytes(known.document)
    row = in_force(peer)
    raw = issue(
        "receipt",
        {"kind": kind, "checkpoints": _checkpoints(peer), **body},
        at,
        aud=peer.member.fingerprint.hex(),
        agreement=row.digest.hex() if row else None,
        re=re,
    )
    if keep_receipt(peer, about, raw, at, ours=True, kind=kind):
        return raw
    return receipt(peer, about, re, body, at, kind=kind)  # another process was quicker


def keep_receipt(
    peer: Peer, about: bytes, raw: bytes, at: Micros, *, ours: bool, kind: str
) -> bool:
    """Stores and logs a receipt once; False when one of this kind about the same thing is held."""
    if ledger.known(lambda: queries.receipt(peer.pk, about, ours=ours, kind=kind)) is not None:
        return False
    row = Receipt(peer=peer, about=about, ours=ours, kind=kind, document=raw, at=at)
    ledger.append("receipt", row, digest=rules.digest_of(raw).hex(), about=about.hex(), kind=kind)
    return True


def _checkpoints(peer: Peer) -> dict[str, str | None]:
    ours = ledger.checkpoint()
    return {
        "ours": ours.decode() if ours else None,
        "theirs": peer.checkpoint.decode() if peer.checkpoint else None,
    }


def note_checkpoint(peer: Peer, body: Mapping[str, Any], dated: Micros) -> None:
    """Keeps the largest head of theirs that a receipt of `dated` shows, if their key signed it.

    A forged one is only logged: the receipt says what became of our claims all the same.
    """
    shown = body.get("checkpoints")
    note = shown.get("ours") if isinstance(shown, dict) else None
    if not isinstance(note, str) or note.encode() == peer.checkpoint:
        return
    try:
        heads.keep(peer, note.encode(), dated)
    except HueError as error:
        log.warning("a checkpoint of %s was not kept: %s", peer.member.name, error)


def in_force(peer: Peer) -> Agreement | None:
    """The agreement that both sides have signed, whatever its dates say."""
    return queries.in_force(peer.pk)


def take_nonce(keyid: str, nonce: bytes, forget_after: Micros, created: Micros = 0) -> None:
    """Remembers a nonce of a verified call; raises Untrusted when this key used it before.

    A call that was `created` before this node was restored may have been taken by what it was
    before, whose nonces are lost: it is a replay as well.
    """
    if (0 < created < restored.restored_at()) or not queries.add_nonce(keyid, nonce, forget_after):
        raise Untrusted("replay", "This call was made before", do="Sign every call afresh")


def must_be_peer(fingerprint: Fingerprint) -> Peer:
    """The peer of this fingerprint; raises NotPermitted for anybody else."""
    peer = queries.peer_of(fingerprint)
    if peer is None:
        raise NotPermitted(
            "not_a_peer",
            "This node does not know you as a peer",
            do="Ask its people to run `hueandcry peer add` with your address and fingerprint",
        )
    return peer
