"""Every query of cooperation."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import F, Q

from hueandcry.apps.cooperation.models import (
    Alarm,
    Clock,
    Kept,
    Preserved,
    Request,
    Transition,
    TreatyFile,
)
from hueandcry.apps.cooperation.money_rules import HELD
from hueandcry.core.errors import NotFound
from hueandcry.core.machine import MONEY, REQUEST, Side
from hueandcry.core.types import SECOND, Fingerprint, Micros
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


def has_rung(row: Clock, due: Micros) -> bool:
    """Whether a clock rang for this instant before."""
    return Alarm.objects.filter(clock=row, due=due).exists() if row.pk else False


def holding(identifier: UUID, peer: Fingerprint) -> Request | None:
    """The request of this id between a member and us, if data are held for it."""
    held = Request.objects.filter(hold__in=("HELD", "EXTENDED"), uuid=identifier.bytes)
    return held.filter(peer=bytes.fromhex(peer)).first()


def kept_for(row: Request) -> list[Kept]:
    """What is under legal hold for a request, in the order in which it came to be."""
    return list(Kept.objects.filter(request=row, ended_at=None).order_by("id"))


def unkept(limit: int) -> list[Preserved]:
    """Preservations of which something is still to be put under hold, or freed."""
    due = Preserved.objects.filter(Q(done=None) | Q(done__lt=F("wanted"))).order_by("id")
    return list(due.select_related("request")[:limit])


def hops(row: Request) -> list[Request]:
    """Requests of ours for the accounts to which the money of that request went, in order."""
    return list(Request.objects.filter(parent=row).order_by("id"))


def over_the_limit(at: Micros, limit: int) -> list[Request]:
    """Requests to us whose provisional hold has passed its legal limit, the oldest first."""
    held = Request.objects.filter(money=HELD, money_until__lte=at - SECOND)
    return list(held.filter(side=Side.REQUESTED).order_by("money_until", "id")[:limit])


def about_money() -> list[Request]:
    """Every request that traces money and of which something is still told, the oldest first."""
    return list(Request.objects.exclude(money="").exclude(given="").order_by("id"))


def of_money(rows: Collection[Request]) -> list[Transition]:
    """Of these requests every act upon their money, and when each was delivered, in order."""
    found = Transition.objects.filter(request__in=[row.pk for row in rows])
    wanted = found.filter(Q(machine=MONEY.name) | Q(event="deliver"))
    return list(wanted.order_by("request_id", "n"))


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
