"""Every query of cooperation."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from hueandcry.apps.cooperation.models import (
    Alarm,
    Authority,
    Clock,
    Paper,
    Request,
    Transition,
    Translation,
    TreatyFile,
)
from hueandcry.core.errors import NotFound
from hueandcry.core.machine import REQUEST
from hueandcry.core.types import Fingerprint, Micros
from hueandcry.engine.store.dialect import dialect


def request(identifier: UUID) -> Request:
    """The request of this id; raises NotFound."""
    row = Request.objects.filter(uuid=identifier.bytes).first()
    if row is None:
        raise NotFound("request", f"There is no request {identifier}")
    return row


def with_peer(identifier: UUID, peer: Fingerprint) -> Request:
    """The request of this id between a member and us; NotFound for any other."""
    row = Request.objects.filter(uuid=identifier.bytes, peer=bytes.fromhex(peer)).first()
    if row is None:
        raise NotFound("request", "That is about no request between the two of us")
    return row


def known(identifier: UUID) -> bool:
    return Request.objects.filter(uuid=identifier.bytes).exists()


def other_version(row: Request) -> Request | None:
    """The request as somebody else has moved it since; None while `row` still is what stands."""
    return Request.objects.filter(pk=row.pk).exclude(version=row.version).first()


def listed(side: str, ended: bool, before: int | None, limit: int) -> list[Request]:
    """Requests, the newest first, from below the row number `before`; of both sides without one."""
    rows = Request.objects.order_by("-id")
    if side:
        rows = rows.filter(side=side)
    if not ended:
        rows = rows.exclude(state__in=REQUEST.final)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows[:limit])


def on_the_way() -> list[Request]:
    """Requests of ours for which no receipt was seen yet, the oldest first."""
    return list(Request.objects.filter(state="SENT").order_by("id"))


def transitions(row: Request) -> list[Transition]:
    """Every act upon a request, in order."""
    return list(Transition.objects.filter(request=row).order_by("n"))


def last(row: Request, event: str) -> Transition | None:
    """The newest act of that name upon a request."""
    return Transition.objects.filter(request=row, event=event).order_by("-n").first()


def transition(row: Request, n: int) -> Transition:
    """The act that made this version of a request; raises NotFound."""
    found = Transition.objects.filter(request=row, n=n).first()
    if found is None:
        raise NotFound("act", f"The request has no act {n}")
    return found


def papers(row: Request) -> dict[int, Paper]:
    """Number of an act → the paper that tells of it."""
    found = Paper.objects.filter(transition__request=row).select_related("transition")
    return {each.transition.n: each for each in found}


def authorities(keys: Collection[Fingerprint]) -> dict[Fingerprint, Authority]:
    """Those of these parties that have no node, by their keys."""
    found = Authority.objects.filter(key__in=[bytes.fromhex(each) for each in keys])
    return {row.key.hex(): row for row in found}


def authority(name: str) -> Authority | None:
    """The authority of this name."""
    return Authority.objects.filter(name=name).first()


def every_authority() -> list[Authority]:
    return list(Authority.objects.order_by("name"))


def translations(row: Request) -> list[Translation]:
    """The translations of a request, the newest first, each with its certification if any."""
    found = Translation.objects.filter(request=row).select_related("certification")
    return list(found.order_by("-id"))


def clocks(rows: Collection[Request]) -> list[Clock]:
    """The clocks of these requests, the next to end first."""
    found = Clock.objects.filter(request__in=[row.pk for row in rows])
    return sorted(found, key=lambda clock: (clock.ended_at is not None, clock.due or 0, clock.pk))


def rung(row: Request) -> list[Alarm]:
    """Every time that a clock of a request rang, in order."""
    return list(Alarm.objects.filter(clock__request=row).order_by("due", "id"))


def first_rang(row: Request, rule: str, since: Micros, until: Micros) -> Micros | None:
    """When a clock first rang for an instant from `since` to `until`; None: not yet."""
    rung = Alarm.objects.filter(clock__request=row, clock__rule=rule, overdue=False)
    first = rung.filter(due__gte=since, due__lte=until).order_by("rang_at").first()
    return None if first is None else first.rang_at


def holding(identifier: UUID, peer: Fingerprint) -> Request | None:
    """The request of this id between a member and us, if data are held for it."""
    held = Request.objects.filter(hold__in=("HELD", "EXTENDED"), uuid=identifier.bytes)
    return held.filter(peer=bytes.fromhex(peer)).first()


def treaty_files() -> list[TreatyFile]:
    """The files of the registry that count, in the order in which they were taken in."""
    return list(TreatyFile.objects.filter(replaced_at=None).order_by("id"))


def any_due(at: Micros) -> bool:
    return Clock.objects.filter(next_at__lte=at).exists()


def went_on(clocks: Collection[Clock]) -> None:
    """Stores what clocks say next, in one round trip: thousands may ring at once."""
    rows = [(each.pk, each.next_at, each.overdue) for each in clocks]
    dialect().update(Clock, ("id", "next_at", "overdue"), rows)


def due(at: Micros, limit: int) -> list[Clock]:
    """Clocks that have something to say by now, held until the transaction ends."""
    rows = Clock.objects.filter(next_at__lte=at).order_by("next_at", "id")
    return list(rows.select_for_update()[:limit])
