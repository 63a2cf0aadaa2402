"""Exhibits that are held for requests of other members: each request has a hold of its own on each.

Whoever calls has decided who may, and that these are the exhibits: no role is asked here.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from uuid import UUID

from django.db.models import Q

from hueandcry.apps.evidence import queries, restricting
from hueandcry.apps.evidence.models import Exhibit, Hold
from hueandcry.apps.evidence.rules import PURGEABLE, State
from hueandcry.core.errors import Conflict, NotFound
from hueandcry.core.types import Actor, Micros

#: States in which there are bytes to keep.
_LIVE = (*PURGEABLE, State.TAKEN)


def keepable(digests: Collection[bytes]) -> set[UUID]:
    """Exhibits that are here and have one of these SHA-256, and all that was made of them."""
    found: set[int] = set()
    fresh = set(Exhibit.objects.filter(sha256__in=list(digests)).values_list("pk", flat=True))
    while fresh := fresh - found:
        found |= fresh
        fresh = set(Exhibit.objects.filter(parent__in=fresh).values_list("pk", flat=True))
    live = Exhibit.objects.filter(pk__in=found, state__in=_LIVE)
    return {UUID(bytes=bytes(raw)) for raw in live.values_list("uuid", flat=True)}


def lock(exhibits: Collection[UUID], holds: Collection[int]) -> None:
    """Nobody else changes these exhibits and holds until the transaction ends.

    Holds come before exhibits, as where people end one; with them the exhibits that they are on.
    """
    found = Hold.objects.filter(pk__in=list(holds)).order_by("pk").select_for_update()
    on = list(found.values_list("exhibit", flat=True))
    named = Q(pk__in=on) | Q(uuid__in=[each.bytes for each in exhibits])
    rows = Exhibit.objects.filter(named).order_by("pk").select_for_update()
    list(rows.values_list("pk", flat=True))


def keep(
    actor: Actor, exhibit: UUID, authority: str, reason: str, review_at: Micros, at: Micros
) -> int | None:
    """A hold on an exhibit for a request; its number, or None where its bytes are gone by now."""
    with suppress(Conflict, NotFound):
        row = queries.by_id(exhibit)
        return restricting.place_hold(actor, row, authority, reason, review_at, at)
    return None


def keep_until(
    actor: Actor, holds: Collection[int], reason: str, review_at: Micros, at: Micros
) -> None:
    """Moves the day on which these holds are looked at again; those that people ended stay so."""
    standing = Hold.objects.filter(pk__in=list(holds), ended_at=None)
    for number in standing.exclude(review_at=review_at).values_list("pk", flat=True):
        with suppress(Conflict):
            restricting.put_off(actor, number, reason, review_at, at)


def let_go(actor: Actor, holds: Collection[int], authority: str, reason: str, at: Micros) -> None:
    """Ends these holds and no other; those that people ended before stay as they are."""
    for number in holds:
        with suppress(Conflict):
            restricting.take_off(actor, number, authority, reason, at)
