"""What others gave us: bound to the digests of its bytes, and freed as far as they consent.

Whoever calls knows that the member said so, by its signature: no role is asked here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from uuid import UUID

from hueandcry.apps.evidence import queries, restricting
from hueandcry.apps.evidence.models import Restriction
from hueandcry.apps.evidence.rules import Limit, Terms
from hueandcry.core.types import Actor, Fingerprint, Micros, Purpose


def bind(
    actor: Actor, exhibits: Iterable[str], terms: Terms, by: Fingerprint, at: Micros
) -> list[int]:
    """Restricts the bytes of these exhibits for the member that gave them; the restrictions."""
    digests = sorted({queries.by_id(UUID(each)).sha256 for each in exhibits})
    return [restricting.impose_on(digest, terms, by, actor, at) for digest in digests]


def consent(
    actor: Actor,
    digests: Collection[bytes],
    by: Fingerprint,
    authority: str,
    at: Micros,
    *,
    to: Fingerprint = "",
    purpose: Purpose | None = None,
) -> int:
    """Lets one more member, or one more purpose, through what `by` restricts on these digests.

    How many restrictions gave way, each to one that is wider by exactly that. Those of others, and
    on other bytes, stand as they are.
    """
    kind = Limit.ONWARD if to else Limit.USE
    rows = Restriction.objects.filter(sha256__in=list(digests), imposed_by=bytes.fromhex(by))
    wider = 0
    for row in rows.filter(kind=kind, ended_at=None).order_by("pk"):
        terms = queries.restriction_view(row).terms
        if to in terms.to or purpose in terms.purposes:
            continue
        restricting.end(row, actor, authority, at)
        restricting.impose_on(row.sha256, _wider(terms, to, purpose), by, actor, at)
        wider += 1
    return wider


def _wider(terms: Terms, to: Fingerprint, purpose: Purpose | None) -> Terms:
    if purpose is None:
        return replace(terms, to=(*terms.to, to))
    return replace(terms, purposes=(*terms.purposes, purpose))
