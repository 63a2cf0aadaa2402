"""What of reports is purged: who reported first, then what was said. Legal holds come before both.

The row that is left names no one: when and how it came, what kind of scam, what was decided. A
report that was taken back after claims were made keeps the values of these a while longer, and
nothing else: people have to look at what they claimed, and may undo it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Final

from django.db.models import QuerySet

from hueandcry.apps.reports import queries
from hueandcry.apps.reports.models import (
    Act,
    Attachment,
    Call,
    Loss,
    Message,
    Report,
    Reporter,
    Value,
)
from hueandcry.apps.reports.rules import Doing, Flag
from hueandcry.apps.reports.settings import REPORT_DAYS
from hueandcry.core.errors import NotFound
from hueandcry.core.types import DAY, Micros
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.policy import face as policy
from hueandcry.engine.purge import face as purge
from hueandcry.engine.store.work import unit_of_work

TABLES: Final = (
    "blobs_blob",
    "reports_report",
    "reports_reporter",
    "reports_value",
    "reports_loss",
    "reports_message",
    "reports_attachment",
    "reports_call",
    "reports_act",
)

#: Reports to one transaction: each may have hundreds of values and messages.
_STEP: Final = 50


def _reporters(at: Micros) -> QuerySet[Reporter]:
    return Reporter.objects.filter(report__review_at=None, report__kept=0, purge_after__lte=at)


def _reports(at: Micros) -> QuerySet[Report]:
    return Report.objects.filter(review_at=None, kept=0, purge_after__lte=at, purged_at=None)


def count_reporters(at: Micros) -> int:
    """How many reporters are due."""
    return _reporters(at).count()


def purge_reporters(at: Micros, limit: int) -> int:
    """Deletes who reported, in the caller's transaction; how many."""
    ids = [row.pk for row in _reporters(at).order_by("pk")[:limit]]
    return Reporter.objects.filter(pk__in=ids).delete()[0]


def count_reports(at: Micros) -> int:
    """How many reports are due."""
    return _reports(at).count()


def purge_reports(at: Micros, limit: int) -> int:
    """Deletes what reports say and what was found in them, in the caller's transaction."""
    rows = list(_reports(at).order_by("pk")[: min(limit, _STEP)])
    return erase(rows, at)


def erase(rows: Sequence[Report], at: Micros, *, brought_back: bool = False) -> int:
    """Deletes all but the bare row of these reports, and the openings that speak of them.

    In the caller's transaction; nothing is done to such a report any more, unless people still
    have to look at its claims. Of what was taken back the receipt code is known on: its holder is
    told that, and no more.
    """
    ids = [row.pk for row in rows]
    _shred(ids)
    values = Value.objects.filter(report__in=ids)
    looked_at = _to_be_looked_at(rows, brought_back)
    Loss.objects.filter(report__in=ids).delete()
    values.exclude(report__in=looked_at, claim__isnull=False).delete()
    for table in (Message, Call, Reporter):
        table.objects.filter(report__in=ids).delete()
    acts = Act.objects.filter(report__in=ids)
    acts.update(detail="")
    ledger.erase_openings(Act, list(acts.values_list("pk", flat=True)))
    blank = {"story": "", "read": "", "form": None, "reference": None}
    erased = Report.objects.filter(pk__in=ids)
    erased.update(**blank)
    erased.exclude(acts__kind=Doing.WITHDRAW).update(receipt=None)
    erased.exclude(pk__in=looked_at).update(purged_at=at, purge_after=at)
    later = at + policy.number(REPORT_DAYS.name) * DAY
    erased.filter(pk__in=looked_at).update(purge_after=later)
    return len(ids)


def _to_be_looked_at(rows: Sequence[Report], brought_back: bool) -> list[int]:
    """Those that were taken back with claims resting on them, and whose words are still there.

    Nobody has answered yet what becomes of the claims. Of one that a backup brought back there is
    no act that says so.
    """
    mine = [row.pk for row in rows if Flag.WITHDRAWN in Flag(row.flags) and row.story]
    claimed = Report.objects.filter(pk__in=mine, values__claim__isnull=False)
    if not brought_back:
        claimed = claimed.filter(acts__kind=Doing.WITHDRAW)
    return list(claimed.values_list("pk", flat=True).distinct())


def _shred(ids: Collection[int]) -> None:
    """Deletes the keys of every file of these reports, and by what it could be known again."""
    files = Attachment.objects.filter(report__in=ids)
    for name in files.exclude(state=Attachment.State.SHREDDED).values_list("blob", flat=True):
        with suppress(NotFound):  # gone before: nothing is left to delete
            blobs.shred(name)
    blank = {"name": "", "read": "", "blob": "", "sha256": bytes(32), "size": 0}
    files.update(state=Attachment.State.SHREDDED, **blank)


def erase_again(erasures: Collection[tuple[str, bytes]], at: Micros) -> int:
    """Erases again what reporters withdrew and a backup brought back; how many reports.

    What a legal hold keeps stays. Claims that were made of them are to be looked at, as they would
    have been then.
    """
    wanted = {mac for kind, mac in erasures if kind == "report"}
    rows = Report.objects.filter(review_at=None, kept=0, purged_at=None).order_by("pk")
    found = [row for row in rows if purge.mac("report", row.root) in wanted] if wanted else []
    if found:
        purge.begin()
        with unit_of_work():
            for row in filter(queries.is_claimed, found):
                row.flags |= Flag.WITHDRAWN
                Report.objects.filter(pk=row.pk).update(flags=row.flags)
            erase(found, at, brought_back=True)
        purge.scrub(TABLES)
    return len(found)


purge.register(
    purge.Sort("reporters", count_reporters, purge_reporters, ("reports_reporter",)),
)
purge.register(purge.Sort("reports", count_reports, purge_reports, TABLES))
