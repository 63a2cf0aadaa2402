"""What of requests is purged: all that they say, long after they ended. What is held is kept.

The bare row stays, with its states and instants; its entries in the ledger prove only that there
were some.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from hueandcry.apps.cooperation.models import Paper, Request, Transition, Translation
from hueandcry.apps.cooperation.money_rules import KEPT
from hueandcry.apps.cooperation.settings import DAYS
from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals import face as signals
from hueandcry.core.machine import HOLD, REQUEST
from hueandcry.core.types import DAY, Micros
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.policy import face as policy
from hueandcry.engine.purge import face as purge

TABLES: Final = (
    *("cooperation_request", "cooperation_transition", "peers_document"),
    *("cooperation_paper", "cooperation_translation", "signals_shield"),
)

#: Requests to one transaction: each may have dozens of acts.
_STEP: Final = 100


def _due(at: Micros) -> QuerySet[Request]:
    over = at - policy.number(DAYS.name) * DAY
    ended = Request.objects.filter(state__in=REQUEST.final, moved_at__lte=over).exclude(given="")
    return ended.filter(hold__in=("", HOLD.start, *HOLD.final)).exclude(money__in=KEPT)


def count(at: Micros) -> int:
    """How many requests are due."""
    return _due(at).count()


def step(at: Micros, limit: int) -> int:
    """Purges some requests in the caller's transaction; how many."""
    found = list(_due(at).order_by("pk")[: min(limit, _STEP)])
    keys = [row.pk for row in found]
    acts = Transition.objects.filter(request__in=keys)
    signals.end_shields([UUID(bytes=row.uuid) for row in found], at)
    told = [*acts.values_list("document", flat=True), *(row.document for row in found)]
    peers.erase_documents({bytes(digest) for digest in told if digest is not None})
    ledger.erase_openings(Transition, list(acts.values_list("pk", flat=True)))
    acts.update(said="")
    _erase_papers(keys)
    gone = {"given": "", "amounts": "", "coerced": "", "signers": [], "basis": {}, "closed": []}
    Request.objects.filter(pk__in=keys).update(report=None, **gone)
    return len(found)


def _erase_papers(keys: Sequence[int]) -> None:
    """Letters, scans and translations of these requests."""
    papers = Paper.objects.filter(transition__request__in=keys).exclude(blob="")
    for blob in papers.values_list("blob", flat=True):
        blobs.shred(blob)
    papers.update(blob="", told="")
    translations = Translation.objects.filter(request__in=keys)
    ledger.erase_openings(Translation, list(translations.values_list("pk", flat=True)))
    translations.update(text="")


purge.register(purge.Sort("requests", count, step, TABLES))
