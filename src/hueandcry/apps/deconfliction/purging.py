"""What of deconfliction is purged: sets, hits and references, some time after the end.

The bare row stays with its commitments, sizes and instants; its entries in the ledger prove only
that there were some.
"""

from __future__ import annotations

from typing import Final

from django.db.models import Q, QuerySet

from hueandcry.apps.deconfliction.models import Act, Offer, Session
from hueandcry.apps.deconfliction.settings import DAYS
from hueandcry.core.types import DAY, Micros
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.policy import face as policy
from hueandcry.engine.purge import face as purge

TABLES: Final = ("deconfliction_session", "deconfliction_offer", "deconfliction_act")

#: Sessions or offers to one transaction: each has a handful of acts.
_STEP: Final = 100


def _over(at: Micros) -> Micros:
    return at - policy.number(DAYS.name) * DAY


def _sessions(at: Micros) -> QuerySet[Session]:
    ended = Session.objects.filter(ended_at__lte=_over(at), cleared_at__isnull=False)
    return ended.filter(_SAYING).distinct()


def _offers(at: Micros) -> QuerySet[Offer]:
    over = Offer.objects.filter(Q(withdrawn_at__lte=_over(at)) | Q(until__lte=_over(at)))
    return over.filter(_SAYING).distinct()


#: There is still something of it that says more than that it was.
_SAYING: Final = ~Q(sealed="") | Q(acts__log_record__isnull=False)


def count(at: Micros) -> int:
    """How many sessions and offers are due."""
    return _sessions(at).count() + _offers(at).count()


def step(at: Micros, limit: int) -> int:
    """Purges some sessions and offers in the caller's transaction; how many."""
    most = min(limit, _STEP)
    sessions = list(_sessions(at).order_by("pk").values_list("pk", flat=True)[:most])
    offers = list(_offers(at).order_by("pk").values_list("pk", flat=True)[:most])
    acts = Act.objects.filter(Q(session__in=sessions) | Q(offer__in=offers))
    ledger.erase_openings(Act, list(acts.values_list("pk", flat=True)))
    Session.objects.filter(pk__in=sessions).update(sealed="", found="")
    Offer.objects.filter(pk__in=offers).update(sealed="")
    return len(sessions) + len(offers)


purge.register(purge.Sort("deconfliction", count, step, TABLES))
