"""What of exhibits is purged: what no authority has taken, or has released. Holds come first.

What was destroyed on an authority's word keeps its custody; what is purged keeps the bare row, and
its entries in the ledger prove only that there were some.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from hueandcry.apps.evidence import sending, service
from hueandcry.apps.evidence.models import (
    CustodyEvent,
    EarlierLine,
    Exhibit,
    Hold,
    Restriction,
    Ruling,
)
from hueandcry.apps.evidence.rules import PURGEABLE, State
from hueandcry.apps.members import face as members
from hueandcry.core.errors import NotFound
from hueandcry.core.types import Actor, Micros
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.purge import face as purge
from hueandcry.engine.store.work import unit_of_work

TABLES: Final = (
    "blobs_blob",
    "evidence_exhibit",
    "evidence_custodyevent",
    "evidence_earlierline",
    "evidence_hold",
    "evidence_package",
    "evidence_restriction",
    "evidence_ruling",
)

#: Exhibits to one transaction: each may have hundreds of events.
_STEP: Final = 50


def _due(at: Micros) -> QuerySet[Exhibit]:
    """Those whose time is over; what a child was made of is kept as long as the child.

    The child's custody names it, and its restrictions bind the child.
    """
    needed = Exhibit.objects.filter(parent=OuterRef("pk"), state__in=(*PURGEABLE, State.TAKEN))
    rows = Exhibit.objects.filter(state__in=PURGEABLE, holds=0, purge_after__lte=at)
    return rows.exclude(Exists(needed))


def count(at: Micros) -> int:
    """How many exhibits are due."""
    return _due(at).count()


def step(at: Micros, limit: int) -> int:
    """Purges some exhibits in the caller's transaction; how many."""
    found = list(_due(at).order_by("pk")[: min(limit, _STEP)])
    gone = [row for row in found if _is_gone(row)]
    for row in gone:
        with suppress(NotFound):  # gone before: nothing is left to delete
            blobs.shred(row.blob)
    _erase(gone, at)
    return len(gone)


def _is_gone(row: Exhibit) -> bool:
    """Whether it was ours to purge: a hold or a taking may have come in between."""
    same = Exhibit.objects.filter(pk=row.pk, state=row.state, events=row.events, holds=0)
    blank: dict[str, Any] = {"name": "", "source": "", "collector": "", "blob": ""}
    # What was in it could be known again by its digest.
    blank |= {"sha256": bytes(32), "size": 0, "state": State.PURGED}
    return same.update(**blank) == 1


def _erase(gone: Sequence[Exhibit], at: Micros) -> None:
    ids = [row.pk for row in gone]
    own = CustodyEvent.objects.filter(exhibit__in=ids)
    ledger.erase_openings(CustodyEvent, list(own.values_list("pk", flat=True)))
    own.update(answer=None)
    EarlierLine.objects.filter(exhibit__in=ids).update(record=None, salt=None, proof=None)
    held = Hold.objects.filter(exhibit__in=ids)
    ledger.erase_openings(Hold, list(held.values_list("pk", flat=True)))
    held.update(reason="", authority="")
    ruled = Ruling.objects.filter(hold__exhibit__in=ids)
    ledger.erase_openings(Ruling, list(ruled.values_list("pk", flat=True)))
    _erase_restrictions({row.sha256 for row in gone}, at)
    sending.erase([UUID(bytes=row.uuid) for row in gone])


def _erase_restrictions(digests: Collection[bytes], at: Micros) -> None:
    """Restrictions on bytes of which no other exhibit is left."""
    kept = set(Exhibit.objects.filter(sha256__in=digests).values_list("sha256", flat=True))
    rows = Restriction.objects.filter(sha256__in=set(digests) - kept)
    ledger.erase_openings(Restriction, list(rows.values_list("pk", flat=True)))
    ruled = Ruling.objects.filter(restriction__in=rows)
    ledger.erase_openings(Ruling, list(ruled.values_list("pk", flat=True)))
    rows.update(words="", authority="", sha256=bytes(32), ended_at=at)


def erase_again(erasures: Collection[tuple[str, bytes]], at: Micros) -> int:
    """Destroys again what was destroyed and a backup brought back; how many exhibits.

    What a legal hold keeps stays.
    """
    wanted = {mac for kind, mac in erasures if kind == "exhibit"}
    live = Exhibit.objects.filter(state__in=(*PURGEABLE, State.TAKEN), holds=0).order_by("pk")
    found = [row for row in live if purge.mac("exhibit", row.uuid) in wanted] if wanted else []
    if found:
        purge.begin()
        with unit_of_work():
            for row in found:
                service.destroy_again(row, Actor(members.us().fingerprint), at)
        purge.scrub(TABLES)
    return len(found)


purge.register(purge.Sort("exhibits", count, step, TABLES))
