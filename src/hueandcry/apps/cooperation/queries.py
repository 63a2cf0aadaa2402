"""Every query of cooperation."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import reduce
from operator import or_
from typing import Final
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from hueandcry.apps.cooperation import rules
from hueandcry.apps.cooperation.models import (
    Alarm,
    Authority,
    Clock,
    Kept,
    Paper,
    Preserved,
    Request,
    Result,
    Transition,
    Translation,
    TreatyFile,
)
from hueandcry.apps.cooperation.money_rules import HELD
from hueandcry.core.errors import NotFound
from hueandcry.core.machine import HOLD, MONEY, REQUEST, Side
from hueandcry.core.types import SECOND, Fingerprint, Micros
from hueandcry.engine.store.dialect import dialect
from hueandcry.engine.store.fields import MicrosField

#: Where requests without a deadline stand among the others: after all of them.
_NEVER: Final = (1 << 63) - 1
_RAN_OUT: Final = {"ended_at": None, "overdue": True}


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


def not_before(row: Request, at: Micros) -> Micros:
    """The instant of the next act upon a request, which is never before the last one."""
    last: Micros = transition(row, row.version).at
    return max(at, last)


def entered_from(letter: bytes, type: str) -> Request | None:
    """The request to us of a type that was entered from a letter and has not ended."""
    rows = Request.objects.filter(side=Side.REQUESTED, outside=True, document=letter, type=type)
    return rows.exclude(state__in=REQUEST.final).first()


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


def of_report(number: int) -> list[Request]:
    """Requests that were written from a report of ours, the newest first."""
    return list(Request.objects.filter(report=number).order_by("-id"))


def standing_in(type: str, side: str, states: Collection[str]) -> list[Request]:
    """Requests of a type on that side that are in one of these states, the oldest first."""
    rows = Request.objects.filter(state__in=states, type=type, side=side)
    return list(rows.order_by("id"))


def standing() -> QuerySet[Request]:
    """Requests in which something can still happen: not ended, or data are held for them."""
    kept = set(HOLD.states) - HOLD.final - {HOLD.start}
    return Request.objects.filter(~Q(state__in=REQUEST.final) | Q(hold__in=kept))


def by_clock(
    rows: QuerySet[Request], after: tuple[Micros | None, int] | None, limit: int
) -> list[Request]:
    """Of these requests those that are due first, the oldest of equals first, one page of them.

    `after` is the deadline and the row number of the last one on the page before.
    """
    running = Clock.objects.filter(request=OuterRef("pk"), ended_at=None, due__isnull=False)
    first = Subquery(running.order_by("due").values("due")[:1])
    found = rows.annotate(first=Coalesce(first, Value(_NEVER), output_field=MicrosField()))
    if after is not None:
        due = _NEVER if after[0] is None else after[0]
        found = found.filter(Q(first__gt=due) | Q(first=due, pk__gt=after[1]))
    return list(found.order_by("first", "pk")[:limit])


def overdue(rows: QuerySet[Request]) -> QuerySet[Request]:
    """Of these requests those of which a clock has run out."""
    return rows.filter(Exists(Clock.objects.filter(request=OuterRef("pk"), **_RAN_OUT)))


def waiting(turns: Mapping[Side, Collection[str]], most: int, hidden: Collection[str]) -> list[int]:
    """Row numbers of requests that stand, on a side, in one of the states named for it."""
    theirs = (Q(side=side, state__in=states) for side, states in turns.items())
    found = Request.objects.filter(reduce(or_, theirs)).exclude(type__in=hidden)
    return list(found.values_list("pk", flat=True)[:most])


def newest_alarms(limit: int) -> list[Alarm]:
    """Alarms of clocks that still run, the newest first, each with its clock and request."""
    running = Alarm.objects.filter(clock__ended_at=None)
    return list(running.select_related("clock__request").order_by("-id")[:limit])


def on_the_way() -> list[Request]:
    """Requests of ours for which no receipt was seen yet, the oldest first."""
    return list(Request.objects.filter(state="SENT").order_by("id"))


def unclosed() -> list[Request]:
    """Referrals that were delivered, and of which something may still be readable here."""
    rows = Request.objects.filter(type="TIP_REFERRAL").exclude(given="")
    rows = rows.exclude(state__in=("DRAFT", "REVIEW", "SENT", "SENT_OUTSIDE"))
    return list(rows.filter(Q(closed_at=None) | Q(closed_at__lt=F("version"))).order_by("id"))


def unshielded() -> list[Request]:
    """Requests with values of persons who may be coerced that still have to be shielded."""
    return list(Request.objects.exclude(coerced="").order_by("id"))


def unbound(row: Request | None = None) -> list[Result]:
    """Results of requests of ours, or of one, whose exhibits are not restricted by them yet.

    Requests that have ended are among them: a package may be on its way for longer than its word.
    """
    rows = Result.objects.filter(bound_at=None).exclude(request__given="")
    if row is not None:
        rows = rows.filter(request=row)
    return list(rows.select_related("request").order_by("id"))


def note_bound(result: Result, at: Micros) -> bool:
    """Notes that the exhibits of a result are restricted, once; whether it was not noted before."""
    return Result.objects.filter(pk=result.pk, bound_at=None).update(bound_at=at) == 1


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
    wanted = found.filter(Q(machine=MONEY.name) | Q(event__in=rules.DELIVERING))
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


def rang(after: int, limit: int) -> list[Alarm]:
    """Alarms above a number, in order: they are written under held clocks, so none comes late."""
    rows = Alarm.objects.filter(pk__gt=after).order_by("pk").select_related("clock__request")
    return list(rows[:limit])


def acts_after(position: int, limit: int) -> list[Transition]:
    """Acts as the ledger has them above a position, which is the order of commits."""
    rows = Transition.objects.filter(log_index__gt=position).order_by("log_index")
    return list(rows.select_related("request")[:limit])


def waiting_alarms(numbers: Collection[int]) -> frozenset[int]:
    """Of these alarms those whose clock still waits."""
    rows = Alarm.objects.filter(pk__in=numbers, clock__ended_at=None)
    return frozenset(rows.values_list("pk", flat=True))


def unopened(numbers: Collection[int]) -> frozenset[int]:
    """Of these requests those that nobody has opened."""
    rows = Request.objects.filter(pk__in=numbers, state="DELIVERED")
    return frozenset(rows.values_list("pk", flat=True))
