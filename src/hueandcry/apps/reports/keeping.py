"""Reports that are kept for requests of other members: each request holds for itself.

Beside the one hold that the desk sets and releases, a report has any number of these. It is purged
when none of the two is left.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import F, QuerySet

from hueandcry.apps.reports import acting, sealed
from hueandcry.apps.reports.models import Attachment, Report, Value
from hueandcry.apps.reports.rules import Doing, Origin
from hueandcry.core.types import Actor, Micros, Signal


def naming(signals: Collection[Signal]) -> set[int]:
    """Numbers of the reports that name one of these themselves and were not purged."""
    return set(_naming(signals).values_list("report", flat=True))


def files_of(signals: Collection[Signal]) -> set[bytes]:
    """SHA-256 of the files of these reports, as far as they are there."""
    rows = Attachment.objects.filter(report__in=_naming(signals).values("report"))
    there = rows.exclude(state=Attachment.State.SHREDDED)
    return {bytes(digest) for digest in there.values_list("sha256", flat=True)}


def _naming(signals: Collection[Signal]) -> QuerySet[Value]:
    keys = [sealed.key_of(signal) for signal in signals]
    rows = Value.objects.filter(key__in=keys, report__purged_at=None)
    return rows.exclude(origin=Origin.ALIKE)


def lock(numbers: Collection[int]) -> None:
    """Nobody else changes these reports until the transaction ends."""
    list(_locked(numbers))


def keep(actor: Actor, numbers: Collection[int], why: str, at: Micros) -> list[int]:
    """One more hold on each of these reports that is still there; the numbers of those.

    Whoever calls decides who may: no role is asked.
    """
    return _count(actor, numbers, Doing.HOLD, 1, why, at)


def let_go(actor: Actor, numbers: Collection[int], why: str, at: Micros) -> list[int]:
    """One hold less on each of these reports; what is due goes with the next purge."""
    return _count(actor, numbers, Doing.FREE, -1, why, at)


def _count(
    actor: Actor, numbers: Collection[int], doing: Doing, by: int, why: str, at: Micros
) -> list[int]:
    rows = list(_locked(numbers))
    ids = [row.pk for row in rows]
    Report.objects.filter(pk__in=ids).update(
        kept=F("kept") + by, version=F("version") + 1, changed_at=at
    )
    change = acting.Change(doing, detail=why)
    acts = []
    for row in rows:
        row.version += 1
        acts.append((acting.act_row(row, change, row.state, actor, at), row))
    if acts:
        acting.log_many(doing, acts, at)
    return ids


def _locked(numbers: Collection[int]) -> QuerySet[Report]:
    """Those of these reports that are still there, held until the transaction ends."""
    there = Report.objects.filter(pk__in=list(numbers), purged_at=None).order_by("pk")
    return there.select_for_update()
