"""What the registry answers: what is in force between parties on a day, and what nobody read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from hueandcry.core.law.bases import InForce
from hueandcry.core.law.registry.tables import Registry, Standing


def in_force(registry: Registry, parties: Collection[str], on: date) -> tuple[InForce, ...]:
    """What `core.law.offer` needs to know of these parties on that day.

    Only rows that somebody read in the depositary's own record: a basis that rests on hearsay would
    make the request void. What is left out is told by `unread`.
    """
    return tuple(fact for row, fact in _facts(registry, parties, on) if row.read)


def unread(registry: Registry, parties: Collection[str], on: date) -> tuple[Standing, ...]:
    """Rows that would make an instrument a basis, were they read: a lawyer looks, and ticks."""
    return tuple(row for row, _ in _facts(registry, parties, on) if not row.read)


def standing(registry: Registry, instrument: str, party: str, on: date) -> Standing | None:
    """The row of a party on a day, read or not: its central authority, languages, 24/7 point."""
    treaty = registry.treaties.get(instrument)
    rows = treaty.standings if treaty is not None else ()
    concerned = (row for row in rows if party in (row.party, row.with_party))
    return next((row for row in concerned if row.span().on(on)), None)


def _facts(
    registry: Registry, parties: Collection[str], on: date
) -> Iterator[tuple[Standing, InForce]]:
    for row in registry.standings:
        fact = row.fact()
        concerned = row.party in parties and (not row.with_party or row.with_party in parties)
        if fact is not None and concerned and fact.on(on):
            yield row, fact
