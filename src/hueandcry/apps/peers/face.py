"""The post office: who our peers are, on what terms, and what passes between us."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from hueandcry.apps.peers import (
    agreements,
    client,
    delivery,
    queries,
    reaching,
    resuming,
    seats,
    service,
)
from hueandcry.apps.peers.agreements import trusted_member_ids
from hueandcry.apps.peers.carriages import Owed
from hueandcry.apps.peers.client import Answer, ClockCorrected, PeerRefused, fetch_card
from hueandcry.apps.peers.cosigning import (
    WitnessView,
    cosigned_covering,
    head_to_stamp,
    log_signer,
    newest_cosigned,
    quorum,
    witnesses,
)
from hueandcry.apps.peers.cosigning import hear as hear_cosignatures
from hueandcry.apps.peers.cosigning import listed_keys as listed_witnesses
from hueandcry.apps.peers.delivery import AGAIN, PASSING, for_good
from hueandcry.apps.peers.forks import DoubtView, ForkView, all_forks, doubts, open_forks
from hueandcry.apps.peers.forks import clear as clear_fork
from hueandcry.apps.peers.forks import take as take_fork
from hueandcry.apps.peers.overview import (
    AgreementView,
    DocumentView,
    HeldHead,
    PeerSummary,
    ReceiptView,
    documents,
    held_of_us,
    overview,
    receipt_of,
    receipts,
    receipts_about,
    refusals,
    summary,
)
from hueandcry.apps.peers.overview import agreements as agreements_with
from hueandcry.apps.peers.reaching import Knock, knock
from hueandcry.apps.peers.resuming import Standing, standing
from hueandcry.apps.peers.rules import AHEAD, HANDED_ON, OFFSET_CAP
from hueandcry.apps.peers.seats import announce as announce_seat
from hueandcry.apps.peers.service import (
    Accepted,
    accept,
    believe,
    believe_signed,
    document,
    erase_documents,
    hand_on,
    issue,
    post_to_all,
    raw_documents,
    send,
    stamp,
    take_nonce,
    unsent,
)
from hueandcry.apps.peers.successions import succeed
from hueandcry.apps.peers.successions import take as take_succession
from hueandcry.apps.peers.views import PeerView, view
from hueandcry.apps.peers.ways import (
    awaiting,
    called,
    deliver_to,
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
    seen,
    waiting_documents,
    welcome,
)
from hueandcry.apps.peers.witnessing import DOUBTFUL, add_checkpoint, suspect
from hueandcry.core.errors import HueError, Malformed
from hueandcry.core.sharing import Terms, read_terms
from hueandcry.core.types import Fingerprint, Micros

__all__ = [
    "AGAIN",
    "AHEAD",
    "DOUBTFUL",
    "HANDED_ON",
    "OFFSET_CAP",
    "PASSING",
    "Accepted",
    "AgreementView",
    "Answer",
    "ClockCorrected",
    "DocumentView",
    "DoubtView",
    "ForkView",
    "HeldHead",
    "Knock",
    "Owed",
    "PeerRefused",
    "PeerSummary",
    "PeerView",
    "ReceiptView",
    "Standing",
    "WitnessView",
    "accept",
    "add",
    "add_checkpoint",
    "agreement_documents",
    "agreements_with",
    "all_forks",
    "announce_seat",
    "ask_back",
    "attempt",
    "awaiting",
    "believe",
    "believe_signed",
    "call",
    "call_back",
    "called",
    "clear_fork",
    "cosigned_covering",
    "deliver_to",
    "document",
    "document_receipt",
    "documents",
    "documents_for",
    "doubts",
    "effective_receipt",
    "envelope_receipt",
    "erase_documents",
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
    "hand_on",
    "head_to_stamp",
    "hear_cosignatures",
    "held_of_us",
    "issue",
    "keep_receipt",
    "knock",
    "last_files",
    "listed_witnesses",
    "log_signer",
    "may_send",
    "must_be",
    "named",
    "newest_cosigned",
    "note_clock",
    "open_forks",
    "overview",
    "owed",
    "peer",
    "peer_ids",
    "peers",
    "post_to_all",
    "quorum",
    "raw_documents",
    "receipt_of",
    "receipts",
    "receipts_about",
    "recover_agreement",
    "refusals",
    "replied",
    "seen",
    "seen_of",
    "send",
    "stamp",
    "standing",
    "stored_receipt",
    "succeed",
    "summary",
    "suspect",
    "suspend",
    "take_agreement",
    "take_fork",
    "take_nonce",
    "take_seat",
    "take_succession",
    "terms",
    "terms_by_digest",
    "trusted_member_ids",
    "unsent",
    "waiting_documents",
    "welcome",
    "witnesses",
]


def peers() -> list[PeerView]:
    """Every peer, in the order added."""
    return [view(row) for row in queries.peers()]


def peer_ids() -> list[int]:
    """The number of every peer, in the order added."""
    return queries.peer_ids()


def peer(peer_id: int) -> PeerView:
    """One peer by number."""
    return view(queries.peer(peer_id))


def find(fingerprint: Fingerprint) -> PeerView | None:
    """The peer of this fingerprint, or None."""
    row = queries.peer_of(fingerprint)
    return None if row is None else view(row)


def named(name: str) -> PeerView:
    """The one peer of this name or fingerprint; raises Malformed for none and for several."""
    found = [each for each in peers() if name in (each.name, each.fingerprint)]
    if len(found) != 1:
        raise Malformed("peer", f"{name!r} names {len(found)} peers", do="Use the fingerprint")
    return found[0]


def must_be(fingerprint: Fingerprint) -> PeerView:
    """The peer of this fingerprint; raises NotPermitted for anybody else."""
    return view(service.must_be_peer(fingerprint))


def terms(peer_id: int) -> Terms | None:
    """The terms in force with a peer; None without any, or while the partnership bars it."""
    row = queries.carrying(peer_id)
    return read_terms(row.terms) if row else None


def terms_by_digest(peer_id: int, digest: str) -> Terms | None:
    """Terms that were once signed with a peer, by digest; None when unknown."""
    row = queries.agreement(peer_id, bytes.fromhex(digest))
    return read_terms(row.terms) if row else None


def may_send(peer_id: int) -> bool:
    """Whether the other side holds our signature: before that it would refuse everything."""
    return queries.carrying(peer_id) is not None and not queries.waiting(peer_id, "agreement")


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
    return view(agreements.add(card, url, spec, at, expected=expected, by_file=by_file))


def suspend(peer_id: int, at: Micros) -> None:
    """Suspends the agreement with a peer at once, by our signature alone."""
    agreements.narrow(queries.peer(peer_id), at)


def seen_of(caller: PeerView) -> dict[str, Any]:
    """What we saw of a caller's log: its newest head, and the last position in a receipt."""
    return resuming.seen_of(queries.peer(caller.id))


def agreement_documents(caller: PeerView) -> list[str]:
    """Both signatures under the terms in force with a caller, for one that lost them."""
    return agreements.documents(queries.peer(caller.id))


def recover_agreement(sender: PeerView, documents: Sequence[str], at: Micros) -> bool:
    """Takes up again terms that both sides had signed and we lost; whether they are news."""
    return agreements.recover(queries.peer(sender.id), documents, at)


def take_agreement(accepted: Accepted, sender: PeerView, at: Micros) -> dict[str, object]:
    """Takes in a peer's signature under terms; gives the outcome for the receipt."""
    return agreements.take(accepted.document, queries.peer(sender.id), at)


def take_seat(accepted: Accepted, sender: PeerView, at: Micros) -> dict[str, Any]:
    """Takes in what a home says about a guest's seat; gives the receipt's facts."""
    return seats.take(accepted, at)


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
    service.note_checkpoint(row, document.body, document.iat)
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
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """One signed call, but for `headers`; as `client.call`, which says what it raises."""
    row = queries.peer(to.id)
    return client.call(
        row, method, path, body=body, content_type=content_type, timeout=timeout, more=headers
    )


def greet(to: PeerView) -> None:
    """Lets a peer know that we are here, so that it delivers what waits; quiet when it is away."""
    with suppress(HueError):
        call(to, "GET", reaching.HELLO)


def ask_back(to: PeerView) -> dict[str, Any]:
    """Whether a peer can call us, as it says: `{reached, code?, what?, ms?}`."""
    return reaching.ask_back(queries.peer(to.id))


def call_back(to: PeerView) -> dict[str, Any]:
    """Calls a peer at its own address, because it asked; raises TooMany when it asks too often."""
    return reaching.call_back(queries.peer(to.id))


def attempt(to: PeerView, step: Callable[[], bool]) -> bool:
    """Runs one step against a peer; failures put the next try off, success clears them."""
    return delivery.attempt(queries.peer(to.id), step)
