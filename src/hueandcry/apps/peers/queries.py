"""Every query of the post office."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from django.db import connection
from django.db.models import Count, F, OuterRef, Subquery

from hueandcry.apps.peers.models import (
    Agreement,
    Delivery,
    Document,
    Doubt,
    Expected,
    Nonce,
    Peer,
    Receipt,
)
from hueandcry.core.types import Micros


def peer_of(fingerprint: str) -> Peer | None:
    rows = Peer.objects.select_related("member")
    return rows.filter(member__fingerprint=bytes.fromhex(fingerprint)).first()


def peer(peer_id: int) -> Peer:
    return Peer.objects.select_related("member").get(pk=peer_id)


def peers() -> list[Peer]:
    return list(Peer.objects.select_related("member").order_by("id"))


def peer_ids() -> list[int]:
    return list(Peer.objects.order_by("id").values_list("id", flat=True))


def in_force(peer_id: int) -> Agreement | None:
    return Agreement.objects.filter(peer_id=peer_id, state=Agreement.State.IN_FORCE).first()


def carrying(peer_id: int) -> Agreement | None:
    """The agreement in force with a peer that nothing bars (the partnership's directory does)."""
    rows = Agreement.objects.filter(peer_id=peer_id, state=Agreement.State.IN_FORCE)
    return rows.filter(peer__member__barred=False).first()


def all_carrying() -> list[Agreement]:
    rows = Agreement.objects.filter(state=Agreement.State.IN_FORCE, peer__member__barred=False)
    return list(rows.select_related("peer__member"))


def agreement(peer_id: int, digest: bytes) -> Agreement | None:
    return Agreement.objects.filter(peer_id=peer_id, digest=digest).first()


def standing(peer_id: int) -> tuple[Agreement | None, Agreement | None]:
    """(the agreement in force, the newest one) with a peer, in one query."""
    rows = Agreement.objects.filter(peer_id=peer_id).order_by("-changed_at", "-id")
    found = list(rows)
    current = (row for row in found if row.state == Agreement.State.IN_FORCE)
    return next(current, None), found[0] if found else None


def newest_agreement(peer_id: int) -> Agreement | None:
    return Agreement.objects.filter(peer_id=peer_id).order_by("-changed_at", "-id").first()


def put_in_force(row: Agreement, at: Micros) -> None:
    """Makes `row` the one in force: one conditional UPDATE each way."""
    current = Agreement.objects.filter(peer_id=row.peer_id, state=Agreement.State.IN_FORCE)
    current.exclude(pk=row.pk).update(state=Agreement.State.SUPERSEDED, changed_at=at)
    rows = Agreement.objects.filter(pk=row.pk).exclude(state=Agreement.State.IN_FORCE)
    rows.update(state=Agreement.State.IN_FORCE, changed_at=at)


def document_by_id(issuer: str, doc_id: bytes) -> Document | None:
    return Document.objects.filter(issuer=bytes.fromhex(issuer), doc_id=doc_id).first()


def documents_of(issuer: str, doc_type: str) -> list[Document]:
    """Every document of one type by one issuer, in the order they came."""
    rows = Document.objects.filter(issuer=bytes.fromhex(issuer), type=doc_type)
    return list(rows.order_by("id"))


def receipts_from(peer_id: int, limit: int) -> list[Receipt]:
    """The newest receipts that a peer gave us."""
    rows = Receipt.objects.filter(peer_id=peer_id, ours=False, kind="receipt")
    return list(rows.order_by("-id")[:limit])


def document(digest: bytes) -> Document | None:
    return Document.objects.filter(digest=digest).first()


def raw_documents(digests: Collection[bytes]) -> list[bytes]:
    """The bytes of those of these documents that are kept, in the order in which they were."""
    rows = Document.objects.filter(digest__in=list(digests)).order_by("id")
    return [bytes(row.document) for row in rows]


def receipt(peer_id: int, about: bytes, *, ours: bool, kind: str) -> Receipt | None:
    return Receipt.objects.filter(peer_id=peer_id, about=about, ours=ours, kind=kind).first()


def due(peer_id: int) -> Delivery | None:
    """The oldest waiting delivery for a peer: documents arrive in the order they were sent."""
    rows = Delivery.objects.filter(peer_id=peer_id, state=Delivery.State.WAITING)
    return rows.select_related("document").order_by("id").first()


def all_due(peer_id: int, limit: int) -> list[Delivery]:
    """The oldest waiting deliveries for a peer, in the order they were sent."""
    rows = Delivery.objects.filter(peer_id=peer_id, state=Delivery.State.WAITING)
    return list(rows.select_related("document").order_by("id")[:limit])


def delivery_of(peer_id: int, digest: bytes) -> Delivery | None:
    """The waiting delivery of one document to a peer."""
    rows = Delivery.objects.filter(peer_id=peer_id, document__digest=digest)
    return rows.filter(state=Delivery.State.WAITING).select_related("document").first()


def peers_with_waiting(at: Micros) -> list[int]:
    """Peers that we can call and may try again, with documents waiting for them."""
    rows = Delivery.objects.filter(state=Delivery.State.WAITING, peer__retry_at__lte=at)
    rows = rows.filter(peer__way=Peer.Way.CALL)
    return list(rows.values_list("peer_id", flat=True).distinct())


def peers_awaiting() -> frozenset[int]:
    """Every peer with documents waiting, whatever way they go."""
    rows = Delivery.objects.filter(state=Delivery.State.WAITING)
    return frozenset(rows.values_list("peer_id", flat=True))


def called() -> list[int]:
    """The peers that we call."""
    return list(Peer.objects.filter(way=Peer.Way.CALL).order_by("id").values_list("id", flat=True))


def doubted(at: Micros) -> list[int]:
    """The peers of whose log something is doubted that can be looked at now."""
    rows = Doubt.objects.filter(due_at__lte=at)
    return list(rows.values_list("peer_id", flat=True).distinct())


def expected(fingerprint: str) -> Expected | None:
    return Expected.objects.filter(fingerprint=bytes.fromhex(fingerprint)).first()


def all_expected() -> list[Expected]:
    return list(Expected.objects.order_by("id"))


def sent(peer_id: int, documents: Iterable[int]) -> set[int]:
    """Those of the documents that are, or were, on their way to a peer."""
    rows = Delivery.objects.filter(peer_id=peer_id, document_id__in=list(documents))
    return set(rows.values_list("document_id", flat=True))


def add_deliveries(peer_id: int, documents: Iterable[int], at: Micros) -> None:
    rows = [Delivery(peer_id=peer_id, document_id=number, due_at=at) for number in documents]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def waiting(peer_id: int, doc_type: str) -> bool:
    rows = Delivery.objects.filter(peer_id=peer_id, state=Delivery.State.WAITING)
    return rows.filter(document__type=doc_type).exists()


def waiting_counts() -> dict[int, int]:
    """Peer → how many documents wait for it; peers without any are left out."""
    rows = Delivery.objects.filter(state=Delivery.State.WAITING).values_list("peer_id")
    return dict(rows.annotate(count=Count("id")))


def take_back(digests: Collection[bytes], at: Micros) -> None:
    """Ends the way of documents that nobody is to have any more."""
    rows = Delivery.objects.filter(document__digest__in=digests, state=Delivery.State.WAITING)
    rows.update(state=Delivery.State.REFUSED, done_at=at, outcome="taken_back: It came too late")


def settle(delivery: Delivery, state: Delivery.State, at: Micros, outcome: str) -> int:
    """Ends a waiting delivery once; gives rows changed."""
    rows = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.WAITING)
    return rows.update(state=state, done_at=at, outcome=outcome, attempts=F("attempts") + 1)


def failed(peer_id: int, error: str) -> int:
    """Counts one more failure to reach a peer; gives the number in a row."""
    rows = Peer.objects.filter(pk=peer_id)
    rows.update(failures=F("failures") + 1, last_error=error[:300])
    return int(rows.values_list("failures", flat=True)[0])


def retry(peer_id: int, at: Micros) -> None:
    Peer.objects.filter(pk=peer_id).update(retry_at=at)


def reached(peer_id: int, at: Micros) -> None:
    Peer.objects.filter(pk=peer_id).update(failures=0, retry_at=0, last_error="", last_seen=at)


def add_nonce(keyid: str, nonce: bytes, forget_after: Micros) -> bool:
    """Keeps a nonce once; False for one that is there, also when two callers race."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO peers_nonce (keyid, nonce, forget_after) VALUES (%s, %s, %s) "
            "ON CONFLICT DO NOTHING",
            [keyid, nonce, forget_after],
        )
        return bool(cursor.rowcount == 1)


def stale_nonces(at: Micros) -> bool:
    return Nonce.objects.filter(forget_after__lt=at).exists()


def forget_nonces(at: Micros) -> int:
    return Nonce.objects.filter(forget_after__lt=at).delete()[0]


def offsets() -> Iterable[int]:
    return Peer.objects.exclude(clock_offset=0).values_list("clock_offset", flat=True)


# --- for people to leaf through --------------------------------------------------------------


def peer_or_none(peer_id: int) -> Peer | None:
    return Peer.objects.select_related("member").filter(pk=peer_id).first()


def waiting_of(ids: Sequence[int]) -> dict[int, int]:
    """Peer → documents that wait for it."""
    rows = Delivery.objects.filter(peer_id__in=ids, state=Delivery.State.WAITING)
    return dict(rows.values_list("peer_id").annotate(Count("id")))


def standings(ids: Sequence[int]) -> dict[int, tuple[Agreement | None, Agreement]]:
    """Peer → (the agreement in force, the newest one), as `standing` for one."""
    found: dict[int, tuple[Agreement | None, Agreement]] = {}
    for row in Agreement.objects.filter(peer_id__in=ids).order_by("-changed_at", "-id"):
        current, newest = found.get(row.peer_id, (None, row))
        if current is None and row.state == Agreement.State.IN_FORCE:
            current = row
        found[row.peer_id] = current, newest
    return found


def agreements(peer_id: int) -> list[Agreement]:
    return list(Agreement.objects.filter(peer_id=peer_id).order_by("-changed_at", "-id"))


def deliveries(peer_id: int, before: int | None, limit: int, state: str) -> list[Delivery]:
    """Documents to a peer, newest first, without their bytes."""
    rows = Delivery.objects.filter(peer_id=peer_id).select_related("document").order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    if state:
        rows = rows.filter(state=state)
    slim = ("document__document", "document__log_record", "document__log_salt")
    return list(rows.defer(*slim)[:limit])


def receipts(peer_id: int, before: int | None, limit: int) -> list[Receipt]:
    rows = Receipt.objects.filter(peer_id=peer_id).order_by("-id")
    return list((rows if before is None else rows.filter(pk__lt=before))[:limit])


def newest_receipts(ids: Sequence[int]) -> dict[int, Receipt]:
    """Peer → the newest receipt that it gave us."""
    theirs = Receipt.objects.filter(peer_id=OuterRef("pk"), ours=False).order_by("-id")
    newest = Peer.objects.filter(pk__in=ids).annotate(newest=Subquery(theirs.values("pk")[:1]))
    wanted = [number for number in newest.values_list("newest", flat=True) if number]
    return {row.peer_id: row for row in Receipt.objects.filter(pk__in=wanted)}
