"""Every query of deconfliction."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import F, Q, Sum

from hueandcry.apps.deconfliction.models import Act, Offer, Session
from hueandcry.core.errors import NotFound
from hueandcry.core.matching import Role, State
from hueandcry.core.types import Fingerprint, Micros

#: The answering side says the odd words, the asking side the even ones after the first.
_OURS = Q(role=Role.ANSWERING, word__in=(0, 2, 4)) | Q(role=Role.ASKING, word__in=(1, 3))
#: Our answer to the other side's set has gone out: with the second word, or with the third.
_ANSWERED = Q(role=Role.ASKING, word__gte=2) | Q(role=Role.ANSWERING, word__gte=3)


def session(request: UUID) -> Session:
    """The session that stands on a request; raises NotFound."""
    row = Session.objects.filter(request=request.bytes).first()
    if row is None:
        raise NotFound("session", f"There is no session of a request {request}")
    return row


def with_peer(request: UUID, peer: Fingerprint) -> Session:
    """The same, if it is between a member and us; NotFound for any other."""
    row = Session.objects.filter(request=request.bytes, peer=bytes.fromhex(peer)).first()
    if row is None:
        raise NotFound("session", "That is about no session between the two of us")
    return row


def without_session(requests: Collection[UUID]) -> list[UUID]:
    """Those of these requests that have no session yet, in their order."""
    held = Session.objects.filter(request__in=[each.bytes for each in requests])
    known = {bytes(each) for each in held.values_list("request", flat=True)}
    return [each for each in requests if each.bytes not in known]


def sessions(before: int | None, limit: int) -> list[Session]:
    """Sessions, the newest first, from below the row number `before`."""
    rows = Session.objects.order_by("-id")
    return list((rows if before is None else rows.filter(pk__lt=before))[:limit])


def open_sessions() -> list[Session]:
    """Sessions that are going on or have yet to begin, the oldest first."""
    return list(Session.objects.filter(cleared_at=None, state=State.OPEN).order_by("id"))


def our_turns() -> list[Session]:
    """Sessions in which the next word is ours, the oldest first."""
    return list(Session.objects.filter(_OURS, cleared_at=None, state=State.OPEN).order_by("id"))


def moved(row: Session, **changed: object) -> bool:
    """Changes a session that is still as `row` shows it; whether it was."""
    same = Session.objects.filter(pk=row.pk, word=row.word, state=State.OPEN)
    return same.update(**changed) == 1


def uncleared() -> list[Session]:
    """Sessions that have ended and whose messages are still here."""
    rows = Session.objects.filter(cleared_at=None).exclude(state=State.OPEN)
    return list(rows.order_by("id"))


def tried(peer: bytes, since: Micros) -> tuple[int, int]:
    """(ours, theirs): elements that either side tried with a peer since then."""
    rows = Session.objects.filter(peer=peer, made_at__gt=since)
    sums = rows.aggregate(ours=Sum("size"), theirs=Sum("their_size"))
    return sums["ours"] or 0, sums["theirs"] or 0


def answered(peer: bytes, since: Micros) -> tuple[int, int]:
    """(elements that a peer tried, hits of which both said as many) in the sessions since then.

    Tried is what we have answered, however it ended: whoever breaks off then has learned as much.
    """
    rows = Session.objects.filter(_ANSWERED, peer=peer, made_at__gt=since)
    sums = rows.aggregate(tried=Sum("their_size"), hits=Sum("hits", filter=Q(hits=F("their_hits"))))
    return sums["tried"] or 0, sums["hits"] or 0


def alarmed(since: Micros) -> list[Session]:
    """Sessions that ended since then and that people should look at."""
    return list(Session.objects.filter(ended_at__gt=since).exclude(alarm="").order_by("id"))


def messages(row: Session) -> set[bytes]:
    """Digests of the documents of a session, of both sides."""
    told = Act.objects.filter(session=row, document__isnull=False)
    return {bytes(each) for each in told.values_list("document", flat=True) if each is not None}


def message(row: Session, word: int) -> bytes | None:
    """The digest of one word of a session; None where it was not said."""
    act = Act.objects.filter(session=row, word=word, document__isnull=False).first()
    return None if act is None else act.document


def acts(row: Session) -> list[Act]:
    """Every act of a session, in order."""
    return list(Act.objects.filter(session=row).order_by("id"))


# --- offers ---------------------------------------------------------------------------------------


def offer(number: int) -> Offer:
    """One offer; raises NotFound."""
    row = Offer.objects.filter(pk=number).first()
    if row is None:
        raise NotFound("offer", f"There is no offer number {number}")
    return row


def standing_offers(at: Micros) -> list[Offer]:
    """What is put up for matching at that instant, the oldest first."""
    return list(Offer.objects.filter(withdrawn_at=None, until__gt=at).order_by("id"))


def any_over(at: Micros) -> bool:
    """Whether the time of an offer is over whose items are still held."""
    return Offer.objects.filter(until__lte=at).exclude(sealed="").exists()


def empty_over(at: Micros) -> None:
    """Erases the items of every offer whose time is over."""
    Offer.objects.filter(until__lte=at).exclude(sealed="").update(sealed="")


def offers() -> list[Offer]:
    """Every offer whose items are still held, and those that were over lately, the newest first."""
    return list(Offer.objects.order_by("-id")[:200])
