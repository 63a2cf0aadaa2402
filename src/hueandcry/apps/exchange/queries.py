"""Every query of the exchange."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from django.db.models import Q, Sum

from hueandcry.apps.exchange.models import Batch, Entry, Handed, Pull, Reading, Retraction
from hueandcry.apps.exchange.rules import Position, read_position
from hueandcry.core.types import Lane, Micros
from hueandcry.engine.store import feed


def add_entry(
    label: int, *, batch: Batch | None = None, retraction: Retraction | None = None
) -> None:
    """Puts a batch or a retraction into the feed, in commit order."""
    seq = feed.advance(feed.FEED, 1)
    Entry.objects.create(seq=seq, label=label, batch=batch, retraction=retraction)


def entries(labels: Sequence[int], after: int, upto: int | None, limit: int) -> list[Entry]:
    """Entries of these labels after a position, in order; without the payloads."""
    if not labels:
        return []
    rows = Entry.objects.filter(label__in=labels, seq__gt=after)
    if upto is not None:
        rows = rows.filter(seq__lte=upto)
    return list(rows.order_by("seq")[:limit])


def received_from(peer_id: int) -> int:
    """How many objects the batches hold that a peer handed over."""
    rows = Batch.objects.filter(from_peer_id=peer_id)
    return int(rows.aggregate(held=Sum("held"))["held"] or 0)


def batches(ids: Sequence[int]) -> dict[int, Batch]:
    return {row.pk: row for row in Batch.objects.select_related("issuer").filter(pk__in=ids)}


def retractions(ids: Sequence[int]) -> dict[int, Retraction]:
    return {row.pk: row for row in Retraction.objects.select_related("issuer").filter(pk__in=ids)}


def batch_of_part(part: bytes) -> Batch | None:
    return Batch.objects.filter(part=part).first()


def batch(digest: bytes) -> Batch | None:
    """A batch of which we hold something, by the digest of its document."""
    return Batch.objects.filter(digest=digest).first()


def issued_batches(issuer: int, since: Micros, after: int, limit: int) -> list[Batch]:
    """Batches by one member that came since, of which we still hold lines, in order."""
    rows = Batch.objects.filter(issuer_id=issuer, at__gte=since, id__gt=after, held__gt=0)
    return list(rows.order_by("id")[:limit])


def issued_retractions(issuer: int, since: Micros, after: int, limit: int) -> list[Retraction]:
    """Retractions by one member that came since, in order."""
    rows = Retraction.objects.filter(issuer_id=issuer, at__gte=since, id__gt=after)
    return list(rows.order_by("id")[:limit])


def holding(issuers: Collection[int], labels: Sequence[int]) -> Iterator[Batch]:
    """Batches by these members under these labels that hold any line, in order."""
    rows = Batch.objects.filter(issuer_id__in=list(issuers), label__in=labels, held__gt=0)
    ids = list(rows.order_by("id").values_list("id", flat=True))
    return (Batch.objects.get(pk=id) for id in ids)


def rewrite(batch: int, payload: bytes, paths: bytes, held: int) -> None:
    """Leaves of a batch only the lines that are still held, with their places."""
    Batch.objects.filter(pk=batch).update(payload=payload, paths=paths, held=held)


def received_before(
    peer_id: int, cutoff: Micros, limit: int, but: Sequence[int] = ()
) -> list[Batch]:
    """Batches that a peer handed over before `cutoff`, and that still hold lines."""
    rows = Batch.objects.filter(from_peer_id=peer_id, at__lt=cutoff, held__gt=0)
    return list(rows.exclude(pk__in=but).order_by("id")[:limit])


def among(ids: Sequence[int], peer_id: int, cutoff: Micros) -> list[Batch]:
    """Of these batches those that a peer handed over before `cutoff`."""
    rows = Batch.objects.filter(pk__in=ids, from_peer_id=peer_id, at__lt=cutoff)
    return list(rows.order_by("id"))


def count_before(peer_id: int, cutoff: Micros) -> int:
    """How many objects those hold."""
    rows = Batch.objects.filter(from_peer_id=peer_id, at__lt=cutoff, held__gt=0)
    return int(rows.aggregate(sum=Sum("held"))["sum"] or 0)


def seq_before(at: Micros) -> int:
    """The last position of the feed before everything that stands in it since `at`."""
    since = Entry.objects.filter(Q(batch__at__gte=at) | Q(retraction__at__gte=at))
    first = since.order_by("seq").values_list("seq", flat=True).first()
    return feed.position(feed.FEED) if first is None else first - 1


def retraction_of_part(part: bytes) -> Retraction | None:
    return Retraction.objects.filter(part=part).first()


def batch_of_document(digest: bytes) -> Batch | None:
    """The batch of one document, without its objects; of several parts of it the first."""
    rows = Batch.objects.filter(digest=digest).defer("payload", "document", "paths")
    return rows.order_by("id").first()


def seq_of(batch: Batch | None, retraction: Retraction | None) -> int:
    """Where a batch or retraction stands in the feed; 0 where it does not."""
    rows = (
        Entry.objects.filter(batch=batch) if batch else Entry.objects.filter(retraction=retraction)
    )
    return rows.order_by("seq").values_list("seq", flat=True).first() or 0


def retraction(digest: bytes) -> Retraction | None:
    return Retraction.objects.filter(digest=digest).first()


def position(peer_id: int, lane: Lane) -> Position:
    """How far a peer has got; the beginning when it has read nothing."""
    row = Reading.objects.filter(peer_id=peer_id, lane=lane.value).first()
    return read_position(row.position) if row else Position()


def positions(peer_id: int) -> dict[Lane, Position]:
    """How far a peer has got in every lane."""
    rows = dict(Reading.objects.filter(peer_id=peer_id).values_list("lane", "position"))
    return {lane: read_position(rows[lane]) if lane in rows else Position() for lane in Lane}


def move(peer_id: int, lane: Lane, before: Position, after: Position) -> bool:
    """Moves a peer's position on, only from `before`: whoever comes second changes nothing."""
    if before == after:
        return True
    rows = Reading.objects.filter(peer_id=peer_id, lane=lane.value)
    if rows.filter(position=before.text()).update(position=after.text()):
        return True
    if before == Position() and not rows.exists():
        Reading.objects.create(peer_id=peer_id, lane=lane.value, position=after.text())
        return True
    return False


def pull(peer_id: int) -> str:
    row = Pull.objects.filter(peer_id=peer_id).first()
    return row.cursor if row else ""


def pulled(peer_id: int, cursor: str, at: Micros) -> None:
    Pull.objects.update_or_create(peer_id=peer_id, defaults={"cursor": cursor, "at": at})


def unsaid_batches(limit: int) -> list[Batch]:
    rows = Batch.objects.filter(from_peer__isnull=False, effective_at__isnull=True)
    return list(rows.order_by("id").defer("payload", "document", "paths")[:limit])


def unsaid_retractions(limit: int) -> list[Retraction]:
    rows = Retraction.objects.filter(from_peer__isnull=False, effective_at__isnull=True)
    return list(rows.order_by("id")[:limit])


def say(row: Batch | Retraction, at: Micros) -> bool:
    """Marks effective once; False when somebody else did."""
    rows = type(row).objects.filter(pk=row.pk, effective_at__isnull=True)
    return rows.update(effective_at=at) == 1


def became_effective(peer_id: int, about: bytes, at: Micros) -> Handed | None:
    """Notes once from when a part is effective; None when that was known.

    The second receipt may overtake the first: then the row is made here and filled in later.
    """
    row, made = Handed.objects.get_or_create(
        peer_id=peer_id,
        about=about,
        defaults={"seq": 0, "accepted": 0, "refused": 0, "received_at": at, "effective_at": at},
    )
    if made:
        return row
    changed = Handed.objects.filter(pk=row.pk, effective_at=None).update(effective_at=at)
    row.effective_at = at
    return row if changed else None


def drop_entries(*, retraction: Retraction) -> None:
    Entry.objects.filter(retraction=retraction).delete()


# --- for people to leaf through --------------------------------------------------------------


def handed_of(number: int, *, retraction: bool) -> dict[int, Handed]:
    """Peer → what was handed to it of a batch, or of a retraction; of several the newest."""
    rows = Handed.objects.filter(**{"retraction_id" if retraction else "batch_id": number})
    return {row.peer_id: row for row in rows.order_by("id")}


def handed_to(peer_id: int, before: int | None, limit: int) -> list[Handed]:
    """What was handed to a peer, newest first, without the bytes of it."""
    rows = Handed.objects.filter(peer_id=peer_id).order_by("-id")
    rows = rows.select_related("batch", "retraction")
    slim = [f"{thing}__{c}" for thing in ("batch", "retraction") for c in _HEAVY[thing]]
    return list((rows if before is None else rows.filter(pk__lt=before)).defer(*slim)[:limit])


_HEAVY = {
    "batch": ("document", "payload", "paths", "log_record", "log_salt"),
    "retraction": ("document", "log_record", "log_salt"),
}
