"""Peers as people see them: on what terms, what waits, what was receipted, what they hold of us."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hueandcry.apps.peers import queries
from hueandcry.apps.peers.models import Agreement, Delivery, Peer, Receipt
from hueandcry.core import jws, notes
from hueandcry.core.errors import HueError, NotFound
from hueandcry.core.sharing import Terms, read_terms
from hueandcry.core.types import Fingerprint, Micros


@dataclass(frozen=True, slots=True)
class PeerSummary:
    """One peer with all that a list shows; times are of our clock."""

    id: int
    member_id: int
    fingerprint: Fingerprint
    name: str
    country: str
    roles: tuple[str, ...]
    url: str
    added_at: Micros
    state: str  #: waiting, in_force, refused, suspended, barred, not_yet or ended
    terms: Terms | None  #: those in force
    waiting: int  #: documents on their way
    clock_offset: Micros
    failures: int
    retry_at: Micros
    last_seen: Micros | None  #: its last call, or its newest receipt
    last_error: str


@dataclass(frozen=True, slots=True)
class AgreementView:
    """One set of terms and how far it has got; `difference` is why we refused it."""

    digest: str
    serial: int
    state: str
    terms: Terms
    signed_by_us: bool
    signed_by_them: bool
    difference: tuple[tuple[str, Mapping[str, str]], ...]
    changed_at: Micros


@dataclass(frozen=True, slots=True)
class DocumentView:
    """One document on its way to a peer."""

    number: int
    type: str
    digest: str
    state: str  #: waiting, delivered or refused
    attempts: int
    issued_at: Micros
    done_at: Micros | None
    outcome: str
    log_index: int | None


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """One signed answer, ours to a peer or theirs to us, with what it says in numbers."""

    number: int
    peer: int
    ours: bool
    kind: str  #: receipt or effective
    about: bytes
    at: Micros
    log_index: int | None
    outcome: str  #: of a document; empty where it answers for objects
    accepted: int
    merged: int
    refused: int
    refusals: Mapping[str, int]  #: class → how many
    document: bytes


@dataclass(frozen=True, slots=True)
class HeldHead:
    """The checkpoint of our own log that a peer's newest receipt says it holds."""

    peer: int
    name: str
    note: bytes | None  #: None: it holds none yet
    origin: str  #: of the log and epoch that it is of; empty where the note cannot be read
    size: int | None
    root: bytes | None
    at: Micros | None  #: when that receipt came; None when there was none
    receipt: int | None


def overview(at: Micros) -> list[PeerSummary]:
    """Every peer, in the order added: five statements, however many there are."""
    return _summaries(queries.peers(), at)


def summary(peer_id: int, at: Micros) -> PeerSummary:
    """One peer; raises NotFound."""
    row = queries.peer_or_none(peer_id)
    if row is None:
        raise NotFound("peer", f"There is no peer number {peer_id}")
    return _summaries([row], at)[0]


def _summaries(rows: Sequence[Peer], at: Micros) -> list[PeerSummary]:
    ids = [row.pk for row in rows]
    waiting, standing = queries.waiting_of(ids), queries.standings(ids)
    receipts = queries.newest_receipts(ids)
    return [
        _summary(row, standing.get(row.pk), waiting.get(row.pk, 0), receipts.get(row.pk), at)
        for row in rows
    ]


def _summary(
    row: Peer,
    standing: tuple[Agreement | None, Agreement] | None,
    waiting: int,
    receipt: Receipt | None,
    at: Micros,
) -> PeerSummary:
    current, newest = standing or (None, None)
    terms = read_terms(current.terms) if current else None
    refused = newest is not None and newest.state == Agreement.State.REFUSED
    return PeerSummary(
        id=row.pk,
        member_id=row.member_id,
        fingerprint=row.member.fingerprint.hex(),
        name=row.member.name,
        country=row.member.country,
        roles=tuple(row.member.roles),
        url=row.url,
        added_at=row.added_at,
        state="barred" if row.member.barred else _state(terms, refused, at),
        terms=terms,
        waiting=waiting,
        clock_offset=row.clock_offset,
        failures=row.failures,
        retry_at=row.retry_at,
        last_seen=max(filter(None, (row.last_seen, receipt and receipt.at)), default=None),
        last_error=row.last_error,
    )


def _state(terms: Terms | None, refused: bool, at: Micros) -> str:
    if terms is None:
        return "refused" if refused else "waiting"
    if not (terms.kinds and terms.purposes):
        return "suspended"
    if at < terms.valid_from:
        return "not_yet"
    return "in_force" if at < terms.valid_until else "ended"


def agreements(peer_id: int) -> list[AgreementView]:
    """Every set of terms with a peer, the newest change first."""
    return [
        AgreementView(
            row.digest.hex(),
            row.serial,
            row.state,
            read_terms(row.terms),
            row.ours is not None,
            row.theirs is not None,
            tuple((code, dict(params)) for code, params in row.difference),
            row.changed_at,
        )
        for row in queries.agreements(peer_id)
    ]


def documents(
    peer_id: int, *, before: int | None = None, limit: int = 50, state: str = ""
) -> list[DocumentView]:
    """Documents sent to a peer, newest first, beyond the delivery of number `before`."""
    return [_document(row) for row in queries.deliveries(peer_id, before, limit, state)]


def _document(row: Delivery) -> DocumentView:
    sent = row.document
    return DocumentView(
        row.pk,
        sent.type,
        sent.digest.hex(),
        row.state,
        row.attempts,
        sent.at,
        row.done_at,
        row.outcome,
        sent.log_index,
    )


def refusals(peer_id: int, digests: Collection[bytes]) -> dict[bytes, str]:
    """Of these documents of ours those that a peer refused for good, each with its words why."""
    rows = Delivery.objects.filter(peer_id=peer_id, document__digest__in=digests)
    found = rows.filter(state=Delivery.State.REFUSED).select_related("document")
    return {row.document.digest: row.outcome for row in found}


def receipts(peer_id: int, *, before: int | None = None, limit: int = 50) -> list[ReceiptView]:
    """Receipts between us and a peer, both ways, newest first, beyond number `before`."""
    return [_receipt(row) for row in queries.receipts(peer_id, before, limit)]


def receipt_of(number: int) -> ReceiptView:
    """One receipt; raises NotFound."""
    row = Receipt.objects.filter(pk=number).first()
    if row is None:
        raise NotFound("receipt", f"There is no receipt number {number}")
    return _receipt(row)


def receipts_about(peer_id: int, abouts: Sequence[bytes]) -> dict[tuple[bytes, str], ReceiptView]:
    """(about, kind) → what a peer answered about these deliveries, in one statement."""
    rows = Receipt.objects.filter(peer_id=peer_id, about__in=list(abouts), ours=False)
    return {(row.about, row.kind): _receipt(row) for row in rows}


def _receipt(row: Receipt) -> ReceiptView:
    body = jws.open_document(row.document).stated.body
    outcomes, refusals = _counted(body)
    return ReceiptView(
        row.pk,
        row.peer_id,
        row.ours,
        row.kind,
        row.about,
        row.at,
        row.log_index,
        str(body.get("outcome", "")),
        outcomes.get("accepted", 0),
        outcomes.get("merged", 0),
        outcomes.get("refused", 0),
        refusals,
        row.document,
    )


def _counted(body: Mapping[str, Any]) -> tuple[dict[str, int], dict[str, int]]:
    """Outcome → objects, and class of refusal → objects; what another node wrote is not trusted."""
    outcomes: dict[str, int] = {}
    refusals: dict[str, int] = {}
    objects = body.get("objects")
    for each in objects if isinstance(objects, list) else ():
        if not isinstance(each, list) or len(each) < 2:
            continue
        outcomes[str(each[1])] = outcomes.get(str(each[1]), 0) + 1
        if each[1] == "refused":
            code = str(each[2])[:40] if len(each) > 2 else "unsaid"
            refusals[code] = refusals.get(code, 0) + 1
    return outcomes, refusals


def held_of_us() -> list[HeldHead]:
    """What each peer says it holds of our log, by its newest receipt; two statements."""
    rows = queries.peers()
    newest = queries.newest_receipts([row.pk for row in rows])
    return [_held(row, newest.get(row.pk)) for row in rows]


def _held(peer: Peer, receipt: Receipt | None) -> HeldHead:
    if receipt is None:
        return HeldHead(peer.pk, peer.member.name, None, "", None, None, None, None)
    shown = jws.open_document(receipt.document).stated.body.get("checkpoints")
    note = shown.get("theirs") if isinstance(shown, dict) else None
    head = _read_head(note) if isinstance(note, str) else None
    return HeldHead(
        peer=peer.pk,
        name=peer.member.name,
        note=note.encode() if isinstance(note, str) else None,
        origin=head.origin if head else "",
        size=head.size if head else None,
        root=head.root if head else None,
        at=receipt.at,
        receipt=receipt.pk,
    )


def _read_head(text: str) -> notes.Checkpoint | None:
    """What a note states; whether it is ours is for the ledger to say."""
    try:
        return notes.Checkpoint.read(notes.parse_note(text.encode()).text)
    except HueError:
        return None
