"""Leases by one conditional UPDATE: whoever changes the row has the right until it runs out."""

from __future__ import annotations

from django.db.models import Q

from hueandcry.core.types import Micros
from hueandcry.engine.jobs.models import Lease
from hueandcry.engine.store.work import unit_of_work


def take(name: str, holder: str, at: Micros, length: Micros) -> bool:
    """Takes or renews the lease `name` until `at + length`; False while somebody else holds it."""
    with unit_of_work():
        Lease.objects.get_or_create(name=name)
        free = Q(holder=holder) | Q(until__lte=at)
        rows = Lease.objects.filter(Q(name=name) & free)
        return rows.update(holder=holder, until=at + length) == 1


def forget_stale(before: Micros) -> int:
    """Removes leases that ran out before that instant, never given back; gives how many."""
    stale = Lease.objects.filter(until__gt=0, until__lt=before)
    if not stale.exists():
        return 0
    with unit_of_work():
        return stale.delete()[0]


def give_back(name: str, holder: str) -> None:
    """Ends a lease early, so that the next worker need not wait; of no effect when not held."""
    with unit_of_work():
        Lease.objects.filter(name=name, holder=holder).update(until=0)
