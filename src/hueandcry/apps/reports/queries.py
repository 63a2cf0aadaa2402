"""Every query on reports that more than one use case asks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from hueandcry.apps.reports.models import Act, Consent, Loss, Report, Reporter, Value
from hueandcry.apps.reports.rules import (
    AGAIN,
    MET,
    OPEN,
    READ,
    Doing,
    Flag,
    Origin,
    Role,
    State,
)
from hueandcry.apps.reports.rules import Consent as Purpose
from hueandcry.core.errors import NotFound
from hueandcry.core.types import Kind, Micros

#: Of values: their reporter agrees now that signals are shared.
_SHARED = Exists(
    Consent.objects.filter(report=OuterRef("report"), purpose=Purpose.SIGNALS, withdrawn_at=None)
)


_LOST = Exists(Loss.objects.filter(report=OuterRef("pk")))


def by_form(digest: bytes) -> Report | None:
    """The report that a form made before."""
    return _first("form = %s", [digest])


def by_reference(intake: str, digest: bytes) -> Report | None:
    """The report that an intake brought before under a number of its own."""
    return _first("intake = %s AND reference = %s", [intake, digest])


def _first(where: str, values: list[str | bytes]) -> Report | None:
    """Asked for every report that comes in, and nearly always for none: without the ORM."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM reports_report WHERE {where}", values)
        found = cursor.fetchone()
    return Report.objects.get(pk=found[0]) if found else None


def unread(limit: int) -> list[Report]:
    """The oldest reports that nothing has read yet."""
    return list(Report.objects.filter(state=State.RECEIVED, purged_at=None).order_by("pk")[:limit])


def report(number: int) -> Report:
    """One report; raises NotFound."""
    row = Report.objects.select_related("group").filter(pk=number).first()
    if row is None:
        raise NotFound("report", f"There is no report {number}")
    return row


def by_root(root: bytes, token: int | None = None) -> Report:
    """The report of this id, with `token` only one of that token's; raises NotFound."""
    rows = Report.objects.select_related("group").filter(root=root)
    row = (rows if token is None else rows.filter(token=token)).first()
    if row is None:
        raise NotFound("report", "There is no such report, or it is not for this token")
    return row


def lines(states: Collection[str]) -> QuerySet[Report]:
    """Reports that stand for themselves, by their place in the queue."""
    return _by_rank(Report.objects.filter(follows=None, state__in=states, purged_at=None))


def marked(flag: Flag) -> QuerySet[Report]:
    """Reports with this one of `rules.AGAIN`, whatever was decided of them and of their like."""
    # In plain: no database knows that a parameter is what its partial index asks for.
    rows = Report.objects.extra(where=[f"flags >= {min(AGAIN)} AND flags & {int(flag)} <> 0"])
    return _by_rank(rows.filter(purged_at=None))


def held() -> QuerySet[Report]:
    """Reports that a legal hold keeps: the desk's own, or one for another member's request."""
    return _by_rank(Report.objects.filter(Q(review_at__isnull=False) | Q(kept__gt=0)))


def _by_rank(rows: QuerySet[Report]) -> QuerySet[Report]:
    return rows.annotate(lost=_LOST).select_related("group").order_by("-rank", "-pk")


def losing(rows: QuerySet[Report]) -> QuerySet[Report]:
    """Those of them that tell of money."""
    return rows.filter(_LOST)


def below(rows: QuerySet[Report], rank: Micros, number: int) -> QuerySet[Report]:
    """Those that come after a place in the queue."""
    return rows.filter(Q(rank__lt=rank) | Q(rank=rank, pk__lt=number))


def above(rows: QuerySet[Report], rank: Micros, number: int) -> QuerySet[Report]:
    """Those that come before a place in the queue."""
    return rows.filter(Q(rank__gt=rank) | Q(rank=rank, pk__gt=number))


def consents(row: Report) -> set[str]:
    """The purposes that are agreed to now."""
    held = Consent.objects.filter(report=row, withdrawn_at=None)
    return set(held.values_list("purpose", flat=True))


def with_losses(ids: Collection[int]) -> set[int]:
    """Those of these reports that tell of money."""
    return set(Loss.objects.filter(report__in=list(ids)).values_list("report", flat=True))


def agreeing(ids: Collection[int], purpose: str) -> set[int]:
    """Those of these reports whose reporter agrees to a purpose now."""
    held = Consent.objects.filter(report__in=list(ids), purpose=purpose, withdrawn_at=None)
    return set(held.values_list("report", flat=True))


def reporters(ids: Collection[int]) -> dict[int, str]:
    """Report → who reported it, sealed, of those that say."""
    return dict(Reporter.objects.filter(report__in=list(ids)).values_list("report", "sealed"))


def named_by(keys: Iterable[bytes]) -> dict[bytes, int]:
    """Value key → open and confirmed reports that name it; groups of reports alike count once."""
    states = (*OPEN, State.CONFIRMED)
    rows = (
        Value.objects.filter(key__in=list(keys), report__state__in=states, report__follows=None)
        .values_list("key")
        .annotate(n=Count("report", distinct=True))
    )
    return {bytes(key): n for key, n in rows}


def intakes_naming(value: Value, intakes: Collection[str]) -> list[tuple[str, int | None]]:
    """(intake, group) of open and confirmed reports of these intakes that tell of a value too.

    Only what they name themselves, ticked and agreed to be shared; a number only where it was met.
    Nothing that came after the decision, and that nobody has looked at.
    """
    rows = Value.objects.filter(
        _SHARED,
        key=value.key,
        ticked=True,
        late=False,
        report__intake__in=list(intakes),
        report__state__in=(State.WAITING, State.ASKED, State.CONFIRMED),
    ).exclude(origin=Origin.ALIKE)
    if value.kind == Kind.PHONE:
        rows = rows.filter(role__in=MET).exclude(role=Role.PAID, origin__in=READ)
    return list(rows.values_list("report__intake", "report__group").order_by("report"))


def resting_on(claims: Sequence[bytes], but: int) -> dict[bytes, int]:
    """Claim → the first value of another report that rests on it."""
    rows = Value.objects.filter(claim__in=list(claims)).exclude(report=but).order_by("-pk")
    return {value.claim: value.pk for value in rows if value.claim}


def values_of_followers(row: Report) -> QuerySet[Value]:
    """What those that follow a report name and agree to share, the oldest first."""
    return Value.objects.filter(_SHARED, report__follows=row).order_by("pk")


def awaited(row: Report) -> list[int]:
    """The reports whose decision is one about this report too, the nearest first.

    The one that it was merged into, else the one that it follows; then that one's own, and so on.
    """
    numbers: list[int] = []
    found = row.into or row.follows
    while found is not None:
        numbers.append(found.pk)
        found = found.into or found.follows
    return numbers


def left_alone() -> QuerySet[Report]:
    """Reports that wait for the decision about one that nobody will decide any more."""
    open_ = Report.objects.filter(state__in=(State.WAITING, State.ASKED), purged_at=None)
    return open_.filter(_nobody_decides("follows")).order_by("pk")


def merged_into_nothing() -> QuerySet[Report]:
    """Reports that were merged into one that nobody will decide any more."""
    rows = Report.objects.filter(_nobody_decides("into"), state=State.MERGED, purged_at=None)
    return rows.order_by("pk")


def _nobody_decides(about: str) -> Q:
    purged = {f"{about}__purged_at__isnull": False, f"{about}__state__in": OPEN}
    return Q(**{f"{about}__state": State.WITHDRAWN}) | Q(**purged)


def is_withdrawn(row: Report) -> bool:
    """Whether its reporter took a report back, whatever had been decided of it."""
    return Act.objects.filter(report=row, kind=Doing.WITHDRAW).exists()


def may_be_reopened(row: Report) -> bool:
    """Whether something came after a report was decided, and its reporter still stands by it."""
    return Flag.ADDED in Flag(row.flags) and not is_withdrawn(row)


def last_act(row: Report, kinds: Collection[str]) -> Act | None:
    """The newest act of these kinds that led to the state of now and was not undone.

    Of a report that was taken back only what had raised claims is left to be undone.
    """
    acts = Act.objects.filter(report=row, kind__in=kinds, undone_by=None)
    gone = row.state == State.WITHDRAWN
    raising = (Doing.CONFIRM, Doing.RULE)
    acts = acts.filter(kind__in=raising) if gone else acts.filter(after=row.state)
    return acts.order_by("-version").first()


def is_claimed(row: Report) -> bool:
    """Whether claims rest on what was found in a report."""
    return Value.objects.filter(report=row, claim__isnull=False).exists()
